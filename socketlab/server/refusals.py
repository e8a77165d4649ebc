"""What was refused: counted by kind, and one line of the log each, with an end to lines."""

import logging
from collections import Counter
from time import monotonic

from ..health import Reached
from ..limits import TokenBucket

log = logging.getLogger("socketlab.server")

LINES_PER_SECOND = 20  # a flood of wrong requests must not become a flood of lines


class Refusals:
    """The refusals of one server since it started."""

    def __init__(self, per_second: int = LINES_PER_SECOND) -> None:
        self.reached = Reached()
        self.counts: Counter[str] = Counter()
        self.bucket = TokenBucket(per_second, per_second, monotonic())
        self.unsaid = 0

    def note(self, kind: str, sentence: str, limit: str = "") -> None:
        """Counts a refusal; logs it, control characters escaped, unless there are too many.

        ``limit`` is the name of the one that was gone beyond, if any: see health.py.
        ``kind`` is one of a few: ``"HTTP 429"``, ``"session"``, ``"CONNECT"``, ``"event"``,
        ``"connection"``.
        """
        self.counts[kind] += 1
        self.reached.note(limit)
        if not self.bucket.take(monotonic()):
            self.unsaid += 1
            return
        if self.unsaid:
            log.info("and %d more refusals", self.unsaid)
            self.unsaid = 0
        printable = "".join(c if c.isprintable() else repr(c)[1:-1] for c in sentence[:200])
        log.info("%s refused: %s", kind, printable)
