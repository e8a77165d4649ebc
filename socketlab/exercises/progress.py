"""How far a seat is with an exercise: in the ledger, so that it outlives the server.

Only the student and the teacher hear of it. Moments are ms of the server clock.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from sqlite3 import Connection
from typing import Any

from ..classroom.ledger import Ledger
from ..limits import Latest
from .attempts import Key, Verdict

KEPT = 3000  # records in memory: those of 300 seats with ten exercises each
KEEP = "INSERT OR REPLACE INTO exercise VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
FIELDS = "attempts, best, of, done_at, at, since, times, checks"
OF = f"SELECT {FIELDS} FROM exercise WHERE seat = ? AND slug = ?"
LATEST = f"SELECT slug, {FIELDS} FROM exercise WHERE seat = ? ORDER BY at DESC LIMIT 1"


@dataclass(frozen=True)
class Record:
    """``best`` of ``of`` checks passed in one attempt; ``checks`` are the last one's verdicts.

    ``since``: from when on its first failed check has been the one that fails, ``times`` in a row.
    """

    attempts: int = 0
    best: int = 0
    of: int = 0
    done_at: float | None = None
    at: float = 0.0  # when the last attempt ended
    since: float | None = None
    times: int = 0
    checks: tuple[Verdict, ...] = ()

    @property
    def failing(self) -> Verdict | None:
        """The first check that the last attempt failed, as the page lists them."""
        return next((check for check in self.checks if not check["passed"]), None)

    def after(self, verdicts: list[Verdict], now: float) -> "Record":
        """The record after one more attempt, with these verdicts in the page's order."""
        passed, of = sum(one["passed"] for one in verdicts), len(verdicts)
        done_at = now if self.done_at is None and passed == of else self.done_at
        best, attempts = max(passed, self.best), self.attempts + 1
        newer = Record(attempts, best, of, done_at, now, None, 0, tuple(verdicts))
        if (new := newer.failing) is None:
            return newer
        old = self.failing
        if old is None or old["check"] != new["check"]:
            return replace(newer, since=now, times=1)
        return replace(newer, since=self.since, times=self.times + 1)

    def shown(self, slug: str) -> dict[str, Any]:
        """For the teacher's row of the seat."""
        failing = self.failing or {"check": None, "saw": None}
        stuck = {"check": failing["check"], "saw": failing["saw"]}
        stuck |= {"since": self.since, "times": self.times}
        sums = {"attempts": self.attempts, "passed": self.best, "of": self.of}
        return {"slug": slug, "done": self.done_at is not None} | stuck | sums


class Progress:
    """``now`` is the server clock in ms."""

    def __init__(self, ledger: Ledger, now: Callable[[], float]) -> None:
        self._ledger, self._now = ledger, now
        self._known: Latest[Key, Record] = Latest(KEPT)

    def of(self, seat: str, slug: str) -> Record:
        """How far a seat is. Raises LedgerFailed."""
        found = self._known.get((seat, slug))
        if found is None:
            row = self._ledger.read(lambda db: db.execute(OF, (seat, slug)).fetchone())
            found = self._known[seat, slug] = record(row) if row else Record()
        return found

    def latest(self, seat: str) -> tuple[str, Record] | None:
        """The exercise that a seat tried last. Raises LedgerFailed."""
        row = self._ledger.read(lambda db: db.execute(LATEST, (seat,)).fetchone())
        return (row[0], record(row[1:])) if row else None

    def keep(self, seat: str, slug: str, verdicts: list[Verdict]) -> Record:
        """Keep the outcome of an attempt. Raises LedgerFailed."""
        newer = self.of(seat, slug).after(verdicts, self._now())
        fields = [getattr(newer, name) for name in FIELDS.split(", ")[:-1]]
        checks = json.dumps([without_row(verdict) for verdict in newer.checks])

        def work(db: Connection) -> int:
            db.execute(KEEP, (seat, slug, *fields, checks))
            return self._ledger.wrote(db, seat)

        self._ledger.note_gone(self._ledger.change(work))
        self._known[seat, slug] = newer
        return newer

    def forget(self, seat: str | None = None) -> None:
        """Nothing is known any more of a seat, or of all, nor what was being kept just now.

        Raises LedgerFailed.
        """
        sql = "DELETE FROM exercise WHERE ? IN (seat, '')"
        self._ledger.change(lambda db: db.execute(sql, (seat or "",)) and None)
        for key in [key for key in self._known if seat in (None, key[0])]:
            del self._known[key]


def record(row: tuple[Any, ...]) -> Record:
    """A row of the ledger; the wire of that time is gone."""
    attempts, best, of, done_at, at, since, times, checks = row
    verdicts = tuple(verdict | {"n": None} for verdict in json.loads(checks))
    return Record(attempts, best, of, done_at, at, since, times, verdicts)


def without_row(verdict: Verdict) -> Verdict:
    return {name: value for name, value in verdict.items() if name != "n"}
