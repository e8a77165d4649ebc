"""WebSocket frames as bytes: heads checked, payloads unmasked, frames built. Pure.

      0               1
     +-+-----+-------+-+-------------+----------------+---------+---------
     |F|R R R|opcode |M| length      | length, if 126 | mask,   | payload
     |I|1 2 3|4 bits |A| 7 bits      | (2 bytes) or   | if M:   | …
     |N|     |       |S|             | 127 (8 bytes)  | 4 bytes |
     +-+-----+-------+-+-------------+----------------+---------+---------

Source: RFC 6455, sections 5.2 to 5.5 and 7.4; RFC 7692, section 6 (RSV1).
"""

import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

OPCODES = {
    CONTINUATION: "continuation",
    TEXT: "text",
    BINARY: "binary",
    CLOSE: "close",
    PING: "ping",
    PONG: "pong",
}

#: The longest payload of a control frame. Source: RFC 6455, section 5.5.
CONTROL_BYTES = 125

NORMAL, GOING_AWAY, PROTOCOL_ERROR = 1000, 1001, 1002
BAD_DATA, POLICY, TOO_BIG = 1007, 1008, 1009

#: Close codes with a registered meaning. Source: RFC 6455, section 7.4.1, and the
#: WebSocket Close Code Number Registry for 1012 to 1014.
CLOSE_CODES = {
    NORMAL: "normal closure",
    GOING_AWAY: "going away",
    PROTOCOL_ERROR: "protocol error",
    1003: "unacceptable kind of data",
    1005: "no code was sent",
    1006: "closed without a close frame",
    BAD_DATA: "data that does not fit the kind of message",
    POLICY: "policy violation",
    TOO_BIG: "message too big",
    1010: "an extension is missing",
    1011: "internal error",
    1012: "service restart",
    1013: "try again later",
    1014: "bad gateway",
    1015: "TLS handshake failed",
}

#: Codes that only describe an ending and never travel. Source: RFC 6455, section 7.4.1.
NEVER_SENT = frozenset({1004, 1005, 1006, 1015})

#: What the sender of a compressed message leaves away. Source: RFC 7692, section 7.2.1.
DEFLATE_TAIL = b"\x00\x00\xff\xff"


class ProtocolError(Exception):
    """The peer broke the protocol: ``code`` is the close code, the text says how.

    ``limit`` is the name of the one it went beyond: see health.py.
    """

    def __init__(self, code: int, message: str, limit: str = "packet") -> None:
        super().__init__(message)
        self.code, self.limit = code, limit


def check_head(first: int, second: int, compression: object) -> None:
    """Checks the two bytes that every frame starts with; raises ProtocolError.

    ``compression`` says, as true or false, whether RSV1 may be set.
    """
    opcode, length = first & 0x0F, second & 0x7F
    if not second & 0x80:
        raise ProtocolError(PROTOCOL_ERROR, "a client's frame must be masked")
    if opcode not in OPCODES:
        raise ProtocolError(PROTOCOL_ERROR, f"opcode {opcode} is reserved")
    if first & (0x30 if compression and opcode in (TEXT, BINARY) else 0x70):
        raise ProtocolError(PROTOCOL_ERROR, "a reserved bit is set")
    if opcode >= CLOSE and (length > CONTROL_BYTES or not first & 0x80):
        raise ProtocolError(PROTOCOL_ERROR, "a control frame is one frame of at most 125 bytes")


def header_size(second: int) -> int:
    """How many bytes stand before a frame's payload, as its second byte says: 2 to 14."""
    length = second & 0x7F
    longer = 2 if length == 126 else 8 if length == 127 else 0
    return 2 + longer + (4 if second & 0x80 else 0)


def long_length(data: bytes) -> int:
    """The length that stands in 2 or 8 further bytes; raises ProtocolError."""
    length = int.from_bytes(data, "big")
    if length < (126 if len(data) == 2 else 1 << 16) or length >> 63:
        raise ProtocolError(PROTOCOL_ERROR, "a length must take the fewest bytes")
    return length


def unmask(payload: bytes, mask: bytes) -> bytes:
    """The payload without its mask, or with it: each byte XOR the mask's bytes in turn.

    Source: RFC 6455, section 5.3.
    """
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


def frame(payload: bytes, opcode: int = TEXT, compressed: bool = False) -> bytes:
    """One unmasked final frame, as a server sends it."""
    first, size = 0x80 | (0x40 if compressed else 0) | opcode, len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 1 << 16:
        return struct.pack(">BBH", first, 126, size) + payload
    return struct.pack(">BBQ", first, 127, size) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    """A close frame; the reason is cut to what fits."""
    text = reason.encode()[: CONTROL_BYTES - 2].decode("utf-8", "ignore").encode()
    return frame(struct.pack(">H", code) + text, CLOSE)


def may_be_sent(code: int) -> bool:
    """Whether a close frame may carry this code.

    Source: RFC 6455, sections 7.4.1 and 7.4.2: 3000 to 4999 are for libraries and applications.
    """
    return (code in CLOSE_CODES and code not in NEVER_SENT) or 3000 <= code <= 4999


def close_code(payload: bytes) -> int | None:
    """The code in a peer's close frame, None if there is none; raises ProtocolError."""
    if not payload:
        return None
    code = int.from_bytes(payload[:2], "big")
    if len(payload) < 2 or not may_be_sent(code):
        raise ProtocolError(PROTOCOL_ERROR, "not a close code")
    try:
        payload[2:].decode("utf-8")
    except UnicodeDecodeError:
        raise ProtocolError(BAD_DATA, "the reason is not UTF-8") from None
    return code
