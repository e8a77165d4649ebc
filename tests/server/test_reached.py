"""A limit that is reached is told to who went beyond it, and counted."""

import json
import logging
import threading

import pytest

from socketlab.server.refusals import Refusals

from .conftest import eventually
from .raw import Closed
from .test_admission import ENGINE, send
from .test_packets import Polling


def limits(lab):
    return lab.knows()["stats"]["limits"]


def reached(lab, act):
    """The limits that were reached while ``act`` was going on, the capture's aside."""
    before = limits(lab) | {"tap": 10**9}  # what all tests together leave in it
    act()
    return eventually(
        lambda: {name: n - before[name] for name, n in limits(lab).items() if n > before[name]}
    )


def asks(text):
    return lambda lab: send(lab, text)


def closes(*frames, code):
    """Joins, sends these and is closed with this code."""

    def act(lab):
        with lab.wire() as wire:
            wire.join()
            for opcode, payload, final in frames:
                wire.frame(payload, opcode, final)
            assert wire.closed() == code

    return act


def refused(event):
    """Joins, sends this event and is answered with a sentence."""

    def act(lab):
        with lab.wire() as wire:
            wire.join()
            wire.text(f"42/lab,1{event}")
            assert json.loads(wire.until("43/lab,1")[8:])[0]["ok"] is False

    return act


HEAD = "GET /page HTTP/1.1\r\nHost: HOST\r\n"
BEYOND = {
    "message_bytes": closes((1, b"x" * 33_000, True), code=1009),
    "body_bytes": asks("POST /page HTTP/1.1\r\nHost: HOST\r\nContent-Length: 99999\r\n\r\n"),
    "header_bytes": asks(HEAD + "X: " + "a" * 17_000 + "\r\n\r\n"),
    "content_length": asks("POST /page HTTP/1.1\r\nHost: HOST\r\nContent-Length: -1\r\n\r\n"),
    "fragments": closes((1, b"4", False), *[(0, b"x", False)] * 64, code=1009),
    "json": refused('["echo",{"a":NaN}]'),
    "event": refused('["echo",1]'),
    "attachments": closes((2, b"bytes", True), code=1002),
    "packet": closes((1, b"not a packet", True), code=1002),
}


@pytest.mark.parametrize("name", BEYOND)
def test_a_limit_that_is_reached_is_counted(lab, name):
    assert reached(lab, lambda: BEYOND[name](lab)) == {name: 1}


def test_a_body_and_a_head_that_do_not_come_whole_are_counted(hasty):
    def act():
        polling = Polling(hasty)
        with hasty.wire() as wire:
            wire.ask(f"POST {polling.path} HTTP/1.1\nContent-Length: 100", b"40/lab")
        with hasty.wire() as wire:
            wire.send(b"GET / HTTP/1.1\r\nHost: ")
            wire.answer()

    counts = reached(hasty, act)
    assert (counts["body_seconds"], counts["header_seconds"]) == (1, 1)


def test_who_is_full_and_who_comes_too_fast_is_counted(start):
    lab = start(SOCKETS_PER_SEAT=1, SOCKETS_PER_ADDRESS=1, SOCKETS=4)
    ada, bob = ("Cookie: socketlab_seat=seat." + name for name in ("ada", "bob"))
    assert [lab.get(ENGINE, ada)[0] for _ in range(2)] == [200, 429]
    assert [lab.get(ENGINE)[0] for _ in range(2)] == [200, 429]
    assert [lab.get(ENGINE, f"{bob}{n}")[0] for n in range(3)] == [200, 200, 503]
    counts = limits(lab)

    assert [counts[name] for name in ("sockets_per_seat", "sockets_per_address", "sockets")] == [
        1
    ] * 3


# Too fast for too long


def flood(wire):
    with pytest.raises((Closed, EOFError, ConnectionError)):
        while True:
            wire.text('42/lab,1["echo",{}]')
            wire.message()


