"""``tools/new_lesson.py`` makes a lesson that runs, or writes nothing and says why.

Everything happens in a copy of the tree. The slug is the name of a module of the standard
library, which must not matter.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest

from socketlab import client

from .conftest import absent
from .helpers import ROOT, Person, Process

SLUG = "calendar"
TITLE = 'A "queue" \\ <b>'
LONGEST = "z" * 32
PARTS = "app.py biome.json notes pyproject.toml socketlab static templates tests tools".split()
CONCERNED = [
    "tests/test_slices.py",
    "tests/test_architecture.py",
    "tests/site/test_notes.py",
    "tests/site/test_pages.py",
    f"tests/lessons/{SLUG}",
]
NAMED = f"{SLUG} or panel.js or folder or share_a_step or every_note or index"
LOCAL_BIOME = ROOT / "node_modules" / ".bin" / "biome"


def copy(folder, client_file=None):
    """The tree in ``folder``, as a clone has it, with the client where it is given."""
    skip = shutil.ignore_patterns("__pycache__", "pictures")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=skip)
        else:
            shutil.copy(ROOT / part, folder / part)
    if client_file:
        kept = folder / "instance" / client.KEPT_AS
        kept.parent.mkdir(parents=True)
        shutil.copy(client_file, kept)
    return folder


def run(folder, *command, input=None):
    """Run a Python program there, as somebody who is in no test run does."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        input=input,
        capture_output=True,
        text=True,
    )


def new_lesson(folder, *arguments):
    return run(folder, "tools/new_lesson.py", *arguments)


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def coming():
    """{slug: number} of the lessons that are named, and not yet there."""
    rows = tomllib.loads((ROOT / "notes" / "coming.toml").read_text("utf-8"))["lesson"]
    return {
        row["slug"]: row["number"] for row in rows if not [*ROOT.glob(f"notes/*{row['slug']}.md")]
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory, client_file):
    """A copy of the tree with a new lesson in it."""
    folder = copy(tmp_path_factory.mktemp("tree"), client_file)
    before = files(folder)
    done = new_lesson(folder, SLUG, TITLE)

    assert (done.returncode, done.stderr) == (0, "")
    assert before.items() <= files(folder).items()  # nothing else is edited
    return folder


@pytest.fixture(scope="module")
def served(made, tmp_path_factory, client_file):
    """The server of the copy."""
    server = Process(tmp_path_factory.mktemp("data"), client=client_file, root=made)
    yield server
    assert server.stop() == 0
    assert not [line for line in server.complained if "Traceback" in line], server.complained


# --- what it makes -----------------------------------------------------------------------------


def test_it_takes_the_next_number_that_is_kept_for_no_other(made):
    there = [int(path.stem[:2]) for path in (ROOT / "notes").glob("[0-9][0-9]-*.md")]
    last = max([*there, *coming().values()])

    assert (made / f"notes/{last + 1:02}-{SLUG}.md").exists()


def test_a_lesson_that_is_coming_takes_its_place(tmp_path):
    folder = copy(tmp_path)
    row = f'[[lesson]]\nnumber = 77\nslug = "{SLUG}"\ntitle = "-"\nsummary = "-"\n'
    (folder / "notes" / "coming.toml").write_text(row)

    assert new_lesson(folder, SLUG, TITLE).returncode == 0
    assert (folder / f"notes/77-{SLUG}.md").exists()


def test_the_part_of_the_suite_that_concerns_it_is_green(made):
    options = ["-n", "0", "-p", "no:cacheprovider", "-k", NAMED]
    done = run(made, "-m", "pytest", "-q", *options, *CONCERNED)

    assert done.returncode == 0, done.stdout
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 20


@pytest.mark.parametrize("slug", [SLUG, "ab", LONGEST])
def test_the_linter_and_the_formatter_have_nothing_to_say(tmp_path, slug):
    folder = copy(tmp_path)
    own = [f"socketlab/lessons/{slug}", f"tests/lessons/{slug}"]
    assert new_lesson(folder, slug, TITLE).returncode == 0

    for check in (["check"], ["format", "--check"]):
        done = run(folder, "-m", "ruff", *check, "--no-cache", *own)
        assert done.returncode == 0, done.stdout


