"""WebSocket frames: two bytes of header, perhaps a longer length, perhaps a mask, the payload.

::

      byte 0            byte 1            bytes 2 ...
     +-+-+-+-+-------+ +-+-------------+ +-----------------+ +-----------+ +---------+
     |F|R|R|R|       | |M|             | | 16-bit length,  | | mask key, | |         |
     |I|S|S|S|opcode | |A|   length    | | if length is 126| | 4 bytes,  | | payload |
     |N|V|V|V|       | |S|  (7 bits)   | | 64-bit length,  | | if MASK   | |         |
     | |1|2|3|(4 bit)| |K|             | | if length is 127| | is 1      | |         |
     +-+-+-+-+-------+ +-+-------------+ +-----------------+ +-----------+ +---------+
      0 1 2 3 4     7   8 9          15   16 ...              then          then

``decode`` finds the borders of a frame; ``check`` says which rule it breaks, if any. The
server refuses a broken frame at its first bytes (protocols/websocket.py); here it is shown
whole, with the place of what is wrong.

Source: RFC 6455, sections 5 and 7.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

from ..protocols.websocket import (
    BINARY,
    CLOSE,
    CLOSE_CODES,
    CONTINUATION,
    CONTROL_BYTES,
    NEVER_SENT,
    OPCODES,
    PING,
    PONG,
    TEXT,
    may_be_sent,
    unmask,
)
from .layers import DecodeError, Field, Layer, count, field, shown

BASE = "RFC 6455, section 5.2"

CLOSING = "RFC 6455, section 5.5.1"
PONGS = "RFC 6455, section 5.5.3"
COMPRESSED = "RFC 7692, section 6.1"


class Situation(NamedTuple):
    """What came before a frame, as far as its explanation depends on that. None: not known.

    ``deflate``: whether permessage-deflate was agreed on. ``compressed``: whether the message
    is that a continuation frame carries on. ``answers``: of a close frame, whether the other
    side has sent one; of a pong, whether a ping asked for it.
    """

    deflate: bool | None = None
    compressed: bool | None = None
    answers: bool | None = None


UNKNOWN = Situation()

# By opcode and Situation.answers; (meaning, source).
_OPCODE_MEANINGS: dict[int, dict[bool | None, tuple[str, str]]] = {
    CONTINUATION: {
        None: ("This frame carries on the message that an earlier frame began.", BASE),
    },
    TEXT: {None: ("The message is text in UTF-8.", BASE)},
    BINARY: {None: ("The message is plain bytes, not text.", BASE)},
    CLOSE: {
        None: ("Closes the connection: the first close frame asks, the second answers.", CLOSING),
        False: ("Asks to close the connection: a close frame must come back.", CLOSING),
        True: (
            "Answers the close frame of the other side. Both have sent one now: the WebSocket is "
            "closed, and TCP follows.",
            CLOSING,
        ),
    },
    PING: {
        None: ("Are you there? The other side must answer with a pong.", "RFC 6455, section 5.5.2")
    },
    PONG: {
        None: ("Answers a ping, with the ping's bytes; or comes unasked, as a heartbeat.", PONGS),
        False: ("No ping asked for this pong: a heartbeat one way, and no answer is due.", PONGS),
        True: ("Answers a ping: the bytes of the ping come back.", PONGS),
    },
}


@dataclass(frozen=True)
class Frame(Layer):
    """One WebSocket frame, unmasked.

    ``rsv`` holds the three reserved bits as a number (4 is RSV1), ``mask`` the 4 key
    bytes or None, ``length`` the announced length, ``width`` the bits that spell it
    (7, 16 or 64), ``payload`` the unmasked bytes, of which ``missing`` are not here.
    """

    layer: ClassVar[str] = "websocket"

    fin: bool
    rsv: int
    opcode: int
    mask: bytes | None
    length: int
    width: int
    payload: bytes
    missing: int = 0

    @property
    def control(self) -> bool:
        """Close, ping, pong and the reserved opcodes 11 to 15."""
        return self.opcode >= 8

    @property
    def compressed(self) -> bool:
        """RSV1 is set: with permessage-deflate, the message is compressed."""
        return bool(self.rsv & 4)

    @property
    def header_size(self) -> int:
        """Bytes before the payload: 2 to 14."""
        return 2 + {7: 0, 16: 2, 64: 8}[self.width] + (4 if self.mask is not None else 0)

    @property
    def name(self) -> str:
        """The opcode's name, ``opcode 3`` if it has none."""
        return OPCODES.get(self.opcode, f"opcode {self.opcode}")

    @property
    def close_code(self) -> int | None:
        """The status code of a close frame, if it carries one."""
        if self.opcode == CLOSE and len(self.payload) >= 2:
            return int.from_bytes(self.payload[:2], "big")
        return None

    def __str__(self) -> str:
        parts = [self.name, "final" if self.fin else "not final"]
        if self.compressed:
            parts.append("RSV1")
        parts.append("unmasked" if self.mask is None else "masked")
        parts.append(count(self.length, "byte"))
        if self.close_code is not None:
            parts.append(_close_text(self.payload))
        if self.missing:
            parts.append(f"{self.missing:,} of them not kept")
        return ", ".join(parts)

    @property
    def fields(self) -> tuple[Field, ...]:
        return (*_header(UNKNOWN, *self._shape()), *self._own_fields())

    def to_json(self, situation: Situation = UNKNOWN) -> dict[str, Any]:
        """The layer as it stands in a row; the fields of a header are shared between rows."""
        return {
            "layer": self.layer,
            "summary": str(self),
            **self.details(),
            "fields": [
                *_header_json(situation, *self._shape()),
                *(found.to_json() for found in self._own_fields()),
            ],
        }

    def _shape(self) -> tuple[bool, int, int, bool, int, int]:
        """What the fields of the header depend on: all but the mask key."""
        return (
            self.fin,
            self.rsv,
            self.opcode,
            self.mask is not None,
            self.length,
            self.width,
        )

    def _own_fields(self) -> list[Field]:
        """The mask key and what the frame carries."""
        start, fields = self.header_size, []
        if self.mask is not None:
            fields.append(
                field(
                    "mask key",
                    start - 4,
                    4,
                    self.mask.hex(" "),
                    "Four fresh bytes for every frame; the receiver takes them off again by XOR.",
                    "RFC 6455, section 5.3",
                )
            )
        if self.close_code is not None:
            fields += _close_fields(start, self.payload)
        elif self.payload:
            taken_off = "; XOR with the key gave what is shown" if self.mask is not None else ""
            text = self.payload if self.opcode != BINARY else self.payload[:40].hex(" ")
            fields.append(
                field(
                    "payload",
                    start,
                    len(self.payload),
                    shown(text),
                    f"What the frame carries{taken_off}.",
                    BASE if self.mask is None else "RFC 6455, section 5.3",
                )
            )
        return fields

    def details(self) -> dict[str, Any]:
        details: dict[str, Any] = {
            "opcode": self.opcode,
            "type": self.name,
            "fin": self.fin,
            "masked": self.mask is not None,
            "length": self.length,
            "header_size": self.header_size,
            "payload_hex": self.payload.hex(),
        }
        if self.missing:
            details["missing"] = self.missing
        return details


