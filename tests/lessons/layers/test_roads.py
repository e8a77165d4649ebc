"""The two roads: real sockets of this machine, and what they bring."""

import socket
from random import Random

import pytest

from socketlab.lessons.layers import roads
from socketlab.lessons.layers.reads import SIZE, sums


@pytest.fixture
def made(monkeypatch):
    """Every socket that a race makes or accepts, with the address that it has."""
    found = []

    class Watched(socket.socket):
        def __init__(self, *about, **more):
            super().__init__(*about, **more)
            found.append(self)

        def detach(self):  # what accept() hands on
            found.remove(self)
            return super().detach()

        def getsockname(self):
            name = super().getsockname()
            assert name[0] == "127.0.0.1"
            return name

        def connect(self, address):
            assert address[0] == "127.0.0.1"
            super().connect(address)

        def bind(self, address):
            assert address == ("127.0.0.1", 0)
            super().bind(address)

    monkeypatch.setattr(socket, "socket", Watched)
    return found


@pytest.mark.parametrize(("count", "lose"), [(10, 0), (40, 10), (100, 50), (40, 0.5)])
def test_each_road_adds_up_and_only_udp_has_holes(count, lose):
    race = roads.race(count, lose, Random(7))
    told = sums(count, race.reads)
    tcp, udp = ([read for read in race.reads if read.proto == proto] for proto in ("tcp", "udp"))

    assert told["tcp"]["missing"] == []
    assert b"".join(read.data for read in tcp) == b"%03d" * count % tuple(range(1, count + 1))
    assert all(read.numbers == (int(read.data),) and len(read.data) == SIZE for read in udp)
    assert len(udp) + len(told["udp"]["missing"]) == count
    assert len(told["udp"]["missing"]) == (max(1, round(count * lose / 100)) if lose else 0)
    assert told["udp"]["swapped"] >= 1
    assert len({read.proto for read in race.reads[:12]}) == 2  # they go side by side
    assert race.ports["tcp"] != race.ports["udp"]


def test_a_race_has_sockets_of_this_machine_only_and_leaves_none_open(made):
    roads.race(40, 10)

    assert len(made) == 10  # four ends of either road, and two that listened
    assert [each for each in made if each.fileno() != -1] == []


def test_a_race_that_breaks_off_leaves_no_socket_open(made, monkeypatch):
    monkeypatch.setattr(roads, "pieces", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        roads.race(40, 10)

    assert made and [each for each in made if each.fileno() != -1] == []


def test_what_the_system_itself_loses_ends_the_race_and_is_not_waited_for_long(monkeypatch):
    monkeypatch.setattr(roads, "PATIENCE", 0.01)
    monkeypatch.setattr(roads, "message", lambda number: b"" if number == 5 else b"001")
    monkeypatch.setattr(roads, "passed_on", lambda count, *_: {n: [n] for n in range(1, count + 1)})
    sender = socket.socket.send

    def lossy(self, data):
        return len(data) if data == b"" else sender(self, data)

    monkeypatch.setattr(socket.socket, "send", lossy)
    with pytest.raises(OSError):
        roads.race(10, 0)
