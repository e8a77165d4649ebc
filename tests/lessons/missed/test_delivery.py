"""Runs without a server: the order of keeping and emitting, whose a run is, sums, bounds."""

import threading

import pytest

from socketlab.buffers import Buffers
from socketlab.buffers.base import StoreFailed
from socketlab.buffers.memory import Memory
from socketlab.buffers.off import Off
from socketlab.buffers.sqlite import SCHEMA, Sqlite
from socketlab.classroom.refused import Refused
from socketlab.database import Database
from socketlab.lessons.missed import delivery
from socketlab.lessons.missed.delivery import Delivery
from socketlab.lessons.missed.names import Names
from socketlab.site.settings import DEFAULTS


class Bench:
    """A delivery with a clock of its own: sleeping moves it."""

    def __init__(self, stores=None, key="key", absent=None, **limits):
        self.ms = 1_000_000.0
        self.stores = stores or {"off": Off(), "memory": Memory()}
        self.buffers = Buffers(self.stores, absent)
        self.delivery = Delivery(
            self.buffers, key, lambda: self.ms, DEFAULTS | limits, lambda s: self.sleep(s)
        )
        self.heard = []

    def sleep(self, seconds):
        self.ms += seconds * 1000

    def start(self, seat="ada", count=10, every_ms=100, kind="memory", keep=5):
        if kind:
            self.delivery.choose(kind, keep, seat)
        return self.delivery.start(seat, count, every_ms)

    def send(self, run, there=lambda seq: True):
        """The next event of a run, as the handler sends it: wait, keep, emit."""
        seq = run.sent + 1
        self.sleep(run.seconds_until(seq, self.ms))
        with run.lock:
            event = run.event(seq, self.ms)
            run.keep(event)
            run.note_sent(event, int(there(seq)))
            self.heard.append(seq)
        return event

    def run(self, *args, there=lambda seq: True, **options):
        """A whole run; ``there`` says whether a socket of the seat hears an event."""
        run = self.start(*args, **options)
        for _ in range(run.count):
            self.send(run, there)
        self.delivery.finish(run)
        return run

    def resume(self, run, after, seat="ada", **options):
        return self.delivery.resume(seat, run.id, after, **options)[0]


def seqs(answer):
    return [event["seq"] for event in answer["replay"]]


def test_nobody_reads_the_log_between_keeping_and_emitting():
    bench = Bench()
    run, answers = bench.start(), []
    with run.lock:
        run.keep(run.event(1, bench.ms))
        reader = threading.Thread(target=lambda: answers.append(bench.resume(run, 0)))
        reader.start()
        reader.join(0.05)
        assert not answers  # the sender still holds the lock
        run.note_sent(run.event(1, bench.ms), 1)
    reader.join(5)

    assert seqs(answers[0]) == [1]


def test_a_silent_store_keeps_only_those_waiting_who_ask_for_its_run():
    gate, entered = threading.Event(), threading.Event()

    class Silent(Memory):
        def since(self, *args):
            entered.set()
            gate.wait(10)
            return super().since(*args)

    bench = Bench({"memory": Memory(), "redis": Silent()})
    slow = bench.run(kind="redis")
    waiting = threading.Thread(target=bench.resume, args=(slow, 0))
    waiting.start()
    entered.wait(5)

    def another():
        answers.append(bench.resume(bench.run("bob"), 5, seat="bob"))

    answers = []
    quick = threading.Thread(target=another)
    quick.start()
    quick.join(5)
    gate.set()
    waiting.join(5)
    assert seqs(answers[0]) == [6, 7, 8, 9, 10]


def test_a_store_that_is_slow_to_begin_keeps_no_other_seat_waiting():
    gate, entered = threading.Event(), threading.Event()

    class Slow(Memory):
        def begin(self, *args):
            entered.set()
            gate.wait(10)
            super().begin(*args)

    bench, refusals = Bench({"memory": Memory(), "redis": Slow()}), []
    waiting = threading.Thread(target=bench.start, kwargs={"kind": "redis"})
    waiting.start()
    entered.wait(5)
    with pytest.raises(Refused, match="your run is just beginning"):
        bench.start(kind="redis")
    others = threading.Thread(target=lambda: refusals.append(bench.start("bob")))
    others.start()
    others.join(5)
    gate.set()
    waiting.join(5)

    assert refusals[0].seat == "bob"


def test_events_come_at_their_pace_and_are_numbered_without_holes():
    bench = Bench()
    run = bench.start(count=4, every_ms=250)
    posted = [bench.send(run) for _ in range(4)]

    assert [e["seq"] for e in posted] == [1, 2, 3, 4]
    assert [e["sent_at"] - 1_000_000 for e in posted] == [250, 500, 750, 1000]
    assert {frozenset(e) for e in posted} == {frozenset({"run", "seq", "sent_at", "text"})}
    assert bench.delivery.finish(run) == run.over() == {"run": run.id, "count": 4}


