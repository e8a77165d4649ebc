"""Which seats are cut off, and until when. Pure: deadlines, not sleeping threads.

A cut belongs to the seat, not to a connection: whatever the seat comes back with before the
deadline (ms, server clock) is refused.
"""


class Cuts:
    """The seats that are cut off."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}  # seat -> ms

    def cut(self, seat: str, until: float, now: float) -> None:
        """Cut a seat off until then; an earlier cut that lasts longer stays."""
        self._until = {other: end for other, end in self._until.items() if end > now}
        self._until[seat] = max(until, self._until.get(seat, until))

    def seconds_left(self, seat: str, now: float) -> float | None:
        """How long this seat is still cut off, or None."""
        until = self._until.get(seat)
        return (until - now) / 1000 if until is not None and until > now else None
