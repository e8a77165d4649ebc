"""Lesson "lifecycle": how each way of leaving ends, driven by a client that is no browser."""

import contextlib
import json
import time

import pytest

from ...helpers import PATIENCE, Person, RawClient

NS = "/lifecycle"
PING, PONG = 1.0, 2.0  # s, of the quick server; in class 10 and 8


@pytest.fixture
def person(quick):
    """Somebody with a page that watches and with robots that leave."""
    somebody = Person(quick.url)
    yield somebody
    somebody.leave()


class Victim:
    """A socket that leaves, and the page that is told of it."""

    def __init__(self, person, **auth):
        self.page = person.connect(NS)
        self.robot = person.connect(NS, robot=1, **auth)
        self.person, self.reasons = person, []
        self.robot.on("disconnect", self.reasons.append, namespace=NS)
        self.sid = self.robot.get_sid(NS)

    def leave(self, how, seconds=3):
        self.left = self.robot.ask(NS, "leave", {"how": how, "seconds": seconds})
        assert self.left["ok"], self.left
        return self.left["run"]

    def told(self, side="server"):
        mine = {"run": self.left["run"], "side": side}
        return self.page.hear("told", lambda told: mine.items() <= told.items())

    def wait_gone(self):
        deadline = time.monotonic() + PATIENCE
        while self.robot.connected:
            assert time.monotonic() < deadline, "the client never noticed"
            time.sleep(0.01)


# The server's side of each way


@pytest.mark.parametrize(
    ("how", "reason"),
    [("server_goodbye", "server disconnect"), ("cut", "transport close")],
)
def test_a_goodbye_of_the_server_and_a_cut_are_known_at_once(person, how, reason):
    victim = Victim(person)
    victim.leave(how)
    told = victim.told()

    assert told["reason"] == reason
    assert (told["old_sid"], told["new_sid"]) == (victim.sid, None)
    assert told["after_ms"] < 1000
    assert not victim.page.heard("poked")  # it was over before the first one was due


def test_a_hole_that_is_over_before_the_heartbeat_fails_is_noticed_by_nobody(visit):
    """With 10 + 8 s, a hole of one second loses what was sent into it, and that is all."""
    ada = visit()
    victim = Victim(ada)
    run = victim.leave("hole", seconds=1.5)
    lost = victim.page.hear("poked", lambda p: p["run"] == run)
    asked = victim.robot.ask(NS, "try_name", {"name": "ping"})  # read when the hole is over

    assert asked == {"ok": True, "thrown": False}
    assert lost["seq"] == 1
    assert victim.robot.heard("poked") == []
    assert victim.robot.connected and not victim.page.heard("told")
    assert time.time() * 1000 >= victim.left["until"] - 100


@pytest.mark.parametrize(
    ("how", "packet", "reason"),
    [
        ("goodbye", f"41{NS},", "client disconnect"),
        ("reload", None, "transport close"),  # nobody is left to say anything
        ("unknown", '42/nope,["hello",{}]', "transport error"),  # of a namespace it never joined
    ],
)
def test_what_the_client_does_itself_is_known_at_once(quick, person, how, packet, reason):
    page, robot = person.connect(NS), Robot(quick.url, person.token)
    robot.leave(how)
    robot.send(packet) if packet else robot.close()
    told = page.hear("told")
    robot.close()

    assert told["reason"] == reason
    assert told["after_ms"] < 1000


# The client's side, told when it is back


def test_who_comes_back_has_a_new_sid_and_tells_its_own_reason(person):
    victim = Victim(person)
    run = victim.leave("cut")
    victim.told()
    victim.wait_gone()
    report = {"run": run, "reason": "transport close", "after_ms": 61.5}
    again = person.connect(NS, robot=1, left=report)
    server, client = victim.told("server"), victim.told("client")

    assert client["reason"] == "transport close" and client["after_ms"] == 61.5
    assert server["reason"] == "transport close"
    for told in (server, client):
        assert (told["old_sid"], told["new_sid"]) == (victim.sid, again.get_sid(NS))
    assert victim.sid != again.get_sid(NS)


