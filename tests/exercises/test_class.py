"""Students of a class at their exercises: what the teacher sees of it, and nobody else."""

import csv
import io

import pytest

from ..classroom.pupils import Pupil, Teacher
from ..helpers import PATIENCE, Process
from .programs import AT, attempt

SLUG = "bidirectional"


@pytest.fixture(scope="module")
def server(tmp_path_factory, client_file, forks):
    server = Process(tmp_path_factory.mktemp("class"), client=client_file, forks=forks)
    yield server
    assert server.stop() == 0
    assert not [line for line in server.complained if "Traceback" in line], server.complained


@pytest.fixture
def people(server):
    """Students and a teacher who leave when the test is over."""
    there = []

    def come(kind, *lessons):
        there.append(kind(server, *lessons))
        return there[-1]

    yield come
    for person in there:
        person.leave()


def test_the_teacher_sees_how_far_each_is_and_no_student_hears_of_another(people):
    teacher, ada, bob = people(Teacher), people(Pupil), people(Pupil)
    pages = [ada.connect(AT, exercise=SLUG, watch=True), bob.connect(AT, exercise=SLUG, watch=True)]
    for _ in range(3):
        assert attempt(ada, right=False)["passed"] == 1
    rows = [teacher.see(ada.seat)]
    while (rows[-1].get("exercise") or {}).get("attempts") != 3:
        teacher.hear_roster()
        rows.append(teacher.rows[ada.seat])
    failing = rows[-1]["exercise"]
    assert attempt(ada, right=True)["done"]
    while not (done := teacher.rows[ada.seat]["exercise"])["done"]:
        teacher.hear_roster()

    assert (failing["slug"], failing["check"], failing["times"]) == (SLUG, "whoami", 3)
    assert "the nonce was" in failing["saw"] and failing["since"] > 0
    assert (failing["passed"], failing["of"], failing["done"]) == (1, 3, False)
    assert (done["attempts"], done["passed"], done["check"]) == (4, 3, None)
    assert len(pages[0].heard("judged")) == 4
    table = teacher.http.get(teacher.url + "/teach/export.csv", timeout=PATIENCE).text
    rows = [row for row in csv.DictReader(io.StringIO(table)) if row["row"] == "exercise"]
    assert {row["choice"]: (row["lesson"], row["count"]) for row in rows} == {
        "tried": (SLUG, "1"),
        "done": (SLUG, "1"),
    }
    bob.ask("sync_clock", {"t0": 1})  # answered after all that was sent to him before
    pages[1].ask(AT, "hello", {})
    assert [event for event, _ in pages[1].everything()] == ["progressed"]
    assert ada.seat not in str(bob.client.everything())


def test_a_nudge_is_the_next_hint_of_the_exercise_that_a_seat_is_at(people):
    teacher, ada, bob = people(Teacher), people(Pupil), people(Pupil)
    teacher.do("step", lesson=SLUG, step="explore")
    bob.ask("look", {"lesson": SLUG, "step": "exercise"})
    attempt(ada, right=False)
    while "exercise" not in teacher.see(ada.seat):
        teacher.hear_roster()
    hints = [teacher.do("nudge", seat=ada.seat)["hint"] for _ in range(4)]

    assert hints[0].startswith("After hello your program has nothing more to ask for.")
    assert hints[1].startswith("Find the row of whoami on the wire.")
    assert "Its parts: Connect, and keep what you need later; Register" in hints[2]
    assert hints[3] == hints[2], "there are three"
    assert ada.hear("nudged") == {"exercise": SLUG, "hint": hints[0]}
    assert teacher.do("nudge", seat=bob.seat)["hint"] == hints[0], "his page is at the exercise"
    bob.ask("look", {"lesson": SLUG, "step": "explore"})
    assert teacher.do("nudge", seat=bob.seat)["hint"] not in hints, "he is in the lesson"
