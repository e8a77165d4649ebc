"""What waits for one client: the queue in Engine.IO's driver table, with an end.

While the client polls, packets wait here for its next request. Once it has a WebSocket, they
go straight to the driver. Too many packets or bytes end that client's session, and only that:
``put`` never raises and never blocks, because it runs inside everybody's broadcast.
"""

from collections import deque

from gevent import spawn
from gevent.event import Event
from gevent.queue import Empty


class SendQueue:
    """The packets for one session; None among them says that it is closed."""

    __slots__ = ("context", "packets", "size", "arrived", "driver", "session")

    def __init__(self, context):
        self.context = context
        self.packets, self.size = deque(), 0
        self.arrived = None  # an Event while a poll is held
        self.driver = self.session = None

    def put(self, packet):
        """Sends a packet now, or keeps it for the next poll."""
        if self.driver is not None:
            if packet is None:
                self.driver.close()
            else:
                self.driver.send(packet.encode())
            return
        if packet is not None:
            size = len(packet.encode())
            full = len(self.packets) >= self.context.output_packets
            if full or self.size + size > self.context.output_bytes:
                if self.session is not None and not self.session.closing:
                    self.context.fell_behind += 1
                    spawn(self.session.end, "the client fell too far behind")
                return
            self.size += size
        self.packets.append(packet)
        if self.arrived is not None:
            self.arrived.set()

    def get(self, block=True, timeout=None):
        """The next packet; raises gevent.queue.Empty after ``timeout`` seconds."""
        if not self.packets and block:
            self.arrived = Event()
            self.arrived.wait(timeout)
            self.arrived = None
        if not self.packets:
            raise Empty
        packet = self.packets.popleft()
        if packet is not None:
            self.size -= len(packet.encode())
        return packet

    def attach(self, driver):
        """From now on packets go to this WebSocket, those that wait first."""
        self.driver = driver
        packets, self.packets = self.packets, deque()
        for packet in packets:
            self.put(packet)

    def task_done(self):
        """Engine.IO reports each packet; nobody here waits for that."""

    def join(self):
        """Returns at once: whoever closes a session does not wait for a slow client."""
