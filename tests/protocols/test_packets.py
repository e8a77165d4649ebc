"""Engine.IO and Socket.IO packets: what a client may send, and what each is counted under."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socketlab.protocols import packets, strict_json
from tests.helpers import examples
from tests.protocols.test_strict_json import texts, values


@given(st.text(max_size=60), st.sampled_from(["", "2", "2/lab,1", "0/lab,", "3/lab,1[", '2["a",{']))
@settings(max_examples=examples(300))
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


def with_bytes(leaves):
    return st.recursive(
        leaves | st.binary(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=4,
    )


@given(
    st.sampled_from([packets.EVENT, packets.ACK]),
    texts.filter(lambda name: name not in packets.RESERVED and name != packets.CATCH_ALL),
    st.lists(with_bytes(values), max_size=2),
    st.integers(0, 2**31 - 1),
)
@settings(max_examples=examples(200))
def test_a_packet_with_bytes_is_read_as_it_was_written(kind, name, data, number):
    text, *attachments = packets.write(kind, "/free", number, [name, *data])
    if len(attachments) > packets.ATTACHMENTS:
        with pytest.raises(packets.Broken):
            packets.read(text)
        return
    packet = packets.read(text)

    assert packet.error is None and packet.attachments == len(attachments)
    assert packet.is_event == (kind == packets.EVENT) != packet.is_ack
    assert packets.put_together(packet.data, attachments) == [name, *data]


def test_only_events_and_acks_carry_bytes():
    with pytest.raises(TypeError):
        packets.write(packets.CONNECT_ERROR, "/", None, {"message": b"no"})


def test_a_packet_without_data_is_its_head():
    assert packets.write(packets.DISCONNECT, "/lab") == ["1/lab,"]


STRICT = {
    '["say",{}]': None,
    '["say"]': packets.SHAPE,
    '["say",{},1]': packets.SHAPE,
    '["say",[]]': packets.SHAPE,
    '["Say",{}]': "'Say' cannot be the name of an event",
    '["",{}]': "'' cannot be the name of an event",
}


@pytest.mark.parametrize("data", STRICT)
def test_our_own_rules_refuse_in_a_sentence_or_break(data):
    assert packets.read(f"2/lab,{data}").error is None  # the protocol has nothing against it
    assert packets.strict(packets.read(f"2/lab,1{data}")).error == STRICT[data]
    if STRICT[data]:
        with pytest.raises(packets.Broken):
            packets.strict(packets.read(f"2/lab,{data}"))


def test_our_own_rules_take_no_bytes():
    place = '{"_placeholder":true,"num":0}'
    sentence = "nothing here takes bytes: send text"
    assert packets.strict(packets.read(f'51-/lab,1["say",{place}]')).error == sentence
    with pytest.raises(packets.Broken, match=sentence):  # an answer is not answered
        packets.strict(packets.read(f"61-/lab,1[{place}]"))


@pytest.mark.parametrize("message", ["b", "bAA==", b"", b"\x00"])
def test_bytes_are_bytes_however_they_came(message):
    assert packets.engine(message, polling=True) == packets.BASE64
    assert packets.attachment(message) in (b"", b"\x00")


@pytest.mark.parametrize("message", ["bA", "bAA", "bA A=", "bAA==AA==", "b\u00e9"])
def test_base64_is_read_strictly(message):
    with pytest.raises(packets.Broken):
        packets.attachment(message)


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
