"""Choose the arguments of five emits, so that each reaches whom it should and nobody else.

    the program sends   payload                                  acknowledged with
    choose              {"number": int, "args": {"to"?, …}}      {"ok": true, "receivers": int}

    the judge sends     payload                                  to be acknowledged with
    asked               {"number", "wanted", "room", "sid"}      nothing

The judge has a list of seven sockets and plays emit() on it, with the arguments that it is given.
The five situations come at once, in an order of their own for each attempt, as rooms and sids do.
Source: Flask-SocketIO documentation, "Broadcasting", and the API reference of emit.
"""

import random

from ...classroom.payloads import require_whole
from ...classroom.refused import Refused
from ...exercises.judge import Check, Judge, shown

SENDER = "the sender"
WANTED = {  # what is asked for -> who it is, of the names of SOCKETS
    "sender": {SENDER},
    "others": {"Ada", "Bob", "Cem", "Dot", "Eli", "Flo"},
    "room": {SENDER, "Ada", "Bob"},
    "room_others": {"Ada", "Bob"},
    "one": {"Flo"},
}
SOCKETS = (SENDER, "Ada", "Bob", "Cem", "Dot", "Eli", "Flo")
IN_ROOM = (SENDER, "Ada", "Bob")  # in the room that is asked for; the others are in another one
OTHER_ROOM = "elsewhere"
FLAGS, NAMES = ("broadcast", "include_self"), ("skip_sid",)
MOST_NAMES = 10  # in a list of rooms


class Exercise(Judge):
    seconds = 120.0  # packets may be typed by hand
    checks = (
        Check("sender", "an emit that only the sender receives"),
        Check("others", "an emit that everybody but the sender receives"),
        Check("room", "an emit that all in the room receive, the sender too"),
        Check("room_others", "an emit that the others in the room receive"),
        Check("one", "an emit that the one socket with this sid receives"),
    )

    def __init__(self, fresh, now):
        super().__init__(fresh, now)
        self.sids = {name: fresh() for name in SOCKETS}
        self.room = f"room {fresh()}"
        self.asked = random.sample(list(WANTED), len(WANTED))

    def began(self):
        for number, wanted in enumerate(self.asked, 1):
            about = {"room": self.room, "sid": self.sids["Flo"]}
            self.emit("asked", {"number": number, "wanted": wanted} | about)

    def on_choose(self, data):
        wanted = self.asked[require_whole(data, "number", 1, len(self.asked)) - 1]
        try:
            reached = self.receivers(arguments(data.get("args")))
        except Refused as no:
            self.failed(wanted, f"{shown(data.get('args'))}: {no}")
            raise
        if reached == WANTED[wanted]:
            self.passed(wanted, f"{shown(data['args'])} reached {named(reached)}")
        else:
            self.failed(wanted, self.difference(data["args"], reached, WANTED[wanted]))
        return {"ok": True, "receivers": len(reached)}

    def difference(self, args, reached, wanted):
        """What is wrong with who received it, as a sentence."""
        parts = []
        if reached - wanted:
            parts.append(f"reached {named(reached - wanted)} too many")
        if wanted - reached:
            parts.append(f"did not reach {named(wanted - reached)}")
        return f"{shown(args)} {' and '.join(parts)}"

    def receivers(self, args):
        """The names of those who receive an emit with these arguments, in a handler."""
        to = args.get("to") or (None if args.get("broadcast") else self.sids[SENDER])
        names = [to] if isinstance(to, str) else to
        found = set(SOCKETS) if names is None else {n for n in SOCKETS if self.is_in(n, names)}
        skipped = args.get("skip_sid")
        if not args.get("include_self", True) and not skipped:
            skipped = self.sids[SENDER]
        return {name for name in found if self.sids[name] != skipped}

    def is_in(self, name, rooms):
        """Whether a socket is in one of these rooms; its own is called by its sid."""
        room = self.room if name in IN_ROOM else OTHER_ROOM
        return self.sids[name] in rooms or room in rooms

    def so_far(self, check):
        return f"no choose for {check}"


def arguments(args):
    """The arguments of an emit as a program gives them. Raises Refused."""
    if not isinstance(args, dict):
        raise Refused('args must be an object, for example {"to": "lab"}')
    if unknown := set(args) - {"to", *FLAGS, *NAMES}:
        raise Refused(f"emit has no argument {shown(sorted(unknown)[0])} here")
    for name in FLAGS:
        if not isinstance(args.get(name, False), bool):
            raise Refused(f"{name} must be true or false")
    if not isinstance(args.get("skip_sid", ""), str):
        raise Refused("skip_sid must be a sid")
    to = args.get("to", "a room")
    rooms = to if isinstance(to, list) else [to]
    if not 1 <= len(rooms) <= MOST_NAMES or not all(isinstance(r, str) and r for r in rooms):
        raise Refused(f"to must be a room, a sid, or a list of 1 to {MOST_NAMES} of them")
    return args


def named(names):
    """Some of SOCKETS, in words."""
    listed = [name for name in SOCKETS if name in names]
    return " and ".join(listed) or "nobody"
