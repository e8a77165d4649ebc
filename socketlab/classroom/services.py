"""What handlers may ask for. One object a server, made by the composition root.

The idiom of Flask's ``current_app``: a handler says ``services().seats`` and never imports
the app, so two apps in one test do not share a seat.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, NamedTuple, TypeVar

from flask import current_app

from ..buffers import Buffers
from ..deliveries import DeliveryBudget
from ..health import KINDS, Budget, Reached, Stats
from ..limits import EventPace, Latest, Tries
from ..wiretap.reader import RowReader
from ..wiretap.tap import Tap
from .ledger import Ledger
from .passes import Passes
from .refused import Refused, TooManyTries
from .reviews import Reviews
from .roster import Roster
from .seats import Seat, Seats
from .state import Classroom
from .teacher import Teacher, plain

HINTED = 4096  # seats in a lesson whose hints are counted
TURNED_AWAY = 4096  # refusals that a program's judge may still ask for

T = TypeVar("T")


class TeachersFact(NamedTuple):
    """Something of a lesson that only the teacher's page shows, such as a code."""

    name: str  # "manager", for whoever looks it up on the page
    sentence: str
    value: str


@dataclass
class Services:
    settings: dict[str, Any]
    key: str  # that signs seats and runs
    now: Callable[[], float]  # ms, server clock
    ledger: Ledger
    seats: Seats
    classroom: Classroom
    teacher: Teacher
    buffers: Buffers
    tap: Tap
    rows: RowReader  # of the tap, decoded
    cutter: Any  # socketlab.server.ConnectionCutter: who is cut off
    notes: list[Any]  # of socketlab.site.notes.Note, in reading order
    course: list[dict[str, Any]]  # a row for each lesson, also for those that have no note yet
    review: Any  # of socketlab.site.review.Question, in reading order
    glossary: list[Any]  # (letter, terms), as socketlab.site.glossary shows them
    sources: dict[str, Any]  # slug -> the lesson's two files, of socketlab.site.source.SourceFile
    assets: Any  # socketlab.site.assets.Assets: the files of static/
    client_version: str
    client_sha256: str
    ways_in: Any  # socketlab.site.ways_in.WaysIn: by which addresses this server is opened
    most_sockets: int  # at once
    disk_is_full: bool  # at the start: what is chosen is forgotten at the end
    reviews: Reviews  # who has answered which question of the review
    reports: Budget  # what class and lessons keep in memory of who heard and chose what
    code: str = ""  # what a student types to join
    connections: Callable[[], int] = lambda: 0  # how many clients are connected
    # Of a connection, by its Engine.IO session: the transport, and its last round trip in ms.
    line_of: Callable[[str], tuple[str | None, float | None]] = lambda _: (None, None)
    roster: Roster = field(default_factory=Roster)  # who is in the class, for the teacher's pages
    sockets: dict[tuple[str, str], Seat] = field(default_factory=dict)  # (namespace, sid) -> Seat
    by_pass: set[tuple[str, str]] = field(default_factory=set)  # those let in by an exercise token
    exercises: dict[str, Any] = field(default_factory=dict)  # slug -> its class of Judge
    exercise_notes: dict[str, Any] = field(default_factory=dict)  # slug -> ExerciseNote, of site
    progress_of: Callable[[str, str], Any] = lambda seat, slug: None  # how far; LedgerFailed
    judged: dict[str, Any] = field(default_factory=dict)  # Engine.IO session -> exercises.Attempt
    # (Engine.IO session, namespace) -> (seat id, sentence): refused before its program came.
    turned_away: dict[tuple[str, str], tuple[str, str]] = field(
        default_factory=lambda: Latest(TURNED_AWAY)
    )
    # Calls back so many seconds from now; what is returned calls it off.
    later: Callable[[float, Callable[[], object]], Callable[[], object]] = field(
        default=lambda seconds, then: lambda: None
    )
    take_over: Any = None  # socketlab.server.take_over: a request becomes a bare WebSocket
    hints: dict[str, list[str]] = field(default_factory=dict)  # slug -> those that help, in order
    hints_given: dict[Any, int] = field(default_factory=lambda: Latest(HINTED))  # how many so far
    own_calls: dict[tuple[str, str], str] = field(default_factory=dict)  # (address, port) -> seat
    plans: list[Any] = field(default_factory=list)  # of socketlab.site.plans.Plan, shortest first
    teachers_facts: list[TeachersFact] = field(default_factory=list)
    reached: Reached = field(default_factory=Reached)  # how often each limit was
    memory: dict[str, Stats] = field(default_factory=dict)  # of health.KINDS
    deliveries: DeliveryBudget = field(init=False)  # what events may cost
    events: EventPace = field(init=False)  # how many there may be
    passes: Passes = field(init=False)  # the tokens of exercises
    lessons: frozenset[str] = field(init=False)  # the slugs of those that have a note
    _code_tries: Tries = field(init=False)
    clearing: list[Callable[[], dict[str, int]]] = field(default_factory=list)  # of the lessons
    coming: list[Callable[[str], object]] = field(default_factory=list)  # of one that joins
    removing: list[Callable[[str], object]] = field(default_factory=list)  # told of an ended seat
    _kept: dict[Any, Any] = field(default_factory=dict)
    _secrets: set[str] = field(default_factory=set)  # their names in the ledger

    def __post_init__(self) -> None:
        most = self.settings["DELIVERIES_PER_SECOND"]
        most_of_seat = self.settings["DELIVERIES_PER_SECOND_PER_SEAT"]
        self.deliveries = DeliveryBudget(most, most_of_seat, self.now)
        of_seat = self.settings["EVENTS_PER_SECOND_PER_SEAT"]
        of_all = self.settings["EVENTS_PER_SECOND_OF_ALL"]
        self.events = EventPace(of_seat, of_all, monotonic())
        needed = {slug: kind.namespaces for slug, kind in self.exercises.items()}
        self.passes = Passes(self.key, self.seats, needed)
        self._code_tries = Tries(
            self.settings["CODE_TRIES_PER_MINUTE"], self.settings["CODE_TRIES_PER_MINUTE_OF_ALL"]
        )
        self.lessons = frozenset(note.slug for note in self.notes)
        nothing = Budget(0).stats  # for a kind that no lesson of this server keeps
        self.memory = {kind: self.memory.get(kind, nothing) for kind in KINDS}
        self.memory["reports"] = self.reports.stats
        self.reached.read_from("report_bytes", lambda: self.reports.dropped)

    def clear(self) -> dict[str, int]:
        """Forget everything of the class, in memory and on the disk: what it was, and how much.

        Left are the codes, who was removed, and the seats that are connected: without a nick of
        their own. Raises LedgerFailed.
        """
        for robot in self.seats.robots:
            self.remove(robot)
        gone = self.classroom.clear(self._secrets)
        self.reviews.changed()
        rows = self.tap.forget_all()
        self.rows.forget_all()
        here = {seat.id for seat in self.sockets.values()}
        seats = self.seats.clear(here)
        self.roster.clear()
        for seat_id in self.roster.seats():
            if seat := self.seats.get(seat_id):
                self.roster.changed(seat_id, nick=seat.nick)
        self.hints_given.clear()
        told = {"seats": seats, "captured rows": rows, "reports": self.reports.let_all_go()}
        for clear in self.clearing:
            told |= clear()
        named = {"nick": "nicks", "prediction": "predictions", "ballot": "votes"}
        named |= {"signal": "signals", "stepped": "steps", "robot": "robots"}
        named |= {"exercise": "exercises"}
        named |= {"review": "review answers"}
        return {named[table]: gone[table] for table in named} | told

    # Sockets, as they come and go

    def arrived(self, namespace: str, sid: str, session: str, teachers: bool) -> None:
        """A socket was let in, on this connection: its seat is in the class, or the teacher's."""
        seat = self.sockets[namespace, sid]
        if teachers:
            self.roster.is_teachers(seat.id)
            return
        self.roster.arrived(seat.id, seat.nick, seat.robot, (namespace, sid), session)
        slug = namespace[1:]
        if slug in self.lessons:
            self.roster.changed(seat.id, lesson=slug)

    def left(self, namespace: str, sid: str) -> None:
        """A socket is no more, or was not let in after all."""
        self.by_pass.discard((namespace, sid))
        seat = self.sockets.pop((namespace, sid), None)
        if seat is not None:
            self.roster.left(seat.id, (namespace, sid), self.now())

    @property
    def join_address(self) -> str:
        """What a phone opens: the likeliest address, with the code in it."""
        address: str = self.ways_in.url(f"/join/{self.code}")
        return address

    def check_code(self, code: object, who: str) -> None:
        """Refuse what is not this class's code, in whatever case and with whatever blanks."""
        if self._code_tries.full(who, self.now()):
            raise TooManyTries("too many wrong codes: wait a minute", limit="code_tries")
        given = plain(code) if isinstance(code, str) else ""
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self.code.encode()):
            self._code_tries.failed(who, self.now())
            raise Refused("that is not the code of this class")

    def keep(self, kind: type[T], make: Callable[[], T] | None = None) -> T:
        """This server's one object of a class: where a lesson keeps what outlives an event."""
        if kind not in self._kept:
            self._kept[kind] = (make or kind)()
        kept: T = self._kept[kind]
        return kept

    def kept_secret(self, name: str, fresh: Callable[[], str]) -> str:
        """A code of this class, made once and the same after a restart; never shown on the wire."""
        self._secrets.add(name)
        secret: str | None = self.ledger.of_class(name)
        if secret is None:
            secret = fresh()
            self.ledger.keep_class(name, secret)
        self.tap.hide(secret)
        return secret

    def refused(self, no: Refused) -> tuple[dict[str, Any], int]:
        """The answer to an HTTP request that was refused: body and status."""
        self.reached.note(no.limit)
        return {"ok": False, "error": str(no)}, no.status

    def nick_of(self, seat: str) -> str:
        """What a seat is or was called; its id where nobody remembers."""
        found = self.seats.get(seat)
        return (found.nick if found else self.ledger.nick(seat)) or seat

    def forget(self, seat: str) -> None:
        """A seat has not been seen for long: what was captured of it goes too."""
        self.reached.note("seats")
        if seat not in self.roster.here():
            self.roster.remove(seat)
        self.forget_rows(seat)

    def forget_rows(self, seat: str) -> None:
        """What was captured of a seat goes."""
        self.tap.forget(seat)
        self.rows.forget(seat)

    def remove(self, seat: str) -> None:
        """The teacher ends a seat: token, sockets, and what is known of it. Raises Refused."""
        self.seats.remove(seat)
        self.classroom.forget(seat)
        for removed in self.removing:
            removed(seat)
        self.reviews.changed()
        self.roster.remove(seat)
        self.cutter.expel(seat)
        self.forget_rows(seat)

    def close(self) -> None:
        """The server has stopped: files and connections are given back."""
        self.buffers.close()
        self.ledger.close()


def services() -> Services:
    """The services of the app that handles the current request or event."""
    found: Services = current_app.extensions["socketlab"]
    return found
