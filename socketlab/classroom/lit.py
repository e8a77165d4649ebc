"""Which seats were addressed, which confirmed, which are silent: for the dots on the wall. Pure.

For every event that is followed here each addressed seat is in one state at any moment:

    confirmed   a handler of one of its pages reported the event
    silent      no report for SILENT_MS after it was sent
    waiting     neither yet

so that addressed = confirmed + silent + waiting, and after SILENT_MS nobody waits any more. A
report that comes later still turns ``silent`` into ``confirmed``: the handler did run. A report
from a seat that was not addressed changes nothing, and neither does a second one.

The time of a seat is from ``sent_at``, which the server wrote into the event, until the handler
ran, which the page noted on its own clock and reckoned in the server's (``sync_clock``). That
reckoning is wrong by at most half the round trip it was made with, so a time is, too: who shows
one says so. RFC 5905, section 8. A time before ``sent_at`` is such an error, and shown as 0.

No clock and no socket: moments are passed in, in ms of the server clock.
"""

from collections.abc import Iterable
from typing import Any

from ..limits import Latest

SILENT_MS = 3000
EVERY_MS = 100  # at least, between two reports: ten a second
RUNS = 50  # events followed at once; an older one is forgotten
SLOWEST_MS = 60_000  # a page's clock may be wrong; no time shown is longer

Report = tuple[str, dict[str, Any]]  # (name of the event, its payload)


class Followed:
    """One event on its way to ``seats``."""

    def __init__(
        self,
        run: str,
        seq: int,
        seats: Iterable[str],
        sender: str,
        sent_at: float,
        now: float,
        event: str = "",
    ):
        self.run, self.seq, self.sender, self.sent_at = run, seq, sender, sent_at
        self.event = event  # its name
        self.addressed = frozenset(seats)
        self.confirmed: dict[str, float] = {}  # seat -> ms
        self.silent_at = now + SILENT_MS
        self.counted_silent = False  # whether a report has named who is silent

    def heard(self, seat: str, at: float) -> bool:
        """A seat reports the event, handled at this moment; whether that is news."""
        if seat not in self.addressed or seat in self.confirmed:
            return False
        self.confirmed[seat] = round(min(max(at - self.sent_at, 0.0), SLOWEST_MS), 1)
        return True

    def silent(self, now: float) -> list[str]:
        """The seats that were addressed and have been silent for too long."""
        if now < self.silent_at:
            return []
        return sorted(self.addressed - self.confirmed.keys())

    def announcement(self) -> dict[str, Any]:
        """``{run, seq, sender, sent_at, event, seats: [addressed …]}``."""
        who = {"sender": self.sender, "event": self.event, "seats": sorted(self.addressed)}
        return {"run": self.run, "seq": self.seq, "sent_at": self.sent_at} | who

    def report(self, now: float) -> dict[str, Any]:
        """``{run, seq, addressed: n, seats: [[seat, ms] …], silent: [seat …]}``: all so far."""
        sums = {"addressed": len(self.addressed), "silent": self.silent(now)}
        confirmed = [[seat, ms] for seat, ms in self.confirmed.items()]
        return {"run": self.run, "seq": self.seq, "seats": confirmed} | sums


class Lit:
    """The events that are followed, and what there is to tell of them, at a pace."""

    def __init__(self) -> None:
        self._followed: Latest[tuple[str, int], Followed] = Latest(RUNS)
        self._new: Followed | None = None  # not announced yet; only the newest is
        self._changed: dict[tuple[str, int], None] = {}  # oldest change first
        self._latest: Followed | None = None
        self._next = 0.0

    def addressed(
        self,
        run: str,
        seq: int,
        seats: Iterable[str],
        sender: str,
        sent_at: float,
        now: float,
        event: str = "",
    ) -> None:
        """Event ``seq`` of a run left for these seats: one more that is followed."""
        one = Followed(run, seq, seats, sender, sent_at, now, event)
        self._followed[run, seq] = self._new = self._latest = one

    def heard(self, seat: str, run: str, got: Iterable[tuple[int, float]]) -> None:
        """A page of this seat reports events of a run: ``[[seq, at_ms] …]``."""
        for seq, at in got:
            one = self._followed.get((run, seq))
            if one is not None and one.heard(seat, at):
                self._changed[run, seq] = None

    def news(self, now: float) -> list[Report]:
        """What is due now: an ``addressed``, and a ``lit`` of the newest run that changed.

        So at most ten of each a second, however many speak at once; what changed in older runs
        is told when the newer have nothing to tell.
        """
        if now < self._next:
            return []
        for key, one in self._followed.items():
            if not one.counted_silent and now >= one.silent_at:
                one.counted_silent = True
                self._changed[key] = None
        reports: list[Report] = []
        if self._new is not None:
            reports.append(("addressed", self._new.announcement()))
            self._new = None
        due = self._newest_change()
        if due is not None:
            reports.append(("lit", due.report(now)))
        if reports:
            self._next = now + EVERY_MS
        return reports

    def latest(self, now: float) -> list[Report]:
        """The newest event whole, for somebody who has just begun to look."""
        if self._latest is None:
            return []
        one = self._latest
        return [("addressed", one.announcement()), ("lit", one.report(now))]

    def _newest_change(self) -> Followed | None:
        """Of the events with a change, the newest; it is told from now on."""
        for key in [key for key in self._changed if key not in self._followed]:
            del self._changed[key]
        for key in reversed(self._followed):
            if key in self._changed:
                del self._changed[key]
                return self._followed[key]
        return None
