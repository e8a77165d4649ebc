"""Who answered a call: every socket of a seat is asked, and the acknowledgements are counted. Pure.

A call goes to one socket at a time, because the function that takes an acknowledgement belongs to
one socket. Whoever has no handler for the event never answers; only the time says so.
"""

from typing import Any

from ...classroom.refused import Refused


class Call:
    """One call: ``asked`` is sid -> number of the robot, 0 for a page. Times are ms."""

    def __init__(self, run: str, asked: dict[str, int], now: float) -> None:
        self.run, self.asked, self.began = run, asked, now
        self.after: dict[str, float] = {}  # sid -> how long its answer took

    def answered(self, sid: str, answer: Any, now: float) -> None:
        """A socket has acknowledged the event; ``{"here": true}`` counts, and only once."""
        if isinstance(answer, dict) and answer.get("here") is True:
            self.after.setdefault(sid, round(now - self.began, 1))

    @property
    def is_complete(self) -> bool:
        """Whether nobody is waited for any more."""
        return len(self.after) == len(self.asked)

    def counted(self) -> dict[str, Any]:
        """``{run, asked, answered, sockets: [{sid, robot, after_ms}]}``; None: no answer."""
        sockets = [
            {"sid": sid, "robot": robot, "after_ms": self.after.get(sid)}
            for sid, robot in self.asked.items()
        ]
        counts = {"run": self.run, "asked": len(self.asked), "answered": len(self.after)}
        return counts | {"sockets": sockets}


class Calls(set[str]):
    """The seats that are being called."""

    def begin(self, seat: str) -> None:
        """Raises Refused while the seat's last call is on."""
        if seat in self:
            raise Refused("your sockets are being called already: wait for the count")
        self.add(seat)
