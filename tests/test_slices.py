"""A demo is one vertical slice: five files that share a slug; its docstring tells the truth."""

import re
import shutil
import subprocess
from importlib import import_module

import pytest

from socketlab import notes

from .conftest import absent
from .helpers import ROOT

NOTES = notes.read_all(ROOT / "notes")
DEMOS = [note.demo for note in NOTES if note.demo]
PROJECTOR_LINES = 80
SCRIPT_LINES = 60
SILENT = {"upgrade"}  # its one event is answered by the acknowledgement alone
FILES = [
    "socketlab/demos/{}.py",
    "templates/demos/{}.html",
    "static/demos/{}.js",
    "tests/demos/test_{}.py",
]


def test_there_is_a_lesson():
    assert NOTES


@pytest.mark.parametrize("demo", DEMOS)
def test_a_demo_has_its_five_files(demo):
    missing = [name.format(demo) for name in FILES if not (ROOT / name.format(demo)).exists()]

    assert not missing, f"the demo {demo} lacks {', '.join(missing)}"


def test_no_file_of_a_demo_is_left_without_its_note():
    modules = {p.stem for p in ROOT.glob("socketlab/demos/*.py")} - {"__init__", "base", "hall"}
    others = {p.stem for name in FILES[1:3] for p in ROOT.glob(name.format("*"))}

    assert modules | others == set(DEMOS)


@pytest.mark.parametrize("demo", DEMOS)
def test_a_demo_fits_on_the_projector(demo):
    lines = (ROOT / f"socketlab/demos/{demo}.py").read_text("utf-8").splitlines()
    script = (ROOT / f"static/demos/{demo}.js").read_text("utf-8").splitlines()

    assert len(lines) <= PROJECTOR_LINES
    assert len(script) <= SCRIPT_LINES
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize("demo", DEMOS)
def test_the_docstring_lists_exactly_the_events_that_are_handled(demo):
    module = import_module(f"socketlab.demos.{demo}")
    table = re.search(r"client sends.*\n((?:    \S.*\n)+)", module.__doc__)[1]
    promised = set(re.findall(r"^    ([a-z_]+)", table, re.MULTILINE))

    handled = {
        name[3:]
        for namespace in module.NAMESPACES.values()
        for name in vars(namespace)
        if name.startswith("on_") and name not in ("on_connect", "on_disconnect")
    }

    assert promised == handled


@pytest.mark.parametrize("demo", DEMOS)
def test_the_docstring_lists_exactly_the_events_that_are_emitted(demo):
    module = import_module(f"socketlab.demos.{demo}")
    table = re.search(r"server sends.*\n((?:    \S.*\n)+)", module.__doc__)[1]
    promised = set(re.findall(r"^    ([a-z_]+)", table, re.MULTILINE))
    text = (ROOT / f"socketlab/demos/{demo}.py").read_text("utf-8")

    assert promised == set(re.findall(r'emit\("([a-z_]+)"', text))


@pytest.mark.parametrize("demo", DEMOS)
def test_nothing_is_emitted_to_a_whole_namespace(demo):
    text = (ROOT / f"socketlab/demos/{demo}.py").read_text("utf-8")
    calls = re.findall(r"emit\((.*)\)", text)

    assert calls or demo in SILENT
    assert all("to=" in call or "room=" in call for call in calls), calls
    assert "broadcast" not in text


@pytest.mark.parametrize("path", sorted(ROOT.glob("static/**/*.js")), ids=lambda p: p.name)
def test_a_script_is_valid_and_writes_no_markup(path):
    node = shutil.which("node") or absent("no node on this machine: scripts are not checked")
    text = path.read_text("utf-8")
    command = [node, "--check", "--input-type=module", "-"]
    check = subprocess.run(command, input=text, capture_output=True, text=True)

    assert check.returncode == 0, check.stderr
    assert "innerHTML" not in text and "insertAdjacentHTML" not in text
