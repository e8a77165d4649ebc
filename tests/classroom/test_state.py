"""Predictions lock, receipts are bounded, guessing is bounded."""

import sqlite3

import pytest

from socketlab.classroom.ledger import SCHEMA, Ledger, LedgerFailed
from socketlab.classroom.refused import Unknown
from socketlab.classroom.state import Classroom
from socketlab.database import Database
from socketlab.limits import Tries

FIRST = {"kind": "off", "keep": 20}


def ledger_at(path):
    return Ledger(Database(path, SCHEMA))


def class_at(path):
    return Classroom({"race": ["one", "many"]}, ledger_at(path), FIRST)


@pytest.fixture
def classroom():
    return class_at(":memory:")


def test_the_first_prediction_stays(classroom):
    assert classroom.predict("ada", "race", "one") == "one"
    assert classroom.predict("ada", "race", "many") == "one"
    assert classroom.locked("ada", "race") == "one"
    assert classroom.locked("bob", "race") is None


def test_a_prediction_survives_a_restart(tmp_path):
    class_at(tmp_path / "l").predict("ada", "race", "one")

    assert class_at(tmp_path / "l").locked("ada", "race") == "one"


def test_a_prediction_that_the_disk_refuses_is_not_locked(tmp_path):
    classroom = class_at(tmp_path / "l")
    with sqlite3.connect(tmp_path / "l", isolation_level=None) as other:
        other.execute("DROP TABLE prediction")
    other.close()
    with pytest.raises(LedgerFailed, match="could not write to its disk"):
        classroom.predict("ada", "race", "one")
    with sqlite3.connect(tmp_path / "l", isolation_level=None) as other:
        other.executescript(SCHEMA)
    other.close()

    assert classroom.locked("ada", "race") is None
    assert classroom.predict("ada", "race", "many") == "many"


def test_the_state_of_the_class_and_its_rev_survive_a_restart(tmp_path):
    before = class_at(tmp_path / "l")
    before.change(lesson="rooms")
    state = before.change(buffer={"kind": "memory", "keep": 5})
    after = class_at(tmp_path / "l")

    assert after.state() == state and state["rev"] == 3
    assert after.change(step="one")["rev"] == 4


@pytest.mark.parametrize(("step", "choice"), [("nope", "one"), ("race", "three")])
def test_an_unknown_step_or_choice_is_refused(classroom, step, choice):
    with pytest.raises(Unknown):
        classroom.predict("ada", step, choice)


def test_a_receipt_needs_a_run_that_was_started(classroom):
    with pytest.raises(Unknown, match="unknown run"):
        classroom.receipt("ada", "s", "r", [[1, 5.0]])


def test_a_listener_hears_the_receipts_that_are_accepted_and_no_others(classroom):
    heard = []
    classroom.listeners.append(lambda *receipt: heard.append(receipt))
    classroom.started("r", "ada")
    classroom.receipt("ada", "s", "r", [[1, 5.0]])
    with pytest.raises(Unknown):
        classroom.receipt("ada", "s", "nobody's", [[1, 5.0]])

    assert heard == [("ada", "s", "r", [[1, 5.0]])]


def test_tries_are_bounded_for_each_name_and_in_all():
    tries = Tries(most=2, most_in_all=3, window_ms=1000)
    tries.failed("ada", 0)

    assert not tries.full("ada", 1)
    tries.failed("ada", 2)
    assert tries.full("ada", 3) and not tries.full("bob", 3)
    tries.failed("bob", 4)
    assert tries.full("bob", 5) and tries.full("eve", 5)
    assert not tries.full("eve", 1500)
