"""What is told of the rooms, how often, and what is refused: the map without a server."""

from types import SimpleNamespace

import pytest

from socketlab.classroom.refused import Refused
from socketlab.lessons.rooms import room_map
from socketlab.lessons.rooms.room_map import RoomMap, chosen_rooms


class Lists:
    """The server's lists, as far as a map reads them, and a map that is told of each change."""

    def __init__(self, *nicks):
        self.map, self.rooms = RoomMap(), {}
        for nick in nicks:
            self.map.arrived(nick, SimpleNamespace(id=f"id of {nick}", nick=nick))

    def members(self, room):
        return list(self.rooms.get(room, ()))

    def join(self, sid, room, now=0.0):
        """What may be told of it."""
        told = []
        if room not in self.rooms:
            self.rooms[room] = []
            told.append(self.map.note("opened", room, len(self.map.sockets), now))
        self.rooms[room].append(sid)
        return [*told, self.map.note("joined", room, len(self.rooms[room]), now)]

    def leave(self, sid, room, now=0.0):
        self.rooms[room].remove(sid)
        self.map.note("left", room, len(self.rooms[room]), now)
        if not self.rooms[room]:
            del self.rooms[room]
            self.map.note("closed", room, len(self.map.sockets), now)

    def news(self, now):
        return self.map.news(now, self.members)


def test_the_map_is_what_stands_on_the_lists_at_that_moment():
    lists = Lists("ada", "bob")
    lists.join("ada", "lab")
    lists.join("bob", "lab")
    lists.join("bob", "hall")
    lists.leave("ada", "lab")

    assert lists.map.map(lists.members) == {
        "rev": 7,
        "rooms": {"lab": [{"sid": "bob", "nick": "bob"}], "hall": [{"sid": "bob", "nick": "bob"}]},
        "seats": 2,
    }
    lists.leave("bob", "lab")
    assert list(lists.map.map(lists.members)["rooms"]) == ["hall"]


def test_a_nick_on_the_map_is_the_nick_of_now():
    lists = Lists("ada")
    lists.join("ada", "lab")
    lists.map.sockets["ada"].seat.nick = "countess"

    assert lists.map.map(lists.members)["rooms"]["lab"] == [{"sid": "ada", "nick": "countess"}]


# What is refused


@pytest.mark.parametrize(
    ("data", "values"),
    [
        ({"room": "a"}, ["a"]),
        ({"rooms": ["b", "a", "b"]}, ["b", "a", "b"]),
        ({"room": None}, [None]),  # each value is looked at by itself
    ],
)
def test_what_a_say_names(data, values):
    assert chosen_rooms(data) == values


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "either room, or rooms"),
        ({"room": "a", "rooms": ["b"]}, "either room, or rooms"),
        ({"rooms": []}, "1 to 5 names"),
        ({"rooms": ["a"] * 6}, "1 to 5 names"),
        ({"rooms": "a"}, "1 to 5 names"),
    ],
)
def test_a_say_that_names_nothing_clear_gets_its_sentence(data, sentence):
    with pytest.raises(Refused, match=sentence):
        chosen_rooms(data)


def test_the_places_have_an_end(monkeypatch):
    monkeypatch.setattr(room_map, "PLACES", 3)
    lists = Lists("ada", "bob")
    for sid, room in [("ada", "a"), ("ada", "b"), ("bob", "a")]:
        lists.join(sid, room)

    with pytest.raises(Refused, match="3 places"):
        lists.map.check_join("b", ["a"], lists.members)
    lists.leave("ada", "b")
    lists.map.check_join("c", ["a"], lists.members)


# How much is told


def test_what_is_too_much_is_left_to_the_map_which_says_so(monkeypatch):
    monkeypatch.setattr(room_map, "TOLD_BURST", 10)
    lists = Lists("ada", "bob")
    told = [lists.join("ada", f"room {n}") for n in range(6)]  # 3 deliveries each

    assert told == [[True, True]] * 3 + [[False, True]] + [[False, False]] * 2
    (_, mapped), *_ = lists.news(0.0)
    assert mapped["untold"] == 5 and len(mapped["rooms"]) == 6
    assert lists.join("ada", "later", now=1000.0) == [True, True]
    assert "untold" not in lists.map.map(lists.members)


def test_everybody_has_the_newest_map_and_nobody_ten_a_second_too_many():
    lists = Lists("ada", "bob")
    first = lists.news(0.0)
    lists.join("ada", "lab")
    times = [now for now in range(10, 2010, 10) if lists.join("bob", f"r{now}") and lists.news(now)]
    lists.join("ada", "the last")
    last = lists.news(2100)

    assert first == [(["ada", "bob"], {"rev": 1, "rooms": {}, "seats": 2})]
    assert all(b - a >= 100 for a, b in zip(times, times[1:], strict=False))
    assert len(times) >= 18
    assert last[0][0] is None and len(last[0][1]["rooms"]) == 202
    assert not lists.map.waiting()


def test_a_newcomer_gets_the_map_alone():
    lists = Lists("ada")
    lists.news(0.0)
    for nick in ("bob", "eve"):
        lists.map.arrived(nick, SimpleNamespace(id=nick, nick=nick))
    lists.map.gone("eve")

    assert [to for to, _ in lists.news(200.0)] == [["bob"]]
    assert lists.news(400.0) == []


def test_a_large_class_gets_larger_maps_less_often():
    lists = Lists(*[f"n{k}" for k in range(300)])

    assert 250 <= lists.map.pause(300) <= 300  # 300 members, 300 listeners: 5.4 MB a map
    assert Lists("ada").map.pause(0) == 100
