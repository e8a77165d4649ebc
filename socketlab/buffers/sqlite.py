"""A buffer in one file: outlives the process, on this machine.

    run     run, seat, keep, low, head, bytes, at, ended      one row a run: the low-water mark
    event   run, seq, body                                    one row an event that is kept

An event is written, the log trimmed and the mark moved in one transaction, and the transaction
is on the disk before anybody hears of the event: a server that is killed at any moment loses
none that a client has received. ``seq`` is the run's own number, never the table's: a counter
of the table would leave holes, and start anew when the table is empty.

Source: SQLite documentation, "Write-Ahead Logging" and "PRAGMA synchronous".
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from ..database import Database
from .base import (
    PAGE,
    RUN_BYTES,
    Event,
    Kept,
    Page,
    Store,
    StoreFailed,
    out_of_order,
    trim,
    window,
    written,
)

SYNCHRONOUS = "FULL"
SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
    run TEXT PRIMARY KEY, seat TEXT NOT NULL, keep INTEGER NOT NULL,
    low INTEGER NOT NULL, head INTEGER NOT NULL, bytes INTEGER NOT NULL,
    at REAL NOT NULL, ended REAL
);
CREATE TABLE IF NOT EXISTS event (
    run TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (run, seq)
) WITHOUT ROWID;
"""
COLUMNS = ", ".join(Kept._fields)

T = TypeVar("T")
Connection = sqlite3.Connection


class Sqlite(Store):
    """``database`` was opened with :data:`SCHEMA`."""

    kind, durable = "sqlite", True

    def __init__(self, database: Database, run_bytes: int = RUN_BYTES):
        self.database = database
        self._most = run_bytes

    def begin(self, run: str, seat: str, keep: int, at: float) -> None:
        sql = f"INSERT INTO run ({COLUMNS}) VALUES (?, ?, ?, 1, 0, 0, ?, NULL)"
        self._change(lambda db: db.execute(sql, (run, seat, keep, at)) and None)

    def append(self, run: str, event: Event) -> Kept:
        return self._change(lambda db: self._append(db, run, event))

    def _append(self, db: Connection, run: str, event: Event) -> Kept:
        before, seq, body = kept_of(db, run), event["seq"], written(event)
        if before is not None and seq == before.head:
            return before
        if before is None or seq != before.head + 1:
            raise out_of_order(run, seq, before and before.head)
        db.execute("INSERT INTO event VALUES (?, ?, ?)", (run, seq, body))
        grown = before.bytes + len(body.encode())
        low, size = trim(before.low, seq, before.keep, grown, self._most, size_of(db, run))
        if low > before.low:
            db.execute("DELETE FROM event WHERE run = ? AND seq < ?", (run, low))
        db.execute(
            "UPDATE run SET low = ?, head = ?, bytes = ?, at = ? WHERE run = ?",
            (low, seq, size, event["sent_at"], run),
        )
        return before._replace(low=low, head=seq, bytes=size, at=event["sent_at"])

    def since(self, run: str, after: int, limit: int = PAGE) -> Page | None:
        return self._read(lambda db: self._since(db, run, after, limit))

    def _since(self, db: Connection, run: str, after: int, limit: int) -> Page | None:
        if (kept := kept_of(db, run)) is None:
            return None
        first, last, complete, reason, more = window(after, kept.low, kept.head, limit)
        rows = db.execute(
            "SELECT body FROM event WHERE run = ? AND seq BETWEEN ? AND ? ORDER BY seq",
            (run, first, last),
        )
        events = [json.loads(body) for (body,) in rows]
        oldest = kept.low if kept.low <= kept.head else None
        return Page(events, complete, oldest, reason, more)

    def known(self, run: str) -> Kept | None:
        return self._read(lambda db: kept_of(db, run))

    def end(self, run: str, at: float) -> None:
        sql = "UPDATE run SET ended = ? WHERE run = ? AND ended IS NULL"
        self._change(lambda db: db.execute(sql, (at, run)) and None)

    def runs(self) -> list[Kept]:
        sql = f"SELECT {COLUMNS} FROM run ORDER BY rowid"
        return self._read(lambda db: [Kept(*row) for row in db.execute(sql)])

    def drop(self, run: str) -> None:
        def work(db: Connection) -> None:
            db.execute("DELETE FROM event WHERE run = ?", (run,))
            db.execute("DELETE FROM run WHERE run = ?", (run,))

        self._change(work)

    def check(self) -> None:
        self._change(lambda db: None)

    def close(self) -> None:
        self.database.close()

    def _change(self, work: Callable[[Connection], T]) -> T:
        with failing():
            return self.database.change(work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        with failing():
            return self.database.read(work)


@contextmanager
def failing() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreFailed(f"the file of the buffer fails: {error}") from error


def kept_of(db: Connection, run: str) -> Kept | None:
    row = db.execute(f"SELECT {COLUMNS} FROM run WHERE run = ?", (run,)).fetchone()
    return Kept(*row) if row else None


def size_of(db: Connection, run: str) -> Callable[[int], int]:
    """A function that tells how many bytes an event of this run takes."""
    sql = "SELECT length(CAST(body AS BLOB)) FROM event WHERE run = ? AND seq = ?"

    def size(seq: int) -> int:
        found: int = db.execute(sql, (run, seq)).fetchone()[0]
        return found

    return size
