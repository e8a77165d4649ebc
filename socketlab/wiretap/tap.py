"""The tap: what crossed each connection, kept in rings, counted, with secrets blanked.

Three nouns. A **Line** is one TCP connection. An **Exchange** is one HTTP request on a line
with its response. A **Record** is one thing that crossed: a request, a response, or one
WebSocket frame. Records belong to a seat; what nobody has claimed yet belongs to its Engine.IO
session or its line, and moves when the seat is known.

Secrets are blanked before anything is kept, with as many ``*`` as there were bytes, so that
lengths and offsets stay true. Nothing is decoded here: that is for who looks.

Sizes are bytes, times are milliseconds of the clock that the tap was given.
Source: RFC 9112, section 2.1 (head and body); RFC 6455, sections 5.2 and 5.3 (frame, mask).
"""

import re
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field, replace
from heapq import merge
from operator import itemgetter

LABELS = 64  # per seat; a client invents event names, so the table must end somewhere
KEEP = 1 << 16  # of one record; a page is smaller, and a longer body teaches nothing new
CHUNK = 64  # rows that are kept, and let go, together
WIDTH = 5  # values that make a row
OVERHEAD = 100  # what a row costs beside its bytes, so that the bounds are honest
MARKS = 64  # steps remembered of what fell out of a ring
STRANGERS = ""  # the ledger of closed lines and sessions that no seat ever claimed

PATHS = (
    "/bidirectional/latest",
    "/bidirectional/wait",
    "/upgrade/dial",
    "/upgrade/accept",
)


@dataclass(slots=True)
class Count:
    """What crossed under one label, for one seat."""

    requests: int = 0
    empty: int = 0
    frames_up: int = 0
    frames_down: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    connections: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Captured:
    """One thing that crossed, secrets blanked; shared by all receivers of a broadcast."""

    data: bytes
    label: str
    size: int  # bytes that crossed; more than ``len(data)`` when not all was kept
    blanked: tuple = ()  # (start, length) within data
    inflated: bytes | None = None  # the message behind a compressed one, on its last frame
    kind: str = "frame"  # or "http"


@dataclass(slots=True)
class Record:
    """One row of the wire, as :meth:`Tap.records` hands it out."""

    n: int
    at: float
    connection: int
    up: bool
    kind: str  # "http" or "frame"
    data: bytes
    offset: int  # of the first byte, in the TCP stream of that direction
    blanked: list
    truncated: int  # bytes that crossed and were not kept
    inflated: bytes | None


