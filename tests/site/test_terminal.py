"""What the terminal shows of the log: short lines, few, and nothing secret."""

import io
import logging
import re

import pytest

from socketlab.site import terminal


@pytest.fixture
def shown():
    """Show the log as the server does, into a text: ``shown(quiet=True)``."""
    added = []

    def shown(quiet=False):
        stream = io.StringIO()
        added.append(terminal.show_log(quiet, stream))
        return stream

    yield shown
    for handler in added:
        logging.getLogger().removeHandler(handler)
    logging.getLogger("socketlab").setLevel(logging.NOTSET)


def test_a_line_has_the_time_and_the_words(shown):
    lines = shown()
    logging.getLogger("socketlab.class").info("%s joined: %d seats", "fox", 3)

    assert re.fullmatch(r"\d\d:\d\d:\d\d  fox joined: 3 seats\n", lines.getvalue())


def test_quiet_shows_warnings_alone(shown):
    lines = shown(quiet=True)
    logging.getLogger("socketlab.class").info("fox joined")
    logging.getLogger("socketlab.server").warning("trouble")

    assert lines.getvalue().endswith("  trouble\n") and "fox" not in lines.getvalue()


def test_of_other_libraries_only_warnings_are_shown(shown):
    lines = shown()
    logging.getLogger("another.library").info("chatter")
    logging.getLogger("another.library").warning("trouble")

    assert lines.getvalue().endswith("  trouble\n") and "chatter" not in lines.getvalue()


def test_a_line_is_one_line_without_controls_and_is_cut(shown):
    lines = shown()
    logging.getLogger("socketlab").info("%s", "a\nb\x1b[31m\u202e" + "x" * 1000)
    line = lines.getvalue()

    assert line.count("\n") == 1
    assert r"a\nb\x1b[31m\u202e" in line
    assert len(line) < terminal.LONGEST + 20


def test_a_query_string_is_not_shown(shown):
    lines = shown()
    logging.getLogger("socketlab").info("bad request: 'GET /teach?key=abc&x=1 HTTP/1.1'")

    assert "'GET /teach?… HTTP/1.1'" in lines.getvalue()
    assert "abc" not in lines.getvalue()


def test_a_flood_is_counted_instead_of_shown(shown, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(terminal, "monotonic", lambda: now[0])
    lines, log = shown(), logging.getLogger("socketlab.server")
    for n in range(1000):
        log.info("refused: number %d", n)
    flood = lines.getvalue().count("\n")
    now[0] = 10.0
    log.info("fox joined")

    assert flood == terminal.LINES_AT_ONCE
    assert f"and {1000 - flood} lines more, too many to show\n" in lines.getvalue()
    assert lines.getvalue().endswith("  fox joined\n")


def test_a_failure_comes_with_its_traceback(shown):
    lines = shown()
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        logging.getLogger("socketlab").exception("say in /rooms failed")

    assert "say in /rooms failed\nTraceback" in lines.getvalue()
    assert lines.getvalue().endswith("RuntimeError: broken\n")
