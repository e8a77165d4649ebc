"""The protocol of lesson "missed" as a model, and every way we know to get it wrong.

A publisher, a store that trims, two receivers: cut, slow, asking again while events go on, the
server killed between keeping and emitting. Hypothesis looks for an order of steps that breaks a
promise. It finds none in the protocol as it is, over every store, and one in each wrong variant:
a test that cannot fail is worth nothing.

The numbers below name the invariants that every world is checked for.
"""

import itertools
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from socketlab.buffers.memory import Memory
from socketlab.buffers.sqlite import Sqlite

from ... import helpers
from .receiver import Receiver

KEEP = 4
SLOW = 3  # packets that may wait for one receiver
NUMBERS = itertools.count(1)
WHO = st.sampled_from([0, 1])


class Server:
    """One run over a store, and who hears it: the protocol as it is."""

    def __init__(self, store, run):
        self.store, self.run = store, run
        self.members = {}  # receiver -> what waits for it
        store.begin(run, "ada", KEEP, 0.0)

    def event(self, seq):
        return {"run": self.run, "seq": seq, "sent_at": float(seq), "text": f"tick {seq}"}

    def publish(self, dies=None):
        """Keep, then emit; ``dies`` names the moment at which the server is killed."""
        event = self.event(self.head() + 1)
        if dies != "before store":
            self.keep(event)
            if dies != "after store":
                self.emit(event, half=dies == "half of the emits")
        return event

    def keep(self, event):
        self.store.append(self.run, event)

    def emit(self, event, half=False):
        for who in sorted(self.members)[: 1 if half else None]:
            self.send(who, ("posted", event))

    def send(self, who, packet):
        """A receiver that does not keep up is given up, never served with holes."""
        self.members[who].append(packet)
        if len(self.members[who]) > SLOW:
            del self.members[who]

    def head(self):
        return self.store.known(self.run).head

    def connect(self, who):
        self.members[who] = []

    def resume(self, who, after):
        self.send(who, ("answered", self.answer(after)))

    def answer(self, after, seat="ada"):
        page = self.store.since(self.run, after, limit=3)
        if page is None or self.store.known(self.run).seat != seat:
            return dict(replay=[], complete=False, oldest=None, reason="unknown run", more=False)
        answer = page._asdict()
        return {"replay": answer.pop("events")} | answer

    def hear(self, who):
        return self.members[who].pop(0) if self.members.get(who) else None


# Wrong in one point each


class NoGapSignal(Server):
    def answer(self, after, seat="ada"):
        return super().answer(after, seat) | {"complete": True}


class GapWithoutLoss(Server):
    def answer(self, after, seat="ada"):
        answer = super().answer(after, seat)
        return answer | {"complete": False, "reason": answer["reason"] or "trimmed"}


class ReadsBeforeJoining(Server):
    """History first, membership with the next event: what is between falls through."""

    def __init__(self, *args):
        super().__init__(*args)
        self.joining = set()

    def connect(self, who):
        super().connect(who)
        self.joining.add(who)

    def emit(self, event, half=False):
        ready = {who: box for who, box in self.members.items() if who not in self.joining}
        for who in ready:
            self.send(who, ("posted", event | {"seq": event["seq"]}))
        self.joining.clear()


class EmitsBeforeStoring(Server):
    def publish(self, dies=None):
        event = self.event(self.head() + 1)
        if dies != "before store":
            self.emit(event, half=dies == "half of the emits")
            if dies != "after store":
                self.keep(event)
        return event


class CursorOnTheServer(Server):
    """Believes that what was sent was handled."""

    def __init__(self, *args):
        super().__init__(*args)
        self.told = {}

    def emit(self, event, half=False):
        super().emit(event, half)
        self.told |= dict.fromkeys(self.members, event["seq"])

    def resume(self, who, after):
        super().resume(who, max(after, self.told.get(who, 0)))


class ForgetsTheLowWaterMark(Server):
    def answer(self, after, seat="ada"):
        answer = super().answer(after, seat)
        trimmed = answer["reason"] == "trimmed"
        return answer | {"complete": True, "reason": None, "oldest": 1} if trimmed else answer


