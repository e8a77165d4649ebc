"""Newlesson: one event up, one event down to every socket.

    client sends   payload                            acknowledged with
    greet          {"text": str}                      {"ok": true, "run": str, "addressed": int}

    server sends   payload                            to
    greeted        {"who", "text", "run", "seq", …}   every socket that was let in

Source: Socket.IO documentation, "Emitting events".
"""

from flask_socketio import emit

from .. import base
from ..base import EVERYONE, LessonNamespace, me, services


class Newlesson(LessonNamespace):
    def on_greet(self, data):
        text = base.require_text(data, "text", 80)
        base.check_step(data)
        run = base.new_run()
        counted = {"run": run, "seq": 1, "sent_at": services().now()}
        emit("greeted", {"who": me(), "text": text} | counted, to=EVERYONE)
        return {"ok": True, "run": run, "addressed": self.addressed(EVERYONE)}


NAMESPACES = {"/newlesson": Newlesson}
