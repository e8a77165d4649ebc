"""Missed: Socket.IO keeps nothing for who is away. A buffer does, as far as it reaches.

    client sends   payload                                   acknowledged with
    start          {"count": int, "every_ms": ms}            {"ok": true, "run", "count", …}
    cut            {"seconds", "how": "cut" or "goodbye"}    {"ok": true, "until": ms}
    resume         {"run": id, "after": seq}                 {"ok", "replay": […], "complete", …}
    set_buffer     {"kind": "off", "memory", …, "keep": n}   {"ok": true, "kind", "keep"}
    tally          {"run", "live", "replayed", "duplicates"} {"ok", "sent", …, "gap": [seq, …]}

    server sends   payload                                   to
    posted         {"run", "seq", "sent_at", "text"}         all sockets of the seat
    buffered       {"run", "kind", "kept": [first, last], …} the seat's pages
    finished       {"run", "count"}                          all sockets of the seat, who resumes
    recovered      {"run", "count", "complete"}              who resumes

Source: Socket.IO documentation, "Delivery guarantees", "Connection state recovery".
"""

from flask import request
from flask_socketio import join_room, rooms

from .. import base
from ..base import (
    my_seat,
    require_choice,
    require_number,
    require_seqs,
    require_text,
    require_whole,
)

WITHOUT = "those who chose to live without a buffer"


def everywhere():
    """The room of all sockets of the seat: pages, twins and robots."""
    return f"all of {my_seat().id}"


class Missed(base.LessonNamespace):
    def check(self, auth):
        if require_choice({"buffer": "on"} | auth, "buffer", ("on", "off")) == "off":
            join_room(WITHOUT)
        join_room(everywhere())

    def on_start(self, data):
        base.check_step(data)
        plan = require_whole(data, "count", 1, 200), require_number(data, "every_ms", 50, 2000)
        run, events = self.services.delivery.start(my_seat().id, *plan)
        base.new_run(run.id)
        self.socketio.start_background_task(self.run, run, events, everywhere(), base.my_room())
        return {"ok": True} | run.plan()

    def run(self, run, events, everywhere, pages):
        for event in events:
            if event:  # it is in the store already, and whoever resumes now waits for us
                run.told(event, self.addressed(everywhere))
                self.emit("posted", event, room=everywhere)
            else:
                self.emit("buffered", run.state(), room=pages)
        self.emit("finished", run.over(), room=everywhere)

    def on_cut(self, data):
        seconds, cutter = require_number(data, "seconds", 1, 30), self.services.cutter
        if require_choice(data, "how", ("cut", "goodbye")) == "cut":
            return {"ok": True, "until": cutter.cut([my_seat().id], seconds)}
        return {"ok": True, "until": cutter.goodbye(self.namespace, everywhere(), seconds)}

    def on_resume(self, data):
        asked = (
            require_text(data, "run"),
            require_whole(data, "after", 0, 10**6),
            WITHOUT not in rooms(),
        )
        answer, recovered, over = self.services.delivery.resume(my_seat().id, *asked)
        self.then_emit("recovered", recovered, room=request.sid)
        self.then_emit("finished", over, room=request.sid)
        return {"ok": True} | answer

    def on_set_buffer(self, data):
        kind, keep = require_text(data, "kind", 16), require_whole(data, "keep", 1, 1000)
        return {"ok": True} | self.services.delivery.choose(kind, keep, my_seat().id)

    def on_tally(self, data):
        run, handled = (
            require_text(data, "run"),
            [require_seqs(data, name) for name in ("live", "replayed")],
        )
        duplicates = require_whole(data, "duplicates", 0, 10**6)
        return {"ok": True} | self.services.delivery.tally(my_seat().id, run, *handled, duplicates)


NAMESPACES = {"/missed": Missed}
