"""Lesson "emit": who receives each of its lines, on the real server, by a foreign client."""

import re

import pytest
import requests

from socketlab.lessons.emit.handlers import LINES

from ...classroom.crowd import SECRET, Crowd, tokens
from ...helpers import PATIENCE, ROOT, Client

NS, UPSTAIRS, STEP = "/emit", "/upstairs", "who_lights"
TEMPLATE = (ROOT / "templates/lessons/emit.html").read_text("utf-8")


class Socket:
    """A page or robot: one of the lesson's namespaces and /class, on one connection."""

    def __init__(self, person, namespace=NS, **auth):
        self.client, self.namespace = Client(), namespace
        person._clients.append(self.client)
        self.client.connect(
            person.url,
            namespaces=[namespace, "/class"],
            transports=["websocket"],
            auth={"seat": person.token, **auth},
            wait_timeout=PATIENCE,
        )
        self.sid = self.client.get_sid(namespace)
        self.hear, self.heard = self.client.hear, self.client.heard

    def fire(self, line, **more):
        return self.client.ask(NS, "fire", {"line": line, **more})

    def confirm(self, heard):
        got = [[heard["seq"], heard["sent_at"] + 5]]
        assert self.client.ask("/class", "receipt", {"run": heard["run"], "got": got})["ok"]


@pytest.fixture
def scene(start, visit):
    """One in each place: "lab", "both", "hall", "none", and one upstairs; all in one class."""
    url = start().url
    ada, bob = visit(url), visit(url)
    sockets = {"lab": Socket(ada), "both": Socket(bob)}
    sockets |= {"hall": Socket(bob, robot=1), "none": Socket(bob, robot=2)}
    return sockets | {"upstairs": Socket(bob, UPSTAIRS, robot=3)}


ALL = {"lab", "both", "hall", "none"}
RECEIVERS = {  # of a line that "lab" fires; its neighbour is "both"
    "reply": {"lab"},
    "broadcast": ALL,
    "not_me": ALL - {"lab"},
    "room": {"lab", "both"},
    "room_not_me": {"both"},
    "rooms": {"lab", "both", "hall"},
    "one": {"both"},
    "not_one": ALL - {"both"},
    "namespace": {"upstairs"},
    "callback": {"both"},
    "send": ALL,
    "outside": ALL,
}


def test_each_of_the_twelve_lines_reaches_exactly_whom_it_says(scene):
    acks = {line: scene["lab"].fire(line) for line in RECEIVERS}
    last = {
        name: scene["lab"].fire("one", sid=socket.sid)
        for name, socket in scene.items()
        if name != "upstairs"
    }
    for name, ack in last.items():  # behind all others in the order of one connection
        scene[name].hear("heard", lambda heard, run=ack["run"]: heard["run"] == run)
    events = {"send": "message"}
    got = {
        line: [
            name
            for name, socket in scene.items()
            for heard in socket.heard(events.get(line, "heard"))
            if heard["run"] == acks[line]["run"]
        ]
        for line in RECEIVERS
        if line != "namespace"
    }
    upstairs = scene["upstairs"].hear("heard")

    assert set(RECEIVERS) == set(LINES) and len(LINES) == 12
    assert {line: set(names) for line, names in got.items()} == {
        line: names for line, names in RECEIVERS.items() if line != "namespace"
    }
    assert all(len(names) == len(set(names)) for names in got.values())  # one copy each
    assert upstairs["run"] == acks["namespace"]["run"] and not scene["upstairs"].heard("heard")
    assert {line: ack["addressed"] for line, ack in acks.items()} == {
        line: len(names) for line, names in RECEIVERS.items()
    }
    assert set(upstairs) == {"run", "seq", "sent_at", "line", "text"}
    assert (upstairs["seq"], upstairs["line"]) == (1, "namespace")


