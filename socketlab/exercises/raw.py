"""/exercise/<slug>/raw: a student's program that speaks HTTP and WebSocket itself, byte by byte.

    GET /exercise/<slug>/raw?seat=TOKEN    what it asks for is the judge's event "request" {"text"}
    each frame after the 101               the judge's event "frame" {"hex"}
    each verdict                           a text frame: a JSON array of a name and an object

So one judge serves both ways, this one and Socket.IO. Frames come as they crossed, wrong ones
too: see server/bare.py for why no library reads them. The seat is the token's of the query, never
a cookie's: a page of a stranger could open this address, and a browser would send the cookie.

A request that no server can read never gets to an application. It is judged all the same if it
names a seat: a missing line end is the first thing that goes wrong with a raw socket.

Source: RFC 6455, sections 4.1, 4.2.2 and 5.2; RFC 9110, sections 7.8 and 15.5.22.
"""

import json
import re
from typing import Any

from flask import Blueprint, Response, abort, request

from ..classroom.passes import AT, is_pass
from ..classroom.payloads import Payload
from ..classroom.refused import Refused
from ..classroom.seats import Seat, UnknownSeat
from ..classroom.services import Services, services
from .attempts import Attempt, Attempts, ProgramConnection, Then

FRAME_BYTES = 4096  # of a payload that is read
LATER = 5.0  # seconds after the judge's own end of time: then nobody waits any more
WHO = "put the token of your seat into the query: ?seat=TOKEN"
STATUS = {429: "429 Too Many Requests", 503: "503 Service Unavailable"}
WANTED = {"Upgrade": "websocket", "Sec-WebSocket-Version": "13"}

_TARGET = re.compile(rb"\s*\S+ /exercise/([a-z0-9]+)/raw\?(?:[^\s#]*&)?seat=([\w.-]+)")

bp = Blueprint("exercise_raw", __name__)


class RawProgram:
    """A program on a bare WebSocket, or one that has only asked for it so far."""

    def __init__(self, here: Services, seat: Seat, slug: str, exchange: Any) -> None:
        """Begins an attempt. Raises Refused."""
        self.websocket: Any = None
        self.early: list[str] = []  # what was to be said before there was one
        tapped = exchange.connection
        self.connection = ProgramConnection(
            self.tell, self.cut, lambda: here.tap.newest_on(tapped), self.hang_up
        )
        exchange.claim(seat.id)  # first, so that its row is there
        self.attempt: Attempt = here.keep(Attempts).begin(seat.id, slug, self.connection)

    def asks(self, head: bytes) -> dict[str, Any]:
        """What the judge says to its request: ``{"ok", "status"}`` or an error. Raises Refused."""
        return self.attempt.handle("request", {"text": head.decode("latin-1")})

    def run(self, websocket: Any) -> None:
        """Hands the judge each frame, until it is over."""
        self.websocket = websocket
        for text in self.early:
            websocket.send(text)
        while not self.attempt.over and (data := websocket.read()):
            try:
                self.attempt.handle("frame", {"hex": data.hex()})
            except Refused:
                break  # it is over
        self.attempt.left(self.connection)

    def tell(self, event: str, data: Payload, then: Then | None) -> None:
        text = json.dumps([event, data], ensure_ascii=False)
        if self.websocket is None:
            self.early.append(text)
            return
        self.websocket.send(text)
        if event == "judged":
            self.hang_up()

    def hang_up(self) -> None:
        if self.websocket is not None:
            self.websocket.close()

    def cut(self) -> None:
        if self.websocket is not None:
            self.websocket.cut()


def seat_of(here: Services, token: object, slug: str) -> Seat:
    """The seat of a token, of a seat or of this exercise. Raises Refused."""
    return here.passes.claim(token, AT, slug) if is_pass(token) else here.seats.claim(token)


@bp.get("/exercise/<slug>/raw", websocket=True)
@bp.get("/exercise/<slug>/raw")  # of a request that does not ask for one, or not quite
def raw(slug: str) -> Response | str:
    here, environ = services(), request.environ
    judge = here.exercises.get(slug)
    if judge is None or not judge.raw:
        abort(404)
    if not environ["socketlab.connection"].can_upgrade:
        return said("501 Not Implemented", "Sockets need the server of this project.")
    try:
        seat = seat_of(here, request.args.get("seat"), slug)
    except UnknownSeat:
        return said("403 Forbidden", WHO)
    except Refused as no:
        return said("403 Forbidden", str(no))
    try:
        exchange = environ["socketlab.exchange"]
        program = RawProgram(here, seat, slug, exchange)
        answer = program.asks(exchange.crossed())
    except Refused as no:
        here.reached.note(no.limit)
        return said(STATUS.get(no.status, "409 Conflict"), str(no))
    if not answer["ok"]:
        return said(answer["status"], answer["error"])
    here.take_over(environ, program.run, FRAME_BYTES, judge.seconds + LATER)
    return ""


def said(status: str, sentence: str) -> Response:
    """A refusal, after which nothing more is read: frames that follow would be taken for HTTP."""
    answer = Response(f"{sentence}\n", status, {"Connection": "close"}, "text/plain")
    if status.startswith("426"):
        answer.headers.update(WANTED)
    return answer


def unread(here: Services, exchange: Any, data: bytes) -> None:
    """A request that could not be read: judged, where it names a seat and an exercise."""
    target = _TARGET.match(data)
    if target is None:
        return
    slug, token = (part.decode("ascii", "replace") for part in target.groups())
    judge = here.exercises.get(slug)
    if judge is None or not judge.raw:
        return
    try:
        RawProgram(here, seat_of(here, token, slug), slug, exchange).asks(data)
    except Refused:
        pass  # the answer of the server says what is wrong
