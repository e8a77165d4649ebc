"""Every page reads without a script, says what it may load, and leads back when it fails."""

import re
import socket
import time
from html import unescape
from html.parser import HTMLParser

import pytest
import requests

from socketlab.site import notes

from ..helpers import PATIENCE, ROOT

NOTES = notes.read_all(ROOT / "notes")
COURSE = notes.read_course(ROOT / "notes" / "coming.toml", NOTES)
BROWSER = {"Accept": "text/html"}


def get(live, path, **more):
    return requests.get(live.url + path, headers=BROWSER, timeout=PATIENCE, **more)


def test_the_index_lists_every_lesson(live):
    page = get(live, "/").text

    for note in NOTES:
        assert f'href="/lesson/{note.slug}"' in page and note.title in unescape(page)


def test_the_index_names_what_is_coming_in_its_place(live):
    page = unescape(get(live, "/").text)
    listed = page[page.index('id="lessons-title"') :]
    places = [listed.index(f"<h3>{row['title']}</h3>") for row in COURSE if not row["ready"]]

    assert places == sorted(places)
    for row in COURSE:
        assert row["ready"] or f"/lesson/{row['slug']}" not in page


EVERYWHERE = ["/", "/glossary", "/review", "/wire", "/join"]
EVERYWHERE += ["/source/upgrade", "/lesson/rooms", "/nowhere"]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_page_leads_to_every_other_and_says_which_it_is(live, path):
    page = get(live, path).text
    nav = re.search(r'<nav class="site" aria-label="Site">.*?</nav>', page, re.DOTALL)[0]
    goals = re.findall(r'<a href="([^"]+)"( aria-current="page")?', nav)

    lessons = {f"/lesson/{note.slug}" for note in NOTES}
    assert {goal for goal, _ in goals} == {"/", "/glossary", "/review", "/wire"} | lessons
    assert {goal for goal, current in goals if current} == {path} & {goal for goal, _ in goals}
    assert nav.count("coming</small>") == len(COURSE) - len(NOTES)


def test_the_nick_of_the_seat_stands_on_every_page(live, visit):
    ada = visit()
    nick = re.search(r'class="seated.*?<bdi>(.+?)</bdi>', ada.page.text)[1]
    for path in EVERYWHERE:
        seen = ada.http.get(live.url + path, headers=BROWSER, timeout=PATIENCE).text

        assert f"<bdi>{nick}</bdi></p>" in seen, path


@pytest.mark.parametrize("note", NOTES, ids=lambda note: note.slug)
def test_a_lesson_reads_without_a_script(live, note):
    page = get(live, f"/lesson/{note.slug}").text

    assert note.title in unescape(page) and note.question in unescape(page)
    for section in note.sections:
        assert f'id="{section.id}"' in page
    for question in (*note.predictions, *note.checks):
        for choice in question.choices:
            assert choice.why.split('"')[0].split("'")[0] in page
    code = (ROOT / f"socketlab/lessons/{note.demo}/handlers.py").read_text("utf-8")
    first_class = next(line for line in code.splitlines() if line.startswith("class "))
    assert first_class in unescape(re.sub("<[^>]+>", "", page))


class Prose(HTMLParser):
    """The text of a page that is no code."""

    CODE = {"code", "pre", "script", "style", "svg"}

    def __init__(self):
        super().__init__()
        self.inside, self.text = 0, ""

    def handle_starttag(self, tag, attrs):
        self.inside += tag in self.CODE

    def handle_endtag(self, tag):
        self.inside -= tag in self.CODE

    def handle_data(self, data):
        self.text += "" if self.inside else data


def test_no_page_shows_the_marks_of_its_source(live):
    """Code in backticks, and what is strong between asterisks, wherever a note's text is shown."""
    teacher = requests.Session()
    teacher.get(live.teacher_url, timeout=PATIENCE)
    paths = [
        "/",
        "/glossary",
        "/review",
        "/wire",
        "/teach",
        *(f"/lesson/{note.slug}" for note in NOTES),
    ]
    for path in paths:
        page = Prose()
        html = teacher.get(live.url + path, headers=BROWSER, timeout=PATIENCE).text
        page.feed(re.sub(r'(?s)<ol class="code-lines.*?</ol>', "", html))

        assert page.inside == 0 and len(page.text) > 500
        assert re.findall(r".{20}(?:`|\*\*).{20}", page.text) == [], path


