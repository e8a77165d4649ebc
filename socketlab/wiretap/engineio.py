"""Engine.IO packets: one character for the type, then the data.

::

    4hello              a message, and what it says
    2probe              a ping that tries out a new transport
    0{"sid":"lv_V..."}  the open packet, with what the server wants the client to know

A WebSocket message is one packet; a binary one is a message packet without the
character. A polling body may hold several packets with the byte 1e between them, and
a binary one is written in base64 behind the letter b.

``packets`` takes a polling body apart, ``decode`` one packet: *this layer and the rest*,
where the rest of a message packet is a Socket.IO packet.

Source: Engine.IO protocol v4, "Protocol" and "Packet encoding".
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any, ClassVar

from ..protocols.packets import (
    BASE64,
    ENGINEIO_TYPES,
    MESSAGE,
    NOOP,
    OPEN,
    PAYLOAD_PACKETS,
    PING,
    PONG,
    PROBE,
    SEPARATOR,
)
from . import jsontext
from .layers import DecodeError, Field, Layer, count, field, first, shown

#: Packets of one polling body that are taken apart: more than any server takes.
PACKETS = 16 * PAYLOAD_PACKETS

ENCODING = 'Engine.IO protocol v4, "Packet encoding"'
HANDSHAKE = 'Engine.IO protocol v4, "Handshake"'

_BASE64 = re.compile(rb"[A-Za-z0-9+/]*+={0,2}")

HEARTBEAT = 'Engine.IO protocol v4, "Heartbeat"'
UPGRADING = 'Engine.IO protocol v4, "Upgrade"'

_MEANINGS = (
    ("open: the server says that the session has begun and by which rules.", HANDSHAKE),
    ("close: this transport may be closed.", 'Engine.IO protocol v4, "Protocol"'),
    ("ping: is the other side still there?", HEARTBEAT),
    ("pong: still there.", HEARTBEAT),
    ("message: what follows is for the layer above.", 'Engine.IO protocol v4, "Message"'),
    ("upgrade: from now on everything goes by this transport.", UPGRADING),
    ("noop: nothing to say; it ends a polling request that was held.", UPGRADING),
)

# Pings and pongs by who sends them, the client or not; with the data "probe", and without.
_PROBES = {
    (PING, True): "ping: the client tries out the new transport. The server answers 3probe.",
    (PONG, False): "pong: the server answers the client's probe. The new transport works.",
}
_BEATS = {
    (PING, False): "ping: the server asks whether the client is still there.",
    (PONG, True): "pong: the client answers that it is still there.",
    (PING, True): "ping, from a client: in version 4 of the protocol only the server asks.",
    (PONG, False): "pong, from a server: in version 4 of the protocol only the client answers.",
}
_NOOP_IN_A_FRAME = "noop: nothing to say. By WebSocket no request is held that it could end."

_OPEN_MEANINGS = {
    "sid": "The name of this session; the client puts it into every later request.",
    "upgrades": "The transports that the client may change to.",
    "pingInterval": "The milliseconds between two pings of the server.",
    "pingTimeout": "The milliseconds the client may take to answer a ping.",
    "maxPayload": "The greatest number of bytes that the server takes at once: in one polling "
    "body; this server, in one WebSocket message, too.",
}


@dataclass(frozen=True)
class EngineioLayer(Layer):
    """One Engine.IO packet.

    ``data`` is what follows the type, with base64 undone; ``encoding`` is "text",
    "base64" or "binary"; ``size`` the packet's bytes; ``separator`` whether a 1e follows;
    ``members`` the parts of an open packet. ``up`` says whether the client sent it,
    ``in_frame`` whether by WebSocket; None where that is not known.
    """

    layer: ClassVar[str] = "engineio"

    type: int
    data: bytes
    encoding: str
    size: int
    separator: bool = False
    members: tuple[jsontext.Part, ...] = ()
    up: bool | None = None
    in_frame: bool | None = None

    @property
    def name(self) -> str:
        """The type in a word."""
        return ENGINEIO_TYPES[self.type]

    @property
    def binary(self) -> bool:
        """Whether the data is bytes rather than text."""
        return self.encoding != "text"

    def __str__(self) -> str:
        if self.binary:
            how = ", in base64" if self.encoding == "base64" else ""
            return f"message, {count(len(self.data), 'byte')} of binary{how}"
        if self.type == MESSAGE:
            return f"message, {count(len(self.data), 'byte')}"
        return f"{self.name} {shown(self.data, 60)}" if self.data else self.name

    @property
    def fields(self) -> tuple[Field, ...]:
        fields = self._binary_fields() if self.binary else self._text_fields()
        if self.separator:
            fields.append(
                field(
                    "separator",
                    self.size,
                    1,
                    "1e",
                    "The record separator: here the next packet of the same body begins.",
                    ENCODING,
                )
            )
        return tuple(fields)

    def _text_fields(self) -> list[Field]:
        fields = [field("type", 0, 1, f"{self.type} ({self.name})", *self._about_type())]
        for part in self.members:
            fields.append(
                field(
                    part.key or "",
                    1 + part.start,
                    part.size,
                    jsontext.compact(part.value),
                    _OPEN_MEANINGS.get(part.key or "", "A member that the protocol does not name."),
                    HANDSHAKE,
                )
            )
        if self.data and not self.members:
            fields.append(
                field(
                    "data",
                    1,
                    self.size - 1,
                    shown(self.data),
                    "probe: does a message get through on the new transport?"
                    if self.is_probe
                    else "What the packet carries.",
                    UPGRADING if self.is_probe else ENCODING,
                )
            )
        return fields

    @property
    def is_probe(self) -> bool:
        """Whether it tries out a new transport, or answers that."""
        return self.type in (PING, PONG) and self.data == PROBE.encode()

    def _about_type(self) -> tuple[str, str]:
        """What the type means from this sender on this transport, and the source."""
        meaning, source = _MEANINGS[self.type]
        if self.type == NOOP and self.in_frame:
            return _NOOP_IN_A_FRAME, source
        if self.up is None or self.type not in (PING, PONG):
            return meaning, source
        if self.is_probe:
            return _PROBES.get((self.type, self.up), meaning), UPGRADING
        return _BEATS[self.type, self.up], source

    def _binary_fields(self) -> list[Field]:
        value = shown(self.data[:40].hex(" "))
        if self.encoding == "binary":
            meaning = "A binary message: the bytes as they are, without a type in front."
            return [field("data", 0, self.size, value, meaning, ENCODING)] if self.data else []
        return [
            field(
                "binary",
                0,
                1,
                BASE64,
                "A binary message follows, spelled in base64 because the body is text.",
                ENCODING,
            ),
            field(
                "data",
                1,
                self.size - 1,
                value,
                "Four base64 characters stand for three bytes.",
                "RFC 4648, section 4",
            ),
        ]

    def details(self) -> dict[str, Any]:
        details: dict[str, Any] = {"type": self.name, "encoding": self.encoding}
        if self.members:
            details["data"] = {part.key: part.value for part in self.members}
        elif self.binary:
            details["data_hex"] = self.data.hex()
        elif self.type != MESSAGE and self.data:
            details["data"] = self.data.decode("utf-8", "replace")
        return details


def packets(body: bytes) -> tuple[list[tuple[int, bytes]], int]:
    """The packets of a polling body with their offsets, and how many bytes are left over.

    At most PACKETS are taken apart; the rest of the bytes are counted.

    Source: Engine.IO protocol v4, "Packet encoding", HTTP long-polling.
    """
    pieces = body.split(SEPARATOR.encode(), PACKETS)
    left = 0
    if len(pieces) > PACKETS:
        left = len(pieces.pop())
    found, at = [], 0
    for piece in pieces:
        found.append((at, piece))
        at += len(piece) + 1
    return found, left


def decode(
    data: bytes,
    binary: bool = False,
    separator: bool = False,
    *,
    up: bool | None = None,
    in_frame: bool | None = None,
) -> tuple[EngineioLayer, bytes] | None:
    """A packet and what it carries for the layer above; None if there is not even a type.

    ``binary`` says that the bytes were a binary WebSocket message, ``separator`` that a
    1e followed in the body; ``up`` and ``in_frame`` as of the layer.
    Raises DecodeError for an unknown type, for text that is no UTF-8, for bad base64
    and for an open packet without its JSON.
    """
    if binary:
        return EngineioLayer(MESSAGE, data, "binary", len(data), separator), data
    if not data:
        return None
    if data[:1] == BASE64.encode():
        content = _from_base64(data)
        return EngineioLayer(MESSAGE, content, "base64", len(data), separator), content
    kind = data[0] - 0x30
    if not 0 <= kind < len(ENGINEIO_TYPES):
        raise DecodeError(
            "engineio",
            0,
            f'no packet type is called "{first(data)}"; the types are 0 to 6',
            'Engine.IO protocol v4, "Protocol"',
        )
    rest = data[1:]
    try:
        rest.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DecodeError(
            "engineio",
            1 + error.start,
            f"the byte {data[1 + error.start]:02x} does not belong into UTF-8",
            ENCODING,
        ) from None
    members = _open_members(rest) if kind == OPEN else ()
    packet = EngineioLayer(
        kind, rest, "text", len(data), separator, members, up=up, in_frame=in_frame
    )
    return packet, rest if kind == MESSAGE else b""


def _from_base64(data: bytes) -> bytes:
    found = _BASE64.match(data, 1)
    fit = found.end() if found else 1
    if fit != len(data):
        raise DecodeError(
            "engineio",
            fit,
            f'"{first(data[fit:])}" is no base64 character in this place',
            "RFC 4648, section 4",
        )
    try:
        return base64.b64decode(data[1:], validate=True)
    except binascii.Error:
        raise DecodeError(
            "engineio",
            len(data),
            f"{count(len(data) - 1, 'base64 character')}: they come in groups of four",
            "RFC 4648, section 4",
        ) from None


def _open_members(data: bytes) -> tuple[jsontext.Part, ...]:
    value, members = jsontext.parts(data, "engineio", 1)
    if not isinstance(value, dict):
        raise DecodeError("engineio", 1, "an open packet carries an object as JSON", HANDSHAKE)
    if not isinstance(value.get("sid"), str):
        raise DecodeError("engineio", 1, "an open packet carries sid, a text", HANDSHAKE)
    return tuple(members)
