"""/class: what every page speaks with, whatever the lesson; and / for who types by hand.

    client sends   payload                            acknowledged with
    take_seat      {"code"?: str, "nick"?: str}       {"ok": true, "seat": id, "nick", "state": {…}}
    sync_clock     {"t0": ms}                         {"ok": true, "t1": ms}
    predict        {"step": id, "choice": id}         {"ok": true, "locked": id}
    receipt        {"run": id, "got": [[seq, ms] …]}  {"ok": true}

    the teacher
    cut            {"seats": [id …] | "all" | "half",
                    "seconds": 1–30}                  {"ok": true, "until": ms, "seats": [id …]}
    set_buffer     {"kind": str, "keep": 1–1000}      {"ok": true, "kind", "keep"}

    server sends   payload
    wire_cut       {"until": ms}                      to the pages of a seat that is cut off

``t0`` is the page's clock, ``t1`` the server's. With the answer's arrival at ``t2`` on the
page's clock the offset is t1 − (t0 + t2) / 2, wrong by at most half the round trip.
Source: RFC 5905, section 8 (the same sum, with one server time for two).
"""

import logging
import math
import random
from typing import Any

from flask import request
from flask_socketio import SocketIO

from ..buffers import Unusable
from .identity import TEACHER_COOKIE
from .payloads import Payload, require_number, require_text, require_whole
from .refused import Refused
from .seated import Answer, SeatedNamespace, my_seat, room_of

MOST_SEATS = 1000
MOST_RECEIPTS = 500  # in one packet; a pair is three values of the 2,000 that JSON may hold here

log = logging.getLogger("socketlab.class")


class Class(SeatedNamespace):
    def on_take_seat(self, data: Payload) -> Answer:
        seat = my_seat()
        if "code" in data:
            self.services.check_code(data["code"], request.remote_addr or "")
            seat.joined = True
        if "nick" in data:
            self.services.seats.rename(seat, data["nick"])
            log.info("%s has taken a seat", seat.nick)
        state = self.services.classroom.state()
        return {"ok": True, "seat": seat.id, "nick": seat.nick, "state": state}

    def on_sync_clock(self, data: Payload) -> Answer:
        require_number(data, "t0", 0, 1e15)
        return {"ok": True, "t1": self.services.now()}

    def on_predict(self, data: Payload) -> Answer:
        step, choice = require_text(data, "step", 64), require_text(data, "choice", 64)
        return {"ok": True, "locked": self.services.classroom.predict(my_seat().id, step, choice)}

    def on_receipt(self, data: Payload) -> Answer:
        run, got = require_text(data, "run", 64), data.get("got")
        if not isinstance(got, list) or len(got) > MOST_RECEIPTS or not all(map(is_receipt, got)):
            raise Refused(f"got must be a list of at most {MOST_RECEIPTS} pairs [seq, at_ms]")
        self.services.classroom.receipt(my_seat().id, self.session(), run, got)
        return {"ok": True}

    # The teacher's

    def on_cut(self, data: Payload) -> Answer:
        self.teachers_only()
        seconds, seats = require_number(data, "seconds", 1, 30), self.chosen(data.get("seats"))
        return {"ok": True, "until": self.services.cutter.cut(seats, seconds), "seats": seats}

    def on_set_buffer(self, data: Payload) -> Answer:
        self.teachers_only()
        kind, keep = require_text(data, "kind", 16), require_whole(data, "keep", 1, 1000)
        buffers = self.services.buffers
        try:
            choice = buffers.usable(kind, keep)
        except Unusable as no:
            raise Refused(str(no)) from None
        self.services.classroom.change(buffer=choice)
        buffers.for_everybody(choice)
        return {"ok": True, **choice, "kinds": buffers.kinds}

    def teachers_only(self) -> None:
        if not self.services.teacher.owns(request.cookies.get(TEACHER_COOKIE)):
            raise Refused("only the teacher may do that")

    def chosen(self, seats: object) -> list[str]:
        """The seats that a teacher's event names; "all" and "half" are never the teacher's own."""
        if seats in ("all", "half"):
            others = {seat.id for seat in self.services.sockets.values()} - {my_seat().id}
            count = len(others) if seats == "all" else (len(others) + 1) // 2
            return random.sample(sorted(others), count)
        if not isinstance(seats, list) or not 0 < len(seats) <= MOST_SEATS:
            raise Refused('seats must be a list of seats, "all" or "half"')
        for seat in seats:
            if not isinstance(seat, str) or self.services.seats.get(seat) is None:
                raise Refused(f"there is no seat {str(seat)[:40]}")
        return sorted(set(seats))


def tell_cut(socketio: SocketIO, seat: str, until: float) -> None:
    """Tell the pages of a seat until when its connections are cut: the last that they hear."""
    socketio.emit("wire_cut", {"until": until}, namespace="/class", to=room_of(seat))


def is_receipt(pair: object) -> bool:
    """Whether this is ``[seq, at_ms]``: a number of an event, and a moment."""
    if not isinstance(pair, list) or len(pair) != 2:
        return False
    seq, at_ms = pair
    if isinstance(seq, bool) or isinstance(at_ms, bool):
        return False
    return (
        isinstance(seq, int) and seq > 0 and isinstance(at_ms, int | float) and math.isfinite(at_ms)
    )


class Main(SeatedNamespace):
    """The main namespace: one event, so that the first packet typed by hand has an answer."""

    def on_hello(self, data: Payload) -> Answer:
        return {"ok": True, "text": f"hello, {my_seat().nick}"}


NAMESPACES: dict[str, Any] = {"/class": Class, "/": Main}
