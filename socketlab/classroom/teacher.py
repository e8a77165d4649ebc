"""The teacher's key: who may see the private notes and drive the class. Pure.

The key is shown once, in the terminal. It is exchanged for a signed cookie at the first use
and then disappears from the address, so that it stays neither on the projector nor in the
history. A new key (every start, unless one is set) ends all earlier cookies.
"""

import hmac
import secrets

from itsdangerous import BadSignature, URLSafeSerializer

from ..limits import Tries
from .seats import ANIMALS

PREFIX = "teacher."


class Teacher:
    """``key`` is what the terminal shows: 128 random bits, or the one that was set."""

    def __init__(self, signing_key, key, now):
        self.key = key or secrets.token_urlsafe(16)
        self._signer = URLSafeSerializer(f"{signing_key} {self.key}", salt="socketlab teacher")
        self._tries = Tries(most=5, most_in_all=30)
        self._now = now

    def cookie_for(self, key, address):
        """The cookie's value for the right key, else None. Raises TooManyTries."""
        if self._tries.full(address, self._now()):
            raise TooManyTries("too many wrong keys: wait a minute")
        if hmac.compare_digest(key.encode("utf-8", "replace"), self.key.encode()):
            return PREFIX + self._signer.dumps("teacher")
        self._tries.failed(address, self._now())
        return None

    def owns(self, cookie):
        """Whether a cookie's value is one that this server gave to its teacher."""
        if not cookie or not cookie.startswith(PREFIX) or len(cookie) > 400:
            return False
        try:
            return self._signer.loads(cookie[len(PREFIX) :]) == "teacher"
        except BadSignature:
            return False


class TooManyTries(Exception):
    """Guessing is bounded: its text is a sentence."""


def fresh_code():
    """A word and two digits, easy to call across a room: ``FOX42``."""
    word = secrets.choice([animal for animal in ANIMALS if len(animal) <= 5])
    return f"{word.upper()}{secrets.randbelow(90) + 10}"


def fresh_door_code():
    """Ten digits in two groups, for reading aloud: too many to guess at any bounded pace."""
    return f"{secrets.randbelow(10**5):05} {secrets.randbelow(10**5):05}"
