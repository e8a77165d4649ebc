"""The exercises as their notes say them: a folder of ``notes/exercises/`` each, named by its slug.

exercise.md   TOML front matter: title, minutes, task, three hints; the body: the protocol
starter.py    a program that runs and does the first step, with lines ``SERVER =`` and ``SEAT =``
starter.js    the same for the page, which has ``SERVER`` and ``SEAT`` there already
lines.js      the parts of a right program, in order, with empty lines between them; one that
              begins with the line ``// not needed`` is a wrong one

An exercise that cannot be done in a page has neither of the last two.

Source: TOML v1.0.0; CommonMark 0.31.
"""

import random
import re
from dataclasses import dataclass
from pathlib import Path

from .notes import BadNote, to_html
from .tables import front_and_body, known_only, minutes_of, said, sentence, typed

KINDS = ("nudge", "look", "example")  # of hints, in their order
DISTRACTS = "// not needed\n"
FOR_NODE = """\
// Runs by Node, outside of the page: npm install socket.io-client@4
const SERVER = "…";
const SEAT = "…";
const client = require("socket.io-client");
const io = (namespace, options) => client.io(SERVER + namespace, options);

"""


@dataclass(frozen=True)
class SubGoal:
    """A part of a worked example, in both languages."""

    goal: str
    js: str
    py: str


@dataclass(frozen=True)
class Hint:
    """``wire``: the row that shows it, of a hint where to look; ``steps``: those of an example."""

    kind: str
    text: str
    wire: str | None
    steps: tuple[SubGoal, ...]

    @property
    def words(self):
        """It as a plain text, for who gets it without the page; of an example the parts only."""
        parts = "; ".join(step.goal for step in self.steps)
        return re.sub("[`*]", "", f"{self.text} Its parts: {parts}." if parts else self.text)


@dataclass(frozen=True)
class ExerciseNote:
    """``protocol`` is HTML; ``starters`` maps "py" and "js" to a text; ``lines`` are to be ordered.

    ``lines`` are ``(text, needed)``, those needed in the right order.
    """

    slug: str
    title: str
    minutes: int
    task: str
    hints: tuple[Hint, ...]
    protocol: str
    starters: dict[str, str]
    lines: tuple[tuple[str, bool], ...]

    def shuffled(self):
        """The texts to be ordered, the same way each time, and never in the right order."""
        texts = [text for text, _ in self.lines]
        right, mixed = texts[:], random.Random(self.slug)
        while texts == right and len(texts) > 1:
            mixed.shuffle(texts)
        return texts


def read_all(folder):
    """``{slug: ExerciseNote}`` of every exercise. Raises BadNote."""
    paths = sorted(Path(folder).glob("*/exercise.md"))
    return {path.parent.name: read(path.parent) for path in paths}


def check_halves(told, judged):
    """Raise BadNote for half an exercise: a slug that has only a note, or only a judge."""
    for slug in sorted(set(told) ^ set(judged)):
        files = [f"notes/exercises/{slug}/exercise.md", f"socketlab/lessons/{slug}/exercise.py"]
        there, missing = files if slug in told else reversed(files)
        raise BadNote(f"{there} is half an exercise: {missing} is missing")


def read(folder):
    """One exercise. Raises BadNote."""
    try:
        head, body = front_and_body((folder / "exercise.md").read_text("utf-8"))
        known_only(head, ("title", "minutes", "task", "hint"))
        files = {path.name: path.read_text("utf-8") for path in folder.glob("*.[jp][sy]")}
        return ExerciseNote(
            slug=folder.name,
            title=sentence(head, "title"),
            minutes=minutes_of(head),
            task=sentence(head, "task"),
            hints=hints(typed(head, "hint", list)),
            protocol=to_html(body),
            starters={k: files[f"starter.{k}"] for k in ("js", "py") if f"starter.{k}" in files},
            lines=blocks(files.get("lines.js", "")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadNote(f"exercises/{folder.name}: {said(error)}") from error


def hints(tables):
    """Three hints, in the order of :data:`KINDS`. Raises KeyError, TypeError or ValueError."""
    if (kinds := tuple(typed(table, "kind", str) for table in tables)) != KINDS:
        raise ValueError(f"the hints are {', '.join(KINDS)}, not {', '.join(kinds)}")
    for table in tables:
        known_only(table, ("kind", "text", "wire", "steps"))
    return tuple(
        Hint(
            kind=table["kind"],
            text=sentence(table, "text"),
            wire=sentence(table, "wire") if table["kind"] == "look" else None,
            steps=tuple(map(sub_goal, typed(table, "steps", list))) if kind == "example" else (),
        )
        for kind, table in zip(KINDS, tables, strict=True)
    )


def sub_goal(table):
    known_only(table, ("goal", "js", "py"))
    code = (typed(table, language, str).strip("\n") for language in ("js", "py"))
    return SubGoal(sentence(table, "goal"), *code)


def blocks(text):
    """``(text, needed)`` of each part of a file of lines."""
    parts = [part.strip("\n") for part in re.split(r"\n(?:[ \t]*\n)+", text) if part.strip()]
    return tuple((part.removeprefix(DISTRACTS), not part.startswith(DISTRACTS)) for part in parts)


def filled(text, server, token):
    """A starter with the address of this server and a seat's token in their lines."""
    for name, value in (("SERVER", server), ("SEAT", token)):
        line = rf'^((?:const )?{name} = )"[^"\n]*"'
        text = re.sub(line, rf'\g<1>"{value}"', text, count=1, flags=re.MULTILINE)
    return text
