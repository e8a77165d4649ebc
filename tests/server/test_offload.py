"""What waits for a disk waits in a thread; what gathers meanwhile goes together."""

import threading

import gevent
import pytest

from socketlab.server.offload import BatchWorker


@pytest.fixture
def worker():
    made = []

    def worker(run):
        made.append(BatchWorker(run))
        return made[-1]

    yield worker
    for one in made:
        one.close()


def test_the_event_loop_goes_on_while_a_batch_waits(worker):
    gate, turns = threading.Event(), []

    def run(batch):
        assert gate.wait(10)
        return [(item, None) for item in batch]

    calls = worker(run)
    waiting = gevent.spawn(calls.call, "slow")
    for turn in range(5):
        gevent.sleep(0.001)
        turns.append(turn)
    assert len(turns) == 5 and not waiting.ready()
    gate.set()

    assert waiting.get(timeout=10) == "slow"


def test_what_gathers_while_a_batch_is_under_way_goes_together(worker):
    gate, batches = threading.Event(), []

    def run(batch):
        batches.append(batch)
        assert gate.wait(10)
        return [(item, None) for item in batch]

    calls = worker(run)
    waiting = [gevent.spawn(calls.call, n) for n in range(10)]
    while not batches:
        gevent.sleep(0.001)
    gate.set()

    assert [one.get(timeout=10) for one in waiting] == list(range(10))
    assert sorted(map(len, batches))[-1] >= 9 and len(batches) <= 2


def test_a_failure_reaches_who_asked_and_nobody_is_left_waiting(worker):
    def run(batch):
        if "break" in batch:
            raise RuntimeError("the thread broke")
        return [(None, KeyError(item)) for item in batch]

    calls = worker(run)
    with pytest.raises(KeyError):
        calls.call("no such thing")
    with pytest.raises(RuntimeError, match="the thread broke"):
        calls.call("break")
    with pytest.raises(KeyError):
        calls.call("still there")
