"""Rooms: a room is a list that the server keeps of who hears what.

    client sends   payload                                   acknowledged with
    join           {"room": str}                             {"ok": true, "rooms": [str]}
    leave          {"room": str}                             {"ok": true, "rooms": [str]}
    say            {"room" or "rooms", "text", "skip_me"?}   {"ok": true, "run", "addressed"}
    close          {"room": str}                             {"ok": true, "rooms": [str]}
    whisper        {"sid": str, "text": str}                 {"ok": true, "run", "addressed"}

    server sends   payload                                   to
    opened         {"room"}                                  everybody in the lesson
    joined         {"room", "who": {"sid", "nick"}}          the room
    said           {"room", "who", "text", "run", "seq", …}  the room or rooms, one copy each
    left           {"room", "who"}                           the room, and who left
    closed         {"room"}                                  everybody in the lesson
    mapped         {"rev", "rooms": {name: [who, …]}, …}     everybody in the lesson
    confirmed      {"run", "addressed", "got", "silent", …}  the sender's pages
    lit            the same, and {"who", "rooms"}            everybody else, of the newest say

No packet says "join": a client asks by an event, and the server writes its own list.
Source: Socket.IO documentation, "Rooms".
"""

from flask import request
from flask_socketio import close_room, emit, join_room, leave_room

from .. import base
from ..base import me, my_rooms, my_seat, room_name
from .reports import RoomReports
from .room_map import chosen_rooms


class Rooms(RoomReports):  # which can announce() a change, draw the map, and track() who heard
    def on_join(self, data):
        room, mine = room_name(data.get("room")), my_rooms()
        if room not in mine:
            self.map.check_join(room, mine, self.members)
            is_new = not self.members(room)
            join_room(room)  # that is all: one row more on the server's list
            if is_new:
                self.announce("opened", room)
            self.announce("joined", room, me())
        return {"ok": True, "rooms": my_rooms()}

    def on_leave(self, data):
        room = one_of_mine(data.get("room"))
        self.announce("left", room, me())
        leave_room(room)
        self.close_if_empty(room)
        return {"ok": True, "rooms": my_rooms()}

    def on_say(self, data):
        base.check_step(data)
        rooms = [one_of_mine(room) for room in chosen_rooms(data)]
        return self.send(data, rooms, base.require_flag(data, "skip_me"))

    def on_close(self, data):
        room = one_of_mine(data.get("room"))
        for sid in self.members(room):
            self.announce("left", room, self.map.who(sid))
        close_room(room)  # takes everybody off the list
        self.close_if_empty(room)
        return {"ok": True, "rooms": my_rooms()}

    def on_whisper(self, data):
        sid = self.map.require_sid(data)
        return self.send(data, [sid])  # each socket is in a room of its own, named by its sid

    def send(self, data, rooms, skip_me=False):
        said = {"room": rooms[0], "rooms": list(dict.fromkeys(rooms)), "who": me()}
        said |= {"text": base.require_text(data, "text"), "run": base.new_run(), "seq": 1}
        said["sent_at"] = round(self.now(), 1)
        heard_by = set(self.members(rooms)) - ({request.sid} if skip_me else set())
        self.track(said, heard_by)
        emit("said", said, to=rooms, include_self=not skip_me)
        return {"ok": True, "run": said["run"], "addressed": len(heard_by)}

    # A connection comes without any room but its own, and takes nothing with it when it goes

    def on_connect(self, auth):
        super().on_connect(auth)
        self.map.arrived(request.sid, my_seat(), base.robot_number(auth), self.session())
        self.keep_telling(self.tell)

    def on_disconnect(self, reason):
        for room in my_rooms():
            leave_room(room)
            self.announce("left", room, me())
            self.close_if_empty(room)
        self.map.gone(request.sid)
        self.runs.gone(request.sid)
        super().on_disconnect(reason)


def one_of_mine(value):
    room = room_name(value)
    if room not in my_rooms():
        raise base.Refused(f"you are not in {room}")
    return room


NAMESPACES = {"/rooms": Rooms}
