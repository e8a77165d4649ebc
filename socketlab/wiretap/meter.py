"""What the tap counted for one seat since a moment, by lane. Pure.

A lane is one way to hear of the same events: an HTTP address, or the events of one name on a
socket. Heartbeats belong to no lane: they cross whether anything happens or not.
"""


class Meter:
    """Counts from the moment it is made.

    ``tap`` is a wiretap.Tap, ``now`` the server clock in ms. ``lanes`` maps a lane's name to the
    label that the tap counts it under: ``"/bidirectional/latest"`` for HTTP,
    ``"/bidirectional posted"`` for the event ``posted`` of a namespace.
    """

    def __init__(self, tap, now, seat, lanes):
        self.now = now
        self._counts = dict(zip(lanes, tap.restart(seat, lanes.values()), strict=True))

    def read(self):
        """``(lane, {requests, empty, bytes_up, bytes_down, connections})`` for each lane.

        Bytes are those that crossed TCP: headers, chunk sizes and frame heads included.
        """
        for lane, count in self._counts.items():
            counters = {
                "requests": count.requests,
                "empty": count.empty,
                "bytes_up": count.bytes_up,
                "bytes_down": count.bytes_down,
                "connections": len(count.connections),
            }
            yield lane, counters
