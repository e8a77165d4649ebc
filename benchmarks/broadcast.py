"""Our server beside a bare Flask-SocketIO, in one run: ``python benchmarks/broadcast.py``.

Both serve the same namespace from the same minimal handlers. Ours runs as users run it: tap
recording, limits on (those on numbers raised, or they would end the measurement; the checks
themselves run). The bare one is stock gevent with its own WebSocket driver and default options.
The servers take turns, each in a process of its own; a figure is the median of the rounds.

    connect       seconds until all clients are in
    last p50/p99  ms from sending an event until the last client has its broadcast, one at a time
    deliveries/s  four broadcasts under way at any time, sent by all clients in turn
    acks/s        every client at once, each its next event when the last is acknowledged
    KB a client   growth of the server's resident memory from none to all connected
"""

import argparse
import base64
import os
import selectors
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PADDING = "x" * 100
MARK = b'["said"'
ACK = b"43/bench,"
WINDOW = 4


# The servers


def handlers(socketio):
    """The same for every server: one room, one event relayed, one echoed."""
    from flask_socketio import Namespace, emit, join_room

    class Bench(Namespace):
        def on_connect(self, auth):
            join_room("all")

        def on_say(self, data):
            emit("said", {"text": data["text"]}, to="all")

        def on_echo(self, data):
            return {"ok": True, "text": data["text"]}

    socketio.on_namespace(Bench("/bench"))


def serve(kind, port):
    """Runs one of the servers until it is ended."""
    sys.path.insert(0, str(ROOT))
    from flask import Flask

    app = Flask("bench")
    if kind.startswith("ours"):
        from socketlab.server import AdmissionMiddleware, Server, build_socketio
        from socketlab.site.settings import DEFAULTS
        from socketlab.wiretap.tap import Tap

        many = dict.fromkeys(
            ("EVENTS_PER_SECOND", "EVENTS_BURST", "INPUT_BYTES_PER_SECOND", "INPUT_BYTES_BURST"),
            10**7,
        )
        more = dict.fromkeys(
            ("SESSIONS_BURST", "SESSIONS_PER_SECOND", "SESSIONS_PER_10_SECONDS"), 10**5
        )
        settings = {**DEFAULTS, **many, **more, "SOCKETS": 5000, "SOCKETS_PER_ADDRESS": 5000}
        tap = Tap(lambda: time.monotonic() * 1000)
        tap.recording = kind == "ours"
        socketio = build_socketio(app, tap, settings)
        handlers(socketio)
        app.wsgi_app = AdmissionMiddleware(
            app.wsgi_app, tap=tap, settings=settings, identify=lambda _: None, client_path=__file__
        )
        Server(app, socketio, tap, "127.0.0.1", port, settings).serve()
    else:
        from flask_socketio import SocketIO

        socketio = SocketIO(app, async_mode="threading" if kind == "threads" else "gevent")
        handlers(socketio)
        options = {"allow_unsafe_werkzeug": True} if kind == "threads" else {}
        socketio.run(app, host="127.0.0.1", port=port, **options)


