"""permessage-deflate: RFC 7692, section 7."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socketlab.protocols.websocket import DEFLATE_TAIL
from socketlab.wiretap import deflate
from socketlab.wiretap.layers import DecodeError

# RFC 7692, section 7.2.3: messages that all say "Hello".
ONE_BLOCK = bytes.fromhex("f2 48 cd c9 c9 07 00")  # 7.2.3.1
SECOND = bytes.fromhex("f2 00 11 00 00")  # 7.2.3.2, refers back to the first
NOT_COMPRESSED = bytes.fromhex("00 05 00 fa ff 48 65 6c 6c 6f 00")  # 7.2.3.3
FINAL = bytes.fromhex("f3 48 cd c9 c9 07 00 00")  # 7.2.3.4
TWO_BLOCKS = bytes.fromhex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00")  # 7.2.3.5
EMPTY = bytes.fromhex("00")  # 7.2.3.6


def compress(stream, message):
    """The sender's side, section 7.2.1."""
    data = stream.compress(message) + stream.flush(zlib.Z_SYNC_FLUSH)
    assert data.endswith(DEFLATE_TAIL)
    return data[:-4] or b"\x00"


@pytest.mark.parametrize("payload", [ONE_BLOCK, NOT_COMPRESSED, FINAL, TWO_BLOCKS])
def test_the_examples_of_section_7_2_3(payload):
    inflated, text = deflate.Inflater().decode(payload)

    assert text == b"Hello"
    assert str(inflated) == f"{len(payload)} bytes inflate to 5"


def test_an_empty_message_is_one_byte():
    assert deflate.Inflater().decode(EMPTY)[1] == b""


def test_the_second_hello_is_five_bytes():
    inflater = deflate.Inflater()

    assert inflater.decode(ONE_BLOCK)[1] == b"Hello"
    assert inflater.decode(SECOND)[1] == b"Hello"


def test_without_context_takeover_nothing_is_remembered():
    inflater = deflate.Inflater(takeover=False)

    assert inflater.decode(ONE_BLOCK)[1] == b"Hello"
    assert inflater.decode(ONE_BLOCK)[1] == b"Hello"
    with pytest.raises(DecodeError):
        inflater.decode(SECOND)


def test_a_final_block_does_not_end_the_memory():
    inflater = deflate.Inflater()

    assert inflater.decode(FINAL)[1] == b"Hello"
    assert inflater.decode(SECOND)[1] == b"Hello"


@pytest.mark.parametrize(
    ("whole", "borders"),
    [
        (ONE_BLOCK, {}),
        (NOT_COMPRESSED, {1: b""}),  # its first byte alone is the empty message
        (FINAL, {}),
        (TWO_BLOCKS, {4: b"He"}),  # its first block alone is a message too
    ],
)
def test_a_truncated_message_is_an_error(whole, borders):
    passed = {}
    for size in range(len(whole)):
        inflater = deflate.Inflater()
        try:
            passed[size] = inflater.decode(whole[:size])[1]
        except DecodeError as error:
            assert error.source == "RFC 7692, section 7.2.2"
            assert inflater.lost

    assert passed == borders


def test_a_final_block_does_not_end_the_memory_of_earlier_messages():
    text = b"ada, bob and eve " * 3
    inflater = deflate.Inflater()
    inflater.decode(compress(zlib.compressobj(9, zlib.DEFLATED, -15), text))
    inflater.decode(FINAL)
    stream = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=text + b"Hello")
    reference = compress(stream, text)

    assert len(reference) < 12
    assert inflater.decode(reference)[1] == text


def test_the_first_bits_are_drawn_where_they_stand():
    fields = deflate.Inflater().decode(ONE_BLOCK)[0].fields

    # f2 = 1111 0010: BFINAL is the last bit, BTYPE the two before it.
    assert [(f.name, f.start_bit, f.bits, f.value) for f in fields] == [
        ("BFINAL", 7, 1, "0"),
        ("BTYPE", 5, 2, "01"),
    ]


def test_a_bomb_stops_at_the_bound():
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = compress(stream, b"\x00" * (64 << 20))
    inflater = deflate.Inflater(limit=32768)

    with pytest.raises(DecodeError) as raised:
        inflater.decode(bomb)

    assert len(bomb) < 70_000
    assert "more than 32,768" in raised.value.message
    assert inflater.lost


def test_a_message_of_exactly_the_limit_passes():
    payload = compress(zlib.compressobj(9, zlib.DEFLATED, -15), b"x" * 1000)

    assert len(deflate.Inflater(limit=1000).decode(payload)[1]) == 1000
    with pytest.raises(DecodeError):
        deflate.Inflater(limit=999).decode(payload)


def test_final_blocks_are_counted():
    with pytest.raises(DecodeError) as raised:
        deflate.Inflater().decode(b"\x03\x00" * 100_000)

    assert "final blocks" in raised.value.message


def test_after_an_error_nothing_is_guessed():
    inflater = deflate.Inflater()
    with pytest.raises(DecodeError):
        inflater.decode(b"\xff\xff\xff")

    assert inflater.decode(ONE_BLOCK) is None


def test_a_message_that_was_blanked_can_be_remembered_from_its_text():
    inflater = deflate.Inflater()
    inflater.forget()
    inflater.remember(b"Hello")

    assert inflater.decode(SECOND)[1] == b"Hello"


@pytest.mark.parametrize(
    ("values", "agreed"),
    [
        ([], None),
        (["x-webkit-deflate-frame"], None),
        (["permessage-deflate"], deflate.Parameters()),
        (["foo, permessage-deflate"], deflate.Parameters()),
        (
            ["permessage-deflate; server_no_context_takeover; client_max_window_bits=10"],
            deflate.Parameters(down_takeover=False, up_bits=10),
        ),
        (
            ['permessage-deflate; client_no_context_takeover; server_max_window_bits="12"'],
            deflate.Parameters(up_takeover=False, down_bits=12),
        ),
    ],
)
def test_what_was_agreed(values, agreed):
    assert deflate.negotiated(values) == agreed


@pytest.mark.parametrize(
    "value",
    [
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=99999999999999999999",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; unknown",
    ],
)
def test_parameters_that_do_not_exist_are_refused(value):
    with pytest.raises(DecodeError) as raised:
        deflate.negotiated([value])

    assert raised.value.source == "RFC 7692, section 7.1"


def test_a_smaller_window_is_held_to():
    stream = zlib.compressobj(9, zlib.DEFLATED, -9)
    inflater = deflate.Inflater(bits=8)

    for message in (b"ada, bob and eve " * 100, b"ada, bob and eve "):
        assert inflater.decode(compress(stream, message))[1] == message


@given(st.lists(st.binary(max_size=400), max_size=8), st.booleans())
def test_what_is_compressed_comes_back(messages, takeover):
    inflater = deflate.Inflater(takeover=takeover)
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)

    for message in messages:
        if not takeover:
            stream = zlib.compressobj(9, zlib.DEFLATED, -15)
        assert inflater.decode(compress(stream, message))[1] == message


@given(st.lists(st.binary(max_size=200), max_size=4))
def test_any_bytes_inflate_or_are_an_error(payloads):
    inflater = deflate.Inflater(limit=5000)
    for payload in payloads:
        try:
            found = inflater.decode(payload)
        except DecodeError:
            assert inflater.lost
        else:
            assert found is None or len(found[1]) <= 5000
