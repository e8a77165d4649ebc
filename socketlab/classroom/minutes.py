"""What the ledger has of the course of a class: where it stood since when, who said what."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from .ledger import Connection, Ledger, write_class
from .seats import ROBOT

MOST_STEPS = 1000  # remembered; beyond it the oldest go


class Count(NamedTuple):
    """How many seats chose the same; ``robots`` of them are robots. ``round`` 0: no vote."""

    step: str
    round: int
    choice: str
    seats: int
    robots: int


class Session(NamedTuple):
    """What there is of a class, for an export. Names are not in it, but in ``people``."""

    stepped: list[tuple[str | None, str | None, float]]  # (lesson, step, since when: ms)
    counts: list[Count]
    done: list[tuple[str, int, int]]  # (lesson, seats, robots among them)
    exercises: list[tuple[str, int, int]]  # (slug, seats that tried it, that finished it)
    people: list[tuple[str, str, int, str]]  # (seat, step, round, choice)
    finished: list[tuple[str, str]]  # (seat, lesson)


CHOSEN = """
SELECT seat, step, 0 AS round, choice FROM prediction
UNION ALL SELECT seat, step, round, choice FROM ballot
"""
COUNTS = f"""
SELECT step, round, choice, count(*), sum(seat GLOB '{ROBOT}*') FROM ({CHOSEN}) AS chosen
GROUP BY step, round, choice ORDER BY step, round, choice
"""
DONE = f"""
SELECT lesson, count(*), sum(seat GLOB '{ROBOT}*') FROM signal
WHERE kind = 'done' GROUP BY lesson ORDER BY lesson
"""
EXERCISES = "SELECT slug, count(*), count(done_at) FROM exercise GROUP BY slug ORDER BY slug"


class Minutes:
    """``ledger`` is where they are; nothing is kept here."""

    def __init__(self, ledger: Ledger):
        self._ledger = ledger

    def stepped(self, state: Mapping[str, Any], at: float | None) -> None:
        """Keep a state of the class, which stands there since ``at``; None: since longer."""

        def work(db: Connection) -> None:
            write_class(db, "state", state)
            if at is not None:
                row = state["lesson"], state["step"], at
                db.execute("INSERT INTO stepped (lesson, step, at) VALUES (?, ?, ?)", row)
                last = "SELECT max(number) FROM stepped"
                db.execute(f"DELETE FROM stepped WHERE number <= ({last}) - ?", (MOST_STEPS,))

        self._ledger.change(work)

    def signalled(self, seat: str, lesson: str, kind: str) -> None:
        """Keep that a seat is "stuck" or "done" in a lesson; "fine" takes it back."""

        def work(db: Connection) -> int:
            if kind == "fine":
                db.execute("DELETE FROM signal WHERE seat = ? AND lesson = ?", (seat, lesson))
                return 0
            db.execute("INSERT OR REPLACE INTO signal VALUES (?, ?, ?)", (seat, lesson, kind))
            return self._ledger.wrote(db, seat)

        self._ledger.note_gone(self._ledger.change(work))

    def signal_of(self, seat: str, lesson: str) -> str | None:
        """What a seat last said in a lesson: "stuck", "done" or None."""
        sql = "SELECT kind FROM signal WHERE seat = ? AND lesson = ?"
        row = self._ledger.read(lambda db: db.execute(sql, (seat, lesson)).fetchone())
        return str(row[0]) if row else None

    def session(self, names: bool) -> Session:
        """All that there is; who chose and finished what only with ``names``. At one moment."""

        def work(db: Connection) -> Session:
            def rows(sql: str) -> Any:
                return db.execute(sql).fetchall()

            return Session(
                rows("SELECT lesson, step, at FROM stepped ORDER BY number"),
                [Count(*row) for row in rows(COUNTS)],
                rows(DONE),
                rows(EXERCISES),
                rows(f"{CHOSEN} ORDER BY seat, step, round") if names else [],
                rows("SELECT seat, lesson FROM signal WHERE kind = 'done'") if names else [],
            )

        return self._ledger.read(work)
