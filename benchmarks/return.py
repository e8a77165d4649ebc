"""A whole class is cut off and comes back at once: ``python benchmarks/return.py``.

Every client has a seat and a run of its own, kept in the store that is asked for. The teacher
cuts all of them; at the moment at which the door opens again, all come back, resume, and are
caught up when the answer is there: nothing lost, nothing missing, checked for each. Our server
runs as its users run it, with all its limits. Beside it, in the same run and with the same
clients, a bare Flask-SocketIO server (stock gevent, default options), whose clients only
reconnect: there is nothing to catch up with.

    back   ms from the first attempt of all to being in again (bare), or caught up (ours)
"""

import argparse
import asyncio
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.load import frame, handshake  # noqa: E402  the path above comes first

PATIENCE = 30  # seconds
SECRET = "the benchmark's own key"
EVERY_MS = 1000
CUT_SECONDS = 4


class Socket:
    """A WebSocket with Socket.IO packets on it, as little as is needed."""

    async def open(self, port, query="", cookie=""):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        self.writer.write(handshake(port, query, cookie))
        answer = await self.reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 101"):
            self.writer.transport.abort()
            raise ConnectionRefusedError(answer.split(b"\r\n")[0].decode())
        await self.text()  # the open packet
        return self

    async def text(self):
        """The next text frame; pings are answered."""
        while True:
            head = await self.reader.readexactly(2)
            size = head[1] & 127
            if size == 126:
                size = int.from_bytes(await self.reader.readexactly(2), "big")
            elif size == 127:
                size = int.from_bytes(await self.reader.readexactly(8), "big")
            text = (await self.reader.readexactly(size)).decode()
            if text != "2":
                return text
            self.send("3")

    def send(self, text):
        self.writer.write(frame(text))

    async def join(self, namespace):
        self.send(f"40{namespace},")
        while not (await self.text()).startswith(f"40{namespace},"):
            pass
        return self

    def close(self):
        self.writer.transport.abort()


class Pupil:
    """One seat with a run: what it has, and when it was back."""

    def __init__(self, port, token):
        self.port, self.token = port, token
        self.seqs = []

    async def arrive(self):
        self.socket = await Socket().open(self.port, f"&seat={self.token}")
        await self.socket.join("/missed")

    async def ask(self, event, data):
        """An event and its acknowledgement; what is posted meanwhile is handled."""
        self.socket.send(f"42/missed,1{json.dumps([event, data])}")
        while not (text := await self.socket.text()).startswith("43/missed,1"):
            self.hear(text)
        answer = json.loads(text[len("43/missed,1") :])[0]
        assert answer["ok"], answer
        return answer

    def hear(self, text):
        if text.startswith('42/missed,["posted"'):
            self.seqs.append(json.loads(text[len("42/missed,") :])[1]["seq"])

    async def start(self, kind):
        await self.ask("set_buffer", {"kind": kind, "keep": 100})
        self.run = (await self.ask("start", {"count": 60, "every_ms": EVERY_MS}))["run"]

    async def follow(self):
        """Handle events until the wire is cut."""
        try:
            while True:
                self.hear(await self.socket.text())
        except (asyncio.IncompleteReadError, ConnectionError):
            self.socket.close()

    async def come_back(self, began):
        await self.arrive()
        after = max(self.seqs, default=0)
        answer = await self.ask("resume", {"run": self.run, "after": after})
        self.back = (time.monotonic() - began) * 1000
        replay = [event["seq"] for event in answer["replay"]]
        self.missed = len(replay)
        assert answer["complete"] and replay == list(range(after + 1, after + 1 + len(replay)))


