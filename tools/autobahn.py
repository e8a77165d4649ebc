"""The Autobahn project's WebSocket suite against our driver: ``python tools/autobahn.py WSTEST``.

WSTEST is the command that starts its client, such as "python2.7 -m autobahntestsuite.wstest"
(the package ``autobahntestsuite``, which still wants Python 2.7). An echo server with our own
driver, without Engine.IO above it, runs in a process of its own and listens on 127.0.0.1; its
limits are raised to what the cases about large messages send.

Prints how many cases ended in which way, and by name those that failed or were not closed as the
standard has it. The exit status is 1 if a case failed.
Source: RFC 6455; RFC 7692.
"""

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from flask import Flask

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from socketlab.protocols import handshake  # noqa: E402  the path above comes first
from socketlab.server import Server, build_socketio  # noqa: E402
from socketlab.server.driver import Driver  # noqa: E402
from socketlab.site.settings import DEFAULTS  # noqa: E402
from socketlab.wiretap.tap import Tap  # noqa: E402

MOST = 32 << 20  # bytes of a message; the largest of the suite has 16 MiB
SETTINGS = {
    "MESSAGE_BYTES": MOST,
    "FRAGMENTS": 1 << 20,
    "OUTPUT_BYTES": 4 * MOST,
    "OUTPUT_PACKETS": 1 << 20,
}
FINE = ("OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED")


def serve():
    """Prints its port and serves until it is ended."""
    settings = {**DEFAULTS, **SETTINGS}
    app = Flask(__name__, static_folder=None)
    tap = Tap(lambda: 0.0, secrets=[])
    socketio = build_socketio(app, tap, settings)
    context = socketio.server.context

    def echo(driver):
        while (message := driver.wait()) is not None:
            driver.send(message)

    def websockets(environ, start_response):
        if no := handshake.refusal(environ):
            start_response(no[0], [("Content-Length", "0")])
            return []
        Driver(echo, context).serve(environ)
        return []

    app.wsgi_app = websockets
    server = Server(app, socketio, tap, "127.0.0.1", 0, settings)
    print(server.port, flush=True)
    server.serve()


def run(wstest, cases, folder):
    """What the suite says of each case: {number: {"behavior", "behaviorClose", …}}."""
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True
    )
    try:
        # Compression is only there for who asks for it by name.
        url = f"ws://127.0.0.1:{int(server.stdout.readline())}/?deflate=1"
        plan = {
            "outdir": "reports",
            "servers": [{"agent": "SocketLab", "url": url}],
            "cases": cases,
            "exclude-cases": [],
            "exclude-agent-cases": {},
        }
        (Path(folder) / "plan.json").write_text(json.dumps(plan))
        command = [*shlex.split(wstest), "-m", "fuzzingclient", "-s", "plan.json"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    finally:
        server.terminate()
        server.wait()
    return json.loads((Path(folder) / "reports" / "index.json").read_text())["SocketLab"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wstest", nargs="?", help="the command that starts the suite's client")
    parser.add_argument("--cases", nargs="*", default=["*"], help="such as 1.* 9.1.*")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve()
    if not options.wstest:
        parser.error("which command starts the suite?")
    with tempfile.TemporaryDirectory() as folder:
        results = run(options.wstest, options.cases, folder)
    print(len(results), "cases:", dict(Counter(case["behavior"] for case in results.values())))
    print("closing:", dict(Counter(case["behaviorClose"] for case in results.values())))
    for number, case in results.items():
        if case["behavior"] not in FINE or case["behaviorClose"] not in FINE:
            print(f"  {number}: {case['behavior']}, closing {case['behaviorClose']}")
    return 1 if any(case["behavior"] not in FINE for case in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
