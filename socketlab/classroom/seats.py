"""Who sits where: a seat is a person's place in the class, whatever connection they are on.

A connection comes and goes and has a new sid each time; a seat stays. It is a short public
id, a nick, and a token: the same id, signed, which the owner alone holds (in a cookie, in
``auth.seat``, or in ``?seat=`` of a raw client). The signature is why the server may believe
a seat that it does not remember, after a restart for example.

Pure: the signing key, the clock and the source of randomness are handed in.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count

from itsdangerous import BadSignature, URLSafeSerializer

from .ledger import Ledger, LedgerFailed
from .refused import Refused
from .text import clean_nick

ROBOT = "robot."  # so that their seats are known by their ids; others have no full stop
MOST_ROBOTS = 30  # seated at once
SETTLED_MS = 600_000  # ten minutes
REMOVED = "your teacher has ended this seat: reload the page to take a new one"
PREFIX = "seat."  # so that a token can be recognised, and blanked, wherever it appears
ANIMALS = """
otter lynx wren crab moth fox mole tern yak hare crow seal ibex newt toad kiwi swan deer bear wolf
puma lion heron egret finch robin raven eagle stork crane goose gecko skink viper cobra
mamba camel llama alpaca bison moose horse zebra tapir rhino hippo koala panda sloth lemur dingo
hyena badger weasel ferret marten beaver dormouse hamster rabbit squirrel hedgehog
walrus dolphin orca manatee squid octopus oyster mussel shrimp lobster salmon trout perch pike
beetle cricket mantis firefly bee wasp ant spider snail slug
""".split()


class UnknownSeat(Refused):
    """A token that this server did not sign."""

    def __init__(self, sentence: str = "unknown seat") -> None:
        super().__init__(sentence)


class RemovedSeat(UnknownSeat):
    """A token that the teacher has ended."""

    def __init__(self) -> None:
        super().__init__(REMOVED)


@dataclass
class Seat:
    """One place: ``id`` may be shown to everybody, ``token`` only to its owner."""

    id: str
    nick: str
    token: str
    seen_at: float  # ms, server clock
    since: float  # the same: when this server first saw it
    joined: bool = False  # by the code of the class
    robot: bool = False  # of a rehearsal, seated by the teacher


class Seats:
    """All seats, at most ``most`` of them: the one unseen for longest is forgotten first.

    ``forgotten(seat id)``, if it is set, is called then: others let go of what they keep of it.
    """

    def __init__(
        self,
        key: str,
        ledger: Ledger,
        now: Callable[[], float],
        most: int = 3000,
    ):
        self._signer = URLSafeSerializer(key, salt="socketlab seat")
        self._ledger = ledger
        self._now = now
        self._most = most
        self.forgotten: Callable[[str], None] | None = None
        self._seats: OrderedDict[str, Seat] = OrderedDict()
        self._nicks: dict[str, str] = {}  # nick in lower case -> seat id
        self._removed = ledger.removed_seats()
        self._robots = ledger.robots()  # that are seated

    def __len__(self) -> int:
        return len(self._seats)

    def take(self, nick: str | None = None) -> Seat:
        """A new seat with the nick asked for, or an animal's. Raises BadText, LedgerFailed."""
        seat_id = secrets.token_urlsafe(6)
        if nick is None:
            return self._place(seat_id, self._free(secrets.choice(ANIMALS), seat_id))
        with self._reserved(clean_nick(nick), seat_id) as free:
            self._ledger.keep_nick(seat_id, free)
            return self._place(seat_id, free)

    def claim(self, token: object) -> Seat:
        """The seat of a token. Raises UnknownSeat: the same for forged and unknown."""
        return self.bring_back(*self._signed(token))

    def bring_back(self, seat_id: str, nick: str) -> Seat:
        """The seat that a token of ours names, remembered or not. Raises RemovedSeat."""
        if seat_id in self._removed or is_robot(seat_id) and seat_id not in self._robots:
            raise RemovedSeat
        if seat_id not in self._seats:  # signed by us, yet not remembered: there was a restart
            joined = False
            with suppress(LedgerFailed):  # the nick in the token is better than no seat
                nick = self._ledger.nick(seat_id) or nick
                joined = self._ledger.has_joined(seat_id)
            if seat_id not in self._seats:  # nobody brought it back while the ledger was read
                self._place(seat_id, self._free(nick, seat_id)).joined = joined
        seat = self._seats[seat_id]
        seat.seen_at = self._now()
        self._seats.move_to_end(seat_id)
        return seat

    def get(self, seat_id: str | None) -> Seat | None:
        """The remembered seat with this id, or None."""
        return self._seats.get(seat_id) if seat_id is not None else None

    def settled(self, seat_id: str) -> bool:
        """Whether a seat has joined by the class's code, or has been here for a while.

        Anybody can have a hundred seats, but not that.
        """
        seat = self.get(seat_id)
        return seat is not None and (seat.joined or self._now() - seat.since >= SETTLED_MS)

    def join(self, seat: Seat) -> None:
        """A seat has shown the code of the class: it is in, also after a restart."""
        if not seat.joined:
            self._ledger.keep_joined(seat.id)
            seat.joined = True

    def rename(self, seat: Seat, nick: object) -> Seat:
        """Give a seat another nick; a taken one gets a number. Raises BadText, LedgerFailed."""
        wanted = clean_nick(nick)
        if wanted != seat.nick:
            with self._reserved(wanted, seat.id) as free:
                self._ledger.keep_nick(seat.id, free)
                if self._nicks.get(seat.nick.lower()) == seat.id != free.lower():
                    del self._nicks[seat.nick.lower()]
                seat.nick = free
                self._nicks[free.lower()] = seat.id
        return seat

    # The teacher's

    def seat_robots(self, number: int) -> list[Seat]:
        """Seats for so many robots of a rehearsal. Raises Refused, LedgerFailed."""
        if len(self._robots) + number > MOST_ROBOTS:
            seated = f"{len(self._robots)} of {MOST_ROBOTS} robots are seated"
            raise Refused(f"{seated}: dismiss them, or seat fewer")
        seats = [ROBOT + secrets.token_urlsafe(6) for _ in range(number)]
        self._robots.update(seats)  # so that nobody else takes the places meanwhile
        try:
            self._ledger.keep_robots(seats)
        except LedgerFailed:
            self._robots.difference_update(seats)
            raise
        return [self._place(seat, self._numbered("robot")) for seat in seats]

    @property
    def robots(self) -> list[str]:
        """The robots that are seated."""
        return sorted(self._robots)

    def remove(self, seat_id: str) -> None:
        """End a seat: nobody gets in by its token any more. Raises Refused, LedgerFailed.

        What a robot chose stays in the sums, for the export of a rehearsal.
        """
        if is_robot(seat_id):
            self._ledger.dismiss_robot(seat_id)
            self._robots.discard(seat_id)
        else:
            self._ledger.remove_seat(seat_id)
            self._removed.add(seat_id)
        seat = self._seats.pop(seat_id, None)
        if seat is not None and self._nicks.get(seat.nick.lower()) == seat_id:
            del self._nicks[seat.nick.lower()]

    def clear(self, keep: Collection[str]) -> int:
        """Forget all seats but these, and their nicks: each has the one of its token again.

        Returns how many were forgotten. Who comes back with a token of theirs has a place again.
        """
        gone = [seat_id for seat_id in self._seats if seat_id not in keep]
        for seat_id in gone:
            del self._seats[seat_id]
        self._nicks.clear()
        for seat in self._seats.values():
            seat.nick = self._free(self._signed(seat.token)[1], seat.id)
            self._nicks[seat.nick.lower()] = seat.id
            if seat.joined:  # it is here, and knows the code
                self._ledger.keep_joined(seat.id)
        return len(gone)

    def _numbered(self, name: str) -> str:
        return next(nick for n in count(1) if (nick := f"{name} {n}") not in self._nicks)

    def _signed(self, token: object) -> tuple[str, str]:
        """The seat id and the nick in a token of ours. Raises UnknownSeat."""
        if not isinstance(token, str) or not token.startswith(PREFIX) or len(token) > 400:
            raise UnknownSeat
        try:
            seat_id, nick = self._signer.loads(token[len(PREFIX) :])
        except (BadSignature, ValueError, TypeError):
            raise UnknownSeat from None
        return seat_id, nick

    def _place(self, seat_id: str, nick: str) -> Seat:
        """Enter a seat in the table; the one unseen for longest may have to go."""
        token = PREFIX + self._signer.dumps([seat_id, nick])
        seat = self._seats[seat_id] = Seat(seat_id, nick, token, self._now(), self._now())
        seat.robot = is_robot(seat_id)
        self._nicks[nick.lower()] = seat_id
        while len(self._seats) > self._most:
            _, oldest = self._seats.popitem(last=False)
            self._nicks.pop(oldest.nick.lower(), None)
            if self.forgotten is not None:
                self.forgotten(oldest.id)
        return seat

    @contextmanager
    def _reserved(self, wanted: str, seat_id: str) -> Iterator[str]:
        """A free nick that nobody else gets while it is written down; free again if that fails."""
        nick = self._free(wanted, seat_id)
        mine = self._nicks.get(nick.lower()) == seat_id
        self._nicks[nick.lower()] = seat_id
        try:
            yield nick
        except BaseException:
            if not mine:
                self._nicks.pop(nick.lower(), None)
            raise

    def _free(self, wanted: str, seat_id: str) -> str:
        """``wanted``, or with the first number that makes it nobody else's."""
        nick, number = wanted, 2
        while self._nicks.get(nick.lower(), seat_id) != seat_id:
            nick = f"{wanted[:20]}·{number}"
            number += 1
        return nick


def is_robot(seat_id: str) -> bool:
    """Whether this is the seat of a robot of a rehearsal."""
    return seat_id.startswith(ROBOT)
