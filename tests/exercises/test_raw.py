"""An exercise by a raw socket: real bytes, the same judge, and rows on the wire."""

import json
import re

import pytest

from socketlab.protocols.handshake import accept
from tests.classroom.pupils import Pupil, Teacher
from tests.helpers import ROOT, Person
from tests.server.raw import Closed, Wire, frame, fresh_key

AT = "/exercise"
PAGE = (ROOT / "notes/exercises/upgrade/exercise.md").read_text("utf-8")
REQUEST = re.search(r"```text\n(GET .*?)```", PAGE, re.DOTALL)[1]  # as the page tells it


def request(token, host, key):
    """The request of the page, with what stands there in words put in."""
    text = REQUEST
    words = "TOKEN", "the server's address and port", "16 random bytes in base64"
    for word, value in zip(words, (token, host, key), strict=True):
        assert text.count(word) == 1, word
        text = text.replace(word, value)
    return "\r\n".join([*text.splitlines(), "", ""])


class Raw(Wire):
    """A program with a raw socket, and a key of its own."""

    def __init__(self, live, token):
        super().__init__(live.port)
        self.key, self.told = fresh_key(), []
        self.request = request(token, f"127.0.0.1:{live.port}", self.key)

    def asks(self, *change):
        """Sends its request, with a part of it replaced; the answer: (status, headers, text)."""
        request = self.request.replace(*change) if change else self.request
        self.send(request.encode())
        status, headers, body = self.answer()
        return status, headers, body.decode()

    def pong(self):
        """The payload of the next pong; what comes before it are verdicts."""
        while (heard := self.heard())[0] == 1:
            self.told.append(json.loads(heard[1]))
        assert heard[0] == 10
        return heard[1]

    def verdicts(self):
        """``{check: verdict}``, the judgement, and the code with which the server closes."""
        try:
            while True:
                self.told.append(json.loads(self.message()))
        except Closed as closed:
            *checked, (last, judged) = self.told
            assert last == "judged" and {name for name, _ in checked} == {"checked"}
            return {one["check"]: one for _, one in checked}, judged, closed.code


@pytest.fixture
def raw(live):
    opened = []

    def raw(person, token=None):
        opened.append(Raw(live, token or person.token))
        return opened[-1]

    yield raw
    for one in opened:
        one.sock.close()


def watching(person):
    page = person.connect(AT, exercise="upgrade", watch=True)
    page.hear("progressed")
    return page


def failed(page):
    """What failed in the attempt that a page watched: ``{check: saw}``."""
    page.hear("judged")
    return {one["check"]: one["saw"] for one in page.heard("checked") if not one["passed"]}


def test_the_right_bytes_pass_and_are_rows_on_the_wire_of_the_seat(visit, raw):
    ada = visit()
    page, program = watching(ada), raw(ada)
    status, headers, _ = program.asks()
    assert (status, headers["sec-websocket-accept"]) == (101, accept(program.key))
    sent = frame(b"hello", opcode=9) + frame(accept(program.key).encode())
    program.send(sent)
    assert f"`{sent[-34:-33].hex()}`" in PAGE and f"`{sent[-33:-32].hex()}`" in PAGE
    assert program.pong() == b"hello"
    verdicts, judged, code = program.verdicts()

    assert [one["passed"] for one in verdicts.values()] == [True] * 4
    assert judged == {"passed": 4, "of": 4, "done": True, "attempt": 1} and code == 1000
    assert program.ended()
    assert page.hear("judged") == judged
    assert page.heard("checked") == list(verdicts.values())
    rows = {row["n"]: row for row in ada.http.get(f"{ada.url}/wire?after=0").json()["rows"]}
    request, answer = rows[verdicts["key"]["n"]], rows[verdicts["accept"]["n"]]
    assert request["summary"].startswith("GET /exercise/upgrade/raw") and request["up"]
    assert answer["hex"] == sent[-34:].hex() and answer["transport"] == "websocket"
    assert ada.token.encode().hex() not in request["hex"]


def test_the_raw_terminal_of_the_page_sends_the_same_bytes(visit, raw):
    ada = visit()
    page, program = watching(ada), raw(ada)
    then = frame(accept(program.key).encode()).hex()
    asked = {"request": program.request, "then_hex": then}
    answer = ada.http.post(f"{ada.url}/upgrade/dial", json=asked).json()
    assert b'["judged", {"passed": 4' in bytes.fromhex(answer["received_hex"])
    assert answer["closed"] and page.hear("judged")["done"]


