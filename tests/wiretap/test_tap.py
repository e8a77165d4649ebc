"""The tap by itself: what it keeps, what it counts, what it blanks."""

import gzip
import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socketlab.wiretap.meter import Meter
from socketlab.wiretap.redactor import KEEP, Redactor
from socketlab.wiretap.rings import OVERHEAD, Sums
from socketlab.wiretap.tap import Tap
from tests.helpers import examples

TOKEN = "seat.eyJpZCI6ImEifQ.sIgn-at_ure"
SECRET = "TEACHERKEY"
CODE = "K7WXYZ"


@pytest.fixture
def tap():
    clock = iter(range(1_000_000))
    paths = ["/bidirectional/latest", "/bidirectional/wait"]
    return Tap(lambda: float(next(clock)), secrets=[SECRET, CODE], paths=paths)


@pytest.fixture
def line(tap):
    return tap.open(("127.0.0.1", 50_000))


def masked(payload, opcode=1, final=True, key=None):
    """A client's frame; ``payload`` under 65,536 bytes."""
    key = key or os.urandom(4)
    size = len(payload)
    head = bytes([(0x80 if final else 0) | opcode])
    head += bytes([0x80 | size]) if size < 126 else bytes([0xFE]) + size.to_bytes(2, "big")
    return head + key + bytes(b ^ key[i & 3] for i, b in enumerate(payload))


def plain(payload):
    size = len(payload)
    return b"\x81" + (bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2, "big")) + payload


def payload_of(raw):
    """A frame's payload, unmasked."""
    at = 4 if raw[1] & 0x7F == 126 else 2
    if not raw[1] & 0x80:
        return raw[at:]
    key = raw[at : at + 4]
    return bytes(b ^ key[i & 3] for i, b in enumerate(raw[at + 4 :]))


def exchange(line, head, body=b"", answer=b"HTTP/1.1 200 OK\r\n\r\n", seat=None, path="/page"):
    """One whole HTTP exchange."""
    done = line.request(head, path, len(body))
    if seat:
        done.claim(seat)
    if body:
        done.body(body)
    done.respond(answer)
    done.end()
    return done


# Rows and counts


def test_an_exchange_is_two_rows_and_one_request(tap, line):
    exchange(line, b"GET /page HTTP/1.1\r\n\r\n", answer=b"HTTP/1.1 204\r\n\r\n", seat="ada")
    (up, down), following, dropped = tap.records("ada")

    assert (up.up, up.data, up.offset, up.kind) == (True, b"GET /page HTTP/1.1\r\n\r\n", 0, "http")
    assert (down.up, down.data, down.offset) == (False, b"HTTP/1.1 204\r\n\r\n", 0)
    assert up.n < down.n == following and dropped == 0
    count = tap.counts("ada")["page"]
    assert (count.requests, count.bytes_up, count.bytes_down) == (1, 22, 16)
    assert count.connections == 1


def test_a_request_is_a_row_while_its_answer_is_still_held(tap, line):
    held = line.request(b"GET /bidirectional/wait HTTP/1.1\r\n\r\n", "/bidirectional/wait")
    held.claim("ada")

    assert [row.up for row in tap.records("ada")[0]] == [True]


def test_a_request_is_counted_while_its_answer_is_still_held(tap, line):
    held = line.request(b"GET /wait HTTP/1.1\r\n\r\n", "/bidirectional/wait")
    held.claim("ada")
    asked = tap.counts("ada")["/bidirectional/wait"]
    held.respond(b"HTTP/1.1 204\r\n\r\n")
    held.mark_empty()
    held.end()
    answered = tap.counts("ada")["/bidirectional/wait"]

    assert (asked.requests, asked.bytes_up, asked.bytes_down, asked.empty) == (1, 22, 0, 0)
    assert asked.connections == 1
    assert (answered.requests, answered.bytes_up, answered.bytes_down) == (1, 22, 16)
    assert answered.empty == 1


def test_bytes_of_a_body_that_come_after_the_count_are_counted_once(tap, line):
    early = line.request(b"POST / HTTP/1.1\r\n\r\n", "/page", 3)
    early.claim("ada")
    early.respond(b"HTTP/1.1 413\r\n\r\n")  # refused by its head: the body is still to come
    early.body(b"abc")
    early.end()

    count = tap.counts("ada")["page"]
    assert (count.requests, count.bytes_up, count.bytes_down) == (1, 22, 16)


def test_an_answer_is_counted_with_its_request_where_the_owner_became_known_meanwhile(tap, line):
    held = line.request(b"GET", "/socket.io/")
    held.belong("session")
    held.body(b"")  # all of it is here: filed under the session
    tap.claim_session("session", "ada")
    held.respond(b"HTTP")
    held.end()

    count = tap.counts("ada")["/socket.io/"]
    assert (count.requests, count.bytes_up, count.bytes_down) == (1, 3, 4)


