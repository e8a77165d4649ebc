"""Lesson "rooms": a room is a list that the server keeps, and it decides who hears an event."""

import socket as sockets
import time

import pytest

from ...helpers import PATIENCE, Client

NS = "/rooms"


class Page:
    """A page or robot as the browser opens it: /rooms and /class on one connection."""

    def __init__(self, person, **auth):
        self.person, self.client = person, Client()
        person._clients.append(self.client)
        self.client.connect(
            person.url,
            namespaces=[NS, "/class"],
            transports=["websocket"],
            auth={"seat": person.token, **auth},
            wait_timeout=PATIENCE,
        )
        self.sid = self.client.get_sid(NS)
        self.hear, self.heard = self.client.hear, self.client.heard

    def ask(self, event, data=None):
        return self.client.ask(NS, event, data)

    def join(self, *rooms):
        for room in rooms:
            answer = self.ask("join", {"room": room})
            assert answer["ok"], answer
        return self

    def confirm(self, said):
        """Report that the handler of this event ran, as a page does."""
        got = [[said["seq"], said["sent_at"] + 5]]
        answer = self.client.ask("/class", "receipt", {"run": said["run"], "got": got})
        assert answer == {"ok": True}

    def texts(self, mark="the end"):
        """Everything said to this socket until now: a whisper to itself marks the end."""
        self.ask("whisper", {"sid": self.sid, "text": mark})
        self.hear("said", lambda s: s["text"] == mark)
        return [said["text"] for said in self.heard("said")]

    def cut(self):
        """Break the connection under the client, without a goodbye."""
        socket = self.client.eio.ws.sock
        socket.shutdown(sockets.SHUT_RDWR)
        self.client.eio.wait()
        socket.close()

    def map(self, where=lambda rooms: True):
        """The next map for which ``where`` holds: ``{room: {sid, …}}``."""
        found = self.hear("mapped", lambda m: where(sids(m)))
        return sids(found)


def sids(mapped):
    return {room: {who["sid"] for who in members} for room, members in mapped["rooms"].items()}


@pytest.fixture
def page(visit):
    """Somebody new opens the lesson: ``ada = page("lab")`` is in lab already."""

    def page(*rooms, url=None, **auth):
        return Page(visit(url), **auth).join(*rooms)

    return page


# Who hears it


def test_every_form_of_an_emit_reaches_those_on_the_list_and_the_verdicts_add_up(start, page):
    url = start().url
    plan = ["a", "a", "a", "a", "ab", "ab", "b", "b", "b", "c", "abc", ""]
    pages = [page(*letters, url=url) for letters in plan]
    speaker = 10  # in all three rooms
    a, b, c = ({i for i, rooms in enumerate(plan) if letter in rooms} for letter in "abc")
    forms = [
        ("say", {"room": "a"}, a),
        ("say", {"room": "a", "skip_me": True}, a - {speaker}),
        ("say", {"room": "b", "skip_me": False}, b),
        ("say", {"rooms": ["b"]}, b),
        ("say", {"rooms": ["a", "b"]}, a | b),
        ("say", {"rooms": ["a", "b", "c", "a"], "skip_me": True}, (a | b | c) - {speaker}),
        ("whisper", {"sid": pages[11].sid}, {11}),
        ("whisper", {"sid": pages[speaker].sid}, {speaker}),
    ]
    answers = []
    for number, (event, where, _) in enumerate(forms):
        answer = pages[speaker].ask(event, {**where, "text": f"form {number}"})
        assert answer["ok"], answer
        answers.append(answer)
    heard = [each.texts() for each in pages]

    for number, (_, _, expected) in enumerate(forms):
        text = f"form {number}"
        got = {i for i, texts in enumerate(heard) if text in texts}
        assert got == expected
        assert all(heard[i].count(text) == 1 for i in got)  # a member of several hears one copy
        assert answers[number]["addressed"] == len(expected)
    assert len({answer["run"] for answer in answers}) == len(forms)

    run = answers[5]["run"]
    quiet = {0, 6}  # pages that do not report
    for i in (a | b | c) - {speaker} - quiet:
        said = next(s for s in pages[i].heard("said") if s["run"] == run)
        pages[i].confirm(said)
    last = pages[speaker].hear("confirmed", lambda r: r["run"] == run and len(r["silent"]) == 2)

    names = {page.sid: i for i, page in enumerate(pages)}
    assert {names[sid] for sid, _ in last["got"]} == (a | b | c) - {speaker} - quiet
    assert {names[sid] for sid in last["silent"]} == quiet
    assert last["missed"] == [] and last["present"] == len(plan)
    assert last["addressed"] == len(last["got"]) + len(last["silent"])


