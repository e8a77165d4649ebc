"""From records to rows: what a connection's bytes mean, layer by layer."""

import json
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socketlab.wiretap.capture import Entry
from socketlab.wiretap.decode import Decoder, rows
from socketlab.wiretap.frames import unmask
from socketlab.wiretap.tap import Tap
from tests.helpers import examples
from tests.wiretap.encoder import (
    POLL,
    Talk,
    chunked,
    frame,
    in_base64,
    layer,
    masked,
    names,
    packet,
    request,
    response,
    stays_linear,
)

WEBSOCKET = ["tcp", "websocket"]
EVENT = ["tcp", "websocket", "engineio", "socketio", "event"]


def one(found):
    """The only row there is."""
    assert len(found) == 1, [row["summary"] for row in found]
    return found[0]


# A row


def test_the_row_of_the_contract(talk):
    row = one(talk.up(masked('42/rooms,0["join",{"room":"lab"}]')))

    assert json.loads(json.dumps(row)) == row
    assert {key: row[key] for key in ("n", "at", "connection", "up", "transport", "size")} == {
        "n": 3,
        "at": 30.0,
        "connection": 7,
        "up": True,
        "transport": "websocket",
        "size": 39,
    }
    assert row["hex"] == masked('42/rooms,0["join",{"room":"lab"}]').hex()
    assert row["summary"] == 'EVENT /rooms, ack id 0: join {"room":"lab"}'
    assert names(row) == EVENT
    assert layer(row, "websocket")["summary"] == "text, final, masked, 33 bytes"
    assert layer(row, "websocket")["payload_hex"] == b'42/rooms,0["join",{"room":"lab"}]'.hex()
    assert layer(row, "websocket")["fields"][0] == {
        "name": "FIN",
        "start_bit": 0,
        "bits": 1,
        "value": "1",
        "meaning": "This is the last frame of the message.",
        "source": "RFC 6455, section 5.2",
    }
    assert layer(row, "engineio")["type"] == "message"
    socketio = layer(row, "socketio")
    assert (socketio["type"], socketio["namespace"], socketio["id"]) == ("EVENT", "/rooms", 0)
    event = layer(row, "event")
    assert (event["name"], event["args"]) == ("join", [{"room": "lab"}])
    assert not {"error", "blanked", "truncated", "part"} & set(row)


def test_each_layer_says_where_its_bytes_stand(talk):
    text = b'42/rooms,0["join",{"room":"lab"}]'
    row = one(talk.up(masked(text)))

    def part(name):
        found = layer(row, name)
        return text[found["start"] : found["start"] + found["size"]]

    assert part("engineio") == text
    assert part("socketio") == text[1:]
    assert part("event") == b'["join",{"room":"lab"}]'


def test_the_tcp_layer_counts_the_stream_of_each_direction(talk):
    up = one(talk.up(masked("2probe")))
    down = one(talk.down(frame("3probe")))
    again = one(talk.up(masked("5")))

    first = layer(up, "tcp")
    assert (first["connection"], first["length"]) == (7, 12)
    assert layer(again, "tcp")["offset"] == first["offset"] + 12
    assert layer(down, "tcp")["offset"] != first["offset"]
    assert first["fields"] == []


# HTTP and polling


def test_a_page_is_only_tcp_and_http():
    talk = Talk()
    asked = one(talk.up(request("/lesson/rooms")))
    got = one(talk.down(response('<p class="4">2["hello"]</p>', Content_Type="text/html")))

    assert names(asked) == names(got) == ["tcp", "http"]
    assert asked["transport"] == got["transport"] == "http"
    assert (layer(asked, "http")["method"], layer(got, "http")["status"]) == ("GET", 200)
    assert asked["summary"] == "GET /lesson/rooms"
    assert got["summary"] == "200 OK, 27 bytes of body"


def test_another_path_with_the_same_query_is_no_polling():
    talk = Talk()
    talk.up(request("/lesson/rooms?EIO=4&transport=polling"))

    assert names(one(talk.down(response("4hello")))) == ["tcp", "http"]


def test_several_packets_in_one_body_are_one_row():
    talk = Talk()
    row = one(talk.up(request(POLL, "POST", '42["hello"]\x1e2\x1e42/rooms,0["join",{}]')))

    assert row["transport"] == "polling"
    assert names(row) == [
        *("tcp", "http"),
        *("engineio", "socketio", "event"),
        "engineio",
        *("engineio", "socketio", "event"),
    ]
    assert [found["packet"] for found in row["layers"][2:]] == [1, 1, 1, 2, 3, 3, 3]
    assert layer(row, "engineio", 2)["type"] == "ping"
    assert layer(row, "event", 3)["name"] == "join"
    assert layer(row, "engineio", 1)["fields"][-1]["name"] == "separator"
    assert "EVENT /: hello; ping; EVENT /rooms, ack id 0: join {}" in row["summary"]


def test_a_chunked_body_is_put_together_before_it_is_read():
    talk = Talk()
    talk.up(request(POLL))
    body = chunked(b'42["hel', b'lo"]\x1e', b"2")
    row = one(talk.down(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body))

    assert layer(row, "http")["message_hex"] == b'42["hello"]\x1e2'.hex()
    assert layer(row, "event", 1)["name"] == "hello"
    assert layer(row, "engineio", 2)["start"] == 12


def test_ok_and_errors_are_no_packets():
    talk = Talk()
    for status, body in [("200 OK", "ok"), ("400 BAD REQUEST", '"Invalid session"')]:
        talk.up(request(POLL, "POST", "2"))
        row = one(talk.down(response(body, status)))

        assert names(row) == ["tcp", "http"]
        assert "error" not in row


def test_the_open_packet():
    talk = Talk()
    talk.up(request("/socket.io/?EIO=4&transport=polling"))
    row = one(talk.down(response('0{"sid":"a","upgrades":["websocket"]}')))

    assert layer(row, "engineio")["type"] == "open"
    assert layer(row, "engineio")["data"] == {"sid": "a", "upgrades": ["websocket"]}


def test_binary_in_a_body_belongs_to_the_packet_before_it():
    talk = Talk()
    event = b'451-["baz",{"_placeholder":true,"num":0}]'
    row = one(talk.up(request(POLL, "POST", event + b"\x1e" + in_base64(b"\1\2\3\4"))))

    assert names(row)[2:] == ["engineio", "socketio", "engineio", "socketio", "event"]
    assert layer(row, "event")["args"] == [{"attachment": 0, "size": 4, "hex": "01020304"}]


