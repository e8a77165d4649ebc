"""The race: one list of events, and the same rule of delay for every lane."""

from threading import Thread

import pytest

from socketlab.health import Budget
from socketlab.lessons.bidirectional.race import KEPT, LASTS_MS, Log, Race, Races, odd_moments


class Clock:
    """Time is the test's own: sleeping moves it."""

    ms = 0.0

    def now(self):
        return self.ms

    def sleep(self, seconds):
        self.ms += seconds * 1000


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_events_happen_one_in_each_slice_and_none_too_late(chance):
    moments = odd_moments(chance=lambda: chance)
    piece = (LASTS_MS - 1500) / len(moments)

    assert [int(m // piece) for m in moments] == list(range(len(moments)))
    assert moments[-1] < LASTS_MS - 1500


def test_every_event_happens_once_in_order_at_its_moment():
    clock, log = Clock(), Log()
    race = Race("r", [100, 900], started_at=0)

    events = [e for e in race.unfold(log, clock.now, clock.sleep) if e]

    assert [(e["seq"], e["sent_at"], e["run"]) for e in events] == [(1, 100, "r"), (2, 900, "r")]
    assert log.since(0) == events
    assert clock.ms == LASTS_MS and race.ended


def test_a_stopped_race_posts_nothing_more():
    clock, log = Clock(), Log()
    race = Race("r", [100, 5000], started_at=0)
    for event in race.unfold(log, clock.now, clock.sleep):
        race.stopped = event is not None or race.stopped

    assert len(log.since(0)) == 1
    assert clock.ms < 1000


def test_the_delay_of_a_lane_is_median_and_worst():
    race = Race("r", [], 0)
    first, second, third = (
        {"run": "r", "seq": n, "sent_at": at} for n, at in enumerate((0, 90, 110))
    )
    race.told("poll", [first, second], now=100)
    race.told("poll", [third, {"run": "old", "seq": 1, "sent_at": 0}], now=130)

    assert race.report("poll")["delay_ms"] == {"median": 20, "worst": 100}
    assert race.report("poll")["events"] == 3
    assert race.report("socket")["delay_ms"] == {"median": None, "worst": None}


def test_short_polling_is_half_its_interval_late_in_the_median_and_all_of_it_at_worst():
    race, every = Race("r", [], 0), 4000
    for moment in range(1, LASTS_MS, 10):
        asked = -(-moment // every) * every  # the next request
        race.told("poll", [{"run": "r", "seq": moment, "sent_at": moment}], now=asked)

    delay = race.report("poll")["delay_ms"]
    assert delay["median"] == pytest.approx(every / 2, abs=10)
    assert delay["worst"] == pytest.approx(every, abs=10)


def test_after_n_brings_everything_since_and_nothing_twice():
    log = Log()
    for n in range(5):
        log.post({"seq": n})

    assert [e["seq"] for e in log.since(3)] == [3, 4]
    assert log.since(5) == log.since(99) == []
    assert len(log.since(0)) == 5


def test_the_log_is_bounded():
    log = Log()
    for n in range(KEPT + 10):
        log.post({"seq": n})

    assert len(log.since(0)) == KEPT
    assert log.since(0)[0]["seq"] == 10


def test_a_second_start_ends_the_first_race():
    races = Races()
    first, _ = races.start("ada", "r1", 0)
    second, _ = races.start("ada", "r2", 1)

    assert first.stopped and not second.stopped
    assert races.stop("ada") is True
    assert races.stop("ada") is False


def test_a_race_that_has_ended_by_itself_cannot_be_stopped():
    races = Races()
    race, log = races.start("ada", "r", 0)
    for _ in race.unfold(log, lambda: 10 * LASTS_MS, lambda seconds: None):
        pass

    assert race.ended and races.stop("ada") is False


def test_the_seats_that_raced_last_are_remembered():
    races = Races(most=2)
    for seat in ("ada", "bob", "eve"):
        _, log = races.start(seat, "r", 0)
        log.post({"run": "r", "seq": 1, "sent_at": 0})

    assert races.latest("ada", 0, lambda: 1) == {"events": [], "next": 0}
    assert races.latest("eve", 0, lambda: 1)["next"] == 1


def test_who_waits_before_the_race_hears_its_first_event():
    races = Races()
    heard = []
    waiting = Thread(target=lambda: heard.append(races.wait("ada", 0, lambda: 1)))
    waiting.start()
    _, log = races.start("ada", "r", 0)
    log.post({"run": "r", "seq": 1, "sent_at": 0})
    waiting.join(10)

    assert heard[0]["next"] == 1


def test_an_event_that_is_asked_for_again_is_measured_once():
    race = Race("r", [], 0)
    for now in range(10, 1000, 10):
        race.told("poll", [{"run": "r", "seq": 1, "sent_at": 0}], now)

    assert race.report("poll")["events"] == 1
    assert race.report("poll")["delay_ms"] == {"median": 10, "worst": 10}


def test_where_the_budget_is_full_the_seat_goes_whose_races_are_over_for_longest():
    budget = Budget(20_000)
    races = Races(budget)
    for seat in ("ada", "bob", "eve"):
        _, log = races.start(seat, "r", 0)
        for seq in range(10):
            log.post({"run": "r", "seq": seq, "sent_at": 0, "text": "goal"})

    assert budget.dropped == 1 and budget.bytes <= 20_000
    assert races.latest("ada", 0, lambda: 1)["events"] == []
    assert len(races.latest("eve", 0, lambda: 1)["events"]) == 10
