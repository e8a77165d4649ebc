"""Bytes, both ways and on both transports, for a namespace that does not ask for strict events.

Source: Socket.IO protocol v5, "Packet encoding", BINARY_EVENT and BINARY_ACK.
"""

import json
import zlib
from base64 import b64encode

import pytest

from socketlab.wiretap.decode import rows
from socketlab.wiretap.rings import Record

from .conftest import eventually
from .test_packets import PLACES, Polling

ONE = '{"_placeholder":true,"num":0}'


def free(lab, **options):
    """A WebSocket in /free."""
    wire = lab.wire()
    wire.join(namespace="/free", **options)
    return wire


def messages(wire, count):
    """The next messages, text as str and binary as bytes."""
    heard = []
    while len(heard) < count:
        opcode, payload = wire.heard()
        assert opcode in (1, 2), payload
        if payload != b"2":
            heard.append(payload.decode() if opcode == 1 else payload)
    return heard


def test_bytes_reach_the_handler_and_come_back(lab):
    with free(lab) as wire:
        wire.text(f'452-/free,["message",{PLACES}]')
        wire.frame(b"\x00\x01", opcode=2)
        wire.frame(b"", opcode=2)

        assert messages(wire, 3) == [f'452-/free,["message-back",{PLACES}]', b"\x00\x01", b""]


def test_bytes_deep_in_an_object_come_back_where_they_were(lab):
    data = '["message",[1,{"a":{"_placeholder":true,"num":1}}],{"_placeholder":true,"num":0}]'
    with free(lab) as wire:
        wire.text(f"452-/free,{data}")
        wire.frame(b"second", opcode=2)
        wire.frame(b"first", opcode=2)
        back = '["message-back",[1,{"a":{"_placeholder":true,"num":0}}],'

        assert messages(wire, 3) == [
            f'452-/free,{back}{{"_placeholder":true,"num":1}}]',
            b"first",
            b"second",
        ]


def test_bytes_are_acknowledged_with_bytes(lab):
    with free(lab) as wire:
        wire.text(f'451-/free,7["message-with-ack",{ONE},1]')
        wire.frame(b"\xff" * 200, opcode=2)

        assert messages(wire, 2) == [f"461-/free,7[{ONE},1]", b"\xff" * 200]


def test_a_client_acknowledges_with_bytes(lab):
    with free(lab) as wire:
        wire.text('42/free,["ask",1]')
        (question,) = messages(wire, 1)
        number = question.removeprefix("42/free,").partition("[")[0]
        wire.text(f"461-/free,{number}[{ONE}]")
        wire.frame(b"answer", opcode=2)

        assert messages(wire, 2) == [f'451-/free,["answered",{ONE}]', b"answer"]


def test_bytes_cross_in_base64_over_polling_both_ways(lab):
    polling = Polling(lab)
    polling.post("40/free,")
    polling.poll()
    sent = b64encode(b"\x01\x02\x03\x04").decode()
    assert polling.post(f'451-/free,["message",{ONE}]\x1eb{sent}') == 200
    assert polling.poll() == (200, f'451-/free,["message-back",{ONE}]\x1eb{sent}')

    assert polling.post(f'451-/free,3["message-with-ack",{ONE}]') == 200
    assert polling.post(f"b{sent}") == 200
    assert polling.poll() == (200, f"461-/free,3[{ONE}]\x1eb{sent}")


def test_bytes_for_all_reach_websockets_and_polls(lab):
    first, second = Polling(lab), Polling(lab)
    with free(lab) as wire, free(lab) as other:
        for polling in (first, second):
            polling.post("40/free,")
            polling.poll()
        wire.text(f'451-/free,["Tell all!",{ONE}]')
        wire.frame(b"to all", opcode=2)
        text = f'451-/free,["Told to all!",{ONE}]'
        for each in (wire, other):
            assert messages(each, 2) == [text, b"to all"]
        for polling in (first, second):
            assert polling.poll() == (200, f"{text}\x1eb{b64encode(b'to all').decode()}")


def test_bytes_cross_compressed_too(lab):
    inflater = zlib.decompressobj(-15)
    with lab.wire() as wire:
        extra = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
        assert wire.upgrade(query="&deflate=1", extra=extra)[0] == 101
        wire.text("40/free,")
        wire.text(f'451-/free,["message",{ONE}]')
        wire.frame(b"\x00" * 500, opcode=2)
        for _ in range(4):
            opcode, payload = wire.heard()
            assert wire.compressed
            heard = inflater.decompress(payload + b"\x00\x00\xff\xff")

    assert (opcode, heard) == (2, b"\x00" * 500)


def test_a_pong_may_come_between_a_packet_and_its_attachments(lab):
    with free(lab) as wire:
        wire.text(f'451-/free,["message",{ONE}]')
        wire.text("3")
        wire.frame(b"x", opcode=2)

        assert messages(wire, 2)[1] == b"x"


@pytest.mark.parametrize(
    "then",
    ['42/free,["message"]', "40/lab,", "41/free,", f'451-/free,["message",{ONE}]'],
)
def test_a_text_in_the_place_of_an_attachment_ends_the_connection(lab, then):
    with free(lab) as wire:
        wire.text(f'451-/free,["message",{ONE}]')
        wire.text(then)

        assert wire.closed() == 1002


def test_more_bytes_than_were_announced_end_the_connection(lab):
    with free(lab) as wire:
        wire.text(f'451-/free,["message",{ONE}]')
        wire.frame(b"x", opcode=2)
        messages(wire, 2)
        wire.frame(b"y", opcode=2)

        assert wire.closed() == 1002


def test_attachments_are_together_no_longer_than_a_message(lab):
    with free(lab) as wire:
        wire.text(f'452-/free,["message",{PLACES}]')
        wire.frame(b"x" * 20_000, opcode=2)
        wire.frame(b"y" * 20_000, opcode=2)

        assert wire.closed() == 1002


