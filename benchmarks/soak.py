"""A class for as long as a lesson: ``python benchmarks/soak.py --clients 300 --minutes 8``.

A class of so many seats, each with one WebSocket in ``/class`` and in one lesson, on 127.0.0.1;
ten more cannot have a WebSocket, and poll. Everybody does something every three seconds: whispers
to itself, speaks to all (one time in twenty), votes, sends its clock, starts a run of lesson
"missed" and reports what it has seen. The teacher looks at somebody's wire every two seconds, and
every forty seconds cuts half of the class off for five seconds; they come back, with pauses of
their own, and ask for what they missed. One hostile seat tries one attack after the other.

Every ten seconds, and at the end with first, last, most and the slope a minute after the warm-up:

    MB            resident memory of the server
    greenlets     that are alive; files: open descriptors; timers: entries of the engine's queues
    sessions      of Engine.IO; members: sockets in namespaces; tap MB: what the inspector holds
    ack p50, p99  ms until an event of the class is acknowledged, since the line before
    late          acknowledgements that did not come within ten seconds

The greenlets are counted by a route that only this server has; a look costs what ``look ms`` says.
"""

import sys

if __name__ == "__main__" and "--serve" in sys.argv:
    from gevent import monkey

    monkey.patch_all()

import argparse
import contextlib
import gc
import heapq
import http.client
import itertools
import json
import os
import random
import resource
import select
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.load import frame, handshake, memory  # noqa: E402  the path above comes first

LOOK = 10  # seconds between two lines
PACE = 3.0  # seconds between two events of a client
LATE = 10  # seconds after which an acknowledgement is late
POLLING = 10  # clients that cannot have a WebSocket
CUT_EVERY, CUT_SECONDS = 40, 5
LESSONS = ("/rooms", "/missed", "/bidirectional")
STEPS = {"skip_me": "with_me"}  # a prediction's step and one of its choices
FIGURES = ("MB", "greenlets", "files", "timers", "sessions", "members", "tap MB")
HOSTILE = (
    *("flood", "malformed", "slow-readers", "half-sent", "bad-lengths", "full-bodies"),
    *("fragments", "bombs", "pings", "in-and-out", "half-moved", "no-connect", "resets"),
    *("comings-and-goings", "receipts", "left-polls", "half-bodies", "runs", "dials"),
)


# The server


def serve(data):
    """Our whole application, and one route more; prints where it is, then the teacher's key."""
    from app import create_app
    from socketlab import client
    from socketlab.server import Server

    client.ensure(Path(data))
    app = create_app({"DATA": data})
    here, socketio = app.extensions["socketlab"], app.extensions["socketio"]

    @app.get("/soak")
    def look():
        return counted(socketio.server, here)

    @app.get("/soak/seat")
    def somebody():
        return random.choice([seat.id for seat in here.sockets.values()] or [""])

    server = Server(app, socketio, here.tap, "127.0.0.1", 0, here.settings)
    print(server.port, here.teacher.key, flush=True)
    server.serve()
    here.close()


def counted(server, here):
    """What only the process itself can count."""
    from gevent import Greenlet

    began = time.perf_counter()
    context = server.context
    timers = (context.pings, context.pongs, context.connects, context.attachments)
    figures = {
        "greenlets": sum(isinstance(o, Greenlet) and not o.dead for o in gc.get_objects()),
        "timers": sum(len(timer.items) for timer in timers),
        "sessions": len(server.eio.sockets),
        "members": len(here.sockets),
        "tap MB": here.tap.stats()["bytes"] / 1e6,
        "memory": {kind: dict(stats()) for kind, stats in here.memory.items()},
    }
    return figures | {"look ms": 1000 * (time.perf_counter() - began)}


# The class


