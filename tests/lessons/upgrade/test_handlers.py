"""Lesson "upgrade": the echo, the accept value, the raw dialler; what the lesson's text claims."""

import base64
import re
import threading

import pytest
import requests

from socketlab.lessons.upgrade import dialler
from socketlab.protocols.handshake import accept_value
from socketlab.site import notes
from socketlab.site.settings import DEFAULTS

from ...helpers import PATIENCE, ROOT, RawClient

NS = "/upgrade"
RFC_KEY, RFC_ACCEPT = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"


def post(person, path, **data):
    answer = person.http.post(f"{person.url}{NS}/{path}", json=data, timeout=PATIENCE)
    return answer.json()


def upgrade(person, *without, **instead):
    """A right upgrade as raw text, without some fields, with others put in their place."""
    fields = {
        "Host": person.url.removeprefix("http://"),
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": RFC_KEY,
        "Sec-WebSocket-Version": "13",
    } | {name.replace("_", "-"): value for name, value in instead.items()}
    lines = [f"{name}: {value}" for name, value in fields.items() if name not in without]
    return "\r\n".join(["GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", *lines, "", ""])


def get(person, path, *fields):
    host = person.url.removeprefix("http://")
    return "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {host}", *fields, "", ""])


def dial(person, request):
    """What came back for a request dialled by hand: its bytes, and whether the server closed."""
    answer = post(person, "dial", request=request)
    assert answer.pop("ok"), answer
    assert set(answer) == {"sent_hex", "received_hex", "closed"}
    return bytes.fromhex(answer["received_hex"]), answer["closed"]


# The echo


@pytest.mark.parametrize(
    ("event", "data", "sentence"),
    [
        ("echo", {}, "text must be a text of 1 to 200 characters"),
        ("echo", {"text": 7}, "text must be a text"),
        ("echo", {"text": ""}, "not 0"),
        ("echo", {"text": "x" * 201}, "not 201"),
        ("echo", "hello", "one object"),
        ("echo", None, "one object"),
        ("echo", {"text": "hi", "step": 7}, "step must be a text"),
        ("echo", {"text": "hi", "step": "nowhere"}, "lock your prediction"),
        ("dial", {"request": "GET / HTTP/1.1"}, "no handler named on_dial"),
        ("call", {}, "no handler named on_call"),
    ],
)
def test_a_wrong_event_gets_its_sentence(visit, event, data, sentence):
    answer = visit().connect(NS).ask(NS, event, data)

    assert answer["ok"] is False
    assert sentence in answer["error"]


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], ["polling", "websocket"]])
def test_an_echo_comes_back_by_whatever_transport(visit, transports):
    ada = visit().connect(NS, transports=transports)

    assert ada.ask(NS, "echo", {"text": "hällo"}) == {"ok": True, "text": "hällo"}


def test_a_run_of_the_lesson_waits_for_the_prediction(visit):
    ada = visit()
    socket, everyone = ada.connect(NS), ada.connect("/class")
    run = {"text": "hi", "step": "after_101"}
    refused = socket.ask(NS, "echo", run)
    everyone.ask("/class", "predict", {"step": "after_101", "choice": "hundreds"})

    assert refused == {"ok": False, "error": "lock your prediction for after_101 first, then run"}
    assert socket.ask(NS, "echo", run)["ok"]


# The accept value


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "send one JSON object"),
        (b"[]", "send one JSON object"),
        (b"[" * 15_000, "send one JSON object"),
        (b"{}", "key must be a text of 1 to 64 characters"),
        (b'{"key": 5}', "key must be a text"),
        (b'{"key": ""}', "not 0"),
        (b'{"key": "%s"}' % (b"x" * 65), "not 65"),
        (b'{"key": "\\ud800"}', "cannot be shown"),
        (b'{"key": "a\\u0000"}', "cannot be shown"),
    ],
)
def test_a_wrong_key_gets_its_sentence(visit, body, sentence):
    ada = visit()
    answer = ada.http.post(f"{ada.url}{NS}/accept", data=body, timeout=PATIENCE)

    assert answer.status_code == 400
    assert answer.json()["ok"] is False and sentence in answer.json()["error"]


