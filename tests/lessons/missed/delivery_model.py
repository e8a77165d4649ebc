"""A world around the real delivery of lesson "missed", for Hypothesis to look for trouble in.

The runs, their store and the handler's loop are the product's own: ``Delivery``, ``Run``,
``Missed.send_all``. Played here is what lies around them: the sockets of one seat with the
queue of what waits for each, a process that is killed, the clock, two receivers. Nothing runs
by itself: the sender is a greenlet that goes on to its next sleep when a step says so.

The numbers name the promises; test_delivery_model.py breaks each of them.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import SimpleNamespace

import pytest
from greenlet import getcurrent, greenlet
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from socketlab.buffers import Buffers
from socketlab.buffers.base import StoreFailed
from socketlab.buffers.memory import Memory
from socketlab.classroom.refused import Refused
from socketlab.lessons.missed.delivery import Delivery
from socketlab.lessons.missed.handlers import Missed
from socketlab.site.settings import DEFAULTS

from .receiver import Receiver

KEEP = 4
PAGE = 3  # events in one answer
SLOW = 3  # packets that may wait for one receiver
RUNS_EACH = 2
LIMITS = DEFAULTS | {"RUNS_PER_SEAT": RUNS_EACH, "RESUMES_PER_10_SECONDS": 10_000}
WHO = st.sampled_from([0, 1])
MOMENTS = ["before store", "after store", "half of the emits"]  # at which a server is killed
NOWHERE = {"replay": [], "complete": False, "oldest": None, "more": False}


class Killed(BaseException):
    """The process ends here: no handler of its own catches that."""


class Durable(Memory):
    """What a file is to a server: it outlives the process."""

    durable = True


class Shared(Durable):
    """What Redis is: other servers write to it as well."""

    shared = True


class StoreOfAProcess:
    """A store as one process has it: once that is killed, it changes nothing any more."""

    def __init__(self, server):
        self._server = server

    def __getattr__(self, verb):
        if self._server.killed and verb not in ("kind", "durable", "shared"):
            raise StoreFailed("this process was killed")
        return getattr(self._server.world.store, verb)

    def append(self, run, event):
        self._server.require_lock(run)
        kept = self._server.world.store.append(run, event)
        self._server.world.note(event)
        return kept

    def since(self, run, after, limit):
        self._server.require_lock(run)
        return self._server.world.store.since(run, after, limit)


class Handler(Missed):
    """The lesson's handler, whose sleeping and emitting are played."""

    def __init__(self, server):
        super().__init__("/missed")
        self.server, self.socketio = server, SimpleNamespace(sleep=server.pause)
        self.services = SimpleNamespace(
            now=lambda: server.world.ms, keep=lambda kind: server.delivery
        )

    def addressed(self, room):
        return len(self.server.members)

    def emit(self, event, data, room):
        self.server.emit(event, data)


