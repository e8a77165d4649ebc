"""The teacher's key: who may see the private notes and drive the class. Pure.

The key is shown once, in the terminal. It is exchanged for a signed cookie at the first use
and then disappears from the address, so that it stays neither on the projector nor in the
history. A new key (every start, unless one is set) ends all earlier cookies.
"""

import hmac
import re
import secrets
import unicodedata
from collections.abc import Callable

from itsdangerous import BadSignature, URLSafeSerializer

from ..limits import Tries
from .refused import TooManyTries
from .seats import ANIMALS

PREFIX = "teacher."
TOO_MANY = "too many wrong keys: wait a minute"
LONGEST_CODE = 200  # characters of what is pasted in its place
UNGUESSABLE = 16  # characters
WRONG_IN_ALL = 4096  # a minute, whoever sends them: no class can use them up


class Teacher:
    """``key`` is what the terminal shows: 128 random bits, or the one that was set."""

    def __init__(
        self,
        signing_key: str,
        key: str,
        now: Callable[[], float],
        tries: int = 5,
        tries_of_all: int = WRONG_IN_ALL,
    ):
        self.key = key or secrets.token_urlsafe(16)
        self._signer = URLSafeSerializer(f"{signing_key} {self.key}", salt="socketlab teacher")
        self.guessable = len(self.key) < UNGUESSABLE
        self._wrong = Tries(most=tries, most_in_all=tries_of_all)
        self._now = now

    def cookie_for(self, key: str, address: str) -> str | None:
        """The cookie's value for the right key, else None. Raises TooManyTries.

        The right key is let in whatever others have tried, from the same address too: 128 bits
        are not guessed at any pace, and a class must not be able to lock its teacher out. Only a
        short key that somebody chose is not even compared after five wrong ones in a minute from
        its address, or a right guess would always get in.
        """
        if self.guessable and self._wrong.full(address, self._now()):
            raise TooManyTries(TOO_MANY, limit="key_tries")
        if hmac.compare_digest(key.encode("utf-8", "replace"), self.key.encode()):
            return PREFIX + self._signer.dumps("teacher")
        if not self._wrong.allow(address, self._now()):
            raise TooManyTries(TOO_MANY, limit="key_tries")
        return None

    def brings_key(self, key: str) -> bool:
        """Whether this is the key, and none that could be found by asking often."""
        same = hmac.compare_digest(key.encode("utf-8", "replace"), self.key.encode())
        return same and not self.guessable

    def owns(self, cookie: str | None) -> bool:
        """Whether a cookie's value is one that this server gave to its teacher."""
        if not cookie or not cookie.startswith(PREFIX) or len(cookie) > 400:
            return False
        try:
            return bool(self._signer.loads(cookie[len(PREFIX) :]) == "teacher")
        except BadSignature:
            return False


def fresh_code() -> str:
    """A word and two digits, easy to call across a room: ``FOX42``."""
    word = secrets.choice([animal for animal in ANIMALS if len(animal) <= 5])
    return f"{word.upper()}{secrets.randbelow(90) + 10}"


def plain(code: str) -> str:
    """A code as it is compared, however it was typed or pasted: in any case, with blanks or dashes.

    Also the whole address that stands beside it, which ends in the code.

    >>> plain(" fox-42 "), plain("http://192.168.1.20:8000/join/FOX42")
    ('FOX42', 'FOX42')
    """
    last = unicodedata.normalize("NFKC", code[:LONGEST_CODE]).rstrip("/ ").rpartition("/")[2]
    return "".join(filter(str.isalnum, last)).upper()


def spaced(code: str) -> str:
    """A code as it is shown and said, wherever that is: ``FOX 42`` for ``FOX42``."""
    return re.sub(r"(?<=[^\W\d])(?=\d)", " ", code, count=1)
