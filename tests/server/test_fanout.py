"""From an event to its receivers: the short way gives each of them what the long one gave.

In one process: our manager, queues, writers and real sockets, beside python-socketio's own
manager, which is told the same.
"""

import zlib
from types import SimpleNamespace

import gevent
import pytest
import socketio
from engineio.packet import Packet
from flask import Flask
from gevent import socket as gevent_socket
from hypothesis import given, settings
from hypothesis import strategies as st
from socketio.pubsub_manager import PubSubManager

from socketlab import deliveries
from socketlab.deliveries import DeliveryBudget
from socketlab.protocols import strict_json
from socketlab.server import build_socketio
from socketlab.server.connection import Connection
from socketlab.server.deflate import Deflate
from socketlab.server.dispatcher import OutgoingPacket
from socketlab.server.driver import Driver
from socketlab.server.manager import RoomManager
from socketlab.server.send_queue import SendQueue
from socketlab.server.writer import BATCH, Writer
from socketlab.site.settings import DEFAULTS
from socketlab.wiretap.tap import Tap
from tests.helpers import examples

NS = "/lab"
ROOMS = ["a", "b", 3]
NAMES = ["s0", "s1", "s2", "s3", "s4"]
MESSAGE = 4  # Engine.IO's packet type


class Client:
    """A session of ours by polling, by WebSocket or by a compressed one, and its other end."""

    def __init__(self, server, sid, kind="websocket", buffers=None):
        self.context, self.sid, self.kind = server.context, sid, kind
        with gevent_socket.socket() as listener:
            if buffers:  # of the system, in bytes
                listener.setsockopt(gevent_socket.SOL_SOCKET, gevent_socket.SO_RCVBUF, buffers)
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            self.ours = gevent_socket.create_connection(listener.getsockname())
            self.theirs, address = listener.accept()
        if buffers:
            self.ours.setsockopt(gevent_socket.SOL_SOCKET, gevent_socket.SO_SNDBUF, buffers)
        self.theirs.setblocking(False)
        self.tapped = self.context.tap.open(address)
        self.queue = SendQueue(self.context)
        self.closed, self.send, self.queue.session = False, self.queue.put, self
        self.polled, self.raw = [], bytearray()
        if kind != "polling":
            self.upgrade()

    def upgrade(self):
        """From now on its packets go to a WebSocket."""
        if self.queue.driver is None and not self.closed:
            self.poll()
            driver = Driver(None, self.context)
            driver.connection = Connection(self.ours, self.tapped)
            driver.writer = Writer(driver.connection, self.context)
            driver.deflate = Deflate(1 << 20) if self.kind == "deflate" else None
            driver.tapped = self.tapped
            self.queue.attach(driver)

    def end(self):
        """Its session ends as Session.close ends it; the manager is told of it later."""
        self.closed = True
        self.context.writers.pop(self.sid, None)

    def poll(self):
        while self.queue.packets:
            packet = self.queue.get(block=False)
            self.polled.append(packet.data if packet.binary else packet.encode())

    def read(self, most=1 << 20):
        """Takes what the system has for it, at most so many bytes; True if there was any."""
        try:
            data = self.theirs.recv(most)
        except BlockingIOError:
            return False
        self.raw += data
        return bool(data)

    def read_all(self):
        """Takes all that still comes."""
        gevent.sleep(0)  # the round of the scheduler
        while self.read() or self.queue.driver and self.queue.driver.writer.sending:
            gevent.sleep(0)

    def heard(self):
        """All its messages, in order."""
        self.poll()
        self.read_all()
        return self.polled + list(self.messages())

    def messages(self):
        data, inflater = bytes(self.raw), zlib.decompressobj(-15)
        while data:
            at = {126: 4, 127: 10}.get(data[1], 2)
            end = at + (data[1] if at == 2 else int.from_bytes(data[2:at], "big"))
            payload = data[at:end]
            if data[0] & 0x40:
                payload = inflater.decompress(payload + b"\x00\x00\xff\xff")
            yield payload.decode() if data[0] & 15 == 1 else payload
            data = data[end:]

    def close(self):
        self.ours.close()
        self.theirs.close()


