"""GET /wire: every byte of one's own connections, and nobody else's; no secret in any of them."""

import base64
import json
import socket
from urllib.parse import quote

import pytest
import requests

from ..helpers import PATIENCE, RawClient, exchange


def wire(person, after=0, **more):
    answer = person.http.get(
        f"{person.url}/wire", params={"after": after, **more}, timeout=PATIENCE
    )
    return answer.json()


def rows_of(person, connection):
    return [row for row in wire(person)["rows"] if row["connection"] == connection]


def hidden(data, *secrets):
    """What the tap may keep of bytes: secrets as stars, as many as there were."""
    for secret in secrets:
        data = data.replace(secret.encode(), b"*" * len(secret))
    return data


def test_the_rows_of_polling_are_the_bytes_that_a_raw_client_sent_and_received(live, visit):
    ada = visit()
    seat = f"seat={ada.token}"
    host = f"Host: 127.0.0.1:{live.port}\r\n"
    sent, received = [], []

    def ask(method, query, body=""):
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        request = (
            f"{method} /socket.io/?EIO=4&transport=polling&{query} HTTP/1.1\r\n"
            f"{host}{length}Connection: close\r\n\r\n{body}"
        )
        sent.append(request.encode())
        received.append(exchange(live.port, request.encode()))
        return received[-1]

    sid = ask("GET", seat).split(b'"sid":"')[1].split(b'"')[0].decode()
    ask("POST", f"{seat}&sid={sid}", "40/class,")
    ask("GET", f"{seat}&sid={sid}")
    ask("POST", f"{seat}&sid={sid}", '42/class,0["sync_clock",{"t0":1}]\x1e42/class,1["nope",{}]')
    ask("GET", f"{seat}&sid={sid}")
    rows = [row for row in wire(ada)["rows"] if row["transport"] == "polling"]
    up = [bytes.fromhex(row["hex"]) for row in rows if row["up"]]
    down = [bytes.fromhex(row["hex"]) for row in rows if not row["up"]]

    assert up == [hidden(request, ada.token) for request in sent]
    assert down == received
    two = next(row for row in rows if row["up"] and b"nope" in bytes.fromhex(row["hex"]))
    assert [x["name"] for x in two["layers"] if x["layer"] == "event"] == ["sync_clock", "nope"]


def test_the_rows_of_a_websocket_are_the_frames_in_their_order(live, visit):
    ada = visit()
    raw = RawClient(live.port, f"/socket.io/?EIO=4&transport=websocket&seat={ada.token}")
    raw.hear()
    for text in ("40/class,", '42/class,0["sync_clock",{"t0":5}]', '42/class,1["take_seat",{}]'):
        raw.send(text)
        raw.hear()
    rows = rows_of(ada, wire(ada)["rows"][-1]["connection"])
    raw.close()
    frames = [row for row in rows if row["transport"] == "websocket"]

    assert rows[0]["summary"].startswith("GET /socket.io/") and "101" in rows[1]["summary"]
    assert [row["size"] for row in frames if row["up"]] == [size for _, size in raw.sent]
    assert [row["size"] for row in frames if not row["up"]] == [size for _, size in raw.received]
    texts = [bytes.fromhex(row["layers"][1]["payload_hex"]).decode() for row in frames]
    assert [t for t, row in zip(texts, frames, strict=True) if row["up"]] == [
        t for t, _ in raw.sent
    ]
    offsets = [row["layers"][0]["offset"] for row in rows if row["up"]]
    assert offsets == sorted(offsets)
    assert offsets[1] == rows[0]["size"]


def frame(payload, opcode, final=True, mask=b"\x01\x02\x03\x04"):
    head = bytes([(0x80 if final else 0) | opcode, 0x80 | len(payload)])
    return head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


