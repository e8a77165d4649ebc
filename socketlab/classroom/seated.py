"""A namespace whose sockets have seats and whose events are all answered.

- Every event is answered: with what the handler returns, or with
  ``{"ok": false, "error": "<a sentence>"}`` where it refuses, is unknown or breaks.
- A socket is let in with a seat or not at all. It joins its rooms last, so a client that is
  refused, or still being decided about, hears nothing.
- What a handler sends is charged to the socket's seat: one that sends too much is refused.
- Nothing is emitted to a whole namespace: ``EVERYONE`` is the room of all who were let in.
  Where a lesson teaches just that, the server's manager sends it to those who were let in.

Source: Socket.IO protocol v5, "Connection to a namespace"; Flask-SocketIO, "Class-Based
Namespaces".
"""

import logging
from time import monotonic
from typing import Any

import flask
from flask_socketio import ConnectionRefusedError, Namespace, join_room, rooms

from .identity import TEACHER_COOKIE
from .passes import is_pass
from .payloads import Payload
from .refused import Refused
from .seats import Seat
from .services import Services, services

log = logging.getLogger("socketlab")
request: Any = flask.request  # Flask-SocketIO adds sid and namespace to it

Answer = dict[str, Any]  # {"ok": True, …}: what a handler returns is the acknowledgement

# Rooms of our own have names that nobody can type: a text with a control character is refused.
OURS = "\x00"
EVERYONE = OURS + "everyone"  # the room of all who were let in, robots too
NO_ORIGIN = "a page without an origin comes in by the token of an exercise, and by nothing else"
TOO_MUCH = "too much is being sent at once: try again in a moment"
TOO_FAST = {
    "events_per_second_per_seat": "too fast: your connections together send too many events",
    "events_per_second_of_all": TOO_MUCH,
}
OPAQUE = "socketlab.opaque"  # in the environ of a page without an origin, which is nobody
ROBOTS = 8  # a page may open this many sockets besides its own


def my_seat() -> Seat:
    """The seat of the socket whose event is being handled."""
    return services().sockets[request.namespace, request.sid]


def is_teacher() -> bool:
    """Whether the socket whose event is being handled is one of the teacher's own pages.

    A robot of a rehearsal runs in the teacher's browser, which sends the cookie along: it is none.
    Nor is a program that shows an exercise token, wherever it runs.
    """
    cookie = request.cookies.get(TEACHER_COOKIE)
    if not cookie or (request.namespace, request.sid) in services().by_pass:
        return False
    return not my_seat().robot and services().teacher.owns(cookie)


def me() -> dict[str, str]:
    """How a receiver sees the socket whose event is being handled."""
    return {"sid": request.sid, "nick": my_seat().nick}


def my_room() -> str:
    """The room of the seat's own pages: all its tabs, none of its robots."""
    return room_of(my_seat().id)


def my_rooms() -> list[str]:
    """The rooms that the socket joined by an event: not its private one, and none of ours."""
    return sorted(room for room in rooms() if room != request.sid and not room.startswith(OURS))


def room_of(seat_id: str) -> str:
    """The room of a seat's own pages, in every namespace."""
    return f"{OURS}seat {seat_id}"


