"""The state of the class: where the lesson stands, who predicted what, whose runs there are.

No socket, no clock of its own. ``rev`` only grows, over restarts too, so that a page can tell a
newer state from an older one. Whatever must outlive the process is in the ledger before anybody
here believes it. Predictions are anonymous outside this object and never scored.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import RLock
from typing import Any

from ..health import Budget
from ..limits import Latest
from .ledger import Ledger
from .refused import Unknown

RUNS_KEPT = 2000  # in all; a receipt for an older run is refused
# What a seat's predictions take in memory, and each of them. The ledger has everybody's.
SEAT_BYTES, CHOICE_BYTES = 500, 200
MOST_BYTES = 32 << 20

Receipt = list[tuple[int, float]]  # [[seq, at_ms], …]
Listener = Callable[[str, str, str, Receipt], None]  # (seat, session, run, got)


class Classroom:
    """``steps`` maps every prediction's step to its choices: ``{"race": ["each", …]}``."""

    def __init__(
        self,
        steps: Mapping[str, Sequence[str]],
        ledger: Ledger,
        buffer: dict[str, Any],
        budget: Budget | None = None,
    ):
        self._steps, self._ledger = steps, ledger
        self._changing = RLock()
        self._budget = budget or Budget(MOST_BYTES)
        self._locked: dict[str, dict[str, str]] = {}  # of those who asked last
        self._runs: Latest[str, str] = Latest(RUNS_KEPT)  # run -> seat that started it
        self.listeners: list[Listener] = []  # told of each receipt that is accepted
        begin = {"rev": 1, "lesson": None, "step": None, "follow": False, "vote": None}
        self._state = begin | {"buffer": buffer} | (ledger.of_class("state") or {})

    def state(self) -> dict[str, Any]:
        """Everything that a late joiner needs: ``{rev, lesson, step, follow, vote, buffer}``."""
        return dict(self._state)

    def change(self, **fields: Any) -> dict[str, Any]:
        """Keep a newer state, then believe it; hands it back. Raises LedgerFailed."""
        with self._changing:
            newer = self._state | fields | {"rev": self._state["rev"] + 1}
            self._ledger.keep_class("state", newer)
            self._state = newer
            return dict(newer)

    # Predictions

    def predict(self, seat: str, step: str, choice: str) -> str:
        """Lock a choice and hand back the one that is locked: the first one stays."""
        choices = self._steps.get(step)
        if choices is None:
            raise Unknown("there is no prediction for that step")
        if choice not in choices:
            raise Unknown(f"choice must be one of {', '.join(choices)}")
        locked = self._of(seat)
        if step not in locked:
            kept = self._ledger.keep_prediction(seat, step, choice)
            locked = self._locked.setdefault(seat, locked)  # let go meanwhile, perhaps
            locked[step] = kept
            self._weigh(seat, locked)
        return locked[step]

    def locked(self, seat: str, step: str) -> str | None:
        """The locked choice, or None."""
        return self._of(seat).get(step)

    def choices(self, seat: str) -> dict[str, str]:
        """Every locked choice of a seat: ``{step: choice}``."""
        return dict(self._of(seat))

    def _of(self, seat: str) -> dict[str, str]:
        if seat not in self._locked:
            found = self._ledger.predictions(seat)
            if seat not in self._locked:  # nobody else came by while it was read
                self._locked[seat] = found
                self._weigh(seat, found)
        return self._locked[seat]

    def _weigh(self, seat: str, locked: dict[str, str]) -> None:
        weight = SEAT_BYTES + CHOICE_BYTES * len(locked)
        let_go = partial(self._locked.pop, seat, None)
        self._budget.hold(("predictions", seat), weight, let_go)

    # Runs and receipts

    def started(self, run: str, seat: str) -> None:
        """Note that a seat pressed a button: receipts for this run are welcome."""
        self._runs[run] = seat

    def receipt(self, seat: str, session: str, run: str, got: Receipt) -> None:
        """A browser's handler reported ``got``, on this connection: tell the listeners.

        Raises Unknown for a run that nobody started.
        """
        if run not in self._runs:
            raise Unknown("unknown run")
        for listener in self.listeners:
            listener(seat, session, run, got)
