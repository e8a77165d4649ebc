"""What every namespace has in common, so that a demo says only what is new in it.

- Every event is answered: with what the handler returns, or with
  ``{"ok": false, "error": "<a sentence>"}`` where it refuses, is unknown or breaks.
- A socket is let in with a seat or not at all. It joins its rooms last, so a client that is
  refused, or still being decided about, hears nothing.
- Nothing is emitted to a whole namespace: ``HALL`` is the room of all who were let in.

Source: Socket.IO protocol v5, "Connection to a namespace"; Flask-SocketIO, "Class-Based
Namespaces".
"""

import contextlib
import logging
import math
import secrets
from collections import Counter

from flask import request
from flask_socketio import ConnectionRefusedError, Namespace, join_room

from ..meter import Meter
from ..seats import UnknownSeat
from ..services import services
from ..text import BadText, clean

log = logging.getLogger("socketlab")

HALL = "hall"  # everybody in this lesson, robots too
THE_SERVER = {"sid": "", "nick": "the server"}  # who speaks when nobody asked
ROBOTS = 8  # a page may open this many sockets besides its own


class Refused(Exception):
    """A handler's no; its text is the sentence that the client reads, over HTTP with ``status``."""

    def __init__(self, sentence, status=400):
        super().__init__(sentence)
        self.status = status


def need(data, name, longest=200):
    """The text called ``name`` in a payload; refuses a missing, empty or long one."""
    try:
        return clean(data.get(name), name, longest)
    except BadText as error:
        raise Refused(str(error)) from None


def need_number(data, name, least, most):
    """The number called ``name`` in a payload, from ``least`` to ``most``."""
    value = data.get(name)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not least <= value <= most:
        raise Refused(f"{name} must be a number from {least} to {most}")
    return value


def need_whole(data, name, least, most):
    """The whole number called ``name`` in a payload, from ``least`` to ``most``."""
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Refused(f"{name} must be a whole number from {least} to {most}")
    return value


def need_choice(data, name, choices):
    """The text called ``name`` in a payload, one of ``choices``."""
    value = data.get(name)
    if value not in choices:
        raise Refused(f"{name} must be one of {', '.join(choices)}")
    return value


def need_seqs(data, name, most=1000):
    """The list called ``name`` in a payload, numbers of events in any order, as a set."""
    value = data.get(name)
    if not isinstance(value, list) or len(value) > most:
        raise Refused(f"{name} must be a list of at most {most} numbers")
    return {need_whole({name: seq}, name, 1, most) for seq in value}


def check_step(data):
    """Refuse a run that belongs to a prediction until the seat's prediction is locked.

    Without ``step`` the same event is free exploration.
    """
    if "step" in data:
        step = need(data, "step", 64)
        if services().classroom.locked(my_seat().id, step) is None:
            raise Refused(f"lock your prediction for {step} first, then run")


def my_seat():
    """The seat of the socket whose event is being handled."""
    return services().sockets[request.namespace, request.sid]


def me():
    """How a receiver sees the socket whose event is being handled."""
    return {"sid": request.sid, "nick": my_seat().nick}


def my_room():
    """The room of the seat's own pages: all its tabs, none of its robots."""
    return room_of(my_seat().id)


def room_of(seat_id):
    """The room of a seat's own pages, in every namespace."""
    return f"seat:{seat_id}"


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


def need_after():
    """The position named by ``?after=n``: a whole number, 0 where it is left out."""
    text = request.args.get("after", "0")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Refused("after must be a whole number, 0 or more")
    return int(text)


def news(ask):
    """Answer a question for news: ``ask(seat_id, after, now)`` -> ``{"events": […], "next": n}``.

    The tap is told of an answer without news, so that it can count the empty ones.
    """
    answer = ask(here(), need_after(), services().now)
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


class DemoNamespace(Namespace):
    """A namespace that answers every event, if only to say no."""

    def trigger_event(self, event, *args):
        if event == "connect":
            return self._decide(*args)
        if event == "disconnect":
            return super().trigger_event(event, *args)
        try:
            if not isinstance(event, str) or not hasattr(self, f"on_{event}"):
                raise Refused(f"no handler named on_{str(event)[:64]}")
            if len(args) != 2 or not isinstance(args[1], dict):
                raise Refused('send one object with the event, for example {"text": "hello"}')
            return super().trigger_event(event, *args)
        except Refused as no:
            return {"ok": False, "error": str(no)}
        except Exception:
            log.exception("%s in %s failed", event, self.namespace)
            return {"ok": False, "error": "the server made a mistake; its log says which"}

    def _decide(self, sid, *args):
        """Let a socket in, or refuse it with a sentence: there is no third outcome."""
        try:
            return super().trigger_event("connect", sid, *args)
        except (Refused, UnknownSeat) as no:
            refusal = str(no)
        except Exception:
            log.exception("connect to %s failed", self.namespace)
            refusal = "the server could not let you in; its log says why"
        raise ConnectionRefusedError(refusal)

    def on_connect(self, auth):
        try:
            self._sit_down(auth)
        except BaseException:
            self.services.sockets.pop((self.namespace, request.sid), None)
            raise

    def _sit_down(self, auth):
        seat, robot = whose(auth)
        if self.services.wires.broke(seat.id, self.session()):
            raise Refused("this seat is cut off for a while")
        self.services.sockets[self.namespace, request.sid] = seat
        self.services.tap.claim_session(self.session(), seat.id)
        self.check(auth or {})
        self.arrived(robot)
        join_room(HALL)
        if not robot:
            join_room(my_room())

    def on_disconnect(self, reason):
        if (seat := self.services.sockets.pop((self.namespace, request.sid), None)) is not None:
            self.left(seat)

    def check(self, auth):
        """A demo's own condition for coming in; raises Refused."""

    def arrived(self, robot):
        """Called once a socket may come in, before it joins a room and may hear anything."""

    def left(self, seat):
        """Called once a socket that was in has gone, for whatever reason."""

    @property
    def services(self):
        return services()

    def meter(self, lanes):
        """A Meter of these lanes for the seat whose event is being handled, from now on."""
        return Meter(self.services.tap, self.services.now, my_seat().id, lanes)

    def session(self):
        """The Engine.IO session under this socket: several namespaces may share it."""
        return self.socketio.server.manager.eio_sid_from_sid(request.sid, self.namespace)

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


def whose(auth):
    """The seat that a CONNECT packet's ``auth`` names, and which robot of it this is (0: none).

    Without ``auth.seat`` the seat is that of the handshake's cookie or query; without either, a
    new visitor's. Raises UnknownSeat for a token that is not ours.
    """
    auth = {} if auth is None else auth
    if not isinstance(auth, dict):
        raise Refused('auth must be an object, for example {"seat": "…"}')
    robot = auth.get("robot", 0)
    if isinstance(robot, bool) or robot not in range(ROBOTS + 1):
        raise Refused(f"robot must be a whole number from 1 to {ROBOTS}")
    seats = services().seats
    if "seat" in auth:
        return seats.claim(auth["seat"]), robot
    known = seats.get(request.environ.get("socketlab.seat"))
    return known or seats.take(), robot