def test_an_answer_to_a_request_of_before_the_restart_is_not_of_the_new_count(tap, line):
    held = line.request(b"GET", "/bidirectional/wait")
    held.claim("ada")
    (fresh,) = tap.restart("ada", ["/bidirectional/wait"])
    held.respond(b"HTTP")
    held.end()

    assert (fresh.requests, fresh.bytes_up, fresh.bytes_down) == (0, 0, 0)


def test_a_meter_tells_its_lanes_and_beside_them_all_else_that_crossed_since(tap, line):
    tap.bind("session", line)
    tap.claim_session("session", "ada")
    line.frame(False, plain(b"2"), "ping", "2")
    meter = Meter(tap, tap.now, "ada", {"socket": "/lab posted", "poll": "/lab/latest"})
    before = line.up, line.down
    line.frame(False, plain(b'42/lab,["posted",{}]'), "/lab posted", "")
    line.frame(False, plain(b"2"), "ping", "2")
    line.frame(True, masked(b"3"), "pong", "3")
    line.frame(False, plain(b'42/lab,["metered",{}]'), "/lab metered", "")

    ((_, socket), (_, poll)) = meter.read()
    assert (socket["bytes_up"], socket["bytes_down"]) == (0, 22)
    assert poll["requests"] == 0
    beside = meter.beside()
    assert beside == {
        "ping": Sums(frames_down=1, bytes_down=3),
        "pong": Sums(frames_up=1, bytes_up=7),
        "/lab metered": Sums(frames_down=1, bytes_down=23),
    }
    crossed = (line.up - before[0], line.down - before[1])
    assert crossed == (
        socket["bytes_up"] + sum(sums.bytes_up for sums in beside.values()),
        socket["bytes_down"] + sum(sums.bytes_down for sums in beside.values()),
    )


def test_offsets_go_on_from_request_to_request_and_into_the_frames(tap, line):
    exchange(line, b"GET / HTTP/1.1\r\n\r\n", seat="ada")
    exchange(line, b"GET / HTTP/1.1\r\n\r\n", seat="ada")
    tap.bind("session", line)
    line.frame(True, masked(b"2probe"), "probe", "2probe")
    line.frame(False, plain(b"3probe"), "probe", "3probe")
    rows = tap.records("ada")[0]

    assert [row.offset for row in rows if row.up] == [0, 18, 36]
    assert [row.offset for row in rows if not row.up] == [0, 19, 38]


def test_an_empty_answer_is_counted_and_a_hidden_exchange_is_not(tap, line):
    empty = line.request(b"GET", "/bidirectional/latest")
    empty.claim("ada")
    empty.mark_empty()
    empty.respond(b"HTTP")
    empty.end()
    hidden = line.request(b"GET /wire", "/wire")
    hidden.skip()
    hidden.claim("ada")
    hidden.respond(b"HTTP")
    hidden.end()

    counts = tap.counts("ada")
    assert set(counts) == {"/bidirectional/latest"}
    assert counts["/bidirectional/latest"].empty == 1
    assert len(tap.records("ada")[0]) == 2
    assert line.up == 12 and line.down == 8  # it crossed all the same


@pytest.mark.parametrize(
    ("path", "label", "rows"),
    [
        ("/static/lesson.js", "static", 0),
        ("/socket.io/socket.io.js", "static", 0),
        ("/socket.io/", "/socket.io/", 2),
        ("/bidirectional/wait", "/bidirectional/wait", 2),
        ("/lesson/bidirectional", "page", 2),
        ("/", "page", 2),
    ],
)
def test_exchanges_are_counted_under_their_path(tap, line, path, label, rows):
    exchange(line, b"GET", seat="ada", path=path)

    assert set(tap.counts("ada")) == {label}
    assert len(tap.records("ada")[0]) == rows


def test_the_65th_label_is_other(tap, line):
    tap.bind("session", line)
    tap.claim_session("session", "ada")
    for number in range(100):
        line.frame(True, masked(b"4"), f"/lab event_{number}", "4")

    counts = tap.counts("ada")
    assert len(counts) == 65
    assert counts["other"].frames_up == 36


def test_counts_are_copies(tap, line):
    exchange(line, b"GET", seat="ada")
    tap.counts("ada")["page"].saw(tap.open(("127.0.0.1", 50_001)))
    tap.counts("ada")["page"].requests = 99

    assert tap.counts("ada")["page"].requests == 1
    assert tap.counts("ada")["page"].connections == 1


def test_without_recording_there_are_counts_and_no_rows(tap, line):
    tap.recording = False
    exchange(line, b"GET", seat="ada")
    tap.bind("session", line)
    line.frame(True, masked(b"3"), "pong", "3")

    assert tap.records("ada") == ([], 0, 0)
    assert tap.counts("ada")["page"].requests == 1
    assert tap.counts("ada")["pong"].bytes_up == 7
    assert tap.stats()["bytes"] == 0


