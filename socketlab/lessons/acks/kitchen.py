"""The kitchens of lesson "acks": one for each seat, with its orders and their soups. Pure.

An order is known by the id that its client gave it. The kitchen counts how often it saw that id;
whether it *looks* is the lesson: only with ``remember`` is a known order not cooked again.

Times are ms of the server's clock.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ...classroom.refused import Refused
from ...limits import Latest

MODES = ("quick", "slow", "silent", "broken")
SEATS = 4096  # whose kitchens are kept
ORDERS = 64  # of a seat, the latest ones
AT_ONCE = 4  # orders of a seat that are being cooked slowly, on all its connections
A_MINUTE = 20  # orders of a seat that are cooked slowly
MINUTE = 60_000


@dataclass(slots=True)
class Order:
    """All that came under one order id. ``run`` names it to the pages."""

    order_id: str
    run: str
    seen: int = 0  # orders
    soups: int = 0
    cooking: bool = False
    ticket: int = 0  # of its last soup


@dataclass(slots=True)
class Kitchen:
    """One seat's."""

    mode: str = "quick"
    remember: bool = False
    tickets: int = 0
    orders: Latest[str, Order] = field(default_factory=lambda: Latest(ORDERS))
    at_stove: int = 0
    slow: deque[float] = field(default_factory=lambda: deque(maxlen=A_MINUTE))

    def take(self, order_id: str, new_run: Callable[[], str]) -> Order:
        """An order has come, perhaps not for the first time."""
        order = self.orders.get(order_id) or Order(order_id, new_run())
        self.orders[order_id] = order
        order.seen += 1
        return order

    def knows(self, order: Order) -> bool:
        """Whether the order need not be cooked: it was, and this kitchen looks at its list."""
        return self.remember and order.soups > 0

    def waits_for(self, order: Order) -> bool:
        """Whether the same order is being cooked just now, and this kitchen looks."""
        return self.remember and order.cooking

    @contextmanager
    def stove(self, order: Order, now: float) -> Iterator[None]:
        """Around the time in which an order is cooked; then its soup stands on the counter.

        Raises Refused, with a sentence, where the seat has too many of them.
        """
        if self.mode == "slow":
            self.check_pace(now)
        self.at_stove += 1
        order.cooking = True
        try:
            yield
            self.tickets += 1
            order.soups += 1
            order.ticket = self.tickets
        finally:
            self.at_stove -= 1
            order.cooking = False

    def check_pace(self, now: float) -> None:
        """Raises Refused where the seat has too much cooked slowly; else counts one more."""
        if self.at_stove >= AT_ONCE:
            raise Refused(f"{AT_ONCE} of your orders are being cooked: wait for one of them")
        if len(self.slow) == A_MINUTE and now - self.slow[0] < MINUTE:
            raise Refused(f"the slow kitchen cooks {A_MINUTE} orders a minute: wait a little")
        self.slow.append(now)


class Kitchens(Latest[str, Kitchen]):
    """The kitchen of each seat that ordered or chose; those used longest ago go first."""

    def __init__(self) -> None:
        super().__init__(SEATS)

    def of(self, seat: str) -> Kitchen:
        """A seat's kitchen: a new one is quick, and does not look at its list."""
        self[seat] = self.get(seat) or Kitchen()
        return self[seat]
