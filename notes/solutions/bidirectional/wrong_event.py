# fails whoami: an event whoami
import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()


@sio.on("whoami", namespace="/exercise")
def whoami(data):
    sio.emit("whoami", {"nonce": data["nonce"]}, namespace="/exercise")


@sio.on("waved", namespace="/exercise")
def waved(data):
    sio.emit("wave", {"text": "hi"}, namespace="/exercise")


@sio.on("judged", namespace="/exercise")
def judged(data):
    sio.disconnect()


sio.connect(
    SERVER,
    auth={"seat": SEAT, "exercise": "bidirectional"},
    namespaces=["/exercise"],
)
sio.emit("hello", {"name": "Ada"}, namespace="/exercise")
sio.wait()
