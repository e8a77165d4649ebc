"""A connection's records in, rows of the wire out.

One Decoder per connection. It is fed the tap's records in order and remembers what a
reader must remember: which request a response answers, that 101 turned HTTP into
WebSocket, the fragments of an unfinished message, one inflater per direction, the
attachments a binary event still waits for, the events that wait for an answer.

``feed(record)`` takes anything with the attributes ``n, at, connection, up, kind, data,
offset, blanked, truncated, inflated`` and hands back rows of this shape::

    {"n": 17, "at": 1203.4, "connection": 7, "up": true, "transport": "websocket",
     "hex": "818f74b3...", "size": 21, "summary": "EVENT /rooms, ack id 0: join ...",
     "layers": [{"layer": "tcp", ...}, {"layer": "websocket", ...}, ...]}

``transport`` is "polling" (Engine.IO in HTTP bodies), "websocket" (frames) or "http" (all
else, the upgrade included). Present only where they say something: ``error`` {layer, at,
start, message, source}, ``blanked`` [[start, length] ...] within ``hex``, ``truncated``
(bytes that crossed and were not kept), ``part`` (1, 2 ... where one record holds several
things). Layers above the frame or the body carry ``start`` and ``size``: their bytes
within the message, which is ``message_hex`` of the layer below where it has one, else its
payload or body; and, in a polling body, ``packet`` (1, 2 ...).

``kind`` "http" and "frame" promise whole messages and whole frames: what is unfinished at
the end of such a record is an error row. A third kind, "bytes", promises nothing: bytes
are kept until the message or frame is whole.

Hostile bytes end in rows with an ``error``; the work grows with the bytes, not faster.

Source: RFC 9112; RFC 6455; RFC 7692; Engine.IO protocol v4; Socket.IO protocol v5.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..protocols import handshake, packets, websocket
from . import deflate, engineio, frames, http11, socketio
from .capture import AnyRecord
from .layers import DecodeError, Layer, Tcp, count, shown

#: Where Engine.IO lives: bodies and frames of other paths are not taken for packets.
ENGINE_PATH = packets.ENGINEIO_PATH

#: The longest message that is put together or inflated. Our server takes 32 KiB.
MESSAGE_BYTES = 1 << 20

#: Frames of one message. Our server takes 64 as well.
FRAGMENTS = 64

#: Rows that one record may become; as many as the tap keeps for a seat.
ROWS = 2000

#: Events remembered until their answer comes, and requests until their response.
ASKED = 256

#: Bytes of memory: of a decoder, of what it remembers of one event or request, of a blanked span.
DECODER_BYTES, ASKED_BYTES, SPAN_BYTES = 3600, 400, 120

#: Pings remembered until their pong comes.
PINGS = 64

LIMIT = "RFC 6455, section 10.4"

Row = dict[str, Any]  # and each of its layers
Broken = tuple[DecodeError, int | None] | None  # an error, and where its layer starts
Read = tuple[list[Row], Broken, str]  # layers, what is wrong, a summary
Place = Callable[[Layer, int, int], Row]  # a layer, where it starts, its size


@dataclass
class _Message:
    """The frames of an unfinished message."""

    opcode: int
    compressed: bool
    missing: bool = False
    parts: list[bytes] = field(default_factory=list)
    size: int = 0


@dataclass
class _Pending:
    """A binary event that waits for its attachments."""

    packet: socketio.SocketioLayer
    event: socketio.Event
    attachments: list[bytes] = field(default_factory=list)
    size: int = 0


@dataclass(frozen=True)
class _Asked:
    """What must be known of a request to read its response."""

    method: str
    polling: bool
    key: str | None


class _Side:
    """One direction of a connection."""

    def __init__(self, up: bool):
        self.up = up
        self.buffer = bytearray()
        self.offset = 0  # of the buffer's first byte, in the stream
        self.blanked: deque[tuple[int, int]] = deque()  # in the stream
        self.reader = http11.Reader(request=up)
        self.record: AnyRecord | None = None  # the latest one
        self.whole = False  # everything since the start, or since the 101, was here
        self.lost = False  # after an error in a stream without borders
        self.message: _Message | None = None
        self.skipping = False  # the rest of a message that is not put together
        self.inflater: deflate.Inflater | None = None
        self.pending: _Pending | None = None
        self.pings: list[bytes] = []  # sent, and no pong has come
        self.closed = False  # a close frame was sent

    @property
    def end(self) -> int:
        """The stream offset behind the buffer."""
        return self.offset + len(self.buffer)

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes, beside the record that the ring keeps."""
        weight = len(self.buffer) + SPAN_BYTES * len(self.blanked)
        if self.message is not None:
            weight += self.message.size
        if self.pending is not None:
            weight += self.pending.size
        weight += sum(SPAN_BYTES + len(ping) for ping in self.pings)
        return weight if self.inflater is None else weight + self.inflater.weight

    def abandon(self) -> None:
        """Give up the message that was being put together."""
        self.message = None
        self.skipping = True
        if self.inflater is not None:
            self.inflater.forget()


