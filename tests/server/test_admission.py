"""Who is let in: heads, hosts, origins, sizes, numbers. Source: RFC 9112; RFC 9110."""

import gzip
import json
import signal
import socket
import subprocess
import sys
import time

import pytest

from .conftest import ROOT, Process, eventually
from .test_packets import Polling

ENGINE = "/socket.io/?EIO=4&transport=polling"


def send(lab, text):
    """Sends raw bytes; returns (status, headers, body)."""
    with lab.wire() as wire:
        wire.send(text.encode("latin-1").replace(b"HOST", f"127.0.0.1:{lab.port}".encode()))
        return wire.answer()


# Heads


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("GET / HTTP/1.1\r\nHost: HOST\r\nX: " + "a" * 17_000 + "\r\n\r\n", 431),
        ("GET / HTTP/1.1\r\nHost: HOST\r\n" + "X: a\r\n" * 64 + "\r\n", 431),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost : HOST\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: HOST\r\nX: a\r\n b\r\n\r\n", 400),
        ("GET / HTTP/1.1\nHost: HOST\n\n", 400),
        ("GET / HTTP/1.1\r\nHost: HOST\r\nX: a\nY: b\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\nHost: HOST\r\n\r\n", 505),
        ("GET /a b HTTP/1.1\r\nHost: HOST\r\n\r\n", 400),
        ("GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\n\r\n", 400),
        ("\x16\x03\x01\x02\r\n\r\n", 400),
        ("POST /page HTTP/1.1\r\nHost: HOST\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST /page HTTP/1.1\r\nHost: HOST\r\nContent-Length: abc\r\n\r\n", 400),
        ("POST /page HTTP/1.1\r\nHost: HOST\r\nContent-Length: +5\r\n\r\n", 400),
        ("POST /page HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5, 5\r\n\r\n", 400),
        (
            "POST /page HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
            400,
        ),
        ("POST /page HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        ("GET / HTTP/1.1\r\nHost: HOST\r\nBad\x00Name: x\r\n\r\n", 400),
    ],
)
def test_a_head_with_two_readings_is_refused(lab, text, status):
    answered, headers, body = send(lab, text)

    assert answered == status
    assert headers["connection"] == "close"
    assert headers["x-content-type-options"] == "nosniff"
    assert body.endswith(b".\n")


def test_a_head_that_does_not_come_whole_is_answered_408(hasty):
    with hasty.wire() as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: ")
        assert wire.answer()[0] == 408
        assert wire.ended()


def test_a_connection_that_never_asks_is_ended(hasty):
    with hasty.wire() as wire:
        assert wire.ended()


def test_requests_share_a_connection_also_when_they_come_in_one_read(lab):
    with lab.wire() as wire:
        one = f"GET /page HTTP/1.1\r\nHost: 127.0.0.1:{lab.port}\r\n\r\n".encode()
        wire.send(one * 3)

        assert [wire.answer()[0] for _ in range(3)] == [200, 200, 200]


def test_a_body_that_nobody_reads_ends_the_connection(lab):
    with lab.wire() as wire:
        status, _, _ = wire.ask("POST /nowhere HTTP/1.1\nContent-Length: 10000", b"x")
        assert status == 404
        assert wire.ended()


def test_an_exception_in_a_page_is_a_500_without_its_text(lab):
    status, _, body = lab.get("/break")

    assert status == 500
    assert b"broken" not in body


# Host and origin


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:1234", 200),
        ("[::1]:80", 200),
        ("127.1.2.3", 200),
        ("class.example", 200),
        ("attacker.example", 421),
        ("localhost.attacker.example", 421),
        ("10.1.2.3", 421),
        ("a@localhost", 421),
        ("", 421),
    ],
)
def test_a_host_that_is_not_ours_is_refused(named, host, status):
    text = f"GET /page HTTP/1.1\r\nHost: {host}\r\n\r\n"

    assert send(named, text)[0] == status


@pytest.fixture(scope="module")
def named(forks):
    process = Process(forks, HOSTS=["class.example"])
    yield process
    process.stop()


