"""Socket.IO packets: their type, namespace, ack id, and JSON.

::

    2                   EVENT
    51-                 BINARY_EVENT, one attachment follows in a message of its own
    2/rooms,            of the namespace /rooms
    2/rooms,12          the sender wants an acknowledgement, ack id 12
    2/rooms,12["join",{"room":"lab"}]        name and arguments

``decode`` hands back the packet and the rest; of an EVENT or an ACK the rest is the JSON
array that ``decode_event`` reads: your event. Bytes cannot stand in JSON, so a binary
event holds ``{"_placeholder":true,"num":0}`` in their place; ``with_attachments`` puts
them back once they have come.

Source: Socket.IO protocol v5, "Exchange protocol" and "Packet encoding".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ..protocols.packets import (
    ACK,
    BINARY_ACK,
    BINARY_EVENT,
    CONNECT,
    CONNECT_ERROR,
    DISCONNECT,
    EVENT,
    SOCKETIO_TYPES,
)
from ..protocols.strict_json import INTEGER
from . import jsontext
from .layers import DecodeError, Field, Layer, count, field, first, shown

#: Attachments that are waited for. A sender may announce any number, and whoever believes
#: it waits for ever; our own server takes none, since no demo sends bytes.
ATTACHMENTS = 64

#: Arguments that get a field of their own.
SHOWN_ARGUMENTS = 32

ENCODING = 'Socket.IO protocol v5, "Packet encoding"'
EXCHANGE = 'Socket.IO protocol v5, "Exchange protocol"'
DATA = 'Socket.IO protocol v5, "Sending and receiving data"'
CONNECTION = 'Socket.IO protocol v5, "Connection to a namespace"'
ANSWER = 'Socket.IO protocol v5, "Acknowledgement"'

_ATTACHMENTS = re.compile(rb"(\d{0,20})-")
_DIGITS = re.compile(rb"\d*+")

_MEANINGS = (
    "CONNECT: the client asks to enter a namespace, or the server lets it in.",
    "DISCONNECT: one side leaves the namespace; the connection may stay.",
    "EVENT: something with a name happened.",
    "ACK: the acknowledgement of an event that asked for one.",
    "CONNECT_ERROR: the server does not let the client into the namespace.",
    "BINARY_EVENT: an event with bytes in it, which follow separately.",
    "BINARY_ACK: an acknowledgement with bytes in it, which follow separately.",
)

_SOURCES = (
    CONNECTION,
    'Socket.IO protocol v5, "Disconnection from a namespace"',
    DATA,
    ANSWER,
    CONNECTION,
    DATA,
    ANSWER,
)


@dataclass(frozen=True)
class SocketioLayer(Layer):
    """One Socket.IO packet without its event.

    ``namespace`` without the query part, ``query`` what stood behind a question mark,
    ``id`` the acknowledgement number or None, ``attachments`` the announced number,
    ``data`` the JSON value of CONNECT and CONNECT_ERROR (None if there is none),
    ``spans`` where the parts stand in the ``size`` bytes, ``payload`` the JSON of an event,
    cut for showing.
    """

    layer: ClassVar[str] = "socketio"

    type: int
    namespace: str = "/"
    query: str = ""
    id: int | None = None
    attachments: int = 0
    data: object = None
    size: int = 0
    spans: tuple[tuple[str, int, int], ...] = ()
    payload: str = ""

    @property
    def name(self) -> str:
        """The type as the protocol shouts it."""
        return SOCKETIO_TYPES[self.type]

    @property
    def is_event(self) -> bool:
        """EVENT or BINARY_EVENT."""
        return self.type in (EVENT, BINARY_EVENT)

    @property
    def is_binary(self) -> bool:
        """BINARY_EVENT or BINARY_ACK: some of its parts follow as bytes."""
        return self.type in (BINARY_EVENT, BINARY_ACK)

    @property
    def is_ack(self) -> bool:
        """ACK or BINARY_ACK."""
        return self.type in (ACK, BINARY_ACK)

    def __str__(self) -> str:
        text = f"{self.name} {shown(self.namespace, 60)}"
        if self.id is not None:
            text += f", ack id {self.id}"
        if self.attachments:
            text += f", {count(self.attachments, 'attachment')}"
        if self.data is not None:
            text += f" {jsontext.compact(self.data, 80)}"
        return text

    @property
    def fields(self) -> tuple[Field, ...]:
        fields = []
        for name, start, size in self.spans:
            value, meaning, source = self._explain(name)
            fields.append(field(name, start, size, value, meaning, source))
        return tuple(fields)

    def _explain(self, name: str) -> tuple[str, str, str]:
        if name == "type":
            return f"{self.type} ({self.name})", _MEANINGS[self.type], _SOURCES[self.type]
        if name == "attachments":
            meaning = "So many binary messages follow; only with the last one is this complete."
            return str(self.attachments), meaning, ENCODING
        if name == "namespace":
            meaning = "Whom it concerns: many namespaces share one connection. A comma ends it."
            return shown(self.namespace), meaning, ENCODING
        if name == "query":
            meaning = "Not part of the name: python-socketio drops it."
            return shown(self.query), meaning, "python-socketio, Packet.decode"
        if name == "id":
            if self.is_ack:
                return str(self.id), "The ack id of the event that is acknowledged.", ANSWER
            asks = "The ack id: the sender wants an acknowledgement with this number on it."
            return str(self.id), asks, ANSWER
        if name == "payload":
            return self.payload, "The JSON array of the event: the next layer.", ENCODING
        meaning = "What comes with it, as JSON."
        if self.type == CONNECT:
            meaning = (
                "From the client: who it is (auth). From the server: the sid in this namespace."
            )
        if self.type == CONNECT_ERROR:
            meaning = "Why the client was refused."
        return jsontext.compact(self.data), meaning, CONNECTION

    def details(self) -> dict[str, Any]:
        details: dict[str, Any] = {"type": self.name, "namespace": self.namespace, "id": self.id}
        if self.query:
            details["query"] = self.query
        if self.is_binary:
            details["attachments"] = self.attachments
        if self.data is not None:
            details["data"] = self.data
        return details


@dataclass(frozen=True)
class Event(Layer):
    """Your event: its name and arguments; of an ACK there is no name, only arguments.

    ``ack`` is the number that an ACK answers (else None), ``answers`` the name of the
    event it answers, where that is known.
    """

    layer: ClassVar[str] = "event"

    name: str | None
    args: tuple[Any, ...]
    spans: tuple[tuple[str, int, int], ...] = ()
    ack: int | None = None
    answers: str | None = None

    def __str__(self) -> str:
        name = shown(self.name, 64) if self.name is not None else "ack"
        if self.answers is not None:
            name += f" of {shown(self.answers, 64)}"
        return " ".join([name, *(jsontext.compact(arg, 80) for arg in self.args[:4])])

    @property
    def fields(self) -> tuple[Field, ...]:
        fields = []
        for name, start, size in self.spans:
            if name == "name":
                meaning = "The name of the event: a handler of this name runs, if there is one."
                fields.append(field(name, start, size, shown(self.name or ""), meaning, DATA))
                continue
            index = int(name.rpartition(" ")[2]) - 1
            if self.name is None:
                meaning = "What the handler of the event gave back."
            else:
                meaning = "What the sender hands to the handler."
            value = jsontext.compact(self.args[index])
            fields.append(field(name, start, size, value, meaning, DATA))
        return tuple(fields)

    def details(self) -> dict[str, Any]:
        details: dict[str, Any] = {"name": self.name, "args": list(self.args)}
        if self.name is None:
            details["ack"] = self.ack
            details["answers"] = self.answers
        return details


@dataclass(frozen=True)
class Attachment(Layer):
    """A binary message that belongs to an earlier packet.

    ``number`` counts from 0; ``size`` are its bytes, ``wire`` those it takes in the
    message, which are more in base64.

    Source: Socket.IO protocol v5, "Packet encoding".
    """

    layer: ClassVar[str] = "socketio"

    packet: SocketioLayer
    number: int
    size: int
    wire: int

    def __str__(self) -> str:
        return (
            f"attachment {self.number + 1} of {self.packet.attachments}, "
            f"{count(self.size, 'byte')}, of {self.packet.name} {shown(self.packet.namespace, 60)}"
        )

    @property
    def fields(self) -> tuple[Field, ...]:
        meaning = f"These bytes take the place of the placeholder with num {self.number}."
        if not self.size:
            return ()
        return (field("attachment", 0, self.wire, f"num {self.number}", meaning, ENCODING),)

    def details(self) -> dict[str, Any]:
        return {
            "type": self.packet.name,
            "namespace": self.packet.namespace,
            "id": self.packet.id,
            "attachments": self.packet.attachments,
            "attachment": self.number,
        }


def decode(data: bytes) -> tuple[SocketioLayer, bytes] | None:
    """A packet and the JSON of its event; None if there is not even a type.

    The rest is empty unless the packet is an EVENT, an ACK or a binary one.
    Raises DecodeError for an unknown type, an attachment count that is missing or over
    ATTACHMENTS, an id over 2^53-1, a namespace or JSON that is no UTF-8, JSON that is
    none, and a payload that the type does not allow.
    """
    if not data:
        return None
    kind = data[0] - 0x30
    if not 0 <= kind < len(SOCKETIO_TYPES):
        raise DecodeError(
            "socketio",
            0,
            f'no packet type is called "{first(data)}"; the types are 0 to 6',
            EXCHANGE,
        )
    at, attachments, spans = 1, 0, [("type", 0, 1)]
    if kind in (BINARY_EVENT, BINARY_ACK):
        attachments, end = _attachments(data)
        spans.append(("attachments", at, end - at))
        at = end
    namespace, query, at = _namespace(data, at, spans)
    number, at = _id(data, at, spans)
    rest = data[at:]
    packet = SocketioLayer(kind, namespace, query, number, attachments, None, len(data))
    if kind in (CONNECT, DISCONNECT, CONNECT_ERROR):
        value = jsontext.read(rest, "socketio", at) if rest else None
        _check_data(kind, value, bool(rest), at)
        if rest:
            spans.append(("data", at, len(rest)))
        return replace(packet, data=value, spans=tuple(spans)), b""
    if rest:
        spans.append(("payload", at, len(rest)))
    return replace(packet, spans=tuple(spans), payload=shown(rest)), rest


def decode_event(packet: SocketioLayer, rest: bytes, answers: str | None = None) -> Event:
    """The event of a packet: name and arguments, or only the arguments of an answer.

    Raises DecodeError, in the name of the Socket.IO layer, for JSON that is none, for an
    array that is empty or no array, and for a name that is no text.
    """
    base = packet.size - len(rest)
    if not rest:
        what = "an event carries its name" if packet.is_event else "an answer carries an array"
        raise DecodeError(
            "socketio", base, f"{what}, and here is nothing", DATA if packet.is_event else ANSWER
        )
    value, parts = jsontext.parts(rest, "socketio", base, SHOWN_ARGUMENTS + 1)
    if packet.is_ack:
        if not isinstance(value, list):
            raise DecodeError("socketio", base, "an answer is an array", ANSWER)
        spans = tuple((f"argument {n}", p.start, p.size) for n, p in enumerate(parts, 1))
        return Event(None, tuple(value), spans, packet.id, answers)
    if not isinstance(value, list) or not value:
        raise DecodeError("socketio", base, "an event is an array that begins with its name", DATA)
    if not isinstance(value[0], str):
        raise DecodeError(
            "socketio",
            base + parts[0].start,
            f"the name of an event is a text, not {jsontext.compact(value[0], 40)}",
            DATA,
        )
    named = [("name", parts[0].start, parts[0].size)]
    named += [(f"argument {n}", p.start, p.size) for n, p in enumerate(parts[1:], 1)]
    return Event(value[0], tuple(value[1:]), tuple(named))


def with_attachments(event: Event, attachments: Sequence[bytes]) -> Event:
    """The event with its bytes in place: ``{"attachment": 0, "size": 4, "hex": "01020304"}``.

    Bytes are written out where they are first placed, so that a packet of placeholders
    cannot multiply them. Raises DecodeError for a placeholder that no attachment fits.
    """
    placed: set[int] = set()

    def fill(value: Any) -> Any:
        if isinstance(value, list):
            return [fill(item) for item in value]
        if not isinstance(value, dict):
            return value
        if value.get("_placeholder") is not True:
            return {key: fill(item) for key, item in value.items()}
        number = value.get("num")
        if type(number) is not int or not 0 <= number < len(attachments):
            raise DecodeError(
                "socketio",
                0,
                f"a placeholder asks for attachment {jsontext.compact(number, 40)}, "
                f"and there are {len(attachments)}",
                ENCODING,
            )
        filled: dict[str, Any] = {"attachment": number, "size": len(attachments[number])}
        if number not in placed:
            placed.add(number)
            filled["hex"] = attachments[number].hex()
        return filled

    return replace(event, args=tuple(fill(list(event.args))), spans=())


def _attachments(data: bytes) -> tuple[int, int]:
    match = _ATTACHMENTS.match(data, 1)
    if match is None or not match[1]:
        raise DecodeError(
            "socketio",
            1,
            f"a {SOCKETIO_TYPES[data[0] - 0x30]} says how many attachments follow, like 1-",
            ENCODING,
        )
    number = int(match[1])
    if number > ATTACHMENTS:
        raise DecodeError(
            "socketio",
            1,
            f"{number:,} attachments are announced; at most {ATTACHMENTS} are waited for",
            ENCODING,
        )
    return number, match.end()


def _namespace(data: bytes, at: int, spans: list[tuple[str, int, int]]) -> tuple[str, str, int]:
    if data[at : at + 1] != b"/":
        return "/", "", at
    comma = data.find(b",", at)
    end = len(data) if comma < 0 else comma
    try:
        text = data[at:end].decode("utf-8")
    except UnicodeDecodeError as error:
        raise DecodeError(
            "socketio", at + error.start, "the namespace is no UTF-8", ENCODING
        ) from None
    namespace, mark, query = text.partition("?")
    split = at + len(namespace.encode("utf-8"))
    after = end if comma < 0 else end + 1
    if mark:
        spans.append(("namespace", at, split - at))
        spans.append(("query", split, after - split))
    else:
        spans.append(("namespace", at, after - at))
    return namespace, query, after


def _id(data: bytes, at: int, spans: list[tuple[str, int, int]]) -> tuple[int | None, int]:
    found = _DIGITS.match(data, at)
    end = found.end() if found else at
    if end == at:
        return None, at
    digits = data[at:end]
    if len(digits) > 100 or int(digits) > INTEGER:
        raise DecodeError(
            "socketio",
            at,
            f"the acknowledgement id has {count(len(digits), 'digit')}; "
            f"JavaScript counts exactly up to {INTEGER:,}",
            "ECMAScript, Number.MAX_SAFE_INTEGER",
        )
    spans.append(("id", at, end - at))
    return int(digits), end


def _check_data(kind: int, value: object, given: bool, at: int) -> None:
    if kind == DISCONNECT and given:
        raise DecodeError(
            "socketio",
            at,
            "a DISCONNECT carries nothing",
            'Socket.IO protocol v5, "Disconnection from a namespace"',
        )
    if kind == CONNECT and value is not None and not isinstance(value, dict):
        raise DecodeError("socketio", at, "a CONNECT carries an object or nothing", CONNECTION)
    if kind == CONNECT_ERROR and not isinstance(value, (dict, str)):
        raise DecodeError(
            "socketio", at, "a CONNECT_ERROR says why, as an object or a text", CONNECTION
        )
