"""What a store is: a log for each run, numbered 1, 2, 3 … without a hole, with a bounded end.

    begin ──▶ append, append, append … ──▶ end ──▶ drop
                        since, whenever somebody asks

The head is the last number given, the low-water mark the first number still kept. Whoever has
everything up to ``after`` lacks something for good exactly if ``after + 1`` is below the mark.
Trimming moves the mark in the same transaction that deletes, so a store never forgets silently.

Source: Apache Kafka documentation, "Log compaction" and "Consumer position" (the names);
Redis documentation, "Redis Streams", section "Capped streams".
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

PAGE = 200  # events in one answer
RUN_BYTES = 256 * 1024  # of one run, counted as the JSON text that is kept


Event = dict[str, Any]  # {run, seq, sent_at, text}


class StoreFailed(Exception):
    """The store could not do it: disk full, file locked, server gone. Its text is a sentence."""


class Kept(NamedTuple):
    """What a store knows of a run. Kept are the numbers ``low`` to ``head``; none: low = head + 1.

    ``at`` is when the run last moved, ``ended`` when it was over or None: ms, server clock.
    """

    run: str
    seat: str
    keep: int
    low: int
    head: int
    bytes: int
    at: float
    ended: float | None


class Page(NamedTuple):
    """Everything still kept after a number, oldest first, and whether that is all there was.

    ``oldest`` is the first number still kept, None where nothing is. ``more``: ask again from
    the last number of this page.
    """

    events: list[Event]
    complete: bool
    oldest: int | None
    reason: str | None
    more: bool


class Store:
    """A few verbs; a store for nothing (off.py) has them too. All may raise StoreFailed."""

    kind = ""
    durable = False  # outlives the process
    shared = False  # other servers write to it as well

    def begin(self, run: str, seat: str, keep: int, at: float) -> None:
        """Open the log of a run, of which the last ``keep`` events are wanted."""
        raise NotImplementedError

    def append(self, run: str, event: Event) -> Kept:
        """Keep ``event``, whose ``seq`` is head + 1, and trim. Done when this returns.

        Appending the event at the head once more changes nothing: a lost answer may be retried.
        """
        raise NotImplementedError

    def since(self, run: str, after: int, limit: int = PAGE) -> Page | None:
        """What came after number ``after``; None for a run that is not here."""
        raise NotImplementedError

    def known(self, run: str) -> Kept | None:
        """What is kept of a run; None for one that is not here."""
        raise NotImplementedError

    def end(self, run: str, at: float) -> None:
        """No more will come; what is kept stays. Ending twice keeps the first moment."""
        raise NotImplementedError

    def runs(self) -> list[Kept]:
        """All runs that are here, in the order in which they began."""
        raise NotImplementedError

    def drop(self, run: str) -> None:
        """Forget a run; an unknown one is forgotten already."""
        raise NotImplementedError

    def check(self) -> None:
        """Raises StoreFailed where the store cannot be reached now."""

    def close(self) -> None:
        """Give files and connections back."""


def written(event: Event) -> str:
    """An event as it is kept: JSON, compact, the same text in every store."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def out_of_order(run: str, seq: int, head: int | None) -> StoreFailed:
    """The refusal of a number that would leave a hole or be given twice."""
    return StoreFailed(f"number {seq} does not follow {head} in run {run}")


def trim(
    low: int, head: int, keep: int, size: int, most: int, size_of: Callable[[int], int]
) -> tuple[int, int]:
    """The new low-water mark and size of a log from ``low`` to ``head``, and nothing else.

    ``size_of(seq)`` tells the bytes of one event. At most ``keep`` events and ``most`` bytes stay.
    """
    while low <= head and (head - low + 1 > keep or size > most):
        size -= size_of(low)
        low += 1
    return low, size


def window(
    after: int, low: int, head: int, limit: int = PAGE
) -> tuple[int, int, bool, str | None, bool]:
    """Which numbers answer ``after``: ``(first, last, complete, reason, more)``.

    An asker ahead of the head has seen what the log lost with an earlier server: nothing can be
    told for sure, so nothing is replayed.
    """
    if after > head:
        return head + 1, head, False, "restarted", False
    first = max(after + 1, low)
    last = min(head, first + limit - 1)
    complete = after + 1 >= low
    return first, last, complete, None if complete else "trimmed", last < head
