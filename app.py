"""SocketLab's composition root: names every part once, in order; its command line is site/cli.py.

``python app.py`` serves on 127.0.0.1:8000; ``python app.py --lan`` lets phones join.
"""

if __name__ == "__main__":
    # Before any other import, so that every lock and socket of every library gives way to the
    # other connections while it waits.
    from gevent import monkey

    monkey.patch_all()

import logging
import shutil
import sys
import time
from functools import partial
from pathlib import Path

from flask import Flask

from socketlab import client, lessons
from socketlab.buffers import FIRST, Buffers, open_stores
from socketlab.classroom import handlers as class_handlers
from socketlab.classroom.identity import identify, is_teachers
from socketlab.classroom.ledger import SCHEMA, SYNCHRONOUS, Ledger
from socketlab.classroom.refused import Refused
from socketlab.classroom.reviews import Reviews
from socketlab.classroom.seats import Seats
from socketlab.classroom.services import Services
from socketlab.classroom.state import Classroom, Course
from socketlab.classroom.teacher import Teacher, fresh_code, spaced
from socketlab.classroom.watching import watching
from socketlab.database import Database
from socketlab.exercises import handlers as exercise_handlers
from socketlab.exercises import raw
from socketlab.health import Budget
from socketlab.server import (
    AdmissionMiddleware,
    Agenda,
    BatchWorker,
    ConnectionCutter,
    build_socketio,
    connections,
    line_of,
    most_sockets,
    take_over,
)
from socketlab.site import (
    cli,
    exercise_page,
    exercises,
    glossary,
    joining,
    notes,
    pages,
    plans,
    review,
    reviewing,
    settings,
    source,
    wall,
)
from socketlab.site.assets import Assets
from socketlab.site.keys import signing_key
from socketlab.site.ways_in import WaysIn
from socketlab.wiretap import RowReader, Tap

HERE = Path(__file__).parent

log = logging.getLogger("socketlab")


def create_app(config=None):
    """The whole application, not yet listening. ``config`` overrules settings by name.

    Raises OSError or sqlite3.Error where the data folder cannot be written, ValueError for a
    wrong setting, BadNote for a wrong note.
    """
    chosen = settings.settings_from(**(config or {}))
    data = Path(chosen["DATA"])
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = server_clock()

    app = Flask(__name__, static_folder=None)  # they are pages.asset's
    app.json.sort_keys = False
    tap = Tap(
        now,
        rows_per_seat=chosen["TAP_ROWS"],
        bytes_per_seat=chosen["TAP_BYTES"],
        bytes_total=chosen["TAP_TOTAL_BYTES"],
        rings=chosen["SEATS"],
    )
    socketio = build_socketio(app, tap, chosen)
    rows = RowReader(tap, lambda: socketio.sleep(0), chosen["DECODER_BYTES"])
    course = notes.read_all(HERE / "notes")
    judges = lessons.exercises(course)
    told = exercises.read_all(HERE / "notes" / "exercises")
    exercises.check_halves(told, judges)
    listed = notes.read_course(HERE / "notes" / "coming.toml", course)
    questions = review.read(HERE / "notes" / "review.toml", course, listed)
    here = app.extensions["socketlab"] = Services(
        settings=chosen,
        now=now,
        tap=tap,
        rows=rows,
        cutter=ConnectionCutter(
            socketio,
            now,
            lambda *cut: class_handlers.tell_cut(socketio, here, *cut),
            lambda: watching(socketio),
        ),
        notes=course,
        course=listed,
        plans=plans.read_all(HERE / "notes" / "plans", course, listed, questions),
        review=questions,
        glossary=glossary.read(HERE / "notes" / "glossary.toml", course, listed),
        sources={note.slug: shown_files(note) for note in course},
        assets=Assets(HERE / "static"),
        client_version=client.VERSION,
        exercises=judges,
        exercise_notes=told,
        later=Agenda().put,
        take_over=partial(take_over, socketio),
        hints={note.slug: list(note.keypoints) for note in course},
        client_sha256=client.SHA256,
        ways_in=WaysIn(),
        connections=lambda: connections(socketio),
        line_of=partial(line_of, socketio),
        most_sockets=most_sockets(chosen["SOCKETS"]),
        reached=socketio.server.context.reached,
        memory={
            "capture": tap.budget,
            "decoders": rows.budget,
            "output": socketio.server.context.output.stats,
        },
        **what_is_kept(chosen, data, now, course, questions, socketio.server.context.reached),
    )
    socketio.server.context.unread = partial(raw.unread, here)
    here.reached.read_from("decoder_bytes", lambda: rows.budget()["dropped"])
    here.seats.forgotten = here.forget
    here.tap.hide(here.teacher.key)
    here.code = here.kept_secret("join code", fresh_code)
    here.tap.hide(spaced(here.code))

    app.register_blueprint(pages.bp)
    app.register_blueprint(joining.bp)
    app.register_blueprint(reviewing.bp)
    app.register_blueprint(wall.bp)
    app.register_blueprint(exercise_page.bp)
    app.register_error_handler(Refused, here.refused)
    register(app, socketio, class_handlers)
    register(app, socketio, exercise_handlers)
    for package, handlers in lessons.load(course):
        if hasattr(package, "prepare"):
            package.prepare(here)
        register(app, socketio, handlers)

    app.wsgi_app = AdmissionMiddleware(
        app.wsgi_app,
        tap=tap,
        settings=chosen,
        identify=lambda environ: identify(environ, here.seats, here.own_calls),
        is_settled=here.seats.settled,
        is_teacher=lambda environ: is_teachers(environ, here.teacher),
        client_path=data / client.KEPT_AS,
        refused=here.cutter.refused,
    )
    return app


