"""Programs for the exercise of lesson 9, right and wrong, and a world in which one is judged. Pure.

The world has a clock of its own and a line in each direction that keeps the order and takes its
time. A cut takes what is on its way.
"""

import heapq
from itertools import count

from socketlab.exercises.judge import After, Checked, Cut, Emit, Judged


class Program:
    """The right one: numbers by their seq, and an offset up to which none is missing."""

    def __init__(self, send):
        self.send, self.run = send, None

    def connected(self):
        if self.run:
            self.send("resume", {"run": self.run, "after": self.offset()}, self.caught_up)

    def asked(self, data):
        self.run, self.numbers, self.complete = data["run"], {}, True

    def posted(self, event):
        self.take(event)

    def caught_up(self, answer):
        for event in answer["replay"]:
            self.take(event)
        self.complete = self.complete and answer["complete"]

    def take(self, event):
        self.numbers[event["seq"]] = event["number"]

    def offset(self):
        offset = 0
        while offset + 1 in self.numbers:
            offset += 1
        return offset

    def finished(self, data):
        self.report(sum(self.numbers.values()))

    def report(self, total):
        self.send("report", {"run": self.run, "sum": total, "complete": self.complete})


class NeverResumes(Program):
    fails = {"resume": "no resume, and", "sum": "that is what came live"}

    def connected(self):
        pass


class Summing(Program):
    """Adds up what comes, as it comes; ``last`` is the number that came last."""

    def asked(self, data):
        super().asked(data)
        self.total = self.last = 0

    def take(self, event):
        self.total += event["number"]
        self.last = event["seq"]

    def offset(self):
        return self.last

    def finished(self, data):
        self.report(self.total)


class CountsDoubles(Summing):
    fails = {"sum": "twice"}


class FromZero(Summing):
    fails = {"resume": "after 0", "sum": "it counts numbers 4 to 10, 23 twice"}

    def offset(self):
        return 0


class ReplayTwice(Program):
    fails = {"sum": "it counts the replay twice"}

    def asked(self, data):
        super().asked(data)
        self.again = 0

    def caught_up(self, answer):
        super().caught_up(answer)
        self.again += sum(event["number"] for event in answer["replay"])

    def finished(self, data):
        self.report(sum(self.numbers.values()) + self.again)


class DropsWhatIsLower(Summing):
    """Believes that numbers only ever rise: what came live before the replay makes it drop that."""

    fails = {"sum": "it lacks numbers"}

    def take(self, event):
        if event["seq"] > self.last:
            super().take(event)


class AsksAfterTheNewest(Program):
    """Asks when the first number has come, after that number."""

    fails = {"resume": "and so without", "sum": "that is what came live"}

    def connected(self):
        self.back = self.run is not None

    def posted(self, event):
        super().posted(event)
        if self.back:
            self.back = False
            self.send("resume", {"run": self.run, "after": event["seq"]}, self.caught_up)


class Forgets(Program):
    """What it has stands in its handler of connect."""

    fails = {"resume": "after 0", "sum": "it lacks numbers 1 to 3, which came before the cut"}

    def connected(self):
        self.numbers = {}
        super().connected()


class AlwaysComplete(Program):
    fails = {"gap": "had left the buffer"}

    def report(self, total):
        self.send("report", {"run": self.run, "sum": total, "complete": True})


class NeverComplete(Program):
    fails = {"sum": "the buffer still had all"}

    def report(self, total):
        self.send("report", {"run": self.run, "sum": total, "complete": False})


class ReportsBeforeTheEnd(Program):
    fails = {"sum": "numbers, not finished"}

    def caught_up(self, answer):
        super().caught_up(answer)
        super().finished({})

    def finished(self, data):
        pass


class NeverReports(Program):
    fails = {"sum": "I waited 5 s for a report", "gap": "had not begun"}

    def report(self, total):
        pass


class StaysAway(Program):
    fails = {"back": "was not back", "sum": "was not back"}
    stays_away = True


WRONG = [
    NeverResumes,
    CountsDoubles,
    FromZero,
    ReplayTwice,
    DropsWhatIsLower,
    AsksAfterTheNewest,
    Forgets,
    AlwaysComplete,
    NeverComplete,
    ReportsBeforeTheEnd,
    NeverReports,
    StaysAway,
]


class World:
    """One attempt. ``delays``: of each packet in s; ``absences``: s until the program is back;
    ``early``: the first event after the return is handled before ``connected``."""

    def __init__(self, exercise, program, delays, absences, early=False):
        self.time, self.due, self.order = 0.0, [], count()
        words = (f"word{n}" for n in count())
        self.judge = exercise(lambda: next(words), lambda: self.time)
        self.program = program(self.send)
        self.delays, self.absences, self.early = iter(delays), iter(absences), early
        self.connection = 0
        self.line_is_free_at = {"up": 0.0, "down": 0.0}
        self.heard = []  # (event, data) that the program got
        self.verdicts, self.judged = {}, None

    def live(self):
        """Until nothing more happens, or 100 s are over."""
        self.connect(self.judge.began)
        while self.due and self.judged is None and self.time < 100:
            self.time, _, happens = heapq.heappop(self.due)
            happens()
            self.do_what_is_wanted()
        return self

    def at(self, seconds, happens):
        heapq.heappush(self.due, (seconds, next(self.order), happens))

    def connect(self, then):
        self.connection += 1
        if not (self.early and self.connection > 1):
            self.carry("down", self.program.connected)
        then()
        self.do_what_is_wanted()
        if self.early and self.connection > 1:
            self.carry("down", self.program.connected)

    def carry(self, way, arrives):
        """Over the line, if the connection still is the same when it arrives."""
        connection = self.connection
        when = max(self.time + next(self.delays, 0.05), self.line_is_free_at[way])
        self.line_is_free_at[way] = when
        self.at(when, lambda: connection == self.connection and arrives())

    def send(self, event, data, acknowledged=None):
        def arrives():
            answer = self.judge.handle(event, data)
            assert answer["ok"], answer
            if acknowledged:
                self.carry("down", lambda: acknowledged(answer))

        self.carry("up", arrives)

    def do_what_is_wanted(self):
        for action in self.judge.take():
            match action:
                case Emit(event, data):
                    self.carry("down", lambda e=event, d=data: self.hear(e, d))
                case After(seconds, then):
                    self.at(self.time + seconds, lambda then=then: self.judge.over or then())
                case Cut():
                    self.cut()
                case Checked():
                    self.verdicts[action.check] = action
                case Judged():
                    self.judged = action

    def hear(self, event, data):
        self.heard.append((event, data))
        getattr(self.program, event)(data)

    def cut(self):
        self.connection += 1  # what is on its way belongs to the one before
        self.judge.gone()
        self.do_what_is_wanted()
        if not getattr(self.program, "stays_away", False):
            away = next(self.absences, 1.0)
            self.at(self.time + away, lambda: self.connect(self.judge.returned))