class OffByOne(Server):
    def answer(self, after, seat="ada"):
        return super().answer(after + 1 if after < self.head() else after, seat)


class NewestFirst(Server):
    def answer(self, after, seat="ada"):
        answer = super().answer(after, seat)
        return answer | {"replay": answer["replay"][::-1]}


class NeverTrims(Server):
    def __init__(self, store, run):
        super().__init__(store, run)
        store.drop(run)
        store.begin(run, "ada", 10**6, 0.0)


class NumbersAgainAfterAKill(Server):
    """The store is emptied and counts from 1, under the same run."""

    def publish(self, dies=None):
        event = super().publish(dies)
        if dies:
            self.store.drop(self.run)
            self.store.begin(self.run, "ada", KEEP, 0.0)
        return event


class DropsInsteadOfClosing(Server):
    """A full queue loses packets and the connection stays, as if nothing had happened."""

    def send(self, who, packet):
        if len(self.members[who]) < SLOW:
            self.members[who].append(packet)


class AnswersAnybody(Server):
    def answer(self, after, seat="ada"):
        return super().answer(after)


class ForgetsPages(Server):
    def answer(self, after, seat="ada"):
        return super().answer(after, seat) | {"more": False}


class Doubles(Receiver):
    """Applies what a replay brought once more when it comes live."""

    def _drain(self):
        for seq in [seq for seq in self.held if seq <= self.cursor]:
            self._apply(self.held.pop(seq), self.live)
        return super()._drain()


class SeesNoHole(Receiver):
    def _drain(self):
        for seq in sorted(self.held):
            if seq > self.cursor:
                self._apply(self.held[seq], self.live)
        self.held = {}
        return False


class CountsOnArrival(Receiver):
    """Moves the cursor when an event comes in, not when it was handled."""

    def posted(self, event):
        again = super().posted(event)
        self.cursor = max(self.cursor, event["seq"])
        return again


class NeverAsks(Receiver):
    """Socket.IO by itself: goes on with what comes."""

    def connected(self):
        super().connected()
        self.state = "LIVE"

    _drain = SeesNoHole._drain


WRONG = [
    (NoGapSignal, Receiver, "1 and 11"),
    (GapWithoutLoss, Receiver, "7"),
    (ReadsBeforeJoining, SeesNoHole, "1 and 11"),
    (EmitsBeforeStoring, Receiver, "4|5|given twice"),
    (CursorOnTheServer, Receiver, "1 and 11|8"),
    (ForgetsTheLowWaterMark, Receiver, "1 and 11"),
    (OffByOne, Receiver, "1 and 11|8"),
    (NewestFirst, Receiver, "1 and 11|3"),
    (NeverTrims, Receiver, "9"),
    (NumbersAgainAfterAKill, Receiver, "4|5|8|given twice"),
    (DropsInsteadOfClosing, SeesNoHole, "1 and 11"),
    (AnswersAnybody, Receiver, "10"),
    (ForgetsPages, Receiver, "8"),
    (Server, Doubles, "2|3"),
    (Server, CountsOnArrival, "1 and 11"),
    (Server, NeverAsks, "1 and 11"),
]


# The steps and the promises


