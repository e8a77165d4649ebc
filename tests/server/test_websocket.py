"""The WebSocket driver, byte by byte. Source: RFC 6455; RFC 7692."""

import json
import socket
import time
import zlib
from unittest.mock import MagicMock

import gevent.socket
import pytest

from socketlab.server.connection import Connection
from socketlab.server.driver import Driver
from socketlab.server.handler import go_on

from .conftest import eventually
from .raw import HANDSHAKE, KEY, frame

LIMIT = 32 * 1024


@pytest.fixture
def wire(lab):
    with lab.wire() as wire:
        yield wire


def test_the_handshake_proves_that_the_key_was_read(wire):
    status, headers = wire.upgrade()

    assert status == 101
    assert headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # section 1.3
    assert headers["upgrade"] == "websocket"
    assert "sec-websocket-extensions" not in headers


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (("Version: 13", "Version: 8"), 426),
        (("Version: 13", "Version: 13, 8"), 426),
        ((KEY, "short"), 400),
        ((KEY, "!" * 24), 400),
        (("Upgrade: websocket\r\n", ""), 400),
        (("Connection: Upgrade", "Connection: close"), 400),
        (("HTTP/1.1", "HTTP/1.0"), 400),
    ],
)
def test_a_wrong_handshake_is_answered_in_http(wire, lab, change, status):
    text = HANDSHAKE.format(port=lab.port, query="", extra="", key=KEY).replace(*change)
    wire.send(text.encode())
    answered, headers, body = wire.answer()

    assert answered == status
    assert body.endswith(b".\n")
    if status == 426:
        assert headers["sec-websocket-version"] == "13"


def test_websocket_may_stand_in_a_list_of_upgrades(wire, lab):
    text = HANDSHAKE.format(port=lab.port, query="", extra="", key=KEY)
    wire.send(text.replace("Upgrade: websocket", "Upgrade: h2c, WebSocket").encode())

    assert wire.answer()[0] == 101


@pytest.mark.parametrize(("size", "form"), [(10, 7), (200, 16), (30_000, 16)])
def test_every_length_form_is_read(wire, size, form):
    wire.join()
    text = "x" * size
    wire.frame(f'42/lab,1["echo",{{"t":"{text}"}}]'.encode(), form=None)

    assert json.loads(wire.until("43/lab,1")[8:])[0]["data"] == {"t": text}


def test_the_64_bit_length_form_is_read_where_it_is_needed(start):
    big = start(MESSAGE_BYTES=200_000)
    with big.wire() as wire:
        wire.join()
        text = "y" * 70_000

        assert wire.call("echo", {"t": text})["data"] == {"t": text}


@pytest.mark.parametrize("form", [16, 64])
def test_a_length_that_takes_more_bytes_than_needed_ends_with_1002(wire, form):
    wire.join()
    wire.frame(b"3", form=form)

    assert wire.closed() == 1002


def test_fragments_become_one_message_with_a_ping_in_between(wire):
    wire.join()
    text = b'42/lab,7["echo",{"a":"b"}]'
    wire.frame(text[:3], opcode=1, final=False)
    wire.frame(b"are you there", opcode=9)
    wire.frame(text[3:9], opcode=0, final=False)
    wire.frame(text[9:], opcode=0)

    assert wire.heard() == (10, b"are you there")
    assert wire.message() == '43/lab,7[{"ok":true,"data":{"a":"b"}}]'


def test_two_frames_in_one_read_and_one_frame_in_many(wire):
    wire.join()
    one = frame(b'42/lab,1["echo",{}]')
    wire.send(one + frame(b'42/lab,2["echo",{}]'))
    assert wire.message().startswith("43/lab,1")
    assert wire.message().startswith("43/lab,2")

    for byte in one:
        wire.send(bytes([byte]))
    assert wire.message().startswith("43/lab,1")


def test_a_frame_that_came_with_the_handshake_is_not_lost(wire, lab):
    text = HANDSHAKE.format(port=lab.port, query="", extra="", key=KEY)
    wire.send(text.encode() + frame(b"40/lab,"))
    assert wire.answer()[0] == 101

    assert wire.message().startswith("0")
    assert wire.message().startswith("40/lab,")


