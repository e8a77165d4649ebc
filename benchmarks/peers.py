"""Our server beside its peers, in one run: ``python benchmarks/peers.py --clients 50 300 1000``.

    ours        as users run it: tap recording, all checks on (numbers that would end it, raised)
    node        socket.io on ws, in Node
    asgi        python-socketio's AsyncServer on uvicorn
    gunicorn    stock Flask-SocketIO on gunicorn's gevent worker
    bare        stock Flask-SocketIO on its own gevent server
    threads     the same with threads (only when asked for)
    untapped    ours with the tap off (only when asked for)

All do the same work (peers/work.py) in a process on one core; the clients have the other. The
servers take turns, forwards and backwards. Per figure: minimum, median and maximum of the
rounds, and the ratio of the medians to Node.

    connect       seconds until all clients are in, all arriving at once
    last p50/p99  ms from sending an event until the last client has its broadcast, one at a time
    deliveries/s  four broadcasts under way at any time, sent by all clients in turn
    acks/s        every client at once, each its next event when the last is acknowledged
    return        seconds from all reconnecting at once until each has the 20 events it missed
    KB a client   growth of the server's resident memory from none to all connected
    CPU ms        processor time of the server for one client's way in

The clients are Python too: "load" is the part of their core that they took. A figure marked * was
taken with that core nearly full, so the server may be faster than it says.

What is not installed is left out, and said. Node's part: ``npm ci --ignore-scripts --prefix
benchmarks/peers``. Python's: ``pip install -r benchmarks/peers/requirements.txt``, into any
environment; name its interpreter with ``--python``.
"""

import argparse
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "benchmarks" / "peers"
sys.path.insert(0, str(ROOT))

from benchmarks import load  # noqa: E402  the path above comes first

FULL = 0.9  # of a core: from here on the clients may be what is measured
USUAL = ("ours", "node", "asgi", "gunicorn", "bare")
KINDS = (*USUAL, "threads", "untapped")
HIGH = ("deliveries/s", "acks/s")  # higher is better


def command(kind, port, python):
    """How to start a server."""
    at = f"127.0.0.1:{port}"
    gunicorn = ["-k", "gevent", "-w", "1", "--worker-connections", "5000", "--chdir", str(HERE)]
    return {
        "ours": [sys.executable, "ours.py", str(port)],
        "untapped": [sys.executable, "ours.py", str(port), "untapped"],
        "node": ["node", "node.mjs", str(port)],
        "asgi": [python, "-m", "uvicorn", "asgi:app", "--port", str(port), "--log-level=error"],
        "gunicorn": [python, "-m", "gunicorn", *gunicorn, "-b", at, "stock:app"],
        "bare": [sys.executable, "stock.py", str(port)],
        "threads": [sys.executable, "stock.py", str(port), "threading"],
    }[kind]


def missing(kind, python):
    """Why a server cannot be started here; None if it can."""
    if kind == "node":
        if shutil.which("node") is None:
            return "node is not installed"
        found = subprocess.run(
            ["node", "-e", "import('socket.io')"], cwd=HERE, stderr=subprocess.DEVNULL
        )
        return "socket.io is not installed in benchmarks/peers" if found.returncode else None
    module = {"asgi": "uvicorn", "gunicorn": "gunicorn"}.get(kind)
    if module is None:
        return None
    found = subprocess.run([python, "-c", f"import {module}"], stderr=subprocess.DEVNULL)
    return f"{module} is not installed for {python}" if found.returncode else None


class Server:
    """One of them, in a process of its own, on a core of its own."""

    def __init__(self, kind, python):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        with load.on_core(0):
            self.process = subprocess.Popen(
                command(kind, self.port, python),
                cwd=HERE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        deadline = time.monotonic() + load.PATIENCE
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"{kind} did not start: {self.end()}") from None
                time.sleep(0.02)

    def end(self):
        """Ends it; what it said last."""
        for one in reversed(load.family(self.process.pid)):
            os.kill(one, 9)
        self.process.wait()
        with self.process.stderr as said:
            return said.read().decode()


def measure(kind, python, clients, seconds):
    """One server, once: {figure: value}, {figure: the clients' part of their core}."""
    server = Server(kind, python)
    try:
        with load.on_core(1):
            return load.measure(server, clients, seconds)
    finally:
        server.end()


def show(runs, clients, against):
    """The table of one number of clients; ``runs``: kind -> what :func:`measure` gave."""
    first, *_ = runs
    print(f"\n{clients} clients, {len(runs[first])} rounds")
    heads = (f"{head:>11}" for head in ("min", "median", "max"))
    print(f"{'':26}{''.join(heads)}{'/ ' + against:>10}{'load':>7}")
    for name in runs[first][0][0]:
        digits = 0 if name in HIGH else 3 if name.endswith(" s") else 2
        values = {kind: sorted(figures[name] for figures, _ in runs[kind]) for kind in runs}
        for kind, taken in values.items():
            middle = statistics.median(taken)
            cells = "".join(f"{value:>11,.{digits}f}" for value in (taken[0], middle, taken[-1]))
            if against in values:
                cells += f"{middle / statistics.median(values[against]):>10.2f}"
            busy = [shares[name] for _, shares in runs[kind] if name in shares]
            if busy:
                share = statistics.median(busy)
                cells += f"{share:>7.0%}{'*' if share >= FULL else ''}"
            print(f"{name if kind == first else '':16}{kind:10}{cells}")


def compare(kinds, python, options, against):
    """Runs the rounds, the servers by turns, and shows a table for each number of clients."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    counts = options.clients if isinstance(options.clients, list) else [options.clients]
    for clients in counts:
        runs = {kind: [] for kind in kinds}
        for number in range(options.rounds):
            for kind in kinds if number % 2 == 0 else kinds[::-1]:
                runs[kind].append(measure(kind, python, clients, options.seconds))
        show(runs, clients, against)


def check(parser, options):
    """Ends the program with a sentence where an option is out of its range."""
    counts = options.clients if isinstance(options.clients, list) else [options.clients]
    if not all(3 <= count <= 2000 for count in counts):
        parser.error("3 to 2000 clients")
    if not 1 <= options.rounds <= 20 or not 0 < options.seconds <= 10:
        parser.error("at most 20 rounds, 10 seconds")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, nargs="+", default=[50, 300, 1000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each sustained load")
    parser.add_argument("--only", nargs="+", choices=KINDS, default=USUAL)
    parser.add_argument("--python", default=sys.executable, help="has uvicorn and gunicorn")
    options = parser.parse_args()
    check(parser, options)
    kinds = []
    for kind in options.only:
        if why := missing(kind, options.python):
            print(f"{kind} is left out: {why}")
        else:
            kinds.append(kind)
    compare(kinds, options.python, options, against="node")


if __name__ == "__main__":
    main()