class Decoder:
    """The reader of one connection.

    ``engine_path`` is where Engine.IO lives; ``message_bytes`` bounds a message put
    together or inflated, ``fragments`` its frames, ``rows`` what one record may become.
    """

    def __init__(
        self,
        engine_path: str = ENGINE_PATH,
        message_bytes: int = MESSAGE_BYTES,
        fragments: int = FRAGMENTS,
        rows: int = ROWS,
    ):
        self.engine_path = engine_path
        self.message_bytes = message_bytes
        self.fragments = fragments
        self.rows = rows
        self.websocket = False
        self.engine = True  # frames carry Engine.IO, as far as is known
        self._deflate: deflate.Parameters | bool | None = None  # None: not known
        self._sides = {True: _Side(True), False: _Side(False)}
        self._requests: deque[_Asked] = deque(maxlen=ASKED)
        self._events: dict[tuple[bool, str, int | None], str] = {}

    def feed(self, record: AnyRecord) -> list[Row]:
        """The rows that a record completes, in order; none if it completes nothing."""
        side = self._sides[record.up]
        rows = self._join(side, record)
        # After a record that was cut there is nothing to wait for.
        whole = record.kind != "bytes" or record.truncated > 0
        framed = record.kind == "frame" or (self.websocket and not whole)
        if side.lost and not whole:
            return [*rows, self._lost_row(side)]
        side.lost = False
        at = 0
        while at < len(side.buffer):
            if len(rows) >= self.rows - 1:
                rows.append(self._too_many(side, at))
                at = len(side.buffer)
                side.lost = True
                break
            row, end = (self._frame if framed else self._http)(side, record, at, whole)
            if row is None:
                break
            rows.append(row)
            at = end
            framed = framed or (self.websocket and not record.up)
        self._forget(side, at)
        side.offset += record.truncated
        if len(rows) > 1:
            for part, row in enumerate(rows, 1):
                row["part"] = part
        return rows

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes."""
        remembered = len(self._requests) + len(self._events)
        sides = self._sides[True].weight + self._sides[False].weight
        return DECODER_BYTES + ASKED_BYTES * remembered + sides

    def finish(self) -> list[Row]:
        """The rows of what never became whole. To be called when the connection is over."""
        rows = []
        for side in self._sides.values():
            if side.buffer and side.record is not None:
                read = self._frame if self.websocket else self._http
                row, end = read(side, side.record, 0, True)
                if row is not None:
                    rows.append(row)
                self._forget(side, end)
        return rows

    # The stream

    def _join(self, side: _Side, record: AnyRecord) -> list[Row]:
        """Put a record's bytes behind those that wait; rows if there is a hole between."""
        rows: list[Row] = []
        if side.record is None:
            side.offset = record.offset
            side.whole = record.offset == 0
        elif record.offset != side.end:
            if side.buffer:
                error = DecodeError(
                    "tcp",
                    len(side.buffer),
                    f"the stream goes on at byte {record.offset:,}, not at {side.end:,}: "
                    "what stood between was not kept",
                    "RFC 9293, section 3.1",
                )
                rows.append(self._row(side, 0, len(side.buffer), "http", [], None, error))
                side.reader = http11.Reader(request=side.up)
            self._forget(side, len(side.buffer))
            side.offset = record.offset
            side.whole = False
            side.pending = None
            side.abandon()
            side.skipping = False
        side.record = record
        side.buffer += record.data
        base = side.end - len(record.data)
        side.blanked.extend((base + start, length) for start, length in record.blanked or ())
        return rows

    def _forget(self, side: _Side, size: int) -> None:
        """The first ``size`` bytes of the buffer have become rows."""
        del side.buffer[:size]
        side.offset += size

    def _row(
        self,
        side: _Side,
        start: int,
        end: int,
        transport: str,
        layers: list[Row],
        summary: str | None,
        error: DecodeError | None = None,
        error_start: int | None = None,
    ) -> Row:
        """The row of the bytes from ``start`` to ``end`` of the buffer."""
        assert side.record is not None
        record, offset = side.record, side.offset + start
        truncated = record.truncated if end == len(side.buffer) else 0
        size = end - start + truncated
        row: Row = {
            "n": record.n,
            "at": record.at,
            "connection": record.connection,
            "up": record.up,
            "transport": transport,
            "hex": side.buffer[start:end].hex(),
            "size": size,
            "summary": summary or f"{count(size, 'byte')} that cannot be read",
            "layers": [Tcp(record.connection, record.up, offset, size).to_json(), *layers],
        }
        if error is not None:
            row["error"] = error.to_json()
            if error_start is not None:
                row["error"]["start"] = error_start
            if summary is None:
                row["summary"] = f"{error.layer}: {shown(error.message)}"
        blanked = self._blanked(side, offset, offset + end - start)
        if blanked:
            row["blanked"] = blanked
        if truncated:
            row["truncated"] = truncated
        return row

    def _blanked(self, side: _Side, start: int, end: int) -> list[list[int]]:
        """The blanked ranges of a row; they come in order, so each is looked at once."""
        found = []
        while side.blanked and side.blanked[0][0] < end:
            at, length = side.blanked[0]
            first, last = max(at, start), min(at + length, end)
            if first < last:
                found.append([first - start, last - first])
            if at + length > end:
                break
            side.blanked.popleft()
        return found

    def _lost_row(self, side: _Side) -> Row:
        size = len(side.buffer)
        row = self._row(
            side,
            0,
            size,
            "websocket" if self.websocket else "http",
            [],
            f"{count(size, 'byte')} after an error: nobody can tell what begins where",
        )
        self._forget(side, size)
        return row

    def _too_many(self, side: _Side, at: int) -> Row:
        error = DecodeError(
            "tcp",
            0,
            f"more than {self.rows:,} things in one record; the rest is one row",
            "a limit of this decoder",
        )
        transport = "websocket" if self.websocket else "http"
        return self._row(side, at, len(side.buffer), transport, [], None, error)

    # HTTP

    def _http(self, side: _Side, record: AnyRecord, at: int, whole: bool) -> tuple[Row | None, int]:
        asked = self._requests[0] if self._requests and not side.up else None
        method = asked.method if asked else None
        last = len(side.buffer)
        error = None
        try:
            ended = whole and not record.truncated
            found = side.reader.read(side.buffer, at, method, ended)
        except DecodeError as broken:
            side.lost = True
            return self._row(side, at, last, "http", [], None, broken), last
        if found is None:
            if not whole:
                return None, at
            found = side.reader.partial(side.buffer, at, record.truncated or -1)
            side.reader = http11.Reader(request=side.up)
            if not record.truncated and not _answers_head(found, asked):
                error = DecodeError(
                    "http",
                    last - at,
                    f"the {'request' if side.up else 'response'} ends before it is complete",
                    "RFC 9112, section 8",
                )
            if found is None:
                return self._row(side, at, last, "http", [], "part of the headers", error), last
        message, end = found
        error = error or http11.check(message)
        if isinstance(message, http11.Request):
            polling = self._ask(message)
        else:
            polling = bool(asked and asked.polling)
            if message.status >= 200 or message.status == 101:
                if self._requests:
                    self._requests.popleft()
            if message.status == 101:
                error = error or self._switch(message, asked)
        layer = message.to_json()
        layers, summary, error_start = [layer], str(message), None
        if polling and not message.missing and _is_payload(message):
            if not message.contiguous:
                layer["message_hex"] = message.body.hex()
            upper, inner, error_start, words = self._payload(side, message.body)
            layers += upper
            error = error or inner
            summary = f"{summary}: {words}"
        transport = "polling" if polling else "http"
        return self._row(side, at, end, transport, layers, summary, error, error_start), end

    def _ask(self, request: http11.Request) -> bool:
        """Remember a request until its response; whether it is Engine.IO's long polling."""
        engine = request.path.startswith(self.engine_path)
        upgrade = _names_websocket(request)
        keys = request.values("sec-websocket-key")
        polling = engine and not upgrade and request.query.get("transport") == "polling"
        self._requests.append(_Asked(request.method, polling, keys[0] if keys else None))
        if upgrade:
            self.engine = engine
        return polling

    def _switch(self, response: http11.Response, asked: _Asked | None) -> DecodeError | None:
        """After 101 the connection speaks WebSocket; what is wrong with the handshake, if any."""
        if not _names_websocket(response):
            return None
        self.websocket = True
        try:
            agreed = deflate.negotiated(response.values("sec-websocket-extensions"))
        except DecodeError as error:
            self._deflate = None
            return error
        self._deflate = agreed or False
        for side in self._sides.values():
            side.whole = True
            side.message, side.skipping, side.pending = None, False, None
            if agreed:
                bits = agreed.up_bits if side.up else agreed.down_bits
                takeover = agreed.up_takeover if side.up else agreed.down_takeover
                side.inflater = deflate.Inflater(bits, takeover, self.message_bytes)
        if asked is None or asked.key is None:
            return None
        should = handshake.accept(asked.key)
        accepts = response.values("sec-websocket-accept")
        if accepts == [should]:
            return None
        said = f'is "{shown(accepts[0], 60)}"' if accepts else "is missing"
        at = next(
            (h.start for h in response.headers if h.name.lower() == "sec-websocket-accept"), 0
        )
        return DecodeError(
            "http",
            at,
            f'Sec-WebSocket-Accept {said}; the key "{shown(asked.key, 60)}" asks for "{should}"',
            "RFC 6455, section 4.2.2",
        )

    def _payload(
        self, side: _Side, body: bytes
    ) -> tuple[list[Row], DecodeError | None, int | None, str]:
        """The packets of a polling body: layers, the first error and its place, a summary."""
        layers: list[Row] = []
        words: list[str] = []
        error, error_start = None, None
        pieces, left = engineio.packets(body)
        for number, (start, packet) in enumerate(pieces, 1):
            separator = number < len(pieces) or left > 0
            upper, broken, summary = self._packet(side, packet, False, start, number, separator)
            layers += upper
            if len(words) < 3:
                words.append(summary)
            if broken is not None and error is None:
                error, error_start = broken
        if left and error is None:
            error = DecodeError(
                "http",
                0,
                f"more than {engineio.PACKETS} packets in one body; "
                f"the last {count(left, 'byte')} are left out",
                "a limit of this decoder",
            )
        if len(pieces) > len(words):
            words.append(f"and {len(pieces) - len(words)} more")
        return layers, error, error_start, "; ".join(words)

    # WebSocket

    def _frame(
        self, side: _Side, record: AnyRecord, at: int, whole: bool
    ) -> tuple[Row | None, int]:
        last = len(side.buffer)
        try:
            found = frames.read(side.buffer, at, self.message_bytes, partial=whole)
        except DecodeError as broken:
            side.lost = True
            side.abandon()
            return self._row(side, at, last, "websocket", [], None, broken), last
        if found is None:
            if not whole:
                return None, at
            error = None
            if not record.truncated:
                # A server refuses a frame by its first byte, and takes no more of it.
                error = frames.check_first(side.buffer[at], rsv1=self._deflate is not False)
                error = error or _unfinished(last - at, "the header of a frame is not complete")
            side.abandon()
            row = self._row(side, at, last, "websocket", [], "part of a frame's header", error)
            return row, last
        frame, end = found
        layer = frame.to_json(self._situation(side, frame))
        upper, inner, summary = self._read_frame(side, record, frame, layer)
        error, error_start = inner or (None, None)
        row = self._row(side, at, end, "websocket", [layer, *upper], summary, error, error_start)
        return row, end

    def _situation(self, side: _Side, frame: frames.Frame) -> frames.Situation:
        """What a frame's explanation depends on; what later ones will depend on is noted."""
        agreed = None if self._deflate is None else self._deflate is not False
        if not frame.control:
            carried_on = frame.opcode == websocket.CONTINUATION and side.message is not None
            compressed = side.message.compressed if carried_on and side.message else None
            return frames.Situation(agreed, compressed)
        other, answers = self._sides[not side.up], None
        if frame.opcode == websocket.CLOSE:
            side.closed = True
            answers = other.closed
        elif frame.opcode == websocket.PING:
            if frame.length <= websocket.CONTROL_BYTES:  # else it breaks a rule
                side.pings = [*side.pings, frame.payload][-PINGS:]
        elif frame.opcode == websocket.PONG:
            answers = _answered(other.pings, frame.payload)
        if not answers and not other.whole:
            answers = None  # what was asked for may have crossed before the first record
        return frames.Situation(agreed, None, answers)

    def _check(self, side: _Side, frame: frames.Frame) -> DecodeError | None:
        """The rule that a frame breaks by itself, or None."""
        if not frame.compressed or self._deflate is False:
            return frames.check(frame, side.up)
        if frame.opcode not in (websocket.TEXT, websocket.BINARY):
            return DecodeError(
                "websocket",
                0,
                f"RSV1 is 1 on a {frame.name} frame; only the first frame of a message says "
                "that it is compressed",
                "RFC 7692, section 6.1",
            )
        return frames.check(frame, side.up, rsv1=True)

    def _read_frame(self, side: _Side, record: AnyRecord, frame: frames.Frame, layer: Row) -> Read:
        """A frame within its message: layers above it, (error, start) or None, a summary."""
        line = layer["summary"]
        error = self._check(side, frame)
        if error is None and frame.missing and not record.truncated:
            error = _unfinished(
                1,
                f"the frame announces {count(frame.length, 'byte')}, "
                f"and {len(frame.payload):,} of them are here",
            )
        if error is not None:
            side.abandon()
            return [], (error, None), line
        if frame.control:
            return [], None, _control_text(frame)
        error = self._collect(side, frame)
        if error is not None:
            side.abandon()
            side.skipping = not frame.fin
            return [], (error, None), line
        if side.message is None:
            # The beginning was not kept, or was given up with an error of its own.
            side.skipping = not frame.fin
            return [], None, f"{line}, of a message whose beginning is not here"
        message = side.message
        if not frame.fin:
            number = len(message.parts)
            return (
                [],
                None,
                f"{line}: piece {number} of a {websocket.OPCODES[message.opcode]} message",
            )
        side.message = None
        return self._read_message(side, record, frame, message, layer)

    def _collect(self, side: _Side, frame: frames.Frame) -> DecodeError | None:
        """Put a data frame to the others of its message; the rule it breaks, or None."""
        if frame.opcode == websocket.CONTINUATION:
            if side.message is None:
                if side.skipping or not side.whole:
                    return None
                return DecodeError(
                    "websocket",
                    0,
                    "a continuation frame, and no message has been begun",
                    "RFC 6455, section 5.4",
                )
        else:
            if side.message is not None:
                return DecodeError(
                    "websocket",
                    0,
                    f"a new {frame.name} message begins before the last one has ended",
                    "RFC 6455, section 5.4",
                )
            side.message = _Message(frame.opcode, frame.compressed)
            side.skipping = False
        message = side.message
        message.parts.append(frame.payload)
        message.size += len(frame.payload)
        message.missing = message.missing or frame.missing > 0
        if len(message.parts) > self.fragments:
            return DecodeError(
                "websocket",
                0,
                f"more than {self.fragments} frames in one message are not put together",
                LIMIT,
            )
        if message.size > self.message_bytes:
            return DecodeError(
                "websocket",
                0,
                f"more than {self.message_bytes:,} bytes in one message are not put together",
                LIMIT,
            )
        return None

    def _read_message(
        self,
        side: _Side,
        record: AnyRecord,
        frame: frames.Frame,
        message: _Message,
        layer: Row,
    ) -> Read:
        """A whole message: layers above the frame, (error, start) or None, a summary."""
        data, line = b"".join(message.parts), layer["summary"]
        if message.compressed:
            try:
                inflated = self._inflate(side, record, message, data, layer)
            except DecodeError as error:
                return [], (error, None), line
            if inflated is None:
                return [], None, f"{line}, compressed, and what it refers to is not here"
            data = inflated
        elif message.missing:
            return [], None, line
        pieces = len(message.parts)
        if pieces > 1 or message.compressed:
            layer["message_hex"] = data.hex()
        if pieces > 1:
            layer["pieces"] = pieces
        binary = message.opcode == websocket.BINARY
        if not binary:
            try:
                data.decode("utf-8")
            except UnicodeDecodeError as error:
                # ``at`` counts within the frame if the text is this frame's alone.
                alone = pieces == 1 and not message.compressed
                broken = DecodeError(
                    "websocket",
                    error.start + (frame.header_size if alone else 0),
                    f"byte {error.start} of the text ({data[error.start]:02x}) "
                    "does not belong into UTF-8",
                    "RFC 6455, section 8.1",
                )
                return [], (broken, None), line
        if not self.engine:
            words = data[:30].hex(" ") if binary else f'"{shown(data, 80)}"'
            return [], None, f"{line}: {words}" if data else line
        return self._packet(side, data, binary)

    def _inflate(
        self, side: _Side, record: AnyRecord, message: _Message, payload: bytes, layer: Row
    ) -> bytes | None:
        """The bytes of a compressed message, None if its context is not here."""
        inflater = side.inflater
        if inflater is None:
            inflater = side.inflater = deflate.Inflater(limit=self.message_bytes)
            inflater.lost = not side.whole
        if record.inflated is not None:
            # The tap keeps the message beside its last frame, for a frame may be blanked.
            data = bytes(record.inflated)
            inflater.remember(data)
            inflated = deflate.Inflated(payload[0] if payload else None, len(payload), data)
        elif message.missing:
            inflater.forget()
            return None
        else:
            found = inflater.decode(payload)
            if found is None:
                return None
            inflated, data = found
        about = inflated.to_json()
        del about["layer"]
        layer["deflate"] = about
        return data

    # Engine.IO and Socket.IO

    def _packet(
        self,
        side: _Side,
        data: bytes,
        binary: bool,
        start: int = 0,
        number: int | None = None,
        separator: bool = False,
    ) -> Read:
        """One Engine.IO packet and what it carries: layers, (error, start) or None, summary."""

        def place(layer: Layer, at: int, size: int) -> Row:
            described = layer.to_json()
            if number is not None:
                described["packet"] = number
            described["start"], described["size"] = at, size
            return described

        try:
            found = engineio.decode(data, binary, separator, up=side.up, in_frame=number is None)
            if found is None:
                raise DecodeError(
                    "engineio",
                    0,
                    "the packet is empty: not even a type is there",
                    'Engine.IO protocol v4, "Protocol"',
                )
        except DecodeError as error:
            return [], (error, start), f"no packet: {shown(error.message)}"
        packet, rest = found
        layers = [place(packet, start, len(data))]
        if packet.type != packets.MESSAGE:
            return layers, None, layers[0]["summary"]
        if packet.binary:
            return self._attachment(side, packet, layers, place, start, number is not None)
        return self._socketio(side, rest, layers, place, start + 1)

    def _socketio(
        self, side: _Side, data: bytes, layers: list[Row], place: Place, start: int
    ) -> Read:
        error = None
        if side.pending is not None:
            waits = side.pending
            error = DecodeError(
                "socketio",
                0,
                f"a text packet, and {count(waits.packet.attachments, 'attachment')} of a "
                f"{waits.packet.name} should come first ({len(waits.attachments)} came)",
                socketio.ENCODING,
            )
            side.pending = None
        try:
            found = socketio.decode(data)
            if found is None:
                raise DecodeError(
                    "socketio",
                    0,
                    "the packet is empty: not even a type is there",
                    socketio.EXCHANGE,
                )
            packet, rest = found
            layers.append(place(packet, start, len(data)))
            summary = layers[-1]["summary"]
            if packet.is_event or packet.is_ack:
                event = self._event(side, packet, rest)
                if packet.attachments:
                    layers[-1]["data"] = [event.name, *event.args]
                    side.pending = _Pending(packet, event)
                    summary = f"{summary}: {event}"
                else:
                    event = socketio.with_attachments(event, []) if packet.is_binary else event
                    layers.append(place(event, start + len(data) - len(rest), len(rest)))
                    summary = f"{summary}: {layers[-1]['summary']}"
        except DecodeError as broken:
            error = error or broken
            summary = f"no Socket.IO packet: {shown(broken.message)}"
        return layers, (error, start) if error else None, summary

    def _event(self, side: _Side, packet: socketio.SocketioLayer, rest: bytes) -> socketio.Event:
        """The event of a packet; an event that wants an answer is remembered until it comes."""
        key = (side.up == packet.is_event, packet.namespace, packet.id)
        if packet.is_ack:
            return socketio.decode_event(packet, rest, self._events.pop(key, None))
        event = socketio.decode_event(packet, rest)
        if packet.id is not None and event.name is not None:
            if len(self._events) >= ASKED:
                self._events.pop(next(iter(self._events)))
            self._events[key] = event.name
        return event

    def _attachment(
        self,
        side: _Side,
        packet: engineio.EngineioLayer,
        layers: list[Row],
        place: Place,
        start: int,
        polling: bool,
    ) -> Read:
        waits = side.pending
        if waits is None:
            if polling or not side.whole:
                # In polling the announcement may have gone by another connection.
                return layers, None, str(packet)
            error = DecodeError(
                "engineio",
                0,
                "a binary message, and no packet has announced an attachment",
                socketio.ENCODING,
            )
            return layers, (error, start), str(packet)
        number = len(waits.attachments)
        waits.attachments.append(packet.data)
        waits.size += len(packet.data)
        at = start + (packet.encoding == "base64")
        wire = packet.size - (packet.encoding == "base64")
        attachment = socketio.Attachment(waits.packet, number, len(packet.data), wire)
        layers.append(place(attachment, at, wire))
        if waits.size > self.message_bytes:
            side.pending = None
            error = DecodeError(
                "socketio",
                0,
                f"more than {self.message_bytes:,} bytes of attachments are not put together",
                socketio.ENCODING,
            )
            return layers, (error, at), str(attachment)
        if number + 1 < waits.packet.attachments:
            return layers, None, str(attachment)
        side.pending = None
        try:
            event = socketio.with_attachments(waits.event, waits.attachments)
        except DecodeError as error:
            return layers, (error, at), str(attachment)
        described = place(event, at, 0)
        del described["start"], described["size"]  # its text stands in an earlier row
        layers.append(described)
        return layers, None, f"{attachment}: {event}"


