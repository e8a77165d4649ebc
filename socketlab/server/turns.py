"""Whose turn it is: work is shared by seat, an address where there is none, not by connection.

A unit of work is one HTTP request, one WebSocket message, one packet of a polling body. gevent
lets a connection go on as long as bytes are there, so without this the busiest client is served
and nobody else; and a client with more connections would be served more.

A request to the application is long work: a page takes as long as thirty events. All else, and
so whatever a socket waits for, is short.

**The bound.** A pass is one round of the event loop: it looks once for what has arrived, then
acts on it. In one pass each owner is served for ``SLICE`` seconds of short work, one unit at
least, those that wait by turns for ``SHORT`` seconds, and all together for ``LONG`` seconds of
long work, one unit at least. So an honest
client's event waits at most for one slice, or one longer unit, of every other owner that has
short work, for one page, and for what was left of the pass in which its bytes arrived. How many
connections an owner has, or how much it has sent, makes no difference to others, only to itself:
its own units are served in the order in which they came.

In milliseconds: **an honest acknowledgement comes within 250 ms, whatever one client does within
or beyond its limits**, be it 150 sockets of 13 seats or a hundred seats that ask for pages.
benchmarks/attacks.py tries it in forty ways and says what came of it.

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
SHORT = 0.05  # seconds of a pass for all that wait to do short work
LONG = 0.005  # seconds of a pass for long work, whoever's


class Turns:
    """The owners that have work on one server, and those of their greenlets that wait."""

    def __init__(self) -> None:
        self.number = -1  # of the pass
        self.begun: dict[Hashable, float] = {}  # owner -> when it was served first in this pass
        self.waiting: dict[Hashable, deque[Any]] = {}  # owner -> its greenlets, by their Waiters
        self.long: dict[Hashable, deque[Any]] = {}  # the same, for long work; the next one first
        self.long_begun = False  # in this pass
        self.gate = (
            0.0  # until then none begins: the last one waits for something, or has not ended
        )
        self.timer: Any = None
        self.waited = 0  # how often a unit of work did

    def take(self, owner: Hashable) -> None:
        """Returns when a short unit of this owner's work may begin."""
        self._look()
        now = monotonic()
        if self.waiting.get(owner) or now - self.begun.setdefault(owner, now) >= SLICE:
            self._wait(owner, self.waiting)

    def take_long(self, owner: Hashable) -> None:
        """Returns when a long unit of this owner's work may begin; see :meth:`end_long`."""
        self._look()
        now = monotonic()
        if self.long_begun or self.long or now < self.gate:
            self._wait(owner, self.long)
        self.long_begun, self.gate = True, monotonic() + LONG

    def end_long(self) -> None:
        """A long unit has ended. One that waits, for the disk say, goes on unasked: were the next
        ones begun meanwhile, the rest of all of them would come in one pass."""
        self.gate = 0.0

    def _look(self) -> None:
        """Begins a new pass if the loop has."""
        number = pass_number()
        if number != self.number:
            self.number = number
            self.begun.clear()
            self.long_begun = False

    def _wait(self, owner: Hashable, waiting: dict[Hashable, deque[Any]]) -> None:
        self.waited += 1
        waiter = Waiter()
        waiting.setdefault(owner, deque()).append(waiter)
        if self.timer is None:
            self.timer = get_hub().loop.timer(0)
        if not self.timer.active:
            self.timer.start(self._serve)  # in the next pass
        waiter.get()

    def _serve(self) -> None:
        """Runs in the hub, once a pass: a slice for each owner whose greenlets wait."""
        self._look()
        enough = monotonic() + SHORT
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
            del self.waiting[owner]
            if queue:
                self.waiting[owner] = queue  # behind those that were not served
            if monotonic() >= enough:
                break
        if self.long and not self.long_begun and monotonic() >= self.gate:
            self._serve_long()
        if self.waiting or self.long:
            self.timer.start(self._serve)

    def _serve_long(self) -> None:
        """One unit of each owner in turn, until the time for long work is over."""
        end = monotonic() + LONG
        while self.long:
            owner = next(iter(self.long))
            queue = self.long.pop(owner)
            waiter = queue.popleft()
            if queue:
                self.long[owner] = queue  # behind all others
            waiter.switch(None)
            if self.gate or monotonic() >= end:
                break
