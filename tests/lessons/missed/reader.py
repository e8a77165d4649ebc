"""A program that follows a run through whatever happens to its connection.

python-socketio's client brings the packets, receiver.py decides what they mean.
"""

import threading
import time
from contextlib import suppress

import requests
import socketio

from ...helpers import PATIENCE
from .receiver import Receiver

NS = "/missed"


class Reader:
    """One socket of a seat. With ``again`` the client comes back by itself, as often as needed."""

    def __init__(self, url, token, run=None, transports=("websocket",), again=False):
        self.url, self.token, self.run, self.transports = url, token, run, list(transports)
        self.receiver = Receiver()
        self.changed = threading.Condition()
        self.over = None  # what ``finished`` said
        self.resumed_at = None
        self.timer = None
        self.http = requests.Session()
        self.client = socketio.Client(
            reconnection=again,
            reconnection_delay=0.05,
            reconnection_delay_max=0.3,
            http_session=self.http,
            request_timeout=2,
        )
        for event in ("connect", "disconnect", "posted", "finished"):
            self.client.on(event, getattr(self, f"on_{event}"), NS)

    def connect(self, wait=PATIENCE):
        self.client.connect(
            self.url,
            namespaces=[NS],
            transports=self.transports,
            auth={"seat": self.token},
            wait_timeout=wait,
        )
        return self

    def start(self, kind, keep, **run):
        """Start a run and follow it from its first event."""
        answer = self.client.call("set_buffer", {"kind": kind, "keep": keep}, NS, timeout=PATIENCE)
        assert answer["ok"], answer
        answer = self.client.call("start", run, NS, timeout=PATIENCE)
        assert answer["ok"], answer
        self.follow(answer["run"])
        return answer["run"]

    def follow(self, run):
        self.run = run
        if self.client.connected:
            self.on_connect()

    def again(self, url):
        """The same receiver on a new connection, to a server that was started anew."""
        later = Reader(url, self.token, self.run, self.transports)
        later.receiver = self.receiver
        return later.connect()

    def resume(self):
        question = {"run": self.run, "after": self.receiver.cursor}
        with suppress(socketio.exceptions.SocketIOError):  # gone again: the next connection asks
            self.client.emit("resume", question, NS, callback=self.on_answer)

    def on_connect(self):
        with self.changed:
            if self.run:
                self.receiver.connected()
                self.resume()

    def on_disconnect(self, reason):
        with self.changed:
            self.receiver.cut()
            self.changed.notify_all()

    def on_posted(self, event):
        with self.changed:
            if event["run"] == self.run and self.receiver.posted(event):
                self.resume()
            self.changed.notify_all()

    def on_finished(self, over):
        with self.changed:
            if over["run"] == self.run:
                self.over = over
                self.receiver.finished(over["count"])
            self.changed.notify_all()

    def on_answer(self, answer):
        with self.changed:
            if not answer["ok"]:  # asked too often
                self.timer = threading.Timer(1, self.on_connect)
                self.timer.daemon = True
                self.timer.start()
                return
            self.resumed_at = self.resumed_at or time.monotonic()
            if self.receiver.answered(answer):
                self.resume()
            self.changed.notify_all()

    def wait(self, condition, seconds=PATIENCE):
        """Until ``condition(receiver)`` holds."""
        with self.changed:
            held = self.changed.wait_for(lambda: condition(self.receiver), seconds)
            assert held, (self.receiver.__dict__, self.over)

    def tally(self):
        r = self.receiver
        sums = {"live": r.live, "replayed": r.replayed, "duplicates": r.duplicates}
        return self.client.call("tally", {"run": self.run, **sums}, NS, timeout=PATIENCE)

    def log(self):
        """Everything that the server still has of the run."""
        return self.client.call("resume", {"run": self.run, "after": 0}, NS, timeout=PATIENCE)

    def leave(self):
        if self.timer:
            self.timer.cancel()
        self.client.shutdown()
        self.http.close()


def check(reader, sent):
    """The promises to a reader that is connected and quiet, after ``sent`` events."""
    r = reader.receiver
    numbers = [event["seq"] for event in r.handled]
    assert numbers == sorted(set(numbers)), "in order, none twice"
    assert sorted(numbers + r.gap) == list(range(1, r.cursor + 1)), "no silent loss"
    assert r.cursor == sent, "all is handled or announced as lost"
    told = reader.tally()
    assert told.pop("ok") and told == {
        "sent": sent,
        "live": len(r.live),
        "replayed": len(r.replayed),
        "duplicates": r.duplicates,
        "gap": sorted(r.gap),
    }
