"""The review: ``notes/review.toml`` as its page shows it. Pure.

A question has a model answer, what reading notes get wrong about it and why, the places where a
demo shows it, and its sources; every key is checked, so that a mistake stops the start with a
sentence. A place in a lesson that is not there yet is shown as coming.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .notes import BadNote, inline_html, to_html
from .tables import known_only, said, sentence, typed

PLACE = "review"  # where a class can be led to, as to a lesson
PARTS = {"questions": "The questions", "terms": "The vocabulary"}
PAGES = {"/wire": "Packet inspector"}  # that show what a question asks for, besides lessons
ID = re.compile(r"[a-z][a-z_]{1,31}")
KEYS = "id part question answer sources wrong see".split()


@dataclass(frozen=True)
class Wrong:
    """What notes like the students' say, in our own words, and why it is not so; both are HTML."""

    believed: str
    why: str


@dataclass(frozen=True)
class Place:
    """Where it is shown: ``href`` is None while its lesson is coming. ``words``: what is seen."""

    name: str
    href: str | None
    words: str


@dataclass(frozen=True)
class Question:
    """One question of the review; ``answer`` is HTML, rendered from our own Markdown."""

    id: str
    part: str
    question: str
    answer: str
    wrong: tuple[Wrong, ...]
    places: tuple[Place, ...]
    sources: tuple[str, ...]


def read(path, notes, course):
    """Every question, in the order of the file.

    ``notes`` are the lessons that are there, ``course`` the rows of all, as
    :func:`notes.read_course` hands them out. Raises BadNote.
    """
    path = Path(path)
    try:
        return parse(path.read_text("utf-8"), notes, course)
    except (KeyError, TypeError, ValueError) as error:
        raise BadNote(f"{path.name}: {said(error)}") from error


def parse(text, notes, course):
    """The same from the file's text. Raises KeyError, TypeError or ValueError."""
    tables = typed(tomllib.loads(text), "question", list)
    there = {note.slug: note for note in notes}
    rows = {row["slug"]: row for row in course}
    questions = tuple(numbered(i, table, there, rows) for i, table in enumerate(tables, 1))
    ids = [question.id for question in questions]
    if twice := sorted({each for each in ids if ids.count(each) > 1}):
        raise ValueError(f"two questions have the id {twice[0]!r}")
    return questions


def by_part(questions):
    """``[(heading, [question …]) …]``: the page's sections, in the order of :data:`PARTS`."""
    return [
        (title, [question for question in questions if question.part == part])
        for part, title in PARTS.items()
    ]


def numbered(number, table, there, rows):
    """One question; a mistake in it is said with its number, and its id where it has one."""
    name = f"question {number}" + (f" ({table['id']})" if isinstance(table.get("id"), str) else "")
    try:
        return one(table, there, rows)
    except KeyError as error:
        raise ValueError(f"{name}: the key {error} is missing") from None
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: {error}") from None


def one(table, there, rows):
    """A question from its table. Raises KeyError, TypeError or ValueError."""
    known_only(table, KEYS)
    if not ID.fullmatch(sentence(table, "id")):
        raise ValueError("an id is small letters and low lines, two or more")
    if sentence(table, "part") not in PARTS:
        raise ValueError(f"part must be one of {', '.join(PARTS)}")
    return Question(
        id=table["id"],
        part=table["part"],
        question=sentence(table, "question"),
        answer=to_html(sentence(table, "answer")),
        wrong=tuple(wrong(each) for each in some(table, "wrong")),
        places=tuple(place(each, there, rows) for each in some(table, "see")),
        sources=tuple(sentence({"source": each}, "source") for each in some(table, "sources")),
    )


def some(table, key):
    """A list with something in it. Raises KeyError, TypeError or ValueError."""
    if not typed(table, key, list):
        raise ValueError(f"{key} is empty")
    return table[key]


def wrong(table):
    """What is believed, from its table. Raises KeyError, TypeError or ValueError."""
    known_only(table, ("believed", "why"))
    return Wrong(inline_html(sentence(table, "believed")), inline_html(sentence(table, "why")))


def place(table, there, rows):
    """Where it is shown, from its table. Raises KeyError, TypeError or ValueError.

    ``there``: slug -> note; ``rows``: slug -> row, also of the lessons that are coming.
    """
    known_only(table, ("lesson", "place", "page", "words"))
    words = sentence(table, "words")
    if "page" in table:
        page = sentence(table, "page")
        if page not in PAGES:
            raise ValueError(f"see {page!r} is none of {', '.join(PAGES)}")
        return Place(PAGES[page], page, words)
    slug, section = sentence(table, "lesson"), sentence(table, "place")
    if slug not in rows:
        raise ValueError(f"see {slug!r} is no lesson")
    name = f"Lesson {rows[slug]['number']}"
    if slug not in there:
        return Place(name, None, words)
    if section not in there[slug].places:
        raise ValueError(f"the lesson {slug} has no place {section!r}")
    return Place(name, f"/lesson/{slug}#{section}", words)
