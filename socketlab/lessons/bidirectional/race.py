"""The race of lesson "bidirectional": one list of events, three ways to hear of them.

Pure: moments, clock and counters are handed in. An event happens once, at ``sent_at`` (ms,
server clock). Each lane is then measured by the same rule: the delay of an event is the time
from ``sent_at`` until the lane hands the event to the network.
"""

import random
from collections import OrderedDict, deque
from functools import partial
from statistics import median
from threading import Event

from ...classroom.text import SAMPLE_TEXTS
from ...health import Budget

LASTS_MS = 24_000
HELD_SECONDS = 25  # below the half minute after which proxies give up (RFC 6202, section 5.5)
METER_MS = 500  # how often the counters are told
KEPT = 200  # events that a seat can still ask for
MOST_BYTES = 32 << 20  # of all logs
LOG_BYTES, EVENT_BYTES = 4000, 420  # what a log with its race takes in memory, and an event in it


def odd_moments(count=8, lasts_ms=LASTS_MS, chance=random.random):
    """When the events happen, ms after the start: one in each equal slice, nobody knows where.

    Slices, not a free draw, so that no race is empty at one end; nothing in the last 1.5 s,
    so that a slow lane can still fetch the last event.
    """
    piece = (lasts_ms - 1500) / count
    return [round((i + 0.1 + 0.8 * chance()) * piece) for i in range(count)]


class Log:
    """A seat's events across its races, for those who ask: ``after`` is the last one they have."""

    def __init__(self, grown=lambda size: None):
        self.grown = grown  # is told its weight whenever that changes
        self._events = deque(maxlen=KEPT)
        self.next = 0
        self._news = Event()

    def post(self, event):
        self._events.append(event)
        self.next += 1
        self.grown(self.weight())
        self.wake()

    def weight(self):
        """About how many bytes of memory it takes."""
        return LOG_BYTES + EVENT_BYTES * len(self._events)

    def wake(self):
        """Answer everybody who waits, news or not."""
        news, self._news = self._news, Event()
        news.set()

    def since(self, after):
        """The events after position ``after``, oldest first; none for a position ahead of us."""
        missing = min(max(self.next - after, 0), len(self._events))
        return list(self._events)[len(self._events) - missing :]

    def wait(self, after, seconds):
        """As ``since``, but with nothing to tell wait for news, at most ``seconds``."""
        if self.next <= after:
            self._news.wait(seconds)
        return self.since(after)


class Race:
    """One run: what happens when, and how late each lane tells it."""

    def __init__(self, run, moments, started_at):
        self.run = run
        self.moments = moments
        self.started_at = started_at
        self.stopped = False  # asked to end
        self.ended = False
        self._delays = {}  # lane -> {seq: ms}, of the first time that it was told there

    def unfold(self, log, now, sleep):
        """The race in real time: yields each event as it happens, and None twice a second.

        ``now`` is the server clock in ms, ``sleep`` waits seconds. An event is in ``log`` before
        it is yielded. At ``LASTS_MS``, or soon after ``stopped``, one last None: ``ended``.
        """
        ticks = range(METER_MS, LASTS_MS + 1, METER_MS)
        times = [(at, seq) for seq, at in enumerate(self.moments, 1)] + [(at, 0) for at in ticks]
        for at, seq in sorted(times):
            sleep(max(0.0, (self.started_at + at - now()) / 1000))
            self.ended = self.stopped or at == LASTS_MS
            if self.ended:
                break
            if seq == 0:
                yield None
            else:
                text = SAMPLE_TEXTS[(seq - 1) % len(SAMPLE_TEXTS)]
                event = {"run": self.run, "seq": seq, "sent_at": round(now(), 1), "text": text}
                log.post(event)
                yield event
        yield None

    def plan(self):
        """What the page may know beforehand: how long it takes and how much will happen."""
        return {"lasts_ms": LASTS_MS, "events": len(self.moments)}

    def told(self, lane, events, now):
        """Note that a lane hands these events to the network at ``now``; the first time counts."""
        delays = self._delays.setdefault(lane, {})
        for event in events:
            if event["run"] == self.run:
                delays.setdefault(event["seq"], max(0.0, now - event["sent_at"]))

    def report(self, lane):
        """What is known of a lane: ``{run, lane, ended, events, delay_ms: {median, worst}}``.

        Milliseconds with one decimal; None before the first event.
        """
        delays = self._delays.get(lane, {}).values()
        middle, worst = (round(median(delays), 1), round(max(delays), 1)) if delays else (None,) * 2
        return {
            "run": self.run,
            "lane": lane,
            "ended": self.ended,
            "events": len(delays),
            "delay_ms": {"median": middle, "worst": worst},
        }


class Races:
    """The log and the current race of every seat, of those that raced or asked last.

    Where ``budget`` is full, that of the seat goes in whose races nothing happened for longest.
    """

    def __init__(self, budget=None, most=3000):
        self._budget, self._most = budget or Budget(MOST_BYTES), most
        self._logs = OrderedDict()  # seat id -> Log
        self._current = {}  # seat id -> Race

    def log(self, seat_id):
        """The log of a seat, made when it is first asked for; for nobody (None) an empty one."""
        if seat_id is None:
            return Log()
        log = self._logs.get(seat_id)
        if log is None:
            log = self._logs[seat_id] = Log(partial(self._weigh, seat_id))
            self._weigh(seat_id, log.weight())
        self._logs.move_to_end(seat_id)
        while len(self._logs) > self._most:
            self._forget(next(iter(self._logs)))
        return log

    def _weigh(self, seat_id, size):
        if seat_id in self._logs:  # a race may go on that is forgotten already
            self._budget.hold(("race", seat_id), size, partial(self._forget, seat_id))

    def _forget(self, seat_id):
        self._budget.release(("race", seat_id))
        self._logs.pop(seat_id, None)
        self._current.pop(seat_id, None)

    def latest(self, seat_id, after, now):
        """Short polling: ``{"events": […], "next": n}`` at once. ``now`` is the clock."""
        log = self.log(seat_id)
        return self._hand_over("poll", seat_id, log, log.since(after), now())

    def wait(self, seat_id, after, now):
        """Long polling: the same, held until there is news, at most ``HELD_SECONDS``."""
        log = self.log(seat_id)
        return self._hand_over("long_poll", seat_id, log, log.wait(after, HELD_SECONDS), now())

    def _hand_over(self, lane, seat_id, log, events, now):
        if race := self._current.get(seat_id):
            race.told(lane, events, now)
        return {"events": events, "next": log.next}

    def start(self, seat_id, run, now):
        """Begin a race; one that is still on ends, and whoever waits for it is answered."""
        self.stop(seat_id)
        race = self._current[seat_id] = Race(run, odd_moments(), now)
        return race, self.log(seat_id)

    def stop(self, seat_id):
        """End a seat's race. Says whether there was one to end."""
        race = self._current.get(seat_id)
        running = race is not None and not race.stopped and not race.ended
        if running:
            race.stopped = True
            self.log(seat_id).wake()
        return running
