"""What an exercise is: a written protocol, a bot that plays the other side, a list of checks.

A lesson's ``exercise.py`` has one class ``Exercise``, made anew for each attempt of a program:

    checks        what must be seen, in the order in which the page lists it
    began()       the program has connected
    on_<event>()  it has sent an event: what is returned is the acknowledgement
    emit, cut     what the bot does
    passed, failed, end

It judges what the server saw, so a program in any language passes or fails alike. A check is
decided once, and what was seen stands beside it. Pure: nothing here knows a socket or a clock;
what the bot wants done is in :meth:`Judge.take`, and whoever runs the attempt does it, in order.
Times are seconds, of ``now()``.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..classroom.payloads import Payload
from ..classroom.refused import Refused

SAW = 200  # characters of what a program sent that a verdict repeats
TIME = "the time was up"
LEFT = "your program disconnected"

Answer = dict[str, Any]


class Check(NamedTuple):
    """One thing that must be seen: ``expected`` says what, as the object of "expected"."""

    id: str
    expected: str


@dataclass(frozen=True)
class Emit:
    """Send an event to the program; ``then(value)``: called with its acknowledgement."""

    event: str
    data: Payload
    then: Callable[[Any], None] | None = None


@dataclass(frozen=True)
class After:
    """Call ``then()`` so many seconds from now, unless the attempt is over by then."""

    seconds: float
    then: Callable[[], None]


@dataclass(frozen=True)
class Cut:
    """Break the program's connection, as when a cable is pulled: nothing is said."""


@dataclass(frozen=True)
class Checked:
    """A check is decided: what was expected, and what the server saw."""

    check: str
    passed: bool
    expected: str
    saw: str


@dataclass(frozen=True)
class Judged:
    """The attempt is over: ``done`` when all of its checks passed."""

    passed: int
    of: int
    done: bool


Action = Emit | After | Cut | Checked | Judged


class Judge:
    """One attempt at an exercise. ``fresh()`` makes a random word; ``now()`` is in seconds."""

    checks: Sequence[Check] = ()
    seconds = 30.0  # an attempt lasts at most so long
    namespaces: Sequence[str] = ()  # where else its program may be, on the same connection
    who: Mapping[str, str] = {"sid": "", "nick": "your program"}  # how others see it
    raw = False  # a program may come by a bare WebSocket: its events are "request" and "frame"

    def __init__(self, fresh: Callable[[], str], now: Callable[[], float]) -> None:
        self.fresh, self.now = fresh, now
        self.decided: dict[str, Checked] = {}
        self.over = False
        self._wanted: list[Action] = []

    # What an exercise may say in its own words

    def began(self) -> None:
        """The program has connected."""

    def returned(self) -> None:
        """It is back after :meth:`cut`, on a new connection."""

    def gone(self) -> None:
        """Its connection is over, by :meth:`cut`: it is expected to come back."""

    def so_far(self, check: str) -> str:
        """What was seen instead of a check that nothing has decided, when an attempt ends."""
        return "nothing of that"

    def saw_joined(self, namespace: str) -> None:
        """The program has joined one of :attr:`namespaces`, on the connection it is judged on."""

    def saw_refused(self, namespace: str, sentence: str) -> None:
        """It was refused there."""

    def saw_event(self, namespace: str, event: str, data: Payload) -> None:
        """It has sent an event there."""

    def saw_left(self, namespace: str) -> None:
        """It has left there."""

    def saw_elsewhere(self, namespace: str, connection: str, before: bool) -> None:
        """It went there on another connection of its own, called so; ``before`` it began here."""

    def opens(self, namespace: str, auth: Payload) -> bool:
        """Whether the program may come in there, on this connection, by what it was told."""
        return False

    # What an exercise says

    def emit(self, event: str, data: Payload, then: Callable[[Any], None] | None = None) -> None:
        """Send the program an event; ``then(value)`` is called with what it acknowledges."""
        self._wanted.append(Emit(event, data, then))

    def after(self, seconds: float, then: Callable[[], None]) -> None:
        """Call ``then()`` later."""
        self._wanted.append(After(seconds, then))

    def cut(self) -> None:
        """Break the program's connection; when it is back the attempt goes on."""
        self._wanted.append(Cut())

    def passed(self, check: str, saw: str) -> None:
        """The check is met by what was seen."""
        self._decide(check, True, saw)

    def failed(self, check: str, saw: str) -> None:
        """The check can be met no more, for what was seen."""
        self._decide(check, False, saw)

    def is_open(self, check: str) -> bool:
        """Whether nothing has decided this check."""
        return check not in self.decided and not self.over

    def end(self, why: str) -> None:
        """No more is to come: what is open has failed, and the attempt is judged."""
        for check in self.checks:
            if self.is_open(check.id):
                self.failed(check.id, f"{self.so_far(check.id)}, and {why}")

    # What happens: called by whoever runs the attempt, which then does what take() says

    def handle(self, event: str, data: Payload) -> Answer:
        """An event of the program: its acknowledgement. Raises Refused."""
        handler = getattr(self, f"on_{event}", None)
        if handler is None:
            names = ", ".join(sorted(self.events()))
            others = f", only {names}" if names else ""
            raise Refused(f"this exercise has no event {event[:64]}{others}")
        answer: Answer = handler(data)
        return answer

    def left(self) -> None:
        """The program has disconnected, and not by a cut."""
        self.end(LEFT)

    def time_is_up(self) -> None:
        """The attempt has lasted as long as it may."""
        self.end(TIME)

    def take(self) -> list[Action]:
        """What is to be done, in order; each once."""
        wanted, self._wanted = self._wanted, []
        return wanted

    @classmethod
    def events(cls) -> Iterable[str]:
        """The names of the events that a program may send."""
        return (name.removeprefix("on_") for name in dir(cls) if name.startswith("on_"))

    def _decide(self, check: str, passed: bool, saw: str) -> None:
        if not self.is_open(check):
            return  # the first verdict stands
        expected = next(one.expected for one in self.checks if one.id == check)
        verdict = self.decided[check] = Checked(check, passed, expected, saw[:SAW])
        self._wanted.append(verdict)
        if len(self.decided) == len(self.checks):
            self.over = True
            right = sum(one.passed for one in self.decided.values())
            self._wanted.append(Judged(right, len(self.checks), right == len(self.checks)))


def shown(value: object) -> str:
    """What a program sent, as a verdict repeats it: short, on one line, as JSON writes it."""
    plain = isinstance(value, str)
    text = f'"{value}"' if plain else json.dumps(value, ensure_ascii=False, default=str)
    line = "".join(character if character.isprintable() else "·" for character in text)
    return line if len(line) <= 60 else f"{line[:59]}…"
