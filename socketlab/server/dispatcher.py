"""Between Engine.IO and Socket.IO: only well-formed packets pass, and every event is answered.

python-socketio reads packets more kindly than is good for a server that strangers reach. Here
each is read by our own rules (packets.py) and handed on as a value. A connect handler can only
let in or refuse: whatever else it does is a refusal, and no member is left behind. A handler
that breaks, or returns what is no JSON, costs nobody the connection.
Source: Socket.IO protocol v5, "Connection to a namespace", "Sending and receiving data".
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from wsgiref.types import WSGIEnvironment

import socketio
from engineio import packet as engine
from flask_socketio import ConnectionRefusedError

from ..protocols import packets, strict_json
from ..protocols.packets import SocketioPacket
from .seams import run_handler

if TYPE_CHECKING:
    from .engine import EngineContext
    from .session import Session

log = logging.getLogger("socketlab.server")


class PacketDispatcher:
    """Acts on Socket.IO packets for a python-socketio server."""

    def __init__(self, server: socketio.Server, context: EngineContext) -> None:
        self.server, self.manager, self.context = server, server.manager, context

    def message(self, session: Session, text: str, slow: bool = False) -> None:
        """One Socket.IO packet has come; ``slow``: too soon, so that it is not acted on.

        Raises packets.Broken.
        """
        packet = packets.read(text)
        session.attachments = packet.attachments  # text in between is none, and ends the wait
        if slow:
            rate = self.context.settings["EVENTS_PER_SECOND"]
            packet.error = f"too fast: at most {rate} events a second"
        if packet.error:
            self.refuse(session, packet, packet.error)
        elif packet.type == packets.CONNECT:
            self.connect(session, packet)
        else:
            sid = self.manager.sid_from_eio_sid(session.sid, packet.namespace)
            if sid is None or not self.manager.is_connected(sid, packet.namespace):
                self.not_joined(session, packet)
            elif packet.type == packets.EVENT:
                self.event(session, sid, packet)
            elif packet.type == packets.ACK:
                self.acknowledged(sid, packet)
            else:
                self.leave(sid, packet.namespace, self.server.reason.CLIENT_DISCONNECT)

    def not_joined(self, session: Session, packet: SocketioPacket) -> None:
        """A packet for a namespace that the client is not in.

        If it was in, the packet may have crossed our goodbye on the way: that is nobody's fault.
        To one that it never joined, no client that keeps the protocol sends anything.
        """
        if packet.type == packets.EVENT and packet.id is not None:
            self.refuse(session, packet, f"you have not joined {packet.namespace}")
        elif packet.type != packets.ACK and packet.namespace not in session.namespaces:
            raise packets.Broken(f"{packet.namespace} is not joined")

    def event(self, session: Session, sid: str, packet: SocketioPacket) -> None:
        """Runs the handler; what it returns is the acknowledgement."""
        name, data = packet.data
        text = None
        try:
            answer = run_handler(self.server, name, packet.namespace, sid, data)
            if packet.id is not None and answer is not self.server.not_handled:
                values = list(answer) if isinstance(answer, tuple) else [answer]
                text = encode(packets.ACK, packet, [] if answer is None else values)
        except Exception:
            log.exception("the handler of %s %s failed", packet.namespace, name)
            self.refuse(session, packet, "the server failed at this; it is not your fault")
            return
        if answer is self.server.not_handled:
            self.refuse(session, packet, f"there is no event {name} here")
        elif text is not None:
            send(session, text)

    def refuse(self, session: Session, packet: SocketioPacket, sentence: str) -> None:
        """Acknowledges an event with a no, if it asked to be acknowledged."""
        kind = "CONNECT" if packet.type == packets.CONNECT else "event"
        self.context.refusals.note(kind, f"{packet.namespace} {sentence} ({session.address})")
        if packet.id is not None:
            send(session, encode(packets.ACK, packet, [{"ok": False, "error": sentence}]))

    def acknowledged(self, sid: str, packet: SocketioPacket) -> None:
        """The client acknowledges an event of ours: whoever waits for that is told."""
        try:
            self.manager.trigger_callback(sid, packet.id, packet.data)
        except Exception:
            log.exception("an acknowledgement in %s could not be taken", packet.namespace)

    # Joining and leaving a namespace

    def connect(self, session: Session, packet: SocketioPacket) -> None:
        """Lets a client into a namespace, or says why not."""
        server, namespace = self.server, packet.namespace
        if namespace not in server.handlers and namespace not in server.namespace_handlers:
            return self.refuse_connect(session, packet, f"there is no namespace {namespace}")
        environ = server.environ[session.sid]
        sid = self.manager.pre_connect(session.sid, namespace)
        if sid is None:
            raise packets.Broken(f"{namespace} is already joined")
        accepted = False
        try:
            told = self.decide(sid, environ, packet)
            self.context.count(session)  # the handler may have learnt whose session it is
            accepted = told is None
        finally:
            if not accepted:
                # Also out of the rooms that the handler has put it into.
                self.manager.disconnect(sid, namespace, ignore_queue=True)
        if accepted and not session.namespaces and self.context.over_seat_limit(session):
            told = "too many sockets for one seat"
            # The handler has let it in: it hears that the client is out again.
            self.leave(sid, namespace, server.reason.SERVER_DISCONNECT)
        if told is not None:
            return self.refuse_connect(session, packet, told)
        session.namespaces.add(namespace)
        send(session, encode(packets.CONNECT, packet, {"sid": sid}))
        self.manager.connect(sid, namespace)
        if session.closed:
            # It went away while the handler ran; the disconnect handler is owed its call.
            server.environ[session.sid] = environ
            self.leave(sid, namespace, server.reason.TRANSPORT_CLOSE)
            del server.environ[session.sid]

    def decide(self, sid: str, environ: WSGIEnvironment, packet: SocketioPacket) -> Any:
        """Asks the connect handler: None to let in, else what the client is told."""
        namespace = packet.namespace
        try:
            answer = run_handler(self.server, "connect", namespace, sid, environ, packet.data)
            if answer is not False:
                return None
        except ConnectionRefusedError as no:
            return no.error_args
        except Exception:
            log.exception("the connect handler of %s failed", namespace)
        return f"{namespace} refuses the connection"

    def refuse_connect(self, session: Session, packet: SocketioPacket, told: Any) -> None:
        """Tells a client that it is not let in: a sentence, or the handler's own object."""
        data = told if isinstance(told, dict) else {"message": str(told)}
        why = f"{packet.namespace} {data.get('message', '')} ({session.address})"
        self.context.refusals.note("CONNECT", why)
        try:
            text = encode(packets.CONNECT_ERROR, packet, data)
        except (TypeError, ValueError):
            log.exception("a refusal of %s is no JSON", packet.namespace)
            sentence = f"{packet.namespace} refuses the connection"
            text = encode(packets.CONNECT_ERROR, packet, {"message": sentence})
        send(session, text)

    def leave(self, sid: str, namespace: str, reason: str) -> None:
        """Takes a client out of a namespace, whatever the disconnect handler does."""
        self.manager.pre_disconnect(sid, namespace)
        try:
            run_handler(self.server, "disconnect", namespace, sid, reason)
        except Exception:
            log.exception("the disconnect handler of %s failed", namespace)
        finally:
            self.manager.disconnect(sid, namespace, ignore_queue=True)

    def leave_all(self, session_id: str, reason: str) -> None:
        """An Engine.IO session is over, and with it all that it had joined."""
        for namespace in list(self.manager.get_namespaces()):
            sid = self.manager.sid_from_eio_sid(session_id, namespace)
            if sid is not None and self.manager.is_connected(sid, namespace):
                self.leave(sid, namespace, reason)


def encode(kind: int, packet: SocketioPacket, data: Any) -> str:
    """A packet to the namespace, and with the ack id, of another. Raises TypeError, ValueError."""
    text: str = packets.prefix(kind, packet.namespace, packet.id) + strict_json.dumps(data)
    return text


def send(session: Session, text: str) -> None:
    """Sends a Socket.IO packet."""
    session.send(engine.Packet(engine.MESSAGE, text))
