"""Refused, and back. Needs: pip install "python-socketio[client]" """

import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()


@sio.on("connect", namespace="/kitchen")
def in_kitchen():
    print("in /kitchen:", sio.get_sid("/kitchen"))


@sio.on("connect", namespace="/tables")
def in_tables():
    print("in /tables:", sio.get_sid("/tables"))


# Now /manager, which refuses you: connect_error. What is still open then?


@sio.on("asked", namespace="/exercise")
def asked(data):
    print("the code is", data["code"])
    # How do you come back to /manager with it, on this connection?


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
    auth={"seat": SEAT, "exercise": "namespaces"},
    namespaces=["/exercise", "/kitchen", "/tables"],
    wait=False,  # otherwise one refusal makes the client close everything
)
sio.wait()
