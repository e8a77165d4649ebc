"""/exercise on a real server: what a program hears, what its seat's page hears, and nobody else."""

import pytest
import socketio

from .programs import AT, Program


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