def close(clients):
    """Ends all; gevent closes what it has waited for when the loop has looked once more."""
    for client in clients:
        client.close()
    for _ in range(2):
        gevent.sleep(1e-6)


class Both:
    """Our server and python-socketio's manager, with the same clients: s0, s1, …"""

    def __init__(self, kinds):
        self.server = build_socketio(Flask("lab"), Tap(lambda: 0.0), DEFAULTS).server
        self.clients = {
            sid: Client(self.server, sid, kind) for sid, kind in zip(NAMES, kinds, strict=False)
        }
        self.expected = {sid: [] for sid in self.clients}
        model = socketio.Server(serializer=OutgoingPacket)
        model.packet_class.json = strict_json
        model.eio = SimpleNamespace(
            send_packet=self.expect,
            send=lambda sid, data: self.expect(sid, Packet(MESSAGE, data)),
        )
        self.managers = self.server.manager, model.manager
        for sid, client in self.clients.items():
            self.server.eio.sockets[sid] = client
            self.each("basic_enter_room", sid, NS, None, eio_sid=sid)
            self.each("basic_enter_room", sid, NS, sid, eio_sid=sid)

    def expect(self, sid, packet):
        if not self.clients[sid].closed:
            self.expected[sid].append(packet.data if packet.binary else packet.encode())

    def each(self, method, *args, **more):
        """Calls both managers, which both do it or both raise."""
        failed = []
        for manager in self.managers:
            try:
                getattr(manager, method)(*args, **more)
                failed.append(False)
            except (LookupError, TypeError, ValueError):
                failed.append(True)
        assert failed[0] == failed[1]

    def do(self, kind, sid, room, emitted):
        if kind == "emit":
            data, more = emitted
            self.each("emit", "said", data, NS, **more)
        elif kind == "enter_room" or kind == "leave_room":
            self.each(kind, sid, NS, room)
        elif kind == "close_room":
            self.each(kind, room, NS)
        elif kind == "disconnect":
            self.each(kind, sid, NS)
        elif kind == "turn":
            gevent.sleep(0)
        elif sid in self.clients:
            if kind == "upgrade":
                self.clients[sid].upgrade()
            else:
                self.clients[sid].end()

    def close(self):
        close(self.clients.values())


def test_who_is_not_let_in_yet_hears_nothing_of_an_emit_to_the_whole_namespace():
    """To the library a client is a member while its connect handler still decides."""
    both = Both(["websocket", "polling", "websocket"])
    decided, manager = both.clients, both.server.manager
    waiting = Client(both.server, "s9")
    both.server.eio.sockets["s9"] = waiting
    sid = manager.pre_connect("s9", NS)
    with deliveries.noted() as receivers:
        manager.emit("said", "to all", NS)
        manager.emit("said", "to all, with an answer", NS, callback=print)
        manager.emit("said", "to two", NS, room=["s0", "s1"])
    while_it_was_decided = waiting.heard()
    manager.connect(sid, NS)
    manager.emit("said", "welcome", NS)
    heard = [len(client.heard()) for client in decided.values()], waiting.heard()
    close([*decided.values(), waiting])

    assert while_it_was_decided == []
    assert heard == ([4, 4, 3], ['42/lab,["said","welcome"]'])
    assert receivers == [(NS, name) for name in ["s0", "s1", "s2"] * 2 + ["s0", "s1"]]


