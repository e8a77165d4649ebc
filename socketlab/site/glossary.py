"""The glossary: ``notes/glossary.toml`` as the page shows it. Pure.

A term has a name, a text and a source; ``said`` and ``fact`` where reading notes erred (``said``
is a list of their own words); ``lessons`` where it can be seen, and ``words`` by which those call
it, where that is not its name.
"""

import re
import tomllib
from html import unescape
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from .notes import inline_html, slugged

KINDS = {"name": str, "text": str, "source": str}
MORE = {"said": list, "fact": str, "lessons": list, "words": list}


def read(path, notes, course):
    """Every term by its letter: ``[(letter, [term …]) …]``, both in the order of the alphabet.

    ``notes`` are the lessons that are there, ``course`` the rows of all, as
    :func:`notes.read_course` hands them out. Raises ValueError for a term that has a wrong or a
    missing key, or names a lesson that is neither there nor coming.
    """
    terms = [shown(term, notes, course) for term in load(path)]
    terms.sort(key=lambda term: term["sort"])
    return [(letter, list(group)) for letter, group in groupby(terms, lambda t: t["letter"])]


def load(path):
    """The terms as they stand in the file. Raises ValueError."""
    terms = tomllib.loads(Path(path).read_text("utf-8"))["term"]
    for term in terms:
        wrong = {key for key in term if not isinstance(term[key], (KINDS | MORE).get(key, ()))}
        wrong |= KINDS.keys() - term.keys()
        if wrong or ("said" in term) != ("fact" in term):
            raise ValueError(f"glossary: {term.get('name')} has wrong keys: {sorted(wrong)}")
    return terms


def shown(term, notes, course):
    """A term as the template shows it: with its id, its HTML, and the places where it is seen."""
    rows = {row["slug"]: row for row in course}
    if lost := [slug for slug in term.get("lessons", []) if slug not in rows]:
        raise ValueError(f"glossary: {term['name']} is seen in {lost[0]}, which is no lesson")
    there = {note.slug: note for note in notes}
    lessons = term.get("lessons", [])
    sort = term["name"].lower().lstrip('"')
    return {
        "name": term["name"],
        "sort": sort,
        "letter": sort[0].upper(),
        "id": slugged(term["name"]),
        "html": inline_html(term["text"]),
        "said": term.get("said", []),
        "fact_html": inline_html(term.get("fact", "")),
        "source": term["source"],
        "places": [p for slug in lessons if (p := place(term, there.get(slug)))],
        "coming": [rows[slug] for slug in lessons if slug not in there],
    }


def place(term, note):
    """Where a lesson names a term: ``{"href", "lesson", "section"}``; None where it does not.

    What is shown goes before what is folded away. The address ends in a text directive, by which
    browsers that know it mark the words.
    Source: WICG, URL Fragment Text Directives.
    """
    if note is None:
        return None
    folded = re.compile(r"<details>.*?</details>", re.DOTALL)
    shown = [(section, folded.sub("", section.html)) for section in note.sections]
    for section, html in [*shown, *((section, section.html) for section in note.sections)]:
        if word := names(term, text_of(html)):
            directive = quote(word, safe="").replace("-", "%2D")
            href = f"/lesson/{note.slug}#{section.id}:~:text={directive}"
            return {"href": href, "lesson": note.number, "section": section.title}
    return None


def names(term, text):
    """The words by which a text names a term, as they stand there; "" where it does not."""
    words = term.get("words") or [re.split(r" \(|, ", term["name"])[0].strip('"')]
    found = re.search(rf"\b(?:{'|'.join(map(re.escape, words))})\w*", text, re.IGNORECASE)
    return found[0] if found else ""


def text_of(html):
    """What of HTML is read, with single blanks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())