@pytest.mark.parametrize("target", ["/page", ENGINE])
@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:PORT", 200),
        ("https://127.0.0.1:PORT", 200),
        ("http://127.0.0.1:1", 403),
        ("http://attacker.example", 403),
        ("", 403),
        ("file://", 403),
    ],
)
def test_a_page_of_another_origin_is_refused(lab, target, origin, status):
    origin = origin.replace("PORT", str(lab.port))

    assert lab.get(target, f"Origin: {origin}")[0] == status


def test_a_page_without_an_origin_may_speak_to_the_engine_alone(lab):
    """A sandboxed frame; Origin: null says nothing about whose page it is in."""
    for target in ("/page", "/form", "/healthz", "/wire?after=0", "/socket.io", "/socket.iox/"):
        assert lab.get(target, "Origin: null")[0] == 403, target
        assert "access-control-allow-origin" not in lab.get(target, "Origin: null")[1]
    for origin in ("null", "NULL"):
        status, headers, _ = lab.get(ENGINE, f"Origin: {origin}")

        assert (status, headers["access-control-allow-origin"]) == (200, "null")
        assert "access-control-allow-credentials" not in headers
    for extra in ("", f"Origin: http://127.0.0.1:{lab.port}"):
        assert "access-control-allow-origin" not in lab.get(ENGINE, extra)[1]


def test_a_page_without_an_origin_can_read_why_it_was_refused(lab):
    status, headers, _ = lab.get("/socket.io/?EIO=3&transport=polling", "Origin: null")

    assert (status, headers["access-control-allow-origin"]) == (400, "null")


def test_no_request_of_a_page_without_an_origin_is_asked_before_it_comes(lab):
    """Only what needs no preflight gets through: no header of its own, no other method."""
    ask = "Origin: null\nAccess-Control-Request-Method: POST\nAccess-Control-Request-Headers: x"
    with lab.wire() as wire:
        status, headers, _ = wire.ask(f"OPTIONS {ENGINE} HTTP/1.1\n{ask}")

    assert status == 405
    assert not {name for name in headers if name.startswith("access-control-allow-")} - {
        "access-control-allow-origin"
    }


def test_the_cookies_of_a_page_without_an_origin_make_it_nobody(lab):
    """They are of whoever sits at that browser, who has not written what asks."""
    ada = "Cookie: socketlab_seat=seat.ada"
    before = lab.recorded("ada")["rows"]
    Polling(lab, f"{ada}\nOrigin: null").join()
    with lab.wire() as wire:
        wire.join(extra=f"{ada}\r\nOrigin: null\r\n")

    assert lab.recorded("ada")["rows"] == before


def test_a_session_of_a_page_without_an_origin_is_never_mixed_with_others(lab):
    """Whatever its id was told to: nobody goes on with one from the other side of that wall."""
    opaque, plain, seated = (
        Polling(lab, "Origin: null"),
        Polling(lab),
        Polling(lab, "Cookie: socketlab_seat=seat.ada"),
    )
    for polling, others in (
        (opaque, ["", "Cookie: socketlab_seat=seat.ada", f"Origin: http://127.0.0.1:{lab.port}"]),
        (plain, ["Origin: null"]),
        (seated, ["Cookie: socketlab_seat=seat.ada\nOrigin: null", "Origin: null"]),
    ):
        own = polling.headers
        for headers in others:
            polling.headers = headers
            assert polling.post("40/lab,") == 400, (own, headers)
        polling.headers = own
        polling.join()


def test_forwarded_headers_change_nothing(lab):
    forged = "X-Forwarded-Host: attacker.example\nOrigin: http://attacker.example"
    assert lab.get(ENGINE, forged)[0] == 403


def test_a_websocket_of_another_origin_is_refused(lab):
    with lab.wire() as wire:
        assert wire.upgrade(extra="Origin: http://attacker.example\r\n")[0] == 403


# Requests to Engine.IO


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/socket.io/", 400),
        ("/socket.io/?EIO=3&transport=polling", 400),
        ("/socket.io/?EIO=4", 400),
        ("/socket.io/?EIO=4&transport=carrier-pigeon", 400),
        ("/socket.io/?EIO=4&transport=websocket", 400),
        (ENGINE + "&j=0", 400),
        (ENGINE + "&sid=abcdefghijklmnopqrst", 400),
        (ENGINE + "&sid=%0Aforged%20line", 400),
        (ENGINE + "&sid=__proto__", 400),
        (ENGINE + "&sid=", 400),
    ],
)
def test_a_wrong_request_to_the_engine_is_a_400(lab, target, status):
    assert lab.get(target)[0] == status