def test_the_accept_value_of_rfc_6455_section_1_3(visit):
    assert post(visit(), "accept", key=RFC_KEY) == {
        "ok": True,
        "concatenated": RFC_KEY + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
        "sha1_hex": "b37a4f2cc0624f1690f64606cf385945b2bec4ea",
        "accept": RFC_ACCEPT,
    }


def test_the_base64_of_the_sha1_is_the_accept_value_of_any_key(visit):
    found = post(visit(), "accept", key="ä key of my own")

    assert base64.b64encode(bytes.fromhex(found["sha1_hex"])).decode() == found["accept"]


def test_another_letter_in_the_key_gives_another_value(visit):
    ada = visit()

    assert post(ada, "accept", key="e" + RFC_KEY[1:])["accept"] != RFC_ACCEPT


# The dialler: what it refuses


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "send one JSON object"),
        (b"{}", "must be a text"),
        (b'{"request": ["GET /"]}', "must be a text"),
        (b'{"request": ""}', "is empty"),
        (b'{"request": "\\ud800"}', "half a character"),
        (b'{"request": "%s"}' % (b"x" * 4097), "at most 4096 bytes, not 4097"),
        (b'{"request": "GET http://example.com/ HTTP/1.1\\r\\n\\r\\n"}', "this server only"),
        (b'{"request": "GET / HTTP/1.1\\r\\nHost: example.com\\r\\n\\r\\n"}', "this server only"),
        (b'{"request": "GET / HTTP/1.1\\r\\nHost: 127.0.0.1:1\\r\\n\\r\\n"}', "this server only"),
    ],
)
def test_a_wrong_dial_gets_its_sentence(visit, body, sentence):
    ada = visit()
    answer = ada.http.post(f"{ada.url}{NS}/dial", data=body, timeout=PATIENCE)

    assert answer.status_code == 400
    assert answer.json()["ok"] is False and sentence in answer.json()["error"]


def test_nobody_dials_without_a_seat(live):
    answer = requests.post(
        f"{live.url}{NS}/dial", json={"request": "GET / HTTP/1.1\r\n\r\n"}, timeout=PATIENCE
    )

    assert answer.status_code == 403
    assert "with a seat" in answer.json()["error"]


def test_a_page_of_another_site_cannot_dial(visit):
    ada = visit()
    answer = ada.http.post(
        f"{ada.url}{NS}/dial",
        json={"request": "GET / HTTP/1.1\r\n\r\n"},
        headers={"Origin": "http://example.com", "Sec-Fetch-Site": "cross-site"},
        timeout=PATIENCE,
    )

    assert answer.status_code == 403


def test_the_eleventh_dial_of_a_minute_is_refused_and_only_for_that_seat(visit):
    ada, bob = visit(), visit()
    request = get(ada, "/healthz", "Connection: close")
    answers = [post(ada, "dial", request=request) for _ in range(11)]

    assert [answer["ok"] for answer in answers] == [True] * 10 + [False]
    assert answers[10]["error"] == "10 raw requests a minute are enough: wait a while"
    assert post(bob, "dial", request=request)["ok"]


