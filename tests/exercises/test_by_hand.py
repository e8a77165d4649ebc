"""Packets that are typed by hand pass as well: as the page of an exercise tells them."""

import json

import pytest

from tests.server.raw import Wire

from ..helpers import ROOT


@pytest.fixture
def wire(live):
    with Wire(live.port) as wire:
        yield wire


def told():
    """The packets that the page says to type: ``(from the judge, to it)`` by turns."""
    text = (ROOT / "notes/exercises/bidirectional/exercise.md").read_text("utf-8")
    return [(line[0], line[2:]) for line in text.splitlines() if line[:2] in ("→ ", "← ")]


def test_the_packets_of_the_page_pass_as_they_stand_there(wire, visit):
    ada = visit()
    assert wire.upgrade()[0] == 101
    asked = None
    for direction, packet in told():
        if direction == "←":
            begin = packet.partition("…")[0].rstrip('"')
            heard = wire.until(begin.partition("{")[0])
            asked = asked or (heard if "whoami" in heard else None)
            continue
        nonce = json.loads(asked[asked.index("[") :])[1]["nonce"] if asked else "…"
        wire.text(packet.replace("TOKEN", ada.token).replace("…", nonce))
    assert asked.startswith('42/exercise,1["whoami",')
    verdict = json.loads(wire.until('42/exercise,["judged"').partition(",")[2])
    assert verdict == ["judged", {"passed": 3, "of": 3, "done": True, "attempt": 1}]
