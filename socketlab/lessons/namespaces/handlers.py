"""Namespaces: one connection, several conversations; each has its own handlers, rooms and rules
for coming in.

    client sends   payload                       acknowledged with
    join           {"room": str}                 {"ok": true, "rooms": [str]}
    order          {"dish": str, "room"?: str}   {"ok": true, "run": str, "addressed": int, …}

    server sends   payload                                        to
    ordered        {"dish", "by", "namespace", "room", "run", …}  the room; and /manager, a copy

``order`` in /kitchen puts the dish on the stove (ack: ``minutes``, ``cooking``), in /tables on
the seat's bill (ack: ``items``, ``total`` in cents). ``room`` must be one that this socket joined
in the same namespace; without it everybody there hears it. /manager wants ``auth.code``.

Source: Socket.IO protocol v5, "Connection to a namespace"; Socket.IO documentation, "Namespaces".
"""

from flask_socketio import emit, join_room

from .. import base
from ..base import (
    EVERYONE,
    OURS,
    LessonNamespace,
    Refused,
    me,
    my_rooms,
    my_seat,
    room_name,
    services,
)
from .restaurant import Bills, CodeCheck, Stove

MOST_ROOMS = 20  # of one socket
MANAGERS = OURS + "managers"  # those who know the code of the class


def join(data):
    room, mine = room_name(data.get("room")), my_rooms()
    if room not in mine and len(mine) == MOST_ROOMS:
        sentence = f"{MOST_ROOMS} rooms are as many as one socket may join here"
        raise Refused(sentence, limit="rooms")
    join_room(room)  # a list of this namespace; the other may have one of the same name
    return {"ok": True, "rooms": my_rooms()}


def tell(here, data):
    """Tell those who listen in this namespace, and the manager: (dish, acknowledgement)."""
    dish = base.require_text(data, "dish", 60)
    room = room_name(data["room"]) if "room" in data else None
    if room and room not in my_rooms():
        raise Refused(f"you are not in {room} of {here.namespace}: join it first")
    base.check_step(data)
    order = {"dish": dish, "by": me(), "namespace": here.namespace, "room": room}
    order |= {"run": base.new_run(), "seq": 1, "sent_at": services().now()}
    emit("ordered", order, to=room or EVERYONE)
    emit("ordered", order, to=MANAGERS, namespace="/manager")
    here.addressed_by("ordered", order, here.members(room or EVERYONE))
    return dish, {"ok": True, "run": order["run"], "addressed": here.addressed(room or EVERYONE)}


class Kitchen(LessonNamespace):
    def on_join(self, data):
        return join(data)

    def on_order(self, data):
        dish, answer = tell(self, data)
        return answer | services().keep(Stove).put_on(dish, services().now())


class Tables(LessonNamespace):
    def on_join(self, data):
        return join(data)

    def on_order(self, data):
        dish, answer = tell(self, data)
        return answer | services().keep(Bills).add(my_seat().id, dish)


class Manager(LessonNamespace):
    def arrive(self, auth):
        if self.judge_opens(auth):  # the exercise lets a program in, and shows it nobody's orders
            return
        services().keep(CodeCheck).check(auth.get("code"), my_seat().id, services().now())
        join_room(MANAGERS)


NAMESPACES = {"/kitchen": Kitchen, "/tables": Tables, "/manager": Manager}
NAMESPACES["/namespaces"] = LessonNamespace  # the lesson page's own
