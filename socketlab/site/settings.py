"""Every setting and limit, said once: its name, its default, its least value, its reason.

``GROUPS`` is the list. Each is an option of ``python app.py`` (``--events-per-second 20``), an
environment variable of the same name (``SOCKETLAB_EVENTS_PER_SECOND=20``) and a key of
``create_app({"EVENTS_PER_SECOND": 20})``; the three are checked alike. Nothing else reads the
environment.

The least values are those with which a page still works: a rate of 0 would let nothing through.
"""

import os
from pathlib import Path

import click

PREFIX = "SOCKETLAB"
INSTANCE = Path(__file__).parent.parent.parent / "instance"  # wherever it is started from


class Whole(click.IntRange):
    """A whole number; click says "integer range" where one is wrong."""

    name = "whole number"

    def convert(self, value, param, ctx):
        if not isinstance(value, int | str):  # int(0.5) is 0
            self.fail(f"{value!r} is not a valid {self.name}.", param, ctx)
        return super().convert(value, param, ctx)


class Key(click.ParamType):
    """A key that cannot be guessed. What was given is never part of the error."""

    name = "key"

    def __init__(self, least):
        self.least = least

    def convert(self, value, param, ctx):
        if len(value.strip()) < self.least:
            what = f"a key of {len(value.strip())} characters can be guessed"
            self.fail(f"{what}: it needs {self.least} or more.", param, ctx)
        return value


class Host(click.ParamType):
    """A name or an address; whether this machine has it, listening will show."""

    name = "name"

    def convert(self, value, param, ctx):
        try:
            value.encode("idna")
        except UnicodeError:
            self.fail(f"{value!r} is no host name.", param, ctx)
        return value


class Names(click.ParamType):
    """Names with commas between them, or a list."""

    name = "names"

    def convert(self, value, param, ctx):
        parts = value if isinstance(value, list) else str(value).split(",")
        return [part.strip() for part in parts if part.strip()]


class Setting(click.Option):
    """One setting, as an option; ``reason`` is what ``--help`` says of it."""

    def __init__(self, name, default, reason, **more):
        more = {"show_default": bool(default)} | more
        option = f"--{name.lower().replace('_', '-')}"
        super().__init__([option], default=default, help=reason, **more)

    def get_error_hint(self, ctx):
        """Its two names: the wrong value may stand in the environment."""
        return f"{self.opts[0]} ({PREFIX}_{self.name.upper()})"


def text(name, default, reason, kind=click.STRING, **more):
    return Setting(name, default, reason, type=kind, **more)


def number(name, default, least, reason, most=None):
    return Setting(name, default, reason, type=Whole(least, most), metavar="N")


def switch(name, reason):
    return Setting(name, False, reason, type=click.BOOL, is_flag=True)