class Pupil:
    """One seat with one WebSocket; its steps are driven by the Class."""

    def __init__(self, port, number, cookie, felt):
        self.port, self.cookie, self.felt = port, cookie, felt
        self.lesson = LESSONS[number % len(LESSONS)]
        self.ids, self.turns = itertools.count(1), itertools.count(number)
        self.run, self.seen, self.reported = None, 0, 0
        self.sock = None
        self.close()

    def close(self):
        if self.sock is not None:
            self.sock.close()
        self.sock, self.data, self.upgraded, self.sid = None, b"", False, None
        self.asked = {}  # ack id -> (when, event)

    def connect(self):
        """Begins to connect; the socket that will be readable."""
        self.close()
        self.sock = socket.create_connection(("127.0.0.1", self.port), timeout=LATE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.sendall(handshake(self.port, cookie=self.cookie))
        self.sock.setblocking(False)
        return self.sock

    def read(self):
        """Takes in what is there; False when the connection is over, or none was given."""
        try:
            data = self.sock.recv(1 << 18)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.data += data
        if not self.upgraded:
            head, found, rest = self.data.partition(b"\r\n\r\n")
            if not found:
                return bool(data)
            if b" 101 " not in head[:20]:
                return False
            self.upgraded, self.data = True, rest
        while (message := self.message()) is not None:
            self.take(message)
        return bool(data)

    def message(self):
        """The next whole text message, or None; a close frame reads as an empty one."""
        data = self.data
        if len(data) < 2:
            return None
        size, start = data[1] & 127, 2
        if size > 125:
            start = 4 if size == 126 else 10
            size = int.from_bytes(data[2:start], "big")
        if len(data) < start + size:
            return None
        self.data = data[start + size :]
        return data[start : start + size].decode("utf-8", "replace") if data[0] & 15 == 1 else ""

    def take(self, text):
        if text == "2":
            self.send("3")
        elif text.startswith("0{"):
            self.send("40/class,")
            self.send(f"40{self.lesson},")
        elif text.startswith(f"40{self.lesson},"):
            self.sid = json.loads(text.partition(",")[2])["sid"]
            self.arrived()
        elif text.startswith("43"):
            self.answered(text)
        elif '["posted",' in text and self.lesson == "/missed":
            event = json.loads(text[text.index("[") :])[1]
            if event["run"] == self.run:
                self.seen = max(self.seen, event["seq"])

    def arrived(self):
        if self.lesson == "/missed" and self.run:
            self.ask("/missed", "resume", {"run": self.run, "after": self.seen})
        if self.lesson == "/rooms":
            self.ask("/rooms", "join", {"room": "all"})

    def answered(self, text):
        number = text[text.index(",") + 1 : text.index("[")]
        since, event = self.asked.pop(int(number), (None, None))
        if since is None:
            return
        self.felt.taken.append(time.perf_counter() - since)
        answer = json.loads(text[text.index("[") :])[0]
        if not answer["ok"]:
            self.felt.refused += 1
        elif event == "start" and self.lesson == "/missed":
            self.run, self.seen, self.reported = answer["run"], 0, 0

    def send(self, text):
        with contextlib.suppress(OSError):
            self.sock.send(frame(text))

    def ask(self, namespace, event, data):
        number = next(self.ids)
        self.asked[number] = time.perf_counter(), event
        self.send(f"42{namespace},{number}{json.dumps([event, data])}")

    def act(self):
        """Does what is next, if it is in."""
        if self.sid is None:
            return
        turn = next(self.turns)
        if self.lesson == "/missed" and turn % 10 == 0:
            self.ask("/missed", "start", {"count": 20, "every_ms": 500})
        elif self.lesson == "/missed" and self.run and self.seen > self.reported:
            got = [[n, time.time() * 1000] for n in range(self.reported + 1, self.seen + 1)]
            self.reported = self.seen
            self.ask("/class", "receipt", {"run": self.run, "got": got})
        elif turn % 20 == 1 and self.lesson == "/rooms":
            self.ask("/rooms", "say", {"room": "all", "text": "hello, everybody"})
        elif turn % 20 == 1 and self.lesson == "/bidirectional":
            self.ask("/bidirectional", "wave", {"text": "hello"})
        elif turn % 20 == 2:
            ((step, choice),) = STEPS.items()
            self.ask("/class", "predict", {"step": step, "choice": choice})
        elif turn % 20 == 3:
            self.ask("/class", "take_seat", {"nick": f"pupil {turn % 1000}"})
        elif self.lesson == "/rooms":
            self.ask("/rooms", "whisper", {"sid": self.sid, "text": "still there?"})
        else:
            self.ask("/class", "sync_clock", {"t0": time.time() * 1000})


class Felt:
    """What the class felt since the last line: seconds, late ones, refusals, times cut off."""

    def __init__(self):
        self.all, self.worst_ever, self.late_ever, self.cuts_ever = [], 0.0, 0, 0
        self.clear()

    def clear(self):
        self.taken, self.late, self.refused, self.cuts = [], 0, 0, 0

    def line(self):
        """{title: value}, and the next line begins."""
        taken = sorted(self.taken) or [0.0]
        self.all += self.taken
        self.worst_ever = max(self.worst_ever, taken[-1])
        self.late_ever, self.cuts_ever = self.late_ever + self.late, self.cuts_ever + self.cuts
        line = {
            "acks/s": round(len(self.taken) / LOOK),
            "ack p50": round(1000 * statistics.median(taken), 1),
            "ack p99": round(1000 * taken[int(len(taken) * 0.99)], 1),
            "worst": round(1000 * taken[-1]),
            "late": self.late,
            "refused": self.refused,
            "cut off": self.cuts,
        }
        self.clear()
        return line


class Class:
    """All pupils in one loop."""

    def __init__(self, port, cookies):
        self.felt, self.epoll = Felt(), select.epoll()
        self.pupils = [Pupil(port, n, cookie, self.felt) for n, cookie in enumerate(cookies)]
        self.by_fd = {}
        self.due = [(time.monotonic() + n * 0.01, n, "connect") for n in range(len(self.pupils))]

    def live(self, until, stopped):
        """One round after the other until the time has come, or ``stopped()``."""
        while time.monotonic() < until and not stopped():
            for fd, _ in self.epoll.poll(0.02):
                number = self.by_fd[fd]
                if not self.pupils[number].read():
                    self.lost(fd, number)
            while self.due and self.due[0][0] <= time.monotonic():
                _, number, what = heapq.heappop(self.due)
                self.do(number, what)

    def do(self, number, what):
        pupil = self.pupils[number]
        if what == "connect":
            try:
                fd = pupil.connect().fileno()
            except OSError:
                return self.soon(number, "connect", random.uniform(1, 3))
            self.by_fd[fd] = number
            self.epoll.register(fd, select.EPOLLIN)
            return self.soon(number, "act", random.uniform(0, PACE))
        if pupil.sock is None:
            return None  # it will act when it is back
        self.give_up_late(pupil)
        pupil.act()
        return self.soon(number, "act", random.uniform(0.5 * PACE, 1.5 * PACE))

    def give_up_late(self, pupil):
        now = time.perf_counter()
        for number, (since, _) in list(pupil.asked.items()):
            if now - since > LATE:
                del pupil.asked[number]
                self.felt.late += 1

    def lost(self, fd, number):
        self.felt.cuts += 1
        self.epoll.unregister(fd)
        del self.by_fd[fd]
        self.pupils[number].close()
        self.soon(number, "connect", random.uniform(0.5, 3))

    def soon(self, number, what, seconds):
        heapq.heappush(self.due, (time.monotonic() + seconds, number, what))


# The others, each in a thread of its own


def poll(port, cookie, over):
    """A client without a WebSocket, which comes back when its session is over."""
    from benchmarks.attackers.polling import Session

    for number in itertools.count():
        if over():
            return
        try:
            session = Session(port, "/rooms", f"Cookie: {cookie}")
            while not over():
                whisper = ["whisper", {"sid": session.sid, "text": "still there?"}]
                session.ask("POST", f"42/rooms,{number}{json.dumps(whisper)}")
                status, text = session.ask("GET")
                if status != 200 or text == "1":
                    break
                if "2" in text.split("\x1e"):
                    session.ask("POST", "3")
                time.sleep(PACE / 2)
            session.close()
        except (OSError, ValueError):
            time.sleep(1)


def teach(port, key, over):
    """Looks at somebody's wire, and now and then cuts half of the class off."""
    from benchmarks.attackers.field import Asker, Field

    field = Field(port, 0)
    seat = field.new_seat().removeprefix("Cookie: ")
    head = field.get(f"/teach?key={key}").decode("latin-1")
    mine = next(line for line in head.split("\r\n") if "socketlab_teacher=" in line)
    cookie = f"Cookie: {seat}; {mine.split(': ', 1)[1].split(';')[0]}"
    asker, cut_at = None, time.monotonic() + CUT_EVERY
    for number in itertools.count(1):
        if over():
            return
        try:
            seat = field.get("/soak/seat").rpartition(b"\n")[2].decode()
            field.get(f"/wire?after=0&last=100&of={seat}", cookie)
            asker = asker or Asker(port, "/class", cookie)
            asker.ask(number, ["sync_clock", {"t0": 0}])  # its socket answers pings meanwhile
            if time.monotonic() > cut_at:
                cut_at += CUT_EVERY
                asker.ask(0, ["cut", {"seats": "half", "seconds": CUT_SECONDS}])
        except OSError:
            asker = None
        time.sleep(2)


def be_hostile(port, seconds):
    """One attack after the other, five seconds each; runs in a process of its own."""
    from benchmarks.attackers import ATTACKS, Field

    os.nice(10)
    end = time.monotonic() + seconds
    for name in itertools.cycle(HOSTILE):
        if time.monotonic() > end:
            return
        field, found = Field(port, 5), ATTACKS[name]
        try:
            if not found.prepared:
                field.begin()
            found.run(field)
        except (OSError, ValueError, StopIteration):
            time.sleep(1)  # refused before it could begin


# The whole


class Soaked:
    """The server in a process of its own, and what it looks like from outside."""

    def __init__(self, data):
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--serve", data],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        port, self.key = self.process.stdout.readline().split()
        self.port = int(port)

    def look(self):
        """{figure: value}; raises OSError, ValueError."""
        pid = self.process.pid
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LATE)
        try:
            connection.request("GET", "/soak")
            figures = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        files = len(os.listdir(f"/proc/{pid}/fd"))
        return {"MB": memory(pid) / 1e6, "files": files} | figures

    def end(self):
        self.process.terminate()
        self.process.wait(10)