def test_a_slow_emitter_does_not_make_the_run_slower():
    bench = Bench()
    run = bench.start(count=3, every_ms=100)
    bench.send(run)
    bench.ms += 150  # the second is late, the third is on time

    assert [bench.send(run)["sent_at"] - 1_000_000 for _ in range(2)] == [250, 300]


def test_the_page_is_told_of_the_buffer_four_times_a_second_and_at_the_end():
    bench = Bench()
    run, told = bench.start(count=19, every_ms=50), []
    for _ in range(19):
        bench.send(run)
        if run.state_is_due(bench.ms):
            told.append(bench.ms - 1_000_000)

    assert told == [250, 500, 750, 950]
    assert run.state() == {"run": run.id, "kind": "memory", "kept": [15, 19], "keep": 5}


def test_a_run_that_is_broken_off_is_over_with_the_count_that_was_sent():
    bench = Bench()
    run = bench.start()
    bench.send(run), bench.send(run)

    assert bench.delivery.finish(run) == {"run": run.id, "count": 2}
    bench.start()  # the seat may start another


def test_a_run_that_nobody_ever_sent_does_not_block_its_seat():
    bench = Bench()
    bench.start(count=10, every_ms=100)
    bench.ms += 1000 + delivery.LATE_MS

    assert bench.run().over()["count"] == 10


# Whose a run is


def test_a_run_of_another_seat_is_as_unknown_as_one_that_never_was():
    bench = Bench()
    run = bench.run("ada")
    never = {"replay": [], "complete": False, "oldest": None, "more": False}

    for seat, run_id in [("eve", run.id), ("ada", "x" * 20), ("ada", ""), ("ada", run.id + "x")]:
        answer = bench.delivery.resume(seat, run_id, 0)[0]
        assert answer == never | {"reason": "unknown run"}
        with pytest.raises(Refused, match="^unknown run$"):
            bench.delivery.tally(seat, run_id, set(), set(), 0)


def test_run_ids_are_never_the_same_and_sign_their_seat():
    names = Names("key")
    ids = {names.new("ada") for _ in range(1000)}
    one = ids.pop()

    assert len(ids) == 999
    assert names.whose(one, "ada") == "now" and names.whose(one, "eve") is None
    assert Names("key").whose(one, "ada") == "earlier" and Names("other").whose(one, "ada") is None
    forged = one[:-1] + ("A" if one[-1] != "A" else "B")
    assert names.whose(forged, "ada") is None and names.whose("é" * 20, "ada") is None


def test_a_run_that_the_server_lost_with_its_memory_was_restarted_not_unknown():
    run = Bench().run("ada")
    later = Bench()

    assert later.resume(run, 3)["reason"] == "restarted"
    assert later.resume(run, 3, seat="eve")["reason"] == "unknown run"


# After a restart


def test_a_half_finished_run_is_marked_with_the_count_that_was_sent(tmp_path):
    first = Bench({"sqlite": Sqlite(Database(tmp_path / "b", SCHEMA))})
    run = first.start(kind="sqlite")
    first.send(run), first.send(run), first.send(run)
    later = Bench({"sqlite": Sqlite(Database(tmp_path / "b", SCHEMA))})
    answer, over = later.delivery.resume("ada", run.id, 1)

    assert seqs(answer) == [2, 3] and answer["complete"]
    assert over == {"run": run.id, "count": 3}
    assert later.delivery.tally("ada", run.id, {1}, {2, 3}, 0)["gap"] == []
    for bench in (first, later):
        bench.stores["sqlite"].close()


class Shared(Memory):
    """What Redis is to two servers: the same log for both."""

    durable = shared = True


@pytest.fixture
def two():
    """Two servers over one log, and their shared store."""
    store = Shared()
    return Bench({"memory": store}), Bench({"memory": store}), store


def test_after_a_restart_the_run_that_ended_first_goes_first_whichever_began_first():
    store = Shared()
    for number, ended in [(1, 9000.0), (2, 1000.0), (3, 5000.0)]:
        store.begin(f"run {number}", "ada", 5, float(number))
        store.end(f"run {number}", ended)
    store.shared = False  # a file of our own: its runs are taken over at the start
    bench = Bench({"memory": store})
    bench.ms = 1000.0 + DEFAULTS["RUN_SECONDS"] * 1000 + 1
    bench.start("bob", kind="memory")

    assert [kept.run for kept in store.runs()][:2] == ["run 1", "run 3"]


