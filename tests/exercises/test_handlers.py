"""/exercise on a real server: what a program hears, what its seat's page hears, and nobody else."""

import json
from itertools import count

import pytest
import socketio

from tests.helpers import PATIENCE, RawClient

from .programs import AT, Program
from .solutions import made_up_token


@pytest.fixture
def run(live):
    """Start a program; it is disconnected at the end."""
    started = []

    def run(person, **more):
        started.append(Program(live.url, person.token, **more))
        return started[-1]

    yield run
    for program in started:
        program.disconnect()


def refusal(program):
    """The sentence with which a program is not let in."""
    told = []
    program.on("connect_error", lambda data: told.append(data["message"]), namespace=AT)
    with pytest.raises(socketio.exceptions.ConnectionError):
        program.start()
    return told[0]


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_the_right_program_passes_and_its_page_hears_the_same(visit, run, transport):
    ada = visit()
    page = ada.connect(AT, exercise="bidirectional", watch=True)
    before = page.hear("progressed")
    program = run(ada, transports=[transport]).does_it_right().start()
    assert program.hello() == {"ok": True}
    verdicts, judged = program.verdicts()

    assert all(passed for passed, _ in verdicts.values())
    assert list(verdicts) == ["hello", "whoami", "wave"]
    assert judged == {"passed": 3, "of": 3, "done": True, "attempt": 1}
    assert [check["passed"] for check in before["checks"]] == [None] * 3
    assert page.hear("began") == {"attempt": 1}
    assert page.hear("judged") == judged
    assert page.heard("checked") == program.heard("checked")
    assert not page.heard("whoami") and not page.heard("waved")


def test_a_second_program_at_once_is_refused_and_a_later_one_is_not(visit, run):
    ada = visit()
    first = run(ada).start()
    assert "running at this exercise already" in refusal(run(ada))
    first.hello()
    first.disconnect()
    page = ada.connect(AT, exercise="bidirectional", watch=True)
    if page.hear("progressed")["running"]:
        page.hear("judged")
    again = run(ada).start()
    again.hello()
    assert again.hear("checked")["attempt"] == 2


@pytest.mark.parametrize(
    ("auth", "sentence"),
    [
        ({"exercise": "juggling"}, "exercise must be one of"),
        ({"exercise": ["bidirectional"]}, "exercise must be one of"),
        ({"exercise": None}, "exercise must be one of"),
        ({"watch": "yes"}, "watch must be true or false"),
        ({"seat": "seat.forged"}, "unknown seat"),
        ({"seat": "seat.exercise.forged"}, "unknown seat"),
        ({"seat": {"a": [1]}}, "unknown seat"),
    ],
)
def test_who_says_nothing_sensible_is_not_let_in(visit, run, auth, sentence):
    assert sentence in refusal(run(visit(), **auth))


def test_verdicts_are_the_same_over_polling_and_websocket(visit, run):
    answers = [{"nonce": "mine"}, {}, "text", None, [1, 2], 5]
    started = {}
    for number, answer in enumerate(answers):
        for transport in ("polling", "websocket"):
            program = started[number, transport] = run(visit(), transports=[transport])
            program.does_it_right()
            program.on("whoami", lambda question, answer=answer: answer, namespace=AT)
            program.start().hello()
    said = {}
    for key, program in started.items():
        told, judged = program.verdicts()
        nonce = told["whoami"][1].rpartition("the nonce was ")[2]
        told = {check: (ok, saw.replace(nonce, "NONCE")) for check, (ok, saw) in told.items()}
        said[key] = told, judged

    for number, answer in enumerate(answers):
        told, judged = said[number, "polling"]
        assert (told, judged) == said[number, "websocket"], answer
        assert not told["whoami"][0] and told["wave"][0] and judged["passed"] == 2


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_verdict_names_the_row_that_decided_it(live, visit, run, transport):
    ada = visit()
    program = run(ada, transports=[transport]).does_it_right().start()
    program.hello()
    program.hear("judged")
    wire = ada.http.get(live.url + "/wire?after=0&limit=500", timeout=PATIENCE).json()
    rows = {row["n"]: row for row in wire["rows"]}
    decided = {told["check"]: rows[told["n"]] for told in program.heard("checked")}

    assert all(row["up"] for row in decided.values())
    said = {check: json.dumps(row["layers"]) for check, row in decided.items()}
    assert '"hello"' in said["hello"] and '"wave"' in said["wave"]
    assert '"nonce"' in said["whoami"] and '"ACK"' in said["whoami"]


HANDS = count()  # so that each has a seat of its own


class ByHand(RawClient):
    """A WebSocket on which packets are typed, with the seat that it named."""

    def __init__(self, live, name):
        super().__init__(live.port, "/socket.io/?EIO=4&transport=websocket")
        self.hear()
        token = made_up_token(live, "bidirectional", name, name)
        self.send(f"40{AT},{json.dumps({'seat': token, 'exercise': 'bidirectional'})}")
        assert "sid" in self.hear()

    def until(self, word):
        """The next message with this word in it."""
        while word not in (text := self.hear()):
            if text == "2":
                self.send("3")
        return text

    def say(self, packet):
        self.send(packet.replace("AT", AT))


@pytest.fixture
def by_hand(live):
    typed = []

    def by_hand():
        typed.append(ByHand(live, f"hand{next(HANDS)}"))
        return typed[-1]

    yield by_hand
    for each in typed:
        each.close()


def test_the_acknowledgement_is_out_before_what_comes_of_the_event(by_hand):
    program = by_hand()
    program.say('42AT,7["hello",{"name":"Ada"}]')
    assert program.hear().startswith(f"43{AT},7[")
    assert '"checked"' in program.hear() and '"whoami"' in program.hear()