def new_seats(port, count):
    """The cookies of as many seats; a page each."""
    from benchmarks.attackers.field import Field

    field = Field(port, 0)
    return [field.new_seat().removeprefix("Cookie: ") for _ in range(count)]


def print_line(line, first):
    if first:
        print("".join(f"{title:>10}" for title in line))
    print("".join(f"{round(v, 1) if isinstance(v, float) else v:>10}" for v in line.values()))
    sys.stdout.flush()


def slope(points):
    """The least squares line's rise a minute of [(minute, value)]."""
    if len(points) < 2:
        return 0.0
    line = statistics.linear_regression(*zip(*points, strict=True))
    return line.slope


def print_ends(lines, warm):
    """First, last, most and slope of each figure after the warm-up."""
    kept = [line for line in lines if line["minute"] >= warm] or lines
    print(
        f"\nafter {warm:g} minutes of warm-up\n{'':12}{'first':>10}{'last':>10}{'most':>10}", end=""
    )
    print(f"{'a minute':>10}")
    for name in FIGURES:
        values = [line[name] for line in kept]
        rise = slope([(line["minute"], line[name]) for line in kept])
        print(f"{name:12}{values[0]:>10.1f}{values[-1]:>10.1f}{max(values):>10.1f}{rise:>10.2f}")
    print("MB by kind:", {kind: round(size, 1) for kind, size in kept[-1]["memory"].items()})


