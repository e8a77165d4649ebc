"""The behaviour that the protocols' own suites look for, one test for each.

Ours, written from the specifications; the suites are in the main Socket.IO repository, and
tools/suites.py runs them: 23 of 25 tests of one pass, and 29 of 32 of the other. /free stands for
their echo server, since nothing speaks Engine.IO alone here. We answer otherwise in these places,
each for a reason:

    suite                                     here
    PUT to the engine: 400                    405 with Allow, which is what HTTP has for it
    CONNECT to an unknown namespace:          a sentence that names the namespace
    "Invalid namespace"
    40 enters the main namespace              only where it has a handler, like any other
    a second WebSocket for a session that     the handshake is refused with 400: nothing has to
    has moved is closed                       be opened to be closed
    the first event of a namespace comes      python-socketio's connect handler decides: what it
    after the answer to its CONNECT           emits to the newcomer goes first, and clients keep it

Source: Engine.IO protocol v4; Socket.IO protocol v5.
"""

import json
import time

import pytest

from .conftest import eventually
from .raw import fresh_key
from .test_packets import Polling

ENGINE = "/socket.io/"
POLL = f"{ENGINE}?EIO=4&transport=polling"


def opened(lab):
    """A WebSocket whose session is open, and in no namespace."""
    wire = lab.wire()
    assert wire.upgrade()[0] == 101
    assert wire.message().startswith("0{")
    return wire


def entered(lab):
    """A WebSocket in /free."""
    wire = lab.wire()
    wire.join(namespace="/free")
    return wire


def held(lab, polling):
    """A poll that is held."""
    wire = lab.wire()
    wire.send(f"GET {polling.path} HTTP/1.1\r\nHost: 127.0.0.1:{lab.port}\r\n\r\n".encode())
    return wire


@pytest.fixture
def eager(start):
    """A server that asks soon whether its clients are there."""
    return start(PING_SECONDS=1, PONG_SECONDS=1)


# Engine.IO: "Handshake"


def test_polling_opens_a_session(lab):
    status, headers, body = lab.get(POLL)
    session = json.loads(body[1:])

    assert status == 200 and body[:1] == b"0"
    assert headers["content-type"] == "text/plain; charset=UTF-8"
    assert session.keys() == {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}
    assert isinstance(session["sid"], str) and session["upgrades"] == ["websocket"]
    assert (session["pingInterval"], session["pingTimeout"]) == (600_000, 8000)
    assert session["maxPayload"] == 32 * 1024


def test_a_websocket_opens_a_session_that_has_nothing_to_move_to(lab):
    with lab.wire() as wire:
        assert wire.upgrade()[0] == 101
        session = json.loads(wire.message()[1:])

    assert session["upgrades"] == [] and isinstance(session["sid"], str)


@pytest.mark.parametrize(
    "query",
    [
        "?transport=polling",
        "?EIO=abc&transport=polling",
        "?EIO=3&transport=polling",
        "?EIO=4",
        "?EIO=4&transport=abc",
        "?EIO=4&transport=websocket",  # without the headers of a WebSocket
        "?EIO=4&transport=polling&sid=abcdefghijkl",
    ],
)
def test_a_get_that_is_no_handshake_is_a_bad_request(lab, query):
    assert lab.get(f"{ENGINE}{query}")[0] == 400


@pytest.mark.parametrize("query", ["transport=websocket", "EIO=4&transport=abc", "EIO=4"])
def test_a_websocket_that_is_no_handshake_is_a_bad_request(lab, query):
    with lab.wire() as wire:
        head = (
            f"GET {ENGINE}?{query} HTTP/1.1\nUpgrade: websocket\nConnection: Upgrade\n"
            f"Sec-WebSocket-Version: 13\nSec-WebSocket-Key: {fresh_key()}"
        )
        assert wire.ask(head)[0] == 400


def test_a_session_begins_with_get(lab):
    with lab.wire() as wire:
        assert wire.ask(f"POST {POLL} HTTP/1.1\nContent-Length: 0")[0] == 400
    with lab.wire() as wire:
        status, headers, _ = wire.ask(f"PUT {POLL} HTTP/1.1\nContent-Length: 0")

    assert (status, headers["allow"]) == (405, "GET, POST")


# Engine.IO: "Sending and receiving data"


