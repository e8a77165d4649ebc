"""The little that must outlive the process: chosen nicks, locked predictions, the class's state.

The votes have their own verbs (ballots.py), and so have what an export tells of (minutes.py) and
the review (reviews.py).

What is kept here is kept first and believed then: a change that the disk refuses has not
happened. A committed row survives the end of the process; the loss of power may cost the last
rows, which is a prediction, not a lesson.

Seats are free, so their rows have an end: beyond ``most_seats`` those go that wrote nothing for
longest. Where the file is full all the same, a tenth of them goes.
"""

import json
import sqlite3
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from ..database import Database
from ..health import Reached
from .refused import Refused

SYNCHRONOUS = "NORMAL"
MOST_SEATS = 20_000
MOST_REMOVED = 20_000
SCHEMA = """
CREATE TABLE IF NOT EXISTS nick (seat TEXT PRIMARY KEY, nick TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS prediction (
    seat TEXT NOT NULL, step TEXT NOT NULL, choice TEXT NOT NULL,
    PRIMARY KEY (seat, step)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS wrote (
    number INTEGER PRIMARY KEY AUTOINCREMENT, seat TEXT NOT NULL UNIQUE  -- the youngest is last
);
INSERT OR IGNORE INTO wrote (seat) SELECT seat FROM nick UNION SELECT seat FROM prediction;
CREATE TABLE IF NOT EXISTS class (name TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ballot (  -- what a seat chose in a round of a vote
    seat TEXT NOT NULL, step TEXT NOT NULL, round INTEGER NOT NULL, choice TEXT NOT NULL,
    PRIMARY KEY (seat, step, round)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS signal (  -- what a seat said of a lesson: "stuck" or "done"
    seat TEXT NOT NULL, lesson TEXT NOT NULL, kind TEXT NOT NULL,
    PRIMARY KEY (seat, lesson)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS exercise (  -- how far a seat is with it; moments in ms, server clock
    seat TEXT NOT NULL, slug TEXT NOT NULL, attempts INTEGER NOT NULL, best INTEGER NOT NULL,
    of INTEGER NOT NULL, done_at REAL, at REAL NOT NULL, since REAL, times INTEGER NOT NULL,
    checks TEXT NOT NULL,
    PRIMARY KEY (seat, slug)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS review (  -- that a seat has answered a question: see reviews.py
    seat TEXT NOT NULL, question TEXT NOT NULL, at REAL NOT NULL, rating TEXT,
    begun INTEGER NOT NULL,
    PRIMARY KEY (seat, question)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stepped (  -- where the class stood since when: ms, server clock
    number INTEGER PRIMARY KEY AUTOINCREMENT, lesson TEXT, step TEXT, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS joined (seat TEXT PRIMARY KEY) WITHOUT ROWID;  -- by the class's code
CREATE TABLE IF NOT EXISTS robot (seat TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS removed (seat TEXT PRIMARY KEY) WITHOUT ROWID;  -- by the teacher
"""
OF_SEATS = (  # they go with their seat
    "nick",
    "prediction",
    "ballot",
    "signal",
    "exercise",
    "review",
    "joined",
    "robot",
    "wrote",
)
CLEARED = (*OF_SEATS, "stepped")  # where the class is cleared


T = TypeVar("T")
Connection = sqlite3.Connection


class LedgerFailed(Refused):
    """What should be kept could not be kept, so it has not happened."""

    status = 503