class Protocol(RuleBasedStateMachine):
    protocol, receiver, store = Server, Receiver, None

    def __init__(self):
        super().__init__()
        self.server = self.protocol(self.store, f"run {next(NUMBERS)}")
        self.readers = [self.receiver(), self.receiver()]
        self.asking = [False, False]
        self.sent = {}  # every event that a receiver may have seen, by number
        self.lost_from = 1

    @rule(count=st.integers(1, 4))
    def publish(self, count):
        for _ in range(count):
            self.note(self.server.publish())

    def note(self, event):
        seq = event["seq"]
        assert seq not in self.sent, f"given twice: number {seq}"
        assert list(self.sent) == list(range(1, seq)), f"a hole before number {seq}"
        self.sent[seq] = event

    @rule(who=WHO, dies=st.sampled_from([None, "before store", "after store", "half of the emits"]))
    def trouble(self, who, dies):
        """One wire is cut; or the server dies while it publishes, and with it all wires."""
        if dies is None:
            self.cut(who)
            return
        event = self.server.publish(dies)
        for who in (0, 1):
            while self.server.members.get(who):
                self.hand_over(who)  # what was under way may still arrive
            self.cut(who)
        if dies != "before store":
            self.note(event)

    def cut(self, who):
        self.server.members.pop(who, None)
        self.readers[who].cut()
        self.asking[who] = False

    @rule(who=WHO, between=st.sampled_from([None, 0, 1]))
    def connect(self, who, between):
        """Connected; the question arrives after so many events, or when :meth:`ask` says."""
        self.cut(who)
        self.server.connect(who)
        self.readers[who].connected()
        self.asking[who] = True
        if between is not None:
            self.publish(between)
            self.ask(who)

    @rule(who=WHO)
    def ask(self, who):
        """The question arrives: sometimes long after the connecting."""
        if self.asking[who] and who in self.server.members:
            self.asking[who] = False
            self.server.resume(who, self.readers[who].cursor)

    @rule(who=WHO, count=st.integers(1, SLOW))
    def deliver(self, who, count):
        for _ in range(count):
            self.hand_over(who)

    def hand_over(self, who):
        packet = self.server.hear(who)
        if packet is None:
            return
        kind, data = packet
        if kind == "answered" and not data["complete"]:
            assert self.honest(self.readers[who].cursor, data), "7: a gap where nothing is gone"
        if getattr(self.readers[who], kind)(data):
            self.asking[who] = True

    def honest(self, after, answer):
        kept = self.server.store.known(self.server.run)
        return after + 1 < kept.low or after > kept.head

    @invariant()
    def promises_are_kept(self):
        kept = self.server.store.known(self.server.run)
        assert kept.head - kept.low + 1 <= KEEP, "9: bounded"
        assert kept.head == len(self.sent), "5: what was sent is kept"
        for one in self.readers:
            numbers = [event["seq"] for event in one.handled]
            assert len(set(numbers)) == len(numbers), "2: no doubles"
            assert numbers == sorted(numbers), "3: in order"
            assert all(self.sent.get(e["seq"]) == e for e in one.handled), "4: nothing invented"
            everything = sorted(one.live + one.replayed + one.gap)
            assert everything == list(range(1, one.cursor + 1)), "1 and 11: no silent loss"
            assert one.over is None, "8: the run can be followed"

    def teardown(self):
        """Connected, asked, quiet: everybody is at the head. And a stranger learns nothing."""
        answer = self.server.answer(0, seat="eve")
        assert answer["replay"] == [] and answer["reason"] == "unknown run", "10: own runs only"
        for who in (0, 1):
            self.connect(who, between=0)
            for _ in range(100):
                self.ask(who)
                if not self.server.members.get(who) and not self.asking[who]:
                    break
                self.hand_over(who)
                self.promises_are_kept()
            assert self.readers[who].cursor == len(self.sent), "8: convergence"
        self.server.store.drop(self.server.run)


def explore(store, protocol=Server, receiver=Receiver, examples=100):
    machine = type("Machine", (Protocol,), {})
    machine.store, machine.protocol, machine.receiver = store, protocol, receiver
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=helpers.examples(examples),
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_protocol_keeps_its_promises():
    explore(Memory(), examples=150)


def test_the_protocol_keeps_its_promises_over_a_file():
    folder = tempfile.mkdtemp()
    store = Sqlite(Path(folder) / "buffer.sqlite3")
    try:
        explore(store, examples=40)
    finally:
        store.close()
        shutil.rmtree(folder)


@pytest.mark.redis
def test_the_protocol_keeps_its_promises_over_redis(redis_url):
    from socketlab.buffers.redis_streams import RedisStreams

    store = RedisStreams(redis_url, prefix="model:")
    try:
        explore(store)
    finally:
        store.close()


@pytest.mark.parametrize(
    ("protocol", "receiver", "broken"),
    WRONG,
    ids=[" ".join(sorted({p.__name__, r.__name__} - {"Server", "Receiver"})) for p, r, _ in WRONG],
)
def test_a_wrong_variant_is_caught(protocol, receiver, broken):
    with pytest.raises(AssertionError, match=f"^({broken})"):
        explore(Memory(), protocol, receiver, examples=500)
