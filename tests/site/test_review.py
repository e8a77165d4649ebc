"""/review: every question has an answer and a place that shows it; the server learns no answer."""

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest
import requests

from socketlab.site import notes, review

from ..classroom.pupils import Teacher
from ..helpers import PATIENCE, ROOT, Person

NOTES = notes.read_all(ROOT / "notes")
COURSE = notes.read_course(ROOT / "notes" / "coming.toml", NOTES)
QUESTIONS = review.read(ROOT / "notes" / "review.toml", NOTES, COURSE)
BROWSER = {"Accept": "text/html"}
# What the reading notes were asked, and their vocabulary.
NEEDED = """
bidirectional http client_emits server_emits missed mitigate reserved
socket websocket socketio client server osi tcp_model tcp udp packet
message_queue event namespace room default_room room_events several_servers
""".split()
GOOD = """[[question]]
id = "udp"
part = "terms"
question = "UDP"
answer = "Single *datagrams*."
sources = ["RFC 768"]
wrong = [{ believed = "It connects.", why = "It does `not`." }]
see = [{ lesson = "rooms", place = "explore", words = "w" }, { page = "/wire", words = "v" },
       { lesson = "later", place = "anywhere", words = "x" }]
"""
LATER = {"slug": "later", "number": 99}


def parse(text):
    return review.parse(text, NOTES, [*COURSE, LATER])


def test_every_question_and_every_term_of_the_notes_is_asked_once():
    assert [question.id for question in QUESTIONS] == NEEDED
    assert [question.part for question in QUESTIONS] == ["questions"] * 7 + ["terms"] * 17


def test_a_question_has_its_html_and_its_places():
    (udp,) = parse(GOOD)

    assert udp.answer == "<p>Single <em>datagrams</em>.</p>\n"
    assert udp.wrong == (review.Wrong("It connects.", "It does <code>not</code>."),)
    assert [(place.name, place.href) for place in udp.places] == [
        ("Lesson 7", "/lesson/rooms#explore"),
        ("Packet inspector", "/wire"),
        ("Lesson 99", None),  # coming
    ]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('id = "udp"', 'id = "UDP"', "question 1 (UDP): an id is small letters"),
        ('id = "udp"\n', "", "question 1: the key 'id' is missing"),
        ('part = "terms"', 'part = "words"', "part must be one of questions, terms"),
        ('answer = "Single *datagrams*."', 'answer = " "', "question 1 (udp): answer is empty"),
        ('"RFC 768"', "", "sources is empty"),
        ('["RFC 768"]', "[768]", "source must be a str"),
        ('why = "It does `not`."', 'because = "x"', "there is no key 'because' here"),
        ('sources = ["', 'source = ["', "there is no key 'source' here"),
        ('lesson = "rooms"', 'lesson = "nowhere"', "see 'nowhere' is no lesson"),
        ('place = "explore"', 'place = "attic"', "the lesson rooms has no place 'attic'"),
        ('page = "/wire"', 'page = "/attic"', "see '/attic' is none of /wire"),
        (', words = "v"', "", "the key 'words' is missing"),
    ],
)
def test_a_mistake_stops_the_start_with_a_sentence(old, new, sentence):
    assert old in GOOD
    with pytest.raises((KeyError, TypeError, ValueError), match=re.escape(sentence)):
        parse(GOOD.replace(old, new, 1))


def test_a_mistake_is_named_with_its_file_and_no_id_is_given_twice(tmp_path):
    with pytest.raises(ValueError, match="two questions have the id 'udp'"):
        parse(GOOD + GOOD)
    path = tmp_path / "review.toml"
    path.write_text(GOOD.replace('part = "terms"\n', ""), "utf-8")
    with pytest.raises(notes.BadNote, match=r"review.toml: question 1 \(udp\): the key 'part'"):
        review.read(path, NOTES, [*COURSE, LATER])


def test_the_page_reads_without_a_script_and_its_places_are_there(live):
    page = requests.get(live.url + "/review", headers=BROWSER, timeout=PATIENCE).text

    for question in QUESTIONS:
        card = page[page.index(f'<article class="asked" id="{question.id}"') :]
        card = card[: card.index("</article>")]
        assert question.answer in card and unescape(question.question) in unescape(card)
        assert all(each.believed in card and each.why in card for each in question.wrong)
        fold = card.index("<details")
        assert fold < card.index(question.answer) and "open" not in card[fold : fold + 60]
    for href in set(re.findall(r'<li><a href="([^"]+)"><b>', page)):
        path, _, place = href.partition("#")
        there = requests.get(live.url + path, headers=BROWSER, timeout=PATIENCE).text
        assert not place or f'id="{place}"' in there, href


# What is told


def post(person, what, data, **headers):
    answer = person.http.post(
        f"{person.url}/review/{what}", json=data, headers=headers, timeout=PATIENCE
    )
    return answer.status_code, answer.json()


def begin(person, *lessons):
    """Lock a prediction in each of these lessons."""
    client = person.connect("/class")
    for note in NOTES:
        if note.slug in lessons:
            (step, *_) = note.predictions
            bet = {"step": step.id, "choice": step.choices[0].id}
            assert client.ask("/class", "predict", bet)["ok"]


