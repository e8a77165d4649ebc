"""What attackers have in common: their list, the time they have, and what they are told.

An attack is a function of a Field. It goes on while ``field.going()``, notes in ``field.heard``
what the server does about it, and survives whatever that is.
"""

import json
import re
import selectors
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.load import frame
from tests.helpers import RawClient

LATE = 10  # seconds after which an answer is no answer
PAGE = "/lesson/rooms"
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")


class Attack(NamedTuple):
    run: Callable
    rows: str  # of section 3 of our list of attacks, or d and the number of a defect
    prepared: bool  # it says itself when it begins


ATTACKS: dict[str, Attack] = {}


def attack(rows, prepared=False):
    """Enters a function in the list, under its name with hyphens."""

    def enter(run):
        ATTACKS[run.__name__.replace("_", "-")] = Attack(run, rows, prepared)
        return run

    return enter


class Field:
    """Where an attacker is: ``port`` on 127.0.0.1, for ``seconds`` from :meth:`begin` on."""

    def __init__(self, port, seconds):
        self.port, self.seconds = port, seconds
        self.heard = Counter()  # what the server did -> how often
        self.until = 0.0

    def begin(self):
        """The attack begins: whoever waits for that is told."""
        self.until = time.monotonic() + self.seconds
        print("ready", flush=True)

    def going(self):
        return time.monotonic() < self.until

    def summary(self):
        """What the server did most often, on one line."""
        return (
            ", ".join(f"{count} {what}" for what, count in self.heard.most_common(4)) or "nothing"
        )

    # One connection

    def raw(self, source="127.0.0.1", timeout=LATE):
        """A fresh connection; raises OSError."""
        return socket.create_connection(("127.0.0.1", self.port), timeout, (source, 0))

    def head(self, method, path, *headers):
        """A request's head, as bytes; a header may be one that no client would send."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *headers]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def get(self, path, *headers, method="GET", body=b"", source="127.0.0.1"):
        """The whole answer to one request on a connection of its own; b"" if there is none."""
        answer = b""
        try:
            with self.raw(source) as raw:
                raw.sendall(self.head(method, path, "Connection: close", *headers) + body)
                while data := raw.recv(65536):
                    answer += data
        except OSError:
            pass
        self.note(answer)
        return answer

    def note(self, data):
        """Counts the statuses in what came, or that nothing did."""
        statuses = STATUS.findall(data)
        for status in statuses:
            self.heard[status.decode()] += 1
        if not data:
            self.heard["hung up"] += 1

    def new_seat(self):
        """The cookie of a seat that a first visit takes."""
        head = self.get(PAGE, "Accept: text/html").decode("latin-1")
        self.heard.clear()
        line = next(line for line in head.split("\r\n") if "socketlab_seat=" in line)
        return "Cookie: " + line.split(": ", 1)[1].split(";")[0]

    # Many connections

    def hold(self, count, opening, more=None, sources=("127.0.0.1",)):
        """Keeps ``count`` connections open that have sent ``opening``, until the time is over.

        What the server ends is opened again. ``more``: what each sends ten times a second.
        """
        selector = selectors.DefaultSelector()
        missing = 0
        for number in range(count):
            missing += not self._open(selector, opening, sources[number % len(sources)])
        while self.going():
            for key, _ in selector.select(0.1):
                if not self._alive(key.fileobj):
                    selector.unregister(key.fileobj)
                    key.fileobj.close()
                    missing += 1
            for _ in range(min(missing, 50)):
                missing -= self._open(selector, opening, sources[missing % len(sources)])
            for key in list(selector.get_map().values()) if more else ():
                self.push(key.fileobj, more)

    def _open(self, selector, opening, source):
        try:
            raw = self.raw(source, 1)
            raw.setblocking(False)
            self.push(raw, opening)
        except OSError:
            self.heard["no connection"] += 1
            return False
        selector.register(raw, selectors.EVENT_READ)
        return True

    def _alive(self, raw):
        try:
            data = raw.recv(1 << 18)
        except BlockingIOError:
            return True
        except OSError:
            data = b""
        self.note(data)
        return bool(data)

    def push(self, raw, data):
        """Sends what the system takes at once; bytes that it took, 0 also if it is over."""
        try:
            return raw.send(data)
        except OSError:
            return 0


class Asker(RawClient):
    """A WebSocket in a namespace, of a seat; raises ConnectionError if it is not let in."""

    def __init__(self, port, namespace, cookie, query=""):
        path = f"/socket.io/?EIO=4&transport=websocket{query}"
        super().__init__(port, path, [cookie] if cookie else [])
        if b" 101 " not in self.answer[:20]:
            raise ConnectionError(self.answer[:40].decode())
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

    def reset(self):
        """Hangs up without a word: the peer gets a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Herd:
    """Sockets of some seats in one namespace, driven at a pace by :meth:`drive`."""

    def __init__(self, field, namespace, seats, sockets, query=""):
        self.field, self.namespace, self.query = field, namespace, query
        self.cookies = [field.new_seat() for _ in range(seats)]
        self.askers = [self._open(n) for n in range(sockets)]

    def _open(self, number):
        cookie = self.cookies[number % len(self.cookies)]
        return Asker(self.field.port, self.namespace, cookie, self.query)

    def drive(self, packet, pace):
        """Each socket sends ``packet(number)``, a frame, ``pace`` times a second, and reads.

        Those that the server ends come back, if they may.
        """
        turn, began, askers = 0, time.monotonic(), self.askers
        while self.field.going():
            due = (time.monotonic() - began) * pace * len(askers)
            while turn < due and self.field.going():
                asker = askers[turn % len(askers)]
                if asker is not None:
                    self.push(asker, packet(turn))
                turn += 1
                if turn % 500 == 0:
                    self.read()
            self.read()

    def push(self, asker, data):
        """Sends what the system takes at once; a frame that it takes in part is lost with it."""
        asker.socket.setblocking(False)
        self.field.push(asker.socket, data)

    def read(self):
        """Takes in what is there, answers pings, without waiting."""
        for number, asker in enumerate(self.askers):
            if asker is None or not self._drain(asker):
                try:
                    self.askers[number] = self._open(number)
                except OSError:
                    self.field.heard["not let in again"] += 1
                    self.askers[number] = None

    def _drain(self, asker):
        heard = self.field.heard
        asker.socket.setblocking(False)
        try:
            data = asker.socket.recv(1 << 18)
        except BlockingIOError:
            return True
        except OSError:
            data = b""
        finally:
            asker.socket.settimeout(LATE)
        if not data:
            heard["hung up"] += 1
            return False
        for what, mark in (("ok", b'"ok":true'), ("refused", b'"ok":false')):
            if count := data.count(mark):
                heard[what] += count
        if b"\x81\x012" in data:
            self.field.push(asker.socket, frame("3"))
        return True
