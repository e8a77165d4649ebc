"""A small application on our server, run as a process of its own.

``python -m tests.server.lab '{"SETTING": value}'`` prints its port and serves until it is ended.
``/healthz`` tells, as JSON, what the server knows; it is never recorded.
"""

import json
import logging
import os
import sys
import time
from pathlib import Path

import gevent
from flask import Flask, jsonify, request
from flask_socketio import ConnectionRefusedError, Namespace, emit, join_room
from werkzeug.http import parse_cookie

from socketlab.protocols.packets import NO_ACK
from socketlab.server import AdmissionMiddleware, Server, build_socketio, connections
from socketlab.site.settings import DEFAULTS
from socketlab.wiretap.tap import Tap

GENEROUS = {
    "SESSIONS_BURST": 5000,
    "SESSIONS_PER_SECOND": 5000,
    "SOCKETS_PER_ADDRESS": 500,
    "EVENTS_PER_SECOND": 2000,
    "EVENTS_BURST": 2000,
    "INPUT_BYTES_PER_SECOND": 1 << 30,
    "INPUT_BYTES_BURST": 1 << 30,
    "WIRE_PER_SECOND": 5000,
}


class Lab(Namespace):
    """One room, and events that provoke every kind of answer."""

    strict_events = True
    worked = 0  # requests for work that came to their turn

    def on_connect(self, auth):
        auth = auth or {}
        mode = auth.get("mode")
        if "seat" in auth:
            session = self.socketio.server.manager.eio_sid_from_sid(request.sid, self.namespace)
            self.tap.claim_session(session, auth["seat"][:10])
        if mode == "raise":
            join_room("all")
            raise KeyError("token")
        if mode == "no json":
            raise ConnectionRefusedError("come back later", {"a set"})
        if mode == "refuse":
            raise ConnectionRefusedError("not today")
        if mode == "false":
            return False
        if mode == "slow":
            gevent.sleep(0.2)
        join_room("all")

    def on_disconnect(self, reason):
        self.left.append(reason)
        if self.namespace == "/other":
            raise RuntimeError("a disconnect handler that breaks")

    def on_say(self, data):
        emit("said", {"text": data.get("text")}, to="all")
        return {"ok": True}

    def on_echo(self, data):
        return {"ok": True, "data": data}

    def on_work(self, data):
        work()
        return {"ok": True}

    def on_nap(self, data):
        gevent.sleep(data["seconds"])
        return {"ok": True}

    def on_mute(self, data):
        return NO_ACK

    def on_pair(self, data):
        return 1, 2

    def on_flood(self, data):
        """Sends ``count`` events of ``size`` characters to the asker, then the ack."""
        for number in range(data["count"]):
            emit("drop", {"number": number, "text": "x" * data["size"]})
            if number % 50 == 49:
                gevent.sleep(0)
        return {"ok": True}

    def on_poison(self, data):
        emit("said", {"value": float("nan")}, to="all")

    def on_boom(self, data):
        raise RuntimeError("boom")

    def on_set(self, data):
        return {"a": {1, 2}}

    def on_nan(self, data):
        return {"a": float("nan")}

    def on_goodbye(self, data):
        """The server ends this namespace; the answer crosses nothing, it comes before."""
        gevent.spawn(self.socketio.server.disconnect, request.sid, self.namespace)
        return {"ok": True}

    def on_asked(self, data):
        """Wants to be acknowledged, by a function that takes no value."""
        emit("said", {}, callback=lambda: None)


class Patient(Lab):
    """Its handlers may wait."""

    waits_seconds = 60.0


def declare_free(socketio):
    """/free declares nothing: any name, any values, and bytes. It sends back what it gets."""

    def said(*values):
        emit("message-back", values)

    def tell(*values):
        emit("Told to all!", values, to="all")

    def ask(*values):
        """The client is asked the same, and what it answers comes back as an event."""
        sid = request.sid
        emit(
            "question",
            values,
            callback=lambda *told: socketio.emit("answered", told, namespace="/free", to=sid),
        )

    def forge(value):
        """Bytes beside what a client has sent as text."""
        emit("message-back", (value, b"bytes"))

    handlers = {
        "connect": lambda auth: join_room("all"),
        "message": said,
        "message-with-ack": lambda *values: values,
        "Tell all!": tell,
        "": said,
        "ask": ask,
        "forge": forge,
    }
    for name, handler in handlers.items():
        socketio.on_event(name, handler, namespace="/free")


