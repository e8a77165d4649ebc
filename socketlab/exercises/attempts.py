"""The attempts that are running: a program of a seat at an exercise, and its judge. Pure.

A judge says what it wants done; here it is done, in order, soon after what happened: so the
acknowledgement of an event is out before what the judge sends because of it. Whoever serves the
program hands in its :class:`ProgramConnection`, of whatever kind: Socket.IO or a raw socket.

An attempt ends when its judge has decided every check, at the latest when the time is up, or when
the program leaves; then it is told, kept and forgotten. No clock and no socket: moments are
``now()`` in ms, and ``later(seconds, then)`` calls back.
"""

import logging
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from ..classroom.payloads import Payload
from ..classroom.refused import Refused
from ..limits import Buckets
from .judge import Action, After, Answer, Checked, Cut, Emit, Judge, Judged

log = logging.getLogger("socketlab.exercises")

RUNNING = "your program is running at this exercise already: stop that one first"
OVER = "this attempt is over: connect again to begin the next one"
AWAY = "this connection is being cut: connect again, and the attempt goes on"
TOO_SOON = "you begin too often: wait {:.0f} s, then try again"
FULL = "too many programs are being judged at once: try again in a moment"
SETTLING = 1.0  # seconds that a program waits for the attempt before it to be kept
MISTAKE = "nothing more, since the judge made a mistake; the server's log says which"

Then = Callable[[Any], None]
Key = tuple[str, str]  # (seat id, slug of the exercise)
Verdict = dict[str, Any]  # {check, passed, expected, saw, n, attempt}


@dataclass(frozen=True)
class ProgramConnection:
    """The way to a program. ``send(event, data, then)``: ``then(value)`` with its acknowledgement.

    ``cut()`` breaks the connection without a word, ``row()`` is the number of the newest thing
    that was captured of it. ``over()``: the attempt has been ended, and no verdict will come.
    ``who`` is how others see the program on this connection.
    """

    send: Callable[[str, Payload, Then | None], object]
    cut: Callable[[], object]
    row: Callable[[], int | None] = lambda: None
    over: Callable[[], object] = lambda: None
    who: Mapping[str, str] = field(default_factory=lambda: Judge.who)


class Attempt:
    """One program being judged. Whoever holds its connection says here what happens on it."""

    def __init__(
        self,
        seat: str,
        slug: str,
        number: int,
        judge: Judge,
        connection: ProgramConnection,
        table: "Attempts",
    ) -> None:
        self.seat, self.slug, self.number, self.judge = seat, slug, number, judge
        self.connection: ProgramConnection | None = connection  # None: cut, and not back yet
        judge.who = connection.who
        self.over = self.broken = False
        self.settled = Event()  # it is kept, and out of the table
        self._cut: ProgramConnection | None = None  # whose end is still to come
        self.verdicts: dict[str, Verdict] = {}
        self._table = table
        self._wanted: deque[tuple[Action, int | None]] = deque()  # each with its row
        self._performs = False
        self._timers: set[Callable[[], object]] = set()  # each takes one off the agenda

    # What happens to the program

    def begin(self) -> None:
        self._later(self.judge.seconds, self.judge.time_is_up)
        self._step(self.judge.began)

    def handle(self, event: str, data: Payload) -> Answer:
        """An event of the program: its acknowledgement. Raises Refused."""
        if self.over:
            raise Refused(OVER)
        if self.connection is None:
            raise Refused(AWAY)
        answer: Answer = self._step(self.judge.handle, event, data)
        return answer

    def left(self, connection: ProgramConnection) -> None:
        """A connection of it is over: the attempt too, unless that is what the judge has cut."""
        if connection is self._cut:
            self._cut = None
            self._quietly(self.judge.gone)
        elif connection is self.connection:
            self._quietly(self.judge.left)

    def returned(self, connection: ProgramConnection) -> None:
        """The program is back after a cut, on a new connection."""
        if self._cut is not None:  # which nobody has noticed yet
            self.left(self._cut)
        self.connection, self.judge.who = connection, connection.who
        self._quietly(self.judge.returned)

    def saw(self, what: str, *told: Any) -> None:
        """Something happened in another namespace on its connection: "joined", "event", …"""
        if self.connection is not None:
            self._quietly(getattr(self.judge, f"saw_{what}"), *told)

    def concerns(self, seat: str, namespace: str) -> bool:
        """Whether its judge looks at what this seat does in that namespace."""
        return seat == self.seat and namespace in self.judge.namespaces

    def opens(self, seat: str, namespace: str, auth: Payload) -> bool:
        """Whether its program may come in there, by what the judge has told it."""
        runs = not self.over and self.connection is not None
        return runs and self.concerns(seat, namespace) and self.judge.opens(namespace, auth)

    def stop(self) -> None:
        """It is over without a verdict: its seat is gone, or what the class did is forgotten."""
        self.over = True
        self._wanted.clear()
        self._free()
        if self.connection is not None:
            self.connection.over()
        self.settled.set()

    # What the judge makes of it

    def _quietly(self, work: Callable[..., object], *args: Any) -> None:
        """For what nobody sent and nobody is answered for."""
        if not self.over:
            try:
                self._step(work, *args)
            except Refused:
                pass

    def _step(self, work: Callable[..., Any], *args: Any) -> Any:
        row = self.connection.row() if self.connection else None
        try:
            return work(*args)
        except Refused:
            raise
        except Exception:
            log.exception("the judge of %s failed", self.slug)
            self._give_up(row)
            raise Refused(MISTAKE) from None
        finally:
            self._take(row)

    def _take(self, row: int | None) -> None:
        """Have it done soon what the judge wants, with the row that made it want that."""
        self._wanted.extend((action, row) for action in self.judge.take())
        self.over = self.over or self.judge.over
        if self._wanted and not self._performs:
            self._performs = True
            self._table.later(0, self._perform)

    def _give_up(self, row: int | None) -> None:
        """The judge has failed: what is open has failed too, and it is asked nothing more."""
        self.over = self.broken = True
        self._take(row)
        right = sum(one.passed for one in self.judge.decided.values())
        for check in self.judge.checks:
            if check.id not in self.judge.decided:
                self._wanted.append((Checked(check.id, False, check.expected, MISTAKE), row))
        self._wanted.append((Judged(right, len(self.judge.checks), False), row))

    def _perform(self) -> None:
        self._performs = False
        while self._wanted:
            action, row = self._wanted.popleft()
            match action:
                case Emit(event, data, then) if self.connection is not None:
                    self.connection.send(event, data, then and self._answer_to(then))
                case After(seconds, then):
                    self._later(seconds, then)
                case Cut() if self.connection is not None:
                    connection, self.connection, self._cut = self.connection, None, self.connection
                    connection.cut()
                case Checked():
                    told = vars(action) | {"n": row, "attempt": self.number}
                    self.verdicts[action.check] = told
                    self._table.tell(self, "checked", told)
                case Judged():  # the last thing that it wanted
                    self._wanted.clear()
                    self._free()
                    self._table.judged(self, action)

    def _answer_to(self, then: Then) -> Callable[..., None]:
        """For the library, which calls it with all values of an acknowledgement."""
        return lambda *values: self._quietly(then, one_of(values))

    def _later(self, seconds: float, then: Callable[[], None]) -> None:
        def due() -> None:
            self._timers.discard(cancel)
            self._quietly(then)

        cancel = self._table.later(seconds, due)
        self._timers.add(cancel)

    def _free(self) -> None:
        for cancel in self._timers:
            cancel()
        self._timers.clear()


