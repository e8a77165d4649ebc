# fails code: and your program disconnected
import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()
try:
    sio.connect(
        SERVER,
        auth={"seat": SEAT, "exercise": "namespaces"},
        namespaces=["/exercise", "/kitchen", "/tables", "/manager"],
    )
except socketio.exceptions.ConnectionError as error:
    print(error)  # and the client has closed everything
