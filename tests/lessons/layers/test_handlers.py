"""Lesson "layers": its events on the real server, by a client that is not ours."""

import json
import re
from itertools import pairwise

import pytest
import requests

from socketlab.lessons.layers import headers

from ...classroom.crowd import SECRET, Crowd, tokens
from ...classroom.pupils import Pupil, Teacher
from ...helpers import PATIENCE, RawClient, exchange

NS = "/layers"
CLOSE = b"\r\nConnection: close"
STEP = "two_roads"
INSIDE = ("event", "socketio", "engineio")
TEXTS = ["hello", "", "Grüße 👋", 'a "b" \n', "x" * 95, "x" * 96, "x" * 20_000]


def rows_of(person):
    return person.http.get(f"{person.url}/wire?after=0", timeout=PATIENCE).json()["rows"]


# The race


def test_a_race_is_told_read_by_read_and_adds_up(visit):
    ada, bob = visit(), visit()
    line, other = ada.connect(NS), bob.connect(NS)
    ack = line.ask(NS, "race", {"count": 20, "lose": 20})
    over = line.hear("raced", lambda told: told["run"] == ack["run"])
    reads = [read for read in line.heard("read") if read["run"] == ack["run"]]
    tcp, udp = ([read for read in reads if read["proto"] == proto] for proto in ("tcp", "udp"))

    assert ack["ok"] and len(reads) == ack["reads"]
    assert [read["seq"] for read in reads] == list(range(1, len(reads) + 1))
    assert over["sent"] == 20 and over["tcp"] == {"reads": len(tcp), "missing": []}
    assert over["udp"]["reads"] == len(udp) == 16 and over["udp"]["swapped"] >= 1
    for mine, missing in ((tcp, []), (udp, over["udp"]["missing"])):
        numbers = [number for read in mine for number in read["numbers"]]
        assert sorted(numbers + missing) == list(range(1, 21))
    assert all(read["size"] == 3 and len(read["numbers"]) == 1 for read in udp)
    assert sum(read["size"] for read in tcp) == 60 and tcp[0]["size"] % 3  # a number is cut
    assert other.heard("read") == []  # they are the seat's


def test_one_race_of_a_seat_at_a_time_at_ten_reads_a_second_and_its_end_lights_the_wall(live):
    ada, teacher = Pupil(live, NS), Teacher(live)
    race = {"count": 10, "lose": 0}
    ack = ada.ask("race", race, NS)
    second = ada.ask("race", race, NS)
    over = ada.hear("raced", lambda told: told["run"] == ack["run"])
    told = [read["sent_at"] for read in ada.heard("read")] + [over["sent_at"]]
    receipt = {"run": ack["run"], "got": [[over["seq"], over["sent_at"] + 1]]}
    assert ada.ask("receipt", receipt)["ok"]
    lit = teacher.hear("lit", lambda told: told["run"] == ack["run"])
    third = ada.ask("race", race, NS)
    ada.leave()
    teacher.leave()

    assert second["ok"] is False and "your race is on: it ends in" in second["error"]
    assert third["ok"]
    assert [seat for seat, _ in lit["seats"]] == [ada.seat]
    assert all(after - before >= 100 for before, after in pairwise(told))
    assert over["udp"]["missing"] == []


def test_a_page_that_is_loaded_again_in_mid_race_is_told_its_end(visit):
    ada = visit()
    first = ada.connect(NS)
    ack = first.ask(NS, "race", {"count": 10, "lose": 10})
    first.hear("read")
    first.disconnect()
    over = ada.connect(NS).hear("raced", lambda told: told["run"] == ack["run"])
    texts = over["texts"]

    assert len(texts["tcp"]) + len(texts["udp"]) == ack["reads"]
    assert "".join(texts["tcp"]) == "".join(f"{number:03}" for number in range(1, 11))


WRONG = [
    {},
    {"count": 40},
    {"count": 9, "lose": 10},
    {"count": 101, "lose": 10},
    {"count": "40", "lose": 10},
    {"count": 40.5, "lose": 10},
    {"count": 40, "lose": -1},
    {"count": 40, "lose": 51},
    {"count": 40, "lose": True},
    {"count": 40, "lose": None},
    {"count": [40], "lose": {}},
]


def test_a_wrong_race_gets_its_sentence(visit):
    line = visit().connect(NS)
    for data in WRONG:
        answer = line.ask(NS, "race", data)

        assert answer["ok"] is False and re.search("count|lose", answer["error"]), data


