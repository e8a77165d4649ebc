"""What this project asks of its libraries that they do not promise: all of it, in one place.

gevent, Engine.IO, python-socketio and Flask-SocketIO offer most of what we need as parameters,
as methods to call, and as methods to override. The rest is named in SEAMS: private parts, and
parts without an underscore that no page of their documentation mentions. No other module uses
a private name of these libraries; a test reads the syntax trees. Each seam has a canary in
tests/server/test_seams.py, which says what a new release of a library broke.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import engineio
import engineio.packet
import engineio.socket
import socketio
from flask import Flask, Request
from flask.ctx import RequestContext
from flask.globals import _cv_app, _cv_request
from flask.sessions import SessionMixin
from flask.signals import request_tearing_down
from flask_socketio import ConnectionRefusedError, SocketIO
from gevent import get_hub
from gevent.pywsgi import Input
from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from gevent.socket import socket
    from werkzeug.routing import MapAdapter

SEAMS = {  # the part of a library -> what is asked of it, and what depends on that
    "gevent.pywsgi.Input._discard": (
        "called after each response, to read what is left of the body; RequestBody overrides it, "
        "or a client that announces a body and sends none would hold its connection for ever"
    ),
    "gevent.pywsgi.WSGIHandler(rfile=)": (
        "the request is read from what is given here; our reader knows each byte that it handed "
        "out, and the tap shows them"
    ),
    "gevent.pywsgi.WSGIHandler.socket": (
        "a response is written by its sendall and by nothing else; handler.py puts the tap there"
    ),
    "gevent.socket.socket._sock": (
        "the system's own socket, non-blocking; its send takes what the system takes and never "
        "waits, and every broadcast is written by it, without gevent's check for a timeout"
    ),
    "gevent.socket.socket._wait(_read_event)": (
        "waits until something has arrived, as recv does once it has found nothing; the reader "
        "knows when there is nothing, and spares the system a question and Python an exception"
    ),
    "gevent.hub.Hub.loop.iteration": (
        "counts the rounds of the event loop; in each of them a seat is served only so much"
    ),
    "engineio.socket.Socket.__class__": (
        "may be assigned; Engine.IO makes its sessions itself and offers no place for a class of "
        "ours, and it goes on with the object it made, so that one has to become a Session"
    ),
    "engineio.socket.Socket attributes": (
        "sid, server, queue, last_ping, connected, upgrading, upgraded, closing and closed say "
        "how a session stands; Session reads and sets them"
    ),
    "engineio.Server.create_queue": (
        "makes the queue of each session; assigned on the server at hand, so that a session has "
        "the queue with an end from its first packet on"
    ),
    "engineio.Server.sockets": "the live sessions by id; admission and the timers look there",
    "engineio.Server.handlers": "the handler of python-socketio for connect, which ours calls",
    "engineio.Server.handle_request": (
        "gives back as it is what a session's handle_get_request returns, unless it is a list; "
        "a WebSocket ends with an empty tuple, after which nothing is written"
    ),
    "engineio.Server._ok": (
        "makes the answer to a polling request; to a POST it says OK where the protocol says ok"
    ),
    "socketio.Manager.callbacks": (
        "sid -> {number: the function that waits for a client's answer}, with a counter under 0; "
        "questions.py lets go of those that are too many or too old"
    ),
    "socketio.packet.Packet attributes": (
        "packet_type, namespace, id and data are what is to be sent; OutgoingPacket writes them. "
        "With uses_binary_events off, the library leaves the search for bytes to it"
    ),
    "socketio.Server._trigger_event": (
        "finds the handler of an event, calls it, and hands back what it returns or raises; the "
        "dispatcher runs every handler by it"
    ),
    "socketio.Server.not_handled": "what _trigger_event returns where there is no handler",
    "socketio.Server._send_eio_packet": (
        "hands a packet to a session; Flask-SocketIO's test client puts itself in its place, and "
        "would hear nothing of what our manager sends by another way"
    ),
    "socketio.Server.environ": (
        "the request of a session by its id, which Flask's request in a handler is made of"
    ),
    "flask_socketio.SocketIO._handle_event": (
        "runs a handler in Flask's context; EventSocketIO overrides it, because making that "
        "context from the start for each event took half of an event's time"
    ),
    "flask_socketio.SocketIO attributes": (
        "manage_session, exception_handlers and default_exception_handler, which the library's "
        "own _handle_event reads, and so does ours"
    ),
    "flask.ctx.RequestContext attributes": (
        "what its methods keep in an instance; EventContext, a subclass, is made without its "
        "constructor, which would look up an URL that no event has"
    ),
    "flask.globals._cv_app, _cv_request": (
        "where the contexts in force stand; EventContext puts itself there as its base class does"
    ),
}


class RequestBody(Input):
    """A request's body; what nobody reads of it is never waited for."""

    __slots__ = ()

    def _discard(self) -> None:
        pass

    def unread(self) -> int:
        """Bytes of the body that the application has not asked for."""
        return int(self.content_length or 0) - int(self.position)


def sender(sock: socket) -> Callable[[bytes], int]:
    """Sends what the system takes at once: how many bytes, or BlockingIOError. Never waits."""
    send: Callable[[bytes], int] = sock._sock.send
    return send


