"""The judge of lesson 9's exercise, without a socket: whatever the line does, only the program
that drops what it has by seq, and asks after the last that it handled, gets the sums right."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socketlab.classroom.refused import Refused
from socketlab.exercises.judge import Judged
from socketlab.lessons.missed.exercise import Exercise

from ...helpers import examples
from .programs import WRONG, Program, World

# Seconds: a line takes a moment for each packet, or holds it for longer than the quiet before a
# cut; a client is back at once, or after several tries.
delays = st.lists(st.floats(0.001, 0.6), max_size=80)
absences = st.lists(st.floats(0.01, 11.0), min_size=2, max_size=2)


def judged(program, *line):
    return World(Exercise, program, *line).live()


@given(delays, absences, st.booleans())
def test_the_right_program_passes_whatever_the_line_does(delays, absences, early):
    world = judged(Program, delays, absences, early)

    assert world.judged == Judged(4, 4, True), world.verdicts


@pytest.mark.parametrize("program", WRONG, ids=lambda program: program.__name__)
@settings(max_examples=examples(30))
@given(delays, absences, st.booleans())
def test_a_wrong_program_fails_whatever_the_line_does(program, delays, absences, early):
    world = judged(program, delays, absences, early)

    assert not world.judged.done
    assert not all(world.verdicts[check].passed for check in program.fails)


@pytest.mark.parametrize("program", WRONG, ids=lambda program: program.__name__)
def test_a_wrong_program_is_told_what_it_did(program):
    said = judged(program, [], []).verdicts

    for check, words in program.fails.items():
        assert not said[check].passed and words in said[check].saw


def test_the_program_is_told_nothing_of_its_absence_and_one_number_before_any_answer():
    world = judged(Program, [], [0.5, 1.5])
    first, second = world.judge.runs

    assert [event for event, _ in world.heard].count("finished") == 2
    assert first.live == {*range(1, 11), *range(23, 31)}
    assert first.replayed == set(range(11, 24)), "23 came live as well"
    assert second.live == {*range(1, 6), *range(15, 23)}
    assert second.replayed == set(range(11, 16)), "of 6 to 14 the buffer had lost 6 to 10"


@pytest.mark.parametrize("absence", [0.01, 1.5])
def test_an_attempt_of_the_right_program_is_short(absence):
    assert judged(Program, [], [absence, absence]).time < 12


def test_the_numbers_are_others_in_each_attempt():
    one, other = (judged(Program, [], []).judge for _ in range(2))
    assert one.runs[0].numbers == other.runs[0].numbers, "the same words, the same numbers"

    another = Exercise(iter(["seed", "run"]).__next__, lambda: 0.0)
    another.began()
    assert another.run.numbers != one.runs[0].numbers


@pytest.fixture
def judge():
    """In its first run, which has no number yet."""
    words = iter(["seed", "run1", "run2"])
    judge = Exercise(words.__next__, lambda: 0.0)
    judge.began()
    judge.take()
    return judge


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"run": "run1", "sum": 7}, "complete must be true or false"),
        ({"run": "run1", "sum": 7, "complete": 1}, "complete must be true or false"),
        ({"run": "run1", "complete": True}, "sum must be a whole number"),
        ({"run": "run1", "sum": None, "complete": True}, "sum must be a whole number"),
        ({"run": "run1", "sum": "7", "complete": True}, "sum must be a whole number"),
        ({"run": "run1", "sum": -7, "complete": True}, "sum must be a whole number"),
    ],
)
def test_a_report_that_says_too_little_fails_and_is_told_why(judge, data, words):
    answer = judge.handle("report", data)

    assert not answer["ok"] and words in answer["error"]
    assert not judge.decided["sum"].passed and words in judge.decided["sum"].saw


def test_a_report_counts_once_and_only_on_a_run_of_this_attempt(judge):
    report = {"sum": 7, "complete": True}
    with pytest.raises(Refused, match="unknown run"):
        judge.handle("report", {"run": "run2"} | report)
    judge.handle("report", {"run": "run1"} | report)
    with pytest.raises(Refused, match="the first report counts"):
        judge.handle("report", {"run": "run1"} | report)


def test_a_question_before_the_cut_is_answered_and_decides_nothing(judge):
    answer = judge.handle("resume", {"run": "run1", "after": 0})
    assert answer["complete"] and answer["replay"] == [] and answer["more"] is False
    unknown = judge.handle("resume", {"run": "run9", "after": 0})
    assert (unknown["complete"], unknown["reason"]) == (False, "unknown run")

    assert judge.decided == {}


@pytest.mark.parametrize("data", [{}, {"run": "run1"}, {"run": "run1", "after": -1}, {"after": 0}])
def test_a_question_without_its_fields_is_refused(judge, data):
    with pytest.raises(Refused):
        judge.handle("resume", data)


def test_a_program_that_leaves_is_told_how_far_it_came(judge):
    judge.left()
    said = {check: verdict.saw for check, verdict in judge.decided.items()}

    assert said["back"] == "no new connection, and your program disconnected"
    assert said["gap"].startswith("this run had not begun")


def test_a_sum_that_no_mistake_explains_is_told_the_right_one():
    class Wrong(Program):
        def report(self, total):
            super().report(total + 1)

    world = judged(Wrong, [], [])
    right = sum(world.judge.runs[0].numbers)
    assert world.verdicts["sum"].saw.endswith(
        f"sum {right + 1}, complete: true; but the sum is {right}"
    )


def test_a_question_too_late_is_not_what_could_be_had():
    """Its numbers have left the buffer meanwhile: that they were there at its return counts."""

    class AsksAtTheEnd(Program):
        def connected(self):
            pass

        def finished(self, data):
            self.ended = super().finished
            self.send("resume", {"run": self.run, "after": self.offset()}, self.caught_up)

        def caught_up(self, answer):
            super().caught_up(answer)
            self.ended({})

    said = judged(AsksAtTheEnd, [], []).verdicts
    assert said["sum"].passed, "twenty are enough even then"
    assert not said["gap"].passed and "it lacks numbers 11 to 14" in said["gap"].saw
