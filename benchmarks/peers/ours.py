"""The same work in our server, with all its checks: ``python ours.py <port> [untapped]``.

Limits on numbers are raised, or they would end the measurement; the checks themselves run.
"""

import sys
import time
from pathlib import Path

from flask import Flask
from work import PING_SECONDS, add_handlers

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from socketlab.server import AdmissionMiddleware, Server, build_socketio  # noqa: E402
from socketlab.site.settings import DEFAULTS  # noqa: E402
from socketlab.wiretap.tap import Tap  # noqa: E402

RAISED = {
    **dict.fromkeys(("EVENTS_PER_SECOND", "EVENTS_BURST"), 10**7),
    **dict.fromkeys(("INPUT_BYTES_PER_SECOND", "INPUT_BYTES_BURST"), 10**7),
    **dict.fromkeys(("SESSIONS_BURST", "SESSIONS_PER_SECOND", "SESSIONS_PER_10_SECONDS"), 10**5),
    **dict.fromkeys(("SOCKETS", "SOCKETS_PER_ADDRESS"), 5000),
    "PING_SECONDS": PING_SECONDS,
}


def seat_of(environ):
    """Each client has a seat of its own, as in a class: the server shares its work by seat."""
    return environ["REMOTE_PORT"]


app = Flask("bench")
settings = {**DEFAULTS, **RAISED}
tap = Tap(lambda: time.monotonic() * 1000)
tap.recording = "untapped" not in sys.argv
socketio = build_socketio(app, tap, settings)
add_handlers(socketio)
app.wsgi_app = AdmissionMiddleware(
    app.wsgi_app, tap=tap, settings=settings, identify=seat_of, client_path=__file__
)
Server(app, socketio, tap, "127.0.0.1", int(sys.argv[1]), settings).serve()
