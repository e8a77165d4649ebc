"""Relay one room into another. Needs: pip install "python-socketio[client]" """

import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()


@sio.on("asked", namespace="/exercise")
def asked(data):
    print("relay what is said in", data["from"], "into", data["to"])
    sio.emit("join", {"room": data["from"]}, namespace="/exercise")


@sio.on("said", namespace="/exercise")
def said(data):
    print("said in", " and ".join(data["rooms"]), "by", data["who"]["nick"], "-", data["text"])
    # Which of these do you say again, and where? Are you allowed to speak there?


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
    auth={"seat": SEAT, "exercise": "rooms"},
    namespaces=["/exercise"],
)
sio.wait()
