"""What goes to Firefox and WebKit, and how their answers are read; without a browser."""

import json
import subprocess
import sys

import pytest

from tools import browsers

from .helpers import PATIENCE, ROOT


def test_a_value_comes_back_as_it_is_and_a_promise_as_what_it_comes_to(node):
    values = {"1 + 1": 2, "Promise.resolve({ x: 1.5 })": {"x": 1.5}, "undefined": None}
    texts = ", ".join(browsers.as_text(expression) for expression in values)
    command = [node, "-e", f"Promise.all([{texts}]).then((all) => console.log(`[${{all}}]`))"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)

    assert json.loads(done.stdout) == list(values.values())


def test_a_press_is_a_mouse_that_goes_there_down_and_up():
    [mouse] = browsers.pressing(10.4, 20.6)

    assert [step["type"] for step in mouse["actions"]] == [
        "pointerMove",
        "pointerDown",
        "pointerUp",
    ]
    assert (mouse["actions"][0]["x"], mouse["actions"][0]["y"]) == (10, 21)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"level": "error", "type": "javascript", "text": "x is null"}, "script error: x is null"),
        ({"level": "error", "type": "console", "text": "no"}, "console: no"),
        ({"level": "warn", "type": "console", "text": "well"}, None),
    ],
)
def test_only_an_error_is_a_complaint(entry, sentence):
    assert browsers.complaint(entry) == sentence


def test_firefox_says_where_it_listens():
    line = "WebDriver BiDi listening on ws://127.0.0.1:42179\n"

    assert browsers.LISTENING.search(line)[1] == "ws://127.0.0.1:42179"
    assert not browsers.LISTENING.search("*** You are running in headless mode.\n")


def test_a_missing_browser_is_one_sentence_and_status_2(tmp_path):
    command = [sys.executable, str(ROOT / "tools" / "engines.py"), "webkit"]
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": str(tmp_path)})
    words = "There is no WebKitWebDriver on this machine: Debian has it as webkit2gtk-driver.\n"

    assert (done.returncode, done.stdout, done.stderr) == (2, "", words)
