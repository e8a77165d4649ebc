"""The walk of a lesson is checked when its note is read: a mistake is a sentence."""

import re

import pytest

from socketlab.site import notes
from socketlab.site.walk import Figure, walk

from ..helpers import ROOT

PLACES, PREDICTIONS = ("explore", "race", "check"), {"race"}
ONE = {
    "title": "Bet",
    "step": "race",
    "do": "Open the vote.",
    "say": "Who?",
    "expect": "All.",
    "if_not": "Wait.",
    "minutes": 2,
    "act": ["vote", "close"],
    "shows": [{"label": "requests", "of": "Short polling", "from": 10, "to": 13}],
}


def read(*tables, minutes=2):
    return walk(list(tables), minutes, PLACES, PREDICTIONS)


def test_a_step_of_a_walk_is_read():
    (step,) = read(ONE)

    assert (step.title, step.step, step.act, step.press) == ("Bet", "race", ("vote", "close"), ())
    assert step.they_say == ""
    assert step.shows == (Figure("requests", 10, 13, "Short polling", "wall"),)


@pytest.mark.parametrize(
    ("least", "most", "words"),
    [(14, 14, "14 gap"), (1, 2, "1 or 2 gap"), (10, 13, "10 to 13 gap")],
)
def test_a_figure_is_said_in_words(least, most, words):
    assert Figure("gap", least, most).in_words() == words
    assert Figure("gap", least, most, "You").in_words() == f"{words} (You)"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": " "}, "walk 1: title is empty"),
        ({"do": None}, "walk 1: do must be a str"),
        ({"expects": "x"}, "walk 1: there is no key 'expects' here"),
        ({"step": "rase"}, "walk 1: step 'rase' is no section and no prediction of this lesson"),
        ({"step": "explore"}, "walk 1: act 'vote' needs a prediction as its step"),
        ({"minutes": 0}, "walk 1: minutes must be a whole number, 1 or more"),
        ({"minutes": True}, "walk 1: minutes must be a whole number"),
        ({"minutes": 3}, "the steps of the walk take 3 minutes, and the lesson 2"),
        ({"act": "cut me"}, "walk 1: the cockpit has no act 'cut me'"),
        ({"act": "cut all 31"}, "walk 1: the cockpit has no act 'cut all 31'"),
        ({"act": 7}, "walk 1: act must be a text, or a list of texts"),
        ({"shows": [{"label": "sent"}]}, "walk 1: the key 'from' is missing"),
        ({"shows": [{"label": "sent", "from": 3, "to": 2}]}, "walk 1: a figure is a whole number"),
        ({"shows": [{"label": "sent", "is": 1, "where": "roof"}]}, "not in 'roof'"),
    ],
)
def test_a_mistake_in_a_walk_is_a_sentence(change, sentence):
    with pytest.raises((TypeError, ValueError), match=re.escape(sentence)):
        read(ONE | change)


def test_a_key_that_is_missing_is_named_with_its_step():
    without = {key: value for key, value in ONE.items() if key != "say"}

    with pytest.raises(ValueError, match="walk 2: the key 'say' is missing"):
        read(ONE, without, minutes=4)


def test_a_walk_has_steps_and_each_its_own_title():
    with pytest.raises(ValueError, match="at least one"):
        read()
    with pytest.raises(ValueError, match="two steps of the walk are called 'Bet'"):
        read(ONE, ONE, minutes=4)


NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?!\w)")
COURSE = [(note.slug, step) for note in notes.read_all(ROOT / "notes") for step in note.walk]


@pytest.mark.parametrize(("slug", "step"), COURSE, ids=lambda each: getattr(each, "title", each))
def test_every_number_that_is_promised_was_given_before_or_is_a_figure(slug, step):
    """What a step gives out is a setting; what comes out of it must be something a test finds."""
    given = set(NUMBER.findall(" ".join([step.do, *step.press])))
    promised = set(NUMBER.findall(re.sub(r"`[^`]*`", "", step.expect))) - given
    figures = [range(figure.least, figure.most + 1) for figure in step.shows]

    assert [n for n in promised if not any(float(n) in each for each in figures)] == []
