# fails others: did not reach Ada and Bob and Cem
import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()


@sio.on("asked", namespace="/exercise")
def asked(data):
    args = {
        "sender": {},
        "others": {"include_self": False},
        "room": {"to": data["room"]},
        "room_others": {"to": data["room"], "include_self": False},
        "one": {"to": data["sid"]},
    }[data["wanted"]]
    chosen = {"number": data["number"], "args": args}
    sio.emit("choose", chosen, namespace="/exercise")


@sio.on("judged", namespace="/exercise")
def judged(data):
    sio.disconnect()


sio.connect(
    SERVER,
    auth={"seat": SEAT, "exercise": "emit"},
    namespaces=["/exercise"],
)
sio.wait()
