"""A class of 270 light clients beside the teacher: every one of them sees the class as it is."""

import json
import re
import signal
import threading
from collections import Counter

from socketlab.site import notes

from ..helpers import ROOT
from .crowd import SECRET, Crowd, tokens
from .pupils import Pupil, Teacher

PUPILS = 270
CHOICES = ("with_me", "without_me", "all_mine", "nobody")


def meanwhile(crowd, act):
    """Do something that waits for the server while the crowd goes on reading; its value."""
    done = []
    thread = threading.Thread(target=lambda: done.append(act()))
    thread.start()
    crowd.until(lambda: not thread.is_alive())
    (value,) = done
    return value


def every_page(code):
    """The address of every page that the site has, as its source says; of each lesson, its own."""
    source = "".join(file.read_text() for file in (ROOT / "socketlab" / "site").glob("*.py"))
    rules = re.findall(r'@bp\.(?:get|route)\("([^"]+)"', source)
    slugs = [note.slug for note in notes.read_all(ROOT / "notes")]
    for rule in rules:
        if "<slug>" in rule:
            yield from (rule.replace("<slug>", slug) + q for slug in slugs for q in ("", "?wall"))
        elif "<path:" not in rule:  # files, the same for everybody
            yield rule.replace("<code>", code)


def everything(light, person, others):
    """All that a student can get hold of: what came, pages, captured rows, also those of others."""
    seen = list(light.log)
    pages = [*every_page("fox42"), "/teach/export.csv?names=1", "/bidirectional/latest?after=0"]
    assert {"/join", "/teach", "/wall", "/lesson/rooms?wall", "/check/addresses"} <= {*pages}
    for page in [*pages, *(f"/wire?after=0&of={seat}" for seat in others)]:
        answer = person.http.get(person.url + page, headers={"Accept": "text/html"}, timeout=15)
        seen += [answer.text, repr(answer.headers)]
    for row in person.http.get(person.url + "/wire?after=0", timeout=15).json()["rows"]:
        seen += [json.dumps(row), bytes.fromhex(row["hex"]).decode("latin-1")]
    return seen


def test_no_student_ever_sees_the_key_anothers_token_or_anothers_vote(start):
    server = start(env={"SOCKETLAB_SECRET_KEY": SECRET})
    teacher, mine = Teacher(server), tokens(3)
    key = server.teacher_url.split("key=")[1]
    with Crowd(server.port, mine) as crowd:
        crowd.come()
        ada, bob, _ = crowd.all
        person = Pupil(server)
        person.http.cookies.clear()
        person.http.cookies.set("socketlab_seat", ada.token)

        def lead():
            teacher.do("step", lesson="rooms", step="predict")
            for _ in range(2):
                teacher.do("open_vote", step="skip_me")
                for light in crowd.all[1:]:
                    light.choice = light.emit("predict", {"step": "skip_me", "choice": "nobody"})
                teacher.hear("vote_progress", lambda told: told["in"] == 2)
                teacher.do("close_vote")
            robots = teacher.do("seat_robots", count=2)["seats"]
            teacher.do("reveal")
            teacher.do("nudge", seat=bob.seat)
            teacher.do("remove", seat=bob.seat)
            return robots

        robots = meanwhile(crowd, lead)
        crowd.until(lambda: bob.sock is None and crowd.heard("revealed", [ada]))
        seen = everything(ada, person, [bob.seat, teacher.seat])
        others = [*mine[1:], *(robot["token"] for robot in robots), teacher.token]
        secret = [key, teacher.http.cookies["socketlab_teacher"], *others, bob.seat]
        secret += [token.split(".", 1)[1] for token in others]

        assert ada.token in "".join(seen)  # it looks where such things would stand
        assert [word for word in secret if any(word in text for text in seen)] == []
        votes = [text for text in ada.log if "nobody" in text]
        assert votes and all('"counts"' in text and '"choice"' not in text for text in votes)
        person.leave()
    teacher.leave()