def soak(clients, minutes, warm):
    with tempfile.TemporaryDirectory() as data, contextlib.ExitStack() as ends:
        server = Soaked(data)
        ends.callback(server.end)
        cookies = new_seats(server.port, clients + POLLING)
        until, ended = time.monotonic() + 60 * minutes, []
        group = Class(server.port, cookies[POLLING:])

        def over():
            return bool(ended) or time.monotonic() > until

        threads = [Thread(target=poll, args=(server.port, c, over)) for c in cookies[:POLLING]]
        threads.append(Thread(target=teach, args=(server.port, server.key, over)))
        hostile = subprocess.Popen(
            [sys.executable, __file__, "--hostile", str(server.port), "--minutes", str(minutes)],
            stdout=subprocess.DEVNULL,
        )
        ends.callback(hostile.wait)
        ends.callback(hostile.kill)
        lines, began = [], time.monotonic()
        watcher = Thread(target=watch, args=(server, group.felt, lines, began, over))
        for thread in (*threads, watcher):
            thread.start()
        try:
            group.live(until, lambda: server.process.poll() is not None)
        finally:
            ended.append(True)
            for thread in (*threads, watcher):
                thread.join()
        if server.process.returncode is not None:
            raise SystemExit("the server ended")
    print_ends(lines, warm)
    felt = sorted(group.felt.all) or [0.0]
    print(
        f"acknowledgements {len(felt)}: median {1000 * statistics.median(felt):.1f} ms, "
        f"p99 {1000 * felt[int(len(felt) * 0.99)]:.1f} ms, worst {1000 * felt[-1]:.0f} ms, "
        f"late {group.felt.late_ever}; connections cut {group.felt.cuts_ever}"
    )


def watch(server, felt, lines, began, over):
    """A line every ten seconds."""
    for number in itertools.count(1):
        while time.monotonic() < began + number * LOOK:
            if over():
                return
            time.sleep(0.2)
        try:
            figures = server.look()
        except (OSError, ValueError) as error:
            print(f"no look: {error}")
            continue
        line = {"minute": (time.monotonic() - began) / 60} | {n: figures[n] for n in FIGURES}
        lines.append(line)
        print_line(line | felt.line() | {"look ms": figures["look ms"]}, number == 1)
        kinds = {
            kind: round(stats.get("bytes", 0) / 1e6, 1) for kind, stats in figures["memory"].items()
        }
        lines[-1]["memory"] = kinds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=300)
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--warm-up", type=float, default=None, help="minutes; a quarter, at most 2")
    parser.add_argument("--serve", metavar="DIR", help=argparse.SUPPRESS)
    parser.add_argument("--hostile", type=int, metavar="PORT", help=argparse.SUPPRESS)
    options = parser.parse_args()
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(files, 20_000), files))
    if options.serve:
        return serve(options.serve)
    if options.hostile:
        return be_hostile(options.hostile, 60 * options.minutes)
    if not (1 <= options.clients <= 1000 and 0 < options.minutes <= 10):
        parser.error("at most 1000 clients and 10 minutes")
    warm = min(2, options.minutes / 4) if options.warm_up is None else options.warm_up
    soak(options.clients, options.minutes, warm)


if __name__ == "__main__":
    main()
