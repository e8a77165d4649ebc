"""One client against all others: ``python benchmarks/attacks.py --seconds 4``.

Starts the real server in a process of its own and lets one attacker after the other at it, on
127.0.0.1 and for a few seconds each. Meanwhile an honest client, a seat with one WebSocket, asks
for an acknowledgement twenty times a second, and an honest visitor opens a page on a connection
of its own now and then.

    keep-alive    one connection asks for a page again and again
    pipelined     73 KB of requests for it on each of 20 connections, without waiting
    wave, order,  150 sockets of 13 seats, 18 events a second each, which is within all limits:
    say           each event goes to all of them
    silent        3700 connections that send nothing

A row says what the honest client felt (its ack: median and worst, how many never came; the
visitor's page: worst) and what the server says of itself.
"""

import argparse
import contextlib
import json
import resource
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.load import cpu, frame  # noqa: E402  the path above comes first
from socketlab import client  # noqa: E402
from tests.helpers import Process, RawClient  # noqa: E402

PAGE = "/lesson/rooms"
LATE = 10  # seconds after which an answer is no answer
SEATS, SOCKETS, PACE = 13, 150, 18
EVENTS = {  # attack -> (namespace, what goes to everybody there)
    "wave": ("/bidirectional", ["wave", {"text": "hello"}]),
    "order": ("/kitchen", ["order", {"dish": "soup"}]),
    "say": ("/rooms", ["say", {"room": "all", "text": "hello"}]),
}


def get(port, path, *headers):
    """The whole answer to one request, as bytes."""
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close", *headers]
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=LATE) as raw:
        raw.sendall("\r\n".join([*lines, "", ""]).encode())
        while data := raw.recv(65536):
            answer += data
    return answer


def new_seat(port):
    """The cookie of a seat that a first visit takes."""
    head = get(port, PAGE, "Accept: text/html").decode("latin-1")
    line = next(line for line in head.split("\r\n") if "socketlab_seat=" in line)
    return "Cookie: " + line.split(": ", 1)[1].split(";")[0]


class Asker(RawClient):
    """A WebSocket in a namespace, of a seat."""

    def __init__(self, port, namespace, cookie):
        super().__init__(port, "/socket.io/?EIO=4&transport=websocket", [cookie])
        self.namespace = namespace
        self.hear()
        self.send(f"40{namespace},")
        head = f"40{namespace},"
        while not (text := self.hear()).startswith(head):
            if text.startswith("44"):
                raise ConnectionError(text)
        self.sid = json.loads(text[len(head) :])["sid"]

    def ask(self, number, event):
        """Seconds until the event is acknowledged."""
        began = time.perf_counter()
        self.send(f"42{self.namespace},{number}{json.dumps(event)}")
        while not (text := self.hear()).startswith(f"43{self.namespace},{number}["):
            if text == "2":
                self.send("3")
        return time.perf_counter() - began


# The attackers, each in a process of its own


def keep_alive(port, until):
    raw = socket.create_connection(("127.0.0.1", port), timeout=LATE)
    request = f"GET {PAGE} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    while time.monotonic() < until:
        raw.sendall(request)
        left = b""
        while b"</html>" not in left:
            left = left[-16:] + raw.recv(1 << 20)


def pipelined(port, until):
    request = f"GET {PAGE} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    flood = request * (73 * 1024 // len(request))
    selector = selectors.DefaultSelector()
    for _ in range(20):
        raw = socket.create_connection(("127.0.0.1", port))
        raw.sendall(flood)
        raw.setblocking(False)
        selector.register(raw, selectors.EVENT_READ)
    while time.monotonic() < until:
        for key, _ in selector.select(0.1):
            key.fileobj.recv(1 << 20)
            with contextlib.suppress(BlockingIOError):
                key.fileobj.send(request)


def events(attack, port, until):
    namespace, event = EVENTS[attack]
    cookies = [new_seat(port) for _ in range(SEATS)]
    askers = [Asker(port, namespace, cookies[n % SEATS]) for n in range(SOCKETS)]
    if attack == "say":
        for asker in askers:
            asker.ask(1, ["join", {"room": "all"}])
            for earlier in askers:  # what is told of each join must be read by all
                drain(earlier)
    print("ready", flush=True)
    packet, turn = frame(f"42{namespace},7{json.dumps(event)}"), 0
    began = time.monotonic()
    while (now := time.monotonic()) < until:
        while turn < (now - began) * PACE * SOCKETS:
            with contextlib.suppress(BlockingIOError, ConnectionError):
                askers[turn % SOCKETS].socket.send(packet)
            turn += 1
        for asker in askers:
            drain(asker)


