"""Lesson 1's exercise on the real server, by packets typed over a bare WebSocket."""

import contextlib

from ...exercises.by_hand import Hand


def test_the_packets_of_the_page_pass_as_they_stand_there(live, visit):
    with contextlib.closing(Hand(live, visit(), "bidirectional")) as hand:
        hand.play()
        told = hand.hear_event("judged")

    assert told[1] == {"passed": 3, "of": 3, "done": True, "attempt": 1}
