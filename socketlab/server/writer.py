"""What goes to WebSockets: one write per client and turn of the event loop, nobody waits.

A broadcast puts the same frame into many writers. When the running greenlet has nothing more to
do, the scheduler makes one round, and all that waits for a client goes to the system in one
send. What the system does not take is sent by a greenlet of that writer's own: whole, in order,
and with an end to patience.

What waits for a writer is a tuple, and writers that wait for the same share it: it is joined
once, and handed to the tap once, for all of them. So a receiver of a broadcast costs a pointer
here, the system's send, and a step in the tap.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gevent import get_hub, spawn, spawn_later

from .connection import LINGER_SECONDS, Connection
from .seams import sender

if TYPE_CHECKING:
    from .engine import EngineContext

BATCH = 64  # frames after which a writer does not wait for the flush scheduler
TOGETHER = 16  # sends that have the same time in the tap

Frame = tuple[bytes, Any]  # (its bytes, what the tap keeps of them)
Frames = tuple[Frame, ...]  # in the order in which they go out


class FlushScheduler:
    """Sends what waits in the writers, once per turn of the event loop."""

    def __init__(self, tap: Any) -> None:
        self.tap = tap
        self.calls: list[Writer] = []  # in which something waits, or did

    def call(self, writer: Writer) -> None:
        """Has what waits there sent soon."""
        if not self.calls:
            get_hub().loop.run_callback(self.round)
        self.calls.append(writer)

    def post(self, writers: Iterable[Writer], frame: Frame) -> None:
        """Queues a frame in each of these writers, as :meth:`Writer.post` does in one."""
        before: Frames | None = None
        after: Frames = ()
        calls = self.calls
        if not calls:
            get_hub().loop.run_callback(self.round)
        for writer in writers:
            waiting = writer.waiting
            if writer.sending or writer.closing or len(waiting) >= BATCH - 1:
                writer.post(*frame)
                continue
            if waiting is not before:  # few wait for something else than the one before them
                before, after = waiting, (*waiting, frame)
            if not waiting:
                calls.append(writer)
            writer.waiting = after

    def round(self) -> None:
        """Runs in the hub: must not block, must not raise."""
        calls, self.calls = self.calls, []
        self.flush(calls)

    def flush(self, writers: Iterable[Writer]) -> None:
        """Sends what waits in these, as far as the system takes it now."""
        frames: Frames = ()
        crossed: list[Any] = []
        steps = []  # for the tap: (connections, what crossed each of them, when)
        for writer in writers:
            waiting = writer.waiting
            if writer.sending or not waiting:
                continue
            if waiting is not frames:
                frames, (data, captured) = waiting, joined(waiting)
                crossed = []
            if not crossed or len(crossed) == TOGETHER:
                crossed = []
                steps.append((crossed, captured, self.tap.now()))
            writer.waiting = ()
            try:
                sent = writer.send(data)
            except BlockingIOError:
                sent = 0
            except OSError:
                writer.abort()
                continue
            if sent == len(data):
                crossed.append(writer.tapped)
            else:
                writer.stalled(data, sent, captured)
        for step in steps:  # now that nobody waits for it
            self.tap.crossed(False, *step)


class Writer:
    """The outgoing side of one WebSocket: frames in, one stream of bytes out."""

    __slots__ = (
        "connection",
        "tapped",
        "context",
        "send",
        "waiting",
        "backlog",
        "sending",
        "closing",
    )

    def __init__(self, connection: Connection, context: EngineContext) -> None:
        self.connection, self.context = connection, context
        self.tapped, self.send = connection.tapped, sender(connection.sock)
        self.waiting: Frames = ()
        self.backlog = 0  # bytes behind a stalled send, its own included
        self.sending = self.closing = False

    def post(self, data: bytes, captured: Any) -> None:
        """Queues a frame. Never blocks, never raises: it runs inside everybody's broadcast."""
        if self.closing:
            return
        if not self.waiting and not self.sending:
            self.context.flushes.call(self)
        self.waiting += ((data, captured),)
        if self.sending:
            context = self.context
            self.backlog += len(data)
            context.output.grow(len(data))
            if len(self.waiting) > context.output_packets or self.backlog > context.output_bytes:
                context.fell_behind += 1
                self.abort()
        elif len(self.waiting) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Sends all that waits, as far as the system takes it now."""
        self.context.flushes.flush((self,))

    def stalled(self, data: bytes, sent: int, captured: list[Any]) -> None:
        """The system took only ``sent`` bytes of this: the rest follows as the client reads."""
        self.sending, self.backlog = True, len(data) - sent
        self.context.output.grow(self.backlog)
        spawn(self._send_rest, data, sent, captured)

    def close(self) -> None:
        """No more frames; those that wait still go, if the client takes them soon."""
        if not self.closing:
            self.flush()
            self.closing = True
            if self.sending:
                spawn_later(LINGER_SECONDS, self.connection.abort)
            else:
                self.connection.finish()

    def abort(self) -> None:
        """Gives the client up; its reader wakes and ends the session."""
        self.closing = True
        if self.sending:
            self.context.output.shrink(self.backlog)
        self.waiting, self.backlog = (), 0
        self.connection.abort()

    def _send_rest(self, data: bytes, sent: int, captured: list[Any]) -> None:
        connection, patience = self.connection, self.context.stall_seconds
        try:
            while True:
                view = memoryview(data)
                while sent < len(data):
                    done = connection.send(view[sent:], patience)
                    sent += done
                    done = min(done, self.backlog)  # 0 where it has been given up meanwhile
                    self.backlog -= done
                    self.context.output.shrink(done)
                self.tapped.crossed(False, captured)
                if not self.waiting:
                    break
                (data, captured), sent, self.waiting = joined(self.waiting), 0, ()
        except OSError as error:  # gone, or stalled for too long
            if isinstance(error, TimeoutError):
                self.context.reached.note("stall_seconds")
            self.abort()
        self.sending = False
        if self.closing:
            connection.finish()


def joined(frames: Frames) -> tuple[bytes, list[Any]]:
    """(the bytes of all, what the tap keeps of each)."""
    if len(frames) == 1:
        return frames[0][0], [frames[0][1]]
    return b"".join([data for data, _ in frames]), [captured for _, captured in frames]
