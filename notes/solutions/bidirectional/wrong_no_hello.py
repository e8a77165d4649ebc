# fails hello: no hello
import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()


@sio.on("whoami", namespace="/exercise")
def whoami(data):
    return {"nonce": data["nonce"]}


@sio.on("waved", namespace="/exercise")
def waved(data):
    sio.emit("wave", {"text": "hi"}, namespace="/exercise")


sio.connect(
    SERVER,
    auth={"seat": SEAT, "exercise": "bidirectional"},
    namespaces=["/exercise"],
)
sio.sleep(1)  # for a question that does not come
sio.disconnect()
