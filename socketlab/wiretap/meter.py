"""What the capture counted for one seat since a moment, by lane. Pure.

A lane is one way to hear of the same events: an HTTP address, or the events of one name on a
socket. Heartbeats belong to no lane: they cross whether anything happens or not. Neither does
what a page says of itself. Who shows a lane's bytes says beside them what was left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from .rings import Sums
from .tap import Tap


class Meter:
    """Counts from the moment it is made.

    ``now`` is the server clock in ms. ``lanes`` maps a lane's name to the label that the tap
    counts it under: an address that the tap counts by itself (:meth:`Tap.count_path`), or
    ``"/rooms said"`` for the event ``said`` of the namespace ``/rooms``.
    """

    def __init__(
        self, tap: Tap, now: Callable[[], float], seat: str, lanes: Mapping[str, str]
    ) -> None:
        self.now = now
        self._tap, self._seat = tap, seat
        self._before = tap.sums(seat)
        self._labels = frozenset(lanes.values())
        self._counts = dict(zip(lanes, tap.restart(seat, lanes.values()), strict=True))

    def read(self) -> Iterator[tuple[str, dict[str, int]]]:
        """``(lane, {requests, empty, bytes_up, bytes_down, connections})`` for each lane.

        Bytes are those that crossed TCP: headers, chunk sizes and frame heads included.
        """
        for lane, count in self._counts.items():
            counters = {
                "requests": count.requests,
                "empty": count.empty,
                "bytes_up": count.bytes_up,
                "bytes_down": count.bytes_down,
                "connections": count.connections,
            }
            yield lane, counters

    def beside(self) -> dict[str, Sums]:
        """Label -> :class:`Sums`: all else that crossed for the seat since then.

        Labels as :func:`packets.label` makes them: "ping" and "pong" are the heartbeat,
        ``"/class receipt"`` and ``"/class ack"`` a receipt and its acknowledgement,
        ``"/bidirectional metered"`` what told of the counters themselves. What did not cross
        has no label here. With :meth:`read` it adds up to every byte of the seat.
        """
        crossed = {}
        for label, now in self._tap.sums(self._seat).items():
            before = self._before.get(label, Sums())
            grown = Sums(*(max(0, a - b) for a, b in zip(now, before, strict=True)))
            if label not in self._labels and any(grown):
                crossed[label] = grown
        return crossed
