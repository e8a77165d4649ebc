"""Who is in the class, and how each is: rows for the teacher's pages, and their changes. Pure.

A seat is in from its first socket on. Its state is told from its sockets, and from what its page
says of itself; the first that holds:

    cut         the teacher, or the student, cut its wire, and the time is not up
    away        no socket of it is left: asleep, out of reach, or gone
    asleep      connected, and each of its pages says that nobody can see it
    stuck       its student said so
    done        the same
    connected   none of these

Seats that joined stay in as "away"; a visitor who looked in without taking a seat goes after a
minute. Beyond ``most`` seats those go that have been away for longest.

No clock and no socket: moments are passed in, in ms of the server clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..limits import Latest

MOST = 1500  # seats: more than may have a socket at once
TEACHERS = 100  # seats of the teacher's that are remembered
VISIT_MS = 60_000  # from the last socket of a seat that never joined, until it is left out
PAGES = "/class"  # where every page has one socket
SLOWER = 0.25  # a round trip is told again when it has changed by this share,
SLOWER_MS = 10  # and by this much: so that 300 steady connections are silence

Socket = tuple[str, str]  # (namespace, sid)


@dataclass(slots=True)
class Row:
    """One seat; ``sockets`` maps each of its sockets to the connection that carries it."""

    seat: str
    nick: str
    robot: bool
    sockets: dict[Socket, str] = field(default_factory=dict)
    joined: bool = False
    lesson: str | None = None
    step: str | None = None
    hidden: set[Socket] = field(default_factory=set)  # of its pages, by their socket of /class
    signal: str | None = None
    exercise: dict[str, Any] | None = None  # how far it is with the one that it tried last
    cut_until: float = 0.0
    away_since: float = 0.0
    transport: str | None = None
    ms: float | None = None

    def state(self, now: float) -> str:
        if self.cut_until > now:
            return "cut"
        if not self.sockets:
            return "away"
        pages = [socket for socket in self.sockets if socket[0] == PAGES]
        asleep = bool(pages) and self.hidden.issuperset(pages)
        return "asleep" if asleep else self.signal or "connected"

    def shown(self, now: float) -> dict[str, Any]:
        """The row as a teacher's page gets it."""
        line = {"transport": self.transport, "ms": self.ms} if self.sockets else {}
        place = {"lesson": self.lesson, "step": self.step}
        state: dict[str, Any] = {"state": self.state(now), "robot": self.robot}
        if self.cut_until > now:
            state["until"] = self.cut_until
        made = {"exercise": self.exercise} if self.exercise else {}
        return {"seat": self.seat, "nick": self.nick} | state | place | line | made


