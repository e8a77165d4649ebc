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
    mapped         {"rev", "rooms": {name: [who, …]}}        everybody in the lesson
    confirmed      {"run", "addressed", "got", "silent", …}  the speaker's pages

No packet says "join": a client asks by an event, and the server writes its own list. What is
told of a list comes from the list, even of a member that vanished.
Source: Socket.IO documentation, "Rooms".
"""

from flask import request
from flask_socketio import close_room, emit, join_room, leave_room

from ..base import EVERYONE, check_step, me, new_run, require_text
from .membership import room_key
from .tracked import TrackedRooms


class Rooms(TrackedRooms):
    def on_join(self, data):
        join_room(room_key(self.people.may_join(request.sid, data.get("room"))))
        return {"ok": True, "rooms": self.people.rooms_of(request.sid)}

    def on_leave(self, data):
        leave_room(room_key(self.people.mine(request.sid, data.get("room"))))
        return {"ok": True, "rooms": self.people.rooms_of(request.sid)}

    def on_say(self, data):
        check_step(data)
        names, skip_me = self.people.chosen(request.sid, data)
        return self.speak(data, names, [room_key(name) for name in names], skip_me)

    def on_close(self, data):
        close_room(room_key(self.people.mine(request.sid, data.get("room"))))
        return {"ok": True, "rooms": self.people.rooms_of(request.sid)}

    def on_whisper(self, data):
        sid = self.people.somebody(data.get("sid"))
        return self.speak(data, [sid], [sid])  # each socket has a room named by its sid

    def speak(self, data, names, rooms, skip_me=False):
        text, run = require_text(data, "text"), new_run()
        said = {"room": names[0], "rooms": names, "who": me(), "text": text, "run": run, "seq": 1}
        addressed = self.receivers(rooms, skip_me)
        self.sent(said, addressed)
        emit("said", said, to=rooms, include_self=not skip_me)
        return {"ok": True, "run": run, "addressed": len(addressed)}

    def announce(self, what, room, who):
        if what == "opened":
            self.emit("opened", {"room": room}, room=EVERYONE)
        elif what == "joined":
            self.emit("joined", {"room": room, "who": who}, room=room_key(room))
        elif what == "left":
            self.emit("left", {"room": room, "who": who}, room=[room_key(room), who["sid"]])
        else:
            self.emit("closed", {"room": room}, room=EVERYONE)

    def tell(self):
        for sids, state in self.people.news(self.now()):
            self.emit("mapped", state, room=sids or EVERYONE)
        for pages, report in self.runs.news(self.now()):
            self.emit("confirmed", report, room=pages)
        return self.people.waiting() or self.runs.waiting()


NAMESPACES = {"/rooms": Rooms}
