"""The teacher's walk through a lesson, as data: what to do and say, and what will be seen then.

A step is a table ``[[walk]]`` of a note, or a part of a plan. Markdown in its sentences is that
of a line. ``act`` names the cockpit's buttons that the step presses, in their order, and
``press`` those of the demo on the wall by their labels. ``shows`` are the figures that the step
promises: the cockpit prints them under "expect", and a test presses the same buttons and looks.
"""

import re
from dataclasses import dataclass

from .tables import known_only, minutes_of, sentence, texts

ACTS = re.compile(
    r"run|vote|close|reveal|follow|"
    r"cut (all|half) ([1-9]|[12]\d|30)|"  # seconds
    r"buffer (off|[1-9]\d{0,2}|1000)|"  # what it keeps
    r"wall (map|panel|join|blank)"
)
OF_A_PREDICTION = {"run", "vote", "close", "reveal"}
PLACES = ("wall", "cockpit")
KEYS = "title step do say expect if_not they_say minutes act press shows".split()


@dataclass(frozen=True)
class Figure:
    """A figure that will stand there, from ``least`` to ``most``.

    ``label`` is the word beside it and ``of`` the heading above it, as the page has them.
    """

    label: str
    least: int
    most: int
    of: str = ""
    where: str = "wall"

    def in_words(self):
        """``12 requests``, ``1 or 2 gap``, ``11 to 13 requests (Short polling)``."""
        between = "or" if self.most == self.least + 1 else "to"
        range_ = f"{self.least} {between} {self.most}" if self.most > self.least else self.least
        return f"{range_} {self.label}" + (f" ({self.of})" if self.of else "")


@dataclass(frozen=True)
class Step:
    """One step: a screen of the cockpit. ``step`` is where the class is led, None: nowhere."""

    title: str
    step: str | None
    do: str
    say: str
    expect: str
    if_not: str
    they_say: str
    minutes: int
    act: tuple[str, ...]
    press: tuple[str, ...]
    shows: tuple[Figure, ...]


def walk(tables, minutes, places, predictions):
    """The steps of a lesson of so many ``minutes``. Raises KeyError, TypeError or ValueError.

    ``places``: the ids that a step may lead to; ``predictions``: those of them that are voted on.
    """
    if not isinstance(tables, list) or not tables:
        raise ValueError("a lesson has at least one [[walk]]")
    steps = tuple(numbered("walk", i, one, places, predictions) for i, one in enumerate(tables, 1))
    titles = [step.title for step in steps]
    if twice := sorted({title for title in titles if titles.count(title) > 1}):
        raise ValueError(f"two steps of the walk are called {twice[0]!r}")
    if (taken := sum(step.minutes for step in steps)) != minutes:
        raise ValueError(f"the steps of the walk take {taken} minutes, and the lesson {minutes}")
    return steps


def numbered(what, number, table, places, predictions):
    """One step; a mistake in it is said with its number."""
    try:
        known_only(table, KEYS)
        step = sentence(table, "step")
        if step not in places:
            raise ValueError(f"step {step!r} is no section and no prediction of this lesson")
        return one_step(table, step, step in predictions)
    except KeyError as error:
        raise ValueError(f"{what} {number}: the key {error} is missing") from None
    except (TypeError, ValueError) as error:
        raise ValueError(f"{what} {number}: {error}") from None


def one_step(table, step, is_prediction=False):
    """A step from its table. Raises KeyError, TypeError or ValueError."""
    act = texts(table, "act")
    for one in act:
        if not ACTS.fullmatch(one):
            raise ValueError(f"the cockpit has no act {one!r}")
        if one in OF_A_PREDICTION and not is_prediction:
            raise ValueError(f"act {one!r} needs a prediction as its step")
    return Step(
        title=sentence(table, "title"),
        step=step,
        do=sentence(table, "do"),
        say=sentence(table, "say"),
        expect=sentence(table, "expect"),
        if_not=sentence(table, "if_not"),
        they_say=sentence(table, "they_say") if "they_say" in table else "",
        minutes=minutes_of(table),
        act=act,
        press=texts(table, "press"),
        shows=tuple(figure(one) for one in table.get("shows", [])),
    )


def figure(table):
    """What a step promises to show. Raises KeyError, TypeError or ValueError."""
    known_only(table, ("label", "of", "is", "from", "to", "where"))
    least = table["is"] if "is" in table else table["from"]
    most = table["is"] if "is" in table else table["to"]
    if not all(type(each) is int for each in (least, most)) or not 0 <= least <= most:
        raise ValueError("a figure is a whole number, or goes from one up to another")
    where = table.get("where", "wall")
    if where not in PLACES:
        raise ValueError(f"a figure stands on the wall or in the cockpit, not in {where!r}")
    of = sentence(table, "of") if "of" in table else ""
    return Figure(sentence(table, "label"), least, most, of, where)
