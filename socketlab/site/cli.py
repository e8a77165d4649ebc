"""The command line: options, the first lines in the terminal, and how it ends.

Whatever keeps the server from starting is one sentence and exit status 2, never a traceback.
"""

import contextlib
import io
import logging
import signal
import sqlite3
import sys
from pathlib import Path
from urllib.parse import quote

import click
import segno

from .. import client
from ..classroom.teacher import spaced
from ..server import Server
from . import notes, settings
from .terminal import show_log
from .ways_in import EVERY_ADDRESS

log = logging.getLogger("socketlab")

HELP = "Start SocketLab. Ctrl-C ends it."
EPILOG = "Each option may stand in the environment instead: --teacher-key is SOCKETLAB_TEACHER_KEY."


class Command(click.Command):
    """A command whose help lists the settings in their groups."""

    def format_options(self, ctx, formatter):
        for title, options in settings.GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([option.get_help_record(ctx) for option in options])


def main(create_app, arguments=None):
    """Read the options and serve what ``create_app(settings)`` makes: the exit status."""
    # Until the server listens and sees to it itself: the first start takes a while.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    command = Command(
        "app.py",
        params=list(settings.SETTINGS.values()),
        callback=lambda **options: listen(create_app, options),
        help=HELP,
        epilog=EPILOG,
        context_settings={"max_content_width": 100},
    )
    try:
        server = command.main(
            arguments, "app.py", standalone_mode=False, auto_envvar_prefix=settings.PREFIX
        )
    except click.ClickException as error:
        return refuse(error)
    if isinstance(server, Server):  # not after --help
        try:
            server.serve()
        finally:
            server.app.extensions["socketlab"].close()
    return 0


def refuse(error):
    """Print why, as one line: the exit status."""
    print(" ".join(error.format_message().split()), file=sys.stderr)
    return 2


def listen(create_app, options):
    """The listening server, announced. Raises ClickException with one sentence."""
    chosen = {name.upper(): value for name, value in options.items()}
    show_log(chosen["QUIET"])
    try:
        client.ensure(Path(chosen["DATA"]))
        app = create_app(chosen)
    except (client.ClientMissing, notes.BadNote, ValueError) as error:
        raise click.ClickException(str(error)) from None
    except (OSError, sqlite3.Error) as error:
        raise click.ClickException(
            f"The data folder {chosen['DATA']} cannot be used ({error}): "
            "choose another with --data."
        ) from None
    here = app.extensions["socketlab"]
    host = EVERY_ADDRESS if chosen["LAN"] else chosen["HOST"]
    try:
        server = Server(app, app.extensions["socketio"], here.tap, host, chosen["PORT"], chosen)
    except OSError as error:
        here.close()
        raise click.ClickException(
            f"Cannot listen on {host} port {chosen['PORT']} ({error.strerror or error}): "
            "stop the other program, or choose another with --port or --host."
        ) from None
    announce(here, host, server.port)
    if here.teacher.guessable:
        log.warning("the teacher's key is short: leave it out, and each start makes a long one")
    return server


def announce(here, host, port):
    """Print where to go. With ``--lan`` also the way in for phones, as text and as QR code."""
    local = "127.0.0.1" if host == EVERY_ADDRESS else host
    lines = [
        f"SocketLab  http://{local}:{port}/",
        f"Teacher    http://{local}:{port}/teach?key={quote(here.teacher.key, safe='')}",
    ]
    here.ways_in.listens(host, port)
    if host == EVERY_ADDRESS:
        code, addresses = spaced(here.code), here.ways_in.addresses() or [local]
        lines += [f"Join       http://{address}:{port}/join   code {code}" for address in addresses]
        lines += ["", squares(here.join_address)]
        lines += ["Anybody on this network can read what the pages send: there is no TLS here."]
    print("\n".join(lines), flush=True)


def squares(address):
    """A QR code for the terminal; empty where the terminal knows no block characters."""
    drawing = io.StringIO()
    segno.make(address, error="m").terminal(drawing, compact=True)
    with contextlib.suppress(UnicodeEncodeError):
        drawing.getvalue().encode(getattr(sys.stdout, "encoding", None) or "utf-8")
        return drawing.getvalue()
    return ""
