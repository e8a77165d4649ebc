"""Choose who receives it. Needs: pip install "python-socketio[client]" """

import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()


@sio.on("asked", namespace="/exercise")
def asked(data):
    print(data["number"], data["wanted"])
    args = {}
    # Which arguments make an emit reach whom is wanted, and nobody else?
    chosen = {"number": data["number"], "args": args}
    sio.emit("choose", chosen, namespace="/exercise")


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
    auth={"seat": SEAT, "exercise": "emit"},
    namespaces=["/exercise"],
)
sio.wait()