class Server:
    """One process: delivery and handler, and below them the sockets of seat ada."""

    try_lock = ThreadPoolExecutor(1).submit  # a lock shuts out other threads only

    def __init__(self, world):
        self.world, self.killed, self.dies = world, False, None
        self.members = {}  # receiver -> the packets that wait for it
        self.run = None
        buffers = Buffers({world.store.kind: StoreOfAProcess(self)})
        buffers.for_everybody({"kind": world.store.kind, "keep": KEEP})
        self.delivery = world.delivery(
            buffers, "key", lambda: world.ms, LIMITS, world.sleep, page=PAGE
        )

    # The sender

    def start(self, count):
        self.run = self.delivery.start("ada", count, 50)
        self.sender = greenlet(Handler(self).send_all)
        self.sender.switch(self.run, "all of ada", "her pages")
        return self.run

    def goes_on(self):
        return self.run is not None and not self.sender.dead

    def send(self):
        """The next event, and what comes after it until the sender sleeps again."""
        self.sender.switch()

    def pause(self, seconds):
        self.world.ms += seconds * 1000
        getcurrent().parent.switch()

    def kill(self, moment):
        """End the process without a goodbye, while it sends if it sends just now."""
        self.dies = moment
        with suppress(Killed):
            if self.goes_on() and moment != "before store":
                self.send()
        self.killed = True
        with suppress(Killed):
            if self.goes_on():
                self.sender.throw(Killed)

    def require_lock(self, run):
        if self.run is not None and self.run.id == run:
            lock = self.run.lock
            if Server.try_lock(lock.acquire, blocking=False).result():
                Server.try_lock(lock.release).result()
                raise AssertionError("12: nobody reads between keeping and emitting")

    # The sockets

    def emit(self, event, data):
        if event == "buffered" or self.killed:
            return
        if event == "posted":
            self.world.note(data)
        for who in sorted(self.members):
            if self.dies != "after store":
                self.put(who, (event, data))
            if self.dies:
                self.killed = True
                raise Killed

    def put(self, who, packet):
        """A receiver that does not keep up is given up, never served with holes."""
        self.members[who].append(packet)
        if len(self.members[who]) > SLOW:
            del self.members[who]

    def connect(self, who):
        self.members[who] = []

    def hear(self, who):
        return self.members[who].pop(0) if self.members.get(who) else None

    # The question, as the handler asks it

    def resume(self, run, after, seat="ada"):
        return self.delivery.resume(seat, run, after)


class Truth:
    """What really happened in one run."""

    def __init__(self, run, server):
        self.id, self.server = run.id, server
        self.sent = {}  # every event that was kept, or that a receiver may have seen
        self.gone = False  # with the memory of a process