class Shown(HTMLParser):
    """The words of the Read pane that are seen without opening or pressing anything.

    ``words`` counts what is not inside one of ``CLOSED``: folds, buttons, the way onward.
    """

    CLOSED = {"details", "button", "nav"}

    def __init__(self):
        super().__init__()
        self.inside, self.words = [], 0

    def handle_starttag(self, tag, attrs):
        if ("id", "read") in attrs or self.inside and tag in {"section"} | self.CLOSED:
            self.inside.append(tag)

    def handle_endtag(self, tag):
        if self.inside and tag == self.inside[-1]:
            self.inside.pop()

    def handle_data(self, data):
        if self.inside and not self.CLOSED & set(self.inside):
            self.words += sum(any(map(str.isalnum, word)) for word in data.split())


@pytest.mark.parametrize("slug", [note.slug for note in NOTES])
def test_a_lesson_is_read_in_less_than_600_words(live, slug):
    page = Shown()
    page.feed(get(live, f"/lesson/{slug}").text)

    assert 200 < page.words < 600


@pytest.mark.parametrize("path", ["/lesson/nope", "/lesson/../app.py", "/source/nope", "/nowhere"])
def test_an_unknown_address_is_a_page_that_leads_back(live, path):
    answer = get(live, path)

    assert answer.status_code == 404
    assert 'href="/"' in answer.text


def test_the_source_is_the_file_on_disk(live):
    python = (ROOT / "socketlab/lessons/bidirectional/handlers.py").read_text("utf-8")
    script = (ROOT / "static/lessons/bidirectional/panel.js").read_text("utf-8")
    answer = requests.get(live.url + "/source/bidirectional", timeout=PATIENCE)

    assert answer.headers["Content-Type"].startswith("text/plain")
    assert python in answer.text and script in answer.text
    page = get(live, "/source/bidirectional").text
    assert "code-lines" in page
    regions = re.findall(r'<(?:section|[^>]+ role="region")[^>]* aria-label\w*="([^"]+)"', page)
    assert len(regions) == len(set(regions)) == 2  # each landmark with a name of its own


def test_healthz_says_how_many_are_here(live, visit):
    before = requests.get(live.url + "/healthz", timeout=PATIENCE).json()
    ada = visit()
    ada.connect("/class")
    after = requests.get(live.url + "/healthz", timeout=PATIENCE).json()

    assert set(after) == {"ok", "connections", "seats", "buffer", "memory", "limits"}
    assert after["ok"] is True
    assert after["connections"] == before["connections"] + 1
    assert after["seats"] == before["seats"] + 1


def test_a_page_may_load_nothing_from_elsewhere_and_run_nothing_inline(live):
    answer = get(live, "/lesson/bidirectional")
    policy = answer.headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy and "script-src 'self';" in policy
    assert f"ws://127.0.0.1:{live.port}" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script(?![^>]*\bsrc=)", answer.text)
    assert not re.search(r"\sstyle=|\son[a-z]+=", answer.text)


def test_the_first_visit_takes_a_seat_quietly_and_keeps_it(live, visit):
    ada = visit()
    cookie = next(c for c in ada.http.cookies if c.name == "socketlab_seat")
    again = ada.http.get(live.url + "/lesson/bidirectional", headers=BROWSER, timeout=PATIENCE)

    assert cookie.value == ada.token
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "Lax"
    assert ada.token in again.text and "Set-Cookie" not in again.headers


def test_a_forged_cookie_is_answered_with_a_new_seat(live):
    answer = get(live, "/lesson/bidirectional", cookies={"socketlab_seat": "seat.forged.x"})

    assert answer.status_code == 200
    assert "socketlab_seat=seat." in answer.headers["Set-Cookie"]


# The teacher


def test_the_key_disappears_from_the_address(live):
    teacher = requests.Session()
    answer = teacher.get(live.teacher_url, timeout=PATIENCE)
    cookie = next(c for c in teacher.cookies if c.name == "socketlab_teacher")

    assert answer.url == live.url + "/teach"
    assert "key" not in answer.url
    assert cookie.get_nonstandard_attr("SameSite") == "Strict"
    assert cookie.has_nonstandard_attr("HttpOnly")


def test_the_cockpit_says_when_phones_cannot_come(live):
    cockpit = requests.get(live.teacher_url, headers=BROWSER, timeout=PATIENCE).text

    assert f"{live.url}/join</b>" in cockpit
    assert "--lan" in cockpit


