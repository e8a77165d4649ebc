"""One client against all others: ``python benchmarks/attacks.py --seconds 4``.

Starts the real server in a process of its own, on a core of its own, and lets one attacker after
the other at it (benchmarks/attackers/), on 127.0.0.1 and for a few seconds each. Meanwhile three
honest ones do what they do all day:

    ack      a seat with one WebSocket, which asks for an acknowledgement twenty times a second
    page     a visitor with a seat, who opens a page on a connection of its own, five times a second
    poll     a client that cannot have a WebSocket, and asks for an acknowledgement by polling

A row says what they felt in ms (median and worst; how often nothing came, or no), how much more
memory the server had at its most and a second later, how busy it was, and what the attacker
was told. ``--list`` prints what each attacker does. The bound of server/turns.py is what the
column "ack worst" must keep to; the last line says whether it was kept.
"""

import argparse
import json
import os
import resource
import select
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.attackers import ATTACKS, Field  # noqa: E402  the path above comes first
from benchmarks.attackers.field import LATE, PAGE, Asker  # noqa: E402
from benchmarks.attackers.polling import Session  # noqa: E402
from benchmarks.load import cpu, memory, on_core  # noqa: E402
from socketlab import client  # noqa: E402
from tests.helpers import Process  # noqa: E402

BOUND = 250  # ms within which an honest acknowledgement comes, whatever one client does
PREPARED = 40  # seconds until an attacker must be ready
REST = 1  # seconds after an attack, before memory is looked at again


# The honest ones


class Felt:
    """What one of them felt: seconds, and how often there was no answer, or a no."""

    def __init__(self):
        self.taken, self.missed = [], 0

    def time(self, ask):
        """Notes how long ``ask()`` takes; it raises OSError, or ValueError for a no."""
        began = time.perf_counter()
        try:
            ask()
        except (OSError, ValueError):
            self.missed += 1
            return False
        self.taken.append(time.perf_counter() - began)
        return True

    def median(self):
        return round(1000 * statistics.median(self.taken), 1) if self.taken else "-"

    def worst(self):
        return round(1000 * max(self.taken)) if self.taken else "-"


class Honest:
    """The three of them, with places before the attack begins."""

    def __init__(self, port):
        self.field = Field(port, 0)
        self.cookie = self.field.new_seat()
        self.asker = Asker(port, "/rooms", self.field.new_seat())
        self.asker.socket.settimeout(LATE)
        self.session = Session(port, "/rooms", self.field.new_seat())
        self.acks, self.pages, self.polls = Felt(), Felt(), Felt()

    def live(self, seconds):
        """All that they do for so long."""
        until = time.monotonic() + seconds
        others = [Thread(target=run, args=(until,)) for run in (self.visit, self.poll)]
        for other in others:
            other.start()
        number = 0
        while time.monotonic() < until:
            number += 1
            whisper = ["whisper", {"sid": self.asker.sid, "text": "still there?"}]
            if not self.acks.time(lambda n=number, event=whisper: self.asker.ask(n, event)):
                break  # its connection is over
            time.sleep(0.05)
        for other in others:
            other.join()

    def visit(self, until):
        while time.monotonic() < until:
            self.pages.time(self.open_page)
            time.sleep(0.2)

    def open_page(self):
        if b" 200 " not in self.field.get(PAGE, self.cookie, "Accept: text/html")[:20]:
            raise ConnectionError("no page")

    def poll(self, until):
        number = 0
        while time.monotonic() < until:
            number += 1
            if not self.polls.time(lambda n=number: self.ask_by_polling(n)):
                break
            time.sleep(0.1)

    def ask_by_polling(self, number):
        whisper = ["whisper", {"sid": self.session.sid, "text": "still there?"}]
        if self.session.ask("POST", f"42/rooms,{number}{json.dumps(whisper)}")[0] != 200:
            raise ConnectionError("the post is refused")
        while True:
            status, text = self.session.ask("GET")
            if status != 200:
                raise ConnectionError("the poll is refused")
            if "2" in text.split("\x1e"):
                self.session.ask("POST", "3")
            if f"43/rooms,{number}[" in text:
                return

    def wait(self, file):
        """Returns a line of the file once it is there; answers pings until then."""
        until = time.monotonic() + PREPARED
        while not select.select([file], [], [], 2)[0]:
            if time.monotonic() > until:
                raise SystemExit("the attacker does not get ready")
            self.asker.ask(0, ["whisper", {"sid": self.asker.sid, "text": "not yet"}])
            self.ask_by_polling(0)
        return file.readline()

    def leave(self):
        self.asker.close()
        self.session.close()


