"""The little that must outlive the process: chosen nicks, locked predictions, the class's state.

What is kept here is kept first and believed then: a change that the disk refuses has not
happened. A committed row survives the end of the process; the loss of power may cost the last
rows, which is a prediction, not a lesson.
"""

import json
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from ..database import Database
from .refused import Refused

SYNCHRONOUS = "NORMAL"
SCHEMA = """
CREATE TABLE IF NOT EXISTS nick (seat TEXT PRIMARY KEY, nick TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS prediction (
    seat TEXT NOT NULL, step TEXT NOT NULL, choice TEXT NOT NULL,
    PRIMARY KEY (seat, step)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS class (name TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
"""


T = TypeVar("T")
Connection = sqlite3.Connection


class LedgerFailed(Refused):
    """What should be kept could not be kept, so it has not happened."""

    status = 503


class Ledger:
    """Rows by seat, and the class's own. ``database`` was opened with :data:`SCHEMA`."""

    def __init__(self, database: Database):
        self._database = database

    def keep_nick(self, seat: str, nick: str) -> None:
        """Keep the nick that this seat chose. Raises LedgerFailed."""
        self._change("INSERT OR REPLACE INTO nick VALUES (?, ?)", (seat, nick))

    def nick(self, seat: str) -> str | None:
        """The nick that this seat chose, or None."""
        row = self._row("SELECT nick FROM nick WHERE seat = ?", (seat,))
        return str(row[0]) if row else None

    def keep_prediction(self, seat: str, step: str, choice: str) -> str:
        """Lock a choice and hand back the one that is locked: the first one stays."""
        insert = "INSERT OR IGNORE INTO prediction VALUES (?, ?, ?)"
        select = "SELECT choice FROM prediction WHERE seat = ? AND step = ?"

        def work(db: Connection) -> str:
            db.execute(insert, (seat, step, choice))
            locked: str = db.execute(select, (seat, step)).fetchone()[0]
            return locked

        return self._attempt(self._database.change, work)

    def predictions(self, seat: str) -> dict[str, str]:
        """The locked choices of one seat: ``{step: choice}``."""
        sql = "SELECT step, choice FROM prediction WHERE seat = ?"

        def work(db: Connection) -> dict[str, str]:
            return dict(db.execute(sql, (seat,)).fetchall())

        return self._attempt(self._database.read, work)

    def keep_class(self, name: str, value: Any) -> None:
        """Keep something of the class, a value that JSON can hold, under a name."""
        self._change("INSERT OR REPLACE INTO class VALUES (?, ?)", (name, json.dumps(value)))

    def of_class(self, name: str) -> Any:
        """What was kept of the class under a name, or None."""
        row = self._row("SELECT json FROM class WHERE name = ?", (name,))
        return row and json.loads(row[0])

    def close(self) -> None:
        self._database.close()

    def _change(self, sql: str, values: tuple[Any, ...]) -> None:
        self._attempt(self._database.change, lambda db: db.execute(sql, values) and None)

    def _row(self, sql: str, values: tuple[Any, ...]) -> Any:
        return self._attempt(self._database.read, lambda db: db.execute(sql, values).fetchone())

    def _attempt(
        self, way: Callable[[Callable[[Connection], T]], T], work: Callable[[Connection], T]
    ) -> T:
        try:
            return way(work)
        except sqlite3.Error as error:
            raise LedgerFailed(
                f"the server could not write to its disk ({error}): try again in a moment"
            ) from error
