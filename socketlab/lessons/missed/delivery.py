"""A run of lesson "missed": numbered events, kept first and emitted then, replayed on request.

    start ─▶ events: ┌ with the lock of the run ┐   for each event
                     │  append to the store     │
                     └  emit to who is there    ┘
    resume ─▶ with the same lock: join those who are there, read what is kept

Both hold one lock, so there is one order for everybody, and no event falls between the joining
and the reading. What is emitted has been kept before: at least once. The receiver drops what it
has by ``seq``, which makes it once. A run belongs to a seat and goes on while the seat is away.

Pure: clock and sleep are handed in; what refuses is the exception class given as ``refuse``.
Source: Socket.IO documentation, "Delivery guarantees"; Centrifugo documentation, "History and
recovery".
"""

import hashlib
import hmac
import logging
import secrets
from base64 import urlsafe_b64encode
from collections import OrderedDict
from contextlib import suppress
from functools import partial
from threading import RLock

from ...buffers.base import Page, StoreFailed
from ...limits import Tries

log = logging.getLogger("socketlab")

TEXTS = ("doorbell", "goal", "kettle", "letter", "rain", "bus 4", "lunch", "answer")
SEATS_CHOOSING = 4096
RESUMES_IN_ALL = 5000  # in 10 s: a class of 300 that comes back at once, and again
SHARES = 64  # the most that a new run takes: one of so many shares of what is left
SLOWEST_MS = 2000
BUFFERED_MS = 250  # how often a page is told what the buffer holds
LEASE_MS = 2 * SLOWEST_MS  # a run in a shared store that did not move for so long has no server
FIRST = {"kind": "off", "keep": 20}  # the class begins with what Socket.IO does by itself


