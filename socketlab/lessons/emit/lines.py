"""The lines as they stand in the file, and what a bell may be asked. Pure."""

import inspect
import json

from ...classroom.payloads import require_choice, require_text
from ...classroom.refused import Refused

OF_A_LINE = "line_"  # how the methods are called that have a line each
BODY_BYTES = 4096
HOW = ("server", "context")


def lines_of(kind):
    """``{name: {"code", "at"}}``: the last line of each such method of a class, from its file.

    What is shown is read off the source that runs, with its number in the file.
    """
    return {
        name.removeprefix(OF_A_LINE): last_line(method)
        for name, method in vars(kind).items()
        if name.startswith(OF_A_LINE)
    }


def last_line(function):
    """``{"code", "at"}`` of a function's last line."""
    lines, first = inspect.getsourcelines(function)
    return {"code": lines[-1].strip(), "at": first + len(lines) - 1}


def ask_of(body, seat):
    """``(how, text, seat)`` of a POST to the bell, from the seat with this id; raises Refused."""
    if seat is None:
        raise Refused("the bell is for those with a seat: open the lesson first", 403)
    try:
        data = json.loads(body) if len(body) <= BODY_BYTES else None
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise Refused('send one JSON object, for example {"text": "ding", "how": "server"}')
    return require_choice(data, "how", HOW), require_text(data, "text"), seat
