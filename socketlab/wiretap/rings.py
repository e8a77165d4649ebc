"""What the tap keeps: rows in rings, counters under labels. Pure.

Sizes are bytes. A row is cheap on purpose: a broadcast to a class of 300 adds 300 of them.
"""

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field
from heapq import merge
from operator import itemgetter

LABELS = 64  # per seat; a client invents event names, so the table must end somewhere
CHUNK = 64  # rows that are kept, and let go, together
WIDTH = 5  # values that make a row
OVERHEAD = 100  # what a row costs beside its bytes, so that the bounds are honest
MARKS = 64  # steps remembered of what fell out of a ring


@dataclass(slots=True)
class Count:
    """What crossed under one label, for one seat."""

    requests: int = 0
    empty: int = 0
    frames_up: int = 0
    frames_down: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    connections: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Captured:
    """One thing that crossed, secrets blanked; shared by all receivers of a broadcast."""

    data: bytes
    label: str
    size: int  # bytes that crossed; more than ``len(data)`` when not all was kept
    blanked: tuple = ()  # (start, length) within data
    inflated: bytes | None = None  # the message behind a compressed one, on its last frame
    kind: str = "frame"  # or "http"


@dataclass(slots=True)
class Record:
    """One row of the wire, as :meth:`Tap.records` hands it out."""

    n: int
    at: float
    connection: int
    up: bool
    kind: str  # "http" or "frame"
    data: bytes
    offset: int  # of the first byte, in the TCP stream of that direction
    blanked: list
    truncated: int  # bytes that crossed and were not kept
    inflated: bytes | None


class Ring:
    """The ring and the counters of one seat (or of one session or line without a seat).

    Rows lie flat in lists of up to 64, five values each: n, at, line id, place, Captured. The
    place is the offset in its stream, or ~offset for what came up. So a broadcast costs a few
    numbers per receiver and no object of its own.
    """

    __slots__ = ("chunks", "open", "rows", "held", "dropped", "marks", "counts")

    def __init__(self):
        self.open = []  # the youngest chunk
        self.chunks = deque([self.open])  # in the order of n
        self.rows = self.held = self.dropped = 0
        self.marks = deque(maxlen=MARKS)  # (last n that fell out, how many in all by then)
        self.counts = {}

    def count(self, label):
        """The counter of a label, made when it is new; "other" once the table is full."""
        counter = self.counts.get(label)
        if counter is None:
            if len(self.counts) >= LABELS:
                label = "other"
            counter = self.counts.setdefault(label, Count())
        return counter

    def turn(self):
        """Starts a new chunk."""
        if self.open:
            self.open = []
            self.chunks.append(self.open)

    def trim(self, rows, size):
        """Lets the oldest chunks go until at most ``rows`` rows and ``size`` bytes are left."""
        while self.rows and (self.rows > rows or self.held > size):
            if len(self.chunks) == 1:
                self.turn()
            chunk = self.chunks.popleft()
            self.rows -= len(chunk) // WIDTH
            self.held -= sum(len(what.data) + OVERHEAD for what in chunk[4::WIDTH])
            self.dropped += len(chunk) // WIDTH
            self.marks.append((chunk[-WIDTH], self.dropped))

    def since(self, after):
        """The rows numbered above ``after``, oldest first, as tuples."""
        fresh = []
        for chunk in reversed(self.chunks):
            if chunk and chunk[-WIDTH] <= after:
                break
            fresh.append(list(chunk))
        for chunk in reversed(fresh):
            start = bisect_right(chunk[::WIDTH], after) * WIDTH
            columns = (chunk[start + column :: WIDTH] for column in range(WIDTH))
            yield from zip(*columns, strict=True)

    def last(self):
        """The number of the youngest row, 0 if there is none."""
        return max((chunk[-WIDTH] for chunk in list(self.chunks)[-2:] if chunk), default=0)

    def unseen(self, after):
        """How many rows numbered above ``after`` fell out (at least that many, if long ago)."""
        seen = 0
        for last, dropped in self.marks:
            if last > after:
                break
            seen = dropped
        return self.dropped - seen

    def absorb(self, other):
        """Takes over another ring's rows, in order, and its counts."""
        if other.rows and other.chunks[0][0] < self.last():
            rows = merge(self.since(0), other.since(0), key=itemgetter(0))
            flat = [value for row in rows for value in row]
            step = CHUNK * WIDTH
            self.chunks = deque(flat[at : at + step] for at in range(0, len(flat), step))
        else:  # all of theirs is younger, as it is with a visit that was short
            self.chunks = deque(chunk for chunk in (*self.chunks, *other.chunks) if chunk)
        self.open = []
        self.chunks.append(self.open)
        self.rows += other.rows
        self.held += other.held
        if other.dropped:
            self.dropped += other.dropped
            until = max(ring.marks[-1][0] for ring in (self, other) if ring.marks)
            self.marks.append((until, self.dropped))
        for label, theirs in other.counts.items():
            mine = self.count(label)
            for name in Count.__slots__:
                if name != "connections":
                    setattr(mine, name, getattr(mine, name) + getattr(theirs, name))
            mine.connections |= theirs.connections


def record(n, at, line, place, what):
    """A row of a ring, spelt out."""
    up = place < 0
    return Record(
        n,
        at,
        line,
        up,
        what.kind,
        what.data,
        ~place if up else place,
        list(what.blanked),
        what.size - len(what.data),
        what.inflated,
    )
