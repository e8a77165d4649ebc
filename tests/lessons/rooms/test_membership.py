"""Who is in which room: what the server's lists mean for the class, against a dict of sets."""

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from socketlab.lessons.rooms import membership
from socketlab.lessons.rooms.membership import Membership, room_key, room_name


class No(Exception):
    pass


def seat(nick):
    return SimpleNamespace(id=f"id of {nick}", nick=nick)


def class_of(*nicks):
    people = Membership(No)
    for nick in nicks:
        people.arrived(nick, seat(nick))
    return people


def enter(people, sid, *rooms, now=0.0):
    return [event for room in rooms for event in people.entered(sid, room_key(room), now)]


def who(nick):
    return {"sid": nick, "nick": nick}


# Opened, joined, left, closed


def test_a_room_opens_with_its_first_member_and_closes_with_its_last():
    people = class_of("ada", "bob")
    told = [
        *enter(people, "ada", "lab"),
        *enter(people, "bob", "lab"),
        *people.left("ada", room_key("lab"), 0.0),
        *people.left("bob", room_key("lab"), 0.0),
    ]

    assert told == [
        ("opened", "lab", who("ada")),
        ("joined", "lab", who("ada")),
        ("joined", "lab", who("bob")),
        ("left", "lab", who("ada")),
        ("left", "lab", who("bob")),
        ("closed", "lab", who("bob")),
    ]
    assert people.map() == {"rev": 5, "rooms": {}}


def test_entering_twice_is_entering_once():
    people = class_of("ada")
    enter(people, "ada", "lab")
    rev = people.rev

    assert enter(people, "ada", "lab") == []
    assert people.rev == rev and people.rooms_of("ada") == ["lab"]


def test_a_member_that_vanished_still_has_a_name_when_its_rooms_report_it():
    people = class_of("ada", "bob")
    enter(people, "ada", "lab")
    people.gone("ada")

    assert people.left("ada", room_key("lab"), 0.0)[0] == ("left", "lab", who("ada"))


@pytest.mark.parametrize("room", [None, "hall", "seat:abc", "ada", "room", ("room:x",), 7])
def test_the_lessons_own_rooms_are_not_the_classs(room):
    people = class_of("ada")

    assert room_name(room) is None
    assert people.entered("ada", room, 0.0) == people.left("ada", room, 0.0) == []
    assert people.map()["rooms"] == {}


def test_a_nick_on_the_map_is_the_nick_of_now():
    people = class_of("ada")
    enter(people, "ada", "lab")
    people.sockets["ada"].seat.nick = "countess"

    assert people.map()["rooms"]["lab"] == [{"sid": "ada", "nick": "countess"}]


# What is refused


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (None, "room must be a text of 1 to 40 characters"),
        (7, "room must be a text"),
        (True, "room must be a text"),
        ([], "room must be a text"),
        (["lab"], "room must be a text"),
        ({"room": "lab"}, "room must be a text"),
        ("", "not 0"),
        (" \n ", "not 0"),
        ("x" * 41, "not 41"),
        ("x" * 10_000, "not 10000"),
        ("a\nb", "room must stand on one line"),
        ("a\tb", "room must stand on one line"),
        ("\x00", "cannot be shown"),
        ("\u202eabc", "direction"),
        ("bob", "that is a sid: its room is private; whisper to it instead"),
        (" ada ", "that is a sid"),
    ],
)
def test_a_bad_name_gets_its_sentence(value, sentence):
    people = class_of("ada", "bob")
    for ask in (people.name, lambda v: people.may_join("ada", v), lambda v: people.mine("ada", v)):
        with pytest.raises(No, match=sentence):
            ask(value)


def test_a_name_is_compared_in_one_form():
    people = class_of("ada")
    enter(people, "ada", people.may_join("ada", "cafe\u0301"))

    assert people.mine("ada", "  caf\u00e9") == "caf\u00e9"


def test_only_rooms_of_the_speaker_may_be_chosen_each_once():
    people = class_of("ada", "bob")
    enter(people, "ada", "a", "b")

    assert people.chosen("ada", {"room": "a"}) == (["a"], False)
    assert people.chosen("ada", {"rooms": ["b", "a", "b"], "skip_me": True}) == (["b", "a"], True)
    for data, sentence in [
        ({"room": "c"}, "you are not in c"),
        ({"rooms": ["a", "c"]}, "you are not in c"),
        ({}, "either room, or rooms"),
        ({"room": "a", "rooms": ["b"]}, "either room, or rooms"),
        ({"rooms": []}, "1 to 5 names"),
        ({"rooms": ["a"] * 6}, "1 to 5 names"),
        ({"rooms": "a"}, "1 to 5 names"),
        ({"room": "a", "skip_me": 0}, "skip_me must be true or false"),
    ]:
        with pytest.raises(No, match=sentence):
            people.chosen("ada", data)


def test_the_places_have_an_end(monkeypatch):
    monkeypatch.setattr(membership, "PLACES", 3)
    people = class_of("ada", "bob")
    enter(people, "ada", "a", "b")
    enter(people, "bob", "a")

    with pytest.raises(No, match="3 places"):
        people.may_join("bob", "b")
    people.left("ada", room_key("b"), 0.0)
    assert people.may_join("bob", "c") == "c"


# How much is told