def test_a_reader_goes_on_where_it_stopped_and_may_ask_for_one_connection(tap, line):
    other = tap.open(("127.0.0.1", 50_001))
    for number in range(6):
        exchange(line if number % 2 else other, b"GET", seat="ada")
    first, after, _ = tap.records("ada", limit=5)
    rest, end, _ = tap.records("ada", after=after)

    assert [row.n for row in first + rest] == list(range(1, 13))
    assert tap.records("ada", after=end) == ([], end, 0)
    assert {row.connection for row in tap.records("ada", connection=other.id)[0]} == {other.id}
    assert tap.records("bob") == ([], 0, 0)


def test_a_page_of_rows_of_one_connection_skips_nothing(tap, line):
    other = tap.open(("127.0.0.1", 50_001))
    for number in range(20):
        exchange(line if number % 2 else other, b"GET", seat="ada")
    seen, after = [], 0
    while page := tap.records("ada", after=after, connection=line.id, limit=3)[0]:
        seen += [row.n for row in page]
        after = tap.records("ada", after=after, connection=line.id, limit=3)[1]

    assert len(seen) == len(set(seen)) == 20


# Whose it is


def test_a_session_that_says_who_it_is_takes_its_past_along(tap, line):
    for _ in range(2):
        done = line.request(b"GET /socket.io/", "/socket.io/")
        done.belong("session")
        done.respond(b"HTTP")
        done.end()
    assert tap.records("ada")[0] == []

    tap.claim_session("session", "ada")

    assert len(tap.records("ada")[0]) == 4
    assert tap.counts("ada")["/socket.io/"].requests == 2
    more = line.request(b"GET /socket.io/", "/socket.io/")
    more.belong("session")
    more.respond(b"HTTP")
    more.end()
    assert tap.counts("ada")["/socket.io/"].requests == 3
    assert tap.records()[0] == tap.records("ada")[0]


def test_frames_before_and_after_the_claim_belong_to_the_seat(tap, line):
    tap.bind("session", line)
    line.frame(True, masked(b"40/lab,"), "/lab connect", "40/lab,")
    tap.claim_session("session", "ada")
    line.frame(False, plain(b"40/lab,"), "/lab connect", "40/lab,")

    assert [row.up for row in tap.records("ada")[0]] == [True, False]
    assert tap.counts("ada")["/lab connect"].frames_up == 1
    assert tap.counts("ada")["/lab connect"].frames_down == 1


def test_the_newest_row_of_a_websocket_is_of_its_own_connection(tap, line):
    assert tap.newest("session") is None
    tap.bind("session", line)
    tap.claim_session("session", "ada")
    assert tap.newest("session") is None
    other = tap.open(("127.0.0.1", 50_001))
    line.frame(True, masked(b"40/lab,"), "/lab connect", "40/lab,")
    tap.crossed(False, [line], [*tap.redactor.frames([plain(b"a"), plain(b"b")], "x", "ab")])
    for _ in range(100):
        exchange(other, b"GET /socket.io/?sid=session", seat="ada")

    assert tap.newest("session") == 3 and tap.n == 203
    line.frame(False, plain(b"2"), "ping", "2")
    line.frame(True, masked(b"3"), "pong", "3")
    assert tap.newest("session") == 3  # a heartbeat says nothing of the program
    assert tap.newest_on(line) == 205
    line.frame(True, masked(b"4"), "x", "4")
    assert tap.newest("session") == 206
    tap.end_session("session")
    assert tap.newest("session") is None


def test_the_newest_row_of_a_session_that_polls_is_its_own_request(tap, line):
    other = tap.open(("127.0.0.1", 50_001))
    for connection, name in ((line, "ours"), (other, "hers"), (other, "last")):
        done = connection.request(f"POST /?sid={name}&x=1".encode(), "/socket.io/")
        done.belong(name)
        tap.claim_session(name, "ada")
        done.end()

    assert [tap.newest(name) for name in ("ours", "hers", "none")] == [1, 2, None]


def test_rows_of_two_ledgers_come_together_in_order(tap, line):
    other = tap.open(("127.0.0.1", 50_001))
    tap.bind("session", other)
    for _ in range(100):
        exchange(line, b"GET", seat="ada")
        other.frame(True, masked(b"3"), "pong", "3")
    tap.claim_session("session", "ada")
    numbers = [row.n for row in tap.records("ada", limit=1000)[0]]

    assert numbers == list(range(1, 301))


def test_a_websocket_whose_handshake_named_the_seat_is_that_seats(tap, line):
    exchange(line, b"GET", seat="ada", path="/socket.io/")
    tap.bind("session", line)
    line.frame(True, masked(b"3"), "pong", "3")

    assert tap.counts("ada")["pong"].frames_up == 1


