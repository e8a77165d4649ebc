"""python-socketio's list of who is in which room, with a short way from an event to its receivers.

What is emitted is encoded and framed once, and handed to the writers of all who have a
WebSocket. Who polls gets it through Engine.IO, the way of every packet with the library's own
manager. Receivers, order and what is encoded are the library's; only the way is shorter.

A manager for several processes, as the library has for Redis, takes the place of this one, or
comes before it in a class that inherits from both: what it hears is then emitted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import socketio
from engineio import packet as engine
from socketio import packet as socketio_packet

from .. import deliveries
from .questions import OpenQuestions
from .seams import send_packet
from .send_queue import message_of


class RoomManager(socketio.Manager):
    """Charges each emit to the seat whose event is being handled. See deliveries.py."""

    questions: OpenQuestions

    def get_participants(self, namespace: str, room: Any) -> Iterator[tuple[str, str]]:
        """``(sid, session)`` of each member of a room or of several; None: of the namespace.

        To the library a client is in the namespace while its connect handler still decides. Here
        what goes to the whole namespace goes to those who were let in.
        """
        members: Iterator[tuple[str, str]] = super().get_participants(namespace, room)
        if room is not None:
            return members
        return (one for one in members if not self.is_pre_connected(one[0], namespace))

    def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: Any = None,
        skip_sid: Any = None,
        callback: Any = None,
        to: Any = None,
        **more: Any,
    ) -> None:
        """Sends an event to a room, to several, to one client, or to all of the namespace.

        As in the library: a tuple is several values, None is no value, and ``skip_sid`` is one
        id or a list of them. Raises TypeError or ValueError for what is no JSON.
        """
        if namespace not in self.get_namespaces():
            return  # nobody is there
        room = to or room
        members = dict(self.get_participants(namespace, room))
        for sid in skip_sid if isinstance(skip_sid, list) else [skip_sid]:
            members.pop(sid, None)
        if callback:  # each receiver gets an ack id of its own
            deliveries.charge(len(members))
            deliveries.note(namespace, members)
            super().emit(event, data, namespace, room, skip_sid, callback, **more)
            for sid in members:
                self.questions.asked(sid)
            return
        values = list(data) if isinstance(data, tuple) else [] if data is None else [data]
        packet = self.server.packet_class(
            socketio_packet.EVENT, namespace=namespace, data=[event, *values]
        )
        messages = packet.encode()
        deliveries.charge(len(members))
        deliveries.note(namespace, members)
        self.send_to(members.values(), messages)

    def send_to(self, receivers: Iterable[str], messages: list[str | bytes]) -> None:
        """Sends the messages of one packet to each of these Engine.IO sessions, by their ids."""
        context = self.server.context
        writers = list(map(context.writers.get, receivers))
        others = [sid for sid, writer in zip(receivers, writers, strict=True) if writer is None]
        if others:
            writers = [writer for writer in writers if writer is not None]
        for message in messages:
            packet = engine.Packet(engine.MESSAGE, message)
            if writers:
                context.flushes.post(writers, context.framed(message_of(packet)))
            for sid in others:
                send_packet(self.server, sid, packet)
