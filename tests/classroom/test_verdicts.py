"""The verdicts of a run: one for every place and event, whatever is reported."""

import gc
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socketlab.classroom.verdicts import (
    RUNS,
    RUNS_EACH,
    SILENT_MS,
    VERDICTS,
    TrackedRun,
    TrackedRuns,
)
from socketlab.health import Budget

PLACES = {
    "ada": ("seat a", "session 1"),
    "ada's tab": ("seat a", "session 2"),
    "bob": ("seat b", "session 3"),
    "eve": ("seat e", None),
}


def a_run(addressed=("ada", "bob", "eve"), sent_at=1000.0):
    run = TrackedRun("r1", "pages of ada", PLACES)
    run.sent(1, sent_at, addressed)
    return run


def test_every_place_has_its_verdict():
    run = a_run()
    run.heard("ada", 1, 1009.04)
    run.gone("bob")

    assert run.table(1500) == {
        "ada": {1: "received"},
        "ada's tab": {1: "not addressed"},
        "bob": {1: "missed"},
        "eve": {1: "waiting"},
    }
    assert run.report(1, 1000 + SILENT_MS) == {
        "run": "r1",
        "seq": 1,
        "present": 4,
        "addressed": 3,
        "got": [["ada", 9.0]],
        "silent": ["eve"],
        "missed": ["bob"],
    }


def test_a_replayed_event_is_not_a_live_one():
    run = a_run()
    run.heard("bob", 1, 9000, replayed=True)

    assert run.verdict("bob", 1, 9000) == "replayed"


def test_a_second_report_is_a_duplicate_and_no_second_verdict():
    run = a_run()

    assert run.heard("bob", 1, 1001) and not run.heard("bob", 1, 1002)
    assert run.duplicates == 1
    assert run.report(1, 2000)["got"] == [["bob", 1.0]]


def test_a_late_report_still_counts():
    run = a_run()
    assert run.verdict("bob", 1, 1000 + SILENT_MS) == "silent"
    run.heard("bob", 1, 6000)

    assert run.verdict("bob", 1, 6000) == "received"


@pytest.mark.parametrize(("at_ms", "shown"), [(-5e9, 0.0), (5e15, 60_000), (1000.04, 0.0)])
def test_a_wrong_clock_draws_no_wrong_figure(at_ms, shown):
    run = a_run()
    run.heard("bob", 1, at_ms)

    assert run.report(1, 2000)["got"] == [["bob", shown]]


@pytest.mark.parametrize(
    ("seat", "session", "place"),
    [
        ("seat a", "session 1", "ada"),
        ("seat a", "session 2", "ada's tab"),
        ("seat b", "session 3", "bob"),
        ("seat b", "session 1", None),  # somebody else's connection
        ("seat e", "session 9", "eve"),  # a program with one connection a namespace
        ("seat e", None, "eve"),
        ("seat x", "session 9", None),
    ],
)
def test_a_report_speaks_for_the_socket_of_its_connection(seat, session, place):
    assert a_run().place(seat, session, 1) == place


def test_reports_from_elsewhere_count_one_place_each():
    run = TrackedRun("r", "o", {"one": ("s", "1"), "two": ("s", "2")})
    run.sent(1, 0, ["one", "two"])
    first = run.place("s", None, 1)
    run.heard(first, 1, 5)

    assert {first, run.place("s", None, 1)} == {"one", "two"}


def test_what_was_not_sent_there_cannot_be_confirmed():
    run = a_run(["bob"])

    assert not run.heard("ada", 1, 1001)
    assert not run.heard("bob", 2, 1001)
    assert not run.heard(None, 1, 1001)
    assert run.sums(1001)["received"] == 0


