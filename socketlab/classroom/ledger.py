"""The little that must outlive the process: chosen nicks and locked predictions.

One SQLite file in the data folder (WAL, so that a reader never waits for the writer).
A committed row survives the end of the process in every mode; ``NORMAL`` may lose the
last rows when the whole machine loses power, which costs a prediction, not a lesson.

Source: SQLite documentation, "Write-Ahead Logging".
"""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS nick (seat TEXT PRIMARY KEY, nick TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS prediction (
    seat TEXT NOT NULL, step TEXT NOT NULL, choice TEXT NOT NULL,
    PRIMARY KEY (seat, step)
) WITHOUT ROWID;
"""


class Ledger:
    """Rows by seat. ``path`` is a file, or ``":memory:"`` for a ledger that forgets."""

    def __init__(self, path):
        self._db = sqlite3.connect(path, timeout=2, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)
        self._db.commit()

    def keep_nick(self, seat, nick):
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO nick VALUES (?, ?)", (seat, nick))

    def nick(self, seat):
        """The nick that this seat chose, or None."""
        row = self._db.execute("SELECT nick FROM nick WHERE seat = ?", (seat,)).fetchone()
        return row and row[0]

    def keep_prediction(self, seat, step, choice):
        """Lock a choice. The first one stays: a later one for the same step is ignored."""
        with self._db:
            self._db.execute(
                "INSERT OR IGNORE INTO prediction VALUES (?, ?, ?)", (seat, step, choice)
            )

    def predictions(self, seat):
        """The locked choices of one seat: ``{step: choice}``."""
        rows = self._db.execute("SELECT step, choice FROM prediction WHERE seat = ?", (seat,))
        return dict(rows.fetchall())

    def close(self):
        self._db.close()
