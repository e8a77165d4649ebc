"""What waits for all slow clients together: counted in bytes, with an end.

Each client has a bound of its own on what may wait for it (writer.py, send_queue.py). A few
hundred that are all just below theirs would still fill the memory: beyond the bound of all, the
one that is furthest behind is given up. It comes back and has a gap, which it is told of.

Counted is what the system did not take at once: to a client that keeps up nothing is added.
"""

from __future__ import annotations

from collections.abc import Callable


class Output:
    """The bytes that wait. ``close_largest()`` gives a client up; False where none is left."""

    def __init__(self, most: int, close_largest: Callable[[], bool]) -> None:
        self.most = most
        self.bytes = self.dropped = 0
        self._close_largest = close_largest

    def grow(self, size: int) -> None:
        """So much more waits. Never blocks, never raises: it runs inside everybody's broadcast."""
        self.bytes += size
        while self.bytes > self.most and self._close_largest():
            self.dropped += 1

    def shrink(self, size: int) -> None:
        """So much has gone, or nobody waits for it any more."""
        self.bytes -= size

    def stats(self) -> dict[str, int]:
        """``{bytes, most, dropped}``; dropped: the clients that were given up."""
        return {"bytes": self.bytes, "most": self.most, "dropped": self.dropped}
