"""A buffer in Redis: outlives the process, and other servers read it too.

    socketlab:missed:runs        the runs in the order in which they began
    socketlab:missed:run:<run>   a hash: seat, keep, low, head, bytes, at, ended
    socketlab:missed:log:<run>   a stream; the event with number n has the id n-0

Ids are given by us, so they have no holes; Redis itself refuses one that is not above the last.
Trimming is exact (``MINID =``): Redis' usual ``~`` keeps more than was said, and the sum on the
page would not add up. Adding, trimming and the low-water mark are one script: all or nothing
for every other client of Redis.

Source: Redis documentation, "XADD", "XTRIM", "Scripting with Lua".
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis

from .base import (
    PAGE,
    RUN_BYTES,
    Event,
    Kept,
    Page,
    Store,
    StoreFailed,
    out_of_order,
    window,
    written,
)

PREFIX = "socketlab:missed:"
SECONDS = 2  # for one answer of Redis
CONNECTIONS = 16
DAY = 24 * 3600  # whatever a server that never came back has left behind goes after a day

APPEND = """
local kept = redis.call('HMGET', KEYS[1], 'head', 'low', 'keep', 'bytes')
local seq, body, most = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local head, low = tonumber(kept[1]), tonumber(kept[2])
local keep, bytes = tonumber(kept[3]), tonumber(kept[4])
if not head then return -1 end
if seq ~= head + 1 then return head end
redis.call('XADD', KEYS[2], seq .. '-0', 'event', body)
bytes = bytes + #body
while low <= seq and (seq - low + 1 > keep or bytes > most) do
  local oldest = redis.call('XRANGE', KEYS[2], low .. '-0', low .. '-0')
  bytes = bytes - #oldest[1][2][2]
  low = low + 1
end
redis.call('XTRIM', KEYS[2], 'MINID', '=', low .. '-0')
redis.call('HSET', KEYS[1], 'head', seq, 'low', low, 'bytes', bytes, 'at', ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('EXPIRE', KEYS[2], ARGV[5])
return seq
"""
SINCE = """
local kept = redis.call('HMGET', KEYS[1], 'low', 'head')
if not kept[1] then return false end
local found = redis.call('XRANGE', KEYS[2], '(' .. ARGV[1] .. '-0', '+', 'COUNT', ARGV[2])
return {kept[1], kept[2], found}
"""
END = """
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSETNX', KEYS[1], 'ended', ARGV[1]) end
"""


class RedisStreams(Store):
    kind, durable, shared = "redis", True, True

    def __init__(self, url: str, run_bytes: int = RUN_BYTES, prefix: str = PREFIX):
        self._most, self._prefix = run_bytes, prefix
        # So many connections and no more: whoever finds none free waits for one, for so long.
        self._redis = redis.Redis(
            connection_pool=redis.BlockingConnectionPool.from_url(
                url,
                max_connections=CONNECTIONS,
                timeout=SECONDS,
                socket_timeout=SECONDS,
                socket_connect_timeout=SECONDS,
                decode_responses=True,
            )
        )
        self._append = self._redis.register_script(APPEND)
        self._since = self._redis.register_script(SINCE)
        self._end = self._redis.register_script(END)

    def _keys(self, run: str) -> tuple[str, str]:
        return f"{self._prefix}run:{run}", f"{self._prefix}log:{run}"

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except redis.RedisError as error:
            # Not its own words: they name an address, and a student may read this.
            raise StoreFailed(f"Redis does not answer ({type(error).__name__})") from error

    def begin(self, run: str, seat: str, keep: int, at: float) -> None:
        fields: Any = {
            "seat": seat,
            "keep": keep,
            "low": 1,
            "head": 0,
            "bytes": 0,
            "at": at,
        }
        with self._failing(), self._redis.pipeline() as pipe:
            pipe.hset(self._keys(run)[0], mapping=fields)
            pipe.expire(self._keys(run)[0], DAY)
            pipe.rpush(f"{self._prefix}runs", run)
            pipe.execute()

    def append(self, run: str, event: Event) -> Kept:
        seq, body = event["seq"], written(event)
        with self._failing():
            head = self._append(self._keys(run), (seq, body, self._most, event["sent_at"], DAY))
            if head != seq:
                raise out_of_order(run, seq, head)
            kept = self.known(run)
        if kept is None:  # somebody emptied Redis between the two
            raise out_of_order(run, seq, None)
        return kept

    def since(self, run: str, after: int, limit: int = PAGE) -> Page | None:
        with self._failing():
            found = self._since(self._keys(run), (after, limit))
        if found is None:
            return None
        low, head, entries = int(found[0]), int(found[1]), found[2]
        first, last, complete, reason, more = window(after, low, head, limit)
        events = [json.loads(fields[1]) for _, fields in entries] if first <= last else []
        return Page(events, complete, low if low <= head else None, reason, more)

    def known(self, run: str) -> Kept | None:
        with self._failing():
            row: Any = self._redis.hgetall(self._keys(run)[0])
        return self._kept(run, row)

    def _kept(self, run: str, row: dict[str, str]) -> Kept | None:
        if not row:
            return None
        keep, low, head, size = (int(row[name]) for name in ("keep", "low", "head", "bytes"))
        ended = float(row["ended"]) if "ended" in row else None
        return Kept(run, row["seat"], keep, low, head, size, float(row["at"]), ended)

    def end(self, run: str, at: float) -> None:
        with self._failing():
            self._end(self._keys(run)[:1], (at,))

    def runs(self) -> list[Kept]:
        with self._failing():
            names: Any = self._redis.lrange(f"{self._prefix}runs", 0, -1)
            with self._redis.pipeline(transaction=False) as pipe:
                for run in names:
                    pipe.hgetall(self._keys(run)[0])
                rows = pipe.execute()
            kept = [self._kept(run, row) for run, row in zip(names, rows, strict=True)]
            for run, one in zip(names, kept, strict=True):
                if one is None:  # its day is over
                    self._redis.lrem(f"{self._prefix}runs", 0, run)
        return [one for one in kept if one]

    def drop(self, run: str) -> None:
        with self._failing(), self._redis.pipeline() as pipe:
            pipe.delete(*self._keys(run))
            pipe.lrem(f"{self._prefix}runs", 0, run)
            pipe.execute()

    def check(self) -> None:
        with self._failing():
            self._redis.ping()

    def close(self) -> None:
        self._redis.close()
