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
OPCODES = frozenset((CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG))

NORMAL, GOING_AWAY, PROTOCOL_ERROR = 1000, 1001, 1002
BAD_DATA, POLICY, TOO_BIG = 1007, 1008, 1009


class ProtocolError(Exception):
    """The peer broke the protocol: ``code`` is the close code, the text says how."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def check_head(first, second, compression):
    """Checks the two bytes that every frame starts with; raises ProtocolError.

    ``compression`` says whether RSV1 may be set.
    """
    opcode, length = first & 0x0F, second & 0x7F
    if not second & 0x80:
        raise ProtocolError(PROTOCOL_ERROR, "a client's frame must be masked")
    if opcode not in OPCODES:
        raise ProtocolError(PROTOCOL_ERROR, f"opcode {opcode} is reserved")
    if first & (0x30 if compression and opcode in (TEXT, BINARY) else 0x70):
        raise ProtocolError(PROTOCOL_ERROR, "a reserved bit is set")
    if opcode >= CLOSE and (length > 125 or not first & 0x80):
        raise ProtocolError(PROTOCOL_ERROR, "a control frame is one frame of at most 125 bytes")


def long_length(data):
    """The length that stands in 2 or 8 further bytes; raises ProtocolError."""
    length = int.from_bytes(data, "big")
    if length < (126 if len(data) == 2 else 1 << 16) or length >> 63:
        raise ProtocolError(PROTOCOL_ERROR, "a length must take the fewest bytes")
    return length


def unmask(payload, mask):
    """The payload without its mask, or with it: the same operation."""
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


def frame(payload, opcode=TEXT, compressed=False):
    """One unmasked final frame, as a server sends it."""
    first, size = 0x80 | (0x40 if compressed else 0) | opcode, len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 1 << 16:
        return struct.pack(">BBH", first, 126, size) + payload
    return struct.pack(">BBQ", first, 127, size) + payload


def close_frame(code, reason=""):
    """A close frame; the reason is cut to what fits."""
    text = reason.encode()[:123].decode("utf-8", "ignore").encode()
    return frame(struct.pack(">H", code) + text, CLOSE)


def close_code(payload):
    """The code in a peer's close frame, None if there is none; raises ProtocolError."""
    if not payload:
        return None
    code = int.from_bytes(payload[:2], "big")
    if len(payload) < 2 or not (
        1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999
    ):
        raise ProtocolError(PROTOCOL_ERROR, "not a close code")
    try:
        payload[2:].decode("utf-8")
    except UnicodeDecodeError:
        raise ProtocolError(BAD_DATA, "the reason is not UTF-8") from None
    return code
