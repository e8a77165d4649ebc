"""A teacher leads a class: steps, votes, the roster, the dots on the wall. Over real sockets."""

import csv
import io

import pytest

from socketlab.classroom.handlers import Class

from .pupils import Pupil, Teacher


@pytest.fixture
def people():
    """Leave when the test is over: ``people(Pupil(server))``."""
    there = []

    def come(person):
        there.append(person)
        return person

    yield come
    for person in there:
        person.leave()


@pytest.fixture
def teacher(server, people):
    teacher = people(Teacher(server))
    if (teacher.told["state"]["vote"] or {}).get("open"):
        teacher.do("close_vote")
    return teacher


def test_all_are_led_to_the_step_and_a_late_joiner_finds_it(server, people, teacher):
    ada = people(Pupil(server))
    led = teacher.do("step", lesson="rooms", step="explore")
    on = teacher.do("follow", on=True)
    bob = people(Pupil(server))

    assert ada.hear("stepped") == {k: led[k] for k in ("rev", "lesson", "step", "follow")}
    assert ada.hear("stepped")["follow"] is True
    assert on["rev"] == led["rev"] + 1 == bob.told["state"]["rev"]
    assert bob.told["state"] | {"vote": None} == {
        "rev": on["rev"],
        "lesson": "rooms",
        "step": "explore",
        "follow": True,
        "vote": None,
        "buffer": {"kind": "off", "keep": 20},
    }
    assert teacher.do("step", lesson="rooms", step=None)["step"] is None
    assert teacher.do("step", lesson="rooms", step="skip_me")["step"] == "skip_me"


@pytest.mark.parametrize(
    ("event", "data", "sentence"),
    [
        ("step", {"lesson": "nowhere", "step": None}, "there is no lesson called nowhere"),
        ("step", {"lesson": "rooms", "step": "nowhere"}, "rooms has no step called nowhere"),
        ("step", {"lesson": 5}, "lesson must be a text"),
        ("step", {"lesson": "rooms", "step": 5}, "step must be a text"),
        ("follow", {"on": 1}, "on must be true or false"),
        ("follow", {}, "on must be true or false"),
        ("open_vote", {"step": "nowhere"}, "there is no prediction for that step"),
        ("open_vote", {}, "step must be a text"),
        ("close_vote", {}, "no vote is open"),
        ("run", {}, "step must be a text"),
        ("show", {"what": "cat"}, "what must be one of map, panel, join, blank"),
        ("nudge", {"seat": "nobody"}, "there is no seat nobody"),
        ("remove", {"seat": []}, "there is no seat []"),
        ("seat_robots", {"count": 31}, "count must be a whole number from 1 to 30"),
        ("cut", {"seats": "most", "seconds": 1}, "seats must be a list of seats"),
    ],
)
def test_the_teacher_reads_what_is_wrong(teacher, event, data, sentence):
    answer = teacher.ask(event, data)

    assert answer["ok"] is False and sentence in answer["error"]


def test_what_is_the_teachers_is_refused_to_everybody_else(server, people):
    ada = people(Pupil(server))
    events = "step follow open_vote close_vote reveal run show nudge remove seat_robots "
    events += "dismiss_robots cut set_buffer"
    answers = [ada.ask(event) for event in events.split()]

    assert {answer["error"] for answer in answers} == {"only the teacher may do that"}
    assert ada.ask("take_seat", {"watch": True})["error"] == "only the teacher may watch the class"
    assert not ada.heard("roster")


def test_a_vote_is_hidden_until_it_is_closed_and_then_counts_only(server, people, teacher):
    ada, bob = people(Pupil(server)), people(Pupil(server))
    opened = teacher.do("open_vote", step="skip_me")
    assert ada.hear("vote_opened") == {k: opened[k] for k in ("rev", "step", "round")}
    for pupil, choice in ((ada, "without_me"), (bob, "nobody")):
        answer = pupil.ask("predict", {"step": "skip_me", "choice": choice})
        assert answer == {"ok": True, "locked": choice, "round": 1}
    seen = teacher.hear("vote_progress", lambda told: told["in"] == 2)
    late = people(Pupil(server))
    during = late.told["state"]["vote"]
    closed = teacher.do("close_vote")
    everybodys = ada.hear("vote_closed")

    assert (seen["step"], seen["round"]) == ("skip_me", 1) and seen["of"] >= 2
    assert during == {"step": "skip_me", "round": 1, "open": True, "in": 2, "before": []}
    assert everybodys["counts"] == {"with_me": 0, "without_me": 1, "all_mine": 0, "nobody": 1}
    assert (closed["share_right"], closed["discuss"]) == (0.5, True)
    assert set(everybodys) == {"rev", "step", "round", "in", "counts"}
    assert not ada.heard("vote_progress")


