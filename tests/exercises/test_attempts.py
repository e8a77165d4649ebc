"""An attempt: what its judge wants is done in order, once, and not for longer than it lasts."""

import json
from heapq import heappop, heappush
from importlib import import_module
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socketlab.classroom.refused import Refused
from socketlab.exercises.attempts import (
    AWAY,
    FULL,
    MISTAKE,
    OVER,
    RUNNING,
    Attempts,
    ProgramConnection,
)
from socketlab.exercises.judge import SAW, Check, Judge

from ..helpers import ROOT, examples


class Dance(Judge):
    """``step`` passes, ``cut`` cuts, ``ask`` asks, and ``break`` breaks the judge itself."""

    checks = (Check("step", "an event step"), Check("answer", "an answer"))
    namespaces = ("/elsewhere",)
    seconds = 10.0

    def __init__(self, fresh, now):
        super().__init__(fresh, now)
        self.happened = []

    def on_step(self, data):
        self.passed("step", "step")
        return {"ok": True}

    def on_ask(self, data):
        self.emit("asked", {"what": "?"}, then=self.answered)
        return {"ok": True}

    def answered(self, value):
        if value == "refuse":
            raise Refused("this is no answer")
        self.passed("answer", f"{value}")

    def on_finish(self, data):
        self.end("that was all")
        self.after(3, lambda: self.happened.append("never"))
        self.emit("never", {})
        return {"ok": True}

    def on_later(self, data):
        self.after(3, lambda: self.happened.append("later"))
        return {"ok": True}

    def on_cut(self, data):
        self.emit("before", {})
        self.cut()
        self.emit("lost", {})
        return {"ok": True}

    def on_break(self, data):
        self.passed("step", "step")
        raise ZeroDivisionError

    def on_refuse(self, data):
        raise Refused("not now")

    def gone(self):
        self.happened.append("gone")

    def returned(self):
        self.happened.append("returned")
        self.emit("welcome", {})

    def saw_joined(self, namespace):
        self.happened.append(namespace)


class Stage:
    """A table with a clock and an agenda of its own, and all that it says."""

    def __init__(self, judge=Dance, **limits):
        self.ms, self.agenda, self.numbers, self.told, self.kept = 0.0, [], count(), [], []
        self.rows = 0
        self.table = Attempts(
            {"dance": judge},
            lambda: self.ms,
            self.later,
            tell=lambda attempt, event, told: self.told.append((event, told)),
            keep=self.kept.append,
            **limits,
        )

    def later(self, seconds, then):
        box = [then]
        heappush(self.agenda, (self.ms + seconds * 1000, next(self.numbers), box))
        return box.clear

    def go_on(self, seconds=0.0):
        """Let time pass, and all happen that falls due meanwhile."""
        until = self.ms + seconds * 1000
        while self.agenda and self.agenda[0][0] <= until:
            self.ms, _, box = heappop(self.agenda)
            for then in box:
                then()
        self.ms = until

    def connection(self, name="first"):
        sent = []
        connection = ProgramConnection(
            lambda event, data, then: sent.append((event, then)),
            lambda: sent.append(("CUT", None)),
            lambda: self.rows,
        )
        return connection, sent

    def begin(self, seat="ada"):
        self.first, self.sent = self.connection()
        return self.table.begin(seat, "dance", self.first)

    def events(self):
        return [event for event, _ in self.sent]

    def verdicts(self):
        return {told["check"]: told for event, told in self.told if event == "checked"}


@pytest.fixture
def stage():
    return Stage()


def test_what_the_judge_wants_is_done_after_the_acknowledgement(stage):
    attempt = stage.begin()
    assert attempt.handle("ask", {}) == {"ok": True}
    assert stage.events() == []
    stage.go_on()
    assert stage.events() == ["asked"]


def test_a_verdict_names_the_row_that_was_the_newest_when_it_was_decided(stage):
    attempt = stage.begin()
    stage.rows = 7
    attempt.handle("step", {})
    stage.rows = 9
    stage.go_on()
    assert stage.verdicts()["step"]["n"] == 7


def test_when_all_is_decided_it_is_kept_then_told_and_the_table_is_empty(stage):
    attempt = stage.begin()
    attempt.handle("step", {})
    attempt.handle("ask", {})
    stage.go_on()
    stage.sent[0][1]("yes")
    stage.go_on()
    assert stage.told[0] == ("began", {"attempt": 1})
    assert stage.told[-1] == ("judged", {"passed": 2, "of": 2, "done": True, "attempt": 1})
    assert stage.kept == [attempt] and len(stage.table) == 0
    assert all(not box for _, _, box in stage.agenda)  # its time limit holds nothing any more
    with pytest.raises(Refused, match=OVER):
        attempt.handle("step", {})


