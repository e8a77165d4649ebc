"""What events cost, and that it is their senders who pay."""

import json

import pytest

from socketlab import deliveries
from socketlab.deliveries import DeliveryBudget

from .helpers import RawClient

TOO_MUCH = "too much is being sent at once: try again in a moment"


class Clock:
    ms = 5_000_000.0

    def __call__(self):
        return self.ms


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def budget(clock):
    return DeliveryBudget(100, 60, clock)


def send(budget, seat, count):
    with budget.charged_to(seat):
        deliveries.charge(count)


def test_a_seat_may_send_so_much_in_a_second(budget, clock):
    send(budget, "ada", 59)
    assert budget.allows("ada")
    send(budget, "ada", 1)
    assert not budget.allows("ada")

    clock.ms += 1000
    assert budget.allows("ada")


@pytest.mark.parametrize("begin", range(0, 1000, 100))
def test_no_second_has_more_whenever_it_begins(budget, clock, begin):
    clock.ms += begin
    send(budget, "ada", 60)
    for _ in range(9):
        clock.ms += 100
        assert not budget.allows("ada")

    clock.ms += 100
    assert budget.allows("ada")


def test_when_all_together_send_too_much_who_sends_little_is_still_heard(budget):
    send(budget, "ada", 50)
    send(budget, "bob", 59)

    assert not budget.allows("ada") and not budget.allows("bob")
    assert budget.allows("cyd")
    send(budget, "cyd", 30)
    assert budget.allows("cyd")  # less than a third of all
    send(budget, "cyd", 4)
    assert not budget.allows("cyd")


@pytest.mark.parametrize("seats", [1, 5, 50, 500])
def test_however_many_seats_send_they_send_twice_the_limit_at_most(budget, seats):
    sent = 0
    for _ in range(100):
        for seat in range(seats):
            if budget.allows(str(seat)):
                send(budget, str(seat), 1)
                sent += 1

    assert sent <= 2 * budget.most + seats  # an event each is always handled


def test_what_nobody_asked_for_is_on_nobodys_account(budget):
    deliveries.charge(1000)

    assert budget.allows("ada")


# In the lessons


def entered(live, person, namespace):
    raw = RawClient(live.port, f"/socket.io/?EIO=4&transport=websocket&seat={person.token}")
    raw.hear()
    raw.send(f"40{namespace},")
    while not raw.hear().startswith("40"):
        pass
    return raw


def ask(raw, namespace, event, data, number):
    raw.send(f"42{namespace},{number}{json.dumps([event, data])}")
    head = f"43{namespace},{number}"
    while not (text := raw.hear()).startswith(head):
        pass
    return json.loads(text[len(head) :])[0]


@pytest.mark.parametrize(
    ("namespace", "event", "data"),
    [
        ("/bidirectional", "wave", {"text": "hello"}),
        ("/kitchen", "order", {"dish": "soup"}),
        ("/tables", "order", {"dish": "soup"}),
        ("/rooms", "say", {"room": "all", "text": "hello"}),
    ],
)
def test_an_event_to_everybody_costs_its_sender(start, visit, namespace, event, data):
    server = start("--deliveries-per-second-per-seat", "10")
    ada, bob = visit(server.url), visit(server.url)
    sockets = [entered(server, person, namespace) for person in (ada, ada, bob)]
    try:
        if event == "say":
            assert all(ask(raw, namespace, "join", {"room": "all"}, 99)["ok"] for raw in sockets)
        answers = [ask(sockets[0], namespace, event, data, n) for n in range(15)]
        refused = [answer for answer in answers if not answer["ok"]]

        assert refused and all(answer["error"] == TOO_MUCH for answer in refused)
        assert answers[0]["ok"]
        assert ask(sockets[2], namespace, event, data, 1)["ok"]
    finally:
        for raw in sockets:
            raw.close()
