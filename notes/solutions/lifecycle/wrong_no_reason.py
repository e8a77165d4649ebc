# fails reasons: null for a connection that has ended
import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()
history = []  # {"sid", "reason"}: it outlives every connection


@sio.on("connect", namespace="/exercise")
def connected():
    history.append({"sid": sio.get_sid("/exercise"), "reason": None})


@sio.on("disconnect", namespace="/exercise")
def disconnected(reason):
    print("over:", reason)


@sio.on("poked", namespace="/exercise")
def poked(data):
    sio.emit("handled", {"number": data["number"]}, namespace="/exercise")


@sio.on("asked", namespace="/exercise")
def asked(data):
    sio.emit("report", {"history": history}, namespace="/exercise")


@sio.on("judged", namespace="/exercise")
def judged(data):
    sio.disconnect()


sio.connect(
    SERVER,
    auth={"seat": SEAT, "exercise": "lifecycle"},
    namespaces=["/exercise"],
)
sio.wait()
