"""Emit: the server sends an event, and one argument decides who receives it.

    client sends   payload                          acknowledged with
    fire           {"line": str, "sid"?: str}       {"ok": true, "run", "addressed", "code", …}

    server sends   payload                                     to
    heard          {"run", "seq", "sent_at", "line", "text"}   whom the line says
    message        the same: send() names no event             whom the line says
    answered       {"run"}: an acknowledgement has come        the sender
    confirmed      {"run", "addressed", "got", "silent", …}    the sender's pages
    placed         {"rev", "dots": [{"sid", "nick", …}], …}    everybody in the lesson

    POST /emit/bell {"text": str, "how": "server" or "context"} answers {"ok", "run", "addressed"},
    or with status 500 the error that emit() raises where no event is being handled.

Source: Flask-SocketIO documentation, "Broadcasting"; Socket.IO documentation, "Emit cheatsheet".
"""

from flask import Blueprint, request
from flask_socketio import emit, send

from .. import base
from ..base import my_seat, services
from .lines import ask_of, lines_of
from .reports import EmitReports

bp = Blueprint("emit", __name__, url_prefix="/emit")


class Emit(EmitReports):  # which knows the dots, and tells whose handlers ran
    def on_fire(self, data):
        base.check_step(data)
        line = base.require_choice(data, "line", LINES)
        sid = self.dots.chosen(data, request.sid)  # another socket: the next dot, or one's choice
        heard = self.event(line, f"{my_seat().nick} fired", my_seat().id)
        addressed = self.follow(heard, lambda: getattr(self, f"line_{line}")(heard, sid))
        return {"ok": True, "run": heard["run"], "addressed": addressed} | LINES[line]

    # The twelve lines. The page shows each as it stands here.

    def line_reply(self, heard, sid):
        emit("heard", heard)

    def line_broadcast(self, heard, sid):
        emit("heard", heard, broadcast=True)

    def line_not_me(self, heard, sid):
        emit("heard", heard, broadcast=True, include_self=False)

    def line_room(self, heard, sid):
        emit("heard", heard, to="lab")

    def line_room_not_me(self, heard, sid):
        emit("heard", heard, to="lab", include_self=False)

    def line_rooms(self, heard, sid):
        emit("heard", heard, to=["lab", "hall"])

    def line_one(self, heard, sid):
        emit("heard", heard, to=sid)

    def line_not_one(self, heard, sid):
        emit("heard", heard, broadcast=True, skip_sid=sid)

    def line_namespace(self, heard, sid):
        emit("heard", heard, namespace="/upstairs", broadcast=True)

    def line_callback(self, heard, sid):
        emit("heard", heard, to=sid, callback=self.answer_came)

    def line_send(self, heard, sid):
        send(heard, broadcast=True)

    def line_outside(self, heard, sid):
        self.socketio.emit("heard", heard, namespace="/emit")

    def answer_came(self, answer=None, *more):  # runs later, as if the sender had sent an event
        if isinstance(answer, dict) and isinstance(answer.get("run"), str):
            emit("answered", {"run": answer["run"][:64]})


class Upstairs(base.LessonNamespace):  # a second namespace: it has dots, and no events
    def on_connect(self, auth):
        super().on_connect(auth)
        services().keep(Emit).dot_came(self, auth)

    def on_disconnect(self, reason):
        services().keep(Emit).dot_went(request.sid)
        super().on_disconnect(reason)


@bp.post("/bell")
def bell():  # a request of plain HTTP: no event is being handled, and there is no sender's sid
    how, text, seat = ask_of(request.get_data(), base.here())
    lesson = services().keep(Emit)
    heard = lesson.event("bell", text, seat)
    try:
        addressed = lesson.follow(heard, lambda: ring(how, lesson.socketio, heard), seat)
    except (AttributeError, RuntimeError) as error:  # in the words of Flask
        return {"ok": False, "error": f"{type(error).__name__}: {error}"}, 500
    return {"ok": True, "run": heard["run"], "addressed": addressed}


def ring(how, socketio, heard):
    if how == "context":
        emit("heard", heard, broadcast=True)  # asks which namespace the event came in: none
    else:
        socketio.emit("heard", heard, namespace="/emit")


LINES = lines_of(Emit)  # {"reply": {"code": 'emit("heard", heard)', "at": 45}, …}
NAMESPACES = {"/emit": Emit, "/upstairs": Upstairs}
