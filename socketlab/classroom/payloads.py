"""What a handler may ask of a payload. Each check refuses with a sentence. Pure."""

import math

from .text import BadText, clean


class Refused(Exception):
    """A handler's no; its text is the sentence that the client reads, over HTTP with ``status``."""

    def __init__(self, sentence, status=400):
        super().__init__(sentence)
        self.status = status


def require_text(data, name, longest=200):
    """The text called ``name`` in a payload; refuses a missing, empty or long one."""
    try:
        return clean(data.get(name), name, longest)
    except BadText as error:
        raise Refused(str(error)) from None


def require_number(data, name, least, most):
    """The number called ``name`` in a payload, from ``least`` to ``most``."""
    value = data.get(name)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not least <= value <= most:
        raise Refused(f"{name} must be a number from {least} to {most}")
    return value


def require_whole(data, name, least, most):
    """The whole number called ``name`` in a payload, from ``least`` to ``most``."""
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Refused(f"{name} must be a whole number from {least} to {most}")
    return value


def require_choice(data, name, choices):
    """The text called ``name`` in a payload, one of ``choices``."""
    value = data.get(name)
    if value not in choices:
        raise Refused(f"{name} must be one of {', '.join(choices)}")
    return value


def require_seqs(data, name, most=1000):
    """The list called ``name`` in a payload, numbers of events in any order, as a set."""
    value = data.get(name)
    if not isinstance(value, list) or len(value) > most:
        raise Refused(f"{name} must be a list of at most {most} numbers")
    return {require_whole({name: seq}, name, 1, most) for seq in value}
