"""The tap against what a raw client sent and counted itself."""

import json

import pytest

from .conftest import eventually
from .raw import Wire, frame

TOKEN = "seat.abcdefghijkl.signature"
COOKIE = f"Cookie: socketlab_seat={TOKEN}\r\n"
SEAT = "abcdefghij"


@pytest.fixture
def lab(start):
    return start()


def streams(rows, connection):
    """The bytes of each direction of one connection, put together by their offsets."""
    out = {}
    for up in (True, False):
        stream = b""
        for row in rows:
            if row["connection"] == connection and row["up"] == up:
                assert row["offset"] == len(stream)
                assert row["truncated"] == 0
                stream += bytes.fromhex(row["hex"])
        out[up] = stream
    return out


def all_told(lab, wire):
    """What the tap has of the seat, once it has everything that the client received."""

    def look():
        told = lab.recorded(SEAT)
        return told if total(told["counts"], "bytes_down") == wire.down else None

    return eventually(look)


def total(counts, name):
    return sum(count[name] for count in counts.values())


class Logged(Wire):
    """A wire that keeps all it sent and received."""

    def __init__(self, port):
        super().__init__(port)
        self.sent, self.got = b"", b""

    def send(self, data):
        super().send(data)
        self.sent += data

    def fill(self):
        before = len(self.buffer)
        super().fill()
        self.got += self.buffer[before:]


def test_a_websocket_crosses_as_it_is_recorded_and_counted(lab):
    with Logged(lab.port) as wire:
        wire.join(extra=COOKIE)
        for number in range(5):
            wire.call("echo", {"n": number, "text": "é" * number}, number)
        wire.send(frame(b"hm", opcode=9) + frame(b'42/lab,["say",', final=False))
        wire.send(frame(b'{"text":"x"}]', opcode=0))
        wire.until("42/lab,")
        wire.frame((1000).to_bytes(2, "big"), opcode=8)
        assert wire.closed() == 1000

        told = eventually(
            lambda: (
                (t := lab.recorded(SEAT)) and total(t["counts"], "bytes_down") == wire.down and t
            )
        )
    rows, counts = told["rows"], told["counts"]
    both = streams(rows, rows[0]["connection"])
    blanked = wire.sent.replace(f"socketlab_seat={TOKEN}".encode(), b"*" * (15 + len(TOKEN)))
    assert both[True] == blanked
    assert both[False] == wire.got
    assert total(counts, "bytes_up") == wire.up
    assert counts["/lab echo"]["frames_up"] == counts["/lab echo"]["frames_up"] == 5
    assert counts["/lab said"]["frames_down"] == 1
    assert counts["/lab say"]["frames_up"] == 2
    assert counts["/socket.io/"]["requests"] == 1
    assert {count["connections"] for count in counts.values()} == {1}


def test_polling_crosses_as_it_is_recorded_and_counted(lab):
    with Logged(lab.port) as wire:
        cookie = COOKIE.strip()
        target = "/socket.io/?EIO=4&transport=polling"
        _, _, body = wire.ask(f"GET {target} HTTP/1.1\n{cookie}")
        target += f"&sid={json.loads(body[1:])['sid']}"

        def post(packet):
            head = f"POST {target} HTTP/1.1\n{cookie}\nContent-Length: {len(packet)}"
            assert wire.ask(head, packet.encode())[0] == 200

        post("40/lab,")
        wire.ask(f"GET {target} HTTP/1.1\n{cookie}")
        post('42/lab,1["echo",{"a":1}]\x1e42/lab,2["echo",{}]')
        _, _, body = wire.ask(f"GET {target} HTTP/1.1\n{cookie}")
        assert body.count(b"43/lab,") == 2
        wire.ask(f"GET /page HTTP/1.1\n{cookie}")
        told = eventually(
            lambda: (
                (t := lab.recorded(SEAT)) and total(t["counts"], "bytes_down") == wire.down and t
            )
        )
    counts, both = told["counts"], streams(told["rows"], told["rows"][0]["connection"])
    assert total(counts, "bytes_up") == wire.up == len(both[True])
    assert len(both[False]) == wire.down
    assert counts["/socket.io/"]["requests"] == 5
    assert counts["page"]["requests"] == 1
    assert told["rows"][-1]["up"] is False
    # The page set a cookie and showed a token: neither is in the rows.
    assert b"seat." not in both[False] and b"seat." not in both[True]
    assert both[False].replace(b"*", b"")[:60] == wire.got.replace(b"*", b"")[:60]


def test_a_streamed_answer_is_recorded_with_its_chunks(lab):
    with Logged(lab.port) as wire:
        _, headers, body = wire.ask(f"GET /stream HTTP/1.1\n{COOKIE.strip()}")
        assert headers["transfer-encoding"] == "chunked"
        assert body == b"a chunk with seat.split-token here!"
        told = eventually(lambda: (t := lab.recorded(SEAT)) and len(t["rows"]) == 2 and t)

    shown = bytes.fromhex(told["rows"][1]["hex"])
    assert shown == wire.got.replace(b"seat.split-", b"*" * 11).replace(
        b"token here", b"***** here"
    )