def test_what_a_judge_wants_after_its_verdict_is_not_done_and_not_waited_for(stage):
    attempt = stage.begin()
    attempt.handle("finish", {})
    stage.go_on()
    assert stage.told[-1][0] == "judged" and stage.events() == []
    assert all(not box for _, _, box in stage.agenda)


@pytest.mark.parametrize(
    ("values", "shown"), [(("yes",), "yes"), ((), "None"), (("yes", "no"), "['yes', 'no']")]
)
def test_an_acknowledgement_is_its_one_value_or_the_list_of_them(stage, values, shown):
    attempt = stage.begin()
    attempt.handle("ask", {})
    stage.go_on()
    stage.sent[0][1](*values)
    stage.sent[0][1]("another")  # the first one counts
    stage.go_on()
    assert stage.verdicts()["answer"]["saw"] == shown


def test_an_acknowledgement_that_a_judge_refuses_decides_nothing(stage):
    attempt = stage.begin()
    attempt.handle("ask", {})
    stage.go_on()
    stage.sent[0][1]("refuse")
    stage.go_on()
    assert stage.verdicts() == {} and not attempt.over


def test_an_acknowledgement_after_the_end_is_nobodys(stage):
    attempt = stage.begin()
    attempt.handle("ask", {})
    stage.go_on(11)
    assert not stage.verdicts()["answer"]["passed"]
    stage.sent[0][1]("yes")
    stage.go_on()
    assert not stage.verdicts()["answer"]["passed"]
    assert "the time was up" in stage.verdicts()["answer"]["saw"]


def test_who_leaves_has_failed_what_is_open(stage):
    attempt = stage.begin()
    attempt.handle("step", {})
    attempt.left(stage.first)
    stage.go_on()
    assert stage.told[-1][1] == {"passed": 1, "of": 2, "done": False, "attempt": 1}
    assert "disconnected" in stage.verdicts()["answer"]["saw"]


def test_a_cut_ends_the_connection_and_not_the_attempt(stage):
    attempt = stage.begin()
    attempt.handle("cut", {})
    stage.go_on()
    assert stage.events() == ["before", "CUT"]
    with pytest.raises(Refused, match=AWAY):
        attempt.handle("step", {})
    attempt.left(stage.first)
    back, sent = stage.connection()
    attempt.returned(back)
    stage.go_on()
    assert attempt.judge.happened == ["gone", "returned"]
    assert [event for event, _ in sent] == ["welcome"]
    assert attempt.handle("step", {}) == {"ok": True}


def test_who_is_back_before_its_old_connection_is_known_to_be_over_is_gone_first(stage):
    attempt = stage.begin()
    attempt.handle("cut", {})
    stage.go_on()
    back, _ = stage.connection()
    attempt.returned(back)
    attempt.left(stage.first)  # which is noticed now
    assert attempt.judge.happened == ["gone", "returned"]
    assert not attempt.over
    attempt.left(back)
    assert attempt.over


def test_time_goes_on_while_a_program_is_away(stage):
    attempt = stage.begin()
    attempt.handle("later", {})
    attempt.handle("cut", {})
    stage.go_on(11)
    assert attempt.judge.happened == ["later"] and attempt.over
    assert stage.told[-1][0] == "judged"


def test_a_second_program_of_a_seat_waits_for_the_end_of_the_first(stage):
    stage.begin()
    with pytest.raises(Refused, match=RUNNING):
        stage.begin()
    stage.begin("ben")
    assert len(stage.table) == 2


def test_a_seat_begins_as_often_as_its_pace_allows():
    stage = Stage(rate=1, burst=3)
    for _ in range(3):
        stage.begin().left(stage.first)
        stage.go_on()
    with pytest.raises(Refused, match="wait 1 s") as no:
        stage.begin()
    assert no.value.limit == "attempts_per_second"
    stage.begin("ben")  # who is not to blame
    stage.go_on(1)
    stage.begin()


def test_so_many_are_judged_at_once_and_no_more():
    stage = Stage(most=2)
    ada = stage.begin("ada")
    stage.begin("ben")
    with pytest.raises(Refused, match=FULL) as no:
        stage.begin("cem")
    assert no.value.limit == "attempts"
    stage.table.stop("ada")
    stage.begin("cem")
    assert ada.over


def test_what_a_removed_seat_was_doing_ends_without_a_word(stage):
    attempt = stage.begin()
    attempt.handle("step", {})
    assert stage.table.stop("ada") == 1
    stage.go_on(60)
    assert [event for event, _ in stage.told] == ["began"]
    assert not stage.kept and all(not box for _, _, box in stage.agenda)
    attempt.left(stage.first)


