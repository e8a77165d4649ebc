"""Engine.IO packets: Engine.IO protocol v4, "Protocol" and "Packet encoding"."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socketlab.wiretap import engineio
from socketlab.wiretap.layers import DecodeError
from tests.wiretap.encoder import in_base64, tiled

# The document's open packet, on one line.
OPEN = (
    b'0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,'
    b'"pingTimeout":20000,"maxPayload":1000000}'
)


@pytest.mark.parametrize(
    ("data", "kind", "content", "rest", "line"),
    [
        (b"4hello", "message", b"hello", b"hello", "message, 5 bytes"),
        (b"2", "ping", b"", b"", "ping"),
        (b"3", "pong", b"", b"", "pong"),
        (b"2probe", "ping", b"probe", b"", "ping probe"),
        (b"3probe", "pong", b"probe", b"", "pong probe"),
        (b"5", "upgrade", b"", b"", "upgrade"),
        (b"6", "noop", b"", b"", "noop"),
        (b"1", "close", b"", b"", "close"),
        (b"4\xe2\x82\xac", "message", "€".encode(), "€".encode(), "message, 3 bytes"),
    ],
)
def test_the_examples_of_the_document(data, kind, content, rest, line):
    found, left = engineio.decode(data)

    assert (found.name, found.data, left, str(found)) == (kind, content, rest, line)
    assert found.to_json()["type"] == kind
    assert tiled(found.fields, 8 * len(data))


def test_the_open_packet_says_by_which_rules():
    found, rest = engineio.decode(OPEN)

    assert found.to_json()["data"] == {
        "sid": "lv_VI97HAXpY6yYWAAAC",
        "upgrades": ["websocket"],
        "pingInterval": 25000,
        "pingTimeout": 20000,
        "maxPayload": 1000000,
    }
    assert rest == b""
    for field in found.fields[1:]:
        part = OPEN[field.start_bit // 8 : (field.start_bit + field.bits) // 8].decode()
        assert part == f'"{field.name}":{field.value}'
    assert [field.name for field in found.fields] == [
        "type",
        "sid",
        "upgrades",
        "pingInterval",
        "pingTimeout",
        "maxPayload",
    ]


def test_half_an_open_packet_is_an_error_and_nothing_is_none():
    assert engineio.decode(b"") is None
    for size in range(1, len(OPEN)):
        with pytest.raises(DecodeError):
            engineio.decode(OPEN[:size])


def test_several_packets_in_one_body():
    body = b"4hello\x1e2\x1e4world"

    packets, left = engineio.packets(body)

    assert packets == [(0, b"4hello"), (7, b"2"), (9, b"4world")]
    assert left == 0
    found, _ = engineio.decode(b"4hello", separator=True)
    assert tiled(found.fields, 8 * 7)
    assert found.fields[-1].name == "separator"


def test_binary_is_base64_behind_a_b_in_a_body():
    packets, _ = engineio.packets(b"4hello\x1ebAQIDBA==")
    found, rest = engineio.decode(packets[1][1])

    assert (found.name, found.encoding, rest) == ("message", "base64", b"\x01\x02\x03\x04")
    assert str(found) == "message, 4 bytes of binary, in base64"
    assert tiled(found.fields, 8 * 9)


def test_binary_is_itself_in_a_frame():
    found, rest = engineio.decode(b"\x01\x02\x03\x04", binary=True)

    assert (found.name, found.encoding, rest) == ("message", "binary", b"\x01\x02\x03\x04")
    assert found.to_json()["data_hex"] == "01020304"
    assert tiled(found.fields, 32)


def test_a_b_in_a_binary_frame_is_a_byte_like_any_other():
    assert engineio.decode(b"bAQI", binary=True)[1] == b"bAQI"


@pytest.mark.parametrize(
    ("data", "words", "at", "source"),
    [
        (b"7", 'called "7"', 0, 'Engine.IO protocol v4, "Protocol"'),
        (b"x", 'called "x"', 0, 'Engine.IO protocol v4, "Protocol"'),
        (b"\xff", "called", 0, 'Engine.IO protocol v4, "Protocol"'),
        (b" 4", 'called " "', 0, 'Engine.IO protocol v4, "Protocol"'),
        (b"4ab\xff", "byte ff", 3, 'Engine.IO protocol v4, "Packet encoding"'),
        (b"0", "no JSON", 1, "RFC 8259, section 2"),
        (b"0[]", "an object", 1, 'Engine.IO protocol v4, "Handshake"'),
        (b"0{}", "carries sid", 1, 'Engine.IO protocol v4, "Handshake"'),
        (b'0{"sid":5}', "carries sid", 1, 'Engine.IO protocol v4, "Handshake"'),
        (b'0{"sid":"a","x":NaN}', "NaN is not", 1, "RFC 8259, section 6"),
        (b"bA", "groups of four", 2, "RFC 4648, section 4"),
        (b"bAQI*", "is no base64 character", 4, "RFC 4648, section 4"),
        (b"bAQ==AQI=", "is no base64 character", 5, "RFC 4648, section 4"),
        (b"bAQI\n", "is no base64 character", 4, "RFC 4648, section 4"),
    ],
)
def test_a_broken_rule_is_named(data, words, at, source):
    with pytest.raises(DecodeError) as raised:
        engineio.decode(data)

    assert words in raised.value.message
    assert (raised.value.layer, raised.value.at, raised.value.source) == ("engineio", at, source)


def test_a_million_separators_are_not_a_million_packets():
    packets, left = engineio.packets(b"\x1e" * (1 << 20))

    assert len(packets) == engineio.PACKETS
    assert left == (1 << 20) - engineio.PACKETS


@given(st.lists(st.text(st.characters(exclude_characters="\x1e", exclude_categories=["Cs"]))))
def test_texts_come_back_from_a_body(texts):
    body = b"\x1e".join(b"4" + text.encode() for text in texts)

    packets, left = engineio.packets(body)

    assert left == 0
    if texts:
        assert [engineio.decode(packet)[1].decode() for _, packet in packets] == texts
        assert all(body[at : at + len(packet)] == packet for at, packet in packets)


@given(st.binary(max_size=100))
def test_bytes_come_back_from_base64(data):
    found, rest = engineio.decode(in_base64(data))

    assert rest == data
    assert tiled(found.fields, 8 * found.size) or not data


@given(st.binary(max_size=80) | st.text(max_size=40).map(lambda t: ("0" + t).encode()))
def test_any_bytes_are_a_packet_or_none_or_an_error(data):
    for binary in (False, True):
        try:
            found = engineio.decode(data, binary)
        except DecodeError as error:
            assert 0 <= error.at <= len(data)
            continue
        if found is not None:
            json.dumps(found[0].to_json())
