# fails refused: no CONNECT to /manager
import json

import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()


@sio.on("asked", namespace="/exercise")
def asked(data):  # nobody asks before the first refusal
    sio.eio.send("0/manager," + json.dumps({"seat": SEAT, "code": data["code"]}))


sio.connect(
    SERVER,
    auth={"seat": SEAT, "exercise": "namespaces"},
    namespaces=["/exercise", "/kitchen", "/tables"],
)
sio.sleep(2)
sio.disconnect()