def test_what_was_not_known_comes_back_two_lessons_later(live, visit):
    ada = visit(page="/lesson/rooms")
    locked = post(ada, "answer", {"question": "missed"})
    rated = post(ada, "rate", {"question": "missed", "rating": "partly"})
    known = (
        post(ada, "answer", {"question": "udp"}),
        post(ada, "rate", {"question": "udp", "rating": "knew"}),
    )

    assert locked == (200, {"ok": True, "question": "missed", "rating": None, "comes_back": None})
    assert rated[1] | {"rating": "partly", "comes_back": "after 2 more lessons"} == rated[1]
    assert known[1][1]["comes_back"] is None
    begin(ada, "rooms")
    assert "data-due" not in seen(ada, "/") + seen(ada, "/review")
    begin(ada, "upgrade")
    home, page = seen(ada, "/"), seen(ada, "/review")
    assert "1 question of the" in home and "has come back to you" in home
    assert re.findall(r'<article class="asked" id="(\w+)"[^>]*data-due', page) == ["missed"]
    assert '<li><a href="#missed">' in page and 'data-rating="knew" data-told' in page
    post(ada, "answer", {"question": "missed"})
    assert "data-due" not in seen(ada, "/") + seen(ada, "/review")


def seen(person, path):
    return person.http.get(person.url + path, headers=BROWSER, timeout=PATIENCE).text


@pytest.mark.parametrize(
    ("what", "data", "sentence"),
    [
        ("answer", [], "send one JSON object"),
        ("answer", {}, "question"),
        ("answer", {"question": 7}, "question"),
        ("answer", {"question": "x" * 33}, "question"),
        ("answer", {"question": "nope"}, "the review has no question called nope"),
        ("rate", {"question": "tcp"}, "rating must be one of knew, partly, not_yet"),
        ("rate", {"question": "tcp", "rating": "perfect"}, "rating must be one of"),
        ("rate", {"question": "tcp", "rating": "knew"}, "write your own answer first"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(live, visit, what, data, sentence):
    status, answer = post(visit(), what, data)

    assert status == 400 and answer["ok"] is False and sentence in answer["error"]


def test_who_has_no_seat_is_of_another_site_or_sends_no_json_is_refused(live, visit):
    url, ada = live.url + "/review/answer", visit()
    stranger = requests.post(url, json={"question": "tcp"}, timeout=PATIENCE)
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    foreign = ada.http.post(url, json={"question": "tcp"}, headers=elsewhere, timeout=PATIENCE)
    bodies = [b"", b"[" * 9000, b"\xff", b'{"question": NaN}', b'"tcp"']
    broken = [ada.http.post(url, data=body, timeout=PATIENCE) for body in bodies]

    assert stranger.status_code == 403 and "no seat" in stranger.json()["error"]
    assert foreign.status_code == 403
    assert [answer.status_code for answer in broken] == [400] * len(bodies)


def test_one_seat_cannot_answer_without_end(start):
    ada = Person(start("--events-per-second-per-seat", "5").url)
    with ThreadPoolExecutor(12) as hands:  # at once: on a busy machine one after the other is slow
        answers = list(hands.map(lambda _: post(ada, "answer", {"question": "tcp"}), range(48)))

    refused = [told["error"] for status, told in answers if status == 429]
    assert refused and all("too fast" in error for error in refused)


def test_the_teacher_sees_how_many_live_and_a_restart_keeps_it(start, tmp_path):
    server = start(data=tmp_path / "lab")
    teacher = Teacher(server)
    people = [Person(server.url) for _ in range(4)]
    ratings = ["knew", "not_yet", "not_yet", None]
    for person, rating in zip(people, ratings, strict=True):
        post(person, "answer", {"question": "missed"})
        if rating:
            post(person, "rate", {"question": "missed", "rating": rating})
    post(people[0], "answer", {"question": "udp"})
    teacher.http.post(  # tries it out, and is not one of the class
        server.url + "/review/answer", json={"question": "missed"}, timeout=PATIENCE
    )
    missed = {"answered": 4, "knew": 1, "partly": 0, "not_yet": 2}
    told = teacher.hear("reviewed", lambda data: data["counts"]["udp"]["answered"] == 1)

    assert told["counts"]["missed"] == missed and set(told) == {"counts"}
    assert set(told["counts"]) == set(NEEDED)
    assert people[0].http.get(server.url + "/teach", timeout=PATIENCE).status_code == 403
    teacher.leave()
    server.stop()
    again = start(data=tmp_path / "lab")
    teacher = Teacher(again)
    assert teacher.hear("reviewed")["counts"]["missed"] == missed
    cookies = people[0].http.cookies.get_dict()
    page = requests.get(again.url + "/review", cookies=cookies, headers=BROWSER, timeout=PATIENCE)
    assert page.text.count("data-told") == 2 and 'data-rating="knew"' in page.text
    assert teacher.do("clear")["cleared"]["review answers"] == 5
    nobody = teacher.hear("reviewed", lambda data: data["counts"]["missed"]["answered"] == 0)
    assert nobody["counts"]["udp"]["answered"] == 0
    for person in [*people, teacher]:
        person.leave()


def test_a_class_is_led_to_the_review_as_to_a_lesson(start):
    teacher = Teacher(start())
    led = teacher.do("step", lesson="review", step="missed")
    wrong = teacher.ask("step", {"lesson": "review", "step": "explore"})

    assert (led["lesson"], led["step"]) == ("review", "missed")
    assert wrong == {"ok": False, "error": "review has no step called explore"}
    teacher.leave()
