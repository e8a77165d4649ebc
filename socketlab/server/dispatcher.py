"""Between Engine.IO and Socket.IO: only well-formed packets pass, and every event is answered.

python-socketio reads packets more kindly than is good for a server that strangers reach. Here
each is read by our own rules (packets.py) and handed on as a value. A namespace gets what the
protocol allows: any name, any values, bytes. One whose class declares ``strict_events = True``
gets one object per event, under a name like ours. A connect handler can only let in or refuse:
whatever else it does is a refusal, and no member is left behind. A handler that breaks, or
returns what is no JSON, costs nobody the connection.
Source: Socket.IO protocol v5, "Connection to a namespace", "Sending and receiving data".
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any
from wsgiref.types import WSGIEnvironment

import socketio
from flask_socketio import ConnectionRefusedError
from gevent import Timeout
from socketio import packet as socketio_packet

from ..protocols import packets
from ..protocols.packets import NO_ACK, SocketioPacket
from .seams import run_handler

if TYPE_CHECKING:
    from .engine import EngineContext
    from .session import Session

log = logging.getLogger("socketlab.server")


@dataclass(slots=True)
class Awaited:
    """A packet whose attachments are still to come."""

    packet: SocketioPacket
    since: float
    size: int  # characters of its text, and the bytes that have come
    missing: int
    attachments: list[bytes] = field(default_factory=list)


class PacketDispatcher:
    """Acts on Socket.IO packets for a python-socketio server."""

    def __init__(self, server: socketio.Server, context: EngineContext) -> None:
        self.server, self.manager, self.context = server, server.manager, context
        self.alarm_seconds: float = context.settings["HANDLER_MS"] / 1000
        self.decision_seconds: float = context.settings["DECISION_SECONDS"]

    def message(self, session: Session, text: str, slow: bool = False) -> None:
        """One Socket.IO packet has come; ``slow``: too soon, so that it is not acted on.

        Raises packets.Broken.
        """
        awaited, session.awaited = session.awaited, None
        if awaited is not None and awaited.packet.error is None:
            raise packets.Broken("a text where an attachment should be", "attachments")
        packet = packets.read(text)
        if packet.attachments:
            self.wait(session, packet, len(text))
        if slow and packet.type != packets.DISCONNECT:  # whoever leaves asks for nothing more
            packet.error, packet.limit = self.too_fast(), "events_per_second"
        if packet.error:
            self.refuse(session, packet)
        elif packet.type == packets.CONNECT:
            self.connect(session, packet)
        else:
            self.act(session, packet)

    def wants_strict_events(self, namespace: str) -> bool:
        """Whether a namespace has asked for our own rules."""
        handlers = self.server.namespace_handlers.get(namespace)
        return getattr(handlers, "strict_events", False)

    def too_fast(self) -> str:
        """The sentence for who goes beyond the pace."""
        return f"too fast: at most {self.context.settings['EVENTS_PER_SECOND']} events a second"

    def act(self, session: Session, packet: SocketioPacket) -> None:
        """Does what a packet wants in a namespace, if it may: once its attachments are there."""
        sid = self.manager.sid_from_eio_sid(session.sid, packet.namespace)
        if sid is None or not self.manager.is_connected(sid, packet.namespace):
            self.not_joined(session, packet)
        elif self.wants_strict_events(packet.namespace) and packets.strict(packet).error:
            self.refuse(session, packet)
        elif session.awaited is not None:
            pass  # this was its text; it is acted on when the last attachment is there
        elif packet.is_event:
            self.event(session, sid, packet)
        elif packet.is_ack:
            self.acknowledged(sid, packet)
        else:
            self.leave(sid, packet.namespace, self.server.reason.CLIENT_DISCONNECT)

    def not_joined(self, session: Session, packet: SocketioPacket) -> None:
        """A packet for a namespace that the client is not in.

        If it was in, the packet may have crossed our goodbye on the way: that is nobody's fault.
        To one that it never joined, no client that keeps the protocol sends anything.
        """
        packet.error = f"you have not joined {packet.namespace}"
        if packet.is_event and packet.id is not None:
            self.refuse(session, packet)
        elif not packet.is_ack and packet.namespace not in session.namespaces:
            raise packets.Broken(f"{packet.namespace} is not joined")

    # Attachments

    def wait(self, session: Session, packet: SocketioPacket, size: int) -> None:
        """From now on bytes belong to this packet; those of a refused one are let pass."""
        now = self.context.clock()
        session.awaited = Awaited(packet, now, size, packet.attachments)
        self.context.attachments.put((session, now))

    def attachment(self, session: Session, data: bytes, slow: bool = False) -> None:
        """A message of bytes has come; the last one completes its packet.

        Raises packets.Broken.
        """
        awaited = session.awaited
        if awaited is None:
            raise packets.Broken("no packet has announced these bytes", "attachments")
        packet = awaited.packet
        awaited.size += len(data)
        if awaited.size > self.context.message_bytes:
            sentence = "the attachments together are longer than a message may be"
            raise packets.Broken(sentence, "message_bytes")
        if slow and packet.error is None:
            packet.error, packet.limit = self.too_fast(), "events_per_second"
            self.refuse(session, packet)
        if packet.error is None:
            awaited.attachments.append(data)
        awaited.missing -= 1
        if awaited.missing:
            return
        session.awaited = None
        if packet.error is None:
            packet.data = packets.put_together(packet.data, awaited.attachments)
            self.act(session, packet)

    def overdue(self, session: Session, since: float) -> None:
        """Time is up for the attachments of the packet that came at ``since``."""
        awaited = session.awaited
        if awaited is not None and awaited.since == since and awaited.packet.error is None:
            session.end("the attachments did not come in time", limit="attachments")

    # Events

    def event(self, session: Session, sid: str, packet: SocketioPacket) -> None:
        """Runs the handler; what it returns is the acknowledgement."""
        name, *values = packet.data
        messages: list[str | bytes] = []
        began = monotonic()
        try:
            answer = run_handler(self.server, name, packet.namespace, sid, *values)
            if answer is self.server.not_handled:
                packet.error = f"there is no event {name[: packets.NAME]} here"
                packet.limit = "event"
            elif packet.id is not None and answer is not NO_ACK:
                told = list(answer) if isinstance(answer, tuple) else [answer]
                messages = encode(packets.ACK, packet, [] if answer is None else told)
        except Exception:
            shown = name[: packets.NAME] if name.isprintable() else repr(name[: packets.NAME])
            log.exception("the handler of %s %s failed", packet.namespace, shown)
            packet.error = "the server failed at this; it is not your fault"
        if (took := monotonic() - began) >= self.alarm_seconds:
            self.took_long(packet, took)
        if packet.error:
            self.refuse(session, packet)
        else:
            send(session, messages)

    def took_long(self, packet: SocketioPacket, seconds: float) -> None:
        """A handler has kept its client waiting; others were served meanwhile if it waited too.

        What its namespace says that it waits on purpose, as ``waits_seconds``, is not counted.
        """
        handlers = self.server.namespace_handlers.get(packet.namespace)
        seconds -= getattr(handlers, "waits_seconds", 0.0)
        if seconds < self.alarm_seconds:
            return
        self.context.reached.note("handler_ms")
        if seconds >= self.context.settings["HANDLER_SECONDS"]:
            self.context.reached.note("handler_seconds")
            log.warning("a handler of %s took %.1f s", packet.namespace, seconds)

    def refuse(self, session: Session, packet: SocketioPacket) -> None:
        """Tells a client that its packet is not acted on, if there is a way to tell it."""
        if packet.type == packets.CONNECT:
            return self.refuse_connect(session, packet, packet.error)
        note = f"{packet.namespace} {packet.error} ({session.address})"
        self.context.refusals.note("event", note, packet.limit)
        if packet.is_event and packet.id is not None:
            no = {"ok": False, "error": packet.error}
            send(session, encode(packets.ACK, packet, [no]))

    def acknowledged(self, sid: str, packet: SocketioPacket) -> None:
        """The client acknowledges an event of ours: whoever waits for that is told.

        Our first event has number 1: python-socketio keeps its own counter under 0.
        """
        if packet.id == 0:
            return
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
        no = self.context.no_place_for(session) if accepted and not session.namespaces else None
        if no is not None:
            told, packet.limit = no
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
        namespace, late = packet.namespace, Timeout(self.decision_seconds)
        late.start()
        try:
            answer = run_handler(self.server, "connect", namespace, sid, environ, packet.data)
            if answer is not False:
                return None
        except ConnectionRefusedError as no:
            return no.error_args
        except Timeout as error:
            if error is not late:
                raise
            packet.limit = "decision_seconds"
            return "the server is too slow to let you in: try again in a moment"
        except Exception:
            log.exception("the connect handler of %s failed", namespace)
        finally:
            late.close()
        return f"{namespace} refuses the connection"

    def refuse_connect(self, session: Session, packet: SocketioPacket, told: Any) -> None:
        """Tells a client that it is not let in: a sentence, or the handler's own object."""
        data = told if isinstance(told, dict) else {"message": str(told)}
        why = f"{packet.namespace} {data.get('message', '')} ({session.address})"
        self.context.refusals.note("CONNECT", why, packet.limit)
        try:
            messages = encode(packets.CONNECT_ERROR, packet, data)
        except (TypeError, ValueError):
            log.exception("a refusal of %s is no JSON", packet.namespace)
            sentence = f"{packet.namespace} refuses the connection"
            messages = encode(packets.CONNECT_ERROR, packet, {"message": sentence})
        send(session, messages)

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


class OutgoingPacket(socketio_packet.Packet):
    """What python-socketio sends, events of ours above all, written by our own rules."""

    uses_binary_events = False  # the library need not search for bytes: writing finds them

    def encode(self) -> list[str | bytes]:
        """The messages of the packet. Raises TypeError, ValueError."""
        return packets.write(self.packet_type, self.namespace or "/", self.id, self.data)


def encode(kind: int, packet: SocketioPacket, data: Any) -> list[str | bytes]:
    """A packet to the namespace, and with the ack id, of another. Raises TypeError, ValueError."""
    return packets.write(kind, packet.namespace, packet.id, data)


def send(session: Session, messages: list[str | bytes]) -> None:
    """Sends the messages of a Socket.IO packet."""
    for message in messages:
        session.send_message(message)
