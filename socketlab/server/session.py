"""An Engine.IO session as we run it: one greenlet for a WebSocket, no task per ping.

The library makes its own sessions; :meth:`Session.adopt` turns each into one of ours as soon as
it exists. What differs: packets are judged before they are acted on, a broken one ends the
session at once, closing never waits, and no timeout depends on the time of day.
Source: Engine.IO protocol v4, "Transports", "Upgrade" and "Heartbeat".
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal
from wsgiref.types import StartResponse, WSGIEnvironment

from engineio import exceptions, packet
from engineio.socket import Socket
from gevent import spawn
from gevent.event import Event
from gevent.queue import Empty

from ..limits import RateLimiter, TokenBucket
from ..protocols import handshake, packets
from ..protocols.websocket import GOING_AWAY, POLICY, PROTOCOL_ERROR
from . import seams
from .connection import Connection, Reader
from .driver import Driver
from .send_queue import SendQueue

if TYPE_CHECKING:
    from .dispatcher import Awaited
    from .engine import EngineContext

log = logging.getLogger("socketlab.server")

PING = packet.Packet(packet.PING)
NOOP = packet.Packet(packet.NOOP)
CONNECT = f"{packets.MESSAGE}{packets.CONNECT}"  # how a CONNECT begins
OPAQUE = "socketlab.opaque"  # in the environ of a page without an origin, which is nobody
SERVER_FAILED = 1011  # RFC 6455, section 7.4.1: an unexpected condition on our side


class Session(Socket):
    """One client, whatever carries it."""

    context: EngineContext
    address: str
    seat: str | None  # what its first request proved; a CONNECT may name one later
    shows_seat: bool | None = None  # in every request; None until its second one has come
    cookie: str | None = None  # of its first request: whoever has no seat keeps to that
    opaque = False  # whether its page has no origin
    owner: tuple[str | None, str | None] | None = None  # what it is counted under, while it is
    driver: Driver | None = None  # of its WebSocket
    rate: RateLimiter | None = None
    joins: TokenBucket  # CONNECTs have a pace of their own, made with ``rate``
    probed: Event  # during an upgrade: the client has the answer to its probe
    polling = False  # a poll is held
    acting = False  # on a packet; what has come after it is not read yet
    pinged = False
    round_trip: float | None = None  # of the last ping that was answered, in ms
    connections: set[Connection]  # that it runs on at this moment
    namespaces: set[str]  # that it has joined, also if it has left them since
    awaited: Awaited | None = None  # a packet whose attachments are still to come
    # Of the library's own.
    server: Any
    sid: str
    queue: SendQueue
    last_ping: float | None
    connected: bool
    upgrading: bool
    upgraded: bool
    closing: bool
    closed: bool

    @classmethod
    def adopt(cls, session: Any, context: EngineContext, environ: WSGIEnvironment) -> Session:
        """Makes a fresh session of the library one of ours."""
        seams.adopt(session, cls)
        session.context = context
        session.address = environ.get("REMOTE_ADDR", "")
        session.seat = environ.get("socketlab.seat")
        session.connections, session.namespaces = set(), set()
        session.queue.session = session
        ours: Session = session
        return ours

    # Packets from the client

    def turn(self) -> None:
        """Waits until one packet of this client may be acted on. See turns.py."""
        if self.owner is not None:
            self.context.turns.take(self.owner)

    def take(self, message: str | bytes) -> bool:
        """Acts on one packet, or ends the session; True while it may go on."""
        self.acting = True
        try:
            return self._take(message)
        except packets.Broken as error:
            return self.end(str(error), PROTOCOL_ERROR, error.limit)
        except Exception:
            log.exception("a packet from %s could not be acted on", self.address)
            return self.end("the server failed", SERVER_FAILED)
        finally:
            self.acting = False

    def _take(self, message: str | bytes) -> bool:
        kind = packets.engine(message, polling=self.driver is None)
        verdict = self._pace(kind, message)
        if verdict == "end":
            self.context.keep_out(self)
            return self.end("too fast for too long", POLICY, "too_fast_seconds")
        slow = verdict == "slow"
        if kind == packets.BASE64:
            self.context.dispatcher.attachment(self, packets.attachment(message), slow)
        elif kind == "4" and isinstance(message, str):
            self.context.dispatcher.message(self, message[1:], slow)
        elif kind == "3":
            self.schedule_ping()
        elif kind == "1":
            self.close(abort=True, reason=self.server.reason.CLIENT_DISCONNECT)
        return not self.closed

    def _pace(self, kind: str, message: str | bytes) -> Literal["pass", "slow", "end"]:
        """Whether a packet comes too soon.

        Without its CONNECT a client's next namespace would stay pending for good, so events
        cannot use up what is there for those. Attachments belong to an event that has been
        counted: of them, only the bytes are.
        """
        now, settings = self.context.clock(), self.context.settings
        if self.rate is None:
            self.rate = RateLimiter(settings, now)
            rate, burst = settings["EVENTS_PER_SECOND"], settings["EVENTS_BURST"]
            self.joins = TokenBucket(rate, burst, now)
        if message[:2] == CONNECT:
            free = self.joins.take(now)
        else:
            free = kind == packets.BASE64 and self.awaited is not None
        return self.rate.admit(now, len(message), 0 if free else 1)

    def end(self, sentence: str, code: int = POLICY, limit: str = "") -> bool:
        """Ends the session now, telling the client why; always False. ``limit``: see health.py."""
        self.context.refusals.note("session", f"{sentence} ({self.address})", limit)
        if self.driver is not None:
            self.driver.close(code, sentence)
        self.close(abort=self.driver is not None, reason=self.server.reason.TRANSPORT_ERROR)
        return False

    def cut(self) -> None:
        """Its connections break, as when a cable is pulled: no goodbye, no answer."""
        self.break_connections()
        self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)

    def can_be_swallowed(self) -> bool:
        """Whether its one connection is a WebSocket that keeps up: see :meth:`swallow`."""
        return not self.closed and self.driver is not None and not self.driver.writer.sending

    def swallow(self) -> bool:
        """Its WebSocket leads into a black hole: no byte crosses, and nobody is told.

        What waits to be sent goes first. False where there is nothing to swallow.
        """
        if self.driver is None or not self.can_be_swallowed():
            return False
        self.driver.writer.flush()
        if not self.can_be_swallowed():  # the client did not take that
            return False
        self.context.writers.pop(self.sid, None)  # broadcasts go by the driver, which drops them
        self.driver.connection.swallow()
        return True

    def surface(self) -> None:
        """The hole is over. What was sent into it is lost; what the client sent is read now."""
        if self.driver is None:
            return
        if not self.closed and self.driver.deflate is None:
            self.context.writers[self.sid] = self.driver.writer
        self.driver.connection.surface()

    def break_connections(self) -> None:
        """Ends every connection of this session; its handlers wake up and find out."""
        if self.driver is not None:
            self.driver.writer.abort()
        for connection in self.connections:
            connection.abort()

    def waiting_bytes(self) -> int:
        """What waits for a client that is behind; 0 for one that keeps up."""
        if self.driver is None:
            return self.queue.size
        return self.driver.writer.backlog if self.driver.writer.sending else 0

    def give_up(self) -> None:
        """The client is too far behind: nothing waits for it from now on, and it is ended soon.

        Never blocks: it may happen in the middle of a broadcast.
        """
        self.queue.give_up()
        if self.driver is not None:
            self.driver.writer.abort()
        spawn(self.end, "all clients together are too far behind")

    def say_goodbye(self) -> None:
        """The server stops: a WebSocket hears 1001, a held poll is answered."""
        if self.driver is not None:
            self.driver.close(GOING_AWAY, "the server stops")
        self.close(abort=self.driver is not None, reason=self.server.reason.SERVER_DISCONNECT)

    # What the library calls

    def send(self, pkt: packet.Packet) -> None:
        if not self.closed:
            self.queue.put(pkt)

    def send_message(self, message: str | bytes) -> None:
        """Sends an Engine.IO message: to a WebSocket at once, without a packet around it."""
        if self.driver is None:
            self.send(packet.Packet(packet.MESSAGE, message))
        elif not self.closed:
            self.driver.send(message if isinstance(message, bytes) else "4" + message)

    def close(self, wait: bool = False, abort: bool = False, reason: str | None = None) -> None:
        super().close(wait=False, abort=abort, reason=reason)
        self.awaited = None
        self.queue.give_up()
        # The library sweeps its table now and then; who counts sessions wants the truth.
        self.server.sockets.pop(self.sid, None)
        self.context.writers.pop(self.sid, None)
        self.context.uncount(self)

    def poll(self) -> list[packet.Packet]:
        """What one polling answer carries: at most as many packets as every client reads.

        It always carries one: a body without a packet is none, also at the end of a session.
        """
        try:
            pkts = [self.queue.get(True, self.server.ping_interval + self.server.ping_timeout)]
        except Empty:
            raise exceptions.QueueEmpty from None
        while pkts[-1] is not None and self.queue.packets and len(pkts) < packets.PAYLOAD_PACKETS:
            pkts.append(self.queue.get(block=False))
        return [pkt for pkt in pkts if pkt is not None] or [NOOP]

    def schedule_ping(self) -> None:
        if self.last_ping:  # at the start the library's own word, and no ping of ours
            if self.pinged:
                self.round_trip = (self.context.clock() - self.last_ping) * 1000
            self.last_ping = None
            self.context.pings.put(self)

    def ping(self) -> None:
        """The pause is over: asks whether the client is there."""
        if not self.closed:
            self.last_ping, self.pinged = self.context.clock(), True
            self.send(PING)
            self.context.pongs.put((self, self.last_ping))

    def check_pong(self, asked: float) -> None:
        """The patience is over: was the ping of that time answered?

        While a handler is at work the answer may wait behind it, unread. Then the client is asked
        again, which also tells it that the server is there.
        """
        if self.closed or self.last_ping != asked:
            return
        if self.acting:
            self.ping()
        else:
            self.context.reached.note("pong_seconds")
            self.close(reason=self.server.reason.PING_TIMEOUT)

    def check_ping_timeout(self) -> bool:
        """The library's sweeper asks; ours are watched by :meth:`check_pong`."""
        return not self.closed

    def check_joined(self) -> None:
        """Time is up for the first CONNECT."""
        if not self.namespaces and not self.closed:
            self.end("no CONNECT in time", limit="connect_seconds")

    def handle_get_request(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> list[packet.Packet] | Iterable[bytes]:
        connection: Connection = environ["socketlab.connection"]
        self.connections.add(connection)
        if handshake.asked(environ):
            return self._take_over(connection, environ)
        try:
            return self._held_poll(environ, start_response)
        finally:
            self.connections.discard(connection)

    def _held_poll(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> list[packet.Packet]:
        if self.upgrading:
            # The library answers such a poll with a noop at once, and the client asks again at
            # once, ninety times in 400 ms. It stops asking when it has seen the probe's answer.
            self.probed.wait(self.context.settings["CONNECT_SECONDS"])
        if self.polling:
            # Two polls at once: one of them is not the client, and which is unknown.
            self.close(reason=self.server.reason.TRANSPORT_ERROR)
            raise exceptions.EngineIOError
        self.polling = True
        watch = spawn(self._watch, environ["socketlab.connection"].reader)
        try:
            answer: list[packet.Packet] = super().handle_get_request(environ, start_response)
            return answer
        finally:
            self.polling = False
            watch.kill()

    def _watch(self, reader: Reader) -> None:
        """Notices that the client of a held poll hangs up: its packets would go nowhere."""
        if not reader.wait_for_byte():
            self.close(reason=self.server.reason.TRANSPORT_ERROR)

    def handle_post_request(self, environ: WSGIEnvironment) -> None:
        length = int(environ["CONTENT_LENGTH"])
        try:
            messages = packets.payload(environ["wsgi.input"].read(length))
        except packets.Broken as error:
            self.end(str(error), PROTOCOL_ERROR, error.limit)
            raise exceptions.EngineIOError from None
        for number, message in enumerate(messages):
            if number:  # the first has come with the turn of its request
                self.turn()
            if not self.closed and not self.queue.wait_for_room():
                self.end("the client does not poll for its answers")
            if self.closed or not self.take(message):
                if message == "1":
                    break
                raise exceptions.EngineIOError

    # A WebSocket

    def _take_over(self, connection: Connection, environ: WSGIEnvironment) -> tuple[bytes, ...]:
        """The connection is a WebSocket as soon as the layers around this request are back."""
        if self.connected:  # by polling: from here on, no second WebSocket is let in
            self.upgrading, self.probed = True, Event()
        connection.hand_over(self._websocket, environ)
        return ()

    def _websocket(self, environ: WSGIEnvironment) -> None:
        try:
            Driver(self.run, self.context).serve(environ)
        finally:
            self.connections.discard(environ["socketlab.connection"])
            if self.upgrading:
                self._end_upgrade()

    def run(self, driver: Driver) -> None:
        """Runs a WebSocket until it ends."""
        if self.upgrading and not self._moves(driver):
            return
        self.connected = self.upgraded = True
        self.driver, driver.turn = driver, self.turn
        try:
            self.context.tap.bind(self.sid, driver.tapped)
            self.queue.attach(driver)
            while (message := driver.wait()) is not None and self.take(message):
                pass
        finally:
            # However it ended, nothing of it may stay behind until a ping goes unanswered.
            self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)

    def _moves(self, driver: Driver) -> bool:
        """A polling session tries its WebSocket: probe, answer, and the client's word to move.

        A half-finished move would freeze the session's polls, so it has a deadline.
        """
        driver.reader.within(self.context.settings["CONNECT_SECONDS"])
        try:
            if driver.wait() != "2probe":
                return False
            driver.send("3probe")
            self.probed.set()
            if self.polling and not self.queue.packets:
                self.queue.put(NOOP)  # ends the poll that is held; none else would take it
            if driver.wait() != "5" or self.closed:
                return False
            driver.reader.within(None)
            return True
        finally:
            self._end_upgrade()

    def _end_upgrade(self) -> None:
        self.upgrading = False
        self.probed.set()