def test_a_second_round_takes_a_second_choice_beside_the_first(server, people, teacher):
    ada, bob = people(Pupil(server)), people(Pupil(server))
    first = teacher.do("open_vote", step="race")
    for pupil in (ada, bob):
        pupil.ask("predict", {"step": "race", "choice": "both"})
    before = teacher.do("close_vote")["counts"]
    again = teacher.do("open_vote", step="race")
    answers = [
        ada.ask("predict", {"step": "race", "choice": choice})
        for choice in ("per_interval", "both")
    ]
    ada.leave()
    back = ada.come()
    closed = teacher.do("close_vote")
    told = teacher.do("reveal")

    assert (first["round"], again["round"]) == (1, 2)
    assert answers == [{"ok": True, "locked": "per_interval", "round": 2}] * 2
    assert back["voted"] == {"step": "race", "round": 2, "choice": "per_interval"}
    assert back["locked"] == {"race": "both"}
    assert closed["counts"]["per_interval"] == 1 and closed["in"] == 1
    assert told["right"] in told["counts"]
    assert bob.hear("revealed")["right"] == told["right"]
    late = people(Pupil(server)).told["state"]["vote"]
    assert late["right"] == told["right"] and late["before"] == [before]


def test_while_the_vote_is_open_the_teacher_alone_runs_the_step(server, people):
    mary, ada = people(Teacher(server, "/rooms")), people(Pupil(server, "/rooms"))
    mary.do("open_vote", step="skip_me")
    say = {"room": "votes", "text": "hello", "step": "skip_me"}
    for person in (mary, ada):
        person.ask("join", {"room": "votes"}, "/rooms")
    ada.ask("predict", {"step": "skip_me", "choice": "nobody"})
    refused = ada.ask("say", say, "/rooms")
    teachers = mary.ask("say", say, "/rooms")
    mary.do("close_vote")
    after = ada.ask("say", say, "/rooms")

    assert refused == {"ok": False, "error": "the vote is open: your teacher runs it"}
    assert teachers["ok"] and after["ok"]


def test_what_the_teacher_presses_reaches_the_wall_and_no_student(server, people, teacher):
    wall, ada = people(Teacher(server)), people(Pupil(server))
    pressed = teacher.do("run", step="skip_me")
    teacher.do("show", what="join")

    assert wall.hear("run_pressed") == {"step": "skip_me", "at": pressed["at"]}
    assert wall.hear("shown") == {"what": "join"}
    assert people(Teacher(server)).told["shown"] == "join"
    ada.ask("sync_clock", {"t0": 1})  # answered after all that was sent to it before
    assert not ada.heard("run_pressed") + ada.heard("shown") + ada.heard("roster")


def test_the_roster_shows_students_as_they_are(server, people, teacher):
    ada = people(Pupil(server, "/rooms"))
    connected = teacher.see(ada.seat, state="connected", transport="websocket")
    ada.ask("signal", {"kind": "stuck"})
    teacher.see(ada.seat, state="stuck")
    ada.ask("look", {"lesson": "rooms", "step": "explore", "hidden": True})
    asleep = teacher.see(ada.seat, state="asleep")
    ada.leave()
    teacher.see(ada.seat, state="away")
    ada.come()
    back = teacher.see(ada.seat, state="stuck")

    assert (connected["nick"], connected["lesson"]) == (ada.told["nick"], "rooms")
    assert asleep["step"] == "explore" and back["robot"] is False
    until = teacher.do("cut", seats=[ada.seat], seconds=1)["until"]
    assert teacher.see(ada.seat, state="cut")["until"] == until
    assert "until" not in teacher.see(ada.seat, state="away")
    assert teacher.seat not in teacher.rows