SIDS = st.sampled_from([*NAMES, "s9"])  # the last is nobody
TARGETS = st.one_of(
    st.none(), SIDS, st.sampled_from(ROOMS), st.lists(st.sampled_from(ROOMS), max_size=3)
)
DATA = st.sampled_from(
    [None, {"text": "hello"}, ("two", ["values"]), {"a": b"\x00", "b": b""}, "x" * 70_000, {1, 2}]
)
EMITTED = st.tuples(
    DATA,
    st.fixed_dictionaries(
        {},
        optional={
            "room": TARGETS,
            "to": TARGETS,
            "skip_sid": st.one_of(st.none(), SIDS, st.lists(SIDS, max_size=3)),
            "callback": st.sampled_from([None, print]),
        },
    ),
)
KINDS = st.sampled_from(
    ["emit"] * 6
    + ["enter_room"] * 4
    + ["leave_room", "close_room", "disconnect", "turn", "upgrade", "end"]
)
STEPS = st.lists(st.tuples(KINDS, SIDS, st.sampled_from(ROOMS), EMITTED), max_size=25)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(st.sampled_from(["polling", "websocket", "websocket", "deflate"]), max_size=5), STEPS
)
def test_everybody_gets_what_the_library_would_have_sent(kinds, steps):
    both = Both(kinds)
    try:
        for step in steps:
            both.do(*step)
        assert {sid: client.heard() for sid, client in both.clients.items()} == both.expected
    finally:
        both.close()


# The writers by themselves


class Crowd:
    """Clients with a WebSocket each, on one server whose clock counts."""

    def __init__(self, count, buffers=None, **settings):
        clock = iter(range(10**9))
        self.tap = Tap(lambda: float(next(clock)))
        self.server = build_socketio(Flask("lab"), self.tap, {**DEFAULTS, **settings}).server
        self.context = self.server.context
        self.clients = [Client(self.server, n, buffers=buffers) for n in range(count)]
        self.writers = [client.queue.driver.writer for client in self.clients]

    def post(self, numbers, message):
        self.context.flushes.post([self.writers[n] for n in numbers], self.context.framed(message))

    def kept(self, client):
        """The bytes that the tap has of a connection, and that they follow one another."""
        rows = self.tap.records(connection=client.tapped.id, limit=10**6)[0]
        place = rows[0].offset if rows else 0  # what is full drops its oldest
        for row in rows:
            assert row.offset == place and not row.up
            place += len(row.data)
        return b"".join(row.data for row in rows)

    def close(self):
        close(self.clients)


@settings(max_examples=examples(40), deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("post"), st.sets(st.integers(0, 3)), st.integers(1, 3000)),
            st.tuples(st.just("flood"), st.sets(st.integers(0, 3)), st.integers(1, 2 * BATCH)),
            st.tuples(st.just("one"), st.integers(0, 3), st.integers(1, 300_000)),
            st.tuples(st.just("read"), st.integers(0, 3), st.integers(1, 200_000)),
            st.tuples(st.just("turn"), st.none(), st.none()),
        ),
        max_size=40,
    )
)
def test_frames_arrive_whole_and_in_order_however_slowly_they_are_read(steps):
    crowd = Crowd(4, buffers=1 << 16, OUTPUT_PACKETS=10**6, OUTPUT_BYTES=1 << 40)
    posted = [[] for _ in range(4)]

    def say(numbers, text):
        crowd.post(sorted(numbers), text)
        for number in numbers:
            posted[number].append(text)

    try:
        for count, (kind, whom, size) in enumerate(steps):
            if kind == "post":
                say(whom, f"{count} " + "x" * size)
            elif kind == "flood":
                for number in range(size):
                    say(whom, f"{count} {number}")
            elif kind == "one":
                crowd.clients[whom].queue.driver.send(text := f"{count} " + "y" * size)
                posted[whom].append(text)
            elif kind == "read":
                crowd.clients[whom].read(size)
            else:
                gevent.sleep(0)
        assert [client.heard() for client in crowd.clients] == posted
        for client in crowd.clients:
            kept, sent = crowd.kept(client), len(client.raw)
            known = min(len(kept), sent)
            assert known == sent or sent > 1 << 19
            assert kept[len(kept) - known :] == client.raw[sent - known :]
    finally:
        crowd.close()


