"""The state of the class: where the lesson stands, who predicted what, who confirmed what.

Pure: no socket, no clock of its own. ``rev`` only grows, so that a page can tell a newer
state from an older one. Predictions are anonymous outside this object and never scored.
"""

from collections import OrderedDict

RUNS_KEPT = 2000  # in all; a receipt for an older run is refused
RUNS_PER_SEAT = 20


class Unknown(ValueError):
    """A step, choice or run that does not exist; its text is a sentence."""


class Classroom:
    """``steps`` maps every prediction's step to its choices: ``{"race": ["each", …]}``.

    ``buffer()`` tells which buffer a run of this class has: ``{kind, keep}``.
    """

    def __init__(self, steps, ledger, buffer=lambda: {"kind": "off", "keep": 0}):
        self._steps = steps
        self._ledger = ledger
        self._buffer = buffer
        self._locked = OrderedDict()  # seat -> {step: choice}, as the ledger has it
        self._runs = OrderedDict()  # run -> seat that started it
        self._receipts = OrderedDict()  # seat -> {run: {seq: at_ms}}
        self.listeners = []  # called with (seat, run, got) after each receipt that is accepted
        self.rev = 1
        self.lesson = None
        self.step = None
        self.follow = False

    def state(self):
        """Everything that a late joiner needs."""
        return {
            "rev": self.rev,
            "lesson": self.lesson,
            "step": self.step,
            "follow": self.follow,
            "vote": None,
            "buffer": self._buffer(),
        }

    # Predictions

    def predict(self, seat, step, choice):
        """Lock a choice and hand back the one that is locked: the first one stays."""
        choices = self._steps.get(step)
        if choices is None:
            raise Unknown("there is no prediction for that step")
        if choice not in choices:
            raise Unknown(f"choice must be one of {', '.join(choices)}")
        locked = self._of(seat)
        if step not in locked:
            locked[step] = choice
            self._ledger.keep_prediction(seat, step, choice)
        return locked[step]

    def locked(self, seat, step):
        """The locked choice, or None."""
        return self._of(seat).get(step)

    def _of(self, seat):
        if seat not in self._locked:
            self._locked[seat] = self._ledger.predictions(seat)
            if len(self._locked) > RUNS_KEPT:
                self._locked.popitem(last=False)  # still in the ledger
        return self._locked[seat]

    # Runs and receipts

    def started(self, run, seat):
        """Note that a seat pressed a button: receipts for this run are welcome."""
        self._runs[run] = seat
        if len(self._runs) > RUNS_KEPT:
            self._runs.popitem(last=False)

    def receipt(self, seat, run, got):
        """Note what a browser's handler reported: ``got`` is ``[[seq, at_ms], …]``."""
        if run not in self._runs:
            raise Unknown("unknown run")
        runs = self._receipts.setdefault(seat, OrderedDict())
        self._receipts.move_to_end(seat)
        seen = runs.setdefault(run, {})
        for seq, at_ms in got:
            if len(seen) < 1000:
                seen.setdefault(seq, at_ms)
        while len(runs) > RUNS_PER_SEAT:
            runs.popitem(last=False)
        while len(self._receipts) > RUNS_KEPT:
            self._receipts.popitem(last=False)
        for listener in self.listeners:
            listener(seat, run, got)

    def confirmed(self, seat, run):
        """What a seat confirmed of a run: ``{seq: at_ms}``."""
        return self._receipts.get(seat, {}).get(run, {})