def test_other_methods_are_not_served_by_the_engine(lab):
    for method in ("PUT", "DELETE", "OPTIONS", "PATCH"):
        with lab.wire() as wire:
            assert wire.ask(f"{method} {ENGINE} HTTP/1.1")[0] == 405


def test_engine_answers_are_not_for_guessing_nor_for_keeping(lab):
    headers = lab.get(ENGINE)[1]

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    ("length", "status"),
    [("32769", 413), ("50000000", 413), (None, 411)],
)
def test_a_body_too_long_is_refused_before_it_is_read(lab, length, status):
    polling = Polling(lab)
    with lab.wire() as wire:
        head = f"POST {polling.path} HTTP/1.1"
        assert wire.ask(head + (f"\nContent-Length: {length}" if length else ""))[0] == status

    assert polling.post("40/lab,") == 200  # the session is none the worse


def test_other_bodies_have_their_own_limit(lab):
    with lab.wire() as wire:
        assert wire.ask("POST /page HTTP/1.1\nContent-Length: 16385")[0] == 413


def test_a_body_that_does_not_come_whole_is_answered_408(hasty):
    polling = Polling(hasty)
    with hasty.wire() as wire:
        status, _, _ = wire.ask(f"POST {polling.path} HTTP/1.1\nContent-Length: 100", b"40/lab")
        assert status == 408


def test_a_session_of_a_seat_is_of_no_use_to_another(lab):
    mine = Polling(lab, "Cookie: socketlab_seat=seat.mine")
    yours = "Cookie: socketlab_seat=seat.yours"
    assert lab.get(mine.path, yours)[0] == 400
    with lab.wire() as wire:
        assert wire.upgrade(query=f"&sid={mine.session}", extra=f"{yours}\r\n")[0] == 400
    with lab.wire(source="127.0.0.2") as stranger:
        assert stranger.ask(f"GET {mine.path} HTTP/1.1")[0] == 400

    assert mine.join()


def test_a_seat_that_is_told_in_the_first_request_only_keeps_its_session(lab):
    polling = Polling(lab, "Cookie: socketlab_seat=seat.once")
    polling.headers = ""

    assert polling.join().post('42/lab,1["echo",{}]') == 200
    assert polling.poll()[1].startswith("43/lab,1")


def test_who_shows_its_seat_in_every_request_is_not_spoken_for_by_one_without(lab):
    mine = Polling(lab, "Cookie: socketlab_seat=seat.mine").join()
    stranger = Polling(lab)  # at the same address
    stranger.path = mine.path

    assert stranger.post('42/lab,["say",{"text":"forged"}]') == 400
    assert lab.get(mine.path)[0] == 400
    with lab.wire() as wire:
        assert wire.upgrade(query=f"&sid={mine.session}")[0] == 400
    assert mine.post('42/lab,1["echo",{}]') == 200
    assert mine.poll()[1].startswith("43/lab,1")


def test_who_tells_its_seat_once_may_upgrade_with_it_and_without(lab):
    """As python-socketio's asyncio client does: the handshake of its WebSocket has all headers."""
    for extra in ("Cookie: socketlab_seat=seat.once\r\n", ""):
        polling = Polling(lab, "Cookie: socketlab_seat=seat.once")
        polling.headers = ""
        polling.join()
        with lab.wire() as wire:
            assert wire.upgrade(query=f"&sid={polling.session}", extra=extra)[0] == 101
        assert polling.post('42/lab,1["echo",{}]') == 200


def test_the_client_script_is_served_to_all_pages_even_sandboxed_ones(lab):
    status, headers, body = lab.get("/socket.io/socket.io.js", "Origin: null")

    assert status == 200
    assert body == (ROOT / "tests/server/client.js").read_bytes()
    assert headers["content-type"].startswith("text/javascript")
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["x-content-type-options"] == "nosniff"
    again = lab.get("/socket.io/socket.io.js", f"If-None-Match: {headers['etag']}")
    assert again[0] == 304 and again[2] == b""


