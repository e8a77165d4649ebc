"""The namespace /rooms as it is, against a dict of sets: whatever happens, in whatever order.

The handlers are the real ones, called by Flask-SocketIO's own test client; the transport is
not part of this. Hypothesis connects, joins, leaves, closes, speaks and vanishes. From what each
socket was told alone a picture is drawn, and it must be the model's.
"""

import sys

import gevent
import pytest
from flask import request
from flask_socketio import emit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

import app
from socketlab.classroom.verdicts import TrackedRuns
from socketlab.lessons import base
from socketlab.lessons.base import EVERYONE
from socketlab.lessons.rooms import handlers, room_map
from socketlab.lessons.rooms.handlers import Rooms

from ... import helpers

NS = "/rooms"
ROOMS_EACH, ROOMS, PLACES = 3, 4, 7
NAMES = ["lab", "café", "3", "a room", "yard"]
SEATS = ["ada", "bob", "eve"]


AT_ANY_PACE = {"EVENTS_PER_SECOND_PER_SEAT": 10**9, "EVENTS_PER_SECOND_OF_ALL": 10**9}


class School:
    """One app without a server, its clock in our hand, and sockets that speak to /rooms."""

    def __init__(self, folder):
        self.app = app.create_app({"DATA": folder} | AT_ANY_PACE)
        self.socketio, self.here = (self.app.extensions[n] for n in ("socketio", "socketlab"))
        self.ms = 1_000_000.0
        self.here.now = lambda: self.ms
        self.socketio.sleep = lambda seconds: gevent.sleep(0)  # as long as the clock says
        self.lesson = self.socketio.server.namespace_handlers[NS]
        self.seats = [self.here.seats.take(nick) for nick in SEATS]

    def wait(self, ms):
        """Time goes by; what tells again and again has its turn."""
        self.ms += ms
        for _ in range(3):
            gevent.sleep(0)

    def socket(self, seat, robot=0):
        return Socket(self, self.seats[seat], robot)

    def empty(self):
        """What a broken lesson has left behind is no other one's fault."""
        self.lesson.map, self.lesson.runs = room_map.RoomMap(), TrackedRuns()
        self.here.sockets.clear()
        self.socketio.server.manager.rooms.pop(NS, None)

    def close(self):
        self.here.close()


class Socket:
    """One socket of a seat, and the picture that it draws from what it is told."""

    def __init__(self, school, seat, robot):
        self.school, self.seat = school, seat
        auth = {"seat": seat.token} | ({"robot": robot} if robot else {})
        self.client = school.socketio.test_client(school.app, namespace=NS, auth=auth)
        self.sid = school.socketio.server.manager.sid_from_eio_sid(self.client.eio_sid, NS)
        self.entry = {"sid": self.sid, "nick": seat.nick} | ({"robot": robot} if robot else {})
        self.there = set()  # rooms
        self.mine = {}  # room -> sids, of the rooms that this socket is in
        self.left = {}  # the same of one that is closed just now: all hear of all who leave
        self.maps, self.said = [], []

    def ask(self, event, **data):
        return self.client.emit(event, data, namespace=NS, callback=True)

    def vanish(self, goodbye):
        """The tab is closed, with a word or without."""
        server = self.school.socketio.server
        if goodbye:
            self.client.disconnect(NS)
        server._handle_eio_disconnect(self.client.eio_sid, server.reason.TRANSPORT_CLOSE)
        server.environ.pop(self.client.eio_sid, None)
        self.client.clients.pop(self.client.eio_sid)

    def listen(self, members):
        """Draw what came since the last time; ``members`` were there when this socket joined."""
        queue, self.client.queue, self.left = self.client.queue, [], {}
        for packet in queue:
            (told,) = packet["args"]
            getattr(self, f"on_{packet['name']}", self.maps.append)(told, members)

    def on_opened(self, told, members):
        assert told["room"] not in self.there, "opened twice"
        self.there.add(told["room"])

    def on_closed(self, told, members):
        assert told["room"] in self.there, "closed and not there"
        assert told["room"] not in self.mine, "closed with members"
        assert not self.left.get(told["room"]), "closed, and not all were told to have left"
        self.there.remove(told["room"])

    def on_joined(self, told, members):
        room, sid = told["room"], told["who"]["sid"]
        assert room in self.there, "joined before it was opened"
        if sid == self.sid:
            assert room not in self.mine, "joined twice"
            self.mine[room] = members[room] - {sid}
        assert sid not in self.mine.get(room, [sid]), "joined twice, or told to a stranger"
        self.mine[room].add(sid)

    def on_left(self, told, members):
        room, sid = told["room"], told["who"]["sid"]
        members = self.mine.get(room, self.left.get(room, set()))
        assert sid in members, "left and was not in"
        members.remove(sid)
        if sid == self.sid:
            self.left[room] = self.mine.pop(room)

    def on_said(self, told, members):
        self.said.append(told)

    def on_mapped(self, told, members):
        assert not self.maps or told["rev"] > self.maps[-1]["rev"], "an old map after a new one"
        self.maps.append(told)

    def on_confirmed(self, told, members):
        pass

    def on_lit(self, told, members):
        assert "text" not in told, "the words are for the members"


