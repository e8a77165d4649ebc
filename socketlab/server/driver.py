"""Our WebSocket, for a session of Engine.IO.

    serve      answers the handshake, then has the session run until the end
    wait       the next message from the client, read in the WebSocket's own greenlet
    send       a message to the client; all that waits for it leaves in one write
    close      says goodbye with a code

The length of a frame is judged from its head, before its payload is read. A message that goes
to everybody is framed once.
Source: RFC 6455, sections 4 to 7.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from wsgiref.types import WSGIEnvironment

from ..limits import TokenBucket
from ..protocols import handshake, packets
from ..protocols import websocket as framing
from ..protocols.websocket import ProtocolError, frame, unmask
from .connection import Connection
from .deflate import Deflate
from .writer import Writer

if TYPE_CHECKING:
    from .engine import EngineContext


WHOLE_TEXT = 0x80 | framing.TEXT  # the first byte of a frame that is a whole text message
MASKED = 0x80  # of the second byte: what is below has no mask


class Driver:
    """One WebSocket; ``run(driver)`` is called once it is open, and lasts as long as it."""

    __slots__ = (
        "run",
        "context",
        "connection",
        "reader",
        "tapped",
        "writer",
        "deflate",
        "ended",
        "crossed",
        "parts",
        "opcode",
        "compressed",
        "size",
        "controls",
        "turn",
    )

    def __init__(self, run: Callable[[Driver], None], context: EngineContext) -> None:
        self.run = run
        self.context = context  # the limits, and what all connections share
        self.deflate: Deflate | None = None
        self.ended = False
        self.crossed: list[bytes] = []  # frames of the message that is arriving
        self.parts: list[bytes] = []  # its payloads so far
        self.size = 0
        self.controls: TokenBucket | None = None
        self.turn: Callable[[], object] = lambda: None  # waits until a message may be acted on

    def serve(self, environ: WSGIEnvironment) -> None:
        """Answers the handshake that ``environ`` asks for, and lasts as long as the WebSocket."""
        self.connection: Connection = environ["socketlab.connection"]
        self.reader, self.tapped = self.connection.reader, self.connection.tapped
        self.writer = Writer(self.connection, self.context)
        if "deflate=1" in environ["QUERY_STRING"] and handshake.offers_deflate(environ):
            self.deflate = Deflate(self.context.message_bytes)
        answer = handshake.answer(environ["HTTP_SEC_WEBSOCKET_KEY"], bool(self.deflate))
        self.connection.upgrade(answer, environ["socketlab.exchange"])
        try:
            self.run(self)
        finally:
            self.close()
            self.deflate = None  # 300 KB, which nobody needs while the peer hangs up
            self.connection.linger()

    # From the client

    def wait(self) -> str | bytes | None:
        """The next message, str or bytes; None when the connection is over."""
        try:
            while not self.ended:
                final, opcode, payload = self.read_frame()
                if opcode < framing.CLOSE and not self.add_frame(final, opcode, payload):
                    continue
                self.turn()
                if self.ended:  # while it waited for its turn
                    break
                if opcode < framing.CLOSE:
                    return self.message()
                self.control(opcode, payload)
        except ProtocolError as error:
            note = f"{error} ({self.connection.address})"
            self.context.refusals.note("session", note, error.limit)
            self.close(error.code, str(error))
        except OSError:
            pass  # the client is gone, or was silent for too long
        self.tapped.unfinished([*self.crossed, self.reader.take()])
        self.crossed = []
        return None

    def read_frame(self) -> tuple[bool, int, bytes]:
        """(final, opcode, payload); what is wrong with the head raises before the rest is read."""
        read = self.reader.read
        first, second = read(2)
        if first != WHOLE_TEXT or second < MASKED:  # most are
            framing.check_head(first, second, self.deflate)
        opcode, length = first & 0x0F, second & 0x7F
        if length > 125:
            length = framing.long_length(read(2 if length == 126 else 8))
        if opcode < framing.CLOSE and self.size + length > self.context.message_bytes:
            raise ProtocolError(framing.TOO_BIG, "the message is too long", "message_bytes")
        masked = read(4 + length)
        payload = unmask(masked[4:], masked[:4])
        self.crossed.append(self.reader.take())
        if opcode in (framing.TEXT, framing.BINARY):
            self.compressed = bool(first & 0x40)
        return bool(first & 0x80), opcode, payload

    def add_frame(self, final: bool, opcode: int, payload: bytes) -> bool:
        """Adds a frame to the message that is arriving: is it all here?"""
        if bool(self.parts) != (opcode == framing.CONTINUATION):
            raise ProtocolError(framing.PROTOCOL_ERROR, "a fragment out of place")
        if not self.parts:
            self.opcode = opcode
        self.parts.append(payload)
        self.size += len(payload)
        if len(self.parts) > self.context.fragments:
            raise ProtocolError(framing.TOO_BIG, "too many fragments", "fragments")
        return final

    def message(self) -> str | bytes:
        """The message that is all here, inflated and decoded."""
        data = self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)
        if self.compressed and self.deflate is not None:
            data = self.deflate.inflate(data)
        message: str | bytes = data
        if self.opcode == framing.TEXT:
            try:
                message = data.decode("utf-8")
            except UnicodeDecodeError:
                raise ProtocolError(framing.BAD_DATA, "a text message is UTF-8") from None
        self.tapped.message(self.crossed, packets.label(message), message, self.compressed)
        self.crossed, self.parts, self.size = [], [], 0
        return message

    def control(self, opcode: int, payload: bytes) -> None:
        """Answers a ping, echoes a close; a pong asks for nothing."""
        self.controls = self.controls or self.context.bucket()
        if not self.controls.take(self.context.clock()):
            raise ProtocolError(framing.POLICY, "too many control frames", "events_per_second")
        if not self.parts:  # inside a fragmented message, it is filed with the fragments
            self.tapped.message(self.crossed, "control", payload)
            self.crossed = []
        if opcode == framing.PING:
            self.post(frame(payload, framing.PONG), "control", payload)
        elif opcode == framing.CLOSE:
            self.close(framing.close_code(payload) or framing.NORMAL)

    # To the client

    def send(self, message: str | bytes) -> None:
        """Sends a message, str or bytes, without waiting for the client to take it."""
        if self.connection.is_swallowed:
            return
        if self.deflate is None:
            self.writer.post(*self.context.framed(message))
        elif not self.ended:
            text = message.encode() if isinstance(message, str) else message
            opcode = framing.TEXT if isinstance(message, str) else framing.BINARY
            data = frame(self.deflate.deflate(text), opcode, compressed=True)
            self.post(data, packets.label(message), message, compressed=True)

    def close(self, code: int = framing.NORMAL, reason: str = "") -> None:
        """Says goodbye, once; the reader ends when the client hangs up, or soon after."""
        if not self.ended:
            self.ended = True
            self.post(framing.close_frame(code, reason), "control", b"")
            self.writer.close()

    def post(self, data: bytes, label: str, text: str | bytes, compressed: bool = False) -> None:
        if self.connection.is_swallowed:
            return
        captured = self.tapped.tap.redactor.frames([data], label, text, compressed)
        self.writer.post(data, captured[0])
