"""What an event costs in deliveries, and who pays for them: its sender. Pure; time is passed in.

One event to a class of 300 is 300 sends, so a limit on events bounds nothing. What is sent
while an event is handled is charged to the seat that it came from. A seat that has spent what
it may in a second, the last one at any moment, has its next event refused, before anything is
done about it; whoever receives notices nothing.

A seat may spend ``most_of_seat`` a second and all together ``most``. Once that is spent, only
those seats are refused that have had an equal share of it: who says little is always heard.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Receivers = list[tuple[str, str]]  # (namespace, sid) of each, in the order in which they joined

_payer: ContextVar[Callable[[int], None] | None] = ContextVar("payer", default=None)
_receivers: ContextVar[Receivers | None] = ContextVar("receivers", default=None)


PARTS = 10  # of a second: what was spent is forgotten a tenth at a time


class DeliveryBudget:
    """The deliveries of one server in the last second; ``now`` is a clock in ms."""

    def __init__(self, most: int, most_of_seat: int, now: Callable[[], float]) -> None:
        self.most, self.most_of_seat, self._now = most, most_of_seat, now
        self._spent: Counter[str] = Counter()  # by seat, in all parts
        self._all = 0
        self._parts = deque(Counter[str]() for _ in range(PARTS))  # the latest one last
        self._part = 0  # which part of which second that is

    def allows(self, seat: str) -> bool:
        """Whether an event of this seat may be handled now."""
        self._look()
        spent = self._spent[seat]  # a Counter keeps no zeros
        share = self.most / max(1, len(self._spent))
        return spent < self.most_of_seat and (self._all < self.most or spent < share)

    def limit_of(self, seat: str) -> str:
        """The name of the limit that a refused seat has gone beyond: see health.py."""
        mine = self._spent[seat] >= self.most_of_seat
        return "deliveries_per_second_per_seat" if mine else "deliveries_per_second"

    @contextmanager
    def charged_to(self, seat: str) -> Iterator[None]:
        """Around what a seat's event does: what is sent meanwhile is charged to it."""
        before = _payer.set(lambda deliveries: self._charge(seat, deliveries))
        try:
            yield
        finally:
            _payer.reset(before)

    def _charge(self, seat: str, deliveries: int) -> None:
        self._look()
        self._spent[seat] += deliveries
        self._parts[-1][seat] += deliveries
        self._all += deliveries

    def _look(self) -> None:
        """Begins new parts if the clock has, and forgets as many."""
        part = int(self._now() * PARTS // 1000)
        for _ in range(min(part - self._part, PARTS)):
            self._forget(self._parts.popleft())
            self._parts.append(Counter())
        self._part = part

    def _forget(self, part: Counter[str]) -> None:
        for seat, deliveries in part.items():
            self._all -= deliveries
            self._spent[seat] -= deliveries
            if not self._spent[seat]:
                del self._spent[seat]


@contextmanager
def noted() -> Iterator[Receivers]:
    """A list that fills with ``(namespace, sid)`` of each delivery that is sent meanwhile."""
    receivers: Receivers = []
    before = _receivers.set(receivers)
    try:
        yield receivers
    finally:
        _receivers.reset(before)


def charge(deliveries: int) -> None:
    """So many are being sent; a background task's are on nobody's account."""
    if (payer := _payer.get()) is not None:
        payer(deliveries)


def note(namespace: str, sids: Iterable[str]) -> None:
    """An event is being sent to these: told to whoever wants to know its receivers."""
    if (receivers := _receivers.get()) is not None:
        receivers.extend((namespace, sid) for sid in sids)