def read(
    data: bytes | bytearray, start: int = 0, limit: int | None = None, partial: bool = False
) -> tuple[Frame, int] | None:
    """The frame at ``start`` and where it ends; None if not all of it is here.

    With ``partial`` a frame whose header is here is handed back with the payload there
    is. Raises DecodeError for a length that can never come: its top bit is set, or it is
    over ``limit`` bytes and not here.
    """
    end = len(data)
    if end - start < 2:
        return None
    first, second = data[start], data[start + 1]
    length, at, width = second & 127, start + 2, 7
    if length > 125:
        width = 16 if length == 126 else 64
        size = width // 8
        if end < at + size:
            return None
        length = int.from_bytes(data[at : at + size], "big")
        if width == 64 and length >> 63:
            raise DecodeError(
                "websocket", 2, "the first bit of a 64-bit length is 1; it must be 0", BASE
            )
        at += size
    mask = None
    if second & 128:
        if end < at + 4:
            return None
        mask = bytes(data[at : at + 4])
        at += 4
    stop = at + length
    missing = max(0, stop - end)
    if missing and not partial:
        if limit is not None and length > limit:
            raise DecodeError(
                "websocket",
                1,
                f"the frame announces {length:,} bytes; at most {limit:,} are taken",
                "RFC 6455, section 10.4",
            )
        return None
    payload = bytes(data[at : min(stop, end)])
    if mask is not None and payload:
        payload = unmask(payload, mask)
    frame = Frame(
        bool(first & 128), first >> 4 & 7, first & 15, mask, length, width, payload, missing
    )
    return frame, min(stop, end)


