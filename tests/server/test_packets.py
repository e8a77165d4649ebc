"""What a broken or hostile packet leads to, on both transports, while a bystander notices nothing.

The cases are the malformed packets of the reliability notes, row 24, by layer.
"""

import json
import time
from threading import Thread

import pytest

from .conftest import eventually
from .raw import Closed

ENGINE = {
    "empty": "",
    "a letter": "a",
    "an unknown type": "9",
    "another unknown type": "7",
    "open from a client": "0",
    "a type with data that takes none": "1x",
    "a ping in the wrong direction": "2",
    "a probe outside an upgrade": "2probe",
    "a pong with data": "33333",
    "an upgrade outside an upgrade": "5",
    "a noop": "6",
    "a superscript digit": "\u00b2",
    "an Arabic-Indic digit": "\u0664",
}
SOCKET = {
    "a message without a packet": "4",
    "a letter": "4a",
    "null": "4null",
    "true": "4true",
    "a string": '4"str"',
    "an object": '4{"a":1}',
    "a list": "4[1,2]",
    "50,000 brackets": "4" + "[" * 30_000,
    "type 7": "47",
    "type 9": "49",
    "CONNECT_ERROR from the client": '44/lab,{"message":"no"}',
    "CONNECT twice": "40/lab,",
    "CONNECT with a list": "40/other,[1]",
    "CONNECT with a string": '40/other,"x"',
    "CONNECT with cut JSON": '40/other,{"a"',
    "CONNECT with an id": "40/other,1{}",
    "a namespace of 5,000 characters": "40/" + "n" * 5000 + ",",
    "DISCONNECT of a namespace never joined": "41/other,",
    "DISCONNECT with data": "41/lab,{}",
    "an event without data": "42/lab,",
    "an event that is an object": "42/lab,{}",
    "an event without a name": "42/lab,[]",
    "an event that is null": "42/lab,null",
    "an event that is true": "42/lab,true",
    "a list as the name": '42/lab,[["say"],{}]',
    "an object as the name": '42/lab,[{"a":1},{}]',
    "cut JSON": '42/lab,["say",{"te',
    "letters for an id": '42/lab,abc["say",{}]',
    "an id of 101 digits": "42/lab," + "1" * 101 + '["say",{}]',
    "an id of 2^31": '42/lab,2147483648["say",{}]',
    "30,000 levels": '42/lab,["say",' + "[" * 30_000,
    "900 levels": '42/lab,["say",' + "[" * 900 + "]" * 900 + "]",
    "four arguments": '42/lab,["say",{},2,3]',
    "no argument": '42/lab,["say"]',
    "a string for an object": '42/lab,["say","x"]',
    "the name connect": '42/lab,["connect",{}]',
    "the name disconnect": '42/lab,["disconnect",{}]',
    "the name *": '42/lab,["*",{}]',
    "the name __class__ in capitals": '42/lab,["__CLASS__",{}]',
    "an event to an unjoined namespace": '42/other,["say",{}]',
    "an ack that is bare": "43/lab,",
    "an ack without an id": "43/lab,[]",
    "an ack without data": "43/lab,1",
    "an ack with an object": "43/lab,1{}",
    "a binary event that is bare": "45/lab,",
    "a binary event without its attachment": '451-/lab,["say",{"_placeholder":true,"num":0}]',
    "a binary event with none": '450-/lab,["say",{}]',
    "a binary event without a count": '45/lab,["say",{}]',
    "a binary event of ten digits": '459999999999-/lab,["say",{}]',
    "a binary event of eleven digits": '4599999999999-/lab,["say",{}]',
    "a placeholder out of range": '451-/lab,["say",{"_placeholder":true,"num":9}]',
    "a binary ack that is bare": "46/lab,",
    "attachments on a text event": '421-/lab,["say",{}]',
    "a NaN": '42/lab,["say",{"text":NaN}]',
    "an infinite number": '42/lab,["say",{"text":1e999}]',
    "an integer too large": '42/lab,["say",{"text":9007199254740992}]',
    "half of a surrogate pair": '42/lab,["say",{"text":"\\ud800"}]',
    "a key too long": '42/lab,["say",{"' + "k" * 65 + '":1}]',
    "2,001 values": '42/lab,["say",{"text":[' + "1," * 2000 + "1]}]",
}
SENTENCES = {
    '["say","hello"]': 'send one object, like {"text": "hello"}',
    '["say"]': 'send one object, like {"text": "hello"}',
    '["say",{},{}]': 'send one object, like {"text": "hello"}',
    '["say",null]': 'send one object, like {"text": "hello"}',
    "{}": "an event is a list that starts with its name",
    "": "an event is a list that starts with its name",
    '["connect",{}]': "'connect' cannot be the name of an event",
    '["disconnect",{}]': "'disconnect' cannot be the name of an event",
    '["Say",{}]': "'Say' cannot be the name of an event",
    '["boom",{}]': "the server failed at this; it is not your fault",
    '["say",{"text":NaN}]': "the payload is not JSON that we take: NaN is not JSON",
    '["say",{"text":1e999}]': "the payload is not JSON that we take: a number is too large",
    '["say",{"text":"\\udfff"}]': (
        "the payload is not JSON that we take: a text holds half of a surrogate pair"
    ),
}


