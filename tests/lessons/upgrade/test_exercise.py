"""The judge of lesson 2's exercise, without a socket: what it says to each mistake."""

import base64
import hashlib
import secrets

import pytest

from socketlab.classroom.refused import Refused
from socketlab.exercises.judge import Judged
from socketlab.lessons.upgrade.exercise import Exercise
from socketlab.limits import Latest
from socketlab.protocols.handshake import GUID, accept
from socketlab.protocols.websocket import unmask

MASK = bytes.fromhex("37fa213d")


@pytest.fixture
def judge(monkeypatch):
    monkeypatch.setattr(Exercise, "used", Latest(100))
    return Exercise(lambda: "", lambda: 0.0)


@pytest.fixture
def key():
    return base64.b64encode(secrets.token_bytes(16)).decode()


def request(key, **fields):
    """A right request, with some fields as told, or left out where None."""
    told = {
        "Host": "127.0.0.1:8000",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
    }
    told |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [f"{name}: {value}" for name, value in told.items() if value is not None]
    return "\r\n".join(["GET /exercise/upgrade/raw?seat=TOKEN HTTP/1.1", *lines, "", ""])


def frame(payload, first=0x81, mask=MASK):
    data = payload.encode() if isinstance(payload, str) else payload
    return bytes((first, 0x80 | len(data))) + mask + unmask(data, mask)


def upgraded(judge, key):
    assert judge.handle("request", {"text": request(key)})["status"] == "101 Switching Protocols"
    return judge


def saw(judge, check):
    """The words for a check that has failed."""
    assert not judge.decided[check].passed
    return judge.decided[check].saw


def test_the_right_request_and_frame_pass(judge, key):
    upgraded(judge, key)
    assert judge.handle("frame", {"hex": frame(accept(key)).hex(" ")}) == {"ok": True}
    assert judge.take()[-1] == Judged(4, 4, True)


@pytest.mark.parametrize(
    "change, status, words",
    [
        (lambda text: text.replace("\r\n", "\n"), "400", "CR and LF"),
        (lambda text: text[:-2], "408", "empty line"),
        (lambda text: text.replace("GET ", "POST "), "400", "starts as GET"),
        (lambda text: text.replace("HTTP/1.1", "HTTP/2"), "400", "request line"),
        (lambda text: text.replace("HTTP/1.1", "HTTP/1.0"), "400", "HTTP/1.1"),
        (lambda text: text.replace("/raw", "/wrong"), "404", "/exercise/upgrade/wrong"),
        (lambda text: text.replace("Host: ", "Hots: "), "400", "host"),
        (lambda text: text.replace("Upgrade: ", "Upgrade "), "400", "a colon"),
        (lambda text: "", "400", "no request text"),
        (lambda text: text.replace("\r\n\r\n", "\r\nA: " + "x" * 4096 + "\r\n\r\n"), "431", "4096"),
    ],
)
def test_a_request_that_is_none_is_told_why(judge, key, change, status, words):
    answer = judge.handle("request", {"text": change(request(key))})
    assert answer["status"].startswith(status) and words in answer["error"]
    assert words in saw(judge, "request")
    assert f"the server answered {status}" in saw(judge, "accept")
    assert judge.take()[-1] == Judged(0, 4, False)


@pytest.mark.parametrize(
    "fields, status, words",
    [
        ({"Upgrade": None}, "426", "Upgrade: websocket"),
        ({"Connection": None}, "400", "Connection: Upgrade"),
        ({"Connection": "keep-alive"}, "400", "Connection: Upgrade"),
        ({"Sec_WebSocket_Version": "8"}, "426", "version is 13"),
        ({"Sec_WebSocket_Version": None}, "426", "version is 13"),
        ({"Content_Length": "5"}, "400", "without a body"),
    ],
)
def test_a_field_that_is_wrong_is_named(judge, key, fields, status, words):
    answer = judge.handle("request", {"text": request(key, **fields)})
    assert answer["status"].startswith(status)
    assert words in saw(judge, "request")


@pytest.mark.parametrize(
    "key, words",
    [
        (None, "no Sec-WebSocket-Key"),
        ("not base64!", "not base64"),
        ("c2hvcnQ=", "5 bytes"),
        (base64.b64encode(bytes(20)).decode(), "20 bytes"),
    ],
)
def test_a_key_that_is_none_is_answered_with_400(judge, key, words):
    answer = judge.handle("request", {"text": request(key)})
    assert answer["status"] == "400 Bad Request"
    assert judge.decided["request"].passed and words in saw(judge, "key")
    assert judge.over


@pytest.mark.parametrize("key", ["dGhlIHNhbXBsZSBub25jZQ==", "AQIDBAUGBwgJCgsMDQ4PEC=="])
def test_an_example_of_the_specification_opens_and_fails(judge, key):
    upgraded(judge, key).handle("frame", {"hex": frame(accept(key)).hex()})
    assert "RFC 6455" in saw(judge, "key")
    assert judge.take()[-1] == Judged(3, 4, False)


def test_a_key_is_for_one_connection_whoever_used_it_before(judge, key):
    upgraded(judge, key)
    another = upgraded(Exercise(lambda: "", lambda: 0.0), key)
    assert "used before" in saw(another, "key")


