"""The votes on the disk: what each seat chose in which round, and which vote is open.

Whether a vote is open stands in the same file as the ballots, and every verb is one transaction:
so a ballot is either counted by :meth:`Ballots.close` or it came too late, also when the server
is killed in between.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from .ledger import Connection, Ledger, write_class

CAST = "INSERT OR IGNORE INTO ballot VALUES (?, ?, ?, ?)"
LOCKED_BEFORE = """
INSERT OR IGNORE INTO ballot
SELECT seat, step, 1, choice FROM prediction WHERE seat = ? AND step = ?
"""
OF_ROUND = "SELECT seat, choice FROM ballot WHERE step = ? AND round = ?"
COUNTS = "SELECT choice, count(*) FROM ballot WHERE step = ? AND round = ? GROUP BY choice"

Counts = dict[str, int]  # choice -> how many
Vote = tuple[str, int]  # (step, round)


class Cast(NamedTuple):
    """What became of a choice: the one that stands, and whether it counts in the vote."""

    choice: str
    counted: bool


class Ballots:
    """``ledger`` is where they are; nothing is kept here."""

    def __init__(self, ledger: Ledger):
        self._ledger = ledger

    def rounds(self) -> dict[str, int]:
        """The number of the latest round of each step that was voted on."""
        return self._ledger.of_class("rounds") or {}

    def of(self, vote: Vote) -> dict[str, str]:
        """Who chose what in a round: ``{seat: choice}``."""
        return self._ledger.read(lambda db: dict(db.execute(OF_ROUND, vote).fetchall()))

    def open(
        self, vote: Vote, state: Mapping[str, Any], rounds: Mapping[str, int], here: Iterable[str]
    ) -> dict[str, str]:
        """Begin a vote with this state of the class; who of ``here`` has locked a choice is in.

        Hands back who is: ``{seat: choice}``. Raises LedgerFailed.
        """
        step, number = vote

        def work(db: Connection) -> dict[str, str]:
            if number == 1:
                db.executemany(LOCKED_BEFORE, [(seat, step) for seat in here])
            write_class(db, "voting", vote)
            write_class(db, "rounds", rounds)
            write_class(db, "state", state)
            return dict(db.execute(OF_ROUND, vote).fetchall())

        return self._ledger.change(work)

    def cast(self, vote: Vote, seat: str, choice: str) -> Cast:
        """Keep a seat's choice: its first prediction of the step, and its first of the round.

        In round 1 the two are the same. Raises LedgerFailed.
        """
        step, number = vote

        def work(db: Connection) -> tuple[Cast, int]:
            db.execute("INSERT OR IGNORE INTO prediction VALUES (?, ?, ?)", (seat, step, choice))
            found = "SELECT choice FROM prediction WHERE seat = ? AND step = ?"
            (first,) = db.execute(found, (seat, step)).fetchone()
            mine = first if number == 1 else choice
            counted = is_open(db, vote)
            if counted:
                db.execute(CAST, (seat, step, number, mine))
                mine_now = "SELECT choice FROM ballot WHERE seat = ? AND step = ? AND round = ?"
                (mine,) = db.execute(mine_now, (seat, step, number)).fetchone()
            return Cast(mine if counted else first, counted), self._ledger.wrote(db, seat)

        cast, gone = self._ledger.change(work)
        self._ledger.note_gone(gone)
        return cast

    def close(self, vote: Vote, state_with: Callable[[Counts], dict[str, Any]]) -> dict[str, Any]:
        """Count and end a vote; hands back the state with the counts. Raises LedgerFailed."""

        def work(db: Connection) -> dict[str, Any]:
            state = state_with(dict(db.execute(COUNTS, vote).fetchall()))
            write_class(db, "voting", None)
            write_class(db, "state", state)
            return state

        return self._ledger.change(work)


def is_open(db: Connection, vote: Vote) -> bool:
    """Whether this is the vote that is open."""
    row = db.execute("SELECT json FROM class WHERE name = 'voting'").fetchone()
    return row is not None and json.loads(row[0]) == list(vote)
