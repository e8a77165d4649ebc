"""All that a lesson may import: what its handlers share, so that each says only what is new in it.

What every namespace has in common, and what may be asked of a payload, stands in classroom/.
"""

import contextlib
import secrets
from collections import Counter

from flask import request

from ..classroom.payloads import (
    Refused,
    require_choice,
    require_number,
    require_seqs,
    require_text,
    require_whole,
)
from ..classroom.seated import EVERYONE, SeatedNamespace, me, my_room, my_seat, room_of
from ..classroom.services import services
from ..wiretap.meter import Meter

__all__ = [
    "EVERYONE",
    "LessonNamespace",
    "Refused",
    "me",
    "my_room",
    "my_seat",
    "require_choice",
    "require_number",
    "require_seqs",
    "require_text",
    "require_whole",
    "room_of",
    "services",
]

THE_SERVER = {"sid": "", "nick": "the server"}  # who sends when nobody asked


def check_step(data):
    """Refuse a run that belongs to a prediction until the seat's prediction is locked.

    Without ``step`` the same event is free exploration.
    """
    if "step" in data:
        step = require_text(data, "step", 64)
        if services().classroom.locked(my_seat().id, step) is None:
            raise Refused(f"lock your prediction for {step} first, then run")


def new_run(run=None):
    """The id of one press of a button: random, never given twice; receipts for it are welcome.

    ``run`` is an id that the demo has made itself.
    """
    run = run or secrets.token_urlsafe(6)
    services().classroom.started(run, my_seat().id)
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
    """Count an answer that waits for news; refuse one too many, of the seat or of all."""
    held, settings, seat = services().keep(Held), services().settings, here()
    if held[seat] >= settings["HELD_POLLS_PER_SEAT"] or held.total() >= settings["HELD_POLLS"]:
        raise Refused("too many questions are waiting already: let one be answered first", 429)
    held[seat] += 1
    try:
        yield
    finally:
        held[seat] -= 1
        if not held[seat]:
            del held[seat]


class LessonNamespace(SeatedNamespace):
    """What the namespaces of the lessons can do besides."""

    def meter(self, lanes):
        """A Meter of these lanes for the seat whose event is being handled, from now on."""
        return Meter(self.services.tap, self.services.now, my_seat().id, lanes)

    def then_emit(self, event, data, room):
        """Emit once the event that is being handled has been answered; ``data`` None: nothing.

        ``data`` may be a function that waits for what is to be told.
        """

        def later():
            told = data() if callable(data) else data
            if told is not None:
                self.emit(event, told, room=room)

        self.socketio.start_background_task(later)

    def addressed(self, room):
        """How many sockets an emit to this room goes to."""
        return sum(1 for _ in self.socketio.server.manager.get_participants(self.namespace, room))