def test_who_reads_nothing_is_given_up_and_the_others_notice_nothing():
    crowd = Crowd(3, buffers=1 << 16, OUTPUT_PACKETS=20)
    try:
        sent = [f"{number} " + "x" * 10_000 for number in range(200)]
        for text in sent:
            crowd.post([0, 1, 2], text)
            gevent.sleep(0)
            crowd.clients[0].read_all()
            crowd.clients[2].read_all()

        assert crowd.clients[0].heard() == crowd.clients[2].heard() == sent
        assert crowd.context.fell_behind == 1 and crowd.writers[1].closing
        assert crowd.writers[1].waiting == ()
        crowd.clients[1].read_all()  # what the system had taken, and the end
        assert len(crowd.clients[1].raw) < sum(map(len, sent))
    finally:
        crowd.close()


def test_a_receiver_whose_connection_breaks_in_mid_broadcast_costs_the_others_nothing():
    crowd = Crowd(40)
    try:
        crowd.post(range(40), "first")
        crowd.clients[7].ours.close()
        crowd.writers[9].abort()
        crowd.post(range(40), "second")

        for number, client in enumerate(crowd.clients):
            if number not in (7, 9):
                assert client.heard() == ["first", "second"]
        assert crowd.writers[7].closing and crowd.kept(crowd.clients[7]) == b""
    finally:
        crowd.close()


def test_a_goodbye_goes_out_behind_what_was_said_before_it_and_nothing_after():
    crowd = Crowd(2)
    try:
        crowd.post([0, 1], "first")
        crowd.clients[0].queue.driver.close(1000)
        crowd.post([0, 1], "second")

        assert crowd.clients[1].heard() == ["first", "second"]
        assert crowd.clients[0].heard() == ["first", b"\x03\xe8"]
    finally:
        crowd.close()


# What is charged, and other managers


def test_a_sender_pays_for_those_who_get_it():
    both = Both(["websocket", "polling", "websocket"])
    try:
        for sid in both.clients:
            both.each("enter_room", sid, NS, "a")
        budget = DeliveryBudget(1000, 4, lambda: 0.0)
        with budget.charged_to("ada"):
            both.server.manager.emit("said", {}, NS, room=["a", "b"], skip_sid="s0")
            assert budget.allows("ada")  # two
            with pytest.raises(TypeError):
                both.server.manager.emit("said", {1, 2}, NS)
            assert budget.allows("ada")  # nothing was sent
            both.server.manager.emit("said", {}, NS, callback=print)
        assert not budget.allows("ada")  # five
        deliveries.charge(100)  # on nobody's account
    finally:
        both.close()


class Bus(PubSubManager):
    """A manager for several processes, as the one for Redis is; here the bus is a list."""

    def initialize(self):
        self.bus = []  # the library would listen in a thread

    def _publish(self, data):
        self.bus.append(data)


class BusAndOurs(Bus, RoomManager):
    """The same, with the short way."""


@pytest.mark.parametrize("kind", [Bus, BusAndOurs])
def test_a_manager_for_several_processes_may_take_its_place(kind):
    both = Both(["websocket", "polling"])
    try:
        manager = kind("a channel")
        manager.set_server(both.server)
        manager.initialize()
        both.server.manager, both.managers = manager, (manager, both.managers[1])
        for sid in both.clients:
            both.each("basic_enter_room", sid, NS, None, eio_sid=sid)
            both.each("basic_enter_room", sid, NS, sid, eio_sid=sid)
            both.each("basic_enter_room", sid, NS, "a")
        both.managers[1].emit("said", {"text": "from here"}, NS, room="a", skip_sid="s0")
        manager.emit("said", {"text": "from here"}, NS, room="a", skip_sid="s0")
        told = {**manager.bus.pop(), "host_id": "another process", "data": {"text": "from there"}}
        both.managers[1].emit("said", {"text": "from there"}, NS, room="a", skip_sid="s0")
        manager._handle_emit(told)

        assert {sid: client.heard() for sid, client in both.clients.items()} == both.expected
        assert len(both.expected["s1"]) == 2
    finally:
        both.close()
