"""Engine.IO and Socket.IO packets: their types, and what a client may send. Pure.

    an Engine.IO packet     <type><data>           types 0 to 6, one digit
    a Socket.IO packet      <type>[<n>-][<namespace>,][<ack id>][<JSON>]
    n attachments           a message of bytes each; {"_placeholder":true,"num":0} stands for
                            the first of them in the JSON

The server reads packets strictly: :func:`engine` judges the first, :func:`read` the second. A
packet that breaks the protocol raises :class:`Broken`: the connection ends with 1002. An event
whose ack id can be read comes back with ``error``, a sentence, instead: its sender gets to read
it. A namespace that wants our own rules (one object per event, names of ours, no bytes) has
them from :func:`strict`, which refuses in the same two ways.
Source: Engine.IO protocol v4, "Packet encoding"; Socket.IO protocol v5, "Packet encoding".
"""

import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from . import strict_json
from .strict_json import PLACEHOLDER

# Engine.IO
OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP = range(7)
ENGINEIO_TYPES = ("open", "close", "ping", "pong", "message", "upgrade", "noop")
ENGINEIO_PATH = "/socket.io/"  # the address that clients of both protocols ask for by default
SEPARATOR = "\x1e"  # between the packets of a polling body
BASE64 = "b"  # the type of a binary message in a polling body: its base64 follows
PROBE = "probe"  # the data of the ping and the pong that try out a WebSocket

# Socket.IO
CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = range(7)
SOCKETIO_TYPES = (
    "CONNECT",
    "DISCONNECT",
    "EVENT",
    "ACK",
    "CONNECT_ERROR",
    "BINARY_EVENT",
    "BINARY_ACK",
)
NO_ACK = object()  # what a handler returns that leaves even an event with an ack id unanswered
RESERVED = frozenset(
    ("connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener")
)
CATCH_ALL = "*"  # python-socketio keeps the handler of all other events under this name

# Limits of ours
NAMESPACE = 64  # characters; longer than any of ours, short enough for a sentence
NAME = 64  # characters of an event's name: of ours, and of any in a sentence
ATTACHMENTS = 4  # of one packet
PAYLOAD_PACKETS = 16  # in one polling answer of ours; python-engineio's client reads no more
SHAPE = 'send one object, like {"text": "hello"}'

_SOCKET = re.compile(
    r"(?P<type>[0-6])"
    r"(?:(?P<attachments>[0-9]{1,10})-)?"
    r"(?:(?P<namespace>/[^,\x00-\x20\x7f]*)(?:,|\Z))?"
    r"(?P<id>[0-9]+)?"
    r"(?P<data>.*)",
    re.DOTALL,
)
_NAME = re.compile(r"[a-z_]{1,64}")


class Broken(Exception):
    """The packet breaks the protocol; its text says how. ``limit``: see health.py."""

    def __init__(self, sentence: str, limit: str = "packet") -> None:
        super().__init__(sentence)
        self.limit = limit


@dataclass(slots=True)
class SocketioPacket:
    """A Socket.IO packet that may be acted on, or answered with its ``error``."""

    type: int
    namespace: str
    id: int | None
    data: Any
    error: str | None = None
    attachments: int = 0  # byte messages that belong to it
    limit: str = ""  # that the error is about, if it is about one

    @property
    def is_event(self) -> bool:
        """With or without bytes."""
        return self.type in (EVENT, BINARY_EVENT)

    @property
    def is_ack(self) -> bool:
        """With or without bytes."""
        return self.type in (ACK, BINARY_ACK)


def engine(message: str | bytes, polling: bool = False) -> str:
    """The type of an Engine.IO packet that a client may send: a digit, or "b" for bytes.

    The steps of an upgrade are not among them: the WebSocket that is tried takes no others. In
    a polling body bytes are text, "b" and their base64. Raises Broken.
    """
    if not isinstance(message, str) or polling and message[:1] == BASE64:
        return BASE64
    kind, rest = message[:1], message[1:]
    if kind == "4":
        return kind
    if kind in ("1", "3") and not rest:
        return kind
    if not kind:
        raise Broken("an Engine.IO packet has at least its type")
    if kind not in "0123456":
        raise Broken("an Engine.IO packet starts with its type, 0 to 6")
    raise Broken(f"a client does not send Engine.IO packet {kind} here")