def test_the_code_that_is_shown_is_the_line_that_runs():
    lines = (ROOT / "socketlab/lessons/emit/handlers.py").read_text("utf-8").splitlines()
    shown = re.findall(r'^  \("(\w+)", (?:"[^"]+"|\'[^\']+\'), \'(.+?)\', ', TEMPLATE, re.MULTILINE)

    assert dict(shown) == {line: about["code"] for line, about in LINES.items()}
    for about in LINES.values():
        assert lines[about["at"] - 1].strip() == about["code"]
        assert lines[about["at"] - 2].strip().startswith("def line_")


def test_the_acknowledgement_tells_the_line(scene):
    ack = scene["lab"].fire("reply")

    assert ack["ok"] and ack["addressed"] == 1
    assert (ack["code"], ack["at"]) == (LINES["reply"]["code"], LINES["reply"]["at"])


def test_addressed_is_confirmed_and_silent(scene):
    ack = scene["lab"].fire("outside")
    for name in ("lab", "both", "none"):
        mine = scene[name].hear("heard", lambda heard: heard["run"] == ack["run"])
        scene[name].confirm(mine)
    last = scene["lab"].hear("confirmed", lambda told: told["silent"])

    assert (last["run"], last["addressed"], last["missed"]) == (ack["run"], 4, [])
    assert {sid for sid, _ in last["got"]} == {scene[n].sid for n in ("lab", "both", "none")}
    assert last["silent"] == [scene["hall"].sid]
    assert scene["both"].heard("confirmed") == []  # they are the sender's


def test_a_receipt_from_upstairs_counts_for_upstairs(scene):
    ack = scene["lab"].fire("namespace")
    scene["upstairs"].confirm(scene["upstairs"].hear("heard"))
    last = scene["lab"].hear("confirmed", lambda told: told["got"])

    assert (last["run"], last["got"][0][0]) == (ack["run"], scene["upstairs"].sid)


def test_a_callback_runs_when_the_receiver_has_acknowledged(scene):
    run = []

    def acknowledge(heard):
        run.append(heard["run"])
        return {"run": heard["run"]}

    scene["both"].client.on("heard", acknowledge, namespace=NS)
    ack = scene["lab"].fire("callback")
    answered = scene["lab"].hear("answered")

    assert answered == {"run": ack["run"]} and run == [ack["run"]]


def test_an_acknowledgement_with_rubbish_is_let_pass(scene):
    answers = [None, 7, ["x"], {"run": 7}, {}, {"run": "the last"}]
    fires = len(answers)
    scene["both"].client.on("heard", lambda heard: answers.pop(0), namespace=NS)
    acks = [scene["lab"].fire("callback") for _ in range(fires)]

    assert all(ack["ok"] for ack in acks)
    assert scene["lab"].hear("answered") == {"run": "the last"}
    assert scene["lab"].fire("reply")["ok"] and scene["lab"].heard("answered") == []


def test_the_server_says_where_each_dot_is(scene):
    placed = scene["lab"].hear("placed", lambda told: len(told["dots"]) == 5)
    dots = {dot["sid"]: dot for dot in placed["dots"]}

    assert {name: dots[scene[name].sid]["rooms"] for name in ("lab", "both", "hall", "none")} == {
        "lab": ["lab"],
        "both": ["lab", "hall"],
        "hall": ["hall"],
        "none": [],
    }
    assert dots[scene["upstairs"].sid]["namespace"] == UPSTAIRS
    assert (placed["seats"], placed["more"]) == (2, 0)
    scene["none"].client.disconnect()
    scene["lab"].hear("placed", lambda told: len(told["dots"]) == 4)


@pytest.mark.parametrize(
    "data",
    [{}, {"line": 1}, {"line": "init"}, {"line": "line_reply"}, {"line": ["reply"]}, {"line": None}]
    + [{"line": "one", "sid": sid} for sid in ("nobody", 7, None, "lab", ["x"])],
)
def test_a_wrong_line_gets_its_sentence(visit, data):
    answer = visit().connect(NS).ask(NS, "fire", data)

    assert answer["ok"] is False and re.search("line|sid", answer["error"])


