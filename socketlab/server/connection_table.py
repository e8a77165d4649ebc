"""Which connections are open, how many there may be, and who gets the last places. Pure.

A class must be able to open its pages while strangers hold connections open. Before its first
request nobody knows whose a connection is, so:

- A new connection has little time for its first byte, and the strangers at one address hold at
  most a quarter of all places with connections that wait: their newest takes that of their oldest.
- When all places are taken, a newcomer gets that of a connection that only waits for a request:
  a stranger's first, the one that has waited longest first. Without one, it is turned away.
- A request of a stranger is served while some places are left, a seat's until fewer are left,
  the teacher's always. A connection that waits gives way to a request, a stranger's to anybody's.

A stranger is who has proved no seat. "Waits" is between two requests or before the whole head
of the first; a request under way, a held poll and a WebSocket do not wait and are never dropped.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Protocol

STRANGER, SEATED, SETTLED, TEACHER = range(4)  # the ranks of who asks; settled: see seats.py

ACCEPTED_AT_ONCE = 16  # connections, in one turn of the event loop


class Waiting(Protocol):
    """What the table asks of a connection."""

    rank: int
    address: str

    def abort(self) -> None:
        """Ends it at once."""


class ConnectionTable:
    """The open connections of one server, at most ``capacity``."""

    def __init__(self, capacity: int) -> None:
        kept = max(4, capacity // 8)
        self.capacity = capacity
        # With more connections than this, a request of that rank is not served.
        self.limits = (capacity - kept, capacity - kept // 4, capacity - kept // 4, capacity)
        self.open: set[Waiting] = set()
        # Of strangers and of all others, those that have waited longest first.
        self.waiting: tuple[dict[Waiting, None], dict[Waiting, None]] = ({}, {})
        self.strangers: Counter[str] = Counter()  # that wait, by address
        # Not less than may be accepted together, before the first of them has asked anything.
        self.most_at_one_address = max(ACCEPTED_AT_ONCE, capacity // 4)

    def __len__(self) -> int:
        return len(self.open)

    def add(self, connection: Waiting) -> bool:
        """Has a new connection a place? One that waits may lose its own for that."""
        if len(self.open) >= self.capacity and not self._drop(TEACHER):
            return False
        self.open.add(connection)
        self.wait(connection)
        return True

    def wait(self, connection: Waiting) -> None:
        """The connection waits for a request from now on."""
        if connection not in self.open:
            return
        self.asks(connection)
        self.waiting[connection.rank > STRANGER][connection] = None
        if connection.rank == STRANGER:
            self.strangers[connection.address] += 1
            if self.strangers[connection.address] > self.most_at_one_address:
                # There are so many of that address that the search is a short one.
                self._end(next(c for c in self.waiting[0] if c.address == connection.address))

    def asks(self, connection: Waiting) -> None:
        """The head of a request is there: the connection does not wait."""
        strangers, others = self.waiting
        others.pop(connection, None)
        if connection in strangers:
            del strangers[connection]
            self.strangers[connection.address] -= 1
            if not self.strangers[connection.address]:
                del self.strangers[connection.address]

    def serves(self, connection: Waiting, rank: int) -> bool:
        """Is a request of this rank served on the connection? Some that wait may be dropped."""
        connection.rank = rank
        while len(self.open) > self.limits[rank]:
            if not self._drop(rank):
                return False
        return True

    def remove(self, connection: Waiting) -> None:
        """The connection is over."""
        self.asks(connection)
        self.open.discard(connection)

    def idle(self) -> Iterator[Waiting]:
        """The connections that wait for a request."""
        for waiting in self.waiting:
            yield from list(waiting)

    def _drop(self, rank: int) -> bool:
        """Ends a connection that waits, for the good of somebody of this rank."""
        for waiting in self.waiting if rank > STRANGER else self.waiting[:1]:
            if waiting:
                self._end(next(iter(waiting)))
                return True
        return False

    def _end(self, connection: Waiting) -> None:
        self.remove(connection)
        connection.abort()
