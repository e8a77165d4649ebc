"""The wall's page over HTTP: who may open it, what it holds, and who may frame a lesson's demo."""

import re

import requests

from ..helpers import PATIENCE


def teacher(live):
    """The teacher's browser: a session with both cookies."""
    session = requests.Session()
    session.get(live.teacher_url, timeout=PATIENCE)
    return session


def page(session, address):
    return session.get(address, headers={"Accept": "text/html"}, timeout=PATIENCE)


def frame_ancestors(answer):
    return re.search(r"frame-ancestors ([^;]+);", answer.headers["Content-Security-Policy"])[1]


def test_only_the_teacher_opens_the_wall(live):
    answer = page(requests.Session(), f"{live.url}/wall")

    assert answer.status_code == 403
    assert "The wall is the teacher&#39;s." in answer.text


def test_the_wall_holds_no_token_and_no_key_and_is_kept_by_nobody(live):
    session = teacher(live)
    answer = page(session, f"{live.url}/wall")
    framed = page(session, f"{live.url}/lesson/rooms?wall")

    for text in (answer.text, framed.text):
        assert "seat." not in text and live.teacher_url.split("key=")[1] not in text
        assert 'name="seat"' not in text
    assert answer.headers["Cache-Control"] == "no-store"
    assert frame_ancestors(answer) == "'none'"


def test_a_demo_may_be_framed_by_the_wall_alone_and_for_the_teacher_alone(live):
    session, address = teacher(live), f"{live.url}/lesson/rooms"
    on_wall = page(session, f"{address}?wall")

    assert frame_ancestors(on_wall) == "'self'"
    assert 'data-theme="projector"' in on_wall.text and "Teacher" not in on_wall.text
    assert frame_ancestors(page(session, address)) == "'none'"
    anybodys = page(requests.Session(), f"{address}?wall")
    assert frame_ancestors(anybodys) == "'none'" and 'name="seat"' in anybodys.text
