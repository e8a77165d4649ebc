"""The rows of what crossed, for whoever looks: decoded when asked for, never before. Pure.

A decoder has a memory (half a message, an inflater), so it goes through the records of a seat in
their order, once. All who look at a seat share such a pass, and its latest rows are kept for
those who ask a moment later. Rows weigh fifty times their bytes, so few are kept: whoever is
further back, as a page that has just been opened, gets a pass of their own from the oldest
record that is still kept, until they have caught up.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .decode import Decoder
from .rings import Record
from .tap import Tap

AT_ONCE = 100  # records decoded between two pauses: about 10 ms of work
PASSES = 600  # of all seats; two for each of 300
PASSES_PER_SEAT = 4  # one that all share, and some who are catching up
DECODERS = 64  # connections with a memory in one pass; a page polls on a handful
KEPT_BYTES = 512 << 10  # of the latest rows of a pass: some 70 events, or one that is larger
KEPT_BYTES_IN_ALL = 32 << 20  # beyond, those are let go that nobody has asked for the longest

Row = dict[str, Any]


class _Pass:
    """How far the records of a seat are decoded, and the latest rows.

    ``place`` is the number of the latest record that was decoded.
    """

    def __init__(self, joined: int) -> None:
        self.joined = joined  # of Tap.joined: a pass that has missed records is worth nothing
        self.place = 0
        self.decoders: dict[int, Decoder] = {}  # by connection
        self.kept: OrderedDict[int, tuple[list[Row], int]] = OrderedDict()  # n -> rows, weight
        self.weight = 0  # of the rows that are kept
        self.readers = 0  # who go on with it after their pause: it may not run away from them

    def fits(self, place: int, records: Iterable[Record]) -> bool:
        """Whether the rows of ``records``, which follow after ``place``, can be had here."""
        if place > self.place:
            return True  # after some decoding
        return all(record.n in self.kept for record in records if record.n <= self.place)

    def feed(self, record: Record) -> list[Row]:
        """The rows of the next record; kept for the next one who asks."""
        decoder = self.decoders.get(record.connection)
        if decoder is None:
            decoder = self.decoders[record.connection] = Decoder()
            if len(self.decoders) > DECODERS:
                del self.decoders[min(self.decoders)]
        rows = decoder.feed(record)
        self.place = record.n
        weight = weigh(rows)
        self.kept[record.n] = rows, weight
        self.weight += weight
        while self.weight > KEPT_BYTES and len(self.kept) > 1:
            self.weight -= self.kept.popitem(last=False)[1][1]
        return rows

    def let_go(self) -> None:
        """Keeps no rows; who goes on from the latest place does not need them."""
        self.kept.clear()
        self.weight = 0


class RowReader:
    """Reads a tap. ``pause()`` is called now and then, to let others work.

    Rows are shared between those who ask: nobody may change one. ``decoded`` counts records.
    """

    def __init__(
        self, tap: Tap, pause: Callable[[], object] = lambda: None, most: int = KEPT_BYTES_IN_ALL
    ) -> None:
        self._tap, self._pause, self._most = tap, pause, most
        self._dropped = 0  # passes whose rows were let go for want of room
        self._passes: OrderedDict[str, list[_Pass]] = OrderedDict()  # by seat, oldest use first
        self.decoded = 0

    @property
    def kept_bytes(self) -> int:
        """About how much the rows weigh that are kept."""
        return sum(one.weight for passes in self._passes.values() for one in passes)

    def budget(self) -> dict[str, int]:
        """``{bytes, most, dropped}`` of all seats together, for the health page."""
        return {"bytes": self.kept_bytes, "most": self._most, "dropped": self._dropped}

    def read(
        self,
        seat: str,
        after: int = 0,
        connection: int | None = None,
        limit: int = 500,
        last: int | None = None,
    ) -> dict[str, Any]:
        """``{"rows": […], "next": n, "dropped": n}``: what crossed after record ``after``.

        With ``last`` only the newest so many, for a page that has just been opened.
        ``next`` is the ``after`` of the next question. ``dropped`` counts records in between
        that are kept no longer. The shape of a row stands in wiretap/decode.py.
        """
        if last is not None:
            after = max(after, self._tap.before_last(seat, last))
        rows: list[Row] = []
        place, dropped, mine = after, None, None
        try:
            while len(rows) < limit:
                at_once = min(AT_ONCE, limit)
                records, following, lost = self._tap.records(seat, place, limit=at_once)
                dropped = lost if dropped is None else dropped
                if not records:
                    break
                mine = self._pass(seat, place, records, mine)
                found = self._rows(mine, seat, place, records)
                if found is not None:
                    place = following
                    rows += [
                        r for r in found if connection is None or r["connection"] == connection
                    ]
                self._pause()
        finally:
            if mine is not None:
                mine.readers -= 1
        return {"rows": rows, "next": place, "dropped": dropped or 0}

    def forget(self, seat: str) -> None:
        """Drops what is kept of a seat."""
        self._passes.pop(seat, None)

    def _rows(
        self, found: _Pass, seat: str, place: int, records: Sequence[Record]
    ) -> list[Row] | None:
        """The rows of these records, which follow after ``place``; None: ask again.

        Nothing in here gives way to others, so that a pass never sees a record twice.
        """
        if found.place < place:  # what stands before comes first
            before, _, _ = self._tap.records(seat, found.place, limit=AT_ONCE)
            missing = [record for record in before if record.n <= place]
            self.decoded += len(missing)
            for record in missing:
                found.feed(record)
            if len(missing) == AT_ONCE:
                return None
        rows: list[Row] = []
        for record in records:
            if record.n <= found.place:
                rows += found.kept[record.n][0]
            else:
                self.decoded += 1
                rows += found.feed(record)
        self._bound()
        return rows

    def _pass(self, seat: str, place: int, records: Sequence[Record], mine: _Pass | None) -> _Pass:
        """The pass that is nearest to giving these rows, made where there is none.

        ``mine`` is the one that this reader has had until now.
        """
        joined = self._tap.joined(seat)
        passes = [one for one in self._passes.get(seat, ()) if one.joined == joined]
        ready = [
            one
            for one in passes
            if one.fits(place, records) and (one is mine or not one.readers or one.place >= place)
        ]
        found = max(ready, key=lambda one: one.place, default=None) or _Pass(joined)
        if found is not mine:
            found.readers += 1
            if mine is not None:
                mine.readers -= 1
        others = [one for one in passes if one is not found]
        idle = [one for one in others if not one.readers][-PASSES_PER_SEAT + 1 :]
        self._passes[seat] = [one for one in others if one.readers or one in idle] + [found]
        self._passes.move_to_end(seat)
        return found

    def _bound(self) -> None:
        while sum(map(len, self._passes.values())) > PASSES:
            self._passes.popitem(last=False)
        excess = self.kept_bytes - self._most
        for passes in self._passes.values():
            for one in passes:
                if excess > 0 and one.weight:
                    excess -= one.weight
                    self._dropped += 1
                    one.let_go()


def weigh(rows: Iterable[Row]) -> int:
    """About how many bytes of memory rows take, found without a walk through them."""
    weight = 300
    for row in rows:
        weight += 300 + 32 * int(row["size"])
        for layer in row["layers"]:
            weight += 350 * len(layer["fields"])
    return weight
