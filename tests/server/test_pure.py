"""The pure parts of the engine room: JSON, packets, frames, heads, buckets."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socketlab.limits import Buckets, RateLimiter, TokenBucket
from socketlab.protocols import handshake, packets, strict_json
from socketlab.protocols import websocket as framing
from socketlab.server import request_head as head
from socketlab.server.deflate import Deflate
from tests.server.raw import frame as client_frame

# JSON

texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_json_goes_out_and_comes_back(value):
    assert strict_json.loads(strict_json.dumps(value)) == value
    assert strict_json.loads(json.dumps(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "[Infinity]",
        "-Infinity",
        "1e999",
        '{"a":-1e999}',
        "9007199254740992",
        "-9007199254740992",
        "1" * 5000,
        '"\\ud800"',
        '{"\\udc00":1}',
        '["\ud83d"]',
        "[" * 17 + "]" * 17,
        "[" * 100_000,
        '{"a":' * 17 + "1" + "}" * 17,
        "[" + "1," * 2000 + "1]",
        '{"' + "k" * 65 + '":1}',
        "",
        "{",
        "[1,]",
        "{'a':1}",
        "01",
        "\ufeff1",
    ],
)
def test_what_not_every_client_can_read_is_refused(text):
    with pytest.raises(ValueError):
        strict_json.loads(text)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {"a": b"bytes"}, {1: {2}}])
def test_what_is_not_json_is_never_written(value):
    with pytest.raises((ValueError, TypeError)):
        strict_json.dumps(value)


def test_the_limits_themselves_are_let_pass():
    for text in (
        "[" * 16 + "]" * 16,
        "[" + "1," * 1997 + "1]",
        '{"' + "k" * 64 + '":9007199254740991}',
        '"' + "[" * 500 + '\\"' + "{" * 500 + '"',
        '"\\ud83d\\ude42"',
    ):
        strict_json.loads(text)


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    for noise in (text, "[" + text, '{"a":' + text):
        try:
            strict_json.loads(noise)
        except ValueError:
            pass


# Packets


@given(st.text(max_size=60), st.sampled_from(["", "2", "2/lab,1", "0/lab,", "3/lab,1[", '2["a",{']))
@settings(max_examples=300)
def test_any_text_is_a_packet_or_broken(text, start):
    try:
        packet = packets.read(start + text)
    except packets.Broken:
        return
    assert packet.type in range(7)
    assert packet.error is None or packet.id is not None


@given(
    st.sampled_from(["/", "/lab", "/a-b/c"]),
    st.none() | st.integers(0, 2**31 - 1),
    st.from_regex(r"[a-z_]{1,64}", fullmatch=True).filter(lambda n: n not in packets.RESERVED),
    st.dictionaries(texts, values, max_size=3),
)
def test_an_event_is_read_as_it_was_written(namespace, number, name, data):
    text = packets.prefix(packets.EVENT, namespace, number) + strict_json.dumps([name, data])
    packet = packets.read(text)

    assert (packet.type, packet.namespace, packet.id) == (packets.EVENT, namespace, number)
    assert packet.data == [name, data] and packet.error is None


@pytest.mark.parametrize(
    ("message", "label"),
    [
        ("2", "ping"),
        ("3", "pong"),
        ("2probe", "probe"),
        ("3probe", "probe"),
        ('0{"sid":"x"}', "open"),
        ("40", "/ connect"),
        ('40/lab,{"sid":"x"}', "/lab connect"),
        ("41/lab,", "/lab disconnect"),
        ('42/lab,["said",{}]', "/lab said"),
        ('42/lab,12["join",{}]', "/lab join"),
        ('42["join",{}]', "/ join"),
        ('43/lab,12[{"ok":true}]', "/lab ack"),
        ('44/lab,{"message":"no"}', "/lab connect_error"),
        ('451-/lab,["x",{}]', "/lab binary"),
        ("4", "unreadable"),
        ("", "unreadable"),
        (b"\x00", "binary"),
    ],
)
def test_messages_are_counted_under_namespace_and_event(message, label):
    assert packets.label(message) == label


# Frames


@given(st.binary(max_size=70_000), st.sampled_from([1, 2, 8, 9, 10]))
@settings(max_examples=60, deadline=None)
def test_a_frame_goes_out_and_comes_back(payload, opcode):
    data = framing.frame(payload, opcode)
    first, length, at = data[0], data[1], 2
    assert first == 0x80 | opcode and length < 128
    if length > 125:
        at = 4 if length == 126 else 10
        length = framing.long_length(data[2:at])
    assert length == len(payload) and data[at:] == payload


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4))
def test_the_mask_undoes_itself(payload, mask):
    assert framing.unmask(framing.unmask(payload, mask), mask) == payload
    assert framing.unmask(payload, mask) == bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


def test_the_standards_own_masked_hello_is_read():
    data = bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58")  # RFC 6455, section 5.7

    framing.check_head(data[0], data[1], None)
    assert framing.unmask(data[6:], data[2:6]) == b"Hello"
    assert framing.frame(b"Hello") == bytes.fromhex("81 05 48 65 6c 6c 6f")


@given(st.integers(0, 255), st.integers(0, 255), st.booleans())
def test_every_head_is_good_or_a_protocol_error(first, second, compression):
    try:
        framing.check_head(first, second, compression)
    except framing.ProtocolError as error:
        assert error.code == 1002
    else:
        assert second & 0x80 and first & 0x0F in framing.OPCODES


def test_a_long_reason_is_cut_to_a_control_frame():
    data = framing.close_frame(1008, "é" * 200)

    assert data[1] <= 125
    data[4:].decode("utf-8")


@given(st.lists(st.binary(max_size=500), max_size=8))
def test_compressed_messages_come_back_in_order(messages):
    ours, theirs = Deflate(500), Deflate(500)
    for message in messages:
        assert theirs.inflate(ours.deflate(message)) == message


def test_the_standards_own_deflated_hello_is_read():
    assert Deflate(10).inflate(bytes.fromhex("f2 48 cd c9 c9 07 00")) == b"Hello"  # RFC 7692


def test_inflating_stops_at_the_limit():
    big = Deflate(10**6).deflate(b"x" * 10**6)

    with pytest.raises(framing.ProtocolError) as error:
        Deflate(1000).inflate(big)
    assert error.value.code == 1009


def test_the_accept_value_is_the_standards():
    assert handshake.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@given(st.binary(max_size=100), st.sampled_from([1, 2, 8, 9, 10]), st.booleans())
def test_the_tests_own_frames_pass_our_check(payload, opcode, final):
    data = client_frame(payload, opcode, final=final or opcode >= 8)

    framing.check_head(data[0], data[1], None)


# Heads


def test_a_head_is_read_with_its_fields():
    data = (
        b"POST /a?b=%20c HTTP/1.1\r\nHost: x\r\nCookie: a=1\r\ncookie:b=2\r\n"
        b"Content-Length:\t12 \r\nX-Note: caf\xe9\r\nX-Note: two\r\n\r\n"
    )
    request = head.read(data, 10)

    assert (request.method, request.target, request.version) == ("POST", "/a?b=%20c", "HTTP/1.1")
    assert request.length == 12 and not request.close
    assert request.fields["cookie"] == "a=1; b=2"
    assert request.fields["x-note"] == "caf\xe9, two"


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_any_bytes_are_a_head_or_a_bad_one(noise):
    for data in (noise, b"GET / HTTP/1.1\r\nHost: x\r\n" + noise + b"\r\n\r\n"):
        try:
            request = head.read(data, 10)
        except head.BadHead as error:
            assert error.status[:3].isdigit()
        else:
            assert request.target.startswith("/")


# Buckets; the clock is a number


def test_a_bucket_gives_its_burst_and_then_its_rate():
    bucket = TokenBucket(rate=2, burst=5, now=100.0)

    assert [bucket.take(100.0) for _ in range(6)] == [True] * 5 + [False]
    assert bucket.wait() == 0.5
    assert not bucket.take(100.4)
    assert bucket.take(100.6)
    assert [bucket.take(1000.0) for _ in range(6)] == [True] * 5 + [False]


@given(st.lists(st.floats(0, 3), max_size=100))
def test_no_bucket_gives_more_than_burst_and_rate_allow(pauses):
    bucket, now, given_out = TokenBucket(10, 20, 0.0), 0.0, 0
    for pause in pauses:
        now += pause
        given_out += bucket.take(now)
        assert given_out <= 20 + 10 * now + 1e-6


def test_buckets_by_key_are_apart_and_bounded():
    buckets = Buckets(rate=1, burst=2, most=100)
    assert [buckets.take("a", 0.0) > 0 for _ in range(3)] == [False, False, True]
    assert buckets.take("b", 0.0) == 0
    for number in range(1000):
        buckets.take(number, number / 1000)
        assert len(buckets.buckets) <= 100


LIMITS = {
    "EVENTS_PER_SECOND": 20,
    "EVENTS_BURST": 40,
    "INPUT_BYTES_PER_SECOND": 1000,
    "INPUT_BYTES_BURST": 2000,
}


def test_a_flood_is_slowed_and_after_three_seconds_ended():
    pace = RateLimiter(LIMITS, 0.0)
    verdicts = [pace.admit(number / 100, 1) for number in range(500)]

    assert verdicts[:40] == ["pass"] * 40
    first = verdicts.index("slow")
    assert 3.0 < verdicts.index("end") / 100 - first / 100 <= 3.2


def test_who_pauses_is_forgiven():
    pace = RateLimiter(LIMITS, 0.0)
    for second in range(0, 60, 3):
        verdicts = [pace.admit(second + n / 1000, 1) for n in range(70)]
        assert "end" not in verdicts


def test_bytes_are_paced_too():
    pace = RateLimiter(LIMITS, 0.0)

    assert [pace.admit(0.0, 900) for _ in range(3)] == ["pass", "pass", "slow"]
