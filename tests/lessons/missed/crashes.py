"""A real server that kills itself at a named moment. Only tests and benchmarks start it.

``python -m tests.lessons.missed.crashes`` loads the application once and then, for each line of
JSON on its standard input, starts a server as a process of its own (a fork: a start costs no
loading), or waits for the end of the last one. ``SOCKETLAB_TEST_CRASH`` is read here and nowhere
else: ``<moment>:<number of the event>``.
"""

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402
import os  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402

import gevent  # noqa: E402

from tests.forks import loaded  # noqa: E402

loaded()

import app  # noqa: E402
from socketlab.buffers import redis_streams  # noqa: E402, F401  (loaded here, not in each fork)
from socketlab.lessons.base import LessonNamespace  # noqa: E402
from socketlab.lessons.missed.handlers import Missed  # noqa: E402

STATEMENTS = {"before commit": "COMMIT", "in a trim": "DELETE FROM event"}


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def arm(moment, number):
    """Put the fault in its place."""
    if moment in ("first half of the emits", "all emits"):
        arm_emit(moment, number)
    elif moment == "before ack":
        start = Missed.on_start
        Missed.on_start = lambda self, data: start(self, data) and die()
    else:
        open_stores = app.open_stores

        def armed(*args):
            stores, absent = open_stores(*args)
            for store in stores.values():
                arm_store(store, moment, number)
            return stores, absent

        app.open_stores = armed


def arm_store(store, moment, number):
    append, since, now = store.append, store.since, []

    def appending(run, event):
        mine = event["seq"] == number
        inside = moment in STATEMENTS and store.kind == "sqlite"
        if mine and (moment == "before store" or moment == "before commit" and not inside):
            die()
        now[:] = [event] if mine and inside else []
        kept = append(run, event)
        if mine and moment in ("after commit", "in a trim"):
            die()
        return kept

    def reading(*args):
        page = since(*args)
        if moment == "in a replay" and page and page.events:
            die()
        return page

    store.append, store.since = appending, reading
    if store.kind == "sqlite" and moment in STATEMENTS:
        store.database._db.set_trace_callback(
            lambda sql: die() if now and sql.startswith(STATEMENTS[moment]) else None
        )


def arm_emit(moment, number):
    def emit(self, event, data=None, room=None, **options):
        mine = event == "posted" and data["seq"] == number
        members = sorted(self.socketio.server.manager.get_participants(self.namespace, room))
        half = mine and moment == "first half of the emits"
        for sid, _ in members[: (len(members) + 1) // 2] if half else []:
            LessonNamespace.emit(self, event, data, room=sid)
        if not half:
            LessonNamespace.emit(self, event, data, room=room, **options)
        if mine:
            for session in list(self.socketio.server.eio.sockets.values()):
                if session.driver:
                    session.driver.writer.flush()
            gevent.sleep(0.05)  # the held polls are answered
            die()

    Missed.emit = emit


def serve(asked):
    """In the fork: a server like ``python app.py``, until its end."""
    os.environ.update(asked["env"])
    sys.argv = ["app.py", *asked["options"]]
    sys.stdin = open(os.devnull)
    if crash := os.environ.get("SOCKETLAB_TEST_CRASH"):
        moment, _, number = crash.partition(":")
        arm(moment, int(number))
    sys.exit(app.main())


def main():
    pid = None
    for line in iter(sys.stdin.readline, ""):
        asked = json.loads(line)
        if asked["do"] == "start":
            pid = os.fork()
            if not pid:
                serve(asked)
        else:
            if asked["do"] == "kill":
                os.kill(pid, signal.SIGKILL)
            print("Ended", os.waitpid(pid, 0)[1], flush=True)


if __name__ == "__main__":
    main()
