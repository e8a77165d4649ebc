"""Puts Flask-SocketIO together with our parts: sessions, dispatcher, timers, JSON.

What the libraries offer is used where they offer it; the rest is named in seams.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any
from wsgiref.types import WSGIEnvironment

import socketio as python_socketio
from flask import Flask
from flask_socketio import SocketIO

from ..limits import Latest, TokenBucket
from ..protocols import packets, strict_json
from ..protocols.websocket import BINARY, TEXT, frame
from . import seams
from .dispatcher import OutgoingPacket, PacketDispatcher
from .manager import RoomManager
from .output import Output
from .questions import OpenQuestions
from .refusals import Refusals
from .send_queue import SendQueue
from .session import OPAQUE, Session
from .timers import TimerQueue
from .turns import Turns
from .writer import FlushScheduler, Writer

if TYPE_CHECKING:
    from .bare import BareWebSocket

KEPT_OUT = 4096  # owners that may not come back for a while

Owner = tuple[str | None, str | None]  # (seat, None), or (None, address) of a client without one


def build_socketio(app: Flask, tap: Any, settings: dict[str, Any]) -> SocketIO:
    """A Flask-SocketIO server for ``app`` that runs with our sessions and limits.

    The origin is not checked here: AdmissionMiddleware does that, for pages as well.
    """
    socketio = seams.EventSocketIO(
        app,
        async_mode="gevent",
        async_handlers=False,  # the events of one client are handled in the order they came
        manage_session=False,
        http_compression=False,
        monitor_clients=False,  # our sessions watch themselves
        cors_allowed_origins=[],
        max_http_buffer_size=settings["MESSAGE_BYTES"],
        ping_interval=settings["PING_SECONDS"],
        ping_timeout=settings["PONG_SECONDS"],
        json=strict_json,
        serializer=OutgoingPacket,
        client_manager=RoomManager(),
    )
    server = socketio.server
    server.namespaces = []  # only those that have a handler
    server.context = EngineContext(server, tap, settings)
    return socketio


def connections(socketio: SocketIO) -> int:
    """How many Engine.IO sessions are live."""
    return len(socketio.server.eio.sockets)


def line_of(socketio: SocketIO, session_id: str) -> tuple[str | None, float | None]:
    """How a session's connection is: its transport, and its last round trip in ms, if known."""
    session = socketio.server.eio.sockets.get(session_id)
    if session is None:
        return None, None
    return "polling" if session.driver is None else "websocket", session.round_trip


def check_pong(due: tuple[Session, float]) -> None:
    """A ping was sent to a session, and the time for its answer is over."""
    session, asked = due
    session.check_pong(asked)


