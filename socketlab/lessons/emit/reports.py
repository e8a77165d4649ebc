"""Who receives an event, and whose handler ran: what the handlers of this lesson share.

The receivers of an event are those that the server's own manager sent it to, noted while it does;
no argument is read a second time here. Receipts come on /class, as in every lesson.
"""

from time import monotonic

from flask import request
from flask_socketio import join_room

from ... import deliveries
from ...classroom.verdicts import TrackedRun, TrackedRuns
from .. import base
from ..base import EVERYONE, Refused, my_seat
from .dots import Dots


class EmitReports(base.LessonNamespace):
    def __init__(self, namespace):
        super().__init__(namespace)
        self.dots, self.runs = Dots(), TrackedRuns()

    def prepare(self):
        """This namespace is the one that others of the lesson ask for."""
        self.services.keep(type(self), lambda: self)

    def event(self, line, text, seat):
        """The payload of what this seat fires: a run of its own, with one event."""
        run, now = base.new_run(seat=seat), round(self.now(), 1)
        return {"run": run, "seq": 1, "sent_at": now, "line": line, "text": text}

    def follow(self, heard, fire, seat=None):
        """Fire, at the cost of who asked for it, and see whom it reaches: how many sockets.

        ``seat`` is the id of who asked by plain HTTP. From now on, receipts are waited for.
        """
        pages = base.room_of(seat or my_seat().id)
        with deliveries.noted() as receivers:
            if seat is None:
                fire()  # an event of a socket: it is charged already
            else:
                self.check_pace(seat)
                with self.services.deliveries.charged_to(seat):
                    fire()
        sids = {sid for _, sid in receivers}
        run = TrackedRun(heard["run"], pages, self.dots.places())
        run.sent(1, heard["sent_at"], sids)
        self.runs.follow(run, self.services.reports)
        self.tell_wall(heard, receivers, seat or my_seat().id)
        self.keep_telling(self.tell)
        return len(sids)

    def tell_wall(self, heard, receivers, sender):
        seats = {self.services.sockets[one].id for one in receivers if one in self.services.sockets}
        event = "message" if heard["line"] == "send" else "heard"
        run, sent_at = heard["run"], heard["sent_at"]
        self.services.classroom.addressed(run, seats, sender, sent_at, heard["seq"], event)

    def check_pace(self, seat):
        """Refuse a request of plain HTTP that an event of this seat would be refused for."""
        here = self.services
        limit = here.events.refusal(seat, monotonic(), self.keeps_back)
        if limit or not here.deliveries.allows(seat):
            limit = limit or here.deliveries.limit_of(seat)
            raise Refused("too fast: ring again in a moment", 429, limit)

    # Who comes and goes, in both namespaces

    def on_connect(self, auth):
        super().on_connect(auth)
        self.dot_came(self, auth)

    def on_disconnect(self, reason):
        self.dot_went(request.sid)
        super().on_disconnect(reason)

    def dot_came(self, namespace, auth):
        """The socket whose event is being handled came into this namespace."""
        who = request.sid, namespace.namespace, my_seat(), base.robot_number(auth)
        for room in self.dots.came(*who, namespace.session()):
            join_room(room)
        self.keep_telling(self.tell)

    def dot_went(self, sid):
        self.dots.went(sid)
        self.runs.gone(sid)
        self.keep_telling(self.tell)

    # What is told

    def heard(self, seat, session, run, got):
        """A receipt came, on the connection ``session``: somebody's handler ran."""
        if self.runs.heard(seat, session, run, got):
            self.keep_telling(self.tell)

    def tell(self):
        """Emit the dots and the verdicts that are due; True while more is to come."""
        if placed := self.dots.news(self.now()):
            self.emit("placed", placed, room=EVERYONE)
        for pages, report in self.runs.news(self.now()):
            self.emit("confirmed", report, room=pages)
        return self.dots.waiting() or self.runs.waiting()