@pytest.fixture(scope="module")
def bystander(lab):
    """An honest client that is connected all the while."""
    with lab.wire() as wire:
        wire.join()
        yield wire
        assert wire.call("echo", {"still": "here"})["data"] == {"still": "here"}


@pytest.mark.parametrize("name", [*ENGINE, *SOCKET])
def test_a_broken_packet_ends_a_websocket_with_1002(lab, bystander, name):
    with lab.wire() as wire:
        wire.join()
        wire.text({**ENGINE, **SOCKET}[name])

        assert wire.closed() == 1002
    assert bystander.call("echo", {"n": name})["data"] == {"n": name}


class Polling:
    """A polling session, each request on a connection of its own."""

    def __init__(self, lab, headers=""):
        self.lab, self.headers = lab, headers
        status, _, body = lab.get("/socket.io/?EIO=4&transport=polling", headers)
        assert status == 200, body
        self.session = json.loads(body[1:])["sid"]
        self.path = f"/socket.io/?EIO=4&transport=polling&sid={self.session}"

    def post(self, body, length=None):
        data = body.encode() if isinstance(body, str) else body
        headers = f"\n{self.headers}" if self.headers else ""
        with self.lab.wire() as wire:
            head = f"POST {self.path} HTTP/1.1\nContent-Length: {len(data)}{headers}"
            return wire.ask(head, data)[0]

    def poll(self):
        status, _, body = self.lab.get(self.path, self.headers)
        return status, body.decode()

    def join(self, auth=""):
        assert self.post(f"40/lab,{auth}") == 200
        assert self.poll()[1].startswith("40/lab,")
        return self


@pytest.mark.parametrize("name", [*ENGINE, *SOCKET])
def test_a_broken_packet_ends_a_polling_session_with_400(lab, bystander, name):
    polling = Polling(lab).join()

    assert polling.post({**ENGINE, **SOCKET}[name]) == 400
    assert polling.poll()[0] == 400
    assert bystander.call("echo", {"n": name})["data"] == {"n": name}


@pytest.mark.parametrize("body", [b"4\xff\xfe", b"", b"3\x1e", b"bA===", b"b\xc3\xa9"])
def test_a_polling_body_that_cannot_be_read_ends_the_session(lab, body):
    polling = Polling(lab).join()

    assert polling.post(body) == 400
    assert polling.poll()[0] == 400


def test_a_burst_in_one_polling_body_is_slowed_by_the_pace_and_not_cut_off(start):
    lab = start(EVENTS_PER_SECOND=20, EVENTS_BURST=40)
    polling = Polling(lab).join()
    events = "\x1e".join(f'42/lab,{number}["echo",{{}}]' for number in range(60))
    assert polling.post(events) == 200

    answers = []
    while len(answers) < 60:
        status, body = polling.poll()
        assert status == 200
        answers += body.split("\x1e")
    refused = [answer for answer in answers if '"ok":false' in answer]
    assert len(refused) in range(10, 22)
    assert all("too fast: at most 20 events a second" in answer for answer in refused)


def many_echoes(count):
    """A polling body of events that are each to be acknowledged."""
    return "\x1e".join(f'42/lab,{number}["echo",{{}}]' for number in range(count))


def test_a_body_with_more_events_than_answers_may_wait_is_answered_as_fast_as_they_are_read(start):
    lab = start(OUTPUT_PACKETS=20)
    polling, statuses, answers = Polling(lab).join(), [], []
    post = Thread(target=lambda: statuses.append(polling.post(many_echoes(100))))
    post.start()
    while len(answers) < 100:
        status, body = polling.poll()
        assert status == 200
        answers += body.split("\x1e")
    post.join()

    assert statuses == [200]
    assert [answer.partition("[")[0] for answer in answers] == [f"43/lab,{n}" for n in range(100)]


