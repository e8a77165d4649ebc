"""WebSocket frames: RFC 6455, section 5, bit by bit."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socketlab.wiretap import frames
from socketlab.wiretap.layers import DecodeError
from tests.wiretap.encoder import frame, tiled

HELLO = b"Hello"

# RFC 6455, section 5.7, all six examples (the fourth one has two frames).
EXAMPLES = [
    ("81 05 48 65 6c 6c 6f", HELLO, "text, final, unmasked, 5 bytes"),
    ("81 85 37 fa 21 3d 7f 9f 4d 51 58", HELLO, "text, final, masked, 5 bytes"),
    ("01 03 48 65 6c", b"Hel", "text, not final, unmasked, 3 bytes"),
    ("80 02 6c 6f", b"lo", "continuation, final, unmasked, 2 bytes"),
    ("89 05 48 65 6c 6c 6f", HELLO, "ping, final, unmasked, 5 bytes"),
    ("8a 85 37 fa 21 3d 7f 9f 4d 51 58", HELLO, "pong, final, masked, 5 bytes"),
    ("82 7e 01 00" + " 2a" * 256, b"*" * 256, "binary, final, unmasked, 256 bytes"),
    (
        "82 7f 00 00 00 00 00 01 00 00" + " 2a" * 65536,
        b"*" * 65536,
        "binary, final, unmasked, 65,536 bytes",
    ),
]


@pytest.mark.parametrize(("hexed", "payload", "line"), EXAMPLES)
def test_the_examples_of_section_5_7(hexed, payload, line):
    data = bytes.fromhex(hexed)

    found, rest = frames.decode(data + b"\x81\x00")

    assert found.payload == payload
    assert str(found) == line
    assert rest == b"\x81\x00"
    assert frames.check(found, from_client=found.mask is not None) is None


@pytest.mark.parametrize(("hexed", "payload", "line"), EXAMPLES)
def test_half_a_frame_is_not_a_frame(hexed, payload, line):
    data = bytes.fromhex(hexed)

    for size in [*range(min(len(data), 300)), len(data) - 1]:
        assert frames.decode(data[:size]) is None


@pytest.mark.parametrize(("hexed", "payload", "line"), EXAMPLES)
def test_the_fields_cover_every_bit(hexed, payload, line):
    found, _ = frames.decode(bytes.fromhex(hexed))

    assert tiled(found.fields, 8 * (found.header_size + len(payload)))


def test_the_worked_sample_of_the_lesson():
    data = bytes.fromhex("81 8f 74 b3 f7 c0 40 81 ac e2 04 da 99 a7 59 de 92 e2 58 82 aa")

    found, rest = frames.decode(data)

    assert found.payload == b'42["ping-me",1]'
    assert rest == b""
    assert [(field.name, field.start_bit, field.bits, field.value) for field in found.fields] == [
        ("FIN", 0, 1, "1"),
        ("RSV1", 1, 1, "0"),
        ("RSV2", 2, 1, "0"),
        ("RSV3", 3, 1, "0"),
        ("opcode", 4, 4, "1 (text)"),
        ("MASK", 8, 1, "1"),
        ("length", 9, 7, "15"),
        ("mask key", 16, 32, "74 b3 f7 c0"),
        ("payload", 48, 120, '42["ping-me",1]'),
    ]
    assert found.to_json()["payload_hex"] == b'42["ping-me",1]'.hex()
    assert found.to_json()["summary"] == "text, final, masked, 15 bytes"


@pytest.mark.parametrize(("size", "header"), [(0, 2), (125, 2), (126, 4), (65535, 4), (65536, 10)])
def test_the_length_takes_7_16_or_64_bits(size, header):
    found, rest = frames.decode(frame(b"x" * size))

    assert (found.header_size, found.length, len(found.payload)) == (header, size, size)
    assert frames.check(found, from_client=False) is None
    assert rest == b""


# What breaks a rule although the borders are clear: (bytes, from a client, part of the
# message, byte, section).
BROKEN = [
    ("c1 00", False, "RSV1 is 1", 0, "5.2"),
    ("a1 00", False, "RSV2 is 1", 0, "5.2"),
    ("91 00", False, "RSV3 is 1", 0, "5.2"),
    ("b1 00", False, "RSV2 and RSV3 are 1", 0, "5.2"),
    *((f"{0x80 | op:02x} 00", False, f"opcode {op} is", 0, "5.2") for op in (3, 4, 5, 6, 7)),
    *((f"{0x80 | op:02x} 00", False, f"opcode {op} is", 0, "5.2") for op in range(11, 16)),
    ("81 00", True, "must be masked", 1, "5.1"),
    ("81 80 00 00 00 00", False, "must not be masked", 1, "5.1"),
    ("81 7e 00 7d" + " 61" * 125, False, "spelled with 16 bits; 7", 2, "5.2"),
    ("81 7f 00 00 00 00 00 00 ff ff" + " 61" * 65535, False, "64 bits; 16", 2, "5.2"),
    ("09 00", False, "ping frame must not be fragmented", 0, "5.5"),
    ("8a 7e 00 7e" + " 61" * 126, False, "at most 125 bytes, and this one 126", 1, "5.5"),
    ("88 01 03", False, "and this one 1 byte", 2, "5.5.1"),
    ("88 02 03 ed", False, "1005 (no code was sent) must never", 2, "7.4.1"),
    ("88 02 03 ee", False, "1006", 2, "7.4.1"),
    ("88 02 03 ec", False, "1004", 2, "7.4.1"),
    ("88 02 03 f7", False, "1015", 2, "7.4.1"),
    ("88 02 03 e7", False, "close code 999 has no meaning", 2, "7.4.2"),
    ("88 02 0b b7", False, "close code 2999 has no meaning", 2, "7.4.2"),
    ("88 02 13 88", False, "close code 5000 has no meaning", 2, "7.4.2"),
    ("88 04 03 e8 61 ff", False, "must be UTF-8", 5, "5.5.1"),
]


@pytest.mark.parametrize(("hexed", "from_client", "words", "at", "section"), BROKEN)
def test_a_broken_rule_is_named(hexed, from_client, words, at, section):
    found, _ = frames.decode(bytes.fromhex(hexed))

    error = frames.check(found, from_client)

    assert words in error.message
    assert (error.layer, error.at) == ("websocket", at)
    assert error.source == f"RFC 6455, section {section}"


def test_an_extension_gives_rsv1_a_meaning_and_not_the_others():
    compressed, _ = frames.decode(bytes.fromhex("c1 00"))
    worse, _ = frames.decode(bytes.fromhex("e1 00"))

    assert frames.check(compressed, from_client=False, rsv1=True) is None
    assert "RSV2 is 1" in frames.check(worse, from_client=False, rsv1=True).message


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 4999])
def test_close_codes_that_may_be_sent(code):
    found, _ = frames.decode(frame(code.to_bytes(2, "big") + "gute Nacht, ada ☾".encode(), 8))

    assert frames.check(found, from_client=False) is None
    assert found.close_code == code
    assert str(code) in str(found)
    assert [field.name for field in found.fields][-2:] == ["close code", "reason"]


def test_a_close_frame_without_a_code_is_in_order():
    found, _ = frames.decode(bytes.fromhex("88 00"))

    assert found.close_code is None
    assert frames.check(found, from_client=False) is None


def test_a_length_with_its_first_bit_set_can_never_come():
    with pytest.raises(DecodeError) as raised:
        frames.decode(bytes.fromhex("82 7f 80 00 00 00 00 00 00 00"))

    assert raised.value.source == "RFC 6455, section 5.2"
    assert raised.value.at == 2


def test_a_length_over_the_limit_is_refused_from_the_header():
    with pytest.raises(DecodeError) as raised:
        frames.read(bytes.fromhex("82 7f 00 00 00 00 00 01 00 00"), limit=32768)

    assert "65,536 bytes; at most 32,768" in raised.value.message


def test_a_frame_that_was_cut_keeps_what_there_is():
    found, end = frames.read(frame(b"x" * 300)[:104], partial=True)

    assert (found.length, len(found.payload), found.missing, end) == (300, 100, 200, 104)
    assert "200 of them not kept" in str(found)


def test_a_frame_prints_in_one_line():
    found, _ = frames.decode(frame(b"\x03\xe8two\nlines\x1b[31m", 8))

    assert "\n" not in str(found)
    assert "\x1b" not in str(found)


@given(
    st.binary(max_size=300),
    st.sampled_from([0, 1, 2]),
    st.booleans(),
    st.none() | st.binary(min_size=4, max_size=4),
)
def test_what_is_encoded_comes_back(payload, opcode, fin, mask):
    data = frame(payload, opcode, fin, mask=mask)

    found, rest = frames.decode(data)

    assert (found.payload, found.opcode, found.fin, found.mask) == (payload, opcode, fin, mask)
    assert rest == b""
    assert frames.check(found, from_client=mask is not None) is None
    assert tiled(found.fields, 8 * len(data))
    json.dumps(found.to_json())


@given(st.binary(max_size=200), st.booleans(), st.booleans())
def test_any_bytes_are_a_frame_or_none_or_an_error(data, from_client, rsv1):
    try:
        found = frames.decode(data)
    except DecodeError:
        return
    if found is not None:
        json.dumps(found[0].to_json())
        frames.check(found[0], from_client, rsv1)
        assert data.endswith(found[1])
