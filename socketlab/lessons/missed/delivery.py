"""The runs of lesson "missed": numbered events, kept in a store, emitted, replayed on request.

    the sender    with the lock of the run: keep the event in the store, then emit it
    resume        with the same lock: read what is kept after a number

Both hold the run's own lock, so there is one order for everybody, and no event falls between
reading and emitting. What is emitted has been kept before: at least once. The receiver drops what
it has by ``seq``, which makes it once. A run belongs to a seat and goes on while the seat is away.

No lock but the run's own is held while a store is asked: a store that is slow or silent keeps
nobody waiting but those who ask for that run. Clock and sleep are handed in.
Source: Socket.IO documentation, "Delivery guarantees"; Centrifugo documentation, "History and
recovery".
"""

import heapq
import logging
import time
from contextlib import suppress
from functools import partial
from sys import getsizeof
from threading import RLock

from ...buffers import Unusable
from ...buffers.base import PAGE, Page, StoreFailed
from ...classroom.refused import Refused
from ...classroom.text import SAMPLE_TEXTS
from ...health import Reached
from ...limits import Tries
from .names import Names

log = logging.getLogger("socketlab")

RESUMES_IN_ALL = 5000  # in 10 s: a class of 300 that comes back at once, and again
SHARES = 64  # the most that a new run takes: one of so many shares of what is left
SLOWEST_MS = 2000
STATE_MS = 250  # how often a page is told what the buffer holds
LATE_MS = 10_000  # a run that is so much later than it should be has nobody who sends it
# What a run takes in memory beside its events, and an event beside its text: measured.
RUN_BYTES, EVENT_BYTES = 2000, 80
LEASE_MS = 2 * SLOWEST_MS  # a run in a shared store that did not move for so long has no server


def nobody(run):
    """Is told how a run grows, where nobody adds them up."""


class Run:
    """One press of the button: ``count`` events, one every ``every_ms``, and their log.

    ``weighed(run)`` is called when it weighs more, or less, than before.
    """

    def __init__(self, run, seat, store, kept, count=0, every_ms=SLOWEST_MS, weighed=nobody):
        self.id, self.seat, self.store, self.kept = run, seat, store, kept
        self.count, self.every_ms = count, every_ms
        self.began_at = self.state_at = kept.at
        self.lock = RLock()
        self.sent = kept.head
        self.failed = False  # the store failed: what came after was emitted, not kept
        self.replayed = set()
        # After a restart nobody knows what the earlier server told whom.
        self.live = None if kept.head else set()
        self._weighed = weighed
        self.counted = 0  # bytes, as whoever adds up the runs has it
        self.low = kept.low  # the same: the first number still kept

    @property
    def kind(self):
        return "off" if self.failed else self.store.kind

    def weight(self):
        """About how many bytes of memory it takes; its events too, if they lie in a file."""
        kept = self.kept.bytes + EVENT_BYTES * (self.kept.head - self.kept.low + 1)
        told = getsizeof(self.replayed) + getsizeof(self.live)
        return RUN_BYTES + kept + told

    # What the sender does, event by event

    def seconds_until(self, seq, now):
        """How long to sleep at ``now`` (ms) until event number ``seq`` is due."""
        return max(0.0, (self.began_at + seq * self.every_ms - now) / 1000)

    def event(self, seq, now):
        """Event number ``seq``, which happens at ``now``: ``{run, seq, sent_at, text}``."""
        text = SAMPLE_TEXTS[(seq - 1) % len(SAMPLE_TEXTS)]
        return {"run": self.id, "seq": seq, "sent_at": round(now, 1), "text": text}

    def keep(self, event):
        """Append to the store, unless it has failed: the lesson goes on without it, and says so."""
        if not self.failed:
            try:
                self.kept = self.store.append(self.id, event)
                self._weighed(self)
            except StoreFailed as error:
                self.failed = True
                log.warning("a run goes on without a buffer: %s", error)

    def note_sent(self, event, addressed):
        """An event goes out now, to so many sockets."""
        self.sent = event["seq"]
        if addressed:
            self.live.add(event["seq"])

    def state_is_due(self, now):
        """Whether the page should be told again what the buffer holds: four times a second."""
        due = now - self.state_at >= STATE_MS or self.sent == self.count
        if due:
            self.state_at = now
        return due

    # What is told of it

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

    def late_by(self, now):
        """Milliseconds since its last event was due."""
        return now - (self.began_at + self.count * self.every_ms)


