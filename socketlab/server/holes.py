"""Who has how many connections in a black hole. Pure: names and counts.

A hole belongs to one connection, and ends with its time. It costs its owner only: nothing is kept
of what is sent into it. What the client sends waits in the system's buffer of that connection.
"""

from collections import Counter


class Holes:
    """The connections that are swallowed now, at most ``most`` of one seat."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._owners: dict[str, str] = {}  # session -> seat
        self._seats: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._owners)

    def why_not(self, session: str, seat: str) -> str | None:
        """Why there can be no hole for this session, as a sentence; None if there can."""
        if session in self._owners:
            return "this connection is swallowed already"
        if self._seats[seat] >= self.most:
            return f"{self.most} connections of a seat may be in a black hole at once, no more"
        return None

    def opened(self, session: str, seat: str) -> None:
        """This session's connection is swallowed from now on."""
        self._owners[session] = seat
        self._seats[seat] += 1

    def over(self, session: str) -> None:
        """Its hole is over."""
        seat = self._owners.pop(session, None)
        if seat is not None:
            self._seats[seat] -= 1
            if not self._seats[seat]:
                del self._seats[seat]
