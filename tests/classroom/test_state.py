"""Predictions lock, receipts are bounded, guessing is bounded."""

import sqlite3

import pytest

from socketlab.classroom import minutes
from socketlab.classroom.ledger import SCHEMA, Ledger, LedgerFailed
from socketlab.classroom.refused import Refused, Unknown
from socketlab.classroom.state import MOST_ROUNDS, Classroom, Course
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


# Votes


def voting_at(path):
    course = Course(
        {"race": ["one", "many"]}, {"race": "many"}, {"rooms": ["explore", "race"], "other": []}
    )
    return Classroom(course, ledger_at(path), FIRST, now=lambda: 5.0)


def counts_of(classroom, **choices):
    for seat, choice in choices.items():
        classroom.predict(seat, "race", choice)
    return classroom.close_vote()["vote"]["counts"]


def test_a_vote_counts_each_seat_once_with_its_first_choice_of_the_round(tmp_path):
    classroom = voting_at(tmp_path / "l")
    classroom.predict("early", "race", "one")
    classroom.predict("absent", "race", "one")
    assert classroom.open_vote("race", ["early", "ada"])["vote"]["in"] == 1
    classroom.come_in("absent")
    first = counts_of(classroom, ada="many", bob="many", early="many")
    classroom.open_vote("race", ["early", "ada"])
    second = counts_of(classroom, ada="one", early="many", new="many")

    assert first == {"one": 2, "many": 2} and second == {"one": 1, "many": 2}
    assert [classroom.locked(seat, "race") for seat in ("ada", "early", "new")] == [
        *("many", "one", "many")
    ]
    assert classroom.state()["vote"] == {
        "step": "race",
        "round": 2,
        "open": False,
        "in": 3,
        "counts": second,
        "before": [first],
    }


@pytest.mark.parametrize(
    ("right", "wrong", "discuss"), [(2, 8, False), (3, 7, True), (7, 3, True), (8, 2, False)]
)
def test_a_discussion_is_worth_it_where_about_half_are_right(tmp_path, right, wrong, discuss):
    classroom = voting_at(tmp_path / "l")
    classroom.open_vote("race", [])
    chosen = ["many"] * right + ["one"] * wrong
    counts_of(classroom, **{f"seat{n}": choice for n, choice in enumerate(chosen)})

    assert classroom.share_right() == right / 10 and classroom.discuss() is discuss


def test_a_vote_without_a_ballot_has_no_share(tmp_path):
    classroom = voting_at(tmp_path / "l")
    classroom.open_vote("race", [])
    classroom.close_vote()
    assert classroom.share_right() is None and not classroom.discuss()


def test_a_closed_vote_stays_with_its_lesson_and_an_open_one_stays_open(tmp_path):
    classroom = voting_at(tmp_path / "l")
    classroom.step("rooms", "race")
    classroom.open_vote("race", [])
    assert classroom.step("other", None)["vote"]["open"] is True
    classroom.close_vote()
    assert classroom.step("other", None)["vote"]["open"] is False
    assert classroom.step("rooms", None)["vote"] is None


def test_what_does_not_fit_the_moment_is_refused(tmp_path):
    classroom = voting_at(tmp_path / "l")
    for act, sentence in ((classroom.close_vote, "no vote is open"), (classroom.reveal, "no vote")):
        with pytest.raises(Refused, match=sentence):
            act()
    classroom.open_vote("race", [])
    with pytest.raises(Refused, match="a vote on race is open: close it first"):
        classroom.open_vote("race", [])
    with pytest.raises(Refused, match="the vote is open: close it first"):
        classroom.reveal()
    classroom.close_vote()
    for _ in range(MOST_ROUNDS - 1):
        classroom.open_vote("race", [])
        classroom.close_vote()
    with pytest.raises(Refused, match="9 rounds on one step are enough"):
        classroom.open_vote("race", [])
    assert classroom.reveal()["vote"]["right"] == "many"


def test_an_open_vote_its_ballots_and_its_round_survive_a_restart(tmp_path):
    before = voting_at(tmp_path / "l")
    before.step("rooms", "race")
    before.open_vote("race", [])
    before.predict("ada", "race", "one")
    after = voting_at(tmp_path / "l")

    assert after.state() == before.state() and after.progress() == ("race", 1, 1)
    assert after.voted("ada") == {"step": "race", "round": 1, "choice": "one"}
    assert after.predict("ada", "race", "many") == "one"
    assert counts_of(after, bob="many") == {"one": 1, "many": 1}
    again = voting_at(tmp_path / "l")
    assert again.open_vote("race", [])["vote"]["round"] == 2
    assert again.voted("ada") is None


def test_a_ballot_that_comes_when_the_vote_is_closed_is_a_prediction_and_no_vote(tmp_path):
    """Two processes' worth of haste: the ledger alone knows which of the two came first."""
    classroom, slow = voting_at(tmp_path / "l"), voting_at(tmp_path / "l")
    classroom.open_vote("race", [])
    late = voting_at(tmp_path / "l")  # believes that the vote is open
    counts = counts_of(classroom, ada="one")
    assert late.predict("bob", "race", "many") == "many"

    assert counts == {"one": 1, "many": 0} and late.voted("bob") is None
    assert slow.locked("bob", "race") == "many"
    assert voting_at(tmp_path / "l").minutes.session(False).counts == [
        ("race", 0, "many", 1, 0),
        ("race", 0, "one", 1, 0),
        ("race", 1, "one", 1, 0),
    ]


def test_a_state_that_the_disk_refuses_has_not_come(tmp_path):
    classroom = voting_at(tmp_path / "l")
    classroom.open_vote("race", [])
    before = classroom.state()
    with sqlite3.connect(tmp_path / "l", isolation_level=None) as other:
        other.execute("ALTER TABLE class RENAME TO hidden")
    other.close()
    for act in (classroom.close_vote, lambda: classroom.step("rooms", None)):
        with pytest.raises(LedgerFailed):
            act()

    assert classroom.state() == before


def test_clearing_forgets_all_but_the_growing_of_rev(tmp_path):
    classroom = voting_at(tmp_path / "l")
    classroom.step("rooms", "explore")
    classroom.open_vote("race", [])
    classroom.predict("ada", "race", "one")
    classroom.minutes.signalled("ada", "rooms", "done")
    rev = classroom.state()["rev"]
    gone = classroom.clear(keep=())
    after = voting_at(tmp_path / "l")

    assert {name: n for name, n in gone.items() if n} == {
        "prediction": 1,
        "ballot": 1,
        "signal": 1,
        "stepped": 1,
        "wrote": 1,
    }
    assert classroom.state() == after.state()
    assert after.state()["rev"] == rev + 1 and after.state()["lesson"] is None
    assert classroom.locked("ada", "race") is after.locked("ada", "race") is None
    assert classroom.open_vote("race", [])["vote"]["round"] == 1


def test_the_history_of_steps_is_bounded_and_has_each_change_of_place_once(tmp_path, monkeypatch):
    monkeypatch.setattr(minutes, "MOST_STEPS", 3)
    classroom = voting_at(tmp_path / "l")
    for step in (None, "explore", "explore", "race", None):
        classroom.step("rooms", step)

    steps = [step for _, step, _ in classroom.minutes.session(False).stepped]
    assert steps == ["explore", "race", None]
