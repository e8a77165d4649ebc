"""Who is leaving, who is gone, who is back: what each side said of it, and when. Pure.

A departure begins with ``leave``. Two things happen after it, in either order:

    gone   the server's disconnect handler ran, with the server's reason
    back   a socket of the same seat came, as the page itself or as the same robot

A client can tell its own reason only when it is back: it travels in the ``auth`` of its next
CONNECT, as ``left``. One that says nothing is told of with a reason of None.

Times are ms of the server's clock; those of a client are its own, from its ``leave`` on.
"""

from dataclasses import dataclass
from typing import Any

from ...limits import Latest

KEPT = 4096  # departures that nobody has come back from yet

Told = dict[str, Any]  # {run, side, reason, after_ms, old_sid, new_sid}
Who = tuple[str, int]  # (seat, number of the robot; 0 is the page itself)


@dataclass(slots=True)
class Departure:
    """One socket that leaves."""

    run: str
    who: Who
    sid: str
    began: float
    until: float
    reason: str | None = None  # the server's, once it has noticed
    noticed: float | None = None
    new_sid: str | None = None  # of the socket that came back

    def server_side(self) -> Told:
        """What the server knows of it."""
        after = None if self.noticed is None else round(self.noticed - self.began, 1)
        return self._told("server", self.reason, after)

    def client_side(self, reason: str | None, after_ms: float | None) -> Told:
        """What the client said of it."""
        return self._told("client", reason, after_ms)

    def _told(self, side: str, reason: str | None, after_ms: float | None) -> Told:
        sids = {"old_sid": self.sid, "new_sid": self.new_sid}
        return {"run": self.run, "side": side, "reason": reason, "after_ms": after_ms} | sids


class Departures:
    """All of one server. Those that are under way are as many as there are sockets."""

    def __init__(self) -> None:
        self._leaving: dict[str, Departure] = {}  # sid ->
        self._left: Latest[Who, Departure] = Latest(KEPT)

    def __len__(self) -> int:
        return len(self._leaving) + len(self._left)

    def seconds_left(self, sid: str, now: float) -> float:
        """For how long this socket's last departure still lasts; 0 or less: it is over."""
        found = self._leaving.get(sid)
        return 0 if found is None else (found.until - now) / 1000

    def begin(self, run: str, who: Who, sid: str, now: float, until: float) -> None:
        """This socket said that it leaves."""
        self._leaving[sid] = self._left[who] = Departure(run, who, sid, now, until)

    def gone(self, sid: str, reason: str, now: float) -> Told | None:
        """The disconnect handler ran; None for a socket that had not said that it leaves."""
        found = self._leaving.pop(sid, None)
        if found is None:
            return None
        found.reason, found.noticed = reason, now
        return found.server_side()

    def back(
        self, who: Who, sid: str, run: str | None, reason: str | None, after_ms: float | None
    ) -> list[Told]:
        """A socket came: what is told of both sides if it is one that left, each once.

        ``run`` is the one that it says it left by; None: it does not say.
        """
        found = self._left.get(who)
        if found is None or run not in (None, found.run):
            return []
        if run is None and found.noticed is None:
            return []  # the old socket may still be there: this can be another page of the seat
        del self._left[who]
        found.new_sid = sid
        server = [] if found.noticed is None else [found.server_side()]
        return [*server, found.client_side(reason, after_ms)]

    def clear(self) -> int:
        """Forget all that is over; returns how many."""
        count = len(self._left)
        self._left.clear()
        return count
