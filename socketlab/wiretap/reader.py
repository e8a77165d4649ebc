"""The rows of the wire for whoever looks: decoded when asked for, never before. Pure.

A decoder has a memory (half a message, an inflater), so reading on from where a page stopped
goes on with the decoders it stopped with; reading from anywhere else starts at the oldest
record that is still kept. Rows themselves are not kept: they weigh fifty times their bytes.
"""

from collections import OrderedDict

from .decode import Decoder

AT_ONCE = 100  # records decoded between two pauses: about 10 ms of work
PLACES = 600  # where pages stopped reading; two for each of 300 seats
DECODERS = 64  # connections with a memory at one place; a page polls on a handful


class RowReader:
    """Reads a wiretap.Tap. ``pause()`` is called now and then, to let others work."""

    def __init__(self, tap, pause=lambda: None):
        self._tap, self._pause = tap, pause
        self._places = OrderedDict()  # (seat, n) -> {connection: Decoder}, as of record n

    def read(self, seat, after=0, connection=None, limit=500, last=None):
        """``{"rows": […], "next": n, "dropped": n}``: what crossed after record ``after``.

        With ``last`` only the newest so many, for a page that has just been opened.
        ``next`` is the ``after`` of the next question. ``dropped`` counts records in between
        that are kept no longer. The shape of a row stands in wiretap/decode.py.
        """
        if last is not None:
            after = max(after, self._tap.before_last(seat, last))
        decoders = self._places.pop((seat, after), None)
        if decoders is None:
            decoders, place = {}, 0
            while place < after:
                records, place, _ = self._tap.records(seat, place, limit=AT_ONCE)
                self._feed(decoders, [record for record in records if record.n <= after])
                if not records:
                    break
        rows, place, dropped = [], after, None
        while len(rows) < limit:
            records, place, lost = self._tap.records(seat, place, limit=min(AT_ONCE, limit))
            dropped = lost if dropped is None else dropped
            if not records:
                break
            for row in self._feed(decoders, records):
                if connection is None or row["connection"] == connection:
                    rows.append(row)
        self._places[seat, place] = decoders
        if len(self._places) > PLACES:
            self._places.popitem(last=False)
        return {"rows": rows, "next": place, "dropped": dropped or 0}

    def _feed(self, decoders, records):
        rows = []
        for record in records:
            decoder = decoders.get(record.connection)
            if decoder is None:
                decoder = decoders[record.connection] = Decoder()
                if len(decoders) > DECODERS:
                    del decoders[min(decoders)]
            rows += decoder.feed(record)
        self._pause()
        return rows
