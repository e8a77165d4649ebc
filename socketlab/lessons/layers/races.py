"""The races of lesson "layers" as they are told: one for each seat, slowly. Pure.

A race itself takes a few milliseconds, too fast to be seen. What each recv() returned is told
afterwards, one read after the other. Clock and sleep are handed in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from ...classroom.refused import Refused
from .reads import Read, sums
from .roads import Race

TELL_SECONDS = 0.11  # between two reads: at most ten a second
AT_ONCE = 4  # races that have sockets open, ten each: a class that presses at once waits in line
IN_LINE_SECONDS = 1.5  # at most, then a race is refused
AWAY_SECONDS = 15.0  # for which the telling waits, where a page is loaded again
TOO_MANY = "too many races are on: try again in a moment"


class Told:
    """A race while it is told: its events, each numbered, and then its sums."""

    def __init__(self, run: str, race: Race, took_ms: float) -> None:
        self.run, self.race, self.took_ms = run, race, took_ms

    def plan(self) -> dict[str, object]:
        """What a page may know beforehand: ``{run, count, reads, took_ms, lasts_ms, ports}``."""
        reads = len(self.race.reads)
        lasts = round((reads + 1) * TELL_SECONDS * 1000)
        about = {"run": self.run, "count": self.race.count, "reads": reads}
        return about | {"took_ms": self.took_ms, "lasts_ms": lasts, "ports": self.race.ports}

    def events(self) -> Iterator[dict[str, object]]:
        """Each read as an event without its time: ``{run, seq, proto, size, numbers, text}``."""
        for seq, read in enumerate(self.race.reads, 1):
            yield {"run": self.run, "seq": seq} | told(read)

    def over(self) -> dict[str, object]:
        """The last event: ``{run, seq, sent, tcp, udp, took_ms, texts}``.

        ``texts`` are the bytes of all reads by road, in order, for who missed some of them.
        """
        texts = {
            proto: [told(read)["text"] for read in self.race.reads if read.proto == proto]
            for proto in ("tcp", "udp")
        }
        counted = {"run": self.run, "seq": len(self.race.reads) + 1}
        results = sums(self.race.count, self.race.reads)
        return counted | results | {"took_ms": self.took_ms, "texts": texts}


def told(read: Read) -> dict[str, object]:
    """A read as a page has it; ``text`` is its bytes, which are all digits."""
    text = read.data.decode("ascii")
    return {
        "proto": read.proto,
        "size": len(read.data),
        "numbers": list(read.numbers),
        "text": text,
    }


class Races:
    """Which race of which seat is being told: one of a seat, ``most`` in all."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._ends: dict[str, float] = {}  # seat -> ms, on the server's clock
        self._places = BoundedSemaphore(AT_ONCE)

    def check_free(self, seat: str, now: float) -> None:
        """Raises Refused, with a sentence, where the seat may not race at ``now`` (ms)."""
        if seat in self._ends:
            left = max(1.0, (self._ends[seat] - now) / 1000)
            raise Refused(f"your race is on: it ends in {left:.0f} s")
        if len(self._ends) >= self._most:
            raise Refused(TOO_MANY, limit="run_events_per_second")

    @contextmanager
    def crossing(self) -> Iterator[None]:
        """One of the places of races whose sockets are open; raises Refused if none comes free."""
        if not self._places.acquire(timeout=IN_LINE_SECONDS):
            raise Refused(TOO_MANY, limit="run_events_per_second")
        try:
            yield
        finally:
            self._places.release()

    def begin(self, seat: str, ends_at: float) -> None:
        """The seat's race is on until :meth:`end`; about when that is."""
        self._ends[seat] = ends_at

    def end(self, seat: str) -> None:
        """The seat's race is over, whatever became of it."""
        self._ends.pop(seat, None)