def test_a_key_whose_request_was_refused_is_not_used_up(judge, key):
    judge.handle("request", {"text": request(key, Upgrade=None)})
    assert upgraded(Exercise(lambda: "", lambda: 0.0), key).decided["key"].passed


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda value: bytes((0x81, len(value))) + value.encode(), "must be masked"),
        (lambda value: bytes((0x81, 0x80 | 28)) + MASK + value.encode(), "not masked: XOR"),
        (lambda value: frame(value, mask=bytes(4)), "four zero bytes"),
        (lambda value: frame(value, first=0x82), "binary frame, opcode 2"),
        (lambda value: frame(value, first=0x01), "FIN is 0"),
        (lambda value: frame(value, first=0x80), "continuation frame, opcode 0"),
        (lambda value: frame(value, first=0xC1), "RSV1"),
        (lambda value: frame(value, first=0x83), "opcode 3 is reserved"),
        (lambda value: frame(value) + b"\n", "1 byte more than the 28"),
        (
            lambda value: bytes((0x81, 0xFE, 0, 28)) + MASK + unmask(value.encode(), MASK),
            "spelled with 16 bits",
        ),
    ],
)
def test_a_frame_that_is_wrong_is_told_why_and_its_value_is_compared_all_the_same(
    judge, key, make, words
):
    upgraded(judge, key).handle("frame", {"hex": make(accept(key)).hex()})
    assert words in saw(judge, "frame")
    assert "accept" in judge.decided and judge.over


@pytest.mark.parametrize(
    "spelt, words",
    [
        ("", "0 bytes, too few"),
        ("81", "1 byte, too few"),
        ("819c37fa213d00", "announces 28 bytes, and 1 behind it"),
        ("81ff8000000000000000", "the first bit of a 64-bit length"),
        ("81fe100137fa213d", "4097 bytes, and 4096 is the most"),
        ("xyz", "hex digits"),
        (7, "hex digits"),
        (None, "hex digits"),
    ],
)
def test_what_is_no_whole_frame_is_told_why(judge, key, spelt, words):
    upgraded(judge, key).handle("frame", {"hex": spelt})
    assert words in saw(judge, "frame")
    assert judge.over


def sha1(text):
    return hashlib.sha1(text.encode()).digest()


def coded(data):
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda key: key, "the key itself"),
        (lambda key: key + GUID, "not hashed yet"),
        (lambda key: sha1(key + GUID).hex(), "the digest in hex"),
        (lambda key: coded(sha1(key + GUID).hex().encode()), "40 hex digits"),
        (lambda key: coded(sha1(key + GUID)).rstrip("="), "without the ="),
        (lambda key: coded(sha1(key + GUID)) + "\n", "a line end around it"),
        (lambda key: coded(sha1(key)), "without the GUID"),
        (lambda key: coded(sha1(GUID)), "without the key"),
        (lambda key: coded(sha1(f"{key}\n{GUID}")), "line end behind it"),
        (lambda key: coded(sha1(f"{key}\r\n{GUID}")), "CR and LF behind it"),
        (lambda key: coded(sha1(f"{key}{GUID}\n")), "line end behind them"),
        (lambda key: coded(sha1(f"{key} {GUID}")), "a blank between"),
        (lambda key: coded(sha1(key + GUID.lower())), "lower case"),
        (lambda key: coded(sha1(GUID + key)), "GUID first"),
        (
            lambda key: coded(hashlib.sha1(base64.b64decode(key) + GUID.encode()).digest()),
            "stays in base64",
        ),
        (lambda key: coded(hashlib.sha256((key + GUID).encode()).digest()), "SHA-256"),
        (lambda key: "something else", "which is not base64(SHA-1("),
        (lambda key: b"\xff\xfe", "no text: ff fe"),
    ],
)
def test_a_value_that_just_misses_is_told_by_how_much(judge, key, make, words):
    upgraded(judge, key).handle("frame", {"hex": frame(make(key)).hex()})
    assert judge.decided["frame"].passed and words in saw(judge, "accept")


def test_a_ping_may_come_first_but_not_without_a_mask(judge, key):
    upgraded(judge, key).handle("frame", {"hex": frame("hi", first=0x89).hex()})
    assert "frame" not in judge.decided
    judge.handle("frame", {"hex": "8900"})
    assert "must be masked" in saw(judge, "frame")


def test_a_frame_before_the_request_fails_the_request(judge, key):
    judge.handle("frame", {"hex": frame(accept(key)).hex()})
    assert "no request before it" in saw(judge, "request")
    assert judge.over


def test_a_second_request_is_refused(judge, key):
    upgraded(judge, key)
    with pytest.raises(Refused, match="101"):
        judge.handle("request", {"text": request(key)})


def test_who_waits_for_the_server_to_speak_is_told_that_no_frame_came(judge, key):
    upgraded(judge, key).time_is_up()
    assert saw(judge, "frame") == "no frame after the upgrade, and the time was up"


def test_the_keys_that_are_remembered_have_an_end(judge):
    for _ in range(200):
        upgraded(Exercise(lambda: "", lambda: 0.0), coded(secrets.token_bytes(16)))
    assert len(Exercise.used) == 100
