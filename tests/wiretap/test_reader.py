"""Reading rows: decoded once for all who look at a seat, kept for a short while, in few bytes."""

import gc
import json
import sys
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socketlab.wiretap import RowReader, Tap, reader
from tests.wiretap.test_tap import exchange, masked, plain

TEXT = '42/lab,%d["say",{"text":"hello"}]'


@pytest.fixture
def tap():
    return Tap(lambda: 0.0)


@pytest.fixture
def line(tap):
    return seated(tap, "ada")


def seated(tap, seat):
    """A WebSocket of a seat."""
    line = tap.open(("127.0.0.1", 50_000))
    tap.bind(f"session of {seat}", line)
    tap.claim_session(f"session of {seat}", seat)
    return line


def say(line, *numbers):
    for number in numbers:
        text = TEXT % number
        line.frame(True, masked(text.encode()), "/lab say", text)


def everything(tap, seat="ada"):
    """The rows as somebody gets them who reads all at once, alone."""
    return RowReader(tap).read(seat, limit=10**6)["rows"]


def test_the_second_reader_at_the_same_place_decodes_nothing_again(tap, line):
    rows = RowReader(tap)
    say(line, *range(300))
    place = rows.read("ada")["next"]
    say(line, 1, 2, 3)
    first = rows.read("ada", place)
    decoded = rows.decoded
    second = rows.read("ada", place)

    assert len(first["rows"]) == 3 and second == first
    assert rows.decoded == decoded == 303


def test_two_who_poll_in_turn_cost_as_much_as_one(tap, line):
    rows = RowReader(tap)
    seen, places = {"drawer": [], "lesson": []}, {"drawer": 0, "lesson": 0}
    for step in range(200):
        say(line, step)
        for name in ["drawer"] + ["lesson"] * (step % 3 == 0):
            answer = rows.read("ada", places[name])
            seen[name] += answer["rows"]
            places[name] = answer["next"]
    seen["lesson"] += rows.read("ada", places["lesson"])["rows"]

    assert seen["drawer"] == seen["lesson"] == everything(tap)
    assert rows.decoded == 200


def test_a_page_that_is_opened_later_does_not_disturb_the_one_that_follows(tap, line):
    rows = RowReader(tap)
    say(line, *range(1000))
    place = rows.read("ada", limit=5000)["next"]
    decoded = rows.decoded
    late, after = [], 0
    for number in range(10):
        page = rows.read("ada", after, limit=100)
        late += page["rows"]
        after = page["next"]
        say(line, number)
        followed = rows.read("ada", place)
        place = followed["next"]
        assert len(followed["rows"]) == 1
    late += rows.read("ada", after)["rows"]

    assert late == everything(tap) and len(late) == 1010
    # What was there once more for the late one, and what came since only once for both.
    assert rows.decoded - decoded <= 1000 + 10


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(1, 9)), max_size=20),
    st.sampled_from([0, 20_000, 10**9]),
)
def test_whoever_reads_whenever_gets_the_rows_in_order(turns, kept_bytes):
    tap = Tap(lambda: 0.0)
    line = seated(tap, "ada")
    deflater = zlib.compressobj(wbits=-15)
    nested = []

    def read(who, limit):
        answer = rows.read("ada", places[who], limit=limit)
        seen[who] += answer["rows"]
        places[who] = answer["next"]

    def pause():  # the last one reads while the others let him
        if not nested:
            nested.append(True)
            read(3, 2)
            nested.clear()

    rows = RowReader(tap, pause)
    seen, places = [[] for _ in range(4)], [0] * 4
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "KEPT_BYTES", kept_bytes)
        patch.setattr(reader, "AT_ONCE", 3)
        for who, new, limit in turns:
            for number in range(new):
                text = (TEXT % number).encode()
                data = deflater.compress(text) + deflater.flush(zlib.Z_SYNC_FLUSH)
                raw = b"\xc1" + bytes([len(data) - 4]) + data[:-4]
                line.crossed(False, tap.redactor.frames([raw], "/lab say", text, False))
            read(who, limit)
        for who in range(3):
            read(who, 10**6)
        nested.append(True)
        read(3, 10**6)

    assert seen[0] == seen[1] == seen[2] == seen[3] == everything(tap)
    assert not seen[0] or "say" in seen[0][-1]["summary"]