def test_what_nobody_claimed_is_the_teachers_to_see_and_bounded(tap):
    for number in range(3000):
        line = tap.open(("127.0.0.1", number))
        exchange(line, b"GET / HTTP/1.1\r\n\r\n")
        tap.close(line)

    assert tap.stats()["connections"] == 0
    assert tap.stats()["records"] <= 2000
    assert len(tap.rings) == 1


def test_a_seat_that_is_forgotten_leaves_nothing(tap, line):
    tap.bind("session", line)
    tap.claim_session("session", "ada")
    line.frame(True, masked(b"3"), "pong", "3")
    tap.forget("ada")

    assert tap.records("ada") == ([], 0, 0)
    assert tap.counts("ada") == {}
    assert tap.stats()["bytes"] == 0
    line.frame(True, masked(b"3"), "pong", "3")
    assert tap.counts("ada")["pong"].frames_up == 1


def test_last_words_after_the_session_has_ended_are_counted_and_held_once(tap, line):
    tap.bind("session", line)
    line.frame(True, masked(b"40"), "/ connect", "40")
    tap.end_session("session")
    line.frame(False, plain(b"1"), "close", "1")
    tap.close(line)
    line.frame(False, plain(b"1"), "close", "1")  # too late: nobody is there to hear it

    assert len(tap.records()[0]) == 2
    assert tap.stats()["bytes"] == sum(ring.held for ring in tap.rings.values())
    assert set(tap.rings) == {""}


# Bounds


def test_the_oldest_rows_fall_out_and_are_counted(line, tap):
    tap.rows_per_seat = 100
    for _ in range(200):
        exchange(line, b"GET", seat="ada")
    rows, following, dropped = tap.records("ada", limit=1000)

    assert len(rows) <= 100
    assert rows[-1].n == following == 400
    assert dropped == 400 - len(rows)
    assert tap.records("ada", after=following)[2] == 0
    assert tap.stats()["dropped"] == dropped


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.booleans(), st.integers(0, 3000)),
        max_size=200,
    )
)
def test_no_ring_and_no_sum_of_rings_outgrows_its_bound(things):
    tap = Tap(lambda: 0.0, rows_per_seat=40, bytes_per_seat=20_000, bytes_total=30_000)
    lines = {}
    for seat, _, _ in things:
        if seat not in lines:
            lines[seat] = tap.open((seat, 1))
            tap.bind(seat, lines[seat])
            tap.claim_session(seat, seat)
    for seat, up, size in things:
        raw = masked(b"x" * size) if up else plain(b"x" * size)
        lines[seat].frame(up, raw, "label", "x")
        held = 0
        for name in lines:
            rows = tap.records(name, limit=1000)[0]
            size = sum(len(row.data) + OVERHEAD for row in rows)
            assert len(rows) <= 40 and size <= 20_000
            held += size
        assert held == tap.stats()["bytes"] <= 30_000
    for name in lines:
        sent = sum(1 for seat, _, _ in things if seat == name)
        rows, _, dropped = tap.records(name, limit=1000)
        assert len(rows) + dropped == sent
        count = tap.counts(name).get("label")
        assert (count.frames_up + count.frames_down if count else 0) == sent


# What crosses several connections, or in several frames, at once

LINES = range(4)
SETS = st.lists(st.sampled_from(LINES), unique=True, max_size=4)
FRAMES = st.lists(st.sampled_from("abc"), min_size=1, max_size=5)
STEP = st.one_of(
    st.tuples(st.just("cross"), SETS, FRAMES, st.booleans()),
    st.tuples(st.just("cross"), SETS, FRAMES, st.booleans()),
    st.tuples(st.just("claim"), st.sampled_from(LINES), st.sampled_from(["ada", "bob"])),
    st.tuples(st.sampled_from(["close", "end", "pause"]), st.sampled_from(LINES)),
)


class Line:
    """A tap with four connections, that is told of everything at once or of one after the other."""

    def __init__(self, together, **bounds):
        self.tap, self.together = Tap(lambda: 0.0, **bounds), together
        self.lines = [self.tap.open(("127.0.0.1", n)) for n in LINES]
        for n in LINES:
            self.tap.bind(f"session {n}", self.lines[n])

    def do(self, kind, whom, *more):
        if kind == "cross":
            labels, up = more
            lines, frames = [self.lines[n] for n in whom], []
            for label in labels:
                frames += self.tap.redactor.frames([plain(ord(label) * b"x")], label, "x")
            if self.together:
                return self.tap.crossed(up, lines, tuple(frames))
            for line in lines:
                for one in frames:
                    self.tap.crossed(up, [line], [one])
        elif kind == "claim":
            self.tap.claim_session(f"session {whom}", *more)
        elif kind == "close":
            self.tap.close(self.lines[whom])
        elif kind == "end":
            self.tap.end_session(f"session {whom}")
        else:
            self.tap.recording = not self.tap.recording


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(STEP, max_size=30), st.integers(0, 40), st.integers(1, 20))
def test_what_crosses_at_once_is_kept_and_counted_as_if_one_after_the_other(steps, after, limit):
    together, apart = Line(True), Line(False)
    for step in steps:
        together.do(*step)
        apart.do(*step)

    assert together.tap.stats() == apart.tap.stats()
    assert together.tap.records(limit=10**6) == apart.tap.records(limit=10**6)
    for seat in ("ada", "bob", ""):
        page = together.tap.records(seat, after, limit=limit)
        assert page == apart.tap.records(seat, after, limit=limit)
        assert repr(together.tap.counts(seat)) == repr(apart.tap.counts(seat))
        assert together.tap.before_last(seat, limit) == apart.tap.before_last(seat, limit)
        assert together.tap.joined(seat) == apart.tap.joined(seat)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(STEP, max_size=60))