def one_of(values: tuple[Any, ...]) -> Any:
    """What an acknowledgement says: its value, None without one, a list of several."""
    return list(values) if len(values) > 1 else values[0] if values else None


class Attempts:
    """All that run: one of a seat and exercise, at most ``most`` in all.

    A seat may begin ``rate`` a second, ``burst`` at once; ``number(seat, slug)`` says which one
    it is. ``keep(attempt)`` makes it outlast the process, ``tell(attempt, event, payload)`` tells
    the program and who watches it.
    """

    def __init__(
        self,
        exercises: Mapping[str, type[Judge]],
        now: Callable[[], float],
        later: Callable[[float, Callable[[], object]], Callable[[], object]],
        tell: Callable[[Attempt, str, dict[str, Any]], object],
        number: Callable[[str, str], int] = lambda seat, slug: 1,
        keep: Callable[[Attempt], object] = lambda attempt: None,
        most: int = 1000,
        rate: float = 1,
        burst: float = 20,
    ) -> None:
        self.exercises, self.now, self.later, self._most = exercises, now, later, most
        self.tell, self._number, self._keep = tell, number, keep
        self._running: dict[Key, Attempt] = {}
        self._pace = Buckets(rate, burst)

    def __len__(self) -> int:
        return len(self._running)

    def running(self, seat: str, slug: str) -> Attempt | None:
        return self._running.get((seat, slug))

    def begin(self, seat: str, slug: str, connection: ProgramConnection) -> Attempt:
        """A program of this seat begins. Raises Refused."""
        before = self._running.get((seat, slug))
        if before is not None and before.over:
            before.settled.wait(SETTLING)
        number = self._number(seat, slug)  # it may wait, and another one begin meanwhile
        if (seat, slug) in self._running:
            raise Refused(RUNNING)
        if wait := self._pace.take(seat, self.now() / 1000):
            raise Refused(TOO_SOON.format(max(1, wait)), 429, "attempts_per_second")
        if len(self._running) >= self._most:
            raise Refused(FULL, 503, "attempts")
        judge = self.exercises[slug](lambda: secrets.token_urlsafe(6), lambda: self.now() / 1000)
        attempt = self._running[seat, slug] = Attempt(seat, slug, number, judge, connection, self)
        self.tell(attempt, "began", {"attempt": number})
        attempt.begin()
        return attempt

    def judged(self, attempt: Attempt, judged: Judged) -> None:
        """An attempt has its verdict: kept first, told then, and out of the table."""
        try:
            self._keep(attempt)
        finally:
            key = attempt.seat, attempt.slug
            if self._running.get(key) is attempt:
                del self._running[key]
                attempt.settled.set()
                self.tell(attempt, "judged", vars(judged) | {"attempt": attempt.number})

    def stop(self, seat: str | None = None) -> int:
        """End those of a seat, or all, without a verdict; returns how many."""
        ended = [one for one in self._running.values() if seat in (None, one.seat)]
        for attempt in ended:
            attempt.stop()
            del self._running[attempt.seat, attempt.slug]
        return len(ended)