class Model(RuleBasedStateMachine):
    """``rooms`` is what is true: a dict of sets of sids."""

    school = None

    def __init__(self):
        super().__init__()
        self.school.empty()
        self.rooms, self.sockets, self.rev = {}, {}, 0

    def draw_socket(self, data):
        number = data.draw(st.integers(0, len(self.sockets) - 1), "socket number")
        return list(self.sockets.values())[number]

    def of(self, sid):
        return sorted(room for room, members in self.rooms.items() if sid in members)

    # Who comes and goes

    @initialize()
    def the_first(self):
        self.connect(0, 0)

    @rule(seat=st.integers(0, 2), robot=st.sampled_from([0, 0, 1]))
    def connect(self, seat, robot):
        if len(self.sockets) < 5:
            one = self.school.socket(seat, robot)
            one.there = set(self.rooms)  # what a newcomer reads off its first map
            self.sockets[one.sid] = one

    @rule(seat=st.sampled_from(["", "seat.forged", None, 7]))
    def be_refused(self, seat):
        client = self.school.socketio.test_client(
            self.school.app, namespace=NS, auth={"seat": seat}
        )
        assert not client.is_connected(NS) and not client.queue
        self.school.socketio.server.environ.pop(client.eio_sid, None)
        client.clients.pop(client.eio_sid)

    @precondition(lambda self: self.sockets)
    @rule(data=st.data(), goodbye=st.booleans())
    def vanish(self, data, goodbye):
        one = self.draw_socket(data)
        self.hear_all()
        del self.sockets[one.sid]
        for room in self.of(one.sid):
            self.drop(one.sid, room)
        one.vanish(goodbye)

    # Lists

    @precondition(lambda self: self.sockets)
    @rule(data=st.data(), room=st.sampled_from(NAMES))
    def join(self, data, room):
        one = self.draw_socket(data)
        before = {name: set(sids) for name, sids in self.rooms.items()}
        answer, no = one.ask("join", room=f" {room} "), self.why_not(one.sid, room)
        if no:
            assert no in answer.get("error", ""), "refused where it is full"
        else:
            self.rooms.setdefault(room, set()).add(one.sid)
            assert answer == {"ok": True, "rooms": self.of(one.sid)}
        self.hear_all(before | {room: before.get(room, set())})

    def why_not(self, sid, room):
        if sid in self.rooms.get(room, ()):
            return None
        if len(self.of(sid)) >= ROOMS_EACH:
            return f"you are in {ROOMS_EACH} rooms already"
        if room not in self.rooms and len(self.rooms) >= ROOMS:
            return f"there are {ROOMS} rooms already"
        if sum(map(len, self.rooms.values())) >= PLACES:
            return f"{PLACES} places, and all are taken"
        return None

    @precondition(lambda self: self.sockets)
    @rule(data=st.data(), room=st.sampled_from(NAMES), event=st.sampled_from(["leave", "close"]))
    def leave(self, data, room, event):
        one = self.draw_socket(data)
        answer, inside = one.ask(event, room=room), one.sid in self.rooms.get(room, ())
        if not inside:
            assert answer == {"ok": False, "error": f"you are not in {room}"}
            return
        for sid in [one.sid] if event == "leave" else list(self.rooms[room]):
            self.drop(sid, room)
        assert answer == {"ok": True, "rooms": self.of(one.sid)}

    def drop(self, sid, room):
        self.rooms[room].remove(sid)
        if not self.rooms[room]:
            del self.rooms[room]

    @precondition(lambda self: self.sockets)
    @rule(data=st.data(), room=st.sampled_from(["", "x" * 41, "a\nb", None, 7, "a sid"]))
    def name_it_wrongly(self, data, room):
        one = self.draw_socket(data)
        for event in ("join", "leave", "close", "say"):
            answer = one.ask(event, room=one.sid if room == "a sid" else room, text="hello")
            assert not answer["ok"] and len(answer["error"]) > 10

    # Speaking

    @precondition(lambda self: self.rooms)
    @rule(data=st.data(), skip_me=st.booleans(), anywhere=st.booleans())
    def say(self, data, skip_me, anywhere):
        one = self.draw_socket(data)
        choices = NAMES if anywhere else self.of(one.sid) or NAMES
        rooms = data.draw(st.lists(st.sampled_from(choices), min_size=1, max_size=4), "rooms")
        answer = one.ask("say", rooms=rooms, text="hello", skip_me=skip_me)
        strange = [room for room in rooms if room not in self.of(one.sid)]
        if strange:
            assert answer == {"ok": False, "error": f"you are not in {strange[0]}"}
            return
        heard_by = set().union(*(self.rooms[room] for room in rooms))
        self.is_heard(answer, heard_by - ({one.sid} if skip_me else set()))

    @precondition(lambda self: self.sockets)
    @rule(data=st.data())
    def whisper(self, data):
        one, other = self.draw_socket(data), self.draw_socket(data)
        self.is_heard(one.ask("whisper", sid=other.sid, text="psst"), {other.sid})

    def is_heard(self, answer, heard_by):
        assert answer["ok"] and answer["addressed"] == len(heard_by), "addressed are all who hear"
        self.hear_all()
        for sid, one in self.sockets.items():
            copies = [said["run"] for said in one.said].count(answer["run"])
            assert copies == (sid in heard_by), "each who is addressed has one copy"

    # What was told

    @rule(ms=st.sampled_from([0, 50, 500]))
    def wait(self, ms):
        self.school.wait(ms)
        self.hear_all()
        if ms == 500:  # much longer than between two maps
            entry = {sid: one.entry for sid, one in self.sockets.items()}
            truth = {room: {sid: entry[sid] for sid in sids} for room, sids in self.rooms.items()}
            for one in self.sockets.values():
                newest = one.maps[-1]["rooms"]
                told = {room: {who["sid"]: who for who in newest[room]} for room in newest}
                assert told == truth, "everybody has the newest map"
                assert "untold" not in one.maps[-1], "and was told of every change"

    def hear_all(self, members=None):
        for one in self.sockets.values():
            one.listen(members or self.rooms)

    @invariant()
    def what_was_told_adds_up(self):
        self.hear_all()
        for sid, one in self.sockets.items():
            assert one.there == set(self.rooms), "opened and closed add up"
            inside = {room: self.rooms[room] for room in self.of(sid)}
            assert one.mine == inside, "joined and left add up"

    @invariant()
    def the_map_is_the_dict_of_sets(self):
        lesson = self.school.lesson
        found = lesson.map.map(lesson.members)
        sids = {room: [who["sid"] for who in members] for room, members in found["rooms"].items()}
        truth = {room: sorted(members) for room, members in self.rooms.items()}
        assert {room: sorted(sids[room]) for room in sids} == truth, "the map is what is true"
        assert found["rev"] >= self.rev, "rev only grows"
        self.rev = found["rev"]

    def teardown(self):
        for one in self.sockets.values():
            one.vanish(goodbye=True)
        self.school.wait(5000)
        if sys.exception() is None:  # otherwise something is broken already
            self.nothing_is_left_behind()

    def nothing_is_left_behind(self):
        lesson, server = self.school.lesson, self.school.socketio.server
        left = [lesson.map.sockets, lesson.map.rooms, self.school.here.sockets, server.environ]
        assert not any(left) and not server.manager.rooms.get(NS), "nothing is left behind"
        assert not lesson._telling, "nobody is told any more"


