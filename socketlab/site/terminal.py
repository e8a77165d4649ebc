"""What the terminal shows after the start: who joined, what was refused, what went wrong.

One short line each, with the time. The loggers below "socketlab" say what happened, as INFO, and
what is trouble, as WARNING; never payloads, queries, keys or tokens. Here is only how it looks,
and that nobody can fill the terminal, or the disk behind it, with lines.
"""

import logging
import re
from time import monotonic

from ..limits import TokenBucket

LINES_PER_SECOND = 2
LINES_AT_ONCE = 60  # a class that joins
LONGEST = 200  # characters
QUERY = re.compile(r"\?[^\s'\"]+")  # part of an error message of a library may be an address


def show_log(quiet=False, stream=None):
    """From now on the log goes to ``stream`` (standard error); ``quiet``: only its warnings."""
    handler = Terminal(stream)
    handler.setFormatter(OneLine("%(asctime)s  %(message)s", "%H:%M:%S"))
    logging.getLogger().addHandler(handler)
    logging.getLogger("socketlab").setLevel(logging.WARNING if quiet else logging.INFO)
    return handler


class OneLine(logging.Formatter):
    """A record as one line of printable characters, cut; the lines of a traceback follow it."""

    def formatMessage(self, record):
        text = QUERY.sub("?…", record.message)
        record.message = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)[:LONGEST]
        return super().formatMessage(record)


class Terminal(logging.StreamHandler):
    """Writes lines, not too many; how many there were besides stands before the next one."""

    def __init__(self, stream=None):
        super().__init__(stream)
        self.bucket = TokenBucket(LINES_PER_SECOND, LINES_AT_ONCE, monotonic())
        self.unsaid = 0

    def emit(self, record):
        if not self.bucket.take(monotonic()):
            self.unsaid += 1
            return
        if self.unsaid:
            more = f"and {self.unsaid} lines more, too many to show"
            super().emit(logging.makeLogRecord({"msg": more, "levelno": record.levelno}))
            self.unsaid = 0
        super().emit(record)
