"""Layers: the same messages over TCP and over UDP, and the headers around your event.

    client sends   payload                           acknowledged with
    race           {"count": 10–100, "lose": 0–50}   {"ok": true, "run", "reads", "ports", …}
    wrap           {"text": str, "length"?: int}     {"ok": true, "sizes": {"event", …}, …}

    server sends   payload                                           to
    read           {"run", "seq", "proto", "size", "numbers", …}     the seat's pages
    raced          {"run", "sent", "tcp": {"reads", "missing"}, …}   the seat's pages

A race sends count numbered messages to a reader on this machine, over TCP and over UDP, through
a relay of ours that loses so many per cent of the datagrams. Each recv() is told as one read.
Source: RFC 9293, section 3.8; RFC 768; RFC 1122, section 1.1.3.
"""

from flask import request

from .. import base
from ..base import my_room, my_seat
from . import headers, roads
from .races import AWAY_SECONDS, TELL_SECONDS, Races, Told


class Layers(base.LessonNamespace):
    def on_race(self, data):
        base.check_step(data)
        count = base.require_whole(data, "count", 10, 100)
        lose = base.require_number(data, "lose", 0, 50)
        seat = my_seat().id
        self.races.check_free(seat, self.now())
        with self.races.crossing():
            began = self.now()
            race = self.send_on_both_roads(count, lose)
            told = Told(base.new_run(), race, round(self.now() - began, 1))
        self.races.check_free(seat, self.now())  # another page of the seat may have been quicker
        self.races.begin(seat, self.now() + told.plan()["lasts_ms"])
        self.socketio.start_background_task(self.tell, told, seat, my_room())
        return {"ok": True} | told.plan()

    def send_on_both_roads(self, count, lose):
        try:
            return roads.race(count, lose)  # it takes milliseconds; its sockets are closed again
        except OSError:
            raise base.Refused("the server has no sockets left: try again in a moment") from None

    def tell(self, told, seat, room):
        try:
            for event in told.events():
                self.socketio.sleep(TELL_SECONDS)  # a race is too fast to be seen
                if not self.somebody_is_in(room):
                    return
                self.emit("read", event | {"sent_at": round(self.now(), 1)}, room=room)
            self.socketio.sleep(TELL_SECONDS)
            over = told.over() | {"sent_at": round(self.now(), 1)}
            self.services.classroom.addressed(
                told.run, {seat}, seat, over["sent_at"], over["seq"], "raced"
            )
            self.emit("raced", over, room=room)
        finally:
            self.races.end(seat)

    def somebody_is_in(self, room):
        """Whether a page of the seat is here; one that is loaded again is waited for."""
        given_up = self.now() + AWAY_SECONDS * 1000
        while not self.addressed(room) and self.now() < given_up:
            self.socketio.sleep(TELL_SECONDS)
        return self.addressed(room) > 0

    def on_wrap(self, data):
        text = headers.text_of(data)
        wrapped = headers.wrapped(text, request.host, self.session())
        fits = wrapped["sizes"]["engineio"] <= self.services.settings["MESSAGE_BYTES"]
        ports = {
            "client": request.environ.get("REMOTE_PORT"),
            "server": request.environ["SERVER_PORT"],
        }
        return {"ok": True, "fits": fits, "ports": ports} | wrapped

    @property
    def races(self):
        a_second = self.services.settings["RUN_EVENTS_PER_SECOND"]  # of all demos together
        return self.services.keep(Races, lambda: Races(max(1, a_second // 10)))


NAMESPACES = {"/layers": Layers}
