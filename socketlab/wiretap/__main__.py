"""``python -m socketlab.wiretap FILE``: a captured session, one line per thing that crossed.

``--layers`` opens every row, ``--json`` prints the rows as the wire page gets them.
A file that is no capture is one sentence and exit status 2.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from .capture import CaptureError, load
from .decode import rows


def main(argv: Sequence[str] | None = None) -> int:
    """Print a capture file; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m socketlab.wiretap", description="Print a captured session."
    )
    parser.add_argument("file", help="a capture file, or - for standard input")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--layers", action="store_true", help="show every layer and its fields")
    shape.add_argument("--json", action="store_true", help="print the rows as JSON lines")
    options = parser.parse_args(argv)
    show = as_json if options.json else as_layers if options.layers else as_line
    try:
        if options.file == "-":
            _print(sys.stdin, show)
        else:
            with open(options.file, encoding="utf-8") as file:
                _print(file, show)
    except CaptureError as error:
        print(f"{options.file} is no capture: {error}", file=sys.stderr)
        return 2
    except UnicodeDecodeError:
        print(f"{options.file} is no capture: it is no text", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader of a pipe has seen enough; nothing may be flushed into it any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"{options.file} cannot be read: {error.strerror}", file=sys.stderr)
        return 2
    return 0


def _print(file: TextIO, show: Callable[[dict[str, Any]], str]) -> None:
    for row in rows(load(file)):
        print(show(row))
    sys.stdout.flush()


def as_json(row: dict[str, Any]) -> str:
    """A row as one line of JSON."""
    return json.dumps(row)


def as_line(row: dict[str, Any]) -> str:
    """A row in one line: number, time, connection, direction, size, summary, error.

    >>> as_line({"n": 3, "at": 1.25, "connection": 7, "up": True, "size": 21, "summary": "ping"})
    '    3       1.2 ms  7 →      21 bytes  ping'
    """
    arrow = "→" if row["up"] else "←"
    line = (
        f"{row['n']:>5} {row['at']:>9.1f} ms  {row['connection']} {arrow} "
        f"{row['size']:>7} bytes  {row['summary']}"
    )
    if "error" in row:
        error = row["error"]
        line += f"  [{error['layer']}, byte {error['at']}: {error['message']} ({error['source']})]"
    return line


def as_layers(row: dict[str, Any]) -> str:
    """A row with its layers and their fields, one line each."""
    lines = [as_line(row)]
    for layer in row["layers"]:
        lines.append(f"      {layer['layer']}: {layer['summary']}")
        for field in layer["fields"]:
            where = f"{field['start_bit']}+{field['bits']}"
            lines.append(f"        {where:>12}  {field['name']} = {field['value']}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