class Ledger:
    """The ring and the counters of one seat (or of one session or line without a seat).

    Rows lie flat in lists of up to 64, five values each: n, at, line id, place, Captured. The
    place is the offset in its stream, or ~offset for what came up. So a broadcast costs a few
    numbers per receiver and no object of its own.
    """

    __slots__ = ("chunks", "open", "rows", "held", "dropped", "marks", "counts")

    def __init__(self):
        self.open = []  # the youngest chunk
        self.chunks = deque([self.open])  # in the order of n
        self.rows = self.held = self.dropped = 0
        self.marks = deque(maxlen=MARKS)  # (last n that fell out, how many in all by then)
        self.counts = {}

    def count(self, label):
        """The counter of a label, made when it is new; "other" once the table is full."""
        counter = self.counts.get(label)
        if counter is None:
            if len(self.counts) >= LABELS:
                label = "other"
            counter = self.counts.setdefault(label, Count())
        return counter

    def turn(self):
        """Starts a new chunk."""
        if self.open:
            self.open = []
            self.chunks.append(self.open)

    def trim(self, rows, size):
        """Lets the oldest chunks go until at most ``rows`` rows and ``size`` bytes are left."""
        while self.rows and (self.rows > rows or self.held > size):
            if len(self.chunks) == 1:
                self.turn()
            chunk = self.chunks.popleft()
            self.rows -= len(chunk) // WIDTH
            self.held -= sum(len(what.data) + OVERHEAD for what in chunk[4::WIDTH])
            self.dropped += len(chunk) // WIDTH
            self.marks.append((chunk[-WIDTH], self.dropped))

    def since(self, after):
        """The rows numbered above ``after``, oldest first, as tuples."""
        fresh = []
        for chunk in reversed(self.chunks):
            if chunk and chunk[-WIDTH] <= after:
                break
            fresh.append(list(chunk))
        for chunk in reversed(fresh):
            start = bisect_right(chunk[::WIDTH], after) * WIDTH
            columns = (chunk[start + column :: WIDTH] for column in range(WIDTH))
            yield from zip(*columns, strict=True)

    def last(self):
        """The number of the youngest row, 0 if there is none."""
        return max((chunk[-WIDTH] for chunk in list(self.chunks)[-2:] if chunk), default=0)

    def unseen(self, after):
        """How many rows numbered above ``after`` fell out (at least that many, if long ago)."""
        seen = 0
        for last, dropped in self.marks:
            if last > after:
                break
            seen = dropped
        return self.dropped - seen

    def absorb(self, other):
        """Takes over another ledger's rows, in order, and its counts."""
        if other.rows and other.chunks[0][0] < self.last():
            rows = merge(self.since(0), other.since(0), key=itemgetter(0))
            flat = [value for row in rows for value in row]
            step = CHUNK * WIDTH
            self.chunks = deque(flat[at : at + step] for at in range(0, len(flat), step))
        else:  # all of theirs is younger, as it is with a visit that was short
            self.chunks = deque(chunk for chunk in (*self.chunks, *other.chunks) if chunk)
        self.open = []
        self.chunks.append(self.open)
        self.rows += other.rows
        self.held += other.held
        if other.dropped:
            self.dropped += other.dropped
            until = max(ledger.marks[-1][0] for ledger in (self, other) if ledger.marks)
            self.marks.append((until, self.dropped))
        for label, theirs in other.counts.items():
            mine = self.count(label)
            for name in Count.__slots__:
                if name != "connections":
                    setattr(mine, name, getattr(mine, name) + getattr(theirs, name))
            mine.connections |= theirs.connections


