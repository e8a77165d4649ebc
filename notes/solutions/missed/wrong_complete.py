# fails gap: had left the buffer
import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()
run, numbers = None, {}  # numbers: seq -> number, so what comes twice is there once


@sio.on("asked", namespace="/exercise")
def asked(data):
    global run
    run = data["run"]
    numbers.clear()


@sio.on("posted", namespace="/exercise")
def posted(data):
    numbers[data["seq"]] = data["number"]


@sio.on("connect", namespace="/exercise")
def connected():
    if run:
        question = {"run": run, "after": offset()}
        sio.emit("resume", question, namespace="/exercise", callback=caught_up)


def offset():
    """The last number before the first hole: a live number may have come already."""
    seq = 0
    while seq + 1 in numbers:
        seq += 1
    return seq


def caught_up(answer):
    for event in answer["replay"]:
        posted(event)


@sio.on("finished", namespace="/exercise")
def finished(data):
    report = {"run": run, "sum": sum(numbers.values()), "complete": True}
    sio.emit("report", report, namespace="/exercise")


@sio.on("judged", namespace="/exercise")
def judged(data):
    sio.disconnect()


sio.connect(
    SERVER,
    auth={"seat": SEAT, "exercise": "missed"},
    namespaces=["/exercise"],
)
sio.wait()
