"""Keep your own history: three connections, two cuts between them, and nobody says goodbye.

    the program sends   payload                                          acknowledged with
    handled             {"number": n}                                    {"ok": true}
    report              {"history": [{"sid", "reason": text or null}, …]} {"ok": true}

    the judge sends     payload          when
    poked               {"number": n}    once on each connection: 1, 2, 3
    asked               {}               on the third one: report now

A sid is that of this namespace, new on each connection. A reason is what the program's own
client was told; whoever is cut off is told no goodbye.
Source: Socket.IO documentation, "Client API", events connect and disconnect.
"""

from collections import Counter

from ...classroom.payloads import require_text, require_whole
from ...classroom.refused import Refused
from ...exercises.judge import Check, Judge, shown

LIVES = 3  # connections, with a cut after each but the last
SOON = 0.3  # seconds from a connection to its poke
HANDLING = 5.0  # seconds that a slow program has for its answer to a poke
QUIET = 0.5  # seconds from that answer to what follows, for a second one that there should not be
ABSENCE = 12.0  # seconds: the official clients have tried four times by then
PATIENCE = 5.0  # seconds for the report
MOST = 10  # entries of a history
GOODBYES = {
    "io client disconnect",
    "io server disconnect",
    "client disconnect",
    "server disconnect",
}


class Exercise(Judge):
    seconds = 60.0
    checks = (
        Check("back", "your program connected again after each of my two cuts"),
        Check("once", "each of the three pokes handled once, on every connection"),
        Check("sids", "a report with the sids of all three connections, the oldest first"),
        Check("reasons", "a reason for each of the two ends, and null for what has not ended"),
    )

    def __init__(self, fresh, now):
        super().__init__(fresh, now)
        self.sids = []
        self.handled = Counter()
        self.ended = set()  # the connections whose poke is behind us, by number
        self.is_asked = False
        self.cut_at = None  # while the program is away

    # The three connections

    def began(self):
        self.sids.append(self.who["sid"])
        self.after(SOON, self.poke)

    def poke(self):
        life = len(self.sids)
        self.emit("poked", {"number": life})
        self.after(HANDLING, lambda: self.go_on(life))

    def go_on(self, life):
        """The poke of this connection is handled, or never will be."""
        if life == len(self.sids) and life not in self.ended:
            self.ended.add(life)
            (self.ask if life == LIVES else self.cut)()

    def gone(self):
        self.cut_at = self.now()
        self.after(ABSENCE, lambda cut_at=self.cut_at: self.give_up(cut_at))

    def give_up(self, cut_at):
        if self.cut_at == cut_at:
            self.end(f"{ABSENCE:g} s after a cut your program was not back")

    def returned(self):
        self.cut_at = None
        self.began()
        if len(self.sids) == LIVES:
            self.passed("back", "a new connection after each of the two cuts")

    def ask(self):
        self.is_asked = True
        self.emit("asked", {})
        self.after(PATIENCE, lambda: self.end(f"I waited {PATIENCE:g} s for a report"))

    # What the program sends

    def on_handled(self, data):
        number = require_whole(data, "number", 1, LIVES)
        if number > len(self.sids):
            raise Refused(f"poke {number} has not been sent yet")
        self.handled[number] += 1
        if self.handled[number] == 1:
            self.after(QUIET, lambda: self.go_on(number))
        if self.handled[number] == 2:
            self.failed("once", f"poke {number} was handled twice: two handlers are registered")
        return {"ok": True}

    def on_report(self, data):
        if not self.is_asked:
            raise Refused("not yet: I ask for your history with asked")
        try:
            history = read(data)
        except Refused as error:
            for check in ("sids", "reasons"):
                self.failed(check, f"report {shown(data)}: {error}")
            return {"ok": False, "error": str(error)}
        self.judge_sids([sid for sid, _ in history])
        self.judge_reasons([reason for _, reason in history])
        self.after(QUIET, self.judge_handled)
        return {"ok": True}

    # The verdicts

    def judge_sids(self, told):
        if told == self.sids:
            return self.passed("sids", "the sids of all three connections, in order")
        known = [sid for sid in told if sid in self.sids]
        if len(known) < len(told):
            stranger = next(sid for sid in told if sid not in self.sids)
            return self.failed("sids", f"{shown(stranger)} was no sid of yours in this namespace")
        if len(set(told)) < len(told):
            return self.failed("sids", f"{len(told)} entries, and one sid more than once")
        return self.failed("sids", f"{len(told)} of {LIVES} connections, or in another order")

    def judge_reasons(self, told):
        *ended, last = told or [None]
        if last is not None:
            return self.failed("reasons", f"{shown(last)} for a connection that has not ended")
        if len(ended) != LIVES - 1:
            return self.failed("reasons", f"reasons for {len(ended)} ends, and there were two")
        if None in ended:
            return self.failed("reasons", "null for a connection that has ended")
        if goodbye := next((reason for reason in ended if reason in GOODBYES), None):
            return self.failed("reasons", f"{shown(goodbye)}, and nobody said goodbye")
        return self.passed("reasons", f"{shown(ended[0])} and {shown(ended[1])}, then null")

    def judge_handled(self):
        missing = [number for number in range(1, LIVES + 1) if not self.handled[number]]
        if missing:
            self.failed("once", f"no handled for poke {', '.join(map(str, missing))}")
        else:
            self.passed("once", "one handled for each poke")

    def so_far(self, check):
        if check == "back":
            return f"{len(self.sids)} of {LIVES} connections"
        if check == "once":
            return f"{len(self.handled)} of {LIVES} pokes handled"
        return "no report" if self.is_asked else "nothing was asked yet"


def read(data):
    """A report's history: [(sid, reason or None), …]. Raises Refused."""
    history = data.get("history")
    if not isinstance(history, list) or not 0 < len(history) <= MOST:
        raise Refused(f"history must be a list of 1 to {MOST} connections")
    if not all(isinstance(each, dict) for each in history):
        raise Refused('history must hold objects, for example {"sid": "…", "reason": null}')
    return [(require_text(each, "sid", 64), reason_of(each)) for each in history]


def reason_of(entry):
    """The reason of one entry, or None where it has not ended. Raises Refused."""
    return None if entry.get("reason") is None else require_text(entry, "reason", 64)
