"""The kitchen and the count of a call, without a socket or a clock."""

import pytest

from socketlab.classroom.refused import Refused
from socketlab.lessons.acks.calls import Call, Calls
from socketlab.lessons.acks.kitchen import (
    A_MINUTE,
    AT_ONCE,
    MINUTE,
    ORDERS,
    SEATS,
    Kitchen,
    Kitchens,
)


def run():
    return "a run"


def cook(kitchen, order_id, now=0.0):
    order = kitchen.take(order_id, run)
    if not kitchen.knows(order):
        with kitchen.stove(order, now):
            pass
    return order


def test_the_same_id_is_cooked_again_unless_the_kitchen_remembers():
    kitchen = Kitchen()
    cook(kitchen, "one")
    assert cook(kitchen, "one").soups == 2
    kitchen.remember = True
    order = cook(kitchen, "one")

    assert (order.seen, order.soups, order.ticket) == (3, 2, 2)
    assert cook(kitchen, "two").ticket == 3


def test_an_order_whose_cook_is_stopped_is_no_soup_and_leaves_the_stove_free():
    kitchen = Kitchen("slow", remember=True)
    order = kitchen.take("one", run)
    with pytest.raises(KeyError), kitchen.stove(order, 0):
        assert kitchen.waits_for(order)
        raise KeyError

    assert (order.soups, kitchen.at_stove, kitchen.waits_for(order)) == (0, 0, False)


def test_a_seat_has_few_orders_cooked_at_once_and_so_many_a_minute():
    kitchen = Kitchen("slow")
    stoves = [kitchen.stove(kitchen.take(f"order {n}", run), 0) for n in range(AT_ONCE + 1)]
    for stove in stoves[:AT_ONCE]:
        stove.__enter__()
    with pytest.raises(Refused, match="are being cooked"):
        stoves[AT_ONCE].__enter__()
    for stove in stoves[:AT_ONCE]:
        stove.__exit__(None, None, None)
    for n in range(A_MINUTE - AT_ONCE):
        cook(kitchen, f"more {n}", now=1)
    with pytest.raises(Refused, match="orders a minute"):
        cook(kitchen, "one too many", now=MINUTE - 1)
    assert cook(kitchen, "later", now=MINUTE).soups == 1


def test_what_is_kept_is_bounded():
    kitchens = Kitchens()
    for n in range(SEATS + 1):
        kitchens.of(f"seat {n}")
    kitchen = kitchens.of("seat 1")
    for n in range(ORDERS + 1):
        cook(kitchen, f"order {n}")

    assert len(kitchens) == SEATS and "seat 0" not in kitchens
    assert len(kitchen.orders) == ORDERS and "order 0" not in kitchen.orders


def test_each_socket_counts_once_and_only_by_its_word():
    call = Call("a run", {"a": 0, "b": 1}, 10)
    call.answered("a", {"here": True}, 12.04)
    call.answered("a", {"here": True}, 50)
    for word in (None, {"here": False}, {"here": 1}, [1, 2], "here"):
        call.answered("b", word, 13)

    assert not call.is_complete
    assert call.counted() == {
        "run": "a run",
        "asked": 2,
        "answered": 1,
        "sockets": [
            {"sid": "a", "robot": 0, "after_ms": 2.0},
            {"sid": "b", "robot": 1, "after_ms": None},
        ],
    }


def test_a_seat_is_called_by_one_call_at_a_time():
    calls = Calls()
    calls.begin("ada")
    calls.begin("bob")
    with pytest.raises(Refused, match="already"):
        calls.begin("ada")
