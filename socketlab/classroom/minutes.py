"""What the ledger has of the course of a class: where it stood since when, who said what."""

from collections.abc import Mapping
from typing import Any

from .ledger import Connection, Ledger, write_class

MOST_STEPS = 1000  # remembered; beyond it the oldest go


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
