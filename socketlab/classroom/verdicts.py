"""Who was addressed, who confirmed, who is silent: the verdicts of a run. Pure.

A *run* is one press of a button. A *place* is what can hear for itself: one socket, named by
its sid. A person with two tabs and a robot has three places, each with a verdict of its own.

For every place that was there when the run began and every event of the run there is exactly
one verdict, so at any moment they add up to places × events:

    received       the place's own handler reported the event
    replayed       the same, but it came from a buffer, after a return
    missed         addressed, and its connection ended before it reported
    silent         addressed, and no report for SILENT_MS: no handler, a page that is stuck, or a
                   program that does not report
    waiting        addressed, no report yet, and it is not that late
    not addressed  the server did not send the event there

A second report of the same event is a duplicate: counted, never a second verdict. A report that
comes late turns ``silent`` or ``missed`` into ``received``: the handler did run.

A report (``receipt`` on /class) belongs to the place whose connection it came on, so nobody can
confirm for another. Where it came on some other connection of the same seat (a program with one
connection a namespace) it counts for the seat's first place that has not reported.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from ..health import Budget

SILENT_MS = 3000
RUNS = 400  # followed at once, in all
MOST_BYTES = 32 << 20  # of a lesson alone
RUNS_EACH = 4  # and of one owner: a newer run takes the place of the oldest
# What a run takes in memory, and of it each place and each report: measured.
RUN_BYTES, PLACE_BYTES, REPORT_BYTES = 2000, 180, 150
SLOWEST_MS = 60_000  # a page's clock may be wrong; no figure on the map is
NEVER: tuple[float, frozenset[str]] = (0.0, frozenset())  # an event that nobody sent
Place = tuple[str, str | None]  # the seat, and the connection that carries the socket
VERDICTS = ("received", "replayed", "missed", "silent", "waiting", "not addressed")


class TrackedRun:
    """One run. ``places`` maps each sid that was there to ``(seat id, session or None)``."""

    def __init__(self, run: str, owner: str, places: Mapping[str, Place]) -> None:
        self.run, self.owner = run, owner
        self.duplicates = 0
        self._places = dict(places)
        self._by_session = {s: sid for sid, (_, s) in self._places.items() if s is not None}
        self._events: dict[
            int, tuple[float, frozenset[str]]
        ] = {}  # seq -> (sent_at, the sids it was addressed to)
        self._reports: dict[
            tuple[str, int], tuple[float, bool]
        ] = {}  # (sid, seq) -> (at_ms, replayed)
        self._gone: set[str] = set()
        self._unheard: dict[int, set[str]] = {}  # seq -> the sids that may still report it

    def sent(self, seq: int, sent_at: float, addressed: Iterable[str]) -> None:
        """Event ``seq`` left the server at ``sent_at`` (ms), for these sids of the places."""
        there = frozenset(addressed) & self._places.keys()
        self._events[seq] = sent_at, there
        self._unheard[seq] = set(there - self._gone)

    def weight(self) -> int:
        """About how many bytes of memory it takes."""
        places, reports = PLACE_BYTES * len(self._places), REPORT_BYTES * len(self._reports)
        return RUN_BYTES + places + reports

    def place(self, seat: str, session: str | None, seq: int) -> str | None:
        """The place that a report of ``seat``, come on connection ``session``, speaks for."""
        sid = self._by_session.get(session) if session is not None else None
        if sid is not None:
            return sid if self._places[sid][0] == seat else None
        _, addressed = self._events.get(seq, NEVER)
        mine = [
            sid for sid, (owner, _) in self._places.items() if owner == seat and sid in addressed
        ]
        unheard = [sid for sid in mine if (sid, seq) not in self._reports]
        return next(iter(unheard or mine), None)

    def heard(self, sid: str | None, seq: int, at_ms: float, replayed: bool = False) -> bool:
        """A place reports an event. Whether that changed a verdict.

        What was not addressed to it changes nothing: a report is no proof against the server's
        own record.
        """
        if sid is None or sid not in self._events.get(seq, NEVER)[1]:
            return False
        if (sid, seq) in self._reports:
            self.duplicates += 1
            return False
        self._reports[sid, seq] = at_ms, replayed
        self._unheard[seq].discard(sid)
        return True

    def gone(self, sid: str) -> bool:
        """A place's connection has ended. Whether that changed a verdict."""
        if sid not in self._places or sid in self._gone:
            return False
        self._gone.add(sid)
        missed = [unheard for unheard in self._unheard.values() if sid in unheard]
        for unheard in missed:
            unheard.discard(sid)
        return bool(missed)

    def verdict(self, sid: str, seq: int, now: float) -> str:
        """One of VERDICTS."""
        sent_at, addressed = self._events[seq]
        if sid not in addressed:
            return "not addressed"
        if (sid, seq) in self._reports:
            return "replayed" if self._reports[sid, seq][1] else "received"
        if sid in self._gone:
            return "missed"
        return "silent" if now - sent_at >= SILENT_MS else "waiting"

    def table(self, now: float) -> dict[str, dict[int, str]]:
        """``{sid: {seq: verdict}}`` for every place and event."""
        return {
            sid: {seq: self.verdict(sid, seq, now) for seq in self._events} for sid in self._places
        }

    def sums(self, now: float) -> dict[str, int]:
        """How often each verdict fell: together places × events."""
        fallen = Counter(v for verdicts in self.table(now).values() for v in verdicts.values())
        return {verdict: fallen[verdict] for verdict in VERDICTS}

    def waits(self, now: float) -> bool:
        """Whether a verdict may still change by itself."""
        return any(
            unheard and now - self._events[seq][0] < SILENT_MS
            for seq, unheard in self._unheard.items()
        )

    def report(self, seq: int, now: float) -> dict[str, Any]:
        """One event as a map draws it; whoever is in no list is still waited for.

        ``{"run", "seq", "present", "addressed", "got": [[sid, ms], …], "silent": [sid, …],
        "missed": [sid, …]}``; ``ms`` is from ``sent_at`` until the handler ran.
        """
        sent_at, addressed = self._events[seq]
        verdicts = {sid: self.verdict(sid, seq, now) for sid in self._places}
        got = {
            sid: self._reports[sid, seq][0] - sent_at
            for sid in verdicts
            if (sid, seq) in self._reports
        }
        return {
            "run": self.run,
            "seq": seq,
            "present": len(verdicts),
            "addressed": len(addressed),
            "got": [[sid, round(min(max(ms, 0.0), SLOWEST_MS), 1)] for sid, ms in got.items()],
            "silent": [sid for sid, verdict in verdicts.items() if verdict == "silent"],
            "missed": [sid for sid, verdict in verdicts.items() if verdict == "missed"],
        }


