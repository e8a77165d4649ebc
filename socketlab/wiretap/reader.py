"""The rows of what crossed, for whoever looks: decoded when asked for, never before. Pure.

A decoder has a memory (half a message, an inflater), so it goes through the records of a seat in
their order, once. All who look at a seat share such a pass, and its latest rows are kept for
those who ask a moment later. Rows weigh fifty times their bytes, so few are kept: whoever is
further back, as a page that has just been opened, gets a pass of their own from the oldest
record that is still kept, until they have caught up.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any

from .decode import Decoder
from .rings import Record
from .tap import Tap

AT_ONCE = 100  # records decoded between two pauses: about 10 ms of work
PASSES = 600  # of all seats; two for each of 300
PASSES_PER_SEAT = 4  # one that all share, and some who are catching up
DECODERS = 64  # connections with a memory in one pass; a page polls on a handful
PASS_BYTES = 2000  # of a pass without any decoder
KEPT_BYTES = 512 << 10  # of the latest rows of a pass: some 70 events, or one that is larger
MOST = 48 << 20  # bytes of all passes; beyond, what nobody has asked for the longest is let go

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
        self.memory = PASS_BYTES  # of the decoders
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
            self.memory += decoder.weight
            if len(self.decoders) > DECODERS:
                self.drop(min(self.decoders))
        before = decoder.weight
        rows = decoder.feed(record)
        self.memory += decoder.weight - before
        self.place = record.n
        weight = weigh(rows)
        self.kept[record.n] = rows, weight
        self.weight += weight
        while self.weight > KEPT_BYTES and len(self.kept) > 1:
            self.weight -= self.kept.popitem(last=False)[1][1]
        return rows

    def drop(self, connection: int) -> None:
        """Lets the decoder of a connection go."""
        self.memory -= self.decoders.pop(connection).weight

    def drop_closed(self, open_ones: Container[int]) -> None:
        """Everything is decoded: of connections that are closed nothing more will come."""
        for connection in [one for one in self.decoders if one not in open_ones]:
            self.drop(connection)

    def let_go(self) -> None:
        """Keeps no rows; who goes on from the latest place does not need them."""
        self.kept.clear()
        self.weight = 0


class RowReader:
    """Reads a tap. ``pause()`` is called now and then, to let others work.

    Rows are shared between those who ask: nobody may change one. ``decoded`` counts records.
    """

    def __init__(
        self, tap: Tap, pause: Callable[[], object] = lambda: None, most: int = MOST
    ) -> None:
        self._tap, self._pause, self._most = tap, pause, most
        self._dropped = 0  # rows of a pass, a pass or a decoder that went for want of room
        self._passes: OrderedDict[str, list[_Pass]] = OrderedDict()  # by seat, oldest use first
        self.decoded = 0

    @property
    def kept_bytes(self) -> int:
        """About how much the rows weigh that are kept."""
        return sum(one.weight for passes in self._passes.values() for one in passes)

    def budget(self) -> dict[str, int]:
        """``{bytes, most, dropped}`` of all seats together, for the health page."""
        return {"bytes": self.held, "most": self._most, "dropped": self._dropped}

    @property
    def held(self) -> int:
        """About how much memory all passes take: rows and decoders."""
        passes = [one for passes in self._passes.values() for one in passes]
        return sum(one.weight + one.memory for one in passes)

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
                    if mine is not None:
                        mine.drop_closed(self._tap.connections)
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

    def forget_all(self) -> None:
        """Drops what is kept of everybody."""
        self._passes.clear()

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
        self._bound(found)
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

    def _bound(self, found: _Pass) -> None:
        """Lets go what is too much, ``found`` last: rows, then passes, then its oldest decoders.

        Who goes on from a pass that is gone gets another one, which decodes anew.
        """
        while sum(map(len, self._passes.values())) > PASSES:
            self._passes.popitem(last=False)
        excess = self.held - self._most
        others = [(seat, one) for seat in self._passes for one in self._passes[seat]]
        others = [(seat, one) for seat, one in others if one is not found] if excess > 0 else []
        for _, one in others:
            if excess > 0 and one.weight:
                excess -= one.weight
                self._dropped += 1
                one.let_go()
        for seat, one in others:
            if excess > 0:
                excess -= one.memory
                self._dropped += 1
                self._passes[seat].remove(one)
                if not self._passes[seat]:
                    del self._passes[seat]
        while excess > 0 and len(found.decoders) > 1:
            before = found.memory
            found.drop(min(found.decoders))
            excess -= before - found.memory
            self._dropped += 1


def weigh(rows: Iterable[Row]) -> int:
    """About how many bytes of memory rows take, found without a walk through them."""
    weight = 300
    for row in rows:
        weight += 300 + 32 * int(row["size"])
        for layer in row["layers"]:
            weight += 350 * len(layer["fields"])
    return weight
