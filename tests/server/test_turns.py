"""Who is served when: no client's thousand waits before another's one."""

import errno
import random
import socket
import struct
import time
from collections import Counter
from threading import Thread
from unittest.mock import MagicMock

import gevent
import pytest

from socketlab.server import turns as module
from socketlab.server.run import Listener
from socketlab.server.turns import Turns

from .conftest import eventually
from .raw import frame

WORST = 1.0  # seconds that an honest client may wait in these tests, loaded as the machine may be
ADA, BOB = "Cookie: socketlab_seat=seat.ada", "Cookie: socketlab_seat=seat.bob"


# The order of service, unit by unit


@pytest.fixture
def turns(monkeypatch):
    """Turns with slices of one unit each."""
    monkeypatch.setattr(module, "SLICE", 0)
    monkeypatch.setattr(module, "LONG", 0)
    return Turns()


def worker(turns, owner, count, served):
    for _ in range(count):
        turns.take(owner)
        served.append(owner)


def test_owners_are_served_by_turns_whatever_each_of_them_wants(turns):
    served = []
    gevent.joinall(
        [gevent.spawn(worker, turns, who, n, served) for who, n in [("a", 5), ("b", 2), ("c", 1)]]
    )

    assert served == ["a", "b", "c", "a", "b", "a", "a", "a"]


def test_the_connections_of_an_owner_share_its_turn(turns):
    served = []
    many = [gevent.spawn(worker, turns, "many", 10, served) for _ in range(50)]
    one = gevent.spawn(worker, turns, "one", 3, served)
    gevent.joinall([*many, one])

    first = served.index("one")  # a slow machine may serve some before it has asked
    assert served[first : first + 5] == ["one", "many", "one", "many", "one"]


@pytest.mark.parametrize("seed", range(20))
def test_a_unit_waits_for_one_unit_of_each_other_owner_beyond_the_pass_it_came_in(turns, seed):
    """Between asking and being served, nobody else is served more than twice."""
    chance, served, waits = random.Random(seed), [], []

    def busy(owner, count):
        for _ in range(count):
            before = len(served)
            turns.take(owner)
            waits.append((owner, served[before:]))
            served.append(owner)
            if chance.random() < 0.3:
                gevent.sleep(0)

    for owner in "abcdef":  # one connection each, so that nobody waits for itself
        gevent.spawn(busy, owner, chance.randint(1, 20))
    eventually(lambda: gevent.sleep(0) or not turns.waiting)

    for owner, others in waits:
        assert all(others.count(other) <= 2 for other in set(others)), (owner, others)


def test_an_event_waits_for_one_page_however_many_owners_ask_for_pages(turns):
    served, waits = [], []

    def ask_for_pages(owner):
        for _ in range(3):
            turns.take_long(owner)
            served.append(owner)

    def say():
        for _ in range(10):
            before = len(served)
            turns.take("events")
            waits.append(served[before:])
            gevent.sleep(0)

    pages = [gevent.spawn(ask_for_pages, number) for number in range(50)]
    gevent.joinall([*pages, gevent.spawn(say)])

    assert max(len(pages) for pages in waits) <= 2  # one in each of the two passes that it touches
    assert Counter(served) == dict.fromkeys(range(50), 3)


def test_a_pass_ends_however_many_owners_wait_and_goes_on_with_the_others(turns, monkeypatch):
    monkeypatch.setattr(module, "SHORT", 0)
    served, passes = [], []
    workers = [gevent.spawn(worker, turns, owner, 3, served) for owner in range(50)]
    while len(served) < 150:
        before = len(served)
        gevent.sleep(0)
        passes.append(len(served) - before)
    gevent.joinall(workers)

    assert max(passes[5:]) <= 2, "but for their first units, which waited for nothing"
    assert Counter(served[50:100]).most_common(1)[0][1] <= 2


def test_of_the_pages_that_wait_for_the_disk_few_are_under_way_together(monkeypatch):
    monkeypatch.setattr(module, "LONG", 0.05)
    turns, under_way, most = Turns(), [], []

    def make_page(owner):
        turns.take_long(owner)
        under_way.append(owner)
        most.append(len(under_way))
        gevent.sleep(0.001)  # the disk; what comes then is long again
        under_way.remove(owner)
        turns.end_long()

    gevent.joinall([gevent.spawn(make_page, number) for number in range(20)])

    assert len(most) == 20 and max(most) <= 3  # on a machine that stands still meanwhile


def test_who_is_alone_does_not_wait():
    turns, switched = Turns(), []
    gevent.spawn(switched.append, True)
    turns.take("a")
    turns.take_long("a")

    assert not switched and not turns.waiting and not turns.long


def test_who_is_ended_while_it_waits_holds_up_nobody(turns):
    served = []
    ended, other = (gevent.spawn(worker, turns, "a", 1, served) for _ in range(2))
    gevent.sleep(0)
    ended.kill()
    other.join()

    assert served == ["a"]
    assert not turns.waiting