class Names:
    """Run ids that prove whose they are: nobody can ask for another seat's run, nor guess one.

    An id is 4 characters for this start of the server, 8 random ones, 8 that sign both and the
    seat. So a restarted server still tells a run that it lost from one that never was.
    """

    def __init__(self, key):
        self._key = key.encode()
        self._start = secrets.token_urlsafe(3)

    def new(self, seat):
        body = self._start + secrets.token_urlsafe(6)
        return body + self._sign(body, seat)

    def whose(self, run, seat):
        """ "now" or "earlier": when this seat got that id; None if it never did."""
        if len(run) != 20 or not run.isascii():
            return None
        if not hmac.compare_digest(run[12:], self._sign(run[:12], seat)):
            return None
        return "now" if run.startswith(self._start) else "earlier"

    def _sign(self, body, seat):
        sum_ = hmac.new(self._key, f"run {seat} {body}".encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(sum_[:6]).decode()


class Run:
    """One press of the button, as the server knows it."""

    def __init__(self, run, seat, store, kept, count=0, every_ms=SLOWEST_MS):
        self.id, self.seat, self.store, self.kept = run, seat, store, kept
        self.count, self.every_ms = count, every_ms
        self.lock = RLock()
        self.sent = kept.head
        self.failed = False  # the store failed: what came after was emitted, not kept
        self.replayed = set()
        # After a restart nobody knows what the earlier server told whom.
        self.live = None if kept.head else set()

    @property
    def kind(self):
        return "off" if self.failed else self.store.kind

    def told(self, event, addressed):
        """Note that an event went to so many sockets at the moment it happened."""
        if addressed:
            self.live.add(event["seq"])

    def over(self):
        """``{run, count}``, the count being what was really sent; None while it goes on."""
        return None if self.kept.ended is None else {"run": self.id, "count": self.sent}

    def plan(self):
        """What the page may know beforehand: ``{run, count, every_ms, kind, keep}``."""
        about = {"run": self.id, "count": self.count, "every_ms": self.every_ms}
        return about | {"kind": self.kind, "keep": self.kept.keep}

    def state(self):
        """What is kept: ``{run, kind, kept: [first, last], keep}``; first > last: nothing."""
        kept = [self.kept.low, self.kept.head]
        return {"run": self.id, "kind": self.kind, "kept": kept, "keep": self.kept.keep}


class Delivery:
    """All runs. ``stores`` and ``absent`` as :func:`socketlab.buffers.open_stores` gives them.

    ``limits`` are the server's settings.
    """

    def __init__(self, stores, absent, key, now, sleep, refuse, limits):
        self._stores, self._absent, self._limits = stores, absent, limits
        self._names = Names(key)
        self._kept_ms = limits["RUN_SECONDS"] * 1000
        self._now, self._sleep, self._refuse = now, sleep, refuse
        self._runs = {}  # run -> Run
        self._ended = OrderedDict()  # run -> ms, the one that ended first first
        self._of = {}  # seat -> [run], oldest first
        self._chosen = {}  # seat -> {kind, keep}
        most = limits["RESUMES_PER_10_SECONDS"]
        self._asked = Tries(most=most, most_in_all=RESUMES_IN_ALL, window_ms=10_000)
        self._bytes = 0
        self._lock = RLock()
        self.choice = FIRST
        for store in stores.values():
            if store.durable:
                self._adopt_all(store)

    # Which store

    def choose(self, kind, keep, seat=None):
        """The buffer of the seat's next run; without a seat, of everybody's, from now on.

        Hands back the choice, and under ``kinds`` what there is to choose from.
        """
        if kind not in self._stores:
            raise self._refuse(
                self._absent.get(kind, f"kind must be one of {', '.join(self._stores)}")
            )
        try:
            self._stores[kind].check()
        except StoreFailed as error:
            raise self._refuse(f"{kind} cannot be used now: {error}") from None
        choice = {"kind": kind, "keep": keep}
        if seat is None:
            self.choice = choice
            self._chosen.clear()
        else:
            self._chosen.pop(seat, None)
            self._chosen[seat] = choice
            if len(self._chosen) > SEATS_CHOOSING:
                del self._chosen[next(iter(self._chosen))]
        return choice | {"kinds": list(self._stores)}

    def chosen(self, seat):
        return self._chosen.get(seat, self.choice)

    # A run

    def start(self, seat, count, every_ms):
        """A new run of the seat, in which nothing has happened yet, and its events."""
        now = self._now()
        with self._lock:
            self._forget_old(now)
            for other in map(self._runs.get, self._of.get(seat, ())):
                if other.kept.ended is None:
                    left = (other.count - other.sent) * other.every_ms / 1000
                    raise self._refuse(f"your run is under way: it ends in {left:.0f} s")
            every_ms = self._pace(every_ms)
            choice, run = self.chosen(seat), self._names.new(seat)
            store = self._stores[choice["kind"]]
            try:
                store.begin(run, seat, choice["keep"], now)
                kept = store.known(run)
            except StoreFailed as error:
                log.warning("no buffer for a run: %s", error)
                raise self._refuse(f"{store.kind} cannot be used now: {error}") from None
            run = self._add(Run(run, seat, store, kept, count, every_ms))
            return run, self._unfold(run)

    def _pace(self, every_ms):
        """``every_ms``, or slower: of what all runs leave free, one may take a small share.

        So a whole class that starts at once gets in, the last of it slowly.
        """
        going = (run for run in self._runs.values() if run.kept.ended is None and run.count)
        room = self._limits["RUN_EVENTS_PER_SECOND"] - sum(1000 / run.every_ms for run in going)
        least = 1000 / SLOWEST_MS
        if room < least:
            raise self._refuse("too many runs at once: try again in a moment")
        return max(every_ms, round(1000 / max(room / SHARES, least)))

    def _add(self, run):
        self._runs[run.id] = run
        self._of.setdefault(run.seat, []).append(run.id)
        self._bytes += run.kept.bytes
        if run.kept.ended is not None:
            self._ended[run.id] = run.kept.ended
        while len(self._of[run.seat]) > self._limits["RUNS_PER_SEAT"]:
            self._forget(self._of[run.seat][0])
        return run

    def _unfold(self, run):
        """The run in real time: yields each event, and None when the page may be told the state.

        An event is in the store before it is yielded, and the lock of the run is held until the
        receiver asks for the next: whoever emits it does that before any other may read.
        """
        due = told = self._now()
        try:
            for seq in range(1, run.count + 1):
                due += run.every_ms
                self._sleep(max(0.0, (due - self._now()) / 1000))
                with run.lock:
                    now = round(self._now(), 1)
                    text = TEXTS[(seq - 1) % len(TEXTS)]
                    event = {"run": run.id, "seq": seq, "sent_at": now, "text": text}
                    self._keep(run, event)
                    run.sent = seq
                    yield event
                if now - told >= BUFFERED_MS or seq == run.count:
                    told = now
                    yield None
        finally:
            self._end(run)

    def _keep(self, run, event):
        """Append, unless the store has failed: the lesson goes on without it, and says so."""
        if run.failed:
            return
        try:
            before, run.kept = run.kept, run.store.append(run.id, event)
            self._bytes += run.kept.bytes - before.bytes
        except StoreFailed as error:
            run.failed = True
            log.warning("a run goes on without a buffer: %s", error)

    def _end(self, run):
        with self._lock:
            now = self._now()
            run.kept = run.kept._replace(ended=now)
            self._ended[run.id] = now
            with suppress(StoreFailed):
                run.store.end(run.id, now)

    # What was missed

    def resume(self, seat, run_id, after, buffered=True):
        """Everything still kept after number ``after``: ``(answer, recovered, over)``.

        ``answer`` is ``{replay, complete, oldest, reason, more}``, ``recovered`` its sum
        ``{run, count, complete}``, ``over`` what :meth:`Run.over` says once all of it is told;
        for a run that another server writes, a function that waits for that.
        ``buffered`` False: asked by a socket that chose to live without the buffer.
        """
        run, reason = self._find(seat, run_id)
        if run is None:
            page = Page([], False, None, reason, False)
        elif not buffered:
            missed = after != run.sent
            page = Page([], not missed, None, "buffer off" if missed else None, False)
        elif not self._asked.allow(seat, self._now()):
            most = self._limits["RESUMES_PER_10_SECONDS"]
            raise self._refuse(f"too many questions for the buffer: at most {most} in 10 s")
        else:
            with run.lock:
                page = self._read(run, after)
                run.replayed.update(event["seq"] for event in page.events)
        answer = page._asdict()
        answer = {"replay": answer.pop("events")} | answer
        recovered = {"run": run_id, "count": len(page.events), "complete": page.complete}
        if run is None or page.more:
            return answer, recovered, None
        elsewhere = run.kept.ended is None and run_id not in self._runs
        return answer, recovered, partial(self._ending, run) if elsewhere else run.over()

    def _read(self, run, after):
        try:
            page = run.store.since(run.id, min(after, run.kept.head) if run.failed else after)
        except StoreFailed as error:
            log.warning("a run cannot be replayed: %s", error)
            return Page([], False, None, "buffer off", False)
        if page is None:  # somebody else emptied the store
            return Page([], False, None, "trimmed", False)
        if run.failed and after < run.sent and not page.more:
            return page._replace(complete=False, reason="buffer off")
        return page

    def tally(self, seat, run_id, live, replayed, duplicates):
        """The sum of a run, ``sent = live + replayed + gap``, checked against our own record."""
        run, reason = self._find(seat, run_id)
        if run is None:
            raise self._refuse("unknown run" if reason == "unknown run" else "that run is gone")
        with run.lock:
            highest = max(live | replayed, default=0)
            if highest > run.sent:
                raise self._refuse(f"number {highest} was never sent, only {run.sent} were")
            if run.live is not None:
                self._check(live - run.live, "live")
                self._check(replayed - run.replayed, "replayed")
            replayed = replayed - live
            gap = sorted(set(range(1, run.sent + 1)) - live - replayed)
            return {
                "sent": run.sent,
                "live": len(live),
                "replayed": len(replayed),
                "duplicates": duplicates,
                "gap": gap,
            }

    def _check(self, strangers, how):
        if strangers:
            raise self._refuse(f"number {min(strangers)} was never sent to you {how}")

    # Finding and forgetting

    def _find(self, seat, run_id):
        """``(Run, None)``, or ``(None, reason)``: another seat's run is as one that never was."""
        when = self._names.whose(run_id, seat)
        if when is None:
            return None, "unknown run"
        with self._lock:
            run = self._runs.get(run_id) or self._elsewhere(run_id)
            over = (
                run and run.kept.ended is not None and run.kept.ended + self._kept_ms < self._now()
            )
            if run is None or over or run.seat != seat:
                return None, "trimmed" if when == "now" else "restarted"
            return run, None

    def _elsewhere(self, run_id):
        """A run of another server, or one that was not over when this one started."""
        for store in self._stores.values():
            if store.shared:
                with suppress(StoreFailed):
                    if kept := store.known(run_id):
                        return self._adopt(store, kept)
        return None

    def _adopt_all(self, store):
        """After a start: the runs of an earlier one can be resumed; none of them goes on."""
        try:
            for kept in store.runs():
                if not store.shared:
                    self._adopt(store, kept)
                elif kept.ended is not None and kept.ended + self._kept_ms < self._now():
                    store.drop(kept.run)
        except StoreFailed as error:
            log.warning("the runs of an earlier start cannot be read: %s", error)

    def _ending(self, run):
        """Waits until the server that writes a run has ended it, or was silent for too long."""
        with suppress(StoreFailed):
            while kept := run.store.known(run.id):
                if over := self._adopt(run.store, kept).over():
                    return over
                self._sleep(LEASE_MS / 2000)
        return None

    def _adopt(self, store, kept):
        if kept.run in self._runs:
            return self._runs[kept.run]
        if kept.ended is None and (not store.shared or kept.at + LEASE_MS < self._now()):
            store.end(kept.run, kept.at)
            kept = kept._replace(ended=kept.at)
        run = Run(kept.run, kept.seat, store, kept)
        # While its own server still writes, look at the store anew each time.
        return run if kept.ended is None else self._add(run)

    def _forget_old(self, now):
        """Runs that ended long ago go, and where all take too much, those that ended first."""
        while self._ended:
            run, ended = next(iter(self._ended.items()))
            limits = self._limits
            full = self._bytes > limits["BUFFER_BYTES"] or len(self._ended) > limits["RUNS"]
            if ended + self._kept_ms >= now and not full:
                return
            self._forget(run)

    def _forget(self, run_id):
        run = self._runs.pop(run_id)
        self._ended.pop(run_id, None)
        self._bytes -= run.kept.bytes
        self._of[run.seat].remove(run_id)
        if not self._of[run.seat]:
            del self._of[run.seat]
        with suppress(StoreFailed):
            run.store.drop(run_id)
