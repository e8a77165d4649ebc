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
    OURS,
    my_room,
    my_seat,
    require_choice,
    require_number,
    require_text,
    require_whole,
)
from .delivery import Delivery

WITHOUT = OURS + "those who chose to live without a buffer"


def everywhere():
    """The room of all sockets of the seat: pages, twins and robots."""
    return f"{OURS}all of {my_seat().id}"


class Missed(base.LessonNamespace):
    def arrive(self, auth):
        if require_choice({"buffer": "on"} | auth, "buffer", ("on", "off")) == "off":
            join_room(WITHOUT)
        join_room(everywhere())

    def on_start(self, data):
        base.check_step(data)
        count = require_whole(data, "count", 1, 200)
        every_ms = require_number(data, "every_ms", 50, 2000)
        run = self.delivery.start(my_seat().id, count, every_ms)
        base.new_run(run.id)
        self.socketio.start_background_task(self.send_all, run, everywhere(), my_room())
        return {"ok": True} | run.plan()

    def send_all(self, run, everywhere, pages):
        try:
            for seq in range(1, run.count + 1):
                self.socketio.sleep(run.seconds_until(seq, self.now()))
                with run.lock:  # who resumes just now waits until both are done
                    event = run.event(seq, self.now())
                    run.keep(event)  # first into the buffer,
                    run.note_sent(event, self.addressed(everywhere))
                    self.emit("posted", event, room=everywhere)  # then to whoever is there
                if run.state_is_due(self.now()):
                    self.emit("buffered", run.state(), room=pages)
        finally:
            over = self.delivery.finish(run)
            self.emit("finished", over, room=everywhere)

    def on_cut(self, data):
        seconds, cutter = require_number(data, "seconds", 1, 30), self.services.cutter
        if require_choice(data, "how", ("cut", "goodbye")) == "cut":
            return {"ok": True, "until": cutter.cut([my_seat().id], seconds)}
        return {"ok": True, "until": cutter.goodbye(self.namespace, everywhere(), seconds)}

    def on_resume(self, data):
        run, after = require_text(data, "run"), require_whole(data, "after", 0, 10**6)
        replayed, over = self.delivery.resume(my_seat().id, run, after, WITHOUT not in rooms())
        sums = {"count": len(replayed["replay"]), "complete": replayed["complete"]}
        self.then_emit("recovered", {"run": run} | sums, room=request.sid)
        self.then_emit("finished", over, room=request.sid)
        return {"ok": True} | replayed

    def on_set_buffer(self, data):
        kind, keep = require_text(data, "kind", 16), require_whole(data, "keep", 1, 1000)
        return {"ok": True} | self.delivery.choose(kind, keep, my_seat().id)

    def on_tally(self, data):
        run = require_text(data, "run")
        live, replayed = base.require_seqs(data, "live"), base.require_seqs(data, "replayed")
        duplicates = require_whole(data, "duplicates", 0, 10**6)
        return {"ok": True} | self.delivery.tally(my_seat().id, run, live, replayed, duplicates)

    def clear(self):
        """The teacher clears the class: what was kept of runs that are over goes."""
        return {"runs": self.delivery.clear()}

    @property
    def delivery(self):
        return self.services.keep(Delivery)


NAMESPACES = {"/missed": Missed}
