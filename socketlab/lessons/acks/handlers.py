"""Acks: an acknowledgement says that a handler returned. Without one, nobody knows.

    client sends   payload                                 acknowledged with
    order          {"dish", "order_id", "attempt"?}        {"ok": true, "ticket": int, "total": int}
    set_kitchen    {"mode": str, "remember"?: bool}        {"ok": true, "mode", "remember"}
    call           {}                                      {"ok": true, "run", "asked": int}

    server sends   payload                                 to
    cooked         {"run", "seq", "order_id", "total", …}  the seat's pages
    called         {"run", "seq", "sent_at"}               each socket of the seat
    counted        {"run", "seq", "asked", "answered", …}  the seat's pages

A kitchen is "quick", "slow" (it cooks for 4 s), "silent" (it cooks and never acknowledges) or
"broken". ``attempt`` is what a client says; else the orders with this id are counted.
Source: Socket.IO documentation, "Emitting events", "Delivery guarantees".
"""

from functools import partial

from flask import request
from flask_socketio import join_room

from .. import base
from ..base import NO_ACK, OURS, Refused, my_room, my_seat
from .calls import Call, Calls
from .kitchen import MODES, Kitchens

COOKING = 4.0  # seconds
PATIENCE = 2.0  # seconds for the answers to a call
LOOK = 0.05  # seconds


class Acks(base.LessonNamespace):
    waits_seconds = 2 * COOKING  # on purpose; other clients are served meanwhile

    def __init__(self, namespace):
        super().__init__(namespace)
        self.kitchens, self.calls = Kitchens(), Calls()
        self.robots = {}  # sid -> which robot of its seat; 0 is a page

    def on_order(self, data):
        base.check_step(data)
        name, order_id = (
            base.require_text(data, "dish", 40),
            base.require_text(data, "order_id", 64),
        )
        attempt = base.require_whole(data, "attempt", 1, 100) if "attempt" in data else None
        kitchen, room, seat = self.kitchens.of(my_seat().id), my_room(), my_seat().id
        if kitchen.mode == "broken":
            raise Refused(f"the stove is broken: no {name} today")  # this is an answer too
        order = kitchen.take(order_id, base.new_run)
        attempt = attempt or order.seen
        while kitchen.waits_for(order):
            self.socketio.sleep(LOOK)
        if not kitchen.knows(order):
            with kitchen.stove(order, self.now()):
                if kitchen.mode == "slow":
                    self.socketio.sleep(COOKING)  # this client's next event waits, nobody else's
            self.show(order, attempt, seat, room)
        if kitchen.mode == "silent":
            return NO_ACK
        return {"ok": True, "ticket": order.ticket, "total": order.soups}  # the ack leaves only now

    def show(self, order, attempt, seat, room):
        soup = {"run": order.run, "seq": order.soups, "sent_at": round(self.now(), 1)}
        soup |= {"order_id": order.order_id, "attempt": attempt, "total": order.soups}
        self.light(soup, "cooked", seat)
        self.emit("cooked", soup, room=room)

    def on_set_kitchen(self, data):
        kitchen = self.kitchens.of(my_seat().id)
        mode, remember = (
            base.require_choice(data, "mode", MODES),
            base.require_flag(data, "remember"),
        )
        kitchen.mode, kitchen.remember = mode, remember
        return {"ok": True, "mode": mode, "remember": remember}

    def on_call(self, data):
        seat, room = my_seat().id, my_room()
        self.calls.begin(seat)
        asked = {sid: self.robots[sid] for sid in self.members(all_of(seat))}
        call = Call(base.new_run(), asked, self.now())
        called = {"run": call.run, "seq": 1, "sent_at": round(self.now(), 1)}
        self.light(called, "called", seat)
        for sid in asked:  # a callback is for one socket
            self.emit("called", called, room=sid, callback=partial(self.answered, call, sid))
        self.socketio.start_background_task(self.count, call, seat, room)
        return {"ok": True, "run": call.run, "asked": len(asked)}

    def answered(self, call, sid, answer=None, *_):
        call.answered(sid, answer, self.now())

    def count(self, call, seat, room):
        """Once all have answered, or the time is up: who never did?"""
        try:
            while not call.is_complete and self.now() < call.began + PATIENCE * 1000:
                self.socketio.sleep(LOOK)
        finally:
            self.calls.discard(seat)
        counted = call.counted() | {"seq": 2, "sent_at": round(self.now(), 1)}
        self.light(counted, "counted", seat)
        self.emit("counted", counted, room=room)

    def light(self, sent, event, seat):
        """Have the wall light the seat once its page has handled this."""
        run, seq, sent_at = sent["run"], sent["seq"], sent["sent_at"]
        self.services.classroom.addressed(run, {seat}, seat, sent_at, seq, event)

    # A socket comes and goes

    def on_connect(self, auth):
        super().on_connect(auth)
        self.robots[request.sid] = base.robot_number(auth)
        join_room(all_of(my_seat().id))

    def on_disconnect(self, reason):
        self.robots.pop(request.sid, None)
        super().on_disconnect(reason)

    def clear(self):
        """The teacher clears the class: all orders are forgotten."""
        count = sum(len(kitchen.orders) for kitchen in self.kitchens.values())
        self.kitchens.clear()
        return {"orders": count}


def all_of(seat):
    """The room of every socket of a seat, its robots too."""
    return f"{OURS}sockets of {seat}"


NAMESPACES = {"/acks": Acks}
