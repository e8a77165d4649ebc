"""The course: one Markdown file a lesson, with TOML front matter. A note registers its lesson.

The front matter stands between two lines ``+++``; every key is checked here, so that a
mistake in a note stops the start with a sentence instead of showing a broken page. The body
is Markdown without raw HTML; each ``## Heading`` begins a section of the lesson page, and what
stands under a ``### Heading`` is folded away behind it until the reader opens it.

Source: TOML v1.0.0; CommonMark 0.31.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from pygments.util import ClassNotFound

from .source import coloured
from .tables import front_and_body, said, typed
from .walk import Step, walk

SLUG = re.compile(r"[a-z][a-z0-9]{1,31}")
FILE_NAME = re.compile(r"(\d\d)-([a-z0-9]+)\.md")


class BadNote(Exception):
    """A note that cannot be used; the text names the file and says what is wrong in it."""


@dataclass(frozen=True)
class Choice:
    """One answer to choose: ``why`` says in a sentence why it is right or wrong."""

    id: str
    text: str
    right: bool
    why: str


@dataclass(frozen=True)
class Question:
    """A prediction (``id`` is its step) or a check question. Exactly one choice is right.

    ``wire`` names the row that shows the answer: an event, "GET", "101".
    """

    id: str
    question: str
    code: str | None
    choices: tuple[Choice, ...]
    wire: str | None = None


@dataclass(frozen=True)
class Section:
    """A part of the lesson page: ``html`` is rendered from our own Markdown."""

    id: str
    title: str
    html: str


@dataclass(frozen=True)
class Note:
    """One lesson as its file says it. ``layers``: those of the wire that it begins with."""

    slug: str
    number: int
    title: str
    demo: str | None
    question: str
    summary: str
    minutes: int
    layers: str
    core: bool
    objectives: tuple[str, ...]
    keypoints: tuple[str, ...]
    sources: tuple[str, ...]
    predictions: tuple[Question, ...]
    checks: tuple[Question, ...]
    teacher: dict
    walk: tuple[Step, ...]
    sections: tuple[Section, ...]

    @property
    def places(self):
        """The ids that a class can be led to: sections, predictions, the check."""
        return places_of(self.sections, self.predictions, self.checks)


def read_all(folder):
    """Every note of a folder in reading order. Raises BadNote."""
    notes = [read(path) for path in sorted(Path(folder).glob("[0-9][0-9]-*.md"))]
    steps = [prediction.id for note in notes for prediction in note.predictions]
    twice = {step for step in steps if steps.count(step) > 1}
    if twice:  # `predict` names a step without its lesson
        raise BadNote(f"two predictions share the step {', '.join(sorted(twice))}")
    return notes


def read_course(path, notes):
    """Every lesson as a row of a list, in the order of the numbers: those with a note, and those
    that ``path`` names as coming.

    A row is ``{"number", "slug", "title", "summary", "ready"}``, and with a note also
    ``{"minutes", "core", "steps", "checks"}``. What is coming gives way to a note with its slug
    or its number. Raises BadNote.
    """
    try:
        rows = [planned(row) for row in tomllib.loads(path.read_text("utf-8"))["lesson"]]
    except (KeyError, TypeError, ValueError) as error:
        raise BadNote(f"{path.name}: {said(error)}") from error
    there = {note.slug for note in notes} | {note.number for note in notes}
    coming = [row for row in rows if not there & {row["slug"], row["number"]}]
    return sorted([*map(taught, notes), *coming], key=lambda row: row["number"])


def planned(table):
    """A lesson without a note, from its table. Raises KeyError or TypeError."""
    kinds = {"number": int, "slug": str, "title": str, "summary": str}
    return {name: typed(table, name, kind) for name, kind in kinds.items()} | {"ready": False}


def taught(note):
    """A lesson with a note, as a row of the list."""
    shown = ("number", "slug", "title", "summary", "minutes", "core")
    steps = [prediction.id for prediction in note.predictions]
    row = {name: getattr(note, name) for name in shown}
    return row | {"ready": True, "steps": steps, "checks": len(note.checks)}


def read(path):
    """One note. Raises BadNote."""
    name = FILE_NAME.fullmatch(path.name)
    if not name:
        raise BadNote(f"{path.name}: a note is called NN-slug.md")
    try:
        return parse(path.read_text("utf-8"), int(name[1]), name[2])
    except (KeyError, TypeError, ValueError) as error:
        raise BadNote(f"{path.name}: {said(error)}") from error


def parse(text, number, slug):
    """A note from its text. Raises KeyError, TypeError or ValueError."""
    if not SLUG.fullmatch(slug):
        raise ValueError(f"{slug} is no slug")
    head, body = front_and_body(text)
    parts = sections(body)
    predictions = tuple(question(q, q["step"]) for q in typed(head, "predict", list))
    checks = tuple(question(q, f"q{i}") for i, q in enumerate(typed(head, "check", list), 1))
    minutes, places = typed(head, "minutes", int), places_of(parts, predictions, checks)
    return Note(
        slug=slug,
        number=number,
        title=typed(head, "title", str),
        demo=head.get("demo"),
        question=typed(head, "question", str),
        summary=typed(head, "summary", str),
        minutes=minutes,
        layers=head.get("layers", "all"),
        core=typed(head, "core", bool),
        objectives=tuple(typed(head, "objectives", list)),
        keypoints=tuple(typed(head, "keypoints", list)),
        sources=tuple(typed(head, "sources", list)),
        predictions=predictions,
        checks=checks,
        teacher=teacher(typed(head, "teacher", dict)),
        walk=walk(head.get("walk"), minutes, places, {p.id for p in predictions}),
        sections=parts,
    )


def places_of(sections, predictions, checks):
    """Where on its page a class can be: ids of sections, of predictions, and "check"."""
    ids = [*(section.id for section in sections), *(each.id for each in predictions)]
    return (*ids, "check") if checks else tuple(ids)


def question(table, name):
    choices = tuple(
        Choice(c.get("id", f"c{i}"), c["text"], c.get("right", False), c["why"])
        for i, c in enumerate(table["choices"], 1)
    )
    if sum(choice.right for choice in choices) != 1:
        raise ValueError(f"exactly one choice of {name} must be right")
    if len({choice.id for choice in choices}) != len(choices):
        raise ValueError(f"two choices of {name} have the same id")
    if not isinstance(table.get("wire", ""), str):
        raise TypeError(f"wire of {name} must be a str")
    return Question(name, table["question"], table.get("code"), choices, table.get("wire"))


def teacher(table):
    if old := {"live", "minutes"} & set(table):
        raise ValueError(f"{sorted(old)[0]} of [teacher] stands in [[walk]] now, step by step")
    return {
        "aim": typed(table, "aim", str),
        "students_say": typed(table, "students_say", list),
        "skip": typed(table, "skip", list),
    }


def sections(body):
    parts = re.split(r"^## (.+)$", body, flags=re.MULTILINE)
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    return tuple(Section(slugged(title), title.strip(), folded(text)) for title, text in pairs)


def folded(text):
    """A section's Markdown to HTML: each ``### Title`` folds what follows it, up to the next."""
    shown, *folds = re.split(r"^### (.+)$", text, flags=re.MULTILINE)
    pairs = zip(folds[::2], folds[1::2], strict=True)
    return to_html(shown) + "".join(
        f"<details><summary>{inline_html(title)}</summary>\n{to_html(more)}</details>\n"
        for title, more in pairs
    )


