"""The dots: who stands where, and how often that is told. Pure."""

from types import SimpleNamespace

import pytest

from socketlab.classroom.refused import Refused
from socketlab.lessons.emit.dots import MOST_TOLD, PLACES, Dots


def seat(name):
    return SimpleNamespace(id=name, nick=name)


def filled(count, namespace="/emit"):
    dots = Dots()
    for n in range(count):
        dots.came(f"sid {n}", namespace, seat(f"seat {n}"), 0, f"session {n}")
    return dots


def test_places_are_filled_evenly_and_a_free_one_first():
    dots = filled(9)
    taken = [dot.rooms for dot in dots.sockets.values()]
    dots.went("sid 2")

    assert taken == [*PLACES, *PLACES, PLACES[0]]
    assert dots.came("new", "/emit", seat("new"), 0, "session new") == PLACES[2]
    assert dots.came("up", "/upstairs", seat("new"), 1, "session up") == ()


def test_the_next_dot_is_the_one_that_came_after_and_behind_the_last_the_first():
    dots = filled(3)
    dots.came("up", "/upstairs", seat("new"), 0, "session up")

    assert [dots.chosen({}, f"sid {n}") for n in range(3)] == ["sid 1", "sid 2", "sid 0"]
    assert filled(1).chosen({}, "sid 0") == "sid 0"  # alone one is one's own neighbour
    assert dots.chosen({"sid": "sid 0"}, "sid 0") == "sid 0"
    with pytest.raises(Refused, match="sid must be"):
        dots.chosen({"sid": "up"}, "sid 0")


def test_a_connection_with_two_sockets_does_not_say_which_of_them_reports():
    dots = filled(2)
    dots.came("up", "/upstairs", seat("seat 0"), 0, "session 0")

    assert dots.places() == {
        "sid 0": ("seat 0", None),
        "sid 1": ("seat 1", "session 1"),
        "up": ("seat 0", None),
    }


def test_the_dots_are_told_once_a_change_and_less_often_in_a_large_class():
    dots = filled(2)
    first = dots.news(0.0)
    dots.went("sid 0")

    assert len(first["dots"]) == first["seats"] == 2
    assert dots.news(50.0) is None and dots.waiting()
    assert len(dots.news(100.0)["dots"]) == 1
    assert dots.news(1000.0) is None and not dots.waiting()

    large = filled(400)
    large.news(0.0)
    large.went("sid 0")
    assert large.news(600.0) is None and large.news(800.0)


def test_of_a_crowd_that_is_too_large_the_rest_is_counted():
    told = filled(MOST_TOLD + 7).told()

    assert (len(told["dots"]), told["more"], told["seats"]) == (MOST_TOLD, 7, MOST_TOLD + 7)