BROKEN = {
    "unmasked": (frame(b"3", mask=False), 1002),
    "reserved bit": (frame(b"3", rsv=2), 1002),
    "RSV1 without the extension": (frame(b"3", rsv=4), 1002),
    "reserved opcode": (frame(b"", opcode=3), 1002),
    "reserved control opcode": (frame(b"", opcode=11), 1002),
    "fragmented ping": (frame(b"", opcode=9, final=False), 1002),
    "long ping": (frame(b"x" * 126, opcode=9), 1002),
    "nothing to continue": (frame(b"x", opcode=0), 1002),
    "a message within a message": (frame(b"4", final=False) + frame(b"3"), 1002),
    "not UTF-8": (frame(b"4\xff\xfe"), 1007),
    "a close code of one byte": (frame(b"\x03", opcode=8), 1002),
    "a close code nobody may send": (frame(b"\x03\xee", opcode=8), 1002),
    "a close reason that is not UTF-8": (frame(b"\x03\xe8\xff", opcode=8), 1007),
    "a binary message": (frame(b"4", opcode=2), 1002),
    "one byte too long": (frame(b"4" * (LIMIT + 1)), 1009),
    "too long in pieces": (
        frame(b"4" * 30_000, final=False) + frame(b"4" * 3_000, opcode=0),
        1009,
    ),
    "65 fragments": (
        frame(b"4", final=False) + frame(b"x", opcode=0, final=False) * 64,
        1009,
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_the_protocol_ends_the_connection_with_the_right_code(wire, name):
    data, code = BROKEN[name]
    wire.join()
    wire.send(data)

    assert wire.closed() == code


@pytest.mark.parametrize("announced", [50_000_000, (1 << 63) - 1, LIMIT + 1])
def test_a_message_too_long_is_refused_from_its_head_alone(wire, announced):
    wire.join()
    wire.send(b"\x81\xff" + announced.to_bytes(8, "big"))

    assert wire.closed() in (1009, 1002 if announced < 65536 else 1009)


def test_a_close_is_answered_with_the_same_code(wire):
    wire.join()
    wire.frame((4001).to_bytes(2, "big") + b"bye", opcode=8)

    assert wire.closed() == 4001


def test_a_client_that_hangs_up_is_gone_at_once(lab):
    before = lab.knows()
    wire = lab.wire()
    wire.join()
    assert lab.knows()["sessions"] == before["sessions"] + 1

    wire.sock.close()

    eventually(lambda: lab.knows()["sessions"] == before["sessions"], seconds=2)


def test_nagle_is_off():
    listener = socket.create_server(("127.0.0.1", 0))
    theirs = socket.create_connection(listener.getsockname())
    ours = listener.accept()[0]
    Connection(ours, None)
    with listener, theirs, ours:
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_two_small_packets_in_a_row_do_not_wait_for_each_other(wire):
    """Nagle with delayed acks costs 40 ms here; twenty rounds of it would show."""
    wire.join()
    start = time.monotonic()
    for number in range(20):
        wire.text(f'42/lab,{number}["say",{{"text":"a"}}]')
        wire.until("42/lab,")
        wire.until(f"43/lab,{number}")

    assert time.monotonic() - start < 0.5


# Compression

OFFER = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"


def test_compression_is_declined_unless_the_address_asks_for_it(wire):
    _, headers = wire.upgrade(extra=OFFER)

    assert "sec-websocket-extensions" not in headers


def test_an_offer_with_demands_on_us_is_declined(wire):
    demanding = "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10\r\n"
    _, headers = wire.upgrade(query="&deflate=1", extra=demanding)

    assert "sec-websocket-extensions" not in headers


def test_with_compression_the_second_copy_of_an_event_is_a_few_bytes(wire):
    status, headers = wire.upgrade(query="&deflate=1", extra=OFFER)
    assert headers["sec-websocket-extensions"] == "permessage-deflate"

    inflater, deflater = zlib.decompressobj(-15), zlib.compressobj(wbits=-15)

    def hear():
        opcode, payload = wire.heard()
        assert wire.compressed
        return inflater.decompress(payload + b"\0\0\xff\xff").decode(), len(payload)

    def say(text):
        data = deflater.compress(text.encode()) + deflater.flush(zlib.Z_SYNC_FLUSH)
        wire.frame(data[:-4], rsv=4)

    assert hear()[0].startswith("0")
    say("40/lab,")
    assert hear()[0].startswith("40/lab,")
    sizes = []
    for _ in range(2):
        say('42/lab,["say",{"text":"the same long text again"}]')
        text, size = hear()
        assert text == '42/lab,["said",{"text":"the same long text again"}]'
        sizes.append(size)

    assert sizes[1] <= 8 < sizes[0]


def test_a_bomb_is_stopped_while_it_inflates(lab, wire):
    wire.upgrade(query="&deflate=1", extra=OFFER)
    deflater = zlib.compressobj(wbits=-15)
    bomb = deflater.compress(b"4" * 20_000_000) + deflater.flush(zlib.Z_SYNC_FLUSH)
    assert len(bomb) < LIMIT
    wire.heard()
    wire.frame(bomb[:-4], rsv=4)

    opcode, payload = wire.heard()
    assert (opcode, int.from_bytes(payload[:2], "big")) == (8, 1009)


def test_data_that_was_never_deflated_ends_with_1007(wire):
    wire.upgrade(query="&deflate=1", extra=OFFER)
    wire.heard()
    wire.frame(b"\xff\xff\xff\xff", rsv=4)

    opcode, payload = wire.heard()
    assert (opcode, int.from_bytes(payload[:2], "big")) == (8, 1007)


# Slow readers


def test_the_compressors_are_given_back_before_the_peer_hangs_up():
    opened, left, connection = [], [], MagicMock()
    driver = Driver(lambda driver: opened.append(driver.deflate), MagicMock(message_bytes=LIMIT))
    connection.linger.side_effect = lambda: left.append(driver.deflate)
    environ = {
        "socketlab.connection": connection,
        "socketlab.exchange": MagicMock(),
        "QUERY_STRING": "deflate=1",
        "HTTP_SEC_WEBSOCKET_KEY": KEY,
        "HTTP_SEC_WEBSOCKET_EXTENSIONS": "permessage-deflate",
    }
    driver.serve(environ)

    assert opened != [None] and left == [None]


@pytest.mark.parametrize("error", [None, ConnectionResetError(104, "reset"), RuntimeError("boom")])
def test_however_a_websocket_ends_its_connection_is_left(error, caplog):
    server, connection = MagicMock(), MagicMock(address="127.0.0.1")
    successor = MagicMock(side_effect=error)
    go_on(server, connection, successor, {"QUERY_STRING": ""})

    successor.assert_called_once_with({"QUERY_STRING": ""})
    connection.sock.close.assert_called_once_with()
    server.table.remove.assert_called_once_with(connection)
    server.tap.close.assert_called_once_with(connection.tapped)
    assert server.refusals.note.called == isinstance(error, OSError)
    assert ("a WebSocket failed" in caplog.text) == isinstance(error, RuntimeError)


def test_a_connection_that_moved_is_not_closed_by_whoever_had_its_socket():
    with gevent.socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with gevent.socket.create_connection(listener.getsockname()) as theirs:
            old, _ = listener.accept()
            connection = Connection(old, MagicMock())
            connection.move()
            old.close()
            gevent.sleep(0)
            connection.sock.sendall(b"still here")

            assert theirs.recv(16) == b"still here"
            connection.sock.close()
    gevent.sleep(1e-6)  # gevent closes when the loop has looked once more


def test_a_slow_reader_gets_every_byte_whole_and_in_order(start):
    lab = start(OUTPUT_PACKETS=2000, OUTPUT_BYTES=8 << 20)
    with lab.wire(receive_buffer=4096) as wire:
        wire.join()
        wire.text('42/lab,1["flood",{"count":900,"size":3000}]')
        numbers = []
        while (message := wire.message()) and not message.startswith("43"):
            packet = json.loads(message.removeprefix("42/lab,"))
            assert packet[1]["text"] == "x" * 3000
            numbers.append(packet[1]["number"])

    assert numbers == list(range(900))


def test_a_reader_too_far_behind_is_dropped_and_nobody_else_notices(start):
    lab = start()
    with lab.wire(receive_buffer=4096) as slow, lab.wire() as fast, lab.wire() as asker:
        slow.join()
        fast.join()
        asker.join()
        count = 0
        while not lab.knows()["behind"]:
            asker.text(f'42/lab,{count}["say",{{"text":"{"x" * 30_000}"}}]')
            assert asker.until("42/lab,").endswith('"}]')
            assert asker.until("43/lab,") == f'43/lab,{count}[{{"ok":true}}]'
            assert fast.until("42/lab,").endswith('"}]')
            count += 1
            assert count < 200

        eventually(lambda: lab.knows()["sessions"] == 2)
        assert asker.call("say", {"text": "last"}) == {"ok": True}
        assert fast.until("42/lab,") == '42/lab,["said",{"text":"last"}]'
        assert slow.ended()


def test_a_reader_that_stalls_is_dropped_in_time(start):
    lab = start(STALL_SECONDS=1, OUTPUT_PACKETS=5000, OUTPUT_BYTES=50 << 20)
    with lab.wire(receive_buffer=4096) as slow:
        slow.join()
        slow.text('42/lab,1["flood",{"count":500,"size":3000}]')

        eventually(lambda: lab.knows()["sessions"] == 0, seconds=4)
