"""The exercise of lesson 9 with nothing but frames: what no library does for it, the packets do."""

import json

from ...server.raw import Wire

AT = "/exercise"
QUESTION = 7  # the id of each resume's acknowledgement


class Typist:
    """Types the packets of the exercise's page, and connects anew when its connection is gone."""

    def __init__(self, port, token):
        self.port, self.auth = port, {"seat": token, "exercise": "missed"}
        self.run = None
        self.connections, self.judgement = 0, None

    def follow(self):
        while self.judgement is None:
            self.connections += 1
            with Wire(self.port) as self.wire:
                self.wire.join(AT, self.auth)
                if self.run:
                    self.type("resume", {"run": self.run, "after": max(self.numbers)}, QUESTION)
                try:
                    while self.judgement is None:
                        self.hear(self.wire.message())
                except (EOFError, ConnectionError):
                    pass  # the cut
        return self

    def type(self, event, data, number):
        self.wire.text(f"42{AT},{number}{json.dumps([event, data])}")

    def hear(self, message):
        if message.startswith(f"42{AT},"):
            event, data = json.loads(message.removeprefix(f"42{AT},"))
            getattr(self, event)(data)
        elif message.startswith(f"43{AT},{QUESTION}["):
            (answer,) = json.loads(message.removeprefix(f"43{AT},{QUESTION}"))
            self.complete = self.complete and answer["complete"]
            self.numbers |= {event["seq"]: event["number"] for event in answer["replay"]}

    def asked(self, data):
        self.run, self.numbers, self.complete = data["run"], {}, True

    def posted(self, data):
        self.numbers[data["seq"]] = data["number"]

    def finished(self, data):
        total = sum(self.numbers.values())
        self.type("report", {"run": self.run, "sum": total, "complete": self.complete}, 8)

    def checked(self, data):
        assert data["passed"], data

    def judged(self, data):
        self.judgement = data


def test_packets_typed_by_hand_pass(live, visit):
    typist = Typist(live.port, visit().token).follow()

    assert typist.connections == 3
    assert typist.judgement == {"passed": 4, "of": 4, "done": True, "attempt": 1}
