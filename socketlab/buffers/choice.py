"""Which buffer a run has: what the class has, unless the seat chose for itself.

Pure: where the class's own choice is kept is up to whoever asks.
"""

from collections.abc import Mapping
from typing import TypedDict

from ..limits import Latest
from .base import Store, StoreFailed

SEATS_CHOOSING = 4096


class Choice(TypedDict):
    """``keep`` is how many of the last events are wanted."""

    kind: str
    keep: int


FIRST: Choice = {"kind": "off", "keep": 20}  # what Socket.IO does by itself


class Unusable(Exception):
    """That buffer cannot be had; the text is a sentence."""


class Buffers:
    """``stores`` and ``absent`` as :func:`socketlab.buffers.open_stores` gives them."""

    def __init__(self, stores: Mapping[str, Store], absent: Mapping[str, str] | None = None):
        self.stores, self._absent = stores, absent or {}
        self._everybodys: Choice = FIRST
        self._seats: Latest[str, Choice] = Latest(SEATS_CHOOSING)

    @property
    def kinds(self) -> list[str]:
        """What there is to choose from."""
        return list(self.stores)

    def usable(self, kind: str, keep: int) -> Choice:
        """The choice, once its store has answered. Raises Unusable."""
        if kind not in self.stores:
            raise Unusable(self._absent.get(kind, f"kind must be one of {', '.join(self.stores)}"))
        try:
            self.stores[kind].check()
        except StoreFailed as error:
            raise Unusable(f"{kind} cannot be used now: {error}") from None
        return {"kind": kind, "keep": keep}

    def for_everybody(self, choice: Choice) -> None:
        """From now on everybody has this; what single seats chose is over.

        A kind that is not here (kept from a start that had a Redis) is as good as none.
        """
        self._everybodys = choice if choice["kind"] in self.stores else FIRST
        self._seats.clear()

    def for_seat(self, seat: str, choice: Choice) -> None:
        """The buffer of this seat's next runs."""
        self._seats[seat] = choice

    def of(self, seat: str) -> Choice:
        """The choice that holds for a seat's next run."""
        return self._seats.get(seat, self._everybodys)

    def close(self) -> None:
        """Give files and connections back."""
        for store in self.stores.values():
            store.close()
