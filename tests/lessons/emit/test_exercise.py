"""The judge of lesson 6's exercise, without a socket: programs choose, well and badly."""

import pytest

from socketlab.exercises.judge import Judged
from socketlab.lessons.emit.exercise import SENDER, SOCKETS, WANTED, Exercise

from ...exercises.stage import Stage

RIGHT = {
    "sender": lambda room, sid: {},
    "others": lambda room, sid: {"broadcast": True, "include_self": False},
    "room": lambda room, sid: {"to": room},
    "room_others": lambda room, sid: {"to": room, "include_self": False},
    "one": lambda room, sid: {"to": [sid]},
}


def play(**instead):
    """A program that answers right, but where another answer is given instead."""

    def program(stage, event, data):
        if event == "asked":
            choose = (RIGHT | instead)[data["wanted"]]
            args = choose(data["room"], data["sid"])
            stage.send("choose", {"number": data["number"], "args": args})

    stage = Stage(Exercise, program)
    stage.play()
    return stage


def test_the_five_right_emits_pass():
    stage = play()

    assert stage.judged == Judged(5, 5, True)
    asked = [data["wanted"] for event, data in stage.heard if event == "asked"]
    assert sorted(asked) == sorted(WANTED)
    assert sorted(answer["receivers"] for answer in stage.answers) == [1, 1, 2, 3, 6]


@pytest.mark.parametrize(
    ("wanted", "args", "saw"),
    [
        ("sender", {"broadcast": True}, "reached Ada and Bob and Cem and Dot and Eli and Flo too"),
        ("others", {"broadcast": True}, "reached the sender too many"),
        ("others", {"include_self": False}, "did not reach Ada and Bob"),
        ("room", {"broadcast": True}, "reached Cem and Dot and Eli and Flo too many"),
        ("one", {"to": "nowhere"}, "did not reach Flo"),
        ("one", {"sid": "x"}, 'emit has no argument "sid" here'),
        ("one", None, "args must be an object"),
        ("one", {"to": 7}, "to must be a room, a sid, or a list"),
        ("one", {"to": []}, "to must be a room, a sid, or a list"),
        ("room", {"broadcast": 1}, "broadcast must be true or false"),
        ("room", {"skip_sid": ["x"]}, "skip_sid must be a sid"),
    ],
)
def test_another_emit_fails_its_own_check_alone_and_says_why(wanted, args, saw):
    stage = play(**{wanted: lambda room, sid: args})
    failed = {check: seen for check, (passed, seen) in stage.verdicts.items() if not passed}

    assert stage.judged == Judged(4, 5, False)
    assert list(failed) == [wanted] and saw in failed[wanted]


def test_there_are_other_ways_to_the_same_receivers():
    judge = Exercise(iter("abcdefgh").__next__, lambda: 0.0)
    mine = judge.sids[SENDER]

    assert judge.receivers({"broadcast": True, "skip_sid": mine}) == WANTED["others"]
    assert judge.receivers({"to": mine}) == WANTED["sender"]
    assert judge.receivers({"to": list(judge.sids.values())}) == set(SOCKETS)
    assert judge.receivers({"to": judge.room, "broadcast": True}) == WANTED["room"]
