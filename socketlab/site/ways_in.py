"""By which addresses this server can be opened, and by which other machines really opened it."""

import time
from dataclasses import dataclass, field
from ipaddress import ip_address

from .lan import addresses

EVERY_ADDRESS = "0.0.0.0"
FRESH_SECONDS = 2  # for which a list of addresses is believed
MOST_VISITORS = 1000  # counted at one address
MOST_NAMES = 50  # that were reached; this machine has few


@dataclass
class Reached:
    """One of our addresses that other machines have really opened."""

    last: float = 0  # seconds, of the clock that was handed in
    visitors: set[str] = field(default_factory=set)  # their addresses


class WaysIn:
    """Where this server listens, at which addresses it can be opened and at which it was.

    ``find()`` lists the machine's addresses, the likeliest first; it is asked again now and then,
    since a laptop changes its network when the first one turns out to keep phones apart.
    ``clock()`` is in seconds.
    """

    def __init__(self, find=addresses, clock=time.monotonic):
        self._find, self._clock = find, clock
        self.listens("127.0.0.1", 0)
        self._reached: dict[str, Reached] = {}
        self._found, self._found_at = [], None

    def listens(self, host, port):
        """The server listens now, on this address; EVERY_ADDRESS stands for all."""
        self.host, self.port, self.began = host, port, self._clock()

    @property
    def only_here(self):
        """Whether no other machine can come at all."""
        return is_loopback(self.host)

    def note(self, name, peer, local):
        """A page was asked for by ``name``, at our address ``local``, from the address ``peer``.

        Returns whether that is the first time that another machine reached this address.
        """
        if not self.from_elsewhere(peer, local):
            return False
        first = name not in self._reached
        if first and len(self._reached) >= MOST_NAMES:
            return False
        reached = self._reached.setdefault(name, Reached())
        reached.last = self._clock()
        if len(reached.visitors) < MOST_VISITORS:
            reached.visitors.add(peer)
        return first

    @staticmethod
    def from_elsewhere(peer, local):
        """Whether ``peer`` is another machine, not this one by whatever address."""
        return peer != local and not is_loopback(peer)

    def addresses(self):
        """All, the likeliest first: those that were reached, by their visitors, then by rank."""
        listed = self._listed()  # an address that was left, with its network, is not there
        named = [name for name in self._reached if name not in listed and not is_address(name)]
        return sorted([*listed, *named], key=lambda name: -self.visitors(name))

    def first(self):
        """The address to give to phones; this machine's own where none can come."""
        return next(iter(self.addresses()), "127.0.0.1")

    def url(self, path="", name=None):
        """``http://…`` of a path at an address; at the likeliest one unless it is named."""
        return f"http://{name or self.first()}:{self.port}{path}"

    def visitors(self, name):
        """How many machines have reached an address; 0 for none."""
        return len(self._reached[name].visitors) if name in self._reached else 0

    def report(self):
        """What the page /check shows of the addresses.

        ``{"only_here", "quiet_seconds", "addresses": [{"url", "visitors", "seconds_ago"} …]}``;
        ``quiet_seconds`` is null once there was a visitor.
        """
        now = self._clock()

        def row(name):
            ago = round(now - self._reached[name].last) if name in self._reached else None
            return {"url": self.url(name=name), "visitors": self.visitors(name), "seconds_ago": ago}

        quiet = None if self._reached else round(now - self.began)
        rows = [row(name) for name in self.addresses()]
        return {"only_here": self.only_here, "quiet_seconds": quiet, "addresses": rows}

    def _listed(self):
        if self.host != EVERY_ADDRESS:
            return [self.host]
        now = self._clock()
        if self._found_at is None or now - self._found_at >= FRESH_SECONDS:
            self._found, self._found_at = self._find(), now
        return self._found


def is_address(name):
    """Whether this is an address in numbers, no name."""
    try:
        return bool(ip_address(name))
    except ValueError:
        return False


def is_loopback(name):
    """Whether an address, or a name, is this machine's alone."""
    return ip_address(name).is_loopback if is_address(name) else name == "localhost"
