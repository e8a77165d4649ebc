"""A laboratory server of our own, in a process that is ended by its id."""

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from .raw import Wire

ROOT = Path(__file__).resolve().parents[2]


class Process:
    """``lab.py`` with settings of its own: where it listens, what it knows."""

    def __init__(self, forks, log=None, **settings):
        env = {"LOG": log} if log else {}
        self.process = forks.start("lab", [json.dumps(settings)], env)
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        self.port = int(line)

    def wire(self, **options):
        return Wire(self.port, **options)

    def get(self, target, headers=""):
        """(status, headers, body) of one request on a connection of its own."""
        with self.wire() as wire:
            return wire.ask(f"GET {target} HTTP/1.1" + ("\n" + headers if headers else ""))

    def knows(self):
        return json.loads(self.get("/healthz")[2])

    def recorded(self, seat=None, after=0):
        """What the tap kept of a seat: rows and counts."""
        target = f"/wire?after={after}" + (f"&of={seat}" if seat else "")
        return json.loads(self.get(target)[2])

    def stop(self):
        """Asks it to leave; returns its exit status and what it said on standard error."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            said = self.process.communicate(timeout=5)[1]
        except subprocess.TimeoutExpired:
            self.process.kill()
            said = self.process.communicate()[1]
        return self.process.returncode, said


@pytest.fixture(scope="session")
def lab(forks):
    """One server for all tests that need nothing special of it."""
    process = Process(forks, PING_SECONDS=600)  # a bystander may be silent while others are tested
    yield process
    status, said = process.stop()
    assert status == 0, said


@pytest.fixture(scope="session")
def hasty(forks):
    """A server without patience."""
    process = Process(
        forks,
        HEADER_SECONDS=0.3,
        BODY_SECONDS=0.3,
        IDLE_SECONDS=0.3,
        CONNECT_SECONDS=0.3,
        FIRST_BYTE_SECONDS=0.3,
    )
    yield process
    process.stop()


@pytest.fixture
def start(forks):
    """Start a server of one's own: ``start(MESSAGE_BYTES=100)``, ``start(log="INFO")``."""
    started = []

    def start(**settings):
        started.append(Process(forks, **settings))
        return started[-1]

    yield start
    for process in started:
        process.stop()


def eventually(check, seconds=5):
    """Asks until the answer is true; returns it."""
    deadline = time.monotonic() + seconds
    while not (answer := check()):
        assert time.monotonic() < deadline, "waited in vain"
    return answer
