"""Who is there, as dots: each socket of the lesson, its rooms, and how often that is told. Pure.

The server puts each socket that comes into rooms by itself, so that every line has receivers and
others. Robots and pages alike take the next place of PLACES that has the fewest.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from ...classroom.refused import Refused

PLACES = (("lab",), ("lab", "hall"), ("hall",), ())
TOLD_MS = 100  # between two tellings, at least
BYTES_PER_SECOND = 20e6  # of all tellings together; a large class gets them less often
DOT_BYTES = 90  # of one dot in them, about
MOST_TOLD = 1000  # dots; the others are counted


@dataclass(eq=False)
class Dot:
    """A socket. ``seat`` is anything with an ``id`` and a ``nick``."""

    sid: str
    namespace: str
    seat: Any
    robot: int
    session: str  # the connection that carries it
    rooms: tuple[str, ...]

    @property
    def told(self):
        """``{"sid", "nick", "rooms", "robot"?, "namespace"?}``."""
        told = {"sid": self.sid, "nick": self.seat.nick, "rooms": list(self.rooms)}
        if self.robot:
            told["robot"] = self.robot
        return told if self.namespace == "/emit" else told | {"namespace": self.namespace}


class Dots:
    """The dots of one lesson; ``rev`` grows with each change."""

    def __init__(self):
        self.sockets = {}  # sid -> Dot, in the order in which they came
        self.rev = 1
        self._told, self._next = 1, 0.0

    def came(self, sid, namespace, seat, robot, session):
        """A socket is in the lesson. Returns the rooms that it is to be in."""
        rooms = self.free_place() if namespace == "/emit" else ()
        self.sockets[sid] = Dot(sid, namespace, seat, robot, session, rooms)
        self.rev += 1
        return rooms

    def free_place(self):
        """The first of PLACES that has the fewest dots."""
        taken = [dot.rooms for dot in self.sockets.values() if dot.namespace == "/emit"]
        return min(PLACES, key=taken.count)

    def went(self, sid):
        """A socket has left the lesson."""
        if self.sockets.pop(sid, None):
            self.rev += 1

    def chosen(self, data, mine):
        """The sid that a line with ``to=sid`` is about: that of ``data``, or the next dot's."""
        here = [sid for sid, dot in self.sockets.items() if dot.namespace == "/emit"]
        if "sid" not in data:
            return here[(here.index(mine) + 1) % len(here)]
        if data["sid"] not in here:
            raise Refused("sid must be the sid of a socket in this lesson")
        return data["sid"]

    def places(self):
        """Whose receipts will count for whom: ``{sid: (seat id, connection or None)}``.

        A connection with a socket in both namespaces cannot say which of them reports.
        """
        carried = Counter(dot.session for dot in self.sockets.values())
        return {
            sid: (dot.seat.id, dot.session if carried[dot.session] == 1 else None)
            for sid, dot in self.sockets.items()
        }

    def told(self):
        """``{"rev", "dots": [{"sid", "nick", "rooms", …}], "more", "seats"}``.

        ``rev`` only grows; ``more`` is how many dots are left out, ``seats`` whose they all are.
        """
        dots = [dot.told for dot in list(self.sockets.values())[:MOST_TOLD]]
        seats = len({dot.seat.id for dot in self.sockets.values()})
        more = len(self.sockets) - len(dots)
        return {"rev": self.rev, "dots": dots, "more": more, "seats": seats}

    def news(self, now):
        """What is due for everybody at ``now`` (ms), or None."""
        if not self.waiting() or now < self._next:
            return None
        told = self.told()
        self._told = self.rev
        size = DOT_BYTES * len(told["dots"]) * len(self.sockets)
        self._next = now + max(TOLD_MS, 1000 * size / BYTES_PER_SECOND)
        return told

    def waiting(self):
        """Whether the newest dots have not been told yet."""
        return self.rev > self._told
