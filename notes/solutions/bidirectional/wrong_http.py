# fails whoami: an acknowledgement without a value
import urllib.request

import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()
sio.connect(
    SERVER,
    auth={"seat": SEAT, "exercise": "bidirectional"},
    namespaces=["/exercise"],
)
sio.emit("hello", {"name": "Ada"}, namespace="/exercise")
for _ in range(3):  # asks, and does not listen: the client answers the event that nobody handles
    urllib.request.urlopen(f"{SERVER}/bidirectional/latest?after=0").read()
    sio.sleep(0.3)
sio.disconnect()