class Roster:
    """The seats of the class, at most ``most`` with those that are away."""

    def __init__(self, most: int = MOST):
        self._most = most
        self._rows: dict[str, Row] = {}
        # Seats of the teacher's own pages: never in.
        self._teachers: Latest[str, None] = Latest(TEACHERS)
        self._changed: set[str] = set()
        self._gone: set[str] = set()
        self._cut: set[str] = set()  # whose state changes by itself

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, seat: str) -> bool:
        return seat in self._rows

    # What happens

    def arrived(self, seat: str, nick: str, robot: bool, socket: Socket, session: str) -> None:
        """A socket of this seat was let in, on this connection."""
        if seat in self._teachers:
            return
        row = self._rows.get(seat)
        if row is None:
            row = self._rows[seat] = Row(seat, nick, robot)
            self._gone.discard(seat)
        row.sockets[socket], row.nick = session, nick
        self._changed.add(seat)
        self._make_room()

    def left(self, seat: str, socket: Socket, now: float) -> None:
        """One of its sockets is no more."""
        row = self._rows.get(seat)
        if row is None or row.sockets.pop(socket, None) is None:
            return
        self._changed.add(seat)
        row.hidden.discard(socket)
        if not row.sockets:
            row.away_since, row.transport, row.ms = now, None, None

    def is_teachers(self, seat: str) -> None:
        """A page with the teacher's cookie has this seat: it is no student's."""
        self._teachers[seat] = None
        self.remove(seat)

    def changed(self, seat: str, **fields: Any) -> None:
        """Something else is so from now on: nick, lesson, step, signal, joined."""
        row = self._rows.get(seat)
        if row is None:
            return
        for name, value in fields.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
                self._changed.add(seat)

    def looked(self, seat: str, socket: Socket, hidden: bool) -> None:
        """The page with this socket says whether it is hidden."""
        row = self._rows.get(seat)
        if row is not None and socket in row.sockets and hidden != (socket in row.hidden):
            (row.hidden.add if hidden else row.hidden.discard)(socket)
            self._changed.add(seat)

    def cut(self, seat: str, until: float) -> None:
        """Its wire is cut until then."""
        if seat in self._rows:
            self._rows[seat].cut_until = max(until, self._rows[seat].cut_until)
            self._cut.add(seat)
            self._changed.add(seat)

    def measured(self, seat: str, transport: str | None, ms: float | None) -> None:
        """How its connection is: told when it has changed by so much that it says something."""
        row = self._rows.get(seat)
        if row is None:
            return
        if transport != row.transport or _differ(ms, row.ms):
            row.transport, row.ms = transport, None if ms is None else round(ms)
            self._changed.add(seat)

    def remove(self, seat: str) -> None:
        """It is in the class no more."""
        if self._rows.pop(seat, None) is not None:
            self._gone.add(seat)
        self._changed.discard(seat)
        self._cut.discard(seat)

    def clear(self) -> None:
        """What the rows say of the past is forgotten, and who is away is in no more."""
        for row in list(self._rows.values()):
            if row.sockets:
                self.changed(row.seat, signal=None, step=None, exercise=None, cut_until=0.0)
            else:
                self.remove(row.seat)

    # What is asked

    def row(self, seat: str) -> Row | None:
        return self._rows.get(seat)

    def seats(self) -> list[str]:
        """All that are in, also those that are away, in the order in which they came."""
        return list(self._rows)

    def here(self) -> list[str]:
        """The seats that have a socket."""
        return [seat for seat, row in self._rows.items() if row.sockets]

    def expected(self, now: float) -> int:
        """From how many a vote may be waited for: who has a page, or comes back from a cut."""
        rows = self._rows.values()
        return sum(row.cut_until > now or any(s[0] == PAGES for s in row.sockets) for row in rows)

    def connections(self) -> Iterable[tuple[str, str]]:
        """For each seat with a socket ``(seat, the connection to measure)``: its page's."""
        for seat, row in self._rows.items():
            for (namespace, _), session in row.sockets.items():
                if namespace == PAGES:
                    yield seat, session
                    break
            else:
                if row.sockets:
                    yield seat, next(iter(row.sockets.values()))

    def round_trip(self, seats: Iterable[str]) -> float | None:
        """The longest known round trip of these seats in ms, or None."""
        known = [self._rows[seat].ms for seat in seats if seat in self._rows]
        return max((ms for ms in known if ms is not None), default=None)

    def whole(self, now: float) -> list[dict[str, Any]]:
        """Every row, for somebody who has just begun to look."""
        return [row.shown(now) for row in self._rows.values()]

    def news(self, now: float) -> tuple[list[dict[str, Any]], list[str]]:
        """The rows that changed since the last call, and the seats that are in no more."""
        over = [s for s in self._cut if s not in self._rows or self._rows[s].cut_until <= now]
        self._cut.difference_update(over)
        self._changed.update(over)
        self._leave_out_visitors(now)
        changed = [self._rows[seat].shown(now) for seat in self._changed if seat in self._rows]
        gone = sorted(self._gone)
        self._changed.clear()
        self._gone.clear()
        return changed, gone

    def _leave_out_visitors(self, now: float) -> None:
        visits = [
            seat
            for seat, row in self._rows.items()
            if not row.sockets and not row.joined and now - row.away_since > VISIT_MS
        ]
        for seat in visits:
            self.remove(seat)

    def _make_room(self) -> None:
        if len(self._rows) > self._most:
            away = [row for row in self._rows.values() if not row.sockets]
            if away:
                self.remove(min(away, key=lambda row: row.away_since).seat)


def _differ(ms: float | None, before: float | None) -> bool:
    if ms is None or before is None:
        return ms is not before
    return abs(ms - before) > max(SLOWER_MS, SLOWER * before)
