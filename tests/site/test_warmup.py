"""A lesson begins with a check of the lesson two before it, folded, and without a script too."""

import re
from html import unescape

import pytest
import requests

from socketlab.site import notes

from ..helpers import PATIENCE, ROOT

NOTES = notes.read_all(ROOT / "notes")
BROWSER = {"Accept": "text/html"}


@pytest.mark.parametrize("at", range(len(NOTES)))
def test_a_lesson_begins_with_a_check_of_the_lesson_two_before(live, at):
    path = f"/lesson/{NOTES[at].slug}"
    page = unescape(requests.get(live.url + path, headers=BROWSER, timeout=PATIENCE).text)
    warm_up = r'<details class="warm-up" data-warm-up="(\w+)">(.*?)</details>\s*<section'
    found = re.search(warm_up, page, re.DOTALL)

    if at < 2:
        assert not found
        return
    before = NOTES[at - 2]
    slug, inside = found.groups()
    assert slug == before.slug and f"lesson {before.number}<" in inside
    forms = re.findall(r'<form class="bet" data-check="(q\d)" data-of="(\w+)"( hidden)?', inside)
    assert forms == [
        (check.id, before.slug, " hidden" if i else "") for i, check in enumerate(before.checks)
    ]
    assert page.index("warm-up") < page.index('<section class="step"')
