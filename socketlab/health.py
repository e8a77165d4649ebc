"""How a server says how it is: how often each limit was reached, and what it keeps in memory. Pure.

``LIMITS`` lists them all. Whoever refuses something notes the name of its limit in the server's
one :class:`Reached`, and the counts stand on ``/healthz`` and on the teacher's page. An exception
that says no carries the name as ``limit``, so that the pure parts need not know of the counting.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import NamedTuple


class Limit(NamedTuple):
    """One limit. ``settings`` state it; without any, the contract or a standard does.

    ``what`` happened, and what the server did ``then``: in words for the teacher.
    """

    name: str
    settings: tuple[str, ...]
    what: str
    then: str


ACK = "refused with a sentence"
LIMITS = (
    # What a request or a message may be
    Limit(
        "message_bytes",
        ("MESSAGE_BYTES",),
        "a message was too long",
        "closed (1009) or refused (413)",
    ),
    Limit("body_bytes", ("BODY_BYTES",), "the body of a request was too long", "refused (413)"),
    Limit(
        "header_bytes", ("HEADER_BYTES", "HEADER_FIELDS"), "a head was too long", "refused (431)"
    ),
    Limit(
        "header_seconds", ("HEADER_SECONDS",), "a head did not come whole in time", "refused (408)"
    ),
    Limit("body_seconds", ("BODY_SECONDS",), "a body did not come whole in time", "refused (408)"),
    Limit("content_length", (), "a request said no length, or no number", "refused (400, 411)"),
    Limit("fragments", ("FRAGMENTS",), "a message had too many fragments", "closed (1009)"),
    Limit("json", (), "JSON was too deep, too large or none", f"{ACK}, or closed"),
    Limit("text", (), "a text was too long or cannot be shown", ACK),
    Limit("event", (), "an event had no name or shape of ours", f"{ACK}, or closed"),
    Limit("attachments", (), "bytes that were not announced, too many or late", "closed"),
    Limit("packet", (), "a packet or frame broke the protocol", "closed (1002)"),
    # How fast
    Limit(
        "events_per_second",
        (
            "EVENTS_PER_SECOND",
            "EVENTS_BURST",
            "INPUT_BYTES_PER_SECOND",
            "INPUT_BYTES_BURST",
        ),
        "a connection sent too fast",
        ACK,
    ),
    Limit(
        "too_fast_seconds",
        ("TOO_FAST_SECONDS", "REFUSAL_SECONDS"),
        "a connection was too fast for too long",
        "closed (1008), kept out for a while",
    ),
    Limit(
        "refusal_seconds",
        ("REFUSAL_SECONDS",),
        "who was closed so came back too soon",
        "refused (429)",
    ),
    Limit(
        "events_per_second_per_seat", ("EVENTS_PER_SECOND_PER_SEAT",), "a seat sent too fast", ACK
    ),
    Limit("events_per_second_of_all", ("EVENTS_PER_SECOND_OF_ALL",), "all sent too fast", ACK),
    Limit("deliveries_per_second", ("DELIVERIES_PER_SECOND",), "too much to deliver", ACK),
    Limit(
        "deliveries_per_second_per_seat",
        ("DELIVERIES_PER_SECOND_PER_SEAT",),
        "a seat caused too many deliveries",
        ACK,
    ),
    Limit("turns", (), "a client's next packet had to wait for others", "it waits, unread"),
    Limit("handler_ms", ("HANDLER_MS",), "a handler took long", "its client waits"),
    Limit("handler_seconds", ("HANDLER_SECONDS",), "a handler took far too long", "a warning"),
    Limit(
        "wire_per_second", ("WIRE_PER_SECOND",), "the wire was asked for too often", "refused (429)"
    ),
    # How far a client may fall behind
    Limit(
        "output_bytes",
        ("OUTPUT_PACKETS", "OUTPUT_BYTES"),
        "a client fell too far behind",
        "closed; a gap when it returns",
    ),
    Limit("stall_seconds", ("STALL_SECONDS",), "a client read nothing for too long", "closed"),
    Limit(
        "output_total_bytes",
        ("OUTPUT_TOTAL_BYTES",),
        "too much waited for all clients together",
        "the largest closed",
    ),
    Limit("pong_seconds", ("PING_SECONDS", "PONG_SECONDS"), "a ping was not answered", "closed"),
    # How many
    Limit("connections", ("SOCKETS",), "no place was left for a connection", "refused (503)"),
    Limit("sockets", ("SOCKETS",), "no place was left for a socket", "refused (503)"),
    Limit(
        "sockets_per_seat", ("SOCKETS_PER_SEAT",), "a seat had too many sockets", "refused (429)"
    ),
    Limit("holes_per_seat", ("HOLES_PER_SEAT",), "a seat had too many black holes", ACK),
    Limit(
        "sockets_per_address", ("SOCKETS_PER_ADDRESS",), "an address had too many", "refused (429)"
    ),
    Limit(
        "sessions_per_second",
        ("SESSIONS_BURST", "SESSIONS_PER_10_SECONDS", "SESSIONS_PER_SECOND"),
        "too many came at once",
        "refused (429)",
    ),
    Limit("connect_seconds", ("CONNECT_SECONDS",), "no CONNECT came in time", "closed"),
    Limit(
        "decision_seconds",
        ("DECISION_SECONDS",),
        "whether to let a client in took too long",
        "refused with a sentence",
    ),
    Limit("callbacks", ("CALLBACKS",), "a client left too many questions open", "forgotten"),
    Limit("callback_seconds", ("CALLBACK_SECONDS",), "a question was not answered", "forgotten"),
    Limit(
        "held_polls",
        ("HELD_POLLS", "HELD_POLLS_PER_SEAT"),
        "too many polls waited",
        "refused (429)",
    ),
    Limit("seats", ("SEATS",), "the seat unseen for longest was forgotten", "kept by its cookie"),
    # Guessing
    Limit(
        "code_tries",
        ("CODE_TRIES_PER_MINUTE", "CODE_TRIES_PER_MINUTE_OF_ALL"),
        "too many wrong join codes",
        "refused with a sentence",
    ),
    Limit(
        "key_tries",
        ("KEY_TRIES_PER_MINUTE", "KEY_TRIES_PER_MINUTE_OF_ALL"),
        "too many wrong teacher's keys",
        "refused (429)",
    ),
    # The lessons
    Limit("rooms", (), "one room, or place in a room, too many", ACK),
    Limit("runs", ("RUNS_PER_SEAT", "RUNS"), "an old run gave way to a new one", "a gap"),
    Limit("run_events_per_second", ("RUN_EVENTS_PER_SECOND",), "too many runs at once", ACK),
    Limit("run_bytes", ("RUN_BYTES",), "the oldest event of a run was let go", "a gap"),
    Limit("run_seconds", ("RUN_SECONDS",), "a run had been over for too long", "a gap"),
    Limit("resumes_per_10_seconds", ("RESUMES_PER_10_SECONDS",), "asked too often", ACK),
    Limit("dials", (), "too many raw requests, or one too long", ACK),
    Limit("attempts", ("ATTEMPTS",), "too many programs were judged at once", ACK),
    Limit(
        "attempts_per_second",
        ("ATTEMPTS_PER_SECOND", "ATTEMPTS_BURST"),
        "a seat began an exercise too often",
        ACK,
    ),
    # What is kept, and where
    Limit(
        "tap",
        ("TAP_ROWS", "TAP_BYTES", "TAP_TOTAL_BYTES"),
        "the oldest row of a capture was let go",
        "a gap in the inspector",
    ),
    Limit("decoder_bytes", ("DECODER_BYTES",), "decoded rows were let go", "decoded anew"),
    Limit("report_bytes", ("REPORT_BYTES",), "the oldest report was let go", "not lit any more"),
    Limit("buffer_bytes", ("BUFFER_BYTES",), "the oldest run was let go", "a gap"),
    Limit(
        "log_lines_per_second",
        ("LOG_LINES_PER_SECOND",),
        "too many refusals of one kind for the log",
        "counted, one line with the number",
    ),
    Limit(
        "seats_on_disk",
        ("SEATS_ON_DISK",),
        "the seat that wrote nothing for longest was forgotten on the disk",
        "its nick and predictions deleted",
    ),
    Limit("database_bytes", ("DATABASE_BYTES",), "a file was full", "its oldest seats deleted"),
    Limit(
        "free_disk_bytes",
        ("FREE_DISK_BYTES",),
        "the disk was nearly full at the start",
        "nothing written to it",
    ),
)
NAMES = frozenset(limit.name for limit in LIMITS)


class Reached:
    """How often each limit of a server was reached."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._elsewhere: dict[str, Callable[[], int]] = {}

    def note(self, name: str, times: int = 1) -> None:
        """Counts; an empty name is that of no limit. Raises KeyError for a name of none."""
        if name:
            self._known(name)
            self._counts[name] += times

    def read_from(self, name: str, read: Callable[[], int]) -> None:
        """This limit is counted elsewhere: ``read()`` says how often."""
        self._known(name)
        self._elsewhere[name] = read

    def counts(self) -> dict[str, int]:
        """Every limit's name, in the order of LIMITS, and how often it was reached."""
        elsewhere = {name: read() for name, read in self._elsewhere.items()}
        return {
            limit.name: elsewhere.get(limit.name, 0) + self._counts[limit.name] for limit in LIMITS
        }

    def _known(self, name: str) -> None:
        if name not in NAMES:
            raise KeyError(f"no limit is called {name}")