class Ours:
    """``python app.py`` in a process of its own."""

    def __init__(self, folder):
        command = [sys.executable, "app.py", "--port", "0", "--data", str(folder)]
        self.process = subprocess.Popen(
            [*command, "--secret-key", SECRET], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        self.process.stdout.readline()
        teacher = self.process.stdout.readline()
        self.teacher = re.search(r"http://\S+", teacher)[0]
        self.port = int(re.search(r":(\d+)/", teacher)[1])

    def cookie(self):
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *args):
                return None

        try:
            urllib.request.build_opener(Stay).open(self.teacher, timeout=PATIENCE)
        except urllib.error.HTTPError as answer:
            with answer:
                return "; ".join(c.split(";")[0] for c in answer.headers.get_all("Set-Cookie"))

    def end(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


class Bare:
    """A stock server that lets everybody into one namespace."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True
        )
        self.port = int(self.process.stdout.readline())

    def end(self):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


def serve():
    import socket

    from flask import Flask
    from flask_socketio import Namespace, SocketIO

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = Flask("bare")
    socketio = SocketIO(app, async_mode="gevent")
    socketio.on_namespace(Namespace("/missed"))
    threading.Timer(1.0, print, (port,), {"flush": True}).start()
    socketio.run(app, host="127.0.0.1", port=port)


async def together(coroutines):
    return await asyncio.wait_for(asyncio.gather(*coroutines), PATIENCE)


async def measure_ours(server, tokens, kind):
    pupils = [Pupil(server.port, token) for token in tokens]
    await together(pupil.arrive() for pupil in pupils)
    await together(pupil.start(kind) for pupil in pupils)
    following = [asyncio.ensure_future(pupil.follow()) for pupil in pupils]
    teacher = await (await Socket().open(server.port, cookie=server.cookie())).join("/class")
    teacher.send(f'42/class,1["cut",{{"seats":"all","seconds":{CUT_SECONDS}}}]')
    while not (text := await teacher.text()).startswith("43/class,1"):
        pass
    assert len(json.loads(text[len("43/class,1") :])[0]["seats"]) == len(pupils)
    cut_at = time.monotonic()
    await together(following)
    noticed = (time.monotonic() - cut_at) * 1000
    await asyncio.sleep(max(0, cut_at + CUT_SECONDS + 0.1 - time.monotonic()))
    began = time.monotonic()
    await together(pupil.come_back(began) for pupil in pupils)
    for pupil in pupils:
        pupil.socket.close()
    teacher.close()
    return [pupil.back for pupil in pupils], noticed, sum(pupil.missed for pupil in pupils)


async def measure_bare(server, count):
    async def enter(began=0.0):
        socket = await (await Socket().open(server.port)).join("/missed")
        return socket, (time.monotonic() - began) * 1000

    for socket, _ in await together(enter() for _ in range(count)):
        socket.close()
    began = time.monotonic()
    back = await together(enter(began) for _ in range(count))
    for socket, _ in back:
        socket.close()
    return [taken for _, taken in back]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kind", choices=["memory", "sqlite"], default="sqlite")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve()
    if not 1 <= options.clients <= 350 or not 1 <= options.rounds <= 20:
        parser.error("at most 350 clients (the door lets in 400 at once), 20 rounds")
    import shutil

    from socketlab import client
    from socketlab.classroom.ledger import Ledger
    from socketlab.classroom.seats import Seats

    seats = Seats(SECRET, Ledger(":memory:"), lambda: 0.0)
    tokens = [seats.take().token for _ in range(options.clients)]
    script = client.ensure(ROOT / "instance")
    ours, bare, noticed, missed = [], [], [], 0
    for _ in range(options.rounds):
        server = Bare()
        try:
            bare += asyncio.run(measure_bare(server, options.clients))
        finally:
            server.end()
        folder = Path(tempfile.mkdtemp())
        (folder / "client").mkdir()
        shutil.copy(script, folder / "client" / "socket.io.js")
        server = Ours(folder)
        try:
            taken, told, replayed = asyncio.run(measure_ours(server, tokens, options.kind))
        finally:
            server.end()
            shutil.rmtree(folder)
        ours, noticed, missed = ours + taken, [*noticed, told], missed + replayed
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(
        f"{options.clients} clients cut and back at once, {options.rounds} rounds; {options.kind}"
    )
    print(f"{'':34}{'median':>10}{'worst':>10}")
    for name, taken in (("back and caught up, ours", ours), ("back, bare Flask-SocketIO", bare)):
        print(f"{name:34}{statistics.median(taken):>7.0f} ms{max(taken):>7.0f} ms")
    print(f"the cut was noticed by the last client after {max(noticed):.0f} ms")
    print(f"{missed} missed events came back, none is lost")


if __name__ == "__main__":
    main()