def test_the_client_script_is_packed_for_whoever_can_undo_that(lab):
    plain = (ROOT / "tests/server/client.js").read_bytes()
    status, headers, body = lab.get("/socket.io/socket.io.js", "Accept-Encoding: br, gzip")
    refused = lab.get("/socket.io/socket.io.js", "Accept-Encoding: gzip;q=0")

    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert gzip.decompress(body) == plain == refused[2]
    assert "content-encoding" not in refused[1]
    assert headers["vary"] == refused[1]["vary"] == "Accept-Encoding"
    assert headers["etag"] != refused[1]["etag"]


# Numbers


def test_sockets_without_a_seat_are_counted_by_address(start):
    lab = start(SOCKETS_PER_ADDRESS=3)
    for _ in range(3):
        Polling(lab)
    status, headers, body = lab.get(ENGINE)

    assert status == 429
    assert int(headers["retry-after"]) >= 1
    assert Polling(lab, "Cookie: socketlab_seat=seat.ada").join()


def test_sockets_of_a_seat_are_counted_by_seat(start):
    lab = start(SOCKETS_PER_SEAT=2)
    ada = "Cookie: socketlab_seat=seat.ada"
    for _ in range(2):
        Polling(lab, ada)

    assert lab.get(ENGINE, ada)[0] == 429
    assert lab.get(ENGINE, "Cookie: socketlab_seat=seat.bob")[0] == 200


def test_the_sessions_of_a_seat_are_counted_as_they_come_and_go(start):
    lab = start(SOCKETS_PER_SEAT=2)
    ada = "Cookie: socketlab_seat=seat.ada"
    with lab.wire() as named, lab.wire() as known:
        named.join(auth={"seat": "seat.ada"})  # as "seat.ada", for this server takes it as it is
        known.join(extra=f"{ada}\r\n")
        assert lab.get("/socket.io/?EIO=4&transport=polling", ada)[0] == 200
        assert lab.get("/socket.io/?EIO=4&transport=polling", ada)[0] == 429
    eventually(lambda: lab.knows()["sessions"] == 1)
    Polling(lab, ada)

    assert lab.get("/socket.io/?EIO=4&transport=polling", ada)[0] == 429
    assert lab.knows()["stats"]["refused"] == {"HTTP 429": 2}


def test_a_full_server_says_when_to_come_back(start):
    lab = start(SOCKETS=2)
    Polling(lab)
    Polling(lab)
    with lab.wire() as wire:
        status, headers = wire.upgrade()

    assert status == 503
    assert "retry-after" in headers
    assert lab.get("/page")[0] == 200


def test_new_sessions_have_a_pace(start):
    lab = start(SESSIONS_BURST=5, SESSIONS_PER_SECOND=1, SESSIONS_PER_10_SECONDS=1)
    statuses = [lab.get(ENGINE)[0] for _ in range(7)]

    assert statuses == [200] * 5 + [429] * 2


def test_of_the_new_sessions_some_are_kept_for_the_class_and_for_the_teacher(start):
    lab = start(SESSIONS_BURST=6, SESSIONS_PER_SECOND=0.01, SESSIONS_PER_10_SECONDS=10)

    def statuses(*seats):
        return [lab.get(ENGINE, f"Cookie: socketlab_seat=seat.{seat}")[0] for seat in seats]

    assert statuses(*range(8)) == [200] * 6 + [429] * 2
    assert lab.get(ENGINE)[0] == 429
    assert statuses("known1", "known2", "known3") == [200, 200, 429]
    assert [lab.get(ENGINE, "Cookie: socketlab_teacher=teacher.x")[0] for _ in range(3)] == [
        200
    ] * 3


def test_seats_behind_one_address_have_a_pace_each(start):
    """A class that was cut off comes back at once.

    The bucket that all share is full again before the next request, however fast that comes.
    """
    lab = start(SESSIONS_BURST=5, SESSIONS_PER_SECOND=10**9, SESSIONS_PER_10_SECONDS=1)
    statuses = [
        lab.get(ENGINE, f"Cookie: socketlab_seat=seat.{who}")[0]
        for who in ("ada", "bob")
        for _ in range(6)
    ]

    assert statuses == ([200] * 5 + [429]) * 2