def test_a_seat_named_at_connect_gets_what_went_before(lab):
    with Logged(lab.port) as wire:
        wire.join(auth={"seat": TOKEN})
        told = eventually(lambda: (t := lab.recorded(TOKEN[:10])) and len(t["rows"]) == 5 and t)
        rows = told["rows"]
    frames = [row for row in rows if row["kind"] == "frame"]

    assert [row["up"] for row in frames] == [False, True, False]
    assert len(frames[1]["blanked"]) == 1
    assert frames[1]["blanked"][0][1] == len(TOKEN)


def test_no_secret_is_in_anything_the_tap_gives_out(lab):
    secrets = [TOKEN, "TEACHERKEY", "K7WXYZ"]
    with lab.wire() as wire:
        wire.ask(
            f"GET /page?key=TEACHERKEY&seat={TOKEN}&code=K7WXYZ HTTP/1.1\n{COOKIE.strip()}\n"
            f"Referer: http://127.0.0.1/teach?key=TEACHERKEY\nAuthorization: Bearer {TOKEN}"
        )
        body = f"code=K7WXYZ&seat={TOKEN}".encode()
        wire.ask(f"POST /page HTTP/1.1\nContent-Length: {len(body)}\n{COOKIE.strip()}", body)
    with lab.wire() as wire:
        wire.join(auth={"seat": TOKEN, "key": "TEACHERKEY"}, query=f"&seat={TOKEN}")
        wire.call("echo", {"text": " ".join(secrets)})
        text = json.dumps(["echo", {"text": "".join(f"\\u{ord(c):04x}" for c in TOKEN)}])
        data = f"42/lab,9{text}".replace("\\\\", "\\").encode()
        cut = len(data) // 2
        wire.send(frame(data[:cut], final=False) + frame(data[cut:], opcode=0))
        wire.until("43/lab,9")
    told = eventually(lambda: (t := lab.recorded()) and len(t["rows"]) >= 14 and t)

    from tests.wiretap.test_tap import payload_of

    for row in told["rows"]:
        data = bytes.fromhex(row["hex"])
        data = payload_of(data) if row["kind"] == "frame" else data
        for secret in secrets:
            assert secret.encode() not in data
            assert secret[:12].encode() not in data


def test_a_compressed_connection_is_recorded_with_its_content(lab):
    with lab.wire() as wire:
        offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
        wire.upgrade(query="&deflate=1", extra=offer + COOKIE)
        wire.heard()
        told = eventually(lambda: (t := lab.recorded(SEAT)) and len(t["rows"]) == 3 and t)

    row = told["rows"][2]
    assert row["inflated"].startswith('0{"sid"')
    assert len(row["hex"]) // 2 < len(row["inflated"])


def test_a_body_that_was_asked_for_with_100_continue_is_recorded_whole(lab):
    with Logged(lab.port) as wire:
        head = f"POST /page HTTP/1.1\nContent-Length: 4\nExpect: 100-continue\n{COOKIE.strip()}"
        polling = f"POST /socket.io/?EIO=4&transport=polling&sid=x HTTP/1.1{head[19:]}"
        assert wire.ask(polling)[0] == 400  # refused without asking for the body
    with Logged(lab.port) as wire:
        _, _, opened = wire.ask(
            f"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\n{COOKIE.strip()}"
        )
        session = json.loads(opened[1:])["sid"]
        head = f"POST /socket.io/?EIO=4&transport=polling&sid={session} HTTP/1.1{head[19:]}"
        assert wire.ask(head.replace("Length: 4", "Length: 7"))[0] == 100
        wire.send(b"40/lab,")
        assert wire.answer()[0] == 200
        told = eventually(
            lambda: (t := lab.recorded(SEAT)) and t["rows"][-1]["hex"].endswith(b"ok".hex()) and t
        )
    both = streams(told["rows"], told["rows"][-1]["connection"])

    assert both[True].endswith(b"\r\n\r\n40/lab,") and len(both[True]) == wire.up
    assert both[False] == wire.got


def test_a_head_that_is_refused_is_recorded_without_its_secrets(lab):
    with Logged(lab.port) as wire:
        wire.send(f"GET / HTTP/1.1\r\nCookie : socketlab_seat={TOKEN}\r\n\r\n".encode())
        assert wire.answer()[0] == 400
        told = eventually(lambda: (t := lab.recorded()) and len(t["rows"]) == 2 and t)
    shown = bytes.fromhex(told["rows"][0]["hex"])

    assert shown.startswith(b"GET / HTTP/1.1\r\nCookie : ****") and len(shown) == wire.up
    assert bytes.fromhex(told["rows"][1]["hex"]) == wire.got
