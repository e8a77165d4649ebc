"""An Engine.IO session as we run it: one greenlet for a WebSocket, no task per ping.

The library makes its own sessions; :meth:`Session.adopt` turns each into one of ours as soon as
it exists. What differs: packets are judged before they are acted on, a broken one ends the
session at once, closing never waits, and no timeout depends on the time of day.
Source: Engine.IO protocol v4, "Transports", "Upgrade" and "Heartbeat".
"""

from engineio import exceptions, packet
from engineio.socket import Socket
from gevent import spawn
from gevent.event import Event
from gevent.queue import Empty

from ..limits import RateLimiter
from ..protocols import handshake, packets
from ..protocols.websocket import GOING_AWAY, POLICY, PROTOCOL_ERROR

PING = packet.Packet(packet.PING)
NOOP = packet.Packet(packet.NOOP)


class Session(Socket):
    """One client, whatever carries it."""

    @classmethod
    def adopt(cls, session, context, environ):
        """Makes a fresh session of the library one of ours."""
        # The library offers no table entry for the class of its sessions.
        session.__class__ = cls
        session.context = context
        session.address = environ.get("REMOTE_ADDR")
        session.seat = environ.get("socketlab.seat")
        session.driver = session.rate = None
        session.polling = session.joined = False
        session.connections = set()  # the connections that it runs on at this moment
        session.attachments = 0
        session.queue.session = session
        context.connects.put(session)
        return session

    # Packets from the client

    def take(self, message):
        """Acts on one packet, or ends the session; True while it may go on."""
        try:
            kind = packets.engine(message, self.upgrading, polling=self.driver is None)
        except packets.Broken as error:
            return self.end(str(error), PROTOCOL_ERROR)
        now = self.context.clock()
        if self.rate is None:
            self.rate = RateLimiter(self.context.settings, now)
        verdict = self.rate.admit(now, len(message))
        if verdict == "end":
            return self.end("too fast for too long", POLICY)
        if kind == "4":
            self.context.dispatcher.message(self, message[1:], slow=verdict == "slow")
        elif kind == "3":
            self.schedule_ping()
        elif kind == "b" and self.attachments:
            self.attachments -= 1  # they belong to a packet that was refused
        elif kind == "1":
            self.close(abort=True, reason=self.server.reason.CLIENT_DISCONNECT)
        else:
            return self.end("nothing here takes bytes", PROTOCOL_ERROR)
        return not self.closed

    def end(self, sentence, code=POLICY):
        """Ends the session now, telling the client why; always False."""
        if self.driver is not None:
            self.driver.close(code, sentence)
        self.close(abort=self.driver is not None, reason=self.server.reason.TRANSPORT_ERROR)
        return False

    def cut(self):
        """The wire breaks, as when a cable is pulled: no goodbye, no answer."""
        self.break_connections()
        self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)

    def break_connections(self):
        """Ends every connection of this session; its handlers wake up and find out."""
        if self.driver is not None:
            self.driver.writer.abort()
        for connection in self.connections:
            connection.abort()

    def leave(self):
        """The server stops: a WebSocket hears 1001, a held poll is answered."""
        if self.driver is not None:
            self.driver.close(GOING_AWAY, "the server stops")
        self.close(abort=self.driver is not None, reason=self.server.reason.SERVER_DISCONNECT)

    # What the library calls

    def send(self, pkt):
        if not self.closed:
            self.queue.put(pkt)

    def close(self, wait=False, abort=False, reason=None):
        super().close(wait=False, abort=abort, reason=reason)
        # The library sweeps its table now and then; who counts sessions wants the truth.
        self.server.sockets.pop(self.sid, None)

    def poll(self):
        """What one polling answer carries: at most as many packets as every client reads."""
        try:
            pkts = [self.queue.get(timeout=self.server.ping_interval + self.server.ping_timeout)]
        except Empty:
            raise exceptions.QueueEmpty from None
        while pkts[-1] is not None and self.queue.packets and len(pkts) < packets.PAYLOAD_PACKETS:
            pkts.append(self.queue.get(block=False))
        return [pkt for pkt in pkts if pkt is not None]

    def schedule_ping(self):
        if self.last_ping:
            self.last_ping = None
            self.context.pings.put(self)

    def ping(self):
        """The pause is over: asks whether the client is there."""
        if not self.closed:
            self.last_ping = self.context.clock()
            self.send(PING)
            self.context.pongs.put((self, self.last_ping))

    def check_pong(self, asked):
        """The patience is over: was the ping of that time answered?"""
        if not self.closed and self.last_ping == asked:
            self.close(reason=self.server.reason.PING_TIMEOUT)

    def check_ping_timeout(self):
        """The library's sweeper asks; ours are watched by :meth:`check_pong`."""
        return not self.closed

    def check_joined(self):
        """Time is up for the first CONNECT."""
        if not self.joined and not self.closed:
            self.end("no CONNECT in time")

    def handle_get_request(self, environ, start_response):
        connection = environ["socketlab.connection"]
        self.connections.add(connection)
        try:
            return self._get(environ, start_response)
        finally:
            self.connections.discard(connection)

    def _get(self, environ, start_response):
        if handshake.asked(environ):
            if self.upgrading:
                return self.server._bad_request("an upgrade is under way")
            return self._upgrade_websocket(environ, start_response)
        if self.upgrading:
            # The library answers such a poll with a noop at once, and the client asks again at
            # once, ninety times in 400 ms. It stops asking when it has seen the probe's answer.
            self.probed.wait(self.context.settings["CONNECT_SECONDS"])
        if self.polling:
            # Two polls at once: one of them is not the client, and which is unknown.
            self.close(reason=self.server.reason.TRANSPORT_ERROR)
            raise exceptions.EngineIOError
        self.polling = True
        watch = spawn(self._watch, environ["socketlab.connection"].reader)
        try:
            return super().handle_get_request(environ, start_response)
        finally:
            self.polling = False
            watch.kill()

    def _watch(self, reader):
        """Notices that the client of a held poll hangs up: its packets would go nowhere."""
        if not reader.waits():
            self.close(reason=self.server.reason.TRANSPORT_ERROR)

    def handle_post_request(self, environ):
        length = int(environ["CONTENT_LENGTH"])
        try:
            messages = packets.payload(environ["wsgi.input"].read(length))
        except packets.Broken as error:
            self.end(str(error), PROTOCOL_ERROR)
            raise exceptions.EngineIOError from None
        for message in messages:
            if not self.take(message):
                if message == "1":
                    break
                raise exceptions.EngineIOError

    def _websocket_handler(self, driver):
        """Runs a WebSocket in its request's greenlet until it ends."""
        if self.connected and not self._moves(driver):
            return ()
        self.connected = self.upgraded = True
        self.upgrading = False
        self.driver = driver
        self.context.tap.bind(self.sid, driver.tapped)
        self.queue.attach(driver)
        while (message := driver.wait()) is not None and self.take(message):
            pass
        self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
        return ()

    def _moves(self, driver):
        """A polling session tries its WebSocket: probe, answer, and the client's word to move.

        A half-finished move would freeze the session's polls, so it has a deadline.
        """
        self.upgrading, self.probed = True, Event()
        driver.reader.within(self.context.settings["CONNECT_SECONDS"])
        try:
            if driver.wait() != "2probe":
                return False
            driver.send("3probe")
            self.probed.set()
            self.queue.put(NOOP)  # ends the poll that is held
            if driver.wait() != "5" or self.closed:
                return False
            driver.reader.within(None)
            return True
        finally:
            self.upgrading = False
            self.probed.set()
