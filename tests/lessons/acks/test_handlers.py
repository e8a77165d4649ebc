"""Lesson "acks": its events on the real server, by a client that is not ours."""

import queue
import re

from ...classroom.crowd import SECRET, Crowd, tokens
from ...helpers import PATIENCE

NS = "/acks"
STEP = "three_soups"
SOUP = {"dish": "soup", "order_id": "one"}


def choose(line, mode, remember=False):
    answer = line.ask(NS, "set_kitchen", {"mode": mode, "remember": remember})
    assert answer == {"ok": True, "mode": mode, "remember": remember}


def order(line, number=1, **more):
    """Send an order without waiting; its acknowledgement comes out of the queue."""
    acks = queue.Queue()
    line.emit("order", SOUP | {"attempt": number} | more, namespace=NS, callback=acks.put)
    return acks


def soups(line, order_id, count):
    heard = [line.hear("cooked", lambda soup: soup["order_id"] == order_id) for _ in range(count)]
    assert [soup["seq"] for soup in heard] == list(range(1, count + 1))
    return heard


def test_a_slow_kitchen_makes_three_soups_of_one_order_in_twelve_seconds(visit):
    ada = visit()
    line, page = ada.connect(NS), ada.connect(NS)
    choose(page, "slow")
    acks = [order(line, number) for number in (1, 2, 3)]
    choose(page, "slow")  # another connection of the seat is served meanwhile
    assert page.heard("cooked") == []
    cooked = soups(page, "one", 3)
    told = [each.get(timeout=PATIENCE) for each in acks]

    assert told == [{"ok": True, "ticket": n, "total": n} for n in (1, 2, 3)]
    assert [soup["total"] for soup in cooked] == [soup["attempt"] for soup in cooked] == [1, 2, 3]
    assert len({soup["run"] for soup in cooked}) == 1
    first, second, third = (soup["sent_at"] for soup in cooked)
    assert min(second - first, third - second) > 3900


def test_a_kitchen_that_remembers_makes_one_soup_of_three_orders(visit):
    ada = visit()
    lines = [ada.connect(NS) for _ in range(3)]
    choose(lines[0], "slow", remember=True)
    acks = [order(line) for line in lines]  # at once: two wait for the first
    told = [each.get(timeout=PATIENCE) for each in acks]

    assert told == [{"ok": True, "ticket": 1, "total": 1}] * 3
    assert len(soups(lines[0], "one", 1)) == 1
    assert lines[0].ask(NS, "order", SOUP) == told[0]
    assert lines[0].heard("cooked") == []


def test_the_orders_are_counted_where_the_client_says_nothing(visit):
    line = visit().connect(NS)
    for _ in range(2):
        assert line.ask(NS, "order", SOUP)["ok"]

    assert [soup["attempt"] for soup in soups(line, "one", 2)] == [1, 2]


def test_a_silent_kitchen_cooks_and_never_acknowledges_and_a_broken_one_says_no(visit):
    line = visit().connect(NS)
    choose(line, "silent")
    unanswered = order(line)
    choose(line, "broken")  # answered after it: events keep their order
    refused = line.ask(NS, "order", SOUP | {"order_id": "two"})

    assert unanswered.empty()
    assert len(soups(line, "one", 1)) == 1
    assert refused == {"ok": False, "error": "the stove is broken: no soup today"}


def test_a_slow_kitchen_takes_so_many_orders_of_a_seat_at_once(visit):
    ada, bob = visit(), visit()
    lines = [ada.connect(NS) for _ in range(5)]
    choose(lines[0], "slow")
    acks = [order(line, order_id=f"order {n}") for n, line in enumerate(lines[:4])]
    choose(lines[4], "slow")
    for line in lines[:4]:  # their orders have begun: an event of this seat was handled after them
        assert line.heard("cooked") == []
    refused = lines[4].ask(NS, "order", SOUP | {"order_id": "one too many"})
    other = bob.connect(NS).ask(NS, "order", SOUP)

    assert "4 of your orders are being cooked" in refused["error"]
    assert other["ok"]
    assert all(each.get(timeout=PATIENCE)["ok"] for each in acks)


WRONG = [
    ("order", {}),
    ("order", {"dish": "soup"}),
    ("order", {"dish": 7, "order_id": "one"}),
    ("order", {"dish": "", "order_id": "one"}),
    ("order", {"dish": "soup", "order_id": "x" * 65}),
    ("order", SOUP | {"attempt": 0}),
    ("order", SOUP | {"attempt": "2"}),
    ("set_kitchen", {}),
    ("set_kitchen", {"mode": "loud"}),
    ("set_kitchen", {"mode": ["slow"]}),
    ("set_kitchen", {"mode": "slow", "remember": 1}),
]


def test_a_wrong_event_gets_its_sentence(visit):
    line = visit().connect(NS)
    for event, data in WRONG:
        answer = line.ask(NS, event, data)

        assert answer["ok"] is False
        assert re.search("dish|order_id|attempt|mode|remember", answer["error"]), data


def test_a_run_of_the_lesson_waits_for_the_prediction(visit):
    ada = visit()
    line, everyone = ada.connect(NS), ada.connect("/class")
    refused = line.ask(NS, "order", SOUP | {"step": STEP})
    everyone.ask("/class", "predict", {"step": STEP, "choice": "one_done"})

    assert "lock your prediction" in refused["error"]
    assert line.ask(NS, "order", SOUP | {"step": STEP})["ok"]


# Asking all


def test_of_four_sockets_that_are_called_three_have_a_handler(visit):
    ada = visit()
    page, *robots = [ada.connect(NS, robot=n) for n in range(4)]
    stranger = visit().connect(NS)
    counts = queue.Queue()
    page.on("counted", counts.put, namespace=NS)
    for each in (page, *robots[:2]):
        each.on("called", lambda call: {"here": True}, namespace=NS)
    ack = page.ask(NS, "call")
    again = page.ask(NS, "call", {})
    counted = counts.get(timeout=PATIENCE)

    assert ack["ok"] is False  # it takes an object, as every event does
    assert again["ok"] and again["asked"] == counted["asked"] == 4
    assert counted["run"] == again["run"] and counted["answered"] == 3
    silent = [each["robot"] for each in counted["sockets"] if each["after_ms"] is None]
    assert silent == [3] and stranger.heard("called") == []


def test_an_answer_without_a_word_does_not_count(visit):
    page, counts = visit().connect(NS), queue.Queue()
    page.on("counted", counts.put, namespace=NS)
    page.on("called", lambda call: None, namespace=NS)
    page.ask(NS, "call", {})
    second = page.ask(NS, "call", {})

    assert "called already" in second["error"]
    assert counts.get(timeout=PATIENCE)["answered"] == 0


def test_thirty_seats_order_at_once_and_no_kitchen_slows_another(start):
    server = start(env={"SOCKETLAB_SECRET_KEY": SECRET})
    with Crowd(server.port, tokens(30), lesson=NS) as crowd:
        crowd.come()
        for light in crowd.all:
            light.emit("set_kitchen", {"mode": "slow"}, NS)
            light.emit("order", SOUP, NS)
        crowd.until(lambda: crowd.heard("cooked"))
        cooked = [[told for name, told in each.heard if name == "cooked"] for each in crowd.all]
    server.stop()

    moments = [mine[0]["sent_at"] for mine in cooked]
    assert all(len(mine) == 1 and mine[0]["total"] == 1 for mine in cooked)
    assert max(moments) - min(moments) < 4000  # side by side, not one after the other
    assert not [line for line in server.complained if "handler" in line], server.complained