def what_is_kept(chosen, data, now, course, questions, reached):
    """The services that outlive the process, or stand on what does: key, class, seats, buffers."""
    key = chosen["SECRET_KEY"] or signing_key(data / "secret_key")
    most = 0 if disk_is_full(data, chosen["FREE_DISK_BYTES"], reached) else chosen["DATABASE_BYTES"]
    ledger = Ledger(open_ledger(data / "ledger.sqlite3", most), chosen["SEATS_ON_DISK"], reached)
    reports = Budget(chosen["REPORT_BYTES"])
    classroom = Classroom(what_is_taught(course, questions), ledger, FIRST, reports, now)
    stores, absent = open_stores(data, chosen["REDIS_URL"], chosen["RUN_BYTES"], BatchWorker, most)
    buffers = Buffers(stores, absent)
    buffers.for_everybody(classroom.state()["buffer"])
    return {
        "key": key,
        "disk_is_full": not most,
        "ledger": ledger,
        "classroom": classroom,
        "reviews": Reviews(ledger, [each.id for each in questions], len(course), now),
        "reports": reports,
        "buffers": buffers,
        "seats": Seats(key, ledger, now, most=chosen["SEATS"]),
        "teacher": Teacher(
            key,
            chosen["TEACHER_KEY"],
            now,
            chosen["KEY_TRIES_PER_MINUTE"],
            chosen["KEY_TRIES_PER_MINUTE_OF_ALL"],
        ),
    }


def what_is_taught(course, questions):
    """Where a teacher may lead the class, and what it may be asked there."""
    asked = [prediction for note in course for prediction in note.predictions]
    return Course(
        steps={one.id: [choice.id for choice in one.choices] for one in asked},
        right={one.id: choice.id for one in asked for choice in one.choices if choice.right},
        places={review.PLACE: [each.id for each in questions]}
        | {note.slug: note.places for note in course},
    )


def disk_is_full(data, least, reached):
    """Whether so little is free that nothing should be written; then it is said and counted."""
    free = shutil.disk_usage(data).free
    if free < least:
        reached.note("free_disk_bytes")
        log.warning("the disk is nearly full (%d MB free): nothing is written to it", free >> 20)
    return free < least


def open_ledger(path, most):
    """The ledger's file of at most so many bytes; 0: a copy of it in memory, for this time."""
    if most:
        return Database(path, SCHEMA, SYNCHRONOUS, BatchWorker, most)
    database = Database(":memory:", SCHEMA, SYNCHRONOUS, BatchWorker)
    database.take_over(path)
    return database


def register(app, socketio, handlers):
    """The namespaces of a module and, where it has HTTP addresses of its own, its blueprint."""
    here = app.extensions["socketlab"]
    for name, kind in handlers.NAMESPACES.items():
        namespace = kind(name)
        namespace.services = here
        socketio.on_namespace(namespace)
        if hasattr(namespace, "heard"):
            here.classroom.listeners.append(namespace.heard)
        if hasattr(namespace, "prepare"):
            namespace.prepare()
        if hasattr(namespace, "clear"):
            here.clearing.append(namespace.clear)
        if hasattr(namespace, "came"):
            here.coming.append(namespace.came)
        if hasattr(namespace, "removed"):
            here.removing.append(namespace.removed)
    if hasattr(handlers, "bp"):
        app.register_blueprint(handlers.bp)
        rules = [r for r in app.url_map.iter_rules() if r.endpoint.startswith(handlers.bp.name)]
        for rule in rules:
            here.tap.count_path(rule.rule)


def server_clock():
    """A clock in ms that starts at the time of day and then only goes forward, evenly."""
    offset = time.time() - time.monotonic()
    return lambda: (offset + time.monotonic()) * 1000


def shown_files(note):
    """The two files of a lesson that its page shows, as they are on disk."""
    if not note.demo:
        return []
    python = HERE / "socketlab" / "lessons" / note.demo / "handlers.py"
    script = HERE / "static" / "lessons" / note.demo / "panel.js"
    return [source.read(python), source.read(script)]


def main():
    """The command line: its exit status."""
    return cli.main(create_app)


if __name__ == "__main__":
    sys.exit(main())
