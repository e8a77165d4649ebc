"""Makes a lesson that runs.

    python tools/new_lesson.py queue "A queue"              # the number kept for it, or the next
    python tools/new_lesson.py queue "A queue" --number 10

The files below tools/lesson/ are a small lesson. They are copied to the same places in the tree,
with the slug instead of ``newlesson``. Nothing else is edited: the note is the only registration.
What is wrong is one sentence and exit status 2, and then nothing is written.
"""

import builtins
import json
import keyword
import re
import sys
import tomllib
from pathlib import Path

import click

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from socketlab.site.notes import SLUG  # noqa: E402  the path above comes first

MODELS = ROOT / "tools" / "lesson"
TITLE = "A new lesson"
LONGEST_TITLE = 60
NOT_OF_LESSONS = {"class", "exercise"}  # namespaces


def numbers():
    """{number: slug} of the lessons that there are."""
    paths = (ROOT / "notes").glob("[0-9][0-9]-*.md")
    return {int(path.stem[:2]): path.stem[3:] for path in paths}


def planned():
    """{slug: number} of the lessons that are coming: their places are kept for them."""
    rows = tomllib.loads((ROOT / "notes" / "coming.toml").read_text("utf-8"))["lesson"]
    return {row["slug"]: row["number"] for row in rows}


def next_number(slug):
    """The place that waits for this lesson, or the first behind all others."""
    coming = planned()
    return coming.get(slug) or max([0, *numbers(), *coming.values()]) + 1


def namespaces():
    """The names that lessons have given to namespaces: one may have several."""
    for path in ROOT.glob("socketlab/lessons/*/handlers.py"):
        for line in re.findall(r"^NAMESPACES.*", path.read_text("utf-8"), re.MULTILINE):
            yield from re.findall(r'"/(\w+)"', line)


def refusal(slug, title, number):
    """Why there can be no such lesson, as a sentence; None if there can."""
    taken, name = numbers(), slug.capitalize()
    if not SLUG.fullmatch(slug):
        return f"{slug!r} is no slug: it is 2 to 32 lower-case letters and digits, a letter first."
    if slug in taken.values():
        return f"There is a lesson called {slug}."
    if keyword.iskeyword(slug) or hasattr(builtins, name):
        return (
            f"{slug} means something in Python, where the lesson's folder and class are named so."
        )
    if (ROOT / "socketlab" / "lessons" / f"{slug}.py").exists():
        return f"socketlab/lessons/{slug}.py is shared by all lessons: choose another slug."
    if slug in NOT_OF_LESSONS | set(namespaces()):
        return f"/{slug} is a namespace already: choose another slug."
    if number in taken:
        return f"Lesson {number} is {taken[number]}: choose another number."
    if not 0 < len(title.strip()) <= LONGEST_TITLE or not title.isprintable():
        return f"A title is 1 to {LONGEST_TITLE} characters in one line."
    if there := [path for path, _ in files(slug, title, number) if path.exists()]:
        return f"{there[0].relative_to(ROOT)} exists: remove what is left of an earlier lesson."
    return None


def files(slug, title, number):
    """(path, text) of every file of the lesson."""
    words = {
        json.dumps(TITLE): json.dumps(title.strip(), ensure_ascii=False),
        "newlesson": slug,
        "Newlesson": slug.capitalize(),
    }
    for model in sorted(path for path in MODELS.rglob("*.*") if path.suffix != ".pyc"):
        text = model.read_text("utf-8")
        for word, own in words.items():
            text = text.replace(word, own)
        name = str(model.relative_to(MODELS)).replace("newlesson", slug)
        yield ROOT / name.replace("NN", f"{number:02}"), text


@click.command(help="Make a lesson that runs: its note, handlers, panel, style and test.")
@click.argument("slug")
@click.argument("title")
@click.option(
    "--number",
    type=click.IntRange(1, 99),
    help="Its place; unless told, the one kept for it, or the next.",
)
def new_lesson(slug, title, number):
    number = number or next_number(slug)
    if number > 99:
        raise click.ClickException("There are 99 lessons: choose a number with --number.")
    if no := refusal(slug, title, number):
        raise click.ClickException(no)
    for path, text in files(slug, title, number):
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        print(path.relative_to(ROOT))
    print(
        f"Lesson {number} runs: python app.py, then http://127.0.0.1:8000/lesson/{slug}\n"
        f"Its tests: pytest -n 0 tests/lessons/{slug} tests/test_slices.py"
    )


def main():
    try:
        new_lesson.main(standalone_mode=False)
    except click.Abort:
        return 130
    except click.ClickException as error:
        print(" ".join(error.format_message().split()), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
