"""Deadlines by seat: who is cut off, until when."""

from socketlab.server.cuts import Cuts


def test_a_seat_is_cut_off_until_its_deadline_and_no_other_is():
    cuts = Cuts()
    cuts.cut("ada", until=5000, now=1000)

    assert cuts.seconds_left("ada", 1000) == 4.0
    assert cuts.seconds_left("ada", 4999) == 0.001
    assert cuts.seconds_left("ada", 5000) is None
    assert cuts.seconds_left("bob", 1000) is None


def test_of_two_cuts_the_one_that_lasts_longer_counts():
    cuts = Cuts()
    cuts.cut("ada", until=9000, now=1000)
    cuts.cut("ada", until=3000, now=2000)

    assert cuts.seconds_left("ada", 4000) == 5.0


def test_cuts_that_are_over_take_no_room():
    cuts = Cuts()
    for n in range(100):
        cuts.cut(f"seat {n}", until=n + 1, now=n)

    assert len(cuts._until) == 1
