"""The judge of lesson 8's exercise, without a socket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socketlab.exercises.judge import Judged
from socketlab.lessons.namespaces.exercise import Exercise

from ...exercises.stage import Stage

KITCHEN, TABLES, MANAGER = "/kitchen", "/tables", "/manager"
DOOR = "the manager's door needs a code"
ALL = {"joined", "refused", "code", "one_connection"}


def knock(stage, namespace, code=None):
    """A CONNECT on the judged connection: as the server decides it."""
    auth = {} if code is None else {"code": code}
    if namespace == MANAGER and not stage.judge.opens(MANAGER, auth):
        stage.judge.saw_refused(MANAGER, DOOR)
    else:
        stage.judge.saw_joined(namespace)


def begins(*namespaces):
    def began(stage):
        for namespace in namespaces:
            knock(stage, namespace)

    return began


def comes_back(stage, event, data):
    knock(stage, MANAGER, data["code"])


def gives_up(stage, event, data):
    stage.judge.left()


def play(program, *namespaces, began=None):
    stage = Stage(Exercise, program, began or begins(*(namespaces or (KITCHEN, TABLES, MANAGER))))
    stage.play()
    return stage


def failed(stage):
    return {check: saw for check, (passed, saw) in stage.verdicts.items() if not passed}


@given(st.permutations([KITCHEN, TABLES, MANAGER]))
def test_who_comes_back_with_the_code_passes_in_whatever_order(order):
    stage = play(comes_back, *order)

    assert stage.judged == Judged(4, 4, True), failed(stage)
    assert stage.heard == [("asked", {"code": "n1"})]


def test_kitchen_and_tables_may_be_joined_last():
    def joins_last(stage, event, data):
        knock(stage, MANAGER, data["code"])
        stage.later(1.0, lambda: (knock(stage, KITCHEN), knock(stage, TABLES)))

    assert play(joins_last, MANAGER).judged.done


def test_the_code_is_told_after_the_refusal_and_once():
    def again(stage, event, data):
        knock(stage, MANAGER)
        knock(stage, MANAGER, data["code"])

    stage = play(again)

    assert stage.judged.done and len(stage.heard) == 1


@pytest.mark.parametrize("code", [None, "", "n2", 7, ["n1"], {"code": "n1"}, True, "\ud800"])
def test_only_the_code_of_the_attempt_opens_the_door(code):
    stage = Stage(Exercise, comes_back, begins(MANAGER))

    def wrong(stage, event, data):
        assert not stage.judge.opens(MANAGER, {"code": code})
        assert not stage.judge.opens(KITCHEN, data) and stage.judge.opens(MANAGER, data)

    stage.program = wrong
    stage.play()

    assert not stage.judge.opens(MANAGER, stage.heard[0][1])  # the attempt is over


def test_there_is_no_code_before_the_refusal():
    judge = Stage(Exercise, comes_back).judge

    assert not any(judge.opens(MANAGER, {"code": code}) for code in (None, "", "None", "n1"))


def elsewhere(*namespaces):
    """Goes there on other connections, one each, and nowhere on that of /exercise."""

    def began(stage):
        for namespace in namespaces:
            stage.judge.saw_elsewhere(namespace, f"c{namespace}", False)

    return began


def test_a_connection_for_each_namespace_is_counted():
    stage = play(comes_back, began=elsewhere(KITCHEN, TABLES, MANAGER))
    seen = failed(stage)

    assert seen.keys() == ALL and stage.time < 5
    assert (
        seen["one_connection"]
        == "4 connections: /kitchen, /manager, /tables not on that of /exercise"
    )
    assert seen["code"].startswith("no refusal at /manager")


def test_a_new_connection_for_the_code_is_seen():
    def opens_another(stage, event, data):
        stage.judge.saw_elsewhere(MANAGER, "c2", False)

    seen = failed(play(opens_another))

    assert seen.keys() == {"code", "one_connection"}
    assert seen["one_connection"] == "2 connections: /manager not on that of /exercise"
    assert seen["code"] == "no second CONNECT to /manager here, and your program went on elsewhere"


def test_what_is_left_of_an_earlier_run_is_not_held_against_the_program():
    def began(stage):
        stage.judge.saw_elsewhere(KITCHEN, "old", True)
        stage.judge.saw_elsewhere(MANAGER, "old", True)
        begins(KITCHEN, TABLES, MANAGER)(stage)

    def slowly(stage, event, data):
        stage.later(10.0, lambda: comes_back(stage, event, data))

    assert play(slowly, began=began).judged.done


def test_connections_from_before_the_attempt_count_if_the_program_does_not_come_here():
    def began(stage):
        stage.judge.saw_elsewhere(KITCHEN, "c2", True)
        stage.judge.saw_elsewhere(TABLES, "c3", True)

    stage = play(comes_back, began=began)

    assert "3 connections: /kitchen, /tables" in failed(stage)["one_connection"]
    assert stage.time < 10


def test_who_gives_up_is_told_what_was_missing():
    seen = failed(play(gives_up))

    assert seen.keys() == {"code", "one_connection"}
    assert seen["code"] == "no second CONNECT to /manager here, and your program disconnected"


def test_who_waits_for_the_code_without_knocking_waits_in_vain():
    stage = play(comes_back, KITCHEN, TABLES)
    seen = failed(stage)

    assert seen.keys() == ALL - {"joined"} and stage.heard == []
    assert seen["refused"] == "no CONNECT to /manager here, and the time was up"


def test_who_leaves_the_others_to_come_back_fails():
    def leaves(stage, event, data):
        stage.judge.saw_left(KITCHEN)
        knock(stage, KITCHEN)
        comes_back(stage, event, data)

    assert failed(play(leaves)) == {
        "one_connection": "/kitchen left, before you were in everywhere"
    }


def test_who_knows_the_code_of_the_class_has_not_been_refused():
    def let_in(stage):
        stage.judge.saw_joined(MANAGER)

    def with_the_classs(stage, event, data):
        stage.judge.saw_joined(MANAGER)

    assert failed(play(comes_back, began=let_in))["refused"].startswith("let in at once")
    assert "another code" in failed(play(with_the_classs))["code"]


def test_knocking_again_without_the_code_is_counted():
    def again(stage, event, data):
        knock(stage, MANAGER)
        knock(stage, MANAGER, "n7")

    seen = failed(play(again))

    assert seen["code"] == "3 times at /manager, never with my code in auth, and the time was up"


def test_there_is_no_event_to_send():
    assert "no event code" in Stage(Exercise, comes_back).send("code", {"code": "n1"})
