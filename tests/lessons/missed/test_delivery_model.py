"""The promises of lesson "missed", and every way we know to break them.

A publisher, a store that trims, two receivers: cut, slow, asking again while events go on, the
server killed between keeping and emitting. Hypothesis looks for an order of steps that breaks a
promise. It finds none in the delivery as it is, over every store, and one in each wrong variant:
a test that cannot fail is worth nothing. The steps and the promises are in delivery_model.py.
"""

import pytest

from socketlab.buffers.memory import Memory
from socketlab.buffers.sqlite import SCHEMA, Sqlite
from socketlab.database import Database
from socketlab.lessons.missed import delivery
from socketlab.lessons.missed.delivery import Delivery, Run
from socketlab.lessons.missed.names import Names

from ... import helpers
from .delivery_model import SLOW, Durable, Server, Shared, World
from .receiver import Receiver


def explore(examples, **parts):
    """Search for a broken promise in a world in which these parts are replaced."""
    helpers.explore(type("Machine", (World,), parts), examples, steps=30)


def the_same(kind):
    """A store that a process finds as the one before it has left it."""
    return staticmethod(lambda store: store or kind())


# The delivery as it is


def test_the_delivery_keeps_its_promises():
    explore(examples=80)


def test_the_delivery_keeps_its_promises_over_a_store_that_outlives_the_server():
    explore(examples=80, reopen=the_same(Durable))


def test_two_servers_keep_the_promises_over_one_store():
    explore(examples=80, reopen=the_same(Shared), two_servers=True)


def test_the_delivery_keeps_its_promises_over_a_file(tmp_path):
    opened = []

    def reopen(store):
        if store:
            store.close()
        # No power is lost here: nothing has to be waited for.
        opened.append(Sqlite(Database(tmp_path / "buffer", SCHEMA, "OFF")))
        return opened[-1]

    try:
        explore(examples=25, reopen=staticmethod(reopen))
    finally:
        for store in opened:
            store.close()


@pytest.mark.redis
def test_two_servers_keep_the_promises_over_redis(redis_url):
    from socketlab.buffers.redis_streams import RedisStreams

    store = RedisStreams(redis_url, prefix="model:")
    try:
        explore(examples=25, reopen=staticmethod(lambda _: store), two_servers=True)
    finally:
        store.close()


# Wrong in one point each: the delivery


class NoGapSignal(Delivery):
    def resume(self, *args):
        answer, over = super().resume(*args)
        return answer | ({"complete": True} if answer["oldest"] else {}), over


class GapWithoutLoss(Delivery):
    def resume(self, *args):
        answer, over = super().resume(*args)
        return answer | {"complete": False, "reason": answer["reason"] or "trimmed"}, over


class CursorOnTheServer(Delivery):
    """Believes that what was sent was handled."""

    def resume(self, seat, run_id, after):
        run = self._runs.get(run_id)
        return super().resume(seat, run_id, max([after, *(run and run.live or ())]))


class AnswersAnybody(Delivery):
    def _find(self, seat, run_id):
        run = self._runs.get(run_id) or self._elsewhere(run_id)
        return (run, None) if run else super()._find(seat, run_id)


class ForgetsPages(Delivery):
    def resume(self, *args):
        answer, over = super().resume(*args)
        return answer | {"more": False}, over