def wait_for_arrival(sock: socket) -> None:
    """Waits until there is something to read, or the peer is gone. Raises TimeoutError."""
    sock._wait(sock._read_event)


def pass_number() -> int:
    """How often the event loop has looked for what arrived."""
    number: int = get_hub().loop.iteration
    return number


def adopt(session: engineio.socket.Socket, kind: type[engineio.socket.Socket]) -> None:
    """Makes an Engine.IO session one of ``kind``, a subclass, after Engine.IO has made it.

    Engine.IO's server names the class of its sessions in its code and has used the object before
    anybody hears of it, so neither a subclass of the server nor a copy of the session would do.
    """
    session.__class__ = kind


def say_plain_ok(server: engineio.Server) -> None:
    """Answers a POST with the protocol's own ``ok``."""
    answer = server._ok

    def plain(packets: Any = None, *args: Any, **kwargs: Any) -> Any:
        answered = answer(packets, *args, **kwargs)
        return answered if packets is not None else {**answered, "response": b"ok"}

    server._ok = plain


def run_handler(server: socketio.Server, event: str, namespace: str, *args: Any) -> Any:
    """Runs the handler of an event; ``server.not_handled`` where there is none."""
    return server._trigger_event(event, namespace, *args)


def send_packet(server: socketio.Server, session: str, packet: engineio.packet.Packet) -> None:
    """Sends a packet to an Engine.IO session by its id, or to the test client in its place."""
    server._send_eio_packet(session, packet)


class EventContext(RequestContext):
    """Flask's context for one event of a client, around the request that began its session.

    What no handler may ever ask for is made when one asks: the user's session, and what builds
    URLs. The request's own URL is not looked up: it is Socket.IO's, and no page's.
    """

    def __init__(
        self,
        app: Flask,
        environ: dict[str, Any],
        request: Request | None = None,
        session: SessionMixin | None = None,
    ) -> None:
        self.app = app
        self.request = request or fresh_request(app, environ)
        self.flashes = None
        self._session = session
        self._after_request_functions = []
        self._cv_tokens = []

    @cached_property
    def url_adapter(self) -> MapAdapter | None:  # type: ignore[override]
        try:
            return self.app.create_url_adapter(self.request)
        except HTTPException as error:
            self.request.routing_exception = error
            return None

    @property
    def session(self) -> SessionMixin:
        if self._session is None:
            sessions = self.app.session_interface
            self._session = sessions.open_session(self.app, self.request)
            if self._session is None:
                self._session = sessions.make_null_session(self.app)
        return super().session

    def push(self) -> None:
        current = _cv_app.get(None)
        app_context = None
        if current is None or current.app is not self.app:
            app_context = self.app.app_context()
            app_context.push()
        self._cv_tokens.append((_cv_request.set(self), app_context))

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        app = self.app
        if (
            len(self._cv_tokens) > 1
            or _cv_request.get(None) is not self
            or app.teardown_request_funcs
            or request_tearing_down.receivers
        ):
            return self.pop(error)
        # The library's way takes long, also where nobody waits for the end of a request.
        self.request.close()
        token, app_context = self._cv_tokens.pop()
        _cv_request.reset(token)
        if app_context is not None:
            app_context.pop(error)

    def save_session(self) -> None:
        """Has Flask keep the user's session, if a handler has changed it."""
        session = self._session
        if session is not None and getattr(session, "modified", True):
            self.app.session_interface.save_session(self.app, session, self.app.response_class())


REQUEST = "socketlab.request"  # where a WSGI environment keeps the request that was read from it


def fresh_request(app: Flask, environ: dict[str, Any]) -> Request:
    """A request of its own for each event, but what is in the environment is read only once."""
    read = environ.get(REQUEST)
    if read is None:
        read = environ[REQUEST] = app.request_class(environ, populate_request=False)
        read.json_module = app.json
    fresh = object.__new__(type(read))
    fresh.__dict__.update(read.__dict__)
    return fresh


class EventSocketIO(SocketIO):
    """Flask-SocketIO, with a context for each event that costs a quarter of its own."""

    def _handle_event(
        self, handler: Any, message: str, namespace: str, sid: str, *args: Any
    ) -> Any:
        environ = self.server.get_environ(sid, namespace=namespace)
        if self.manage_session or not environ:
            return super()._handle_event(handler, message, namespace, sid, *args)
        context = EventContext(environ["flask.app"], environ)
        request: Any = context.request
        request.sid, request.namespace = sid, namespace
        request.event = {"message": message, "args": args}
        with context:
            try:
                result = self._call(handler, message, args)
            except ConnectionRefusedError:
                raise
            except Exception as error:
                on_error = self.exception_handlers.get(namespace, self.default_exception_handler)
                if on_error is None:
                    raise
                return on_error(error)
            context.save_session()
            return result

    @staticmethod
    def _call(handler: Any, message: str, args: tuple[Any, ...]) -> Any:
        if message != "connect":
            return handler(*args)
        try:
            return handler(args[1] if len(args) > 1 else None)
        except TypeError:  # it takes no ``auth``
            return handler()
