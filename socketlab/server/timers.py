"""One timer for many: each item is called back the same time after it was put.

All delays of one kind are equally long, so items fall due in the order they came, and one
greenlet serves every connection.
"""

from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

import gevent

Item = TypeVar("Item")


class TimerQueue(Generic[Item]):
    """Calls ``action(item)`` ``seconds`` after ``put(item)``."""

    def __init__(self, seconds: float, action: Callable[[Item], object]) -> None:
        self.seconds, self.action = seconds, action
        self.items: deque[tuple[float, Item]] = deque()
        self.running = False

    def put(self, item: Item) -> None:
        """Starts an item's delay."""
        self.items.append((monotonic() + self.seconds, item))
        if not self.running:
            self.running = True
            gevent.spawn(self._run)

    def _run(self) -> None:
        try:
            while self.items:
                left = self.items[0][0] - monotonic()
                if left > 0:
                    gevent.sleep(left)
                else:
                    self.action(self.items.popleft()[1])
        finally:
            self.running = False
            if self.items:  # an action failed: gevent reports it, the others go on
                self.running = True
                gevent.spawn(self._run)