def test_a_run_of_the_lesson_waits_for_the_prediction(visit):
    ada = visit()
    line, everyone = ada.connect(NS), ada.connect("/class")
    run = {"count": 10, "lose": 10, "step": STEP}
    refused = line.ask(NS, "race", run)
    everyone.ask("/class", "predict", {"step": STEP, "choice": "borders"})

    assert "lock your prediction" in refused["error"]
    assert line.ask(NS, "race", run)["ok"]


def test_thirty_seats_race_at_once(start):
    server = start(env={"SOCKETLAB_SECRET_KEY": SECRET})
    with Crowd(server.port, tokens(30), lesson=NS) as crowd:
        crowd.come()
        for light in crowd.all:
            light.emit("race", {"count": 10, "lose": 10}, NS)
        crowd.until(lambda: crowd.heard("raced"))
        ends = [[told for name, told in light.heard if name == "raced"] for light in crowd.all]

    assert all(len(mine) == 1 and len(mine[0]["udp"]["missing"]) == 1 for mine in ends)
    assert all(mine[0]["tcp"]["missing"] == [] for mine in ends) and len(ends) == 30


# The envelopes


def test_the_sizes_are_those_of_the_captured_frames(live, visit):
    ada = visit()
    raw = RawClient(live.port, f"/socket.io/?EIO=4&transport=websocket&seat={ada.token}")
    raw.send("40/layers,")
    abouts = {text: ada.connect(NS).ask(NS, "wrap", {"text": text}) for text in TEXTS}
    for text in TEXTS:  # as a browser writes them, and without an id for an acknowledgement
        data = json.dumps(["wrap", {"text": text}], ensure_ascii=False, separators=(",", ":"))
        raw.send(f"42/layers,{data}")
    raw.send('42/layers,7["wrap",{"text":"last"}]')
    while not raw.hear().startswith("43/layers,7"):
        pass
    raw.close()
    wraps = [row for row in rows_of(ada) if is_wrap(row)]

    assert len(wraps) == len(TEXTS) and len({row["size"] for row in wraps}) > 4
    for text, row in zip(TEXTS, wraps, strict=True):
        about = abouts[text]
        sizes = {layer["layer"]: layer.get("size") for layer in row["layers"]}
        assert about["ok"] and about["fits"]
        assert row["size"] == about["sizes"]["frame"] and row["hex"].startswith(about["head"])
        assert {layer: sizes[layer] for layer in INSIDE} == {
            layer: about["sizes"][layer] for layer in INSIDE
        }


def is_wrap(row):
    """Whether a row is an emit of wrap without an id."""
    names = {layer.get("name") for layer in row["layers"] if layer["layer"] == "event"}
    ids = [layer.get("id") for layer in row["layers"] if layer["layer"] == "socketio"]
    return row["up"] and names == {"wrap"} and ids == [None]


def test_the_size_of_a_post_is_that_of_the_captured_request(live, visit):
    ada = visit()
    opened = requests.get(
        f"{live.url}/socket.io/?EIO=4&transport=polling&seat={ada.token}", timeout=PATIENCE
    )
    sid = re.search(r'"sid":"([^"]+)"', opened.text)[1]
    host = f"127.0.0.1:{live.port}"
    join = headers.post(b"40/layers,", host, sid)
    data = b'42/layers,["wrap",{"text":"hello"}]'
    for request in (join, headers.post(data, host, sid)):
        head, body = request.split(b"\r\n\r\n", 1)
        assert b"200" in exchange(live.port, head + CLOSE + b"\r\n\r\n" + body)
    about = ada.connect(NS).ask(NS, "wrap", {"text": "hello"})
    posts = [row for row in rows_of(ada) if row["summary"].startswith("POST")]

    assert about["sizes"]["post"] == len(headers.post(data, host, sid))
    assert posts[-1]["size"] == about["sizes"]["post"] + len(CLOSE)


def test_a_frame_that_no_message_may_be_so_long_for_is_computed(visit):
    about = visit().connect(NS).ask(NS, "wrap", {"text": "x", "length": 70_000})

    assert about["ok"] and not about["fits"]
    assert about["sizes"]["frame"] == 70_044 and about["head"] == "81ff000000000001118e"


def test_the_ports_are_those_of_the_connection(live, visit):
    about = visit().connect(NS).ask(NS, "wrap", {"text": "hello"})

    assert about["ports"]["server"] == str(live.port)
    assert 1024 <= int(about["ports"]["client"]) <= 65_535


@pytest.mark.parametrize(
    "data", [{}, {"text": 7}, {"text": "x", "length": 70_001}, {"text": "", "length": 3}]
)
def test_a_wrong_text_gets_its_sentence(visit, data):
    answer = visit().connect(NS).ask(NS, "wrap", data)

    assert answer["ok"] is False and re.search("text|length", answer["error"])
