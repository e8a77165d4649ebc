"""JSON as every client can read it, in and out."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socketlab.protocols import strict_json

texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_json_goes_out_and_comes_back(value):
    assert strict_json.loads(strict_json.dumps(value)) == value
    assert strict_json.loads(json.dumps(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "[Infinity]",
        "-Infinity",
        "1e999",
        '{"a":-1e999}',
        "9007199254740992",
        "-9007199254740992",
        "1" * 5000,
        '"\\ud800"',
        '{"\\udc00":1}',
        '["\ud83d"]',
        "[" * 17 + "]" * 17,
        "[" * 100_000,
        '{"a":' * 17 + "1" + "}" * 17,
        "[" + "1," * 2000 + "1]",
        '{"' + "k" * 65 + '":1}',
        "",
        "{",
        "[1,]",
        "{'a':1}",
        "01",
        "\ufeff1",
    ],
)
def test_what_not_every_client_can_read_is_refused(text):
    with pytest.raises(ValueError):
        strict_json.loads(text)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {"a": b"bytes"}, {1: {2}}])
def test_what_is_not_json_is_never_written(value):
    with pytest.raises((ValueError, TypeError)):
        strict_json.dumps(value)


def test_bytes_are_taken_out_in_the_order_of_the_text():
    text, attachments = strict_json.take_apart([b"1", {"a": bytearray(b"2")}, (b"3",)])

    assert json.loads(text) == [
        {"_placeholder": True, "num": 0},
        {"a": {"_placeholder": True, "num": 1}},
        [{"_placeholder": True, "num": 2}],
    ]
    assert attachments == [b"1", b"2", b"3"]


@pytest.mark.parametrize(
    "value",
    [
        [b"", {"_placeholder": True, "num": 0}],
        [b"", {"_placeholder": "text"}],
        [b"", "\ud800"],
        [b"", float("nan")],
        [b"", {1, 2}],
        {b"key": 1},
    ],
)
def test_what_is_not_json_is_not_written_beside_bytes_either(value):
    with pytest.raises((ValueError, TypeError)):
        strict_json.take_apart(value)


def test_the_word_placeholder_is_text_like_any_other():
    strict_json.take_apart([b"", "_placeholder", {"a": "_placeholder"}, '"_placeholder":'])
    strict_json.take_apart({"_placeholder": True, "num": 0})  # without bytes there is no danger


def test_the_limits_themselves_are_let_pass():
    for text in (
        "[" * 16 + "]" * 16,
        "[" + "1," * 1997 + "1]",
        '{"' + "k" * 64 + '":9007199254740991}',
        '"' + "[" * 500 + '\\"' + "{" * 500 + '"',
        '"\\ud83d\\ude42"',
    ):
        strict_json.loads(text)


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    for noise in (text, "[" + text, '{"a":' + text):
        try:
            strict_json.loads(noise)
        except ValueError:
            pass