# Attacks on a server, and what an honest client feels of them


def feel(wire, times=5):
    """The longest of some acknowledgements, in seconds."""
    waits = []
    for number in range(times):
        asked = time.monotonic()
        wire.call("echo", {}, number)
        waits.append(time.monotonic() - asked)
    return max(waits)


def visit(lab, cookie=ADA):
    """How long a page takes on a new connection, in seconds."""
    asked = time.monotonic()
    assert lab.get("/page", cookie)[0] == 200
    return time.monotonic() - asked


@pytest.mark.parametrize("connections", [1, 20])
def test_requests_without_end_on_some_connections_keep_nobody_waiting(start, connections):
    lab = start()
    request = f"GET /work HTTP/1.1\r\nHost: localhost:{lab.port}\r\n\r\n".encode()
    with lab.wire() as honest:
        honest.join(extra=f"{ADA}\r\n")
        hostile = [lab.wire() for _ in range(connections)]
        answers = [0] * connections

        def read_all(number):
            try:
                while chunk := hostile[number].sock.recv(65536):
                    answers[number] += chunk.count(b"200 OK")
            except OSError:
                pass  # it is over

        readers = [Thread(target=read_all, args=(n,)) for n in range(connections)]
        try:
            for wire, reader in zip(hostile, readers, strict=True):
                reader.start()
                wire.send(request * (4000 // connections))
            eventually(lambda: sum(answers) > 0)
            worst = max(feel(honest), visit(lab), visit(lab, "Accept: */*"))
            assert worst < WORST
            assert sum(answers) < 4000 // connections * connections, "the attack was over"
        finally:
            for wire in hostile:
                wire.sock.shutdown(2)
            for reader in readers:
                reader.join()
            for wire in hostile:
                wire.sock.close()


def test_nothing_is_done_for_who_broke_off_before_its_turn(start):
    lab, linger = start(), struct.pack("ii", 1, 0)  # to close is to reset
    request = f"GET /work HTTP/1.1\r\nHost: localhost:{lab.port}\r\n\r\n".encode()
    for _ in range(300):
        with lab.wire() as wire:
            wire.send(request)
            wire.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    eventually(lambda: lab.knows()["tap"]["connections"] == 1)  # that of the question

    assert lab.knows()["worked"] < 200


@pytest.mark.parametrize("error", [0, errno.ECONNRESET])
def test_a_connection_that_was_reset_before_it_was_accepted_is_not_served(error):
    listener, served = Listener.__new__(Listener), MagicMock()
    listener.handler_class, sock = served, MagicMock()
    sock.getsockopt.return_value = error
    listener.handle(sock, ("127.0.0.1", 1))

    assert served.called == (not error)
    assert sock.close.called == bool(error)


def test_many_sockets_of_a_seat_are_one_client_to_all_others(start):
    lab = start(SOCKETS_PER_SEAT=60)
    burst = b"".join(frame(f'42/lab,{n}["work",{{}}]'.encode()) for n in range(100, 150))
    with lab.wire() as honest:
        honest.join(extra=f"{ADA}\r\n")
        hostile = [lab.wire() for _ in range(40)]
        try:
            for wire in hostile:
                wire.join(extra=f"{BOB}\r\n")
            for wire in hostile:  # four seconds of work for the server
                wire.send(burst)
            hostile[0].until("43/lab,100")
            assert max(feel(honest), visit(lab), feel(honest)) < WORST
            hostile[-1].sock.settimeout(0.01)
            with pytest.raises(TimeoutError):  # or the attack was over
                hostile[-1].until("43/lab,149")
        finally:
            for wire in hostile:
                wire.sock.close()


def test_a_polling_body_full_of_events_is_many_units_of_work(start):
    lab = start()
    with lab.wire() as honest:
        honest.join(extra=f"{ADA}\r\n")
        sessions = [Poller(lab) for _ in range(12)]
        try:
            for poller in sessions * 4:  # a second and a half of work
                poller.post("\x1e".join(['42/lab,["work",{}]'] * 16))
            sessions[0].wire.answer()
            assert max(feel(honest), visit(lab)) < WORST
        finally:
            for poller in sessions:
                poller.wire.sock.close()


class Poller:
    """A polling session of another seat, whose last request is not waited for."""

    def __init__(self, lab):
        self.lab, self.wire = lab, lab.wire()
        self.path = "/socket.io/?EIO=4&transport=polling"
        body = self.wire.ask(f"GET {self.path} HTTP/1.1\n{BOB}")[2]
        self.path += "&sid=" + body.split(b'"sid":"')[1].split(b'"')[0].decode()
        self.post("40/lab,")
        assert self.wire.answer()[0] == 200

    def post(self, body):
        head = f"POST {self.path} HTTP/1.1\r\nHost: localhost:{self.lab.port}\r\n{BOB}\r\n"
        self.wire.send(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
