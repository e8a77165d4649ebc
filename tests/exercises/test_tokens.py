"""An exercise token opens its exercise and nothing else, and is shown to nobody on the wire."""

import json
import re

import pytest
import requests
import socketio

from socketlab.classroom.ledger import SCHEMA, Ledger
from socketlab.classroom.passes import Passes
from socketlab.classroom.refused import Refused
from socketlab.classroom.seats import RemovedSeat, Seats, UnknownSeat
from socketlab.database import Database
from tests.classroom.pupils import Teacher

from ..helpers import PATIENCE, Client, Person
from .programs import AT, Program
from .solutions import exercise_token

NEEDED = {"rooms": (), "namespaces": ("/kitchen", "/tables")}


@pytest.fixture
def ledger():
    ledger = Ledger(Database(":memory:", SCHEMA))
    yield ledger
    ledger.close()


@pytest.fixture
def seats(ledger):
    return Seats("a key", ledger, lambda: 0.0)


@pytest.fixture
def passes(seats):
    return Passes("a key", seats, NEEDED)


def test_a_token_opens_its_exercise_and_what_that_needs(passes, seats):
    ada = seats.take("Ada")
    token = passes.issue(ada, "namespaces")

    assert passes.claim(token, AT, "namespaces") is ada
    assert passes.claim(token, "/kitchen", None) is ada
    assert passes.read(token) == (ada, "namespaces")
    for slug in ("rooms", None, ["namespaces"], {}):
        with pytest.raises(Refused, match="the exercise token of namespaces"):
            passes.claim(token, AT, slug)
    for namespace in ("/class", "/", "/rooms", "/missed", "/manager"):
        with pytest.raises(Refused, match=f"does not open {namespace}"):
            passes.claim(token, namespace, "namespaces")


def test_a_seats_token_and_an_exercises_are_not_each_other(passes, seats):
    ada = seats.take("Ada")
    token = passes.issue(ada, "rooms")

    for wrong in (token, token.replace("exercise.", "")):
        with pytest.raises(UnknownSeat):
            seats.claim(wrong)
    for wrong in (ada.token, "seat.exercise." + ada.token[5:], token[:-1], token + "x", "", 5):
        with pytest.raises(UnknownSeat):
            passes.read(wrong)
    for other in (Passes("another key", seats, NEEDED), Passes("a key", seats, {"upgrade": ()})):
        with pytest.raises(UnknownSeat):
            other.read(token)


def test_a_token_lives_as_long_as_its_seat_also_after_a_restart(passes, seats, ledger):
    ada = seats.take("Ada")
    token = passes.issue(ada, "rooms")
    later = Seats("a key", ledger, lambda: 0.0)

    assert Passes("a key", later, NEEDED).read(token)[0].id == ada.id
    seats.remove(ada.id)
    with pytest.raises(RemovedSeat):
        passes.read(token)


# On the real server


@pytest.fixture
def served(start):
    """A server of one's own: its tests look at what is secret there, and at its teacher."""
    return start()


def joined(server, namespace, **auth):
    """Let in: None; else the sentence that says why not."""
    client, told = Client(), []
    client.on("connect_error", lambda data: told.append(data["message"]), namespace=namespace)
    try:
        client.connect(
            server.url, namespaces=[namespace], auth=auth, transports=["websocket"], wait_timeout=9
        )
    except socketio.exceptions.ConnectionError:
        return told[0]
    finally:
        client.disconnect()
    return None


def test_an_exercise_token_is_good_for_nothing_else(served):
    ada = Person(served.url)
    token = exercise_token(served, ada, "bidirectional")

    assert joined(served, AT, seat=token, exercise="bidirectional") is None
    assert "the exercise token of bidir" in joined(served, AT, seat=token, exercise="rooms")
    for namespace in ("/", "/class", "/rooms", "/missed", "/bidirectional", "/kitchen"):
        assert "does not open" in joined(served, namespace, seat=token, exercise="bidirectional")
    page = requests.get(f"{served.url}/wire?after=0&seat={token}", timeout=PATIENCE)
    assert page.json()["rows"] == [] or token not in page.text
    seats = re.findall(r'name="seat" content="([^"]+)"', ada.page.text)
    for cookie in ({"socketlab_seat": token}, {"socketlab_teacher": token}):
        answer = requests.get(f"{served.url}/lesson/rooms", cookies=cookie, timeout=PATIENCE)
        assert not set(re.findall(r'name="seat" content="([^"]+)"', answer.text)) & set(seats)
        assert requests.get(f"{served.url}/teach", cookies=cookie, timeout=9).status_code == 403
    ada.leave()


def test_a_program_with_the_teachers_cookie_is_not_the_teacher(served):
    """It may need a lesson's namespace, in which the teacher may do more than others."""
    teacher = Teacher(served)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in teacher.http.cookies)
    answers = {}
    for token in (teacher.token, exercise_token(served, teacher, "namespaces")):
        client = Client()
        client.connect(
            served.url,
            headers={"Cookie": cookies},
            namespaces=["/kitchen"],
            auth={"seat": token, "exercise": "namespaces"},
            transports=["websocket"],
            wait_timeout=PATIENCE,
        )
        answers[token] = client.ask("/kitchen", "order", {"dish": "soup", "step": "one_pipe"})
        client.disconnect()
    teacher.leave()

    assert [answer["ok"] for answer in answers.values()] == [True, False]
    assert "lock your prediction" in answers[token]["error"]


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_an_exercise_token_is_blanked_on_the_wire_in_every_layer(served, transport):
    ada = Person(served.url)
    token = exercise_token(served, ada, "bidirectional")
    program = Program(served.url, token, transports=[transport]).start()
    program.ask(AT, "hello", {"name": f"my token is {token}"[:60]})
    requests.get(f"{served.url}/exercise/bidirectional?seat={token}", timeout=PATIENCE)
    rows = ada.http.get(f"{served.url}/wire?after=0&limit=500", timeout=PATIENCE).json()["rows"]
    program.disconnect()
    ada.leave()

    secret = token[len("seat.exercise.") :][:12]
    everything = json.dumps(rows)
    assert "bidirectional" in everything and "hello" in everything
    assert secret not in everything
    assert secret.encode().hex() not in everything
    assert not [row for row in rows if secret.encode() in unmasked(row)]
    assert not [line for line in served.complained if secret in line]


def unmasked(row):
    """The bytes of a row, without the mask of a frame."""
    data = bytes.fromhex(row["hex"])
    if row["transport"] != "websocket" or not row["up"] or len(data) < 6:
        return data
    at = {126: 4, 127: 10}.get(data[1] & 127, 2)
    return bytes(byte ^ data[at + i % 4] for i, byte in enumerate(data[at + 4 :]))


def test_with_its_seat_a_token_ends_and_the_attempt_that_it_began(served):
    teacher, ada = Teacher(served), Person(served.url)
    token = exercise_token(served, ada, "bidirectional")
    program = Program(served.url, token).start()
    program.hello()
    seat = next(iter(row["seat"] for row in [teacher.named(nick_of(served, ada))]))
    teacher.do("remove", seat=seat)
    program.ended.wait(PATIENCE)

    assert not program.connected and not program.heard("judged")
    assert "ended this seat" in joined(served, AT, seat=token, exercise="bidirectional")
    assert "ended this seat" in joined(served, AT, seat=ada.token, exercise="bidirectional")
    teacher.leave()
    ada.leave()


def nick_of(server, person):
    client = person.connect("/class")
    return client.ask("/class", "take_seat", {})["nick"]
