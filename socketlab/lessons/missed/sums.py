"""What the judge of the exercise knows of a run: what came live, what was replayed, what is right.

    1 … before      live, then the cut
    … before+away   kept while the program is away, and not emitted
    … count         live again

The numbers lie in a buffer of the lesson, which trims. So what a program can have of a run is
what came live and what the buffer still held: a sum is right if it is the sum of these, each
once. A wrong sum is explained by trying what programs do instead. Pure.
"""

from typing import NamedTuple

from ...buffers.memory import Memory


class Plan(NamedTuple):
    """A run: which check its report decides, its buffer, and where the cut falls."""

    check: str
    keep: int
    before: int
    away: int
    after: int

    @property
    def back(self):
        """The last number that is posted while the program is away."""
        return self.before + self.away

    @property
    def count(self):
        return self.back + self.after


class Run:
    """``numbers`` are those to be posted, under 1, 2, 3 …"""

    def __init__(self, name, plan, numbers):
        self.id, self.plan, self.numbers = name, plan, numbers
        self.posted = 0  # the last seq
        self.finished = False
        self.live, self.replayed = set(), set()  # each a set of seqs
        self.had_at_the_cut = {plan.before}  # up to which seq, as its questions say
        self.kept_at_return = set()
        self.missed = set(range(plan.before + 1, plan.back + 1))
        self._log = Memory()
        self._log.begin(name, "", plan.keep, 0.0)

    def post(self, sent_at, live):
        """The next number, kept before anybody has it: ``{run, seq, sent_at, number}``."""
        seq = self.posted + 1
        number = self.numbers[seq - 1]
        event = {"run": self.id, "seq": seq, "sent_at": sent_at, "number": number}
        self._log.append(self.id, event)
        self.posted = seq
        if live:
            self.live.add(seq)
        return event

    def resume(self, after):
        """Everything still kept after ``after``, as a Page of the buffer."""
        page = self._log.since(self.id, after)
        self.replayed.update(event["seq"] for event in page.events)
        if 0 < after < self.plan.before <= self.posted:
            self.had_at_the_cut.add(after)  # the cut took what was still on its way
        return page

    def came_back(self):
        """The program is connected again, and has the first number: from now on it can ask."""
        self.kept_at_return = {event["seq"] for event in self._log.since(self.id, 0).events}

    # What is right

    def verdict(self, total, complete):
        """``(passed, saw)`` of a report on the finished run."""
        said = f"sum {total}, complete: {'true' if complete else 'false'}"
        can_have = [self.can_have(upto) for upto in sorted(self.had_at_the_cut)]
        if total not in map(self.total, can_have):
            return False, f"{said}; but {self.why_not(total, can_have[-1])}"
        gap = set(range(1, self.posted + 1)) - can_have[-1]
        if complete and gap:
            return False, f"{said}; but {span(gap)} had left the buffer before you were back"
        if not complete and not gap:
            return False, f"{said}; but the buffer still had all that you missed"
        return True, said

    def can_have(self, upto):
        """The seqs that a program can have which had those up to ``upto`` when it was cut.

        One that has asked for nothing, or too late, could have had what was kept at its return.
        """
        asked = self.replayed if self.replayed & self.missed else self.kept_at_return & self.missed
        return set(range(1, upto + 1)) | asked | (self.live - set(range(1, self.plan.before + 1)))

    def total(self, *sets):
        """The sum of the numbers under these seqs; what is in two sets counts twice."""
        return sum(self.numbers[seq - 1] for seqs in sets for seq in seqs)

    def why_not(self, total, right):
        """What a program may have done that reports this sum, as the rest of a sentence."""
        live, replayed = self.live, self.replayed
        before = {seq for seq in live if seq <= self.plan.before}
        since = live - before
        doubles = f"it counts {span(live & replayed)} twice: live, and in the replay"
        lost = f"it lacks {span(before)}, which came before the cut"
        mistakes = [
            ([live], f"that is what came live: it lacks {span(right - live)}"),
            ([live, replayed], doubles),
            ([live, replayed, replayed], "it counts the replay twice"),
            ([right, replayed], "it counts the replay twice"),
            ([since | replayed], f"it lacks {span(before - replayed)}, which came before the cut"),
            ([since, replayed], lost),
            ([since], f"{lost}, and the replay"),
        ]
        for sets, words in mistakes:
            if self.total(*sets) == total:
                return words
        return f"the sum is {self.total(right)}"


def span(seqs):
    """Seqs in words, row by row: "number 7", "numbers 4 to 10, 23"."""
    rows = []
    for seq in sorted(seqs):
        if rows and rows[-1][1] == seq - 1:
            rows[-1][1] = seq
        else:
            rows.append([seq, seq])
    words = [str(first) if first == last else f"{first} to {last}" for first, last in rows]
    return f"number{'s' if len(seqs) > 1 else ''} {', '.join(words)}"
