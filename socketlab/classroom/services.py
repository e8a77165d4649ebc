"""What handlers may ask for. One object a server, made by the composition root.

The idiom of Flask's ``current_app``: a handler says ``services().seats`` and never imports
the app, so two apps in one test do not share a seat.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import current_app

from ..limits import Tries
from ..wiretap.reader import RowReader
from .seats import Seats
from .state import Classroom
from .teacher import Teacher, TooManyTries


@dataclass
class Services:
    settings: dict
    seats: Seats
    classroom: Classroom
    tap: Any  # socketlab.wiretap.tap.Tap
    wire: RowReader
    notes: list  # of socketlab.notes.Note, in reading order
    glossary: list  # of terms, as socketlab.glossary shows them
    sources: dict  # slug -> the demo's two files, of socketlab.source.SourceFile
    teacher: Teacher
    now: Callable[[], float]  # ms, server clock
    client_version: str
    delivery: Any
    cutter: Any  # socketlab.server.Wires: who is cut off
    code: str  # what a student types to join
    door_code: str  # what opens /manager in lesson "namespaces"; the teacher reads it out
    join_address: str = ""  # what a phone opens; known once the server listens
    connections: Callable[[], int] = lambda: 0  # () -> how many clients are connected
    sockets: dict = field(default_factory=dict)  # (namespace, sid) -> Seat: who is connected
    dialled: dict = field(default_factory=dict)  # (address, port) -> seat id: our own calls
    code_tries: Tries = field(default_factory=lambda: Tries(most=10, most_in_all=120))
    _kept: dict = field(default_factory=dict)

    def code_fits(self, code, who):
        """Whether this is the class's code, in whatever case. Raises TooManyTries."""
        if self.code_tries.full(who, self.now()):
            raise TooManyTries("too many wrong codes: wait a minute")
        given = code.replace(" ", "").upper() if isinstance(code, str) else ""
        fits = hmac.compare_digest(given.encode("utf-8", "replace"), self.code.encode())
        if not fits:
            self.code_tries.failed(who, self.now())
        return fits

    def keep(self, kind):
        """This server's one object of a class: where a demo keeps what outlives an event."""
        if kind not in self._kept:
            self._kept[kind] = kind()
        return self._kept[kind]


def services() -> Services:
    """The services of the app that handles the current request or event."""
    return current_app.extensions["socketlab"]
