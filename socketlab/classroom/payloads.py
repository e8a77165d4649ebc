"""What a handler may ask of a payload. Each check refuses with a sentence. Pure."""

import math
from collections.abc import Collection
from typing import Any

from .refused import Refused
from .text import clean

Payload = dict[str, Any]  # what came with an event: always one object


def require_text(data: Payload, name: str, longest: int = 200) -> str:
    """The text called ``name`` in a payload; refuses a missing, empty or long one."""
    return clean(data.get(name), name, longest)


def require_number(data: Payload, name: str, least: float, most: float) -> float:
    """The number called ``name`` in a payload, from ``least`` to ``most``."""
    value = data.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if math.isfinite(value) and least <= value <= most:
            return value
    raise Refused(f"{name} must be a number from {least} to {most}")


def require_whole(data: Payload, name: str, least: int, most: int) -> int:
    """The whole number called ``name`` in a payload, from ``least`` to ``most``."""
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Refused(f"{name} must be a whole number from {least} to {most}")
    return value


def require_choice(data: Payload, name: str, choices: Collection[str]) -> str:
    """The text called ``name`` in a payload, one of ``choices``."""
    value = data.get(name)
    if not isinstance(value, str) or value not in choices:
        raise Refused(f"{name} must be one of {', '.join(choices)}")
    return value


def require_flag(data: Payload, name: str) -> bool:
    """Whether ``name`` is set in a payload; false where it is left out."""
    value = data.get(name, False)
    if not isinstance(value, bool):
        raise Refused(f"{name} must be true or false")
    return value


def require_seqs(data: Payload, name: str, most: int = 1000) -> set[int]:
    """The list called ``name`` in a payload, numbers of events in any order, as a set."""
    value = data.get(name)
    if not isinstance(value, list) or len(value) > most:
        raise Refused(f"{name} must be a list of at most {most} numbers")
    return {require_whole({name: seq}, name, 1, most) for seq in value}
