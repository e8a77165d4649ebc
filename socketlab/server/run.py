"""The server: listens, serves, and leaves in order.

Source: RFC 6455, section 7.4.1 (1001, going away).
"""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable
from typing import Any

import gevent
from flask import Flask
from flask_socketio import SocketIO
from gevent import socket
from gevent.pool import Pool
from gevent.pywsgi import WSGIServer

from ..protocols.websocket import GOING_AWAY
from .connection_table import ACCEPTED_AT_ONCE, ConnectionTable
from .files import most_connections, most_sockets
from .handler import Handler
from .refusals import Refusals

BACKLOG = 2048  # a class that arrives at once must not wait for a second try of its SYNs
COLLECT_EVERY = 10_000  # new objects; with Python's 700, one for every few clients that arrive
GOODBYE_SECONDS = 0.5  # for requests that are under way
LAST_SECONDS = 0.1  # for greenlets that were told to stop


class Server:
    """Serves ``app`` on ``host`` and ``port`` (0: the system chooses; see :attr:`port`).

    Listens at once: raises OSError if the port is taken.
    """

    def __init__(
        self,
        app: Flask,
        socketio: SocketIO,
        tap: Any,
        host: str,
        port: int,
        settings: dict[str, Any],
    ) -> None:
        self.app, self.context = app, socketio.server.context
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = WSGIServer.get_listener((host, port), backlog=BACKLOG, family=family)
        self.listener = Listener(
            listener,
            app.wsgi_app,
            spawn=Pool(),  # of any size: the table below has the bound, and always an answer
            handler_class=Handler,
            log=None,
            # Without a name, gevent asks the DNS for one and waits for the answer.
            environ={"SERVER_NAME": host, "wsgi.multithread": True},
        )
        self.listener.tap, self.listener.settings = tap, settings
        self.listener.refusals = self.context.refusals
        self.listener.unread = lambda *told: self.context.unread(*told)
        self.listener.table = ConnectionTable(most_connections(most_sockets(settings["SOCKETS"])))
        self.listener.max_accept = ACCEPTED_AT_ONCE  # well below files.SPARE_FILES
        self.port = listener.getsockname()[1]
        # Made here, so that a signal between listening and serving is not deadly; they act
        # once the loop runs.
        signals = (signal.SIGTERM, signal.SIGINT)
        self.watchers = [gevent.signal_handler(number, self.stop) for number in signals]

    def serve(self) -> None:
        """Blocks until SIGTERM, SIGINT or :meth:`stop`; then takes leave within 2 s."""
        # What was loaded by now stays: without it to look through, a collection takes 5 ms
        # instead of 40, which every client would feel.
        gc.collect()
        gc.freeze()
        gc.set_threshold(COLLECT_EVERY, *gc.get_threshold()[1:])
        gevent.config.track_greenlet_tree = False  # 600 bytes for each, which nobody looks at
        try:
            self.listener.serve_forever(stop_timeout=LAST_SECONDS)
        finally:
            for watcher in self.watchers:
                watcher.cancel()

    def stop(self) -> None:
        """No new connections; those there are hear goodbye. Returns at once."""
        listener = self.listener
        if not listener.stopping:
            listener.stopping = True
            listener.stop_accepting()
            listener.socket.close()
            gevent.spawn(self._leave)

    def _leave(self) -> None:
        for session in list(self.context.eio.sockets.values()):
            session.say_goodbye()
        for websocket in list(self.context.bare):
            websocket.close(GOING_AWAY, "the server stops")
        listener = self.listener
        for connection in listener.table.idle():
            connection.abort()
        listener.pool.join(timeout=GOODBYE_SECONDS)
        listener.close()  # ends serve_forever


class Listener(WSGIServer):
    """gevent's server, with what our handler asks of it."""

    tap: Any
    settings: dict[str, Any]
    refusals: Refusals
    unread: Callable[[Any, bytes], object]
    table: ConnectionTable
    turned_away = 0  # newcomers that are being told that the server is full
    stopping = False

    def handle(self, sock: socket.socket, address: tuple[str, int]) -> None:
        """Serves a connection, unless it was reset while it waited to be accepted.

        That must cost next to nothing: while such ones fill the system's queue, whoever else
        connects is not even heard, and tries again a second later.
        """
        if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            sock.close()
        else:
            super().handle(sock, address)