@pytest.fixture
def school(tmp_path, monkeypatch):
    """The app, with so few places that they are all taken soon."""
    for name, most in [("ROOMS_EACH", ROOMS_EACH), ("ROOMS", ROOMS), ("PLACES", PLACES)]:
        monkeypatch.setattr(room_map, name, most)
    school = School(tmp_path)
    yield school
    school.close()


def explore(school, examples):
    helpers.explore(type("Machine", (Model,), {"school": school}), examples, steps=40)


def test_whatever_happens_the_lists_and_what_is_told_of_them_agree(school):
    explore(school, examples=50)


# Wrong in one point each


def closes_nothing(patch):
    patch(Rooms, "close_if_empty", lambda self, room: None)


def forgets_to_tell_who_left(patch):
    right = Rooms.announce
    patch(Rooms, "announce", lambda self, event, *to: event != "left" and right(self, event, *to))


def lets_go_of_nothing(patch):
    patch(room_map.RoomMap, "gone", lambda self, sid: None)


def tells_an_old_map(patch):
    right, told = room_map.RoomMap.map, {}
    patch(room_map.RoomMap, "map", lambda *asked: told.setdefault("first", right(*asked)))


def takes_its_rooms_along(patch):
    """Who vanishes is off the lists, and nobody hears of it."""

    def on_disconnect(self, reason):
        self.map.gone(request.sid)
        base.LessonNamespace.on_disconnect(self, reason)

    patch(Rooms, "on_disconnect", on_disconnect)