def test_a_dial_inside_a_dial_is_refused(visit):
    ada = visit()
    body = '{"request": "GET / HTTP/1.1\\r\\n\\r\\n"}'
    host = ada.url.removeprefix("http://")
    inner = (
        f"POST /upgrade/dial HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Cookie: socketlab_seat={ada.token}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
    received, _ = dial(ada, inner)

    assert received.startswith(b"HTTP/1.1 403")
    assert b"a raw request inside a raw request is refused" in received


def test_a_dial_that_gets_no_answer_ends_within_five_seconds(visit):
    ada = visit()
    received, _ = dial(ada, "GET /healthz HT")  # no line end: the server waits for the rest

    assert received == b"" or b" 408 " in received


def test_seventeen_dial_at_once_and_one_of_them_waits(visit):
    people = [visit() for _ in range(dialler.AT_ONCE + 1)]
    answers = []

    def ask(person):
        # Held by the server until its own patience ends: all of them overlap.
        answers.append(post(person, "dial", request=get(person, f"{held}?after=9999")))

    held = "/bidirectional/wait"
    asking = [threading.Thread(target=ask, args=(person,)) for person in people]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(PATIENCE)
    refused = [answer["error"] for answer in answers if not answer["ok"]]

    assert len(answers) == len(people)
    assert refused == ["16 raw requests are under way: try again in a moment"]


# The dialler: what it does


def test_a_right_upgrade_is_answered_101_and_the_server_speaks_first(visit):
    ada = visit()
    request = upgrade(ada)
    answer = post(ada, "dial", request=request)
    received = bytes.fromhex(answer["received_hex"])
    head, rest = received.split(b"\r\n\r\n", 1)

    assert bytes.fromhex(answer["sent_hex"]) == request.encode()
    assert head.startswith(b"HTTP/1.1 101 Switching Protocols")
    assert f"Sec-WebSocket-Accept: {RFC_ACCEPT}".encode() in head
    assert rest[0] == 0x81 and rest[1] == len(rest) - 2  # one text frame, not masked
    assert rest[2:].startswith(b'0{"sid":')  # Engine.IO, unasked: no plain WebSocket
    assert answer["closed"] is False


def test_without_the_line_upgrade_the_server_sees_an_ordinary_get(visit):
    received, _ = dial(visit(), upgrade(visit(), "Upgrade"))

    assert received.startswith(b"HTTP/1.1 400 ")
    assert received.endswith(b"The transport and the Upgrade header disagree.\n")


def test_another_version_is_answered_with_the_one_that_is_spoken(visit):
    ada = visit()
    received, _ = dial(ada, upgrade(ada, Sec_WebSocket_Version="8"))

    assert received.startswith(b"HTTP/1.1 426 ")
    assert b"Sec-WebSocket-Version: 13\r\n" in received
    assert received.endswith(b"The WebSocket version is 13.\n")


def test_a_short_key_is_no_key(visit):
    ada = visit()
    received, _ = dial(ada, upgrade(ada, Sec_WebSocket_Key="c2hvcnQ="))

    assert received.startswith(b"HTTP/1.1 400 ")
    assert received.endswith(b"Sec-WebSocket-Key must be 16 bytes in base64.\n")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("EIO=4&transport=polling&sid=made-up-sid", "There is no such session."),
        ("EIO=3&transport=polling", "The Engine.IO protocol here is EIO=4."),
    ],
)
def test_a_400_says_what_it_did_not_like(visit, query, sentence):
    ada = visit()
    received, _ = dial(ada, get(ada, f"/socket.io/?{query}"))

    assert received.startswith(b"HTTP/1.1 400 ")
    assert sentence.encode() in received


def test_a_page_of_another_origin_is_refused(visit):
    ada = visit()
    request = get(ada, "/socket.io/?EIO=4&transport=polling", "Origin: http://example.com")

    assert dial(ada, request)[0].startswith(b"HTTP/1.1 403 ")


def test_closed_says_who_hung_up(visit):
    ada = visit()
    kept, closed = get(ada, "/healthz"), get(ada, "/healthz", "Connection: close")

    assert dial(ada, kept)[1] is False
    assert dial(ada, closed)[1] is True


def test_bytes_that_are_no_request_are_sent_as_they_stand(visit):
    received, closed = dial(visit(), "hello\r\nworld\r\n\r\n")

    assert received.startswith(b"HTTP/1.1 400 ") and closed