GROUPS = {
    "Where and who": [
        text("HOST", "127.0.0.1", "The address to listen on.", Host()),
        # 5000 is taken by AirPlay on Macs, 5060 is refused by browsers.
        number("PORT", 8000, 0, "0 lets the system choose.", most=65535),
        switch("LAN", "Listen on every address; print the way in."),
        text(
            "DATA",
            str(INSTANCE),
            "The folder for the key, the client and the ledger.",
            metavar="DIR",
            show_default="instance/, beside app.py",
        ),
        text("TEACHER_KEY", None, "Instead of a fresh random key at each start.", Key(4)),
        text("SECRET_KEY", None, "Instead of the key kept in the data folder.", Key(16)),
        text("REDIS_URL", "", "A Redis server, as one more place for lesson 9's buffer."),
        text("HOSTS", [], "Further host names that a page may be opened by.", Names()),
        switch("QUIET", "Say only warnings after the start, not who joins or is refused."),
    ],
    "One connection: what it may send": [
        number("MESSAGE_BYTES", 32 * 1024, 1024, "One message; checked before it is whole."),
        number("BODY_BYTES", 16 * 1024, 1024, "Any other request body."),
        number("HEADER_BYTES", 16 * 1024, 2048, "The head of a request; a browser's has 1 KB."),
        number("HEADER_FIELDS", 64, 24, "Its lines; a browser sends about 20."),
        number("HEADER_SECONDS", 5, 1, "From the first byte of a request to its blank line."),
        number("BODY_SECONDS", 10, 1, "For the body of a request."),
        number("FIRST_BYTE_SECONDS", 10, 1, "Of a new connection; browsers open some early."),
        number("IDLE_SECONDS", 60, 1, "A kept-alive connection without a request."),
        number("FRAGMENTS", 64, 1, "Of one message: tiny ones cost more than they carry."),
        number("EVENTS_PER_SECOND", 20, 1, "A faster client is told to slow down, then ended."),
        number("EVENTS_BURST", 40, 10, "A page that opens sends about 10 at once."),
        number("TOO_FAST_SECONDS", 3, 1, "Of refused events, until the connection is ended."),
        number("REFUSAL_SECONDS", 10, 1, "In which who was ended so is not let in again."),
        number("INPUT_BYTES_PER_SECOND", 64 * 1024, 1024, "Of all its messages together."),
        number("INPUT_BYTES_BURST", 128 * 1024, 1024, "Less than one message shuts that out."),
        number("CONNECT_SECONDS", 5, 1, "For the first CONNECT, an upgrade, attachments."),
        number("DECISION_SECONDS", 2, 1, "For a connect handler to let a client in, or not."),
        number("HANDLER_MS", 200, 1, "A handler that takes longer is counted."),
        number("HANDLER_SECONDS", 2, 1, "One that takes so long is a warning in the log."),
        number("CALLBACKS", 8, 1, "Questions of the server that one client leaves open."),
        number("CALLBACK_SECONDS", 10, 1, "For the answer to one; then nobody waits for it."),
    ],
    "One connection: how far it may fall behind": [
        number("OUTPUT_PACKETS", 256, 1, "Waiting for a reader that is slow."),
        number("OUTPUT_BYTES", 512 * 1024, 256, "The same, by size."),
        number("OUTPUT_TOTAL_BYTES", 64 << 20, 1024, "Waiting for all who are slow, together."),
        number("STALL_SECONDS", 10, 1, "In which it must read something."),
        number("PING_SECONDS", 10, 1, "Between two pings: a dead peer is noticed within 18 s."),
        number("PONG_SECONDS", 8, 1, "For the answer to a ping."),
    ],
    # A school shares one address, so admission is generous in a burst.
    "All connections": [
        number("SOCKETS", 1200, 1, "Never more than 70 % of the open files allowed."),
        number("SOCKETS_PER_SEAT", 12, 1, "A page, eight robots, and a second tab."),
        number("HOLES_PER_SEAT", 4, 1, "Connections that a lesson swallows, of one seat at once."),
        number("SOCKETS_PER_ADDRESS", 40, 1, "Of those that name no seat."),
        number("SESSIONS_BURST", 400, 1, "A class that arrives, or comes back, at once."),
        number("SESSIONS_PER_10_SECONDS", 60, 1, "New ones, of one seat or address."),
        number("SESSIONS_PER_SECOND", 200, 1, "New ones, of all."),
        number("HELD_POLLS", 400, 1, "Long polls that wait, of all."),
        number("HELD_POLLS_PER_SEAT", 2, 1, "Long polls that wait, of one seat."),
        number("EVENTS_PER_SECOND_PER_SEAT", 60, 1, "On all its connections; twice that at once."),
        number("EVENTS_PER_SECOND_OF_ALL", 3000, 10, "Beyond it, only the busiest are refused."),
        number("WIRE_PER_SECOND", 40, 1, "Questions for the wire, of one seat."),
        number("DELIVERIES_PER_SECOND", 100_000, 1, "Of all events, to all receivers."),
        number("DELIVERIES_PER_SECOND_PER_SEAT", 25_000, 1, "20 events a second to 1,200."),
        number("SEATS", 3000, 1, "Remembered; the one unseen for longest goes first."),
    ],
    "Guessing": [
        number("CODE_TRIES_PER_MINUTE", 10, 1, "Wrong join codes, of one address."),
        number("CODE_TRIES_PER_MINUTE_OF_ALL", 120, 1, "Wrong join codes, of all."),
        number("KEY_TRIES_PER_MINUTE", 5, 1, "Wrong teacher's keys, of one address."),
        number("KEY_TRIES_PER_MINUTE_OF_ALL", 4096, 1, "Of all: no class can use them up."),
    ],
    'The runs of lesson "missed", and what is kept of them': [
        number("RUNS", 20_000, 1, "Remembered, of all seats."),
        number("RUNS_PER_SEAT", 20, 1, "Remembered, of one seat."),
        number("RUN_BYTES", 256 * 1024, 1024, "Kept of one run."),
        number("RUN_SECONDS", 600, 1, "From its end: as long as a student may be away."),
        number("RUN_EVENTS_PER_SECOND", 3000, 1, "Of all; beyond it the runs go slower."),
        number("RESUMES_PER_10_SECONDS", 5, 1, "Replays asked for by one seat."),
        number("BUFFER_BYTES", 64 << 20, 1024, "Kept of all runs."),
    ],
    "Exercises": [
        number("ATTEMPTS", 1000, 1, "Programs that are judged at once."),
        number("ATTEMPTS_PER_SECOND", 1, 1, "Begun by one seat."),
        number("ATTEMPTS_BURST", 20, 1, "Of those, at once."),
    ],
    "What the packet inspector keeps": [
        number("TAP_ROWS", 2000, 1, "Rows of one seat; the oldest go first."),
        number("TAP_BYTES", 1 << 20, 1024, "Bytes of one seat's rows."),
        number("TAP_TOTAL_BYTES", 64 << 20, 1024, "Bytes of all rows."),
        number("DECODER_BYTES", 48 << 20, 1 << 20, "Decoded rows, and what decoders remember."),
    ],
    "What else is kept": [
        number("REPORT_BYTES", 32 << 20, 1 << 20, "Who heard what: of all runs of a lesson."),
        number("SEATS_ON_DISK", 20_000, 1, "Their nicks and predictions; the oldest go first."),
        number("DATABASE_BYTES", 256 << 20, 1 << 20, "One file; beyond it the oldest rows go."),
        number("FREE_DISK_BYTES", 200 << 20, 1 << 20, "Else, at the start, no file is written."),
        number("LOG_LINES_PER_SECOND", 20, 1, "Of one kind of refusal; the others are counted."),
    ],
}
SETTINGS = {option.name.upper(): option for options in GROUPS.values() for option in options}
DEFAULTS = {name: option.default for name, option in SETTINGS.items()}


def settings_from(**given):
    """The defaults, overruled by ``SOCKETLAB_…`` in the environment, overruled by ``given``.

    None is as good as not given. Raises ValueError with a sentence where a value is wrong or a
    name is unknown.
    """
    for name in given:
        if name not in SETTINGS:
            raise ValueError(f"there is no setting called {name}")
    context = click.Context(click.Command(None), auto_envvar_prefix=PREFIX)
    asked = {name.lower(): value for name, value in given.items() if value is not None}
    chosen = {}
    try:
        for name, option in SETTINGS.items():
            value, _ = option.consume_value(context, asked)
            chosen[name] = option.process_value(context, value)
    except click.BadParameter as error:
        raise ValueError(error.format_message()) from None
    return chosen


def environment_with(**names):
    """The environment for a program that we start: our own, and these."""
    return os.environ | names
