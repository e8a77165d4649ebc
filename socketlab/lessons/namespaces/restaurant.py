"""The restaurant of lesson "namespaces": a stove, the bills, and a manager who wants a code.

Pure: the clock and the code are handed in. The stove answers the kitchen's ``order``, the
bills answer the tables'; one event name, two meanings.
"""

import hmac
import secrets
from collections import deque
from hashlib import sha256

from ...classroom.refused import Refused, TooManyTries
from ...limits import Latest, Tries

MENU = {"soup": (8, 450), "salad": (4, 600), "pasta": (12, 950), "pancakes": (10, 750)}
SPECIAL = (15, 1100)  # whatever is not on the menu: (minutes, cents)
MINUTE_MS = 1000  # a minute of this kitchen
DISHES_KEPT = 500  # on the stove at once; one class orders less in a quarter of an hour
BILLS_KEPT = 3000  # as many as there are seats


def known(dish):
    """(minutes, cents) of a dish."""
    return MENU.get(dish.casefold(), SPECIAL)


class Stove:
    """What cooks: a dish is done after its minutes, and then no longer counted."""

    def __init__(self):
        self._done_at = deque(maxlen=DISHES_KEPT)

    def put_on(self, dish, now):
        """Start a dish at ``now`` (ms): ``{"minutes": int, "cooking": int}``, this one included."""
        minutes, _ = known(dish)
        cooking = [done for done in self._done_at if done > now]
        self._done_at = deque([*cooking, now + minutes * MINUTE_MS], maxlen=DISHES_KEPT)
        return {"minutes": minutes, "cooking": len(self._done_at)}


class Bills:
    """One bill a seat: how many dishes, and what they come to. The oldest bill goes first."""

    def __init__(self):
        self._bills = Latest(BILLS_KEPT)  # seat id -> (items, cents)

    def add(self, seat, dish):
        """Write a dish on a seat's bill: ``{"items": int, "total": cents}`` with it."""
        items, cents = self._bills.get(seat, (0, 0))
        _, price = known(dish)
        self._bills[seat] = items + 1, cents + price
        return {"items": items + 1, "total": cents + price}


class CodeCheck:
    """Lets in who knows the manager's code, and bounds who guesses.

    Whoever has used up the wrong tries is not even compared, or a right guess would always get
    in. Ten a minute and seat are enough for a person who mistypes; 3,000 a minute for all seats
    together would take years for ten thousand million codes.
    """

    NEEDS_A_CODE = "the manager's door needs a code"  # the contract's words

    def __init__(self, code):
        self.code = code
        self._tries = Tries(most=10, most_in_all=3000)

    def check(self, given, who, now):
        """Refuse a seat that may not come in.

        The same sentence for a missing, a mistyped and a wrong code; blanks do not matter.
        """
        if not isinstance(given, str):
            raise Refused(self.NEEDS_A_CODE)  # no guess, so it costs no try
        if self._tries.full(who, now):
            raise TooManyTries("too many wrong codes: wait a minute")
        if not hmac.compare_digest(fingerprint(given), fingerprint(self.code)):
            self._tries.failed(who, now)
            raise Refused(self.NEEDS_A_CODE)


def fresh_code():
    """Ten digits in two groups, for reading aloud: too many to guess at any bounded pace."""
    return f"{secrets.randbelow(10**5):05} {secrets.randbelow(10**5):05}"


def fingerprint(code):
    """32 bytes whatever the length, so that comparing takes the same time for every guess."""
    return sha256("".join(code.split()).encode("utf-8", "replace")).digest()
