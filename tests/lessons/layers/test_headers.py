"""Sizes of the envelopes, by the encoders."""

import pytest

from socketlab.classroom.refused import Refused
from socketlab.lessons.layers.headers import masked_head, text_of, wrapped

HERE = ("127.0.0.1:8000", "a" * 20)


def test_the_sizes_that_the_page_has_before_its_script_runs_are_those_of_hello(root):
    page = (root / "templates/lessons/layers.html").read_text("utf-8")
    about = wrapped("hello", *HERE)
    first, length = (about["head"][at : at + 2] for at in (0, 2))

    for name in ("event", "socketio", "engineio", "frame"):
        assert f'data-size="{name}">{about["sizes"][name]}<' in page
    assert f"data-first>{first}<" in page and f"data-length>{length}<" in page


@pytest.mark.parametrize(
    ("length", "payload", "head"),
    [  # the stops of the slider at which the length field grows
        (95, 125, "81fd"),
        (96, 126, "81fe007e"),
        (65_505, 65_535, "81feffff"),
        (65_506, 65_536, "81ff0000000000010000"),
    ],
)
def test_the_length_field_grows_behind_125_and_behind_65535(root, length, payload, head):
    about = wrapped("x" * length, *HERE)
    stops = (root / "static/lessons/layers/envelope.js").read_text("utf-8")

    assert about["sizes"]["engineio"] == payload
    assert about["head"] == head == masked_head(b"x" * payload).hex()
    assert about["sizes"]["frame"] == payload + len(head) // 2 + 4
    assert f" {length} " in stops


def test_a_length_repeats_the_text():
    assert text_of({"text": "abc", "length": 7}) == "abcabca"
    assert text_of({"text": "abc"}) == "abc"
    assert text_of({"text": "", "length": 0}) == text_of({"text": "abc", "length": 0}) == ""
    assert len(text_of({"text": "ü", "length": 70_000})) == 70_000


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"text": 7},
        {"text": ["x"]},
        {"text": "x" * 70_001},
        {"text": "x", "length": -1},
        {"text": "x", "length": 70_001},
        {"text": "x", "length": 1.5},
        {"text": "x", "length": True},
        {"text": "", "length": 5},
    ],
)
def test_what_cannot_be_wrapped_gets_a_sentence(data):
    with pytest.raises(Refused, match="text|length"):
        text_of(data)
