"""Answer when the server asks, and wait until it has sent: the bot sends two events unasked.

    the program sends   payload          acknowledged with
    hello               {"name": str}    {"ok": true}
    wave                {"text": str}    {"ok": true}

    the judge sends     payload          to be acknowledged with
    whoami              {"nonce": str}   {"nonce": str}: the same
    waved               {"text": str}    nothing

Source: Socket.IO protocol v5, "Acknowledgement".
"""

from ...classroom.payloads import require_text
from ...exercises.judge import Check, Judge, shown

SILENCE = 1.0  # seconds in which nothing is sent: who waves in them has not waited


class Exercise(Judge):
    checks = (
        Check("hello", 'an event hello with a name, such as {"name": "Ada"}'),
        Check("whoami", "my event whoami acknowledged with its own nonce"),
        Check("wave", "an event wave, sent after my waved and not before"),
    )

    def __init__(self, fresh, now):
        super().__init__(fresh, now)
        self.nonce = None
        self.waved = False

    def on_hello(self, data):
        name = require_text(data, "name", 60)
        if self.is_open("hello"):
            self.passed("hello", f"hello from {shown(name)}")
            self.nonce = self.fresh()
            self.emit("whoami", {"nonce": self.nonce}, then=self.answered)
        return {"ok": True}

    def answered(self, value):
        if isinstance(value, dict) and value.get("nonce") == self.nonce:
            self.passed("whoami", f"the nonce {self.nonce}")
        else:
            self.failed("whoami", f"{shown(value)}, and the nonce was {self.nonce}")
        self.after(SILENCE, self.wave)

    def wave(self):
        self.waved = True
        self.emit("waved", {"text": "hello to you"})

    def on_wave(self, data):
        text = require_text(data, "text", 60)
        if self.waved:
            self.passed("wave", f"wave {shown(text)}, after my waved")
        else:
            self.failed("wave", f"wave {shown(text)} before I had sent waved")
        return {"ok": True}

    def so_far(self, check):
        if check == "whoami" and self.nonce is None:
            return "no hello yet, and I ask after it"
        if check == "whoami":
            return "no acknowledgement of whoami"
        if check == "wave" and not self.waved:
            return "no wave, and I send waved only after your acknowledgement"
        return f"no {check}"