class Ledger:
    """Rows by seat, and the class's own. ``database`` was opened with :data:`SCHEMA`."""

    def __init__(
        self, database: Database, most_seats: int = MOST_SEATS, reached: Reached | None = None
    ):
        self._database, self._most_seats = database, most_seats
        self._reached = reached or Reached()

    def keep_nick(self, seat: str, nick: str) -> None:
        """Keep the nick that this seat chose. Raises LedgerFailed."""

        def work(db: Connection) -> int:
            db.execute("INSERT OR REPLACE INTO nick VALUES (?, ?)", (seat, nick))
            return self.wrote(db, seat)

        self.note_gone(self.change(work))

    def nick(self, seat: str) -> str | None:
        """The nick that this seat chose, or None."""
        row = self._row("SELECT nick FROM nick WHERE seat = ?", (seat,))
        return str(row[0]) if row else None

    def keep_joined(self, seat: str) -> None:
        """This seat has joined by the code of the class. Raises LedgerFailed."""

        def work(db: Connection) -> int:
            db.execute("INSERT OR IGNORE INTO joined VALUES (?)", (seat,))
            return self.wrote(db, seat)

        self.note_gone(self.change(work))

    def has_joined(self, seat: str) -> bool:
        """Whether it has."""
        return self._row("SELECT 1 FROM joined WHERE seat = ?", (seat,)) is not None

    def keep_prediction(self, seat: str, step: str, choice: str) -> str:
        """Lock a choice and hand back the one that is locked: the first one stays."""
        insert = "INSERT OR IGNORE INTO prediction VALUES (?, ?, ?)"
        select = "SELECT choice FROM prediction WHERE seat = ? AND step = ?"

        def work(db: Connection) -> tuple[str, int]:
            db.execute(insert, (seat, step, choice))
            locked: str = db.execute(select, (seat, step)).fetchone()[0]
            return locked, self.wrote(db, seat)

        locked, gone = self.change(work)
        self.note_gone(gone)
        return locked

    def predictions(self, seat: str) -> dict[str, str]:
        """The locked choices of one seat: ``{step: choice}``."""
        sql = "SELECT step, choice FROM prediction WHERE seat = ?"

        def work(db: Connection) -> dict[str, str]:
            return dict(db.execute(sql, (seat,)).fetchall())

        return self.read(work)

    def remove_seat(self, seat: str) -> None:
        """The teacher ends a seat: its token is worth nothing more, and its rows go.

        Raises LedgerFailed; Refused where as many are remembered as there is room for.
        """

        def work(db: Connection) -> bool:
            (removed,) = db.execute("SELECT count(*) FROM removed").fetchone()
            if removed >= MOST_REMOVED:
                return False
            db.execute("INSERT OR IGNORE INTO removed VALUES (?)", (seat,))
            for table in OF_SEATS:
                db.execute(f"DELETE FROM {table} WHERE seat = ?", (seat,))
            return True

        if not self.change(work):
            raise Refused(f"{MOST_REMOVED} seats have been removed: no more can be remembered")

    def removed_seats(self) -> set[str]:
        """The seats that the teacher has ended."""
        return self.read(lambda db: {seat for (seat,) in db.execute("SELECT seat FROM removed")})

    def keep_robots(self, seats: list[str]) -> None:
        """Robots are seated here. Raises LedgerFailed."""

        def work(db: Connection) -> int:
            db.executemany("INSERT INTO robot VALUES (?)", [(seat,) for seat in seats])
            return sum(self.wrote(db, seat) for seat in seats)

        self.note_gone(self.change(work))

    def dismiss_robot(self, seat: str) -> None:
        """One is seated no more; what it chose stays. Raises LedgerFailed."""
        self.change(lambda db: db.execute("DELETE FROM robot WHERE seat = ?", (seat,)) and None)

    def robots(self) -> set[str]:
        """The seats of robots."""
        return self.read(lambda db: {seat for (seat,) in db.execute("SELECT seat FROM robot")})

    def keep_class(self, name: str, value: Any) -> None:
        """Keep something of the class, a value that JSON can hold, under a name."""
        self.change(lambda db: write_class(db, name, value))

    def of_class(self, name: str) -> Any:
        """What was kept of the class under a name, or None."""
        row = self._row("SELECT json FROM class WHERE name = ?", (name,))
        return row and json.loads(row[0])

    def erase(self, state: Any, keep: Collection[str]) -> dict[str, int]:
        """Delete all that seats and class have written, but for ``keep`` of the class.

        What is left is ``state``, and which seats were removed. Returns how many rows went, by
        table. Raises LedgerFailed.
        """

        def work(db: Connection) -> dict[str, int]:
            gone = {table: db.execute(f"DELETE FROM {table}").rowcount for table in CLEARED}
            names = db.execute("SELECT name FROM class").fetchall()
            others = [(name,) for (name,) in names if name not in keep]
            db.executemany("DELETE FROM class WHERE name = ?", others)
            write_class(db, "state", state)
            return gone

        return self._attempt(self._database.erase, work)

    def close(self) -> None:
        self._database.close()

    # For those who bring their own verbs

    def change(self, work: Callable[[Connection], T]) -> T:
        """What ``work(connection)`` returns, once it is on the disk. Raises LedgerFailed."""
        return self._attempt(self._change_with_room, work)

    def read(self, work: Callable[[Connection], T]) -> T:
        """The same for work that changes nothing."""
        return self._attempt(self._database.read, work)

    def wrote(self, db: Connection, seat: str) -> int:
        """A seat has written, and is the youngest; returns how many had to go for that."""
        known = db.execute("SELECT 1 FROM wrote WHERE seat = ?", (seat,)).fetchone()
        db.execute("INSERT OR REPLACE INTO wrote (seat) VALUES (?)", (seat,))
        if known:
            return 0
        (seats,) = db.execute("SELECT count(*) FROM wrote").fetchone()
        return self._drop_oldest(db, seats - self._most_seats)

    def _drop_oldest(self, db: Connection, seats: int) -> int:
        """All rows of so many seats go; returns how many it were."""
        rows = db.execute("SELECT seat FROM wrote ORDER BY number LIMIT ?", (max(seats, 0),))
        oldest: list[tuple[str]] = rows.fetchall()
        for table in OF_SEATS:
            db.executemany(f"DELETE FROM {table} WHERE seat = ?", oldest)
        return len(oldest)

    def _drop_a_tenth(self, db: Connection) -> int:
        (seats,) = db.execute("SELECT count(*) FROM wrote").fetchone()
        return self._drop_oldest(db, seats // 10 + 1)

    def note_gone(self, seats: int) -> None:
        """So many seats had to go for want of room: see :meth:`wrote`."""
        self._reached.note("seats_on_disk", seats)

    def _change_with_room(self, work: Callable[[Connection], T]) -> T:
        try:
            return self._database.change(work)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
                raise
        self._reached.note("database_bytes")
        self.note_gone(self._database.change(self._drop_a_tenth))
        return self._database.change(work)

    def _row(self, sql: str, values: tuple[Any, ...]) -> Any:
        return self.read(lambda db: db.execute(sql, values).fetchone())

    def _attempt(
        self, way: Callable[[Callable[[Connection], T]], T], work: Callable[[Connection], T]
    ) -> T:
        try:
            return way(work)
        except sqlite3.Error as error:
            raise LedgerFailed(
                f"the server could not write to its disk ({error}): try again in a moment"
            ) from error


def write_class(db: Connection, name: str, value: Any) -> None:
    """For a change: something of the class, a value that JSON can hold, under a name."""
    db.execute("INSERT OR REPLACE INTO class VALUES (?, ?)", (name, json.dumps(value)))
