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

from .base import RUN_BYTES, StoreFailed
from .memory import Memory
from .off import Off
from .sqlite import Sqlite

FILE = "buffer.sqlite3"


def open_stores(folder, redis_url="", run_bytes=RUN_BYTES):
    """``({kind: store}, {kind: sentence})``: what can be used, and why the others cannot.

    ``run_bytes`` is the most that is kept of one run.
    """
    stores, absent = {"off": Off(), "memory": Memory(run_bytes)}, {}
    try:
        stores["sqlite"] = Sqlite(Path(folder) / FILE, run_bytes)
    except (OSError, sqlite3.Error, StoreFailed) as error:
        absent["sqlite"] = f"the file of the buffer cannot be used: {error}"
    if redis_url:
        from .redis_streams import RedisStreams

        stores["redis"] = RedisStreams(redis_url, run_bytes)
    else:
        absent["redis"] = "there is no Redis here: set SOCKETLAB_REDIS_URL and start again"
    return stores, absent
