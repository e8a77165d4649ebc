"""How races are told: one of a seat, at most ten reads a second."""

from contextlib import ExitStack

import pytest

from socketlab.classroom.refused import Refused
from socketlab.lessons.layers import roads
from socketlab.lessons.layers.races import AT_ONCE, TELL_SECONDS, Races, Told


def test_a_seat_has_one_race_and_all_together_have_so_many():
    races = Races(most=2)
    races.begin("ada", ends_at=4000)
    with pytest.raises(Refused, match="your race is on: it ends in 3 s"):
        races.check_free("ada", now=1000)
    races.check_free("bob", now=1000)
    races.begin("bob", ends_at=4000)
    with pytest.raises(Refused, match="too many races") as full:
        races.check_free("eve", now=1000)
    races.end("ada")
    races.check_free("eve", now=1000)

    assert full.value.limit == "run_events_per_second"


def test_only_so_many_races_have_sockets_open_and_the_others_wait_in_line(monkeypatch):
    monkeypatch.setattr("socketlab.lessons.layers.races.IN_LINE_SECONDS", 0.01)
    races = Races(most=100)
    with ExitStack() as open_ones:
        for _ in range(AT_ONCE):
            open_ones.enter_context(races.crossing())
        with pytest.raises(Refused, match="too many races"), races.crossing():
            pass
    with races.crossing():
        pass  # all places are free again


def test_a_race_is_told_whole_and_its_last_event_has_all_of_it_again():
    race = roads.race(40, 10)
    told = Told("r1", race, 2.0)
    events, over = list(told.events()), told.over()

    assert TELL_SECONDS >= 0.1
    assert [event["seq"] for event in events] == list(range(1, len(race.reads) + 1))
    assert over["seq"] == len(race.reads) + 1 == told.plan()["reads"] + 1
    for proto in ("tcp", "udp"):
        mine = [event for event in events if event["proto"] == proto]
        assert [event["text"] for event in mine] == over["texts"][proto]
        assert len(mine) == over[proto]["reads"]
        assert all(event["size"] == len(event["text"]) for event in mine)
        numbers = [number for event in mine for number in event["numbers"]]
        assert sorted(numbers + over[proto]["missing"]) == list(range(1, over["sent"] + 1))