@given(
    st.lists(st.sets(st.sampled_from(sorted(PLACES))), min_size=1, max_size=5),
    st.lists(
        st.tuples(
            st.sampled_from(["heard", "replayed", "gone"]),
            st.sampled_from([*sorted(PLACES), "nobody", None]),
            st.integers(1, 7),
        ),
        max_size=40,
    ),
    st.integers(0, 2 * SILENT_MS),
)
@settings(deadline=None)
def test_the_verdicts_add_up_to_places_times_events(events, reports, now):
    run = TrackedRun("r", "o", PLACES)
    for seq, addressed in enumerate(events, 1):
        run.sent(seq, 100.0 * seq, addressed)
    accepted = 0
    for kind, sid, seq in reports:
        if kind == "gone":
            run.gone(sid)
        else:
            accepted += run.heard(sid, seq, 500.0, replayed=kind == "replayed")
    sums = run.sums(now)

    assert set(sums) == set(VERDICTS)
    assert sum(sums.values()) == len(PLACES) * len(events)
    assert sums["received"] + sums["replayed"] == accepted
    assert sums["not addressed"] == sum(len(PLACES) - len(a) for a in events)
    assert run.waits(now) == (sums["waiting"] > 0)
    for seq in range(1, len(events) + 1):
        report = run.report(seq, now)
        told = len(report["got"]) + len(report["silent"]) + len(report["missed"])
        waiting = sum(verdicts[seq] == "waiting" for verdicts in run.table(now).values())
        assert told + waiting == report["addressed"] <= report["present"] == len(PLACES)


# All runs of a lesson


def test_news_are_told_once_and_silence_too():
    runs = TrackedRuns()
    runs.follow(a_run())
    first = runs.news(1000)
    again = runs.news(1100)
    runs.heard("seat b", "session 3", "r1", [[1, 1010]])
    heard = runs.news(1200)
    silent = runs.news(1000 + SILENT_MS)

    assert [owner for owner, _ in first] == ["pages of ada"] and again == []
    assert heard[0][1]["got"] == [["bob", 10.0]]
    assert silent[0][1]["silent"] == ["ada", "eve"]
    assert runs.news(9000) == [] and not runs.waiting()


def test_it_is_over_as_soon_as_all_have_confirmed():
    runs = TrackedRuns()
    run = TrackedRun("r1", "o", PLACES)
    run.sent(1, 0, ["bob"])
    runs.follow(run)
    runs.heard("seat b", "session 3", "r1", [[1, 5]])
    runs.news(100)

    assert not runs.waiting()


def test_who_goes_is_missed_at_once():
    runs = TrackedRuns()
    runs.follow(a_run())
    runs.news(1000)
    runs.gone("bob")

    assert runs.news(1100)[0][1]["missed"] == ["bob"]


def test_a_receipt_for_an_unknown_run_changes_nothing():
    assert not TrackedRuns().heard("seat a", "session 1", "nobody's", [[1, 5]])


def test_what_is_followed_has_an_end():
    runs = TrackedRuns()
    for owner in range(RUNS):
        for n in range(RUNS_EACH + 2):
            run = TrackedRun(f"{owner} {n}", owner, {})
            run.sent(1, 0, [])
            runs.follow(run)
            mine = [r for r in runs._runs.values() if r.owner == owner]
            assert len(mine) <= RUNS_EACH

    assert len(runs) == RUNS
    assert not runs.heard("s", None, "0 0", [[1, 5]])
    assert runs.news(10) and not runs.waiting()


def class_of(count):
    return {f"sid {n:016}": (f"seat {n:08}", f"session {n:012}") for n in range(count)}


def in_full(runs, budget, number, places):
    """A run that all its places have confirmed."""
    run = TrackedRun(f"run {number}", f"owner {number}", places)
    run.sent(1, 0.0, places)
    runs.follow(run, budget)
    for seat, session in places.values():
        runs.heard(seat, session, run.run, [[1, 5.0]])


def test_where_the_budget_is_full_the_run_goes_that_nobody_has_confirmed_for_longest():
    budget, runs = Budget(500_000), TrackedRuns()
    for number in range(20):
        in_full(runs, budget, number, class_of(100))
        assert budget.bytes <= 500_000

    assert budget.dropped == 20 - len(runs) > 5
    assert not runs.heard("seat 00000001", None, "run 0", [[1, 5]])
    assert runs.news(10) and not runs.waiting()


def test_what_runs_are_said_to_weigh_is_about_what_they_take():
    budget, runs = Budget(1 << 30), TrackedRuns()
    everybody = [class_of(300) for _ in range(10)]
    gc.collect()
    tracemalloc.start()
    try:
        for number, places in enumerate(everybody):
            in_full(runs, budget, number, places)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert 0.7 < budget.bytes / taken < 1.5, (budget.bytes, taken)
