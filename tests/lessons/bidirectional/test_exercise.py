"""The judge of lesson 1's exercise, without a socket."""

import pytest

from socketlab.classroom.refused import Refused
from socketlab.exercises.judge import After, Checked, Emit, Judged
from socketlab.lessons.bidirectional.exercise import Exercise


@pytest.fixture
def judge():
    return Exercise(iter(["n1", "n2"]).__next__, lambda: 0.0)


def verdicts(judge):
    return {
        each.check: (each.passed, each.saw) for each in judge.take() if isinstance(each, Checked)
    }


def asked(judge):
    """The judge's whoami, once hello has come."""
    judge.handle("hello", {"name": "Ada"})
    return next(each for each in judge.take() if isinstance(each, Emit))


def test_the_right_program_passes(judge):
    whoami = asked(judge)
    assert (whoami.event, whoami.data) == ("whoami", {"nonce": "n1"})
    whoami.then({"nonce": "n1"})
    later = next(each for each in judge.take() if isinstance(each, After))
    later.then()
    assert [each.event for each in judge.take()] == ["waved"]
    judge.handle("wave", {"text": "hi"})
    assert judge.take()[-1] == Judged(3, 3, True)


@pytest.mark.parametrize("value", [None, {}, {"nonce": "n2"}, "n1", ["n1"], {"nonce": ["n1"]}])
def test_another_acknowledgement_than_the_nonce_fails_and_is_repeated(judge, value):
    asked(judge).then(value)
    passed, saw = verdicts(judge)["whoami"]
    assert not passed and "the nonce was n1" in saw


def test_a_wave_before_the_servers_fails(judge):
    asked(judge)
    judge.handle("wave", {"text": "hi"})
    assert verdicts(judge)["wave"] == (False, 'wave "hi" before I had sent waved')


def test_a_program_that_only_connects_is_told_what_was_missing(judge):
    judge.time_is_up()
    said = verdicts(judge)
    assert said["hello"] == (False, "no hello, and the time was up")
    assert "no hello yet" in said["whoami"][1]


@pytest.mark.parametrize("data", [{}, {"name": 7}, {"name": ""}, {"name": "x" * 61}])
def test_a_hello_without_a_name_is_refused(judge, data):
    with pytest.raises(Refused):
        judge.handle("hello", data)
    assert verdicts(judge) == {}
