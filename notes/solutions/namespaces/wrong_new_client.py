# fails one_connection: 2 connections: /manager
import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()
manager = socketio.Client()


@sio.on("asked", namespace="/exercise")
def asked(data):
    auth = {"seat": SEAT, "code": data["code"]}
    manager.connect(SERVER, auth=auth, namespaces=["/manager"], wait=False)


@sio.on("judged", namespace="/exercise")
def judged(data):
    manager.disconnect()
    sio.disconnect()


sio.connect(
    SERVER,
    auth={"seat": SEAT, "exercise": "namespaces"},
    namespaces=["/exercise", "/kitchen", "/tables", "/manager"],
    wait=False,
)
sio.wait()