def test_a_post_is_answered_with_ok(lab):
    polling = Polling(lab)
    with lab.wire() as wire:
        status, _, body = wire.ask(f"POST {polling.path} HTTP/1.1\nContent-Length: 8", b"40/free,")

    assert (status, body) == (200, b"ok")


def test_several_packets_cross_in_one_body_both_ways(lab):
    polling = Polling(lab)
    assert polling.post('40/free,\x1e42/free,["message",1]\x1e42/free,["message",2]') == 200
    _, body = polling.poll()
    joined, *back = body.split("\x1e")

    assert joined.startswith("40/free,")
    assert back == ['42/free,["message-back",1]', '42/free,["message-back",2]']


@pytest.mark.parametrize("broken", ["abc", "4abc", "9", "2"])
def test_a_packet_that_is_none_ends_a_session_at_once(lab, broken):
    polling = Polling(lab)
    assert polling.post(broken) == 400
    assert polling.poll()[0] == 400

    with opened(lab) as wire:
        wire.text(broken)
        assert wire.closed() == 1002


def test_two_polls_at_once_end_the_session(lab):
    polling = Polling(lab)
    with held(lab, polling) as first:
        eventually(lambda: lab.knows()["polls"] == 1)
        assert polling.poll()[0] == 400
        assert first.answer()[2] == b"1"

    assert polling.poll()[0] == 400


# Engine.IO: "Heartbeat"


def test_who_answers_the_pings_stays(eager):
    polling = Polling(eager)
    polling.post("40/free,")
    polling.poll()
    with entered(eager) as wire:
        for _ in range(3):
            assert polling.poll() == (200, "2")
            assert polling.post("3") == 200
            assert wire.heard() == (1, b"2")
            wire.text("3")


def test_who_does_not_answer_a_ping_is_gone(eager):
    polling = Polling(eager)
    polling.post("40/free,")
    polling.poll()
    with entered(eager) as wire:
        began = time.monotonic()
        assert polling.poll() == (200, "2")
        assert polling.poll() == (200, "1")
        assert polling.poll()[0] == 400
        assert [wire.heard()[1] for _ in range(2)] == [b"2", b"1"]
        assert wire.ended()

    assert 1.5 < time.monotonic() - began < 4


# Engine.IO: "Closing"


def test_a_client_closes_its_session(lab):
    polling = Polling(lab)
    with held(lab, polling) as waiting:
        eventually(lambda: lab.knows()["polls"] == 1)
        assert polling.post("1") == 200
        assert waiting.answer()[2] == b"6"
    assert polling.poll()[0] == 400

    with opened(lab) as wire:
        wire.text("1")
        assert wire.closed() == 1000


# Engine.IO: "Upgrade"


def moved(lab, polling):
    """The session's WebSocket, after the probe and the move."""
    wire = lab.wire()
    assert wire.upgrade(query=f"&sid={polling.session}")[0] == 101
    wire.text("2probe")
    assert wire.message() == "3probe"
    wire.text("5")
    return wire


def test_a_session_moves_and_nothing_comes_between_the_probe_and_the_data(lab):
    polling = Polling(lab)
    assert polling.post("40/free,") == 200
    polling.poll()
    with moved(lab, polling) as wire:
        wire.text('42/free,["message"]')

        assert wire.message() == '42/free,["message-back"]'


def test_a_session_that_has_moved_takes_no_polls_and_no_second_websocket(lab):
    polling = Polling(lab)
    assert polling.post("40/free,") == 200
    polling.poll()
    with moved(lab, polling) as wire, lab.wire() as second:
        wire.text('42/free,["message"]')
        wire.until("42")
        assert polling.poll()[0] == 400
        assert polling.post("3") == 400
        assert second.upgrade(query=f"&sid={polling.session}")[0] == 400
        wire.text('42/free,["message",2]')

        assert wire.message() == '42/free,["message-back",2]'


def test_a_poll_after_the_word_to_move_comes_too_late(lab):
    for _ in range(10):  # the two are on two connections, and the server may look at both at once
        with lab.wire() as http, lab.wire() as wire:
            sid = json.loads(http.ask(f"GET {POLL} HTTP/1.1")[2][1:])["sid"]
            assert wire.upgrade(query=f"&sid={sid}")[0] == 101
            wire.text("2probe")
            assert wire.message() == "3probe"
            wire.text("5")
            assert http.ask(f"GET {POLL}&sid={sid} HTTP/1.1")[0] == 400
            wire.text("40/free,")
            assert wire.message().startswith("40/free,")


# Socket.IO: "Connection to a namespace"