class Tap:
    """All lines, rings and counters of one server.

    ``now`` returns milliseconds. ``secrets`` are texts never to be shown (the teacher's key,
    join codes); more can be added to the set later with :meth:`hide`.
    """

    def __init__(
        self,
        now,
        rows_per_seat=2000,
        bytes_per_seat=1 << 20,
        bytes_total=64 << 20,
        secrets=(),
        paths=PATHS,
    ):
        self.now = now
        self.rows_per_seat = rows_per_seat
        self.bytes_per_seat = bytes_per_seat
        self.bytes_total = bytes_total
        self.paths = frozenset(paths)
        self.full = min(CHUNK, max(1, rows_per_seat // 16)) * WIDTH
        self.recording = True
        self.lines = {}
        self.ledgers = {}
        self.seats = {}  # Engine.IO session -> seat, for those that said who they are
        self.bound = {}  # Engine.IO session -> the line of its WebSocket
        self.n = self.held = self.ids = self.dropped = 0
        self.blanker = Blanker(secrets)

    def hide(self, secret):
        """From now on, blanks this text wherever it crosses."""
        self.blanker.add(secret)

    def open(self, peer):
        """A new TCP connection from ``peer`` (host, port)."""
        self.ids += 1
        line = self.lines[self.ids] = Line(self, self.ids, peer)
        return line

    def close(self, line):
        """The connection is gone; what nobody claimed of it goes to the strangers."""
        self.lines.pop(line.id, None)
        if line.session is not None and self.bound.get(line.session) is line:
            del self.bound[line.session]
        self._move(("line", line.id), STRANGERS)

    def bind(self, session, line):
        """The WebSocket on ``line`` carries this Engine.IO session from now on."""
        line.session, line.transport = session, "websocket"
        line.seat = self.seats.get(session, line.seat)
        self.bound[session] = line
        self._settle(line)

    def claim_session(self, session, seat):
        """This session is that seat's: its rows and counts so far, and all that follow."""
        self.seats[session] = seat
        self._move(("session", session), seat)
        line = self.bound.get(session)
        if line is not None:
            line.seat = seat
            self._settle(line)

    def seat_of(self, session):
        """The seat that claimed an Engine.IO session, or None."""
        return self.seats.get(session)

    def end_session(self, session):
        """The Engine.IO session is over; forget whose it was."""
        self.seats.pop(session, None)
        self._move(("session", session), STRANGERS)

    def counts(self, seat):
        """Label -> :class:`Count`, copies, at most 64 labels and "other"."""
        ledger = self.ledgers.get(seat)
        if ledger is None:
            return {}
        return {
            label: replace(count, connections=set(count.connections))
            for label, count in ledger.counts.items()
        }

    def restart(self, seat, labels):
        """Starts these labels of a seat from zero: the new counters, which go on counting."""
        counts = self.ledger(seat).counts
        for label in labels:
            counts[label] = Count()
        return [counts[label] for label in labels]

    def records(self, seat=None, after=0, connection=None, limit=500):
        """Rows numbered above ``after``: (list of Record, where to go on, rows lost in between).

        ``seat`` None means everybody's.
        """
        if seat is None:
            ledgers = list(self.ledgers.values())
        else:
            ledgers = [self.ledgers[seat]] if seat in self.ledgers else []
        rows, following = [], after
        everything = merge(*(ledger.since(after) for ledger in ledgers), key=itemgetter(0))
        for n, at, line, place, what in everything:
            if connection is None or line == connection:
                if len(rows) == limit:
                    break
                rows.append(_record(n, at, line, place, what))
            following = n
        return rows, following, sum(ledger.unseen(after) for ledger in ledgers)

    def forget(self, seat):
        """Drops all rows and counts of a seat."""
        ledger = self.ledgers.pop(seat, None)
        if ledger is not None:
            self.held -= ledger.held
        for line in self.lines.values():
            line.ledger = None

    def stats(self):
        """Figures for the health page: lines open, rows and bytes held, rows dropped."""
        return {
            "lines": len(self.lines),
            "records": sum(ledger.rows for ledger in self.ledgers.values()),
            "bytes": self.held,
            "dropped": self.dropped,
        }

    def ledger(self, key):
        """The ledger under a key, made when it is new."""
        ledger = self.ledgers.get(key)
        if ledger is None:
            ledger = self.ledgers[key] = Ledger()
        return ledger

    def weigh(self, ledger, rows, size):
        """Accounts for rows that were just added to a ledger, and keeps it within the bounds."""
        size += rows * OVERHEAD
        ledger.rows += rows
        ledger.held += size
        self.held += size
        if len(ledger.open) >= self.full:
            ledger.turn()
        if ledger.rows > self.rows_per_seat or ledger.held > self.bytes_per_seat:
            self._trim(ledger, self.rows_per_seat, self.bytes_per_seat)
        if self.held > self.bytes_total:
            # The largest pays, half of what it has: rare, so the search for it is cheap.
            largest = max(self.ledgers.values(), key=lambda ledger: ledger.held)
            self._trim(largest, self.rows_per_seat, largest.held // 2)

    def _trim(self, ledger, rows, size):
        held, dropped = ledger.held, ledger.dropped
        ledger.trim(rows, size)
        self.held += ledger.held - held
        self.dropped += ledger.dropped - dropped

    def _move(self, old, new):
        ledger = self.ledgers.pop(old, None)
        if ledger is not None:
            target = self.ledger(new)
            target.absorb(ledger)
            self._trim(target, self.rows_per_seat, self.bytes_per_seat)

    def _settle(self, line):
        """Points a WebSocket's line at the ledger that its frames go to."""
        home = ("session", line.session) if line.seat is None else line.seat
        if line.seat is not None:
            self._move(("session", line.session), home)
        self._move(("line", line.id), home)  # what crossed before the session was known
        line.ledger = self.ledger(home)

    def label(self, path):
        """The label that an HTTP exchange is counted under."""
        if path.startswith("/socket.io/"):
            return "static" if path.endswith(".js") else "/socket.io/"
        if path.startswith("/static/"):
            return "static"
        return path if path in self.paths else "page"


class Line:
    """One TCP connection: its peer, its numbers, and whose it is."""

    def __init__(self, tap, number, peer):
        self.tap = tap
        self.id = number
        self.peer = peer
        self.seat = self.session = None
        self.transport = "http"
        self.up = self.down = 0  # bytes so far in each direction
        self.ledger = None  # of its frames, once it is a WebSocket

    def request(self, head, path, length=0):
        """An HTTP request whose head has arrived; ``length`` is what its body announces."""
        return Exchange(self, head, path, length)

    def frame(self, up, raw, label, text):
        """One whole frame as it crossed, which is one whole message."""
        self.crossed(up, self.tap.blanker.frames([raw], label, text))

    def message(self, raws, label, text, compressed=False):
        """The frames of one whole message from the client, in the order they crossed."""
        self.crossed(True, self.tap.blanker.frames(raws, label, text, compressed))

    def unfinished(self, raws):
        """Frames, or pieces of one, that never became a message: shown without their payload."""
        captured = [_erased(raw, "unfinished") for raw in raws if raw]
        if captured:
            self.crossed(True, captured)

    def crossed(self, up, captured, at=None):
        """Frames that crossed in one go, as :meth:`Blanker.frames` made them."""
        tap, ledger = self.tap, self.ledger
        if ledger is None:
            if self.session is not None:
                tap._settle(self)
                ledger = self.ledger
            else:
                ledger = self.ledger = tap.ledger(self.seat or ("line", self.id))
        counts, total = ledger.counts, 0
        if at is None:
            at = tap.now()
        for what in captured:
            size = what.size
            counter = counts.get(what.label) or ledger.count(what.label)
            if up:
                counter.frames_up += 1
                counter.bytes_up += size
                place = ~self.up
                self.up += size
            else:
                counter.frames_down += 1
                counter.bytes_down += size
                place = self.down
                self.down += size
            if self.id not in counter.connections:
                counter.connections.add(self.id)
            if tap.recording:
                tap.n = n = tap.n + 1
                ledger.open += (n, at, self.id, place, what)
                total += size
        if total:
            tap.weigh(ledger, len(captured), total)


class Exchange:
    """One HTTP request and its response, as bytes that crossed."""

    def __init__(self, line, head, path, length):
        self.line = line
        self.label = line.tap.label(path)
        self.seat = self.session = None
        self.length = length
        self.hidden = self.empty = self.filed = self.ended = False
        self.up = _Parts(line.up, self.label != "static")
        self.down = _Parts(line.down, self.label != "static")
        self.head = len(head)
        self.up.add(head)
        line.up += len(head)

    def claim(self, seat):
        """Counts and files this exchange for a seat; a WebSocket on the line follows it."""
        self.seat = self.line.seat = seat
        if not self.length:
            self._file_request()

    def belong(self, session):
        """This exchange carries an Engine.IO session, whoever that is."""
        self.session = session

    def mark_empty(self):
        """The answer brought no news: counted as empty."""
        self.empty = True

    def skip(self):
        """Leaves no record and no count (the wire page must not show itself)."""
        self.hidden = True

    def body(self, data):
        """Bytes of the request's body, as the application read them."""
        self.up.add(data)
        self.line.up += len(data)
        if self.up.size >= self.head + self.length:
            self._file_request()

    def respond(self, data):
        """Bytes of the response, status line and chunk framing included."""
        self._file_request()
        self.down.add(data)
        self.line.down += len(data)

    def end(self):
        """The response is out: count it, file it."""
        if self.ended:
            return
        self.ended = True
        self._file_request()
        if self.hidden:
            return
        ledger = self._ledger()
        counter = ledger.count(self.label)
        counter.requests += 1
        counter.empty += self.empty
        counter.bytes_up += self.up.size
        counter.bytes_down += self.down.size
        counter.connections.add(self.line.id)
        self._file(ledger, False, self.down)

    def _file_request(self):
        if not self.filed:
            self.filed = True
            if not self.hidden:
                self._file(self._ledger(), True, self.up)

    def _file(self, ledger, up, parts):
        tap, line = self.line.tap, self.line
        if tap.recording and parts.keep and parts.size:
            what = tap.blanker.http(parts.bytes(), self.label, parts.size)
            place = ~parts.offset if up else parts.offset
            tap.n += 1
            ledger.open += (tap.n, tap.now(), line.id, place, what)
            tap.weigh(ledger, 1, len(what.data))

    def _ledger(self):
        tap = self.line.tap
        if self.seat is not None:
            return tap.ledger(self.seat)
        if self.session is not None:
            seat = tap.seats.get(self.session)
            return tap.ledger(("session", self.session) if seat is None else seat)
        return tap.ledger(("line", self.line.id))


class _Parts:
    """The bytes of one direction of an exchange: all counted, the first of them kept."""

    __slots__ = ("offset", "keep", "size", "kept", "parts")

    def __init__(self, offset, keep):
        self.offset, self.keep = offset, keep
        self.size = self.kept = 0
        self.parts = []

    def add(self, data):
        self.size += len(data)
        if self.keep and self.kept < KEEP:
            self.parts.append(bytes(data))
            self.kept += len(data)

    def bytes(self):
        return b"".join(self.parts)


def _record(n, at, line, place, what):
    up = place < 0
    return Record(
        n,
        at,
        line,
        up,
        what.kind,
        what.data,
        ~place if up else place,
        list(what.blanked),
        what.size - len(what.data),
        what.inflated,
    )


# Secrets.

_TOKEN = rb"seat\.[A-Za-z0-9_.-]+"
_FIELD = re.compile(
    rb"(?im)^(?:cookie|set-cookie|authorization|proxy-authorization):[ \t]*([^\r\n]*)"
)
_QUERY = re.compile(rb"(?:^|[?&\s])(?:seat|key|code)=([^&\s#\"]+)")
_AUTH = re.compile(rb"(?:^|\x1e|\n)4?0(?:/[^,{\x1e]*,)?(\{[^\x1e]*)")
_MEMBER = re.compile(rb'"(?:seat|key|code|token|password)"\s*:\s*"((?:[^"\\]|\\.)*)')
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_ESCAPE = re.compile(rb"\\u00([0-9A-Fa-f]{2})")
_HINT = r'seat|%[0-9A-Fa-f]{2}|\\u00|"(?:key|code|token|password)"'


class Blanker:
    """Finds secrets in what crosses and paints them over, same length."""

    def __init__(self, secrets=()):
        self.secrets = set()
        self._compile()
        for secret in secrets:
            self.add(secret)

    def add(self, secret):
        """One more text that is never to be shown; shorter than 4 characters is no secret."""
        if len(secret) >= 4 and secret not in self.secrets:
            self.secrets.add(secret)
            self._compile()

    def _compile(self):
        words = [re.escape(secret) for secret in sorted(self.secrets, key=len, reverse=True)]
        self.token = re.compile(b"|".join([_TOKEN] + [word.encode() for word in words]))
        self.hint = re.compile("|".join([_HINT] + words))
        self.byte_hint = re.compile("|".join([_HINT] + words).encode())

    def find(self, data, query=False):
        """The (start, length) of every secret in ``data``, also percent- or JSON-escaped."""
        spans = []
        for view, places in _views(data):
            patterns = [(self.token, 0)] + ([(_QUERY, 1)] if query else [])
            found = [m.span(group) for regex, group in patterns for m in regex.finditer(view)]
            for packet in _AUTH.finditer(view):
                for member in _MEMBER.finditer(view, *packet.span(1)):
                    found.append(member.span(1))
            spans += [(places(start), places(end)) for start, end in found if end > start]
        return _joined(spans)

    def http(self, data, label, size):
        """A request or response as kept: named fields, query values and tokens blanked."""
        head, _, body = data.partition(b"\r\n\r\n")
        spans = [m.span(1) for m in _FIELD.finditer(head)]
        body_at = len(head) + 4
        for start, length in self.find(head, query=True):
            spans.append((start, start + length))
        if body:
            plain, places = _unchunked(head, body)
            found = self.find(plain, query=True)
            if not plain.startswith((b"4", b"0")) and plain[:1] == b"{":
                found += [(m.start(1), len(m[1])) for m in _MEMBER.finditer(plain)]
            for start, length in found:
                spans += [(at + body_at, at + body_at + 1) for at in places(start, start + length)]
        spans = _joined([span for span in spans if span[1] > span[0]])
        data = _painted(data, spans)[:KEEP]
        spans = tuple((at, min(length, KEEP - at)) for at, length in spans if at < KEEP)
        return Captured(data, label, size, spans, kind="http")

    def frames(self, raws, label, text, compressed=False):
        """The frames of one whole message as :class:`Captured`, in the order they crossed.

        ``text`` is the message, unmasked and inflated: str or bytes. A token split over
        fragments is one token here. Frames of a compressed message that holds a secret lose
        their whole payload; the message itself is kept beside the last of them, blanked.
        """
        hint = self.hint if isinstance(text, str) else self.byte_hint
        if not compressed and hint.search(text) is None:
            return [_whole(raw, label) for raw in raws]
        data = text.encode("utf-8", "replace") if isinstance(text, str) else bytes(text)
        spans = self.find(data)
        if compressed:
            erase = _erased if spans else _whole
            captured = [erase(raw, label) for raw in raws]
            captured[-1].inflated = _painted(data, spans)
            return captured
        captured, start = [], 0
        for raw in raws:
            if raw[0] & 0x08 and len(raws) > 1:  # a control frame between the fragments
                captured.append(_erased(raw, "control"))
                continue
            at, mask = _payload(raw)
            length = len(raw) - at
            own = [
                (max(s, start) - start + at, min(s + n, start + length) - start + at)
                for s, n in spans
                if s < start + length and s + n > start
            ]
            own = [(a, b - a) for a, b in own if b > a]
            start += length
            painted = _painted(raw, own, mask, at) if own else raw
            captured.append(Captured(painted, label, len(raw), tuple(own)))
        return captured


def _views(data):
    """``data`` as it is and with its escapes undone; each with a function back to places."""
    yield data, lambda at: at
    for escape in (_PERCENT, _ESCAPE):
        if escape.search(data):
            plain, places, at = bytearray(), [], 0
            while at < len(data):
                match = escape.match(data, at)
                places.append(at)
                plain.append(int(match[1], 16) if match else data[at])
                at = match.end() if match else at + 1
            places.append(len(data))
            yield bytes(plain), places.__getitem__


def _unchunked(head, body):
    """A body without its chunk framing, and a function from a span there to places in ``body``."""
    if not re.search(rb"(?im)^transfer-encoding:[ \t]*chunked", head):
        return body, range
    plain, places, at = bytearray(), [], 0
    while at < len(body):
        line = body.find(b"\r\n", at)
        try:
            length = int(body[at:line].split(b";")[0], 16)
        except ValueError:
            break
        start = line + 2
        plain += body[start : start + length]
        places += range(start, min(start + length, len(body)))
        at = start + length + 2
    return bytes(plain), lambda start, end: places[start:end]


def _joined(spans):
    """Overlapping and touching (start, end) made one, as (start, length), in order."""
    joined = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(end, joined[-1][1])
        else:
            joined.append([start, end])
    return [(start, end - start) for start, end in joined]


def _painted(data, spans, mask=None, at=0):
    """``data`` with ``*`` over the spans; behind a mask, what would unmask to ``*``."""
    if not spans:
        return data
    painted = bytearray(data)
    for start, length in spans:
        for place in range(start, min(start + length, len(painted))):
            painted[place] = 0x2A ^ mask[(place - at) & 3] if mask else 0x2A
    return bytes(painted)


def _payload(raw):
    """Where a frame's payload starts, and its mask or None (RFC 6455, section 5.2)."""
    length = raw[1] & 0x7F
    at = 4 if length == 126 else 10 if length == 127 else 2
    return (at + 4, raw[at : at + 4]) if raw[1] & 0x80 else (at, None)


def _whole(raw, label):
    return Captured(raw, label, len(raw))


def _erased(raw, label):
    at, mask = _payload(raw) if len(raw) > 1 else (len(raw), None)
    spans = ((at, len(raw) - at),) if len(raw) > at else ()
    return Captured(_painted(raw, spans, mask, at), label, len(raw), spans)