def test_the_newest_rows_are_there_for_whoever_asks_for_the_last(tap, line):
    rows = RowReader(tap)
    say(line, *range(150))
    whole = everything(tap)

    assert rows.read("ada", last=20)["rows"] == whole[-20:]
    decoded = rows.decoded
    assert rows.read("ada", last=10)["rows"] == whole[-10:]
    assert rows.decoded == decoded == 150


def test_a_place_that_is_still_to_come_decodes_nothing(tap, line):
    rows = RowReader(tap)
    say(line, 1)

    assert rows.read("ada", 10**15) == {"rows": [], "next": 10**15, "dropped": 0}
    assert rows.decoded == 0 and rows.read("nobody")["rows"] == []


def test_the_rows_that_are_kept_are_bounded_in_bytes(tap, line):
    rows = RowReader(tap, most=3 * reader.KEPT_BYTES)
    for number in range(8):
        seat = f"seat {number}"
        say(seated(tap, seat), *range(200))
        rows.read(seat)

        assert rows.budget()["bytes"] <= 3 * reader.KEPT_BYTES
    assert rows.budget()["dropped"] > 0
    # Without its rows, a pass goes on from where it was all the same.
    decoded = rows.decoded
    place = tap.n
    say(tap.bound["session of seat 0"], 1)
    rows.read("seat 0", [r.n for r in tap.records("seat 0", limit=999)[0] if r.n <= place][-1])
    assert rows.decoded == decoded + 1


@pytest.mark.parametrize(
    "make",
    [
        lambda n: f'42/lab,{n}["say",{{"text":"hello"}}]',
        lambda n: f'43/lab,{n}[{{"ok":true}}]',
        lambda n: "3",
        lambda n: f'42/lab,["x",{{"n":{n},"a":[' + ",".join(["{}"] * 500) + "]}]",
        lambda n: f'42/lab,["x",{{"n":{n},"text":"' + "x" * 5000 + '"}]',
    ],
)
def test_the_weight_of_a_row_is_not_less_than_it_weighs(tap, line, make):
    def walk(value, seen):
        if id(value) in seen:
            return 0
        seen.add(id(value))
        inside = [*value, *value.values()] if isinstance(value, dict) else value
        deeper = isinstance(value, dict | list | tuple)
        return sys.getsizeof(value) + sum(walk(one, seen) for one in (inside if deeper else ()))

    for number in range(100):
        text = make(number)
        line.frame(False, plain(text.encode()), "label", text)
    rows = everything(tap)
    some, others, seen = rows[:50], rows[50:], set()
    walk(some, seen)  # what all rows share is nobody's weight

    assert walk(others, seen) <= reader.weigh(others)


def test_what_a_late_claim_brings_in_is_read_by_the_next_who_asks(tap, line):
    rows = RowReader(tap)
    stranger = tap.open(("127.0.0.1", 50_001))
    tap.bind("late", stranger)
    say(line, 1)
    say(stranger, 2)
    say(line, 3)
    rows.read("ada")
    tap.claim_session("late", "ada")

    assert rows.read("ada")["rows"] == everything(tap) and len(everything(tap)) == 3


def test_of_a_seat_that_is_forgotten_no_row_is_shown(tap, line):
    rows = RowReader(tap)
    say(line, 1, 2)
    rows.read("ada")
    tap.forget("ada")
    assert rows.read("ada")["rows"] == []
    say(line, 3)

    assert [row["n"] for row in rows.read("ada")["rows"]] == [3]
    rows.forget("ada")
    assert rows.kept_bytes == 0


def test_rows_that_fell_out_of_the_ring_are_shown_to_nobody(line, tap):
    tap.rows_per_seat = 100
    rows = RowReader(tap)
    for number in range(300):
        say(line, number)
        rows.read("ada", number)
    answer = rows.read("ada", limit=1000)

    assert answer["dropped"] == 300 - len(answer["rows"]) >= 200
    assert answer["rows"][-1]["n"] == 300