class SeatedNamespace(Namespace):
    """Answers every event, if only to say no; lets in who has a seat.

    ``services`` is set by the composition root, so that background tasks have them too.
    """

    keeps_back = 0.0  # of what all seats may send: when less is left, the busiest are refused
    strict_events = True  # one object per event, names like ours, no bytes: the server sees to it
    services: Services

    def trigger_event(self, event: Any, *args: Any) -> Any:
        if event == "connect":
            return self._decide(*args)
        if event == "disconnect":
            return super().trigger_event(event, *args)
        try:
            if not isinstance(event, str) or not hasattr(self, f"on_{event}"):
                raise Refused(f"no handler named on_{str(event)[:64]}")
            if len(args) != 2 or not isinstance(args[1], dict):
                raise Refused('send one object with the event, for example {"text": "hello"}')
            return self._at_its_cost(event, *args)
        except Refused as no:
            self.services.reached.note(no.limit)
            return {"ok": False, "error": str(no)}
        except Exception:
            log.exception("%s in %s failed", event, self.namespace)
            return {"ok": False, "error": "the server made a mistake; its log says which"}

    def _at_its_cost(self, event: str, sid: str, data: Payload) -> Any:
        """Have the event handled at its sender's cost: many small events can be many deliveries."""
        here = self.services
        seat, deliveries = here.sockets[self.namespace, sid].id, here.deliveries
        if limit := here.events.refusal(seat, monotonic(), self.keeps_back):
            raise Refused(TOO_FAST[limit], limit=limit)
        if not deliveries.allows(seat):
            raise Refused(TOO_MUCH, limit=deliveries.limit_of(seat))
        with deliveries.charged_to(seat):
            answer = super().trigger_event(event, sid, data)
        if isinstance(answer, dict) and answer.get("ok") is True:
            self._tell_judge(sid, "event", event, data)
        return answer

    def _tell_judge(self, sid: str, what: str, *told: Any) -> None:
        """A student's program may be judged by what it does here too, on the same connection.

        On another one it is known by its exercise token: by the seat's own it may be a page.
        """
        if not self.services.judged:
            return  # nobody: most of the time
        here, session = self.services, self.session_of(sid)
        seat, attempt = here.sockets.get((self.namespace, sid)), here.judged.get(session)
        if attempt is None and (self.namespace, sid) in here.by_pass and what != "left":
            running = (
                one
                for one in here.judged.values()
                if seat and one.concerns(seat.id, self.namespace)
            )
            attempt, what, told = next(running, None), "elsewhere", (session, False)
        if attempt is not None and seat and attempt.concerns(seat.id, self.namespace):
            attempt.saw(what, self.namespace, *told)

    def _tell_refusal(self, sid: str, sentence: str) -> None:
        """The judge hears of a refusal now, or when the program on this connection comes to it."""
        here, session = self.services, self.session_of(sid)
        seat = here.sockets.get((self.namespace, sid))
        if seat is not None and session not in here.judged:
            here.turned_away[session, self.namespace] = seat.id, sentence
        self._tell_judge(sid, "refused", sentence)

    def judge_opens(self, auth: Payload) -> bool:
        """Whether the judge of the program on this connection has told it how to come in here."""
        attempt = self.services.judged.get(self.session())
        return attempt is not None and bool(attempt.opens(my_seat().id, self.namespace, auth))

    def _decide(self, sid: str, *args: Any) -> Any:
        """Let a socket in, or refuse it with a sentence: there is no third outcome."""
        try:
            return super().trigger_event("connect", sid, *args)
        except Refused as no:
            self.services.reached.note(no.limit)
            refusal = str(no)
        except Exception:
            log.exception("connect to %s failed", self.namespace)
            refusal = "the server could not let you in; its log says why"
        except BaseException:  # it took too long, or the client has gone
            self.services.left(self.namespace, sid)
            raise
        self._tell_refusal(sid, refusal)
        self.services.left(self.namespace, sid)
        raise ConnectionRefusedError(refusal)

    def on_connect(self, auth: Payload | None) -> None:
        seat = seat_named_by(auth)
        if self.services.cutter.broke(seat.id, self.session()):
            raise Refused("this seat is cut off for a while")
        self.services.sockets[self.namespace, request.sid] = seat
        if is_pass((auth or {}).get("seat")):
            self.services.by_pass.add((self.namespace, request.sid))
        self.services.tap.claim_session(self.session(), seat.id)
        self.arrive(auth or {})
        join_room(EVERYONE)
        if not robot_number(auth):
            join_room(my_room())
        self.services.arrived(self.namespace, request.sid, self.session(), is_teacher())
        self._tell_judge(request.sid, "joined")

    def arrive(self, auth: Payload) -> None:
        """A namespace's own condition for coming in (raises Refused), and what it prepares."""

    def on_disconnect(self, reason: str) -> None:
        self._tell_judge(request.sid, "left")
        self.services.left(self.namespace, request.sid)

    def session(self) -> str:
        """The Engine.IO session under this socket: several namespaces may share it."""
        return self.session_of(request.sid)

    def session_of(self, sid: str) -> str:
        """The Engine.IO session under a socket of this namespace."""
        session: str = self.socketio.server.manager.eio_sid_from_sid(sid, self.namespace)
        return session

    def addressed(self, room: str | list[str]) -> int:
        """How many sockets an emit to this room, or these rooms, goes to."""
        return len(self.members(room))

    def members(self, room: str | list[str]) -> list[str]:
        """The sids of the sockets in a room or in several, each once, in the order they joined."""
        return [
            sid for sid, _ in self.socketio.server.manager.get_participants(self.namespace, room)
        ]


def robot_number(auth: Payload | None) -> int:
    """Which robot of its seat a socket says that it is; 0 is the page itself."""
    robot = (auth or {}).get("robot", 0)
    if isinstance(robot, bool) or robot not in range(ROBOTS + 1):
        raise Refused(f"robot must be a whole number from 1 to {ROBOTS}")
    number: int = robot
    return number


def seat_named_by(auth: object) -> Seat:
    """The seat that a CONNECT packet's ``auth`` names.

    Without ``auth.seat`` the seat is that of the handshake's cookie or query; without either, a
    new visitor's. Raises UnknownSeat for a token that is not ours. An exercise token will do where
    it opens the namespace; on a page that may hold anybody's code, nothing else does.
    """
    auth = {} if auth is None else auth
    if not isinstance(auth, dict):
        raise Refused('auth must be an object, for example {"seat": "…"}')
    robot_number(auth)
    here, seats = services(), services().seats
    if is_pass(token := auth.get("seat")):
        return here.passes.claim(token, request.namespace, auth.get("exercise"))
    if request.environ.get(OPAQUE):
        raise Refused(NO_ORIGIN)
    if "seat" in auth:
        return seats.claim(auth["seat"])
    known = seats.get(request.environ.get("socketlab.seat"))
    return known or seats.take()
