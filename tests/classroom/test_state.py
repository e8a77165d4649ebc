"""Predictions lock, receipts are bounded, guessing is bounded."""

import pytest

from socketlab.classroom.ledger import Ledger
from socketlab.classroom.state import RUNS_PER_SEAT, Classroom, Unknown
from socketlab.limits import Tries


@pytest.fixture
def classroom():
    return Classroom({"race": ["one", "many"]}, Ledger(":memory:"))


def test_the_first_prediction_stays(classroom):
    assert classroom.predict("ada", "race", "one") == "one"
    assert classroom.predict("ada", "race", "many") == "one"
    assert classroom.locked("ada", "race") == "one"
    assert classroom.locked("bob", "race") is None


def test_a_prediction_survives_a_restart(tmp_path):
    Classroom({"race": ["one"]}, Ledger(tmp_path / "l")).predict("ada", "race", "one")

    assert Classroom({"race": ["one"]}, Ledger(tmp_path / "l")).locked("ada", "race") == "one"


@pytest.mark.parametrize(("step", "choice"), [("nope", "one"), ("race", "three")])
def test_an_unknown_step_or_choice_is_refused(classroom, step, choice):
    with pytest.raises(Unknown):
        classroom.predict("ada", step, choice)


def test_a_receipt_needs_a_run_that_was_started(classroom):
    with pytest.raises(Unknown, match="unknown run"):
        classroom.receipt("ada", "r", [[1, 5.0]])


def test_receipts_are_kept_once_for_each_seq(classroom):
    classroom.started("r", "ada")
    classroom.receipt("ada", "r", [[1, 5.0], [2, 6.0]])
    classroom.receipt("ada", "r", [[2, 9.0], [3, 9.5]])

    assert classroom.confirmed("ada", "r") == {1: 5.0, 2: 6.0, 3: 9.5}
    assert classroom.confirmed("bob", "r") == {}


def test_a_listener_hears_the_receipts_that_are_accepted_and_no_others(classroom):
    heard = []
    classroom.listeners.append(lambda *receipt: heard.append(receipt))
    classroom.started("r", "ada")
    classroom.receipt("ada", "r", [[1, 5.0]])
    with pytest.raises(Unknown):
        classroom.receipt("ada", "nobody's", [[1, 5.0]])

    assert heard == [("ada", "r", [[1, 5.0]])]


def test_a_seat_keeps_the_receipts_of_its_last_runs_only(classroom):
    for n in range(RUNS_PER_SEAT + 5):
        classroom.started(f"r{n}", "ada")
        classroom.receipt("ada", f"r{n}", [[1, 1.0]])

    assert classroom.confirmed("ada", "r4") == {}
    assert classroom.confirmed("ada", "r5") == {1: 1.0}


def test_tries_are_bounded_for_each_name_and_in_all():
    tries = Tries(most=2, most_in_all=3, window_ms=1000)
    tries.failed("ada", 0)

    assert not tries.full("ada", 1)
    tries.failed("ada", 2)
    assert tries.full("ada", 3) and not tries.full("bob", 3)
    tries.failed("bob", 4)
    assert tries.full("bob", 5) and tries.full("eve", 5)
    assert not tries.full("eve", 1500)