def test_rows_are_plain_json_and_one_connection_can_be_asked_for(tap, line):
    rows = RowReader(tap)
    other = seated(tap, "ada")
    say(line, 1)
    say(other, 2)
    exchange(other, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", seat="ada")
    mine = rows.read("ada", connection=other.id)

    assert [row["connection"] for row in mine["rows"]] == [other.id] * 3
    assert json.loads(json.dumps(mine)) == mine


# What decoders remember


HANDSHAKE = b"""GET /socket.io/?EIO=4&transport=websocket HTTP/1.1
Host: x
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

""".replace(b"\n", b"\r\n")
SWITCHED = b"""HTTP/1.1 101 Switching Protocols
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
Sec-WebSocket-Extensions: permessage-deflate

""".replace(b"\n", b"\r\n")


def compressed_visit(tap, seat, number, size=16_000, stays=False):
    """A connection with compression on which one long event crosses."""
    connection = tap.open(("127.0.0.1", number))
    upgrade = connection.request(HANDSHAKE, "/socket.io/")
    upgrade.claim(seat)
    upgrade.respond(SWITCHED)
    upgrade.end()
    tap.bind(f"{seat} {number}", connection)
    tap.claim_session(f"{seat} {number}", seat)
    letters = "".join(chr(97 + n * n % 26) for n in range(size))
    text = f'42/lab,["say",{{"text":"{letters}"}}]'
    deflate = zlib.compressobj(wbits=-15)
    data = (deflate.compress(text.encode()) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
    raw = masked(data, 0x41)  # RSV1: it is compressed
    captured = tap.redactor.frames([raw], "/lab say", text, True)
    connection.crossed(True, captured)
    if not stays:
        tap.close(connection)
        tap.end_session(f"{seat} {number}")


def test_who_has_read_all_keeps_no_decoder_of_a_connection_that_is_closed(tap):
    rows = RowReader(tap)
    for number in range(20):
        compressed_visit(tap, "ada", number)
    compressed_visit(tap, "ada", 99, stays=True)
    shown = rows.read("ada", limit=10**6)["rows"]
    (one,) = rows._passes["ada"]

    assert len(one.decoders) == 1 and len(shown) == 21 * 3
    assert not [row for row in shown if "error" in row]


def test_the_memory_of_decoders_stays_within_its_budget_whoever_asks(tap):
    """64 short compressed connections, asked for from many places, by many seats."""
    rows, most = RowReader(tap, most=4 << 20), 4 << 20
    for seat in "abcdef":
        for number in range(64):
            compressed_visit(tap, seat, number, size=2000)
        numbers = [record.n for record in tap.records(seat, limit=999)[0]]
        for place in numbers[::40]:
            answer = rows.read(seat, place, limit=1)
            assert len(answer["rows"]) == 1 and "error" not in answer["rows"][0]
            assert rows.budget()["bytes"] <= most
    assert rows.budget()["dropped"] > 0
    whole = rows.read("a", limit=10**6)["rows"]

    assert len(whole) == 64 * 3 and not [row for row in whole if "error" in row]


def test_what_decoders_are_said_to_weigh_is_about_what_they_take(tap):
    for number in range(60):
        compressed_visit(tap, "ada", number, stays=True)
    rows = RowReader(tap)
    tracemalloc.start()
    try:
        rows.read("ada", limit=10**6)
        gc.collect()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert 0.6 < rows.budget()["bytes"] / taken < 1.7, (rows.budget(), taken)


def test_what_a_compressed_message_holds_is_counted_with_it(tap):
    for number in range(200):
        compressed_visit(tap, "ada", number, size=16_000)

    assert tap.budget()["bytes"] <= tap.bytes_per_seat
    kept = [record.inflated for record in tap.records("ada", limit=999)[0] if record.inflated]
    assert 0 < sum(map(len, kept)) <= tap.bytes_per_seat
    assert tap.budget()["dropped"] > 0
    tap.forget("ada")
    assert tap.budget()["bytes"] == 0
