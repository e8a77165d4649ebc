"""Between Engine.IO and Socket.IO: only well-formed packets pass, and every event is answered.

python-socketio reads packets more kindly than is good for a server that strangers reach. Here
each is read by our own rules (packets.py) and handed on as a value. A connect handler can only
let in or refuse: whatever else it does is a refusal, and no member is left behind.
Source: Socket.IO protocol v5, "Connection to a namespace", "Sending and receiving data".
"""

import logging

from engineio import packet as engine
from flask_socketio import ConnectionRefusedError

from ..protocols import packets, strict_json
from ..protocols.websocket import PROTOCOL_ERROR

log = logging.getLogger("socketlab.server")


class PacketDispatcher:
    """Acts on Socket.IO packets for a python-socketio server."""

    def __init__(self, server, context):
        self.server, self.manager, self.context = server, server.manager, context

    def message(self, session, text, slow=False):
        """One Socket.IO packet has come; ``slow``: too soon, so that it is not acted on."""
        try:
            packet = packets.read(text)
        except packets.Broken as error:
            session.end(str(error), PROTOCOL_ERROR)
            return
        session.attachments = packet.attachments  # text in between is none, and ends the wait
        if slow:
            rate = self.context.settings["EVENTS_PER_SECOND"]
            packet.error = f"too fast: at most {rate} events a second"
        if packet.error:
            if packet.id is not None:
                self.refuse(session, packet, packet.error)
        elif packet.type == packets.CONNECT:
            self.connect(session, packet)
        else:
            sid = self.manager.sid_from_eio_sid(session.sid, packet.namespace)
            if sid is None or not self.manager.is_connected(sid, packet.namespace):
                self.stranger(session, packet)
            elif packet.type == packets.EVENT:
                self.event(session, sid, packet)
            elif packet.type == packets.ACK:
                self.server._handle_ack(session.sid, packet.namespace, packet.id, packet.data)
            else:
                reason = self.server.reason.CLIENT_DISCONNECT
                self.server._handle_disconnect(session.sid, packet.namespace, reason)

    def stranger(self, session, packet):
        """A packet for a namespace that the client has not joined, or has just left."""
        if packet.type == packets.EVENT and packet.id is not None:
            self.refuse(session, packet, f"you have not joined {packet.namespace}")
        elif packet.type != packets.ACK:
            session.end(f"{packet.namespace} is not joined", PROTOCOL_ERROR)

    def event(self, session, sid, packet):
        """Runs the handler; what it returns is the acknowledgement."""
        name, data = packet.data
        try:
            answer = self.server._trigger_event(name, packet.namespace, sid, data)
        except Exception:
            log.exception("the handler of %s %s failed", packet.namespace, name)
            return self.refuse(session, packet, "the server failed at this; it is not your fault")
        if answer is self.server.not_handled:
            return self.refuse(session, packet, f"there is no event {name} here")
        if packet.id is not None:
            values = list(answer) if isinstance(answer, tuple) else [answer]
            self.say(session, packets.ACK, packet, [] if answer is None else values)

    def refuse(self, session, packet, sentence):
        """Acknowledges an event with a no, if it asked to be acknowledged."""
        if packet.id is not None:
            self.say(session, packets.ACK, packet, [{"ok": False, "error": sentence}])

    def say(self, session, kind, packet, data):
        """Sends a packet to the namespace, and with the ack id, of another."""
        text = packets.prefix(kind, packet.namespace, packet.id) + strict_json.dumps(data)
        session.send(engine.Packet(engine.MESSAGE, text))

    def connect(self, session, packet):
        """Lets a client into a namespace, or says why not."""
        server, manager, namespace = self.server, self.manager, packet.namespace
        if namespace not in server.handlers and namespace not in server.namespace_handlers:
            no = {"message": f"there is no namespace {namespace}"}
            return self.say(session, packets.CONNECT_ERROR, packet, no)
        sid = manager.pre_connect(session.sid, namespace)
        if sid is None:
            return session.end(f"{namespace} is already joined", PROTOCOL_ERROR)
        environ = server.environ[session.sid]
        no = self.decide(namespace, sid, environ, packet.data)
        if no is None and not session.joined and self.context.crowded(session):
            no = {"message": "too many sockets for one seat"}
        if no is not None:
            self.expel(sid, namespace)
            return self.say(session, packets.CONNECT_ERROR, packet, no)
        session.joined = True
        self.say(session, packets.CONNECT, packet, {"sid": sid})
        manager.connect(sid, namespace)
        if session.closed:
            # It went away while the handler ran; the disconnect handler is owed its call.
            server.environ[session.sid] = environ
            server._handle_disconnect(session.sid, namespace, server.reason.TRANSPORT_CLOSE)
            del server.environ[session.sid]

    def decide(self, namespace, sid, environ, auth):
        """Asks the connect handler: None to let in, else what the client is told."""
        try:
            if self.server._trigger_event("connect", namespace, sid, environ, auth) is not False:
                return None
        except ConnectionRefusedError as no:
            told = no.error_args
            return told if isinstance(told, dict) else {"message": str(told)}
        except Exception:
            log.exception("the connect handler of %s failed", namespace)
        return {"message": f"{namespace} refuses the connection"}

    def expel(self, sid, namespace):
        """Takes a refused client out of every list, also out of rooms it was put into."""
        self.manager.disconnect(sid, namespace, ignore_queue=True)
        for room, members in list(self.manager.rooms.get(namespace, {}).items()):
            if sid in members:
                self.manager.basic_leave_room(sid, namespace, room)