def test_only_members_may_say(page):
    ada, eve = page("mine 1"), page()
    answer = eve.ask("say", {"room": "mine 1", "text": "let me in"})
    several = eve.join("mine 2").ask("say", {"rooms": ["mine 2", "mine 1"], "text": "let me in"})

    assert answer == several == {"ok": False, "error": "you are not in mine 1"}
    assert ada.texts() == [] == eve.texts()


def test_what_is_said_carries_its_run_its_number_and_its_moment(page):
    ada = page("counted")
    answer = ada.ask("say", {"room": "counted", "text": " hello "})
    said = ada.hear("said")

    assert said.pop("sent_at") > 1e12
    assert said == {
        "room": "counted",
        "rooms": ["counted"],
        "who": {"sid": ada.sid, "nick": said["who"]["nick"]},
        "text": "hello",
        "run": answer["run"],
        "seq": 1,
    }


def test_a_whisper_goes_to_the_room_that_each_socket_has_by_itself(page):
    ada, bob, eve = page("w"), page("w"), page("w")
    answer = ada.ask("whisper", {"sid": bob.sid, "text": "only you"})
    said = bob.hear("said")

    assert answer["addressed"] == 1 and said["room"] == bob.sid
    assert eve.texts() == ada.texts() == []


@pytest.mark.parametrize("sid", [None, 7, {}, [], "nobody", "", True, "x" * 10_000])
def test_a_whisper_to_a_stranger_gets_its_sentence(page, sid):
    answer = page().ask("whisper", {"sid": sid, "text": "psst"})

    assert answer == {"ok": False, "error": "sid must be the sid of a socket in this lesson"}


def test_a_whisper_reaches_no_other_namespace_and_no_list_of_sids(page):
    ada, bob = page(), page()
    elsewhere = bob.client.get_sid("/class")
    for sid in (elsewhere, [bob.sid], bob.client.eio.sid, "hall", None):
        assert not ada.ask("whisper", {"sid": sid, "text": "psst"})["ok"]

    assert bob.texts() == []


def test_a_run_of_the_lesson_waits_for_the_prediction(page):
    ada = page("bet")
    say = {"room": "bet", "text": "hi", "skip_me": True, "step": "skip_me"}
    refused = ada.ask("say", say)
    ada.client.ask("/class", "predict", {"step": "skip_me", "choice": "with_me"})

    assert refused == {"ok": False, "error": "lock your prediction for skip_me first, then run"}
    assert ada.ask("say", say) | {"run": ""} == {"ok": True, "run": "", "addressed": 0}


# Which rooms there are


def test_a_room_opens_before_its_first_member_joins_and_closes_after_its_last_has_left(page):
    ada, bob = page(), page()
    rooms = [
        ada.ask("join", {"room": "short life"}),
        ada.ask("join", {"room": "short life"}),  # twice is once
        ada.ask("leave", {"room": "short life"}),
    ]
    ada.texts()
    told = [(n, d) for n, d in ada.client._kept if n in ("opened", "joined", "left", "closed")]
    who = {"sid": ada.sid, "nick": told[1][1]["who"]["nick"]}

    assert [answer["rooms"] for answer in rooms] == [["short life"], ["short life"], []]
    assert [(n, d) for n, d in told if d["room"] == "short life"] == [
        ("opened", {"room": "short life"}),
        ("joined", {"room": "short life", "who": who}),
        ("left", {"room": "short life", "who": who}),
        ("closed", {"room": "short life"}),
    ]
    assert bob.hear("opened", lambda o: o["room"] == "short life")
    assert bob.hear("closed", lambda c: c["room"] == "short life")
    assert not [j for j in bob.heard("joined") if j["room"] == "short life"]


def test_members_hear_who_joins_and_who_leaves(page):
    ada, bob = page("door"), page()
    bob.join("door").ask("leave", {"room": "door"})
    joined = ada.hear("joined", lambda j: j["who"]["sid"] == bob.sid)
    left = ada.hear("left")

    assert joined["room"] == left["room"] == "door"
    assert joined["who"] == left["who"] and set(left["who"]) == {"sid", "nick"}


def test_closing_a_room_takes_everybody_out(page):
    ada, bob, eve = page("gone soon"), page("gone soon"), page()
    refused = eve.ask("close", {"room": "gone soon"})
    closed = ada.ask("close", {"room": "gone soon"})
    eve.hear("closed", lambda c: c["room"] == "gone soon")
    bob.hear("left", lambda left: left["who"]["sid"] == bob.sid)

    assert refused == {"ok": False, "error": "you are not in gone soon"}
    assert closed == {"ok": True, "rooms": []}
    for each in (ada, bob):
        assert not each.ask("say", {"room": "gone soon", "text": "anybody"})["ok"]
    assert "gone soon" not in ada.map(lambda rooms: "gone soon" not in rooms)


