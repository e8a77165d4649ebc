"""A namespace whose sockets have seats and whose events are all answered.

- Every event is answered: with what the handler returns, or with
  ``{"ok": false, "error": "<a sentence>"}`` where it refuses, is unknown or breaks.
- A socket is let in with a seat or not at all. It joins its rooms last, so a client that is
  refused, or still being decided about, hears nothing.
- Nothing is emitted to a whole namespace: ``EVERYONE`` is the room of all who were let in.

Source: Socket.IO protocol v5, "Connection to a namespace"; Flask-SocketIO, "Class-Based
Namespaces".
"""

import logging

from flask import request
from flask_socketio import ConnectionRefusedError, Namespace, join_room

from .payloads import Refused
from .seats import UnknownSeat
from .services import services

log = logging.getLogger("socketlab")

EVERYONE = "everyone"  # the room of all who were let in, robots too
ROBOTS = 8  # a page may open this many sockets besides its own


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


class SeatedNamespace(Namespace):
    """Answers every event, if only to say no; lets in who has a seat."""

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
        if self.services.cutter.broke(seat.id, self.session()):
            raise Refused("this seat is cut off for a while")
        self.services.sockets[self.namespace, request.sid] = seat
        self.services.tap.claim_session(self.session(), seat.id)
        self.check(auth or {})
        self.arrived(robot)
        join_room(EVERYONE)
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

    def session(self):
        """The Engine.IO session under this socket: several namespaces may share it."""
        return self.socketio.server.manager.eio_sid_from_sid(request.sid, self.namespace)


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
