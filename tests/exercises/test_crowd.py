"""Many programs at once, and a server that is killed: each keeps its own verdict."""

import json
import signal

from tests.classroom.pupils import Pupil, Teacher

from ..helpers import Person, RawClient
from .programs import AT, Program
from .solutions import OPTIONS, made_up_token

CLASS = 100


class Light:
    """A program of a few lines over a bare WebSocket, with the token of a seat of its own."""

    def __init__(self, server, number):
        token = made_up_token(server, "bidirectional", f"pupil{number}", f"pupil {number}")
        self.raw = RawClient(server.port, "/socket.io/?EIO=4&transport=websocket")
        auth = {"seat": token, "exercise": "bidirectional"}
        self.raw.hear()
        self.raw.send(f"40{AT},{json.dumps(auth)}")
        self.verdicts = {}

    def say(self, event, **data):
        self.raw.send(f"42{AT},{json.dumps([event, data])}")

    def hear(self, name):
        """The payload of the next event of this name, and the id that wants an acknowledgement."""
        while True:
            text = self.raw.hear()
            if text == "2":
                self.raw.send("3")
            head, bracket, values = text.partition("[")
            if bracket and head.startswith(f"42{AT},"):
                event, data = json.loads(bracket + values)
                if event == "checked":
                    self.verdicts[data["check"]] = data["passed"], data["saw"]
                if event == name:
                    return data, head.removeprefix(f"42{AT},")

    def answer(self, number, *values):
        self.raw.send(f"43{AT},{number}{json.dumps(values)}")


def test_a_whole_class_submits_at_once_and_each_gets_its_own_verdict(start):
    """Every third answers with its neighbour's nonce, every fifth waves too early."""
    server = start(*OPTIONS)
    pupils = [Light(server, number) for number in range(CLASS)]
    for number, pupil in enumerate(pupils):
        pupil.say("hello", name=f"Ada {number}")
        if number % 5 == 4:
            pupil.say("wave", text="hi")
    asked = [pupil.hear("whoami") for pupil in pupils]
    nonces = [data["nonce"] for data, _ in asked]
    for number, pupil in enumerate(pupils):
        pupil.answer(asked[number][1], {"nonce": nonces[number - (number % 3 == 2)]})
    for number, pupil in enumerate(pupils):
        if number % 5 != 4:
            pupil.hear("waved")
            pupil.say("wave", text="hi")
    judged = [pupil.hear("judged")[0] for pupil in pupils]
    for pupil in pupils:
        pupil.raw.close()

    assert len(set(nonces)) == CLASS
    for number, pupil in enumerate(pupils):
        right = {"hello": True, "whoami": number % 3 != 2, "wave": number % 5 != 4}
        assert {check: passed for check, (passed, _) in pupil.verdicts.items()} == right
        assert judged[number]["passed"] == sum(right.values())
        assert f"Ada {number}" in pupil.verdicts["hello"][1]
        shown = nonces[number - (number % 3 == 2)]
        assert shown in pupil.verdicts["whoami"][1]


def progressed(person):
    page = person.connect(AT, exercise="bidirectional", watch=True)
    return page.hear("progressed")


def test_progress_outlives_the_server_and_is_cleared_with_the_class(start, tmp_path):
    data = tmp_path / "data"
    server = start("--teacher-key", "a key to teach with", data=data)
    ada = Pupil(server)
    failing = Program(server.url, ada.token).start()
    failing.hello()
    failing.disconnect()
    page = ada.connect(AT, exercise="bidirectional", watch=True)
    if page.hear("progressed")["running"]:
        page.hear("judged")
    right = Program(server.url, ada.token).does_it_right().start()
    right.hello()
    assert right.hear("judged")["done"]
    server.stop(signal.SIGKILL)
    ada.leave()
    right.disconnect()

    server = start("--teacher-key", "a key to teach with", data=data)
    ada.url = server.url
    teacher = Teacher(server)
    ada.come()
    kept = progressed(ada)
    assert (kept["attempts"], kept["done"], kept["passed"], kept["of"]) == (2, True, 3, 3)
    assert [check["passed"] for check in kept["checks"]] == [True] * 3
    assert [check["n"] for check in kept["checks"]] == [None] * 3  # its wire is gone
    row = teacher.see(ada.seat, state="connected")["exercise"]
    assert row["slug"] == "bidirectional" and row["check"] is None and row["attempts"] == 2

    assert teacher.do("clear")["cleared"]["exercises"] == 1
    assert progressed(ada)["attempts"] == 0
    while "exercise" in teacher.rows[ada.seat]:
        teacher.hear_roster()
    teacher.leave()
    ada.leave()


def test_one_programs_flood_is_its_own_trouble(start):
    server = start()
    flooding, ada = Light(server, 1), Person(server.url)
    for _ in range(300):
        flooding.raw.send(f'42{AT},1["hello",{{"name":"Eve"}}]')
    right = Program(server.url, ada.token).does_it_right().start()
    right.hello()
    verdicts, judged = right.verdicts()
    answers = [flooding.raw.hear() for _ in range(300)]

    assert judged["done"] and verdicts["hello"][1] == 'hello {"name": "Ada"}'
    assert len([text for text in answers if "too fast" in text]) > 200
    assert len([text for text in answers if '"checked"' in text]) == 1
    flooding.raw.close()
    right.disconnect()
    ada.leave()
