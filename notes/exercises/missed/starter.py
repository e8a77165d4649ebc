"""Survive the cut. Needs: pip install "python-socketio[client]" """

import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()
run = None


@sio.on("asked", namespace="/exercise")
def asked(data):
    global run
    run = data["run"]
    print("a run of", data["count"], "numbers; the buffer keeps", data["keep"])


@sio.on("posted", namespace="/exercise")
def posted(data):
    print("number", data["seq"], "is", data["number"])


# This runs again when you are back. What do you have, and what do you ask for?
@sio.on("connect", namespace="/exercise")
def connected():
    print("back" if run else "connected")


# Now the judge sends: finished {run, count}. What do you report?


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
    auth={"seat": SEAT, "exercise": "missed"},
    namespaces=["/exercise"],
)
sio.wait()