def test_who_posts_events_and_never_polls_for_the_answers_is_ended(start):
    lab = start(OUTPUT_PACKETS=20, STALL_SECONDS=1)
    polling = Polling(lab).join()

    assert polling.post(many_echoes(100)) == 400
    assert polling.poll()[0] == 400


def test_a_client_that_is_too_fast_still_enters_and_leaves_namespaces(start):
    lab = start(EVENTS_PER_SECOND=20, EVENTS_BURST=40)
    with lab.wire() as wire:
        wire.join()
        for _ in range(60):
            wire.text('42/lab,["echo",{}]')
        wire.text("40/other,")
        assert wire.until("40/other,")
        wire.text("41/lab,")
        wire.text("40/lab,")
        assert wire.until("40/lab,")

    assert lab.knows()["left"][0] == "client disconnect"


def test_namespaces_are_entered_at_a_pace_too_and_who_is_too_fast_is_told(start):
    lab = start(EVENTS_PER_SECOND=20, EVENTS_BURST=40)
    with lab.wire() as wire:
        wire.join()
        for number in range(100):
            wire.text(f"40/nope{number},")
        answers = [wire.until("44/nope") for _ in range(100)]
        no = '{"message":"too fast: at most 20 events a second"}'

        assert answers[99] == f"44/nope99,{no}"
        assert sum(no in answer for answer in answers) in range(10, 30)


def test_an_ack_that_comes_too_fast_is_not_answered_by_an_ack(start):
    lab = start(EVENTS_PER_SECOND=20, EVENTS_BURST=40)
    with lab.wire() as wire:
        wire.join()
        for _ in range(60):
            wire.text("43/lab,5[]")
        wire.text("40/other,")

        assert wire.message().startswith("40/other,")


@pytest.mark.parametrize("data", SENTENCES)
def test_a_wrong_event_with_an_ack_id_is_answered_with_a_sentence(bystander, data):
    bystander.text(f"42/lab,5{data}")

    answer = json.loads(bystander.until("43/lab,5")[8:])
    assert answer == [{"ok": False, "error": SENTENCES[data]}]


def test_an_event_that_nobody_handles_is_told_so(bystander):
    bystander.text("40/plain,")
    bystander.until("40/plain,")

    assert bystander.call("known", {}, namespace="/plain") == {"ok": True}
    unheard = bystander.call("unheard_of", {}, namespace="/plain")
    assert unheard == {"ok": False, "error": "there is no event unheard_of here"}


def test_an_event_to_a_namespace_not_joined_is_told_so(bystander):
    bystander.text('42/other,3["say",{}]')

    assert bystander.message() == '43/other,3[{"ok":false,"error":"you have not joined /other"}]'


def test_a_binary_event_with_an_ack_id_is_refused_and_swallows_nothing(bystander):
    bystander.text('451-/lab,4["say",{"_placeholder":true,"num":0}]')
    assert '"ok":false' in bystander.until("43/lab,4")

    assert bystander.call("echo", {}, number=6)["ok"]


PLACES = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'


def test_the_attachments_of_a_refused_packet_are_let_pass_and_no_more(lab):
    with lab.wire() as wire:
        wire.join()
        wire.text(f'452-/lab,4["say",{PLACES}]')
        wire.frame(b"\x00", opcode=2)
        wire.frame(b"\x01", opcode=2)
        assert "nothing here takes bytes" in wire.until("43/lab,4")
        assert wire.call("echo", {}, number=6)["ok"]
        wire.frame(b"\x02", opcode=2)

        assert wire.closed() == 1002


def test_a_text_between_ends_the_wait_for_the_attachments_of_a_refused_packet(lab):
    with lab.wire() as wire:
        wire.join()
        wire.text('451-/lab,4["say",{"a":{"_placeholder":true,"num":0}}]')
        wire.until("43/lab,4")
        assert wire.call("echo", {}, number=6)["ok"]
        wire.frame(b"\x02", opcode=2)

        assert wire.closed() == 1002


def test_attachments_are_let_pass_on_polling_too(lab):
    polling = Polling(lab).join()
    refused = '451-/lab,4["say",{"_placeholder":true,"num":0}]'
    assert polling.post(refused + '\x1ebAAEC\x1e42/lab,5["echo",{}]') == 200
    heard = polling.poll()[1]

    assert "43/lab,4" in heard and "43/lab,5" in heard
    assert polling.post("bAAEC") == 400


