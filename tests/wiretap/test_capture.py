"""Capture files: written, read back, printed."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socketlab.wiretap import __main__ as command
from socketlab.wiretap.capture import KINDS, CaptureError, Entry, load, save
from socketlab.wiretap.decode import rows

SESSION = Path(__file__).with_name("session.jsonl")


def test_the_captured_session_says_what_happened():
    """python-socketio 5.18.1 against Flask-SocketIO 5.7.0, every read as it came."""
    with SESSION.open(encoding="utf-8") as file:
        found = list(rows(load(file)))

    assert not any("error" in row for row in found)
    assert [row["transport"] for row in found[:4]] == ["polling", "polling", "http", "http"]
    assert {row["transport"] for row in found[4:]} == {"websocket"}
    assert [row["summary"].partition(":")[0] for row in found[1:]] == [
        "200 OK, 118 bytes of body in 1 chunk",
        "GET /socket.io/?transport=websocket&EIO=4&sid=r72J03-Vc2C4NnNJAAAA&t=1795168769.1870644",
        "101 Switching Protocols",
        "ping probe",
        "pong probe",
        "upgrade",
        "noop",
        "CONNECT /rooms {}",
        'CONNECT /rooms {"sid"',
        "EVENT /rooms, ack id 1",
        "ACK /rooms, ack id 1",
        "BINARY_EVENT /rooms, ack id 2, 1 attachment",
        "attachment 1 of 1, 4 bytes, of BINARY_EVENT /rooms",
        "ACK /rooms, ack id 2",
        "close, final, masked, 2 bytes, 1000 (normal closure)",
        "close, final, unmasked, 2 bytes, 1000 (normal closure)",
    ]


def test_every_byte_of_the_session_is_in_a_row():
    with SESSION.open(encoding="utf-8") as file:
        entries = list(load(file))

    crossed = {(e.connection, e.up): b"" for e in entries}
    for entry in entries:
        crossed[entry.connection, entry.up] += entry.data
    shown = dict.fromkeys(crossed, b"")
    for row in rows(entries):
        shown[row["connection"], row["up"]] += bytes.fromhex(row["hex"])
    assert shown == crossed


ENTRIES = st.builds(
    Entry,
    n=st.integers(0, 10**9),
    at=st.floats(0, 1e9) | st.integers(0, 10**9),
    connection=st.integers(0, 10**6),
    up=st.booleans(),
    kind=st.sampled_from(KINDS),
    data=st.binary(max_size=40),
    offset=st.integers(0, 2**40),
    blanked=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=3),
    truncated=st.integers(0, 10**6),
    inflated=st.none() | st.binary(max_size=20),
)


@given(st.lists(ENTRIES, max_size=5))
def test_what_is_saved_is_loaded(entries):
    file = io.StringIO()

    assert save(entries, file) == len(entries)
    assert list(load(io.StringIO(file.getvalue()))) == entries


def test_a_record_of_the_tap_can_be_saved():
    class Record:
        n, at, connection, up, kind, data = 1, 2.5, 3, False, "frame", bytearray(b"\x81\x00")
        offset, blanked, truncated, inflated = 0, ((0, 1),), 0, None

    file = io.StringIO()
    save([Record], file)

    assert list(load(io.StringIO(file.getvalue()))) == [
        Entry(1, 2.5, 3, False, "frame", b"\x81\x00", 0, [(0, 1)])
    ]


HEAD = '{"capture": "socketlab", "version": 1}\n'
LINE = {"n": 1, "at": 1, "connection": 1, "up": True, "kind": "http", "offset": 0, "hex": "00"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("x", "line 1 is no JSON"),
        ("[]", "line 1 is not"),
        ('{"capture": "other"}', "line 1 is not"),
        ('{"capture": "socketlab", "version": 2}', "version 2"),
        (HEAD + "x", "line 2 is no JSON"),
        (HEAD + "[" * 100_000, "line 2 is no JSON"),
        (HEAD + "[]", "line 2 is no object"),
        *(
            (HEAD + json.dumps({**LINE, name: bad}), f"line 2: {name} is")
            for name, bad in [
                ("n", -1),
                ("n", True),
                ("n", "1"),
                ("at", None),
                ("at", float("nan")),
                ("at", float("inf")),
                ("connection", 1.5),
                ("up", 1),
                ("kind", "telegram"),
                ("offset", -1),
                ("hex", "0"),
                ("hex", "zz"),
                ("hex", 5),
                ("blanked", [[1]]),
                ("blanked", [[1, -1]]),
                ("truncated", -1),
                ("inflated_hex", "x"),
            ]
        ),
        *(
            (HEAD + json.dumps({k: v for k, v in LINE.items() if k != name}), f"line 2: {name} is")
            for name in LINE
        ),
    ],
)
def test_a_file_that_is_no_capture(text, words):
    with pytest.raises(CaptureError) as raised:
        list(load(io.StringIO(text)))

    assert words in str(raised.value)


def test_the_command_prints_one_line_for_each_thing_that_crossed(capsys):
    status = command.main([str(SESSION)])

    lines = capsys.readouterr().out.splitlines()
    assert status == 0
    assert len(lines) == 17
    assert lines[10] == (
        '   13     350.6 ms  2 →      39 bytes  EVENT /rooms, ack id 1: join {"room":"lab"}'
    )


def test_the_command_opens_the_layers(capsys):
    assert command.main([str(SESSION), "--layers"]) == 0

    out = capsys.readouterr().out
    assert "      websocket: text, final, masked, 33 bytes\n" in out
    assert "               0+1  FIN = 1\n" in out


def test_the_command_prints_rows_as_json(capsys):
    assert command.main([str(SESSION), "--json"]) == 0

    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert found[4]["layers"][2]["type"] == "ping"


def test_the_command_reads_standard_input(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(HEAD + json.dumps({**LINE, "hex": "0000"})))

    assert command.main(["-"]) == 0
    assert "[http, byte 0: no request begins with the byte 00 (RFC 9112, section 3)]" in (
        capsys.readouterr().out
    )


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{}"])
def test_the_command_says_in_one_sentence_what_is_wrong(content, tmp_path, capsys):
    path = tmp_path / "file"
    path.write_bytes(content)

    assert command.main([str(path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_command_on_a_file_that_is_not_there(tmp_path, capsys):
    assert command.main([str(tmp_path / "none")]) == 2
    assert "cannot be read: No such file" in capsys.readouterr().err