def test_who_comes_back_and_says_nothing_is_told_of_without_a_reason(person):
    victim = Victim(person)
    victim.leave("server_goodbye")
    victim.told()
    again = person.connect(NS, robot=1)
    told = victim.told("client")

    assert (told["reason"], told["after_ms"]) == (None, None)
    assert told["new_sid"] == again.get_sid(NS)


def test_a_report_that_is_none_is_refused_at_the_door(quick, person):
    port = int(quick.url.rsplit(":", 1)[1])
    client = RawClient(port, f"/socket.io/?EIO=4&transport=websocket&seat={person.token}")
    client.hear()
    client.send(f'40{NS},{{"seat":"{person.token}","left":"by the window"}}')

    assert client.hear().startswith(f'44{NS},{{"message":"left must be an object')
    client.close()


def test_a_report_for_somebody_elses_run_tells_nobody_anything(quick, person):
    victim = Victim(person)
    run = victim.leave("cut")
    victim.told()
    eve = Person(quick.url)
    there = eve.connect(NS, robot=1, left={"run": run, "reason": "ping timeout"})
    asked = there.ask(NS, "try_name", {"name": "ping"})

    assert asked["ok"] and there.heard("told") == []
    eve.leave()


# What is refused


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"how": "hole"},
        {"how": "hole", "seconds": 0},
        {"how": "hole", "seconds": 31},
        {"how": "hole", "seconds": "5"},
        {"how": "hole", "seconds": True},
        {"how": "swim", "seconds": 5},
        {"how": ["cut"], "seconds": 5},
        {"how": None, "seconds": 5},
        "hole",
        None,
    ],
)
def test_a_wrong_leave_gets_its_sentence_and_nothing_ends(visit, data):
    ada = visit().connect(NS)
    answer = ada.ask(NS, "leave", data)

    assert answer["ok"] is False and answer["error"]
    assert ada.ask(NS, "try_name", {"name": "x"})["ok"]


def test_who_polls_cannot_be_swallowed_and_hears_why(visit):
    ada = visit().connect(NS, transports=["polling"])

    assert "WebSocket" in ada.ask(NS, "leave", {"how": "hole", "seconds": 2})["error"]
    assert ada.ask(NS, "leave", {"how": "freeze", "seconds": 1})["ok"]


def test_a_socket_leaves_once_at_a_time(visit):
    ada = visit().connect(NS)
    first = ada.ask(NS, "leave", {"how": "freeze", "seconds": 20})
    second = ada.ask(NS, "leave", {"how": "freeze", "seconds": 20})

    assert first["ok"]
    assert "leaving already" in second["error"]


def test_a_seat_has_few_holes_at_once_and_another_seat_has_its_own(live, visit):
    ada, bob = visit(), visit()
    robots = [Robot(live.url, ada.token, number) for number in range(1, 5)]
    fifth, his = ada.connect(NS, robot=5), Robot(live.url, bob.token)
    for robot in robots:
        robot.leave("hole", seconds=5)
    answer = fifth.ask(NS, "leave", {"how": "hole", "seconds": 1})

    assert "at once" in answer["error"]
    assert fifth.ask(NS, "try_name", {"name": "x"})["ok"]
    assert his.leave("hole")["ok"]
    for robot in (*robots, his):
        robot.close()


def test_a_cut_ends_a_hole_before_its_time(live, visit):
    ada = visit()
    robot = Robot(live.url, ada.token)
    robot.leave("hole", seconds=30)
    ada.connect("/missed").ask("/missed", "cut", {"seconds": 1, "how": "cut"})

    assert robot.rest() == []  # the end has come; while the hole lasted nothing would
    robot.close()


# Names


@pytest.mark.parametrize("data", [{}, {"name": ""}, {"name": 7}, {"name": "x" * 65}, "ping", None])
def test_a_wrong_name_gets_its_sentence(visit, data):
    assert visit().connect(NS).ask(NS, "try_name", data)["error"]


