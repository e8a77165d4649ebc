"""Who was addressed, who confirmed, who is silent: the sums hold whatever comes in which order."""

from hypothesis import given, settings
from hypothesis import strategies as st

from socketlab.classroom.lit import EVERY_MS, RUNS, SILENT_MS, Lit

from ..helpers import examples

SEATS = [f"seat {n}" for n in range(6)]
MOMENTS = st.integers(0, 2 * SILENT_MS)
RECEIPTS = st.lists(st.tuples(MOMENTS, st.sampled_from([*SEATS, "stranger"]), st.integers(-50, 90)))


def reports(lit, now, name="lit"):
    return [told for event, told in lit.news(now) if event == name]


@settings(max_examples=examples(60), deadline=None, derandomize=examples(1) == 1)
@given(st.sets(st.sampled_from(SEATS)), RECEIPTS)
def test_addressed_is_confirmed_and_silent_once_nobody_waits_any_more(addressed, receipts):
    lit, told = Lit(), []
    lit.addressed("run", 1, addressed, "ada", sent_at=0, now=0)
    events = {at: [] for at in range(0, 3 * SILENT_MS, EVERY_MS)}
    for at, seat, ms in receipts:
        events[at - at % EVERY_MS].append((seat, ms))
    for now, come in events.items():
        for seat, ms in come:
            lit.heard(seat, "run", [(1, ms)])
        told += [(now, one) for one in reports(lit, now)]

    first = {}
    for _, seat, ms in sorted(receipts, key=lambda one: one[0] // EVERY_MS):
        first.setdefault(seat, max(ms, 0)) if seat in addressed else None
    for now, one in told:
        lights, silent = dict(one["seats"]), set(one["silent"])
        assert not silent & set(lights) and silent | set(lights) <= addressed
        assert one["addressed"] == len(addressed)
        if now >= SILENT_MS:
            assert silent | set(lights) == addressed
        else:
            assert not silent
    assert set(told[-1][1]["silent"]) == addressed - set(first)
    assert set(dict(told[-1][1]["seats"])) == set(first)
    assert [one["run"] for _, one in told] == ["run"] * len(told)


def test_a_late_report_turns_silence_into_light_and_a_second_one_changes_nothing():
    lit = Lit()
    lit.addressed("run", 1, {"ada"}, "bob", sent_at=100, now=100)
    silent = reports(lit, 100 + SILENT_MS)
    lit.heard("ada", "run", [(1, 4000.04)])
    late = reports(lit, 5000)
    lit.heard("ada", "run", [(1, 4500), (2, 1)])

    assert silent[0]["silent"] == ["ada"] and silent[0]["seats"] == []
    assert late[0] == {
        "run": "run",
        "seq": 1,
        "addressed": 1,
        "seats": [["ada", 3900]],
        "silent": [],
    }
    assert lit.news(6000) == []


def test_a_time_is_never_negative_and_never_absurd():
    lit = Lit()
    lit.addressed("run", 1, {"ada", "bob"}, "eve", sent_at=1000, now=1000)
    lit.heard("ada", "run", [(1, 990)])
    lit.heard("bob", "run", [(1, 1e14)])

    assert reports(lit, 1000)[0]["seats"] == [["ada", 0], ["bob", 60_000]]


def test_ten_reports_a_second_are_the_most_however_many_speak():
    lit, told = Lit(), []
    for now in range(0, 2000, 10):
        lit.addressed(f"run {now}", 1, {"ada"}, "bob", sent_at=now, now=now)
        lit.heard("ada", f"run {now}", [(1, now + 1)])
        told += [(now, event, one) for event, one in lit.news(now)]
    lights = [now for now, event, _ in told if event == "lit"]

    assert len(lights) == len(told) - len(lights) == 2000 / EVERY_MS
    assert told[-1][2]["run"] == f"run {told[-1][0]}"  # the newest
    assert sum(1 for now in range(2000, 20_000, 100) for _ in lit.news(now)) <= 2 * RUNS


def test_who_begins_to_look_is_told_of_the_newest_event_whole():
    lit = Lit()
    assert lit.latest(0) == []
    lit.addressed("run", 1, {"ada", "bob"}, "bob", sent_at=5, now=5, event="said")
    lit.heard("ada", "run", [(1, 15)])
    began = {"run": "run", "seq": 1, "sent_at": 5, "sender": "bob", "event": "said"}
    began["seats"] = ["ada", "bob"]
    shown = {"run": "run", "seq": 1, "addressed": 2, "seats": [["ada", 10]], "silent": []}

    assert lit.latest(10) == [("addressed", began), ("lit", shown)]