@pytest.mark.parametrize("auth", ["", '{"token":"123"}'])
def test_a_namespace_is_entered_with_and_without_auth(lab, auth):
    with opened(lab) as wire:
        wire.text(f"40/free,{auth}")
        answer = wire.message()

    assert answer.startswith("40/free,")
    assert json.loads(answer[8:]).keys() == {"sid"}


def test_the_sid_in_a_namespace_is_not_the_sessions(lab):
    polling = Polling(lab)
    polling.post("40/free,")

    assert polling.session not in polling.poll()[1]


@pytest.mark.parametrize("namespace", ["/nope", "/"])
def test_a_namespace_without_a_handler_is_not_entered_and_the_connection_stays(lab, namespace):
    head = "" if namespace == "/" else f"{namespace},"
    with opened(lab) as wire:
        wire.text(f"40{head}")
        no = json.dumps({"message": f"there is no namespace {namespace}"}, separators=(",", ":"))
        assert wire.message() == f"44{head}{no}"
        wire.text("40/free,")

        assert wire.message().startswith("40/free,")


def test_a_session_without_a_connect_is_ended(hasty):
    with hasty.wire() as wire:
        wire.upgrade()

        assert wire.closed() == 1008


def test_an_event_before_the_connect_ends_the_connection(lab):
    with opened(lab) as wire:
        wire.text('42/free,["message"]')

        assert wire.closed() == 1002


# Socket.IO: "Disconnection from a namespace"


def test_a_namespace_is_left_and_the_others_stay(lab):
    with entered(lab) as wire:
        wire.text("40/lab,")
        wire.until("40/lab,")
        wire.text("41/lab,")
        wire.text('42/free,["message","still here"]')
        assert wire.message() == '42/free,["message-back","still here"]'
        wire.text("40/lab,")

        assert wire.message().startswith("40/lab,")


# Socket.IO: "Sending and receiving data" and "Acknowledgement"; bytes are in test_binary.py


@pytest.mark.parametrize(
    "values",
    ["", ',1,"2",{"3":[true]}', ",null", ',"text"', ",[]", ',{"a":{}},' * 3 + "0"],
)
def test_an_event_carries_any_number_of_any_values(lab, values):
    values = values.replace(",,", ",")
    with entered(lab) as wire:
        wire.text(f'42/free,["message"{values}]')
        assert wire.message() == f'42/free,["message-back"{values}]'
        wire.text(f'42/free,456["message-with-ack"{values}]')

        assert wire.message() == f"43/free,456[{values[1:]}]"


@pytest.mark.parametrize("name", ["message", "message-with-ack", "Tell all!", ""])
def test_an_event_has_any_name_that_is_not_reserved(lab, name):
    with entered(lab) as wire:
        wire.text(f"42/free,1{json.dumps([name, 'x'])}")

        assert '"x"' in wire.message()


@pytest.mark.parametrize("name", ["\u00e9\n", "on_connect", "x" * 1000])
def test_an_event_that_nobody_handles_is_answered_whatever_its_name(lab, name):
    with entered(lab) as wire:
        answer = wire.call(name, {}, namespace="/free")

    assert answer == {"ok": False, "error": f"there is no event {name[:64]} here"}


@pytest.mark.parametrize(
    "name",
    [
        *("connect", "connect_error", "disconnect", "disconnecting"),
        *("newListener", "removeListener", "*"),
    ],
)
def test_a_reserved_name_is_refused_even_here(lab, name):
    with entered(lab) as wire:
        answer = wire.call(name, {}, namespace="/free")
        assert answer == {"ok": False, "error": f"'{name}' cannot be the name of an event"}
        wire.text(f"42/free,{json.dumps([name])}")

        assert wire.closed() == 1002


def test_the_server_asks_and_the_client_acknowledges(lab):
    with entered(lab) as wire:
        wire.text('42/free,["ask","why?"]')
        question = wire.message()
        number, _, data = question.removeprefix("42/free,").partition("[")
        assert data == '"question","why?"]'
        wire.text(f'43/free,{number}["because",2]')

        assert wire.message() == '42/free,["answered","because",2]'


@pytest.mark.parametrize("packet", ["4abc", "42{}", '42abc["message-with-ack",1]'])
def test_a_packet_of_an_invalid_format_ends_the_connection(lab, packet):
    with entered(lab) as wire:
        wire.text(packet)

        assert wire.closed() == 1002
