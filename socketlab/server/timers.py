"""One timer for many, so that no connection needs a greenlet of its own to wait in.

A :class:`TimerQueue` has delays of one length: items fall due in the order in which they came.
An :class:`Agenda` has any delays, and what is on it can be taken off.
"""

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from time import monotonic
from typing import Generic, TypeVar

import gevent
from gevent.event import Event

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


class Agenda:
    """Calls each ``then()`` after a delay of its own, in a greenlet of its own: it may wait."""

    def __init__(self) -> None:
        self._entries: list[tuple[float, int, list[Callable[[], object]]]] = []  # a heap
        self._numbers = count()
        self._earlier = Event()  # something falls due before what is waited for
        self._running = False

    def put(self, seconds: float, then: Callable[[], object]) -> Callable[[], object]:
        """Calls ``then()`` so many seconds from now; what is returned takes it off again."""
        box = [then]
        heappush(self._entries, (monotonic() + seconds, next(self._numbers), box))
        if not self._running:
            self._running = True
            gevent.spawn(self._run)
        elif self._entries[0][2] is box:
            self._earlier.set()
        return box.clear  # the entry stays until it is due, and holds nothing any more

    def _run(self) -> None:
        while self._entries:
            left = self._entries[0][0] - monotonic()
            if left > 0:
                self._earlier.clear()
                self._earlier.wait(left)
                continue
            for then in heappop(self._entries)[2]:
                gevent.spawn(then)
        self._running = False