def work():
    """Two milliseconds of the server's time, which nobody else has."""
    end = time.perf_counter() + 0.002
    while time.perf_counter() < end:
        pass


def build(overrides):
    settings = {**DEFAULTS, **GENEROUS, **overrides}
    app = Flask(__name__, static_folder=None)
    tap = Tap(lambda: time.monotonic() * 1000, secrets=["TEACHERKEY", "K7WXYZ"])
    socketio = build_socketio(app, tap, settings)
    Lab.tap, Lab.left = tap, []
    socketio.on_namespace(Lab("/lab"))
    socketio.on_namespace(Lab("/other"))
    socketio.on_namespace(Patient("/patient"))
    socketio.on_event("known", lambda data: {"ok": True}, namespace="/plain")
    declare_free(socketio)

    @app.get("/healthz")
    def health():
        manager = socketio.server.manager
        rooms = {
            ns: {str(name): len(members) for name, members in rooms.items()}
            for ns, rooms in manager.rooms.items()
        }
        return jsonify(
            sessions=connections(socketio),
            polls=sum(session.polling for session in socketio.server.eio.sockets.values()),
            rooms=rooms,
            pending={ns: len(sids) for ns, sids in manager.pending_connect.items()},
            left=Lab.left,
            worked=Lab.worked,
            tap=tap.stats(),
            held=sum(ring.held for ring in tap.rings.values()),
            behind=socketio.server.context.fell_behind,
            stats=socketio.server.context.stats(),
        )

    @app.get("/wire")
    def wire():
        seat = request.args.get("of")
        rows, following, dropped = tap.records(seat, int(request.args.get("after", 0)), limit=5000)
        counts = {
            label: {
                "requests": c.requests,
                "empty": c.empty,
                "frames_up": c.frames_up,
                "frames_down": c.frames_down,
                "bytes_up": c.bytes_up,
                "bytes_down": c.bytes_down,
                "connections": c.connections,
            }
            for label, c in tap.counts(seat).items()
        }
        rows = [
            {
                "n": r.n,
                "connection": r.connection,
                "up": r.up,
                "kind": r.kind,
                "hex": r.data.hex(),
                "offset": r.offset,
                "blanked": r.blanked,
                "truncated": r.truncated,
                "inflated": r.inflated and r.inflated.decode(),
            }
            for r in rows
        ]
        return jsonify(rows=rows, next=following, dropped=dropped, counts=counts)

    @app.route("/page", methods=["GET", "POST"])
    def page():
        answer = app.make_response("a page with seat.tok3n-of.somebody inside")
        answer.set_cookie("socketlab_seat", "seat.cookie-value")
        return answer

    @app.post("/form")
    def form():
        return {"code": request.form.get("code")}

    @app.get("/cookies")
    def cookies():
        return parse_cookie(request.environ.get("HTTP_COOKIE", ""))  # as identity.py does

    @app.get("/stream")
    def stream():
        return app.response_class(iter(["a chunk with seat.split-", "token here", "!"]))

    @app.get("/hold")
    def hold():
        gevent.sleep(30)
        return "late"

    @app.get("/work")
    def worked():
        Lab.worked += 1
        work()
        return "done"

    @app.get("/break")
    def broken():
        raise RuntimeError("broken")

    def identify(environ):
        for pair in environ.get("HTTP_COOKIE", "").split("; "):
            if pair.startswith("socketlab_seat=seat."):
                return pair.partition("seat.")[2][:10]
        return None

    app.wsgi_app = AdmissionMiddleware(
        app.wsgi_app,
        tap=tap,
        settings=settings,
        identify=identify,
        client_path=Path(__file__).with_name("client.js"),
        is_settled=lambda seat: seat.startswith("known"),
        is_teacher=lambda environ: "socketlab_teacher=teacher." in environ.get("HTTP_COOKIE", ""),
    )
    return app, socketio, tap, settings


def main():
    if "LOG" in os.environ:
        logging.basicConfig(level=os.environ["LOG"], format="%(name)s %(levelname)s %(message)s")
    app, socketio, tap, settings = build(json.loads(sys.argv[1]) if len(sys.argv) > 1 else {})
    server = Server(app, socketio, tap, "127.0.0.1", 0, settings)
    print(server.port, flush=True)
    server.serve()


if __name__ == "__main__":
    main()
