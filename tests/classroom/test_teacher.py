"""Who has the key is let in, whatever others try; a short key is not found by trying."""

import pytest

from socketlab.classroom.refused import TooManyTries
from socketlab.classroom.teacher import Teacher


@pytest.fixture
def clock():
    return [0.0]


def teacher(clock, key=""):
    return Teacher("the server's own key", key, lambda: clock[0])


def tries(teacher, address, count):
    for n in range(count):
        try:
            assert teacher.cookie_for(f"guess {n}", address) is None
        except TooManyTries:
            return n


def test_wrong_keys_of_others_lock_nobody_out_who_has_the_right_one(clock):
    one = teacher(clock)
    stopped = [tries(one, f"10.0.0.{n}", 30) for n in range(40)]

    assert set(stopped) == {5}
    assert one.owns(one.cookie_for(one.key, "10.0.0.1"))


def test_a_short_key_is_not_even_compared_after_five_wrong_ones_from_its_address(clock):
    one = teacher(clock, "sesame")
    tries(one, "10.0.0.1", 30)
    with pytest.raises(TooManyTries):
        one.cookie_for("sesame", "10.0.0.1")

    assert one.owns(one.cookie_for("sesame", "10.0.0.2"))  # the teacher's own laptop
    clock[0] = 60_001.0
    assert one.owns(one.cookie_for("sesame", "10.0.0.1"))
