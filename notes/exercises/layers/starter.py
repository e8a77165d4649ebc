"""Find the frames in a stream. Needs: pip install "python-socketio[client]" """

import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()
stream = b""  # the bytes that have come and are not decoded yet


@sio.on("chunk", namespace="/exercise")
def chunk(data):
    global stream
    stream += bytes.fromhex(data["hex"])
    print("chunk", data["seq"], "and now there are", len(stream), "bytes")
    # Is a whole frame there? Then take it off the front and tell it:
    # sio.emit("decoded", {"opcode": …, "masked": …, "payload": …}, namespace="/exercise")


@sio.on("connect_error", namespace="/exercise")
def refused(reason):
    print("not let in:", reason)


@sio.on("checked", namespace="/exercise")
def checked(data):
    print("yes" if data["passed"] else "no ", data["check"], "-", data["saw"])


@sio.on("judged", namespace="/exercise")
def judged(data):
    print(data["passed"], "of", data["of"])
    sio.disconnect()


sio.connect(
    SERVER,
    auth={"seat": SEAT, "exercise": "layers"},
    namespaces=["/exercise"],
)
sio.wait()
