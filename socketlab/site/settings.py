"""Every setting and limit, with its default and the reason for it.

Each name can be set as the environment variable ``SOCKETLAB_<NAME>`` or, for the few that
``python app.py --help`` lists, as an option. Nothing else reads the environment.
"""

import os
from pathlib import Path

DEFAULTS = {
    # Where and who.
    "HOST": "127.0.0.1",
    "PORT": 8000,  # 5000 is taken by AirPlay on Macs, 5060 is refused by browsers
    "LAN": False,  # listen on every address and print the join address
    # A folder: signing key, client file, ledger. Beside app.py, wherever it is started from.
    "DATA": str(Path(__file__).parent.parent / "instance"),
    "TEACHER_KEY": "",  # empty: a fresh random key at each start
    "SECRET_KEY": "",  # empty: made once, kept in DATA with mode 0600
    "REDIS_URL": "",  # set: several processes share one class
    "HOSTS": [],  # further host names that a page may be opened by
    # One connection: what it may send.
    "MESSAGE_BYTES": 32 * 1024,  # one message; checked before it is whole
    "BODY_BYTES": 16 * 1024,  # any other request body
    "HEADER_BYTES": 16 * 1024,
    "HEADER_FIELDS": 64,
    "HEADER_SECONDS": 5,  # from the first byte of a request to its blank line
    "BODY_SECONDS": 10,
    "IDLE_SECONDS": 60,  # a kept-alive connection without a request
    "FRAGMENTS": 64,  # of one message; tiny fragments cost more than they carry
    "EVENTS_PER_SECOND": 20,
    "EVENTS_BURST": 40,
    "INPUT_BYTES_PER_SECOND": 64 * 1024,
    "INPUT_BYTES_BURST": 128 * 1024,
    "CONNECT_SECONDS": 5,  # from the open packet to the first CONNECT
    # One connection: how far it may fall behind.
    "OUTPUT_PACKETS": 256,
    "OUTPUT_BYTES": 512 * 1024,
    "STALL_SECONDS": 10,
    # The heartbeat: a dead peer is noticed within 26 s.
    "PING_SECONDS": 10,
    "PONG_SECONDS": 8,
    # All connections. A school shares one address, so the door is generous in a burst.
    "SOCKETS": 1200,
    "SOCKETS_PER_SEAT": 12,  # a page, eight robots, and room for a second tab
    "SOCKETS_PER_ADDRESS": 40,  # of those that name no seat
    "SESSIONS_BURST": 400,
    "SESSIONS_PER_10_SECONDS": 60,
    "SESSIONS_PER_SECOND": 200,
    "HELD_POLLS": 400,
    "HELD_POLLS_PER_SEAT": 2,
    "WIRE_PER_SECOND": 40,  # of a seat: a page asks 4 times a second, lessons 2 and 8 twice that
    "SEATS": 3000,  # remembered; the one unseen for longest goes first
    # Runs of lesson "missed", and what is kept of them.
    "RUNS": 20_000,  # remembered, of all seats
    "RUNS_PER_SEAT": 20,
    "RUN_BYTES": 256 * 1024,
    "RUN_SECONDS": 600,  # from its end: as long as a student may be away
    "RUN_EVENTS_PER_SECOND": 3000,  # of all runs; more is asked for: they go slower
    "RESUMES_PER_10_SECONDS": 5,  # of a seat
    "BUFFER_BYTES": 64 << 20,
    # The tap.
    "TAP_ROWS": 2000,
    "TAP_BYTES": 1 << 20,
    "TAP_TOTAL_BYTES": 64 << 20,
}


def settings_from(environ=os.environ, **given):
    """The defaults, overruled by ``SOCKETLAB_…`` in ``environ``, overruled by ``given``.

    Raises ValueError with a sentence where a value is not of its default's kind
    or where ``given`` holds an unknown name.
    """
    settings = dict(DEFAULTS)
    for name, default in DEFAULTS.items():
        text = environ.get(f"SOCKETLAB_{name}")
        if text is not None:
            settings[name] = parse(name, default, text)
    for name, value in given.items():
        if name not in DEFAULTS:
            raise ValueError(f"there is no setting called {name}")
        settings[name] = value
    if settings["PORT"] > 65535:
        raise ValueError(f"there is no port {settings['PORT']}: choose one up to 65535")
    return settings


def parse(name, default, text):
    """``text`` as a value of the same kind as ``default``."""
    if isinstance(default, bool):
        if text.lower() in ("1", "true", "yes", "on"):
            return True
        if text.lower() in ("", "0", "false", "no", "off"):
            return False
        raise ValueError(f"SOCKETLAB_{name} must be yes or no, not {text!r}")
    if isinstance(default, int):
        if not text.isascii() or not text.isdigit():
            raise ValueError(f"SOCKETLAB_{name} must be a whole number, not {text!r}")
        return int(text)
    if isinstance(default, list):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text