def test_who_vanishes_is_gone_at_once_and_nothing_comes_back_by_itself(page):
    ada, bob = page("home"), page("home", "alone")
    ada.map(lambda rooms: rooms.get("alone") == {bob.sid})
    began = time.monotonic()
    bob.cut()
    left = ada.hear("left", lambda left: left["who"]["sid"] == bob.sid)
    ada.hear("closed", lambda c: c["room"] == "alone")
    seen = ada.map(lambda rooms: rooms.get("home") == {ada.sid})
    took = time.monotonic() - began
    again = Page(bob.person)
    answer = again.ask("say", {"room": "home", "text": "am I still in?"})

    assert left["room"] == "home" and "alone" not in seen
    assert took < 1
    assert again.sid != bob.sid
    assert answer == {"ok": False, "error": "you are not in home"}


def test_a_goodbye_to_the_namespace_empties_the_rooms_too(page):
    ada, bob = page("bye"), page("bye")
    bob.client.disconnect()

    assert ada.hear("left")["who"]["sid"] == bob.sid


def test_a_client_is_in_20_rooms_at_most(page):
    ada = page(*[f"many {n}" for n in range(20)])
    answer = ada.ask("join", {"room": "one more"})
    again = ada.ask("join", {"room": "many 3"})

    assert answer == {"ok": False, "error": "you are in 20 rooms already: leave one first"}
    assert again["ok"] and len(again["rooms"]) == 20


def test_there_are_200_rooms_at_most(start, page):
    url = start().url
    for k in range(10):
        page(*[f"{k} {n}" for n in range(20)], url=url)
    ada = page(url=url)
    answer = ada.ask("join", {"room": "201"})

    assert answer == {"ok": False, "error": "there are 200 rooms already: join one of them"}
    assert ada.ask("join", {"room": "3 3"})["ok"]


BAD_ROOMS = {
    "null": None,
    "an empty list": [],
    "a list": ["lobby"],
    "a number": 7,
    "true": True,
    "an object": {"room": "lobby"},
    "nothing": "",
    "blanks": "   ",
    "two lines": "lob\nby",
    "a turning mark": "\u202eybbol",
    "10,000 characters": "x" * 10_000,
    "another's sid": "SID",
}


@pytest.mark.parametrize("event", ["join", "leave", "say", "say to several", "close"])
def test_a_bad_room_of_any_event_gets_its_sentence_and_nobody_hears_anything(page, event):
    ada, eve = page("lobby"), page("lobby")
    before = eve.map(lambda rooms: rooms.get("lobby") == {ada.sid, eve.sid})
    for name, value in BAD_ROOMS.items():
        value = ada.sid if value == "SID" else value
        data = {"rooms": [value]} if event == "say to several" else {"room": value}
        answer = eve.ask(event.split()[0], {**data, "text": "boo"})

        assert answer["ok"] is False, name
        assert len(answer["error"]) > 10 and "mistake" not in answer["error"], (name, answer)
    for rooms in (None, [], "lobby", {}, 5, ["lobby"] * 6, [["lobby"]], [None, "lobby"]):
        assert not eve.ask("say", {"rooms": rooms, "text": "boo"})["ok"], rooms
    for data in ({"text": "boo"}, {"room": "lobby", "rooms": ["lobby"], "text": "boo"}):
        assert not eve.ask("say", data)["ok"], data
    for more in (
        {"text": ""},
        {"text": 5},
        {"skip_me": 1, "text": "boo"},
        {"skip_me": "no", "text": "boo"},
    ):
        assert not eve.ask("say", {"room": "lobby"} | more)["ok"], more

    assert ada.texts() == eve.texts() == []
    assert before["lobby"] == {ada.sid, eve.sid}
    assert not [left for left in ada.heard("left") if left["who"]["sid"] in (ada.sid, eve.sid)]
    assert ada.ask("join", {"room": "lobby"})["rooms"] == ["lobby"]


def test_the_lessons_own_rooms_cannot_be_entered_by_their_names(page):
    ada, eve = page("ours"), page()
    seat = ada.client.ask("/class", "take_seat", {})["seat"]
    eve.join("hall", f"seat:{seat}", "room:ours", "None")
    said = ada.ask("say", {"room": "ours", "text": "hello"})
    ada.hear("confirmed", lambda r: r["run"] == said["run"])
    mine = eve.ask("say", {"room": "hall", "text": "hello, lesson"})["run"]
    eve.hear("confirmed", lambda r: r["run"] == mine)

    assert ada.texts() == ["hello"]
    assert eve.texts() == ["hello, lesson"]
    assert {r["run"] for r in eve.heard("confirmed")} <= {mine}
    assert "room:ours" in eve.map(lambda rooms: "room:ours" in rooms)


# The map


