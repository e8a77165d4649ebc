"""The state of the class: where the lesson stands, who predicted what, whose runs there are.

No socket. ``rev`` only grows, over restarts too, so that a page can tell a newer state from an
older one. Whatever must outlive the process is in the ledger before anybody here believes it.
Predictions are anonymous outside this object and never scored.

A vote is a prediction that the whole class makes at the same time. While it is open nobody hears
more than how many are in; counts leave here with its end, and names never do. Voting again on the
same step is its next round: each seat's new choice is kept beside the first.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from threading import RLock
from typing import Any, NamedTuple

from ..health import Budget
from ..limits import Latest
from .ballots import Ballots, Counts, Vote
from .ledger import Ledger
from .lit import Lit
from .minutes import Minutes
from .refused import Refused, Unknown

RUNS_KEPT = (
    20_000  # in all: a class that waves makes 60 a second; a receipt for an older run is refused
)
# What a seat's predictions take in memory, and each of them. The ledger has everybody's.
SEAT_BYTES, CHOICE_BYTES = 500, 200
MOST_BYTES = 32 << 20
MOST_ROUNDS = 9  # of a vote on one step, until the class is cleared
DISCUSS = 0.3, 0.7  # with a share of right answers from here to there, a discussion teaches most
BEGIN = {"rev": 1, "lesson": None, "step": None, "follow": False, "vote": None}

Receipt = list[tuple[int, float]]  # [[seq, at_ms], …]
Listener = Callable[[str, str, str, Receipt], None]  # (seat, session, run, got)
State = dict[str, Any]  # {rev, lesson, step, follow, vote, buffer}


class Course(NamedTuple):
    """What the class may be asked. ``steps``: every prediction's step -> its choices.

    ``right``: a step -> the choice that is right. ``places``: a lesson -> its steps, where a
    teacher may lead the class.
    """

    steps: Mapping[str, Sequence[str]]
    right: Mapping[str, str] = {}
    places: Mapping[str, Sequence[str]] = {}


class Classroom:
    """``course`` may be its ``steps`` alone. ``now`` is the server clock in ms."""

    def __init__(
        self,
        course: Course | Mapping[str, Sequence[str]],
        ledger: Ledger,
        buffer: dict[str, Any],
        budget: Budget | None = None,
        now: Callable[[], float] = lambda: 0.0,
    ):
        self.course = course if isinstance(course, Course) else Course(course)
        self._ledger, self._now = ledger, now
        self._ballots, self.minutes = Ballots(ledger), Minutes(ledger)
        self.changing = RLock()  # held by whoever tells of a change too, so that all hear in order
        self._budget = budget or Budget(MOST_BYTES)
        self._locked: dict[str, dict[str, str]] = {}  # of those who asked last
        self._runs: Latest[str, str] = Latest(RUNS_KEPT)  # run -> seat that started it
        self.listeners: list[Listener] = []  # told of each receipt that is accepted
        self.lit = Lit()
        self._state: State = BEGIN | {"buffer": buffer} | (ledger.of_class("state") or {})
        self._rounds = self._ballots.rounds()
        vote = self._open_vote()
        self._in = self._ballots.of(vote) if vote else {}  # of the open vote: seat -> choice

    def state(self) -> State:
        """Everything that a late joiner needs: ``{rev, lesson, step, follow, vote, buffer}``.

        ``vote`` is None or ``{step, round, open, in, before}`` with, once it is closed, ``counts``
        and, once it is revealed, ``right``.
        """
        state, vote = dict(self._state), self._state["vote"]
        if vote is not None and vote["open"]:
            state["vote"] = vote | {"in": len(self._in)}
        return state

    def change(self, **fields: Any) -> State:
        """Keep a newer state, then believe it; hands it back. Raises LedgerFailed."""
        with self.changing:
            newer = self._newer(**fields)
            self._ledger.keep_class("state", newer)
            self._state = newer
            return self.state()

    def _newer(self, **fields: Any) -> State:
        return self._state | {"rev": self._state["rev"] + 1} | fields

    # Where the class stands

    def step(self, lesson: str, step: str | None) -> State:
        """Lead the class to a step of a lesson; None: the lesson as a whole. Raises Unknown.

        An open vote stays open until it is closed; a closed one stays with its lesson.
        """
        if lesson not in self.course.places:
            raise Unknown(f"there is no lesson called {lesson}")
        if step is not None and step not in self.course.places[lesson]:
            raise Unknown(f"{lesson} has no step called {step}")
        with self.changing:
            newer = self._newer(lesson=lesson, step=step)
            if lesson != self._state["lesson"] and not self._open_vote():
                newer["vote"] = None
            there = (self._state["lesson"], self._state["step"]) == (lesson, step)
            self.minutes.stepped(newer, None if there else self._now())
            self._state = newer
            return self.state()

    # Votes

    def open_vote(self, step: str, here: Iterable[str]) -> State:
        """Begin a vote; on a step that was voted on already, its next round.

        Who of ``here``, the seats in the class, has locked a prediction is in at once: in
        round 1 a prediction is the vote. Raises Refused, Unknown, LedgerFailed.
        """
        if step not in self.course.steps:
            raise Unknown("there is no prediction for that step")
        with self.changing:
            if other := self._open_vote():
                raise Refused(f"a vote on {other[0]} is open: close it first")
            vote = step, self._rounds.get(step, 0) + 1
            if vote[1] > MOST_ROUNDS:
                raise Refused(f"{MOST_ROUNDS} rounds on one step are enough: go on")
            rounds = self._rounds | {step: vote[1]}
            begun = {"step": step, "round": vote[1], "open": True, "in": 0}
            newer = self._newer(vote=begun | {"before": self._rounds_before(step)})
            self._in = self._ballots.open(vote, newer, rounds, here)
            self._rounds, self._state = rounds, newer
            return self.state()

    def _rounds_before(self, step: str) -> list[Counts]:
        """The counts of the rounds that the class has just seen on this step, oldest first."""
        last = self._state["vote"]
        if last is None or last["step"] != step:
            return []
        return [*last.get("before", []), last["counts"]]

    def close_vote(self) -> State:
        """End the open vote: from now on its counts are everybody's. Raises Refused."""
        with self.changing:
            vote = self._open_vote()
            if vote is None:
                raise Refused("no vote is open")

            def closed(counts: Counts) -> State:
                told = dict.fromkeys(self.course.steps[vote[0]], 0) | counts
                outcome = {"open": False, "in": sum(counts.values()), "counts": told}
                return self._newer(vote=self._state["vote"] | outcome)

            self._state = self._ballots.close(vote, closed)
            self._in = {}
            return self.state()

    def reveal(self) -> State:
        """Say which choice is right, once the vote is closed. Raises Refused."""
        with self.changing:
            vote = self._state["vote"]
            if vote is None:
                raise Refused("there has been no vote: open one first")
            if vote["open"]:
                raise Refused("the vote is open: close it first")
            return self.change(vote=vote | {"right": self.course.right.get(vote["step"])})

    def share_right(self) -> float | None:
        """Of the vote that is closed, how many chose right: 0 to 1. None without one."""
        vote = self._state["vote"]
        if vote is None or vote["open"] or not vote["in"]:
            return None
        right: int = vote["counts"].get(self.course.right.get(vote["step"], ""), 0)
        return right / vote["in"]

    def discuss(self) -> bool:
        """Whether a discussion and another round are worth it: about half chose right."""
        share = self.share_right()
        return share is not None and DISCUSS[0] <= share <= DISCUSS[1]

    def is_voted_on(self, step: str) -> bool:
        """Whether a vote on this step is open."""
        vote = self._open_vote()
        return vote is not None and vote[0] == step

    def progress(self) -> tuple[str, int, int] | None:
        """``(step, round, how many are in)`` of the open vote, or None."""
        vote = self._open_vote()
        return (*vote, len(self._in)) if vote else None

    def voted(self, seat: str) -> dict[str, Any] | None:
        """The seat's ballot in the open vote, ``{step, round, choice}``; None: not in."""
        vote = self._open_vote()
        if vote is None or seat not in self._in:
            return None
        return {"step": vote[0], "round": vote[1], "choice": self._in[seat]}

    def _open_vote(self) -> Vote | None:
        vote = self._state["vote"]
        return (vote["step"], vote["round"]) if vote is not None and vote["open"] else None

    def clear(self, keep: Collection[str]) -> dict[str, int]:
        """Forget whatever the class did, but for ``keep`` of the ledger's; ``rev`` goes on.

        Returns how many rows of the ledger went, by table. Raises LedgerFailed.
        """
        with self.changing:
            newer = self._newer(**BEGIN | {"rev": self._state["rev"] + 1})
            gone = self._ledger.erase(newer, keep)
            self._state, self._rounds, self._in, self.lit = newer, {}, {}, Lit()
            self._runs.clear()
            for seat in list(self._locked):
                self.forget(seat)
            return gone

    # Predictions

    def predict(self, seat: str, step: str, choice: str, votes: bool = True) -> str:
        """Lock a choice and hand back the one that stands: the first one stays.

        While a vote on the step is open this is the seat's vote in that round, unless it has
        none. Raises Unknown for a wrong step or choice, LedgerFailed.
        """
        choices = self.course.steps.get(step)
        if choices is None:
            raise Unknown("there is no prediction for that step")
        if choice not in choices:
            raise Unknown(f"choice must be one of {', '.join(choices)}")
        vote = self._open_vote()
        if votes and vote is not None and vote[0] == step:
            return self._vote(vote, seat, choice)
        locked = self._of(seat)
        if step not in locked:
            self._believe(seat, step, self._ledger.keep_prediction(seat, step, choice))
        return self._of(seat)[step]

    def _vote(self, vote: Vote, seat: str, choice: str) -> str:
        if seat in self._in:
            return self._in[seat]
        first = self._of(seat).get(vote[0])
        cast = self._ballots.cast(vote, seat, choice)
        if first is None:
            self._believe(seat, vote[0], cast.choice)
        if cast.counted and self._open_vote() == vote:  # it may have been closed and counted since
            self._in[seat] = cast.choice
        return cast.choice

    def come_in(self, seat: str) -> None:
        """A seat has joined the class: what it locked before the open vote counts as its vote."""
        vote = self._open_vote()
        if vote is not None and vote[1] == 1 and seat not in self._in:
            first = self.locked(seat, vote[0])
            if first is not None:
                self._vote(vote, seat, first)

    def locked(self, seat: str, step: str) -> str | None:
        """The locked choice, or None."""
        return self._of(seat).get(step)

    def choices(self, seat: str) -> dict[str, str]:
        """Every locked choice of a seat: ``{step: choice}``."""
        return dict(self._of(seat))

    def forget(self, seat: str) -> None:
        """The teacher has removed a seat: what it chose counts no more."""
        self._locked.pop(seat, None)
        self._budget.release(("predictions", seat))
        self._in.pop(seat, None)

    def _believe(self, seat: str, step: str, choice: str) -> None:
        """The ledger has a locked choice: know it from now on."""
        locked = self._of(seat)
        locked = self._locked.setdefault(seat, locked)  # let go meanwhile, perhaps
        locked[step] = choice
        self._weigh(seat, locked)

    def _of(self, seat: str) -> dict[str, str]:
        if seat not in self._locked:
            found = self._ledger.predictions(seat)
            if seat not in self._locked:  # nobody else came by while it was read
                self._locked[seat] = found
                self._weigh(seat, found)
        return self._locked[seat]

    def _weigh(self, seat: str, locked: dict[str, str]) -> None:
        weight = SEAT_BYTES + CHOICE_BYTES * len(locked)
        let_go = partial(self._locked.pop, seat, None)
        self._budget.hold(("predictions", seat), weight, let_go)

    # Runs and receipts

    def started(self, run: str, seat: str) -> None:
        """Note that a seat pressed a button: receipts for this run are welcome."""
        self._runs[run] = seat

    def addressed(
        self,
        run: str,
        seats: Iterable[str],
        sender: str,
        sent_at: float | None = None,
        seq: int = 1,
        event: str = "",
    ) -> None:
        """Event ``seq`` of a run left for these seats: who of them confirms it lights on the wall.

        ``sent_at`` is its own (ms, server clock); left out, it is this moment. ``event`` is its
        name, which the wall shows.
        """
        now = self._now()
        sent_at = now if sent_at is None else sent_at
        self.lit.addressed(run, seq, set(seats), sender, sent_at, now, event)

    def receipt(self, seat: str, session: str, run: str, got: Receipt) -> None:
        """A browser's handler reported ``got``, on this connection: tell the listeners.

        Raises Unknown for a run that nobody started.
        """
        if run not in self._runs:
            raise Unknown("unknown run")
        self.lit.heard(seat, run, got)
        for listener in self.listeners:
            listener(seat, session, run, got)
