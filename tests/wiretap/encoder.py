"""A small encoder: what the decoders must undo. Written from the specifications, not from them."""

import base64
import gc
import json

from socketlab.wiretap.capture import Entry
from socketlab.wiretap.decode import Decoder

KEY = bytes.fromhex("37fa213d")  # the mask of RFC 6455, section 5.7


def frame(payload=b"", opcode=1, fin=True, rsv=0, mask=None, width=None):
    """A WebSocket frame; ``width`` forces the bits of the length, also against the rule."""
    if isinstance(payload, str):
        payload = payload.encode()
    size = len(payload)
    if width is None:
        width = 7 if size < 126 else 16 if size < 65536 else 64
    first = bytes([fin << 7 | rsv << 4 | opcode])
    bit = 0 if mask is None else 128
    if width == 7:
        length = bytes([bit | size])
    else:
        length = bytes([bit | (126 if width == 16 else 127)]) + size.to_bytes(width // 8, "big")
    if mask is None:
        return first + length + payload
    masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    return first + length + mask + masked


def masked(payload=b"", opcode=1, **more):
    """A client's frame."""
    return frame(payload, opcode, mask=KEY, **more)


def request(target="/", method="GET", body=b"", host="127.0.0.1", **headers):
    """A request; header names are given with underscores."""
    return _message(f"{method} {target} HTTP/1.1", {"Host": host, **headers}, body)


def response(body=b"", status="200 OK", **headers):
    """A response with Content-Length."""
    return _message(f"HTTP/1.1 {status}", headers, body, always=status[:3] not in ("101", "204"))


def _message(line, headers, body, always=False):
    if isinstance(body, str):
        body = body.encode()
    lines = [line] + [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body or always:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def chunked(*pieces, trailers=b""):
    """A chunked body."""
    framed = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces]
    return b"".join(framed) + b"0\r\n" + trailers + b"\r\n"


def packet(kind, namespace="/", number=None, data=None, attachments=None):
    """A Socket.IO packet as text."""
    text = str(kind)
    if attachments is not None:
        text += f"{attachments}-"
    if namespace != "/":
        text += f"{namespace},"
    if number is not None:
        text += str(number)
    if data is not None:
        text += json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return text


def in_base64(data):
    """A binary packet of a polling body."""
    return b"b" + base64.b64encode(data)


POLL = "/socket.io/?EIO=4&transport=polling&sid=ada"
DIAL = "/socket.io/?EIO=4&transport=websocket&sid=ada"


class Talk:
    """A conversation on one connection: ``up`` and ``down`` hand back the new rows.

    Each call is one record; offsets, numbers and times count by themselves.
    """

    def __init__(self, connection=7, **options):
        self.connection = connection
        self.decoder = Decoder(**options)
        self.n = 0
        self.offsets = {True: 0, False: 0}

    def record(self, up, data, kind=None, **more):
        if kind is None:
            kind = "frame" if self.decoder.websocket else "http"
        self.n += 1
        entry = Entry(
            self.n, self.n * 10.0, self.connection, up, kind, data, self.offsets[up], **more
        )
        self.offsets[up] += len(data) + entry.truncated
        return entry

    def up(self, data, kind=None, **more):
        return self.decoder.feed(self.record(True, data, kind, **more))

    def down(self, data, kind=None, **more):
        return self.decoder.feed(self.record(False, data, kind, **more))

    def skip(self, up, size):
        """Bytes that crossed and were not recorded."""
        self.offsets[up] += size

    def upgrade(self, target=DIAL, extensions=None):
        """The handshake of RFC 6455, section 1.3; afterwards frames are fed."""
        offer = {} if extensions is None else {"Sec_WebSocket_Extensions": extensions}
        rows = self.up(
            request(
                target,
                Upgrade="websocket",
                Connection="Upgrade",
                Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==",
                Sec_WebSocket_Version="13",
                **offer,
            )
        )
        return rows + self.down(
            response(
                status="101 Switching Protocols",
                Upgrade="websocket",
                Connection="Upgrade",
                Sec_WebSocket_Accept="s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                **offer,
            )
        )


def names(row):
    """The layers of a row, as words."""
    return [layer["layer"] for layer in row["layers"]]


def layer(row, name, packet=None):
    """The layer of a row with that name (and packet number)."""
    found = [
        layer
        for layer in row["layers"]
        if layer["layer"] == name and (packet is None or layer["packet"] == packet)
    ]
    assert len(found) == 1, f"{len(found)} {name} layers in {names(row)}"
    return found[0]


def stays_linear(seconds, make, size):
    """Whether twice the size takes no more than thrice the time; a square would take four.

    The collector of garbage is off, as in timeit: its rounds follow the size of the heap.
    Others use this machine too, so a bad measurement is taken again, twice at most.
    """
    gc.disable()
    try:
        return any(seconds(make, 2 * size) < 3 * seconds(make, size) + 0.02 for _ in range(3))
    finally:
        gc.enable()


def tiled(fields, bits):
    """Whether fields lie side by side, without hole or overlap, over that many bits."""
    at = 0
    for field in fields:
        if field.start_bit != at or field.bits < 1:
            return False
        at += field.bits
    return at == bits
