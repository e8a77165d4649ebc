"""Socket.IO packets: Socket.IO protocol v5, "Exchange protocol" and "Packet encoding"."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socketlab.wiretap import socketio
from socketlab.wiretap.layers import DecodeError
from tests.wiretap.encoder import packet, stays_linear, tiled


def open_up(text):
    """A packet and, where it has one, its event."""
    found, rest = socketio.decode(text.encode())
    event = socketio.decode_event(found, rest) if found.is_event or found.is_ack else None
    return found, event


# The document's examples of "Packet encoding" and of its sample session:
# (text, type, namespace, id, attachments, data, name, args).
EXAMPLES = [
    ("0", "CONNECT", "/", None, 0, None, None, None),
    (
        '0/admin,{"sid":"oSO0OpakMV_3jnilAAAA"}',
        "CONNECT",
        "/admin",
        None,
        0,
        {"sid": "oSO0OpakMV_3jnilAAAA"},
        None,
        None,
    ),
    ("0/admin,", "CONNECT", "/admin", None, 0, None, None, None),
    (
        '4{"message":"Not authorized"}',
        "CONNECT_ERROR",
        "/",
        None,
        0,
        {"message": "Not authorized"},
        None,
        None,
    ),
    ('2["foo"]', "EVENT", "/", None, 0, None, "foo", []),
    ('2/admin,["bar"]', "EVENT", "/admin", None, 0, None, "bar", []),
    (
        '51-["baz",{"_placeholder":true,"num":0}]',
        "BINARY_EVENT",
        "/",
        None,
        1,
        None,
        "baz",
        [{"_placeholder": True, "num": 0}],
    ),
    (
        '52-/admin,["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
        "BINARY_EVENT",
        "/admin",
        None,
        2,
        None,
        "baz",
        [{"_placeholder": True, "num": 0}, {"_placeholder": True, "num": 1}],
    ),
    ('212["foo"]', "EVENT", "/", 12, 0, None, "foo", []),
    ('3/admin,13["bar"]', "ACK", "/admin", 13, 0, None, None, ["bar"]),
    (
        '61-15["bar",{"_placeholder":true,"num":0}]',
        "BINARY_ACK",
        "/",
        15,
        1,
        None,
        None,
        ["bar", {"_placeholder": True, "num": 0}],
    ),
    ("1", "DISCONNECT", "/", None, 0, None, None, None),
    ("1/admin,", "DISCONNECT", "/admin", None, 0, None, None, None),
    ('2/admin,1["tellme"]', "EVENT", "/admin", 1, 0, None, "tellme", []),
    ('2["hey","Jude"]', "EVENT", "/", None, 0, None, "hey", ["Jude"]),
    (
        '61-/admin,1[{"_placeholder":true,"num":0}]',
        "BINARY_ACK",
        "/admin",
        1,
        1,
        None,
        None,
        [{"_placeholder": True, "num": 0}],
    ),
    ("31[]", "ACK", "/", 1, 0, None, None, []),
]


@pytest.mark.parametrize(
    ("text", "kind", "namespace", "number", "attachments", "data", "name", "args"), EXAMPLES
)
def test_the_examples_of_the_document(text, kind, namespace, number, attachments, data, name, args):
    found, event = open_up(text)

    assert (found.name, found.namespace, found.id) == (kind, namespace, number)
    assert (found.attachments, found.data) == (attachments, data)
    assert tiled(found.fields, 8 * len(text))
    if args is None:
        assert event is None
    else:
        assert (event.name, list(event.args)) == (name, args)
        assert event.to_json()["args"] == args


@pytest.mark.parametrize("example", EXAMPLES)
def test_half_a_packet_is_never_another_event(example):
    """A packet has no length of its own: cut off, it is an error or says less, never else."""
    text = example[0]
    whole, whole_event = open_up(text)

    assert socketio.decode(b"") is None
    for size in range(1, len(text)):
        try:
            found, event = open_up(text[:size])
        except DecodeError as error:
            assert 0 <= error.at <= size
        else:
            assert found.type == whole.type
            assert event is None
            assert whole_event is None


def test_fields_of_an_event_stand_where_their_bytes_are():
    text = '2/rooms,12["join",{"room":"größe"},5]'
    found, event = open_up(text)

    assert [(f.name, f.start_bit // 8, f.bits // 8, f.value) for f in found.fields] == [
        ("type", 0, 1, "2 (EVENT)"),
        ("namespace", 1, 7, "/rooms"),
        ("id", 8, 2, "12"),
        ("payload", 10, 29, '["join",{"room":"größe"},5]'),
    ]
    assert [(f.name, f.start_bit // 8, f.bits // 8, f.value) for f in event.fields] == [
        ("name", 1, 6, "join"),
        ("argument 1", 8, 18, '{"room":"größe"}'),
        ("argument 2", 27, 1, "5"),
    ]


def test_what_stands_behind_a_question_mark_is_not_the_name():
    found, event = open_up('2/admin?code=1,7["foo"]')

    assert (found.namespace, found.query, found.id, event.name) == ("/admin", "code=1", 7, "foo")
    assert found.to_json()["query"] == "code=1"
    assert tiled(found.fields, 8 * 23)


def test_a_namespace_may_end_with_the_packet():
    found, _ = socketio.decode(b"1/admin")

    assert found.namespace == "/admin"


def test_packets_print_in_one_line():
    assert str(open_up('2/rooms,12["join",{"room":"lab"}]')[0]) == "EVENT /rooms, ack id 12"
    assert str(open_up('2/rooms,12["join",{"room":"lab"}]')[1]) == 'join {"room":"lab"}'
    assert str(open_up('3/rooms,12[{"ok":true}]')[0]) == "ACK /rooms, ack id 12"
    assert str(open_up('3/rooms,12[{"ok":true}]')[1]) == 'ack {"ok":true}'
    assert str(open_up('51-["x"]')[0]) == "BINARY_EVENT /, 1 attachment"
    assert str(open_up('4/nope,{"message":"no"}')[0]) == 'CONNECT_ERROR /nope {"message":"no"}'
    assert "\n" not in str(open_up('2["a\\nb\\u001b"]')[1])


V5 = "Socket.IO protocol v5, "


@pytest.mark.parametrize(
    ("text", "words", "at", "source"),
    [
        ("7", 'called "7"', 0, V5 + '"Exchange protocol"'),
        ("x", 'called "x"', 0, V5 + '"Exchange protocol"'),
        ("5", "how many attachments", 1, V5 + '"Packet encoding"'),
        ('5["a"]', "how many attachments", 1, V5 + '"Packet encoding"'),
        ('5-["a"]', "how many attachments", 1, V5 + '"Packet encoding"'),
        ('59999999999-["a"]', "9,999,999,999 attachments", 1, V5 + '"Packet encoding"'),
        ('5999999999999999999999999-["a"]', "how many", 1, V5 + '"Packet encoding"'),
        ("2", "here is nothing", 1, V5 + '"Sending and receiving data"'),
        ("2/rooms,", "here is nothing", 8, V5 + '"Sending and receiving data"'),
        ("2[]", "begins with its name", 1, V5 + '"Sending and receiving data"'),
        ("2{}", "begins with its name", 1, V5 + '"Sending and receiving data"'),
        ("2[5]", "is a text, not 5", 2, V5 + '"Sending and receiving data"'),
        ("3", "here is nothing", 1, V5 + '"Acknowledgement"'),
        ("31{}", "an answer is an array", 2, V5 + '"Acknowledgement"'),
        ("0[]", "an object or nothing", 1, V5 + '"Connection to a namespace"'),
        ('0"ada"', "an object or nothing", 1, V5 + '"Connection to a namespace"'),
        ("4", "says why", 1, V5 + '"Connection to a namespace"'),
        ("1{}", "carries nothing", 1, V5 + '"Disconnection from a namespace"'),
        ('2["a"', "no JSON", 5, "RFC 8259, section 2"),
        ('2["a",]', "no JSON", 6, "RFC 8259, section 2"),
        ("2['a']", "no JSON", 2, "RFC 8259, section 2"),
        ('2["é",x]', "no JSON", 7, "RFC 8259, section 2"),
        ('2["a",NaN]', "NaN is not", 1, "RFC 8259, section 6"),
        ('2["a",-Infinity]', "-Infinity is not", 1, "RFC 8259, section 6"),
        ('2["a",1e999]', "too great", 1, "RFC 8259, section 6"),
        ('2["a",' + "9" * 5000 + "]", "too many digits", 1, "RFC 8259, section 6"),
        ("2" + "[" * 1000, "nests deeper than 64", 65, "RFC 8259, section 9"),
        ('2["a",' + '{"a":' * 1000, "nests deeper than 64", 321, "RFC 8259, section 9"),
        ('2["a","' + "[" * 1000, "Unterminated string", 6, "RFC 8259, section 2"),
        ("2" + "1" * 17 + '["a"]', "17 digits", 1, "ECMAScript, Number.MAX_SAFE_INTEGER"),
        ("2" + "1" * 9999 + '["a"]', "9,999 digits", 1, "ECMAScript, Number.MAX_SAFE_INTEGER"),
    ],
)
def test_a_broken_rule_is_named(text, words, at, source):
    with pytest.raises(DecodeError) as raised:
        open_up(text)

    assert words in raised.value.message
    assert (raised.value.layer, raised.value.at, raised.value.source) == ("socketio", at, source)


@pytest.mark.parametrize("data", [b"2/\xff,", b'2["\xff"]', b"0\xff"])
def test_bytes_that_are_no_utf8(data):
    with pytest.raises(DecodeError) as raised:
        found, rest = socketio.decode(data)
        socketio.decode_event(found, rest)

    assert data[raised.value.at] == 0xFF


def test_attachments_take_the_place_of_their_placeholders():
    _, event = open_up(
        '52-["baz",{"b":[{"_placeholder":true,"num":1}]},{"_placeholder":true,"num":0}]'
    )

    filled = socketio.with_attachments(event, [b"\x01\x02", b"\x03"])

    assert list(filled.args) == [
        {"b": [{"attachment": 1, "size": 1, "hex": "03"}]},
        {"attachment": 0, "size": 2, "hex": "0102"},
    ]


@pytest.mark.parametrize("number", ["1", "-1", "0.0", '"0"', "null", "true"])
def test_a_placeholder_without_an_attachment_is_an_error(number):
    _, event = open_up(f'51-["baz",{{"_placeholder":true,"num":{number}}}]')

    with pytest.raises(DecodeError) as raised:
        socketio.with_attachments(event, [b"\x01"])

    assert f"attachment {number}, and there are 1" in raised.value.message


def test_placeholders_cannot_multiply_an_attachment():
    places = ",".join(['{"_placeholder":true,"num":0}'] * 1000)
    _, event = open_up(f'51-["baz",{places}]')

    filled = socketio.with_attachments(event, [b"x" * 10_000])

    assert len(json.dumps(filled.to_json())) < 100_000


def seconds(make, size):
    data = make(size).encode()
    best = []
    for _ in range(3):
        begin = time.process_time()
        try:
            found, rest = socketio.decode(data)
            socketio.decode_event(found, rest).to_json()
        except DecodeError:
            pass
        best.append(time.process_time() - begin)
    return min(best)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: '2["a"' + ",0" * n + "]",
        lambda n: '2["a"' + ',"é"' * n + "]",
        lambda n: '2["a"' + ",[]" * n + "]",
        lambda n: '2["' + "[" * 100 + '\\"' * n,
        lambda n: "2[" * 100 + '"\\"' * n,
        lambda n: "2[" + "[]," * 100 + '"' + '\\"' * n,
        lambda n: '2["a",' + " " * n,
        lambda n: '2["a",{' + '"a":0,' * n + '"b":1}]',
        lambda n: "2" + "1" * n,
    ],
)
def test_twice_the_bytes_take_no_more_than_thrice_the_time(make):
    assert stays_linear(seconds, make, 50_000)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)


@given(
    TEXTS,
    st.text("abc/_-é", max_size=8).map("/".__add__),
    st.none() | st.integers(0, 2**31),
    st.lists(VALUES, max_size=3),
)
def test_an_event_comes_back(name, namespace, number, args):
    try:
        text = packet(2, namespace, number, [name, *args]).encode()
    except UnicodeEncodeError:
        return  # a lone surrogate has no UTF-8
    found, rest = socketio.decode(text)
    event = socketio.decode_event(found, rest)

    assert (found.namespace, found.id) == (namespace, number)
    assert (event.name, list(event.args)) == (name, args)
    assert tiled(found.fields, 8 * len(text))
    for span in event.fields[1:]:
        part = rest[span.start_bit // 8 : (span.start_bit + span.bits) // 8]
        assert json.loads(part) in args


PIECES = st.sampled_from(
    ["0", "1", "2", "3", "4", "5", "6", "/", ",", "-", "?", "[", "]", "{", "}", '"', ":", "a", "é"]
    + ['["a"]', '{"_placeholder":true,"num":0}', "NaN", "1e999", "\\", "\ud800"]
)


@given(st.lists(PIECES, max_size=16).map("".join).map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_packet_or_none_or_an_error(data):
    try:
        found = socketio.decode(data)
        if found is None:
            return
        json.dumps(found[0].to_json())
        if found[0].is_event or found[0].is_ack:
            event = socketio.decode_event(*found)
            json.dumps(socketio.with_attachments(event, [b"a"]).to_json())
    except DecodeError as error:
        assert 0 <= error.at <= len(data)