def test_what_is_dialled_counts_as_the_seat_that_dialled(visit):
    ada, bob = visit(), visit()
    end = wire(ada)["next"]
    received, _ = dial(ada, get(ada, "/upgrade/accept", f"Cookie: socketlab_seat={bob.token}"))
    mine = [row for row in wire(ada, end)["rows"] if "405" in row["summary"]]
    lines = {
        row["connection"] for row in wire(ada, end)["rows"] if "GET /upgrade" in row["summary"]
    }

    assert received.startswith(b"HTTP/1.1 405 ")
    assert mine and mine[-1]["connection"] in lines
    assert not [row for row in wire(bob)["rows"] if "GET /upgrade" in row["summary"]]


def wire(person, after=0):
    return person.http.get(f"{person.url}/wire?after={after}", timeout=PATIENCE).json()


def test_the_dialler_shows_no_secret_that_the_wire_would_not_show(visit):
    ada = visit()
    request = get(
        ada, "/lesson/upgrade", f"Cookie: socketlab_seat={ada.token}", "Connection: close"
    )
    answer = post(ada, "dial", request=request)
    sent = bytes.fromhex(answer["sent_hex"])
    seen = str(wire(ada))

    assert ada.token.encode().hex() not in answer["sent_hex"] + answer["received_hex"]
    assert len(sent) == len(request) and b"Cookie: ****" in sent
    assert b'<meta name="seat" content="****' in bytes.fromhex(answer["received_hex"])
    assert ada.token not in seen and ada.token.encode().hex() not in seen
    assert ada.token.encode().hex().encode().hex() not in seen  # hex in the body, hex in the row


def test_a_long_answer_is_cut(visit):
    ada = visit()
    request = get(ada, "/static/lib/timeline.js") * 12
    received, closed = dial(ada, request)

    assert len(received) == dialler.ANSWER_BYTES and closed is False


# What can go wrong


def test_a_client_that_does_not_answer_the_open_packet_is_disconnected(start):
    server = start(env={"SOCKETLAB_CONNECT_SECONDS": "1"})
    raw = RawClient(server.port, "/socket.io/?EIO=4&transport=websocket")
    opened = raw.hear()
    with pytest.raises(ConnectionError):
        raw.hear()
    raw.close()

    assert opened.startswith('0{"sid":')
    assert DEFAULTS["CONNECT_SECONDS"] == 5  # the five seconds of the lesson's text


# Compression


def test_without_being_asked_for_nothing_is_compressed(live):
    raw = RawClient(live.port, "/socket.io/?EIO=4&transport=websocket", [DEFLATE])
    first = raw._take(2)
    raw.close()

    assert b"permessage-deflate" not in raw.answer
    assert first[0] == 0x81


def test_compressed_the_first_byte_is_c1(live):
    raw = RawClient(live.port, "/socket.io/?EIO=4&transport=websocket&deflate=1", [DEFLATE])
    first = raw._take(2)
    raw.close()

    assert b"permessage-deflate" in raw.answer
    assert first[0] == 0xC1


# The text


def note():
    return next(n for n in notes.read_all(ROOT / "notes") if n.slug == "upgrade")


def test_the_sum_that_the_lesson_prints_is_right():
    text = (ROOT / "notes" / "02-upgrade.md").read_text("utf-8")
    there = {}
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], there)

    assert there["accept_value"](RFC_KEY) == RFC_ACCEPT == accept_value(RFC_KEY)["accept"]


def test_the_example_of_the_lesson_tells_the_whole_story_in_order():
    text = (ROOT / "notes" / "02-upgrade.md").read_text("utf-8")
    example = re.search(r"```text\n(.*?)```", text, re.DOTALL)[1]
    steps = ["GET", '0{"sid"', "40/upgrade,", "101 Switching", "2probe", "3probe", "  5\n"]
    places = [example.index(step) for step in steps]
    sizes = [int(size) for size in re.findall(r"(\d+) B ", example)]

    assert places == sorted(places)
    assert f"{sum(sizes):,} bytes" in text and "an example" in text


def test_the_lesson_has_its_sections():
    wanted = ["explore", "predict", "run", "explain", "modify", "make", "what-can-go-wrong"]

    assert [section.id for section in note().sections] == wanted