@pytest.mark.parametrize("how", ["cookie", "auth"])
def test_who_was_ended_for_its_pace_is_kept_out_for_a_while_and_nobody_else(start, how):
    lab = start(EVENTS_PER_SECOND=20, EVENTS_BURST=10, TOO_FAST_SECONDS=0.2, REFUSAL_SECONDS=1)
    ada = "Cookie: socketlab_seat=seat.ada"
    with lab.wire() as wire:
        wire.join(extra=f"{ada}\r\n") if how == "cookie" else wire.join(auth={"seat": "ada"})
        flood(wire)
    if how == "cookie":
        status, headers, body = lab.get(ENGINE, ada)
        assert status == 429 and int(headers["retry-after"]) >= 1
        assert body == b"You were too fast: come back in a moment.\n"
    else:
        with lab.wire() as wire:
            wire.upgrade()
            wire.text('40/lab,{"seat":"ada"}')
            assert "too fast before: come back in" in wire.until("44/lab,")
    counts = limits(lab)
    assert (counts["too_fast_seconds"], counts["refusal_seconds"]) == (1, 1)
    assert Polling(lab, "Cookie: socketlab_seat=seat.bob").join()
    eventually(lambda: lab.get(ENGINE, ada)[0] == 200)


# How long a handler takes


def test_a_handler_that_takes_long_is_counted_and_one_that_takes_far_too_long_is_said(start):
    lab = start(log="WARNING", HANDLER_MS=1, HANDLER_SECONDS=0.001)
    with lab.wire() as wire:
        wire.join()
        assert wire.call("work", {})["ok"]
    counts = limits(lab)
    _, said = lab.stop()

    assert (counts["handler_ms"], counts["handler_seconds"]) == (1, 1)
    assert said == "socketlab.server WARNING a handler of /lab took 0.0 s\n"


def test_a_quick_handler_is_not_counted(lab):
    with lab.wire() as wire:
        wire.join()
        before = limits(lab)["handler_ms"]
        wire.call("echo", {})

    assert limits(lab)["handler_ms"] == before


def test_a_handler_that_waits_on_purpose_is_not_counted(start):
    lab = start(log="WARNING", HANDLER_MS=1, HANDLER_SECONDS=0.001)
    with lab.wire() as wire:
        wire.upgrade()
        wire.text("40/patient,")
        wire.until("40/patient,")
        wire.text('42/patient,1["nap",{"seconds":0.05}]')
        assert wire.until("43/patient,1")
    counts = limits(lab)
    _, said = lab.stop()

    assert (counts["handler_ms"], counts["handler_seconds"], said) == (0, 0, "")


def test_a_client_whose_pong_waits_behind_a_handler_is_asked_again_and_kept(start):
    lab = start(PING_SECONDS=0.05, PONG_SECONDS=0.1)
    with lab.wire() as wire:
        wire.join()
        wire.text('42/lab,1["nap",{"seconds":0.5}]')
        assert wire.until("43/lab,1")  # pings came on the way, and were answered
        assert wire.call("echo", {}, number=2)["ok"]
    assert limits(lab)["pong_seconds"] == 0


def test_who_is_decided_about_for_too_long_is_refused_and_leaves_no_member(start):
    lab = start(DECISION_SECONDS=0.05)
    with lab.wire() as wire:
        wire.upgrade()
        wire.text('40/lab,{"mode":"slow"}')
        assert "too slow to let you in: try again" in wire.until("44/lab,")
        wire.text("40/lab,")
        wire.until("40/lab,")
        knows = lab.knows()

    assert knows["stats"]["limits"]["decision_seconds"] == 1
    assert knows["rooms"]["/lab"]["all"] == 1


# What the server asks


def test_of_many_questions_that_a_client_leaves_open_the_oldest_are_forgotten(start):
    lab = start(CALLBACKS=2, CALLBACK_SECONDS=600)
    with lab.wire() as wire:
        wire.join("/free")
        for number in range(4):
            wire.text(f'42/free,["ask",{number}]')
        asked = [wire.until("42/free,") for _ in range(4)]
        for number in (1, 4):  # each question has the next number
            wire.text(f'43/free,{number}["answer {number}"]')

        assert [a[8:9] for a in asked] == list("1234")
        assert wire.until('42/free,["answered"') == '42/free,["answered","answer 4"]'
    assert limits(lab)["callbacks"] == 2


def test_a_question_is_not_open_for_ever(start):
    lab = start(CALLBACK_SECONDS=0.1)
    with lab.wire() as wire:
        wire.join("/free")
        for _ in range(2):
            wire.text('42/free,["ask"]')
            wire.until("42/free,")
        eventually(lambda: limits(lab)["callback_seconds"] == 2)