def test_a_dot_is_lit_by_a_receipt_and_the_sums_add_up(server, people, teacher):
    ada, bob, eve = (people(Pupil(server, "/rooms")) for _ in range(3))
    for pupil in (ada, bob, eve):
        pupil.ask("join", {"room": "dots"}, "/rooms")
    run = ada.ask("say", {"room": "dots", "text": "hi", "skip_me": True}, "/rooms")["run"]
    began = teacher.hear("addressed", lambda told: told["run"] == run)
    said = bob.hear("said", lambda told: told["run"] == run)
    bob.ask("receipt", {"run": run, "got": [[1, said["sent_at"] + 12.5]]})
    ada.ask("receipt", {"run": run, "got": [[1, said["sent_at"]]]})  # was not addressed
    lit = teacher.hear("lit", lambda told: told["run"] == run)
    late = teacher.hear("lit", lambda told: told["run"] == run and told["silent"])

    assert began["seats"] == sorted([bob.seat, eve.seat]) and began["sender"] == ada.seat
    assert began["event"] == "said"
    assert lit["seats"] == [[bob.seat, 12.5]] and lit["addressed"] == 2
    assert (late["seats"], late["silent"]) == ([[bob.seat, 12.5]], [eve.seat])


def test_a_demo_that_cuts_the_teachers_own_seat_does_not_take_the_class_away(
    server, people, teacher
):
    demo = Pupil(server)
    demo.leave()
    demo.token, demo.http.cookies, demo.lessons = teacher.token, teacher.http.cookies, ("/missed",)
    people(demo).come()  # the lesson on the wall, in the teacher's seat
    demo.ask("cut", {"seconds": 1, "how": "cut"}, "/missed")
    demo.client.wait()  # until its connection has ended

    assert teacher.do("show", what="panel")["what"] == teacher.hear("shown")["what"] == "panel"


def test_a_removed_seat_is_out_at_once_and_its_token_stays_worthless(start, people):
    server = start()
    teacher, ada = people(Teacher(server)), people(Pupil(server))
    assert teacher.ask("remove", {"seat": teacher.seat})["error"] == "that is your own seat"
    teacher.see(ada.seat)
    teacher.do("remove", seat=ada.seat)
    ada.client.wait()  # until its connection has ended
    told = ada.hear("removed")["sentence"]
    teacher.hear("roster", lambda told: ada.seat in told["gone"])
    page = ada.http.get(server.url + "/lesson/rooms", headers={"Accept": "text/html"}, timeout=9)

    assert told == "your teacher has ended this seat: reload the page to take a new one."
    assert page.status_code == 200 and ada.token not in page.text  # a new seat, quietly
    for again in (True, False):
        with pytest.raises(Exception, match="One or more namespaces failed to connect"):
            ada.come()
        if again:
            server.stop()
            ada.url = start().url


def test_robots_are_seated_marked_and_dismissed_for_good(server, people, teacher):
    robots = teacher.do("seat_robots", count=3)["seats"]
    robot = Pupil(server)
    robot.leave()
    robot.token, robot.seat = robots[0]["token"], robots[0]["seat"]
    robot.http.get(server.teacher_url, timeout=9)  # it runs in the teacher's own browser
    robot.come()
    people(robot)
    row = teacher.see(robot.seat, state="connected")

    assert [one["nick"] for one in robots] == ["robot 1", "robot 2", "robot 3"]
    assert row["robot"] is True and robot.told["nick"] == "robot 1"
    assert robot.ask("close_vote")["error"] == "only the teacher may do that"
    assert "3 of 30 robots are seated" in teacher.ask("seat_robots", {"count": 30})["error"]
    assert len(teacher.do("seat_robots", count=29)["seats"]) == 29  # in the place of who is lost
    assert teacher.do("dismiss_robots")["dismissed"] == 30
    robot.hear("removed")
    teacher.hear("roster", lambda told: robot.seat in told["gone"])
    robot.client.wait()
    with pytest.raises(Exception, match="One or more namespaces failed to connect"):
        robot.come()


