"""One suite, every store: what a buffer keeps, forgets, and admits to have forgotten."""

import json
import os
import sqlite3
import stat
import threading

import pytest

from socketlab.buffers import base, open_stores
from socketlab.buffers.base import Kept, StoreFailed, trim, window
from socketlab.buffers.memory import Memory
from socketlab.buffers.off import Off
from socketlab.buffers.sqlite import SCHEMA, SYNCHRONOUS, Sqlite
from socketlab.database import Database

KEEPING = ["memory", "sqlite", pytest.param("redis", marks=pytest.mark.redis)]
DURABLE = KEEPING[1:]


@pytest.fixture
def opened(tmp_path, request):
    """Open a store by its kind; opening it again is what a restarted server does."""
    stores = []

    def opened(kind, again=False, **options):
        if kind == "redis":
            from socketlab.buffers.redis_streams import RedisStreams

            url = request.getfixturevalue("redis_url")
            store = RedisStreams(url, prefix=f"test:{tmp_path}:", **options)
        elif kind == "sqlite":
            database = Database(tmp_path / "buffer.sqlite3", SCHEMA, SYNCHRONOUS)
            store = Sqlite(database, **options)
        else:
            store = {"memory": Memory, "off": Off}[kind](**options)
        stores.append(store)
        return store

    yield opened
    for store in stores:
        store.close()


def event(seq, text="tick", run="r1"):
    return {"run": run, "seq": seq, "sent_at": 1000.5 + seq, "text": text}


def fill(store, count, run="r1", keep=5, seat="ada"):
    store.begin(run, seat, keep, 1000.5)
    for seq in range(1, count + 1):
        store.append(run, event(seq, run=run))
    return store


def seqs(page):
    return [e["seq"] for e in page.events]


@pytest.mark.parametrize("kind", KEEPING)
def test_what_is_kept_comes_back_as_it_was_in_order_each_once(opened, kind):
    store = opened(kind)
    store.begin("r1", "ada", 5, 1000.5)
    sent = [event(1), event(2, 'täglich 🦦\n"x"'), event(3)]
    for one in sent:
        store.append("r1", one)

    assert store.since("r1", 0) == (sent, True, 1, None, False)
    assert store.since("r1", 2) == (sent[2:], True, 1, None, False)
    assert store.since("r1", 3) == ([], True, 1, None, False)


@pytest.mark.parametrize("kind", KEEPING)
@pytest.mark.parametrize(
    ("after", "kept", "complete", "reason"),
    [
        (0, [4, 5, 6, 7, 8], False, "trimmed"),
        (2, [4, 5, 6, 7, 8], False, "trimmed"),
        (3, [4, 5, 6, 7, 8], True, None),
        (4, [5, 6, 7, 8], True, None),
        (8, [], True, None),
        (9, [], False, "restarted"),
    ],
)
def test_a_gap_is_admitted_exactly_if_something_is_gone(
    opened, kind, after, kept, complete, reason
):
    page = fill(opened(kind), 8, keep=5).since("r1", after)

    assert (seqs(page), page.complete, page.reason) == (kept, complete, reason)
    assert page.oldest == 4 and not page.more


@pytest.mark.parametrize("kind", ["off", *KEEPING])
def test_a_run_that_is_not_there_is_said_to_be_not_there(opened, kind):
    store = fill(opened(kind), 1)

    assert store.since("r2", 0) is None and store.known("r2") is None
    store.end("r2", 1.0)
    store.drop("r2")
    assert store.known("r2") is None and [k.run for k in store.runs()] == ["r1"]


@pytest.mark.parametrize("kind", ["off", *KEEPING])
def test_a_run_in_which_nothing_happened_yet_is_complete(opened, kind):
    page = fill(opened(kind), 0).since("r1", 0)

    assert page == ([], True, None, None, False)


@pytest.mark.parametrize("kind", KEEPING)
def test_the_numbers_have_no_holes_and_are_given_once(opened, kind):
    store = fill(opened(kind), 3)

    for wrong in (2, 5):
        with pytest.raises(StoreFailed, match=f"number {wrong} does not follow 3"):
            store.append("r1", event(wrong))
    assert seqs(store.since("r1", 0)) == [1, 2, 3]


@pytest.mark.parametrize("kind", KEEPING)
def test_the_last_event_may_be_appended_again_and_is_kept_once(opened, kind):
    store = fill(opened(kind), 3)
    before = store.known("r1")

    assert store.append("r1", event(3)) == before
    assert seqs(store.since("r1", 0)) == [1, 2, 3]