def test_bytes_beside_text_end_the_connection(lab):
    with lab.wire() as wire:
        wire.join()
        wire.frame(b"\x00\x01", opcode=2)

        assert wire.closed() == 1002


def test_an_unknown_namespace_is_named_in_the_refusal(bystander):
    bystander.text("40/nope,")
    assert bystander.message() == '44/nope,{"message":"there is no namespace /nope"}'
    bystander.text("40")
    assert bystander.message() == '44{"message":"there is no namespace /"}'


def test_an_unknown_ack_id_and_an_empty_pong_are_let_pass(bystander):
    bystander.text("43/lab,77[]")
    bystander.text("3")

    assert bystander.call("echo", {}, number=8)["ok"]


def test_two_values_returned_are_two_values_acknowledged(bystander):
    bystander.text('42/lab,9["pair",{}]')

    assert bystander.until("43") == "43/lab,9[1,2]"


def test_a_value_that_is_not_json_is_never_sent(lab, bystander):
    bystander.text('42/lab,2["poison",{}]')

    assert '"ok":false' in bystander.until("43/lab,2")


@pytest.mark.parametrize(
    ("auth", "sentence"),
    [
        ({"mode": "raise"}, "/lab refuses the connection"),
        ({"mode": "refuse"}, "not today"),
        ({"mode": "false"}, "/lab refuses the connection"),
    ],
)
def test_a_connect_handler_that_does_not_accept_leaves_no_member(lab, auth, sentence):
    with lab.wire() as stranger, lab.wire() as member:
        member.join()
        before = lab.knows()["rooms"]["/lab"]
        stranger.upgrade()
        stranger.until("0")
        stranger.text(f"40/lab,{json.dumps(auth)}")
        assert (
            stranger.until("44")
            == f"44/lab,{json.dumps({'message': sentence}, separators=(',', ':'))}"
        )
        after = lab.knows()

        assert after["pending"] == {}
        assert {room: n for room, n in after["rooms"]["/lab"].items() if n} == before
        # What the room hears now, the stranger does not; the next it hears is its own answer.
        assert member.call("say", {"text": "among us"})["ok"]
        stranger.text('42/lab,1["say",{}]')
        assert stranger.message() == ('43/lab,1[{"ok":false,"error":"you have not joined /lab"}]')


@pytest.mark.parametrize("auth", ["[]", '"token"', "7", "true"])
def test_auth_that_is_no_object_ends_the_connection(lab, auth):
    with lab.wire() as wire:
        wire.upgrade()
        wire.until("0")
        wire.text(f"40/lab,{auth}")

        assert wire.closed() == 1002


