"""How much, how fast: buckets, whose clock is a number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socketlab.limits import Buckets, RateLimiter, TokenBucket


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