# One server, one attack


class Memory:
    """The most resident memory of a process, looked at five times a second."""

    def __init__(self, pid):
        self.pid, self.before = pid, memory(pid)
        self.most, self.looking = self.before, True
        self.thread = Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self):
        while self.looking:
            self.most = max(self.most, memory(self.pid))
            time.sleep(0.2)

    def stop(self):
        self.looking = False
        self.thread.join()
        return round((self.most - self.before) / 1e6)

    def later(self):
        return round((memory(self.pid) - self.before) / 1e6)


def measure(name, seconds):
    """The row of the table: {title: value}."""
    with tempfile.TemporaryDirectory() as data:
        with on_core(0):
            server = Process(data, client=client.ensure(ROOT / "instance"))
        honest = attacker = None
        try:
            honest = Honest(server.port)
            grown = Memory(server.process.pid)
            if name != "none":
                attacker = send(name, server.port, seconds)
                if (said := honest.wait(attacker.stdout)) != "ready\n":
                    raise SystemExit(f"{name} could not begin: {said}")
            began, used = time.monotonic(), cpu(server.process.pid)
            honest.live(seconds)
            spent = 100 * (cpu(server.process.pid) - used) / (time.monotonic() - began)
            told = last_words(attacker) if attacker else ""
            most = grown.stop()
            time.sleep(REST)
            return row(honest, most, grown.later(), spent, told.strip(), len(server.complained))
        finally:
            if attacker and attacker.poll() is None:
                attacker.kill()
                attacker.wait()
            if honest:
                grown.stop()
                honest.leave()
            server.stop()


def send(name, port, seconds):
    """An attacker; it prints a line when it begins."""
    command = [sys.executable, __file__, "--run", name, "--port", str(port)]
    with on_core(1):
        return subprocess.Popen(
            [*command, "--seconds", str(seconds)], stdout=subprocess.PIPE, text=True
        )


def last_words(attacker):
    """What it was told by the server, on one line; it may still wait for an answer."""
    try:
        return attacker.communicate(timeout=LATE)[0]
    except subprocess.TimeoutExpired:
        return "no answer"


def row(honest, most, later, spent, told, lines):
    acks, pages, polls = honest.acks, honest.pages, honest.polls
    return {
        "ack": acks.median(),
        "worst": acks.worst(),
        "none": acks.missed,
        "page": pages.median(),
        "page worst": pages.worst(),
        "page no": pages.missed,
        "poll": polls.median(),
        "poll worst": polls.worst(),
        "poll no": polls.missed,
        "MB most": most,
        "MB later": later,
        "CPU %": round(spent),
        "log": lines,
        "told": told,
    }


def attack(name, port, seconds):
    """Runs in the attacker's process; honest clients on the same core come first."""
    os.nice(10)
    field, found = Field(port, seconds), ATTACKS[name]
    if not found.prepared:
        field.begin()
    try:
        found.run(field)
    except OSError as error:
        field.heard[f"ended by {type(error).__name__}"] += 1
    print(field.summary())


def table(names, seconds):
    """Prints a row for each; the worst acknowledgement of all, or None where one never came."""
    worst = 0
    for number, name in enumerate(names):
        found = measure(name, seconds)
        told = found.pop("told")
        if number == 0:
            print(
                f"{'':20}" + "".join(f"{title:>11}" for title in found) + "  the attacker is told"
            )
        print(
            f"{name:20}" + "".join(f"{value:>11}" for value in found.values()),
            f" {told}",
            flush=True,
        )
        if found["none"] or worst is None:
            worst = None
        else:
            worst = max(worst, found["worst"])
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = ["none", *ATTACKS]
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--only", nargs="*", choices=names, default=names)
    parser.add_argument("--list", action="store_true", help="what each attacker does")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.list:
        for name, found in ATTACKS.items():
            print(f"{name:20}{found.rows:26}{' '.join(found.run.__doc__.split())}")
        return
    if not 0 < options.seconds <= 30:
        parser.error("at most 30 seconds")
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(files, 20_000), files))
    if options.run:
        return attack(options.run, options.port, options.seconds)
    worst = table(options.only, options.seconds)
    kept = worst is not None and worst <= BOUND
    print(f"the bound of {BOUND} ms was {'kept' if kept else 'broken'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