class NumbersAgainAfterAKill(Delivery):
    """Its runs are called the same in every process."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self._names = CountedNames("key")


class CountedNames(Names):
    given = 0

    def new(self, seat):
        self.given += 1
        body = f"run {self.given:08}"
        return body + self._sign(body, seat)


class LeavesOldRunsAlone(Delivery):
    def _adopt_all(self, store):
        pass


class ThinksOldRunsGoOn(Delivery):
    def _adopt(self, store, kept):
        return self._runs.get(kept.run) or self._add(Run(kept.run, kept.seat, store, kept))


class ForgetsNothing(Delivery):
    def _forget(self, run_id):
        pass


class TakesAnOldRunForNew(Delivery):
    def _add(self, run):
        run.kept = run.kept._replace(at=self._now())
        return super()._add(run)


class DeniesWhatItForgot(Delivery):
    def _find(self, *args):
        run, reason = super()._find(*args)
        return run, reason and "unknown run"


class TakesOthersRunsForOver(Delivery):
    def _elsewhere(self, run_id):
        run = super()._elsewhere(run_id)
        return run and self._add(run)


# a run


class EmitsBeforeStoring(Run):
    """Keeps an event when the next one comes: a commit for two is cheaper."""

    late = None

    def keep(self, event):
        if self.late:
            super().keep(self.late)
        self.late = event


class NeedsNoLock(Run):
    def __init__(self, *args):
        super().__init__(*args)
        self.lock = Open()


class Open:
    def acquire(self, blocking=True):
        return True

    def release(self, *args):
        pass

    __enter__, __exit__ = acquire, release


class CountsOneTooMany(Run):
    def over(self):
        over = super().over()
        return over and over | {"count": over["count"] + 1}


# a store


class ForgetsTheLowWaterMark(Durable):
    def since(self, *args):
        page = super().since(*args)
        trimmed = page and page.reason == "trimmed"
        return page._replace(complete=True, reason=None, oldest=1) if trimmed else page


class OffByOne(Durable):
    def since(self, run, after, limit):
        return super().since(run, after + 1 if after < self.known(run).head else after, limit)


class NewestFirst(Durable):
    def since(self, *args):
        page = super().since(*args)
        return page and page._replace(events=page.events[::-1])


class NeverTrims(Durable):
    def begin(self, run, seat, keep, at):
        super().begin(run, seat, 10**6, at)


# the sockets


class ReadsBeforeJoining(Server):
    """History first, membership with the next event: what is between falls through."""

    def __init__(self, *args):
        super().__init__(*args)
        self.joining = set()

    def connect(self, who):
        super().connect(who)
        self.joining.add(who)

    def emit(self, event, data):
        there, self.joining = self.members, self.joining
        self.members = {who: there[who] for who in there if who not in self.joining}
        super().emit(event, data)
        given_up = {who for who in there if who not in self.members} - self.joining
        self.members = {who: there[who] for who in there if who not in given_up}
        self.joining.clear()


class DropsInsteadOfClosing(Server):
    """A full queue loses packets and the connection stays, as if nothing had happened."""

    def put(self, who, packet):
        if len(self.members[who]) < SLOW:
            self.members[who].append(packet)


# a receiver


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


MINE = {"reopen": the_same(Durable)}
BOTH = {"reopen": the_same(Shared), "two_servers": True}
WRONG = [
    (NoGapSignal, MINE, "1 and 11"),
    (GapWithoutLoss, MINE, "7"),
    (CursorOnTheServer, MINE, "1 and 11|8"),
    (AnswersAnybody, MINE, "10"),
    (ForgetsPages, MINE, "8"),
    (NumbersAgainAfterAKill, MINE, "given twice|15"),
    (LeavesOldRunsAlone, MINE, "13"),
    (ThinksOldRunsGoOn, MINE, "13"),
    (ForgetsNothing, MINE, "9|15"),
    (TakesAnOldRunForNew, BOTH, "15"),
    (DeniesWhatItForgot, {}, "13|15"),
    (TakesOthersRunsForOver, BOTH, "13|16"),
    (EmitsBeforeStoring, MINE, "5"),
    (NeedsNoLock, MINE, "12"),
    (CountsOneTooMany, MINE, "13|14"),
    (ForgetsTheLowWaterMark, {}, "1 and 11"),
    (OffByOne, {}, "1 and 11|8"),
    (NewestFirst, {}, "1 and 11|3"),
    (NeverTrims, {}, "9"),
    (ReadsBeforeJoining, {"receiver": SeesNoHole}, "1 and 11"),
    (DropsInsteadOfClosing, {"receiver": SeesNoHole}, "1 and 11"),
    (Doubles, {}, "2|3"),
    (CountsOnArrival, {}, "1 and 11"),
    (NeverAsks, {}, "1 and 11"),
]
PART = {Delivery: "delivery", Server: "server_kind", Receiver: "receiver"}


def parts_with(wrong, monkeypatch):
    """Where a wrong variant takes its place in the world."""
    if issubclass(wrong, Run):
        monkeypatch.setattr(delivery, "Run", wrong)
        return {}
    if issubclass(wrong, Memory):
        return {"reopen": the_same(wrong)}
    return {name: wrong for right, name in PART.items() if issubclass(wrong, right)}


@pytest.mark.parametrize(("wrong", "parts", "broken"), WRONG, ids=[w.__name__ for w, *_ in WRONG])
def test_a_wrong_variant_is_caught(wrong, parts, broken, monkeypatch):
    with pytest.raises(AssertionError, match=f"^({broken})"):
        explore(helpers.MOST_EXAMPLES, **parts, **parts_with(wrong, monkeypatch))
