"""Lesson "lifecycle": who left, who is back, and what both sides said. Pure."""

import pytest

from socketlab.classroom.refused import Refused
from socketlab.lessons.lifecycle.departures import KEPT, Departures
from socketlab.lessons.lifecycle.words import report_of

ADA = ("ada", 1)
NOTHING = (None, None, None)


@pytest.fixture
def left():
    departures = Departures()
    departures.begin("run", ADA, "old", 1000.0, 4000.0)
    return departures


def test_the_server_is_told_of_once_it_has_noticed_and_only_once(left):
    told = left.gone("old", "ping timeout", 3500.0)

    assert told == {
        "run": "run",
        "side": "server",
        "reason": "ping timeout",
        "after_ms": 2500.0,
        "old_sid": "old",
        "new_sid": None,
    }
    assert left.gone("old", "ping timeout", 3600.0) is None
    assert left.gone("a stranger", "transport close", 3600.0) is None


def test_who_is_back_completes_both_sides(left):
    left.gone("old", "transport close", 1100.0)
    server, client = left.back(ADA, "new", "run", "transport error", 90.0)

    assert (server["side"], server["reason"], server["new_sid"]) == (
        "server",
        "transport close",
        "new",
    )
    assert (client["side"], client["reason"], client["after_ms"]) == (
        "client",
        "transport error",
        90.0,
    )
    assert left.back(ADA, "newer", "run", "transport error", 90.0) == []


def test_a_client_may_be_back_before_the_server_has_noticed(left):
    (client,) = left.back(ADA, "new", "run", "ping timeout", 900.0)
    told = left.gone("old", "ping timeout", 2000.0)

    assert (client["side"], client["new_sid"]) == ("client", "new")
    assert (told["side"], told["new_sid"]) == ("server", "new")


def test_who_names_no_run_is_back_only_when_the_old_socket_is_gone(left):
    another_page = left.back(ADA, "new", *NOTHING)
    left.gone("old", "transport close", 1100.0)
    reports = [told["side"] for told in left.back(ADA, "new", *NOTHING)]

    assert another_page == []
    assert reports == ["server", "client"]


@pytest.mark.parametrize("who", [("ada", 2), ("eve", 1)])
def test_the_run_of_another_seat_or_robot_is_none_of_its_business(left, who):
    left.gone("old", "transport close", 1100.0)

    assert left.back(who, "new", "run", "transport close", 1.0) == []
    assert left.back(ADA, "new", "another run", "transport close", 1.0) == []


def test_a_departure_lasts_as_long_as_it_said(left):
    assert left.seconds_left("old", 2000.0) == 2.0
    assert left.seconds_left("a stranger", 2000.0) == 0


def test_who_never_comes_back_is_forgotten_in_time():
    departures = Departures()
    for n in range(KEPT + 10):
        departures.begin(f"run {n}", (f"seat {n}", 0), f"sid {n}", 0.0, 1.0)
        departures.gone(f"sid {n}", "transport close", 0.5)

    assert len(departures) == KEPT
    assert departures.clear() == KEPT and len(departures) == 0


# What a client says of its own side


def test_a_report_is_read_whole_or_in_part():
    whole = {"run": "r", "reason": "ping timeout", "after_ms": 12.5}

    assert report_of({"left": whole}) == ("r", "ping timeout", 12.5)
    assert report_of({"left": {"run": "r"}}) == ("r", None, None)
    assert report_of({}) == report_of(None) == NOTHING


@pytest.mark.parametrize(
    "left",
    [
        7,
        "cut",
        [],
        {},
        {"run": 7},
        {"run": "r" * 65},
        {"run": "r", "reason": 7},
        {"run": "r", "reason": "x" * 65},
        {"run": "r", "after_ms": -1},
        {"run": "r", "after_ms": True},
        {"run": "r", "after_ms": float("nan")},
        {"run": "r", "after_ms": 1e9},
    ],
)
def test_a_report_that_is_none_is_refused(left):
    with pytest.raises(Refused):
        report_of({"left": left})
