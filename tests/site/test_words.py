"""The field's own term first: what stood in its place has not come back, in text or in code.

Learners meet a word here and look it up elsewhere, so a word of our own costs them the search.
"""

import ast
import re

import pytest

from ..helpers import ROOT

TAGS = re.compile(r"(?s)<[^>]+>|\{[%#{].*?[%#}]\}")
TEXTS = {  # learners' text by file; of a template what is no tag and no instruction
    path.relative_to(ROOT).as_posix(): TAGS.sub(" ", path.read_text("utf-8"))
    if path.suffix == ".html"
    else path.read_text("utf-8")
    for pattern in ("notes/**/*.md", "notes/*.toml", "templates/**/*.html")
    for path in sorted(ROOT.glob(pattern))
}
SCRIPTS = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for path in sorted(ROOT.glob("static/**/*.js"))
}
INSTEAD = {  # what is not said: what is
    r"\bknock(s|ed|ing)?\b": "connect",
    r"\bstrands?\b": "namespace",
    r"(cut|cuts) (my|your) wire|your wire is cut|why the wire went": "connection, reason",
    r"the server's tap\b": "server-side capture",
    r"\brungs?\b|\bladder\b": "step, sequence diagram",
    r"dial by hand|what you dialled": "raw request",
    r"wants answer": "acknowledgement, ack id",
    r"fixed text|languages inside|accept value": "GUID, subprotocol, Sec-WebSocket-Accept",
    r"(?<!-)\bcapsules?\b(?!=)": "replay",
    r"the house is full": "the server is full",
    r"slept through|who speaks first|who hears it\?": "the titles of the lessons",
    r"what does it buy us|the end of its privilege|the question is what becomes": "plain sentences",
    r"two traps lie|a sentence here, not a seat|is not even compared": "plain sentences",
    r"a gap that says so|no handler has its name|seconds long the server": "plain sentences",
    r"but not I\b|leaves it away|is no HTTP any more|lets it fall|nobody minds": "plain sentences",
    r"in a room the way one is in a house|socket\.io as it comes": "plain sentences",
}
NAMES = {  # of our own that the code had: what they are called
    "House": "EngineContext",
    "Door": "AdmissionMiddleware, CodeCheck",
    "Guard": "PacketDispatcher",
    "Postman": "FlushScheduler",
    "Outbox": "SendQueue",
    "Delay": "TimerQueue",
    "Pace": "RateLimiter",
    "Blanker": "Redactor",
    "Line": "TappedConnection",
    "peel": "decode",
    "Hall": "TrackedRooms",
    "HALL": "EVERYONE",
    "inside": "room_key",
    "outside": "room_name",
    "Wires": "ConnectionCutter",
    "strands": "namespaces",
    "settle": "finish, place, scroll_to",
}
COUNTS = {  # how often a lesson says a term at least; of the five lessons together
    "broadcast": 3,
    "acknowledg": 5,
    "payload": 4,
    "middleware": 1,
    "offset": 4,
    "message queue": 1,
}


@pytest.mark.parametrize("words", INSTEAD)
def test_learners_read_the_fields_term(words):
    said = re.compile(words, re.IGNORECASE)
    found = [name for name, text in (TEXTS | SCRIPTS).items() if said.search(text)]

    assert found == [], f"say {INSTEAD[words]}"


def test_the_terms_to_be_learnt_are_said():
    lessons = "".join(TEXTS[name] for name in TEXTS if re.match(r"notes/\d\d-", name)).lower()

    assert {term: lessons.count(term) >= least for term, least in COUNTS.items()} == dict.fromkeys(
        COUNTS, True
    )
    first = TEXTS["notes/01-bidirectional.md"]
    assert "WebSocket" in first and "emit" in first and "*acknowledgement*" in first


def test_code_calls_things_by_their_names():
    found = {}
    for path in [ROOT / "app.py", *sorted(ROOT.glob("socketlab/**/*.py"))]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and (
                node.name in NAMES or node.name.startswith("need_")
            ):
                found[node.name] = path.relative_to(ROOT).as_posix()

    assert found == {}
