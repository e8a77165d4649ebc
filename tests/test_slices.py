"""A lesson is one slice: its folders share a slug, and its docstring tells the truth."""

import re
from importlib import import_module

import pytest

from socketlab.site import notes

from .helpers import ROOT

NOTES = notes.read_all(ROOT / "notes")
LESSONS = [note.demo for note in NOTES if note.demo]
EXERCISES = sorted(ROOT.glob("socketlab/lessons/*/exercise.py"))
SILENT = {"upgrade"}  # its one event is answered by the acknowledgement alone
# What broadcast=True does is what it teaches; tests/server/test_fanout.py holds that a client
# that was not let in hears nothing of it.
BROADCASTS = {"emit"}
FILES = [
    "socketlab/lessons/{}/handlers.py",
    "templates/lessons/{}.html",
    "static/lessons/{}/panel.js",
    "tests/lessons/{}/test_handlers.py",
]


def code_of(slug):
    return (ROOT / f"socketlab/lessons/{slug}/handlers.py").read_text("utf-8")


def promised(slug, who, module="handlers"):
    """The events that the docstring's table lists under "client sends" or "server sends"."""
    docstring = import_module(f"socketlab.lessons.{slug}.{module}").__doc__
    table = re.search(rf"{who} sends.*\n((?:    \S.*\n)+)", docstring)
    return set(re.findall(r"^    ([a-z_]+)", table[1] if table else "", re.MULTILINE))


def emitted(code):
    sent = (
        {"message"} if re.search(r"^from flask_socketio import .*\bsend\b", code, re.M) else set()
    )
    return sent | set(re.findall(r'(?:emit|announce)\("([a-z_]+)"', code))


def test_there_is_a_lesson():
    assert NOTES


@pytest.mark.parametrize("slug", LESSONS)
def test_a_lesson_has_its_files(slug):
    missing = [name.format(slug) for name in FILES if not (ROOT / name.format(slug)).exists()]

    assert not missing, f"the lesson {slug} lacks {', '.join(missing)}"


def test_no_folder_of_a_lesson_is_left_without_its_note():
    for folder in ("socketlab/lessons", "static/lessons", "tests/lessons"):
        there = {path.name for path in (ROOT / folder).iterdir() if path.is_dir()}

        assert there - {"__pycache__"} == set(LESSONS), folder
    assert {path.stem for path in ROOT.glob("templates/lessons/*.html")} == set(LESSONS)


@pytest.mark.parametrize("slug", LESSONS)
def test_the_docstring_lists_exactly_the_events_that_are_handled(slug):
    module = import_module(f"socketlab.lessons.{slug}.handlers")
    handled = {
        name[3:]
        for namespace in module.NAMESPACES.values()
        for name in vars(namespace)
        if name.startswith("on_") and name not in ("on_connect", "on_disconnect")
    }

    assert promised(slug, "client") == handled


@pytest.mark.parametrize("slug", LESSONS)
def test_the_docstring_lists_exactly_the_events_that_are_emitted(slug):
    files = set((ROOT / f"socketlab/lessons/{slug}").glob("*.py")) - set(EXERCISES)
    code = "".join(path.read_text("utf-8") for path in files)
    assert promised(slug, "server") == emitted(code)


@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.parent.name)
def test_the_docstring_of_an_exercise_lists_exactly_the_events_of_its_protocol(path):
    slug, code = path.parent.name, path.read_text("utf-8")
    judge = import_module(f"socketlab.lessons.{slug}.exercise").Exercise

    assert promised(slug, "program", "exercise") == set(judge.events())
    assert promised(slug, "judge", "exercise") == emitted(code)


@pytest.mark.parametrize("slug", [slug for slug in LESSONS if slug not in BROADCASTS])
def test_nothing_is_emitted_to_a_whole_namespace(slug):
    calls = re.findall(r"emit\((.*)\)", code_of(slug))

    assert calls or slug in SILENT
    assert all("to=" in call or "room=" in call for call in calls), calls
    assert "broadcast" not in code_of(slug)


@pytest.mark.parametrize("note", [note for note in NOTES if note.demo], ids=lambda note: note.slug)
def test_a_check_is_answered_by_a_row_that_its_lesson_makes(note):
    """An event or its acknowledgement, a packet of the protocol, a method or a status of HTTP."""
    events = promised(note.demo, "client") | promised(note.demo, "server")
    protocol = {"connect", "refused", "disconnect", "ping", "pong", "GET", "POST"}
    named = [check.wire for check in note.checks if check.wire]
    known = re.compile(rf"(ack of )?({'|'.join(events)})|{'|'.join(protocol)}|[1-5]\d\d")

    assert [name for name in named if not known.fullmatch(name)] == []
    assert named, "no answer to a check can be shown on the wire"
