"""A capture file: what crossed, one JSON object per line.

The first line names the format, every other line is one record::

    {"capture": "socketlab", "version": 1}
    {"n": 1, "at": 12.5, "connection": 7, "up": true, "kind": "frame", "offset": 512,
     "hex": "8185..."}

``at`` is in milliseconds, ``offset`` the place of the first byte in the stream of its
direction. Only where they say something: ``blanked`` [[start, length] ...] within the
bytes, ``truncated`` (bytes that crossed and were not kept), ``inflated_hex`` (a
compressed message, inflated). ``kind`` is "http", "frame" or "bytes" (see decode.py).

Source: RFC 8259 (JSON); one text per line, each ended by a line feed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TextIO

from .rings import Record

FORMAT = "socketlab"
VERSION = 1

KINDS = ("http", "frame", "bytes")


class CaptureError(ValueError):
    """A file that is no capture; the text says in which line and why."""


@dataclass(frozen=True)
class Entry:
    """A record as a capture file holds it; the same attributes as the tap's."""

    n: int
    at: float
    connection: int
    up: bool
    kind: str
    data: bytes
    offset: int
    blanked: list[tuple[int, int]] = field(default_factory=list)
    truncated: int = 0
    inflated: bytes | None = None


AnyRecord = Record | Entry  # both have the same attributes


def save(records: Iterable[AnyRecord], file: TextIO) -> int:
    """Write records, the tap's or Entries, to a text file; how many there were."""
    file.write(json.dumps({"capture": FORMAT, "version": VERSION}) + "\n")
    number = 0
    for record in records:
        line = {
            "n": record.n,
            "at": record.at,
            "connection": record.connection,
            "up": record.up,
            "kind": record.kind,
            "offset": record.offset,
            "hex": bytes(record.data).hex(),
        }
        if record.blanked:
            line["blanked"] = [list(span) for span in record.blanked]
        if record.truncated:
            line["truncated"] = record.truncated
        if record.inflated is not None:
            line["inflated_hex"] = bytes(record.inflated).hex()
        file.write(json.dumps(line) + "\n")
        number += 1
    return number


def load(file: TextIO) -> Iterator[Entry]:
    """The records of a capture file, one after the other.

    Raises CaptureError for a line that is none.
    """
    number = 0
    for number, line in enumerate(file, 1):
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            raise CaptureError(f"line {number} is no JSON") from None
        if number > 1:
            yield _entry(found, number)
        elif not isinstance(found, dict) or found.get("capture") != FORMAT:
            raise CaptureError('line 1 is not {"capture": "socketlab", ...}')
        elif found.get("version") != VERSION:
            raise CaptureError(f"version {found.get('version')!r} of the format is not known")
    if not number:
        raise CaptureError("the file is empty")


def _entry(found: object, line: int) -> Entry:
    if not isinstance(found, dict):
        raise CaptureError(f"line {line} is no object")

    def take(name: str, fits: Callable[[Any], bool], what: str, *default: Any) -> Any:
        if name not in found and default:
            return default[0]
        value = found.get(name)
        if not fits(value):
            raise CaptureError(f"line {line}: {name} is {what}, not {str(value)[:40]!r}")
        return value

    data = take("hex", _is_hex, "a text of hex digits")
    inflated = take("inflated_hex", _is_hex, "a text of hex digits", None)
    blanked = take("blanked", _are_spans, "pairs of start and length", [])
    return Entry(
        n=take("n", _is_count, "a whole number"),
        at=take("at", _is_number, "a number of milliseconds"),
        connection=take("connection", _is_count, "a whole number"),
        up=take("up", lambda value: isinstance(value, bool), "true or false"),
        kind=take("kind", lambda value: value in KINDS, "http, frame or bytes"),
        data=bytes.fromhex(data),
        offset=take("offset", _is_count, "a whole number"),
        blanked=[(start, length) for start, length in blanked],
        truncated=take("truncated", _is_count, "a whole number", 0),
        inflated=None if inflated is None else bytes.fromhex(inflated),
    )


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_number(value: Any) -> bool:
    # Not NaN and not infinite: the difference of such a number with itself is NaN.
    return type(value) in (int, float) and value - value == 0


def _is_hex(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        bytes.fromhex(value)
    except ValueError:
        return False
    return True


def _are_spans(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(span, list) and len(span) == 2 and all(map(_is_count, span)) for span in value
    )