def decode(data: bytes) -> tuple[Frame, bytes] | None:
    """The first frame and the bytes after it; None if not all of it is here.

    Raises DecodeError for a 64-bit length whose top bit is set.
    """
    found = read(data)
    return None if found is None else (found[0], data[found[1] :])


def check_first(byte: int, rsv1: bool = False) -> DecodeError | None:
    """The rule that the first byte of a frame breaks, or None; a server need not wait for more."""
    rsv, opcode = byte >> 4 & (3 if rsv1 else 7), byte & 15
    if rsv:
        names = [f"RSV{n}" for n, bit in ((1, 4), (2, 2), (3, 1)) if rsv & bit]
        has = "is 1, and no extension gives it" if len(names) == 1 else "are 1, and nothing gives"
        return DecodeError("websocket", 0, f"{' and '.join(names)} {has} a meaning", BASE)
    if opcode not in OPCODES:
        return DecodeError("websocket", 0, f"opcode {opcode} is reserved", BASE)
    return None


def check(frame: Frame, from_client: bool, rsv1: bool = False) -> DecodeError | None:
    """The first rule that the frame breaks, or None.

    ``rsv1`` says whether an extension gave RSV1 a meaning for this frame. Whether a
    text is UTF-8 can only be said of a whole message, not of a frame.
    """

    def broken(at: int, message: str, source: str) -> DecodeError:
        return DecodeError("websocket", at, message, source)

    first = check_first(frame.rsv << 4 | frame.opcode, rsv1)
    if first is not None:
        return first
    if from_client and frame.mask is None:
        return broken(
            1, "a client's frame must be masked, and this one is not", "RFC 6455, section 5.1"
        )
    if not from_client and frame.mask is not None:
        return broken(
            1, "a server's frame must not be masked, and this one is", "RFC 6455, section 5.1"
        )
    shortest = 7 if frame.length <= 125 else 16 if frame.length <= 0xFFFF else 64
    if frame.width != shortest:
        return broken(
            2,
            f"the length {frame.length:,} is spelled with {frame.width} bits; "
            f"{shortest} are enough and must be used",
            BASE,
        )
    if frame.control:
        if not frame.fin:
            return broken(
                0, f"a {frame.name} frame must not be fragmented", "RFC 6455, section 5.5"
            )
        if frame.length > CONTROL_BYTES:
            return broken(
                1,
                f"a {frame.name} frame carries at most 125 bytes, and this one {frame.length:,}",
                "RFC 6455, section 5.5",
            )
    if frame.opcode == CLOSE and not frame.missing:
        return _check_close(frame)
    return None


def _check_close(frame: Frame) -> DecodeError | None:
    at, payload = frame.header_size, frame.payload
    if len(payload) == 1:
        return DecodeError(
            "websocket",
            at,
            "a close frame carries nothing or a code of two bytes, and this one 1 byte",
            "RFC 6455, section 5.5.1",
        )
    code = frame.close_code
    if code is None:
        return None
    if code in NEVER_SENT:
        why = CLOSE_CODES.get(code, "reserved")
        return DecodeError(
            "websocket",
            at,
            f"the close code {code} ({why}) must never be sent",
            "RFC 6455, section 7.4.1",
        )
    if not may_be_sent(code):
        return DecodeError(
            "websocket", at, f"the close code {code} has no meaning", "RFC 6455, section 7.4.2"
        )
    try:
        payload[2:].decode("utf-8")
    except UnicodeDecodeError as error:
        return DecodeError(
            "websocket",
            at + 2 + error.start,
            "the reason of a close frame must be UTF-8, and this one is not",
            "RFC 6455, section 5.5.1",
        )
    return None