def drain(asker):
    """Takes in what is there and answers a ping, without waiting."""
    asker.socket.setblocking(False)
    with contextlib.suppress(BlockingIOError, ConnectionError):
        if b"\x81\x012" in asker.socket.recv(1 << 18):
            asker.socket.send(frame("3"))
    asker.socket.settimeout(LATE)


def silent(port, until):
    raws = []
    for _ in range(3700):
        with contextlib.suppress(OSError):
            raws.append(socket.create_connection(("127.0.0.1", port), timeout=1))
    time.sleep(max(0, until - time.monotonic()))


def attack(name, port, seconds):
    """Runs in the attacker's process."""
    if name not in EVENTS:
        print("ready", flush=True)
    until = time.monotonic() + seconds + (5 if name in EVENTS else 0)
    if name in EVENTS:
        events(name, port, until)
    else:
        {"keep-alive": keep_alive, "pipelined": pipelined, "silent": silent}[name](port, until)


# The honest ones


def visit(port, until, taken):
    """A visitor who opens a page five times a second, each time on a new connection."""
    while time.monotonic() < until:
        began = time.perf_counter()
        try:
            answer = get(port, "/healthz")
            taken.append(time.perf_counter() - began if b" 200 " in answer[:20] else LATE)
        except OSError:
            taken.append(LATE)
        time.sleep(0.2)


def measure(name, seconds):
    """One server, one attack: the row of the table."""
    with tempfile.TemporaryDirectory() as data:
        server = Process(data, client=client.ensure(ROOT / "instance"))
        attacker = None
        try:
            honest = Asker(server.port, "/rooms", new_seat(server.port))
            honest.socket.settimeout(LATE)
            if name != "none":
                command = [sys.executable, __file__, "--run", name, "--port", str(server.port)]
                attacker = subprocess.Popen(
                    [*command, "--seconds", str(seconds)], stdout=subprocess.PIPE
                )
                attacker.stdout.readline()
            return felt(server, honest, seconds)
        finally:
            if attacker:
                attacker.kill()
                attacker.wait()
            server.stop()


def felt(server, honest, seconds):
    until, pages, acks, missed = time.monotonic() + seconds, [], [], 0
    visitor = Thread(target=visit, args=(server.port, until, pages))
    began, used = time.monotonic(), cpu(server.process.pid)
    visitor.start()
    number = 0
    while time.monotonic() < until:
        number += 1
        try:
            whisper = ["whisper", {"sid": honest.sid, "text": "still there?"}]
            acks.append(honest.ask(number, whisper))
        except OSError:
            missed += 1
            break
        time.sleep(0.05)
    visitor.join()
    spent = 100 * (cpu(server.process.pid) - used) / (time.monotonic() - began)
    try:
        health = json.loads(get(server.port, "/healthz").partition(b"\r\n\r\n")[2])
    except (OSError, ValueError):
        health = {"connections": "no answer"}
    acks = acks or [LATE]
    return {
        "ack median ms": round(1000 * statistics.median(acks), 1),
        "ack worst ms": round(1000 * max(acks)),
        "missed": missed,
        "page worst ms": round(1000 * max(pages or [LATE])),
        "CPU %": round(spent),
        "connections": health["connections"],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = ["none", "keep-alive", "pipelined", *EVENTS, "silent"]
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--only", nargs="*", choices=names, default=names)
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not 0 < options.seconds <= 30:
        parser.error("at most 30 seconds")
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(files, 20_000), files))
    if options.run:
        return attack(options.run, options.port, options.seconds)
    for number, name in enumerate(options.only):
        row = measure(name, options.seconds)
        if number == 0:
            print(f"{'':12}" + "".join(f"{title:>15}" for title in row))
        print(f"{name:12}" + "".join(f"{value:>15}" for value in row.values()), flush=True)


if __name__ == "__main__":
    main()
