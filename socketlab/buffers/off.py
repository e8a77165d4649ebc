"""No buffer: what Socket.IO does by itself. Counts what went by, keeps nothing of it."""

from .base import PAGE, Event, Kept, Page, Store, out_of_order


class Off(Store):
    kind = "off"

    def __init__(self) -> None:
        self._runs: dict[str, Kept] = {}

    def begin(self, run: str, seat: str, keep: int, at: float) -> None:
        self._runs[run] = Kept(run, seat, keep, 1, 0, 0, at, None)

    def append(self, run: str, event: Event) -> Kept:
        before, seq = self._runs.get(run), event["seq"]
        if before is None or seq not in (before.head, before.head + 1):
            raise out_of_order(run, seq, before and before.head)
        after = before._replace(low=seq + 1, head=seq, at=event["sent_at"])
        self._runs[run] = after
        return after

    def since(self, run: str, after: int, limit: int = PAGE) -> Page | None:
        if run not in self._runs:
            return None
        head = self._runs[run].head
        if after > head:
            return Page([], False, None, "restarted", False)
        complete = after == head
        return Page([], complete, None, None if complete else "buffer off", False)

    def known(self, run: str) -> Kept | None:
        return self._runs.get(run)

    def end(self, run: str, at: float) -> None:
        if run in self._runs and self._runs[run].ended is None:
            self._runs[run] = self._runs[run]._replace(ended=at)

    def runs(self) -> list[Kept]:
        return list(self._runs.values())

    def drop(self, run: str) -> None:
        self._runs.pop(run, None)
