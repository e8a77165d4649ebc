"""What the class is told of the rooms: which there are, who is in them, and how often. Pure.

The lists themselves are the server's: a map is read off them at the moment it is told, through
``members(room)``, which gives the sids in a room in the order in which they joined. Kept here
is only what those lists do not know: who a sid is, in which order the rooms opened, how much
has been told lately, and who still has to get the newest map.

Nobody makes a room and nobody deletes one: it is there while somebody is in it.
Source: Socket.IO documentation, "Rooms".
"""

from dataclasses import dataclass
from typing import Any

from ...classroom.refused import Refused
from ...limits import TokenBucket

ROOMS_EACH = 20
ROOMS = 200
# Memberships in all. The whole map goes to everybody; at 150 bytes for the longest nick it stays
# under the 512 KiB that a slow reader may be behind.
PLACES = 3000
AT_ONCE = 5  # rooms in one `say`
MAP_MS = 100  # between two maps, at least: ten a second
MAP_BYTES_PER_SECOND = 20e6  # of all maps together; a large class gets them less often
PLACE_BYTES = 60  # of one member on the map, about
# Deliveries a second for `opened`, `joined`, `left`, `closed`: beyond it only the map tells. What
# people say is charged to them as everything is: see deliveries.py.
TOLD_PER_SECOND, TOLD_BURST = 20_000, 60_000


@dataclass(eq=False)
class Member:
    """A socket in the lesson. ``seat`` is anything with an ``id`` and a ``nick``."""

    sid: str
    seat: Any
    robot: int = 0
    session: str | None = None  # the connection that carries it

    @property
    def who(self):
        """How the others see it: ``{"sid", "nick"}``."""
        return {"sid": self.sid, "nick": self.seat.nick}

    @property
    def entry(self):
        """The same in the map, where a robot says that it is one: ``{"sid", "nick", "robot"?}``."""
        return self.who | ({"robot": self.robot} if self.robot else {})


class RoomMap:
    """The map of one lesson: ``rev`` grows with every change of the lists."""

    def __init__(self):
        self.sockets = {}  # sid -> Member, all that are in the lesson
        self.rooms = {}  # name -> None, in the order in which they opened
        self.rev = 1
        self._told = TokenBucket(TOLD_PER_SECOND / 1000, TOLD_BURST, 0.0)
        self._untold = 0
        self._newcomers = []
        self._mapped = 1  # the last rev that everybody was sent
        self._next_map = 0.0

    # Who is there

    def arrived(self, sid, seat, robot=0, session=None):
        """A socket is in the lesson; it is owed the map."""
        self.sockets[sid] = Member(sid, seat, robot, session)
        self._newcomers.append(sid)

    def gone(self, sid):
        """A socket has left the lesson."""
        self.sockets.pop(sid, None)
        if sid in self._newcomers:
            self._newcomers.remove(sid)

    def who(self, sid):
        """How the others see a socket: ``{"sid", "nick"}``."""
        return self.sockets[sid].who

    def places(self):
        """Whose receipts will count for whom: ``{sid: (seat id, connection)}``."""
        return {sid: (m.seat.id, m.session) for sid, m in self.sockets.items()}

    # What a client may ask for; each refuses with a sentence

    def require_sid(self, data):
        """The socket called ``sid`` in a payload, one of this lesson."""
        sid = data.get("sid")
        if not isinstance(sid, str) or sid not in self.sockets:
            raise Refused("sid must be the sid of a socket in this lesson")
        return sid

    def check_join(self, room, mine, members):
        """Refuse one room too many: of this socket, which is in ``mine``, or of all."""
        no = None
        if len(mine) >= ROOMS_EACH:
            no = f"you are in {ROOMS_EACH} rooms already: leave one first"
        elif room not in self.rooms and len(self.rooms) >= ROOMS:
            no = f"there are {ROOMS} rooms already: join one of them"
        elif sum(len(members(name)) for name in self.rooms) >= PLACES:
            no = f"all rooms together have {PLACES} places, and all are taken"
        if no:
            raise Refused(no, limit="rooms")

    # What is told of a change

    def note(self, event, room, deliveries, now):
        """The lists have changed: opened, joined, left or closed. Whether this may be told.

        It is not where so much happens that only the map tells of it.
        """
        self.rev += 1
        if event == "opened":
            self.rooms[room] = None
        elif event == "closed":
            self.rooms.pop(room, None)
        if self._told.take(now, min(deliveries, TOLD_BURST)):
            return True
        self._untold += 1
        return False

    def map(self, members):
        """``{"rev", "rooms": {name: [who, …]}, "seats"}``: the whole truth; ``rev`` only grows.

        ``seats`` is how many seats have a socket in the lesson: one is alone, or in a class.
        ``untold``, where it is there, is how many of the events ``opened``, ``joined``, ``left``
        and ``closed`` were left out since the last map because too much happened.
        """
        rooms = {
            room: [self.sockets[sid].entry for sid in members(room) if sid in self.sockets]
            for room in self.rooms
        }
        seats = len({member.seat.id for member in self.sockets.values()})
        found = {"rev": self.rev, "rooms": rooms, "seats": seats}
        return found | ({"untold": self._untold} if self._untold else {})

    def news(self, now, members):
        """The maps that are due: ``[(None for everybody, or the newcomers' sids, map)]``."""
        if not self.waiting() or now < self._next_map:
            return []
        found = self.map(members)
        due = [(None if self.rev > self._mapped else self._newcomers, found)]
        self._newcomers, self._mapped, self._untold = [], self.rev, 0
        self._next_map = now + self.pause(sum(map(len, found["rooms"].values())))
        return due

    def waiting(self):
        """Whether somebody does not have the newest map yet."""
        return self.rev > self._mapped or bool(self._newcomers)

    def pause(self, places):
        """Milliseconds until the next map: 100, more where maps are large and listeners many."""
        size = PLACE_BYTES * places
        return max(MAP_MS, 1000 * size * len(self.sockets) / MAP_BYTES_PER_SECOND)


def chosen_rooms(data):
    """What a ``say`` names: the value of ``room``, or the 1 to 5 values of ``rooms``."""
    if ("room" in data) == ("rooms" in data):
        raise Refused("say where: either room, or rooms with 1 to 5 names")
    values = [data["room"]] if "room" in data else data["rooms"]
    if not isinstance(values, list) or not 1 <= len(values) <= AT_ONCE:
        raise Refused(f"rooms must be a list of 1 to {AT_ONCE} names")
    return values