class EngineContext:
    """Limits, timers, tables and counters that all connections of one server share."""

    def __init__(self, server: python_socketio.Server, tap: Any, settings: dict[str, Any]) -> None:
        self.tap, self.settings, self.clock = tap, settings, monotonic
        self.message_bytes: int = settings["MESSAGE_BYTES"]
        self.fragments: int = settings["FRAGMENTS"]
        self.output_packets: int = settings["OUTPUT_PACKETS"]
        self.output_bytes: int = settings["OUTPUT_BYTES"]
        self.stall_seconds: float = settings["STALL_SECONDS"]
        # Told of each request that could not be read: its exchange, and the bytes of its head.
        self.unread: Callable[[Any, bytes], object] = lambda exchange, head: None
        self.bare: set[BareWebSocket] = set()  # those that are open
        self.fell_behind = 0  # clients given up because they did not keep up
        self.refusals = Refusals(settings["LOG_LINES_PER_SECOND"])
        self.reached = self.refusals.reached  # how often each limit was
        self.output = Output(settings["OUTPUT_TOTAL_BYTES"], self.close_furthest_behind)
        self.kept_out: Latest[Owner, float] = Latest(KEPT_OUT)  # until when
        self.owners: Counter[Owner] = Counter()  # how many live sessions each has
        self.turns = Turns()
        self.flushes = FlushScheduler(tap)
        self.writers: dict[str, Writer] = {}  # of the sessions that take frames as they are, by id
        self.dispatcher = PacketDispatcher(server, self)
        server.manager.questions = OpenQuestions(server.manager, self)
        self.pings = TimerQueue(settings["PING_SECONDS"], Session.ping)
        self.pongs = TimerQueue(settings["PONG_SECONDS"], check_pong)
        self.connects = TimerQueue(settings["CONNECT_SECONDS"], Session.check_joined)
        self.attachments = TimerQueue(settings["CONNECT_SECONDS"], self.check_attachments)
        self.last: tuple[Any, Any] = None, None
        self.server, self.eio = server, server.eio
        self.library_connect = self.eio.handlers["connect"]
        self.eio.create_queue = partial(SendQueue, self)
        seams.say_plain_ok(self.eio)
        self.read_counters()
        self.eio.on("connect", self.session_began)
        self.eio.on("disconnect", self.session_ended)

    def session_began(self, sid: str, environ: WSGIEnvironment) -> Any:
        """A new Engine.IO session."""
        session = Session.adopt(self.eio.sockets[sid], self, environ)
        session.cookie = environ.get("HTTP_COOKIE")
        session.opaque = OPAQUE in environ
        self.count(session)
        self.connects.put(session)
        environ["socketlab.exchange"].belong(sid)
        return self.library_connect(sid, environ)

    def check_attachments(self, due: tuple[Session, float]) -> None:
        """A session announced attachments, and the time for them is over."""
        self.dispatcher.overdue(*due)

    def session_ended(self, sid: str, reason: str) -> None:
        """An Engine.IO session is over."""
        try:
            self.dispatcher.leave_all(sid, reason)
        finally:
            environ = self.server.environ.pop(sid, None) or {}
            environ.pop(seams.REQUEST, None)  # or the two would keep each other
            self.tap.end_session(sid)

    def close_furthest_behind(self) -> bool:
        """Gives up the client for which most is waiting; False where nothing waits."""
        largest = max(self.eio.sockets.values(), key=Session.waiting_bytes, default=None)
        if largest is None or not largest.waiting_bytes():
            return False
        largest.give_up()
        return True

    # Whose the sessions are

    def owner(self, session: Session) -> Owner:
        """What a session counts under: (seat, None) or (None, address)."""
        seat = self.tap.seat_of(session.sid) or session.seat
        return (None, session.address) if seat is None else (seat, None)

    def count(self, session: Session) -> None:
        """Counts a session under its owner, once it lives and again when it is claimed."""
        if session.closed:
            return
        self.uncount(session)
        session.owner = self.owner(session)
        self.owners[session.owner] += 1

    def uncount(self, session: Session) -> None:
        """The session is over, or about to be counted under another owner."""
        if session.owner is not None:
            self.owners[session.owner] -= 1
            if not self.owners[session.owner]:
                del self.owners[session.owner]
            session.owner = None

    def sessions_of(self, owner: Owner) -> int:
        """How many live sessions a seat has, or an address without one."""
        return self.owners[owner]

    def over_seat_limit(self, session: Session) -> bool:
        """Whether the seat that a session has just named has too many of them."""
        seat, _ = owner = self.owner(session)
        return seat is not None and self.sessions_of(owner) > self.settings["SOCKETS_PER_SEAT"]

    def keep_out(self, session: Session) -> None:
        """Whoever this session is of does not get another one for a while."""
        self.kept_out[self.owner(session)] = self.clock() + self.settings["REFUSAL_SECONDS"]

    def seconds_out(self, owner: Owner) -> float:
        """For how long an owner is still kept out; 0 or less: not at all."""
        return self.kept_out.get(owner, 0.0) - self.clock()

    def no_place_for(self, session: Session) -> tuple[str, str] | None:
        """Why the seat that a session has just named may not have it: (sentence, limit)."""
        owner = self.owner(session)
        if self.over_seat_limit(session):
            return "too many sockets for one seat", "sockets_per_seat"
        if (seconds := self.seconds_out(owner)) > 0:
            return f"too fast before: come back in {seconds:.0f} s", "refusal_seconds"
        return None

    # For the health page

    def read_counters(self) -> None:
        """What is counted where it happens, and read when somebody asks."""
        self.reached.read_from("turns", lambda: self.turns.waited)
        self.reached.read_from("output_bytes", lambda: self.fell_behind)
        self.reached.read_from("output_total_bytes", lambda: self.output.dropped)
        self.reached.read_from("tap", lambda: self.tap.dropped)

    def stats(self) -> dict[str, Any]:
        """Live sessions, clients given up for being slow, and what was refused, by kind.

        The kinds are ``"HTTP <status>"``, "connection" (no place for it), "request" (broken off
        in the middle), "session" (ended for what it sent), "CONNECT" and "event".
        """
        return {
            "sessions": len(self.eio.sockets),
            "fell_behind": self.fell_behind,
            "refused": dict(self.refusals.counts),
            "output": self.output.stats(),
            "limits": self.reached.counts(),
        }

    # What every WebSocket needs

    def framed(self, message: str | bytes) -> tuple[bytes, Any]:
        """(frame, what the tap keeps of it), made once while the same message goes to many."""
        if message is not self.last[0]:
            if isinstance(message, str):
                data = frame(message.encode(), TEXT)
            else:
                data = frame(message, BINARY)
            (captured,) = self.tap.redactor.frames([data], packets.label(message), message)
            self.last = message, (data, captured)
        result: tuple[bytes, Any] = self.last[1]
        return result

    def bucket(self) -> TokenBucket:
        """A bucket for the control frames of one connection."""
        settings = self.settings
        return TokenBucket(
            settings["EVENTS_PER_SECOND"], 5 * settings["EVENTS_BURST"], self.clock()
        )