def test_fragments_control_frames_and_several_frames_in_one_read_all_have_rows(live, visit):
    ada = visit()
    raw = RawClient(live.port, f"/socket.io/?EIO=4&transport=websocket&seat={ada.token}")
    raw.hear()
    raw.send("40/class,")
    raw.hear()
    parts = [
        frame(b'42/class,7["sync_', 1, final=False),
        frame(b"hello", 9),
        frame(b'clock",{"t0":1}]', 0),
        frame(b'42/class,8["take_seat",{}]', 1),
    ]
    raw.socket.sendall(b"".join(parts))
    answers = [raw.hear() for _ in range(3)]
    rows = wire(ada)["rows"]
    raw.close()
    mine = [bytes.fromhex(row["hex"]) for row in rows if row["up"]][-4:]

    assert mine == parts
    assert "hello" in answers and any(a.startswith("43/class,7[") for a in answers)
    whole = [row for row in rows if row["up"]][-2]
    assert [x["name"] for x in whole["layers"] if x["layer"] == "event"] == ["sync_clock"]


def test_one_frame_in_many_reads_is_one_row(live, visit):
    ada = visit()
    raw = RawClient(live.port, f"/socket.io/?EIO=4&transport=websocket&seat={ada.token}")
    raw.hear()
    raw.send("40/class,")
    raw.hear()
    whole = frame(b'42/class,3["sync_clock",{"t0":1}]', 1)
    raw.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for i in range(len(whole)):
        raw.socket.sendall(whole[i : i + 1])
    raw.hear()
    last = [row for row in wire(ada)["rows"] if row["up"]][-1]
    raw.close()

    assert bytes.fromhex(last["hex"]) == whole and "error" not in last


def test_binary_with_attachments_decodes_across_its_frames(live, visit):
    ada = visit()
    raw = RawClient(live.port, f"/socket.io/?EIO=4&transport=websocket&seat={ada.token}")
    raw.hear()
    raw.send("40/class,")
    raw.hear()
    raw.send('451-/class,5["draw",{"picture":{"_placeholder":true,"num":0}}]')
    raw.socket.sendall(frame(b"\x00\xff\x10", 2))
    raw.send('42/class,6["sync_clock",{"t0":1}]')
    while not raw.hear().startswith("43/class,6"):
        pass
    rows = [row for row in wire(ada)["rows"] if row["up"]]
    raw.close()
    event = next(x for row in rows for x in row["layers"] if x.get("name") == "draw")

    assert "BINARY_EVENT" in json.dumps(rows)
    assert event["layer"] == "event"


def test_compressed_frames_are_captured_as_they_crossed_and_inflated_beside(live, visit):
    ada = visit()
    offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
    path = f"/socket.io/?EIO=4&transport=websocket&deflate=1&seat={ada.token}"
    raw = RawClient(live.port, path, [offer])
    first = raw._take(2)
    rest = raw._take(first[1] & 127)
    rows = [row for row in wire(ada)["rows"] if row["transport"] == "websocket"]
    raw.close()

    assert b"permessage-deflate" in raw.answer
    assert first[0] == 0xC1
    assert bytes.fromhex(rows[0]["hex"]) == first + rest
    assert "open" in rows[0]["summary"] and "sid" in json.dumps(rows[0]["layers"][2:])


def test_bytes_that_break_a_rule_get_a_row_with_the_rule(live, visit):
    ada = visit()
    raw = RawClient(live.port, f"/socket.io/?EIO=4&transport=websocket&seat={ada.token}")
    raw.hear()
    raw.socket.sendall(b"\x81\x02hi")  # a client must mask
    with pytest.raises(ConnectionError):
        raw.hear()
    raw.close()
    broken = [row for row in wire(ada)["rows"] if "error" in row]

    assert broken[0]["error"]["layer"] == "websocket"
    assert "RFC 6455" in broken[0]["error"]["source"]
    assert set(broken[0]["error"]) >= {"layer", "at", "message", "source"}


def test_nobody_sees_the_connections_of_another(live, visit):
    ada, eve = visit(), visit()
    ada.connect("/class").ask("/class", "take_seat", {})
    connection = wire(ada)["rows"][-1]["connection"]
    seat = ada.connect("/class").ask("/class", "take_seat", {})["seat"]

    assert rows_of(eve, connection) == []
    assert wire(eve, connection=connection)["rows"] == []
    refused = eve.http.get(f"{eve.url}/wire?after=0&of={seat}", timeout=PATIENCE)
    assert refused.status_code == 403
    assert requests.get(f"{live.url}/wire?after=0", timeout=PATIENCE).json()["rows"] == []


