"""A class comes in: by the code, however it is typed, and by the card; who cannot is told why."""

import json
import re
import sqlite3
from contextlib import closing
from html import unescape
from urllib.parse import urlsplit

import pytest
import requests

from app import create_app
from socketlab.classroom.ledger import SCHEMA
from socketlab.classroom.teacher import plain, spaced
from socketlab.site.ways_in import EVERY_ADDRESS, WaysIn

from ..helpers import PATIENCE

BROWSER = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The application as another server would run it; its class has the code FOX 42."""
    data = tmp_path_factory.mktemp("data")
    with closing(sqlite3.connect(data / "ledger.sqlite3")) as db, db:
        db.executescript(SCHEMA)
        db.execute("INSERT INTO class VALUES ('join code', '\"FOX42\"')")
    app = create_app({"DATA": str(data)})
    yield app
    app.extensions["socketlab"].close()


@pytest.fixture
def room(app, monkeypatch):
    """The same on two addresses of a room, which nobody has opened yet."""
    ways = WaysIn(lambda: ["10.0.0.7", "192.168.1.20"])
    ways.listens(EVERY_ADDRESS, 8000)
    monkeypatch.setattr(app.extensions["socketlab"], "ways_in", ways)
    return app


def asking(app, address, peer, page="/"):
    """A request from another machine to one of our addresses, on a browser of its own."""
    host = {"HTTP_HOST": f"{address}:8000", "SERVER_NAME": address, "SERVER_PORT": "8000"}
    answer = app.test_client().get(page, environ_overrides={**host, "REMOTE_ADDR": peer})
    return unescape(answer.text)


def page(person, url):
    return person.get(url, headers=BROWSER, timeout=PATIENCE).text


@pytest.mark.parametrize(
    "typed",
    [
        "FOX42",
        "fox 42",
        " Fox\t42\n",
        "f-o-x-4-2",
        "ＦＯＸ\xa042",
        "http://10.0.0.7:8000/join/FOX42/",
    ],
)
def test_a_code_is_the_same_in_any_case_and_with_any_blanks(typed):
    assert plain(typed) == "FOX42" and spaced(plain(typed)) == "FOX 42"


def test_what_is_no_code_is_none():
    assert plain("") == plain(" - ") == ""
    assert len(plain("x" * 10_000)) == 200


def test_joining_shows_the_same_code_everywhere_and_waits_for_the_class_to_begin(start):
    server = start("--lan")
    code = re.search(r"code (\w+ \d+)$", server.line("Join"))[1]
    ada, teacher = requests.Session(), requests.Session()
    offered = page(ada, f"{server.url}/join/{code.replace(' ', '').lower()}")
    form = {"code": code.lower().replace(" ", "-"), "nick": "ada"}
    joined = ada.post(f"{server.url}/join", data=form, headers=BROWSER, timeout=PATIENCE)

    assert f'value="{code}"' in offered
    assert f">{code}<" in page(teacher, server.teacher_url)
    assert f'<p class="code">{code}</p>' in page(teacher, f"{server.url}/teach/card")
    assert joined.url == f"{server.url}/join", "the class has not begun"
    assert (
        f'<dd class="code">{code}</dd>' in joined.text and "<dd><bdi>ada</bdi></dd>" in joined.text
    )
    assert "It begins on the wall" in joined.text
    assert '<span class="hidden">You sit here as</span> <bdi>ada</bdi>' in joined.text
    home = page(ada, server.url)
    assert "You sit here as <b><bdi>ada</bdi></b>, in the class." in home
    assert "Enter the code" not in home
    again = page(ada, f"{server.url}/join?change")
    assert f'value="{code}"' in again and 'value="ada"' in again


def test_whoever_had_joined_is_in_the_class_after_a_restart(tmp_path):
    first = create_app({"DATA": str(tmp_path)})
    code = first.extensions["socketlab"].code
    joined = first.test_client().post("/join", data={"code": code, "nick": "ada"})
    cookie = joined.headers["Set-Cookie"].partition(";")[0]
    first.extensions["socketlab"].close()
    second = create_app({"DATA": str(tmp_path)})
    back = second.test_client(use_cookies=False).get("/join", headers={"Cookie": cookie}).text
    second.extensions["socketlab"].close()

    assert "You are in" in back and "<dd><bdi>ada</bdi></dd>" in back
    assert f'data-class="{spaced(code)}"' in back


def test_a_second_of_the_same_name_is_told_apart(room):
    form = {"code": "FOX 42", "nick": "otter"}
    people = [room.test_client() for _ in "ab"]
    texts = [person.post("/join", data=form, follow_redirects=True).text for person in people]

    assert "<dd><bdi>otter</bdi></dd>" in texts[0]
    assert "<dd><bdi>otter·2</bdi></dd>" in texts[1]


@pytest.mark.parametrize(
    ("lesson", "step", "landing"),
    [
        ("rooms", "skip_me", "/lesson/rooms#predict-skip_me"),
        ("rooms", "of_another", "/lesson/rooms"),
        ("upgrade", None, "/lesson/upgrade"),
        ("gone", "skip_me", "/join"),
        ("review", "missed", "/review#missed"),
        ("review", "of_a_lesson", "/review"),
    ],
)
def test_who_joins_late_lands_where_the_class_is(room, monkeypatch, lesson, step, landing):
    state = {"rev": 7, "lesson": lesson, "step": step}
    monkeypatch.setattr(room.extensions["socketlab"].classroom, "state", lambda: state)
    joined = room.test_client().post("/join", data={"code": "fox 42", "nick": "ada"})

    assert joined.status_code == 303
    assert joined.headers["Location"] == landing


@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        ({"code": "NOPE99", "nick": "ada"}, "code", "That is not the code of this class."),
        ({"nick": "ada"}, "code", "That is not the code of this class."),
        ({"code": "x" * 10_000, "nick": "<b>ada</b>"}, "code", "That is not the code"),
        ({"code": "fox42", "nick": "Teacher"}, "nick", "Teacher is taken: choose another nick."),
        ({"code": "fox42", "nick": "x" * 40}, "nick", "Nick must be a text of 1 to 24 characters"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(room, form, field, words):
    ada = room.test_client()
    answer = ada.post("/join", data=form)

    assert answer.status_code == 400
    assert re.search(rf'<input id="{field}"[^>]*aria-describedby="{field}-wrong', answer.text)
    assert answer.text.count("aria-invalid") == 1
    assert re.search(
        rf'id="{field}"[^>]*>\s*<p class="no" id="{field}-wrong" role="alert">', answer.text
    )
    assert words in answer.text
    assert "<b>ada" not in answer.text
    assert "Enter the code" in ada.get("/").text, "nobody is in by half"


def test_guessing_the_code_is_bounded_and_told_beside_the_field(room):
    ada, bob = room.test_client(), room.test_client()
    here, elsewhere = {"REMOTE_ADDR": "192.168.1.33"}, {"REMOTE_ADDR": "192.168.1.34"}

    def post(person, code, where):
        return person.post("/join", data={"code": code, "nick": "ada"}, environ_overrides=where)

    tries = [post(ada, f"FOX{n}", here) for n in range(10, 21)]
    right, other = post(ada, "FOX42", here), post(bob, "FOX42", elsewhere)

    assert [answer.status_code for answer in tries] == [400] * 10 + [429]
    assert right.status_code == 429 and "Too many wrong codes: wait a minute." in right.text
    assert other.status_code == 303, "who guesses shuts nobody else out"


# The card, and the doctor


def test_the_card_is_the_teachers_and_names_the_address_that_was_opened_first(room):
    here = room.extensions["socketlab"]
    teacher = room.test_client()
    teacher.get(f"/teach?key={here.teacher.key}")
    before = teacher.get("/teach/card").text
    asking(room, "192.168.1.20", "192.168.1.33")
    after = teacher.get("/teach/card").text

    assert '<p class="address">http://10.0.0.7:8000/join</p>' in before
    assert '<p class="address">http://192.168.1.20:8000/join</p>' in after
    assert '<li class="address">http://10.0.0.7:8000/join</li>' in after
    assert '<p class="code">FOX 42</p>' in after
    assert here.join_address == "http://192.168.1.20:8000/join/FOX42"
    assert room.test_client().get("/teach/card").status_code == 403


def test_the_doctor_says_which_address_another_machine_has_opened(room, caplog):
    caplog.set_level("INFO", "socketlab")
    alone = asking(room, "10.0.0.7", "10.0.0.7", "/check")
    assert "No other machine has come yet" in alone and "server's own machine" in alone
    assert room.test_client().get("/check/addresses").json["quiet_seconds"] is not None
    visited = [asking(room, "192.168.1.20", "192.168.1.33", "/check") for _ in "ab"][0]

    assert "has reached this server" in visited and "from another machine" in visited
    assert visited.index("192.168.1.20:8000</b>") < visited.index("10.0.0.7:8000</b>")
    assert re.search(r"opened by 1 other machine, last \d+ s ago", visited)
    ways = room.test_client().get("/check/addresses").json
    assert [way["visitors"] for way in ways["addresses"]] == [1, 0]
    assert "192.168.1.33" not in json.dumps(ways) + visited, (
        "whose machine it was is told to nobody"
    )
    told = [record.message for record in caplog.records if "another machine" in record.message]
    assert told == ["another machine has opened http://192.168.1.20:8000/"]


def test_after_a_minute_without_a_visitor_the_doctor_says_what_to_do(room):
    ways = room.extensions["socketlab"].ways_in
    fresh = room.test_client().get("/check").text
    ways.began -= 61
    later = room.test_client().get("/check").text

    assert '<details class="advice" data-advice>' in fresh
    assert '<details class="advice" data-advice open>' in later
    for way_out in ("hotspot", "a cable", "the wall alone"):
        assert way_out in later


def test_a_server_for_this_machine_alone_says_how_to_let_others_in(live):
    text = requests.get(f"{live.url}/check", timeout=PATIENCE).text

    assert "python app.py --lan" in text
    assert f"{urlsplit(live.url).netloc}</b>" in text
    assert live.url in requests.get(f"{live.url}/check/addresses", timeout=PATIENCE).text