def test_what_is_too_much_is_left_to_the_map_which_says_so(monkeypatch):
    monkeypatch.setattr(membership, "TOLD_BURST", 10)
    people = class_of("ada", "bob")
    told = [enter(people, "ada", f"room {n}") for n in range(6)]  # 4 deliveries each

    assert [len(events) for events in told] == [2, 2, 0, 0, 0, 0]
    (_, mapped), *_ = people.news(0.0)
    assert mapped["untold"] == 8 and len(mapped["rooms"]) == 6
    assert len(enter(people, "ada", "later", now=1000.0)) == 2
    assert "untold" not in people.map()


def test_a_class_larger_than_the_burst_may_still_be_spoken_to(monkeypatch):
    monkeypatch.setattr(membership, "SAID_PER_SECOND", 10)
    monkeypatch.setattr(membership, "SAID_BURST", 5)
    people = Membership(No)

    people.may_say(1000, 0.0)  # as much as there ever is
    with pytest.raises(No, match="too much is being said"):
        people.may_say(1, 0.0)
    people.may_say(1, 100.0)


def test_everybody_has_the_newest_map_and_nobody_ten_a_second_too_many():
    people = class_of("ada", "bob")
    first = people.news(0.0)
    enter(people, "ada", "lab")
    times = [
        now for now in range(10, 2010, 10) if enter(people, "bob", f"r{now}") and people.news(now)
    ]
    enter(people, "ada", "the last")
    last = people.news(2100)

    assert first == [(["ada", "bob"], {"rev": 1, "rooms": {}})]
    assert all(b - a >= 100 for a, b in zip(times, times[1:], strict=False))
    assert len(times) >= 18
    assert last[0][0] is None and len(last[0][1]["rooms"]) == 202
    assert not people.waiting()


def test_a_newcomer_gets_the_map_alone():
    people = class_of("ada")
    people.news(0.0)
    people.arrived("bob", seat("bob"))
    people.arrived("eve", seat("eve"))
    people.gone("eve")

    assert [to for to, _ in people.news(200.0)] == [["bob"]]
    assert people.news(400.0) == []


def test_a_large_class_gets_larger_maps_less_often():
    people = class_of(*[f"n{k}" for k in range(300)])
    for k in range(300):
        enter(people, f"n{k}", "one")

    assert 250 <= people.pause() <= 300  # 300 members, 300 listeners: 5.4 MB a map
    assert class_of("ada").pause() == 100


# The model: a dict of sets


class Rooms(RuleBasedStateMachine):
    """Whatever happens, in whatever order: the map is the dict of sets; what is told adds up."""

    def __init__(self):
        super().__init__()
        self.people = Membership(No)
        self.model = {}  # room -> set of sids
        self.present = set()
        self.heard = {}  # the same as model, built from what was told alone
        self.now = 0.0
        self.revs = [0]

    sids = st.sampled_from(["s1", "s2", "s3", "s4"])
    rooms = st.sampled_from(["a", "b", "c"])

    def told(self, events):
        for what, room, who in events:
            if what == "opened":
                assert room not in self.heard
                self.heard[room] = set()
            elif what == "joined":
                assert who["sid"] not in self.heard[room]
                self.heard[room].add(who["sid"])
            elif what == "left":
                self.heard[room].remove(who["sid"])
            else:
                assert self.heard.pop(room) == set()

    @rule(sid=sids)
    def arrive(self, sid):
        if sid not in self.present:
            self.people.arrived(sid, seat(sid))
            self.present.add(sid)

    @rule(sid=sids, room=rooms)
    def enter(self, sid, room):
        self.told(self.people.entered(sid, room_key(room), self.now))
        if sid in self.present:
            self.model.setdefault(room, set()).add(sid)

    @rule(sid=sids, room=rooms)
    def leave(self, sid, room):
        self.told(self.people.left(sid, room_key(room), self.now))
        self.drop(sid, room)

    @precondition(lambda self: self.present)
    @rule(data=st.data())
    def vanish(self, data):
        sid = data.draw(st.sampled_from(sorted(self.present)))
        self.people.gone(sid)
        self.present.discard(sid)
        for room in [room for room, members in self.model.items() if sid in members]:
            self.told(self.people.left(sid, room_key(room), self.now))
            self.drop(sid, room)

    def drop(self, sid, room):
        self.model.get(room, set()).discard(sid)
        if room in self.model and not self.model[room]:
            del self.model[room]

    @rule(ms=st.integers(0, 300))
    def wait(self, ms):
        self.now += ms
        for to, mapped in self.people.news(self.now):
            assert {n: {w["sid"] for w in m} for n, m in mapped["rooms"].items()} == self.model
            assert mapped["rev"] >= self.revs[-1]
            assert to is None or set(to) <= self.present
            self.revs.append(mapped["rev"])

    @invariant()
    def the_lists_agree(self):
        assert self.heard == self.model
        rooms = {n: {m["sid"] for m in ms} for n, ms in self.people.map()["rooms"].items()}
        assert rooms == self.model
        for sid in self.present:
            assert set(self.people.rooms_of(sid)) == {r for r, m in self.model.items() if sid in m}
        assert self.people._places == sum(map(len, self.model.values()))


TestRooms = Rooms.TestCase
TestRooms.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


@given(st.one_of(st.text(max_size=60), st.integers(), st.lists(st.text()), st.none()))
@settings(deadline=None)
def test_any_value_is_a_name_or_refused(value):
    people = class_of("ada")
    try:
        name = people.name(value)
    except No as no:
        assert len(str(no)) > 10
    else:
        assert 1 <= len(name) <= 40 and room_name(room_key(name)) == name