def test_questions_about_the_wire_have_a_pace_for_each_seat(start):
    lab = start(WIRE_PER_SECOND=2)
    ada, bob = (f"Cookie: socketlab_seat=seat.{who}" for who in ("ada", "bob"))
    for _ in range(4):
        assert lab.get("/wire?of=none", ada)[0] == 200
    answers = [lab.get("/wire?of=none", ada) for _ in range(4)]
    refused = [answer for answer in answers if answer[0] == 429]

    assert refused[0][1]["retry-after"] == "1"
    assert refused[0][2] == b"Too many questions about the wire.\n"
    assert lab.get("/wire?of=none", bob)[0] == 200


# A pool of connections that strangers fill

SEATED = "\nCookie: socketlab_seat=seat.ada"
TEACHER = "\nCookie: socketlab_teacher=teacher.x"
SMALL = 6  # sockets: 18 connections


def promptly(lab, headers=""):
    """The status of a page, which comes before anybody's time is up (HEADER_SECONDS is the first).

    Its connection has ended on both sides then, and is not counted beside the next one.
    """
    with lab.wire() as wire:
        wire.sock.settimeout(4)
        status = wire.ask(f"GET /page HTTP/1.1\nConnection: close{headers}")[0]
        assert wire.ended()
    return status


@pytest.mark.parametrize(
    "sent", [b"", b"GET /pa", b"GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n"]
)
def test_connections_that_only_wait_keep_nobody_out(start, sent):
    lab = start(SOCKETS=SMALL)
    idle = [lab.wire() for _ in range(40)]
    try:
        for wire in idle:
            wire.send(sent)
        assert [promptly(lab, who) for who in (SEATED, TEACHER, "")] == [200, 200, 200]
        assert lab.get("/healthz")[0] == 200
    finally:
        for wire in idle:
            wire.sock.close()


def hold(lab, headers=""):
    """A connection whose request is under way for long."""
    wire = lab.wire()
    wire.send(f"GET /hold HTTP/1.1\nHost: localhost{headers}\n\n".replace("\n", "\r\n").encode())
    return wire


def test_the_last_connections_are_for_seats_and_the_very_last_for_the_teacher(start):
    lab = start(SOCKETS=SMALL)
    busy = [hold(lab) for _ in range(14)]
    try:
        eventually(lambda: promptly(lab) == 503)
        assert [promptly(lab, who) for who in (SEATED, TEACHER)] == [200, 200]
        busy += [hold(lab, SEATED) for _ in range(3)]
        eventually(lambda: promptly(lab, SEATED) == 503)
        assert promptly(lab, TEACHER) == 200
        busy.append(hold(lab, TEACHER))
        eventually(lambda: promptly(lab, TEACHER) == 503)
        with lab.wire() as wire:  # really full: not silent even then
            status, headers, body = wire.ask("GET /page HTTP/1.1")
            assert status == 503
            assert headers["connection"] == "close"
            assert body == b"The server is full: try again in a moment.\n"
            assert wire.ended()
    finally:
        for wire in busy:
            wire.sock.close()


def test_strangers_that_are_refused_take_no_place_of_a_seat(start):
    lab = start(SOCKETS=SMALL)
    strangers = [hold(lab) for _ in range(14)]
    try:
        eventually(lambda: promptly(lab) == 503)
        for _ in range(20):  # each is told no, and stays as long as it may
            strangers.append(lab.wire())
            assert strangers[-1].ask("GET /page HTTP/1.1")[0] == 503
        assert [promptly(lab, who) for who in (SEATED, TEACHER)] == [200, 200]
    finally:
        for wire in strangers:
            wire.sock.close()


def test_a_seat_keeps_its_connection_while_strangers_come_and_go(start):
    lab = start(SOCKETS=SMALL)
    with lab.wire() as mine:
        assert mine.ask(f"GET /page HTTP/1.1{SEATED}")[0] == 200
        strangers = [lab.wire() for _ in range(60)]
        try:
            assert promptly(lab) == 200
            assert mine.ask(f"GET /page HTTP/1.1{SEATED}")[0] == 200
        finally:
            for wire in strangers:
                wire.sock.close()


# What was refused is counted, and said in the log


