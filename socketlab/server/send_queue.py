"""What waits for one client: the queue of an Engine.IO session, with an end.

While the client polls, packets wait here for its next request. Once it has a WebSocket, they
go straight to the driver. Too many packets or bytes end that client's session, and only that:
``put`` never raises and never blocks, because it runs inside everybody's broadcast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engineio.packet import Packet
from gevent import spawn
from gevent.event import Event
from gevent.queue import Empty

if TYPE_CHECKING:
    from .driver import Driver
    from .engine import EngineContext
    from .session import Session


class SendQueue:
    """The packets for one session; None among them says that it is closed."""

    __slots__ = ("context", "packets", "size", "arrived", "driver", "session", "room")

    def __init__(self, context: EngineContext) -> None:
        self.context = context
        self.session: Session | None = None  # once it is one of ours
        self.packets: list[Packet | None] = []  # short, and a deque begins with 700 bytes
        self.size = 0
        self.arrived: Event | None = None  # while a poll is held
        self.driver: Driver | None = None
        self.room: Event | None = None  # set when polls have taken enough for a post to go on

    def put(self, packet: Packet | None) -> None:
        """Sends a packet now, or keeps it for the next poll."""
        if self.driver is not None:
            if packet is None:
                self.driver.close()
            else:
                self.driver.send(message_of(packet))
            return
        if packet is not None:
            size = len(message_of(packet))
            full = len(self.packets) >= self.context.output_packets
            if full or self.size + size > self.context.output_bytes:
                if self.session is not None and not self.session.closing:
                    self.context.fell_behind += 1
                    spawn(self.session.end, "the client fell too far behind")
                return
            self.size += size
            self.context.output.grow(size)
        self.packets.append(packet)
        if self.arrived is not None:
            self.arrived.set()

    def get(self, block: bool = True, timeout: float | None = None) -> Packet | None:
        """The next packet; raises gevent.queue.Empty after ``timeout`` seconds."""
        if not self.packets and block:
            self.arrived = Event()
            self.arrived.wait(timeout)
            self.arrived = None
        if not self.packets:
            raise Empty
        packet = self.packets.pop(0)
        if packet is not None:
            size = min(self.size, len(message_of(packet)))  # 0 where all has been given up
            self.size -= size
            self.context.output.shrink(size)
        if self.room is not None and not self.half_full():
            self.room.set()
        return packet

    def half_full(self) -> bool:
        """Whether half of what may wait here does."""
        context = self.context
        return (
            2 * len(self.packets) > context.output_packets or 2 * self.size > context.output_bytes
        )

    def wait_for_room(self) -> bool:
        """Waits until polls have taken enough, or the session is over; False if they do not.

        Whoever puts events into one body cannot read their answers before it has been taken.
        """
        if not self.half_full():
            return True
        self.room = self.room or Event()
        self.room.clear()
        return bool(self.room.wait(self.context.stall_seconds))

    def give_up(self) -> None:
        """Nobody will ask for what waits here."""
        self.context.output.shrink(self.size)
        self.size = 0
        if self.room is not None:
            self.room.set()

    def attach(self, driver: Driver) -> None:
        """From now on packets go to this WebSocket, those that wait first."""
        self.driver = driver
        if driver.deflate is None and self.session is not None:
            self.context.writers[self.session.sid] = driver.writer
        self.give_up()
        packets, self.packets = self.packets, []
        for packet in packets:
            self.put(packet)

    def task_done(self) -> None:
        """Engine.IO reports each packet; nobody here waits for that."""

    def join(self) -> None:
        """Returns at once: whoever closes a session does not wait for a slow client."""


def message_of(packet: Packet) -> str | bytes:
    """What a packet is as a WebSocket message.

    A packet keeps its first encoding, and the same one may go to clients that poll: bytes are
    left to be encoded for those, in base64.
    """
    message: str | bytes = packet.data if packet.binary else packet.encode()
    return message