def test_attachments_that_do_not_come_end_the_session(hasty):
    with free(hasty) as wire:
        wire.text(f'452-/free,["message",{PLACES}]')
        wire.frame(b"x", opcode=2)

        assert wire.closed() == 1008


def test_attachments_that_came_in_time_end_nothing(hasty):
    with free(hasty) as wire:
        wire.text(f'451-/free,["message",{ONE}]')
        wire.frame(b"x", opcode=2)
        messages(wire, 2)
        wire.text('451-/lab,1["say",{"a":{"_placeholder":true,"num":0}}]')  # refused
        assert "you have not joined" in wire.until("43/lab,1")
        with hasty.wire() as late:  # ended after as long as the attachments would have had
            late.upgrade()
            assert late.closed() == 1008
        wire.text('42/free,1["message-with-ack"]')

        assert wire.until("43") == "43/free,1[]"


WRONG = {
    "no placeholder": "[1]",
    "one too few": f"[{ONE}]",
    "the same twice": f"[{ONE},{ONE}]",
    "one too many": f'[{PLACES},{{"_placeholder":true,"num":2}}]',
    "out of range": f'[{ONE},{{"_placeholder":true,"num":2}}]',
    "below 0": f'[{ONE},{{"_placeholder":true,"num":-1}}]',
    "a text": f'[{ONE},{{"_placeholder":true,"num":"1"}}]',
    "a boolean": f'[{ONE},{{"_placeholder":true,"num":true}}]',
    "no number": f'[{ONE},{{"_placeholder":true}}]',
    "not true": f'[{ONE},{{"_placeholder":1,"num":1}}]',
    "something beside it": f'[{ONE},{{"_placeholder":true,"num":1,"more":1}}]',
}


@pytest.mark.parametrize("name", WRONG)
def test_placeholders_that_do_not_fit_the_attachments_are_refused(lab, name):
    data = json.dumps(["message", *json.loads(WRONG[name])])
    with free(lab) as wire:
        wire.text(f"452-/free,8{data}")
        (answer,) = messages(wire, 1)
        assert answer.startswith('43/free,8[{"ok":false,"error":"')
        assert "placeholder" in answer
        wire.frame(b"x", opcode=2)  # its attachments are let pass
        wire.frame(b"y", opcode=2)
        wire.text(f"452-/free,{data}")

        assert wire.closed() == 1002


def test_what_looks_like_a_placeholder_is_text_in_a_text_event(lab):
    with free(lab) as wire:
        wire.text(f'42/free,["message",{ONE}]')

        assert messages(wire, 1) == [f'42/free,["message-back",{ONE}]']


def test_what_looks_like_a_placeholder_is_never_sent_beside_bytes(lab):
    with free(lab) as wire:
        wire.text(f'42/free,9["forge",{ONE}]')

        assert '"ok":false' in messages(wire, 1)[0]


def test_bytes_for_a_namespace_that_is_not_joined_are_refused_and_let_pass(lab):
    with free(lab) as wire:
        wire.text(f'451-/plain,2["known",{ONE}]')
        wire.frame(b"x", opcode=2)
        no = '43/plain,2[{"ok":false,"error":"you have not joined /plain"}]'
        assert messages(wire, 1) == [no]
        wire.text(f'451-/plain,["known",{ONE}]')

        assert wire.closed() == 1002


def test_attachments_count_as_part_of_their_event(start):
    lab = start(EVENTS_PER_SECOND=20, EVENTS_BURST=40)
    with free(lab) as wire:
        for number in range(30):
            wire.text(f'452-/free,{number}["message-with-ack",{PLACES}]')
            wire.frame(b"x", opcode=2)
            wire.frame(b"y", opcode=2)
        heard = messages(wire, 90)

    assert [message for message in heard if b"x" != message != b"y"] == [
        f"462-/free,{number}[{PLACES}]" for number in range(30)
    ]


def test_too_many_bytes_are_refused_with_a_sentence(start):
    lab = start(INPUT_BYTES_PER_SECOND=1024, INPUT_BYTES_BURST=1024)
    with free(lab) as wire:
        wire.text(f'452-/free,1["message-with-ack",{PLACES}]')
        wire.frame(b"x" * 2000, opcode=2)
        assert "too fast" in messages(wire, 1)[0]
        wire.frame(b"y", opcode=2)
        wire.text('42/free,2["message-with-ack"]')

        assert messages(wire, 1) == ["43/free,2[]"]


def test_the_tap_shows_the_attachments_as_rows(start):
    lab, seat = start(), "abcdefghij"
    with free(lab, extra=f"Cookie: socketlab_seat=seat.{seat}.x\r\n") as wire:
        wire.text(f'451-/free,["message",{ONE}]')
        wire.frame(b"bytes", opcode=2)
        messages(wire, 2)

        def shown():
            decoded = list(rows(Record(**row) for row in records(lab, seat)))
            assert not [row for row in decoded if row.get("error")]
            whole = [row for row in decoded if "message-back" in row["summary"]]
            return whole[1:] and decoded

        decoded = eventually(shown)

    events = [layer for row in decoded for layer in row["layers"] if layer["layer"] == "event"]
    assert [event["name"] for event in events] == ["message", "message-back"]  # once they are whole
    assert [row["up"] for row in decoded if "5 bytes" in row["summary"]] == [True, False]


def records(lab, seat):
    """What the tap has of a seat, as it hands it out."""
    for row in lab.recorded(seat)["rows"]:
        data, inflated = bytes.fromhex(row.pop("hex")), row.pop("inflated")
        yield {"at": 0.0, **row, "data": data, "inflated": inflated and inflated.encode()}