class Delivery:
    """All runs. ``buffers`` holds the stores and who chose which, ``limits`` the settings."""

    def __init__(self, buffers, key, now, limits, sleep=time.sleep, page=PAGE, reached=None):
        self._reached = reached or Reached()
        self._buffers, self._limits, self._page = buffers, limits, page
        self._names = Names(key)
        self._kept_ms = limits["RUN_SECONDS"] * 1000
        self._now, self._sleep = now, sleep
        self._runs = {}  # run -> Run
        self._ended = []  # a heap of (ms, run): the one that ended first on top
        self._of = {}  # seat -> [run], oldest first
        self._beginning = set()  # seats whose next run is being opened in a store
        most = limits["RESUMES_PER_10_SECONDS"]
        self._asked = Tries(most=most, most_in_all=RESUMES_IN_ALL, window_ms=10_000)
        self._bytes = self._dropped = 0  # of all runs; runs that went for want of room
        self._lock = RLock()  # of these tables; never held while a store is asked
        for store in buffers.stores.values():
            if store.durable:
                self._adopt_all(store)

    def choose(self, kind, keep, seat):
        """The buffer of the seat's next runs: ``{kind, keep, kinds}``."""
        try:
            choice = self._buffers.usable(kind, keep)
        except Unusable as no:
            raise Refused(str(no)) from None
        self._buffers.for_seat(seat, choice)
        return choice | {"kinds": self._buffers.kinds}

    # A run begins and ends

    def start(self, seat, count, every_ms):
        """A new Run of the seat, in which nothing has happened yet."""
        now = self._now()
        self._forget_old(now)
        with self._lock:
            self._check_free(seat, now)
            every_ms = self._pace(every_ms, now)
            self._beginning.add(seat)
        choice, run_id = self._buffers.of(seat), self._names.new(seat)
        store = self._buffers.stores[choice["kind"]]
        try:
            store.begin(run_id, seat, choice["keep"], now)
            kept = store.known(run_id)
        except StoreFailed as error:
            log.warning("no buffer for a run: %s", error)
            raise Refused(f"{store.kind} cannot be used now: {error}") from None
        finally:
            self._beginning.discard(seat)
        return self._add(Run(run_id, seat, store, kept, count, every_ms, self._weigh))

    def _check_free(self, seat, now):
        if seat in self._beginning:
            raise Refused("your run is just beginning: wait until it has ended")
        for run in self._under_way(seat, now):
            left = (run.count - run.sent) * run.every_ms / 1000
            raise Refused(f"your run is under way: it ends in {left:.0f} s")

    def _under_way(self, seat, now):
        """The runs of a seat that somebody still sends."""
        mine = [self._runs[run_id] for run_id in self._of.get(seat, ())]
        return [run for run in mine if run.kept.ended is None and run.late_by(now) < LATE_MS]

    def _pace(self, every_ms, now):
        """``every_ms``, or slower: of what all runs leave free, one may take a small share.

        So a whole class that starts at once gets in, the last of it slowly.
        """
        going = (run for run in self._runs.values() if run.kept.ended is None and run.count)
        going = (run for run in going if run.late_by(now) < LATE_MS)
        room = self._limits["RUN_EVENTS_PER_SECOND"] - sum(1000 / run.every_ms for run in going)
        least = 1000 / SLOWEST_MS
        if room < least:
            sentence = "too many runs at once: try again in a moment"
            raise Refused(sentence, limit="run_events_per_second")
        return max(every_ms, round(1000 / max(room / SHARES, least)))

    def finish(self, run):
        """No more events will come; what is kept stays. What :meth:`Run.over` then says."""
        now = self._now()
        run.kept = run.kept._replace(ended=now)
        with self._lock:
            heapq.heappush(self._ended, (now, run.id))
        with suppress(StoreFailed):
            run.store.end(run.id, now)
        return run.over()

    def _weigh(self, run):
        weight, trimmed = run.weight(), run.kept.low - run.low
        self._bytes += weight - run.counted
        run.counted, run.low = weight, run.kept.low
        if run.store.kind != "off":
            self._reached.note("run_bytes", trimmed)

    def stats(self):
        """``{bytes, most, dropped}`` of all runs together, for the health page."""
        most = self._limits["BUFFER_BYTES"]
        return {"bytes": self._bytes, "most": most, "dropped": self._dropped}

    def _add(self, run):
        """Enter a run in the tables; the oldest of its seat may have to go."""
        with self._lock:
            if run.id in self._runs:  # somebody else was quicker to find it in the store
                return self._runs[run.id]
            self._runs[run.id] = run
            self._weigh(run)
            if run.kept.ended is not None:
                heapq.heappush(self._ended, (run.kept.ended, run.id))
            mine = self._of.setdefault(run.seat, [])
            mine.append(run.id)
            # A run that was found in a shared store may be older than those that are here.
            mine.sort(key=lambda run_id: self._runs[run_id].kept.at)
            old = mine[: -self._limits["RUNS_PER_SEAT"]]
        self._reached.note("runs", len(old))
        for run_id in old:
            self._forget(run_id)
        return run

    # What was missed

    def resume(self, seat, run_id, after, buffered=True):
        """Everything still kept after number ``after``: ``(answer, over)``.

        ``answer`` is ``{replay, complete, oldest, reason, more}``; ``over`` what
        :meth:`Run.over` says once all of it is told, for a run that another server writes a
        function that waits for that.
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
            sentence = f"too many questions for the buffer: at most {most} in 10 s"
            raise Refused(sentence, limit="resumes_per_10_seconds")
        else:
            with run.lock:
                page = self._read(run, after)
                run.replayed.update(event["seq"] for event in page.events)
                if run_id in self._runs:
                    self._weigh(run)
        answer = page._asdict()
        answer = {"replay": answer.pop("events")} | answer
        if run is None or page.more:
            return answer, None
        elsewhere = run.kept.ended is None and run_id not in self._runs
        return answer, partial(self._ending, run) if elsewhere else run.over()

    def _read(self, run, after):
        try:
            after_kept = min(after, run.kept.head) if run.failed else after
            page = run.store.since(run.id, after_kept, self._page)
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
            raise Refused("unknown run" if reason == "unknown run" else "that run is gone")
        with run.lock:
            highest = max(live | replayed, default=0)
            if highest > run.sent:
                raise Refused(f"number {highest} was never sent, only {run.sent} were")
            if run.live is not None:
                check_told(live - run.live, "live")
                check_told(replayed - run.replayed, "replayed")
            replayed = replayed - live
            gap = sorted(set(range(1, run.sent + 1)) - live - replayed)
            return {
                "sent": run.sent,
                "live": len(live),
                "replayed": len(replayed),
                "duplicates": duplicates,
                "gap": gap,
            }

    # Finding and forgetting

    def _find(self, seat, run_id):
        """``(Run, None)``, or ``(None, reason)``: another seat's run is as one that never was."""
        when = self._names.whose(run_id, seat)
        if when is None:
            return None, "unknown run"
        run = self._runs.get(run_id) or self._elsewhere(run_id)
        over = run and run.kept.ended is not None and run.kept.ended + self._kept_ms < self._now()
        if run is None or over or run.seat != seat:
            return None, "trimmed" if when == "now" else "restarted"
        return run, None

    def _elsewhere(self, run_id):
        """A run of another server, or one that was not over when this one started."""
        for store in self._buffers.stores.values():
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
        limits, old = self._limits, []
        with self._lock:
            if len(self._ended) > limits["RUNS"]:  # with those that gave way to one of their seat
                self._ended = [ended for ended in self._ended if ended[1] in self._runs]
                heapq.heapify(self._ended)
            while self._ended:
                heavy = self._bytes > limits["BUFFER_BYTES"]
                many = len(self._ended) > limits["RUNS"]
                ended, run_id = self._ended[0]
                if ended + self._kept_ms >= now and not (heavy or many):
                    break
                self._dropped += heavy
                why = "buffer_bytes" if heavy else "runs" if many else "run_seconds"
                self._reached.note(why)
                heapq.heappop(self._ended)
                if run := self._runs.get(run_id):
                    old.append(self._take_out(run))
        for run in old:
            with suppress(StoreFailed):
                run.store.drop(run.id)

    def clear(self):
        """Forget every run that is over, whosever it was; returns how many."""
        over = [run.id for run in self._runs.values() if run.kept.ended is not None]
        for run_id in over:
            self._forget(run_id)
        return len(over)

    def _forget(self, run_id):
        with self._lock:
            if (run := self._runs.get(run_id)) is None:
                return
            self._take_out(run)
        with suppress(StoreFailed):
            run.store.drop(run_id)

    def _take_out(self, run):
        """A run leaves the tables; the caller drops it from its store, without the lock."""
        del self._runs[run.id]
        self._bytes -= run.counted
        run.counted = 0
        self._of[run.seat].remove(run.id)
        if not self._of[run.seat]:
            del self._of[run.seat]
        return run


def check_told(strangers, how):
    """Refuse numbers that a page says it handled, and that were never sent to it so."""
    if strangers:
        raise Refused(f"number {min(strangers)} was never sent to you {how}")