# Frames of one conversation share a few headers; the fields are frozen, so they may be shared.
@lru_cache(maxsize=512)
def _header(
    situation: Situation, fin: bool, rsv: int, opcode: int, masked: bool, length: int, width: int
) -> tuple[Field, ...]:
    small = {7: length, 16: 126, 64: 127}[width]
    lengths = {
        7: "The number of payload bytes: up to 125 fits into these seven bits.",
        16: "126 stands for: the true length is in the next 16 bits.",
        64: "127 stands for: the true length is in the next 64 bits.",
    }
    fields = [
        Field(
            "FIN",
            0,
            1,
            str(int(fin)),
            "This is the last frame of the message."
            if fin
            else "More frames of this message follow.",
            BASE,
        ),
        Field("RSV1", 1, 1, str(rsv >> 2), *_rsv1(rsv >= 4, opcode, situation)),
        Field("RSV2", 2, 1, str(rsv >> 1 & 1), "Kept free for extensions; must be 0.", BASE),
        Field("RSV3", 3, 1, str(rsv & 1), "Kept free for extensions; must be 0.", BASE),
        Field(
            "opcode",
            4,
            4,
            f"{opcode} ({OPCODES.get(opcode, 'reserved')})",
            *_opcode(opcode, situation),
        ),
        Field(
            "MASK",
            8,
            1,
            str(int(masked)),
            "The payload is masked, as every client must do."
            if masked
            else "The payload is not masked: a server never masks.",
            "RFC 6455, section 5.1",
        ),
        Field("length", 9, 7, str(small), lengths[width], BASE),
    ]
    if width > 7:
        fields.append(
            Field(
                "extended length",
                16,
                width,
                f"{length:,}",
                "The number of payload bytes, most significant byte first.",
                BASE,
            )
        )
    return tuple(fields)


@lru_cache(maxsize=512)
def _header_json(situation: Situation, *shape: Any) -> tuple[dict[str, Any], ...]:
    return tuple(found.to_json() for found in _header(situation, *shape))


def _opcode(opcode: int, situation: Situation) -> tuple[str, str]:
    """What an opcode means here, and the source."""
    meanings = _OPCODE_MEANINGS.get(opcode)
    if meanings is None:
        return "Nobody has given this number a meaning yet.", BASE
    return meanings.get(situation.answers) or meanings[None]


def _rsv1(bit: bool, opcode: int, situation: Situation) -> tuple[str, str]:
    """What RSV1 says here, and the source: only the first frame of a message speaks by it."""
    if opcode >= CLOSE:
        if bit:
            return "1, which a control frame must not have: it is never compressed.", COMPRESSED
        return "0, as on every control frame: only messages are compressed.", COMPRESSED
    if opcode == CONTINUATION:
        return _rsv1_of_rest(bit, situation.compressed), COMPRESSED
    if situation.deflate is False:
        if bit:
            return "1, although no extension was agreed on that gives it a meaning.", BASE
        return "0, as it must be: no extension was agreed on that gives it a meaning.", BASE
    if bit:
        return "1: the whole message is compressed, by permessage-deflate.", COMPRESSED
    return "0: the message is not compressed.", COMPRESSED


def _rsv1_of_rest(bit: bool, compressed: bool | None) -> str:
    if bit:
        return "1, which only the first frame of a message may have."
    rule = "0, as on every frame but the first of a message: the first says"
    if compressed is None:
        return f"{rule} whether it is compressed."
    return f"{rule} that it is {'' if compressed else 'not '}compressed."


def _close_text(payload: bytes) -> str:
    code = int.from_bytes(payload[:2], "big")
    text = f"{code} ({CLOSE_CODES.get(code, 'a code of the application')})"
    return f'{text} "{shown(payload[2:], 60)}"' if len(payload) > 2 else text


def _close_fields(start: int, payload: bytes) -> list[Field]:
    code = int.from_bytes(payload[:2], "big")
    fields = [
        field(
            "close code",
            start,
            2,
            f"{code} ({CLOSE_CODES.get(code, 'a code of the application')})",
            "A number that says why the connection is closed.",
            "RFC 6455, section 7.4",
        )
    ]
    if len(payload) > 2:
        fields.append(
            field(
                "reason",
                start + 2,
                len(payload) - 2,
                shown(payload[2:]),
                "For debugging, or for the program at this end; it is not to be shown to users.",
                "RFC 6455, section 5.5.1",
            )
        )
    return fields
