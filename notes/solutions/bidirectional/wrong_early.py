# fails wave: before I had sent waved
import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()


@sio.on("whoami", namespace="/exercise")
def whoami(data):
    return {"nonce": data["nonce"]}


@sio.on("judged", namespace="/exercise")
def judged(data):
    sio.disconnect()


sio.connect(
    SERVER,
    auth={"seat": SEAT, "exercise": "bidirectional"},
    namespaces=["/exercise"],
)
sio.emit("hello", {"name": "Ada"}, namespace="/exercise")
sio.emit("wave", {"text": "hi"}, namespace="/exercise")
sio.wait()
