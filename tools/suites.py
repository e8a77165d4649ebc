"""The protocols' own suites against our server: ``python tools/suites.py FOLDER``.

FOLDER is ``docs`` of the main Socket.IO repository, or holds ``engine.io-protocol/v4-test-suite``
and ``socket.io-protocol/v5-test-suite`` as that does. Their packages must be installed there or
above (``npm install mocha@9 chai@4 chai-string@1 node-fetch@3 ws@8``).

Each suite runs in a copy, against a server in a process of its own. The copy asks our port
instead of 3000, waits for pings of 1 s instead of 300 ms, and takes two frames of one read for
two events, which ``ws`` no longer does unasked: the suite would miss the second. One suite wants
an echo server without Socket.IO, so for it our dispatcher is replaced; sessions, transports and
admission stay. A third run, ``official_client.mjs``, drives the official client of our own
``node_modules``; without FOLDER it is the only one.

Every test that fails is printed by name, with the reason where we mean it to. The exit status is
1 if a test fails that should not, or passes though DEVIATIONS says that it cannot.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import gevent
from engineio.packet import MESSAGE, Packet
from flask import Flask, request
from flask_socketio import emit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from socketlab.server import AdmissionMiddleware, Server, build_socketio  # noqa: E402
from socketlab.site.settings import DEFAULTS  # noqa: E402
from socketlab.wiretap.tap import Tap  # noqa: E402

SUITES = {  # -> where it is in FOLDER; ours needs none
    "engine.io": "engine.io-protocol/v4-test-suite",
    "socket.io": "socket.io-protocol/v5-test-suite",
    "client": None,
}
PUT = "405 with Allow, which is what HTTP has for PUT"
SECOND = "the handshake is refused with 400: nothing has to be opened to be closed"
NAMESPACE = "a sentence that names the namespace"
DEVIATIONS = {  # suite -> the full name of a test -> what is here instead
    "engine.io": {
        "Engine.IO protocol handshake HTTP long-polling fails with an invalid request method": PUT,
        "Engine.IO protocol upgrade"
        " ignores WebSocket connection with same sid after upgrade": SECOND,
    },
    "socket.io": {
        "Engine.IO protocol handshake HTTP long-polling"
        " should fail with an invalid request method": PUT,
        "Engine.IO protocol upgrade"
        " should ignore WebSocket connection with same sid after upgrade": SECOND,
        "Socket.IO protocol connect should disallow connection to an unknown namespace": NAMESPACE,
    },
    "client": {},
}
ONE_BY_ONE = """globalThis.WebSocket = class extends WebSocket {
  constructor(url) {
    super(url, { allowSynchronousEvents: false });
  }
};"""
SETTINGS = {
    "PING_SECONDS": 1,
    "PONG_SECONDS": 1,
    "MESSAGE_BYTES": 1_000_000,
    "OUTPUT_BYTES": 2_000_000,
}
LONGEST_TEST = 6000  # ms; the longest waits for a ping and its timeout


# The server


class EngineEcho:
    """In the dispatcher's place: what comes in a session goes back in it."""

    def message(self, session, text, slow=False):
        session.send(Packet(MESSAGE, text))

    attachment = message

    def leave_all(self, session_id, reason):
        pass


def declare_echo(socketio, namespace):
    """What the Socket.IO suite wants of a namespace."""

    def let_in(auth):
        """The suite hears ``auth`` after the answer; what is emitted here would go before it."""
        told = partial(socketio.emit, namespace=namespace, to=request.sid)
        socketio.start_background_task(told, "auth", auth or {})

    socketio.on_event("connect", let_in, namespace=namespace)
    socketio.on_event("message", lambda *values: emit("message-back", values), namespace=namespace)
    socketio.on_event("message-with-ack", lambda *values: values, namespace=namespace)
    socketio.on_event("late", lambda: gevent.sleep(0.2), namespace=namespace)


def serve(suite):
    """Prints its port and serves until it is ended."""
    settings = {**DEFAULTS, **SETTINGS}
    app = Flask(__name__, static_folder=None)
    tap = Tap(lambda: 0.0, secrets=[])
    socketio = build_socketio(app, tap, settings)
    if suite == "engine.io":
        socketio.server.context.dispatcher = EngineEcho()
        socketio.server.context.connects.put = lambda session: None  # nobody sends a CONNECT
    else:
        for namespace in ("/", "/custom"):
            declare_echo(socketio, namespace)
    admit = AdmissionMiddleware(
        app.wsgi_app, tap=tap, settings=settings, identify=lambda environ: None, client_path="."
    )

    def anywhere(environ, start_response):
        environ["PATH_INFO"] = environ["PATH_INFO"].replace("/engine.io/", "/socket.io/", 1)
        return admit(environ, start_response)

    app.wsgi_app = anywhere
    server = Server(app, socketio, tap, "127.0.0.1", 0, settings)
    print(server.port, flush=True)
    server.serve()


# The suites


def copy(source, target, port):
    """A copy of a suite that asks our port, and waits for our pings."""
    for path in source.glob("*.js"):
        text = path.read_text().replace("http://localhost:3000", f"http://127.0.0.1:{port}")
        text = text.replace("globalThis.WebSocket = WebSocket;", ONE_BY_ONE)
        text = re.sub(r"(const PING_(INTERVAL|TIMEOUT)) = \d+", r"\1 = 1000", text)
        (target / path.name).write_text(text)
    shutil.copy(source / "package.json", target)
    modules = next(
        folder / "node_modules" for folder in source.parents if (folder / "node_modules").is_dir()
    )
    (target / "node_modules").symlink_to(modules)


def mocha(source, port):
    """Runs a suite of theirs; what mocha prints."""
    with tempfile.TemporaryDirectory() as target:
        copy(source, Path(target), port)
        program = Path(target) / "node_modules" / ".bin" / "mocha"
        options = ["--reporter", "json", "--exit", "--timeout", str(LONGEST_TEST)]
        return program_says([str(program), *options, "test-suite.js"], target)


def program_says(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    if "{" not in done.stdout:
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


def run(folder, suite):
    """Runs a suite: {name of the test: its error, "" if it passed}."""
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve", suite], stdout=subprocess.PIPE, text=True
    )
    try:
        port = int(server.stdout.readline())
        if suite == "client":
            script = ROOT / "tools" / "official_client.mjs"
            said = program_says(["node", str(script), f"http://127.0.0.1:{port}"], ROOT)
        else:
            said = mocha(folder / SUITES[suite], port)
    finally:
        server.terminate()
        server.wait()
    tests = json.loads(said[said.index("{") :])["tests"]
    return {test["fullTitle"]: test["err"].get("message", "") for test in tests}


def report(suite, results):
    """Prints what failed; returns how many tests did not go as expected."""
    failed = {name: error for name, error in results.items() if error}
    print(f"{suite}: {len(results) - len(failed)} of {len(results)}")
    meant, wrong = DEVIATIONS[suite], 0
    for name, error in failed.items():
        wrong += name not in meant
        print(
            f"  {'meant' if name in meant else 'WRONG'}  {name}\n         {meant.get(name, error)}"
        )
    for name in meant.keys() - failed.keys():
        wrong += 1
        print(f"  WRONG  {name}\n         passes, or is not there")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--serve", choices=SUITES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(options.serve)
    suites = SUITES if options.folder else ["client"]
    return 1 if sum([report(suite, run(options.folder, suite)) for suite in suites]) else 0


if __name__ == "__main__":
    sys.exit(main())
