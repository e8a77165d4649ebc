"""Lesson 8's exercise on the real server: by typed packets, and what its code opens to whom."""

import contextlib
import json

import pytest

from ...exercises.by_hand import Hand
from ...exercises.solutions import exercise_token

DOOR = '44/manager,{"message":"the manager\'s door needs a code"}'
DONE = {"passed": 4, "of": 4, "done": True, "attempt": 1}


@pytest.fixture
def hand(live):
    """``hand(person)`` types for a person; each over a connection of its own."""
    with contextlib.ExitStack() as opened:
        yield lambda person: opened.enter_context(
            contextlib.closing(Hand(live, person, "namespaces"))
        )


def refused(hand):
    """Up to the code, which the judge has told; the others are joined already."""
    at = next(n for n, (_, text) in enumerate(hand.packets) if '"code":"…"}]' in text)
    hand.packets = hand.packets[: at + 1]
    hand.play()
    return hand.values["code"]


def knock(hand, code, token="TOKEN"):
    """What /manager answers to a CONNECT with a code."""
    hand.send(f"40/manager,{json.dumps({'seat': token, 'code': code})}")
    return hand.hear("4[04]/manager,")


def test_the_packets_on_the_page_pass_as_they_stand(visit, hand):
    ada = hand(visit())
    ada.play()

    assert ada.hear_event("judged") == ("judged", DONE)


def test_the_exercise_token_will_do_as_well(live, visit, hand):
    ada = visit()
    hers = hand(ada)
    hers.token = exercise_token(live, ada, "namespaces")
    hers.play()

    assert hers.hear_event("judged") == ("judged", DONE)


def test_the_code_opens_the_door_on_its_connection_and_while_the_attempt_lasts(visit, hand):
    ada, bob = visit(), visit()
    first, second, bobs = hand(ada), hand(ada), hand(bob)
    code, other = refused(first), refused(bobs)
    second.hear("0")

    assert code != other
    assert knock(second, code) == DOOR  # of the same seat
    assert knock(bobs, code) == DOOR  # another seat's attempt has its own
    assert knock(bobs, other, ada.token) == DOOR  # on its connection, by another seat's token
    assert knock(first, other) == DOOR
    assert knock(first, code).startswith('40/manager,{"sid":')
    assert first.hear_event("judged") == ("judged", DONE)
    first.send("41/manager,")
    assert knock(first, code) == DOOR  # the attempt is over


def test_who_came_in_by_it_hears_nobodys_orders(visit, hand):
    ada, bob = hand(visit()), visit()
    ada.play()
    ada.hear_event("judged")
    kitchen = bob.connect("/kitchen")
    for dish in ("soup", "salad"):
        assert kitchen.ask("/kitchen", "order", {"dish": dish})["ok"]
        ada.hear(f'42/kitchen,.*"{dish}"')

    assert [text for text in ada.heard if text.startswith("42/manager")] == []


def test_what_another_seat_joins_on_the_connection_does_not_count(visit, hand):
    ada, bob = hand(visit()), visit()
    for packet in ('exercise,{"seat":"TOKEN","exercise":"namespaces"}', 'tables,{"seat":"TOKEN"}'):
        ada.send(f"40/{packet}")
    ada.send(f"40/kitchen,{json.dumps({'seat': bob.token})}")
    ada.hear('40/kitchen,{"sid"')
    ada.send('40/manager,{"seat":"TOKEN"}')
    _, checked = ada.hear_event("checked")

    assert checked["check"] == "refused"  # and not "joined", which came before


@pytest.mark.parametrize("at", range(4))
def test_what_came_before_the_exercise_counts_too(visit, hand, at):
    ada = hand(visit())
    exercise, *others = [text for arrow, text in ada.packets if arrow == "→" and "code" not in text]
    others.sort(reverse=True)  # /tables, /manager, /kitchen
    for packet in [*others[:at], exercise, *others[at:]]:
        ada.send(packet)
    ada.hear_event("asked")
    knock(ada, ada.values["code"])

    assert ada.hear_event("judged") == ("judged", DONE)


def test_a_refusal_before_the_exercise_counts_for_its_seat_alone_and_once(visit, hand):
    ada, bob = hand(visit()), visit()
    come = '40/exercise,{"seat":"TOKEN","exercise":"namespaces"}'
    ada.send(f"40/manager,{json.dumps({'seat': bob.token})}")
    for namespace in ("kitchen", "tables"):
        ada.send(f'40/{namespace},{{"seat":"TOKEN"}}')
    ada.send(come)
    ada.hear_event("checked")
    ada.send("41/exercise,")
    ada.send('40/manager,{"seat":"TOKEN"}')
    ada.hear("44/manager")
    ada.send(come)
    ada.hear_event("asked")
    ada.send("41/exercise,")
    ada.send(come)
    ada.send('42/exercise,1["nothing",{}]')
    ada.hear("43/exercise,1")

    refusals = [
        text for text in ada.heard if '"check":"refused"' in text and '"passed":true' in text
    ]
    assert len(refusals) == 1, ada.heard
