"""JSON that any client can read back, in both directions. Pure.

Python's own module accepts and writes more than JSON: NaN and infinities, numbers that become
infinite, integers no browser can hold, halves of surrogate pairs. One such value, relayed,
disconnects every browser in the class, so it is refused on the way in and on the way out.

Depth and node count are bounded *before* parsing, from the text: a parser that recurses must
not meet 50,000 brackets.
Source: RFC 8259, sections 2 to 8; RFC 7493 (I-JSON), section 2.
"""

import json
import re
from typing import Any, NoReturn

DEPTH = 16
NODES = 2000
KEY = 64  # characters
INTEGER = 2**53 - 1  # what a JavaScript number holds exactly
PLACEHOLDER = "_placeholder"  # the key of an object that stands for bytes, in Socket.IO

_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
_SURROGATE = re.compile("[\ud800-\udfff]")


def _integer(text: str) -> int:
    if len(text) > 17 or not -INTEGER <= int(text) <= INTEGER:
        raise ValueError("an integer is outside ±(2^53-1)")
    return int(text)


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("a number is too large")
    return value


def _constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen = {}
    for key, value in pairs:
        if len(key) > KEY:
            raise ValueError(f"a key is longer than {KEY} characters")
        seen[key] = value
    return seen


_decoder = json.JSONDecoder(
    parse_int=_integer,
    parse_float=_number,
    parse_constant=_constant,
    object_pairs_hook=_object,
)
_encoder = json.JSONEncoder(separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def loads(text: str | bytes | bytearray) -> Any:
    """The value of a JSON text; raises ValueError with a sentence for anything else.

    ``text`` may be str or bytes (UTF-8).
    """
    if isinstance(text, bytes | bytearray):
        text = text.decode("utf-8")
    _bounded(text)
    value = _decoder.decode(text)
    # A lone surrogate can come raw or as an escape; only then is a search worth its time.
    escaped = "\\u" in text and _has_surrogate(value)
    if escaped or not text.isascii() and _SURROGATE.search(text):
        raise ValueError("a text holds half of a surrogate pair")
    return value


def dumps(value: object, **_: object) -> str:
    """The compact JSON text of a value; raises ValueError for what is not JSON.

    Options are taken and ignored: callers pass separators that are already these.
    """
    return _whole(_encoder.encode(value))


def _whole(text: str) -> str:
    if not text.isascii() and _SURROGATE.search(text):
        raise ValueError("a text holds half of a surrogate pair")
    return text


def take_apart(value: object) -> tuple[str, list[bytes]]:
    """The JSON text of a value in which there may be bytes, and the bytes: Socket.IO's way.

    Raises TypeError or ValueError for what is not JSON, and where an object beside the bytes
    looks like the place of bytes: every client would take it for one, and hang up.
    """
    attachments: list[bytes] = []

    def place(found: object) -> dict[str, object]:
        if not isinstance(found, bytes | bytearray):
            raise TypeError(f"{type(found).__name__} is not JSON")
        attachments.append(bytes(found))
        return {PLACEHOLDER: True, "num": len(attachments) - 1}

    try:
        return dumps(value), attachments
    except TypeError:  # most packets carry no bytes, and take no second look
        text = json.JSONEncoder(
            separators=(",", ":"), allow_nan=False, ensure_ascii=False, default=place
        ).encode(value)
    if text.count(f'"{PLACEHOLDER}":') != len(attachments):
        raise ValueError("an object looks like the place of bytes")
    return _whole(text), attachments


def _bounded(text: str) -> None:
    """Raises ValueError where a text nests too deep or holds too many values."""
    marks = text.count("[") + text.count("{") + text.count(",")
    if marks <= DEPTH:
        return  # so few brackets cannot be too deep nor too many
    bare = _STRING.sub("", text)
    if bare.count("[") + bare.count("{") + bare.count(",") >= NODES:
        raise ValueError(f"more than {NODES} values")
    depth = 0
    for mark in bare:
        if mark in "[{":
            depth += 1
            if depth > DEPTH:
                raise ValueError(f"nested deeper than {DEPTH}")
        elif mark in "]}":
            depth -= 1


def _has_surrogate(value: object) -> bool:
    if isinstance(value, str):
        return _SURROGATE.search(value) is not None
    if isinstance(value, dict):
        return any(_has_surrogate(key) or _has_surrogate(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_has_surrogate, value))
