"""Answer when the server asks, and wait until it has sent: the bot sends two events unasked.

    the program sends   payload          acknowledged with
    hello               {"name": str}    {"ok": true}
    wave                {"text"?: str}   {"ok": true}

    the judge sends     payload          to be acknowledged with
    whoami              {"nonce": str}   {"nonce": str}: the same
    waved               {"text": str}    nothing

What is wrong fails its check at once, and the bot goes on all the same, so that one attempt
shows as much as it can.
Source: Socket.IO protocol v5, "Acknowledgement".
"""

from ...classroom.payloads import require_text
from ...classroom.refused import Refused
from ...exercises.judge import Check, Judge, shown

SILENCE = 1.0  # seconds in which nothing is sent: who waves in them has not waited
LONGEST = 60  # characters of a name, and of what a wave says

NOT_AN_EVENT = "answer my whoami by its acknowledgement, not by an event of your own"


class Exercise(Judge):
    seconds = 60.0  # packets may be typed by hand
    checks = (
        Check("hello", 'an event hello with a name, such as {"name": "Ada"}'),
        Check("whoami", "my event whoami acknowledged with its own nonce"),
        Check("wave", "an event wave, sent after my waved and not before"),
    )

    def __init__(self, fresh, now):
        super().__init__(fresh, now)
        self.nonce = None
        self.answer_came = False
        self.waved = False

    def handle(self, event, data):
        if event != "whoami":
            return super().handle(event, data)
        self.failed("whoami", f"an event whoami with {shown(data)}, not an acknowledgement")
        self.wave_soon()
        return {"ok": False, "error": NOT_AN_EVENT}

    def on_hello(self, data):
        answer = self.decide("hello", data, "name")
        if self.nonce is None:
            self.nonce = self.fresh()
            self.emit("whoami", {"nonce": self.nonce}, then=self.answered)
        return answer

    def answered(self, value):
        if value == {"nonce": self.nonce}:
            self.passed("whoami", f"the nonce {self.nonce}")
        elif value in (None, []):
            self.failed("whoami", "an acknowledgement without a value")
        elif value == self.nonce:
            self.failed("whoami", f"{shown(value)}, not an object with the nonce in it")
        else:
            self.failed("whoami", f"{shown(value)}, and the nonce was {self.nonce}")
        self.wave_soon()

    def wave_soon(self):
        if not self.answer_came:
            self.answer_came = True
            self.after(SILENCE, self.wave)

    def wave(self):
        self.waved = True
        self.emit("waved", {"text": "hello to you"})

    def on_wave(self, data):
        if not self.waved:
            self.failed("wave", f"wave {shown(data)} before I had sent waved")
            return {"ok": True}
        return self.decide("wave", data, "text" if "text" in data else None)

    def decide(self, event, data, name):
        """The event passes its own check if the text of that name is right; its acknowledgement."""
        try:
            if name is not None:
                require_text(data, name, LONGEST)
        except Refused as error:
            self.failed(event, f"{event} {shown(data)}: {error}")
            return {"ok": False, "error": str(error)}
        self.passed(event, f"{event} {shown(data)}")
        return {"ok": True}

    def so_far(self, check):
        if check == "whoami" and self.nonce is None:
            return "no hello yet, and I ask after it"
        if check == "whoami":
            return "no acknowledgement of whoami"
        if check == "wave" and not self.waved:
            return "no wave, and I send waved only after your acknowledgement"
        return f"no {check}"