def payload(body: bytes) -> list[str]:
    """The packets of a polling request's body, as many as it holds; raises Broken."""
    try:
        return body.decode("utf-8").split(SEPARATOR)
    except UnicodeDecodeError:
        raise Broken("a polling body is UTF-8") from None


def attachment(message: str | bytes) -> bytes:
    """The bytes of a message that :func:`engine` has found to be bytes; raises Broken."""
    if isinstance(message, bytes):
        return message
    try:
        return b64decode(message[1:], validate=True)
    except ValueError:
        raise Broken("bytes in a polling body are base64") from None


def read(text: str) -> SocketioPacket:
    """The Socket.IO packet in an Engine.IO message; raises Broken."""
    match = _SOCKET.fullmatch(text)
    if match is None:
        raise Broken("a Socket.IO packet starts with its type, 0 to 6")
    digit, attachments, namespace, number, data = match.groups()
    kind, namespace = int(digit), namespace.partition("?")[0] if namespace else "/"
    if len(namespace) > NAMESPACE:
        raise Broken(f"a namespace is longer than {NAMESPACE} characters")
    if number is not None and (len(number) > 10 or int(number) >= 2**31):
        raise Broken("an ack id is at least 0 and below 2^31")
    packet = SocketioPacket(kind, namespace, None if number is None else int(number), None)
    if kind in (BINARY_EVENT, BINARY_ACK):
        packet.attachments = int(attachments or 0)
        if not 0 < packet.attachments <= ATTACHMENTS:
            sentence = f"a binary packet announces 1 to {ATTACHMENTS} attachments"
            raise Broken(sentence, "attachments")
    elif attachments:
        raise Broken("only a binary packet counts attachments")
    try:
        packet.data = strict_json.loads(data) if data else None
    except RecursionError:
        raise Broken("nested too deep", "json") from None
    except ValueError as error:
        if packet.is_event:
            return _refused(packet, f"the payload is not JSON that we take: {error}", "json")
        raise Broken(f"the data is not JSON that we take: {error}", "json") from None
    return _CHECKS[kind](packet)


def _refused(packet: SocketioPacket, sentence: str, limit: str = "event") -> SocketioPacket:
    if packet.id is None or not packet.is_event:
        raise Broken(sentence, limit)
    packet.data, packet.error, packet.limit = None, sentence, limit
    return packet


def _connect(packet: SocketioPacket) -> SocketioPacket:
    if packet.id is not None or not isinstance(packet.data, dict | None):
        raise Broken("CONNECT carries an object or nothing")
    return packet


def _disconnect(packet: SocketioPacket) -> SocketioPacket:
    if packet.id is not None or packet.data is not None:
        raise Broken("DISCONNECT carries nothing")
    return packet


def _event(packet: SocketioPacket) -> SocketioPacket:
    data = packet.data
    if not isinstance(data, list) or not data or not isinstance(data[0], str):
        return _refused(packet, "an event is a list that starts with its name")
    if data[0] in RESERVED or data[0] == CATCH_ALL:
        return _refused(packet, f"{data[0]!r} cannot be the name of an event")
    return _placed(packet)


def _ack(packet: SocketioPacket) -> SocketioPacket:
    if packet.id is None or not isinstance(packet.data, list):
        raise Broken("an ack has an id and a list")
    return _placed(packet)


def _placed(packet: SocketioPacket) -> SocketioPacket:
    """Each attachment has its one place: whoever relays it then sends no more than came."""
    if packet.attachments:
        try:
            numbers = sorted(_placeholders(packet.data))
        except ValueError as error:
            return _refused(packet, str(error), "attachments")
        if numbers != list(range(packet.attachments)):
            return _refused(packet, "each attachment has one placeholder", "attachments")
    return packet


