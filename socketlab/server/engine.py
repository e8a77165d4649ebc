"""Puts Flask-SocketIO together with our parts: driver, queue, sessions, packet guard, JSON.

Only places that the libraries offer are used (driver table, JSON module, event handlers), with
one exception that says so where it is (session.py).
"""

from functools import partial
from time import monotonic

from flask_socketio import SocketIO

from ..limits import TokenBucket
from ..protocols import packets, strict_json
from ..protocols.websocket import BINARY, TEXT, frame
from .dispatcher import PacketDispatcher
from .driver import Driver
from .send_queue import SendQueue
from .session import Session
from .timers import TimerQueue
from .writer import FlushScheduler


def build_socketio(app, tap, settings):
    """A Flask-SocketIO server for ``app`` whose connections run in our engine room.

    The origin is not checked here: that is the door's work, for pages as well.
    """
    socketio = SocketIO(
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
    )
    server = socketio.server
    server.namespaces = []  # only those that have a handler
    server.context = EngineContext(server, tap, settings)
    return socketio


def connections(socketio):
    """How many Engine.IO sessions are live."""
    return len(socketio.server.eio.sockets)


class EngineContext:
    """The engine room: limits, timers and tables that all connections share."""

    def __init__(self, server, tap, settings):
        self.tap, self.settings, self.clock = tap, settings, monotonic
        self.message_bytes = settings["MESSAGE_BYTES"]
        self.fragments = settings["FRAGMENTS"]
        self.output_packets = settings["OUTPUT_PACKETS"]
        self.output_bytes = settings["OUTPUT_BYTES"]
        self.stall_seconds = settings["STALL_SECONDS"]
        self.fell_behind = 0  # clients given up because they did not keep up
        self.flushes = FlushScheduler(tap.now)
        self.dispatcher = PacketDispatcher(server, self)
        self.pings = TimerQueue(settings["PING_SECONDS"], Session.ping)
        self.pongs = TimerQueue(settings["PONG_SECONDS"], lambda due: due[0].check_pong(due[1]))
        self.connects = TimerQueue(settings["CONNECT_SECONDS"], Session.check_joined)
        self.last = None, None
        self.eio = eio = server.eio
        self.handlers = dict(eio.handlers)
        eio.handlers["connect"] = self.arrived
        eio.handlers["disconnect"] = self.gone
        eio._async = {
            **eio._async,
            "websocket": lambda handler, server: Driver(handler, self),
            "queue": partial(SendQueue, self),
        }

    def arrived(self, sid, environ):
        """A new Engine.IO session."""
        Session.adopt(self.eio.sockets[sid], self, environ)
        environ["socketlab.exchange"].belong(sid)
        return self.handlers["connect"](sid, environ)

    def gone(self, sid, reason):
        """An Engine.IO session is over."""
        try:
            self.handlers["disconnect"](sid, reason)
        finally:
            self.tap.end_session(sid)

    def owner(self, session):
        """What a session counts under: (seat, None) or (None, address)."""
        seat = self.tap.seat_of(session.sid) or session.seat
        return (None, session.address) if seat is None else (seat, None)

    def sessions_of(self, owner):
        """How many live sessions a seat has, or an address without one."""
        return sum(1 for session in list(self.eio.sockets.values()) if self.owner(session) == owner)

    def crowded(self, session):
        """Whether the seat that a session has just named has too many of them."""
        owner = self.owner(session)
        return owner[0] is not None and self.sessions_of(owner) > self.settings["SOCKETS_PER_SEAT"]

    def framed(self, message):
        """(frame, what the tap keeps of it), made once while the same message goes to many."""
        if message is not self.last[0]:
            text = isinstance(message, str)
            data = frame(message.encode() if text else message, TEXT if text else BINARY)
            (captured,) = self.tap.redactor.frames([data], packets.label(message), message)
            self.last = message, (data, captured)
        return self.last[1]

    def bucket(self):
        """A bucket for the control frames of one connection."""
        settings = self.settings
        return TokenBucket(
            settings["EVENTS_PER_SECOND"], 5 * settings["EVENTS_BURST"], self.clock()
        )
