"""JSON texts, read strictly and bounded, with the place of every part.

Python's own reader takes NaN, turns 1e999 into infinity and ends deep nesting with
RecursionError. Here each of these is a DecodeError with the byte where it stands.

Source: RFC 8259, sections 2 to 9.
"""

from __future__ import annotations

import json
import math
import re
from typing import NamedTuple

from .layers import DecodeError, shown

#: How deep a text may nest. A packet of a demo needs 4; RFC 8259, section 9, lets a
#: reader set a limit, and Python's reader stops at about 1,000.
DEPTH = 64

# Possessive (the ++ and *+), so that a text of quotation marks is read once and not
# once from each of them.
_NESTING = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{\]}]', re.DOTALL)
_BLANK = re.compile(r"[ \t\n\r]*+")


class Part(NamedTuple):
    """One value of an array or object: ``key`` (None in an array), value, and its bytes."""

    key: str | None
    value: object
    start: int
    size: int


class _Unfit(ValueError):
    """A literal that has the shape of JSON, or of Python's JSON, and no value we can keep."""


def _float(literal: str) -> float:
    number = float(literal)
    if math.isinf(number):
        raise _Unfit(f"{shown(literal, 40)} is too great for a number")
    return number


def _constant(literal: str) -> float:
    raise _Unfit(f"{literal} is not a JSON value")


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_DECODER = json.JSONDecoder(parse_float=_float, parse_constant=_constant)


def read(data: bytes, layer: str, base: int = 0) -> object:
    """The value of a JSON text.

    Raises DecodeError in the name of ``layer``, with ``base`` added to the offset.
    """
    return _value(_text(data, layer, base), layer, base)


def parts(data: bytes, layer: str, base: int = 0, limit: int = 64) -> tuple[object, list[Part]]:
    """The value of a JSON text and, if it is an array or object, where its values stand.

    At most ``limit`` parts; offsets are bytes from the start of ``data``.
    Raises DecodeError as ``read`` does.
    """
    text = _text(data, layer, base)
    value = _value(text, layer, base)
    if not isinstance(value, (list, dict)):
        return value, []
    return value, _parts(text, isinstance(value, dict), limit)


def _text(data: bytes, layer: str, base: int) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DecodeError(
            layer,
            base + error.start,
            f"the byte {data[error.start]:02x} does not belong into UTF-8",
            "RFC 8259, section 8.1",
        ) from None


def _value(text: str, layer: str, base: int) -> object:
    depth = 0
    deep = text.count("[") + text.count("{") > DEPTH
    for token in _NESTING.finditer(text) if deep else ():
        character = text[token.start()]
        if character in "[{":
            depth += 1
            if depth > DEPTH:
                raise DecodeError(
                    layer,
                    base + _bytes(text, token.start()),
                    f"the JSON text nests deeper than {DEPTH} levels",
                    "RFC 8259, section 9",
                )
        elif character in "]}":
            depth -= 1
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        at, message, source = error.pos, f"this is no JSON: {error.msg}", "RFC 8259, section 2"
    except _Unfit as error:
        at, message, source = 0, f"this is no JSON: {error}", "RFC 8259, section 6"
    except ValueError:
        # Python refuses to read integers of more than some thousand digits.
        at, message, source = 0, "a number has too many digits", "RFC 8259, section 6"
    raise DecodeError(layer, base + _bytes(text, at), message, source)


def _bytes(text: str, at: int) -> int:
    """The byte offset of a character; ``text`` came out of UTF-8, so it goes back."""
    return at if text.isascii() else len(text[:at].encode("utf-8"))


def _parts(text: str, is_object: bool, limit: int) -> list[Part]:
    ascii_only = text.isascii()
    found: list[Part] = []
    at = _skip(text, _skip(text, 0) + 1)
    # Characters are turned into bytes piece by piece, so that the work stays linear.
    done, done_bytes = 0, 0
    while len(found) < limit and text[at] not in "]}":
        key = None
        begin = at
        if is_object:
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        value, end = _DECODER.raw_decode(text, at)
        if ascii_only:
            start, size = begin, end - begin
        else:
            start = done_bytes + len(text[done:begin].encode("utf-8"))
            size = len(text[begin:end].encode("utf-8"))
            done, done_bytes = end, start + size
        found.append(Part(key, value, start, size))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return found


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def compact(value: object, limit: int = 120) -> str:
    """A value as JSON in one line, cut."""
    return shown(_ENCODER.encode(value), limit)
