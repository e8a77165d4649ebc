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
