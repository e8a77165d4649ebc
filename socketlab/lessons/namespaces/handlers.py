"""Namespaces: one connection, several conversations; each has its own handlers, rooms and door.

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

from flask_socketio import emit, join_room, rooms

from .. import base
from ..base import EVERYONE, LessonNamespace, Refused, me, my_seat, services
from .restaurant import Bills, CodeCheck, Stove

MOST_ROOMS = 20  # of one socket
INSIDE = "room:"  # a joined room is never mistaken for the hall or for somebody's own


def my_rooms():  # of this socket, in this namespace
    return sorted(room.removeprefix(INSIDE) for room in rooms() if room.startswith(INSIDE))


def enter(data):
    name, mine = base.require_text(data, "room", 40), my_rooms()
    if name not in mine and len(mine) == MOST_ROOMS:
        raise Refused(f"{MOST_ROOMS} rooms are as many as one socket may join here")
    join_room(INSIDE + name)
    return {"ok": True, "rooms": my_rooms()}


def tell(here, data):
    """Tell those who listen in this namespace, and the manager: (dish, acknowledgement)."""
    dish = base.require_text(data, "dish", 60)
    room = base.require_text(data, "room", 40) if "room" in data else None
    if room and room not in my_rooms():
        raise Refused(f"you are not in {room} of {here.namespace}: join it first")
    base.check_step(data)
    order = {"dish": dish, "by": me(), "namespace": here.namespace, "room": room}
    order |= {"run": base.new_run(), "seq": 1, "sent_at": services().now()}
    listeners = INSIDE + room if room else EVERYONE
    emit("ordered", order, to=listeners)
    emit("ordered", order, to=EVERYONE, namespace="/manager")
    return dish, {"ok": True, "run": order["run"], "addressed": here.addressed(listeners)}


class Kitchen(LessonNamespace):
    def on_join(self, data):
        return enter(data)

    def on_order(self, data):
        dish, answer = tell(self, data)
        return answer | services().keep(Stove).put_on(dish, services().now())


class Tables(LessonNamespace):
    def on_join(self, data):
        return enter(data)

    def on_order(self, data):
        dish, answer = tell(self, data)
        return answer | services().keep(Bills).add(my_seat().id, dish)


class Manager(LessonNamespace):
    def check(self, auth):
        door, code = services().keep(CodeCheck), services().door_code
        if no := door.refusal(auth.get("code"), code, my_seat().id, services().now()):
            raise Refused(no)


NAMESPACES = {"/kitchen": Kitchen, "/tables": Tables, "/manager": Manager}
NAMESPACES["/namespaces"] = LessonNamespace  # the lesson page's own
