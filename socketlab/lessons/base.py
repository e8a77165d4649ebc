"""All that a lesson may import: what its handlers share, so that each says only what is new in it.

What every namespace has in common, and what may be asked of a payload, stands in classroom/.
"""

import contextlib
import secrets
from collections import Counter

from flask import request

from ..classroom.payloads import (
    require_choice,
    require_flag,
    require_number,
    require_seqs,
    require_text,
    require_whole,
)
from ..classroom.refused import Refused
from ..classroom.seated import (
    EVERYONE,
    OURS,
    SeatedNamespace,
    is_teacher,
    me,
    my_room,
    my_rooms,
    my_seat,
    robot_number,
    room_of,
)
from ..classroom.services import TeachersFact, services
from ..classroom.text import clean
from ..protocols.packets import NO_ACK
from ..wiretap.meter import Meter

__all__ = [
    "EVERYONE",
    "NO_ACK",
    "OURS",
    "LessonNamespace",
    "Refused",
    "TeachersFact",
    "me",
    "my_room",
    "my_rooms",
    "my_seat",
    "require_choice",
    "require_flag",
    "require_number",
    "require_seqs",
    "require_text",
    "require_whole",
    "robot_number",
    "room_of",
    "services",
]

THE_SERVER = {"sid": "", "nick": "the server"}  # who sends when nobody asked
TELL_SECONDS = 0.1  # between two rounds of what is told again and again
ROOM_LONGEST = 40


def room_name(value):
    """A room's name as a client gives it: 1 to 40 characters on one line, nobody's sid."""
    name = clean(value, "room", ROOM_LONGEST)
    if "\n" in name or "\t" in name:
        raise Refused("room must stand on one line")
    if (request.namespace, name) in services().sockets:
        raise Refused("that is a sid: its room is private; whisper to it instead")
    return name


def check_step(data):
    """Refuse a run that belongs to a prediction until the seat's prediction is locked.

    While the class votes on it, the teacher runs it, who needs no prediction. Without ``step`` the
    same event is free exploration.
    """
    if "step" in data and not is_teacher():
        step = require_text(data, "step", 64)
        if services().classroom.is_voted_on(step):
            raise Refused("the vote is open: your teacher runs it")
        if services().classroom.locked(my_seat().id, step) is None:
            raise Refused(f"lock your prediction for {step} first, then run")


def new_run(run=None, seat=None):
    """The id of one press of a button: random, never given twice; receipts for it are welcome.

    ``run`` is an id that the demo has made itself; ``seat`` the id of whose press it is, where
    that came by plain HTTP.
    """
    run = run or secrets.token_urlsafe(6)
    services().classroom.started(run, seat or my_seat().id)
    return run


# For the lanes of a lesson that are plain HTTP


def here():
    """The seat id of an HTTP request, or None for a visitor without one."""
    return request.environ.get("socketlab.seat")


def require_after():
    """The position named by ``?after=n``: a whole number, 0 where it is left out."""
    text = request.args.get("after", "0")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Refused("after must be a whole number, 0 or more")
    return int(text)


def news(ask):
    """Answer a question for news: ``ask(seat_id, after, now)`` -> ``{"events": […], "next": n}``.

    The tap is told of an answer without news, so that it can count the empty ones.
    """
    answer = ask(here(), require_after(), services().now)
    exchange = request.environ.get("socketlab.exchange")
    if exchange and not answer["events"]:
        exchange.mark_empty()
    return answer


class Held(Counter):
    """How many answers each seat lets wait at this moment."""


@contextlib.contextmanager
def held_poll():
    """Count an answer that waits for news; refuse one too many, of the seat or of all.

    It counts while its client waits: if the client hangs up, the request ends.
    """
    held, settings, seat = services().keep(Held), services().settings, here()
    if held[seat] >= settings["HELD_POLLS_PER_SEAT"] or held.total() >= settings["HELD_POLLS"]:
        sentence = "too many questions are waiting already: let one be answered first"
        raise Refused(sentence, 429, "held_polls")
    held[seat] += 1
    try:
        with request.environ["socketlab.connection"].while_client_waits():
            yield
    finally:
        held[seat] -= 1
        if not held[seat]:
            del held[seat]


class LessonNamespace(SeatedNamespace):
    """What the namespaces of the lessons can do besides."""

    keeps_back = 0.2  # where too much happens at once the demos give way, not what drives the class

    def __init__(self, namespace=None):
        super().__init__(namespace)
        self._telling = set()  # names of what is being told again and again

    def now(self):
        """The server's clock in ms."""
        return self.services.now()

    def addressed_by(self, event, sent, sids):
        """An event of the seat whose event is being handled left for these sockets.

        ``event`` is its name, ``sent`` its payload, with run, seq and sent_at. Whose handlers
        confirm it is lit on the wall.
        """
        sockets = self.services.sockets
        seats = {
            sockets[self.namespace, sid].id for sid in sids if (self.namespace, sid) in sockets
        }
        run, seq, sent_at = sent["run"], sent["seq"], sent["sent_at"]
        self.services.classroom.addressed(run, seats, my_seat().id, sent_at, seq, event)

    def meter(self, lanes):
        """A Meter of these lanes for the seat whose event is being handled, from now on."""
        return Meter(self.services.tap, self.services.now, my_seat().id, lanes)

    def then_emit(self, event, data, room):
        """Emit once the event that is being handled has been answered; ``data`` None: nothing.

        ``data`` may be a function that waits for what is to be told.
        """

        seat = my_seat().id

        def later():
            told = data() if callable(data) else data
            if told is not None:
                with self.services.deliveries.charged_to(seat):
                    self.emit(event, told, room=room)

        self.socketio.start_background_task(later)

    def keep_telling(self, tell):
        """Call ``tell()`` soon, and then ten times a second while it returns True.

        However much happens meanwhile, what is told of it is told at that pace. Calling this
        again while it goes on changes nothing.
        """
        if tell.__name__ not in self._telling:
            self._telling.add(tell.__name__)
            self.socketio.start_background_task(self._tell_on, tell)

    def _tell_on(self, tell):
        try:
            while tell():
                self.socketio.sleep(TELL_SECONDS)
        finally:
            self._telling.discard(tell.__name__)