def test_a_run_of_the_lesson_waits_for_the_prediction(visit):
    ada = visit()
    line, everyone = ada.connect(NS, robot=1), ada.connect("/class")
    asks = {"how": "freeze", "seconds": 1, "step": "when_noticed"}
    refused = line.ask(NS, "leave", asks)
    everyone.ask("/class", "predict", {"step": "when_noticed", "choice": "heartbeat"})

    assert "lock your prediction" in refused["error"]
    assert line.ask(NS, "leave", asks)["ok"]


# A class in which nobody says goodbye: thirty robots fall into a hole at once, one freezes


class Robot(RawClient):
    """A robot of a seat, packet by packet: it answers no ping."""

    def __init__(self, url, token, number=2):
        query = f"EIO=4&transport=websocket&seat={token}"
        super().__init__(int(url.rsplit(":", 1)[1]), f"/socket.io/?{query}")
        self.hear()  # the open packet
        self.send(f'40{NS},{{"seat":"{token}","robot":{number}}}')
        self.sid = json.loads(self.hear().removeprefix(f"40{NS},"))["sid"]

    def leave(self, how, seconds=1):
        self.send(f'42{NS},0["leave",{{"how":"{how}","seconds":{seconds}}}]')
        while not (answer := self.hear()).startswith(f"43{NS},0"):
            pass
        (ack,) = json.loads(answer.removeprefix(f"43{NS},0"))
        assert ack["ok"], ack
        return ack

    def rest(self):
        """What comes until the server hangs up."""
        heard = []
        with contextlib.suppress(ConnectionError):
            while True:
                heard.append(self.hear())
        return heard


class Silence:
    """What the pages were told, and the robots heard, when nobody could say goodbye."""

    def __init__(self, url):
        self.people = [Person(url) for _ in range(30)]
        self.pages = [person.connect(NS) for person in self.people]
        self.robots = [Robot(url, person.token) for person in self.people]
        frozen = Robot(url, self.people[0].token, number=3)
        self.runs = [robot.leave("hole", seconds=5)["run"] for robot in self.robots]
        run = frozen.leave("freeze", seconds=5)["run"]
        self.beside = self.pages[0].ask(NS, "try_name", {"name": "join"})  # while the hole lasts
        self.poked = self.pages[0].hear("poked", lambda p: p["run"] == self.runs[0])
        self.told = [
            page.hear("told", lambda told, run=run: told["run"] == run)
            for page, run in zip(self.pages, self.runs, strict=True)
        ]
        self.told_of_frozen = self.pages[0].hear("told", lambda told: told["run"] == run)
        self.heard_by_frozen = frozen.rest()  # it wakes only now
        self.heard_in_hole = self.robots[0].rest()
        self.others = [page.heard("told") for page in self.pages]
        for each in (frozen, *self.robots):
            each.close()
        for person in self.people:
            person.leave()


@pytest.fixture(scope="module")
def silence(quick):
    return Silence(quick.url)


def test_nobody_is_told_of_a_hole_until_the_heartbeat_fails(silence):
    after = [told["after_ms"] for told in silence.told]

    assert {told["reason"] for told in silence.told} == {"ping timeout"}
    assert min(after) > 1000 * PONG and max(after) < 1000 * (PING + PONG + 1.5)
    assert silence.heard_in_hole == []  # not one byte, until the hole and the session were over


def test_what_is_sent_into_a_hole_is_addressed_and_never_arrives(silence):
    assert silence.poked["seq"] == 1 and silence.poked["sent_at"] > 0
    assert not [text for text in silence.heard_in_hole if "poked" in text]


def test_a_hole_swallows_no_other_connection_of_the_seat(silence):
    assert silence.beside == {"ok": True, "thrown": False}


def test_each_seat_is_told_of_its_own_robot_and_of_no_other(silence):
    old = [told["old_sid"] for told in silence.told]

    assert old == [robot.sid for robot in silence.robots]
    assert silence.others == [[]] * 30


def test_who_freezes_is_given_up_by_the_server_and_finds_out_when_it_wakes(silence):
    assert silence.told_of_frozen["reason"] == "ping timeout"
    assert "2" in silence.heard_by_frozen  # the ping that nobody answered
    assert any("poked" in text for text in silence.heard_by_frozen)
