import json

import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()


@sio.on("connect_error", namespace="/manager")
def refused(error):
    print(error["message"])


@sio.on("asked", namespace="/exercise")
def asked(data):
    auth = {"seat": SEAT, "code": data["code"]}
    sio.eio.send("0/manager," + json.dumps(auth))  # CONNECT, on the connection that is open


@sio.on("judged", namespace="/exercise")
def judged(data):
    sio.disconnect()


sio.connect(
    SERVER,
    auth={"seat": SEAT, "exercise": "namespaces"},
    namespaces=["/exercise", "/kitchen", "/tables", "/manager"],
    wait=False,  # otherwise one refusal makes the client close everything
)
sio.wait()
