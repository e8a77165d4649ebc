"""The rows of the class: states in their order, only what changed, and never more than are kept."""

import pytest

from socketlab.classroom.roster import VISIT_MS, Roster


@pytest.fixture
def roster():
    roster = Roster(most=3)
    roster.arrived("a", "ada", False, ("/class", "1"), "s1")
    return roster


def state(roster, seat="a", now=0):
    return {row["seat"]: row["state"] for row in roster.whole(now)}.get(seat)


def test_the_first_state_that_holds_is_the_one_that_is_told(roster):
    seen = [state(roster)]
    roster.changed("a", signal="stuck")
    seen.append(state(roster))
    roster.looked("a", ("/class", "1"), True)
    seen.append(state(roster))
    roster.left("a", ("/class", "1"), 5)
    seen.append(state(roster))
    roster.cut("a", 100)
    seen += [state(roster), state(roster, now=100)]
    roster.arrived("a", "ada", False, ("/class", "2"), "s2")
    seen.append(state(roster, now=100))

    assert seen == ["connected", "stuck", "asleep", "away", "cut", "away", "stuck"]


def test_a_seat_with_two_tabs_is_away_when_the_second_is_closed(roster):
    roster.arrived("a", "ada", False, ("/rooms", "2"), "s2")
    roster.left("a", ("/class", "1"), 0)
    assert state(roster) == "connected" and roster.here() == ["a"]
    roster.arrived("a", "ada·2", False, ("/rooms", "2"), "s2")
    assert roster.whole(0)[0]["nick"] == "ada·2"
    roster.left("a", ("/rooms", "2"), 0)
    roster.left("a", ("/rooms", "2"), 9)
    assert state(roster) == "away" and roster.here() == []


def test_a_seat_is_asleep_when_each_of_its_pages_is_hidden(roster):
    roster.arrived("a", "ada", False, ("/class", "2"), "s2")
    roster.arrived("a", "ada", False, ("/rooms", "3"), "s2")
    roster.looked("a", ("/class", "1"), True)
    roster.looked("a", ("/class", "gone"), True)
    seen = [state(roster)]
    roster.looked("a", ("/class", "2"), True)
    seen.append(state(roster))
    roster.left("a", ("/class", "2"), 0)
    seen.append(state(roster))
    roster.looked("a", ("/class", "1"), False)

    assert [*seen, state(roster)] == ["connected", "asleep", "asleep", "connected"]


def test_news_are_the_rows_that_changed_once(roster):
    roster.arrived("b", "bob", True, ("/class", "2"), "s2")
    rows, gone = roster.news(0)
    again = roster.news(0)
    roster.changed("b", step="explore")
    roster.changed("b", step="explore")
    changed = roster.news(0)
    roster.remove("b")

    assert [row["seat"] for row in rows] == ["a", "b"] or {r["seat"] for r in rows} == {"a", "b"}
    assert gone == [] and again == ([], [])
    assert [(row["seat"], row["step"], row["robot"]) for row in changed[0]] == [
        ("b", "explore", True)
    ]
    assert roster.news(0) == ([], ["b"])


def test_the_end_of_a_cut_is_news_by_itself(roster):
    roster.left("a", ("/class", "1"), 0)
    roster.cut("a", 50)
    roster.changed("a", joined=True)
    ((row,), _) = roster.news(49)
    assert (row["state"], row["until"]) == ("cut", 50)
    assert roster.news(49.5) == ([], [])
    ((row,), _) = roster.news(50)
    assert row["state"] == "away" and "until" not in row


def test_a_visitor_goes_after_a_minute_and_who_joined_stays_away(roster):
    roster.arrived("b", "bob", False, ("/class", "2"), "s2")
    roster.changed("a", joined=True)
    for seat, sid in (("a", "1"), ("b", "2")):
        roster.left(seat, ("/class", sid), 0)
    roster.news(VISIT_MS)
    assert roster.seats() == ["a", "b"]
    assert roster.news(VISIT_MS + 1) == ([], ["b"])
    assert roster.seats() == ["a"]


def test_who_has_been_away_for_longest_makes_room_and_nobody_who_is_here(roster):
    for n, seat in enumerate("bcde", 2):
        roster.arrived(seat, seat, False, ("/class", str(n)), f"s{n}")
        if seat in "bc":
            roster.left(seat, ("/class", str(n)), n)

    assert roster.seats() == ["a", "d", "e"]
    roster.arrived("f", "f", False, ("/class", "9"), "s9")
    assert len(roster) == 4  # as many as have a socket


def test_the_teachers_own_seat_is_never_in(roster):
    roster.is_teachers("a")
    roster.arrived("a", "ada", False, ("/class", "3"), "s3")
    assert roster.seats() == [] and "a" not in roster


def test_a_steady_round_trip_is_no_news(roster):
    roster.measured("a", "websocket", 40.2)
    roster.news(0)
    for ms in (41.0, 48.0, 33.0):
        roster.measured("a", "websocket", ms)
    assert roster.news(0) == ([], [])
    roster.measured("a", "websocket", 90.0)
    ((row,), _) = roster.news(0)
    assert (row["transport"], row["ms"]) == ("websocket", 90)
    assert roster.round_trip(["a", "nobody"]) == 90
    assert list(roster.connections()) == [("a", "s1")]
