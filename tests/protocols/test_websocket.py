"""WebSocket frames as bytes: heads, masks, close codes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socketlab.protocols import websocket
from socketlab.wiretap import frames
from tests.helpers import examples
from tests.server.raw import frame as client_frame


@given(st.binary(max_size=70_000), st.sampled_from([1, 2, 8, 9, 10]))
@settings(max_examples=examples(60), deadline=None)
def test_a_frame_goes_out_and_comes_back(payload, opcode):
    data = websocket.frame(payload, opcode)
    first, length, at = data[0], data[1], 2
    assert first == 0x80 | opcode and length < 128
    if length > 125:
        at = 4 if length == 126 else 10
        length = websocket.long_length(data[2:at])
    assert length == len(payload) and data[at:] == payload


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4))
def test_the_mask_undoes_itself(payload, mask):
    assert websocket.unmask(websocket.unmask(payload, mask), mask) == payload
    assert websocket.unmask(payload, mask) == bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


def test_the_standards_own_masked_hello_is_read():
    data = bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58")  # RFC 6455, section 5.7

    websocket.check_head(data[0], data[1], None)
    assert websocket.unmask(data[6:], data[2:6]) == b"Hello"
    assert websocket.frame(b"Hello") == bytes.fromhex("81 05 48 65 6c 6c 6f")


@given(st.integers(0, 255), st.integers(0, 255), st.booleans())
def test_every_head_is_good_or_a_protocol_error(first, second, compression):
    try:
        websocket.check_head(first, second, compression)
    except websocket.ProtocolError as error:
        assert error.code == 1002
    else:
        assert second & 0x80 and first & 0x0F in websocket.OPCODES


def test_a_long_reason_is_cut_to_a_control_frame():
    data = websocket.close_frame(1008, "é" * 200)

    assert data[1] <= 125
    data[4:].decode("utf-8")


@given(st.binary(max_size=100), st.sampled_from([1, 2, 8, 9, 10]), st.booleans())
def test_the_tests_own_frames_pass_our_check(payload, opcode, final):
    data = client_frame(payload, opcode, final=final or opcode >= 8)

    websocket.check_head(data[0], data[1], None)


@given(st.integers(0, 65_535))
def test_a_head_says_how_long_it_is(size):
    for data in (websocket.frame(b"x" * size), client_frame(b"x" * size, 2)):
        found, _ = frames.decode(data)

        assert websocket.header_size(data[1]) == found.header_size == len(data) - size


@given(st.integers(0, 5100))
@settings(max_examples=examples(500))
def test_the_server_and_the_decoder_take_the_same_close_codes(code):
    data = websocket.close_frame(code)
    try:
        websocket.close_code(data[2:])
    except websocket.ProtocolError:
        taken = False
    else:
        taken = True

    assert taken is websocket.may_be_sent(code)
    assert (frames.check(frames.decode(data)[0], from_client=False) is None) is taken


@pytest.mark.parametrize("code", [999, 1004, 1005, 1006, 1015, 1016, 2999, 5000])
def test_a_code_that_never_travels_is_refused(code):
    with pytest.raises(websocket.ProtocolError):
        websocket.close_code(code.to_bytes(2, "big"))