def test_a_run_of_another_server_can_be_resumed_and_goes_on_there(two):
    one, other, store = two
    run = one.start()
    one.send(run), one.send(run)

    assert seqs(other.resume(run, 0)) == [1, 2]
    one.send(run)
    answer, over = other.delivery.resume("ada", run.id, 0)
    assert seqs(answer) == [1, 2, 3] and store.known(run.id).ended is None
    other.sleep = None  # nothing to wait for
    one.delivery.finish(run)
    assert over() == {"run": run.id, "count": 3}


def test_asking_for_an_old_run_of_another_server_costs_no_newer_one():
    stores = {"memory": Shared()}
    one, other = Bench(stores, RUNS_PER_SEAT=2), Bench(stores, RUNS_PER_SEAT=2)
    oldest, old = one.run(), one.run()
    other.ms = one.ms
    newest = other.run()
    for run in (old, oldest):
        other.resume(run, 5)

    assert seqs(other.resume(newest, 5)) == seqs(one.resume(old, 5)) == [6, 7, 8, 9, 10]


def test_a_run_whose_server_fell_silent_is_over(two):
    one, other, store = two
    run = one.start()
    one.send(run)
    other.ms = one.ms + delivery.LEASE_MS + 1

    assert other.delivery.resume("ada", run.id, 0)[1] == {"run": run.id, "count": 1}
    assert store.known(run.id).ended is not None


def test_who_resumes_after_the_kill_hears_the_end_as_soon_as_it_is_sure(two):
    one, other, _ = two
    run = one.start()
    one.send(run)
    other.ms = one.ms + 10
    over = other.delivery.resume("ada", run.id, 0)[1]

    assert over() == {"run": run.id, "count": 1}  # its sleep moves the clock
    assert other.ms - one.ms < 2 * delivery.LEASE_MS


# What was missed


def test_replay_overlaps_with_live_and_starts_after_what_was_handled():
    bench = Bench()
    run = bench.run(keep=20)

    assert seqs(bench.resume(run, 7)) == [8, 9, 10]
    answer, over = bench.delivery.resume("ada", run.id, 10)
    assert answer == {"replay": [], "complete": True, "oldest": 1, "reason": None, "more": False}
    assert over == {"run": run.id, "count": 10}


def test_a_socket_without_a_buffer_is_told_so_and_costs_no_question():
    bench = Bench()
    run = bench.run()

    for _ in range(20):
        answer = bench.resume(run, 0, buffered=False)
    assert answer["reason"] == "buffer off" and answer["replay"] == []
    assert bench.resume(run, 10, buffered=False)["complete"]  # nothing was missed
    assert seqs(bench.resume(run, 5)) == [6, 7, 8, 9, 10]


def test_a_seat_asks_five_times_in_ten_seconds():
    bench = Bench()
    run = bench.run()
    for _ in range(5):
        bench.resume(run, 0)
    with pytest.raises(Refused, match="too many questions"):
        bench.resume(run, 0)
    bench.ms += 10_000

    assert bench.resume(run, 0)["replay"]


def test_the_buffer_is_chosen_for_the_next_run_of_the_seat_or_of_everybody():
    bench = Bench(absent={"sqlite": "the file is damaged"})
    chosen = bench.delivery.choose("memory", 7, "ada")
    assert chosen == {"kind": "memory", "keep": 7, "kinds": ["off", "memory"]}
    assert bench.start(kind=None).plan()["keep"] == 7
    assert bench.start("bob", kind=None).plan() | {"run": 0} == {
        "run": 0,
        "count": 10,
        "every_ms": 100,
        "kind": "off",
        "keep": 20,
    }
    bench.buffers.for_everybody({"kind": "memory", "keep": 9})
    assert {bench.buffers.of(seat)["keep"] for seat in ("ada", "bob")} == {9}
    bench.buffers.for_everybody({"kind": "redis", "keep": 9})  # kept from a start that had one
    assert bench.buffers.of("ada")["kind"] == "off"

    with pytest.raises(Refused, match="kind must be one of off, memory"):
        bench.delivery.choose("cloud", 5, "ada")
    with pytest.raises(Refused, match="the file is damaged"):
        bench.delivery.choose("sqlite", 5, "ada")


# A store that fails


class Failing(Memory):
    fails_at = None

    def append(self, run, event):
        if self.fails_at is not None and event["seq"] >= self.fails_at:
            raise StoreFailed("the disk is full")
        return super().append(run, event)

    def check(self):
        if self.fails_at == 0:
            raise StoreFailed("the disk is full")

    def begin(self, *args):
        self.check()
        super().begin(*args)


def test_a_store_that_fails_in_a_run_does_not_stop_the_lesson_and_the_loss_is_said():
    store = Failing()
    bench = Bench({"memory": store})
    store.fails_at = 7
    run = bench.run(keep=3)

    assert bench.heard == list(range(1, 11))
    assert run.state()["kind"] == "off" and run.over()["count"] == 10
    for after, kept in [(5, [6]), (3, [4, 5, 6]), (8, [])]:
        answer = bench.resume(run, after)
        assert (seqs(answer), answer["complete"]) == (kept, False)
        assert answer["reason"] == "buffer off"
    assert bench.resume(run, 10)["complete"]


