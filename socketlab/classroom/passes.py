"""Exercise tokens: what a student's program shows instead of the seat's own token. Pure.

It stands in a file that may be handed on, and in a frame that runs anybody's code. So it names a
seat and one exercise, and opens nothing but ``/exercise`` for that one and the namespaces that
this exercise asks for: no page, no class, no other exercise, and never as the teacher.

It begins like a seat's token, so that it is blanked wherever those are; it is signed otherwise,
so that neither can pass for the other.
"""

from collections.abc import Collection, Mapping

from itsdangerous import BadSignature, URLSafeSerializer

from .refused import Refused
from .seats import PREFIX, Seat, Seats, UnknownSeat

AT = "/exercise"
BEGINS = f"{PREFIX}exercise."
LONGEST = 500  # characters


def is_pass(token: object) -> bool:
    """Whether a token wants to be one of an exercise."""
    return isinstance(token, str) and token.startswith(BEGINS)


class Passes:
    """``namespaces`` maps the slug of each exercise to those that its programs need."""

    def __init__(self, key: str, seats: Seats, namespaces: Mapping[str, Collection[str]]) -> None:
        self._signer = URLSafeSerializer(key, salt="socketlab exercise")
        self._seats, self._namespaces = seats, namespaces

    def issue(self, seat: Seat, slug: str) -> str:
        """The token of this seat for this exercise; the same each time, until it is renamed."""
        token = self._signer.dumps([seat.id, seat.nick, slug])
        return BEGINS + (token if isinstance(token, str) else token.decode())

    def claim(self, token: object, namespace: str, slug: object) -> Seat:
        """The seat of a token that opens this namespace; at ``/exercise`` for this ``slug`` only.

        Raises Refused; UnknownSeat for what is not ours, or has been ended by the teacher.
        """
        seat, own = self.read(token)
        if namespace == AT and slug != own:
            raise Refused(f'this is the exercise token of {own}: say {{"exercise": "{own}"}}')
        if namespace != AT and namespace not in self._namespaces[own]:
            raise Refused(f"an exercise token does not open {namespace}")
        return seat

    def read(self, token: object) -> tuple[Seat, str]:
        """The seat and the exercise that a token names. Raises UnknownSeat."""
        if not isinstance(token, str) or not is_pass(token) or len(token) > LONGEST:
            raise UnknownSeat
        try:
            seat_id, nick, slug = self._signer.loads(token[len(BEGINS) :])
        except (BadSignature, ValueError, TypeError):
            raise UnknownSeat from None
        if slug not in self._namespaces:  # it was one of an earlier server
            raise UnknownSeat
        return self._seats.bring_back(seat_id, nick), slug