def test_a_response_answers_the_request_before_it():
    talk = Talk()
    talk.up(request("/", "HEAD"))
    head = one(talk.down(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"))
    talk.up(request(POLL))
    go_on = one(talk.down(b"HTTP/1.1 100 Continue\r\n\r\n"))
    poll = one(talk.down(response("6")))

    assert layer(head, "http")["body_size"] == 0
    assert "error" not in head
    assert layer(go_on, "http")["status"] == 100
    assert layer(poll, "engineio")["type"] == "noop"


def test_two_requests_in_one_record_are_two_rows():
    talk = Talk()
    found = talk.up(request("/a") + request("/b"))

    assert [row["part"] for row in found] == [1, 2]
    assert [row["summary"] for row in found] == ["GET /a", "GET /b"]
    assert layer(found[1], "tcp")["offset"] == len(request("/a"))


# The upgrade


def test_the_handshake_is_http_and_what_follows_is_not():
    talk = Talk()
    asked, answered = talk.upgrade()
    probe = one(talk.up(masked("2probe"), kind="bytes"))

    assert asked["transport"] == answered["transport"] == "http"
    assert layer(answered, "http")["status"] == 101
    assert "error" not in answered
    assert probe["transport"] == "websocket"
    assert probe["summary"] == "ping probe"


def test_a_frame_in_the_same_read_as_the_101():
    talk = Talk()
    talk.up(request("/socket.io/?EIO=4&transport=websocket", Upgrade="websocket"))
    switch = response(status="101 Switching Protocols", Upgrade="websocket")
    found = talk.down(switch + frame('0{"sid":"a"}'))

    assert [row["transport"] for row in found] == ["http", "websocket"]
    assert layer(found[1], "engineio")["type"] == "open"


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (
            {"Sec_WebSocket_Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOp="},
            'is "s3pPLMBiTxaQ9kYGzzhZRbK+xOp="',
        ),
        ({}, "is missing"),
    ],
)
def test_a_wrong_accept_value_is_an_error(headers, words):
    talk = Talk()
    talk.up(request(POLL, Upgrade="websocket", Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ=="))
    row = one(talk.down(response(status="101 Ok", Upgrade="websocket", **headers)))

    assert words in row["error"]["message"]
    assert 'asks for "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="' in row["error"]["message"]
    assert row["error"]["source"] == "RFC 6455, section 4.2.2"


def test_frames_of_another_path_are_not_taken_for_packets():
    talk = Talk()
    talk.upgrade("/exercise/upgrade/raw?seat=******")
    row = one(talk.up(masked("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")))

    assert names(row) == WEBSOCKET
    assert "error" not in row
    assert '"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="' in row["summary"]


def test_a_refused_upgrade_stays_http():
    talk = Talk()
    talk.up(request(POLL, Upgrade="websocket"))
    talk.down(response("no", "426 Upgrade Required"))
    row = one(talk.up(request("/")))

    assert names(row) == ["tcp", "http"]


# Frames


def test_fragments_are_rows_and_the_last_one_carries_the_message(talk):
    first = one(talk.up(masked('42["he', 1, fin=False)))
    between = one(talk.up(masked(b"?", 9)))
    second = one(talk.up(masked("ll", 0, fin=False)))
    last = one(talk.up(masked('o"]', 0)))

    assert names(first) == names(between) == names(second) == WEBSOCKET
    assert between["summary"] == 'WebSocket ping "?"'
    assert names(last) == EVENT
    assert layer(last, "event")["name"] == "hello"
    assert layer(last, "websocket")["pieces"] == 3
    assert layer(last, "websocket")["message_hex"] == b'42["hello"]'.hex()
    assert layer(last, "websocket")["payload_hex"] == b'o"]'.hex()
    assert not any("error" in row for row in (first, between, second, last))


def test_a_character_may_be_split_between_fragments(talk):
    euro = '42["€"]'.encode()
    talk.up(masked(euro[:5], 1, fin=False))

    assert layer(one(talk.up(masked(euro[5:], 0))), "event")["name"] == "€"


def test_directions_do_not_mix(talk):
    talk.up(masked('42["he', 1, fin=False))
    down = one(talk.down(frame("2")))
    up = one(talk.up(masked('llo"]', 0)))

    assert layer(down, "engineio")["type"] == "ping"
    assert layer(up, "event")["name"] == "hello"


def test_control_frames_are_read_by_themselves(talk):
    assert one(talk.up(masked(b"", 9)))["summary"] == "WebSocket ping"
    assert one(talk.down(frame(b"", 10)))["summary"] == "WebSocket pong"
    closing = one(talk.down(frame(b"\x03\xe9server stops", 8)))
    assert "close" in closing["summary"]
    assert '1001 (going away) "server stops"' in closing["summary"]


def test_two_frames_in_one_read(talk):
    found = talk.down(frame("2") + frame('42["hello"]'))

    assert [row["part"] for row in found] == [1, 2]
    assert [row["n"] for row in found] == [3, 3]
    assert [row["summary"] for row in found] == ["ping", "EVENT /: hello"]


def test_one_frame_in_many_reads(talk):
    data = masked('42["hello"]')

    for byte in data[:-1]:
        assert talk.up(bytes([byte]), kind="bytes") == []
    row = one(talk.up(data[-1:], kind="bytes"))
    assert row["hex"] == data.hex()
    assert names(row) == EVENT
    assert layer(row, "tcp")["length"] == len(data)


def test_an_answer_names_the_event_it_answers(talk):
    talk.up(masked('42/rooms,5["join",{}]'))
    row = one(talk.down(frame('43/rooms,5[{"ok":true}]')))
    stranger = one(talk.down(frame('43/rooms,5[{"ok":true}]')))

    event = layer(row, "event")
    assert (event["name"], event["ack"], event["answers"]) == (None, 5, "join")
    assert event["args"] == [{"ok": True}]
    assert row["summary"] == 'ACK /rooms, ack id 5: ack of join {"ok":true}'
    assert layer(stranger, "event")["answers"] is None


def test_attachments_follow_in_frames_of_their_own(talk):
    text = '452-/a,7["baz",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]'
    head = one(talk.up(masked(text)))
    ping = one(talk.up(masked("3")))
    first = one(talk.up(masked(b"\1\2", 2)))
    last = one(talk.up(masked(b"\3", 2)))

    assert names(head) == ["tcp", "websocket", "engineio", "socketio"]
    assert layer(head, "socketio")["attachments"] == 2
    assert layer(ping, "engineio")["type"] == "pong"
    assert names(first) == ["tcp", "websocket", "engineio", "socketio"]
    assert layer(first, "socketio")["attachment"] == 0
    assert names(last) == EVENT
    event = layer(last, "event")
    assert (event["name"], layer(last, "socketio")["id"]) == ("baz", 7)
    assert event["args"] == [
        {"attachment": 1, "size": 1, "hex": "03"},
        {"attachment": 0, "size": 2, "hex": "0102"},
    ]


def test_after_its_attachments_an_event_is_done(talk):
    talk.up(masked('451-["a",{"_placeholder":true,"num":0}]'))
    talk.up(masked(b"\1", 2))
    row = one(talk.up(masked('42["b"]')))
    stray = one(talk.up(masked(b"\1", 2)))

    assert "error" not in row
    assert "no packet has announced" in stray["error"]["message"]


def test_a_text_packet_ends_the_wait_for_attachments(talk):
    talk.up(masked('451-["a",{"_placeholder":true,"num":0}]'))
    early = one(talk.up(masked('42["b"]')))
    later = one(talk.up(masked('42["c"]')))

    assert "should come first" in early["error"]["message"]
    assert layer(early, "event")["name"] == "b"
    assert "error" not in later


def test_connect_connect_error_and_disconnect_have_no_event(talk):
    asked = one(talk.up(masked('40/rooms,{"seat":"********"}')))
    refused = one(talk.down(frame('44/nope,{"message":"there is no namespace /nope"}')))
    left = one(talk.up(masked("41/rooms,")))

    for row, kind in [(asked, "CONNECT"), (refused, "CONNECT_ERROR"), (left, "DISCONNECT")]:
        assert names(row) == ["tcp", "websocket", "engineio", "socketio"]
        assert layer(row, "socketio")["type"] == kind
    assert layer(refused, "socketio")["data"] == {"message": "there is no namespace /nope"}


# Compression

HELLO = bytes.fromhex("c1 07 f2 48 cd c9 c9 07 00")  # RFC 7692, section 7.2.3.1
HELLO_AGAIN = bytes.fromhex("c1 05 f2 00 11 00 00")  # RFC 7692, section 7.2.3.2


def compressed(stream, text, **options):
    data = stream.compress(text.encode()) + stream.flush(zlib.Z_SYNC_FLUSH)
    return masked(data[:-4], 1, rsv=4, **options)


def test_the_second_hello_is_five_bytes():
    talk = Talk()
    talk.upgrade("/other", "permessage-deflate")
    first, second = one(talk.down(HELLO)), one(talk.down(HELLO_AGAIN))

    for row, size in [(first, 7), (second, 5)]:
        found = layer(row, "websocket")
        assert found["message_hex"] == b"Hello".hex()
        assert (found["deflate"]["compressed"], found["deflate"]["inflated"]) == (size, 5)
        assert "error" not in row


def test_a_compressed_message_in_fragments():
    talk = Talk()
    talk.upgrade("/other", "permessage-deflate")
    talk.down(bytes.fromhex("41 03 f2 48 cd"))
    row = one(talk.down(bytes.fromhex("80 04 c9 c9 07 00")))

    assert layer(row, "websocket")["message_hex"] == b"Hello".hex()


def test_events_are_read_through_the_compression(deflated):
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    texts = ['42["say",{"text":"hello"}]'] * 2
    found = [one(deflated.up(compressed(stream, text))) for text in texts]

    assert [layer(row, "event")["name"] for row in found] == ["say", "say"]
    assert found[1]["size"] < found[0]["size"] / 2
    assert layer(found[1], "websocket")["summary"].startswith("text, final, RSV1, masked")


def test_a_blanked_message_is_read_from_what_the_tap_kept(deflated):
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    secret, scrubbed = '40/a,{"seat":"ada-secret"}', b'40/a,{"seat":"**********"}'
    crossed = compressed(stream, secret)
    blank = crossed[:6] + unmask(b"*" * (len(crossed) - 6), crossed[2:6])
    row = one(deflated.up(blank, blanked=[(6, len(blank) - 6)], inflated=scrubbed))
    after = one(deflated.up(compressed(stream, '40/a,{"bob":"b"}')))

    assert layer(row, "socketio")["data"] == {"seat": "**********"}
    assert row["blanked"] == [[6, len(blank) - 6]]
    assert "ada-secret" not in json.dumps(row)
    assert layer(after, "socketio")["data"] == {"bob": "b"}


def test_compression_that_nobody_agreed_on_is_an_error(talk):
    row = one(talk.down(HELLO))

    assert row["error"]["message"] == "RSV1 is 1, and no extension gives it a meaning"


def test_only_the_first_frame_says_that_a_message_is_compressed(deflated):
    deflated.down(bytes.fromhex("41 03 f2 48 cd"))
    row = one(deflated.down(bytes.fromhex("c0 04 c9 c9 07 00")))

    assert "RSV1 is 1 on a continuation frame" in row["error"]["message"]
    assert row["error"]["source"] == "RFC 7692, section 6.1"


def test_a_bomb_ends_at_the_bound():
    talk = Talk(message_bytes=32768)
    talk.upgrade(extensions="permessage-deflate")
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = compressed(stream, "4" + "0" * (1 << 24))
    row = one(talk.up(bomb))
    after = one(talk.up(compressed(stream, "4000")))

    assert "more than 32,768" in row["error"]["message"]
    assert len(json.dumps(row)) < 5 * len(bomb) + 10_000
    assert names(after) == WEBSOCKET
    assert "not here" in after["summary"]
    assert "error" not in after


def test_without_its_beginning_a_compressed_stream_is_not_guessed():
    talk = Talk()
    talk.skip(False, 1000)
    row = one(talk.down(HELLO, kind="frame"))

    assert names(row) == WEBSOCKET
    assert "error" not in row


# What the tap left out


def test_what_was_blanked_is_marked():
    talk = Talk()
    data = request("/", Cookie="********")
    row = one(talk.up(data, blanked=[(data.index(b"********"), 8)]))

    start, length = one(row["blanked"])
    assert bytes.fromhex(row["hex"])[start : start + length] == b"********"
    assert ["Cookie", "********"] in layer(row, "http")["headers"]


def test_blanks_fall_to_the_row_in_which_they_stand(talk):
    data = frame("2") + frame('40{"seat":"****"}') + frame("6")
    at = data.index(b"****")
    found = talk.down(data, blanked=[(at, 4)])

    assert ["blanked" in row for row in found] == [False, True, False]
    assert one(found[1]["blanked"]) == [at - 3, 4]


def test_a_blank_over_two_rows_is_marked_in_both(talk):
    found = talk.down(frame("2abc") + frame("3abc"), blanked=[(4, 6)])

    assert [row["blanked"] for row in found] == [[[4, 2]], [[0, 4]]]


def test_a_body_that_was_cut_is_no_error():
    talk = Talk()
    talk.up(request("/"))
    data = response("x" * 5000)
    row = one(talk.down(data[:1000], truncated=len(data) - 1000))
    following = talk.down(response("y"))

    assert row["size"] == len(data)
    assert row["truncated"] == len(data) - 1000
    assert layer(row, "http")["missing"] == len(data) - 1000
    assert "error" not in row
    assert "error" not in one(following)


def test_a_frame_that_was_cut_is_no_error(talk):
    data = frame('42["hello","' + "x" * 5000 + '"]')
    row = one(talk.down(data[:1000], truncated=len(data) - 1000))
    following = one(talk.down(frame("2")))
    wrong = one(talk.down(frame("2", 0)))

    assert names(row) == WEBSOCKET
    assert layer(row, "websocket")["missing"] == len(data) - 1000
    assert "error" not in row
    assert following["summary"] == "ping"
    assert "no message has been begun" in wrong["error"]["message"]


def test_a_connection_may_be_joined_in_its_middle():
    """The ring has dropped the beginning: nothing that refers to it is an error."""
    talk = Talk()
    talk.skip(True, 5000)
    talk.skip(False, 5000)
    end = one(talk.up(masked('o"]', 0), kind="frame"))
    blob = one(talk.up(masked(b"\1", 2), kind="frame"))
    late = one(talk.down(response("4hello"), kind="http"))

    assert names(end) == WEBSOCKET
    assert "beginning is not here" in end["summary"]
    assert names(blob) == ["tcp", "websocket", "engineio"]
    assert names(late) == ["tcp", "http"]
    assert not any("error" in row for row in (end, blob, late))


def test_requests_that_were_not_recorded_leave_no_trace():
    talk = Talk()
    talk.up(request("/a"))
    talk.down(response("a"))
    talk.skip(True, 300)
    talk.skip(False, 9000)
    talk.up(request(POLL))
    row = one(talk.down(response("2")))

    assert layer(row, "engineio")["type"] == "ping"


def test_a_hole_inside_a_message_is_said(talk):
    assert talk.up(masked("2probe")[:5], kind="bytes") == []
    talk.skip(True, 3)
    found = talk.up(masked("5"), kind="bytes")

    assert found[0]["error"]["layer"] == "tcp"
    assert found[1]["summary"] == "upgrade"


def test_pieces_before_and_after_a_hole_are_not_joined(talk):
    talk.up(masked('42["he', 1, fin=False))
    talk.skip(True, 8)
    row = one(talk.up(masked('o"]', 0)))

    assert names(row) == WEBSOCKET
    assert "error" not in row


def test_attachments_before_and_after_a_hole_are_not_joined(talk):
    talk.up(masked('451-["a",{"_placeholder":true,"num":0}]'))
    talk.skip(True, 8)
    row = one(talk.up(masked(b"\1", 2)))

    assert names(row) == ["tcp", "websocket", "engineio"]


def test_what_never_became_whole_is_shown_at_the_end(talk):
    assert talk.up(masked("2probe")[:5], kind="bytes") == []
    row = one(talk.decoder.finish())

    assert row["hex"] == masked("2probe")[:5].hex()
    assert row["error"]["source"] == "RFC 6455, section 5.2"
    assert talk.decoder.finish() == []


def test_an_answer_without_a_length_ends_with_the_connection():
    talk = Talk()
    talk.up(request("/"), kind="bytes")
    assert talk.down(b"HTTP/1.0 200 OK\r\n\r\nada", kind="bytes") == []
    assert talk.down(b" and bob", kind="bytes") == []
    row = one(talk.decoder.finish())

    assert layer(row, "http")["body_size"] == 11
    assert "error" not in row


# Bytes that break a rule: (records as (up, bytes, kind), layer, at, words, source)

V5 = 'Socket.IO protocol v5, "Packet encoding"'
RULES = {
    "no mask": ([frame("2")], "websocket", 1, "must be masked", "RFC 6455, section 5.1"),
    "opcode": ([masked("2", 3)], "websocket", 0, "opcode 3 is reserved", "RFC 6455, section 5.2"),
    "length": ([masked("2", width=16)], "websocket", 2, "7 are enough", "RFC 6455, section 5.2"),
    "64 bits": (
        [b"\x81\xff" + b"\xff" * 12],
        "websocket",
        2,
        "first bit of a 64-bit length",
        "RFC 6455, section 5.2",
    ),
    "ping in pieces": (
        [masked("", 9, fin=False)],
        "websocket",
        0,
        "must not be fragmented",
        "RFC 6455, section 5.5",
    ),
    "close code": (
        [masked(b"\x03\xed", 8)],
        "websocket",
        6,
        "1005",
        "RFC 6455, section 7.4.1",
    ),
    "nothing to continue": (
        [masked("2", 0)],
        "websocket",
        0,
        "no message has been begun",
        "RFC 6455, section 5.4",
    ),
    "a message in a message": (
        [masked("2", 1, fin=False), masked("2", 1)],
        "websocket",
        0,
        "before the last one has ended",
        "RFC 6455, section 5.4",
    ),
    "no text": ([masked(b"42[\xff]")], "websocket", 9, "UTF-8", "RFC 6455, section 8.1"),
    "no text in pieces": (
        [masked(b"42[\xe2", 1, fin=False), masked(b"]", 0)],
        "websocket",
        3,
        "UTF-8",
        "RFC 6455, section 8.1",
    ),
    "half a frame": (
        [masked("2probe")[:9]],
        "websocket",
        1,
        "announces 6 bytes, and 3 of them",
        "RFC 6455, section 5.2",
    ),
    "half a header": ([b"\x81\xfe\x00"], "websocket", 3, "not complete", "RFC 6455, section 5.2"),
    "empty": ([masked("")], "engineio", 0, "is empty", 'Engine.IO protocol v4, "Protocol"'),
    "type": ([masked("9")], "engineio", 0, 'called "9"', 'Engine.IO protocol v4, "Protocol"'),
    "empty message": (
        [masked("4")],
        "socketio",
        0,
        "is empty",
        'Socket.IO protocol v5, "Exchange protocol"',
    ),
    "JSON": ([masked('42["a"')], "socketio", 5, "no JSON", "RFC 8259, section 2"),
    "deep JSON": (
        [masked("42" + "[" * 5000)],
        "socketio",
        65,
        "nests deeper",
        "RFC 8259, section 9",
    ),
    "many attachments": ([masked('4565-["a"]')], "socketio", 1, "65 attachments", V5),
    "stray attachment": ([masked(b"\1", 2)], "engineio", 0, "no packet has announced", V5),
    "text for an attachment": (
        [masked('451-["a"]'), masked('42["b"]')],
        "socketio",
        0,
        "should come first",
        V5,
    ),
    "placeholder": (
        [masked('451-["a",{"_placeholder":true,"num":7}]'), masked(b"\1", 2)],
        "socketio",
        0,
        "asks for attachment 7",
        V5,
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_broken_rule_is_a_row_with_an_error(rule, talk):
    sent, where, at, words, source = RULES[rule]
    for data in sent[:-1]:
        assert "error" not in one(talk.up(data))
    row = one(talk.up(sent[-1]))

    error = row["error"]
    assert words in error["message"]
    assert (error["layer"], error["at"], error["source"]) == (where, at, source)
    assert row["hex"] == sent[-1].hex()
    assert one(talk.down(frame("2")))["summary"] == "ping"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x16\x03\x01\x02\x00", "begins with the byte 16"),
        (b"GET / HTTP/1.1\r\n\r\n", "must carry Host"),
        (b"GET / HTTP/1.1\r\nHost", "ends before it is complete"),
        (
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nada",
            "ends before it is complete",
        ),
        (b"hello\n", "ends before it is complete"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n", "a blank before the colon"),
    ],
)
def test_a_request_that_breaks_a_rule(data, words):
    row = one(Talk().up(data))

    assert words in row["error"]["message"]
    assert row["error"]["layer"] == "http"
    assert row["hex"] == data.hex()


@pytest.mark.parametrize(
    ("body", "where", "start", "words"),
    [
        ("2\x1e", "engineio", 2, "is empty"),
        ("2\x1ex\x1e7", "engineio", 2, 'called "x"'),
        ("2\x1e42[", "socketio", 3, "no JSON"),
        ("2\x1e49", "socketio", 3, 'called "9"'),
        ("2\x1ebA", "engineio", 2, "groups of four"),
    ],
)
def test_one_bad_packet_in_a_body_does_not_hide_the_others(body, where, start, words):
    row = one(Talk().up(request(POLL, "POST", body)))

    assert layer(row, "engineio", 1)["type"] == "ping"
    assert words in row["error"]["message"]
    assert (row["error"]["layer"], row["error"]["start"]) == (where, start)


def test_a_message_of_too_many_bytes_is_not_put_together():
    talk = Talk(message_bytes=20)
    talk.upgrade()
    talk.up(masked("4" + "x" * 15, 1, fin=False))
    row = one(talk.up(masked("x" * 5, 0, fin=False)))
    end = one(talk.up(masked("x", 0)))

    assert "more than 20 bytes" in row["error"]["message"]
    assert names(end) == WEBSOCKET
    assert "error" not in end


def test_after_an_error_the_next_message_is_read_anew(talk):
    talk.up(masked("2", 1, fin=False))
    talk.up(masked("2", 1))
    stray = one(talk.up(masked("2", 0)))

    assert "no message has been begun" in stray["error"]["message"]
    assert one(talk.up(masked("2")))["summary"] == "ping"


def test_after_an_error_in_a_plain_stream_nothing_is_guessed():
    talk = Talk()
    talk.up(b"\x00", kind="bytes")
    row = one(talk.up(request("/"), kind="bytes"))

    assert names(row) == ["tcp"]
    assert "after an error" in row["summary"]


# A captured session: python-socketio 5.18.1 against Flask-SocketIO 5.7.0, every read as it
# came. The same bytes are in session.jsonl; here the frames of its WebSocket once more.
CONVERSATION = [
    (">>", "81 86 3b 82 bb 43 09 f2 c9 2c 59 e7", "ping probe"),
    ("<<", "81 06 33 70 72 6f 62 65", "pong probe"),
    (">>", "81 81 ec e7 4d 26 d9", "upgrade"),
    ("<<", "81 01 36", "noop"),
    (">>", "81 8b 99 84 dd 52 ad b4 f2 20 f6 eb b0 21 b5 ff a0", "CONNECT /rooms {}"),
    (
        "<<",
        "81 27 34 30 2f 72 6f 6f 6d 73 2c 7b 22 73 69 64 22 3a 22 4e 77 4c 68 52 53 4a 5a 44 63"
        "6c 65 7a 64 70 45 41 41 41 42 22 7d",
        'CONNECT /rooms {"sid":"NwLhRSJZDclezdpEAAAB"}',
    ),
    (
        ">>",
        "81 a1 1d b2 fd de 29 80 d2 ac 72 dd 90 ad 31 83 a6 fc 77 dd 94 b0 3f 9e 86 fc 6f dd 92"
        "b3 3f 88 df b2 7c d0 df a3 40",
        'EVENT /rooms, ack id 1: join {"room":"lab"}',
    ),
    (
        "<<",
        "81 27 34 33 2f 72 6f 6f 6d 73 2c 31 5b 7b 22 6f 6b 22 3a 74 72 75 65 2c 22 72 6f 6f 6d"
        "73 22 3a 5b 22 6c 61 62 22 5d 7d 5d",
        'ACK /rooms, ack id 1: ack of join {"ok":true,"rooms":["lab"]}',
    ),
    (
        ">>",
        "81 bc c8 f8 53 d3 fc cd 62 fe e7 8a 3c bc a5 8b 7f e1 93 da 31 bf a7 9a 71 ff b3 da 31"
        "aa bc 9d 20 f1 f2 83 71 8c b8 94 32 b0 ad 90 3c bf ac 9d 21 f1 f2 8c 21 a6 ad d4 71 bd"
        "bd 95 71 e9 f8 85 2e 8e",
        'BINARY_EVENT /rooms, ack id 2, 1 attachment: blob {"bytes":{"_placeholder":true,"num":0}}',
    ),
    (
        ">>",
        "82 84 2c 2c 3f 8e 2d 2e 3c 8a",
        "attachment 1 of 1, 4 bytes, of BINARY_EVENT /rooms: "
        'blob {"bytes":{"attachment":0,"size":4,"hex":"01020304"}}',
    ),
    (
        "<<",
        "81 20 34 33 2f 72 6f 6f 6d 73 2c 32 5b 7b 22 6f 6b 22 3a 74 72 75 65 2c 22 73 69 7a 65"
        "22 3a 34 7d 5d",
        'ACK /rooms, ack id 2: ack of blob {"ok":true,"size":4}',
    ),
    (">>", "88 82 78 9a ca bf 7b 72", "close, final, masked, 2 bytes, 1000 (normal closure)"),
    ("<<", "88 02 03 e8", "close, final, unmasked, 2 bytes, 1000 (normal closure)"),
]


def test_a_captured_conversation(talk):
    for arrow, hexed, summary in CONVERSATION:
        say = talk.up if arrow == ">>" else talk.down
        row = one(say(bytes.fromhex(hexed)))

        assert row["summary"] == summary
        assert "error" not in row


@pytest.mark.parametrize("step", [1, 2, 3, 7, 50, 10_000])
def test_the_captured_conversation_in_other_reads(step):
    """However the stream is cut into reads, the rows are the same."""
    stream = {
        True: b"".join(bytes.fromhex(h) for arrow, h, _ in CONVERSATION if arrow == ">>"),
        False: b"".join(bytes.fromhex(h) for arrow, h, _ in CONVERSATION if arrow == "<<"),
    }
    for up, data in stream.items():
        talk = Talk()
        talk.upgrade()
        found = []
        for at in range(0, len(data), step):
            found += (talk.up if up else talk.down)(data[at : at + step], kind="bytes")
        whole = Talk()
        whole.upgrade()
        expected = []
        for arrow, hexed, _ in CONVERSATION:
            if (arrow == ">>") == up:
                expected += (whole.up if up else whole.down)(bytes.fromhex(hexed))

        for row in found + expected:
            for key in ("n", "at", "part"):
                row.pop(key, None)
        assert found == expected


def test_many_connections_do_not_mix():
    ada, bob = Talk(1), Talk(2)
    records = [
        ada.record(True, request("/ada"), "http"),
        bob.record(True, request("/bob"), "http"),
        ada.record(False, response("a"), "http"),
        bob.record(False, response("b")[:-1], "bytes"),
    ]

    found = list(rows(records))
    assert [(row["connection"], row["up"]) for row in found] == [
        (1, True),
        (2, True),
        (1, False),
        (2, False),
    ]


def test_what_the_tap_kept_is_read():
    """A handshake, an event in fragments with a secret, and a page, through the real tap."""
    tap = Tap(now=lambda: 5.0)
    line = tap.open(("127.0.0.1", 5000))
    for up, down in [
        (request("/lesson/rooms", Cookie="socketlab_seat=seat.ada.secret"), response("<p>")),
        (request("/socket.io/?EIO=4&transport=websocket", Upgrade="websocket"), None),
    ]:
        exchange = line.request(up, up.split()[1].decode())
        exchange.claim("ada")
        exchange.respond(down or response(status="101 Ok", Upgrade="websocket"))
        exchange.end()
    text = '40/rooms,{"seat":"seat.ada.secret"}'
    line.frame(True, masked(text), "/rooms connect", text)
    line.frame(False, frame('42/rooms,["said",{}]'), "/rooms said", '42/rooms,["said",{}]')

    found = list(rows(tap.records("ada")[0]))

    assert [row["summary"] for row in found] == [
        "GET /lesson/rooms",
        "200 OK, 3 bytes of body",
        "GET /socket.io/?EIO=4&transport=websocket",
        "101 Ok",
        'CONNECT /rooms {"seat":"***************"}',
        "EVENT /rooms: said {}",
    ]
    assert not any("error" in row for row in found)
    assert [bool(row.get("blanked")) for row in found] == [True, False, False, False, True, False]


# Linear time


def seconds(make, n):
    """The best of three runs of a fresh decoder over the records that ``make(n)`` gives."""
    best = []
    for _ in range(3):
        records = make(n)
        decoder = Decoder()
        begin = time.process_time()
        for record in records:
            decoder.feed(record)
        decoder.finish()
        best.append(time.process_time() - begin)
    return min(best)


def records(kind, *pieces, up=True):
    """Records of one direction, one for each piece of bytes."""
    found, offset = [], 0
    for n, data in enumerate(pieces, 1):
        found.append(Entry(n, float(n), 7, up, kind, data, offset))
        offset += len(data)
    return found


def fragments(n):
    return [masked("4", 1, fin=False), *[masked("x", 0, fin=False)] * n]


def test_a_mebibyte_of_one_byte_fragments_in_two_seconds():
    data = b"".join(fragments((1 << 20) // 7))
    begin = time.process_time()
    found = Decoder().feed(one(records("frame", data)))
    took = time.process_time() - begin

    assert len(data) > 1_000_000
    assert took < 2
    assert len(found) == 2000
    assert "more than 64 frames" in found[64]["error"]["message"]
    assert "the rest is one row" in found[-1]["error"]["message"]
    assert sum(len(row["hex"]) for row in found) == 2 * len(data)


def test_a_mebibyte_of_separators_in_two_seconds():
    body = b"\x1e" * (1 << 20)
    begin = time.process_time()
    row = one(Talk().up(request(POLL, "POST", body)))
    took = time.process_time() - begin

    assert took < 2
    assert "is empty" in row["error"]["message"]


GROWING = {
    "fragments, a record each": lambda n: records("frame", *fragments(n // 8)),
    "fragments, one record": lambda n: records("frame", b"".join(fragments(n))),
    "fragments, a read per byte": lambda n: records(
        "bytes", *(bytes([b]) for b in b"".join(fragments(n // 7)))
    ),
    "empty frames": lambda n: records("frame", *[masked("", 0, fin=False)] * (n // 8)),
    "one frame, a read per byte": lambda n: [
        *records("frame", masked("2")),
        *records("bytes", *(bytes([b]) for b in masked("4" * n))),
    ],
    "a head, a read per byte": lambda n: records(
        "bytes", *(bytes([b]) for b in b"GET / HTTP/1.1\r\nA: " + b"a" * n)
    ),
    "a body, a read per byte": lambda n: records(
        "bytes", *(bytes([b]) for b in request("/", "POST", b"\r\n" * (n // 2)))
    ),
    "chunks, a read per byte": lambda n: records(
        "bytes",
        *(
            bytes([b])
            for b in b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"1\r\nx\r\n" * (n // 6)
        ),
    ),
    "pipelined requests": lambda n: records("http", request("/") * (n // 40)),
    "deep JSON": lambda n: records("frame", masked("42" + "[" * n)),
    "wide JSON": lambda n: records("frame", masked('42["a"' + ",[]" * n + "]")),
    "a long text": lambda n: records("frame", masked('42["a","' + "€" * n + '"]')),
    "base64": lambda n: records("http", request(POLL, "POST", in_base64(b"\0" * n))),
    "bad base64": lambda n: records("http", request(POLL, "POST", b"b" + b"=" * n)),
    "blanks": lambda n: [
        Entry(1, 1.0, 7, True, "frame", masked("2") * n, 0, [(7 * i, 1) for i in range(n)])
    ],
    "one answer after the other": lambda n: records(
        "frame", *(masked(f'42{i}["a"]') for i in range(n // 16))
    ),
}


@pytest.mark.parametrize("name", GROWING)
def test_twice_the_bytes_take_no_more_than_thrice_the_time(name):
    assert stays_linear(seconds, GROWING[name], 4_000)


def test_memory_does_not_grow_with_unanswered_questions():
    talk = Talk()
    talk.upgrade()
    for number in range(1000):
        talk.up(masked(f'42{number}["a"]'))

    assert len(talk.decoder._events) == 256


# Any bytes

KINDS = st.sampled_from(["http", "frame", "bytes"])
SCRAPS = st.sampled_from(
    [
        masked('42["a"]'),
        masked("4", 1, fin=False),
        masked("x", 0),
        masked(b"\xff", 0, fin=False),
        masked('451-["a",{"_placeholder":true,"num":0}]'),
        masked(b"\1", 2),
        masked(b"\1\2", 1, rsv=4),
        frame("2"),
        frame(b"\x03\xe8", 8),
        frame(b"\x00", 8),
        request(POLL, "POST", '2\x1e42["a"]\x1ebAA=='),
        request(POLL, Upgrade="websocket"),
        response(status="101 Ok", Upgrade="websocket"),
        response('0{"sid":"a"}'),
        response("6", "204 No Content"),
        b"\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"\x1e",
        b"{",
    ]
)


@settings(max_examples=examples(300))
@given(
    st.lists(
        st.tuples(
            st.booleans(),
            KINDS,
            st.lists(SCRAPS | st.binary(max_size=12), max_size=3).map(b"".join),
            st.integers(0, 40),
            st.sampled_from([0, 0, 0, 5]),
            st.none() | st.binary(max_size=5),
        ),
        max_size=12,
    )
)
def test_any_records_give_rows_that_account_for_every_byte(sent):
    decoder, offsets, found = Decoder(), {True: 0, False: 0}, []
    for n, (up, kind, data, cut, truncated, inflated) in enumerate(sent, 1):
        data = data[: max(0, len(data) - cut)] if cut < 10 else data
        entry = Entry(n, 0.0, 1, up, kind, data, offsets[up], [(0, 2)], truncated, inflated)
        offsets[up] += len(data) + truncated
        found += decoder.feed(entry)
    found += decoder.finish()

    json.dumps(found)
    for up in (True, False):
        crossed = b"".join(
            data for data in (bytes.fromhex(r["hex"]) for r in found if r["up"] == up)
        )
        fed = b"".join(
            d[: max(0, len(d) - cut)] if cut < 10 else d for u, _, d, cut, _, _ in sent if u == up
        )
        assert crossed == fed
    for row in found:
        assert row["layers"][0]["layer"] == "tcp"
        assert "\n" not in row["summary"]
        if "error" in row:
            assert row["error"]["message"]
            assert row["error"]["source"]


@given(st.text('42[]{}",:/-_abc01\\ué', max_size=60), st.booleans())
def test_any_packet_gives_one_row(text, polling):
    talk = Talk()
    if polling:
        row = one(talk.up(request(POLL, "POST", "4" + text)))
    else:
        talk.upgrade()
        row = one(talk.up(masked("4" + text)))

    json.dumps(row)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.lists(st.integers(1, 40), max_size=5),
)
def test_an_event_comes_back_from_any_fragments(name, cuts):
    text = ("4" + packet(2, "/rooms", 5, [name, {"text": name}])).encode()
    pieces, at = [], 0
    for cut in cuts:
        pieces.append(text[at : at + cut])
        at += cut
    pieces.append(text[at:])
    talk = Talk()
    talk.upgrade()
    for index, piece in enumerate(pieces):
        row = one(talk.up(masked(piece, 0 if index else 1, fin=index == len(pieces) - 1)))

    assert "error" not in row
    assert layer(row, "event")["name"] == name
    assert layer(row, "event")["args"] == [{"text": name}]


# What is decoded, section by section. Every section of the documents that says how bytes
# look is listed; the test that holds for it must exist.

SECTIONS = {
    "RFC 9110": ["3.9", "5.1", "5.4", "5.5"],
    "RFC 9112": ["2.2", "2.3", "3", "3.2", "4", "5", "5.1", "5.2", "6.1", "6.3"]
    + ["7.1", "7.1.1", "7.1.2", "8"],
    "RFC 6455": ["1.3", "4.2.2", "5.1", "5.2", "5.3", "5.4", "5.5", "5.5.1", "5.5.2", "5.5.3"]
    + ["5.6", "5.7", "7.4.1", "7.4.2", "8.1", "10.4"],
    "RFC 7692": ["6", "6.1", "7.1", "7.2.1", "7.2.2"] + [f"7.2.3.{n}" for n in (1, 2, 3, 4, 5, 6)],
    "RFC 8259": ["2", "6", "8.1", "9"],
    "Engine.IO protocol v4": ["Protocol", "Handshake", "Heartbeat", "Upgrade", "Message"]
    + ["Packet encoding: HTTP long-polling", "Packet encoding: WebSocket"],
    "Socket.IO protocol v5": ["Connection to a namespace", "Sending and receiving data"]
    + ["Acknowledgement", "Disconnection from a namespace", "Packet encoding: Format"]
    + ["Packet encoding: Examples", "Packet encoding: binary", "Sample session"],
}

COVERED = {
    "RFC 9110, 3.9": "test_http11.test_the_response_of_the_example",
    "RFC 9110, 5.1": "test_http11.test_header_names_keep_their_spelling",
    "RFC 9110, 5.4": "test_http11.test_bytes_that_are_no_request",
    "RFC 9110, 5.5": "test_http11.test_bytes_that_are_no_request",
    "RFC 9112, 2.2": "test_http11.test_an_empty_line_in_front_of_a_request_is_passed_over",
    "RFC 9112, 2.3": "test_http11.test_bytes_that_are_no_request",
    "RFC 9112, 3": "test_http11.test_the_request_of_the_example",
    "RFC 9112, 3.2": "test_http11.test_a_rule_can_be_broken_by_a_message_with_clear_borders",
    "RFC 9112, 4": "test_http11.test_bytes_that_are_no_response",
    "RFC 9112, 5": "test_http11.test_fields_stand_where_their_bytes_are",
    "RFC 9112, 5.1": "test_http11.test_bytes_that_are_no_request",
    "RFC 9112, 5.2": "test_http11.test_bytes_that_are_no_request",
    "RFC 9112, 6.1": "test_http11.test_a_rule_can_be_broken_by_a_message_with_clear_borders",
    "RFC 9112, 6.3": "test_http11.test_answers_without_a_body_whatever_they_announce",
    "RFC 9112, 7.1": "test_http11.test_chunks_come_back",
    "RFC 9112, 7.1.1": "test_http11.test_chunks_extensions_and_trailers",
    "RFC 9112, 7.1.2": "test_http11.test_chunks_extensions_and_trailers",
    "RFC 9112, 8": "test_decode.test_a_request_that_breaks_a_rule",
    "RFC 6455, 1.3": "protocols.test_handshake.test_the_accept_value_of_section_1_3",
    "RFC 6455, 4.2.2": "test_decode.test_a_wrong_accept_value_is_an_error",
    "RFC 6455, 5.1": "test_frames.test_a_broken_rule_is_named",
    "RFC 6455, 5.2": "test_frames.test_the_length_takes_7_16_or_64_bits",
    "RFC 6455, 5.3": "test_frames.test_what_is_encoded_comes_back",
    "RFC 6455, 5.4": "test_decode.test_fragments_are_rows_and_the_last_one_carries_the_message",
    "RFC 6455, 5.5": "test_frames.test_a_broken_rule_is_named",
    "RFC 6455, 5.5.1": "test_frames.test_close_codes_that_may_be_sent",
    "RFC 6455, 5.5.2": "test_decode.test_control_frames_are_read_by_themselves",
    "RFC 6455, 5.5.3": "test_decode.test_control_frames_are_read_by_themselves",
    "RFC 6455, 5.6": "test_decode.test_a_character_may_be_split_between_fragments",
    "RFC 6455, 5.7": "test_frames.test_the_examples_of_section_5_7",
    "RFC 6455, 7.4.1": "test_frames.test_close_codes_that_may_be_sent",
    "RFC 6455, 7.4.2": "test_frames.test_a_broken_rule_is_named",
    "RFC 6455, 8.1": "test_decode.test_a_broken_rule_is_a_row_with_an_error",
    "RFC 6455, 10.4": "test_decode.test_a_mebibyte_of_one_byte_fragments_in_two_seconds",
    "RFC 7692, 6": "test_decode.test_compression_that_nobody_agreed_on_is_an_error",
    "RFC 7692, 6.1": "test_decode.test_only_the_first_frame_says_that_a_message_is_compressed",
    "RFC 7692, 7.1": "test_deflate.test_what_was_agreed",
    "RFC 7692, 7.2.1": "test_deflate.test_what_is_compressed_comes_back",
    "RFC 7692, 7.2.2": "test_deflate.test_a_truncated_message_is_an_error",
    "RFC 7692, 7.2.3.1": "test_decode.test_a_compressed_message_in_fragments",
    "RFC 7692, 7.2.3.2": "test_deflate.test_the_second_hello_is_five_bytes",
    "RFC 7692, 7.2.3.3": "test_deflate.test_the_examples_of_section_7_2_3",
    "RFC 7692, 7.2.3.4": "test_deflate.test_a_final_block_does_not_end_the_memory",
    "RFC 7692, 7.2.3.5": "test_deflate.test_the_examples_of_section_7_2_3",
    "RFC 7692, 7.2.3.6": "test_deflate.test_an_empty_message_is_one_byte",
    "RFC 8259, 2": "test_socketio.test_a_broken_rule_is_named",
    "RFC 8259, 6": "test_socketio.test_a_broken_rule_is_named",
    "RFC 8259, 8.1": "test_socketio.test_bytes_that_are_no_utf8",
    "RFC 8259, 9": "test_socketio.test_a_broken_rule_is_named",
    "Engine.IO protocol v4, Protocol": "test_engineio.test_the_examples_of_the_document",
    "Engine.IO protocol v4, Handshake": "test_engineio.test_the_open_packet_says_by_which_rules",
    "Engine.IO protocol v4, Heartbeat": "test_engineio.test_the_examples_of_the_document",
    "Engine.IO protocol v4, Upgrade": "test_decode.test_a_captured_conversation",
    "Engine.IO protocol v4, Message": "test_engineio.test_the_examples_of_the_document",
    "Engine.IO protocol v4, Packet encoding: HTTP long-polling": (
        "test_engineio.test_several_packets_in_one_body"
    ),
    "Engine.IO protocol v4, Packet encoding: WebSocket": (
        "test_engineio.test_binary_is_itself_in_a_frame"
    ),
    "Socket.IO protocol v5, Connection to a namespace": (
        "test_decode.test_connect_connect_error_and_disconnect_have_no_event"
    ),
    "Socket.IO protocol v5, Sending and receiving data": ("test_socketio.test_an_event_comes_back"),
    "Socket.IO protocol v5, Acknowledgement": (
        "test_decode.test_an_answer_names_the_event_it_answers"
    ),
    "Socket.IO protocol v5, Disconnection from a namespace": (
        "test_decode.test_connect_connect_error_and_disconnect_have_no_event"
    ),
    "Socket.IO protocol v5, Packet encoding: Format": (
        "test_socketio.test_fields_of_an_event_stand_where_their_bytes_are"
    ),
    "Socket.IO protocol v5, Packet encoding: Examples": (
        "test_socketio.test_the_examples_of_the_document"
    ),
    "Socket.IO protocol v5, Packet encoding: binary": (
        "test_decode.test_attachments_follow_in_frames_of_their_own"
    ),
    "Socket.IO protocol v5, Sample session": "test_decode.test_a_captured_conversation",
}


def test_every_section_that_says_how_bytes_look_has_a_test():
    listed = {f"{document}, {section}" for document, of in SECTIONS.items() for section in of}

    assert set(COVERED) == listed
    for name in COVERED.values():
        module, _, test = name.rpartition(".")
        package = "tests" if "." in module else "tests.wiretap"
        found = __import__(f"{package}.{module}", fromlist=[test])
        assert callable(getattr(found, test, None)), name
