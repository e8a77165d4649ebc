"""Lesson "bidirectional": either side may speak first, and three lanes tell of the same events."""

import contextlib
import socket as tcp
import threading
import time

import pytest
import requests

from socketlab.site.settings import DEFAULTS

from ...helpers import PATIENCE, RawClient, exchange

NS = "/bidirectional"


def test_the_server_speaks_first(visit):
    ada = visit().connect(NS)

    assert ada.hear("waved")["who"] == {"sid": "", "nick": "the server"}


def test_a_wave_reaches_everybody_in_the_lesson_robots_too(visit):
    ada, bob = visit(), visit()
    sockets = [ada.connect(NS), ada.connect(NS, robot=1), bob.connect(NS)]
    answer = sockets[0].ask(NS, "wave", {"text": "hello from ada"})

    assert answer["ok"] and answer["heard_by"] >= len(sockets)
    for socket in sockets:
        wave = socket.hear("waved", lambda w: w["text"] == "hello from ada")
        assert wave["who"]["sid"] == sockets[0].get_sid(NS)


def test_one_list_of_events_reaches_all_three_lanes(visit):
    ada = visit()
    socket = ada.connect(NS)
    start = socket.ask(NS, "start", {"every_ms": 500})
    held = {}
    asking = threading.Thread(target=lambda: held.update(news(ada, "wait", start["next"])))
    asking.start()
    posted = socket.hear("posted")
    asking.join(PATIENCE)
    socket.ask(NS, "stop", {})

    assert start["ok"] and start["events"] == 8 and start["lasts_ms"] == 24_000
    assert posted["run"] == start["run"] and posted["seq"] == 1
    assert held == {"events": [posted], "next": start["next"] + 1}
    assert news(ada, "latest", start["next"]) == held


def news(person, lane, after):
    answer = person.http.get(f"{person.url}{NS}/{lane}?after={after}", timeout=30)
    return answer.json()


def test_a_robot_hears_waves_but_not_the_race_of_its_page(visit):
    ada = visit()
    page, robot = ada.connect(NS), ada.connect(NS, robot=1)
    page.ask(NS, "start", {"every_ms": 500})
    page.hear("posted")
    page.ask(NS, "stop", {})
    page.ask(NS, "wave", {"text": "after the race"})
    robot.hear("waved", lambda w: w["text"] == "after the race")

    assert robot.heard("posted") == robot.heard("metered") == []


def test_the_counters_are_what_a_raw_client_counted_for_itself(live, visit):
    ada = visit()
    raw = RawClient(live.port, "/socket.io/?EIO=4&transport=websocket")
    raw.hear()
    raw.send(f'40/bidirectional,{{"seat":"{ada.token}"}}')
    raw.hear()
    raw.send('42/bidirectional,7["start",{"every_ms":500}]')
    while not raw.hear().startswith("43/bidirectional,7"):
        pass
    counted = {"poll": [0, 0, 0, 0], "long_poll": [0, 0, 0, 0]}

    def ask(lane, path):
        request = (
            f"GET /bidirectional/{path} HTTP/1.1\r\nHost: 127.0.0.1:{live.port}\r\n"
            f"Cookie: socketlab_seat={ada.token}\r\nConnection: close\r\n\r\n"
        ).encode()
        answer = exchange(live.port, request)
        tally = counted[lane]
        tally[0] += 1
        tally[1] += b'"events":[]' in answer
        tally[2] += len(request)
        tally[3] += len(answer)

    ask("poll", "latest?after=0")
    ask("long_poll", "wait?after=0")
    raw.hear_event("posted")
    ask("poll", "latest?after=0")
    ask("poll", "latest?after=99")
    raw.send('42/bidirectional,8["stop",{}]')
    last = {}
    while len(last) < 3:
        metered = raw.hear_event("metered")
        if metered["ended"]:
            last[metered["lane"]] = metered
    raw.close()

    for lane, tally in counted.items():
        said = last[lane]
        names = ("requests", "empty", "bytes_up", "bytes_down", "connections")
        assert [said[name] for name in names] == [*tally, tally[0]]
    frames = [size for text, size in raw.received if '["posted",' in text]
    assert last["socket"]["bytes_down"] == sum(frames) > 0
    assert last["socket"]["bytes_up"] == 0
    assert last["socket"]["requests"] == 0 and last["socket"]["connections"] == 1
    beside = last["socket"]["beside"]
    assert not any(
        "beside" in last[lane] for lane in counted
    )  # it is the same for all: once is enough
    told = sum(size for text, size in raw.received if '["metered",' in text)
    assert set(beside) == {"counters", "receipts", "heartbeat", "other"}
    assert 0 < beside["counters"] <= told and beside["receipts"] == 0
    assert last["long_poll"]["delay_ms"]["worst"] < last["poll"]["delay_ms"]["worst"] + 500


def test_a_run_of_the_lesson_waits_for_the_prediction(visit):
    ada = visit()
    socket, everyone = ada.connect(NS), ada.connect("/class")
    step = {"every_ms": 1000, "step": "race"}
    refused = socket.ask(NS, "start", step)
    everyone.ask("/class", "predict", {"step": "race", "choice": "one"})
    allowed = socket.ask(NS, "start", step)
    socket.ask(NS, "stop", {})

    assert refused == {"ok": False, "error": "lock your prediction for race first, then run"}
    assert allowed["ok"]