def test_the_map_comes_unasked_and_says_who_is_a_robot(page):
    ada = page("seen")
    robot = Page(ada.person, robot=3).join("seen")
    bob = page()
    mapped = bob.hear("mapped", lambda m: len(m["rooms"].get("seen", [])) == 2)
    nick = mapped["rooms"]["seen"][0]["nick"]

    assert mapped["rooms"]["seen"] == [
        {"sid": ada.sid, "nick": nick},
        {"sid": robot.sid, "nick": nick, "robot": 3},
    ]


def test_however_much_happens_the_map_comes_at_most_ten_times_a_second(page):
    ada, bob, eve = page(), page(), page()
    eve.texts()
    before = len(eve.heard("mapped"))
    began = time.monotonic()
    for _ in range(15):  # 60 changes, by two clients
        for each in (ada, bob):
            each.join("revolving")
            each.ask("leave", {"room": "revolving"})
    last = ada.join("revolving").ask("join", {"room": "stands still"})
    seen = eve.map(lambda rooms: "stands still" in rooms)
    took = time.monotonic() - began
    revs = [m["rev"] for m in eve.heard("mapped")]

    assert last["ok"] and seen["revolving"] == {ada.sid}
    assert len(revs) - before <= took * 10 + 2
    assert revs == sorted(set(revs))


# Who confirms it


def test_each_tab_and_each_robot_confirms_for_itself(page):
    ada = page("tabs")
    tab, robot = Page(ada.person).join("tabs"), Page(ada.person, robot=1).join("tabs")
    run = ada.ask("say", {"room": "tabs", "text": "who is there?"})["run"]
    for each in (tab, robot):
        each.confirm(each.hear("said", lambda s: s["run"] == run))
    report = ada.hear("confirmed", lambda r: r["run"] == run and len(r["got"]) == 2)
    last = ada.hear("confirmed", lambda r: r["run"] == run and r["silent"])

    assert {sid for sid, _ in report["got"]} == {tab.sid, robot.sid}
    assert all(ms == 5 for _, ms in report["got"])
    assert last["silent"] == [ada.sid] and last["addressed"] == 3
    assert tab.hear("confirmed", lambda r: r["run"] == run)  # the seat's pages, all of them
    assert not robot.heard("confirmed")


def test_nobody_can_confirm_for_another(page):
    ada, bob, eve = page("trust"), page("trust"), page()
    ada.ask("say", {"room": "trust", "text": "who hears?", "skip_me": True})
    said = bob.hear("said")
    eve.confirm(said)  # accepted as any receipt is, and counted for nobody
    bob.confirm(said)
    report = ada.hear("confirmed", lambda r: r["got"])

    assert [sid for sid, _ in report["got"]] == [bob.sid]
    assert not eve.heard("confirmed")


def test_a_page_outside_of_the_room_sees_who_was_addressed_and_never_the_words(page):
    ada, bob, eve = page("seen from outside"), page("seen from outside"), page()
    tab, words = Page(ada.person), "for the room alone"
    run = ada.ask("say", {"room": "seen from outside", "text": words, "skip_me": True})["run"]
    bob.confirm(bob.hear("said"))
    lit = eve.hear("lit", lambda r: r["run"] == run and r["got"])
    whispered = bob.ask("whisper", {"sid": ada.sid, "text": "for you alone"})["run"]
    bob.hear("confirmed", lambda r: r["run"] == whispered)
    eve.texts()

    assert lit["who"]["sid"] == ada.sid and lit["rooms"] == ["seen from outside"]
    assert (lit["addressed"], lit["got"]) == (1, [[bob.sid, 5.0]])
    assert words not in str(lit)
    assert not [r for r in eve.heard("lit") if r["run"] == whispered]
    assert not ada.heard("lit") and not tab.heard("lit")  # these have "confirmed"


def test_a_program_with_a_connection_for_each_namespace_confirms_for_its_seat(page, visit):
    ada, bob = page("script"), visit()
    socket, everyone = bob.connect(NS), bob.connect("/class")
    assert socket.ask(NS, "join", {"room": "script"})["ok"]
    ada.ask("say", {"room": "script", "text": "hello", "skip_me": True})
    said = socket.hear("said")
    everyone.ask("/class", "receipt", {"run": said["run"], "got": [[1, said["sent_at"]]]})
    report = ada.hear("confirmed", lambda r: r["got"])

    assert report["got"] == [[socket.get_sid(NS), 0.0]]


def test_who_is_cut_before_confirming_has_missed_it(page):
    ada, bob = page("cut off"), page("cut off")
    run = ada.ask("say", {"room": "cut off", "text": "quick", "skip_me": True})["run"]
    bob.cut()
    report = ada.hear("confirmed", lambda r: r["missed"])

    assert report["run"] == run
    assert report["missed"] == [bob.sid] and report["silent"] == report["got"] == []
