"""The packets that an exercise's page says to type by hand, typed over a bare WebSocket.

In the page ``→`` is what one sends and ``←`` what arrives. TOKEN is the seat's token; where a value
ends in ``…``, what is sent is the newest value heard under that name, and what arrives is anything.
"""

import json
import re
import time

from ..helpers import PATIENCE, ROOT, RawClient

PATH = "/socket.io/?EIO=4&transport=websocket"
LEFT_OUT = re.compile(r'"(\w+)":"[^"…]*…"')


class Hand:
    """Types for a person at an exercise: ``hand.play()``, and then on with :meth:`send`."""

    def __init__(self, live, person, slug):
        text = (ROOT / "notes/exercises" / slug / "exercise.md").read_text("utf-8")
        self.packets = re.findall(r"^([→←]) (\S.*)$", text, re.MULTILINE)
        self.raw = RawClient(live.port, PATH)
        self.token, self.values = person.token, {}
        self.heard = []

    def play(self):
        """Type the whole conversation as the page has it."""
        assert len(self.packets) > 4
        for arrow, text in self.packets:
            if arrow == "→":
                self.send(text)
            else:
                self.hear(".*?".join(map(re.escape, text.split("…"))))

    def send(self, text):
        text = LEFT_OUT.sub(lambda found: f'"{found[1]}":"{self.values[found[1]]}"', text)
        self.raw.send(text.replace("TOKEN", self.token))

    def hear(self, pattern):
        """The next packet like that; others may come before it, and heartbeats are answered."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:  # heartbeats would keep it waiting for ever
            text = self.raw.hear()
            if text == "2":
                self.raw.send("3")
                continue
            self.heard.append(text)
            self.values |= dict(re.findall(r'"(\w+)":"([^"]*)"', text))
            if re.match(pattern, text):
                return text
        raise AssertionError(f"never heard {pattern}; heard {self.heard}")

    def hear_event(self, *names):
        """(name, payload) of the next of these events at /exercise."""
        text = self.hear(rf'42/exercise,\d*\["({"|".join(names)})",')
        name, payload = json.loads(text[text.index("[") :])
        return name, payload

    def close(self):
        self.raw.close()
