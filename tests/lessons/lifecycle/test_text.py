"""Lesson "lifecycle": the reasons and names that its page prints are those of the libraries."""

import re

import pytest
from engineio import Server

from socketlab.lessons.lifecycle.words import RESERVED
from socketlab.site.settings import DEFAULTS

from ...helpers import ROOT

PANEL = (ROOT / "templates/lessons/lifecycle.html").read_text("utf-8")
NOTE = (ROOT / "notes/04-lifecycle.md").read_text("utf-8")
ROWS = re.findall(r'^  \("(\w+)", "[^"]+", "[^"]*", "([^"]*)", "([^"]*)"\),$', PANEL, re.MULTILINE)
MANAGER = re.findall(r'^  \("([a-z_]+)", "[^"]+"\),$', PANEL, re.MULTILINE)


@pytest.fixture(scope="module")
def official(client_file):
    """The official client, minified: its names of properties are gone, its strings are not."""
    return client_file.read_text("utf-8")


def test_the_table_has_every_reason_that_the_official_client_can_give(official):
    # What its Socket, Manager and engine pass to the function that ends them (F in the engine).
    given = set(re.findall(r'\.(?:onclose|F)\("([a-z ]+)"', official))

    assert given == {script for _, script, _ in ROWS} - {""}
    assert len(given) == 7


def test_the_table_has_every_reason_that_the_python_server_can_give():
    constants = {value for name, value in vars(Server.reason).items() if name.isupper()}

    assert constants == {python for _, _, python in ROWS} - {""}


def test_every_reason_has_a_button_except_the_one_that_this_server_never_causes():
    acts = (ROOT / "static/lessons/lifecycle/more.js").read_text("utf-8")
    buttons = set(re.findall(r"^  (\w+): \{ how:", acts, re.MULTILINE))

    assert {way for way, _, _ in ROWS} - buttons == {"parse"}
    assert buttons <= {way for way, _, _ in ROWS}


def test_the_reserved_names_are_those_for_which_the_official_client_throws(official):
    (frozen,) = re.findall(r"Object\.freeze\(\{(connect:1[^}]+)\}\)", official)

    assert {pair.split(":")[0] for pair in frozen.split(",")} == RESERVED


def test_the_cards_are_the_names_of_the_notes_and_all_that_throw():
    (cards,) = re.findall(r"set names = \[([^\]]+)\]", PANEL)
    shown = set(re.findall(r'"(\w+)"', cards))
    listed = {"connect", "message", "disconnect", "reconnect", "ping", "join", "leave"}
    listed |= {"connect_error", "connect_timeout"}  # eleven in two lists, two of them in both

    assert shown == listed | RESERVED
    assert len(listed) == 9 and len(listed & RESERVED) == 3 and len(shown) == 12


def test_the_managers_events_are_those_of_the_official_client(official):
    emitted = set(re.findall(r'emitReserved\("([a-z_]+)"', official))

    assert set(MANAGER) <= emitted
    assert {name for name in emitted if name.startswith("reconnect")} <= set(MANAGER)


def test_the_range_of_the_answer_follows_from_the_heartbeat():
    ping, pong = DEFAULTS["PING_SECONDS"], DEFAULTS["PONG_SECONDS"]

    assert f"{pong} to {ping + pong} s" in NOTE and f"{pong} to {ping + pong} s" in PANEL
    assert PANEL.count(f"for {ping + pong + 2} s") == 2  # the hole and the freeze of the table
    assert f"pings {ping} s after the last pong, and waits {pong} s" in NOTE
