"""An exercise is one slice: its judge, its text, its starters and its solutions fit together."""

import re
from importlib import import_module

import pytest

from ..helpers import ROOT

SLUGS = sorted(path.parent.name for path in ROOT.glob("socketlab/lessons/*/exercise.py"))
FILES = ["exercise.md", "starter.js", "starter.py", "lines.js"]


def module_of(slug):
    return import_module(f"socketlab.lessons.{slug}.exercise")


def promised(slug, who):
    """The events that the docstring's table lists under "… program sends" or "… judge sends"."""
    table = re.search(rf"{who} sends.*\n((?:    \S.*\n)+)", module_of(slug).__doc__)
    return set(re.findall(r"^    ([a-z_]+)", table[1], re.MULTILINE)) if table else set()


def solutions(slug, pattern):
    return sorted((ROOT / "notes/solutions" / slug).glob(pattern))


@pytest.mark.parametrize("slug", SLUGS)
def test_an_exercise_has_its_files(slug):
    assert [name for name in FILES if not (ROOT / "notes/exercises" / slug / name).exists()] == []
    assert {path.name for path in solutions(slug, "right.*")} == {"right.js", "right.py"}


@pytest.mark.parametrize("slug", SLUGS)
def test_the_page_tells_every_event_of_both_sides(slug):
    text = (ROOT / "notes/exercises" / slug / "exercise.md").read_text("utf-8")
    events = promised(slug, "program") | promised(slug, "judge")

    assert [event for event in events if f"| `{event}`" not in text] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_there_are_three_wrong_solutions_and_each_says_which_check_it_fails(slug):
    wrong = solutions(slug, "wrong_*")
    checks = {check.id for check in module_of(slug).Exercise.checks}
    first = [path.read_text("utf-8").partition("\n")[0] for path in wrong]
    named = [re.fullmatch(r"(?:#|//) fails (\w+): \S.*", line) for line in first]

    assert len({path.stem for path in wrong}) >= 3
    assert {path.suffix for path in wrong} == {".js", ".py"}
    assert all(named) and {match[1] for match in named} <= checks


@pytest.mark.parametrize("slug", SLUGS)
def test_what_is_filled_in_stands_once_in_each_program(slug):
    starter = ROOT / "notes/exercises" / slug / "starter.py"
    for path in [*solutions(slug, "*.py"), starter]:
        text = path.read_text("utf-8")
        for name in ("SERVER", "SEAT"):
            assert len(re.findall(rf'^{name} = ".*"$', text, re.MULTILINE)) == 1, (path, name)


@pytest.mark.parametrize("slug", SLUGS)
def test_some_of_the_lines_to_put_in_order_are_not_needed(slug):
    text = (ROOT / "notes/exercises" / slug / "lines.js").read_text("utf-8")
    blocks = text.strip().split("\n\n")
    spare = [block for block in blocks if block.startswith("// not needed\n")]

    assert spare and len(blocks) - len(spare) >= 3
