"""The judge of lesson 7's exercise, without a socket: programs relay, well and badly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socketlab.exercises.judge import Judged
from socketlab.lessons.rooms.exercise import BURSTS, Exercise

from ...exercises.stage import Stage

ALL = ["joined", "relayed", "nothing_else", "own_copies"]
OF_A = sum("A" in rooms for burst in BURSTS for rooms, _ in burst)


def joins(*rooms):
    def began(stage):
        for room in rooms:
            stage.send("join", {"room": room})

    return began


def relay(stage, event, data):
    """What is asked for."""
    if event == "said" and "A" in data["rooms"]:
        stage.send("say", {"room": "B", "text": data["text"]})


def play(program, *rooms):
    stage = Stage(Exercise, program, joins(*(rooms or "AB")))
    stage.play()
    return stage


def failed(stage):
    """{check: what was seen} of those that failed."""
    return {check: saw for check, (passed, saw) in stage.verdicts.items() if not passed}


def test_a_relay_passes():
    stage = play(relay)

    assert stage.judged == Judged(4, 4, True), failed(stage)
    assert stage.heard[0] == ("asked", {"from": "A", "to": "B"})
    assert stage.verdicts["relayed"][1] == f"{OF_A} relayed of {OF_A}"
    assert all(answer["ok"] for answer in stage.answers)


def test_the_bot_speaks_in_all_three_rooms_and_each_text_comes_once_a_time():
    said = [data for event, data in play(relay).heard if event == "said"]
    bots = [data for data in said if data["who"]["nick"] == "the bot"]

    assert {data["room"] for data in bots} == {"A", "B", "C"}
    assert ["A", "B"] in [data["rooms"] for data in bots]
    assert len(bots) == sum(map(len, BURSTS))
    assert len({data["run"] for data in bots}) == len(bots)
    assert len({data["text"] for data in bots if data["room"] == "A"}) < OF_A  # some are repeated


def test_own_copies_come_back_and_can_be_left_out():
    def skipping(stage, event, data):
        if event == "said" and "A" in data["rooms"]:
            stage.send("say", {"room": "B", "text": data["text"], "skip_me": True})

    for program, copies in ((relay, OF_A), (skipping, 0)):
        stage = play(program)
        own = [data for _, data in stage.heard if data.get("who", {}).get("nick") == "your program"]

        assert stage.judged.done and len(own) == copies


def test_who_leaves_the_third_room_is_spared_it():
    def leaves(stage, event, data):
        if event == "asked":
            stage.send("leave", {"room": "C"})
        relay(stage, event, data)

    stage = play(leaves)

    assert stage.judged.done
    assert "C" not in [data["room"] for event, data in stage.heard if event == "said"]


@given(st.lists(st.floats(0, 4), min_size=OF_A, max_size=OF_A), st.permutations("AB"))
def test_a_relay_passes_however_long_it_takes_up_to_the_limit(delays, rooms):
    """In whatever order the texts of a burst are relayed."""
    delays = iter(delays)

    def slow(stage, event, data):
        if event == "said" and "A" in data["rooms"]:
            stage.later(next(delays), lambda: relay(stage, event, data))

    stage = play(slow, *rooms)

    assert stage.judged.done, failed(stage)


# Wrong ones: {check: a part of what was seen} of all that fail


def everything(stage, event, data):
    if event == "said":
        stage.send("say", {"room": "B", "text": data["text"]})


def but_own(stage, event, data):
    if event == "said" and data["who"]["nick"] == "the bot":
        everything(stage, event, data)


def all_but_c(stage, event, data):
    """Relays what comes from room A or B: its own copies too."""
    if event == "said" and data["room"] != "C":
        everything(stage, event, data)


def twice(stage, event, data):
    relay(stage, event, data)
    relay(stage, event, data)


class Deduplicates:
    def __init__(self):
        self.seen = set()

    def __call__(self, stage, event, data):
        if data.get("text") not in self.seen:
            relay(stage, event, data)
        self.seen.add(data.get("text"))


class OneBehind:
    def __init__(self):
        self.last = None

    def __call__(self, stage, event, data):
        if event == "said" and "A" in data["rooms"]:
            if self.last:
                relay(stage, event, self.last)
            self.last = data


def only_a(stage, event, data):
    """Thinks that what was said in B as well need not be relayed."""
    if event == "said" and data["rooms"] == ["A"]:
        relay(stage, event, data)


def adds(stage, event, data):
    if event == "said" and "A" in data["rooms"]:
        stage.send("say", {"room": "B", "text": f"A: {data['text']}"})


def grows(stage, event, data):
    if event == "said":
        stage.send("say", {"room": "B", "text": f"A: {data['text']}"})


def into_both(stage, event, data):
    if event == "said" and data["room"] == "A":
        stage.send("say", {"rooms": ["A", "B"], "text": data["text"]})


def broadcasts(stage, event, data):
    if event == "said" and "A" in data["rooms"]:
        stage.send("say", {"text": data["text"]})


def whispers(stage, event, data):
    if event == "said" and "A" in data["rooms"]:
        stage.send("whisper", {"sid": "B", "text": data["text"]})


def late(stage, event, data):
    stage.later(6.0, lambda: relay(stage, event, data))


def nothing(stage, event, data):
    """Joins, and no more."""


WRONG = {
    "everything": (
        everything,
        "AB",
        {"relayed": "8 times in B", "nothing_else": "had said in C", "own_copies": "own copies"},
    ),
    "all but its own": (but_own, "AB", {"nothing_else": "which I had said in C"}),
    "its own too": (
        all_but_c,
        "AB",
        {"relayed": "", "nothing_else": "in B", "own_copies": "9 says, and 1 said in A"},
    ),
    "twice": (twice, "AB", {"relayed": '"kettle n1" said once in A and twice in B'}),
    "drops repeats": (Deduplicates(), "AB", {"relayed": "said 3 times in A and once in B"}),
    "one behind": (OneBehind(), "AB", {"relayed": "said once in A and never in B"}),
    "not what B heard": (only_a, "AB", {"relayed": '"bus n'}),
    "changes the text": (
        adds,
        "AB",
        {"relayed": "never in B", "nothing_else": 'say "A: kettle n1", which I had said in no room'}
        | {"own_copies": "nothing relayed"},
    ),
    "into both": (
        into_both,
        "AB",
        {"relayed": "", "nothing_else": "in A, B, not in B", "own_copies": "own copies"},
    ),
    "no room": (
        broadcasts,
        "AB",
        {"relayed": "a say was refused: say where", "nothing_else": "", "own_copies": ""},
    ),
    "whispers": (whispers, "AB", {"relayed": "never in B", "nothing_else": "", "own_copies": ""}),
    "late": (late, "AB", {"relayed": "never in B"}),
    "joins only A": (
        relay,
        "A",
        {"joined": "join for A only", "relayed": 'refused: you are not in "B"'}
        | {"nothing_else": "", "own_copies": ""},
    ),
    "joins only B": (relay, "B", dict.fromkeys(ALL, "the time was up")),
    "nothing": (nothing, "AB", {"relayed": "", "nothing_else": "", "own_copies": ""}),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_relay_fails_these_checks_and_no_other(name):
    program, rooms, wanted = WRONG[name]
    stage = play(program, *rooms)
    seen = failed(stage)

    assert seen.keys() == wanted.keys(), seen
    assert [seen[check] for check in wanted if wanted[check] not in seen[check]] == []
    assert not stage.judged.done


def test_a_text_that_grows_by_each_relay_is_stopped_too():
    stage = play(grows)

    assert "its own copies" in failed(stage)["own_copies"]


@pytest.mark.parametrize("program", [everything, all_but_c, into_both, grows])
def test_an_endless_relay_is_sent_no_more_than_a_few_copies(program):
    assert len(play(program).heard) < 60


def test_a_program_that_floods_is_judged_all_the_same_and_nothing_of_it_is_kept():
    stage = Stage(Exercise, nothing, joins("A", "B"))

    def flood():
        for n in range(200):
            stage.send("say", {"room": "B", "text": f"{stage.time} {n}"})
        stage.later(0.1, flood)

    stage.later(0.0, flood)
    stage.play()

    assert stage.time < 20 and len(stage.judge.relayed) + len(stage.judge.where) < 20
    assert len(stage.heard) < 40


@pytest.mark.parametrize(
    ("event", "data", "sentence"),
    [
        ("join", {}, "room must be a text"),
        ("join", {"room": "x" * 41}, "room must be a text of 1 to 40 characters"),
        ("leave", {"room": "D"}, 'you are not in "D"'),
        ("say", {"room": "D", "text": "x"}, 'you are not in "D"'),
        ("say", {"room": ["A"], "text": "x"}, "you are not in"),
        ("say", {"room": "C"}, "text must be a text"),
        ("say", {"room": "C", "text": "x", "skip_me": 1}, "skip_me must be true or false"),
        ("whisper", {"sid": "x"}, "only join, leave, say"),
    ],
)
def test_what_is_not_in_the_protocol_is_refused(event, data, sentence):
    assert sentence in Stage(Exercise, nothing).send(event, data)


def test_a_program_may_be_in_twenty_rooms():
    stage = Stage(Exercise, nothing)
    answers = [stage.send("join", {"room": f"r{n}"}) for n in range(25)]

    assert len(answers[18]["rooms"]) == 20 and "leave one first" in answers[19]
    assert stage.send("join", {"room": "r3"})["ok"] is True


def test_a_program_that_goes_in_the_middle_is_told_how_far_it_came():
    stage = Stage(Exercise, relay, joins("A", "B"))
    stage.later(1.5, stage.judge.left)
    stage.play()

    assert "relayed, and your program disconnected" in failed(stage)["relayed"]
    assert failed(stage)["nothing_else"].startswith("nothing wrong yet")
