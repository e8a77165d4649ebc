"""The server: listens, serves, and leaves in order.

Source: RFC 6455, section 7.4.1 (1001, going away).
"""

import gc
import signal

import gevent
from gevent import socket
from gevent.pool import Pool
from gevent.pywsgi import WSGIServer

from .handler import Complaints, Handler

try:
    import resource
except ImportError:  # Windows has no such limit to ask for
    resource = None

BACKLOG = 2048  # a class that arrives at once must not wait for a second try of its SYNs
SPARE_FILES = 64  # descriptors for files, the database and the accepting socket itself
GOODBYE_SECONDS = 0.5  # for requests that are under way
LAST_SECONDS = 0.1  # for greenlets that were told to stop


class Server:
    """Serves ``app`` on ``host`` and ``port`` (0: the system chooses; see :attr:`port`).

    Listens at once: raises OSError if the port is taken.
    """

    def __init__(self, app, socketio, tap, host, port, settings):
        self.app, self.context = app, socketio.server.context
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = WSGIServer.get_listener((host, port), backlog=BACKLOG, family=family)
        self.listener = Listener(
            listener,
            app.wsgi_app,
            spawn=Pool(_capacity(settings["SOCKETS"])),
            handler_class=Handler,
            log=None,
            # Without a name, gevent asks the DNS for one and waits for the answer.
            environ={"SERVER_NAME": host, "wsgi.multithread": True},
        )
        self.listener.tap, self.listener.settings = tap, settings
        self.port = listener.getsockname()[1]
        # Made here, so that a signal between listening and serving is not deadly; they act
        # once the loop runs.
        signals = (signal.SIGTERM, signal.SIGINT)
        self.watchers = [gevent.signal_handler(number, self.stop) for number in signals]

    def serve(self):
        """Blocks until SIGTERM, SIGINT or :meth:`stop`; then takes leave within 2 s."""
        # What was loaded by now stays: without it to look through, a collection takes 5 ms
        # instead of 40, which every client would feel.
        gc.collect()
        gc.freeze()
        try:
            self.listener.serve_forever(stop_timeout=LAST_SECONDS)
        finally:
            for watcher in self.watchers:
                watcher.cancel()

    def stop(self):
        """No new connections; those there are hear goodbye. Returns at once."""
        listener = self.listener
        if not listener.stopping:
            listener.stopping = True
            listener.stop_accepting()
            listener.socket.close()
            gevent.spawn(self._leave)

    def _leave(self):
        for session in list(self.context.eio.sockets.values()):
            session.leave()
        listener = self.listener
        for connection in [c for c in listener.open if not c.upgraded and c.idle]:
            connection.abort()
        listener.pool.join(timeout=GOODBYE_SECONDS)
        listener._stop_event.set()


class Listener(WSGIServer):
    """gevent's server, with what our handler asks of it."""

    tap = settings = None
    stopping = False

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.open = set()  # connections being served
        self.complain = Complaints()


def _capacity(sockets):
    """How many connections to serve at once: within the limit of open files, at all events.

    Beyond it, connections wait in the backlog; accepting them would fail, over and over.
    """
    if resource is None:
        return 3 * sockets
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return max(16, min(3 * sockets, files - SPARE_FILES))
