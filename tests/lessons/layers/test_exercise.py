"""The judge of lesson 3's exercise, without a socket: programs decode, well and badly."""

import pytest

from socketlab.exercises.judge import Judged
from socketlab.lessons.layers.exercise import Exercise, cut, masked_frame
from socketlab.protocols.websocket import unmask

from ...exercises.stage import Stage

FRAMES = ["masked", "extended", "ping"]


class Acknowledging(Stage):
    """A stage whose program can acknowledge a chunk."""

    def acknowledge(self, seq):
        self.judge.was_read(seq, None)
        self._do()


def told(stage, change=lambda frame: {}):
    """The frames as a program tells them that has decoded them."""
    for frame in stage.judge.frames:
        about = {"opcode": frame.opcode, "masked": frame.masked, "payload": frame.payload}
        stage.send("decoded", about | change(frame))


def play(change=lambda frame: {}, more=0):
    def program(stage, event, data):
        if event != "chunk":
            return
        if data["seq"] == len(stage.judge.chunks):
            for _ in range(1 + more):
                told(stage, change)
        stage.acknowledge(data["seq"])

    stage = Acknowledging(Exercise, program)
    stage.play()
    return stage


def failed(stage):
    return {check: saw for check, (passed, saw) in stage.verdicts.items() if not passed}


def test_who_decodes_all_three_passes():
    stage = play()

    assert stage.judged == Judged(5, 5, True), failed(stage)
    assert stage.heard[0] == ("asked", {"frames": 3, "chunks": 5})
    assert [data["seq"] for event, data in stage.heard if event == "chunk"] == [1, 2, 3, 4, 5]
    assert [answer["frame"] for answer in stage.answers] == [1, 2, 3]


def test_the_chunks_are_the_stream_of_the_frames_and_no_chunk_is_a_frame():
    stage = play()
    frames = [frame.data for frame in stage.judge.frames]
    chunks = [bytes.fromhex(data["hex"]) for event, data in stage.heard if event == "chunk"]

    assert b"".join(chunks) == b"".join(frames)
    assert len(chunks[0]) == 1 and not set(chunks) & set(frames)


def test_the_frames_are_what_they_are_called():
    by_check = {frame.check: frame for frame in play().judge.frames}
    masked, extended, ping = (by_check[name] for name in FRAMES)
    mask = masked.data[2:6]

    assert unmask(masked.data[6:], mask).decode() == masked.payload
    assert extended.data[:2].hex() == "817e"
    assert int.from_bytes(extended.data[2:4], "big") == len(extended.payload) >= 126
    assert ping.data[:2].hex() == f"89{len(ping.payload):02x}"


def test_the_order_and_the_words_are_those_of_one_attempt():
    words = iter(f"word {n}" for n in range(1000))
    orders = {
        tuple(frame.check for frame in Exercise(lambda: next(words), float).frames)
        for _ in range(50)
    }

    assert len(orders) == 6


def test_a_program_that_acknowledges_nothing_gets_its_chunks_ten_seconds_apart():
    times = []
    stage = Stage(Exercise, lambda stage, event, _: event == "chunk" and times.append(stage.time))
    stage.play()

    assert times == [0.0, 10.0, 20.0, 30.0, 40.0]
    assert set(failed(stage)) == {"read", "borders", *FRAMES}
    assert stage.verdicts["read"][1] == "no acknowledgement of chunk 1"
    assert stage.verdicts["borders"][1] == "0 of 3 frames, and the time was up"


def test_a_late_or_second_acknowledgement_sends_no_chunk_twice():
    def program(stage, event, data):
        if event == "chunk":
            for _ in range(2):
                stage.acknowledge(data["seq"])
            stage.later(15.0, lambda: stage.acknowledge(data["seq"]))

    stage = Acknowledging(Exercise, program)
    stage.play()

    assert [data["seq"] for event, data in stage.heard if event == "chunk"] == [1, 2, 3, 4, 5]
    assert stage.verdicts["read"] == (True, "5 chunks acknowledged")


@pytest.mark.parametrize(
    ("name", "change", "saw"),
    [
        ("ping", lambda frame: {"opcode": 1}, "opcode 1, and it is 9"),
        ("masked", lambda frame: {"masked": False}, "masked false, and it is true"),
        ("masked", lambda frame: {"payload": "?" * len(frame.payload)}, "the payload"),
        ("extended", lambda frame: {"payload": frame.payload[:126]}, "126 characters, and it has"),
    ],
)
def test_what_is_wrong_in_a_frame_is_named(name, change, saw):
    stage = play(lambda frame: change(frame) if frame.check == name else {})
    wrong = failed(stage)

    assert set(wrong) == {name} | ({"borders"} if name == "extended" else set())
    assert saw in wrong[name]


def test_a_frame_too_many_fails_the_borders():
    stage = play(more=1)

    assert set(failed(stage)) == {"borders"}
    assert "a frame more" in stage.verdicts["borders"][1]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"opcode": 129, "masked": True, "payload": "x"},
        {"opcode": True, "masked": True, "payload": "x"},
        {"opcode": 1, "masked": 1, "payload": "x"},
        {"opcode": 1, "masked": True, "payload": 7},
        {"opcode": 1, "masked": True, "payload": "x" * 1001},
    ],
)
def test_what_is_no_frame_gets_a_sentence_and_counts_for_nothing(data):
    stage = Stage(Exercise, lambda *_: None)

    assert "must be" in stage.send("decoded", data)
    assert stage.judge.decoded == 0


def test_every_cut_lies_within_a_frame():
    frames = [masked_frame(b"x" * size, b"\1\2\3\4") for size in (5, 200, 9)]
    ends = {len(frames[0]), len(frames[0]) + len(frames[1])}
    at = 0
    for chunk in cut(frames)[:-1]:
        at += len(chunk)
        assert at not in ends