def test_an_ack_with_number_0_breaks_no_later_question(start):
    lab = start()
    with lab.wire() as wire:
        wire.join("/free")
        wire.text('42/free,["ask"]')
        wire.until("42/free,1")
        wire.text('43/free,0["none of ours"]')
        wire.text('42/free,["ask"]')
        wire.until("42/free,2")
        wire.text('43/free,2["mine"]')
        assert wire.until('42/free,["answered"') == '42/free,["answered","mine"]'
    _, said = lab.stop()

    assert said == ""


# What waits for all together


def test_where_too_much_waits_for_all_who_is_furthest_behind_goes(start):
    lab = start(OUTPUT_TOTAL_BYTES=3_000_000, OUTPUT_BYTES=4_000_000, OUTPUT_PACKETS=100_000)
    little, much = '["flood",{"count":1200,"size":1000}]', '["flood",{"count":4000,"size":1000}]'
    with lab.wire() as small, lab.wire() as large, lab.wire() as reader:
        for wire in (small, large, reader):
            wire.join()
        small.text(f"42/lab,1{little}")
        eventually(lambda: lab.knows()["stats"]["output"]["bytes"] > 500_000)
        large.text(f"42/lab,1{much}")
        eventually(lambda: lab.knows()["stats"]["limits"]["output_total_bytes"])
        stats = lab.knows()["stats"]

        assert stats["output"]["dropped"] == stats["limits"]["output_total_bytes"] == 1
        assert stats["output"]["bytes"] <= 3_000_000
        assert reader.call("echo", {})["ok"]
        assert small.until("43/lab,1") and large.closed() is None
    eventually(lambda: lab.knows()["stats"]["output"]["bytes"] == 0)


def test_what_waits_for_polls_is_counted_and_given_back(start):
    lab = start(OUTPUT_TOTAL_BYTES=50_000)
    polls = [Polling(lab).join() for _ in range(3)]
    for polling in polls:
        polling.post('42/lab,["flood",{"count":20,"size":1000}]')
    eventually(lambda: lab.knows()["stats"]["output"]["dropped"] == 1)

    assert 40_000 < lab.knows()["stats"]["output"]["bytes"] <= 50_000
    assert eventually(lambda: lab.knows()["sessions"] == 2)
    left = [polling for polling in polls if lab.get(polling.path)[0] == 200]
    for polling in left:
        polling.post("1")
    eventually(lambda: lab.knows()["stats"]["output"]["bytes"] == 0)


def test_who_waits_for_its_turn_is_counted(start):
    lab = start()

    def hurry():
        with lab.wire() as wire:
            request = f"GET /work HTTP/1.1\r\nHost: 127.0.0.1:{lab.port}\r\n\r\n".encode()
            wire.send(request * 20)
            for _ in range(20):
                assert wire.answer()[0] == 200

    threads = [threading.Thread(target=hurry) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert limits(lab)["turns"] > 0


def test_files_bound_the_sockets(start, monkeypatch):
    from socketlab.server import files

    monkeypatch.setattr(files, "open_files", lambda: 1024)
    assert files.most_sockets(1200) == 616 and files.most_sockets(100) == 100
    assert files.most_connections(616) == 960
    monkeypatch.setattr(files, "open_files", lambda: None)
    assert files.most_sockets(1200) == 1200


# The log


def test_the_lines_of_one_kind_have_an_end_and_hide_none_of_another():
    refusals, lines = Refusals(per_second=3), []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    log = logging.getLogger("socketlab.server")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        for n in range(10):
            refusals.note("event", f"number {n}")
        refusals.note("CONNECT", "another\nkind")
        refusals._lines["event"].tokens = 3  # a second later
        refusals.note("event", "number 10")
    finally:
        log.removeHandler(handler)
        log.setLevel(logging.NOTSET)

    assert lines == [
        *(f"event refused: number {n}" for n in range(3)),
        r"CONNECT refused: another\nkind",
        "event refused: 7 more times, too many to show",
        "event refused: number 10",
    ]
    assert refusals.counts == {"event": 11, "CONNECT": 1}
    assert refusals.reached.counts()["log_lines_per_second"] == 7
