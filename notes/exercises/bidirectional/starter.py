"""Answer when the server asks. Needs: pip install "python-socketio[client]" """

import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()


# Now the judge asks: whoami {nonce}. Which handler answers it, and how?


# A second later it waves: waved {text}. When may you wave?


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
    auth={"seat": SEAT, "exercise": "bidirectional"},
    namespaces=["/exercise"],
)
sio.emit("hello", {"name": "Ada"}, namespace="/exercise")
sio.wait()
