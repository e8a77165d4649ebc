"""How much, how fast: buckets, whose clock is a number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socketlab.limits import Buckets, EventPace, RateLimiter, TokenBucket


def test_a_bucket_gives_its_burst_and_then_its_rate():
    bucket = TokenBucket(rate=2, burst=5, now=100.0)

    assert [bucket.take(100.0) for _ in range(6)] == [True] * 5 + [False]
    assert bucket.wait() == 0.5
    assert not bucket.take(100.4)
    assert bucket.take(100.6)
    assert [bucket.take(1000.0) for _ in range(6)] == [True] * 5 + [False]


@given(st.lists(st.floats(0, 3), max_size=100))
def test_no_bucket_gives_more_than_burst_and_rate_allow(pauses):
    bucket, now, given_out = TokenBucket(10, 20, 0.0), 0.0, 0
    for pause in pauses:
        now += pause
        given_out += bucket.take(now)
        assert given_out <= 20 + 10 * now + 1e-6


def test_buckets_by_key_are_apart_and_bounded():
    buckets = Buckets(rate=1, burst=2, most=100)
    assert [buckets.take("a", 0.0) > 0 for _ in range(3)] == [False, False, True]
    assert buckets.take("b", 0.0) == 0
    for number in range(1000):
        buckets.take(number, number / 1000)
        assert len(buckets.buckets) <= 100


LIMITS = {
    "EVENTS_PER_SECOND": 20,
    "EVENTS_BURST": 40,
    "INPUT_BYTES_PER_SECOND": 1000,
    "INPUT_BYTES_BURST": 2000,
    "TOO_FAST_SECONDS": 3,
}


def test_a_flood_is_slowed_and_after_three_seconds_ended():
    pace = RateLimiter(LIMITS, 0.0)
    verdicts = [pace.admit(number / 100, 1) for number in range(500)]

    assert verdicts[:40] == ["pass"] * 40
    first = verdicts.index("slow")
    assert 3.0 < verdicts.index("end") / 100 - first / 100 <= 3.2


def test_who_pauses_is_forgiven():
    pace = RateLimiter(LIMITS, 0.0)
    for second in range(0, 60, 3):
        verdicts = [pace.admit(second + n / 1000, 1) for n in range(70)]
        assert "end" not in verdicts


def test_bytes_are_paced_too():
    pace = RateLimiter(LIMITS, 0.0)

    assert [pace.admit(0.0, 900) for _ in range(3)] == ["pass", "pass", "slow"]


@pytest.mark.parametrize(("rate", "burst"), [(0, 5), (-1, 5), (1, 0)])
def test_a_bucket_that_would_never_fill_is_refused_when_it_is_made(rate, burst):
    with pytest.raises(ValueError, match="more than 0"):
        TokenBucket(rate, burst, 0.0)
    with pytest.raises(ValueError, match="more than 0"):
        Buckets(rate, burst)


# The events of all seats


def passed(pace, seat, now, times, kept=0.0):
    """How many of so many events of a seat are let pass at a moment."""
    return sum(not pace.refusal(seat, now, kept) for _ in range(times))


def test_a_seat_has_its_pace_on_all_its_connections_together():
    pace = EventPace(of_seat=60, of_all=3000, now=0.0)

    assert passed(pace, "ada", 0.0, 500) == 120
    assert pace.refusal("ada", 0.0) == "events_per_second_per_seat"
    assert passed(pace, "bob", 0.0, 10) == 10
    assert passed(pace, "ada", 1.0, 500) == 60


def test_where_all_send_too_much_who_sends_little_is_heard():
    pace = EventPace(of_seat=1000, of_all=100, now=0.0)
    assert passed(pace, "loud", 0.0, 400) == 400  # a class that opens its pages

    assert pace.refusal("loud", 0.0) == "events_per_second_of_all"
    assert passed(pace, "quiet", 0.0, 5) == 5
    assert pace.refusal("loud", 0.5) == ""  # fifty more may come by now
    assert passed(pace, "loud", 0.5, 400) == 49


def test_a_demo_gives_way_before_what_drives_the_class():
    pace = EventPace(of_seat=1000, of_all=100, now=0.0)
    assert passed(pace, "a class", 0.0, 330) == 330

    assert passed(pace, "a class", 0.0, 1, kept=0.2) == 0
    assert passed(pace, "a class", 0.0, 1, kept=0.1) == 1
    assert passed(pace, "a class", 0.0, 1) == 1


@given(st.integers(1, 40), st.integers(1, 30))
def test_all_together_send_little_more_than_the_limit(seats, each):
    pace, sent = EventPace(of_seat=1000, of_all=100, now=0.0), 0
    for second in range(5):
        for n in range(each):
            for seat in range(seats):
                sent += not pace.refusal(seat, second + n / 100)

    # Whoever has had less than its share of a second's hundred may always go on.
    assert sent <= min(5 * seats * each, 400 + 5 * 100 + 5 * (100 + seats))