def counts_the_speaker_always(patch):
    right = Rooms.send
    patch(Rooms, "send", lambda self, data, to, skip_me=False: right(self, data, to))


def sends_a_copy_for_each_room(patch):
    def emit_to_each(event, data, to, **options):
        for room in to:
            emit(event, data, to=room, **options)

    patch(handlers, "emit", emit_to_each)


def tells_everybody_what_is_said(patch):
    patch(handlers, "emit", lambda event, data, to, **options: emit(event, data, to=EVERYONE))


def joins_what_is_full(patch):
    patch(room_map.RoomMap, "check_join", lambda *_: None)


@pytest.mark.parametrize(
    ("goes_wrong", "broken"),
    [
        (closes_nothing, "opened and closed add up|the map is what is true"),
        (forgets_to_tell_who_left, "joined and left add up|nothing is left"),
        (lets_go_of_nothing, "nothing is left behind"),
        (tells_an_old_map, "the map is what is true|an old map"),
        (takes_its_rooms_along, "add up|the map is what is true"),
        (counts_the_speaker_always, "addressed are all who hear|one copy"),
        (sends_a_copy_for_each_room, "one copy"),
        (tells_everybody_what_is_said, "one copy"),
        (joins_what_is_full, "refused where it is full"),
    ],
)
def test_a_wrong_lesson_is_caught(goes_wrong, broken, school, monkeypatch):
    with monkeypatch.context() as patched, pytest.raises(AssertionError, match=broken):
        goes_wrong(patched.setattr)
        explore(school, examples=helpers.MOST_EXAMPLES)


# The names of rooms


@pytest.fixture(scope="module")
def quiet_school(tmp_path_factory):
    school = School(tmp_path_factory.mktemp("names"))
    yield school
    school.close()


@pytest.fixture
def ada(quiet_school):
    """A socket in room ada, the only one."""
    ada = quiet_school.socket(0)
    assert ada.ask("join", room="ada")["ok"]
    yield ada
    ada.vanish(goodbye=True)


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
        (EVERYONE, "cannot be shown"),
        ("\u202eabc", "direction"),
        ("{sid}", "that is a sid: its room is private; whisper to it instead"),
        (" {sid} ", "that is a sid"),
    ],
)
def test_a_bad_name_gets_its_sentence(value, sentence, ada):
    if isinstance(value, str):
        value = value.replace("{sid}", ada.sid)
    for event in ("join", "leave", "close", "say"):
        answer = ada.ask(event, room=value, text="hello")

        assert not answer["ok"] and sentence in answer["error"], event
    assert ada.ask("join", room="ada")["rooms"] == ["ada"]


def test_a_room_without_a_name_is_refused(ada):
    assert "room must be a text" in ada.ask("join")["error"]


def test_a_name_is_compared_in_one_form(ada):
    assert ada.ask("join", room="cafe\u0301")["rooms"] == ["ada", "caf\u00e9"]
    assert ada.ask("join", room="  caf\u00e9")["rooms"] == ["ada", "caf\u00e9"]
    assert ada.ask("say", room="caf\u00e9 ", text="hello")["addressed"] == 1
    assert ada.ask("leave", room="cafe\u0301")["rooms"] == ["ada"]


WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)  # no other number is let through


@given(st.one_of(st.text(max_size=60), WHOLE, st.lists(st.text()), st.none()))
@settings(suppress_health_check=list(HealthCheck))
def test_any_value_is_a_name_or_refused(ada, value):
    answer = ada.ask("join", room=value)
    if not answer["ok"]:
        assert len(answer["error"]) > 10
        return
    (name,) = set(answer["rooms"]) - {"ada"} or {"ada"}
    assert 1 <= len(name) <= 40 and name == name.strip()
    if name != "ada":
        assert ada.ask("leave", room=value)["rooms"] == ["ada"]
