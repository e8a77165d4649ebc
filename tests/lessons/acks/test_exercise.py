"""The judge of lesson 5's exercise, without a socket: patient, hurried and forgetful programs."""

import pytest

from socketlab.exercises.judge import Judged
from socketlab.lessons.acks.exercise import Exercise

from ...exercises.stage import Stage


def play(
    wait=0.5, ids=lambda dish, n: f"of {dish}", ticket=lambda told: told, more=lambda stage: None
):
    """A program that orders each dish until it is acknowledged, so many seconds apart."""

    def program(stage, event, data):
        if event == "asked":
            order(stage, data["dish"], 1)

    def order(stage, dish, n):
        answer = stage.send("order", {"dish": dish, "order_id": ids(dish, n), "attempt": n})
        if isinstance(answer, dict):
            stage.send("eaten", {"ticket": ticket(answer["ticket"])})
            more(stage)
        else:
            stage.later(wait, lambda: order(stage, dish, n + 1))

    stage = Stage(Exercise, program)
    stage.play()
    return stage


def failed(stage):
    return {check: saw for check, (passed, saw) in stage.verdicts.items() if not passed}


def test_who_asks_three_times_with_one_id_and_then_with_another_passes():
    stage = play()

    assert stage.judged == Judged(5, 5, True), failed(stage)
    assert len(stage.heard) == 2 and stage.verdicts["once"] == (
        True,
        "3 orders with one id: one soup",
    )


@pytest.mark.parametrize(
    ("changes", "check", "saw"),
    [
        ({"ids": lambda dish, n: f"{dish} {n}"}, "once", "3 orders with 3 ids: 3 soups"),
        ({"ids": lambda dish, n: "mine"}, "fresh", "that is the order of the soup"),
        ({"wait": 0.1}, "again", "after 0.10 s: wait for the answer first"),
        ({"ticket": lambda told: "another"}, "eaten", "and I had given you"),
        ({"wait": 100.0}, "again", "1 order of the first dish, and the time was up"),
    ],
)
def test_a_wrong_program_fails_with_what_was_seen(changes, check, saw):
    assert saw in failed(play(**changes))[check]


def test_one_order_more_is_seen_after_the_end():
    def more(stage):
        if stage.judge.told == 2:
            stage.send("order", {"dish": "more", "order_id": "y"})

    assert "one more order, after you had eaten both" in failed(play(more=more))["eaten"]


@pytest.mark.parametrize(
    ("event", "data"),
    [("order", {}), ("order", {"dish": "x"}), ("order", {"dish": 1, "order_id": "y"})]
    + [("eaten", {}), ("eaten", {"ticket": 7}), ("order", {"dish": "x" * 65, "order_id": "y"})],
)
def test_what_is_no_order_and_no_ticket_is_refused_and_counts_for_nothing(event, data):
    stage = Stage(Exercise, lambda *_: None)

    assert isinstance(stage.send(event, data), str)
    assert stage.verdicts == {}
