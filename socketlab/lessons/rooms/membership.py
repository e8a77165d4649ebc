"""Who is in which room, for the lesson "rooms". Pure: no socket, no clock of its own.

The shell tells what happened to a socket on the server's lists: it arrived in the lesson, entered
a room, left one, is gone. Back comes what that means for the class, in this order:
``opened`` (the first member), ``joined``, ``left``, ``closed`` (the last one).

Nobody makes a room and nobody deletes one: it is there while somebody is in it.

Inside the server a room of the class is called ``"room:" + name``, so that no name a student
chooses can be one of the lesson's own rooms (its hall, a seat's pages) or a socket's private one.
Source: Socket.IO documentation, "Rooms".
"""

from dataclasses import dataclass, field
from typing import Any

from ...classroom.text import BadText, clean
from ...limits import TokenBucket

PREFIX = "room:"
NAME_LONGEST = 40
ROOMS_EACH = 20
ROOMS = 200
# Memberships in all. The whole map goes to everybody; at 150 bytes for the longest nick it stays
# under the 512 KiB that a slow reader may be behind.
PLACES = 3000
AT_ONCE = 5  # rooms in one `say`
MAP_MS = 100  # between two maps, at least: ten a second
MAP_BYTES_PER_SECOND = 20e6  # of all maps together; a large class gets them less often
# Deliveries a second for `opened`, `joined`, `left`, `closed` (beyond it only the map tells), and
# for what people say (beyond it they are refused). The server manages some 380,000 (benchmarks).
TOLD_PER_SECOND, TOLD_BURST = 20_000, 60_000
SAID_PER_SECOND, SAID_BURST = 100_000, 100_000


def room_key(room):
    """What the server's manager calls a room of the class."""
    return PREFIX + room


def room_name(room):
    """The class's name for a room of the manager; None for one that is not the class's."""
    named = isinstance(room, str) and room.startswith(PREFIX)
    return room[len(PREFIX) :] if named else None


@dataclass(eq=False)
class Member:
    """A socket in the lesson. ``seat`` is anything with an ``id`` and a ``nick``."""

    sid: str
    seat: Any
    robot: int = 0
    session: str | None = None  # the connection that carries it
    rooms: set = field(default_factory=set)

    @property
    def who(self):
        """How the others see it: ``{"sid", "nick"}``."""
        return {"sid": self.sid, "nick": self.seat.nick}

    @property
    def entry(self):
        """The same in the map, where a robot says that it is one: ``{"sid", "nick", "robot"?}``."""
        return self.who | ({"robot": self.robot} if self.robot else {})


