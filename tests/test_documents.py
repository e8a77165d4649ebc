"""What README and CONTRIBUTING say is there."""

import re

import pytest

from socketlab.site import notes
from socketlab.site.settings import SETTINGS

from .helpers import ROOT

DOCUMENTS = ["README.md", "CONTRIBUTING.md"]


def text_of(name):
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_file_that_is_named_is_there(name):
    linked = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text_of(name))
    named = re.findall(r"\b((?:tests|tools|benchmarks|site)/\w+\.py)\b", text_of(name))
    paths = {*linked, *(path.replace("site/", "socketlab/site/", 1) for path in named)}

    assert len(paths) > 3
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_option_of_the_server_that_is_named_exists(name):
    known = {f"--{setting.lower().replace('_', '-')}" for setting in SETTINGS} | {"--help"}
    named = re.findall(r"python app\.py(.*?)`", text_of(name))
    options = {option for line in named for option in re.findall(r"--[a-z-]+", line)}
    variables = set(re.findall(r"SOCKETLAB_(\w+)=", text_of(name))) - {"REQUIRE_ALL"}

    assert options and options <= known
    assert variables <= set(SETTINGS)


def test_the_readme_calls_a_lesson_what_its_note_calls_it():
    titles = {f"{note.number} {note.title}" for note in notes.read_all(ROOT / "notes")}
    rows = re.findall(r"^\| (\d+ [^|]+?) \|", text_of("README.md"), re.MULTILINE)

    assert rows and set(rows) <= titles
