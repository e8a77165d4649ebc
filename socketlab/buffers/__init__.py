"""Where the events of a run are kept, so that somebody who was away can have them afterwards.

Four stores with one interface (base.py). What each of them survives:

                a cut   the server killed   the machine without power   seen by other servers
    off         no      no                  no                          no
    memory      yes     no                  no                          no
    sqlite      yes     yes                 yes                         no
    redis       yes     yes                 as Redis is set up          yes
"""

import sqlite3
from pathlib import Path
from typing import Any

from ..database import Database, InPlace
from .base import RUN_BYTES, Store
from .choice import FIRST, Buffers, Choice, Unusable
from .memory import Memory
from .off import Off
from .sqlite import SCHEMA, SYNCHRONOUS, Sqlite

__all__ = ["FIRST", "Buffers", "Choice", "Store", "Unusable", "open_stores"]

FILE = "buffer.sqlite3"


def open_stores(
    folder: str | Path,
    redis_url: str = "",
    run_bytes: int = RUN_BYTES,
    worker: Any = InPlace,
    file_bytes: int | None = None,
) -> tuple[dict[str, Store], dict[str, str]]:
    """``({kind: store}, {kind: sentence})``: what can be used, and why the others cannot.

    ``run_bytes`` is the most that is kept of one run; ``worker`` runs what waits for the disk.
    ``file_bytes`` is the most that the file takes; 0: the disk is full, and there is no file.
    """
    stores: dict[str, Store] = {"off": Off(), "memory": Memory(run_bytes)}
    absent: dict[str, str] = {}
    try:
        if file_bytes == 0:
            raise OSError("the disk is nearly full")
        database = Database(Path(folder) / FILE, SCHEMA, SYNCHRONOUS, worker, file_bytes)
        stores["sqlite"] = Sqlite(database, run_bytes)
    except (OSError, sqlite3.Error) as error:
        absent["sqlite"] = f"the file of the buffer cannot be used: {error}"
    if redis_url:
        from .redis_streams import RedisStreams

        stores["redis"] = RedisStreams(redis_url, run_bytes)
    else:
        absent["redis"] = "there is no Redis here: set SOCKETLAB_REDIS_URL and start again"
    return stores, absent