class Membership:
    """The rooms of one lesson. ``refused`` is the exception that carries a sentence to a client."""

    def __init__(self, refused=ValueError):
        self.sockets = {}  # sid -> Member, all that are in the lesson
        self.rooms = {}  # name -> {sid: Member}, in the order in which they opened and entered
        self.rev = 1
        self._refused = refused
        self._places = 0
        self._told = TokenBucket(TOLD_PER_SECOND / 1000, TOLD_BURST, 0.0)
        self._said = TokenBucket(SAID_PER_SECOND / 1000, SAID_BURST, 0.0)
        self._untold = 0
        self._newcomers = []
        self._mapped = 1  # the last rev that everybody was sent
        self._next_map = 0.0

    # What happened to a socket

    def arrived(self, sid, seat, robot=0, session=None):
        """A socket is in the lesson; it is owed the map."""
        self.sockets[sid] = Member(sid, seat, robot, session)
        self._newcomers.append(sid)

    def gone(self, sid):
        """A socket has left the lesson; its rooms report its leaving one by one."""
        self.sockets.pop(sid, None)
        if sid in self._newcomers:
            self._newcomers.remove(sid)

    def entered(self, sid, room, now):
        """A socket entered a room of the manager: ``[("opened", room, who), ("joined", …)]``.

        Empty for a room that is not the class's, for a socket that is in it already, and where
        so much happens that only the map tells.
        """
        name, member = room_name(room), self.sockets.get(sid)
        if name is None or member is None or name in member.rooms:
            return []
        opened = name not in self.rooms
        members = self.rooms.setdefault(name, {})
        members[sid] = member
        member.rooms.add(name)
        self._places += 1
        self.rev += 1
        events = [("opened", name, member.who)] if opened else []
        return self._tell([*events, ("joined", name, member.who)], members, opened, now)

    def left(self, sid, room, now):
        """A socket left a room of the manager: ``[("left", room, who), ("closed", …)]``."""
        name = room_name(room)
        members = self.rooms.get(name, {})
        member = members.pop(sid, None)
        if member is None:
            return []
        member.rooms.discard(name)
        self._places -= 1
        self.rev += 1
        closed = not members
        if closed:
            del self.rooms[name]
        events = [("closed", name, member.who)] if closed else []
        return self._tell([("left", name, member.who), *events], members, closed, now)

    def _tell(self, events, members, everybody, now):
        deliveries = len(members) + 1 + everybody * len(self.sockets)
        if self._told.take(now, min(deliveries, TOLD_BURST)):
            return events
        self._untold += len(events)
        return []

    # What a client may ask for; each refuses with a sentence

    def rooms_of(self, sid):
        """The rooms of a socket, by name."""
        return sorted(self.sockets[sid].rooms)

    def name(self, value):
        """A room's name as a client gives it: 1 to 40 characters on one line, not a sid."""
        try:
            name = clean(value, "room", NAME_LONGEST)
        except BadText as error:
            raise self._refused(str(error)) from None
        if "\n" in name or "\t" in name:
            raise self._refused("room must stand on one line")
        if name in self.sockets:
            raise self._refused("that is a sid: its room is private; whisper to it instead")
        return name

    def may_join(self, sid, value):
        """The name of a room that a socket may enter."""
        name, mine = self.name(value), self.sockets[sid].rooms
        if name not in mine:
            if len(mine) >= ROOMS_EACH:
                raise self._refused(f"you are in {ROOMS_EACH} rooms already: leave one first")
            if name not in self.rooms and len(self.rooms) >= ROOMS:
                raise self._refused(f"there are {ROOMS} rooms already: join one of them")
            if self._places >= PLACES:
                raise self._refused(f"all rooms together have {PLACES} places, and all are taken")
        return name

    def mine(self, sid, value):
        """The name of a room that a socket is in."""
        name = self.name(value)
        if name not in self.sockets[sid].rooms:
            raise self._refused(f"you are not in {name}")
        return name

    def chosen(self, sid, data):
        """What a ``say`` names: its rooms, each once, and whether the speaker is left out.

        Either ``room``, or ``rooms`` with 1 to 5 names; the speaker must be in each of them.
        """
        if ("room" in data) == ("rooms" in data):
            raise self._refused("say where: either room, or rooms with 1 to 5 names")
        values = [data["room"]] if "room" in data else data["rooms"]
        if not isinstance(values, list) or not 1 <= len(values) <= AT_ONCE:
            raise self._refused(f"rooms must be a list of 1 to {AT_ONCE} names")
        skip_me = data.get("skip_me", False)
        if not isinstance(skip_me, bool):
            raise self._refused("skip_me must be true or false")
        return list(dict.fromkeys(self.mine(sid, value) for value in values)), skip_me

    def somebody(self, value):
        """The sid of a socket in this lesson."""
        if not isinstance(value, str) or value not in self.sockets:
            raise self._refused("sid must be the sid of a socket in this lesson")
        return value

    def may_say(self, addressed, now):
        """Refuse what would be one delivery too many for the whole class."""
        if not self._said.take(now, min(addressed, SAID_BURST)):
            raise self._refused("too much is being said at once: try again in a moment")

    # The map

    def map(self):
        """``{"rev", "rooms": {name: [who, …]}}``: the whole truth, newer where ``rev`` is larger.

        ``untold``, where it is there, is how many of the events ``opened``, ``joined``, ``left``
        and ``closed`` were left out since the last map because too much happened.
        """
        rooms = {n: [m.entry for m in members.values()] for n, members in self.rooms.items()}
        return {"rev": self.rev, "rooms": rooms} | (
            {"untold": self._untold} if self._untold else {}
        )

    def news(self, now):
        """The maps that are due: ``[(None for everybody, or the newcomers' sids, map)]``."""
        if not self.waiting() or now < self._next_map:
            return []
        changed = self.rev > self._mapped
        due = [(None if changed else self._newcomers, self.map())]
        self._newcomers, self._mapped, self._untold = [], self.rev, 0
        self._next_map = now + self.pause()
        return due

    def waiting(self):
        """Whether somebody does not have the newest map yet."""
        return self.rev > self._mapped or bool(self._newcomers)

    def pause(self):
        """Milliseconds until the next map: 100, more where maps are large and listeners many."""
        size = 60 * self._places
        return max(MAP_MS, 1000 * size * len(self.sockets) / MAP_BYTES_PER_SECOND)