class Child:
    """A server in a process of its own."""

    def __init__(self, kind):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, __file__, "--serve", kind, "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.end()
                    raise SystemExit(self.process.stderr.read().decode()) from None
                time.sleep(0.02)

    def memory(self):
        """Resident bytes."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def end(self):
        self.process.kill()
        self.process.wait()


# The clients


def frame(text):
    """A masked text frame; the mask is zero, which the standard allows a test to choose."""
    data = text.encode()
    size = len(data)
    head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + bytes(4) + data


class Client:
    """One WebSocket: counts what arrives without taking it apart."""

    __slots__ = ("sock", "tail", "stage")

    def __init__(self, port):
        self.sock = socket.socket()
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.setblocking(False)
        self.sock.connect_ex(("127.0.0.1", port))
        self.tail = b""
        self.stage = 0

    def handshake(self, port):
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.send(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
        )

    def count(self, mark):
        """How many times ``mark`` arrived; answers pings."""
        data = self.sock.recv(1 << 16)
        if not data:
            raise SystemExit("the server hung up on a client")
        data = self.tail + data
        if b"\x81\x012" in data:
            self.sock.send(frame("3"))
        self.tail = data[1 - len(mark) :]
        return data.count(mark)


class Crowd:
    """All clients, in one loop."""

    def __init__(self, child, clients):
        self.port = child.port
        self.selector = selectors.DefaultSelector()
        start = time.monotonic()
        self.clients = [Client(self.port) for _ in range(clients)]
        for client in self.clients:
            self.selector.register(client.sock, selectors.EVENT_WRITE, client)
        left, deadline = clients, start + 20
        while left:
            for key, _ in self.wait(deadline):
                left -= self.step(key.data)
        self.connect = time.monotonic() - start

    def step(self, client):
        """Takes a client one stage further: request, open packet, CONNECT; True when it is in."""
        if client.stage == 0:
            client.handshake(self.port)
            self.selector.modify(client.sock, selectors.EVENT_READ, client)
            client.stage = 1
            return False
        client.tail += client.sock.recv(4096)
        if client.stage == 1 and b'"sid"' in client.tail:
            client.tail = client.tail.partition(b'"maxPayload"')[2]
            client.sock.send(frame("40/bench,"))
            client.stage = 2
        if client.stage == 2 and b'40/bench,{"sid"' in client.tail:
            client.tail, client.stage = b"", 3
            return True
        return False

    def wait(self, deadline):
        if time.monotonic() > deadline:
            raise SystemExit("the clients waited in vain")
        return self.selector.select(1)

    def last(self, rounds):
        """Milliseconds until the last client has a broadcast, sorted."""
        say = frame(f'42/bench,["say",{{"text":"{PADDING}"}}]')
        taken = []
        for number in range(rounds):
            left, start = len(self.clients), time.monotonic()
            self.clients[number % left].sock.send(say)
            while left:
                for key, _ in self.wait(start + 10):
                    left -= key.data.count(MARK)
            taken.append((time.monotonic() - start) * 1000)
        return sorted(taken)

    def deliveries(self, seconds):
        """Broadcasts received by clients, per second."""
        say = frame(f'42/bench,["say",{{"text":"{PADDING}"}}]')
        clients, heard, sent = len(self.clients), 0, 0
        start = time.monotonic()
        while (now := time.monotonic()) < start + seconds or heard < sent * clients:
            while now < start + seconds and sent - heard // clients < WINDOW:
                self.clients[sent % clients].sock.send(say)
                sent += 1
            for key, _ in self.wait(start + seconds + 10):
                heard += key.data.count(MARK)
        return heard / (time.monotonic() - start)

    def acks(self, seconds):
        """Events acknowledged per second."""
        echo = frame(f'42/bench,1["echo",{{"text":"{PADDING}"}}]')
        for client in self.clients:
            client.sock.send(echo)
        start, left, done = time.monotonic(), len(self.clients), 0
        while left:
            for key, _ in self.wait(start + seconds + 10):
                answered = key.data.count(ACK)
                done += answered
                if answered and time.monotonic() < start + seconds:
                    key.data.sock.send(echo)
                else:
                    left -= answered
        return done / (time.monotonic() - start)

    def leave(self):
        for client in self.clients:
            client.sock.close()
        self.selector.close()


# The table


def measure(kind, clients, seconds):
    """One server, once: name of the figure -> value."""
    child = Child(kind)
    try:
        Crowd(child, 3).leave()  # imports done, first allocations made
        before = child.memory()
        crowd = Crowd(child, clients)
        memory = child.memory() - before
        taken = crowd.last(60)
        figures = {
            "connect s": crowd.connect,
            "last p50 ms": statistics.median(taken),
            "last p99 ms": taken[int(len(taken) * 0.99)],
            "deliveries/s": crowd.deliveries(seconds),
            "acks/s": crowd.acks(seconds),
            "KB a client": memory / 1024 / clients,
        }
        crowd.leave()
        return figures
    finally:
        child.end()


BETTER_HIGH = ("deliveries/s", "acks/s")
NAMES = {
    "ours": "ours",
    "ours-untapped": "ours, tap off",
    "bare": "bare gevent",
    "threads": "bare threads",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each sustained load")
    parser.add_argument("--tap", choices=["on", "off", "both"], default="both")
    parser.add_argument("--threads", action="store_true", help="also stock threading mode")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(options.serve, options.port)
    if not 1 <= options.clients <= 2000 or not 1 <= options.rounds <= 20 or options.seconds > 10:
        parser.error("at most 2000 clients, 20 rounds, 10 seconds")
    tapped = {"on": ["ours"], "off": ["ours-untapped"], "both": ["ours", "ours-untapped"]}
    kinds = [*tapped[options.tap], "bare"] + (["threads"] if options.threads else [])
    runs = {kind: [] for kind in kinds}
    for number in range(options.rounds):
        order = kinds if number % 2 == 0 else kinds[::-1]
        for kind in order:
            runs[kind].append(measure(kind, options.clients, options.seconds))
    print(f"{options.clients} clients, {options.rounds} rounds, median; broadcast of 100 bytes")
    print("limits on numbers raised so that they do not end the measurement")
    titles = [NAMES[kind] for kind in kinds]
    ratios = [f"{title} / bare gevent" for title in titles if title != "bare gevent"]
    heads = "".join(f"{title:>16}" for title in titles)
    print(f"{'':14}{heads}   ratios: {'; '.join(ratios)}")
    for name in runs[kinds[0]][0]:
        values = {kind: statistics.median(run[name] for run in runs[kind]) for kind in kinds}
        cells = "".join(f"{values[kind]:>16,.{0 if name in BETTER_HIGH else 2}f}" for kind in kinds)
        ratios = "".join(f"{values[k] / values['bare']:>8.2f}" for k in kinds if k != "bare")
        note = "higher is better" if name in BETTER_HIGH else "lower is better"
        print(f"{name:14}{cells}  {ratios}  {note}")


if __name__ == "__main__":
    main()
