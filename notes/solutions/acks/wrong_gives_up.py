# fails again: 1 order of the first dish
import uuid

import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()


@sio.on("asked", namespace="/exercise")
def asked(data):
    order = {"dish": data["dish"], "order_id": str(uuid.uuid4())}
    try:
        answer = sio.call("order", order, namespace="/exercise", timeout=0.7)
        sio.emit("eaten", {"ticket": answer["ticket"]}, namespace="/exercise")
    except socketio.exceptions.TimeoutError:
        sio.disconnect()


@sio.on("judged", namespace="/exercise")
def judged(data):
    sio.disconnect()


sio.connect(
    SERVER,
    auth={"seat": SEAT, "exercise": "acks"},
    namespaces=["/exercise"],
)
sio.wait()
