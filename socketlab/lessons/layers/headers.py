"""What each layer puts in front of an emit, in bytes: computed by the encoders themselves. Pure.

    ["wrap",{"text":"hello"}]                   your event, as JSON
    2/layers,["wrap",{"text":"hello"}]          Socket.IO: EVENT, the namespace
    42/layers,["wrap",{"text":"hello"}]         Engine.IO: message
    81 a4 mask 42/layers,["wrap",…]             a WebSocket frame of a client, or instead
    POST /socket.io/?EIO=4… 42/layers,[…]       an HTTP request, while the transport is polling

An acknowledgement adds the digits of its id behind the namespace.
Source: RFC 6455, section 5.2; RFC 9112, section 2.1; Engine.IO protocol v4 and Socket.IO
protocol v5, "Packet encoding".
"""

from ...classroom.refused import Refused
from ...protocols import packets, strict_json, websocket

MOST = 70_000  # characters
EVENT, NAMESPACE = "wrap", "/layers"
MASK_BIT, MASK_BYTES = 0x80, 4  # only a client masks


def text_of(data: dict[str, object]) -> str:
    """The text of a payload, repeated to ``length`` characters where that is there.

    Raises Refused.
    """
    text, length = data.get("text"), data.get("length")
    if not isinstance(text, str) or len(text) > MOST:
        raise Refused(f"text must be a text of 0 to {MOST:,} characters")
    if length is None:
        return text
    if not isinstance(length, int) or isinstance(length, bool) or not 0 <= length <= MOST:
        raise Refused(f"length must be a whole number from 0 to {MOST}")
    if length and not text:
        raise Refused("text is empty: there is nothing to repeat")
    return (text * (length // max(1, len(text)) + 1))[:length]


def wrapped(text: str, host: str, sid: str) -> dict[str, object]:
    """``{sizes: {event, socketio, engineio, frame, post}, head}`` of an emit of this text.

    Sizes are bytes, each layer with all that it carries. ``head`` is the head of the frame in
    hex, without its mask. ``post`` is the smallest request that can carry the packet to this
    ``host`` for the session ``sid``; a browser adds some hundred bytes of headers.
    """
    data = [EVENT, {"text": text}]
    (packet,) = packets.write(packets.EVENT, NAMESPACE, data=data)
    message = f"{packets.MESSAGE}{packet}".encode()
    head = masked_head(message)
    sizes = {
        "event": len(strict_json.dumps(data).encode()),
        "socketio": len(message) - 1,
        "engineio": len(message),
        "frame": len(head) + MASK_BYTES + len(message),
        "post": len(post(message, host, sid)),
    }
    return {"sizes": sizes, "head": head.hex()}


def masked_head(payload: bytes) -> bytes:
    """The head of a client's frame up to its mask: 2, 4 or 10 bytes, as the length needs."""
    frame = websocket.frame(payload)
    head = bytearray(frame[: len(frame) - len(payload)])
    head[1] |= MASK_BIT
    return bytes(head)


def post(message: bytes, host: str, sid: str) -> bytes:
    """The smallest POST that carries a packet by polling."""
    target = f"{packets.ENGINEIO_PATH}?EIO=4&transport=polling&sid={sid}"
    lines = [f"POST {target} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(message)}", "", ""]
    return "\r\n".join(lines).encode() + message