def test_what_crosses_at_once_stays_within_the_bounds_too(steps):
    one = Line(True, rows_per_seat=40, bytes_per_seat=20_000, bytes_total=30_000)
    for step in steps:
        one.do(*step)
        for ring in one.tap.rings.values():
            rows = list(ring.since(0))
            assert len(rows) == ring.rows <= 40
            assert sum(len(what.data) + OVERHEAD for *_, what in rows) == ring.held <= 20_000
        assert sum(ring.held for ring in one.tap.rings.values()) == one.tap.held <= 30_000
    for seat in one.tap.rings.keys() & {"ada", "bob"}:
        rows, _, dropped = one.tap.records(seat, limit=1000)
        numbers = [row.n for row in rows]
        assert numbers == sorted(set(numbers)) and dropped == one.tap.rings[seat].dropped


def test_of_a_long_body_the_beginning_is_kept_and_the_rest_is_counted(tap, line):
    body = b"x" * (KEEP * 2)
    exchange(line, b"GET", seat="ada", answer=b"HTTP/1.1 200 OK\r\n\r\n" + body)
    down = tap.records("ada")[0][1]

    assert len(down.data) == KEEP
    assert len(down.data) + down.truncated == len(body) + 19
    assert tap.counts("ada")["page"].bytes_down == len(body) + 19


# Bounds of what nobody uses any more


def visit(tap, seat, path="/page"):
    """A visitor without a cookie: one connection, one page, gone."""
    line = tap.open(("127.0.0.1", 1))
    exchange(line, b"GET", seat=seat, path=path)
    tap.close(line)


def test_a_ring_for_every_visitor_without_a_cookie_is_not_kept_for_ever():
    tap = Tap(lambda: 0.0, rings=100)
    for number in range(5000):
        visit(tap, f"seat {number}")
        assert len(tap.rings) <= 101

    assert tap.stats() == {
        "connections": 0,
        "sessions": 0,
        "rings": 100,
        "records": 200,
        "bytes": sum(ring.held for ring in tap.rings.values()),
        "dropped": 2 * 4900,
    }


def test_the_ring_that_is_unused_for_longest_goes_first():
    tap = Tap(lambda: 0.0, rings=3)
    for seat in ("ada", "bob", "eve", "ada", "joe"):
        visit(tap, seat)

    assert set(tap.rings) == {"ada", "eve", "joe"}


def test_a_seat_that_has_a_connection_or_a_session_keeps_its_ring():
    tap = Tap(lambda: 0.0, rings=10)
    browser, socket = tap.open(("127.0.0.1", 1)), tap.open(("127.0.0.1", 2))
    exchange(browser, b"GET", seat="connected")
    tap.bind("websocket", socket)
    tap.claim_session("websocket", "listening")
    poll = tap.open(("127.0.0.1", 3))
    done = poll.request(b"GET", "/socket.io/")
    done.belong("polling")
    done.respond(b"HTTP")
    done.end()
    tap.claim_session("polling", "polling")
    tap.close(poll)
    for number in range(100):
        visit(tap, f"seat {number}")
    socket.frame(True, masked(b"3"), "pong", "3")

    assert {"connected", "listening", "polling"} <= set(tap.rings)
    assert tap.counts("listening")["pong"].frames_up == 1
    tap.close(browser)
    tap.close(socket)
    tap.end_session("websocket")
    tap.end_session("polling")
    for number in range(100):
        visit(tap, f"seat {number}")
    assert len(tap.rings) == 10 and "connected" not in tap.rings


def test_when_bytes_are_short_those_who_have_left_pay_before_those_who_are_here():
    tap = Tap(lambda: 0.0, bytes_total=20_000)
    line = tap.open(("127.0.0.1", 1))
    exchange(line, b"GET", body=b"x" * 12_000, seat="here")
    for number in range(200):
        visit(tap, f"seat {number}")
        assert tap.stats()["bytes"] <= 20_000

    assert len(tap.records("here")[0]) == 2
    assert len(tap.records("seat 199")[0]) == 2 and tap.records("seat 0")[0] == []


