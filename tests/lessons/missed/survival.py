"""Kill the server with SIGKILL at a chosen moment of a run; see what is left after its restart."""

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import requests

from ...helpers import PATIENCE, ROOT
from .reader import NS, Reader, check

MOMENTS = (
    "before store",
    "before commit",
    "after commit",
    "first half of the emits",
    "all emits",
    "before ack",
    "in a replay",
    "in a trim",
)
NUMBER, COUNT = 6, 12  # the event at which it happens, of so many


class ServerUnderTest:
    """Starts one server after the other on the same data folder: crashes.py, driven by lines."""

    def __init__(self, data, client, redis_url=""):
        self.data, self.redis_url = data, redis_url
        folder = Path(data) / "client"
        folder.mkdir(parents=True)
        shutil.copy(client, folder / "socket.io.js")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.lessons.missed.crashes"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, crash=""):
        """A server; returns its address once it listens."""
        env = {"SOCKETLAB_TEST_CRASH": crash, "SOCKETLAB_REDIS_URL": self.redis_url}
        self.tell(do="start", env=env, options=["--port", "0", "--data", str(self.data)])
        return re.search(r"http://\S+", self.line("SocketLab"))[0].rstrip("/")

    def tell(self, **what):
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()

    def line(self, start):
        for line in self.process.stdout:
            if line.startswith(start):
                return line
        raise AssertionError(f"the server ended without a line {start!r}")

    def ended(self, do="wait"):
        """Wait for the end of the server; returns the signal that it died of."""
        self.tell(do=do)
        return int(self.line("Ended").split()[1])

    def close(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


def new_seat(url):
    """The token of a new seat."""
    page = requests.get(url + "/lesson/bidirectional", timeout=PATIENCE)
    return re.search(r'<meta name="seat" content="([^"]+)"', page.text)[1]


def kill(server, moment, kind, transport):
    """One kill, one restart: asserts the promises; returns seconds from start to first answer."""
    url = server.start(crash=f"{moment}:{NUMBER}")
    token = new_seat(url)
    before = [Reader(url, token, transports=[transport]).connect() for _ in range(2)]
    publish(before, moment, kind)
    assert server.ended() == 9
    for reader in before:
        reader.client.shutdown()
    began = time.monotonic()
    url = server.start()
    after = [reader.again(url) for reader in before]
    try:
        survived(after, moment, kind)
        return max((reader.resumed_at or began) - began for reader in after)
    finally:
        for reader in [*before, *after]:
            reader.leave()
        assert server.ended("kill") == 9


def publish(readers, moment, kind):
    """A run of two readers, up to the moment."""
    one, two = readers
    keep = 3 if moment == "in a trim" else 40
    if moment == "before ack":
        one.client.call("set_buffer", {"kind": kind, "keep": keep}, NS, timeout=PATIENCE)
        one.client.emit("start", {"count": COUNT, "every_ms": 50}, NS)
        return
    run = one.start(kind, keep, count=COUNT, every_ms=50)
    if moment == "in a replay":
        one.wait(lambda r: r.cursor >= NUMBER or r.state == "OUT")
    two.follow(run)


def survived(readers, moment, kind):
    """Whatever was received is still known, the sums are right, and the run is over."""
    if moment == "before ack":
        readers[0].start(kind, 5, count=1, every_ms=50)  # the seat is not busy for ever
        readers[0].wait(lambda r: r.cursor == 1)
        return
    for reader in readers:
        seen = reader.receiver.cursor
        if kind == "memory":
            reader.wait(lambda r: r.over == "restarted")
            assert reader.receiver.cursor == seen
            continue
        reader.wait(lambda r: r.state == "LIVE")
        sent = reader.tally()["sent"]
        assert seen <= sent and (moment == "in a replay" or sent == expected(moment, kind))
        reader.wait(lambda r, sent=sent: r.cursor == sent)
        check(reader, sent)
        log = {event["seq"]: event for event in reader.log()["replay"]}
        mine = {event["seq"]: event for event in reader.receiver.handled}
        assert {n: e for n, e in mine.items() if n >= min(log)} == {n: mine[n] for n in log}
        if kind == "sqlite":
            reader.wait(lambda r, reader=reader: reader.over)
            assert reader.over["count"] == sent


def expected(moment, kind):
    """How many events are in the store after a kill at this moment."""
    lost = moment in ("before store", "before commit") or (moment, kind) == ("in a trim", "sqlite")
    return NUMBER - lost
