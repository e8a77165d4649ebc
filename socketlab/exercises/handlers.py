"""/exercise: a student's program, judged by what the server sees of it; and the page that watches.

    client sends   payload                    acknowledged with
    sent           whatever the exercise's own protocol says: see its page

    server sends   payload                                               to
    checked        {"check", "passed", "expected", "saw", "n", "attempt"}  program and watchers
    judged         {"passed", "of", "done": bool, "attempt"}             program and watchers
    began          {"attempt"}                                           watchers
    progressed     {"exercise", "attempts", "done", "passed", "of",      a watcher, when it comes
                    "running": attempt | null, "checks": [{"check", "expected",
                    "passed": bool | null, "saw", "n"}]}

CONNECT with ``auth: {"seat": token, "exercise": slug}`` begins an attempt, or goes on with one
after the judge has cut it; with ``"watch": true`` the socket is a page of the seat, which sends
nothing. ``n`` is the number of the row on the seat's wire that decided a check, or null.

Source: Socket.IO protocol v5, "Sending and receiving data", "Acknowledgement".
"""

import logging
from functools import partial
from typing import Any

from flask_socketio import join_room

from ..classroom.ledger import LedgerFailed
from ..classroom.passes import AT
from ..classroom.payloads import Payload, require_choice, require_flag
from ..classroom.refused import Refused
from ..classroom.seated import OURS, Answer, SeatedNamespace, me, my_seat, request
from . import raw
from .attempts import Attempt, Attempts, ProgramConnection, Then, Verdict
from .progress import Progress

log = logging.getLogger("socketlab.exercises")

WATCHES = "this socket watches: only your program sends"


def watchers_of(seat: str, slug: str) -> str:
    """The room of those pages of a seat that watch this exercise."""
    return f"{OURS}watches {slug} of {seat}"


