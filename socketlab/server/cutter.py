"""Cuts a seat off for a while: its connections break, and what it comes back with is refused.

    known at the handshake (cookie, ``?seat=``)   AdmissionMiddleware answers 503, Retry-After
    known at CONNECT (``auth.seat``)              the connection that brought it breaks again

So it is the same for a browser, a program in any language and a raw socket. Pages are served all
the while: what is cut are the lesson's sockets, and a page may be read without them. The pages from
which a class is led go on: a demo that cuts the teacher's seat must not take the class away.
Source: RFC 9110, sections 10.2.3 and 15.6.4.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from wsgiref.types import WSGIEnvironment

from flask_socketio import SocketIO
from gevent import sleep, spawn

from .admission import CLIENT, ENGINE
from .cuts import Cuts

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