def test_fifty_thousand_connections_are_counted_and_not_remembered(tap):
    for number in range(50_000):
        line = tap.open(("127.0.0.1", number))
        done = line.request(b"GET", "/page")
        done.skip() if number % 10 else done.claim("ada")
        done.end()
        tap.close(line)
    count = tap.rings["ada"].counts["page"]

    assert count.connections == tap.counts("ada")["page"].connections == 5000
    assert count.open == set() and tap.connections == {}


def test_a_connection_is_counted_once_under_a_label_whatever_becomes_of_it(tap, line):
    for _ in range(3):
        done = line.request(b"GET", "/socket.io/")  # nobody's yet
        done.end()
    done = line.request(b"GET", "/socket.io/")
    done.belong("session")
    done.end()
    tap.bind("session", line)
    tap.claim_session("session", "ada")
    exchange(line, b"GET", seat="ada", path="/socket.io/")

    assert tap.counts("ada")["/socket.io/"].connections == 1
    tap.end_session("session")
    tap.close(line)
    assert tap.counts("ada")["/socket.io/"].connections == 1
    assert tap.counts("ada")["/socket.io/"].requests == 5


def test_a_seat_that_starts_its_counters_often_leaves_none_behind(tap, line):
    exchange(line, b"GET", seat="ada")
    for _ in range(100):
        (count,) = tap.restart("ada", ["page"])
        exchange(line, b"GET", seat="ada")

    assert (count.requests, count.connections) == (1, 1)
    assert line.counters == {count}


def test_what_a_session_says_after_its_end_leaves_no_ring_of_its_own(tap, line):
    mine, nobodys = line.request(b"GET", "/socket.io/"), line.request(b"GET", "/socket.io/")
    mine.belong("claimed")
    nobodys.belong("unclaimed")
    tap.claim_session("claimed", "ada")
    for session, done in (("claimed", mine), ("unclaimed", nobodys)):
        done.respond(b"HTTP")
        tap.end_session(session)
        tap.claim_session(session, "too late")
        done.end()
    tap.close(line)

    assert set(tap.rings) == {"", "ada"} and tap.stats()["sessions"] == 0
    assert len(tap.records("ada")[0]) == len(tap.records("")[0]) == 2


def test_a_seat_is_forgotten_without_a_look_at_anybody_else(tap, line, monkeypatch):
    exchange(line, b"GET", seat="ada")
    monkeypatch.setattr(tap, "connections", None)
    monkeypatch.setattr(tap, "sessions", None)
    tap.forget("ada")

    assert tap.records("ada") == ([], 0, 0)
    exchange(line, b"GET", seat="ada")
    assert tap.counts("ada")["page"].requests == 1


# What the application tells the tap


def test_an_address_that_is_told_later_has_a_label_from_then_on(tap, line):
    exchange(line, b"GET", seat="ada", path="/upgrade/dial")
    tap.count_path("/upgrade/dial")
    exchange(line, b"GET", seat="ada", path="/upgrade/dial")

    assert set(tap.counts("ada")) == {"page", "/upgrade/dial"}


def test_by_itself_the_tap_knows_no_address_of_any_lesson():
    tap = Tap(lambda: 0.0)

    assert tap.label("/bidirectional/latest") == tap.label("/upgrade/dial") == "page"


def test_an_application_may_have_other_names_for_its_secrets():
    redactor = Redactor(parameters=["pin"], members=["pin"], token="tk-")
    tap = Tap(lambda: 0.0, secrets=[SECRET], redactor=redactor)
    line = tap.open(("127.0.0.1", 1))
    exchange(line, f"GET /?pin=1234&seat=x HTTP/1.1\r\nX: tk-abc {SECRET}\r\n\r\n".encode())
    message = '40/lab,{"pin":"1234","seat":"x"}'
    line.frame(True, masked(message.encode()), "/lab connect", message)
    request, _, frame = tap.records()[0]

    assert request.data.startswith(b"GET /?pin=****&seat=x HTTP/1.1\r\nX: ****** **********\r\n")
    assert payload_of(frame.data) == b'40/lab,{"pin":"****","seat":"x"}'


# Secrets


REQUEST = (
    f"GET /join?key={SECRET}&nick=ada&code=abc&seat={TOKEN} HTTP/1.1\r\n"
    f"Host: localhost\r\nCookie: socketlab_seat={TOKEN}; other=1\r\n"
    f"cookie:second\r\nAuthorization: Bearer xyz\r\n"
    f"Referer: http://localhost/teach?key=guessed\r\nX-Note: plain\r\n\r\n"
)


