"""What was refused: counted by kind, and one line of the log each, with an end to lines.

A flood of wrong requests must not become a flood of lines, nor hide the lines of another kind.
"""

import logging
from collections import Counter
from time import monotonic

from ..health import Reached
from ..limits import TokenBucket

log = logging.getLogger("socketlab.server")


class Refusals:
    """The refusals of one server since it started, ``per_second`` lines of each kind."""

    def __init__(self, per_second: int) -> None:
        self.reached = Reached()
        self.counts: Counter[str] = Counter()
        self._per_second = per_second
        self._lines: dict[str, TokenBucket] = {}  # by kind
        self._unsaid: Counter[str] = Counter()

    def note(self, kind: str, sentence: str, limit: str = "") -> None:
        """Counts a refusal; logs it, control characters escaped, unless there are too many.

        ``limit`` is the name of the one that was gone beyond, if any: see health.py.
        ``kind`` is one of a few: ``"HTTP 429"``, ``"session"``, ``"CONNECT"``, ``"event"``,
        ``"connection"``.
        """
        self.counts[kind] += 1
        self.reached.note(limit)
        now = monotonic()
        if kind not in self._lines:
            self._lines[kind] = TokenBucket(self._per_second, self._per_second, now)
        if not self._lines[kind].take(now):
            self._unsaid[kind] += 1
            self.reached.note("log_lines_per_second")
            return
        if unsaid := self._unsaid.pop(kind, 0):
            log.info("%s refused: %d more times, too many to show", kind, unsaid)
        printable = "".join(c if c.isprintable() else repr(c)[1:-1] for c in sentence[:200])
        log.info("%s refused: %s", kind, printable)
