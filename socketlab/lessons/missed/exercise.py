"""Survive a cut: the exact sum of a run, and a report that admits what the buffer has lost.

    the program sends   payload                             acknowledged with
    resume              {"run": id, "after": seq}           {"ok", "replay": […], "complete", …}
    report              {"run", "sum": n, "complete": bool} {"ok": true}

    the judge sends     payload                             when
    asked               {"run", "keep", "count"}            a run begins
    posted              {"run", "seq", "sent_at", "number"} for each number, to who is there
    finished            {"run", "count"}                    the run is over

Two runs, with a cut in each. A number is kept before it is emitted, under the rules of the
lesson; what falls into the absence is kept only. If the program is back before the last of
these, they are kept at once. The next number is then emitted at once too, before any question
can be answered: so every replay overlaps with what came live.
Source: Socket.IO documentation, "Delivery guarantees".
"""

from random import Random

from ...classroom.payloads import require_flag, require_text, require_whole
from ...classroom.refused import Refused
from ...exercises.judge import Check, Judge, shown
from .sums import Plan, Run, span

PACE = 0.2  # seconds from one number to the next
QUIET = 0.4  # seconds without one before the cut, so that the last has arrived
ABSENCE = 12.0  # seconds: the official clients have tried four times by then
PATIENCE = 5.0  # seconds for the report, once a run is over
PLANS = (
    # More than 20 are posted when the program is back: who asks from 0 on gets less than that.
    Plan("sum", keep=20, before=10, away=12, after=8),
    Plan("gap", keep=5, before=5, away=9, after=8),
)


class Exercise(Judge):
    seconds = 60.0
    checks = (
        Check("back", "your program connected again after my cut"),
        Check("resume", "an event resume after the cut that brings back all you missed"),
        Check("sum", "a report with the exact sum of the first run, and complete: true"),
        Check(
            "gap", "a report with the sum of what is left of the second run, and complete: false"
        ),
    )

    def __init__(self, fresh, now):
        super().__init__(fresh, now)
        self.chance = Random(self.fresh())
        self.runs = []
        self.cut_at = None  # while the program is away

    @property
    def run(self):
        return self.runs[-1]

    # The run

    def began(self):
        self.ask()

    def ask(self):
        plan = PLANS[len(self.runs)]
        numbers = [self.chance.randint(10, 99) for _ in range(plan.count)]
        self.runs.append(Run(self.fresh(), plan, numbers))
        self.emit("asked", {"run": self.run.id, "keep": plan.keep, "count": plan.count})
        self.after(PACE, self.post)

    def post(self):
        run, plan = self.run, self.run.plan
        self.emit("posted", run.post(self.sent_at(), live=True))
        if run.posted == plan.before:
            self.after(QUIET, self.cut)
        else:
            self.after(PACE, self.finish if run.posted == plan.count else self.post)

    def gone(self):
        self.cut_at = self.now()
        self.after(PACE, self.keep)
        self.after(ABSENCE, lambda cut_at=self.cut_at: self.give_up(cut_at))

    def keep(self):
        if self.cut_at is not None and self.run.posted < self.run.plan.back:
            self.run.post(self.sent_at(), live=False)
            self.after(PACE, self.keep)

    def returned(self):
        self.passed("back", f"a new connection, {self.now() - self.cut_at:.1f} s after the cut")
        while self.run.posted < self.run.plan.back:
            self.run.post(self.sent_at(), live=False)
        self.cut_at = None
        self.post()
        self.run.came_back()

    def give_up(self, cut_at):
        if self.cut_at == cut_at:
            self.end(f"{ABSENCE:g} s after the cut your program was not back")

    def finish(self):
        run = self.run
        run.finished = True
        self.emit("finished", {"run": run.id, "count": run.posted})
        if self.is_open(run.plan.check):
            self.after(PATIENCE, lambda: self.miss_report(run))
        else:
            self.go_on()

    def miss_report(self, run):
        if self.is_open(run.plan.check):
            self.end(f"I waited {PATIENCE:g} s for a report after finished")

    def go_on(self):
        self.failed("resume", "no resume, and the first run is reported")
        if len(self.runs) < len(PLANS):
            self.after(QUIET, self.ask)

    # What the program sends

    def on_resume(self, data):
        name, after = require_text(data, "run"), require_whole(data, "after", 0, 10**6)
        run = self.find(name)
        if run is None:
            nothing = {"replay": [], "complete": False, "oldest": None}
            return {"ok": True} | nothing | {"reason": "unknown run", "more": False}
        page = run.resume(after)
        if run is self.runs[0] and run.kept_at_return:
            self.judge_resume(run, after, page)
        answer = page._asdict()
        return {"ok": True, "replay": answer.pop("events")} | answer

    def judge_resume(self, run, after, page):
        last, missing = run.plan.before, span(run.missed)
        if after > last:
            self.failed("resume", f"after {after}, and so without {missing}, which you missed")
        elif not page.complete:
            kept = f"I keep the last {run.plan.keep}, and you had those up to {last}"
            self.failed("resume", f"after {after}, and that is gone: {kept}")
        else:
            self.passed("resume", f"after {after}, and {missing} came back")

    def on_report(self, data):
        run = self.find(require_text(data, "run"))
        if run is None:
            raise Refused("unknown run")
        if not self.is_open(run.plan.check):
            raise Refused("this run is reported already: the first report counts")
        answer = self.decide(run, data)
        if run.finished:
            self.go_on()
        return answer

    def decide(self, run, data):
        """The check of this run, by the report on it; the acknowledgement."""
        try:
            passed, saw = self.look_at(run, data)
        except Refused as error:
            self.failed(run.plan.check, f"report {shown(data)}: {error}")
            return {"ok": False, "error": str(error)}
        (self.passed if passed else self.failed)(run.plan.check, saw)
        return {"ok": True}

    def look_at(self, run, data):
        total = require_whole(data, "sum", 0, 10**6)
        if "complete" not in data:
            raise Refused("complete must be true or false")
        complete = require_flag(data, "complete")
        if not run.finished:
            return False, f"a report after {run.posted} of {run.plan.count} numbers, not finished"
        return run.verdict(total, complete)

    def find(self, name):
        return next((run for run in self.runs if run.id == name), None)

    def so_far(self, check):
        if check == "back":
            return "no new connection"
        if check == "resume":
            return "no resume since your program was back"
        reached = any(run.plan.check == check for run in self.runs)
        return "no report of this run" if reached else "this run had not begun"

    def sent_at(self):
        return round(self.now() * 1000, 1)
