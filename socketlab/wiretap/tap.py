"""The tap: what crossed each connection, kept in rings, counted, with secrets blanked.

Three nouns. A **TappedConnection** is one TCP connection. An **Exchange** is one HTTP request
on it with its response. A **Record** is one thing that crossed: a request, a response, or one
WebSocket frame. Records belong to a seat; what nobody has claimed yet belongs to its Engine.IO
session or its line, and moves when the seat is known.

Secrets are blanked before anything is kept, with as many ``*`` as there were bytes, so that
lengths and offsets stay true. Nothing is decoded here: that is for who looks.

Sizes are bytes, times are milliseconds of the clock that the tap was given.
Source: RFC 9112, section 2.1 (head and body); RFC 6455, sections 5.2 and 5.3 (frame, mask).
"""

from dataclasses import replace
from heapq import merge
from operator import itemgetter

from .redactor import KEEP, Redactor, erased
from .rings import CHUNK, OVERHEAD, WIDTH, Count, Ring, record

STRANGERS = ""  # the ring of closed lines and sessions that no seat ever claimed

PATHS = (
    "/bidirectional/latest",
    "/bidirectional/wait",
    "/upgrade/dial",
    "/upgrade/accept",
)


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
        self.paths = set(paths)
        self.full = min(CHUNK, max(1, rows_per_seat // 16)) * WIDTH
        self.recording = True
        self.lines = {}
        self.rings = {}
        self.seats = {}  # Engine.IO session -> seat, for those that said who they are
        self.bound = {}  # Engine.IO session -> the line of its WebSocket
        self.n = self.held = self.ids = self.dropped = 0
        self.redactor = Redactor(secrets)

    def hide(self, secret):
        """From now on, blanks this text wherever it crosses."""
        self.redactor.add(secret)

    def open(self, peer):
        """A new TCP connection from ``peer`` (host, port)."""
        self.ids += 1
        line = self.lines[self.ids] = TappedConnection(self, self.ids, peer)
        return line

    def close(self, line):
        """The connection is gone; what nobody claimed of it goes to the strangers."""
        self.lines.pop(line.id, None)
        line.closed = True
        if self.bound.get(line.session) is line:
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
        line = self.bound.pop(session, None)
        if line is not None:  # its last words go to the seat, or to the line
            line.session = line.ring = None
        self._move(("session", session), STRANGERS)

    def counts(self, seat):
        """Label -> :class:`Count`, copies, at most 64 labels and "other"."""
        ring = self.rings.get(seat)
        if ring is None:
            return {}
        return {
            label: replace(count, connections=set(count.connections))
            for label, count in ring.counts.items()
        }

    def restart(self, seat, labels):
        """Starts these labels of a seat from zero: the new counters, which go on counting."""
        counts = self.ring(seat).counts
        for label in labels:
            counts[label] = Count()
        return [counts[label] for label in labels]

    def records(self, seat=None, after=0, connection=None, limit=500):
        """Rows numbered above ``after``: (list of Record, where to go on, rows lost in between).

        ``seat`` None means everybody's.
        """
        if seat is None:
            rings = list(self.rings.values())
        else:
            rings = [self.rings[seat]] if seat in self.rings else []
        rows, following = [], after
        everything = merge(*(ring.since(after) for ring in rings), key=itemgetter(0))
        for n, at, line, place, what in everything:
            if connection is None or line == connection:
                if len(rows) == limit:
                    break
                rows.append(record(n, at, line, place, what))
            following = n
        return rows, following, sum(ring.unseen(after) for ring in rings)

    def before_last(self, seat, count):
        """The number after which a seat has only its ``count`` newest rows; 0 if it has fewer."""
        ring = self.rings.get(seat)
        numbers = [row[0] for row in ring.since(0)] if ring else []
        return numbers[-count - 1] if len(numbers) > count else 0

    def forget(self, seat):
        """Drops all rows and counts of a seat."""
        ring = self.rings.pop(seat, None)
        if ring is not None:
            self.held -= ring.held
        for line in self.lines.values():
            line.ring = None

    def stats(self):
        """Figures for the health page: lines open, rows and bytes held, rows dropped."""
        return {
            "lines": len(self.lines),
            "records": sum(ring.rows for ring in self.rings.values()),
            "bytes": self.held,
            "dropped": self.dropped,
        }

    def ring(self, key):
        """The ring under a key, made when it is new."""
        ring = self.rings.get(key)
        if ring is None:
            ring = self.rings[key] = Ring()
        return ring

    def weigh(self, ring, rows, size):
        """Accounts for rows that were just added to a ring, and keeps it within the bounds."""
        size += rows * OVERHEAD
        ring.rows += rows
        ring.held += size
        self.held += size
        if len(ring.open) >= self.full:
            ring.turn()
        if ring.rows > self.rows_per_seat or ring.held > self.bytes_per_seat:
            self._trim(ring, self.rows_per_seat, self.bytes_per_seat)
        if self.held > self.bytes_total:
            # The largest pays, half of what it has: rare, so the search for it is cheap.
            largest = max(self.rings.values(), key=lambda ring: ring.held)
            self._trim(largest, self.rows_per_seat, largest.held // 2)

    def _trim(self, ring, rows, size):
        held, dropped = ring.held, ring.dropped
        ring.trim(rows, size)
        self.held += ring.held - held
        self.dropped += ring.dropped - dropped

    def _move(self, old, new):
        ring = self.rings.pop(old, None)
        if ring is not None:
            target = self.ring(new)
            target.absorb(ring)
            self._trim(target, self.rows_per_seat, self.bytes_per_seat)

    def _settle(self, line):
        """Points a WebSocket's line at the ring that its frames go to."""
        home = ("session", line.session) if line.seat is None else line.seat
        if line.seat is not None:
            self._move(("session", line.session), home)
        self._move(("line", line.id), home)  # what crossed before the session was known
        line.ring = self.ring(home)

    def label(self, path):
        """The label that an HTTP exchange is counted under."""
        if path.startswith("/socket.io/"):
            return "static" if path.endswith(".js") else "/socket.io/"
        if path.startswith("/static/"):
            return "static"
        return path if path in self.paths else "page"


class TappedConnection:
    """One TCP connection: its peer, its numbers, and whose it is."""

    def __init__(self, tap, number, peer):
        self.tap = tap
        self.id = number
        self.peer = peer
        self.seat = self.session = None
        self.transport = "http"
        self.closed = False
        self.up = self.down = 0  # bytes so far in each direction
        self.ring = None  # of its frames, once it is a WebSocket

    def request(self, head, path, length=0):
        """An HTTP request whose head has arrived; ``length`` is what its body announces."""
        return Exchange(self, head, path, length)

    def frame(self, up, raw, label, text):
        """One whole frame as it crossed, which is one whole message."""
        self.crossed(up, self.tap.redactor.frames([raw], label, text))

    def message(self, raws, label, text, compressed=False):
        """The frames of one whole message from the client, in the order they crossed."""
        self.crossed(True, self.tap.redactor.frames(raws, label, text, compressed))

    def unfinished(self, raws):
        """Frames, or pieces of one, that never became a message: shown without their payload."""
        captured = [erased(raw, "unfinished") for raw in raws if raw]
        if captured:
            self.crossed(True, captured)

    def crossed(self, up, captured, at=None):
        """Frames that crossed in one go, as :meth:`Redactor.frames` made them."""
        tap, ring = self.tap, self.ring
        if self.closed:
            return
        if ring is None:
            if self.session is not None:
                tap._settle(self)
                ring = self.ring
            else:
                ring = self.ring = tap.ring(self.seat or ("line", self.id))
        counts, total = ring.counts, 0
        if at is None:
            at = tap.now()
        for what in captured:
            size = what.size
            counter = counts.get(what.label) or ring.count(what.label)
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
                ring.open += (n, at, self.id, place, what)
                total += size
        if total:
            tap.weigh(ring, len(captured), total)


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

    def respond(self, data, interim=False):
        """Bytes of the response, status line and chunk framing included.

        ``interim``: it is "100 Continue", and the request's body is still to come.
        """
        if not interim:
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
        ring = self._ledger()
        counter = ring.count(self.label)
        counter.requests += 1
        counter.empty += self.empty
        counter.bytes_up += self.up.size
        counter.bytes_down += self.down.size
        counter.connections.add(self.line.id)
        self._file(ring, False, self.down)

    def _file_request(self):
        if not self.filed:
            self.filed = True
            if not self.hidden:
                self._file(self._ledger(), True, self.up)

    def _file(self, ring, up, parts):
        tap, line = self.line.tap, self.line
        if tap.recording and parts.keep and parts.size:
            what = tap.redactor.http(parts.bytes(), self.label, parts.size)
            place = ~parts.offset if up else parts.offset
            tap.n += 1
            ring.open += (tap.n, tap.now(), line.id, place, what)
            tap.weigh(ring, 1, len(what.data))

    def _ledger(self):
        tap = self.line.tap
        if self.seat is not None:
            return tap.ring(self.seat)
        if self.session is not None:
            seat = tap.seats.get(self.session)
            return tap.ring(("session", self.session) if seat is None else seat)
        return tap.ring(("line", self.line.id))


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
