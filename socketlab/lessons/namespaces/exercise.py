"""Be refused in one namespace and come back, while the others on the connection stay.

    the judge sends   payload         when
    asked             {"code": str}   /manager has refused the program

There is no event to send: the program asks to be let in at the lesson's own /kitchen, /tables and
/manager, on the connection by which it came to /exercise. The code is this attempt's own: it
opens /manager on this connection, as long as the attempt lasts.

Source: Socket.IO protocol v5, "Connection to a namespace".
"""

import hmac

from ...exercises.judge import Check, Judge
from .restaurant import fingerprint

KITCHEN, TABLES, MANAGER = "/kitchen", "/tables", "/manager"
PAUSE = 0.2  # seconds from the refusal to the code, so that it is the refusal that comes first
ARRIVAL = 0.5  # seconds in which the other connections are counted, once there is one
LINGER = 2.0  # seconds in which the rest is looked at, once there is


class Exercise(Judge):
    checks = (
        Check("joined", "a CONNECT to /kitchen and one to /tables, on the connection of /exercise"),
        Check("refused", "a CONNECT to /manager without the code, refused"),
        Check("code", "one more CONNECT to /manager, with my code in auth"),
        Check("one_connection", "one connection for all of it, and no namespace left on the way"),
    )
    seconds = 60.0
    namespaces = (KITCHEN, TABLES, MANAGER)

    def __init__(self, fresh, now):
        super().__init__(fresh, now)
        self.joined = set()
        self.refusals = 0  # of /manager
        self.code = None
        self.code_came = False
        self.elsewhere = {}  # another connection of the program -> namespaces that it went to

    def opens(self, namespace, auth):
        if namespace != MANAGER or self.code is None or self.over:
            return False
        given = auth.get("code")
        came = isinstance(given, str) and hmac.compare_digest(
            fingerprint(given), fingerprint(self.code)
        )
        self.code_came = self.code_came or came
        return came

    def saw_joined(self, namespace):
        self.joined.add(namespace)
        if self.joined >= {KITCHEN, TABLES}:
            self.passed("joined", "/kitchen and /tables joined")
        if namespace == MANAGER:
            self.is_in()
        if self.joined >= set(self.namespaces) and not self.is_open("code"):
            self.passed("one_connection", "one, and no namespace left")

    def is_in(self):
        if self.code_came:
            self.passed("code", "a CONNECT with my code, let in")
        elif self.refusals:
            self.failed("code", "a CONNECT with another code than mine, let in")
        else:
            self.failed("refused", "let in at once: go without a code first")

    def saw_refused(self, namespace, sentence):
        if namespace != MANAGER:
            return
        self.refusals += 1
        self.passed("refused", f'a CONNECT, refused with "{sentence}"')
        if self.refusals == 1:
            self.after(PAUSE, self.ask)

    def ask(self):
        self.code = self.fresh()
        self.emit("asked", {"code": self.code})

    def saw_left(self, namespace):
        if namespace in self.joined:
            self.failed("one_connection", f"{namespace} left, before you were in everywhere")

    def saw_elsewhere(self, namespace, connection, before):
        self.elsewhere.setdefault(connection, set()).add(namespace)
        if before:  # it may be the rest of an earlier run: does the program come there here too?
            self.after(LINGER, self.compare)
        elif self.is_open("one_connection"):
            self.after(ARRIVAL, lambda: self.blame(self.elsewhere))

    def compare(self):
        here = self.joined | ({MANAGER} if self.refusals else set())
        self.blame({c: names for c, names in self.elsewhere.items() if names - here})

    def blame(self, others):
        if others and self.is_open("one_connection"):
            names = ", ".join(sorted(set().union(*others.values())))
            saw = f"{1 + len(others)} connections: {names} not on that of /exercise"
            self.failed("one_connection", saw)
            self.after(LINGER, lambda: self.end("your program went on elsewhere"))

    def left(self):
        self.failed("one_connection", "the connection of /exercise ended before you were in")
        super().left()

    def so_far(self, check):
        if check == "joined":
            return f"no CONNECT to {' or '.join(sorted({KITCHEN, TABLES} - self.joined))} here"
        if check == "refused":
            return "no CONNECT to /manager here"
        if check == "code" and self.refusals > 1:
            return f"{self.refusals} times at /manager, never with my code in auth"
        if check == "code" and self.refusals:
            return "no second CONNECT to /manager here"
        if check == "code":
            return "no refusal at /manager, after which I tell the code"
        return "no other connection, but you were not in all three"
