"""Votes against a model: whatever is opened, cast, closed, removed and restarted, counts hold."""

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from socketlab.classroom.ledger import SCHEMA, Ledger
from socketlab.classroom.refused import Refused
from socketlab.classroom.state import MOST_ROUNDS, Classroom, Course
from socketlab.database import Database

from ..helpers import explore

STEPS = {"race": ("one", "many"), "skip": ("a", "b")}
SEATS = st.sampled_from(["ada", "bob", "eve"])
BALLOTS = st.sampled_from([(step, choice) for step in STEPS for choice in STEPS[step]])
FIRST = {"kind": "off", "keep": 20}


class Votes(RuleBasedStateMachine):
    """Beside the class: what each seat locked first, and who is in with what."""

    @initialize()
    def begin(self):
        self.database = Database(":memory:", SCHEMA)
        self.first, self.ballots, self.open = {}, {}, None
        self.rounds, self.outcome, self.rev = Counter(), None, 1
        self.start()

    @rule()
    def start(self):
        """The process ends, and another one begins with the same file."""
        self.ledger = Ledger(self.database)
        self.room = Classroom(Course(STEPS), self.ledger, FIRST)

    @rule(step=st.sampled_from(sorted(STEPS)), here=st.sets(SEATS))
    def open_vote(self, step, here):
        if self.open or self.rounds[step] == MOST_ROUNDS:
            return self.refused(lambda: self.room.open_vote(step, here))
        self.rev = self.room.open_vote(step, sorted(here))["rev"]
        self.rounds[step] += 1
        self.open, self.ballots = (step, self.rounds[step]), {}
        if self.rounds[step] == 1:
            locked = {seat: self.first.get((seat, step)) for seat in here}
            self.ballots = {seat: choice for seat, choice in locked.items() if choice}

    @rule(seat=SEATS, ballot=BALLOTS)
    def predict(self, seat, ballot):
        step, choice = ballot
        first = self.first.setdefault((seat, step), choice)
        stands = first
        if self.open and self.open[0] == step:
            stands = self.ballots.setdefault(seat, first if self.open[1] == 1 else choice)
        assert self.room.predict(seat, step, choice) == stands

    @rule(seat=SEATS)
    def join_late(self, seat):
        self.room.come_in(seat)
        if self.open and self.open[1] == 1 and (seat, self.open[0]) in self.first:
            self.ballots.setdefault(seat, self.first[seat, self.open[0]])

    @rule()
    def close_vote(self):
        if not self.open:
            return self.refused(self.room.close_vote)
        vote = self.room.close_vote()["vote"]
        self.rev += 1
        counts = Counter(self.ballots.values())
        assert vote["counts"] == {choice: counts[choice] for choice in STEPS[self.open[0]]}
        self.outcome, self.open, self.ballots = vote, None, {}

    @rule(seat=SEATS)
    def remove(self, seat):
        self.ledger.remove_seat(seat)
        self.room.forget(seat)
        self.first = {key: choice for key, choice in self.first.items() if key[0] != seat}
        self.ballots.pop(seat, None)

    @precondition(lambda self: not self.open)
    @rule()
    def clear(self):
        self.rev += 1
        self.room.clear(keep=())
        self.first, self.rounds, self.outcome = {}, Counter(), None

    @invariant()
    def it_is_as_the_model_says(self):
        state = self.room.state()
        assert state["rev"] == self.rev
        assert self.room.progress() == ((*self.open, len(self.ballots)) if self.open else None)
        if not self.open:
            assert state["vote"] == self.outcome
        for seat in ("ada", "bob", "eve"):
            mine = {step: self.first[seat, step] for step in STEPS if (seat, step) in self.first}
            assert self.room.choices(seat) == mine
            ballot = self.room.voted(seat)
            assert (ballot and ballot["choice"]) == self.ballots.get(seat)

    def refused(self, act):
        try:
            act()
        except Refused:
            return
        raise AssertionError("it was not refused")


def test_the_counts_of_a_vote_are_those_of_the_model():
    explore(Votes, few=25, steps=40)