@pytest.mark.parametrize("kind", KEEPING)
def test_a_long_answer_comes_in_pages(opened, kind):
    store, got, after, more = fill(opened(kind), 25, keep=30), [], 0, True
    while more:
        page = store.since("r1", after, limit=10)
        got.append(seqs(page))
        after, more = got[-1][-1], page.more

    assert [len(numbers) for numbers in got] == [10, 10, 5]
    assert sum(got, []) == list(range(1, 26))


def test_a_page_holds_200_events_unless_told_otherwise(opened):
    page = fill(opened("memory"), 201, keep=1000).since("r1", 0)

    assert len(page.events) == 200 == base.PAGE and page.more


@pytest.mark.parametrize("kind", KEEPING)
def test_a_run_is_bounded_by_bytes_as_well_as_by_count(opened, kind):
    store = opened(kind, run_bytes=1000)
    store.begin("r1", "ada", 1000, 1.0)
    for seq in range(1, 21):
        kept = store.append("r1", event(seq, "é" * 50))
        texts = [base.written(event(n, "é" * 50)) for n in range(kept.low, seq + 1)]

        assert kept.bytes == sum(len(text.encode()) for text in texts) <= 1000
    assert seqs(store.since("r1", 0)) == list(range(kept.low, 21))


@pytest.mark.parametrize("kind", KEEPING)
def test_an_event_larger_than_the_whole_buffer_is_a_gap(opened, kind):
    store = opened(kind, run_bytes=100)
    store.begin("r1", "ada", 10, 1.0)
    store.append("r1", event(1, "x" * 200))

    assert store.since("r1", 0) == ([], False, None, "trimmed", False)
    assert store.since("r1", 1) == ([], True, None, None, False)


@pytest.mark.parametrize("kind", KEEPING)
def test_two_runs_do_not_meet(opened, kind):
    store = fill(fill(opened(kind), 3), 2, run="r2", seat="bob")

    assert {e["run"] for e in store.since("r1", 0).events} == {"r1"}
    assert [(k.run, k.seat, k.head) for k in store.runs()] == [("r1", "ada", 3), ("r2", "bob", 2)]
    store.drop("r1")
    assert store.since("r1", 0) is None
    assert seqs(store.since("r2", 0)) == [1, 2]


@pytest.mark.parametrize("kind", ["off", *KEEPING])
def test_the_end_of_a_run_is_noted_once(opened, kind):
    store = fill(opened(kind), 2)
    assert store.known("r1").ended is None
    store.end("r1", 2000.5)
    store.end("r1", 3000.5)

    assert store.known("r1").ended == 2000.5


@pytest.mark.parametrize("kind", DURABLE)
def test_what_was_kept_is_there_after_a_restart(opened, kind):
    fill(opened(kind), 8, keep=5)
    again = opened(kind)

    assert again.known("r1") == fill(opened("memory"), 8, keep=5).known("r1")
    assert again.since("r1", 0) == fill(opened("memory"), 8, keep=5).since("r1", 0)