def rows(records: Iterable[AnyRecord], engine_path: str = ENGINE_PATH) -> Iterator[Row]:
    """The rows of many connections' records, each connection with a Decoder of its own."""
    decoders: dict[int, Decoder] = {}
    for record in records:
        decoder = decoders.get(record.connection)
        if decoder is None:
            decoder = decoders[record.connection] = Decoder(engine_path)
        yield from decoder.feed(record)
    for decoder in decoders.values():
        yield from decoder.finish()


def _names_websocket(message: http11.Message) -> bool:
    """Whether Upgrade lists websocket. Source: RFC 9110, section 7.8."""
    tokens = (token for value in message.values("upgrade") for token in value.split(","))
    return any(token.strip().lower() == "websocket" for token in tokens)


def _is_payload(message: http11.Message) -> bool:
    """Whether a polling message's body holds packets: not an error, not the "ok" to a POST."""
    if not message.body or message.values("content-encoding"):
        return False
    if isinstance(message, http11.Request):
        return message.method == "POST"
    assert isinstance(message, http11.Response)
    return message.status == 200 and message.body.lower() != b"ok"


def _answers_head(found: tuple[http11.Message, int] | None, asked: _Asked | None) -> bool:
    """A response without its body whose request is not here: it may answer HEAD."""
    if found is None or asked is not None or isinstance(found[0], http11.Request):
        return False
    message = found[0]
    return message.framing == "length" and not message.body


def _answered(pings: list[bytes], pong: bytes) -> bool:
    """Whether a pong answers one of these pings; it and those before it are forgotten.

    A ping between the fragments of a message was blanked before it was kept: stars.
    Source: RFC 6455, section 5.5.3 (the pong may answer the latest ping only).
    """
    for number, ping in enumerate(pings, 1):
        if pong == ping or ping == b"*" * len(pong):
            del pings[:number]
            return True
    return False


def _unfinished(at: int, sentence: str) -> DecodeError:
    return DecodeError("websocket", at, sentence, "RFC 6455, section 5.2")


def _control_text(frame: frames.Frame) -> str:
    if frame.opcode == websocket.CLOSE:
        return str(frame)
    text = f' "{shown(frame.payload, 60)}"' if frame.payload else ""
    return f"WebSocket {frame.name}{text}"
