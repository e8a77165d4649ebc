"""The base of every exercise: what is decided once stays so, and what is open at the end failed."""

import pytest

from socketlab.classroom.refused import Refused
from socketlab.exercises.judge import Check, Checked, Cut, Emit, Judge, Judged, shown


class Two(Judge):
    checks = (Check("first", "an event one"), Check("second", "an event two after it"))

    def on_one(self, data):
        self.passed("first", shown(data))
        return {"ok": True}

    def on_two(self, data):
        if self.is_open("first"):
            self.failed("second", "two before one")
        self.passed("second", "two after one")
        return {"ok": True}

    def on_drop(self, data):
        self.emit("asked", {"word": self.fresh()}, then=lambda value: self.passed("first", value))
        self.cut()
        return {"ok": True}


@pytest.fixture
def judge():
    return Two(lambda: "word", lambda: 0.0)


def test_when_the_last_check_is_decided_the_attempt_is_judged(judge):
    assert judge.handle("one", {"n": 1}) == {"ok": True}
    assert judge.take() == [Checked("first", True, "an event one", '{"n": 1}')]
    judge.handle("two", {})
    assert judge.take()[1:] == [Judged(2, 2, True)]
    assert judge.over


def test_the_first_verdict_stands(judge):
    judge.handle("two", {})  # which says "failed", and then "passed"
    assert judge.take() == [Checked("second", False, "an event two after it", "two before one")]
    judge.handle("two", {})
    assert judge.take() == []


@pytest.mark.parametrize(("end", "why"), [("left", "disconnected"), ("time_is_up", "time was up")])
def test_what_is_open_at_the_end_has_failed_and_says_why(judge, end, why):
    judge.handle("one", {})
    judge.take()
    getattr(judge, end)()
    checked, judged = judge.take()
    assert not checked.passed and why in checked.saw
    assert judged == Judged(1, 2, False)
    getattr(judge, end)()
    assert judge.take() == []


def test_what_the_bot_wants_done_is_taken_once_and_in_order(judge):
    judge.handle("drop", {})
    asked, cut = judge.take()
    assert isinstance(asked, Emit) and asked.data == {"word": "word"} and cut == Cut()
    asked.then("thirteen")
    assert [each.check for each in judge.take()] == ["first"]


def test_an_event_that_the_exercise_does_not_have_is_refused_with_those_it_has(judge):
    with pytest.raises(Refused, match="no event three, only drop, one, two"):
        judge.handle("three", {})


def test_what_a_program_sent_is_repeated_short_and_on_one_line():
    assert shown("a\nb") == '"a·b"'
    assert shown({"a": None, "b": True}) == '{"a": null, "b": true}'
    assert len(shown("x" * 1000)) == 60
    judge = Two(lambda: "", lambda: 0.0)
    judge.passed("first", "y" * 1000)
    assert len(judge.take()[0].saw) == 200
