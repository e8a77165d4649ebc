"""Rooms under a whole class: ``python benchmarks/rooms.py --members 300 --pace 20 --seconds 5``.

Starts the real server in a process of its own, connects the members, and has each of them join
and leave a room so many times a second, all through the measurement, by turns in one room of all
and in one of six smaller ones. Beside them one observer joins nothing and listens; it measures

    events/s     how many join and leave events were acknowledged, of how many sent
    ack p50/p99  ms until a member has its acknowledgement
    maps/s       `mapped` events that reached the observer (the promise: at most 10)
    map ms       the observer's own round trip (a whisper to itself) while all this happens
    CPU          of the server, in percent of one core
    last map     whether the last map is the sum of what was acknowledged
"""

import argparse
import json
import selectors
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.load import cpu, frame, handshake  # noqa: E402  the path above comes first
from socketlab import client  # noqa: E402
from tests.helpers import Process  # noqa: E402


class Member:
    """One WebSocket in /rooms that counts what it hears and keeps no more of it."""

    def __init__(self, port, number):
        self.number = number
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(handshake(port))
        self.buffer, self.upgraded, self.sid = b"", False, None
        self.asked, self.acks, self.refused = {}, [], 0
        self.inside = {}  # room -> whether the last acknowledgement said so
        self.maps, self.last_map, self.heard = 0, None, 0
        self.next_id = 0

    def read(self):
        """Take in what is there; True while the connection lives."""
        try:
            data = self.socket.recv(1 << 20)
        except BlockingIOError:
            return True
        if not data:
            return False
        self.buffer += data
        if not self.upgraded:
            if b"\r\n\r\n" not in self.buffer:
                return True
            head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
            if b" 101 " not in head.split(b"\r\n")[0]:
                raise SystemExit(head.decode("latin-1"))
            self.upgraded = True
        while (message := self._frame()) is not None:
            self._take(message)
        return True

    def _frame(self):
        if len(self.buffer) < 2:
            return None
        length, start = self.buffer[1] & 127, 2
        if length == 126:
            length, start = int.from_bytes(self.buffer[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(self.buffer[2:10], "big"), 10
        if len(self.buffer) < start + length:
            return None
        message, self.buffer = self.buffer[start : start + length], self.buffer[start + length :]
        return message

    def _take(self, message):
        if message.startswith(b"0{"):
            self.send("40/rooms,")
        elif message == b"2":
            self.send("3")
        elif message.startswith(b"40/rooms,"):
            self.sid = json.loads(message[9:])["sid"]
        elif message.startswith(b"43/rooms,"):
            number, body = message[9:].split(b"[", 1)
            sent_at, room = self.asked.pop(int(number))
            self.acks.append((time.perf_counter() - sent_at) * 1000)
            answer = json.loads(b"[" + body)[0]
            if not answer["ok"]:
                self.refused += 1
            elif room is not None:
                self.inside[room] = room in answer["rooms"]
        elif message.startswith(b'42/rooms,["mapped"'):
            self.maps += 1
            self.last_map = message
        else:
            self.heard += 1

    def send(self, text):
        self.socket.sendall(frame(text))

    def ask(self, event, data, room=None):
        self.next_id += 1
        self.asked[self.next_id] = time.perf_counter(), room
        self.send(f"42/rooms,{self.next_id}{json.dumps([event, data])}")


def turn(selector, until):
    """Serve all sockets until a moment or until a condition holds."""
    while time.perf_counter() < until:
        for key, _ in selector.select(max(0.0, min(0.02, until - time.perf_counter()))):
            if not key.data.read():
                raise SystemExit(f"member {key.data.number} was disconnected")


def measure(members, pace, seconds):
    many = {
        f"SOCKETLAB_{name}": "5000"
        for name in ("SOCKETS", "SOCKETS_PER_ADDRESS", "SESSIONS_BURST", "SESSIONS_PER_SECOND")
    } | {"SOCKETLAB_EVENTS_PER_SECOND_OF_ALL": "20000"}
    with tempfile.TemporaryDirectory() as data:
        server = Process(data, client=client.ensure(ROOT / "instance"), env=many)
        try:
            return run(server, members, pace, seconds)
        finally:
            server.stop()


def run(server, count, pace, seconds):
    selector = selectors.DefaultSelector()
    everybody = []
    for number in range(count + 1):
        everybody.append(Member(server.port, number))
        everybody[-1].socket.setblocking(True)
        selector.register(everybody[-1].socket, selectors.EVENT_READ, everybody[-1])
        if number % 20 == 0:
            turn(selector, time.perf_counter() + 0.05)
    deadline = time.perf_counter() + 20
    while any(member.sid is None for member in everybody) and time.perf_counter() < deadline:
        turn(selector, time.perf_counter() + 0.05)
    observer, *members = everybody
    turn(selector, time.perf_counter() + 0.5)
    for member in everybody:
        member.maps = member.heard = 0
    observer.acks.clear()
    began, used = time.perf_counter(), cpu(server.process.pid)
    steps = [
        (began + (k + member.number / count) / pace, member)
        for k in range(int(pace * seconds))
        for member in members
    ]
    steps.sort(key=lambda step: step[0])
    asked = 0
    next_probe = began
    for at, member in steps:
        if at > time.perf_counter():
            turn(selector, at)
        elif asked % 50 == 0:
            turn(selector, time.perf_counter())
            for key, _ in selector.select(0):
                key.data.read()
        room = "all" if asked // count // 2 % 2 else f"group {member.number % 6}"
        leave = asked // count % 2
        member.ask("leave" if leave else "join", {"room": room}, room)
        asked += 1
        if time.perf_counter() >= next_probe and not observer.asked:
            observer.ask("whisper", {"sid": observer.sid, "text": "still there?"})
            next_probe = time.perf_counter() + 0.1
    sent_in = time.perf_counter() - began
    while any(member.asked for member in everybody) and time.perf_counter() < began + seconds + 30:
        turn(selector, time.perf_counter() + 0.05)
    took = time.perf_counter() - began
    spent = cpu(server.process.pid) - used
    maps = observer.maps
    turn(selector, time.perf_counter() + 6)  # the last map of a large class may take its time
    acks = sorted(ms for member in members for ms in member.acks)
    mapped = json.loads(observer.last_map[9:])[1]
    truth = {}
    for member in members:
        for room, inside in member.inside.items():
            if inside:
                truth.setdefault(room, set()).add(member.sid)
    shown = {room: {who["sid"] for who in entries} for room, entries in mapped["rooms"].items()}
    return {
        "members": count,
        "asked/s": round(asked / sent_in),
        "acked/s": round(len(acks) / took),
        "refused": sum(member.refused for member in members),
        "ack p50": round(statistics.median(acks), 1),
        "ack p99": round(acks[int(len(acks) * 0.99)], 1),
        "maps/s": round(maps / took, 1),
        "own trip p50": round(statistics.median(observer.acks), 1),
        "CPU %": round(100 * spent / took),
        "last map": "right" if shown == truth else "WRONG",
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--members", type=int, default=300)
    parser.add_argument("--pace", type=float, default=20, help="events a second of each member")
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    for name, value in measure(options.members, options.pace, options.seconds).items():
        print(f"{name:>14}  {value}")


if __name__ == "__main__":
    main()