@pytest.mark.parametrize("kind", KEEPING)
def test_writers_on_several_threads_leave_no_hole(opened, kind):
    store, errors = opened(kind), []

    def write(run):
        try:
            fill(store, 30, run=run, keep=7)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(f"r{n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not errors
    assert {tuple(seqs(store.since(f"r{n}", 0))) for n in range(3)} == {tuple(range(24, 31))}


# What each store is besides


def test_without_a_buffer_nothing_is_kept_and_the_loss_is_said(opened):
    store = fill(opened("off"), 8)

    assert store.since("r1", 8) == ([], True, None, None, False)
    assert store.since("r1", 5) == ([], False, None, "buffer off", False)
    assert store.since("r1", 9) == ([], False, None, "restarted", False)


def test_the_file_belongs_to_its_owner_alone(opened, tmp_path):
    fill(opened("sqlite"), 1)
    files = sorted(tmp_path.glob("buffer.sqlite3*"))

    assert len(files) == 3  # the file, its log, its shared memory
    assert {stat.S_IMODE(os.stat(file).st_mode) for file in files} == {0o600}


def test_the_file_is_written_through_to_the_disk(opened):
    def pragma(name):
        sql = f"PRAGMA {name}"
        return opened("sqlite").database.read(lambda db: db.execute(sql).fetchone()[0])

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2  # FULL
    assert pragma("busy_timeout") == 2000


def test_a_transaction_that_fails_leaves_the_log_as_it_was(opened):
    store = fill(opened("sqlite"), 5, keep=5)
    trigger = "CREATE TRIGGER no BEFORE UPDATE ON run BEGIN SELECT RAISE(FAIL, 'no'); END"
    store.database.change(lambda db: db.execute(trigger) and None)
    with pytest.raises(StoreFailed, match="the file of the buffer fails: no"):
        store.append("r1", event(6))

    assert seqs(store.since("r1", 0)) == [1, 2, 3, 4, 5]
    newest = "SELECT max(seq) FROM event"
    assert store.database.read(lambda db: db.execute(newest).fetchone()) == (5,)
    store.database.change(lambda db: db.execute("DROP TRIGGER no") and None)
    assert store.append("r1", event(6)).low == 2


def test_a_file_that_another_holds_is_a_sentence_after_two_seconds_at_most(opened, tmp_path):
    store = fill(opened("sqlite"), 1)
    store.database.read(lambda db: db.execute("PRAGMA busy_timeout = 50") and None)
    with sqlite3.connect(tmp_path / "buffer.sqlite3", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreFailed, match="locked"):
            store.append("r1", event(2))
        assert seqs(store.since("r1", 0)) == [1]  # reading goes on
    other.close()
    assert store.append("r1", event(2)).head == 2


@pytest.mark.parametrize("damage", ["not a database", "a folder"])
def test_a_file_that_cannot_be_used_leaves_the_other_kinds(tmp_path, damage):
    file = tmp_path / "buffer.sqlite3"
    file.write_bytes(b"x" * 5000) if damage == "not a database" else file.mkdir()
    stores, absent = open_stores(tmp_path)

    assert set(stores) == {"off", "memory"}
    assert absent["sqlite"].startswith("the file of the buffer cannot be used: ")
    assert "SOCKETLAB_REDIS_URL" in absent["redis"]


@pytest.mark.redis
def test_redis_holds_exactly_what_is_kept_under_the_numbers_of_the_run(opened):
    store = fill(opened("redis"), 8, keep=5)
    entries = store._redis.xrange(store._keys("r1")[1])

    assert [name for name, _ in entries] == ["4-0", "5-0", "6-0", "7-0", "8-0"]
    assert json.loads(entries[0][1]["event"]) == event(4)
    assert 0 < store._redis.ttl(store._keys("r1")[1]) <= 24 * 3600


@pytest.mark.redis
def test_a_run_whose_day_is_over_leaves_the_list(opened):
    store = fill(fill(opened("redis"), 1), 1, run="r2")
    store._redis.delete(*store._keys("r1"))

    assert [kept.run for kept in store.runs()] == ["r2"]
    assert store._redis.lrange(f"{store._prefix}runs", 0, -1) == ["r2"]


def test_a_redis_that_is_not_there_is_a_sentence():
    from socketlab.buffers.redis_streams import RedisStreams

    store = RedisStreams("redis://127.0.0.1:1/0")
    with pytest.raises(StoreFailed, match=r"^Redis does not answer \(ConnectionError\)$"):
        store.check()
    store.close()


@pytest.mark.parametrize("kind", ["off", *KEEPING])
def test_a_run_that_was_dropped_takes_no_event_and_says_so(opened, kind):
    store = fill(opened(kind), 2)
    store.drop("r1")

    with pytest.raises(StoreFailed):
        store.append("r1", event(3))


# The sums that all stores share


def test_trimming_takes_the_oldest_and_no_more_than_needed():
    assert trim(1, 8, 5, 80, 1000, lambda _: 10) == (4, 50)
    assert trim(1, 8, 100, 80, 45, lambda _: 10) == (5, 40)
    assert trim(1, 2, 5, 20, 1000, lambda _: 10) == (1, 20)
    assert trim(3, 3, 5, 200, 100, lambda _: 200) == (4, 0)


def test_a_window_never_reaches_beyond_the_log():
    for low in range(1, 6):
        for head in range(low - 1, 6):
            for after in range(8):
                first, last, complete, reason, more = window(after, low, head, limit=2)
                numbers = list(range(first, last + 1))

                kept = [n for n in range(low, head + 1) if n > after]
                assert numbers == kept[:2] and more == (kept[2:] != [])
                gone = [n for n in range(after + 1, low)]
                assert complete == (not gone and after <= head) == (reason is None)


def test_what_is_known_of_a_run_is_one_line(opened):
    kept = fill(opened("memory"), 2).known("r1")

    assert kept == Kept("r1", "ada", 5, 1, 2, kept.bytes, 1002.5, None)
