"""The tap: what crossed each connection, kept in rings, counted, with secrets blanked.

Three nouns. A **TappedConnection** is one TCP connection. An **Exchange** is one HTTP request
on it with its response. A **Record** is one thing that crossed: a request, a response, or one
WebSocket frame. Records belong to a seat, which is any name the application gives its user;
what nobody has claimed yet belongs to its Engine.IO session or its connection, and moves when
the seat is known.

Secrets are blanked before anything is kept, with as many ``*`` as there were bytes, so that
lengths and offsets stay true. Nothing is decoded here: that is for who looks.

Everything is bounded: records and bytes of a seat, bytes of all, and the number of seats with a
ring. Where there are too many, the ring goes that has been unused for longest; a seat that has
a connection or a session keeps its own.

Sizes are bytes, times are milliseconds of the clock that the tap was given.
Source: RFC 9112, section 2.1 (head and body); RFC 6455, sections 5.2 and 5.3 (frame, mask).
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from heapq import merge
from operator import itemgetter

from ..protocols.packets import ENGINEIO_PATH
from .redactor import KEEP, Redactor, erased
from .rings import CHUNK, Captured, Count, Record, Ring, Sums, record, tally

PING, MASKED_PONG = b"\x81\x012", b"\x81\x81"  # a whole frame, and how one of a client begins
UNCLAIMED = ""  # the ring of closed connections and sessions that no seat ever claimed

Key = str | tuple[str, str | int]  # a seat; or ("session", its id), ("connection", its number)


class Tap:
    """All connections, rings and counters of one server.

    ``now`` returns milliseconds. ``paths`` are addresses whose exchanges are counted under
    labels of their own; what is below ``static`` is counted and not recorded. ``secrets`` are
    texts never to be shown; more can be added later with :meth:`hide`. What else is secret,
    ``redactor`` says.
    """

    def __init__(
        self,
        now: Callable[[], float],
        rows_per_seat: int = 2000,
        bytes_per_seat: int = 1 << 20,
        bytes_total: int = 64 << 20,
        secrets: Iterable[str] = (),
        paths: Iterable[str] = (),
        *,
        rings: int = 3000,
        static: str = "/static/",
        redactor: Redactor | None = None,
    ) -> None:
        self.now = now
        self.rows_per_seat = rows_per_seat
        self.bytes_per_seat = bytes_per_seat
        self.bytes_total = bytes_total
        self.most_rings = rings
        self.paths = set(paths)
        self.static = static
        self.full = min(CHUNK, max(1, rows_per_seat // 16))  # records of a chunk
        self.recording = True
        self.connections: dict[int, TappedConnection] = {}
        self.rings: dict[Key, Ring] = {}
        self.sessions: dict[str, str | None] = {}  # live Engine.IO session -> its seat, if known
        self.bound: dict[str, TappedConnection] = {}  # session -> that of its WebSocket
        self.n = self.held = self.ids = self.dropped = 0
        self.redactor = Redactor() if redactor is None else redactor
        for secret in secrets:
            self.hide(secret)
        self._users: Counter[str] = Counter()  # seat -> its open connections and live sessions
        self._idle: OrderedDict[str, None] = OrderedDict()  # seats with a ring and no user, by age

    def hide(self, secret: str) -> None:
        """From now on, blanks this text wherever it crosses."""
        self.redactor.add(secret)

    def count_path(self, path: str) -> None:
        """From now on, counts exchanges with this address under a label of their own."""
        self.paths.add(path)

    # Connections and sessions

    def open(self, peer: tuple[str, int]) -> TappedConnection:
        """A new TCP connection from ``peer`` (host, port)."""
        self.ids += 1
        connection = self.connections[self.ids] = TappedConnection(self, self.ids, peer)
        return connection

    def close(self, connection: TappedConnection) -> None:
        """The connection is gone; what nobody claimed of it goes to the unclaimed."""
        self.connections.pop(connection.id, None)
        connection.closed = True
        session = connection.session
        if session is not None and self.bound.get(session) is connection:
            del self.bound[session]
        self._move(("connection", connection.id), UNCLAIMED)
        for counter in connection.counters:
            counter.lost(connection)
        connection.counters.clear()
        self.give(connection, None)

    def give(self, connection: TappedConnection, seat: str | None) -> None:
        """The connection is this seat's, or nobody's."""
        if connection.seat != seat:
            old, connection.seat = connection.seat, seat
            self._hold(seat)
            self._release(old)

    def begin_session(self, session: str) -> None:
        """An Engine.IO session is live; whose it is may be known later."""
        self.sessions.setdefault(session, None)

    def bind(self, session: str, connection: TappedConnection) -> None:
        """The WebSocket on ``connection`` carries this Engine.IO session from now on."""
        self.begin_session(session)
        connection.session, connection.transport = session, "websocket"
        self.give(connection, self.sessions[session] or connection.seat)
        self.bound[session] = connection
        self.place(connection)

    def claim_session(self, session: str, seat: str) -> None:
        """This session is that seat's: its records and counts so far, and all that follow.

        A session that has ended in the meantime is nobody's.
        """
        if session not in self.sessions:
            return
        old = self.sessions[session]
        self.sessions[session] = seat
        self._hold(seat)
        self._release(old)
        self._move(("session", session), seat)
        connection = self.bound.get(session)
        if connection is not None:
            self.give(connection, seat)
            self.place(connection)

    def seat_of(self, session: str) -> str | None:
        """The seat that claimed an Engine.IO session, or None."""
        return self.sessions.get(session)

    def end_session(self, session: str) -> None:
        """The Engine.IO session is over; forget whose it was."""
        seat = self.sessions.pop(session, None)
        connection = self.bound.pop(session, None)
        if connection is not None:  # its last words go to the seat, or to the connection
            connection.session = connection.ring = None
        self._move(("session", session), UNCLAIMED)
        self._release(seat)

    # What is kept

    def counts(self, seat: str) -> dict[str, Count]:
        """Label -> :class:`Count`, copies, at most 64 labels and "other"."""
        ring = self.rings.get(seat)
        if ring is None:
            return {}
        return {label: count.copy() for label, count in ring.counts.items()}

    def sums(self, seat: str) -> dict[str, Sums]:
        """Label -> :class:`Sums` of all that was counted for a seat; cheaper than its counts."""
        ring = self.rings.get(seat)
        return {label: count.sums() for label, count in ring.counts.items()} if ring else {}

    def restart(self, seat: str, labels: Iterable[str]) -> list[Count]:
        """Starts these labels of a seat from zero: the new counters, which go on counting."""
        counts, fresh = self.ring(seat).counts, []
        for label in labels:
            if label in counts:
                counts[label].stop()
            counts[label] = Count()
            fresh.append(counts[label])
        return fresh

    def records(
        self,
        seat: str | None = None,
        after: int = 0,
        connection: int | None = None,
        limit: int = 500,
    ) -> tuple[list[Record], int, int]:
        """Records numbered above ``after``: (they, where to go on, how many in between are lost).

        ``seat`` None means everybody's.
        """
        if seat is None:
            rings = list(self.rings.values())
        else:
            rings = [self.rings[seat]] if seat in self.rings else []
        found: list[Record] = []
        following = after
        for row in merge(*(ring.since(after) for ring in rings), key=itemgetter(0)):
            if connection is None or row[2] == connection:
                if len(found) == limit:
                    break
                found.append(record(row))
            following = row[0]
        return found, following, sum(ring.unseen(after) for ring in rings)

    def newest(self, session: str) -> int | None:
        """The number of the newest record of a live Engine.IO session, or None.

        Of one that polls it is a request that names the session; on a WebSocket no heartbeat,
        which says nothing of what the program does.
        """
        connection = self.bound.get(session)
        if connection is not None:
            return self.newest_on(connection, lambda what: not is_heartbeat(what.data))
        ring = self.rings.get(self.sessions.get(session) or ("session", session))
        named = f"sid={session}".encode()
        if ring is None:
            return None
        return ring.newest(lambda _, what: what.kind == "http" and named in what.data)

    def newest_on(
        self, connection: TappedConnection, wanted: Callable[[Captured], bool] = lambda _: True
    ) -> int | None:
        """The number of the newest such record of a connection, or None."""
        key = connection.seat or ("connection", connection.id)
        ring = connection.ring or self.rings.get(key)
        if ring is None:
            return None
        return ring.newest(lambda number, what: number == connection.id and wanted(what))

    def before_last(self, seat: str, count: int) -> int:
        """The number after which a seat has only its ``count`` newest records; 0 if fewer."""
        ring = self.rings.get(seat)
        numbers = [row[0] for row in ring.since(0)] if ring else []
        return numbers[-count - 1] if len(numbers) > count else 0

    def joined(self, seat: str) -> int:
        """How often older records came in between those of a seat, by a claim that was late."""
        ring = self.rings.get(seat)
        return ring.joined if ring else 0

    def forget(self, seat: str) -> None:
        """Drops all records and counts of a seat."""
        ring = self.rings.get(seat)
        if ring is not None:
            self.held -= ring.held
            ring.clear()  # in its place: its connections go on writing into it
            if seat in self._idle:
                del self._idle[seat], self.rings[seat]

    def forget_all(self) -> int:
        """Drops all records of everybody; returns how many."""
        dropped = sum(ring.rows for ring in self.rings.values())
        for key, ring in list(self.rings.items()):
            self.held -= ring.held
            ring.clear()
            if isinstance(key, str) and key in self._idle:
                del self._idle[key], self.rings[key]
        return dropped

    def stats(self) -> dict[str, int]:
        """Figures for the health page: what is open now, what is held, what was dropped."""
        return {
            "connections": len(self.connections),
            "sessions": len(self.sessions),
            "rings": len(self.rings),
            "records": sum(ring.rows for ring in self.rings.values()),
            "bytes": self.held,
            "dropped": self.dropped,
        }

    def budget(self) -> dict[str, int]:
        """``{bytes, most, dropped}`` of all rings together; dropped: records."""
        return {"bytes": self.held, "most": self.bytes_total, "dropped": self.dropped}

    # For connections and exchanges

    def label(self, path: str) -> str:
        """The label that an HTTP exchange is counted under."""
        if path.startswith(ENGINEIO_PATH):
            return "static" if path.endswith(".js") else ENGINEIO_PATH
        if path.startswith(self.static):
            return "static"
        return path if path in self.paths else "page"

    def ring(self, key: Key) -> Ring:
        """The ring under a key, made when it is new."""
        ring = self.rings.get(key)
        if ring is None:
            ring = self.rings[key] = Ring(self.full)
        if isinstance(key, str) and key != UNCLAIMED and key not in self._users:
            self._rest(key)
        return ring

    def crossed(
        self,
        up: bool,
        connections: Iterable[TappedConnection],
        captured: Sequence[Captured],
        at: float | None = None,
    ) -> None:
        """Frames, one or more, that crossed each of these connections in one go.

        They are as :meth:`Redactor.frames` made them. Closed connections are passed over.
        """
        counted, rows = tally(captured), len(captured)
        size = sum([what.size for what in captured])
        held, n, kept = sum([what.held for what in captured]), self.n + 1, 0
        if at is None:
            at = self.now()
        for connection in connections:
            if connection.closed:
                continue
            ring = connection.ring or self.place(connection)
            counts = ring.counts
            for label, frames, sizes in counted:
                counter = counts.get(label) or ring.count(label)
                if up:
                    counter.frames_up += frames
                    counter.bytes_up += sizes
                else:
                    counter.frames_down += frames
                    counter.bytes_down += sizes
                if connection not in counter.open:
                    counter.saw(connection)
            if up:
                place = ~connection.up
                connection.up += size
            else:
                place = connection.down
                connection.down = place + size
            if self.recording:
                ring.add(n, at, connection.id, place, captured, held)
                n += rows
                kept += held
                if ring.rows > self.rows_per_seat or ring.held > self.bytes_per_seat:
                    self._trim(ring, self.rows_per_seat, self.bytes_per_seat)
        self.n = n - 1
        self.held += kept
        if self.held > self.bytes_total:
            self._fit()

    def keep(self, ring: Ring, at: float, connection: int, place: int, what: Captured) -> None:
        """Keeps half an exchange in a ring, and the ring within its bounds."""
        held = what.held
        self.n += 1
        self.held += held
        ring.add(self.n, at, connection, place, (what,), held)
        self._trim(ring, self.rows_per_seat, self.bytes_per_seat)
        if self.held > self.bytes_total:
            self._fit()

    def place(self, connection: TappedConnection) -> Ring:
        """Points a WebSocket's connection at the ring that its frames go to."""
        session, seat = connection.session, connection.seat
        key: Key
        if seat is not None:
            key = seat
            if session is not None:
                self._move(("session", session), key)
        elif session is not None:
            key = ("session", session)
        else:
            key = ("connection", connection.id)
        if key != ("connection", connection.id):  # what crossed before its owner was known
            self._move(("connection", connection.id), key)
        ring = connection.ring = self.ring(key)
        return ring

    def _fit(self) -> None:
        """Brings all together back within their bound."""
        while self.held > self.bytes_total and self._idle:
            self._evict()
        if self.held > self.bytes_total:
            # The largest pays, half of what it has: rare, so the search for it is cheap.
            largest = max(self.rings.values(), key=lambda ring: ring.held)
            self._trim(largest, self.rows_per_seat, largest.held // 2)

    def _trim(self, ring: Ring, rows: int, size: int) -> None:
        held, dropped = ring.held, ring.dropped
        ring.trim(rows, size)
        self.held += ring.held - held
        self.dropped += ring.dropped - dropped

    def _move(self, old: Key, new: Key) -> None:
        ring = self.rings.pop(old, None)
        if ring is not None:
            target = self.ring(new)
            target.absorb(ring)
            self._trim(target, self.rows_per_seat, self.bytes_per_seat)

    # Which rings may go

    def _hold(self, seat: str | None) -> None:
        if seat is not None:
            self._users[seat] += 1
            self._idle.pop(seat, None)

    def _release(self, seat: str | None) -> None:
        if seat is None:
            return
        self._users[seat] -= 1
        if not self._users[seat]:
            del self._users[seat]
            if seat in self.rings:
                self._rest(seat)

    def _rest(self, seat: str) -> None:
        """Nobody is there who uses this ring: it is the last of those that may go."""
        self._idle[seat] = None
        self._idle.move_to_end(seat)
        while len(self.rings) > self.most_rings and len(self._idle) > 1:
            self._evict()

    def _evict(self) -> None:
        seat, _ = self._idle.popitem(last=False)
        ring = self.rings.pop(seat)
        self.held -= ring.held
        self.dropped += ring.rows
        ring.clear()


class TappedConnection:
    """One TCP connection: its peer, its numbers, and whose it is."""

    __slots__ = (
        "tap",
        "id",
        "peer",
        "seat",
        "session",
        "transport",
        "closed",
        "up",
        "down",
        "ring",
        "counters",
    )

    def __init__(self, tap: Tap, number: int, peer: tuple[str, int]) -> None:
        self.tap = tap
        self.id = number
        self.peer = peer
        self.seat: str | None = None
        self.session: str | None = None
        self.transport = "http"
        self.closed = False
        self.up = self.down = 0  # bytes so far in each direction
        self.ring: Ring | None = None  # of its frames, once it is a WebSocket
        self.counters: set[Count] = set()  # that know of it

    def request(self, head: bytes, path: str, length: int = 0) -> Exchange:
        """An HTTP request whose head has arrived; ``length`` is what its body announces."""
        return Exchange(self, head, path, length)

    def frame(self, up: bool, raw: bytes, label: str, text: str | bytes) -> None:
        """One whole frame as it crossed, which is one whole message."""
        self.crossed(up, self.tap.redactor.frames([raw], label, text))

    def message(
        self, raws: Sequence[bytes], label: str, text: str | bytes, compressed: bool = False
    ) -> None:
        """The frames of one whole message from the client, in the order they crossed."""
        self.crossed(True, self.tap.redactor.frames(raws, label, text, compressed))

    def unfinished(self, raws: Iterable[bytes]) -> None:
        """Frames, or pieces of one, that never became a message: shown without their payload."""
        captured = [erased(raw, "unfinished") for raw in raws if raw]
        if captured:
            self.crossed(True, captured)

    def crossed(self, up: bool, captured: Sequence[Captured]) -> None:
        """Frames that crossed in one go, as :meth:`Redactor.frames` made them."""
        self.tap.crossed(up, (self,), captured)


class Exchange:
    """One HTTP request and its response, as bytes that crossed."""

    def __init__(self, connection: TappedConnection, head: bytes, path: str, length: int) -> None:
        self.connection = connection
        self.label = connection.tap.label(path)
        self.seat: str | None = None
        self.session: str | None = None
        self.length = length
        self.hidden = self.empty = self.filed = self.ended = False
        self.counter: Count | None = None  # that the request was counted in
        self.counted = 0  # bytes of the request that are counted
        self.up = _Parts(connection.up, self.label != "static")
        self.down = _Parts(connection.down, self.label != "static")
        self.head = len(head)
        self.up.add(head)
        connection.up += len(head)

    def claim(self, seat: str) -> None:
        """Counts and files this exchange for a seat; a WebSocket on the connection follows it."""
        self.seat = seat
        if not self.connection.closed:
            self.connection.tap.give(self.connection, seat)
        if not self.length:
            self._file_request()

    def belong(self, session: str) -> None:
        """This exchange carries a live Engine.IO session, whoever that is."""
        self.session = session
        self.connection.tap.begin_session(session)

    def crossed(self) -> bytes:
        """The request's bytes, secrets and all, as far as they are kept: to be read, not shown."""
        return self.up.join()

    def mark_empty(self) -> None:
        """The answer brought no news: counted as empty."""
        self.empty = True

    def skip(self) -> None:
        """Leaves no record and no count (who shows the records must not make new ones).

        Said before :meth:`claim`, for a claim files the request.
        """
        self.hidden = True

    def body(self, data: bytes) -> None:
        """Bytes of the request's body, as the application read them."""
        self.up.add(data)
        self.connection.up += len(data)
        if self.up.size >= self.head + self.length:
            self._file_request()

    def respond(self, data: bytes, interim: bool = False) -> None:
        """Bytes of the response, status line and chunk framing included.

        ``interim``: it is "100 Continue", and the request's body is still to come.
        """
        if not interim:
            self._file_request()
        self.down.add(data)
        self.connection.down += len(data)

    def end(self) -> None:
        """The response is out: count it, file it."""
        if self.ended:
            return
        self.ended = True
        self._file_request()
        if self.counter is not None:
            counter = self.counter.latest()
            counter.empty += self.empty
            counter.bytes_up += self.up.size - self.counted
            counter.bytes_down += self.down.size
            self._file(self._ring(), False, self.down)

    def _file_request(self) -> None:
        """Files the request and counts it: one that is held has crossed, answered or not."""
        if self.filed:
            return
        self.filed = True
        if not self.hidden:
            ring = self._ring()
            self.counter = counter = ring.count(self.label)
            self.counted = self.up.size
            counter.requests += 1
            counter.bytes_up += self.counted
            if not self.connection.closed:
                counter.saw(self.connection)
            self._file(ring, True, self.up)

    def _file(self, ring: Ring, up: bool, parts: _Parts) -> None:
        tap, connection = self.connection.tap, self.connection
        if tap.recording and parts.keep and parts.size:
            what = tap.redactor.http(parts.join(), self.label, parts.size)
            place = ~parts.offset if up else parts.offset
            tap.keep(ring, tap.now(), connection.id, place, what)

    def _ring(self) -> Ring:
        tap, session = self.connection.tap, self.session
        if self.seat is None and session is not None:
            # Kept, for the response may go out when the session is over and forgotten.
            self.seat = tap.seat_of(session)
        if self.seat is not None:
            return tap.ring(self.seat)
        if session is not None and session in tap.sessions:
            return tap.ring(("session", session))
        return tap.ring(UNCLAIMED if self.connection.closed else ("connection", self.connection.id))


class _Parts:
    """The bytes of one direction of an exchange: all counted, the first of them kept."""

    __slots__ = ("offset", "keep", "size", "kept", "parts")

    def __init__(self, offset: int, keep: bool) -> None:
        self.offset, self.keep = offset, keep
        self.size = self.kept = 0
        self.parts: list[bytes] = []

    def add(self, data: bytes) -> None:
        self.size += len(data)
        if self.keep and self.kept < KEEP:
            self.parts.append(bytes(data))
            self.kept += len(data)

    def join(self) -> bytes:
        return b"".join(self.parts)


def is_heartbeat(frame: bytes) -> bool:
    """Whether a whole frame holds Engine.IO's ping ``2`` and nothing else, or a client's ``3``."""
    if len(frame) == 7 and frame.startswith(MASKED_PONG):
        return frame[2] ^ frame[6] == ord("3")
    return frame == PING
