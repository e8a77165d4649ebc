"""When a question of the review comes back, and what of an answer outlives the process."""

from types import SimpleNamespace

import pytest

from socketlab.classroom.ledger import SCHEMA, Ledger
from socketlab.classroom.refused import Refused, Unknown
from socketlab.classroom.reviews import APART_MS, Answered, Reviews, is_due
from socketlab.database import Database

MINUTE = 60_000


@pytest.fixture
def clock():
    return SimpleNamespace(now=1000.0)


@pytest.fixture
def reviews(clock):
    return Reviews(ledger_at(":memory:"), ["missed", "udp"], 5, lambda: clock.now)


def ledger_at(path, **options):
    return Ledger(Database(path, SCHEMA), **options)


@pytest.mark.parametrize(
    ("rating", "begun_then", "begun", "minutes", "due"),
    [
        ("not_yet", 1, 2, 900, False),  # time alone does not bring it back
        ("not_yet", 1, 3, 0, True),
        ("partly", 1, 3, 0, True),
        ("knew", 1, 5, 900, False),
        (None, 1, 5, 900, False),  # locked, and not compared yet
        ("partly", 4, 4, 900, False),
        ("partly", 4, 5, 0, True),  # one lesson is all that was left to begin
        ("partly", 5, 5, 44, False),  # and where none was left, a class later
        ("partly", 5, 5, 45, True),
    ],
)
def test_what_was_not_known_comes_back_after_two_lessons(rating, begun_then, begun, minutes, due):
    answered = Answered(1000, rating, begun_then)

    assert is_due(answered, begun, lessons=5, now=1000 + minutes * MINUTE) is due
    assert APART_MS == 45 * MINUTE


def test_an_answer_is_locked_once_rated_as_often_as_wanted_and_asked_for_again(reviews, clock):
    first = reviews.answer("ada", "missed", 1)
    clock.now = 2000
    assert reviews.answer("ada", "missed", 1) == first == Answered(1000, None, 1)
    reviews.rate("ada", "missed", "knew", 1)
    assert reviews.rate("ada", "missed", "not_yet", 1) == Answered(1000, "not_yet", 1)
    assert (reviews.due("ada", 2), reviews.due("ada", 3)) == (set(), {"missed"})

    with pytest.raises(Refused, match="has come back"):
        reviews.rate("ada", "missed", "knew", 3)
    again = reviews.answer("ada", "missed", 3)

    assert again == Answered(2000, None, 3) and reviews.due("ada", 5) == set()


def test_a_rating_needs_an_answer_and_a_question_that_there_is(reviews):
    with pytest.raises(Refused, match="write your own answer first"):
        reviews.rate("ada", "missed", "knew", 0)
    for act in (lambda: reviews.answer("ada", "x", 0), lambda: reviews.rate("ada", "x", "knew", 0)):
        with pytest.raises(Unknown, match="no question called x"):
            act()
    assert reviews.of("ada") == {} and reviews.counts()["missed"]["answered"] == 0


def test_the_counts_are_those_of_the_rows(reviews):
    for seat, rating in (("ada", "knew"), ("bob", "not_yet"), ("eve", "not_yet"), ("mary", None)):
        reviews.answer(seat, "missed", 0)
        if rating:
            reviews.rate(seat, "missed", rating, 0)

    first = reviews.counts()
    assert first == {
        "missed": {"answered": 4, "knew": 1, "partly": 0, "not_yet": 2},
        "udp": {"answered": 0, "knew": 0, "partly": 0, "not_yet": 0},
    }
    assert reviews.counts() is first, "counted again only where something has changed"
    reviews.answer("ada", "udp", 0)
    assert reviews.counts()["udp"]["answered"] == 1


def test_ratings_outlive_the_process_and_go_with_their_seat(tmp_path, clock):
    def opened(**options):
        ledger = ledger_at(tmp_path / "ledger", **options)
        return ledger, Reviews(ledger, ["missed", "udp"], 5, lambda: clock.now)

    ledger, before = opened()
    for seat in ("ada", "bob"):
        before.answer(seat, "missed", 1)
    before.rate("ada", "missed", "partly", 1)
    ledger.close()
    ledger, after = opened(most_seats=2)

    assert after.of("ada") == {"missed": Answered(1000, "partly", 1)}
    assert after.counts()["missed"] == {"answered": 2, "knew": 0, "partly": 1, "not_yet": 0}
    ledger.remove_seat("ada")
    after.answer("eve", "udp", 0)
    after.answer("mary", "udp", 0)  # the third: bob wrote nothing for longest
    assert after.of("ada") == after.of("bob") == {}
    assert [one["answered"] for one in after.counts().values()] == [0, 2]
    assert ledger.erase({}, keep=())["review"] == 2
    after.changed()
    assert [one["answered"] for one in after.counts().values()] == [0, 0]
    ledger.close()


def test_a_question_that_the_review_has_no_longer_is_not_shown(tmp_path, clock):
    ledger = ledger_at(":memory:")
    Reviews(ledger, ["old"], 5, lambda: clock.now).answer("ada", "old", 0)
    now = Reviews(ledger, ["missed"], 5, lambda: clock.now)

    assert now.of("ada") == {} and set(now.counts()) == {"missed"}
