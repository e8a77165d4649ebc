"""The notes of the exercises: read whole or refused with a sentence, and fit to be used."""

import ast

import pytest

from socketlab.site import exercises
from socketlab.site.notes import BadNote

from ..helpers import ROOT

NOTES = exercises.read_all(ROOT / "notes" / "exercises")
GOOD = """+++
title = "T"
minutes = 5
task = "Do it."
hint = [
  { kind = "nudge", text = "n" },
  { kind = "look", text = "l", wire = "hello" },
  { kind = "example", text = "e", steps = [{ goal = "g", js = "\\na;\\n", py = "b" }] },
]
+++

## The protocol
"""


def written(folder, text, **files):
    place = folder / "mine"
    place.mkdir()
    (place / "exercise.md").write_text(text, "utf-8")
    for name, more in files.items():
        (place / name.replace("_", ".")).write_text(more, "utf-8")
    return exercises.read_all(folder)["mine"]


def test_a_note_is_read_whole(tmp_path):
    note = written(
        tmp_path, GOOD, starter_py="p\n", lines_js="a;\nb;\n\n// not needed\nc;\n\n\nd;\n"
    )

    assert (note.slug, note.title, note.minutes, note.task) == ("mine", "T", 5, "Do it.")
    assert [hint.kind for hint in note.hints] == ["nudge", "look", "example"]
    assert note.hints[1].wire == "hello"
    assert note.hints[2].steps == (exercises.SubGoal("g", "a;", "b"),)
    assert "<h2>The protocol</h2>" in note.protocol
    assert note.starters == {"py": "p\n"}
    assert note.lines == (("a;\nb;", True), ("c;", False), ("d;", True))


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        ('task = "Do it."\n', "", "the key 'task' is missing"),
        ("minutes = 5", "minutes = 0", "minutes must be a whole number"),
        ("minutes = 5", "minute = 5\nminutes = 5", "there is no key 'minute' here"),
        ('"nudge"', '"look"', "the hints are nudge, look, example, not look, look, example"),
        (', wire = "hello"', "", "the key 'wire' is missing"),
        (', py = "b"', "", "the key 'py' is missing"),
        ("+++", "---", "the front matter must stand"),
    ],
)
def test_a_note_with_a_mistake_is_refused_with_a_sentence(tmp_path, was, now, sentence):
    with pytest.raises(BadNote, match=sentence) as no:
        written(tmp_path, GOOD.replace(was, now))

    assert str(no.value).startswith("exercises/mine: ")


@pytest.mark.parametrize(
    ("told", "judged", "sentence"),
    [
        (["one", "two"], ["one"], "two/exercise.md is half an exercise: .*two/exercise.py is miss"),
        (["one"], ["one", "two"], "two/exercise.py is half an exercise: .*two/exercise.md is miss"),
    ],
)
def test_half_an_exercise_stops_the_start(told, judged, sentence):
    with pytest.raises(BadNote, match=sentence):
        exercises.check_halves(told, judged)
    exercises.check_halves(told, told)


def test_lines_are_never_offered_in_the_right_order(tmp_path):
    note = written(tmp_path, GOOD, lines_js="a;\n\nb;\n")

    assert note.shuffled() == ["b;", "a;"] == note.shuffled()


@pytest.mark.parametrize("slug", NOTES)
def test_what_is_in_the_folder_of_an_exercise_can_be_used(slug):
    note = NOTES[slug]
    text = note.starters["py"]
    full = exercises.filled(text, "http://10.0.0.7:8000", "seat.exercise.x")

    assert {"SERVER", "SEAT"} <= {
        target.id
        for node in ast.parse(full).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert 'SERVER = "http://10.0.0.7:8000"' in full and 'SEAT = "seat.exercise.x"' in full
    assert len(full.splitlines()) == len(text.splitlines())
    assert ("connect_error" in text) == ("socketio" in text)  # its own message names no reason
    assert [needed for _, needed in note.lines].count(True) >= 2 or "js" not in note.starters
    assert "The protocol" in note.protocol


def test_a_starter_for_node_gets_the_server_and_the_token_too():
    full = exercises.filled(exercises.FOR_NODE, "http://10.0.0.7:8000", "seat.exercise.x")

    assert 'const SERVER = "http://10.0.0.7:8000";' in full
    assert 'const SEAT = "seat.exercise.x";' in full
