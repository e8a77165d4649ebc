"""HTTP/1.1 messages: RFC 9112, with the fields of RFC 9110."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socketlab.wiretap import http11
from socketlab.wiretap.layers import DecodeError
from tests.wiretap.encoder import chunked, request, response, stays_linear, tiled

# RFC 9110, section 3.9: one request and its answer.
HELLO = (
    b"GET /hello.txt HTTP/1.1\r\n"
    b"User-Agent: curl/7.64.1\r\n"
    b"Host: www.example.com\r\n"
    b"Accept-Language: en, mi\r\n"
    b"\r\n"
)
HELLO_BACK = (
    b"HTTP/1.1 200 OK\r\n"
    b"Date: Mon, 27 Jul 2009 12:28:53 GMT\r\n"
    b"Server: Apache\r\n"
    b"Last-Modified: Wed, 22 Jul 2009 19:15:56 GMT\r\n"
    b'ETag: "34aa387-d-1568eb00"\r\n'
    b"Accept-Ranges: bytes\r\n"
    b"Content-Length: 51\r\n"
    b"Vary: Accept-Encoding\r\n"
    b"Content-Type: text/plain\r\n"
    b"\r\n"
    b"Hello World! My content includes a trailing CRLF.\r\n"
)

# RFC 9112, section 7.1, gives a grammar and no example: a message with everything in it,
# the extension of 7.1.1 with a quoted value and the trailer section of 7.1.2.
CHUNKED = (
    b"HTTP/1.1 200 OK\r\n"
    b"Transfer-Encoding: chunked\r\n"
    b"Trailer: Expires\r\n"
    b"\r\n"
    b'4;name=value;quoted="a b"\r\n'
    b"Wiki\r\n"
    b"5\r\n"
    b"pedia\r\n"
    b"E\r\n"
    b" in\r\n\r\nchunks.\r\n"
    b"000\r\n"
    b"Expires: Wed, 21 Oct 2026 07:28:00 GMT\r\n"
    b"\r\n"
)


def test_the_request_of_the_example():
    found, rest = http11.decode_request(HELLO + b"GET")

    assert (found.method, found.target, found.version) == ("GET", "/hello.txt", "HTTP/1.1")
    assert [(h.name, h.value) for h in found.headers] == [
        ("User-Agent", "curl/7.64.1"),
        ("Host", "www.example.com"),
        ("Accept-Language", "en, mi"),
    ]
    assert (found.framing, found.body, rest) == ("none", b"", b"GET")
    assert str(found) == "GET /hello.txt"
    assert http11.check(found) is None


def test_the_response_of_the_example():
    found, rest = http11.decode_response(HELLO_BACK)

    assert (found.status, found.reason, found.framing) == (200, "OK", "length")
    assert found.body == b"Hello World! My content includes a trailing CRLF.\r\n"
    assert rest == b""
    assert str(found) == "200 OK, 51 bytes of body"


def test_chunks_extensions_and_trailers():
    found, rest = http11.decode_response(CHUNKED + b"x")

    assert found.body == b"Wikipedia in\r\n\r\nchunks."
    assert [chunk.size for chunk in found.chunks] == [4, 5, 14, 0]
    assert found.chunks[0].extension == ';name=value;quoted="a b"'
    assert [(h.name, h.value) for h in found.trailers] == [
        ("Expires", "Wed, 21 Oct 2026 07:28:00 GMT")
    ]
    assert rest == b"x"
    assert str(found) == "200 OK, 23 bytes of body in 3 chunks"


@pytest.mark.parametrize("data", [HELLO, HELLO_BACK, CHUNKED])
def test_half_a_message_is_not_a_message(data):
    decode = http11.decode_request if data is HELLO else http11.decode_response

    for size in range(len(data)):
        assert decode(data[:size]) is None


@pytest.mark.parametrize("data", [HELLO, HELLO_BACK, CHUNKED])
def test_one_byte_at_a_time_gives_the_same(data):
    is_request = data is HELLO
    reader, buffer = http11.Reader(is_request), bytearray()

    for byte in data[:-1]:
        buffer.append(byte)
        assert reader.read(buffer) is None
    found, end = reader.read(buffer + data[-1:])

    decode = http11.decode_request if is_request else http11.decode_response
    assert found == decode(data)[0]
    assert end == len(data)


@pytest.mark.parametrize("data", [HELLO, HELLO_BACK, CHUNKED])
def test_fields_stand_where_their_bytes_are(data):
    found = (http11.decode_request if data is HELLO else http11.decode_response)(data)[0]

    at = 0
    for field in found.fields:
        assert field.start_bit >= at
        at = field.start_bit + field.bits
        start = field.start_bit // 8
        text = data[start : start + field.bits // 8].decode("latin-1")
        if field.name in [h.name for h in found.headers]:
            assert text.startswith(field.name + ":")
            assert text.endswith(field.value)
    assert at <= 8 * len(data)
    assert all(field.meaning and field.source for field in found.fields)


def test_header_names_keep_their_spelling():
    found, _ = http11.decode_request(b"GET / HTTP/1.1\r\nhOsT: a\r\nX-ADA:  1 \r\n\r\n")

    assert found.to_json()["headers"] == [["hOsT", "a"], ["X-ADA", "1"]]
    assert found.values("HOST") == []
    assert found.values("host") == ["a"]


@pytest.mark.parametrize(
    ("status", "method"),
    [
        ("101 Switching Protocols", "GET"),
        ("100 Continue", "POST"),
        ("204 No Content", "GET"),
        ("304 Not Modified", "GET"),
        ("200 OK", "HEAD"),
        ("200 OK", "CONNECT"),
    ],
)
def test_answers_without_a_body_whatever_they_announce(status, method):
    data = b"HTTP/1.1 " + status.encode() + b"\r\nContent-Length: 5\r\n\r\n"

    found, rest = http11.decode_response(data + b"after", method)

    assert (found.framing, found.body, rest) == ("none", b"", b"after")


def test_without_a_length_an_answer_ends_with_the_connection():
    data = b"HTTP/1.0 200 OK\r\n\r\nada and bob"

    assert http11.decode_response(data) is None
    found, rest = http11.decode_response(data, ended=True)
    assert (found.framing, found.body, rest) == ("close", b"ada and bob", b"")


def test_a_reason_may_be_missing():
    assert http11.decode_response(b"HTTP/1.1 204 \r\n\r\n")[0].reason == ""
    assert http11.decode_response(b"HTTP/1.1 204\r\n\r\n")[0].reason == ""


def test_an_empty_line_in_front_of_a_request_is_passed_over():
    found, rest = http11.decode_request(b"\r\n" + HELLO)

    assert (found.method, found.lead, rest) == ("GET", 2, b"")
    assert found.fields[0].start_bit == 16
    for size in range(len(HELLO) + 2):
        assert http11.decode_request((b"\r\n" + HELLO)[:size]) is None


def test_the_query_in_pairs():
    found, _ = http11.decode_request(b"GET /socket.io/?EIO=4&sid&t=a=b HTTP/1.1\r\nHost: a\r\n\r\n")

    assert found.path == "/socket.io/"
    assert found.query == {"EIO": "4", "sid": "", "t": "a=b"}


BAD_REQUESTS = [
    (b"\x16\x03\x01", "begins with the byte 16", 0, "RFC 9112, section 3"),
    (b"GET  / HTTP/1.1\r\n\r\n", "has not the shape", 0, "RFC 9112, section 3"),
    (b"GET /\r\n\r\n", "has not the shape", 0, "RFC 9112, section 3"),
    (b"GET / HTTP/1.1 \r\n\r\n", "has not the shape", 0, "RFC 9112, section 3"),
    (b"PRI * HTTP/2.0\r\n\r\n", "version is HTTP/2.0", 6, "RFC 9112, section 2.3"),
    (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "blank before the colon", 16, "RFC 9112, section 5.1"),
    (b"GET / HTTP/1.1\r\nHost\r\n\r\n", "has no colon", 16, "RFC 9112, section 5"),
    (b"GET / HTTP/1.1\r\n: a\r\n\r\n", "no fit name", 16, "RFC 9112, section 5.1"),
    (b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "folded", 22, "RFC 9112, section 5.2"),
    (b"GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", "LF stands alone", 20, "RFC 9112, section 2.2"),
    (b"GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n", "CR stands alone", 20, "RFC 9112, section 2.2"),
    (b"GET / HTTP/1.1\r\nA: \x00\r\n\r\n", "NUL stands alone", 19, "RFC 9110, section 5.5"),
    (
        b"POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\n",
        'not "+5"',
        17,
        "RFC 9112, section 6.3",
    ),
    (
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        'not "5 and 6"',
        17,
        "RFC 9112, section 6.3",
    ),
    (
        b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 40 + b"\r\n\r\n",
        "one number in digits",
        17,
        "RFC 9112, section 6.3",
    ),
    (
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
        "last coding must be chunked",
        17,
        "RFC 9112, section 6.3",
    ),
    (b"G" * 70_000, "do not end within", 65536, "RFC 9110, section 5.4"),
]


@pytest.mark.parametrize(("data", "words", "at", "source"), BAD_REQUESTS)
def test_bytes_that_are_no_request(data, words, at, source):
    with pytest.raises(DecodeError) as raised:
        http11.decode_request(data)

    assert words in raised.value.message
    assert (raised.value.layer, raised.value.at, raised.value.source) == ("http", at, source)


HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "words", "at", "source"),
    [
        (b"SSH-2.0", "begins with HTTP/", 0, "RFC 9112, section 4"),
        (b"HTTP/1.1 OK\r\n\r\n", "has not the shape", 0, "RFC 9112, section 4"),
        (b"HTTP/1.1 20 OK\r\n\r\n", "has not the shape", 0, "RFC 9112, section 4"),
        (HEAD + b"x\r\n", "begins with its size", 47, "RFC 9112, section 7.1"),
        (HEAD + b"-1\r\n", "begins with its size", 47, "RFC 9112, section 7.1"),
        (HEAD + b"0x4\r\n", "begins with its size", 47, "RFC 9112, section 7.1"),
        (HEAD + b"11111111111111111\r\n", "begins with its size", 47, "RFC 9112, section 7.1"),
        (HEAD + b"\r\n", "its line is empty", 47, "RFC 9112, section 7.1"),
        (HEAD + b"4\r\nWikiX", "must follow the 4 bytes", 54, "RFC 9112, section 7.1"),
        (HEAD + b"4;a\nb\r\n", "lone CR or LF", 47, "RFC 9112, section 2.2"),
        (HEAD + b"4;" + b"a" * 5000, "does not end within", 47, "RFC 9112, section 7.1.1"),
        (HEAD + b"0\r\nno colon\r\n\r\n", "has no colon", 50, "RFC 9112, section 5"),
        (HEAD + b"0\r\n" + b"a" * 70_000, "trailers do not end", 50, "RFC 9110, section 5.4"),
    ],
)
def test_bytes_that_are_no_response(data, words, at, source):
    with pytest.raises(DecodeError) as raised:
        http11.decode_response(data)

    assert words in raised.value.message
    assert (raised.value.at, raised.value.source) == (at, source)


@pytest.mark.parametrize(
    ("data", "words", "at", "source"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "must carry Host", 0, "RFC 9112, section 3.2"),
        (
            b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "Host stands 2 times",
            16,
            "RFC 9112, section 3.2",
        ),
        (
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "stand together",
            26,
            "RFC 9112, section 6.1",
        ),
    ],
)
def test_a_rule_can_be_broken_by_a_message_with_clear_borders(data, words, at, source):
    found, rest = http11.decode_request(data)

    error = http11.check(found)
    assert rest == b""
    assert words in error.message
    assert (error.at, error.source) == (at, source)


def test_after_an_error_the_reader_begins_anew():
    reader = http11.Reader(request=True)
    with pytest.raises(DecodeError):
        reader.read(b"\x00")

    assert reader.read(HELLO)[0].method == "GET"


def test_what_there_is_of_an_unfinished_message():
    reader = http11.Reader(request=False)
    assert reader.read(HELLO_BACK[:-20]) is None
    found, _ = reader.partial(HELLO_BACK[:-20])

    assert (len(found.body), found.missing) == (31, 20)
    cut = CHUNKED[: CHUNKED.index(b"hunks")]
    assert reader.read(cut) is None
    found, _ = reader.partial(cut)
    assert found.body == b"Wikipedia in\r\n\r\nc"
    assert found.missing == -1
    assert reader.partial(b"HTTP/1.1 2") is None


def test_a_message_prints_in_one_line():
    found, _ = http11.decode_request(b"GET /\x1b[31m\xff HTTP/1.1\r\nHost: a\r\n\r\n")

    assert "\x1b" not in str(found)


def seconds(make, size):
    """Seconds to read what ``make`` gives in reads of 64 bytes."""
    data = make(size)
    reader, buffer = http11.Reader(request=False), bytearray()
    begin = time.process_time()
    for at in range(0, len(data), 64):
        buffer += data[at : at + 64]
        found = reader.read(buffer)
    took = time.process_time() - begin
    assert len(found[0].body) == size
    return took


def test_twice_the_chunks_take_no_more_than_thrice_the_time():
    assert stays_linear(seconds, lambda size: HEAD + chunked(*[b"x"] * size), 4_000)


NAMES = st.text("abcdefXYZ0123456789-_", min_size=1, max_size=12)
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_categories=["Cc"]))


@given(
    st.sampled_from(["GET", "POST", "BREW"]),
    st.text("/?&=%.abcXYZ019", min_size=1, max_size=40),
    st.dictionaries(NAMES.map("X_".__add__), VALUES, max_size=6),
    st.binary(max_size=200),
)
def test_what_is_encoded_comes_back(method, target, headers, body):
    data = request(target, method, body, **headers)

    found, rest = http11.decode_request(data + b"rest")

    assert (found.method, found.target, found.body, rest) == (method, target, body, b"rest")
    told = [(h.name, h.value) for h in found.headers if h.name.startswith("X-")]
    assert told == [(name.replace("_", "-"), value.strip(" \t")) for name, value in headers.items()]


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8))
def test_chunks_come_back(pieces):
    found, rest = http11.decode_response(HEAD + chunked(*pieces))

    assert found.body == b"".join(pieces)
    assert rest == b""


@given(st.binary(max_size=200))
def test_a_plain_answer_comes_back(body):
    data = response(body)
    found, _ = http11.decode_response(data)

    assert found.body == body
    lines = [f for f in found.fields if f.name in ("body", "empty line")]
    assert tiled(lines[1:], 0) or lines[1].bits == 8 * len(body)


PIECES = st.sampled_from(
    [b"GET", b" ", b"/", b"HTTP/1.1", b"\r\n", b"\r\n\r\n", b"Host: a", b"\n", b"4", b"0", b"\xff"]
    + [b"Transfer-Encoding: chunked", b"Content-Length: 3", b"HTTP/1.1 200 OK", b";", b"\x00"]
)


@given(st.lists(PIECES, max_size=20).map(b"".join) | st.binary(max_size=200), st.booleans())
def test_any_bytes_are_a_message_or_none_or_an_error(data, ended):
    for decode in (http11.decode_request, lambda d: http11.decode_response(d, "GET", ended)):
        try:
            found = decode(data)
        except DecodeError as error:
            assert 0 <= error.at <= len(data)
            continue
        if found is not None:
            json.dumps(found[0].to_json())
            http11.check(found[0])
            assert data.endswith(found[1])
