"""A plan is checked when the server starts; a lesson that is coming gives its time back."""

import re
from pathlib import Path

import pytest

from socketlab.site import notes, plans, review

from ..helpers import ROOT

NOTES = notes.read_all(ROOT / "notes")
COMING = {"number": 99, "slug": "calendar", "title": "Calendar", "summary": ".", "ready": False}
COURSE = [*notes.read_course(ROOT / "notes" / "coming.toml", NOTES), COMING]
QUESTIONS = review.read(ROOT / "notes" / "review.toml", NOTES, COURSE)
RACE = NOTES[0]
PLAN = """+++
title = "Short"
minutes = 20
[[part]]
minute = 0
title = "Let them in"
do = "Show the code."
say = "Come in."
expect = "Dots."
if_not = "Wait."
act = "wall join"
[[part]]
minute = 4
lesson = "calendar"
[[part]]
minute = 9
lesson = "bidirectional"
walk = ["Who asked for that?", 2]
+++
At home: *read*.
"""


def parse(text=PLAN, course=COURSE):
    return plans.parse(text, "short", NOTES, course, QUESTIONS)


def test_a_plan_is_a_list_of_steps_by_the_minute():
    plan = parse()

    assert [(part.minute, part.minutes, part.lesson, part.number) for part in plan.parts] == [
        (0, 4, None, None),
        (4, 2, "bidirectional", 1),
        (6, 9, "bidirectional", 2),  # and what is left of the eleven minutes
    ]
    assert plan.parts[0].step.act == ("wall join",) and plan.parts[0].step.step is None
    assert plan.parts[1].step == RACE.walk[0]
    assert "<em>read</em>" in plan.html


def test_a_lesson_that_is_not_there_yet_gives_its_minutes_back_and_says_so():
    plan = parse()

    assert plan.minutes == 15
    assert plan.left_out == ("Lesson 99, Calendar, is not there yet: 5 minutes are given back.",)


def test_without_a_choice_a_part_takes_the_steps_that_fit():
    plan = parse(PLAN.replace('walk = ["Who asked for that?", 2]\n', ""))
    numbers = [part.number for part in plan.parts if part.lesson]

    assert numbers[:3] == [1, 2, 3]
    assert sum(part.minutes for part in plan.parts) == plan.minutes
    assert sum(RACE.walk[n - 1].minutes for n in numbers) <= 11


def test_an_exit_ticket_asks_questions_of_the_review():
    plan = parse(PLAN.replace('act = "wall join"', 'review = ["missed", "mitigate"]'))

    assert plan.parts[0].review == ("missed", "mitigate") and plan.parts[0].lesson is None
    assert plan.parts[1].review == ()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('lesson = "calendar"', 'lesson = "kalendar"', "part 2: there is no lesson called"),
        ("asked for that?", "asked?", "part 3: the walk of bidirectional has no step 'Who asked?'"),
        (", 2]", ", 77]", "part 3: the walk of bidirectional has no step 77"),
        (", 2]", ", true]", "part 3: the walk of bidirectional has no step True"),
        ('["Who asked for that?", 2]', "2", "part 3: walk must be a list of steps"),
        ("minute = 9", "minute = 18", "part 3: its steps take 5 minutes, and 2 are planned"),
        ("minute = 9", "minute = 3", "each part begins after the one before, and before minute 20"),
        ("minute = 9", "minute = 20", "each part begins after the one before"),
        ("minute = 0", "minute = 1", "the first part begins at minute 0"),
        ("minute = 9", 'minute = "9"', "part 3: minute must be a whole number"),
        ('say = "Come in."\n', "", "part 1: the key 'say' is missing"),
        ('act = "wall join"', 'act = "run"', "part 1: act 'run' needs a prediction as its step"),
        ('act = "wall join"', 'review = ["x"]', "part 1: the review has no question 'x'"),
        ('lesson = "calendar"', 'lesson = "rooms"\nreview = ["udp"]', "no key 'review' here"),
        ('act = "wall join"', 'step = "x"', "part 1: there is no key 'step' here"),
        ("minutes = 20", "minutes = 20\nwho = 1", "there is no key 'who' here"),
        ('title = "Short"\n', "", "title"),
        ("+++\nAt home", "At home", "between two lines"),
    ],
)
def test_a_mistake_in_a_plan_is_a_sentence(old, new, sentence):
    with pytest.raises((KeyError, TypeError, ValueError), match=re.escape(sentence)):
        parse(PLAN.replace(old, new, 1))


def test_a_mistake_is_named_with_its_file(tmp_path):
    path = tmp_path / "short.md"
    path.write_text(PLAN.replace('title = "Short"\n', ""))

    with pytest.raises(notes.BadNote, match="plans/short.md: the key 'title' is missing"):
        plans.read(path, NOTES, COURSE)
    with pytest.raises(notes.BadNote, match="a plan is called like"):
        plans.read(Path(tmp_path / "My Plan.md"), NOTES, COURSE)


def test_the_plans_of_the_course_keep_their_time():
    found = plans.read_all(ROOT / "notes" / "plans", NOTES, COURSE, QUESTIONS)

    assert [plan.id for plan in found] == ["45-minutes", "90-minutes"]
    assert found[0].minutes == 45 and not found[0].left_out
    for plan in found:
        begins = [part.minute for part in plan.parts]
        ends = [part.minute + part.minutes for part in plan.parts]
        assert begins[0] == 0 and ends[-1] == plan.minutes
        assert begins[1:] == ends[:-1]
