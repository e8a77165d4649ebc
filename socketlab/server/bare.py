"""A WebSocket without Engine.IO: its frames as they crossed, right or wrong.

    take_over  a request with a right handshake becomes one, and ``run(websocket)`` goes on
    read       the next frame, whole, or as much of it as came
    send       a text message
    close      goodbye, with a code

It is for those who are to be told what is wrong with a frame. :class:`Driver` refuses a wrong one
at its first bytes and shows nobody its payload; a library for WebSockets would hide the key, the
mask and how a length is spelt as well, and what it read would not be on the seat's wire.

Right control frames are answered here; those that are wrong are handed out like any other.
Source: RFC 6455, sections 4.2.2, 5.2 and 5.5.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from wsgiref.types import WSGIEnvironment

from flask_socketio import SocketIO
from gevent.event import Event

from ..protocols import handshake
from ..protocols import websocket as framing
from ..protocols.websocket import frame
from ..wiretap import frames
from ..wiretap.layers import DecodeError
from .connection import LINGER_SECONDS, Connection
from .engine import EngineContext
from .writer import Writer

LABEL = "bare"  # what its frames are counted under
TOO_MANY = "too many frames"


def take_over(
    socketio: SocketIO,
    environ: WSGIEnvironment,
    run: Callable[[BareWebSocket], object],
    most: int,
    seconds: float,
) -> None:
    """The request is answered with 101 and no response; then ``run(websocket)``, until it ends.

    ``most``: bytes of a frame's payload that are read. ``seconds``: after so many it is over.
    """
    websocket = BareWebSocket(socketio.server.context, environ, most, seconds)
    environ["socketlab.connection"].hand_over(partial(websocket.serve, run), environ)


class BareWebSocket:
    """Made by :func:`take_over`."""

    def __init__(
        self, context: EngineContext, environ: WSGIEnvironment, most: int, seconds: float
    ) -> None:
        self.connection: Connection = environ["socketlab.connection"]
        self.context, self.most, self.seconds = context, most, seconds
        self.pace = context.bucket()
        self.ended = False  # goodbye is said
        self.said = Event()  # the same
        self.heard = False  # all that there will be
        self.writer: Writer | None = None  # until the 101 is out

    def serve(self, run: Callable[[BareWebSocket], object], environ: WSGIEnvironment) -> None:
        connection = self.connection
        self.tapped, self.reader = connection.tapped, connection.reader
        self.tapped.transport = "websocket"
        self.writer = Writer(connection, self.context)
        answer = handshake.answer(environ["HTTP_SEC_WEBSOCKET_KEY"])
        connection.upgrade(answer, environ["socketlab.exchange"])
        self.reader.within(self.seconds)
        self.context.bare.add(self)
        try:
            run(self)
            self.said.wait(LINGER_SECONDS)  # the last word may come from elsewhere
        finally:
            self.context.bare.discard(self)
            self.close()
            connection.linger()

    def read(self) -> bytes:
        """The bytes of the next frame; none when it is over.

        Of one that breaks off, or is too long, only those that came.
        """
        while not self.ended and not self.heard:
            data, found = self._frame()
            if not self.pace.take(self.context.clock()):
                note = f"{TOO_MANY} ({self.connection.address})"
                self.context.refusals.note("session", note, "events_per_second")
                self.close(framing.POLICY, TOO_MANY)
            elif found is None or not found.control or frames.check(found, from_client=True):
                return data
            else:
                self._answer(found)
        return b""

    def send(self, text: str) -> None:
        """Sends a text message, without waiting for the client to take it."""
        self._post(frame(text.encode()), text)

    def close(self, code: int = framing.NORMAL, reason: str = "") -> None:
        """Says goodbye, once, if there is a WebSocket by now."""
        if not self.ended:
            self.ended = True
            self.said.set()
            if self.writer is not None:
                self._post(framing.close_frame(code, reason), "")
                self.writer.close()

    def cut(self) -> None:
        """Breaks the connection, without a word."""
        self.ended = True
        self.said.set()
        self.connection.abort()

    def _frame(self) -> tuple[bytes, frames.Frame | None]:
        """A frame's bytes, and what they say if they are all of it. It is on the wire then."""
        reader, found = self.reader, None
        try:
            head = reader.read(2)
            head += reader.read(framing.header_size(head[1]) - 2)
            announced = frames.read(head, partial=True)
            if announced is not None and announced[0].length <= self.most:
                whole = frames.decode(head + reader.read(announced[0].length))
                found = whole and whole[0]
        except DecodeError:
            pass  # a length that cannot be
        except OSError:  # gone, or the time is over
            reader.hand_out()
            self.heard = True
        data = reader.take()
        if found is not None:
            self.tapped.message([data], LABEL, found.payload)
        else:
            self.tapped.unfinished([data])
        return data, found

    def _answer(self, control: frames.Frame) -> None:
        """What a right ping or close frame asks for; a pong asks for nothing."""
        if control.opcode == framing.PING:
            self._post(frame(control.payload, framing.PONG), control.payload)
        elif control.opcode == framing.CLOSE:
            self.close(control.close_code or framing.NORMAL)

    def _post(self, data: bytes, text: str | bytes) -> None:
        if self.writer is not None:
            (captured,) = self.tapped.tap.redactor.frames([data], LABEL, text)
            self.writer.post(data, captured)
