"""Bidirectional: either side may send first. Three ways to hear of the same events.

    client sends   payload               acknowledged with
    start          {"every_ms": int}     {"ok": true, "run": str, "lasts_ms": int, …}
    stop           {}                    {"ok": true, "stopped": bool}
    wave           {"text": str}         {"ok": true, "run": str, "heard_by": int}

    server sends   payload                                          to
    posted         {"run", "seq", "sent_at", "text"}                the seat's pages
    waved          {"who": {"sid", "nick"}, "text", "run", …}       everybody in the lesson
    metered        {"run", "lane", "requests", …}                   the seat's pages

    GET /bidirectional/latest?after=n is answered at once, GET /bidirectional/wait?after=n
    when there is news, after 25 s at the latest.

Source: RFC 6455, section 1.1; RFC 6202, section 2.
"""

from flask import Blueprint, request
from flask_socketio import emit

from .. import base
from ..base import EVERYONE, me, my_room, my_seat, services
from .race import Races

AT = "/bidirectional"
LANES = {"poll": AT + "/latest", "long_poll": AT + "/wait", "socket": AT + " posted"}
BESIDE = {  # the label of what crossed beside the lanes -> what it is shown as
    AT + " metered": "counters",
    "/class receipt": "receipts",
    "/class ack": "receipts",
    "ping": "heartbeat",
    "pong": "heartbeat",
}
bp = Blueprint("bidirectional", __name__, url_prefix=AT)


class Bidirectional(base.LessonNamespace):
    def on_connect(self, auth):
        super().on_connect(auth)
        if not base.robot_number(auth):
            self.socketio.start_background_task(self.greet, request.sid)

    def greet(self, sid):
        self.socketio.sleep(2.5)  # nobody asks for this wave: the server sends first
        self.emit("waved", {"who": base.THE_SERVER, "text": "hello"}, room=sid)

    def on_wave(self, data):
        wave = {"who": me(), "text": base.require_text(data, "text")}
        wave |= {"run": base.new_run(), "seq": 1, "sent_at": round(self.now(), 1)}
        emit("waved", wave, to=EVERYONE)
        self.addressed_by("waved", wave, self.members(EVERYONE))  # their receipts light the wall
        return {"ok": True, "run": wave["run"], "heard_by": self.addressed(EVERYONE)}

    def on_start(self, data):
        base.require_number(data, "every_ms", 200, 10_000)  # the page's pace; events ignore it
        base.check_step(data)
        meter = self.meter(LANES)
        race, log = services().keep(Races).start(my_seat().id, base.new_run(), meter.now())
        self.socketio.start_background_task(self.run, race, log, meter, my_room())
        return {"ok": True, "run": race.run, "next": log.next} | race.plan()

    def on_stop(self, data):
        return {"ok": True, "stopped": services().keep(Races).stop(my_seat().id)}

    def run(self, race, log, meter, room):
        for event in race.unfold(log, meter.now, self.socketio.sleep):
            if event:  # it is in the log by now: those who ask over HTTP are answered from there
                self.emit("posted", event, room=room)
                race.told("socket", [event], meter.now())
            else:
                self.tell(race, meter, room)

    def tell(self, race, meter, room):
        for lane, counters in meter.read():
            told = race.report(lane) | counters
            if lane == "socket":  # the lane that carries more than it counts
                told["beside"] = left_out(meter.beside())
            self.emit("metered", told, room=room)


def left_out(crossed):
    """Bytes both ways that no lane counts: ``{counters, receipts, heartbeat, other}``.

    ``crossed`` is what :meth:`Meter.beside` returns: label -> sums.
    """
    told = dict.fromkeys(["counters", "receipts", "heartbeat", "other"], 0)
    for label, sums in crossed.items():
        told[BESIDE.get(label, "other")] += sums.bytes_up + sums.bytes_down
    return told


@bp.get("/latest")
def latest():
    return base.news(services().keep(Races).latest)


@bp.get("/wait")
def wait():
    with base.held_poll():
        return base.news(services().keep(Races).wait)


NAMESPACES = {AT: Bidirectional}