def test_the_teacher_reads_how_the_server_is_without_a_script(live):
    before = requests.get(live.url + "/healthz", timeout=PATIENCE).json()["limits"]["body_bytes"]
    too_long = requests.post(live.url + "/join", data={"nick": "x" * 20_000}, timeout=PATIENCE)
    cockpit = requests.get(live.teacher_url, headers=BROWSER, timeout=PATIENCE).text

    assert too_long.status_code == 413
    row = re.search(r"<tr data-limit><th[^>]*>The body of a request was too long.*?</tr>", cockpit)
    assert row and f">{before + 1}<" in row[0]
    assert re.search(
        r"What crossed the wires</th><td[^>]*>\d+\.\d MB</td><td>67\.1 MB</td>", cockpit
    )
    assert '<tr data-limit hidden><th scope="row">The disk was nearly full' in cockpit


def test_only_the_teacher_reads_the_private_notes(live):
    teacher = requests.Session()
    teacher.get(live.teacher_url, timeout=PATIENCE)
    secret = NOTES[0].teacher["aim"]
    seen = teacher.get(live.url + "/lesson/bidirectional", headers=BROWSER, timeout=PATIENCE).text

    assert secret in seen
    cockpit = teacher.get(live.url + "/teach", timeout=PATIENCE).text
    assert secret in cockpit and '<details class="notes">' in cockpit  # closed: it is projected
    assert secret not in get(live, "/lesson/bidirectional").text


@pytest.mark.parametrize("cookie", ["teacher.x.y", "seat.x", "", "x" * 5000])
def test_nobody_else_opens_the_cockpit(live, cookie):
    answer = get(live, "/teach", cookies={"socketlab_teacher": cookie})

    assert answer.status_code == 403 or answer.status_code == 431 and len(cookie) > 4000
    assert "terminal" in answer.text or answer.status_code == 431


def test_guessing_the_key_is_bounded_and_locks_nobody_out_who_has_it(start):
    server = start()
    statuses = [
        requests.get(f"{server.url}/teach?key=guess{n}", timeout=PATIENCE).status_code
        for n in range(7)
    ]

    assert statuses == [403] * 5 + [429] * 2
    right = requests.get(server.teacher_url, timeout=PATIENCE)
    assert right.status_code == 200, "a class may not lock its teacher out"


def test_the_home_page_says_how_far_one_is(live, visit):
    ada = visit()
    before = ada.http.get(live.url, headers=BROWSER, timeout=PATIENCE).text
    step = NOTES[1].predictions[0]
    ada.connect("/class").ask("/class", "predict", {"step": step.id, "choice": step.choices[0].id})
    after = ada.http.get(live.url, headers=BROWSER, timeout=PATIENCE).text

    assert "Begin lesson 1<" in before and before.count('">Go on') == 0
    assert before.count('data-checks="') == len(NOTES) == len(re.findall(r'\d" hidden>', before))
    assert f'href="/lesson/{NOTES[1].slug}">Go on with lesson 2<' in after
    assert f'{{"{step.id}": "{step.choices[0].id}"}}' in unescape(after)
    assert "Go on with" not in get(live, "/").text


def test_a_page_of_another_site_cannot_post_for_the_visitor(live):
    answer = requests.post(
        live.url + "/join",
        data={"code": "x", "nick": "eve"},
        headers={**BROWSER, "Sec-Fetch-Site": "cross-site"},
        timeout=PATIENCE,
    )

    assert answer.status_code == 403


def test_the_teacher_gets_in_with_the_key_while_strangers_fill_the_server(start):
    server = start("--sockets", "6", "--body-seconds", "600")  # 18 connections
    lines = ["POST /join HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Content-Length: 10"]
    lines += ["Content-Type: application/x-www-form-urlencoded", "", ""]
    strangers = []
    try:
        for _ in range(18):  # each has a request under way
            strangers.append(socket.create_connection(("127.0.0.1", server.port), PATIENCE))
            strangers[-1].sendall("\r\n".join(lines).encode())
        wait_until(lambda: requests.get(server.url + "/", timeout=PATIENCE).status_code == 503)
        teacher = requests.Session()
        assert teacher.get(server.teacher_url, timeout=PATIENCE).status_code == 200
        assert teacher.get(server.url + "/lesson/rooms", timeout=PATIENCE).status_code == 200
        wrong = requests.get(server.url + "/teach?key=wrong", timeout=PATIENCE)
        assert wrong.status_code == 503
        engine = server.url + "/socket.io/?EIO=4&transport=polling"
        assert teacher.get(engine, timeout=PATIENCE).status_code == 200
    finally:
        for stranger in strangers:
            stranger.close()


def wait_until(check):
    deadline = time.monotonic() + PATIENCE
    while not check():
        assert time.monotonic() < deadline
