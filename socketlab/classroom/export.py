"""A class as a table, for after it: what was predicted, how long it took, who finished. Pure.

One CSV file with one header. What a row is stands in its first cell:

    time         lesson, step, started, seconds: one row for each step that was led to
    prediction   lesson, step, choice, right, count, robots: all that are locked, voted or not
    vote         the same with round and when: "before discussion" is round 1
    finished     lesson, count, robots: the seats that said so
    exercise     lesson, choice, count: the seats that have tried it, and those that have done it
    who          nick, lesson, step, round, when, choice, right  (only where names are asked for)
    who finished nick, lesson                                    (the same)

``count`` includes ``robots``, those of a rehearsal. A cell that a spreadsheet would take for a
formula begins with an apostrophe. Source: RFC 4180; OWASP, "CSV Injection".
"""

import csv
import io
from collections.abc import Callable, Iterator
from time import gmtime, strftime
from typing import Any

from .minutes import Session
from .state import Course

HEADER = "row lesson step started seconds round when choice right count robots nick".split()
FORMULAS = ("=", "+", "-", "@", "\t", "\r")

Row = dict[str, Any]  # by the names of HEADER; what is left out is empty


def to_csv(session: Session, course: Course, now: float, nick_of: Callable[[str], str]) -> str:
    """The file's text. ``now`` (ms) ends the step that the class is at; see the module."""
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, HEADER, restval="")
    table.writeheader()
    for row in rows(session, course, now, nick_of):
        table.writerow({name: guarded(cell) for name, cell in row.items()})
    return text.getvalue()


def rows(
    session: Session, course: Course, now: float, nick_of: Callable[[str], str]
) -> Iterator[Row]:
    """The rows in the order of the docstring above."""
    lesson_of = {step: lesson for lesson, steps in course.places.items() for step in steps}

    def chosen(step: str, round_: int, choice: str) -> Row:
        row: Row = {"lesson": lesson_of.get(step, ""), "step": step, "choice": choice}
        if round_:
            when = "before discussion" if round_ == 1 else "after discussion"
            row |= {"round": round_, "when": when}
        return row | {"right": "yes" if course.right.get(step) == choice else "no"}

    yield from times(session, now)
    for kind, voted in (("prediction", False), ("vote", True)):
        for one in session.counts:
            if bool(one.round) == voted:
                counts = {"count": one.seats, "robots": one.robots}
                yield {"row": kind} | chosen(one.step, one.round, one.choice) | counts
    for lesson, count, robots in session.done:
        yield {"row": "finished", "lesson": lesson, "count": count, "robots": robots}
    for lesson, tried, done in session.exercises:
        for choice, count in (("tried", tried), ("done", done)):
            yield {"row": "exercise", "lesson": lesson, "choice": choice, "count": count}
    for seat, step, round_, choice in session.people:
        yield {"row": "who", "nick": nick_of(seat)} | chosen(step, round_, choice)
    for seat, lesson in session.finished:
        yield {"row": "who finished", "nick": nick_of(seat), "lesson": lesson}


def times(session: Session, now: float) -> Iterator[Row]:
    """How long the class was at each step, in the order in which it was led there."""
    ends = [at for _, _, at in session.stepped[1:]] + [now]
    for (lesson, step, at), end in zip(session.stepped, ends, strict=False):
        started = strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(at / 1000))
        place = {"row": "time", "lesson": lesson or "", "step": step or ""}
        yield place | {"started": started, "seconds": round(max(end - at, 0) / 1000)}


def guarded(cell: object) -> object:
    """A cell as no spreadsheet takes it for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULAS) else cell