@pytest.mark.node
@pytest.mark.parametrize("slug", ["ab", LONGEST])
def test_the_linter_of_scripts_has_nothing_to_say(tmp_path, slug):
    biome = shutil.which("biome", path=str(LOCAL_BIOME.parent)) or shutil.which("biome")
    biome = biome or absent("no Biome here: `npm ci` brings it")
    folder = copy(tmp_path)
    assert new_lesson(folder, slug, TITLE).returncode == 0

    command = [biome, "ci", "--error-on-warnings", f"static/lessons/{slug}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_namespace_answers(served):
    ada, bob = (Person(served.url, f"/lesson/{SLUG}") for _ in range(2))
    speaker, listener = (each.connect(f"/{SLUG}") for each in (ada, bob))
    ack = speaker.ask(f"/{SLUG}", "greet", {"text": "hello"})
    greeted = listener.hear("greeted")
    ada.leave()
    bob.leave()

    assert ack["ok"] and ack["addressed"] == 2
    assert (greeted["text"], greeted["run"]) == ("hello", ack["run"])


@pytest.mark.browser
def test_its_page_opens_and_what_was_predicted_runs(chromium, served):
    context = chromium.new_context(base_url=served.url)
    page = context.new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: message.type == "error" and wrong.append(message.text))
    page.goto(f"/lesson/{SLUG}")
    page.wait_for_selector("html[data-ready=true]")
    heading = page.inner_text("h1")
    page.check(f"[data-predict={SLUG}_who] input[value=others]")
    page.click(f"[data-predict={SLUG}_who] [type=submit]")
    page.wait_for_selector(f"[data-act={SLUG}_who][data-state=done]")
    outcome = page.inner_text("[data-act]")
    received = page.inner_text("[data-greetings]")
    context.close()

    assert heading == TITLE
    assert "emitted it to 1 socket." in outcome and "received it too" in outcome
    assert "hello" in received
    assert wrong == []


# --- what it refuses ---------------------------------------------------------------------------


REFUSED = [
    (["Queue", TITLE], "is no slug"),
    (["a", TITLE], "is no slug"),
    (["z" * 33, TITLE], "is no slug"),
    (["two words", TITLE], "is no slug"),
    (["../up", TITLE], "is no slug"),
    (["über", TITLE], "is no slug"),
    (["rooms", TITLE], "There is a lesson called rooms"),
    (["import", TITLE], "means something in Python"),
    (["none", TITLE], "means something in Python"),
    (["exception", TITLE], "means something in Python"),
    (["base", TITLE], "shared by all lessons"),
    (["exercise", TITLE], "is a namespace already"),
    (["kitchen", TITLE], "is a namespace already"),
    ([SLUG, ""], "A title is 1 to 60 characters"),
    ([SLUG, "two\nlines"], "A title is 1 to 60 characters"),
    ([SLUG, "x" * 61], "A title is 1 to 60 characters"),
    ([SLUG, TITLE, "--number", "7"], "Lesson 7 is rooms"),
    ([SLUG, TITLE, "--number", "0"], "0 is not in the range"),
    ([SLUG], "Missing argument"),
]

# The program once for each line of arguments, as it is run by its name: [[status, out, err] …].
ONE_AFTER_ANOTHER = """
import contextlib, io, json, runpy, sys
told = []
for arguments in json.load(sys.stdin):
    out, err, status = io.StringIO(), io.StringIO(), 0
    sys.argv = ["tools/new_lesson.py", *arguments]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            runpy.run_path(sys.argv[0], run_name="__main__")
        except SystemExit as end:
            status = end.code
    told.append([status, out.getvalue(), err.getvalue()])
print(json.dumps(told))
"""


def test_what_cannot_be_made_is_one_sentence_and_nothing_is_written(tmp_path):
    unmade = copy(tmp_path)
    before = files(unmade)
    lines = json.dumps([arguments for arguments, _ in REFUSED])
    done = run(unmade, "-c", ONE_AFTER_ANOTHER, input=lines)
    assert done.returncode == 0, done.stderr

    for (arguments, words), (status, out, err) in zip(
        REFUSED, json.loads(done.stdout), strict=True
    ):
        assert (status, out) == (2, ""), arguments
        assert words in err and err.count("\n") == 1, err
    assert files(unmade) == before


def test_what_is_left_of_an_earlier_lesson_is_not_written_over(tmp_path):
    folder = copy(tmp_path)
    (folder / f"static/lessons/{SLUG}").mkdir()
    (folder / f"static/lessons/{SLUG}/panel.js").write_text("mine")
    before = files(folder)
    done = new_lesson(folder, SLUG, TITLE)

    assert done.returncode == 2
    assert re.search(rf"static/lessons/{SLUG}/panel.js exists", done.stderr)
    assert files(folder) == before


def test_a_number_can_be_chosen(tmp_path):
    folder = copy(tmp_path)

    assert new_lesson(folder, SLUG, TITLE, "--number", "98").returncode == 0
    assert (folder / f"notes/98-{SLUG}.md").exists()
