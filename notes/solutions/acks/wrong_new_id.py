# fails once: 3 orders with 3 ids: 3 soups
import uuid

import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()


@sio.on("asked", namespace="/exercise")
def asked(data):
    while True:
        try:
            order = {"dish": data["dish"], "order_id": str(uuid.uuid4())}
            answer = sio.call("order", order, namespace="/exercise", timeout=0.7)
            break
        except socketio.exceptions.TimeoutError:
            pass
    sio.emit("eaten", {"ticket": answer["ticket"]}, namespace="/exercise")


@sio.on("judged", namespace="/exercise")
def judged(data):
    sio.disconnect()


sio.connect(
    SERVER,
    auth={"seat": SEAT, "exercise": "acks"},
    namespaces=["/exercise"],
)
sio.wait()
