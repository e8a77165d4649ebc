"""The glossary: ``notes/glossary.toml`` as the page shows it. Pure.

A term has a name, a text and a source; ``said`` and ``fact`` where a reading note erred;
``lesson`` where it can be seen live.
"""

import tomllib
from pathlib import Path

from .notes import inline_html, slugged

KEYS = {"name", "text", "source", "said", "fact", "lesson"}


def read(path, slugs):
    """Every term in the order of the alphabet. ``slugs`` are the lessons that exist.

    A link to a lesson that is not there yet is left out. Raises ValueError for a term with a
    missing or unknown key.
    """
    terms = tomllib.loads(Path(path).read_text("utf-8"))["term"]
    for term in terms:
        strange = set(term) - KEYS or {"name", "text", "source"} - set(term)
        if strange or ("said" in term) != ("fact" in term):
            raise ValueError(f"glossary: {term.get('name')} has wrong keys: {sorted(strange)}")
    shown = [
        term
        | {
            "id": slugged(term["name"]),
            "html": inline_html(term["text"]),
            "fact_html": inline_html(term.get("fact", "")),
            "lesson": term.get("lesson") if term.get("lesson") in slugs else None,
        }
        for term in terms
    ]
    return sorted(shown, key=lambda term: term["name"].lower().lstrip('"'))