def test_refusals_are_counted_by_kind(start):
    lab = start(EVENTS_PER_SECOND=20)
    send(lab, "GET / HTTP/2.0\r\nHost: HOST\r\n\r\n")
    lab.get(ENGINE, "Origin: http://attacker.example")
    with lab.wire() as wire:
        wire.upgrade()
        wire.until("0")
        wire.text("40/nope,")
        wire.until("44")
        wire.text("40/lab,")
        wire.until("40")
        wire.text('42/lab,1["say"]')
        wire.until("43")
        wire.text("not a packet")
        wire.closed()
    stats = lab.knows()["stats"]

    assert stats["refused"] == {
        "HTTP 403": 1,
        "HTTP 505": 1,
        "CONNECT": 1,
        "event": 1,
        "session": 1,
    }
    assert stats["fell_behind"] == 0


def test_a_refusal_is_a_line_of_the_log_where_somebody_listens(start):
    lab = start(log="INFO")
    send(lab, "GET / HTTP/2.0\r\nHost: HOST\r\n\r\n")
    lab.get("/page", "Origin: http://attacker.example")
    _, said = lab.stop()

    assert said.splitlines() == [
        "socketlab.server INFO HTTP 505 refused: This server speaks HTTP/1.1. (127.0.0.1)",
        "socketlab.server INFO HTTP 403 refused: Pages of other sites are not served here. "
        "(127.0.0.1)",
    ]


# Arriving and leaving


def test_a_port_that_is_taken_is_an_error_at_once(lab):
    program = (
        "from tests.server.lab import *\n"
        "app, socketio, tap, settings = build({})\n"
        "try:\n"
        f"    Server(app, socketio, tap, '127.0.0.1', {lab.port}, settings)\n"
        "except OSError as error:\n"
        "    print('taken', error.errno)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=20
    )

    assert done.stdout.startswith("taken")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_leave_says_goodbye(start, how):
    lab = start()
    polling = Polling(lab).join()
    with lab.wire() as wire, lab.wire() as held, lab.wire() as idle, lab.wire() as busy:
        wire.join()
        idle.ask("GET /page HTTP/1.1")
        host = f"Host: 127.0.0.1:{lab.port}\r\n\r\n"
        busy.send(f"GET /hold HTTP/1.1\r\n{host}".encode())
        held.send(f"GET {polling.path} HTTP/1.1\r\n{host}".encode())
        assert polling.post('42/lab,["echo",{}]') == 200
        asked = time.monotonic()
        lab.process.send_signal(how)

        assert wire.closed() == 1001
        status, _, body = held.answer()
        assert (status, body) == (200, b"1")
        assert idle.ended()
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", lab.port), 1).close()
        code, said = lab.stop()
        assert time.monotonic() - asked < 3
    assert code == 0
    assert said == ""


def test_what_clients_do_wrong_is_no_traceback_and_no_forged_line(start):
    lab = start()
    send(lab, "GET /\x1b[31m HTTP/1.1\r\nHost: HOST\r\n\r\n")
    send(lab, "NONSENSE\r\n\r\n")
    lab.get(ENGINE + "&sid=%0Aforged")
    with lab.wire() as wire:
        wire.join()
        wire.text("not a packet")
        wire.closed()
    with lab.wire() as wire:
        wire.send(b"GET /page HTTP/1.1\r\n")
    _, said = lab.stop()

    assert said == ""


def test_the_health_of_a_quiet_server_is_that_of_a_fresh_one(start):
    """After every kind of visitor has gone, nothing of them is left."""
    lab = start()
    for _ in range(5):
        with lab.wire() as wire:
            wire.join(auth={"seat": "seat.ada"})
            wire.call("say", {"text": "x"})
        with lab.wire() as wire:
            wire.upgrade()
        with lab.wire() as wire:
            wire.send(b"GET /pa")
        Polling(lab).join().post("1")
    left = eventually(lambda: (k := lab.knows())["sessions"] == 0 and k, seconds=8)

    assert left["rooms"] == {} and left["pending"] == {}
    assert left["held"] == left["tap"]["bytes"]
    eventually(lambda: lab.knows()["tap"]["connections"] == 1, seconds=3)
    assert json.dumps(left["left"]).count("transport") >= 5


# Requests that are not as they should be, and what is said to them


def half_a_body(lab, ending):
    """A page is sent half of a body; ``ending(socket)`` is what becomes of the rest."""
    with lab.wire() as wire:
        wire.send(
            f"POST /form HTTP/1.1\r\nHost: localhost:{lab.port}\r\nContent-Length: 100\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n\r\ncode=".encode()
        )
        ending(wire.sock)
        status, headers, _ = wire.answer()
        assert headers["connection"] == "close"
        assert wire.ended()
        return status


