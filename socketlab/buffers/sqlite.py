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
import os
import sqlite3
from contextlib import contextmanager
from threading import RLock

from .base import PAGE, RUN_BYTES, Kept, Page, Store, StoreFailed, out_of_order, trim, window
from .base import written as as_text

BUSY_SECONDS = 2  # how long another process may hold the file
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


class Sqlite(Store):
    kind, durable = "sqlite", True

    def __init__(self, path, run_bytes=RUN_BYTES):
        # SQLite gives its side files the same mode.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._most = run_bytes
        self._lock = RLock()
        self._db = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(SCHEMA)
        except sqlite3.Error:
            self._db.close()
            raise

    @contextmanager
    def _changing(self):
        """One transaction: all of it is on the disk afterwards, or nothing of it."""
        with self._lock, self._failing():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _failing(self):
        try:
            yield
        except sqlite3.Error as error:
            raise StoreFailed(f"the file of the buffer fails: {error}") from error

    def begin(self, run, seat, keep, at):
        with self._changing() as db:
            db.execute(
                f"INSERT INTO run ({COLUMNS}) VALUES (?, ?, ?, 1, 0, 0, ?, NULL)",
                (run, seat, keep, at),
            )

    def append(self, run, event):
        with self._changing() as db:
            before, seq, body = self._kept(run), event["seq"], as_text(event)
            if before is not None and seq == before.head:
                return before
            if before is None or seq != before.head + 1:
                raise out_of_order(run, seq, before and before.head)
            db.execute("INSERT INTO event VALUES (?, ?, ?)", (run, seq, body))
            grown = before.bytes + len(body.encode())
            low, size = trim(before.low, seq, before.keep, grown, self._most, self._size(run))
            if low > before.low:
                db.execute("DELETE FROM event WHERE run = ? AND seq < ?", (run, low))
            db.execute(
                "UPDATE run SET low = ?, head = ?, bytes = ?, at = ? WHERE run = ?",
                (low, seq, size, event["sent_at"], run),
            )
            return before._replace(low=low, head=seq, bytes=size, at=event["sent_at"])

    def _size(self, run):
        """A function that tells how many bytes an event of this run takes."""
        sql = "SELECT length(CAST(body AS BLOB)) FROM event WHERE run = ? AND seq = ?"
        return lambda seq: self._db.execute(sql, (run, seq)).fetchone()[0]

    def since(self, run, after, limit=PAGE):
        with self._lock, self._failing():
            if (kept := self._kept(run)) is None:
                return None
            first, last, complete, reason, more = window(after, kept.low, kept.head, limit)
            rows = self._db.execute(
                "SELECT body FROM event WHERE run = ? AND seq BETWEEN ? AND ? ORDER BY seq",
                (run, first, last),
            )
            events = [json.loads(body) for (body,) in rows]
            oldest = kept.low if kept.low <= kept.head else None
            return Page(events, complete, oldest, reason, more)

    def known(self, run):
        with self._lock, self._failing():
            return self._kept(run)

    def _kept(self, run):
        row = self._db.execute(f"SELECT {COLUMNS} FROM run WHERE run = ?", (run,)).fetchone()
        return row and Kept(*row)

    def end(self, run, at):
        with self._changing() as db:
            db.execute("UPDATE run SET ended = ? WHERE run = ? AND ended IS NULL", (at, run))

    def runs(self):
        with self._lock, self._failing():
            rows = self._db.execute(f"SELECT {COLUMNS} FROM run ORDER BY rowid").fetchall()
            return [Kept(*row) for row in rows]

    def drop(self, run):
        with self._changing() as db:
            db.execute("DELETE FROM event WHERE run = ?", (run,))
            db.execute("DELETE FROM run WHERE run = ?", (run,))

    def check(self):
        with self._changing():
            pass

    def close(self):
        self._db.close()
