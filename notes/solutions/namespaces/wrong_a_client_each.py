# fails one_connection: not on that of /exercise
import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

clients = {}
for name in ("/exercise", "/kitchen", "/tables", "/manager"):
    sio = clients[name] = socketio.Client()
    auth = {"seat": SEAT, "exercise": "namespaces"}
    sio.connect(SERVER, auth=auth, namespaces=[name], wait=False)


@clients["/exercise"].on("judged", namespace="/exercise")
def judged(data):
    for sio in clients.values():
        sio.disconnect()


clients["/exercise"].wait()