def test_a_page_whose_body_does_not_come_whole_says_so_and_logs_a_line(start):
    lab = start(log="INFO", BODY_SECONDS=0.3)

    assert half_a_body(lab, lambda sock: None) == 408
    assert half_a_body(lab, lambda sock: sock.shutdown(socket.SHUT_WR)) == 400
    _, said = lab.stop()
    assert said.splitlines() == [
        f"socketlab.server INFO HTTP {status} refused: The body did not come whole. (127.0.0.1)"
        for status in (408, 400)
    ]


@pytest.mark.parametrize("target", ["/cookies", ENGINE])
def test_a_cookie_that_is_no_utf8_is_no_cookie(start, target):
    lab = start()

    assert lab.get(target, "Cookie: socketlab_seat=\xff\xfe")[0] == 200
    assert lab.stop()[1] == ""


@pytest.mark.parametrize(
    "head",
    [
        "GET /page HTTP/1.1\nConnection: close",
        f"GET {ENGINE} HTTP/1.1\nConnection: close",
        "GET /page HTTP/1.0",
        "POST /nowhere HTTP/1.1\nContent-Length: 10000",
        "POST /page HTTP/1.1\nContent-Length: 99999",
        "GET /page HTTP/1.1\nOrigin: http://attacker.example\nConnection: close",
    ],
)
def test_who_will_hang_up_says_so(lab, head):
    with lab.wire() as wire:
        _, headers, _ = wire.ask(head)

        assert headers["connection"] == "close"
        assert wire.ended()


def test_who_will_not_hang_up_does_not_say_so(lab):
    with lab.wire() as wire:
        for _ in range(2):
            assert "connection" not in wire.ask("POST /page HTTP/1.1\nContent-Length: 0")[1]


def test_an_empty_line_before_a_request_is_passed_over(lab):
    with lab.wire() as wire:
        for _ in range(2):  # as some clients put one behind a body
            wire.send(f"\r\nGET /page HTTP/1.1\r\nHost: localhost:{lab.port}\r\n\r\n".encode())
            assert wire.answer()[0] == 200


def test_a_new_connection_has_less_time_than_one_that_is_kept(start):
    lab = start(FIRST_BYTE_SECONDS=0.3)
    with lab.wire() as silent, lab.wire() as kept:
        assert kept.ask("GET /page HTTP/1.1")[0] == 200
        assert silent.ended()
        assert kept.ask("GET /page HTTP/1.1")[0] == 200


# The last sessions are for those who are known for more than their cookie


def test_seats_without_end_leave_sessions_for_the_class_and_for_the_teacher(start):
    lab = start(SOCKETS=32, SOCKETS_PER_SEAT=2)
    seats = [f"Cookie: socketlab_seat=seat.{number}" for number in range(14)]
    for seat in seats * 2:
        Polling(lab, seat)

    assert lab.get(ENGINE, "Cookie: socketlab_seat=seat.new")[0] == 503
    assert lab.get(ENGINE)[0] == 503
    for number in range(3):
        Polling(lab, f"Cookie: socketlab_seat=seat.known{number}")
    assert lab.get(ENGINE, "Cookie: socketlab_seat=seat.known3")[0] == 503
    assert lab.get(ENGINE, "Cookie: socketlab_teacher=teacher.x")[0] == 200


def test_a_session_without_a_seat_is_of_no_use_to_who_has_other_cookies(lab):
    mine = Polling(lab, "Cookie: a=1")
    for other in ("Cookie: a=2", "Cookie: socketlab_seat=seat.yours", ""):
        assert lab.get(mine.path, other)[0] == 400
        with lab.wire() as wire:
            extra = f"{other}\r\n" if other else ""
            assert wire.upgrade(query=f"&sid={mine.session}", extra=extra)[0] == 400

    assert mine.join()


def test_a_session_may_go_on_with_the_cookie_of_the_seat_that_it_has_named(lab):
    mine = Polling(lab)
    assert mine.post('40/lab,{"seat":"ada"}') == 200
    with lab.wire() as wire:
        head = f"POST {mine.path} HTTP/1.1\nCookie: socketlab_seat=seat.ada\nContent-Length: 19"
        assert wire.ask(head, b'42/lab,["echo",{ }]')[0] == 200
