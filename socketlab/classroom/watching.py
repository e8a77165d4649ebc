"""What the teacher's own pages, cockpit and wall, are told without asking: the watchers' room.

The shell around two pure cores, roster.py (who is here, and how) and lit.py (whose handlers ran),
and around the vote's progress. While somebody watches one task looks ten times a second what
there is to tell; what changes often is told twice a second.
"""

from typing import Any

from flask_socketio import SocketIO, join_room

from .refused import Refused
from .seated import OURS, SeatedNamespace, is_teacher, request

WATCHERS = OURS + "watchers"
TICK_SECONDS = 0.1
SLOW = 5  # ticks between two rosters, and between two words on a vote
MEASURE = 20  # ticks between two looks at all connections


def watching(socketio: SocketIO) -> set[str]:
    """The Engine.IO sessions of the pages that watch: cockpits and walls."""
    members = socketio.server.manager.get_participants("/class", WATCHERS)
    return {session for _, session in members}


class WatchedNamespace(SeatedNamespace):
    """Which can let watchers in and tell them."""

    _telling = False

    def watches(self) -> dict[str, Any]:
        """Let the socket whose event is being handled watch; it hears at once how things are.

        Hands back what stands in the answer: what the wall shows, how far a vote is.
        """
        if not is_teacher():
            raise Refused("only the teacher may watch the class")
        join_room(WATCHERS)
        self._measure()
        here, now = self.services, self.services.now()
        whole = self._roster(here.roster.whole(now), [], True)
        reviewed = "reviewed", {"counts": here.reviews.counts()}
        for event, told in [whole, reviewed, *here.classroom.lit.latest(now)]:
            self._tell(event, told, request.sid)
        if not self._telling:
            self._telling = True
            self.socketio.start_background_task(self._tell_on)
        shown = here.ledger.of_class("shown") or {"what": "map"}
        return {"shown": shown["what"], "vote_progress": self.vote_progress()}

    def tell_watchers(self, event: str, told: dict[str, Any]) -> None:
        self._tell(event, told, WATCHERS)

    def vote_progress(self) -> dict[str, Any] | None:
        """``{step, round, in, of}`` of the open vote, or None."""
        progress = self.services.classroom.progress()
        if progress is None:
            return None
        step, number, come = progress
        expected = max(come, self.services.roster.expected(self.services.now()))
        return {"step": step, "round": number, "in": come, "of": expected}

    def _tell_on(self) -> None:
        tick, progress, reviewed = 0, None, self.services.reviews.counts()
        try:
            while self.members(WATCHERS):
                self.socketio.sleep(TICK_SECONDS)
                tick += 1
                for event, told in self.services.classroom.lit.news(self.services.now()):
                    self._tell(event, told, WATCHERS)
                if tick % MEASURE == 0:
                    self._measure()
                if tick % SLOW == 0:
                    self._tell_roster()
                    before, progress = progress, self.vote_progress()
                    if progress is not None and progress != before:
                        self._tell("vote_progress", progress, WATCHERS)
                    known, reviewed = reviewed, self.services.reviews.counts()
                    if reviewed is not known:
                        self._tell("reviewed", {"counts": reviewed}, WATCHERS)
        finally:
            self._telling = False

    def _tell_roster(self) -> None:
        rows, gone = self.services.roster.news(self.services.now())
        if rows or gone:
            self._tell(*self._roster(rows, gone, False), WATCHERS)

    def _roster(self, rows: Any, gone: Any, whole: bool) -> tuple[str, dict[str, Any]]:
        rev, at = self.services.classroom.state()["rev"], round(self.services.now(), 1)
        told = {"rev": rev, "at": at, "seats": rows, "gone": gone, "whole": whole}
        return "roster", told

    def _tell(self, event: str, told: dict[str, Any], room: str) -> None:
        if event == "lit":
            trip = self.services.roster.round_trip(seat for seat, _ in told["seats"])
            told |= {"uncertain_ms": None if trip is None else round(trip / 2, 1)}
        self.socketio.emit(event, told, namespace=self.namespace, to=room)

    def _measure(self) -> None:
        roster = self.services.roster
        for seat, session in list(roster.connections()):
            roster.measured(seat, *self.services.line_of(session))
