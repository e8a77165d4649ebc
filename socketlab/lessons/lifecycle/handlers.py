"""Lifecycle: a connection begins, is kept alive, ends; each side finds out by itself.

    client sends   payload                               acknowledged with
    leave          {"how": str, "seconds": 1 to 30}      {"ok": true, "run", "until": ms}
    try_name       {"name": str}                         {"ok": true, "thrown": bool}

    server sends   payload                               to
    poked          {"run", "seq", "sent_at"}             who leaves, once a second; the seat's pages
    told           {"run", "side", "reason", "after_ms", the seat's pages: what a side said of it
                    "old_sid", "new_sid"}

The server breaks the connection itself for "server_goodbye", "cut" and "hole"; the other ways of
leaving are the client's own acts. It may say its reason when it is back, in the ``auth`` of its
CONNECT: ``"left": {"run", "reason", "after_ms"}``.
Source: Socket.IO documentation, "Client API", disconnect; Engine.IO protocol v4, "Heartbeat".
"""

from flask import request
from flask_socketio import emit

from .. import base
from ..base import Refused, my_room, my_seat, require_choice, require_number
from .departures import Departures
from .words import RESERVED, WAYS, report_of


class Lifecycle(base.LessonNamespace):
    def __init__(self, namespace):
        super().__init__(namespace)
        self.departures = Departures()
        self.robots = {}  # sid -> which robot of its seat; 0 is the page itself

    def on_connect(self, auth):
        left = report_of(auth)
        super().on_connect(auth)  # a seat, and its rooms: from here on, events may come
        self.robots[request.sid] = base.robot_number(auth)
        for told in self.departures.back(self.who(), request.sid, *left):
            self.then_emit("told", told, room=my_room())

    def on_disconnect(self, reason):  # the server's word for it, and when it runs is the lesson
        told = self.departures.gone(request.sid, reason, self.now())
        if told is not None:
            emit("told", told, to=my_room())
        self.robots.pop(request.sid, None)
        super().on_disconnect(reason)

    def on_leave(self, data):
        base.check_step(data)
        how = require_choice(data, "how", WAYS)
        seconds = require_number(data, "seconds", 1, 30)
        left = self.departures.seconds_left(request.sid, self.now())
        if left > 0:
            raise Refused(f"this socket is leaving already: {left:.0f} s of that are left")
        until = self.end(how, seconds)
        run = base.new_run()
        self.departures.begin(run, self.who(), request.sid, self.now(), until)
        self.socketio.start_background_task(self.poke, run, request.sid, my_seat().id, until)
        return {"ok": True, "run": run, "until": until}

    def end(self, how, seconds):
        """Do the server's part of it, after the answer. Returns when the seconds will be over."""
        cutter, session = self.services.cutter, self.session()
        if how == "server_goodbye":  # a Socket.IO packet says so
            return cutter.goodbye(self.namespace, request.sid, seconds)
        if how == "cut":  # the TCP connection is aborted: both systems know at once
            return cutter.break_one(session, seconds)
        if how == "hole":  # no byte crosses any more: nobody is told
            if refusal := cutter.why_no_hole(session, my_seat().id):
                raise Refused(refusal[0], limit=refusal[1])
            return cutter.swallow(session, my_seat().id, seconds)
        return round(self.now() + seconds * 1000, 1)

    def poke(self, run, sid, seat, until):
        """Emit to a socket once a second, as long as the server takes it for connected."""
        for seq in range(1, 31):
            self.socketio.sleep(1)
            now = round(self.now(), 1)
            if now > until or not self.members(sid):
                return
            poked = {"run": run, "seq": seq, "sent_at": now}
            self.services.classroom.addressed(run, {seat}, seat, now, seq, "poked")
            self.emit("poked", poked, room=[sid, base.room_of(seat)])

    def on_try_name(self, data):
        return {"ok": True, "thrown": base.require_text(data, "name", 64) in RESERVED}

    def who(self):
        """Whose this socket is: its seat, and which of its robots."""
        return my_seat().id, self.robots[request.sid]

    def clear(self):
        """The teacher clears the class: who left is forgotten."""
        return {"departures": self.departures.clear()}


NAMESPACES = {"/lifecycle": Lifecycle}
