# fails eaten: and I had given you
import uuid

import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()


@sio.on("asked", namespace="/exercise")
def asked(data):
    order = {"dish": data["dish"], "order_id": str(uuid.uuid4())}
    while True:
        try:
            sio.call("order", order, namespace="/exercise", timeout=0.7)
            break
        except socketio.exceptions.TimeoutError:
            pass
    sio.emit("eaten", {"ticket": order["order_id"]}, namespace="/exercise")


@sio.on("judged", namespace="/exercise")
def judged(data):
    sio.disconnect()


sio.connect(
    SERVER,
    auth={"seat": SEAT, "exercise": "acks"},
    namespaces=["/exercise"],
)
sio.wait()