def test_a_nudge_reaches_one_seat_alone(server, people, teacher):
    ada, bob = people(Pupil(server, "/rooms")), people(Pupil(server))
    teacher.do("nudge", seat=ada.seat)
    first = ada.hear("nudged")
    teacher.do("nudge", seat=ada.seat, hint="Look at the list of lab.")
    bob.ask("sync_clock", {"t0": 1})  # answered after all that was sent to it before

    assert first["exercise"] == "rooms" and first["hint"].startswith("A room is a list of sockets")
    assert ada.hear("nudged")["hint"] == "Look at the list of lab."
    assert not bob.heard("nudged")


def test_a_round_trip_is_unknown_until_a_ping_was_answered(server, people, teacher):
    ada = people(Pupil(server))

    assert teacher.see(ada.seat, transport="websocket")["ms"] is None


def exported(person, query=""):
    answer = person.http.get(person.url + "/teach/export.csv" + query, timeout=9)
    return answer, list(csv.DictReader(io.StringIO(answer.text)))


def test_a_class_is_exported_and_then_cleared_for_good(start, people, tmp_path):
    server = start()
    teacher = people(Teacher(server))
    ada, bob = people(Pupil(server, "/rooms")), people(Pupil(server))
    ada.ask("take_seat", {"nick": "=cmd()"})
    teacher.do("step", lesson="rooms", step="predict")
    for choices in (("with_me", "nobody"), ("without_me", "without_me")):
        teacher.do("open_vote", step="skip_me")
        for pupil, choice in zip((ada, bob), choices, strict=True):
            pupil.ask("predict", {"step": "skip_me", "choice": choice})
        teacher.do("close_vote")
    ada.ask("signal", {"kind": "done"})
    answer, rows = exported(teacher)
    of = {(row["row"], row["when"], row["choice"]): row for row in rows}

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert of["vote", "before discussion", "with_me"]["count"] == "1"
    after = of["vote", "after discussion", "without_me"]
    assert (after["lesson"], after["count"], after["right"]) == ("rooms", "2", "yes")
    assert [row["step"] for row in rows if row["row"] == "time"] == ["predict"]
    assert of["finished", "", ""]["lesson"] == "rooms" and of["finished", "", ""]["count"] == "1"
    assert "cmd()" not in answer.text and bob.told["nick"] not in answer.text
    assert "'=cmd()" in {row["nick"] for row in exported(teacher, "?names=1")[1]}
    assert exported(ada)[0].status_code == 403

    cleared = teacher.do("clear")
    told = ada.hear("cleared")
    wire = teacher.http.get(server.url + f"/wire?after=0&of={ada.seat}", timeout=9).json()["rows"]
    again = ada.ask("take_seat")
    assert cleared["cleared"] | {"nicks": 1, "predictions": 2, "votes": 4} == cleared["cleared"]
    assert told == {"rev": cleared["rev"], "state": cleared["state"]}
    assert again["locked"] == {} and again["nick"] == ada.told["nick"] and len(wire) < 10
    assert again["state"]["rev"] == cleared["rev"] > teacher.told["state"]["rev"]
    assert again["state"]["vote"] is None and again["state"]["lesson"] is None
    assert [row for row in exported(teacher, "?names=1")[1] if row["row"] != "time"] == []
    assert not [
        file for file in (tmp_path / "data").glob("ledger*") if b"cmd()" in file.read_bytes()
    ]


WEIRD = (None, True, -1, 1e308, "", "x" * 300, "\u202e", "nobody", [], {}, [[]], {"a": [1]})
FIELDS = "lesson step on seats seconds seat count what kind keep hint run got t0 choice nick hidden"
FAST = "--events-per-second --events-burst --events-per-second-per-seat --events-per-second-of-all"


def test_no_payload_breaks_a_handler(start, people):
    server = start(*(word for option in FAST.split() for word in (option, "5000")))
    teacher, ada = people(Teacher(server)), people(Pupil(server))
    names = {name for kind in Class.__mro__ for name in vars(kind) if name.startswith("on_")}
    for event in sorted(
        name.removeprefix("on_") for name in names - {"on_connect", "on_disconnect"}
    ):
        for value in WEIRD:
            for person in (teacher, ada)[: 1 + (value is None)]:
                answer = person.ask(event, dict.fromkeys(FIELDS.split(), value))
                assert answer["ok"] or "made a mistake" not in answer["error"], (event, value)
    assert not [line for line in server.complained if "Traceback" in line], server.complained