def test_a_run_of_the_lesson_waits_for_the_prediction(visit):
    ada = visit()
    line, everyone = ada.connect(NS), ada.connect("/class")
    run = {"line": "reply", "step": STEP}
    refused = line.ask(NS, "fire", run)
    everyone.ask("/class", "predict", {"step": STEP, "choice": "me"})

    assert "lock your prediction" in refused["error"]
    assert line.ask(NS, "fire", run)["addressed"] == 1


# The doorbell


def ring(person, token=None, **more):
    seat = f"?seat={token}" if token else ""
    body = {"text": "ding", "how": "server"} | more
    return person.http.post(f"{person.url}/emit/bell{seat}", json=body, timeout=PATIENCE)


def test_the_doorbell_rings_in_every_page_and_is_confirmed_to_the_ringers(scene, visit):
    ada, eve = scene["lab"], visit(scene["lab"].client.connection_url)
    told = Socket(eve)
    answer = ring(eve)
    body = answer.json()
    heard = ada.hear("heard", lambda heard: heard["line"] == "bell")
    ada.confirm(heard)
    confirmed = told.hear("confirmed", lambda report: report["got"])

    assert answer.status_code == 200
    assert body == {"ok": True, "run": heard["run"], "addressed": 5}
    assert heard["text"] == "ding" and confirmed["got"][0][0] == ada.sid
    assert scene["upstairs"].heard("heard") == []


def test_a_phone_or_curl_rings_for_the_seat_in_its_address(visit):
    ada = visit()
    told = Socket(ada)
    address = f"{ada.url}/emit/bell?seat={ada.token}"
    answer = requests.post(address, json={"text": "from afar", "how": "server"}, timeout=PATIENCE)

    assert answer.json()["ok"]
    assert told.hear("heard", lambda heard: heard["text"] == "from afar")["line"] == "bell"


def test_the_short_emit_fails_outside_of_a_handler_in_flasks_own_words(visit):
    ada = visit()
    told = Socket(ada)
    answer = ring(ada, how="context")

    assert answer.status_code == 500
    assert answer.json() == {
        "ok": False,
        "error": "AttributeError: 'Request' object has no attribute 'namespace'",
    }
    assert ring(ada).json()["ok"]  # and nothing is broken by it
    assert told.hear("heard")["line"] == "bell"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{", b"text=ding", b'{"text": "ding"}', b'{"how": "server"}']
    + [b'{"text": 7, "how": "server"}', b'{"text": "", "how": "server"}', b"[" * 9000]
    + [b'{"text": "ding", "how": ["server"]}', b'{"text": "%s", "how": "server"}' % (b"x" * 201)],
)
def test_a_wrong_ring_gets_its_sentence(visit, body):
    ada = visit()
    answer = ada.http.post(f"{ada.url}/emit/bell", data=body, timeout=PATIENCE)

    assert answer.status_code == 400 and answer.json()["ok"] is False
    assert re.search("text|how|JSON", answer.json()["error"])


def test_who_has_no_seat_rings_no_bell(live):
    answer = requests.post(
        f"{live.url}/emit/bell", json={"text": "x", "how": "server"}, timeout=PATIENCE
    )

    assert answer.status_code == 403 and "seat" in answer.json()["error"]


def test_a_bell_that_is_rung_without_end_is_refused(start, visit):
    eve = visit(start("--events-per-second-per-seat", "1").url)
    statuses = {ring(eve).status_code for _ in range(20)}

    assert statuses == {200, 429}


def test_thirty_seats_fire_at_once(start):
    server = start(env={"SOCKETLAB_SECRET_KEY": SECRET})
    with Crowd(server.port, tokens(30), lesson=NS) as crowd:
        crowd.come()
        for light in crowd.all:
            light.emit("fire", {"line": "not_me"}, NS)
        crowd.until(lambda: all(len(runs(light)) == 29 for light in crowd.all))

    assert all(len(set(runs(light))) == 29 for light in crowd.all)


def runs(light):
    return [told["run"] for name, told in light.heard if name == "heard"]
