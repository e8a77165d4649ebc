"""What this project asks of its libraries that they do not promise: all of it, in one place.

gevent, Engine.IO, python-socketio and Flask-SocketIO offer most of what we need as parameters,
as methods to call, and as methods to override. The rest is named in SEAMS: private parts, and
parts without an underscore that no page of their documentation mentions. No other module uses
a private name of these libraries; a test reads the syntax trees. Each seam has a canary in
tests/server/test_seams.py, which says what a new release of a library broke.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import engineio
import engineio.socket
import socketio
from gevent import get_hub
from gevent.pywsgi import Input

if TYPE_CHECKING:
    from gevent.socket import socket

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
    "gevent.socket.socket.send(timeout=0.0)": (
        "sends what the system takes and never waits; every broadcast is written by it"
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
    "socketio.Server.environ": (
        "the request of a session by its id, which Flask's request in a handler is made of"
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


def send_now(sock: socket, data: bytes) -> int:
    """Sends what the system takes at once; returns how many bytes. Never waits."""
    try:
        return int(sock.send(data, 0, 0.0))
    except BlockingIOError:
        return 0


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
