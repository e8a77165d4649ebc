"""Events of the lessons: each within its limits, from 13 seats and 150 sockets."""

import json

from benchmarks.load import frame

from .field import Herd, attack

SEATS, SOCKETS, PACE = 13, 150, 18


def event(namespace, name, data):
    return frame(f"42{namespace},7{json.dumps([name, data])}")


def all_send(field, namespace, *packets):
    """150 sockets of 13 seats, 18 events a second each, of these kinds in turn."""
    herd = Herd(field, namespace, SEATS, SOCKETS)
    field.begin()
    herd.drive(lambda turn: packets[turn // SOCKETS % len(packets)], PACE)


@attack("d3", prepared=True)
def wave(field):
    """Each event goes to everybody in the lesson."""
    all_send(field, "/bidirectional", event("/bidirectional", "wave", {"text": "hello"}))


@attack("d3", prepared=True)
def order(field):
    """Each event goes to everybody in the kitchen."""
    all_send(field, "/kitchen", event("/kitchen", "order", {"dish": "soup"}))


@attack("d3", prepared=True)
def say(field):
    """Each event goes to a room that all are in, and is confirmed."""
    herd = Herd(field, "/rooms", SEATS, SOCKETS)
    for asker in herd.askers:
        asker.ask(1, ["join", {"room": "all"}])
        herd.read()  # what is told of each join
    field.begin()
    packet = event("/rooms", "say", {"room": "all", "text": "hello"})
    herd.drive(lambda turn: packet, PACE)


@attack("18, 19, d3", prepared=True)
def rooms(field):
    """Everybody joins and leaves rooms: the map is told to all."""
    names = [f"room {n}" for n in range(6)]
    packets = [
        event("/rooms", verb, {"room": name}) for name in names for verb in ("join", "leave")
    ]
    all_send(field, "/rooms", *packets)


@attack("d11", prepared=True)
def receipts(field):
    """A hundred seats start runs and send receipts, 500 pairs each, as fast as they may."""
    herd = Herd(field, "/class", 100, 100)
    got = [[n, 1_000_000.25 + n] for n in range(1, 500)]
    packets = [event("/class", "receipt", {"run": f"made up {n}", "got": got}) for n in range(20)]
    field.begin()
    herd.drive(lambda turn: packets[turn // 100 % 20], 6)


@attack("d3", prepared=True)
def votes(field):
    """New nicks and predictions from everybody: each is kept on disk."""
    herd = Herd(field, "/class", SEATS, SOCKETS)
    field.begin()

    def packet(turn):
        if turn % 2:
            return event("/class", "take_seat", {"nick": f"somebody {turn % 997}"})
        return event("/class", "predict", {"step": f"step {turn % 50}", "choice": "a"})

    herd.drive(packet, PACE)


@attack("d3", prepared=True)
def runs(field):
    """Runs of lesson "missed" at their fastest, started by everybody, and replayed."""
    start = event("/missed", "start", {"count": 200, "every_ms": 50})
    resume = event("/missed", "resume", {"run": "made up", "after": 0})
    all_send(field, "/missed", start, resume)


@attack("d3", prepared=True)
def races(field):
    """Races of lesson "bidirectional", started by everybody again and again."""
    all_send(field, "/bidirectional", event("/bidirectional", "start", {"every_ms": 200}))


@attack("section 10", prepared=True)
def dials(field):
    """Raw requests that the server sends to itself, from 13 seats."""
    cookies = [field.new_seat() for _ in range(SEATS)]
    field.begin()
    body = json.dumps({"request": f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{field.port}\r\n\r\n"})
    fields = ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    while field.going():
        for cookie in cookies:
            field.get("/upgrade/dial", cookie, *fields, method="POST", body=body.encode())
