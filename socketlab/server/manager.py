"""python-socketio's list of who is in which room, which also counts what is sent to them."""

from __future__ import annotations

from typing import Any

import socketio

from .. import deliveries
from .questions import OpenQuestions


class RoomManager(socketio.Manager):
    """Charges each emit to the seat whose event is being handled. See deliveries.py."""

    questions: OpenQuestions

    def emit(
        self, event: str, data: Any, namespace: str, room: Any = None, to: Any = None, **more: Any
    ) -> None:
        if deliveries.somebody_pays():
            receivers = self.get_participants(namespace, to or room)
            deliveries.charge(sum(1 for _ in receivers))
        super().emit(event, data, namespace, room=room, to=to, **more)
        if more.get("callback") is not None:
            for sid, _ in self.get_participants(namespace, to or room):
                self.questions.asked(sid)