def slugged(title):
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def to_html(markdown):
    """Markdown to HTML: raw HTML in it is shown as text, code is coloured here, not in the page."""
    return _markdown.render(markdown)


def inline_html(markdown):
    """One sentence of Markdown to HTML, without a paragraph around it."""
    return _markdown.renderInline(markdown)


def fenced(code, language, _attributes):
    try:
        return "\n".join(coloured(code, language))
    except ClassNotFound:
        return ""  # markdown-it then escapes the code itself


def without_empty_heads(state):
    """The empty corner of a table heads neither a row nor a column: it is a plain cell."""
    tokens = state.tokens
    for token, inline, end in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if token.type == "th_open" and not inline.content:
            token.tag = end.tag = "td"


# What may be wider than its column can be reached, and scrolled, by the keyboard.


def scrolled_code(renderer, tokens, at, options, env):
    return renderer.fence(tokens, at, options, env).replace("<pre>", '<pre tabindex="0">', 1)


def scrolled_table(_renderer, _tokens, _at, _options, _env):
    return '<div class="wide" tabindex="0" role="group" aria-label="Table">\n<table>\n'


def end_of_table(_renderer, _tokens, _at, _options, _env):
    return "</table>\n</div>\n"


_markdown = MarkdownIt("commonmark", {"html": False, "highlight": fenced}).enable("table")
_markdown.add_render_rule("fence", scrolled_code)
_markdown.add_render_rule("table_open", scrolled_table)
_markdown.add_render_rule("table_close", end_of_table)
_markdown.core.ruler.push("corners", without_empty_heads)
