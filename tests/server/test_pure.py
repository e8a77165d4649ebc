"""The pure parts of the engine room: compression and request heads."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socketlab.protocols import request_head as head
from socketlab.protocols.websocket import ProtocolError
from socketlab.server.deflate import Deflate
from tests.helpers import examples

# Compression


@given(st.lists(st.binary(max_size=500), max_size=8))
def test_compressed_messages_come_back_in_order(messages):
    ours, theirs = Deflate(500), Deflate(500)
    for message in messages:
        assert theirs.inflate(ours.deflate(message)) == message


def test_the_standards_own_deflated_hello_is_read():
    assert Deflate(10).inflate(bytes.fromhex("f2 48 cd c9 c9 07 00")) == b"Hello"  # RFC 7692


def test_inflating_stops_at_the_limit():
    big = Deflate(10**6).deflate(b"x" * 10**6)

    with pytest.raises(ProtocolError) as error:
        Deflate(1000).inflate(big)
    assert error.value.code == 1009


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
@settings(max_examples=examples(200))
def test_any_bytes_are_a_head_or_a_bad_one(noise):
    for data in (noise, b"GET / HTTP/1.1\r\nHost: x\r\n" + noise + b"\r\n\r\n"):
        try:
            request = head.read(data, 10)
        except head.BadHead as error:
            assert error.status[:3].isdigit()
        else:
            assert request.target.startswith("/")