class Budget:
    """The bytes of one kind that are kept, whoever keeps them. Where it is full, the oldest goes.

    ``let_go()`` of a thing is called when it has to go; by then it weighs nothing any more.
    ``dropped`` counts those. What came or changed last stays, however large.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.bytes = self.dropped = 0
        self._held: OrderedDict[Hashable, tuple[int, Callable[[], object]]] = OrderedDict()

    def hold(self, thing: Hashable, size: int, let_go: Callable[[], object]) -> None:
        """``thing`` weighs so many bytes from now on, and is the youngest."""
        self.release(thing)
        self._held[thing] = size, let_go
        self.bytes += size
        while self.bytes > self.most and len(self._held) > 1:
            _, (weight, gone) = self._held.popitem(last=False)
            self.bytes -= weight
            self.dropped += 1
            gone()

    def release(self, thing: Hashable) -> None:
        """``thing`` is kept no longer, or never was."""
        size, _ = self._held.pop(thing, (0, None))
        self.bytes -= size

    def let_all_go(self) -> int:
        """Everything has to go, though there is room; returns how many things that were."""
        held, self._held, self.bytes = self._held, OrderedDict(), 0
        for _, gone in held.values():
            gone()
        return len(held)

    def stats(self) -> dict[str, int]:
        """``{bytes, most, dropped}``."""
        return {"bytes": self.bytes, "most": self.most, "dropped": self.dropped}


Stats = Callable[[], Mapping[str, int]]  # of one kind of memory: {bytes, most, dropped}
KINDS = {  # of memory -> what it is, for the teacher
    "capture": "What crossed the wires",
    "decoders": "Packet inspectors: rows and decoders",
    "reports": "Who heard what: receipts, races, runs of rooms",
    "buffers": "Lesson 9: events kept for who is away",
    "output": "Waiting for slow clients",
}
