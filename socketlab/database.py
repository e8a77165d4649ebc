"""One SQLite file: what waits at the same time is committed together, in one thread of its own.

A commit that reaches the disk costs as much for one change as for a hundred ("group commit"),
and it may take long: a slow disk, a virus scanner, another process that holds the file. So the
event loop never waits for it: a change is handed to ``worker``, which runs one batch at a time
elsewhere and wakes whoever waits for its part.

Source: SQLite documentation, "Write-Ahead Logging", "PRAGMA synchronous", "PRAGMA secure_delete",
"PRAGMA wal_checkpoint", "SAVEPOINT".
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import Any, Generic, Protocol, TypeVar

BUSY_SECONDS = 2  # how long another process may hold the file

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
Outcome = tuple[Any, BaseException | None]  # what a piece of work returned, or raised


class Worker(Protocol):
    """Runs batches one after the other, perhaps in another thread."""

    def call(self, work: Work[T]) -> T:
        """What the work returns once its batch is done; raises what the work raised."""

    def close(self) -> None:
        """Nothing more will come."""


class InPlace:
    """The worker that is none: every change is a batch of its own, where it is asked for."""

    def __init__(self, run: Callable[[list[Work[Any]]], list[Outcome]]):
        self._run, self._lock = run, Lock()

    def call(self, work: Work[T]) -> T:
        value: T
        with self._lock:
            ((value, error),) = self._run([work])
        if error is not None:
            raise error
        return value

    def close(self) -> None:
        pass


class Database:
    """The file at ``path`` with the tables of ``schema``, readable by its owner alone.

    ``synchronous`` FULL: a commit outlives the loss of power; NORMAL: it outlives the process.
    ``worker(run)`` makes the Worker that runs the batches. A file takes ``most_bytes`` and no
    more: a change beyond fails as on a full disk. Raises OSError or sqlite3.Error.
    """

    def __init__(
        self,
        path: str | Path,
        schema: str,
        synchronous: str = "FULL",
        worker: Callable[[Callable[[list[Work[Any]]], list[Outcome]]], Worker] = InPlace,
        most_bytes: int | None = None,
    ):
        if path != ":memory:":  # SQLite gives its side files the same mode
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            os.chmod(path, 0o600)
        self._schema = schema
        self._db = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute(f"PRAGMA synchronous = {synchronous}")
            self._db.executescript(schema)
            if most_bytes is not None:
                self._limit(most_bytes)
        except sqlite3.Error:
            self._db.close()
            raise
        self._worker = worker(self.run_batch)

    def _limit(self, most_bytes: int) -> None:
        (page,) = self._db.execute("PRAGMA page_size").fetchone()
        self._db.execute(f"PRAGMA max_page_count = {most_bytes // page}")
        # The side file shrinks again after a large transaction.
        self._db.execute(f"PRAGMA journal_size_limit = {most_bytes}")

    def take_over(self, path: str | Path) -> None:
        """Copies what the file at ``path`` holds, where it can be read; nothing is written there.

        For a database in memory that stands in for a file.
        """
        # Only what a server that was killed has left in the side file needs one to be read.
        killed = Path(f"{path}-wal").exists()
        for how in ("mode=ro",) * killed + ("mode=ro&immutable=1",):
            try:
                source = sqlite3.connect(f"{Path(path).absolute().as_uri()}?{how}", uri=True)
                with closing(source):
                    source.backup(self._db)
                self._db.executescript(self._schema)  # what is newer than the file
                return
            except sqlite3.Error:
                continue

    def change(self, work: Work[T]) -> T:
        """Have ``work(connection)`` done in a transaction; back when it is on the disk.

        Hands back what the work returns. Raises what it raises, and then nothing of it is kept.
        """
        return self._worker.call(work)

    def erase(self, work: Work[T]) -> T:
        """The same for work that deletes: afterwards no byte of it is left in the files."""
        return self._worker.call(_Erasing(work))

    def read(self, work: Work[T]) -> T:
        """The same for work that changes nothing: it needs no lock that another might hold."""
        return self._worker.call(_Reading(work))

    def run_batch(self, batch: list[Work[Any]]) -> list[Outcome]:
        """For the worker: all of the batch is on the disk afterwards, or nothing of it."""
        writes = not all(isinstance(work, _Reading) for work in batch)
        erases = any(isinstance(work, _Erasing) for work in batch)
        try:
            if erases:  # what is deleted is written over
                self._db.execute("PRAGMA secure_delete = ON")
            self._db.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            try:
                outcomes = [self._attempt(work) for work in batch]
                self._db.execute("COMMIT")
                return outcomes
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                if erases:  # the side file has the pages as they were
                    self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                    self._db.execute("PRAGMA secure_delete = OFF")
        except sqlite3.Error as error:
            return [(None, error)] * len(batch)

    def _attempt(self, work: Work[Any]) -> Outcome:
        """One piece of a batch: its failure undoes its own changes, not its neighbours'."""
        self._db.execute("SAVEPOINT piece")
        outcome: Outcome
        try:
            outcome = work(self._db), None
        except Exception as error:
            if not self._db.in_transaction:  # the disk is full: SQLite gave up the whole batch
                raise
            self._db.execute("ROLLBACK TO piece")
            outcome = None, error
        self._db.execute("RELEASE piece")
        return outcome

    def close(self) -> None:
        """Give the file back; its side files go with the last connection."""
        self._worker.close()
        self._db.close()


class _Kind(Generic[T]):
    """Work that a batch has to tell from other work."""

    def __init__(self, work: Work[T]):
        self._work = work

    def __call__(self, connection: sqlite3.Connection) -> T:
        return self._work(connection)


class _Reading(_Kind[T]):
    """It changes nothing."""


class _Erasing(_Kind[T]):
    """It deletes what nobody may find again."""