class World(RuleBasedStateMachine):
    """The steps and the promises. What a test replaces stands first."""

    delivery, server_kind, receiver = Delivery, Server, Receiver
    two_servers = False

    @staticmethod
    def reopen(store):
        """The store that a new process finds; ``store`` is that of the one before, or None."""
        return Memory()

    def __init__(self):
        super().__init__()
        self.ms = 1_000_000.0
        self.store = self.reopen(None)
        self.server = self.server_kind(self)
        self.other = self.server_kind(self) if self.two_servers else None
        self.runs = []
        self.start(count=30)

    def sleep(self, seconds):
        """A delivery waits for a run that another server writes: that one goes on meanwhile."""
        self.ms += seconds * 1000
        if self.server.goes_on():
            self.server.send()

    @property
    def now(self):
        """The run that the receivers follow."""
        return self.runs[-1]

    # The sender

    @rule(count=st.integers(1, 8), ends=st.booleans())
    def press(self, count, ends):
        """The button again: the run that goes on must have come to its end."""
        while ends and self.server.goes_on():
            self.server.send()
        if self.server.goes_on():
            with pytest.raises(Refused, match="your run is under way"):
                self.server.start(count)
        else:
            self.start(count)

    def start(self, count):
        self.ms += 1  # no two things of a seat happen at once
        run = self.server.start(count)
        assert all(run.id != truth.id for truth in self.runs), f"given twice: run {run.id}"
        self.runs.append(Truth(run, self.server))
        self.readers = [self.receiver(), self.receiver()]
        self.asking = [who in self.server.members for who in (0, 1)]
        for who in self.server.members:
            self.readers[who].connected()

    @rule(count=st.integers(1, SLOW + 1), heard=st.booleans())
    def publish(self, count, heard=False):
        """Some events, and then perhaps everybody finds the time to take what waits."""
        for _ in range(count):
            if not self.server.goes_on():
                self.start(count=30)
            self.server.send()
        for who in (0, 1) if heard else ():
            self.deliver(who, SLOW)

    def note(self, event):
        """An event was kept, and then emitted."""
        truth = next(truth for truth in self.runs if truth.id == event["run"])
        seq = event["seq"]
        assert truth.sent.get(seq, event) == event, f"given twice: number {seq}"
        if seq not in truth.sent:
            assert list(truth.sent) == list(range(1, seq)), f"a hole before number {seq}"
        truth.sent[seq] = event

    @rule(who=WHO, moment=st.sampled_from([None, *MOMENTS]), heard=st.booleans())
    def trouble(self, who, moment, heard):
        """One wire is cut; or the server dies while it sends, and with it all wires."""
        if moment is None:
            self.cut(who)
        else:
            self.kill(moment, heard)

    def kill(self, moment, heard):
        self.server.kill(moment)
        for who in (0, 1):
            while heard and self.server.members.get(who):
                self.hand_over(who)  # what was under way may still arrive
            self.cut(who)
        self.store = self.reopen(self.store)
        self.server = self.server_kind(self)
        for truth in self.runs:
            truth.gone = truth.gone or not self.store.durable
        self.the_new_server_knows_what_the_killed_one_kept()

    def the_new_server_knows_what_the_killed_one_kept(self):
        answer, over = self.server.resume(self.now.id, len(self.now.sent))
        if self.now.gone:
            assert answer == NOWHERE | {"reason": "restarted"}, "13: what is gone is said to be"
            return
        assert answer["complete"] and answer["replay"] == [], "13: all that was kept is there"
        over = over() if callable(over) else over
        assert over == self.over(self.now), "13: ended with the count that was really kept"
        assert self.store.known(self.now.id).ended is not None, "13: marked as ended"

    def over(self, truth):
        return {"run": truth.id, "count": len(truth.sent)}

    # The receivers

    def cut(self, who):
        self.server.members.pop(who, None)
        self.readers[who].cut()
        self.asking[who] = False

    @rule(who=WHO, between=st.sampled_from([None, 0, 1]), settles=st.booleans())
    def connect(self, who, between, settles=False):
        """Connected; the question arrives after so many events, or when :meth:`ask` says."""
        self.cut(who)
        self.server.connect(who)
        self.readers[who].connected()
        self.asking[who] = True
        if between is not None:
            self.publish(between)
            self.ask(who)
        if settles:
            self.deliver(who, SLOW)

    @precondition(lambda self: any(map(self.may_ask, (0, 1))))
    @rule(who=WHO)
    def ask(self, who):
        """The question arrives: sometimes long after the connecting."""
        if self.may_ask(who):
            self.asking[who] = False
            after, kept = self.readers[who].cursor, self.store.known(self.now.id)
            answer, over = self.server.resume(self.now.id, after)
            if kept and not answer["complete"]:
                gap = after + 1 < kept.low or after > kept.head
                assert gap, "7: a gap where nothing is gone"
            self.server.put(who, ("answered", answer | {"run": self.now.id}))
            if over and who in self.server.members:
                assert over == self.over(self.now), "14: over with the count that was sent"
                self.server.put(who, ("finished", over))

    def may_ask(self, who):
        return self.asking[who] and who in self.server.members

    @precondition(lambda self: any(self.server.members.values()))
    @rule(who=WHO, count=st.integers(1, SLOW))
    def deliver(self, who, count):
        for _ in range(count):
            self.hand_over(who)

    def hand_over(self, who):
        event, data = self.server.hear(who) or ("", {})
        if data.get("run") != self.now.id:
            return  # nothing, or of a run before
        if event == "finished":
            assert data == self.over(self.now), "14: over with the count that was sent"
            self.readers[who].finished(data["count"])
        elif getattr(self.readers[who], event)(data):
            self.asking[who] = True

    # Questions that nobody here would have expected

    @rule(back=st.integers(0, 4), after=st.integers(0, 8), others=st.booleans())
    def ask_oddly(self, back, after, others):
        truth = self.runs[max(0, len(self.runs) - 1 - back)]
        self.a_stranger_asks(truth.id)
        if self.other and others:
            self.ask_elsewhere(after, waits=back == 0)
            self.ask_for_an_old_run(self.other, truth, after)
        self.ask_for_an_old_run(self.server, truth, after)

    def ask_for_an_old_run(self, server, truth, after):
        """The newest runs of a seat are kept, in whatever order somebody asks for them."""
        answer, _ = server.resume(truth.id, after)
        if truth.gone:
            assert answer == NOWHERE | {"reason": "restarted"}, "13: what is gone is said to be"
        elif truth in self.runs[-RUNS_EACH:]:
            assert answer["oldest"] or not truth.sent, "15: the newest runs are kept"
        elif not self.store.shared:
            why = "trimmed" if truth.server is server else "restarted"
            assert answer == NOWHERE | {"reason": why}, "15: what was forgotten is said to be"

    def a_stranger_asks(self, run):
        for seat, wanted in [("eve", run), ("ada", "x" * 20), ("ada", run[:-1])]:
            answer, over = self.server.resume(wanted, 0, seat)
            assert answer == NOWHERE | {"reason": "unknown run"}, "10: own runs only"
            assert over is None, "10: own runs only"

    def ask_elsewhere(self, after, waits):
        """A second server over the same store is asked while the first one writes."""
        answer, over = self.other.resume(self.now.id, after)
        assert answer == self.server.resume(self.now.id, after)[0], "16: both tell the same"
        if self.server.goes_on() and not answer["more"]:
            assert callable(over), "16: it goes on at the other server"
        if over and (waits or not callable(over)):
            told = over() if callable(over) else over  # its waiting lets the first one go on
            assert told == self.over(self.now), "16: over when it is over where it is written"
            assert not self.server.goes_on(), "16: over when it is over where it is written"

    # The promises

    @invariant()
    def promises_are_kept(self):
        kept, sent = self.store.known(self.now.id), self.now.sent
        for truth in self.runs[-RUNS_EACH:]:
            assert truth.gone or self.store.known(truth.id), "15: the newest runs are kept"
        if kept:
            assert kept.head - kept.low + 1 <= KEEP, "9: bounded"
            assert kept.head == len(sent), "5: what was sent is kept"
        if not self.store.shared:
            assert len(self.store.runs()) <= RUNS_EACH, "9: bounded"
        for one in self.readers:
            numbers = [event["seq"] for event in one.handled]
            assert len(set(numbers)) == len(numbers), "2: no doubles"
            assert numbers == sorted(numbers), "3: in order"
            assert all(sent.get(e["seq"]) == e for e in one.handled), "4: nothing invented"
            everything = sorted(one.live + one.replayed + one.gap)
            assert everything == list(range(1, one.cursor + 1)), "1 and 11: no silent loss"
            assert one.over is None or self.now.gone, "8: the run can be followed"

    def teardown(self):
        try:
            if sys.exception() is None:  # otherwise a promise is broken already
                self.everybody_gets_there()
        finally:
            for server in filter(None, [self.server, self.other]):
                server.kill("before store")
            for kept in self.store.runs():
                self.store.drop(kept.run)

    def everybody_gets_there(self):
        """Connected, asked, quiet: everybody is at the head, and the sum says the same."""
        self.a_stranger_asks(self.now.id)
        for who in (0, 1):
            self.quiet_down(who)
            one = self.readers[who]
            if self.now.gone:
                assert one.over == "restarted", "13: what is gone is said to be"
            else:
                assert one.cursor == len(self.now.sent), "8: convergence"
                self.the_sum_is_right(one)

    def quiet_down(self, who):
        self.cut(who)
        self.server.connect(who)
        self.readers[who].connected()
        self.asking[who] = True
        for _ in range(100):
            self.ask(who)
            if not self.server.members.get(who) and not self.asking[who]:
                break
            self.hand_over(who)
            self.promises_are_kept()

    def the_sum_is_right(self, one):
        live, replayed = set(one.live), set(one.replayed)
        tally = self.server.delivery.tally("ada", self.now.id, live, replayed, one.duplicates)
        assert tally["gap"] == sorted(one.gap), "11: the sum"
        sum_ = tally["live"] + tally["replayed"] + len(tally["gap"])
        assert sum_ == tally["sent"] == len(self.now.sent), "11: the sum"
