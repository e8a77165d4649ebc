"""Cuts a seat off for a while: its connections break, and what it comes back with is refused.

    known at the handshake (cookie, ``?seat=``)   AdmissionMiddleware answers 503, Retry-After
    known at CONNECT (``auth.seat``)              the connection that brought it breaks again

So it is the same for a browser, a program in any language and a raw socket. Pages are served all
the while: what is cut are the lesson's sockets, and a page may be read without them. The pages from
which a class is led go on: a demo that cuts the teacher's seat must not take the class away.

One connection alone may be broken as well, or swallowed by a *black hole*: then no byte crosses
and nobody is told, as when a cable is pulled far away. A hole is its own seat's, has an end, and
there are few of a seat at once; nothing is kept of what is sent into it.
Source: RFC 9110, sections 10.2.3 and 15.6.4.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from wsgiref.types import WSGIEnvironment

from flask_socketio import SocketIO
from gevent import sleep, spawn

from .admission import CLIENT, ENGINE
from .cuts import Cuts
from .holes import Holes

GRACE_SECONDS = 0.05  # for the last words, over polling too: then the connections break


class ConnectionCutter:
    """``now`` is the server clock in ms; ``tell(seat, until)`` is called just before a cut.

    ``spared()`` names the sessions that no cut breaks.
    """

    def __init__(
        self,
        socketio: SocketIO,
        now: Callable[[], float],
        tell: Callable[[str, float], object],
        spared: Callable[[], Collection[str]],
    ) -> None:
        self.server, self.now, self.tell, self.spared = socketio.server, now, tell, spared
        self.cuts = Cuts()
        self.holes = Holes(self.server.context.settings["HOLES_PER_SEAT"])

    def cut(self, seats: Iterable[str], seconds: float) -> float:
        """Break all connections of these seats; returns until when (ms) they stay away.

        Returns before it happens, so that the caller can still answer.
        """
        until = round(self.now() + (GRACE_SECONDS + seconds) * 1000, 1)
        spawn(self._cut, set(seats), until)
        return until

    def _cut(self, seats: set[str], until: float) -> None:
        for seat in seats:
            self.tell(seat, until)
        sleep(GRACE_SECONDS)
        for seat in seats:
            self.cuts.cut(seat, until, self.now())
        self._break(seats, self.spared())

    def cut_one(self, session_id: str) -> None:
        """Break one connection once its last words are out; its seat may come back at once.

        Returns before it happens.
        """
        spawn(self._cut_one, session_id)

    def _cut_one(self, session_id: str) -> None:
        sleep(GRACE_SECONDS)
        if (session := self.server.eio.sockets.get(session_id)) is not None:
            session.cut()

    def expel(self, seat: str) -> None:
        """Break all connections of a seat, once its last words are out. Nothing keeps it away here.

        Returns before it happens.
        """
        spawn(self._expel, seat)

    def _expel(self, seat: str) -> None:
        sleep(GRACE_SECONDS)
        self._break({seat})

    def _break(self, seats: set[str], spared: Collection[str] = ()) -> None:
        context = self.server.context
        all_here = [s for s in list(context.eio.sockets.values()) if s.sid not in spared]
        sessions = [s for s in all_here if context.owner(s)[0] in seats]
        for session in sessions:  # all connections first: a whole class is gone at once
            session.break_connections()
        for session in sessions:
            session.cut()
            sleep(0)

    # One connection, by its Engine.IO session

    def break_one(self, session: str, seconds: float) -> float:
        """Break the connection of one session; nothing keeps its client away.

        Returns the moment ``seconds`` from now, before it happens.
        """
        spawn(self._break_one, session)
        return round(self.now() + seconds * 1000, 1)

    def _break_one(self, session: str) -> None:
        sleep(GRACE_SECONDS)
        if (found := self.server.eio.sockets.get(session)) is not None:
            found.cut()

    def why_no_hole(self, session: str, seat: str) -> tuple[str, str] | None:
        """Why this session cannot be swallowed now: (sentence, limit). None if it can."""
        found = self.server.eio.sockets.get(session)
        if found is None or not found.can_be_swallowed():
            return "only a WebSocket that keeps up can be swallowed: this one polls, or waits", ""
        sentence = self.holes.why_not(session, seat)
        return None if sentence is None else (sentence, "holes_per_seat")

    def swallow(self, session: str, seat: str, seconds: float) -> float:
        """Swallow the connection of one session; returns until when (ms).

        Returns before it happens, so that the caller can still answer.
        """
        self.holes.opened(session, seat)
        spawn(self._swallow, session, seconds)
        return round(self.now() + (GRACE_SECONDS + seconds) * 1000, 1)

    def _swallow(self, session: str, seconds: float) -> None:
        try:
            sleep(GRACE_SECONDS)
            found = self.server.eio.sockets.get(session)
            if found is not None and found.swallow():
                sleep(seconds)
                found.surface()
        finally:
            self.holes.over(session)

    def goodbye(self, namespace: str, room: str, seconds: float) -> float:
        """Disconnect the members of a room, in order: a Socket.IO packet says so.

        Their connections stay, and nothing keeps them away. Returns the moment ``seconds`` from
        now, for who wants to come back by then.
        """
        members = [sid for sid, _ in self.server.manager.get_participants(namespace, room)]
        spawn(self._goodbye, namespace, members)
        return round(self.now() + seconds * 1000, 1)

    def _goodbye(self, namespace: str, members: list[str]) -> None:
        for sid in members:
            self.server.disconnect(sid, namespace)

    def refused(self, environ: WSGIEnvironment) -> float | None:
        """For AdmissionMiddleware: for how many seconds a request to the engine is cut off."""
        path, seat = environ["PATH_INFO"], environ["socketlab.seat"]
        if seat is None or not path.startswith(ENGINE) or path == CLIENT:
            return None
        return self.cuts.seconds_left(seat, self.now())

    def broke(self, seat: str, session: str) -> bool:
        """For a CONNECT that names a seat: breaks its connection while the seat is cut off."""
        cut_off = self.cuts.seconds_left(seat, self.now()) is not None
        if cut_off and (found := self.server.eio.sockets.get(session)) is not None:
            found.cut()
        return cut_off
