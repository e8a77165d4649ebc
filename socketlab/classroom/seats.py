"""Who sits where: a seat is a person's place in the class, whatever connection they are on.

A connection comes and goes and has a new sid each time; a seat stays. It is a short public
id, a nick, and a token: the same id, signed, which the owner alone holds (in a cookie, in
``auth.seat``, or in ``?seat=`` of a raw client). The signature is why the server may believe
a seat that it does not remember, after a restart for example.

Pure: the signing key, the clock and the source of randomness are handed in.
"""

import secrets
from collections import OrderedDict
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer

from .text import clean_nick

PREFIX = "seat."  # so that a token can be recognised, and blanked, wherever it appears
ANIMALS = """
otter lynx wren crab moth fox mole tern yak hare crow seal ibex newt toad kiwi swan deer bear wolf
puma lion heron egret finch robin raven eagle stork crane goose gecko skink viper cobra
mamba camel llama alpaca bison moose horse zebra tapir rhino hippo koala panda sloth lemur dingo
hyena badger weasel ferret marten beaver dormouse hamster rabbit squirrel hedgehog
walrus dolphin orca manatee squid octopus oyster mussel shrimp lobster salmon trout perch pike
beetle cricket mantis firefly bee wasp ant spider snail slug
""".split()


class UnknownSeat(Exception):
    """A token that this server did not sign, or whose seat was removed."""


@dataclass
class Seat:
    """One place: ``id`` may be shown to everybody, ``token`` only to its owner."""

    id: str
    nick: str
    token: str
    seen_at: float  # ms, server clock


class Seats:
    """All seats, at most ``most`` of them: the one unseen for longest is forgotten first."""

    def __init__(self, key, ledger, now, most=3000):
        self._signer = URLSafeSerializer(key, salt="socketlab seat")
        self._ledger = ledger
        self._now = now
        self._most = most
        self._seats = OrderedDict()
        self._nicks = {}  # nick in lower case -> seat id
        self._removed = set()

    def __len__(self):
        return len(self._seats)

    def take(self, nick=None):
        """A new seat with the nick asked for, or an animal's. Raises BadText."""
        wanted = clean_nick(nick) if nick else secrets.choice(ANIMALS)
        seat_id = secrets.token_urlsafe(6)
        seat = self._settle(seat_id, self._free(wanted, seat_id))
        if nick:
            self._ledger.keep_nick(seat.id, seat.nick)
        return seat

    def claim(self, token):
        """The seat of a token. Raises UnknownSeat: the same for forged, unknown and removed."""
        if not isinstance(token, str) or not token.startswith(PREFIX) or len(token) > 400:
            raise UnknownSeat("unknown seat")
        try:
            seat_id, nick = self._signer.loads(token[len(PREFIX) :])
        except (BadSignature, ValueError, TypeError):
            raise UnknownSeat("unknown seat") from None
        if seat_id in self._removed:
            raise UnknownSeat("unknown seat")
        seat = self._seats.get(seat_id)
        if seat is None:  # signed by us, yet not remembered: the server was restarted
            seat = self._settle(seat_id, self._free(self._ledger.nick(seat_id) or nick, seat_id))
        seat.seen_at = self._now()
        self._seats.move_to_end(seat_id)
        return seat

    def get(self, seat_id):
        """The remembered seat with this id, or None."""
        return self._seats.get(seat_id)

    def rename(self, seat, nick):
        """Give a seat another nick; a taken one gets a number. Raises BadText."""
        wanted = clean_nick(nick)
        if wanted != seat.nick:
            self._nicks.pop(seat.nick.lower(), None)
            seat.nick = self._free(wanted, seat.id)
            self._nicks[seat.nick.lower()] = seat.id
            self._ledger.keep_nick(seat.id, seat.nick)
        return seat

    def remove(self, seat_id):
        """Forget a seat for good: its token is unknown from now on."""
        self._removed.add(seat_id)
        seat = self._seats.pop(seat_id, None)
        if seat:
            self._nicks.pop(seat.nick.lower(), None)

    def _settle(self, seat_id, nick):
        token = PREFIX + self._signer.dumps([seat_id, nick])
        seat = self._seats[seat_id] = Seat(seat_id, nick, token, self._now())
        self._nicks[nick.lower()] = seat_id
        while len(self._seats) > self._most:
            _, oldest = self._seats.popitem(last=False)
            self._nicks.pop(oldest.nick.lower(), None)
        return seat

    def _free(self, wanted, seat_id):
        """``wanted``, or with the first number that makes it nobody else's."""
        nick, number = wanted, 2
        while self._nicks.get(nick.lower(), seat_id) != seat_id:
            nick = f"{wanted[:20]} {number}"
            number += 1
        return nick