def test_secrets_in_a_request_are_blanked_to_the_same_length(tap, line):
    body = f"nick=ada&code=guess&text={CODE}&more={TOKEN}".encode()
    exchange(line, REQUEST.encode(), body=body, seat="ada")
    row = tap.records("ada")[0][0]

    shown = row.data.decode()
    assert len(row.data) == len(REQUEST) + len(body)
    for secret in (SECRET, TOKEN, CODE, "Bearer", "xyz", "guessed", "guess", "second", "other=1"):
        assert secret not in shown
    assert "nick=ada" in shown and "X-Note: plain" in shown and "key=*" in shown
    original = REQUEST.encode() + body
    blank = {at for start, length in row.blanked for at in range(start, start + length)}
    for at, (was, now) in enumerate(zip(original, row.data, strict=True)):
        assert now == (0x2A if at in blank else was)


PIECES = (
    *("GET /?", "key=", "seat", "=", "abc", "&code=", " ", "\r\n", "\r\n\r\n", "Cookie: ", ": "),
    *("COOKIE \t:", "proxy-Authorization:", "Transfer-Encoding: chunked\r\n", "3\r\n"),
    *("Content-Encoding: gzip\r\n", '40/lab,{"', "token", '":"', '"}', "\x1e", "{", "password"),
    *("%73eat.x", "\\u0073eat.", "seat.abc", SECRET, SECRET[:4], "é", "4", "0", "1"),
)


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_where_no_word_of_a_secret_stands_no_pattern_finds_one(text):
    quick, thorough = Redactor([SECRET]), Redactor([SECRET])
    thorough.words = thorough.byte_words = [""]  # which stands everywhere
    raw = text.encode()

    assert quick.http(raw, "page", len(raw)) == thorough.http(raw, "page", len(raw))
    frames = [masked(raw)]
    for message in (text, raw):
        assert quick.frames(frames, "x", message) == thorough.frames(frames, "x", message)


def test_secrets_in_a_response_are_blanked(tap, line):
    answer = (
        f"HTTP/1.1 200 OK\r\nSet-Cookie: socketlab_seat={TOKEN}; HttpOnly\r\n"
        f"Location: /teach?key=guessed\r\n\r\n<meta name=seat content={TOKEN}> {SECRET}"
    ).encode()
    exchange(line, b"GET", answer=answer, seat="ada")
    shown = tap.records("ada")[0][1].data.decode()

    assert len(shown) == len(answer)
    for secret in (TOKEN, SECRET, "guessed", "HttpOnly"):
        assert secret not in shown


def test_a_compressed_response_loses_its_whole_body(tap, line):
    """A secret in it would not be found."""
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    body = gzip.compress(b'<meta name="seat" content="seat.abc.def">')
    exchange(line, b"GET", answer=head + body, seat="ada")
    chunked = head[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"
    exchange(
        line, b"GET", answer=chunked + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body), seat="ada"
    )
    whole, in_chunks = (row for row in tap.records("ada")[0] if not row.up)

    assert whole.data == head + b"*" * len(body)
    assert list(whole.blanked) == [(len(head), len(body))]
    size = b"%x\r\n" % len(body)
    assert in_chunks.data == chunked + size + b"*" * len(body) + b"\r\n0\r\n\r\n"


def test_a_token_split_by_chunked_coding_is_blanked(tap, line):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    half = len(TOKEN) // 2
    pieces = [TOKEN[:half].encode(), TOKEN[half:].encode()]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    exchange(line, b"GET", answer=head + chunks + b"0\r\n\r\n", seat="ada")
    shown = tap.records("ada")[0][1].data

    assert (
        shown
        == head
        + b"".join(b"%x\r\n%s\r\n" % (len(piece), b"*" * len(piece)) for piece in pieces)
        + b"0\r\n\r\n"
    )


@pytest.mark.parametrize(
    "disguise",
    [
        lambda text: text,
        lambda text: "".join(f"%{ord(c):02x}" for c in text),
        lambda text: "".join(f"%{ord(c):02X}" if i % 3 else c for i, c in enumerate(text)),
        lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
        lambda text: "".join(f"\\u{ord(c):04x}" if i % 2 else c for i, c in enumerate(text)),
    ],
)
@pytest.mark.parametrize("secret", [TOKEN, SECRET])
def test_an_escaped_secret_is_a_secret(tap, line, secret, disguise):
    hidden = disguise(secret)
    message = '42/lab,["say",{"text":"' + hidden + '"}]'
    tap.bind("session", line)
    tap.claim_session("session", "ada")
    line.frame(True, masked(message.encode()), "/lab say", message)
    exchange(line, f"GET /?x={hidden} HTTP/1.1\r\n\r\n".encode(), body=hidden.encode(), seat="ada")
    frame, request, _ = tap.records("ada")[0]

    assert hidden not in payload_of(frame.data).decode()
    assert payload_of(frame.data).decode() == message.replace(hidden, "*" * len(hidden))
    assert hidden.encode() not in request.data
    assert len(frame.data) == len(masked(message.encode()))


