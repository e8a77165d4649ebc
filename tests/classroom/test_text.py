"""What may be shown to others, character by character."""

import sys
import unicodedata

from socketlab.classroom.text import KEPT_CONTROLS, TURNING_MARKS, BadText, clean


def refused(character):
    try:
        clean(f"a{character}b", "text", 9)
    except BadText:
        return True
    return False


def test_refused_are_controls_halves_of_pairs_and_marks_that_turn_the_text_and_no_others():
    hidden = {
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character) in ("Cc", "Cs") or character in TURNING_MARKS
    }
    others = map(chr, range(0, sys.maxunicode + 1, 97))  # any will do, and all take seconds

    assert all(map(refused, hidden - set(KEPT_CONTROLS)))
    assert not any(refused(character) for character in others if character not in hidden)
    assert not any(map(refused, KEPT_CONTROLS))
