"""Programs as students write them, for the exercise "bidirectional": right and wrong."""

import threading

from tests.helpers import PATIENCE, Client

AT = "/exercise"


class Program(Client):
    """Greets, answers, and waves when the judge has waved: with python-socketio."""

    def __init__(self, url, token, transports=("websocket",), slug="bidirectional", **auth):
        super().__init__()
        self.ended = threading.Event()
        self.on("disconnect", self.ended.set, namespace=AT)
        self.url, self.transports = url, list(transports)
        self.on("*", lambda event, data: self._hear(event, AT, data), namespace=AT)
        self.auth = {"seat": token, "exercise": slug, **auth}

    def start(self, namespaces=(AT,)):
        self.connect(
            self.url,
            namespaces=list(namespaces),
            transports=self.transports,
            auth=self.auth,
            wait_timeout=PATIENCE,
        )
        return self

    def does_it_right(self):
        self.on("whoami", lambda question: question, namespace=AT)
        self.on("waved", lambda told: self.emit("wave", {"text": "hi"}, AT), namespace=AT)
        return self

    def hello(self, name="Ada"):
        return self.ask(AT, "hello", {"name": name})

    def verdicts(self):
        """``{check: (passed, saw)}`` once the attempt is judged, and the judgement."""
        judged = self.hear("judged")
        return {v["check"]: (v["passed"], v["saw"]) for v in self.heard("checked")}, judged


def attempt(person, right):
    """One attempt, until it is judged."""
    program = Program(person.url, person.token)
    if right:
        program.does_it_right()
    else:
        program.on("whoami", lambda question: {"nonce": "mine"}, namespace=AT)
    program.start().hello()
    if not right:
        program.emit("wave", {"text": "hi"}, AT)
    judged = program.hear("judged")
    program.disconnect()
    return judged