def test_a_store_that_fails_from_the_start_is_a_sentence():
    store = Failing()
    bench = Bench({"memory": store})
    bench.delivery.choose("memory", 5, "ada")
    store.fails_at = 0
    with pytest.raises(Refused, match="memory cannot be used now: the disk is full"):
        bench.delivery.choose("memory", 5, "ada")
    with pytest.raises(Refused, match="memory cannot be used now: the disk is full"):
        bench.start(kind=None)


# The sum


def test_what_was_sent_is_what_was_live_replayed_or_lost():
    bench = Bench()
    run = bench.run(there=lambda seq: seq < 3 or seq > 8)  # away from 3 to 8
    replayed = set(seqs(bench.resume(run, 2)))  # five are kept
    tally = bench.delivery.tally("ada", run.id, {1, 2, 9, 10}, replayed, 2)

    assert replayed == {6, 7, 8, 9, 10}
    assert tally == {"sent": 10, "live": 4, "replayed": 3, "duplicates": 2, "gap": [3, 4, 5]}
    assert tally["sent"] == tally["live"] + tally["replayed"] + len(tally["gap"])


@pytest.mark.parametrize(
    ("live", "replayed", "sentence"),
    [
        ({1, 11}, set(), "number 11 was never sent, only 10 were"),
        ({3}, set(), "number 3 was never sent to you live"),
        ({1}, {5}, "number 5 was never sent to you replayed"),
    ],
)
def test_a_sum_that_the_record_contradicts_is_refused(live, replayed, sentence):
    bench = Bench()
    run = bench.run(there=lambda seq: seq < 3 or seq > 8)
    bench.resume(run, 5)
    with pytest.raises(Refused, match=sentence):
        bench.delivery.tally("ada", run.id, live, replayed, 0)


# Bounds


def test_a_seat_has_one_run_at_a_time_and_is_told_how_long():
    bench = Bench()
    bench.start(count=100, every_ms=200)
    with pytest.raises(Refused, match="your run is under way: it ends in 20 s"):
        bench.start()
    bench.start("bob")


def test_the_oldest_of_twenty_runs_goes_and_says_so():
    bench = Bench()
    runs = [bench.run(count=1) for _ in range(22)]

    assert [bench.resume(run, 0)["reason"] for run in runs[:3]] == ["trimmed", "trimmed", None]
    assert len(bench.stores["memory"].runs()) == 20


def test_the_runs_of_all_seats_are_bounded_too():
    bench = Bench(RUNS=3)
    for seat in "abcdef":
        bench.run(seat, count=1)

    assert [kept.seat for kept in bench.stores["memory"].runs()] == ["c", "d", "e", "f"]


def test_a_seat_with_many_runs_costs_no_other_seat_its_own():
    bench = Bench(RUNS=3, RUNS_PER_SEAT=1)
    run = bench.run("bob")
    for _ in range(5):
        bench.run("ada", count=1)

    assert seqs(bench.resume(run, 5, seat="bob")) == [6, 7, 8, 9, 10]


def test_a_run_can_be_asked_for_ten_minutes_after_its_end():
    bench = Bench()
    run = bench.run()
    bench.ms += DEFAULTS["RUN_SECONDS"] * 1000
    assert bench.resume(run, 5)["complete"]
    bench.ms += 1
    assert bench.resume(run, 5)["reason"] == "trimmed"
    bench.run("bob")

    assert [kept.seat for kept in bench.stores["memory"].runs()] == ["bob"]


def test_all_runs_together_are_bounded_and_the_first_that_ended_goes_first():
    size = Bench().run("a", count=5).weight()
    bench = Bench(BUFFER_BYTES=3 * size)
    bench.run("a", count=5)
    for seat in "bcdef":
        bench.run(seat, count=5)
        assert bench.delivery.stats()["bytes"] <= 4 * size

    assert [kept.seat for kept in bench.stores["memory"].runs()] == ["c", "d", "e", "f"]


def test_a_class_that_starts_at_once_gets_in_and_is_told_how_slowly():
    bench = Bench()
    paces = [bench.start(f"seat {n}", count=200, every_ms=50).every_ms for n in range(300)]

    assert paces[:80] == [50] * 80
    assert paces == sorted(paces) and paces[-1] <= 2000
    assert sum(1000 / pace for pace in paces) <= 3000
    with pytest.raises(Refused, match="too many runs at once"):
        for n in range(1000):
            bench.start(f"more {n}", every_ms=2000)
