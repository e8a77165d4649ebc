"""What every server of the comparison does: one room, one event relayed, one echoed, one replay."""

import time

NAMESPACE = "/bench"
ROOM = "all"
PING_SECONDS = 300  # no heartbeat within a measurement: the clients count bytes
KEPT = [
    {"run": "a", "seq": seq, "sent_at": time.time() * 1000, "text": "x" * 100}
    for seq in range(1, 21)
]


def missed(after):
    """What is kept after an event, as the answer that brings it back."""
    return {"ok": True, "replay": [event for event in KEPT if event["seq"] > after]}


def add_handlers(socketio):
    """The handlers, for Flask-SocketIO."""
    from flask_socketio import Namespace, emit, join_room

    class Bench(Namespace):
        def on_connect(self, auth):
            join_room(ROOM)

        def on_say(self, data):
            emit("said", {"text": data["text"]}, to=ROOM)

        def on_echo(self, data):
            return {"ok": True, "text": data["text"]}

        def on_resume(self, data):
            return missed(data["after"])

    socketio.on_namespace(Bench(NAMESPACE))
