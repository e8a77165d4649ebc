"""gevent's request handler, with our own reading: strict heads, deadlines, and the tap.

Reads a head with our reader, so that its bytes are known as they crossed; leaves the response
to gevent, and shows the tap each piece of it. A WebSocket takes the connection over: after the
101 no HTTP text is written, whatever happens.
Source: RFC 9112, sections 3, 6 and 9.
"""

from __future__ import annotations

import logging
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from wsgiref.types import WSGIEnvironment

from gevent import GreenletExit
from gevent.pywsgi import WSGIHandler

from ..protocols import request_head as head
from .connection import Connection, Successor, TooLong
from .seams import RequestBody

if TYPE_CHECKING:
    from gevent.socket import socket

    from .run import Listener

Headers = list[tuple[str, str]]

log = logging.getLogger("socketlab.server")

MOST_TURNED_AWAY = 16  # newcomers to a full server that get a moment to read why
FULL = head.BadHead("503 Service Unavailable", "The server is full: try again in a moment.")


class ResponseSocket:
    """The socket as gevent's handler sees it: what is written here is a response."""

    __slots__ = ("sendall", "close")

    def __init__(self, handler: Handler, sock: socket) -> None:
        self.sendall = handler.send_response
        self.close = sock.close


class Handler(WSGIHandler):
    """Serves one TCP connection: request after request, perhaps a WebSocket at the end."""

    def __init__(self, sock: socket, address: tuple[str, int], server: Listener) -> None:
        self.connection = Connection(sock, server.tap.open(address), server.table, address[0])
        self.settings = server.settings
        self.parts: list[bytes] | None = None  # of a response, until they go out in one write
        self.exchange: Any = None
        self.fresh = True  # nothing has come from the client so far
        reader = self.connection.reader
        super().__init__(ResponseSocket(self, sock), address, server, rfile=reader)

    def handle(self) -> None:
        server, connection = self.server, self.connection
        try:
            if server.table.add(connection):
                super().handle()
            else:
                self.turn_away()
        except OSError:
            pass  # the client is gone
        finally:
            if connection.successor is None:
                leave(server, connection)

    def turn_away(self) -> None:
        """No place is left, not even that of a connection that waits."""
        note = f"{FULL} ({self.client_address[0]})"
        self.server.refusals.note("connection", note, "connections")
        self.connection.try_send(answer_to(FULL))
        if self.server.turned_away < MOST_TURNED_AWAY:
            self.server.turned_away += 1
            try:
                self.connection.linger()
            finally:
                self.server.turned_away -= 1

    def handle_one_request(self) -> bool | None:
        reader, settings, connection = self.rfile, self.settings, self.connection
        reader.within(settings["FIRST_BYTE_SECONDS" if self.fresh else "IDLE_SECONDS"])
        self.fresh = False
        self.server.table.wait(connection)
        if self.server.stopping or not reader.wait_for_byte():
            return None
        try:
            request = self.read_head(settings)
        except head.BadHead as error:
            self.refuse(error)
            return None
        except OSError:
            return None
        self.server.table.asks(connection)
        self.requestline = f"{request.method} {request.target} {request.version}"
        self.command, self.path = request.method, request.target
        self.request_version = request.version
        self.fields, self.content_length = request.fields, request.length
        self.close_connection = request.close or self.server.stopping
        reader.within(settings["BODY_SECONDS"] if request.length else None)
        self.environ = self.get_environ()
        self.application = self.server.application
        self.handle_one_response()
        if connection.successor is not None:
            connection.move()
            self.server.pool.spawn(go_on, self.server, connection, *connection.successor)
            return None
        self.note_body()
        self.exchange.end()
        if self.close_connection or self.wsgi_input.unread():
            self.server.table.wait(connection)  # whoever needs its place need not wait for that
            connection.linger()
            return None
        return True

    def read_head(self, settings: dict[str, Any]) -> head.Head:
        """The request's head, within its limits of bytes, fields and time; raises BadHead."""
        reader, tapped = self.rfile, self.connection.tapped
        self.exchange = None
        reader.within(settings["HEADER_SECONDS"])
        try:
            reader.read_until((b"\r\n\r\n", b"\n\n"), settings["HEADER_BYTES"])
        except TooLong:
            size = settings["HEADER_BYTES"]
            raise head.BadHead(
                "431 Request Header Fields Too Large", f"At most {size} bytes.", "header_bytes"
            ) from None
        except TimeoutError:
            sentence = "The request did not come whole."
            raise head.BadHead("408 Request Timeout", sentence, "header_seconds") from None
        data = reader.take()
        try:
            request = head.read(data, settings["HEADER_FIELDS"])
        except head.BadHead:
            self.exchange = tapped.request(data, "")
            raise
        path = request.target.partition("?")[0]
        self.exchange = tapped.request(data, path, request.length)
        return request

    def refuse(self, error: head.BadHead) -> None:
        """Answers a head that cannot be served, and hangs up."""
        note = f"{error} ({self.client_address[0]})"
        self.server.refusals.note(f"HTTP {error.status[:3]}", note, error.limit)
        if self.exchange is None:
            self.rfile.hand_out()  # as much of it as came
            self.exchange = self.connection.tapped.request(self.rfile.take(), "")
        self.server.unread(self.exchange, self.exchange.crossed())
        self.send_response(answer_to(error))
        self.exchange.end()
        self.connection.linger()

    def get_environ(self) -> dict[str, Any]:
        env: dict[str, Any] = self.server.get_environ()
        path, _, query = self.path.partition("?")
        env["REQUEST_METHOD"] = self.command
        env["PATH_INFO"] = unquote(path, encoding="latin-1")
        env["QUERY_STRING"] = query
        env["SERVER_PROTOCOL"] = self.request_version
        env["REMOTE_ADDR"], env["REMOTE_PORT"] = self.client_address[0], str(self.client_address[1])
        for name, value in self.fields.items():
            if name == "content-type":
                env["CONTENT_TYPE"] = value
            elif name == "content-length":
                env["CONTENT_LENGTH"] = value
            elif "_" not in name:  # "x_y" would pass for "x-y"
                env["HTTP_" + name.upper().replace("-", "_")] = value
        waits = self.fields.get("expect", "").lower() == "100-continue"
        self.wsgi_input = RequestBody(self.rfile, self.content_length, self if waits else None)
        env["wsgi.input"] = self.wsgi_input
        env["wsgi.input_terminated"] = True
        env["socketlab.exchange"] = self.exchange
        env["socketlab.connection"] = self.connection
        return env

    def start_response(self, status: str, headers: Headers, exc_info: Any = None) -> Any:
        """Says in the head of the response if no other request is read after this one.

        Source: RFC 9112, section 9.6.
        """
        if self.close_connection or self.wsgi_input.unread():
            self.close_connection = True
            headers = [(name, value) for name, value in headers if name.lower() != "connection"]
            headers.append(("Connection", "close"))
        return super().start_response(status, headers, exc_info)

    def note_body(self) -> None:
        """Shows the tap what was read of the body."""
        if not self.connection.upgraded and (data := self.rfile.take()):
            self.exchange.body(data)

    def sendall(self, data: bytes) -> None:
        """For ``100 Continue``, which gevent writes past the response."""
        self.connection.sock.sendall(data)
        self.exchange.respond(data, interim=True)

    def write(self, data: bytes) -> None:
        # Head and body in one write: one packet for a small answer instead of two.
        self.parts = []
        try:
            super().write(data)
        finally:
            whole, self.parts = b"".join(self.parts), None
        if whole:
            self.send_response(whole)

    def send_response(self, data: bytes) -> None:
        """A piece of the response, to the client and to the tap."""
        if self.parts is not None:
            self.parts.append(bytes(data))
        elif not self.connection.upgraded:
            self.note_body()
            self.connection.sock.settimeout(self.settings["STALL_SECONDS"])
            self.connection.sock.sendall(data)
            self.exchange.respond(data)

    def handle_error(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        self.close_connection = True
        if issubclass(kind, GreenletExit):
            return  # the server leaves, or the client did, before the answer was ready
        if issubclass(kind, OSError):
            # The client is gone, or too slow.
            self.server.refusals.note(
                "request", f"{kind.__name__}: {error} ({self.client_address[0]})"
            )
            return
        log.error("a request failed", exc_info=(kind, error, trace))
        if not self.connection.upgraded and not self.response_length:
            self.answer_500()

    def answer_500(self) -> None:
        """Tells the client that it is not at fault, without telling what is."""
        body = b"Internal Server Error"
        length = ("Content-Length", str(len(body)))
        try:
            self.start_response(
                "500 Internal Server Error",
                [("Content-Type", "text/plain"), ("Connection", "close"), length],
            )
            self.write(body)
        except OSError:
            pass  # nobody is there to be told

    def log_request(self) -> None:
        """No access log: the tap sees everything, and a log would hold query strings."""


def go_on(
    server: Listener, connection: Connection, successor: Successor, environ: WSGIEnvironment
) -> None:
    """Runs what has taken a connection over, in a greenlet of its own.

    The one of the request has been deep in the layers of Flask and Engine.IO. What they took of
    its stack, 10 KB, would stay as long as the WebSocket.
    """
    try:
        successor(environ)
    except OSError as error:  # the client is gone
        sentence = f"{type(error).__name__}: {error} ({connection.address})"
        server.refusals.note("request", sentence)
    except Exception:
        log.exception("a WebSocket failed")
    finally:
        leave(server, connection)


def leave(server: Listener, connection: Connection) -> None:
    """The connection is over."""
    connection.sock.close()
    server.table.remove(connection)
    server.tap.close(connection.tapped)


def answer_to(error: head.BadHead) -> bytes:
    """The response to a request that does not come to the application."""
    body = f"{error}\n".encode()
    return (
        f"HTTP/1.1 {error.status}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n\r\n"
    ).encode() + body
