"""A class of light clients: many WebSockets in one loop, each with a seat and what it was told."""

import itertools
import json
import selectors
import socket
import time

from itsdangerous import URLSafeSerializer

from ..helpers import PATIENCE

SECRET = "the class of the tests has this key"  # the server's, so that seats need no page


def tokens(count, name="pupil"):
    """Tokens of so many seats, as the server with that key signs them."""
    signer = URLSafeSerializer(SECRET, salt="socketlab seat")
    return [f"seat.{signer.dumps([f'{name}{n:04}', f'{name} {n}'])}" for n in range(count)]


class Light:
    """One client: what it was told, as a page that follows would know it."""

    def __init__(self, port, token, lesson):
        self.port, self.token, self.lesson = port, token, lesson
        self.seat, self.sock, self.state, self.gaps = None, None, None, 0
        self.bytes = 0  # received, in all
        self.choice = None
        self.log = []  # every message, whole

    def come(self):
        """Connect; the rest follows from what comes: see :meth:`took`."""
        self.sock = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self.pending, self.upgraded, self.seated = b"", False, False
        self.heard, self.acks, self.numbers = [], {}, itertools.count(1)
        lines = [
            f"GET /socket.io/?EIO=4&transport=websocket&seat={self.token} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
        ]
        self.sock.sendall("\r\n".join([*lines, "", ""]).encode())

    def say(self, text):
        data = text.encode()
        size = len(data)
        head = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
        self.sock.sendall(b"\x81" + head + bytes(4) + data)

    def emit(self, event, data, namespace="/class"):
        number = next(self.numbers)
        self.say(f"42{namespace},{number}{json.dumps([event, data])}")
        return namespace, number

    def read(self):
        """Take what has come; False where the server has hung up."""
        try:
            data = self.sock.recv(1 << 16)
        except ConnectionError:
            data = b""
        self.bytes += len(data)
        self.pending += data
        if not self.upgraded and b"\r\n\r\n" in self.pending:
            head, self.pending = self.pending.split(b"\r\n\r\n", 1)
            assert b" 101 " in head, head
            self.upgraded = True
        while self.upgraded and (text := self.frame()) is not None:
            self.took(text)
        return bool(data)

    def frame(self):
        if len(self.pending) < 2:
            return None
        size, at = self.pending[1] & 127, 2
        if size > 125:
            wide = 2 if size == 126 else 8
            size, at = int.from_bytes(self.pending[2 : 2 + wide], "big"), 2 + wide
        if len(self.pending) < at + size:
            return None
        payload, self.pending = self.pending[at : at + size], self.pending[at + size :]
        return payload.decode("utf-8", "replace")

    def took(self, text):
        self.log.append(text)
        if text == "2":
            self.say("3")
        elif text[0] == "0":
            self.say("40/class,")
        elif text.startswith("40/class,"):
            self.say(f"40{self.lesson},")
        elif text.startswith(f"40{self.lesson},"):
            self.emit("take_seat", {})
        elif text.startswith("42"):
            namespace, _, data = text[2:].partition(",")
            event, told = json.loads(data)
            self.hear(namespace, event, told)
        elif text.startswith("43"):
            namespace, _, rest = text[2:].partition(",")
            number, _, data = rest.partition("[")
            (answer,) = json.loads("[" + data)
            self.answered(namespace, int(number), answer)

    def answered(self, namespace, number, answer):
        assert answer["ok"], answer
        self.acks[namespace, number] = answer
        if "state" in answer:
            self.seat, self.state, self.seated = answer["seat"], answer["state"], True

    def hear(self, namespace, event, told):
        self.heard.append((event, told))
        if namespace != "/class" or "rev" not in told or not self.seated:
            return
        self.gaps += told["rev"] != self.state["rev"] + 1
        state = self.state = self.state | {"rev": told["rev"]}
        if event == "stepped":
            if told["lesson"] != state["lesson"] and not (state["vote"] or {}).get("open"):
                state["vote"] = None
            state |= {name: told[name] for name in ("lesson", "step", "follow")}
        elif event == "vote_opened":
            last = state["vote"] or {"step": None}
            again = last["step"] == told["step"]
            before = [*last["before"], last["counts"]] if again else []
            vote = {"step": told["step"], "round": told["round"], "open": True, "in": 0}
            state["vote"] = vote | {"before": before}
        elif event == "vote_closed":
            names = ("step", "round", "in", "counts")
            state["vote"] |= {name: told[name] for name in names} | {"open": False}


class Crowd:
    """The light clients of these seats. ``with`` ends their connections."""

    def __init__(self, port, tokens, lesson="/rooms"):
        self.all = [Light(port, token, lesson) for token in tokens]
        self.selector = selectors.DefaultSelector()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for light in self.all:
            if light.sock:
                light.sock.close()
        self.selector.close()

    def come(self, lights=None):
        """Connect these, or all, at once; seconds until the last has its seat."""
        lights = self.all if lights is None else lights
        start = time.monotonic()
        for light in lights:
            light.come()
            self.selector.register(light.sock, selectors.EVENT_READ, light)
        self.until(lambda: all(light.seated for light in lights))
        return time.monotonic() - start

    def until(self, so):
        """Take what comes until ``so()``; seconds that it took."""
        start = time.monotonic()
        while not so():
            assert time.monotonic() - start < PATIENCE, "waited in vain"
            self.take(0.05)
        return time.monotonic() - start

    def take(self, seconds):
        for key, _ in self.selector.select(seconds):
            if not key.data.read():
                self.selector.unregister(key.fileobj)
                key.fileobj.close()
                key.data.sock = None

    def heard(self, event, lights=None):
        """Whether each of these has heard an event."""
        lights = self.all if lights is None else lights
        return all(any(name == event for name, _ in light.heard) for light in lights)

    def forget(self):
        for light in self.all:
            light.heard.clear()
