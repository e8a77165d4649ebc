"""What the tap keeps: records in rings, counters under labels. Pure.

Sizes are bytes. A record is cheap on purpose: a broadcast to a class of 300 adds 300 of them.
What crossed in one go, four frames in one write perhaps, is kept in one step and told apart by
who reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

LABELS = 64  # per ring; a client invents event names, so the table must end somewhere
CHUNK = 64  # records that are kept, and let go, together, or a few more
WIDTH = 5  # values that make a step
OVERHEAD = 100  # what a record costs beside its bytes, so that the bounds are honest
MARKS = 64  # steps remembered of what fell out of a ring

Spans = list[tuple[int, int]]  # (start, length) each

Row = tuple[int, float, int, int, "Captured"]  # n, at, connection id, place, what crossed


class Counted(Protocol):
    """A connection, as far as a counter is concerned."""

    counters: set[Count]  # that know of it


class Sums(NamedTuple):
    """How much crossed: requests and frames, and the bytes of both, by direction."""

    requests: int = 0
    frames_up: int = 0
    frames_down: int = 0
    bytes_up: int = 0
    bytes_down: int = 0


@dataclass(slots=True, eq=False)
class Count:
    """What crossed under one label, in one ring.

    Of the connections that it crossed, only those are remembered that are still open: the
    others are a number. So a counter does not grow with the visits of a day.
    """

    requests: int = 0
    empty: int = 0
    frames_up: int = 0
    frames_down: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    open: set[Counted] = field(default_factory=set, repr=False)
    closed: int = 0
    heir: Count | None = field(default=None, repr=False)  # who took this one over

    @property
    def connections(self) -> int:
        """How many connections it crossed on."""
        return len(self.open) + self.closed

    def sums(self) -> Sums:
        """The figures that can be added up and told apart from earlier ones."""
        return Sums(self.requests, self.frames_up, self.frames_down, self.bytes_up, self.bytes_down)

    def latest(self) -> Count:
        """The counter that has these figures now: this one, or who took it over."""
        count = self
        while count.heir is not None:
            count = count.heir
        return count

    def saw(self, connection: Counted) -> None:
        """Something crossed this connection, which is open."""
        if connection not in self.open:
            self.open.add(connection)
            connection.counters.add(self)

    def lost(self, connection: Counted) -> None:
        """The connection is closed: from now on it is a number."""
        if connection in self.open:
            self.open.remove(connection)
            self.closed += 1

    def add(self, other: Count) -> None:
        """Takes over another counter, which counts no longer."""
        self.requests += other.requests
        self.empty += other.empty
        self.frames_up += other.frames_up
        self.frames_down += other.frames_down
        self.bytes_up += other.bytes_up
        self.bytes_down += other.bytes_down
        self.closed += other.closed
        other.heir = self
        for connection in other.open:
            connection.counters.discard(other)
            self.saw(connection)

    def stop(self) -> None:
        """Counts no longer; the figures stay as they are."""
        self.closed = self.connections
        for connection in self.open:
            connection.counters.discard(self)
        self.open = set()

    def copy(self) -> Count:
        """A counter with these figures that counts no further."""
        return Count(
            self.requests,
            self.empty,
            self.frames_up,
            self.frames_down,
            self.bytes_up,
            self.bytes_down,
            closed=self.connections,
        )


@dataclass(slots=True)
class Captured:
    """One thing that crossed, secrets blanked; shared by all receivers of a broadcast."""

    data: bytes
    label: str
    size: int  # bytes that crossed; more than ``len(data)`` when not all was kept
    blanked: tuple[tuple[int, int], ...] = ()  # (start, length) within data
    inflated: bytes | None = None  # the message behind a compressed one, on its last frame
    kind: str = "frame"  # or "http"

    @property
    def held(self) -> int:
        """Bytes of memory that a record of it takes, about."""
        inside = 0 if self.inflated is None else len(self.inflated)
        return OVERHEAD + len(self.data) + inside


@dataclass(slots=True)
class Record:
    """One thing that crossed, as :meth:`Tap.records` hands it out."""

    n: int
    at: float
    connection: int
    up: bool
    kind: str  # "http" or "frame"
    data: bytes
    offset: int  # of the first byte, in the TCP stream of that direction
    blanked: Spans
    truncated: int  # bytes that crossed and were not kept
    inflated: bytes | None


class Ring:
    """The records and the counters of one seat (or of a session or connection without a seat).

    Records lie flat in lists of 64 or a few more, five values for each step: n of its first
    record, at, connection id, place of its first byte, and what crossed, as one Captured for
    each record. The place is the offset in its stream, or ~offset for what came up. So a
    broadcast costs a few numbers per receiver and no object of its own.
    """

    __slots__ = (
        "chunks",
        "open",
        "fresh",
        "full",
        "rows",
        "held",
        "dropped",
        "marks",
        "counts",
        "joined",
    )

    def __init__(self, full: int = CHUNK) -> None:
        self.full = full  # records after which a new chunk is begun
        self.joined = 0  # how often older records came in between these
        self.counts: dict[str, Count] = {}
        self.clear()

    def clear(self) -> None:
        """Drops all records and counters."""
        for counter in self.counts.values():
            counter.stop()
        self.open: list[Any] = []  # the youngest chunk
        self.fresh = 0  # records in it
        self.chunks = [self.open]  # in the order of n; a list, for a deque begins with 700 bytes
        self.rows = self.held = self.dropped = 0
        self.marks: list[tuple[int, int]] = []  # (last n that fell out, how many in all by then)
        self.counts = {}

    def count(self, label: str) -> Count:
        """The counter of a label, made when it is new; "other" once the table is full."""
        counter = self.counts.get(label)
        if counter is None:
            if len(self.counts) >= LABELS:
                label = "other"
            counter = self.counts.setdefault(label, Count())
        return counter

    def add(
        self, n: int, at: float, connection: int, place: int, step: Sequence[Captured], held: int
    ) -> None:
        """Keeps what crossed in one go; its records are numbered from ``n`` on."""
        rows = len(step)
        self.open += (n, at, connection, place, step)
        self.rows += rows
        self.held += held
        self.fresh += rows
        if self.fresh >= self.full:
            self.turn()

    def turn(self) -> None:
        """Starts a new chunk."""
        if self.open:
            self.open, self.fresh = [], 0
            self.chunks.append(self.open)

    def trim(self, rows: int, size: int) -> None:
        """Lets the oldest chunks go until at most ``rows`` records and ``size`` bytes are left."""
        while self.rows and (self.rows > rows or self.held > size):
            if len(self.chunks) == 1:
                self.turn()
            chunk = self.chunks.pop(0)
            gone = [what for step in chunk[4::WIDTH] for what in step]
            self.rows -= len(gone)
            self.held -= sum(what.held for what in gone)
            self.dropped += len(gone)
            self._mark(_last(chunk))

    def _mark(self, last: int) -> None:
        """Remembers that what is numbered up to ``last`` fell out."""
        self.marks.append((last, self.dropped))
        del self.marks[:-MARKS]

    def since(self, after: int) -> Iterator[Row]:
        """The records numbered above ``after``, oldest first, as tuples."""
        fresh = []
        for chunk in reversed(self.chunks):
            if chunk and _last(chunk) <= after:
                break
            fresh.append(list(chunk))
        for chunk in reversed(fresh):
            columns = (chunk[column::WIDTH] for column in range(WIDTH))
            for n, at, connection, place, step in zip(*columns, strict=True):
                for what in step:
                    if n > after:
                        yield n, at, connection, place, what
                    n += 1
                    place += what.size if place >= 0 else -what.size

    def newest(self, wanted: Callable[[int, Captured], bool]) -> int | None:
        """The number of the youngest record with ``wanted(connection id, what crossed)``."""
        for chunk in reversed(self.chunks):
            for at in range(len(chunk) - WIDTH, -1, -WIDTH):
                n, _, connection, _, step = chunk[at : at + WIDTH]
                if wanted(connection, step[-1]):
                    return int(n) + len(step) - 1
        return None

    def last(self) -> int:
        """The number of the youngest record, 0 if there is none."""
        return max((_last(chunk) for chunk in self.chunks[-2:] if chunk), default=0)

    def unseen(self, after: int) -> int:
        """How many records above ``after`` fell out (at least that many, if long ago)."""
        seen = 0
        for last, dropped in self.marks:
            if last > after:
                break
            seen = dropped
        return self.dropped - seen

    def absorb(self, other: Ring) -> None:
        """Takes over another ring's records, in order, and its counts."""
        if other.rows and other.chunks[0][0] < self.last():
            self.joined += 1
            flat: list[Any] = []
            for *row, what in merge(self.since(0), other.since(0), key=itemgetter(0)):
                flat += (*row, (what,))
            step = CHUNK * WIDTH
            self.chunks = [flat[at : at + step] for at in range(0, len(flat), step)]
        else:  # all of theirs is younger, as it is with a visit that was short
            self.chunks = [chunk for chunk in (*self.chunks, *other.chunks) if chunk]
        self.open, self.fresh = [], 0
        self.chunks.append(self.open)
        self.rows += other.rows
        self.held += other.held
        if other.dropped:
            self.dropped += other.dropped
            self._mark(max(ring.marks[-1][0] for ring in (self, other) if ring.marks))
        for label, theirs in other.counts.items():
            self.count(label).add(theirs)


def _last(chunk: list[Any]) -> int:
    """The number of the youngest record in a chunk."""
    n: int = chunk[-WIDTH] + len(chunk[-1]) - 1
    return n


def tally(captured: Sequence[Captured]) -> list[tuple[str, int, int]]:
    """(label, frames, bytes) for each label among these."""
    if len(captured) == 1:
        return [(captured[0].label, 1, captured[0].size)]
    frames: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for what in captured:
        frames[what.label] += 1
        sizes[what.label] += what.size
    return [(label, number, sizes[label]) for label, number in frames.items()]


def record(row: Row) -> Record:
    """A row of a ring, spelt out."""
    n, at, connection, place, what = row
    up = place < 0
    return Record(
        n,
        at,
        connection,
        up,
        what.kind,
        what.data,
        ~place if up else place,
        list(what.blanked),
        what.size - len(what.data),
        what.inflated,
    )