def test_the_teacher_may_look_at_any_seat(live, visit):
    ada, teacher = visit(), visit()
    seat = ada.connect("/class").ask("/class", "take_seat", {})["seat"]
    teacher.http.get(live.teacher_url, timeout=PATIENCE)

    assert any("take_seat" in row["summary"] for row in wire(teacher, of=seat)["rows"])


def test_looking_at_the_wire_leaves_nothing_on_it(visit):
    ada = visit()
    before = wire(ada)
    for _ in range(3):
        wire(ada)

    assert wire(ada, before["next"])["rows"] == []


def test_reading_on_is_the_same_as_reading_at_once(visit):
    ada = visit()
    socket_ = ada.connect("/class")
    for t0 in range(20):
        socket_.ask("/class", "sync_clock", {"t0": t0})
    together = wire(ada)
    pieces, after = [], 0
    while (part := wire(ada, after, limit=3))["rows"]:
        pieces += part["rows"]
        after = part["next"]

    assert pieces == together["rows"] and len(pieces) > 40
    assert after == together["next"]


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=0&limit=all", "after=0&connection=١"]
)
def test_a_bad_question_gets_a_sentence(visit, query):
    ada = visit()
    answer = ada.http.get(f"{ada.url}/wire?{query}", timeout=PATIENCE)

    assert answer.status_code == 400
    assert answer.json()["error"].endswith("must be a whole number, 0 or more")


def test_the_newest_rows_are_the_end_of_all_rows(visit):
    ada = visit()
    page = ada.connect("/class")
    for t0 in range(20):
        page.ask("/class", "sync_clock", {"t0": t0})
    everything = wire(ada)["rows"]

    assert wire(ada, last=10)["rows"] == everything[-10:]
    assert wire(ada, last=9999)["rows"] == everything


def test_no_secret_is_in_anything_that_the_server_shows_of_the_wire(start):
    """A full run that sends every secret in every place; then every output is searched."""
    from ..helpers import Person

    server = start("--teacher-key", "a-teachers-key-of-the-test")
    ada = Person(server.url)
    key, token = "a-teachers-key-of-the-test", ada.token
    ada.http.get(server.teacher_url, timeout=PATIENCE)
    for path in (f"/?seat={token}", f"/?key={key}&x=1", f"/lesson/{token}", f"/?q={quote(token)}"):
        ada.http.get(server.url + path, headers={"Referer": f"/?seat={token}"}, timeout=PATIENCE)
    ada.http.get(server.url + "/", headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE)
    ada.http.post(server.url + "/join", data={"code": "x", "nick": token[:20]}, timeout=PATIENCE)
    raw = RawClient(server.port, f"/socket.io/?EIO=4&transport=websocket&seat={token}")
    raw.hear()
    raw.send(f'40/class,{{"seat":"{token}"}}')
    raw.hear()
    raw.send(f'42/class,0["take_seat",{{"nick":"{token}"}}]')
    raw.hear()
    half = f'42/class,1["take_seat",{{"code":"{token}"}}]'.encode()
    raw.socket.sendall(frame(half[:40], 1, final=False) + frame(half[40:100], 0, final=False))
    raw.socket.sendall(frame(half[100:], 0))
    raw.hear()
    raw.send(f'42/class,2["predict",{{"step":"{key}","choice":"x"}}]')
    raw.hear()
    page = ada.http.get(f"{server.url}/wire?after=0", timeout=PATIENCE)
    rows = page.json()["rows"]
    raw.close()
    ada.leave()
    seen = [page.text, *(bytes.fromhex(row["hex"]).decode("latin-1") for row in rows)]
    for row in rows:
        for layer in row["layers"]:
            for name in ("payload_hex", "message_hex"):
                seen.append(bytes.fromhex(layer.get(name, "")).decode("latin-1"))
    cookies = [c.value for c in ada.http.cookies]
    everything = "\n".join(seen)

    assert len(rows) > 15 and "take_seat" in everything
    for secret in {token, key, *cookies}:
        for form in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()):
            assert form not in everything
        assert secret.encode().hex() not in page.text
    assert "*" * len(token) in everything
