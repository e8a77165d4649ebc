"""Lesson 7's exercise on the real server, by packets typed over a bare WebSocket."""

import contextlib
import json

from ...exercises.by_hand import Hand


def test_the_packets_on_the_page_begin_a_relay_and_their_like_go_on_to_pass(live, visit):
    with contextlib.closing(Hand(live, visit(), "rooms")) as hand:
        hand.play()
        me = next(text for text in hand.heard if text.startswith("40/exercise,"))
        while (event := hand.hear_event("said", "judged"))[0] == "said":
            assert event[1]["room"] != "A" or event[1]["who"]["sid"] == ""
            if event[1]["who"]["nick"] != "the bot":
                assert event[1]["room"] == "B" and event[1]["who"]["sid"] in me
            if "A" in event[1]["rooms"]:
                say = {"room": "B", "text": event[1]["text"]}
                hand.send(f"42/exercise,{json.dumps(['say', say])}")

    assert event[1] == {"passed": 4, "of": 4, "done": True, "attempt": 1}
