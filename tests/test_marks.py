"""``pytest -m "not browser"`` starts no browser: the marks follow from the fixtures."""

from .conftest import MARKS
from .helpers import ROOT


def test_every_test_is_marked_for_what_it_needs(request):
    unmarked = [
        item.nodeid
        for item in request.session.items
        for fixture, mark in MARKS.items()
        if fixture in item.fixturenames and not item.get_closest_marker(mark)
    ]

    assert unmarked == []


def test_only_its_fixture_starts_a_browser():
    word = "sync_" + "playwright"  # so that this file does not hold it
    starters = [path.name for path in ROOT.glob("tests/**/*.py") if word in path.read_text("utf-8")]

    assert starters == ["conftest.py"]
