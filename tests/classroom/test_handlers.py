"""/class: seats, clocks, predictions and receipts, for every page of every lesson."""

import pytest
import requests
import socketio

from ..helpers import PATIENCE, Client, Person, RawClient

NS = "/class"


def test_taking_a_seat_tells_all_that_a_late_joiner_needs(visit):
    ada = visit().connect(NS)
    answer = ada.ask(NS, "take_seat", {"nick": "ada of the class"})

    assert answer["ok"] and answer["nick"] == "ada of the class"
    assert set(answer["state"]) == {"rev", "lesson", "step", "follow", "vote", "buffer"}
    assert (answer["locked"], answer["voted"]) == ({}, None)
    assert answer["seat"] not in ("", None)


def test_the_same_token_is_the_same_seat_on_every_connection(visit):
    ada = visit()
    first, second = (ada.connect(NS).ask(NS, "take_seat", {}) for _ in range(2))

    assert first["seat"] == second["seat"] and first["nick"] == second["nick"]


def test_the_cookie_is_the_seat_where_no_token_is_sent(live, visit):
    ada = visit()
    seat = ada.connect(NS).ask(NS, "take_seat", {})["seat"]
    cookie = "; ".join(f"{c.name}={c.value}" for c in ada.http.cookies)
    other = Client()
    other.connect(live.url, headers={"Cookie": cookie}, namespaces=[NS], transports=["websocket"])
    again = other.ask(NS, "take_seat", {})["seat"]
    other.disconnect()

    assert again == seat


def test_a_stranger_gets_a_seat_of_their_own(live):
    seats = set()
    for _ in range(2):
        stranger = Client()
        stranger.connect(live.url, namespaces=[NS], transports=["websocket"])
        seats.add(stranger.ask(NS, "take_seat", {})["seat"])
        stranger.disconnect()

    assert len(seats) == 2


@pytest.mark.parametrize(
    ("auth", "sentence"),
    [
        ({"seat": "seat.forged.token"}, "unknown seat"),
        ({"seat": None}, "unknown seat"),
        ({"seat": ["x"]}, "unknown seat"),
        ({"seat": 7}, "unknown seat"),
        ({"robot": 9}, "robot must be a whole number from 1 to 8"),
        ({"robot": "1"}, "robot must be"),
    ],
)
@pytest.mark.parametrize("namespace", [NS, "/bidirectional"])
def test_who_is_refused_reads_why_and_hears_nothing(live, visit, namespace, auth, sentence):
    stranger, refusals = Client(), []
    stranger.on("connect_error", refusals.append, namespace=namespace)
    with pytest.raises(socketio.exceptions.ConnectionError):
        stranger.connect(live.url, namespaces=[namespace], auth=auth, transports=["websocket"])
    bob = visit().connect("/bidirectional")
    bob.ask("/bidirectional", "wave", {"text": "only for members"})
    bob.hear("waved")
    heard = stranger.heard("waved")
    stranger.disconnect()

    assert sentence in refusals[0]["message"]
    assert heard == []


def test_the_clock_goes_forward(visit):
    ada = visit().connect(NS)
    times = [ada.ask(NS, "sync_clock", {"t0": t0})["t1"] for t0 in (1, 2.5, 3)]

    assert times == sorted(times) and times[0] > 1e12


def test_a_prediction_is_locked_once(visit):
    ada = visit()
    answers = [
        ada.connect(NS).ask(NS, "predict", {"step": "race", "choice": choice})
        for choice in ("both", "per_interval")
    ]

    assert answers == [{"ok": True, "locked": "both"}] * 2


def test_a_seat_and_its_prediction_survive_the_server(start, tmp_path):
    server = start(data=tmp_path / "kept")
    ada = Person(server.url)
    seat = ada.connect(NS).ask(NS, "take_seat", {"nick": "ada"})
    ada.connect(NS).ask(NS, "predict", {"step": "race", "choice": "both"})
    ada.leave()
    server.stop()
    again = start(data=tmp_path / "kept")
    back = Client()
    back.connect(again.url, namespaces=[NS], auth={"seat": ada.token}, transports=["websocket"])
    returned = back.ask(NS, "take_seat", {})
    locked = back.ask(NS, "predict", {"step": "race", "choice": "per_interval"})
    back.disconnect()

    assert (returned["seat"], returned["nick"]) == (seat["seat"], "ada")
    assert locked["locked"] == "both"


def test_a_receipt_of_a_run_is_taken(visit):
    ada = visit()
    page = ada.connect("/bidirectional")
    run = page.ask("/bidirectional", "start", {"every_ms": 1000})["run"]
    page.ask("/bidirectional", "stop", {})

    assert ada.connect(NS).ask(NS, "receipt", {"run": run, "got": [[1, 5.5]]}) == {"ok": True}


@pytest.mark.parametrize(
    ("event", "data", "sentence"),
    [
        ("take_seat", {"code": "WRONG1"}, "not the code"),
        ("take_seat", {"code": ["x"]}, "not the code"),
        ("take_seat", {"nick": "Teacher"}, "taken"),
        ("take_seat", {"nick": ""}, "nick must be a text of 1 to 24 characters"),
        ("take_seat", {"nick": "x" * 10_000}, "not 10000"),
        ("take_seat", {"nick": {"a": 1}}, "nick must be a text"),
        ("sync_clock", {}, "t0 must be a number"),
        ("sync_clock", {"t0": "now"}, "t0 must be a number"),
        ("predict", {"step": "race"}, "choice must be a text"),
        ("predict", {"step": "race", "choice": "x"}, "choice must be one of"),
        ("predict", {"step": "x", "choice": "one"}, "no prediction for that step"),
        ("receipt", {"run": "made up", "got": []}, "unknown run"),
        ("receipt", {"run": "made up", "got": "all"}, "got must be a list"),
        ("receipt", {"run": "made up", "got": [[1]]}, "got must be a list"),
        ("receipt", {"run": "made up", "got": [[True, 1]]}, "got must be a list"),
        ("receipt", {"run": "made up", "got": [[1, 1]] * 501}, "got must be a list"),
        ("steps", {"lesson": "x", "step": "y"}, "no handler named on_steps"),
    ],
)
def test_bad_input_gets_its_sentence(visit, event, data, sentence):
    answer = visit().connect(NS).ask(NS, event, data)

    assert answer["ok"] is False
    assert sentence in answer["error"]


def test_who_types_by_hand_is_answered_in_the_main_namespace(live):
    raw = RawClient(live.port, "/socket.io/?EIO=4&transport=websocket")
    raw.hear()
    raw.send("40")
    joined = raw.hear()
    raw.send('420["hello",{}]')
    answer = raw.hear()
    raw.close()

    assert joined.startswith('40{"sid":"')
    assert answer.startswith('430[{"ok":true,"text":"hello, ')


def test_the_events_of_a_seat_have_one_pace_whatever_connection_they_come_on(start, visit):
    server = start("--events-per-second-per-seat", "5")
    ada, bob = visit(server.url), visit(server.url)
    sockets = [ada.connect("/class") for _ in range(3)]
    answers = [sockets[n % 3].ask("/class", "sync_clock", {"t0": 1}) for n in range(15)]
    refused = [answer for answer in answers if not answer["ok"]]
    sentence = "too fast: your connections together send too many events"

    assert answers[0]["ok"] and refused
    assert {answer["error"] for answer in refused} == {sentence}
    assert bob.connect("/class").ask("/class", "sync_clock", {"t0": 1})["ok"]
    health = requests.get(server.url + "/healthz", timeout=PATIENCE).json()
    assert health["limits"]["events_per_second_per_seat"] == len(refused)
