"""Two roads of real sockets, from a sender through a relay to a reader, all on 127.0.0.1.

    sender ==UDP== relay ==UDP== reader        sender ==TCP== relay ==TCP== reader

All three are in this process; the bytes go through the operating system as they would between
programs. Each end of a road is connected to its other end, so nobody else's bytes come in. No
call waits here: what was sent on the loopback is there to be read. If it is not, ``PATIENCE``
ends the waiting, and every socket is closed however a race ends.
Source: Python documentation, "socket"; RFC 768; RFC 9293.
"""

import heapq
import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from .reads import Numbers, Read, message, passed_on, pieces

HERE = ("127.0.0.1", 0)  # this machine and no other; the system chooses a port
MOST_BYTES = 2048  # more than any read here
PATIENCE = 1.0  # seconds

Line = tuple[socket.socket, socket.socket]  # two ends, connected to each other
Way = tuple[float, Read]  # the share of the messages that are through, and what was read then


@dataclass(frozen=True)
class Race:
    """``count`` messages sent on each road, what each recv() returned, the ports of the reader."""

    count: int
    reads: list[Read]
    ports: dict[str, int]  # by "tcp" and "udp"


def race(count: int, lose: float, draw: random.Random | None = None) -> Race:
    """Send ``count`` messages down both roads at once.

    Raises OSError where no socket can be had, or where the system itself loses what is sent.
    """
    draw = draw or random.Random()
    with ExitStack() as opened:
        udp = [opened.enter_context(datagram_line()) for _ in range(2)]
        tcp = [opened.enter_context(stream_line()) for _ in range(2)]
        ways = over_udp(udp, count, lose, draw), over_tcp(tcp, count, draw)
        reads = [read for _, read in heapq.merge(*ways, key=lambda way: way[0])]
        ports = {name: road[1][1].getsockname()[1] for name, road in (("tcp", tcp), ("udp", udp))}
    return Race(count, reads, ports)


def over_udp(lines: list[Line], count: int, lose: float, draw: random.Random) -> Iterator[Way]:
    """Every message a datagram. What the relay does not pass on, nobody ever reads."""
    (sender, relay_in), (relay_out, reader) = lines
    leaving, inside = passed_on(count, lose, draw), {}
    for number in range(1, count + 1):
        sender.send(message(number))
        inside[number] = relay_in.recv(MOST_BYTES)
        for passing in leaving[number]:
            relay_out.send(inside.pop(passing))
            data = reader.recv(MOST_BYTES)
            yield number / count, Read("udp", data, (int(data),))


def over_tcp(lines: list[Line], count: int, draw: random.Random) -> Iterator[Way]:
    """Every message a send(); the relay passes on the same bytes, cut elsewhere."""
    (sender, relay_in), (relay_out, reader) = lines
    for number in range(1, count + 1):
        sender.sendall(message(number))
    sender.shutdown(socket.SHUT_WR)
    stream = b"".join(iter(partial(relay_in.recv, MOST_BYTES), b""))
    numbers, through = Numbers(), 0
    for piece in [*pieces(stream, draw), b""]:
        relay_out.sendall(piece)
        if not piece:
            relay_out.shutdown(socket.SHUT_WR)
        # Once nothing more comes, recv() returns what is left, and at the end no bytes at all.
        while data := reader.recv(MOST_BYTES):
            through += len(data)
            yield through / len(stream), Read("tcp", data, numbers.read(data))
            if piece:
                break


@contextmanager
def datagram_line() -> Iterator[Line]:
    """Two UDP sockets, each of which sends to the other and hears nobody else."""
    with new(socket.SOCK_DGRAM) as one, new(socket.SOCK_DGRAM) as other:
        one.connect(other.getsockname())
        other.connect(one.getsockname())
        yield one, other


@contextmanager
def stream_line() -> Iterator[Line]:
    """Both ends of a TCP connection."""
    with new(socket.SOCK_STREAM) as one:
        with new(socket.SOCK_STREAM) as listener:
            listener.listen()
            one.connect(listener.getsockname())
            other, caller = listener.accept()
            while caller != one.getsockname():  # another program was quicker
                other.close()
                other, caller = listener.accept()
        with other:
            other.settimeout(PATIENCE)
            yield one, other


def new(kind: socket.SocketKind) -> socket.socket:
    """A socket at a port of this machine that the system has chosen."""
    made = socket.socket(socket.AF_INET, kind)
    made.settimeout(PATIENCE)
    made.bind(HERE)
    return made
