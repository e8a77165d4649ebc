"""A lesson that shows its own rooms: keeps the map and the verdicts true to what happens.

The shell around two pure cores, membership.py (who is where) and verdicts.py (who confirmed
what). A lesson's namespace derives from TrackedRooms and defines

    announce(what, room, who)   emits one of opened, joined, left, closed
    tell()                      emits the maps and reports that are due; True while more is to come

Receipts come on /class, on the connection of the page or robot whose handler ran; that
connection says which socket speaks, so a receipt for another's socket cannot be written.
"""

from flask import request

from ..base import LessonNamespace, Refused, my_room, my_seat
from .members import EVERYBODY, Watched
from .membership import Membership, room_name
from .verdicts import Run, Runs


class TrackedRooms(Watched, LessonNamespace):
    def __init__(self, namespace):
        super().__init__(namespace)
        self.people, self.runs = Membership(Refused), Runs()
        self.now = None  # the server's clock, from the first arrival on

    def arrived(self, robot):
        if self.now is None:
            self.now = self.services.now
            self.services.classroom.listeners.append(self.heard)
        self.people.arrived(request.sid, my_seat(), robot, self.session())
        self.wake()

    # Called by the manager's lists, so for every change, and outside of any event too

    def entered(self, sid, room):
        if room_name(room) is not None:
            for what, name, who in self.people.entered(sid, room, self.now()):
                self.announce(what, name, who)
            self.wake()

    def left_room(self, sid, room):
        if room is EVERYBODY:
            self.people.gone(sid)
            self.runs.gone(sid)
        elif room_name(room) is not None:
            for what, name, who in self.people.left(sid, room, self.now()):
                self.announce(what, name, who)
        if self.now is not None:
            self.wake()

    # What is said, and who confirms it

    def receivers(self, rooms, skip_me=False):
        """The sids that an emit to these rooms goes to, each once, at this moment."""
        return self.sids(rooms) - ({request.sid} if skip_me else set())

    def sent(self, said, addressed):
        """Give an event its moment, and follow it to those whom it addresses. May refuse."""
        said["sent_at"] = round(self.now(), 1)
        self.people.may_say(len(addressed), said["sent_at"])
        places = {sid: (m.seat.id, m.session) for sid, m in self.people.sockets.items()}
        run = Run(said["run"], my_room(), places)
        run.sent(said["seq"], said["sent_at"], addressed)
        self.runs.follow(run)
        self.wake()

    def heard(self, seat, run, got):
        """A receipt of this seat came, on whatever connection."""
        if self.runs.heard(seat, self.connection(request.sid, request.namespace), run, got):
            self.wake()
