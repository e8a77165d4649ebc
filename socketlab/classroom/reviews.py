"""Who has answered which question of the review, when, and how well they say they knew it.

What a student wrote is not here: it never leaves the browser. What was not known comes back once
two more lessons were begun; where fewer are left to begin, after those; where none is, after the
time of a class.

The space between two tries is what makes the second one worth it: Roediger and Butler, "The
critical role of retrieval practice in long-term retention", Trends in Cognitive Sciences, 2011.
"""

from collections.abc import Callable, Collection
from typing import NamedTuple

from .ledger import Connection, Ledger
from .refused import Refused, Unknown

RATINGS = ("knew", "partly", "not_yet")
COMING_BACK = ("partly", "not_yet")
LESSONS_APART = 2
APART_MS = 45 * 60_000

OF_SEAT = "SELECT question, at, rating, begun FROM review WHERE seat = ?"
KEEP = "INSERT OR REPLACE INTO review VALUES (?, ?, ?, ?, ?)"
COUNTS = """
SELECT question, count(*),
    sum(rating IS 'knew'), sum(rating IS 'partly'), sum(rating IS 'not_yet')
FROM review GROUP BY question
"""

Counts = dict[str, dict[str, int]]  # question -> {"answered", "knew", "partly", "not_yet"}


class Answered(NamedTuple):
    """A question that a seat has answered: ``at`` in ms, on the server's clock.

    ``rating`` is None until it was compared; ``begun``: how many lessons the seat had begun then.
    """

    at: float
    rating: str | None
    begun: int


def is_due(answered: Answered, begun: int, lessons: int, now: float) -> bool:
    """Whether it comes back, to who has begun so many of so many lessons. Pure."""
    if answered.rating not in COMING_BACK:
        return False
    apart = min(LESSONS_APART, lessons - answered.begun)
    if apart > 0:
        return begun - answered.begun >= apart
    return now - answered.at >= APART_MS


class Reviews:
    """``questions`` are the ids that there are, ``lessons`` how many can be begun."""

    def __init__(
        self,
        ledger: Ledger,
        questions: Collection[str],
        lessons: int,
        now: Callable[[], float],
    ):
        self._ledger, self._now = ledger, now
        self.questions, self._lessons = questions, lessons
        self._counts: Counts | None = None  # as long as nothing changes
        self._changes = 0

    def of(self, seat: str) -> dict[str, Answered]:
        """What a seat has answered, by question."""

        def work(db: Connection) -> dict[str, Answered]:
            rows = db.execute(OF_SEAT, (seat,)).fetchall()
            return {question: Answered(*row) for question, *row in rows}

        found = self._ledger.read(work)
        return {question: one for question, one in found.items() if question in self.questions}

    def due(self, seat: str, begun: int) -> set[str]:
        """The questions that come back to a seat which has begun so many lessons."""
        now, lessons = self._now(), self._lessons
        return {name for name, one in self.of(seat).items() if is_due(one, begun, lessons, now)}

    def answer(self, seat: str, question: str, begun: int) -> Answered:
        """This seat has locked an answer; the first one stands until it comes back.

        Raises Unknown, LedgerFailed.
        """
        self._known(question)
        now = self._now()

        def decide(before: Answered | None) -> Answered:
            if before and not is_due(before, begun, self._lessons, now):
                return before
            return Answered(now, None, begun)

        return self._change(seat, question, decide)

    def rate(self, seat: str, question: str, rating: str, begun: int) -> Answered:
        """How well it was known, by who has compared: the last word counts until it comes back.

        Raises Refused without an answer, Unknown, LedgerFailed.
        """
        self._known(question)
        now = self._now()

        def decide(before: Answered | None) -> Answered:
            if before is None:
                raise Refused("write your own answer first, then compare")
            if is_due(before, begun, self._lessons, now):
                raise Refused("this question has come back: answer it again first")
            return Answered(before.at, rating, begun)

        return self._change(seat, question, decide)

    def counts(self) -> Counts:
        """How many seats have answered each question, and how they rated themselves."""
        if self._counts is not None:
            return self._counts
        names, changes = ("answered", *RATINGS), self._changes

        def work(db: Connection) -> Counts:
            rows = db.execute(COUNTS).fetchall()
            return {name: dict(zip(names, row, strict=True)) for name, *row in rows}

        found, none = self._ledger.read(work), dict.fromkeys(names, 0)
        counts = {name: found.get(name, none) for name in self.questions}
        if changes == self._changes:  # nobody else came by while it was read
            self._counts = counts
        return counts

    def changed(self) -> None:
        """Rows are new, or have gone with their seat or with the class: count again."""
        self._counts = None
        self._changes += 1

    def _change(
        self, seat: str, question: str, decide: Callable[[Answered | None], Answered]
    ) -> Answered:
        """Keep what follows from the row that is there, in one transaction."""

        def work(db: Connection) -> tuple[Answered, int]:
            row = db.execute(f"{OF_SEAT} AND question = ?", (seat, question)).fetchone()
            answered = decide(Answered(*row[1:]) if row else None)
            db.execute(KEEP, (seat, question, *answered))
            return answered, self._ledger.wrote(db, seat)

        answered, gone = self._ledger.change(work)
        self._ledger.note_gone(gone)
        self.changed()
        return answered

    def _known(self, question: str) -> None:
        if question not in self.questions:
            raise Unknown(f"the review has no question called {question}")