def test_a_server_killed_while_a_class_votes_has_every_vote_that_it_acknowledged(start):
    env = {"SOCKETLAB_SECRET_KEY": SECRET}
    server = start(env=env)
    teacher = Teacher(server)
    with Crowd(server.port, tokens(60)) as crowd:
        crowd.come()
        before = meanwhile(crowd, lambda: teacher.do("open_vote", step="race"))
        for light in crowd.all:
            light.choice = light.emit("predict", {"step": "race", "choice": "both"})
        crowd.until(lambda: sum(light.choice in light.acks for light in crowd.all) >= 20)
        server.stop(signal.SIGKILL)
        teacher.leave()
        crowd.until(lambda: all(light.sock is None for light in crowd.all))
        acknowledged = [light for light in crowd.all if light.choice in light.acks]
        server = start(env=env)
        for light in crowd.all:
            light.port = server.port
        crowd.come()
        vote = dict(crowd.all[0].state["vote"])
        for light in crowd.all:  # all choose anew: who is in stays with what was chosen first
            light.choice = light.emit("predict", {"step": "race", "choice": "one"})
        crowd.until(lambda: all(light.choice in light.acks for light in crowd.all))
        answers = {light: light.acks[light.choice] for light in crowd.all}
        teacher = Teacher(server)
        closed = meanwhile(crowd, lambda: teacher.do("close_vote"))

        assert 20 <= len(acknowledged) <= vote["in"] and (vote["open"], vote["round"]) == (True, 1)
        assert all(answers[light]["locked"] == "both" for light in acknowledged)
        kept = sum(answer["locked"] == "both" for answer in answers.values())
        assert kept == vote["in"] and closed["counts"]["one"] == 60 - kept
        assert (closed["in"], closed["rev"]) == (60, before["rev"] + 1)
    teacher.leave()


def test_a_class_of_270_is_led_votes_is_cut_and_comes_back(start):
    server = start(env={"SOCKETLAB_SECRET_KEY": SECRET})
    teacher = Teacher(server)
    with Crowd(server.port, tokens(PUPILS)) as crowd:
        crowd.come()
        led = meanwhile(crowd, lambda: teacher.do("step", lesson="rooms", step="skip_me"))
        crowd.until(lambda: crowd.heard("stepped"))
        assert {light.state["rev"] for light in crowd.all} == {led["rev"]}

        meanwhile(crowd, lambda: teacher.do("open_vote", step="skip_me"))
        crowd.until(lambda: crowd.heard("vote_opened"))
        for n, light in enumerate(crowd.all):
            ballot = {"step": "skip_me", "choice": CHOICES[n % len(CHOICES)]}
            light.choice = light.emit("predict", ballot)
        crowd.until(lambda: all(light.choice in light.acks for light in crowd.all))
        closed = meanwhile(crowd, lambda: teacher.do("close_vote"))
        crowd.until(lambda: crowd.heard("vote_closed"))
        assert closed["counts"] == Counter(CHOICES[n % len(CHOICES)] for n in range(PUPILS))

        cut = set(meanwhile(crowd, lambda: teacher.do("cut", seats="half", seconds=1))["seats"])
        away = [light for light in crowd.all if light.seat in cut]
        crowd.until(lambda: all(light.sock is None for light in away))
        last = meanwhile(crowd, lambda: teacher.do("step", lesson="missed", step="explore"))
        here = [light for light in crowd.all if light.seat not in cut]
        crowd.until(lambda: all(light.state["rev"] == last["rev"] for light in here))
        assert len(cut) == PUPILS // 2
        assert all(light.sock is not None for light in here)
        for light in away:
            teacher.see(light.seat, state="away")
        crowd.come(away)

        late = Pupil(server)
        state = late.told["state"]
        assert (state["lesson"], state["step"], state["vote"]) == ("missed", "explore", None)
        assert all(light.state == state for light in crowd.all)
        assert not any(light.gaps for light in crowd.all)
        for light in crowd.all:
            teacher.see(light.seat, state="connected", lesson="rooms")
        assert len(teacher.rows) >= PUPILS
        assert {event for light in crowd.all for event, _ in light.heard} <= {
            *("stepped", "vote_opened", "vote_closed", "wire_cut"),
            *("opened", "joined", "left", "closed", "mapped", "confirmed", "lit", "said"),
        }
        late.leave()
    teacher.leave()
