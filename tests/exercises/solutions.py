"""The solutions of ``notes/solutions/``, and the students whose programs they are.

A :class:`Student` is a seat with a page that watches one exercise. Whoever runs a program for it,
in whatever language, gives it :attr:`Student.token` and asks for :meth:`Student.verdict`.
"""

import re
import threading
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from itsdangerous import URLSafeSerializer

from socketlab.site import exercises

from ..helpers import PATIENCE, ROOT, Client, Person
from .programs import AT

FOLDER = ROOT / "notes/solutions"
# So that a whole class of programs may come from one address at once.
OPTIONS = ("--sessions-burst", "2000", "--sockets-per-address", "500")
FAILS = re.compile(r"(?:#|//) fails (\w+): (.+)")


class Solution(NamedTuple):
    """``check`` is the id of the one that it fails with ``words`` in its verdict; None: right."""

    slug: str
    path: Path
    check: str | None
    words: str

    def text(self, server, token):
        """The program, with the address of the server and the token where it has lines for them."""
        text = self.path.read_text("utf-8")
        if self.path.name == "lines.js":  # in the order in which they stand, without the wrong ones
            text = "\n\n".join(part for part, needed in exercises.blocks(text) if needed)
        return exercises.filled(text, server, token)

    def is_told(self, verdicts, judged):
        """Whether these are its verdicts. Raises AssertionError, with what they were."""
        told = {check: (v["passed"], v["saw"]) for check, v in verdicts.items()}
        if self.check is None:
            assert judged["done"] and judged["passed"] == judged["of"] == len(told), told
            return
        failed = verdicts[self.check]
        assert not judged["done"] and not failed["passed"], told
        assert self.words in failed["saw"] or self.words in failed["expected"], told


def all_in(language):
    """Every solution in "py" or "js", those of one exercise beside each other."""
    return [solution(path) for path in sorted(FOLDER.glob(f"*/*.{language}"))]


def solution(path):
    first = path.read_text("utf-8").partition("\n")[0]
    named = FAILS.fullmatch(first)
    assert named or path.stem == "right", f"{path} does not say what it fails"
    return Solution(path.parent.name, path, *(named.groups() if named else (None, "")))


class Student:
    """A new seat at a server (a tests.helpers.Process), whose page watches one exercise."""

    def __init__(self, server, slug):
        self.slug, self.person = slug, Person(server.url)
        self.token = exercise_token(server, self.person, slug)
        self.seconds = import_module(f"socketlab.lessons.{slug}.exercise").Exercise.seconds
        self.verdicts, self._judged = {}, None
        self._decided, self._ended = threading.Event(), threading.Event()
        self.page = Client()
        self.page.on("checked", self._checked, namespace=AT)
        self.page.on("judged", self._told, namespace=AT)
        auth = {"seat": self.person.token, "exercise": slug, "watch": True}
        self.page.connect(
            server.url,
            namespaces=[AT],
            transports=["websocket"],
            auth=auth,
            wait_timeout=PATIENCE,
        )

    def _checked(self, told):
        self.verdicts[told["check"]] = told
        self._decided.set()

    def _told(self, told):
        self._judged = told
        self._ended.set()

    def first_verdict(self):
        """Wait until a check is decided."""
        assert self._decided.wait(self.seconds + PATIENCE), self.slug

    def verdict(self):
        """``({check: what was told}, what was told of the whole)``, once it is judged."""
        assert self._ended.wait(self.seconds + PATIENCE), (self.slug, self.verdicts)
        return self.verdicts, self._judged

    def leave(self):
        self.page.disconnect()
        self.person.leave()


def exercise_token(server, person, slug):
    """The token that a person's page, or the starter that it offers, has for an exercise."""
    seat_id, nick = signer(server, "seat").loads(person.token.removeprefix("seat."))
    return made_up_token(server, slug, seat_id, nick)


def made_up_token(server, slug, seat_id, nick):
    """The same of a seat that nobody has taken yet, which costs no page."""
    return "seat.exercise." + signer(server, "exercise").dumps([seat_id, nick, slug])


def signer(server, what):
    key = (server.data / "secret_key").read_text()
    return URLSafeSerializer(key, salt=f"socketlab {what}")
