"""The dialler's rules: what may be sent, to whom, how often; a fake line, a clock by hand."""

import pytest

from socketlab.lessons.upgrade import dialler
from socketlab.lessons.upgrade import talk as talking
from socketlab.lessons.upgrade.dialler import Dials, NotDialled

HERE = "127.0.0.1:8000"
RIGHT = "GET / HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n"


def read(request, here=HERE, port=8000):
    return dialler.read(request, here, port)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "send one JSON object"),
        (b"[]", "send one JSON object"),
        (b"\xff\xfe", "send one JSON object"),
        (b"[" * 16_000, "send one JSON object"),
        (b'"request"', "send one JSON object"),
    ],
)
def test_a_body_that_is_no_object_gets_its_sentence(body, sentence):
    with pytest.raises(NotDialled, match=sentence):
        dialler.asked(body, "request")


def test_a_missing_member_is_nothing():
    assert dialler.asked(b"{}", "request") is None


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (None, "must be a text"),
        (7, "must be a text"),
        (["GET /"], "must be a text"),
        ("", "is empty"),
        ("\ud800", "half a character"),
        ("x" * 4097, "at most 4096 bytes, not 4097"),
        ("é" * 2049, "at most 4096 bytes, not 4098"),
    ],
)
def test_what_is_no_request_gets_its_sentence(request_, sentence):
    with pytest.raises(NotDialled, match=sentence):
        read(request_)


@pytest.mark.parametrize("spelt", [7, "8", "zz", ["81"]])
def test_frames_that_are_no_hex_get_their_sentence(spelt):
    with pytest.raises(NotDialled, match="two for a byte"):
        dialler.frames(spelt, 0)


def test_frames_are_bytes_and_count_with_the_request():
    assert dialler.frames(None, 4096) == b""
    assert dialler.frames("c100", 4094) == b"\xc1\x00"
    with pytest.raises(NotDialled, match="at most 4096 bytes"):
        dialler.frames("c100", 4095)


@pytest.mark.parametrize(
    "text",
    [
        "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
        "GET / HTTP/1.1\r\nhOsT:example.com\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : example.com\r\n\r\n",
        "GET / HTTP/1.1\nHost: example.com\n\n",
        "GET / HTTP/1.1\r\nHost:\r\n example.com\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nHost: example.com\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1.example.com\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:8000@example.com\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [2001:db8::1]\r\n\r\n",
        "GET http://example.com/ HTTP/1.1\r\n\r\n",
        "GET HTTP://localhost@example.com/ HTTP/1.1\r\n\r\n",
        "GET ws://example.com HTTP/1.1\r\n\r\n",
        "CONNECT example.com:443 HTTP/1.1\r\n\r\n",
        RIGHT + "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
    ],
)
def test_a_request_that_names_another_host_is_refused(text):
    with pytest.raises(NotDialled, match="this server only: write 127.0.0.1:8000"):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        RIGHT,
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET http://127.0.0.1:8000/ HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n",
        "GET / HTTP/1.1\r\nOrigin: http://example.com\r\nReferer: http://example.com/\r\n\r\n",
        "nonsense",
        "\r\n\r\n",
        "GET /é HTTP/1.1\r\n\r\n",
    ],
)
def test_anything_else_is_sent_as_it_was_typed(text):
    assert read(text) == text.encode()


def test_the_name_that_the_visitor_came_by_is_ours_whatever_it_is():
    text = "GET / HTTP/1.1\r\nHost: lab.school:443\r\n\r\n"

    assert read(text, here="lab.school:443") == text.encode()
    with pytest.raises(NotDialled):
        read(text)


def test_a_seat_dials_ten_times_a_minute_and_then_waits():
    dials = Dials()
    for second in range(10):
        with dials.one("ada", second * 1000):
            pass

    with (
        pytest.raises(NotDialled, match="10 raw requests a minute") as no,
        dials.one("ada", 59_999),
    ):
        pass
    assert no.value.status == 429
    with dials.one("bob", 59_999):
        pass
    with dials.one("ada", 60_000):
        pass


def test_sixteen_dial_at_once_and_the_seventeenth_waits():
    dials = Dials()
    lines = [dials.one(f"seat {n}", 0) for n in range(16)]
    for line in lines:
        line.__enter__()

    with pytest.raises(NotDialled, match="16 raw requests are under way"), dials.one("late", 0):
        pass
    lines[0].__exit__(None, None, None)
    with dials.one("late", 0):
        pass


class FakeLine:
    """Hands out what it was given, one piece a call; TimeoutError where it has no more."""

    def __init__(self, *pieces):
        self.pieces, self.sent, self.patience = list(pieces), b"", []

    def sendall(self, data):
        self.sent += data

    def settimeout(self, seconds):
        self.patience.append(seconds)

    def recv(self, size):
        if not self.pieces:
            raise TimeoutError
        piece = self.pieces.pop(0)
        if isinstance(piece, Exception):
            raise piece
        if len(piece) > size:
            self.pieces.insert(0, piece[size:])
        return piece[:size]


def talk(*pieces, clock=lambda: 0):
    line = FakeLine(*pieces)
    return *talking.talk(line, b"hello", clock), line


def test_an_answer_ends_when_the_other_side_hangs_up():
    received, closed, line = talk(b"one", b"two", b"")

    assert (received, closed, line.sent) == (b"onetwo", True, b"hello")


def test_an_open_line_that_falls_quiet_has_said_all():
    received, closed, line = talk(b"one")

    assert (received, closed) == (b"one", False)
    assert line.patience == [dialler.SECONDS, dialler.QUIET_SECONDS]


def test_a_line_that_is_cut_off_is_closed():
    assert talk(b"one", ConnectionResetError())[:2] == (b"one", True)


def test_nobody_waits_longer_than_five_seconds():
    seconds = iter([0, 1, 4.9, 5.1])
    received, closed, line = talk(b"one", b"two", b"three", clock=lambda: next(seconds))

    assert (received, closed) == (b"onetwo", False)
    assert line.patience[-1] == pytest.approx(0.1)


def test_an_answer_is_cut_at_64_kib():
    received, closed, _ = talk(*[b"x" * 30_000] * 5)

    assert (len(received), closed) == (64 * 1024, False)
