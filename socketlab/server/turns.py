"""Whose turn it is: work is shared by seat, an address where there is none, not by connection.

A unit of work is one HTTP request, one WebSocket message, one packet of a polling body. gevent
lets a connection go on as long as bytes are there, so without this the busiest client is served
and nobody else; and a client with more connections would be served more.

**The bound.** A pass is one round of the event loop: it looks once for what has arrived, then
acts on it. In one pass each owner is served for ``SLICE`` seconds, one unit at least. So an
honest client's unit waits at most for one slice, or one longer unit, of every other owner that
has work, and for what was left of the pass in which its bytes arrived. How many connections an
owner has, or how much it has sent, makes no difference to others, only to itself: its own units
are served in the order in which they came.

Nothing holds a turn: taking it means that work may begin now, and it goes on until it ends or
waits for something. Who is alone pays a few comparisons.
"""

from collections import deque
from collections.abc import Hashable
from time import monotonic
from typing import Any

from gevent import get_hub
from gevent.hub import Waiter

from .seams import pass_number

SLICE = 0.001  # seconds: many small units at a time, or else looking for news would cost more


class Turns:
    """The owners that have work on one server, and those of their greenlets that wait."""

    def __init__(self) -> None:
        self.number = -1  # of the pass
        self.begun: dict[Hashable, float] = {}  # owner -> when it was served first in this pass
        self.waiting: dict[Hashable, deque[Any]] = {}  # owner -> its greenlets, by their Waiters
        self.timer: Any = None
        self.waited = 0  # how often a unit of work did

    def take(self, owner: Hashable) -> None:
        """Returns when a unit of this owner's work may begin."""
        self._look()
        now = monotonic()
        if self.waiting.get(owner) or now - self.begun.setdefault(owner, now) >= SLICE:
            self._wait(owner)

    def _look(self) -> None:
        """Begins a new pass if the loop has."""
        number = pass_number()
        if number != self.number:
            self.number = number
            self.begun.clear()

    def _wait(self, owner: Hashable) -> None:
        self.waited += 1
        waiter = Waiter()
        self.waiting.setdefault(owner, deque()).append(waiter)
        if self.timer is None:
            self.timer = get_hub().loop.timer(0)
        if not self.timer.active:
            self.timer.start(self._serve)  # in the next pass
        waiter.get()

    def _serve(self) -> None:
        """Runs in the hub, once a pass: a slice for each owner whose greenlets wait."""
        self._look()
        for owner in list(self.waiting):
            queue, now = self.waiting[owner], monotonic()
            served = owner in self.begun  # in this pass, without waiting
            end = self.begun.setdefault(owner, now) + SLICE
            if served and now >= end:
                continue
            while queue:
                queue.popleft().switch(None)  # until it ends or waits
                if monotonic() >= end:
                    break
            if not queue:
                del self.waiting[owner]
        if self.waiting:
            self.timer.start(self._serve)