class Exercise(SeatedNamespace):
    keeps_back = 0.2  # as the demos: what drives the class goes first

    def __init__(self, namespace: str | None = None) -> None:
        super().__init__(namespace)
        self._programs: dict[
            str, tuple[Attempt, str, ProgramConnection]
        ] = {}  # sid -> …, session, …

    def prepare(self) -> None:
        """The table of those who are judged, and what is kept of it."""
        here, limits = self.services, self.services.settings
        self.progress = Progress(here.ledger, here.now)
        here.progress_of = self.progress.of
        self.attempts = here.keep(
            Attempts,
            lambda: Attempts(
                here.exercises,
                here.now,
                here.later,
                tell=self.tell,
                number=lambda seat, slug: self.progress.of(seat, slug).attempts + 1,
                keep=self.keep,
                most=limits["ATTEMPTS"],
                rate=limits["ATTEMPTS_PER_SECOND"],
                burst=limits["ATTEMPTS_BURST"],
            ),
        )

    # Coming and going

    def arrive(self, auth: Payload) -> None:
        slug, seat = require_choice(auth, "exercise", self.attempts.exercises), my_seat().id
        if require_flag(auth, "watch"):
            join_room(watchers_of(seat, slug))
            self.services.later(0, partial(self.tell_whole, seat, slug, request.sid))
        else:
            self.seat_program(seat, slug)

    def seat_program(self, seat: str, slug: str) -> None:
        """The socket being let in is the seat's program: a new attempt's, or one that was cut."""
        session, connection = self.session(), self.connection_to(request.sid)
        if session in self.services.judged:
            raise Refused("a program is being judged on this connection already")
        attempt = self.attempts.running(seat, slug)
        if attempt is not None and attempt.connection is None and not attempt.over:
            attempt.returned(connection)
        else:
            attempt = self.attempts.begin(seat, slug, connection)
        self._programs[request.sid] = attempt, session, connection
        self.services.judged[session] = attempt
        self.look_around(attempt, session)

    def look_around(self, attempt: Attempt, session: str) -> None:
        """Where the program is already: on this connection, or by its exercise token on others.

        What it was refused on this connection counts too, once: a client may ask for all of its
        namespaces at the same time, and in any order.
        """
        here, manager = self.services, self.socketio.server.manager
        for namespace in attempt.judge.namespaces:
            sid = manager.sid_from_eio_sid(session, namespace)
            seat = here.sockets.get((namespace, sid))
            if seat is not None and seat.id == attempt.seat:
                attempt.saw("joined", namespace)
            refused, sentence = here.turned_away.pop((session, namespace), (None, ""))
            if refused == attempt.seat:
                attempt.saw("refused", namespace, sentence)
        for namespace, sid in list(here.by_pass):
            seat, other = (
                here.sockets.get((namespace, sid)),
                manager.eio_sid_from_sid(sid, namespace),
            )
            if seat is not None and other != session and attempt.concerns(seat.id, namespace):
                attempt.saw("elsewhere", namespace, other, True)

    def on_disconnect(self, reason: str) -> None:
        super().on_disconnect(reason)
        if request.sid in self._programs:
            attempt, session, connection = self._programs.pop(request.sid)
            del self.services.judged[session]
            attempt.left(connection)

    # What a program sends

    def trigger_event(self, event: Any, *args: Any) -> Any:
        """Every event goes to the judge, whatever its name."""
        if event in ("connect", "disconnect"):
            return super().trigger_event(event, *args)
        if len(args) == 2 and isinstance(args[1], dict):
            return super().trigger_event("sent", args[0], {"event": event, "data": args[1]})
        return super().trigger_event("sent", *args)

    def on_sent(self, sent: Payload) -> Answer:
        if request.sid not in self._programs:
            raise Refused(WATCHES)
        return self._programs[request.sid][0].handle(sent["event"], sent["data"])

    # What it is told

    def connection_to(self, sid: str) -> ProgramConnection:
        """The way to the program with this socket."""
        session = self.session()

        def send(event: str, data: Payload, then: Then | None) -> None:
            self.emit(event, data, room=sid, callback=then)

        def cut() -> None:
            self.services.cutter.cut_one(session)

        return ProgramConnection(send, cut, lambda: self.services.tap.newest(session), who=me())

    def tell(self, attempt: Attempt, event: str, told: dict[str, Any]) -> None:
        """Tell the program of a verdict, and the pages of its seat; of a beginning only those."""
        with self.services.deliveries.charged_to(attempt.seat):
            self.emit(event, told, room=watchers_of(attempt.seat, attempt.slug))
            if attempt.connection is not None and event != "began":
                attempt.connection.send(event, told, None)

    def tell_whole(self, seat: str, slug: str, sid: str) -> None:
        """How far the seat is, for a page that has just come."""
        try:
            self.emit("progressed", self.whole(seat, slug), room=sid)
        except LedgerFailed as no:
            log.warning("%s", no)

    def whole(self, seat: str, slug: str) -> dict[str, Any]:
        """The state of an exercise as a page shows it. Raises LedgerFailed."""
        kept, attempt = self.progress.of(seat, slug), self.attempts.running(seat, slug)
        last = {verdict["check"]: verdict for verdict in kept.checks}
        verdicts = attempt.verdicts if attempt else last
        checks = self.attempts.exercises[slug].checks
        return {
            "exercise": slug,
            "attempts": kept.attempts,
            "done": kept.done_at is not None,
            "passed": kept.best,
            "of": len(checks),
            "running": attempt and attempt.number,
            "checks": [shown(one.id, one.expected, verdicts.get(one.id)) for one in checks],
        }

    def keep(self, attempt: Attempt) -> None:
        """An attempt is over: it counts, unless it is the judge that failed."""
        if attempt.broken:
            return
        verdicts = [attempt.verdicts[check.id] for check in attempt.judge.checks]
        try:
            record = self.progress.keep(attempt.seat, attempt.slug, verdicts)
        except LedgerFailed as no:
            log.warning("an attempt at %s could not be kept: %s", attempt.slug, no)
        else:
            self.services.roster.changed(attempt.seat, exercise=record.shown(attempt.slug))

    # The teacher's

    def clear(self) -> dict[str, int]:
        """The class is forgotten: its programs too, and how far they were."""
        stopped = self.attempts.stop()
        self.progress.forget()
        return {"attempts": stopped}

    def removed(self, seat: str) -> None:
        """The teacher has ended a seat. Raises LedgerFailed."""
        self.attempts.stop(seat)
        self.progress.forget(seat)

    def came(self, seat: str) -> None:
        """A seat has joined the class, perhaps after a restart: how far it was. Raises Refused."""
        row = self.services.roster.row(seat)
        if row is not None and row.exercise is None and (last := self.progress.latest(seat)):
            self.services.roster.changed(seat, exercise=last[1].shown(last[0]))


def shown(check: str, expected: str, verdict: Verdict | None) -> dict[str, Any]:
    """One check as a page lists it; ``passed`` None: nothing has decided it."""
    open_ = {"passed": None, "saw": None, "n": None}
    found = {name: verdict[name] for name in open_} if verdict else open_
    return {"check": check, "expected": expected} | found


NAMESPACES = {AT: Exercise}
bp = raw.bp
