"""The judge of lesson 4: three connections, two cuts, and what is said of them. Pure."""

import pytest

from socketlab.classroom.refused import Refused
from socketlab.exercises.judge import After, Cut, Emit, Judged
from socketlab.lessons.lifecycle.exercise import LIVES, MOST, Exercise

SIDS = ["one", "two", "three"]
REASONS = ["transport close", "transport error", None]
HISTORY = [{"sid": s, "reason": r} for s, r in zip(SIDS, REASONS, strict=True)]


class Attempt:
    """A judge on its way: what it wants is done at once, and timers when they are next."""

    def __init__(self):
        self.time = 0.0
        self.judge = Exercise(lambda: "word", lambda: self.time)
        self.timers, self.sent, self.cuts, self.judged = [], [], 0, None
        self.connect("one", self.judge.began)

    def connect(self, sid, what):
        self.judge.who = {"sid": sid, "nick": "ada"}
        what()
        self.act()

    def act(self):
        for action in self.judge.take():
            match action:
                case After(seconds, then):
                    self.timers.append((self.time + seconds, len(self.timers), then))
                case Emit(event, data):
                    self.sent.append((event, data))
                case Cut():
                    self.cuts += 1
                case Judged():
                    self.judged = action

    def tick(self):
        """The next timer is due."""
        self.timers.sort()
        self.time, _, then = self.timers.pop(0)
        then()
        self.act()

    def send(self, event, data):
        try:
            return self.judge.handle(event, data)
        finally:
            self.act()

    def live(self, handled=1, until=LIVES):
        """Through as many connections, each poke handled so often; at the last one it is asked."""
        for life in range(1, until + 1):
            if life > 1:
                self.judge.gone()
                self.act()
                self.timers = [each for each in self.timers if each[0] < self.time + 5]
                self.connect(SIDS[life - 1], self.judge.returned)
            self.tick()
            for _ in range(handled):
                self.send("handled", {"number": life})
            self.tick()
        return self

    def verdict(self, check):
        found = self.judge.decided[check]
        return found.passed, found.saw


def test_who_keeps_its_history_passes():
    attempt = Attempt().live()
    answer = attempt.send("report", {"history": HISTORY})
    while not attempt.judged:
        attempt.tick()

    assert answer == {"ok": True}
    assert attempt.judged == Judged(4, 4, True), attempt.judge.decided
    assert attempt.cuts == 2
    assert [event for event, _ in attempt.sent] == ["poked", "poked", "poked", "asked"]


@pytest.mark.parametrize(
    ("history", "check", "words"),
    [
        (HISTORY[2:], "sids", "1 of 3 connections"),
        (HISTORY[::-1], "sids", "in another order"),
        ([HISTORY[0]] * 3, "sids", "more than once"),
        ([{"sid": "mine"}, *HISTORY[1:]], "sids", '"mine" was no sid of yours'),
        (HISTORY[2:], "reasons", "reasons for 0 ends"),
        ([HISTORY[0] | {"reason": None}, *HISTORY[1:]], "reasons", "null for a connection"),
        ([HISTORY[0] | {"reason": "client disconnect"}, *HISTORY[1:]], "reasons", "goodbye"),
        ([*HISTORY[:2], HISTORY[2] | {"reason": "x"}], "reasons", "that has not ended"),
    ],
)
def test_a_wrong_history_is_told_what_is_wrong_with_it(history, check, words):
    attempt = Attempt().live()
    attempt.send("report", {"history": history})
    passed, saw = attempt.verdict(check)

    assert not passed and words in saw


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"history": None},
        {"history": []},
        {"history": {}},
        {"history": [HISTORY[0]] * (MOST + 1)},
        {"history": ["one"]},
        {"history": [{"sid": 7}]},
        {"history": [{"sid": "x" * 65}]},
        {"history": [{"sid": "one", "reason": 7}]},
    ],
)
def test_a_report_that_is_none_fails_both_checks_and_is_told_why(data):
    attempt = Attempt().live()
    answer = attempt.send("report", data)

    assert not answer["ok"] and answer["error"] in attempt.verdict("sids")[1]
    assert not attempt.verdict("reasons")[0]


def test_a_handler_that_is_registered_twice_is_seen_at_the_second_answer():
    attempt = Attempt().live(handled=2, until=1)

    assert attempt.verdict("once") == (
        False,
        "poke 1 was handled twice: two handlers are registered",
    )


def test_who_answers_no_poke_hears_which_are_missing():
    attempt = Attempt().live(handled=0)
    attempt.send("report", {"history": HISTORY})
    while not attempt.judged:
        attempt.tick()

    assert attempt.verdict("once") == (False, "no handled for poke 1, 2, 3")


@pytest.mark.parametrize("number", [0, 2, 4, "1", None, True])
def test_a_number_that_was_not_sent_is_refused_and_decides_nothing(number):
    attempt = Attempt()
    with pytest.raises(Refused):
        attempt.send("handled", {"number": number})

    assert attempt.judge.decided == {}


def test_a_report_before_it_is_asked_for_is_refused_and_decides_nothing():
    attempt = Attempt()
    with pytest.raises(Refused, match="not yet"):
        attempt.send("report", {"history": HISTORY[:1]})

    assert attempt.judge.decided == {}


def test_who_stays_away_or_never_reports_is_told_so():
    away, silent = Attempt(), Attempt().live()
    away.tick(), away.tick()
    away.judge.gone()
    away.act()
    away.tick()
    while not silent.judged:
        silent.tick()

    assert "12 s after a cut" in away.verdict("back")[1]
    assert "waited 5 s" in silent.verdict("sids")[1]
    assert away.judged == Judged(0, 4, False)
    assert silent.judged.done is False


def test_a_slow_program_is_not_cut_off_before_it_has_answered():
    attempt = Attempt()
    attempt.tick()  # the poke
    attempt.time += 4.0
    before = attempt.cuts
    attempt.send("handled", {"number": 1})
    attempt.tick()

    assert (before, attempt.cuts) == (0, 1)
    assert attempt.judge.handled[1] == 1 and attempt.judge.is_open("once")
