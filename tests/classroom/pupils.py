"""People of a class for tests: students and a teacher with sockets of /class."""

from ..helpers import PATIENCE, Client, Person

NS = "/class"


class Pupil(Person):
    """Somebody with one connection to /class and to the lessons that are named."""

    def __init__(self, server, *lessons, teacher=False, watch=False):
        super().__init__(server.url)
        if teacher:
            self.http.get(server.teacher_url, timeout=PATIENCE)
        self.lessons = lessons
        self.come(watch)

    def come(self, watch=False):
        """Connect, also once more, and take the seat: ``self.told`` is the answer."""
        cookies = "; ".join(f"{c.name}={c.value}" for c in self.http.cookies)
        self.client = Client()
        self._clients.append(self.client)
        self.client.connect(
            self.url,
            headers={"Cookie": cookies},
            namespaces=[NS, *self.lessons],
            transports=["websocket"],
            auth={"seat": self.token},
            wait_timeout=PATIENCE,
        )
        self.told = self.ask("take_seat", {"watch": True} if watch else {})
        self.seat = self.told.get("seat")
        return self.told

    def ask(self, event, data=None, namespace=NS):
        return self.client.ask(namespace, event, {} if data is None else data)

    def hear(self, event, where=lambda data: True):
        return self.client.hear(event, where)

    def heard(self, event):
        return self.client.heard(event)


class Teacher(Pupil):
    """Whose page has the teacher's cookie and watches; ``rows`` is the roster as told so far."""

    def __init__(self, server, *lessons):
        super().__init__(server, *lessons, teacher=True, watch=True)
        self.rows = {}

    def do(self, event, **data):
        answer = self.ask(event, data)
        assert answer["ok"], answer
        return answer

    def see(self, seat, **facts):
        """Wait until the roster says so of a seat; hands back its row."""

        def is_so(_=None):
            row = self.rows.get(seat)
            return row is not None and all(row.get(name) == facts[name] for name in facts)

        while not is_so():
            self.hear_roster()
        return self.rows[seat]

    def named(self, nick):
        """Wait until somebody of this nick is in the roster; hands back the row."""
        while not (found := [row for row in self.rows.values() if row["nick"] == nick]):
            self.hear_roster()
        return found[0]

    def hear_roster(self):
        told = self.hear("roster")
        if told["whole"]:
            self.rows.clear()
        self.rows |= {row["seat"]: row for row in told["seats"]}
        for gone in told["gone"]:
            self.rows.pop(gone, None)