@pytest.mark.parametrize(
    ("event", "data", "sentence"),
    [
        ("wave", {}, "text must be a text of 1 to 200 characters"),
        ("wave", {"text": 5}, "text must be a text"),
        ("wave", {"text": ""}, "not 0"),
        ("wave", {"text": "x" * 10_000}, "not 10000"),
        ("wave", {"text": "\u202eabc"}, "direction"),
        ("wave", "hello", "one object"),
        ("wave", None, "one object"),
        ("wave", [{"text": "hi"}], "one object"),
        ("start", {}, "every_ms must be a number from 200 to 10000"),
        ("start", {"every_ms": "500"}, "every_ms"),
        ("start", {"every_ms": 199}, "every_ms"),
        ("start", {"every_ms": True}, "every_ms"),
        ("start", {"every_ms": 500, "step": 7}, "step must be a text"),
        ("start", {"every_ms": 500, "step": "nowhere"}, "lock your prediction"),
        ("begin", {}, "no handler named on_begin"),
        ("trigger_event", {}, "no handler named"),
    ],
)
def test_bad_input_gets_its_sentence_and_nobody_hears_it(visit, event, data, sentence):
    eve, bob = visit().connect(NS), visit().connect(NS)
    answer = eve.ask(NS, event, data)
    eve.ask(NS, "wave", {"text": "the end"})
    bob.hear("waved", lambda w: w["text"] == "the end")

    assert answer["ok"] is False
    assert sentence in answer["error"]
    assert [w for w in bob.heard("waved") if w["who"]["sid"]] == []


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "９", "1" * 16, ""])
@pytest.mark.parametrize("lane", ["latest", "wait"])
def test_a_bad_position_gets_its_sentence(visit, lane, after):
    ada = visit()
    answer = ada.http.get(f"{ada.url}{NS}/{lane}", params={"after": after}, timeout=PATIENCE)

    assert answer.status_code == 400
    assert answer.json() == {"ok": False, "error": "after must be a whole number, 0 or more"}


def test_a_seat_may_let_two_answers_wait_and_no_more(visit):
    ada = visit()
    socket = ada.connect(NS)
    statuses = []

    def ask():
        statuses.append(requests.get(address, cookies=ada.http.cookies, timeout=30).status_code)

    address = f"{ada.url}{NS}/wait?after=9999"
    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    while not statuses:  # the third is answered at once, the two others wait
        asking[0].join(0.01)
    refused = list(statuses)
    socket.ask(NS, "start", {"every_ms": 500})
    socket.ask(NS, "stop", {})
    for thread in asking:
        thread.join(PATIENCE)

    assert refused == [429]
    assert sorted(statuses) == [200, 200, 429]


def test_an_answer_whose_client_hangs_up_frees_its_place(visit, live):
    ada = visit()
    head = (
        f"GET {NS}/wait?after=9999 HTTP/1.1\r\nHost: 127.0.0.1:{live.port}\r\n"
        f"Cookie: socketlab_seat={ada.http.cookies['socketlab_seat']}\r\n\r\n"
    ).encode()
    left = [tcp.create_connection(("127.0.0.1", live.port), PATIENCE) for _ in range(2)]
    for asking in left:
        asking.sendall(head)
    address = f"{ada.url}{NS}/wait?after=9999"

    def refused():
        with contextlib.suppress(requests.Timeout):  # let in: this asker waits, and hangs up
            return ada.http.get(address, timeout=0.3).status_code == 429

    while not refused():
        pass  # until the two wait
    for asking in left:
        asking.close()
    deadline = time.monotonic() + 3
    while refused():
        assert time.monotonic() < deadline, "two clients have left, and their places are not free"


def test_a_visitor_without_a_seat_has_no_events(live):
    answer = requests.get(f"{live.url}{NS}/latest?after=0", timeout=PATIENCE)

    assert answer.json() == {"events": [], "next": 0}


def test_a_script_with_the_token_of_a_seat_hears_of_its_race_and_twice_if_it_forgets_after(visit):
    ada = visit()
    page = ada.connect(NS)
    asked = f"{ada.url}{NS}/latest?seat={ada.token}&after="
    page.ask(NS, "start", {"every_ms": 500})
    posted = page.hear("posted")
    page.ask(NS, "stop", {})
    first, again = (requests.get(asked + "0", timeout=PATIENCE).json() for _ in range(2))
    since = requests.get(asked + str(first["next"]), timeout=PATIENCE).json()

    assert posted in first["events"] and again == first
    assert since["events"] == []


def test_a_heartbeat_is_three_bytes_down_and_seven_up(start):
    server = start(env={"SOCKETLAB_PING_SECONDS": "1"})
    raw = RawClient(server.port, "/socket.io/?EIO=4&transport=websocket")
    raw.hear()
    raw.send("40/class,")
    while raw.hear() != "2":
        pass
    raw.send("3")
    raw.close()

    assert (raw.received[-1], raw.sent[-1]) == (("2", 3), ("3", 7))
    assert DEFAULTS["PING_SECONDS"] == 10  # the ten seconds of the lesson's text