def test_a_client_that_leaves_while_its_handler_decides_is_no_member(start):
    lab = start()
    polling = Polling(lab)
    body = b'40/lab,{"mode":"slow"}'
    with lab.wire() as wire:
        wire.send(
            f"POST {polling.path} HTTP/1.1\r\nHost: 127.0.0.1:{lab.port}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        eventually(lambda: lab.knows()["pending"])
        assert polling.post("1") == 200
        wire.answer()
    eventually(lambda: not lab.knows()["pending"])

    assert lab.knows()["left"] == ["transport close"]
    assert lab.knows()["rooms"] == {}


def test_too_many_events_are_answered_then_cut_off(start):
    lab = start(EVENTS_PER_SECOND=20, EVENTS_BURST=40)
    with lab.wire() as wire, lab.wire() as other:
        wire.join()
        other.join()
        for number in range(60):
            wire.text(f'42/lab,{number}["echo",{{}}]')
        answers = [json.loads(wire.until("43/lab,").partition("[")[2][:-1]) for _ in range(60)]
        refused = [answer for answer in answers if not answer["ok"]]
        assert len(refused) in range(10, 22)
        assert refused[0]["error"] == "too fast: at most 20 events a second"

        assert other.call("echo", {})["ok"]
        start_of_flood = time.monotonic()
        with pytest.raises((Closed, EOFError, ConnectionError)) as ended:
            while time.monotonic() < start_of_flood + 5:
                wire.text('42/lab,1["echo",{}]')
                wire.message()
        assert time.monotonic() - start_of_flood < 4
        assert getattr(ended.value, "code", 1008) == 1008


def test_a_session_that_never_connects_is_ended(hasty):
    with hasty.wire() as wire:
        wire.upgrade()
        assert wire.closed() == 1008
    Polling(hasty)
    eventually(lambda: hasty.knows()["sessions"] == 0, seconds=3)


def test_a_client_that_answers_no_ping_is_gone_after_both_times(start):
    lab = start(PING_SECONDS=1, PONG_SECONDS=1)
    with lab.wire() as silent, lab.wire() as alive:
        silent.join()
        alive.join()
        eventually(lambda: lab.knows()["sessions"] == 1 if not alive_ping(alive) else False, 4)
        assert lab.knows()["left"] == ["ping timeout"]


def alive_ping(wire):
    """Answers a ping if one is there."""
    wire.sock.settimeout(0.05)
    try:
        opcode, payload = wire.heard()
        if payload == b"2":
            wire.text("3")
    except TimeoutError:
        pass
    finally:
        wire.sock.settimeout(5)


# The upgrade from polling


def test_a_polling_session_moves_to_a_websocket_and_loses_nothing(lab):
    polling = Polling(lab).join()
    with lab.wire() as wire:
        assert wire.upgrade(query=f"&sid={polling.session}")[0] == 101
        assert polling.post('42/lab,1["echo",{"by":"post"}]') == 200
        wire.text("2probe")
        assert wire.message() == "3probe"
        assert polling.poll() == (200, "6")  # nothing is told twice while it moves
        wire.text("5")
        assert wire.message() == '43/lab,1[{"ok":true,"data":{"by":"post"}}]'
        wire.text('42/lab,2["echo",{"by":"frame"}]')
        assert wire.until("43") == '43/lab,2[{"ok":true,"data":{"by":"frame"}}]'

        assert polling.poll()[0] == 400
        wire.frame((1000).to_bytes(2, "big"), opcode=8)
        assert wire.ended()  # and no HTTP text came after the frames
        assert b"HTTP" not in wire.buffer


def test_a_poll_that_is_held_ends_with_a_noop_when_the_session_moves(lab):
    polling = Polling(lab).join()
    with lab.wire() as held, lab.wire() as wire:
        held.send(f"GET {polling.path} HTTP/1.1\r\nHost: 127.0.0.1:{lab.port}\r\n\r\n".encode())
        eventually(lambda: lab.knows()["polls"] == 1)
        assert wire.upgrade(query=f"&sid={polling.session}")[0] == 101
        wire.text("2probe")
        assert wire.message() == "3probe"
        assert held.answer()[2] == b"6"
        wire.text("5")

        assert wire.call("echo", {"by": "frame"})["data"] == {"by": "frame"}


def test_a_half_finished_upgrade_gives_the_polls_back(hasty):
    polling = Polling(hasty).join()
    with hasty.wire() as wire:
        wire.upgrade(query=f"&sid={polling.session}")
        wire.text("2probe")
        assert wire.message() == "3probe"
        assert polling.poll() == (200, "6")
        assert wire.ended()
    assert polling.post('42/lab,1["echo",{}]') == 200

    assert "43/lab,1" in polling.poll()[1]


def test_a_second_poll_at_once_ends_the_session(lab):
    polling = Polling(lab).join()
    with lab.wire() as first:
        first.send(f"GET {polling.path} HTTP/1.1\r\nHost: 127.0.0.1:{lab.port}\r\n\r\n".encode())
        assert polling.post("3") == 200  # the first poll is held by now, or this came before it
        status, _ = polling.poll()
        answered, _, body = first.answer()

    assert sorted([status, answered]) == [200, 400]


def test_a_client_that_drops_its_held_poll_is_gone_at_once(start):
    lab = start()
    polling = Polling(lab).join()
    with lab.wire() as wire:
        wire.send(f"GET {polling.path} HTTP/1.1\r\nHost: 127.0.0.1:{lab.port}\r\n\r\n".encode())
        assert polling.post("3") == 200
    eventually(lambda: lab.knows()["sessions"] == 0, seconds=2)

    assert lab.knows()["left"] == ["transport error"]


def test_a_seat_named_at_connect_has_its_limit_too(start):
    lab = start(SOCKETS_PER_SEAT=2)
    wires = [lab.wire() for _ in range(3)]
    try:
        for wire in wires[:2]:
            wire.join(auth={"seat": "seat.ada"})
        wires[2].upgrade()
        wires[2].until("0")
        wires[2].text('40/lab,{"seat":"seat.ada"}')
        assert wires[2].until("44") == '44/lab,{"message":"too many sockets for one seat"}'
        known = lab.knows()
        assert known["rooms"]["/lab"]["all"] == 2
        assert len(known["left"]) == 1  # its handler had let it in, and hears that it is out
    finally:
        for wire in wires:
            wire.sock.close()
