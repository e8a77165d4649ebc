"""Plans: a whole class by the minute. Markdown with TOML front matter, in ``notes/plans/``.

A part begins at ``minute`` and lasts until the next one. It takes steps of a lesson's walk, by
their titles or numbers (without ``walk`` as many as fit, from the first), or is a step of its
own: to join, an exit ticket. A lesson that is planned and not there yet is left out with a
sentence, and the parts after it begin earlier. The body says what to do at home.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from .notes import BadNote, to_html
from .tables import front_and_body, known_only, minutes_of, said, sentence, texts, typed
from .walk import KEYS, Step, one_step

FILE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}\.md")
OWN = ("minute", "review", *(key for key in KEYS if key not in ("step", "minutes")))
PLACES_IN_LESSON = ("minute", "lesson", "walk")


@dataclass(frozen=True)
class Part:
    """A step at its minute. ``lesson`` is its slug and ``number`` the step's, from 1; else None.

    ``review``: the questions of the review that it asks, the first of which it leads to.
    """

    minute: int
    minutes: int
    lesson: str | None
    number: int | None
    step: Step
    review: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A class of ``minutes``: ``left_out`` says in sentences what is not there yet."""

    id: str
    title: str
    minutes: int
    parts: tuple[Part, ...]
    left_out: tuple[str, ...]
    html: str


def read_all(folder, notes, course, questions=()):
    """Every plan of a folder, shortest first. Raises BadNote."""
    plans = [read(path, notes, course, questions) for path in Path(folder).glob("*.md")]
    return sorted(plans, key=lambda plan: (plan.minutes, plan.id))


def read(path, notes, course, questions=()):
    """One plan. Raises BadNote.

    ``course``: the rows of the whole course, with what is coming; ``questions``: the review's.
    """
    if not FILE_NAME.fullmatch(path.name):
        raise BadNote(f"{path.name}: a plan is called like 45-minutes.md")
    try:
        return parse(path.read_text("utf-8"), path.stem, notes, course, questions)
    except (KeyError, TypeError, ValueError) as error:
        raise BadNote(f"plans/{path.name}: {said(error)}") from error


def parse(text, name, notes, course, questions=()):
    """A plan from its text. Raises KeyError, TypeError or ValueError."""
    head, body = front_and_body(text)
    known_only(head, ("title", "minutes", "part"))
    title, minutes = sentence(head, "title"), minutes_of(head)
    tables = typed(head, "part", list)
    begins = [minute_of(table, i) for i, table in enumerate(tables, 1)]
    if not begins or begins[0] != 0:
        raise ValueError("the first part begins at minute 0")
    if any(a >= b for a, b in zip(begins, [*begins[1:], minutes], strict=True)):
        raise ValueError(f"each part begins after the one before, and before minute {minutes}")
    lengths = [b - a for a, b in zip(begins, [*begins[1:], minutes], strict=True)]
    parts, left_out, back = [], [], 0
    for i, (table, length) in enumerate(zip(tables, lengths, strict=True), 1):
        try:
            row = row_of(table, course)
            if row and not row["ready"]:
                back += length
                left_out.append(not_there(row, length))
                continue
            parts += laid_out(table, begins[i - 1] - back, length, row, notes, questions)
        except KeyError as error:
            raise ValueError(f"part {i}: the key {error} is missing") from None
        except (TypeError, ValueError) as error:
            raise ValueError(f"part {i}: {error}") from None
    return Plan(name, title, minutes - back, tuple(parts), tuple(left_out), to_html(body))


def not_there(row, length):
    unit = "minute is" if length == 1 else "minutes are"
    return f"Lesson {row['number']}, {row['title']}, is not there yet: {length} {unit} given back."


def minute_of(table, number):
    minute = table.get("minute")
    if isinstance(minute, bool) or not isinstance(minute, int):
        raise ValueError(f"part {number}: minute must be a whole number")
    return minute


def row_of(table, course):
    """The course's row of the lesson that a part names; None for a part of its own."""
    if "lesson" not in table:
        return None
    slug = sentence(table, "lesson")
    for row in course:
        if row["slug"] == slug:
            return row
    raise ValueError(f"there is no lesson called {slug!r}")


def laid_out(table, minute, length, row, notes, questions):
    """The parts that a table stands for, one for each step, one after the other."""
    if row is None:
        known_only(table, OWN)
        step = one_step(table | {"minutes": length}, None)
        return [Part(minute, length, None, None, step, asked_in(table, questions))]
    known_only(table, PLACES_IN_LESSON)
    note = next(note for note in notes if note.slug == row["slug"])
    parts = []
    for number in numbers_of(table.get("walk"), note, length):
        step = note.walk[number - 1]
        parts.append(Part(minute, step.minutes, note.slug, number, step))
        minute += step.minutes
    if (left := length - sum(part.minutes for part in parts)) < 0:
        raise ValueError(f"its steps take {length - left} minutes, and {length} are planned")
    parts[-1] = replace(parts[-1], minutes=parts[-1].minutes + left)
    return parts


def asked_in(table, questions):
    """The questions of the review that a part asks."""
    asked, there = texts(table, "review"), {question.id for question in questions}
    if lost := [each for each in asked if each not in there]:
        raise ValueError(f"the review has no question {lost[0]!r}")
    return asked


def numbers_of(chosen, note, length):
    """The numbers of a lesson's steps that a part takes."""
    if chosen is None:
        return as_many_as_fit(note, length)
    if not isinstance(chosen, list) or not chosen:
        raise TypeError("walk must be a list of steps, by their titles or numbers")
    titles = [step.title for step in note.walk]
    return [number_of(each, titles, note.slug) for each in chosen]


def as_many_as_fit(note, length):
    numbers, taken = [], 0
    for number, step in enumerate(note.walk, 1):
        taken += step.minutes
        if taken <= length:
            numbers.append(number)
    if not numbers:
        raise ValueError(f"not even the first step of {note.slug} fits into {length} minutes")
    return numbers


def number_of(chosen, titles, slug):
    if isinstance(chosen, str) and chosen in titles:
        return titles.index(chosen) + 1
    if type(chosen) is int and 1 <= chosen <= len(titles):
        return chosen
    raise ValueError(f"the walk of {slug} has no step {chosen!r}")