def _placeholders(value: object) -> Iterator[int]:
    if isinstance(value, dict) and PLACEHOLDER in value:
        number = value.get("num")
        if value[PLACEHOLDER] is not True or type(number) is not int or len(value) != 2:
            raise ValueError('a placeholder is {"_placeholder":true,"num":n}')
        yield number
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _placeholders(inner)


def put_together(value: Any, attachments: Sequence[bytes]) -> Any:
    """The data of a packet that :func:`read` has let pass, each attachment in its place."""
    if isinstance(value, dict):
        if PLACEHOLDER in value:
            return attachments[value["num"]]
        return {key: put_together(inner, attachments) for key, inner in value.items()}
    if isinstance(value, list):
        return [put_together(inner, attachments) for inner in value]
    return value


def strict(packet: SocketioPacket) -> SocketioPacket:
    """Judges an event by our own rules, for a namespace that wants them; raises Broken."""
    if packet.attachments:
        return _refused(packet, "nothing here takes bytes: send text", "attachments")
    if packet.is_event:
        name, *values = packet.data
        if not _NAME.fullmatch(name):
            return _refused(packet, f"{name[:NAME]!r} cannot be the name of an event")
        if len(values) != 1 or not isinstance(values[0], dict):
            return _refused(packet, SHAPE)
    return packet


def _connect_error(packet: SocketioPacket) -> SocketioPacket:
    raise Broken("a client does not send CONNECT_ERROR")


_CHECKS: tuple[Callable[[SocketioPacket], SocketioPacket], ...] = (
    _connect,
    _disconnect,
    _event,
    _ack,
    _connect_error,
    _event,
    _ack,
)


def prefix(kind: int, namespace: str, number: int | None = None) -> str:
    """The head of an outgoing packet: type, namespace unless it is "/", ack id."""
    head = str(kind) if namespace == "/" else f"{kind}{namespace},"
    return head if number is None else f"{head}{number}"


def write(
    kind: int, namespace: str, number: int | None = None, data: Any = None
) -> list[str | bytes]:
    """The messages of an outgoing packet: its text, then its attachments if it has any.

    Raises TypeError or ValueError for what no client could read.
    """
    if data is None:
        return [prefix(kind, namespace, number)]
    text, attachments = strict_json.take_apart(data)
    if not attachments:
        return [prefix(kind, namespace, number) + text]
    if kind not in (EVENT, ACK):
        raise TypeError(f"{SOCKETIO_TYPES[kind]} carries no bytes")
    head = prefix(kind + BINARY_EVENT - EVENT, namespace, number)
    return [f"{head[0]}{len(attachments)}-{head[1:]}{text}", *attachments]


_LABEL = re.compile(r'4([0-6])(?:\d*-)?(/[^,]*)?,?\d*(?:\["([a-z_]{1,64})")?')
_ENGINE_LABELS = {
    **{str(kind): name for kind, name in enumerate(ENGINEIO_TYPES) if kind != MESSAGE},
    f"{PING}{PROBE}": PROBE,
    f"{PONG}{PROBE}": PROBE,
}
_SOCKET_LABELS = ("connect", "disconnect", "event", "ack", "connect_error", "binary", "binary")


def label(message: str | bytes) -> str:
    """What a message is counted under: "ping", "/rooms join", "/rooms ack", …"""
    if not isinstance(message, str):
        return "binary"
    match = _LABEL.match(message)
    if match is None:
        return _ENGINE_LABELS.get(message) or _ENGINE_LABELS.get(message[:1], "unreadable")
    digit, namespace, name = match.groups()
    kind = int(digit)
    if kind != EVENT:
        name = _SOCKET_LABELS[kind]
    return f"{(namespace or '/')[:NAMESPACE]} {name or 'event'}"
