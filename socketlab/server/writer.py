"""What goes to WebSockets: one write per client and turn of the event loop, nobody waits.

A broadcast puts the same bytes into many writers. Each writer asks to be flushed; when the
running greenlet has nothing more to do, the scheduler makes one round, and every writer hands
all it has to the system in one send. What the system does not take is sent by a greenlet
of that writer's own: whole, in order, and with an end to patience.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gevent import get_hub, spawn, spawn_later

from .connection import LINGER_SECONDS, Connection

if TYPE_CHECKING:
    from .engine import EngineContext

BATCH = 64  # frames after which a writer does not wait for the flush scheduler


class FlushScheduler:
    """Visits the writers that called, once per turn of the event loop."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now  # the tap's clock
        self.calls: list[Writer] = []

    def call(self, writer: Writer) -> None:
        """Has ``writer.flush`` called soon."""
        if not self.calls:
            get_hub().loop.run_callback(self.round)
        self.calls.append(writer)

    def round(self) -> None:
        """Runs in the hub: must not block, must not raise."""
        calls, self.calls = self.calls, []
        for number, writer in enumerate(calls):
            if number % 16 == 0:
                at = self.now()
            writer.flush(at)


class Writer:
    """The outgoing side of one WebSocket: frames in, one stream of bytes out."""

    __slots__ = ("connection", "context", "waiting", "backlog", "called", "sending", "closing")

    def __init__(self, connection: Connection, context: EngineContext) -> None:
        self.connection, self.context = connection, context
        self.waiting: list[tuple[bytes, Any]] = []  # (bytes, what the tap keeps of them)
        self.backlog = 0  # bytes that wait here, those of a stalled send included
        self.called = self.sending = self.closing = False

    def post(self, data: bytes, captured: Any) -> None:
        """Queues a frame. Never blocks, never raises: it runs inside everybody's broadcast."""
        if self.closing:
            return
        self.waiting.append((data, captured))
        self.backlog += len(data)
        if self.sending:
            context = self.context
            context.output.grow(len(data))
            if len(self.waiting) > context.output_packets or self.backlog > context.output_bytes:
                context.fell_behind += 1
                self.abort()
        elif len(self.waiting) >= BATCH:
            self.flush()
        elif not self.called:
            self.called = True
            self.context.flushes.call(self)

    def flush(self, at: float | None = None) -> None:
        """Sends all that waits, as far as the system takes it now."""
        self.called = False
        if self.sending or not self.waiting:
            return
        data, captured = self._batch()
        try:
            sent = self.connection.try_send(data)
        except OSError:
            self.abort()
            return
        self.backlog -= sent
        if sent == len(data):
            self.connection.tapped.crossed(False, captured, at)
        else:
            self.sending = True
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
        self.waiting, self.backlog = [], 0
        self.connection.abort()

    def _batch(self) -> tuple[bytes, list[Any]]:
        waiting, self.waiting = self.waiting, []
        if len(waiting) == 1:
            return waiting[0][0], [waiting[0][1]]
        return b"".join([data for data, _ in waiting]), [captured for _, captured in waiting]

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
                connection.tapped.crossed(False, captured)
                if not self.waiting:
                    break
                (data, captured), sent = self._batch(), 0
        except OSError as error:  # gone, or stalled for too long
            if isinstance(error, TimeoutError):
                self.context.reached.note("stall_seconds")
            self.abort()
        self.sending = False
        if self.closing:
            connection.finish()