def test_what_a_connect_packet_calls_seat_key_or_code_is_blanked(tap, line):
    message = '40/manager,{"seat":"x.y","code":"wrong","key":"a\\"b","nick":"ada"}'
    tap.bind("session", line)
    line.frame(True, masked(message.encode()), "/manager connect", message)
    shown = payload_of(tap.records()[0][0].data).decode()

    assert shown == '40/manager,{"seat":"***","code":"*****","key":"****","nick":"ada"}'


def test_a_public_seat_id_in_an_event_is_no_secret(tap, line):
    message = '42/class,["roster",{"seat":"s7Kp2qRw","code":"print(1)"}]'
    tap.bind("session", line)
    line.frame(False, plain(message.encode()), "/class roster", message)

    assert payload_of(tap.records()[0][0].data).decode() == message


@given(st.data())
@settings(max_examples=examples(80), deadline=None)
def test_a_token_split_over_fragments_is_blanked_in_each(data):
    message = f'40/lab,{{"seat":"{TOKEN}","né":1}}'.encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(message)), max_size=6)))
    pieces = [message[a:b] for a, b in zip([0, *cuts], [*cuts, len(message)], strict=True)]
    raws = [
        masked(piece, opcode=0 if number else 1, final=number == len(pieces) - 1)
        for number, piece in enumerate(pieces)
    ]
    raws.insert(data.draw(st.integers(1, len(raws))), masked(b"ping", opcode=9))
    captured = Redactor().frames(raws, "label", message.decode())

    assert [len(one.data) for one in captured] == [len(raw) for raw in raws]
    shown = b"".join(payload_of(one.data) for one in captured if not one.data[0] & 8)
    assert shown == message.replace(TOKEN.encode(), b"*" * len(TOKEN))
    for raw, one in zip(raws, captured, strict=True):
        blank = {at for start, length in one.blanked for at in range(start, start + length)}
        pairs = enumerate(zip(raw, one.data, strict=True))
        assert all(a == b or at in blank for at, (a, b) in pairs)


def test_a_secret_inside_a_compressed_message_takes_the_whole_payload(tap, line):
    message = f'42/lab,["say",{{"text":"{TOKEN}"}}]'
    raws = [masked(b"\x01\x02\x03", final=False), masked(b"\x04\x05", opcode=0)]
    tap.bind("session", line)
    line.message(raws, "/lab say", message, compressed=True)
    first, last = tap.records()[0]

    assert payload_of(first.data) == b"***" and payload_of(last.data) == b"**"
    assert first.inflated is None
    assert last.inflated.decode() == message.replace(TOKEN, "*" * len(TOKEN))


def test_a_compressed_message_without_a_secret_is_kept_as_it_crossed(tap, line):
    raw = masked(b"\x01\x02\x03")
    tap.bind("session", line)
    line.message([raw], "/lab say", "42/lab,[]", compressed=True)
    (row,) = tap.records()[0]

    assert row.data == raw and row.blanked == []
    assert row.inflated == b"42/lab,[]"


def test_what_never_became_a_message_is_shown_without_its_payload(tap, line):
    tap.bind("session", line)
    line.unfinished([masked(b"40{seat:" + TOKEN[:12].encode(), final=False), b"\x81", b""])
    first, second = tap.records()[0]

    assert set(payload_of(first.data)) == {0x2A}
    assert second.data == b"\x81"


def test_the_bytes_of_a_harmless_broadcast_are_shared_not_copied(tap, line):
    raw = plain(b'42/lab,["said",{"text":"hello"}]')
    (captured,) = tap.redactor.frames([raw], "/lab said", raw[2:].decode())

    assert captured.data is raw


def test_a_secret_that_is_told_later_is_blanked_from_then_on(tap, line):
    tap.hide("N3WC0D")
    exchange(line, b"GET", body=json.dumps({"x": "N3WC0D"}).encode(), seat="ada")

    assert b"N3WC0D" not in tap.records("ada")[0][0].data


@given(st.binary(max_size=200), st.booleans())
@settings(max_examples=examples(150), deadline=None)
def test_whatever_crosses_the_length_stays(noise, up):
    redactor = Redactor([SECRET])
    head = (
        b"GET / HTTP/1.1\r\n\r\n" if up else b"HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    for data in (noise, head + noise, noise + TOKEN.encode() + noise):
        captured = redactor.http(data, "page", len(data))
        assert len(captured.data) == len(data)
        assert TOKEN.encode() not in captured.data
    raw = masked(noise + TOKEN.encode(), opcode=2)
    (captured,) = redactor.frames([raw], "binary", noise + TOKEN.encode())
    assert len(captured.data) == len(raw)
    assert TOKEN.encode() not in payload_of(captured.data)
