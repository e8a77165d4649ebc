"""How much, how fast: a token bucket, one bucket per address, wrong tries. Pure; time is passed in.

A bucket holds up to ``burst`` tokens and gains ``rate`` tokens a second. Whoever takes a token
that is not there has gone too fast.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Hashable, Mapping
from typing import Literal, TypeVar

NAMES = 4096  # whose tries are remembered

K = TypeVar("K")
V = TypeVar("V")


def _check(rate: float, burst: float) -> None:
    """Raises ValueError for a bucket that would give nothing, or that would never fill again."""
    if rate <= 0 or burst < 1:
        raise ValueError(f"a rate is more than 0 and a burst at least 1, not {rate} and {burst}")


class TokenBucket:
    """``rate`` tokens a second, ``burst`` at once; full at ``now`` (seconds, any monotonic)."""

    __slots__ = ("rate", "burst", "tokens", "at")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        _check(rate, burst)
        self.rate, self.burst = rate, burst
        self.tokens, self.at = burst, now

    def take(self, now: float, amount: float = 1, kept: float = 0) -> bool:
        """Takes ``amount`` tokens, or none at all: False. ``kept`` of them stay for others."""
        tokens = self.tokens + (now - self.at) * self.rate
        if tokens > self.burst:
            tokens = self.burst
        self.at = now
        enough = tokens >= amount + kept
        self.tokens = tokens - amount if enough else tokens
        return enough

    def wait(self, amount: float = 1) -> float:
        """Seconds until ``amount`` tokens will be there, as of the last look."""
        return max(0.0, (amount - self.tokens) / self.rate)


class Buckets:
    """A bucket per key. Bounded: when full, the keys whose buckets are full again are dropped."""

    def __init__(self, rate: float, burst: float, most: int = 4096) -> None:
        _check(rate, burst)  # here already, so that a wrong setting is told at the start
        self.rate, self.burst, self.most = rate, burst, most
        self.buckets: dict[Hashable, TokenBucket] = {}

    def take(self, key: Hashable, now: float) -> float:
        """Takes one token of the key's bucket; returns 0, or the seconds to wait for one."""
        bucket = self.buckets.get(key)
        if bucket is None:
            if len(self.buckets) >= self.most:
                self._forget(now)
            bucket = self.buckets[key] = TokenBucket(self.rate, self.burst, now)
        return 0 if bucket.take(now) else bucket.wait()

    def _forget(self, now: float) -> None:
        rested = self.burst / self.rate
        kept = {key: b for key, b in self.buckets.items() if now - b.at < rested}
        # Still full: somebody sends from thousands of addresses, so start over.
        self.buckets = kept if len(kept) < self.most else {}


class RateLimiter:
    """One connection's two buckets, events and bytes, and how long it has been too fast."""

    __slots__ = ("events", "bytes", "grace", "since", "last")

    QUIET = 1.0  # seconds without excess after which the grace starts anew

    def __init__(self, settings: Mapping[str, float], now: float) -> None:
        self.events = TokenBucket(settings["EVENTS_PER_SECOND"], settings["EVENTS_BURST"], now)
        self.bytes = TokenBucket(
            settings["INPUT_BYTES_PER_SECOND"], settings["INPUT_BYTES_BURST"], now
        )
        self.grace = settings["TOO_FAST_SECONDS"]  # before the connection is ended
        self.since = now  # when the excess began
        self.last: float | None = None  # when something was too much the last time

    def admit(self, now: float, size: int, events: int = 1) -> Literal["pass", "slow", "end"]:
        """A packet of ``size`` arrives: "pass", "slow" (do not handle it) or "end".

        ``events``: how many it counts for; 0 if something else has counted it.
        """
        if self.events.take(now, events) and self.bytes.take(now, size):
            return "pass"
        if self.last is None or now - self.last > self.QUIET:
            self.since = now
        self.last = now
        return "end" if now - self.since > self.grace else "slow"


class EventPace:
    """The events of all seats: so many a second of one, and of all together. Times are seconds.

    Twice the rate of a seat may come at once, and four times that of all: a class that opens its
    pages. Once less than ``kept`` of that is left (a share, 0 to 1), those seats are refused that
    have had an equal share of this second's events: who sends little is always heard. Whoever
    keeps more back is refused earlier.
    """

    def __init__(self, of_seat: float, of_all: float, now: float) -> None:
        self._seats = Buckets(of_seat, 2 * of_seat)
        self._all = TokenBucket(of_all, 4 * of_all, now)
        self._second, self._spent = int(now), Counter[Hashable]()

    def refusal(self, seat: Hashable, now: float, kept: float = 0) -> str:
        """The name of the limit that an event goes beyond (see health.py); "" if it may pass."""
        if int(now) != self._second:
            self._second = int(now)
            self._spent.clear()
        if self._seats.take(seat, now):
            return "events_per_second_per_seat"
        left, all_ = self._all.take(now), self._all
        if not left or all_.tokens < kept * all_.burst:
            share = all_.rate / max(1, len(self._spent))
            if self._spent[seat] >= share:
                return "events_per_second_of_all"
        self._spent[seat] += 1
        return ""


class Latest(OrderedDict[K, V]):
    """A dict of at most ``most`` entries: what was set longest ago goes first."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > self._most:
            self.popitem(last=False)


class Tries:
    """At most ``most`` wrong tries in ``window_ms`` for each name, ``most_in_all`` together."""

    def __init__(self, most: int, most_in_all: int, window_ms: float = 60_000) -> None:
        self._most, self._most_in_all = most, most_in_all
        self._all: deque[float] = deque(maxlen=most_in_all)
        self._window = window_ms
        self._by_name: Latest[Hashable, deque[float]] = Latest(NAMES)

    def full(self, name: Hashable, now: float) -> bool:
        """Whether ``name`` must wait at ``now`` (ms): asked before comparing, right or wrong.

        Otherwise the bound would be on the answers, and a right guess would always get in.
        """
        tries = (self._by_name.get(name, deque()), self._all)
        most = (self._most, self._most_in_all)
        return any(
            len(recent) == limit and now - recent[0] < self._window
            for recent, limit in zip(tries, most, strict=True)
        )

    def allow(self, name: Hashable, now: float) -> bool:
        """Note a try, right or wrong, and say whether it may go on."""
        full = self.full(name, now)
        if not full:
            self.failed(name, now)
        return not full

    def failed(self, name: Hashable, now: float) -> None:
        """Note a wrong try."""
        mine = self._by_name.get(name, deque(maxlen=self._most))
        mine.append(now)
        self._by_name[name] = mine
        self._all.append(now)
