"""What every decoder hands back: fields, layers, and one kind of error.

A *layer* is one envelope around the next: the TCP stream, an HTTP message or a
WebSocket frame, an Engine.IO packet, a Socket.IO packet, your event. Each decoder
module has a ``decode`` that takes bytes and hands back *this layer and the rest*, or
None where not all of it is here yet.

A layer prints in one line, carries ``fields``, and turns into the JSON object of a
wire row with ``to_json``::

    {"layer": "websocket", "summary": "text, final, masked, 15 bytes", ...,
     "fields": [{"name": "FIN", "start_bit": 0, "bits": 1, "value": "1",
                 "meaning": "...", "source": "RFC 6455, section 5.2"}, ...]}

Bits are counted from the first bit of the layer's own first byte, most significant
bit first, as the specifications draw them.

Source: RFC 9293, section 3.1 (TCP numbers the bytes of a stream).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

# Longer texts are cut in summaries and field values: the bytes themselves are in the row.
SHOWN = 120


class DecodeError(Exception):
    """Bytes that break a rule.

    ``layer`` names the layer whose rule it is, ``at`` is the byte offset within the
    bytes of that layer, ``message`` a sentence with the values, ``source`` the document
    and section that say so.
    """

    def __init__(self, layer: str, at: int, message: str, source: str):
        super().__init__(layer, at, message, source)
        self.layer = layer
        self.at = at
        self.message = message
        self.source = source

    def __str__(self) -> str:
        return f"{self.message} ({self.layer}, byte {self.at}; {self.source})"

    def to_json(self) -> dict[str, Any]:
        """The ``error`` of a row."""
        return {
            "layer": self.layer,
            "at": self.at,
            "message": self.message,
            "source": self.source,
        }


@dataclass(frozen=True)
class Field:
    """Some neighbouring bits with one meaning.

    ``value`` is text for the eye, ``meaning`` one sentence, ``source`` the document.
    """

    name: str
    start_bit: int
    bits: int
    value: str
    meaning: str
    source: str

    def to_json(self) -> dict[str, Any]:
        """The field as it stands in a row."""
        return {
            "name": self.name,
            "start_bit": self.start_bit,
            "bits": self.bits,
            "value": self.value,
            "meaning": self.meaning,
            "source": self.source,
        }


class Layer:
    """The base of every decoded value. Children are frozen dataclasses."""

    layer: ClassVar[str] = ""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The parts of this layer's own bytes, in order."""
        return ()

    def details(self) -> dict[str, Any]:
        """What this kind of layer has besides layer, summary and fields."""
        return {}

    def to_json(self) -> dict[str, Any]:
        """The layer as it stands in a row."""
        return {
            "layer": self.layer,
            "summary": str(self),
            **self.details(),
            "fields": [field.to_json() for field in self.fields],
        }


@dataclass(frozen=True)
class Tcp(Layer):
    """Where bytes stood in the stream of one direction.

    TCP itself shows a program no segments and no headers, only a stream; hence there
    are no fields. ``offset`` counts the bytes of this direction from the first one.

    Source: RFC 9293, section 3.1.
    """

    layer: ClassVar[str] = "tcp"

    connection: int
    up: bool
    offset: int
    length: int

    def __str__(self) -> str:
        way = "client to server" if self.up else "server to client"
        if not self.length:
            return f"connection {self.connection}, {way}, no bytes at {self.offset}"
        last = self.offset + self.length - 1
        return f"connection {self.connection}, {way}, bytes {self.offset} to {last}"

    def to_json(self) -> dict[str, Any]:
        """The layer as it stands in a row."""
        return {
            "layer": "tcp",
            "summary": str(self),
            "connection": self.connection,
            "offset": self.offset,
            "length": self.length,
            "fields": [],
        }


def field(
    name: str, start: int, size: int, value: str, meaning: str, source: str, bit: int = 0
) -> Field:
    """A field of whole bytes: ``start`` and ``size`` in bytes."""
    return Field(name, start * 8 + bit, size * 8, value, meaning, source)


def shown(value: str | bytes, limit: int = SHOWN) -> str:
    """Text fit for one line of a page or a terminal: cut, with control characters escaped."""
    if isinstance(value, bytes):
        # A character has at most 4 bytes, so this much is enough for ``limit`` of them.
        text = value[: limit * 4 + 4].decode("utf-8", "replace")
        whole = len(value) <= limit * 4 + 4
    else:
        text, whole = value[: limit + 1], len(value) <= limit + 1
    cut = text[:limit]
    if not cut.isprintable():
        cut = "".join(c if c.isprintable() else _escaped(c) for c in cut)
    return cut if whole and len(text) <= limit else cut + "…"


def first(data: bytes) -> str:
    """The first character of bytes that should be text, fit for a line."""
    return shown(data[:4].decode("utf-8", "replace")[:1])


def _escaped(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def count(number: int, noun: str) -> str:
    """A number with its noun: ``1 byte``, ``15 bytes``, ``1,024 bytes``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
