"""The sentence that a field gets depends on where it stands: the right one, in each place.

Each case is a conversation that leads up to one row. What is asked for is the whole meaning
of a field, or its telling end, and the section that says so.
"""

import zlib

import pytest

from tests.wiretap.encoder import Talk, frame, layer, masked, request, response

FRAME_52 = "RFC 6455, section 5.2"
CLOSING = "RFC 6455, section 5.5.1"
PONGS = "RFC 6455, section 5.5.3"
PER_MESSAGE = "RFC 7692, section 6.1"


def told(row, name, field):
    """(meaning, source) of a field of a layer."""
    (found,) = [x for x in layer(row, name)["fields"] if x["name"] == field]
    return found["meaning"], found["source"]


def squeezed(text):
    """A compressed message's payload (RFC 7692, section 7.2.1)."""
    deflate = zlib.compressobj(wbits=-15)
    return (deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]


# RSV1


def test_rsv1_says_of_a_first_frame_whether_the_message_is_compressed(talk, deflated):
    (plain,) = talk.up(masked("3"))
    (asked,) = deflated.up(masked("3"))
    (small,) = deflated.up(masked(squeezed(b"3"), rsv=4))
    (wrong,) = talk.up(masked("3", rsv=4))

    nothing = "no extension was agreed on that gives it a meaning."
    assert told(plain, "websocket", "RSV1") == (f"0, as it must be: {nothing}", FRAME_52)
    assert told(wrong, "websocket", "RSV1") == (f"1, although {nothing}", FRAME_52)
    assert told(asked, "websocket", "RSV1") == ("0: the message is not compressed.", PER_MESSAGE)
    assert told(small, "websocket", "RSV1") == (
        "1: the whole message is compressed, by permessage-deflate.",
        PER_MESSAGE,
    )


def test_rsv1_of_a_continuation_says_nothing_and_points_at_the_first_frame(deflated):
    data = squeezed(b'42["said",{}]')
    deflated.up(masked(data[:5], fin=False, rsv=4))
    (rest,) = deflated.up(masked(data[5:], opcode=0))
    deflated.up(masked('42["sa', fin=False))
    (plain_rest,) = deflated.up(masked('id",{}]', opcode=0))
    stranger = Talk()
    stranger.skip(True, 500)
    (unknown,) = stranger.up(masked("x", opcode=0), kind="frame")

    rule = "0, as on every frame but the first of a message: the first says"
    assert told(rest, "websocket", "RSV1") == (f"{rule} that it is compressed.", PER_MESSAGE)
    assert told(plain_rest, "websocket", "RSV1")[0] == f"{rule} that it is not compressed."
    assert told(unknown, "websocket", "RSV1")[0] == f"{rule} whether it is compressed."


def test_rsv1_of_a_control_frame_speaks_of_no_message(deflated):
    (ping,) = deflated.down(frame(b"", opcode=9))
    (wrong,) = deflated.up(masked(b"", opcode=10, rsv=4))

    rule = "0, as on every control frame: only messages are compressed."
    assert told(ping, "websocket", "RSV1") == (rule, PER_MESSAGE)
    assert told(wrong, "websocket", "RSV1")[0].startswith("1, which a control frame must not have")


def test_a_frame_that_was_refused_by_its_first_byte_says_why(talk):
    (row,) = talk.up(b"\xc1\x89", kind="frame")

    assert row["error"]["message"] == "RSV1 is 1, and no extension gives it a meaning"
    assert (row["error"]["at"], row["error"]["source"]) == (0, FRAME_52)


# Close, ping and pong


def test_the_first_close_frame_asks_and_the_second_answers(talk):
    (asks,) = talk.up(masked(b"\x03\xe8", opcode=8))
    (answers,) = talk.down(frame(b"\x03\xe8", opcode=8))

    assert told(asks, "websocket", "opcode") == (
        "Asks to close the connection: a close frame must come back.",
        CLOSING,
    )
    meaning, source = told(answers, "websocket", "opcode")
    assert meaning.startswith("Answers the close frame of the other side.")
    assert "come back" not in meaning and source == CLOSING


def test_a_close_frame_whose_past_is_not_here_says_both():
    stranger = Talk()
    stranger.skip(True, 500)
    stranger.up(masked("3"), kind="frame")
    stranger.skip(False, 500)
    (close,) = stranger.down(frame(b"", opcode=8), kind="frame")

    meaning = "Closes the connection: the first close frame asks, the second answers."
    assert told(close, "websocket", "opcode") == (meaning, CLOSING)


def test_a_close_reason_is_for_programs_too_and_not_for_users(talk):
    (close,) = talk.down(frame(b"\x03\xeabad", opcode=8))

    meaning = "For debugging, or for the program at this end; it is not to be shown to users."
    assert told(close, "websocket", "reason") == (meaning, CLOSING)


def test_a_pong_answers_a_ping_or_comes_unasked(talk):
    (unasked,) = talk.up(masked(b"hi", opcode=10))
    talk.down(frame(b"one", opcode=9))
    talk.down(frame(b"two", opcode=9))
    (latest,) = talk.up(masked(b"two", opcode=10))  # may stand for both
    (again,) = talk.up(masked(b"one", opcode=10))
    talk.up(masked(b"yours", opcode=9), blanked=[(6, 5)])
    (served,) = talk.down(frame(b"yours", opcode=10))

    heartbeat = "No ping asked for this pong: a heartbeat one way, and no answer is due."
    answer = "Answers a ping: the bytes of the ping come back."
    assert told(unasked, "websocket", "opcode") == (heartbeat, PONGS)
    assert told(latest, "websocket", "opcode") == (answer, PONGS)
    assert told(again, "websocket", "opcode") == (heartbeat, PONGS)
    assert told(served, "websocket", "opcode") == (answer, PONGS)