def test_a_judge_that_fails_is_logged_and_told_and_its_attempt_is_over_uncounted(stage, caplog):
    attempt = stage.begin()
    with pytest.raises(Refused, match="made a mistake"):
        attempt.handle("break", {})
    stage.go_on()
    assert "ZeroDivisionError" in caplog.text
    assert stage.verdicts()["step"]["passed"]
    assert stage.verdicts()["answer"]["saw"] == MISTAKE
    assert stage.told[-1] == ("judged", {"passed": 1, "of": 2, "done": False, "attempt": 1})
    assert attempt.broken and len(stage.table) == 0


@pytest.mark.parametrize("hook", ["gone", "returned", "time_is_up", "left", "saw_joined"])
def test_wherever_a_judge_fails_its_attempt_ends(stage, caplog, monkeypatch, hook):
    monkeypatch.setattr(Dance, hook, lambda *_: [][0])
    attempt = stage.begin()
    if hook in ("gone", "returned"):
        attempt.handle("cut", {})
        stage.go_on()
        attempt.returned(stage.connection()[0])
    elif hook == "saw_joined":
        attempt.saw("joined", "/elsewhere")
    elif hook == "left":
        attempt.left(stage.first)
    stage.go_on(20)
    assert "IndexError" in caplog.text
    assert stage.told[-1][0] == "judged" and len(stage.table) == 0


def test_what_is_refused_says_why_and_changes_nothing(stage):
    attempt = stage.begin()
    with pytest.raises(Refused, match="not now"):
        attempt.handle("refuse", {})
    with pytest.raises(Refused, match="no event dance, only"):
        attempt.handle("dance", {})
    stage.go_on()
    assert not attempt.over and not stage.verdicts()


def test_a_disk_that_refuses_keeps_nobody_in_the_table(stage):
    stage.table._keep = lambda attempt: [][0]
    attempt = stage.begin()
    attempt.left(stage.first)
    with pytest.raises(IndexError):
        stage.go_on()
    assert len(stage.table) == 0 and stage.told[-1][0] == "judged" and attempt.settled.is_set()


# Every exercise of the course, whatever its program does

SLUGS = sorted(path.parent.name for path in ROOT.glob("socketlab/lessons/*/exercise.py"))
FIELDS = "name text nonce room rooms run after sum complete skip_me dish code seat".split()
WORDS = st.sampled_from(["A", "B", "C", "", "x" * 300, "\u202e", "a\nb", "n1"]) | st.text(
    max_size=9
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
PAYLOADS = st.dictionaries(st.sampled_from(FIELDS) | WORDS, VALUES, max_size=4)
STEPS = st.lists(
    st.tuples(st.just("event"), st.integers(0, 20), PAYLOADS)
    | st.tuples(st.just("answer"), st.integers(0, 3), st.lists(VALUES, max_size=2))
    | st.tuples(st.sampled_from(["wait", "joined", "refused", "sent", "left"]), VALUES, PAYLOADS),
    max_size=12,
)


def play(stage, attempt, what, one, more):
    """One step of a program that knows no shame."""
    names = [*sorted(attempt.judge.events()), "nothing"]
    namespaces = [*attempt.judge.namespaces, "/elsewhere"]
    namespace = namespaces[len(more) % len(namespaces)]
    if what == "event":
        try:
            answer = attempt.handle(names[one % len(names)], more)
        except Refused as no:
            assert str(no)
        else:
            json.dumps(answer)
    elif what == "answer":
        asked = [then for _, then in stage.sent if callable(then)]
        if asked:
            asked[-1 - one % len(asked)](*more)
    elif what == "joined":
        attempt.saw("joined", namespace)
    elif what == "refused":
        attempt.saw("refused", namespace, "the manager's door needs a code")
    elif what == "sent":
        attempt.saw("event", namespace, "order", more)
    elif what == "left":
        attempt.saw("left", namespace)
    stage.go_on(0.3)
    if attempt.connection is None:
        attempt.left(attempt._cut)
        attempt.returned(stage.first)
        stage.go_on()


@pytest.mark.parametrize("slug", SLUGS)
@settings(max_examples=examples(25))
@given(steps=STEPS)
def test_no_program_breaks_a_judge_and_each_check_is_decided_once(slug, steps):
    judge = import_module(f"socketlab.lessons.{slug}.exercise").Exercise
    stage = Stage(judge)
    attempt = stage.begin()
    for step in steps:
        play(stage, attempt, *step)
    stage.go_on(judge.seconds + 1)
    told = [told for event, told in stage.told if event == "checked"]

    assert attempt.over and not attempt.broken and len(stage.table) == 0
    assert sorted(one["check"] for one in told) == sorted(check.id for check in judge.checks)
    assert [event for event, _ in stage.told].count("judged") == 1
    assert all(len(one["saw"]) <= SAW and one["saw"].isprintable() for one in told), told
    assert not any(box for _, _, box in stage.agenda)
