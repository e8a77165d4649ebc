"""The glossary has every term, quotes nobody wrongly, and its links show what they promise."""

import re
from html import unescape
from urllib.parse import unquote

import pytest
import requests

from socketlab.site import glossary, notes

from ..helpers import PATIENCE, ROOT

NOTES = notes.read_all(ROOT / "notes")
COURSE = notes.read_course(ROOT / "notes" / "coming.toml", NOTES)
FILE = ROOT / "notes" / "glossary.toml"
TERMS = glossary.load(FILE)

# What the five reading notes say, word for word, a number and a quotation in each line: the notes
# themselves are not part of this repository.
SAID = {
    line.split(" ", 1)[1] for line in (ROOT / "tests/site/said.txt").read_text("utf-8").splitlines()
}

NEEDED = """
Acknowledgement; Adapter; At least once; At most once; Batch; Bidirectional, full duplex; Broadcast;
Buffer; Client; Connection state recovery; Consumer; Decouple; Default room; Emit; Engine.IO; Event;
Exactly once, in effect; Frame; Gap; Half-open connection; Handler, listener; Handshake; Heartbeat;
HTTP upgrade; Idempotent; Log; Long polling; Main namespace; Message; Message queue; Missed event;
Namespace; Offset; OSI model; Packet (Socket.IO); Packet, datagram; Payload; Port; Producer;
Redis adapter; Replay; Reserved event; Robot; Room; Run; Seat; Segment; Server; sid; Socket;
Socket.IO; Spike; Sticky session; TCP; "TCP model"; Transport; Twin; UDP; WebSocket
"""


@pytest.fixture(scope="module")
def page(live):
    return requests.get(live.url + "/glossary", timeout=PATIENCE).text


def test_every_term_of_the_notes_and_of_the_lessons_is_there_once(page):
    shown = [unescape(name) for name in re.findall(r"<dt>(.+?)</dt>", page)]
    ids = re.findall(r'<div id="([^"]+)" data-term', page)

    assert {name.strip() for name in NEEDED.split(";")} <= set(shown)
    assert sorted(shown) == sorted(term["name"] for term in TERMS)
    assert len(set(ids)) == len(ids) == len(shown)
    assert shown == sorted(shown, key=lambda name: name.lower().lstrip('"'))


def test_the_letters_lead_to_their_terms(page):
    nav = re.search(r'<nav aria-label="Terms from A to Z">(.*?)</nav>', page)[1]
    letters = re.findall(r'<a href="#letter-(\w)">', nav)

    assert letters == sorted(set(letters)) and len(letters) > 15
    for letter in letters:
        section = page[page.index(f'<section id="letter-{letter}"') :]
        assert re.search(r"<dt>(?:&#34;)?(\w)", section)[1].lower() == letter


def test_what_a_note_is_said_to_say_it_says():
    quoted = [words for term in TERMS for words in term.get("said", [])]

    assert set(quoted) == SAID and len(quoted) > 30
    assert [term["name"] for term in TERMS if '"' in term.get("fact", "")] == []  # nor there


def test_a_link_leads_to_a_section_that_names_the_term(page, live):
    lessons, links = {}, re.findall(r'<a href="/lesson/(\w+)#([^":]+):~:text=([^"]+)"', page)
    for slug, section, words in links:
        if slug not in lessons:
            lessons[slug] = requests.get(f"{live.url}/lesson/{slug}", timeout=PATIENCE).text
        there = re.search(rf'<section [^>]*id="{section}".*?</section>', lessons[slug], re.DOTALL)

        assert unquote(words) in glossary.text_of(there[0]), (slug, section, words)
    assert len(links) > 30


def test_a_lesson_that_is_named_names_the_term():
    there = {note.slug: note for note in NOTES}
    silent = [
        (term["name"], slug)
        for term in TERMS
        for slug in term.get("lessons", [])
        if slug in there and not glossary.place(term, there[slug])
    ]

    assert silent == []


LATER = """+++
title = "Later"
question = "?"
summary = "."
minutes = 1
core = false
objectives = []
keypoints = []
sources = []
predict = []
check = []
[teacher]
aim = "a"
students_say = []
skip = []
[[walk]]
title = "t"
step = "explore"
do = "d"
say = "s"
expect = "e"
if_not = "i"
minutes = 1
+++
## Explore
Nothing.
## Explain
A *dead-letter* list.
"""
TERM = {"name": "Dead-letter", "text": "t", "source": "s", "lessons": ["queue"]}


def test_what_is_coming_becomes_a_link_when_the_note_is_there():
    row = {"slug": "queue", "number": 10}
    before = glossary.shown(TERM, [], [row])
    after = glossary.shown(TERM, [notes.parse(LATER, 10, "queue")], [row])

    assert (before["places"], before["coming"]) == ([], [row])
    assert after["coming"] == []
    assert after["places"] == [
        {"href": "/lesson/queue#explain:~:text=dead%2Dletter", "lesson": 10, "section": "Explain"}
    ]


def test_a_link_leads_to_what_is_shown_rather_than_to_what_is_folded_away():
    fold = "## Run\n### More\nA dead-letter, folded.\n## Explain"
    note = notes.parse(LATER.replace("## Explain", fold), 10, "queue")
    only = notes.parse(LATER.replace("## Explain\nA", "### More\nA"), 10, "queue")

    assert glossary.place(TERM, note)["section"] == "Explain"
    assert glossary.place(TERM, only)["section"] == "Explore"


@pytest.mark.parametrize(
    ("name", "words", "text", "found"),
    [
        ("Packet (Socket.IO)", None, "Two packets.", "packets"),
        ("Handler, listener", None, "a listener", ""),
        ("Handler, listener", ["handler", "listener"], "a listener", "listener"),
        ('"TCP model"', None, "the TCP model", "TCP model"),
        ("Log", None, "a catalogue", ""),
    ],
)
def test_by_which_words_a_text_names_a_term(name, words, text, found):
    assert glossary.names({"name": name} | ({"words": words} if words else {}), text) == found


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('source = "s"', "", "wrong keys.*source"),
        ('text = "t"', "text = 1", "wrong keys.*text"),
        ('fact = "f"', "", "wrong keys"),
        ('said = ["w"]', 'said = "w"', "wrong keys.*said"),
        ('source = "s"', 'source = "s"\nwhere = "x"', "wrong keys.*where"),
        ('["queue"]', '["nowhere"]', "T is seen in nowhere, which is no lesson"),
    ],
)
def test_a_mistake_in_a_term_stops_the_start(tmp_path, old, new, sentence):
    good = '[[term]]\nname = "T"\ntext = "t"\nsource = "s"\nsaid = ["w"]\nfact = "f"\n'
    path = tmp_path / "glossary.toml"
    path.write_text((good + 'lessons = ["queue"]').replace(old, new), "utf-8")

    with pytest.raises(ValueError, match=sentence):
        glossary.read(path, [], [{"slug": "queue", "number": 10}])
