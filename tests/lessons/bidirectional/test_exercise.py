"""The judge of lesson 1's exercise, without a socket."""

import pytest

from socketlab.exercises.judge import After, Checked, Emit, Judged
from socketlab.lessons.bidirectional.exercise import Exercise

OK = {"ok": True}


@pytest.fixture
def judge():
    return Exercise(iter(["n1", "n2"]).__next__, lambda: 0.0)


def verdicts(judge):
    return {
        each.check: (each.passed, each.saw) for each in judge.take() if isinstance(each, Checked)
    }


def asked(judge, data=None):
    """The judge's whoami, once hello has come."""
    judge.handle("hello", data or {"name": "Ada"})
    return next(each for each in judge.take() if isinstance(each, Emit))


def waved(judge):
    """The judge has waved; what it has decided so far is taken."""
    later = [each for each in judge.take() if isinstance(each, After)]
    later[0].then()
    assert len(later) == 1
    assert [each.event for each in judge.take()] == ["waved"]


def test_the_right_program_passes(judge):
    whoami = asked(judge)
    assert (whoami.event, whoami.data) == ("whoami", {"nonce": "n1"})
    whoami.then({"nonce": "n1"})
    waved(judge)
    assert judge.handle("wave", {"text": "hi"}) == OK
    assert judge.take()[-1] == Judged(3, 3, True)


@pytest.mark.parametrize(
    "value", [{}, {"nonce": "n2"}, {"nonce": "n1", "name": "Ada"}, ["n1"], {"nonce": ["n1"]}, 7]
)
def test_another_acknowledgement_than_the_nonce_fails_and_is_repeated(judge, value):
    asked(judge).then(value)
    passed, saw = verdicts(judge)["whoami"]
    assert not passed and "the nonce was n1" in saw


@pytest.mark.parametrize(
    "value, words",
    [
        (None, "without a value"),
        ([], "without a value"),
        ("n1", '"n1", not an object with the nonce in it'),
    ],
)
def test_an_acknowledgement_that_is_no_object_is_called_so(judge, value, words):
    asked(judge).then(value)
    passed, saw = verdicts(judge)["whoami"]
    assert not passed and words in saw


def test_an_event_instead_of_the_acknowledgement_fails_and_the_bot_goes_on(judge):
    whoami = asked(judge)
    answer = judge.handle("whoami", {"nonce": "n1"})
    whoami.then(None)  # python-socketio acknowledges by itself where a handler returns nothing
    assert answer["ok"] is False and "acknowledgement" in answer["error"]
    waved(judge)
    judge.handle("wave", {"text": "hi"})
    assert judge.take()[-1] == Judged(2, 3, False)
    assert "an event whoami" in judge.decided["whoami"].saw


def test_a_second_hello_brings_no_second_question(judge):
    asked(judge)
    judge.handle("hello", {"name": "Bob"})
    assert [each for each in judge.take() if isinstance(each, Emit)] == []


@pytest.mark.parametrize("data", [{"text": "hi"}, {}])
def test_a_wave_before_the_servers_fails_whatever_it_says(judge, data):
    asked(judge)
    assert judge.handle("wave", data) == OK
    passed, saw = verdicts(judge)["wave"]
    assert not passed and "before I had sent waved" in saw


def test_a_program_that_only_connects_is_told_what_was_missing(judge):
    judge.time_is_up()
    said = verdicts(judge)
    assert said["hello"] == (False, "no hello, and the time was up")
    assert "no hello yet" in said["whoami"][1]


@pytest.mark.parametrize("data", [{}, {"name": 7}, {"name": ""}, {"name": "x" * 61}])
def test_a_hello_without_a_name_fails_and_is_asked_all_the_same(judge, data):
    answer = judge.handle("hello", data)
    assert not answer["ok"] and "name" in answer["error"]
    actions = judge.take()
    assert [each.event for each in actions if isinstance(each, Emit)] == ["whoami"]
    assert answer["error"] in judge.decided["hello"].saw and not judge.decided["hello"].passed


@pytest.mark.parametrize("text", ["", 7, None, "x" * 61])
def test_a_wave_with_a_text_that_is_none_fails(judge, text):
    asked(judge).then({"nonce": "n1"})
    waved(judge)
    assert judge.handle("wave", {"text": text})["ok"] is False
    assert not judge.decided["wave"].passed


def test_a_wave_may_say_nothing(judge):
    asked(judge).then({"nonce": "n1"})
    waved(judge)
    assert judge.handle("wave", {}) == OK
    assert judge.take()[-1] == Judged(3, 3, True)
