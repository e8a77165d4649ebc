"""One soup from a kitchen that does not answer. Needs: pip install "python-socketio[client]" """

import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()


@sio.on("asked", namespace="/exercise")
def asked(data):
    print("asked for", data["dish"])
    sio.emit("order", {"dish": data["dish"], "order_id": "order-1"}, namespace="/exercise")
    # Nobody acknowledges it. Order until somebody does:
    # sio.call("order", {"dish": …, "order_id": …}, namespace="/exercise", timeout=0.8)
    # Then: sio.emit("eaten", {"ticket": …}, namespace="/exercise")


@sio.on("connect_error", namespace="/exercise")
def refused(reason):
    print("not let in:", reason)


@sio.on("checked", namespace="/exercise")
def checked(data):
    print("yes" if data["passed"] else "no ", data["check"], "-", data["saw"])


@sio.on("judged", namespace="/exercise")
def judged(data):
    print(data["passed"], "of", data["of"])
    sio.disconnect()


sio.connect(
    SERVER,
    auth={"seat": SEAT, "exercise": "acks"},
    namespaces=["/exercise"],
)
sio.wait()
