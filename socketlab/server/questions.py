"""Events of the server that a client is to acknowledge: not too many at once, not for ever.

python-socketio keeps a function for each, until the client answers or leaves. One that never
answers would collect them; so of one client only the youngest are kept, and each for a while.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import socketio

from .timers import TimerQueue

if TYPE_CHECKING:
    from .engine import EngineContext

Question = tuple[str, int]  # (sid, number): what a client was asked


class OpenQuestions:
    """What the clients of one server have still to answer."""

    def __init__(self, manager: socketio.Manager, context: EngineContext) -> None:
        self.manager, self.context = manager, context
        self.most: int = context.settings["CALLBACKS"]
        self.timers = TimerQueue(context.settings["CALLBACK_SECONDS"], self._overdue)

    def asked(self, sid: str) -> None:
        """A client was asked something just now; it may have to be its oldest question's end."""
        numbers = [n for n in self.manager.callbacks.get(sid, ()) if n]  # 0 is the library's own
        if not numbers:
            return
        self.timers.put((sid, max(numbers)))
        if len(numbers) > self.most:
            self._forget((sid, min(numbers)), "callbacks")

    def _overdue(self, question: Question) -> None:
        self._forget(question, "callback_seconds")

    def _forget(self, question: Question, limit: str) -> None:
        sid, number = question
        if self.manager.callbacks.get(sid, {}).pop(number, None) is not None:
            self.context.reached.note(limit)
