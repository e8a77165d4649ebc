"""Lesson "newlesson": what its text claims, on the real server."""

import pytest

NS = "/newlesson"
STEP = "newlesson_who"


def test_every_socket_receives_a_greeting_and_so_does_the_sender(visit):
    ada, bob = visit().connect(NS), visit().connect(NS)
    ack = ada.ask(NS, "greet", {"text": "hello"})
    mine, his = [each.hear("greeted", lambda g: g["run"] == ack["run"]) for each in (ada, bob)]

    assert ack["ok"] and ack["addressed"] >= 2
    assert mine == his
    assert (mine["text"], mine["seq"]) == ("hello", 1)


@pytest.mark.parametrize("data", [{}, {"text": ""}, {"text": 7}, {"text": "x" * 81}, "hello", None])
def test_a_wrong_greeting_gets_its_sentence(visit, data):
    answer = visit().connect(NS).ask(NS, "greet", data)

    assert answer["ok"] is False
    assert answer["error"]


def test_a_run_of_the_lesson_waits_for_the_prediction(visit):
    ada = visit()
    line, everyone = ada.connect(NS), ada.connect("/class")
    run = {"text": "hello", "step": STEP}
    refused = line.ask(NS, "greet", run)
    everyone.ask("/class", "predict", {"step": STEP, "choice": "all"})

    assert "lock your prediction" in refused["error"]
    assert line.ask(NS, "greet", run)["ok"]
