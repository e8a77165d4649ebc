"""The names and words of the lesson: ways to leave, names that a client may not emit. Pure."""

from ...classroom.payloads import require_number, require_text
from ...classroom.refused import Refused

WAYS = ("goodbye", "server_goodbye", "cut", "hole", "freeze", "reload", "unknown")
# The official client throws when one of these is emitted, and for no other name.
RESERVED = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)
LONGEST_MS = 600_000  # that a client may say it took


def report_of(auth):
    """What a client says, in ``auth``, of how it left: (run, reason, after_ms), each or None.

    Raises Refused for a report that is none.
    """
    left = (auth or {}).get("left") if isinstance(auth, dict) else None
    if left is None:
        return None, None, None
    if not isinstance(left, dict):
        raise Refused('left must be an object, for example {"run": "…", "reason": "ping timeout"}')
    after = left.get("after_ms")
    return (
        require_text(left, "run", 64),
        None if left.get("reason") is None else require_text(left, "reason", 64),
        None if after is None else require_number(left, "after_ms", 0, LONGEST_MS),
    )