def test_a_late_a_second_and_a_strange_acknowledgement_confuse_nobody(by_hand):
    program = by_hand()
    for early in ('43AT,1[{"nonce":""}]', "43AT,0[]", "43AT,99[1,2]"):
        program.say(early)  # to what nobody has asked yet
    program.say('42AT,7["hello",{"name":"Ada"}]')
    question = program.until('"whoami"')
    number = question.removeprefix(f"42{AT},").partition("[")[0]
    nonce = json.loads(question[question.index("[") :])[1]["nonce"]
    program.say(f'43AT,{int(number) + 5}[{{"nonce":"{nonce}"}}]')
    program.say('42AT,8["wave",{"text":"hi"}]')
    assert "before I had sent waved" in program.until('"wave"')
    program.say(f'43AT,{number}[{{"nonce":"{nonce}"}},2]')
    assert '"passed":false' in program.until('"whoami"')
    program.say(f'43AT,{number}[{{"nonce":"{nonce}"}}]')  # right, and too late
    judged = json.loads(program.until('"judged"').partition(",")[2])[1]
    assert judged == {"passed": 1, "of": 3, "done": False, "attempt": 1}


def test_the_nonce_of_another_attempt_is_worth_nothing(by_hand):
    other, program = by_hand(), by_hand()
    for each in (other, program):
        each.say('42AT,7["hello",{"name":"Ada"}]')
    asked = other.until('"whoami"')
    nonce = json.loads(asked[asked.index("[") :])[1]["nonce"]
    program.until('"whoami"')
    program.say(f'43AT,1[{{"nonce":"{nonce}"}}]')
    assert '"passed":false' in program.until('"checked"')
    other.say(f'43AT,1[{{"nonce":"{nonce}"}}]')
    assert '"passed":true' in other.until('"whoami"')


DEEP = '{"a":' * 40 + "1" + "}" * 40
LONG = "x" * 200
HOSTILE = [
    ('["hello"]', "send one object"),
    ('["hello",{"name":"a"},{}]', "send one object"),
    ('["hello",[1]]', "send one object"),
    ('["hello",{"name":{"a":[]}}]', "name must be a text"),
    ('["hello",{"name":""}]', "name must"),
    (f'["hello",{{"name":"{LONG}"}}]', "name must"),
    ('["hello",{"name":"a\\u0000b"}]', "name holds a character that cannot be shown"),
    (f'["hello",{DEEP}]', "deep"),
    ('["dance",{}]', "this exercise has no event dance"),
    ('["sent",{"event":"hello"}]', "this exercise has no event sent"),
    ('["connect",{}]', ""),
    ('["take",{}]', "this exercise has no event take"),
    ('["__init__",{}]', ""),
    ('["' + "e" * 300 + '",{}]', ""),
]


@pytest.mark.parametrize(("packet", "sentence"), HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_sent_is_answered_with_a_sentence(by_hand, packet, sentence):
    program = by_hand()
    program.say(f"42AT,7{packet}")
    answer = program.until(f"43{AT},7")
    told = json.loads(answer[answer.index("[") :])[0]

    assert told["ok"] is False and sentence in told["error"]
    program.say('42AT,8["hello",{"name":"Ada"}]')
    assert '"ok":' in program.until(f"43{AT},8")


def test_bytes_are_refused_and_do_no_harm(by_hand):
    program = by_hand()
    program.say('451-AT,7["hello",{"name":{"_placeholder":true,"num":0}}]')
    data = b"\x82\x81\x00\x00\x00\x00x"
    program.socket.sendall(data)
    assert "nothing here takes bytes" in program.until(f"43{AT},7")


def test_a_page_that_watches_is_not_judged_and_hears_of_no_other_seat(visit, run):
    ada, ben = visit(), visit()
    page = ben.connect(AT, exercise="bidirectional", watch=True)
    other = ada.connect(AT, exercise="rooms", watch=True)
    page.hear("progressed"), other.hear("progressed")
    assert "this socket watches" in page.ask(AT, "hello", {"name": "Ada"})["error"]
    program = run(ada).does_it_right().start()
    program.hello()
    program.hear("judged")
    program.disconnect()
    assert "this socket watches" in page.ask(AT, "hello", {"name": "Ada"})["error"]
    assert "this socket watches" in other.ask(AT, "hello", {"name": "Ada"})["error"]
    for event in ("began", "checked", "judged", "whoami", "waved"):
        assert not page.heard(event) and not other.heard(event)


def test_who_begins_too_often_is_told_to_wait(visit, run):
    ada = visit()
    begun = 0
    while begun < 100:
        program = run(ada)
        try:
            program.start().disconnect()
            begun += 1
        except socketio.exceptions.ConnectionError:
            if "too often" in (said := refusal(run(ada))):
                break
    assert 20 <= begun < 100 and "you begin too often: wait 1 s, then try again" in said


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_cut_breaks_the_programs_connection_alone_and_its_return_goes_on(
    live, visit, run, transport
):
    ada = visit()
    page = ada.connect(AT, exercise="missed", watch=True)
    page.hear("progressed")
    program = run(ada, slug="missed", transports=[transport]).start()
    run_asked = program.hear("asked")["run"]
    assert program.ended.wait(PATIENCE)
    heard = [told["seq"] for told in program.heard("posted")]
    program.disconnect()
    again = run(ada, slug="missed", transports=[transport]).start()
    back = again.hear("checked")
    first = again.hear("posted")

    assert (back["check"], back["passed"], back["attempt"]) == ("back", True, 1)
    assert page.hear("checked") == back and page.connected
    assert heard == list(range(1, len(heard) + 1))
    assert first["run"] == run_asked and first["seq"] > heard[-1] + 1
    again.disconnect()
    assert page.hear("judged") == {"passed": 1, "of": 4, "done": False, "attempt": 1}