def test_a_pong_to_a_ping_that_was_blanked_is_an_answer_too(talk):
    talk.up(masked(b"*****", opcode=9), blanked=[(6, 5)])
    (pong,) = talk.down(frame(b"yours", opcode=10))

    assert told(pong, "websocket", "opcode")[0].startswith("Answers a ping")


# HTTP


def test_after_a_101_frames_follow_and_no_other_response():
    up, down = Talk().upgrade()

    assert told(down, "http", "status") == (
        "101: the server changes the protocol of this connection. No other HTTP response comes.",
        "RFC 9110, section 15.2.2",
    )
    assert told(down, "http", "empty line") == (
        "The end of HTTP on this connection: the next byte begins a WebSocket frame.",
        "RFC 6455, section 4.2.2",
    )
    for row in (up, down):
        assert told(row, "http", "Connection") == (
            "Says that Upgrade is a header for this one hop only: a proxy does not pass it on.",
            "RFC 9110, section 7.8",
        )
    assert told(up, "http", "Upgrade")[0].startswith("Asks to go on in this protocol")
    assert told(up, "http", "empty line")[0].endswith("it has no body.")
    assert told(down, "http", "Upgrade")[0].startswith("The protocol of this connection from")


def test_another_interim_response_has_no_body_and_is_not_the_last():
    talk = Talk()
    talk.up(request("/", "POST", b"abc", Expect="100-continue"))
    (interim,) = talk.down(b"HTTP/1.1 100 Continue\r\n\r\n")

    assert told(interim, "http", "status")[0].endswith("the final one is still to come.")
    assert told(interim, "http", "empty line") == (
        "The end of an interim response: it has no body, another response follows.",
        "RFC 9110, section 15.2",
    )


@pytest.mark.parametrize(
    ("data", "ends"),
    [
        (response("hello"), "what follows is the body."),
        (response(""), "and of the message: it has no body."),
        (response(status="204 No Content"), "and of the message: it has no body."),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "is the body."),
    ],
)
def test_the_empty_line_says_whether_a_body_follows(data, ends):
    talk = Talk()
    talk.up(request("/"))
    (row,) = talk.down(data)

    assert told(row, "http", "empty line")[0].endswith(ends)


@pytest.mark.parametrize(
    ("status", "says", "source"),
    [
        ("200 OK", "2xx: it worked.", "15"),
        ("404 Not Found", "404: there is nothing at this address.", "15.5.5"),
        ("503 Service Unavailable", "503: the server cannot answer this now, and may", "15.6.4"),
        ("500 Oops", "5xx: the server failed, or cannot do what was asked.", "15"),
        ("400 Bad Request", "4xx: the request was wrong, or is not allowed here.", "15"),
    ],
)
def test_a_status_is_explained_by_its_own_number_where_the_class_says_too_much(
    status, says, source
):
    (row,) = Talk().down(response("x", status=status))
    meaning, section = told(row, "http", "status")

    assert meaning.startswith(says)
    assert section == f"RFC 9110, section {source}"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("close", "The connection ends with this exchange."),
        ("keep-alive", "The connection stays open for more requests."),
        ("X-Own", "Names what concerns this one hop only; a proxy does not pass it on."),
    ],
)
def test_connection_is_explained_by_what_it_names(value, says):
    (row,) = Talk().down(response("x", Connection=value))

    assert told(row, "http", "Connection")[0] == says


def test_sec_websocket_protocol_names_subprotocols():
    (row,) = Talk().up(request("/", Sec_WebSocket_Protocol="chat, superchat"))

    meaning, source = told(row, "http", "Sec-WebSocket-Protocol")
    assert meaning.startswith("Subprotocols") and source == "RFC 6455, section 11.3.4"


# Engine.IO


@pytest.mark.parametrize(
    ("up", "text", "says", "section"),
    [
        (True, "2probe", "ping: the client tries out the new transport.", "Upgrade"),
        (False, "3probe", "pong: the server answers the client's probe.", "Upgrade"),
        (False, "2", "ping: the server asks whether the client is still there.", "Heartbeat"),
        (True, "3", "pong: the client answers that it is still there.", "Heartbeat"),
        (True, "2", "ping, from a client: in version 4 of the protocol only", "Heartbeat"),
        (False, "3", "pong, from a server: in version 4 of the protocol only", "Heartbeat"),
        (False, "6", "noop: nothing to say. By WebSocket no request is held", "Upgrade"),
    ],
)
def test_a_ping_a_pong_and_a_noop_say_who_sends_them_and_what_for(talk, up, text, says, section):
    (row,) = talk.up(masked(text)) if up else talk.down(frame(text))
    meaning, source = told(row, "engineio", "type")

    assert meaning.startswith(says)
    assert source == f'Engine.IO protocol v4, "{section}"'


def test_a_noop_by_polling_ends_the_request_that_was_held():
    talk = Talk()
    talk.up(request("/socket.io/?EIO=4&transport=polling&sid=ada"))
    (row,) = talk.down(response("6"))

    assert told(row, "engineio", "type")[0].endswith("it ends a polling request that was held.")


def test_max_payload_bounds_more_than_polling_bodies(talk):
    (row,) = talk.down(frame('0{"sid":"ada","maxPayload":32768}'))

    assert "in one WebSocket message, too" in told(row, "engineio", "maxPayload")[0]