def test_a_peer_that_has_sent_all_and_says_so_still_hears_its_verdict(visit, raw):
    program = raw(visit())
    program.asks()
    program.send(frame(accept(program.key).encode()))
    program.sock.shutdown(1)
    assert program.verdicts()[1]["done"]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (frame(b"hi", mask=False), "must be masked"),
        (frame(b"hi", opcode=2), "opcode 2"),
        (frame(b"hi", final=False), "FIN is 0"),
        (frame(b"hi", rsv=4), "RSV1"),
        (frame(b"hi", form=64), "spelled with 64 bits"),
        (frame(b"hi", opcode=9, mask=False), "must be masked"),
        (bytes.fromhex("81ff00000000000f424000000000"), "1000000 bytes, and 4096 is the most"),
        (bytes.fromhex("81ffffffffffffffffff00000000"), "first bit of a 64-bit length"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_wrong_frame_is_told_why_and_the_server_says_goodbye(visit, raw, sent, words):
    program = raw(visit())
    program.asks()
    program.send(sent)
    verdicts, judged, code = program.verdicts()
    assert words in verdicts["frame"]["saw"] and not verdicts["frame"]["passed"]
    assert (judged["passed"], judged["done"], code) == (2, False, 1000)


@pytest.mark.parametrize("sent", [b"", frame(b"hi")[:-1]], ids=["nothing", "half a frame"])
def test_a_program_that_leaves_is_judged_by_what_came(visit, raw, sent):
    ada = visit()
    page, program = watching(ada), raw(ada)
    program.asks()
    program.send(sent)
    program.sock.close()
    saw = failed(page)["frame"]
    assert ("and 1 behind it" if sent else "no frame after the upgrade") in saw


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        (("Upgrade: websocket\r\n", ""), 426, "Upgrade: websocket"),
        (("Version: 13", "Version: 8"), 426, "version is 13"),
        (("Connection: Upgrade", "Connection: close"), 400, "Connection: Upgrade"),
        # What no application ever sees, since it cannot be read:
        (("\r\n", "\n"), 400, "CR and LF"),
        (("Host: ", "Host "), 400, "a colon"),
        (("Host: ", "Hots: "), 400, "host field"),
    ],
)
def test_a_wrong_request_is_answered_with_the_sentence_and_judged(
    visit, raw, change, status, words
):
    ada = visit()
    page, program = watching(ada), raw(ada)
    answered, headers, text = program.asks(*change)
    assert answered == status and words in text
    assert headers.get("upgrade") == ("websocket" if status == 426 else None)
    program.send(frame(b"what a program sends that does not look at the answer"))
    assert headers["connection"] == "close" and program.ended()
    assert words in failed(page)["request"]
    rows = ada.http.get(f"{ada.url}/wire?after=0").json()["rows"]
    assert [row for row in rows if row["n"] == page.heard("checked")[0]["n"] and row["up"]]


def test_a_key_that_is_too_short_fails_its_own_check(visit, raw):
    ada = visit()
    page, program = watching(ada), raw(ada)
    assert program.asks(program.key, "c2hvcnQ=")[0] == 400
    assert "5 bytes" in failed(page)["key"]


@pytest.mark.parametrize("seat", ["", "seat.forged", "seat.exercise.forged"])
def test_without_a_token_nobody_is_judged_whatever_the_cookie_says(visit, raw, seat):
    ada = visit()
    page, program = watching(ada), raw(ada)
    cookies = "; ".join(f"{name}={value}" for name, value in ada.http.cookies.items())
    status, _, text = program.asks(
        f"?seat={ada.token} HTTP/1.1\r\n", f"?seat={seat} HTTP/1.1\r\nCookie: {cookies}\r\n"
    )
    assert status == 403 and "?seat=TOKEN" in text
    assert not page.heard("began")


def test_one_program_at_a_time_and_the_next_may_follow(visit, raw):
    ada = visit()
    first, second = raw(ada), raw(ada)
    first.asks()
    status, _, text = second.asks()
    assert status == 409 and "already" in text
    first.send(frame(b"x"))
    first.verdicts()
    third = raw(ada)
    third.asks()
    third.send(frame(accept(third.key).encode()))
    assert third.verdicts()[1] == {"passed": 4, "of": 4, "done": True, "attempt": 2}


def test_a_flood_of_pings_is_ended(visit, raw):
    ada = visit()
    page, program = watching(ada), raw(ada)
    program.asks()
    program.send(frame(b"", opcode=9) * 2000)
    assert program.ended()
    assert "no frame after the upgrade" in failed(page)["frame"]


def test_who_loses_the_seat_loses_the_connection(live, raw):
    teacher, ada = Teacher(live), Pupil(live)
    try:
        program = raw(ada)
        program.asks()
        teacher.see(ada.seat)
        teacher.do("remove", seat=ada.seat)
        assert program.closed() == 1000
    finally:
        ada.leave()
        teacher.leave()


def test_a_request_without_its_empty_line_is_judged_when_the_server_has_waited(start):
    server = start("--header-seconds", "1")
    ada = Person(server.url)
    page = watching(ada)
    with Raw(server, ada.token) as program:
        status, _, text = program.asks("\r\n\r\n", "\r\n")
        assert status == 408 and "whole" in text
        assert "does not end with an empty line" in failed(page)["request"]
    ada.leave()


def test_when_the_server_stops_it_says_so(start):
    server = start()
    ada = Person(server.url)
    with Raw(server, ada.token) as program:
        program.asks()
        program.send(frame(b"hi", opcode=9))
        program.pong()  # it is served
        assert server.stop() == 0
        assert program.closed() == 1001
    ada.leave()


def test_other_exercises_have_no_raw_address(visit, raw):
    assert raw(visit()).asks("/upgrade/", "/bidirectional/")[0] == 404


def test_a_page_of_another_origin_opens_nothing(visit, raw):
    assert raw(visit()).asks("Upgrade: web", "Origin: http://evil.test\r\nUpgrade: web")[0] == 403
