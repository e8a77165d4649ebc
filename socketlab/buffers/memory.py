"""A buffer in this process: as quick as a list, gone with the process, unseen by its neighbour."""

import json
from collections import deque
from threading import RLock

from .base import PAGE, RUN_BYTES, Event, Kept, Page, Store, out_of_order, trim, window, written


class Memory(Store):
    kind = "memory"

    def __init__(self, run_bytes: int = RUN_BYTES):
        self._runs: dict[str, Kept] = {}
        self._logs: dict[str, deque[str]] = {}  # of texts, the first of them number Kept.low
        self._most = run_bytes
        self._lock = RLock()

    def begin(self, run: str, seat: str, keep: int, at: float) -> None:
        with self._lock:
            self._runs[run] = Kept(run, seat, keep, 1, 0, 0, at, None)
            self._logs[run] = deque()

    def append(self, run: str, event: Event) -> Kept:
        with self._lock:
            before, seq = self._runs.get(run), event["seq"]
            if before is not None and seq == before.head:
                return before
            if before is None or seq != before.head + 1:
                raise out_of_order(run, seq, before and before.head)
            log = self._logs[run]
            log.append(written(event))
            low, size = trim(
                before.low,
                seq,
                before.keep,
                before.bytes + len(log[-1].encode()),
                self._most,
                lambda _: len(log.popleft().encode()),
            )
            after = before._replace(low=low, head=seq, bytes=size, at=event["sent_at"])
            self._runs[run] = after
            return after

    def since(self, run: str, after: int, limit: int = PAGE) -> Page | None:
        with self._lock:
            if run not in self._runs:
                return None
            low, head, log = self._runs[run].low, self._runs[run].head, self._logs[run]
            first, last, complete, reason, more = window(after, low, head, limit)
            events = [json.loads(log[seq - low]) for seq in range(first, last + 1)]
            return Page(events, complete, low if low <= head else None, reason, more)

    def known(self, run: str) -> Kept | None:
        return self._runs.get(run)

    def end(self, run: str, at: float) -> None:
        with self._lock:
            if run in self._runs and self._runs[run].ended is None:
                self._runs[run] = self._runs[run]._replace(ended=at)

    def runs(self) -> list[Kept]:
        return list(self._runs.values())

    def drop(self, run: str) -> None:
        with self._lock:
            self._runs.pop(run, None)
            self._logs.pop(run, None)
