"""The clients of the benchmarks: many WebSockets in one loop, as cheap as Python can make them.

Whoever measures a server must not measure himself. So frames are made before the clock starts,
what arrives is counted in bytes and not taken apart (each size is learnt from one answer first,
and the servers send no heartbeat meanwhile), and each phase says how much of a core the clients
themselves took. Where that is nearly all of it, the figure bounds the server from below only.
Linux only: epoll, /proc.
"""

import os
import select
import socket
import statistics
import time
from contextlib import contextmanager
from pathlib import Path

NAMESPACE = "/bench"
PADDING = "x" * 100
WINDOW = 4  # broadcasts under way at any time while deliveries are counted
BROADCASTS = 60  # one at a time, for the last receiver
MISSED = 20  # events that whoever comes back is told
PATIENCE = 30  # seconds
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455, section 1.3; no server asks for a fresh one


def frame(text):
    """A masked text frame; the mask is zero, which the standard allows a test to choose."""
    data = text.encode()
    size = len(data)
    head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + bytes(4) + data


def handshake(port, query="", cookie=""):
    """The request that asks for a WebSocket."""
    lines = [
        f"GET /socket.io/?EIO=4&transport=websocket{query} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {KEY}",
        *([f"Cookie: {cookie}"] if cookie else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


JOIN = frame(f"40{NAMESPACE},")
SAY = frame(f'42{NAMESPACE},["say",{{"text":"{PADDING}"}}]')
ECHO = frame(f'42{NAMESPACE},1["echo",{{"text":"{PADDING}"}}]')
RESUME = frame(f'42{NAMESPACE},2["resume",{{"after":0}}]')


# Processes


def family(pid):
    """A process and its children: their ids."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


def memory(pid):
    """Resident bytes of a process and its children."""
    pages = (int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in family(pid))
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")


def cpu(pid):
    """Seconds of processor time of a process and its children, all threads."""
    spent = 0
    for one in family(pid):
        for task in Path(f"/proc/{one}/task").glob("*/schedstat"):
            spent += int(task.read_text().split()[0])
    return spent / 1e9


@contextmanager
def on_core(number):
    """Processes started meanwhile run on this core alone; there may be only one."""
    mine = os.sched_getaffinity(0)
    cores = sorted(mine)
    os.sched_setaffinity(0, {cores[number % len(cores)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)


# The clients


class Crowd:
    """``count`` clients of one server, each with its own connection."""

    def __init__(self, port, pid):
        self.port, self.pid = port, pid
        self.request = handshake(port)
        self.buffer = bytearray(1 << 18)
        self.shares = {}  # phase -> how much of a core the clients took
        self.server = {}  # phase -> seconds of processor time that the server took

    @contextmanager
    def phase(self, name):
        """Notes what the clients and the server took of their cores; gives a function -> s."""
        start, own, server = time.monotonic(), time.process_time(), cpu(self.pid)
        yield lambda: time.monotonic() - start
        self.shares[name] = (time.process_time() - own) / (time.monotonic() - start)
        self.server[name] = cpu(self.pid) - server

    def arrive(self, count, phase="connect", catch_up=False):
        """Connects all at once; seconds until all are in, with ``catch_up``: told what they missed.

        Raises SystemExit when the server turns one away.
        """
        self.epoll, self.socks = select.epoll(), {}
        with self.phase(phase) as elapsed:
            stages = {}
            for _ in range(count):
                sock = socket.socket()
                sock.setblocking(False)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.connect_ex(("127.0.0.1", self.port))
                self.socks[sock.fileno()], stages[sock.fileno()] = sock, self.enter(sock, catch_up)
                self.epoll.register(sock.fileno(), select.EPOLLOUT)
            while stages:
                for fd, _ in self.ready(elapsed):
                    if next(stages[fd], "in") == "in":
                        del stages[fd]
            return elapsed()

    def enter(self, sock, catch_up):
        """One client's way in; goes on each time when its socket is ready."""
        sock.send(self.request)
        self.epoll.modify(sock, select.EPOLLIN)
        yield from self.until(sock, b"101 Switching", b'"maxPayload"', b"}")
        sock.send(JOIN)
        yield from self.until(sock, b"40" + NAMESPACE.encode() + b",", b"}")
        if catch_up:
            sock.send(RESUME)
            come = yield from self.until(sock, b"43" + NAMESPACE.encode() + b",2", b"]")
            if come.count(b'"seq"') != MISSED:
                raise SystemExit(f"not all that was missed came back: {bytes(come[:200])}")

    def until(self, sock, *marks):
        """Reads until these have come, in this order, the last one at the end."""
        come = b""
        while True:
            yield
            data = sock.recv(1 << 16)
            come += data
            if not data:
                raise SystemExit(f"the server hung up on a client: {come[:200]}")
            at = 0
            for mark in marks:
                at = come.find(mark, at) + len(mark)
                if at < len(mark):
                    break
            else:
                if come.endswith(marks[-1]):
                    return come

    def ready(self, elapsed):
        """The sockets that are ready: [(descriptor, events)]; SystemExit after too long."""
        if elapsed() > PATIENCE:
            raise SystemExit("the clients waited in vain")
        return self.epoll.poll(1, len(self.socks))

    def size(self, request):
        """Bytes of the frame that answers a request, the same for whoever gets it."""
        first, *others = self.socks.values()
        first.setblocking(True)
        first.send(request)
        head = first.recv(4, socket.MSG_PEEK)
        size = head[1] & 127
        size = 2 + size if size < 126 else 4 + int.from_bytes(head[2:4], "big")
        first.recv(size, socket.MSG_WAITALL)
        first.setblocking(False)
        return size

    def learn(self):
        """Learns how long answers are, and takes what came to the others off their sockets."""
        self.said = self.size(SAY)
        start = time.monotonic()
        self.take(self.said * (len(self.socks) - 1), lambda: time.monotonic() - start)
        self.echoed = self.size(ECHO)
        self.reads = {fd: sock.recv_into for fd, sock in self.socks.items()}

    def take(self, left, elapsed):
        """Takes bytes off the sockets until so many have come."""
        buffer, socks = self.buffer, self.socks
        while left:
            for fd, _ in self.ready(elapsed):
                left -= socks[fd].recv_into(buffer)

    def last(self):
        """Milliseconds until the last client has a broadcast, one at a time, sorted."""
        socks, taken = list(self.socks.values()), []
        with self.phase("last") as elapsed:
            for number in range(BROADCASTS):
                start = elapsed()
                socks[number % len(socks)].send(SAY)
                self.take(self.said * len(socks), lambda since=start: elapsed() - since)
                taken.append((elapsed() - start) * 1000)
        return sorted(taken)

    def deliveries(self, seconds):
        """Broadcasts that clients received, per second, with a few under way at any time."""
        socks, buffer = self.socks, self.buffer
        senders, each = list(socks.values()), self.said * len(socks)
        heard = sent = 0  # bytes; broadcasts
        with self.phase("deliveries") as elapsed:
            while elapsed() < seconds or heard < sent * each:
                while elapsed() < seconds and sent - heard // each < WINDOW:
                    senders[sent % len(senders)].send(SAY)
                    sent += 1
                for fd, _ in self.ready(lambda: elapsed() - seconds):
                    heard += socks[fd].recv_into(buffer)
            return heard / self.said / elapsed()

    def acks(self, seconds):
        """Events acknowledged per second: each client sends its next when it has its answer."""
        reads, buffer, size = self.reads, self.buffer, self.echoed
        sends = {fd: sock.send for fd, sock in self.socks.items()}
        parts = dict.fromkeys(sends, 0)  # of an answer that came in pieces
        done, left = 0, len(sends)
        with self.phase("acks") as elapsed:
            for send in sends.values():
                send(ECHO)
            while left:
                going = elapsed() < seconds
                for fd, _ in self.ready(lambda: elapsed() - seconds):
                    parts[fd] += reads[fd](buffer)
                    if parts[fd] < size:
                        continue
                    parts[fd] = 0
                    done += 1
                    if going:
                        sends[fd](ECHO)
                    else:
                        left -= 1
            return done / elapsed()

    def leave(self):
        """All are cut off; returns when the server has nothing more to do about it."""
        for sock in self.socks.values():
            sock.close()
        self.epoll.close()
        spent, deadline = -1.0, time.monotonic() + PATIENCE
        while (now := cpu(self.pid)) - spent > 0.002 and time.monotonic() < deadline:
            spent = now
            time.sleep(0.1)


def measure(server, clients, seconds):
    """All figures of one server, once: {name: value}, {name: the clients' share of a core}."""
    crowd = Crowd(server.port, server.process.pid)
    crowd.arrive(3, catch_up=True)  # imports done, first allocations made
    crowd.leave()
    before = memory(crowd.pid)
    connect = crowd.arrive(clients)
    grown = memory(crowd.pid) - before
    crowd.learn()
    taken = crowd.last()
    figures = {
        "connect s": connect,
        "last p50 ms": statistics.median(taken),
        "last p99 ms": taken[int(len(taken) * 0.99)],
        "deliveries/s": crowd.deliveries(seconds),
        "acks/s": crowd.acks(seconds),
    }
    crowd.leave()
    figures["return s"] = crowd.arrive(clients, "return", catch_up=True)
    crowd.leave()
    figures["KB a client"] = grown / 1024 / clients
    for phase in ("connect", "return"):
        figures[f"{phase}, CPU ms"] = crowd.server[phase] * 1000 / clients
    phases = {name: name.split()[0].removesuffix("/s") for name in figures if "CPU" not in name}
    shares = {name: crowd.shares[phase] for name, phase in phases.items() if phase in crowd.shares}
    return figures, shares
