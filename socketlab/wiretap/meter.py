"""What the tap counted for one seat since a moment, by lane. Pure.

A lane is one way to hear of the same events: an HTTP address, or the events of one name on a
socket. Heartbeats belong to no lane: they cross whether anything happens or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

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
