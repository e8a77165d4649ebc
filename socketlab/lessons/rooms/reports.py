"""What the class is told of the rooms: each change, the map, and whose handlers ran.

The shell around three pure cores: room_map.py (how much is told, and when), verdicts.py of
classroom/ (who confirmed what) and onlookers.py (what of it those are told who are outside of
the rooms). The handlers say what happened; nothing here calls them.

Receipts come on /class, on the connection of the page or robot whose handler ran; that
connection says which socket speaks, so a receipt for another's socket cannot be written.
"""

from ...classroom.verdicts import TrackedRun, TrackedRuns
from .. import base
from ..base import EVERYONE
from .onlookers import Onlookers
from .room_map import RoomMap


class RoomReports(base.LessonNamespace):
    def __init__(self, namespace):
        super().__init__(namespace)
        self.map, self.runs = RoomMap(), TrackedRuns()
        self.onlookers = Onlookers(lambda places: self.map.pause(places))

    def announce(self, event, room, who=None):
        """Tell of a change; where too much happens at once, the map alone tells of it."""
        told = {"room": room, "who": who} if who else {"room": room}
        listeners = room if who else EVERYONE
        if self.map.note(event, room, self.addressed(listeners), self.now()):
            self.emit(event, told, room=listeners)
        self.keep_telling(self.tell)

    def close_if_empty(self, room):
        """An empty list is no room any more: the last one who left took it away."""
        if not self.members(room):
            self.announce("closed", room)

    def track(self, said, heard_by):
        """From now on, receipts for this event are waited for, from these sids."""
        run = TrackedRun(said["run"], base.my_room(), self.map.places())
        run.sent(said["seq"], said["sent_at"], heard_by)
        self.addressed_by("said", said, heard_by)
        self.runs.follow(run, self.services.reports)
        if said["room"] not in self.map.sockets:  # a private room is nobody else's business
            self.onlookers.began(said, base.my_room())
        self.keep_telling(self.tell)

    def heard(self, seat, session, run, got):
        """A receipt came, on the connection ``session``: somebody's handler ran."""
        if self.runs.heard(seat, session, run, got):
            self.keep_telling(self.tell)

    def tell(self):
        """Emit the maps and the reports that are due; True while more is to come."""
        for sids, rooms in self.map.news(self.now(), self.members):
            self.emit("mapped", rooms, room=sids or EVERYONE)
        for pages, report in self.runs.news(self.now()):
            self.emit("confirmed", report, room=pages)
            self.onlookers.changed(report)
        for pages, report in self.onlookers.news(self.now()):
            others = {"to": EVERYONE, "skip_sid": self.members(pages)}
            self.socketio.emit("lit", report, namespace=self.namespace, **others)
        return self.map.waiting() or self.runs.waiting() or self.onlookers.waiting()