class TrackedRuns:
    """The runs of a lesson that are being followed, bounded in all and for each owner.

    Where the ``budget`` of all lessons is full, what was reported longest ago is let go.
    """

    def __init__(self) -> None:
        self._budget = Budget(MOST_BYTES)
        self._runs: OrderedDict[str, TrackedRun] = OrderedDict()
        self._changed: set[str] = set()  # run ids with something to tell
        self._waiting: set[str] = set()  # run ids with places that may still report

    def __len__(self) -> int:
        return len(self._runs)

    def follow(self, run: TrackedRun, budget: Budget | None = None) -> None:
        """Follow a TrackedRun whose event has been sent. ``budget``: that of all lessons."""
        self._budget = budget or self._budget
        mine = [other.run for other in self._runs.values() if other.owner == run.owner]
        for old in mine[: max(0, len(mine) - RUNS_EACH + 1)]:
            self._forget(old)
        if len(self._runs) >= RUNS:
            self._forget(next(iter(self._runs)))
        self._runs[run.run] = run
        self._changed.add(run.run)
        self._waiting.add(run.run)
        self._weigh(run)

    def _weigh(self, run: TrackedRun) -> None:
        self._budget.hold(("verdicts", run.run), run.weight(), partial(self._forget, run.run))

    def _forget(self, run_id: str) -> None:
        self._budget.release(("verdicts", run_id))
        del self._runs[run_id]
        self._changed.discard(run_id)
        self._waiting.discard(run_id)

    def heard(
        self, seat: str, session: str | None, run_id: str, got: Iterable[tuple[int, float]]
    ) -> bool:
        """A receipt came: ``got`` is ``[[seq, at_ms], …]``. Whether there is something to tell."""
        run = self._runs.get(run_id)
        if run is None:
            return False
        for seq, at_ms in got:
            if run.heard(run.place(seat, session, seq), seq, at_ms):
                self._changed.add(run_id)
        self._weigh(run)
        return run_id in self._changed

    def gone(self, sid: str) -> None:
        """A socket's connection has ended."""
        self._changed |= {run.run for run in self._runs.values() if run.gone(sid)}

    def news(self, now: float) -> list[tuple[str, dict[str, Any]]]:
        """``[(owner, report)]`` of the runs whose verdicts changed since the last asking."""
        due = []
        for run_id in [run_id for run_id in self._runs if run_id in self._changed | self._waiting]:
            run = self._runs[run_id]
            over = run_id in self._waiting and not run.waits(now)
            if over:
                self._waiting.discard(run_id)
            if over or run_id in self._changed:
                due.append((run.owner, run.report(1, now)))
        self._changed.clear()
        return due

    def waiting(self) -> bool:
        """Whether somebody may still have to be told."""
        return bool(self._waiting or self._changed)
