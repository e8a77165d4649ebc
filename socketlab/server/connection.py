"""One TCP connection: its socket, what was read of it, and how it ends.

The reader hands out exactly the bytes that are asked for and remembers which ones it handed
out, so that a request's head, its body and each WebSocket frame are known byte for byte, also
when two things arrive in one read or one thing in many.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any
from wsgiref.types import WSGIEnvironment

from gevent import Greenlet, getcurrent, sleep, spawn, spawn_later
from gevent.event import Event
from gevent.socket import socket as GeventSocket

from .connection_table import STRANGER, ConnectionTable
from .seams import sender, wait_for_arrival

CHUNK = 4096  # bytes a read; small, so that one sender's flood is handled in short turns
LINGER_SECONDS = 1.0  # for a peer to read our last words before the socket goes
LINGER_BYTES = 1 << 18
SEND_BUFFER = 1 << 17


Successor = Callable[[WSGIEnvironment], None]


class Gone(OSError):
    """The peer closed the connection."""


class TooLong(Exception):
    """What was looked for did not come within the bytes allowed."""


class Reader:
    """Reads a gevent socket; a file for those who expect one (``read``, ``readline``)."""

    __slots__ = ("sock", "data", "start", "at", "deadline", "drained", "closed", "hole")

    def __init__(self, sock: GeventSocket) -> None:
        self.sock = sock
        self.data = b""
        self.start = self.at = 0  # handed out: data[start:at]; still to come: data[at:]
        self.deadline: float | None = None  # seconds (monotonic) until which all must have arrived
        self.drained = False  # the last read took all that was there
        self.closed = False
        self.hole: Event | None = None  # while nothing that comes is looked at

    def within(self, seconds: float | None) -> None:
        """All reads from now on must be done in this time; None lifts it. Else TimeoutError."""
        self.deadline = None if seconds is None else monotonic() + seconds

    def read(self, size: int) -> bytes:
        """Exactly ``size`` bytes; raises Gone at the end of the stream, or TimeoutError."""
        while len(self.data) - self.at < size:
            self._fill()
        data = self.data[self.at : self.at + size]
        self.at += size
        return data

    def readline(self, limit: int) -> bytes:
        """A line with its end, or ``limit`` bytes of it."""
        return self._until((b"\n",), limit, cut=True)

    def read_until(self, ends: Iterable[bytes], limit: int) -> bytes:
        """Everything up to and with the first of ``ends``; raises TooLong beyond ``limit``."""
        return self._until(ends, limit, cut=False)

    def take(self) -> bytes:
        """The bytes handed out since the last call, as they crossed."""
        data = self.data[self.start : self.at]
        if self.at == len(self.data):
            self.data, self.start, self.at = b"", 0, 0
        else:
            self.start = self.at
        return data

    def hand_out(self) -> None:
        """Hands out all that has come, for :meth:`take`."""
        self.at = len(self.data)

    def wait_for_byte(self) -> bool:
        """Blocks until the next byte is there; False when there will be none."""
        try:
            while self.at == len(self.data):
                self._fill()
        except OSError:
            return False
        return True

    def _until(self, ends: Iterable[bytes], limit: int, cut: bool) -> bytes:
        while True:
            found = [at + len(end) for end in ends if (at := self.data.find(end, self.at)) >= 0]
            size = min(found) - self.at if found else len(self.data) - self.at + 1
            if size > limit:
                if not cut:
                    raise TooLong
                return self.read(limit)
            if found:
                return self.read(size)
            self._fill()

    def _fill(self) -> None:
        sock, deadline = self.sock, self.deadline
        timeout = None if deadline is None else max(0.001, deadline - monotonic())
        if timeout != sock.gettimeout():
            sock.settimeout(timeout)
        if self.drained:
            wait_for_arrival(sock)
        try:
            chunk = sock.recv(CHUNK)
        except OSError:  # that a peer has gone is not noticed in a hole either
            self._wait_for_end_of_hole()
            raise
        self._wait_for_end_of_hole()
        if not chunk:
            raise Gone("the peer closed the connection")
        self.data = self.data[self.start :] + chunk if self.data else chunk
        self.at -= self.start
        self.start = 0
        self.drained = len(chunk) < CHUNK
        if not self.drained:
            sleep(0)  # more is waiting: the others come first

    def _wait_for_end_of_hole(self) -> None:
        if self.hole is not None:
            self.hole.wait()


class Connection:
    """What a request handler and a WebSocket driver share: socket, reader, tapped connection."""

    can_upgrade = True

    __slots__ = (
        "sock",
        "reader",
        "tapped",
        "table",
        "address",
        "rank",
        "upgraded",
        "finished",
        "unsaid",
        "successor",
    )

    def __init__(
        self,
        sock: GeventSocket,
        tapped: Any,
        table: ConnectionTable | None = None,
        address: str = "",
    ) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock
        self.reader = Reader(sock)
        self.tapped = tapped
        self.table = table
        self.address = address  # of the client, which a whole school may share
        self.rank = STRANGER  # of who sent the last request
        self.upgraded = False  # to a WebSocket: no HTTP text after that
        self.finished = False  # we have said our last word
        self.unsaid = False  # or would have, were it not for a hole
        self.successor: tuple[Successor, WSGIEnvironment] | None = None  # of a request

    def serves(self, rank: int) -> bool:
        """Is a request of this rank served, full as the server is? See connection_table.py."""
        return self.table is None or self.table.serves(self, rank)

    def hand_over(self, successor: Successor, environ: WSGIEnvironment) -> None:
        """A request has no HTTP response: ``successor(environ)`` goes on instead."""
        self.upgraded, self.successor = True, (successor, environ)

    def move(self) -> None:
        """Takes the system's socket away from whoever would close it, gevent's server above all."""
        self.sock = self.reader.sock = GeventSocket(fileno=self.sock.detach())

    def upgrade(self, answer: bytes, exchange: Any) -> None:
        """Answers 101; from here on the bytes are frames, and the tap files them as such."""
        self.reader.within(None)
        # A bound of our own on what waits in the system for a slow client.
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        sent = self.try_send(answer)  # a fresh socket takes it whole
        if sent < len(answer):
            self.sock.sendall(answer[sent:])
        exchange.respond(answer)
        exchange.end()

    def check_here(self) -> None:
        """Raises ConnectionResetError if the peer has broken off; nothing is read for that.

        A peer that has only said that it sends no more may still wait for its answer.
        """
        if self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise ConnectionResetError("the client broke off before its turn")

    def local_address(self) -> str:
        """The address of ours that the client connected to."""
        return str(self.sock.getsockname()[0])

    @contextmanager
    def while_client_waits(self) -> Iterator[None]:
        """Around an answer that takes long: the request ends here if its client hangs up.

        GreenletExit is raised where the request waits. It is no error: nobody is left to be told.
        """
        watch = spawn(self._end_without_client, getcurrent())
        try:
            yield
        finally:
            watch.kill()

    def _end_without_client(self, request: Greenlet) -> None:
        if not self.reader.wait_for_byte():
            request.kill(block=False)

    def try_send(self, data: bytes) -> int:
        """Sends what the system takes at once; returns how many bytes. Never waits."""
        try:
            return sender(self.sock)(data)
        except BlockingIOError:
            return 0

    def send(self, data: memoryview, seconds: float) -> int:
        """Waits until the system takes some of it; returns how many bytes, or TimeoutError."""
        self.sock.settimeout(seconds)
        return int(self.sock.send(data))

    def finish(self) -> None:
        """Says that nothing more will come, and gives the peer a moment to hang up."""
        if self.is_swallowed:
            self.unsaid = True
        elif not self.finished:
            self.finished = True
            self._shutdown(socket.SHUT_WR)
            spawn_later(LINGER_SECONDS, self.abort)

    def abort(self) -> None:
        """Ends the connection now; whoever waits for it wakes up with OSError."""
        self.finished = True
        self._shutdown(socket.SHUT_RDWR)
        self.surface()

    # A black hole

    @property
    def is_swallowed(self) -> bool:
        """Whether nothing crosses at this moment, as if the cable were pulled."""
        return self.reader.hole is not None

    def swallow(self) -> None:
        """From now on nothing crosses, and nobody is told: see cutter.py.

        Bytes that come are not read: one chunk waits here, the others in the system's own buffer,
        which has an end. Whoever sends must ask :attr:`is_swallowed` first.
        """
        self.reader.hole = self.reader.hole or Event()

    def surface(self) -> None:
        """The hole is over: what has come is read, and the end is told if it came meanwhile."""
        hole, self.reader.hole = self.reader.hole, None
        if hole is not None:
            hole.set()
            if self.unsaid:
                self.finish()

    def linger(self) -> None:
        """Reads what the peer still sends, within bounds, so that closing is no reset."""
        self.finish()
        self.reader.within(LINGER_SECONDS)
        left = LINGER_BYTES
        try:
            while left > 0:
                self.reader.take()
                left -= len(self.reader.read(1)) + len(self.reader.data)
                self.reader.hand_out()
        except OSError:
            pass

    def _shutdown(self, how: int) -> None:
        try:
            self.sock.shutdown(how)
        except OSError:
            pass  # it is gone already
