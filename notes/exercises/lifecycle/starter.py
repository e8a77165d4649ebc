"""Your own history. Needs: pip install "python-socketio[client]" """

import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()


# This runs again when you are back. What do you note, and where?
@sio.on("connect", namespace="/exercise")
def connected():
    print("connected as", sio.get_sid("/exercise"))


@sio.on("disconnect", namespace="/exercise")
def disconnected(reason):
    print("over:", reason)


@sio.on("poked", namespace="/exercise")
def poked(data):
    print("poke", data["number"])


# Now the judge sends: asked {}. What do you report?


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
    auth={"seat": SEAT, "exercise": "lifecycle"},
    namespaces=["/exercise"],
)
sio.wait()
