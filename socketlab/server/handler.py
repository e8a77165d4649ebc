"""gevent's request handler, with our own reading: strict heads, deadlines, and the tap.

Reads a head with our reader, so that its bytes are known as they crossed; leaves the response
to gevent, and shows the tap each piece of it. A WebSocket takes the connection over: after the
101 no HTTP text is written, whatever happens.
Source: RFC 9112, sections 3, 6 and 9.
"""

import logging
from time import monotonic
from urllib.parse import unquote

from gevent import GreenletExit
from gevent.pywsgi import Input, WSGIHandler

from ..limits import TokenBucket
from . import request_head as head
from .connection import Connection, TooLong

log = logging.getLogger("socketlab.server")


class Body(Input):
    """A request's body; what nobody reads of it is never waited for."""

    __slots__ = ()

    def _discard(self):
        pass

    def unread(self):
        """Bytes of the body that the application has not asked for."""
        return (self.content_length or 0) - self.position


class Handler(WSGIHandler):
    """Serves one TCP connection: request after request, perhaps a WebSocket at the end."""

    def __init__(self, sock, address, server):
        self.connection = Connection(sock, server.tap.open(address))
        self.settings = server.settings
        self.held = None
        super().__init__(sock, address, server, rfile=self.connection.reader)

    def handle(self):
        server, line = self.server, self.connection.tapped
        server.open.add(self.connection)
        try:
            super().handle()
        except OSError:
            pass  # the client is gone
        finally:
            server.open.discard(self.connection)
            server.tap.close(line)

    def handle_one_request(self):
        reader, settings = self.rfile, self.settings
        reader.within(settings["IDLE_SECONDS"])
        self.connection.idle = True
        if self.server.stopping or not reader.waits():
            return None
        self.connection.idle = False
        try:
            request = self.read_head(settings)
        except head.BadHead as error:
            return self.refuse(error)
        except OSError:
            return None
        self.requestline = f"{request.method} {request.target} {request.version}"
        self.command, self.path = request.method, request.target
        self.request_version = request.version
        self.fields, self.content_length = request.fields, request.length
        self.close_connection = request.close or self.server.stopping
        reader.within(settings["BODY_SECONDS"] if request.length else None)
        self.environ = self.get_environ()
        self.application = self.server.application
        self.handle_one_response()
        self.note_body()
        self.exchange.end()
        if self.connection.upgraded:
            return None
        if self.close_connection or self.wsgi_input.unread():
            self.connection.linger()
            return None
        return True

    def read_head(self, settings):
        """The request's head, within its limits of bytes, fields and time; raises BadHead."""
        reader, line = self.rfile, self.connection.tapped
        self.exchange = None
        reader.within(settings["HEADER_SECONDS"])
        try:
            reader.read_until((b"\r\n\r\n", b"\n\n"), settings["HEADER_BYTES"])
        except TooLong:
            size = settings["HEADER_BYTES"]
            raise head.BadHead(
                "431 Request Header Fields Too Large", f"At most {size} bytes."
            ) from None
        except TimeoutError:
            raise head.BadHead("408 Request Timeout", "The request did not come whole.") from None
        data = reader.take()
        try:
            request = head.read(data, settings["HEADER_FIELDS"])
        except head.BadHead:
            self.exchange = line.request(data, "")
            raise
        path = request.target.partition("?")[0]
        self.exchange = line.request(data, path, request.length)
        return request

    def refuse(self, error):
        """Answers a head that cannot be served, and hangs up."""
        self.server.complain(f"{error.status}: {error} ({self.client_address[0]})")
        body = f"{error}\n".encode()
        answer = (
            f"HTTP/1.1 {error.status}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n\r\n"
        )
        self.code = 0
        if self.exchange is None:
            self.exchange = self.connection.tapped.request(self.rfile.take(), "")
        self._sendall(answer.encode() + body)
        self.exchange.end()
        self.connection.linger()

    def get_environ(self):
        env = self.server.get_environ()
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
        self.wsgi_input = Body(self.rfile, self.content_length, self if waits else None)
        env["wsgi.input"] = self.wsgi_input
        env["wsgi.input_terminated"] = True
        env["socketlab.exchange"] = self.exchange
        env["socketlab.tapped"] = self.connection.tapped
        env["socketlab.connection"] = self.connection
        return env

    def note_body(self):
        """Shows the tap what was read of the body."""
        if not self.connection.upgraded and (data := self.rfile.take()):
            self.exchange.body(data)

    def sendall(self, data):
        """For ``100 Continue``, which gevent writes past the response."""
        self.socket.sendall(data)
        self.exchange.respond(data, interim=True)

    def _write_with_headers(self, data):
        # Head and body in one write: one packet for a small answer instead of two.
        self.held = []
        super()._write_with_headers(data)
        data, self.held = b"".join(self.held), None
        self._sendall(data)

    def _sendall(self, data):
        if self.held is not None:
            self.held.append(bytes(data))
            return
        if self.connection.upgraded:
            return
        self.note_body()
        self.socket.settimeout(self.settings["STALL_SECONDS"])
        super()._sendall(data)
        self.exchange.respond(data)

    def handle_error(self, t, v, tb):
        if issubclass(t, GreenletExit):
            self.close_connection = True  # the server leaves, and this request took too long
            return
        if issubclass(t, OSError):
            self.close_connection = True  # the client is gone, or too slow
            self.server.complain(f"{t.__name__}: {v} ({self.client_address[0]})")
            return
        log.error("a request failed", exc_info=(t, v, tb))
        if not self.connection.upgraded:
            self.close_connection = True
            self._send_error_response_if_possible(500)

    def _handle_client_error(self, ex):
        self.close_connection = True
        self.server.complain(f"{type(ex).__name__}: {ex} ({self.client_address[0]})")
        return "400", b""

    def log_request(self):
        """No access log: the tap sees everything, and a log would hold query strings."""


class Complaints:
    """One line for each thing that clients do wrong, and an end to lines."""

    def __init__(self, per_second=20):
        self.bucket = TokenBucket(per_second, per_second, monotonic())
        self.unsaid = 0

    def __call__(self, sentence):
        """Logs a sentence, control characters escaped; beyond the rate only counts it."""
        if not self.bucket.take(monotonic()):
            self.unsaid += 1
            return
        if self.unsaid:
            log.info("and %d more like these", self.unsaid)
            self.unsaid = 0
        log.info("%s", "".join(c if c.isprintable() else repr(c)[1:-1] for c in sentence[:200]))
