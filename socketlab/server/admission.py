"""Who may come in at all, before any application runs: a WSGI layer around everything.

It checks the Host (a page of a stranger that has our address under its own name is refused),
the Origin, sizes, and how many connections there are; it knows whose request it is; it serves
the client script; it keeps broken requests from Engine.IO.

A page without an origin, ``Origin: null``, may speak to Engine.IO and to nothing else, and is
nobody: its cookies are dropped before anything looks at them. An exercise's sandbox is such a
page, and so is any frame that a stranger's page shuts off; ``environ["socketlab.opaque"]`` tells
the layers below, which want more of it than they want of others.

An address is no identity, a school shares one: limits by address are for those without a seat.
Source: RFC 9110, sections 7.2 and 15.5; RFC 6454, section 7; Engine.IO protocol v4, "Handshake".
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable, Iterable
from email.utils import formatdate
from functools import lru_cache
from io import BytesIO
from ipaddress import ip_address
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIEnvironment

from gevent import sleep
from werkzeug.http import parse_accept_header

from ..limits import Buckets, TokenBucket
from ..protocols import handshake
from . import stand_ins
from .body import INCOMPLETE, Body
from .connection_table import SEATED, SETTLED, STRANGER, TEACHER
from .engine import EngineContext, Owner
from .files import most_sockets
from .session import OPAQUE, Session

ENGINE = "/socket.io/"
CLIENT = "/socket.io/socket.io.js"
WIRE = "/wire"
UNSEEN = "/healthz"  # not recorded, not counted

_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?")
_SID = re.compile(r"[A-Za-z0-9_-]{8,40}")
TEXT = [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")]

Headers = list[tuple[str, str]]


@lru_cache(maxsize=64)
def is_loopback(name: str) -> bool:
    """Whether a host's name is an address of the machine itself, as 127.0.0.1 is."""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


class AdmissionRefused(Exception):
    """Not let in: status, sentence, further headers; ``limit``, if there is one: see health.py."""

    def __init__(
        self,
        status: str,
        sentence: str,
        headers: Iterable[tuple[str, str]] = (),
        limit: str = "",
    ) -> None:
        super().__init__(sentence)
        self.status, self.headers, self.limit = status, list(headers), limit

    @classmethod
    def for_now(
        cls, status: str, sentence: str, seconds: float, limit: str = ""
    ) -> AdmissionRefused:
        """Refused, and when to come back."""
        return cls(status, sentence, [("Retry-After", str(max(1, round(seconds))))], limit)

    @classmethod
    def too_much(cls, status: str, sentence: str, limit: str) -> AdmissionRefused:
        """Refused for what it is: trying again would not help."""
        return cls(status, sentence, limit=limit)


class AdmissionMiddleware:
    """``identify(environ)`` returns a seat id or None. ``client_path``: the client script.

    ``refused(environ)``, if given, returns None or for how many seconds this client is cut off.
    ``is_settled(seat)``, if given, says whether a seat is known for more than its cookie.
    ``is_teacher(environ)``, if given, says whether the request carries the teacher's cookie.
    """

    def __init__(
        self,
        wsgi_app: Any,  # the layer of python-socketio
        *,
        tap: Any,
        settings: dict[str, Any],
        identify: Callable[[WSGIEnvironment], str | None],
        client_path: str | Path,
        refused: Callable[[WSGIEnvironment], float | None] | None = None,
        is_settled: Callable[[str], bool] | None = None,
        is_teacher: Callable[[WSGIEnvironment], bool] | None = None,
    ) -> None:
        self.app, self.tap, self.settings = wsgi_app, tap, settings
        self.identify, self.refused = identify, refused
        self.is_settled, self.is_teacher = is_settled, is_teacher
        self.context: EngineContext = wsgi_app.engineio_app.context
        self.sessions: dict[str, Session] = self.context.eio.sockets
        self.client = ClientScript(client_path)
        self.hosts = {"localhost", *(host.lower() for host in settings["HOSTS"])}
        # Seats are free: whoever takes hundreds fills the server up to these, by rank.
        sockets = most_sockets(settings["SOCKETS"])
        fresh, settled = sockets - sockets // 8, sockets - sockets // 32
        self.most_sessions = (fresh, fresh, settled, sockets)
        burst = settings["SESSIONS_BURST"]
        self.by_owner = Buckets(settings["SESSIONS_PER_10_SECONDS"] / 10, burst)
        # A third more than the burst, which is for those who are settled.
        self.kept = burst / 3
        self.in_all = TokenBucket(settings["SESSIONS_PER_SECOND"], burst + self.kept, monotonic())
        self.wire = Buckets(settings["WIRE_PER_SECOND"], 2 * settings["WIRE_PER_SECOND"])

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        elsewhere = stand_ins.supply(environ)
        path, exchange = environ["PATH_INFO"], environ["socketlab.exchange"]
        if drop_identity_without_origin(environ) and path.startswith(ENGINE):
            start_response = readable_without_origin(start_response)
        # Whoever shows the wire must not fill it by asking for its rows.
        asks_for_rows = path == WIRE and "after=" in environ["QUERY_STRING"]
        if asks_for_rows or path == UNSEEN:
            exchange.skip()
        try:
            self.recognise(environ, exchange)  # first, so that a refusal is on the seat's wire
            self.check_place(environ)  # before it waits: those that came later take none of its
            if not elsewhere:
                turns, owner = self.context.turns, owner_of(environ)
                turns.take(owner) if path.startswith(ENGINE) else turns.take_long(owner)
                environ["socketlab.connection"].check_here()
            self.check_host(environ)
            if path == CLIENT:
                return self.client(environ, start_response)
            self.check_origin(environ)
            if path.startswith(ENGINE):
                if elsewhere:
                    sentence = "Sockets need the server of this project: python app.py."
                    raise AdmissionRefused("501 Not Implemented", sentence)
                self.check_engine(environ, exchange)
                return self.pass_on(environ, nosniff(start_response))
            if path == WIRE:
                self.check_wire(environ)
            self.check_body(environ)
            environ["wsgi.input"] = Body(environ, self.context.refusals)
        except AdmissionRefused as no:
            sentence = f"{no} ({environ.get('REMOTE_ADDR', '')})"
            self.context.refusals.note(f"HTTP {no.status[:3]}", sentence, no.limit)
            body = f"{no}\n".encode()
            length = ("Content-Length", str(len(body)))
            start_response(no.status, [*TEXT, *no.headers, length])
            self.context.turns.end_long()
            return (body,)
        try:
            return self.pass_on(environ, start_response)
        finally:
            self.context.turns.end_long()

    def pass_on(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Hands a request that is let in to the layers below."""
        answer: Iterable[bytes] = self.app(environ, start_response)
        return answer

    # Every request

    def check_host(self, environ: WSGIEnvironment) -> None:
        """The name the client used must be one of ours."""
        match = _HOST.fullmatch(environ.get("HTTP_HOST", ""))
        if match is None or not self.ours(match[1].strip("[]").lower(), environ):
            raise AdmissionRefused(
                "421 Misdirected Request", "This server does not go by that name."
            )

    def ours(self, name: str, environ: WSGIEnvironment) -> bool:
        """A configured name, a loopback address, or the address that the client connected to."""
        if name in self.hosts or is_loopback(name):
            return True
        local: str = environ["socketlab.connection"].local_address()
        return name == local

    def check_origin(self, environ: WSGIEnvironment) -> None:
        """A page of another origin may not talk to us; a program without a page may.

        One without any may talk to Engine.IO, as nobody.
        """
        if OPAQUE in environ and environ["PATH_INFO"].startswith(ENGINE):
            return
        origin, host = environ.get("HTTP_ORIGIN"), environ["HTTP_HOST"].lower()
        if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
            raise AdmissionRefused("403 Forbidden", "Pages of other sites are not served here.")

    def recognise(self, environ: WSGIEnvironment, exchange: Any) -> None:
        """Finds out whose request it is; a seat that is cut off is told so."""
        # Without a known proxy in front, these headers are whatever a client likes.
        for name in [name for name in environ if name.startswith(("HTTP_X_FORW", "HTTP_FORW"))]:
            del environ[name]
        drop_unreadable_cookies(environ)
        seat = environ["socketlab.seat"] = self.identify(environ)
        if seat is not None:
            exchange.claim(seat)
        seconds = self.refused(environ) if self.refused else None
        if seconds is not None:
            raise AdmissionRefused.for_now(
                "503 Service Unavailable", "Cut off for a while.", seconds
            )

    def check_place(self, environ: WSGIEnvironment) -> None:
        """When the server is nearly full, the last places are for seats, and for the teacher."""
        seat, rank = environ["socketlab.seat"], STRANGER
        if seat is not None:
            rank = SETTLED if self.is_settled is not None and self.is_settled(seat) else SEATED
        if self.is_teacher is not None and self.is_teacher(environ):
            rank = TEACHER
        environ["socketlab.rank"] = rank
        if not environ["socketlab.connection"].serves(rank):
            no = server_is_full("connections")
            no.headers.append(("Connection", "close"))
            raise no

    def check_wire(self, environ: WSGIEnvironment) -> None:
        """What a page asks to show its wire costs the server more than it costs the page."""
        who = environ["socketlab.seat"] or environ["REMOTE_ADDR"]
        if wait := self.wire.take(who, monotonic()):
            raise AdmissionRefused.for_now(
                "429 Too Many Requests",
                "Too many questions about the wire.",
                wait,
                "wire_per_second",
            )

    def check_body(self, environ: WSGIEnvironment) -> None:
        """Other bodies than Engine.IO's have their own limit."""
        if int(environ.get("CONTENT_LENGTH") or 0) > self.settings["BODY_BYTES"]:
            sentence = f"A body here is at most {self.settings['BODY_BYTES']} bytes."
            raise AdmissionRefused.too_much("413 Content Too Large", sentence, "body_bytes")

    # Requests to Engine.IO

    def check_engine(self, environ: WSGIEnvironment, exchange: Any) -> None:
        """Method, query, session, body and numbers of a request to Engine.IO."""
        if environ["REQUEST_METHOD"] not in ("GET", "POST"):
            raise AdmissionRefused(
                "405 Method Not Allowed", "GET or POST.", [("Allow", "GET, POST")]
            )
        query = dict(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
        if "j" in query:
            raise AdmissionRefused("400 Bad Request", "There is no JSONP here.")
        if query.get("EIO") != "4":
            raise AdmissionRefused("400 Bad Request", "The Engine.IO protocol here is EIO=4.")
        transport = query.get("transport")
        if transport not in ("polling", "websocket"):
            raise AdmissionRefused("400 Bad Request", "The transport is polling or websocket.")
        if (transport == "websocket") != handshake.asked(environ):
            raise AdmissionRefused(
                "400 Bad Request", "The transport and the Upgrade header disagree."
            )
        if transport == "websocket" and (no := handshake.refusal(environ)):
            raise AdmissionRefused(no[0], no[2], no[1])
        if transport == "websocket":
            environ["HTTP_UPGRADE"] = "websocket"  # Engine.IO does not read a list here
        if "sid" in query:
            self.check_session(environ, exchange, query["sid"])
        elif environ["REQUEST_METHOD"] == "POST":
            raise AdmissionRefused("400 Bad Request", "A session starts with GET.")
        else:
            self.check_numbers(environ)
        if environ["REQUEST_METHOD"] == "POST":
            self.read_body(environ)

    def check_session(self, environ: WSGIEnvironment, exchange: Any, sid: str) -> None:
        """The session must be live, and this client's: its id is a secret that travels."""
        session = self.sessions.get(sid) if _SID.fullmatch(sid) else None
        if session is None or session.closed or not self.owns(environ, session):
            raise AdmissionRefused("400 Bad Request", "There is no such session.")
        if session.upgrading:
            if handshake.asked(environ):
                raise AdmissionRefused("400 Bad Request", "An upgrade is under way.")
            sleep(0)  # its client's word to move may be here as well, and was sent before this
        exchange.belong(sid)

    def owns(self, environ: WSGIEnvironment, session: Session) -> bool:
        """Is this the client that began the session?

        A seat says so, whatever the address. Some clients tell theirs only in their first request:
        what the second one does holds for all that follow, so that nobody can leave out what the
        client itself always says. Who came without a seat keeps to its address and to the cookies
        of its first request, or comes by the seat that it has named since.
        """
        seat: str | None = environ["socketlab.seat"]
        if session.opaque != (OPAQUE in environ):
            return False  # what a page without an origin began, no other goes on with
        if session.seat is not None:
            if session.shows_seat is None and not handshake.asked(environ):
                session.shows_seat = seat is not None
            if seat is not None or session.shows_seat:
                return session.seat == seat
        else:
            named, _ = self.context.owner(session)
            if session.cookie != environ.get("HTTP_COOKIE") and (seat is None or seat != named):
                return False
        return session.address == str(environ["REMOTE_ADDR"])

    def check_numbers(self, environ: WSGIEnvironment) -> None:
        """May there be one session more?"""
        settings, seat, address = self.settings, environ["socketlab.seat"], environ["REMOTE_ADDR"]
        if len(self.sessions) >= self.most_sessions[environ["socketlab.rank"]]:
            raise server_is_full("sockets")
        owner = owner_of(environ)
        limit = "sockets_per_address" if seat is None else "sockets_per_seat"
        most, too_many = settings[limit.upper()], "429 Too Many Requests"
        if self.context.sessions_of(owner) >= most:
            raise AdmissionRefused.for_now(too_many, f"At most {most} sockets.", 5, limit)
        if (seconds := self.context.seconds_out(owner)) > 0:
            sentence, limit = "You were too fast: come back in a moment.", "refusal_seconds"
            raise AdmissionRefused.for_now(too_many, sentence, seconds, limit)
        now = monotonic()
        # By seat where there is one: a class behind one address comes back at once after a cut.
        wait = self.by_owner.take(seat or address, now) or self.too_many(environ, now)
        if wait:
            sentence, limit = "Too many at once.", "sessions_per_second"
            raise AdmissionRefused.for_now(too_many, sentence, wait, limit)

    def too_many(self, environ: WSGIEnvironment, now: float) -> float:
        """Seconds until all together may have one session more; the teacher never waits."""
        rank = environ["socketlab.rank"]
        kept = 0 if rank >= SETTLED else self.kept
        if rank == TEACHER or self.in_all.take(now, kept=kept):
            return 0
        return self.in_all.wait(1 + kept)

    def read_body(self, environ: WSGIEnvironment) -> None:
        """Takes in a polling request's body, once its length is known to be acceptable."""
        length, most = environ.get("CONTENT_LENGTH"), self.settings["MESSAGE_BYTES"]
        if length is None:
            sentence, limit = "Send a body with Content-Length.", "content_length"
            raise AdmissionRefused.too_much("411 Length Required", sentence, limit)
        if int(length) > most:
            sentence, limit = f"A body here is at most {most} bytes.", "message_bytes"
            raise AdmissionRefused.too_much("413 Content Too Large", sentence, limit)
        try:
            body = environ["wsgi.input"].read(int(length))
        except TimeoutError:
            no = AdmissionRefused.too_much("408 Request Timeout", INCOMPLETE, "body_seconds")
            raise no from None
        except OSError:
            raise AdmissionRefused("400 Bad Request", INCOMPLETE) from None
        # The tap sees the body before anything comes of it.
        environ["socketlab.exchange"].body(environ["socketlab.connection"].reader.take())
        environ["wsgi.input"] = BytesIO(body)


def server_is_full(limit: str) -> AdmissionRefused:
    """The answer to who finds no place."""
    return AdmissionRefused.for_now("503 Service Unavailable", "The server is full.", 5, limit)


def drop_unreadable_cookies(environ: WSGIEnvironment) -> None:
    """Takes cookies that are no UTF-8 for none: they are not ours, and Flask fails at them."""
    try:
        environ.get("HTTP_COOKIE", "").encode("latin-1").decode()
    except UnicodeError:
        del environ["HTTP_COOKIE"]


def drop_identity_without_origin(environ: WSGIEnvironment) -> bool:
    """Makes nobody of a page without an origin, and marks it; returns whether it is one.

    What sends ``Origin: null`` may be any page of the world that shuts off a frame: whatever its
    browser sends along says nothing about who wrote it. Source: RFC 6454, section 7.3.
    """
    if environ.get("HTTP_ORIGIN", "").lower() != "null":
        return False
    environ.pop("HTTP_COOKIE", None)
    environ[OPAQUE] = True
    return True


def owner_of(environ: WSGIEnvironment) -> Owner:
    """Whose work a request is, and what its session counts under."""
    seat = environ["socketlab.seat"]
    return (None, environ["REMOTE_ADDR"]) if seat is None else (seat, None)


def readable_without_origin(start_response: StartResponse) -> StartResponse:
    """Lets a page without an origin read the answer; never with cookies (Fetch, section 3.3)."""

    def start(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
        readable = ("Access-Control-Allow-Origin", "null")
        return start_response(status, [*headers, readable], exc_info)

    return start


def nosniff(start_response: StartResponse) -> StartResponse:
    """Adds the header that keeps a browser from guessing what an engine answer is."""

    def start(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
        extra = [("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store")]
        return start_response(status, [*headers, *extra], exc_info)

    return start


class ClientScript:
    """Serves the official client; exercises in sandboxed frames load it too.

    Packed for whoever can undo that: 14 kB instead of 47. Source: RFC 9110, section 12.5.3.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.bodies: dict[str, bytes] = {}  # coding -> the file in it; empty until it is asked for

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not self.bodies:
            self.load()
        accepted = parse_accept_header(environ.get("HTTP_ACCEPT_ENCODING"))
        coding = "gzip" if accepted["gzip"] > 0 else "identity"
        body, tag = self.bodies[coding], f'"{self.digest}-{coding}"'
        headers = [
            ("Content-Type", "text/javascript; charset=utf-8"),
            ("ETag", tag),
            ("Last-Modified", self.date),
            ("Cache-Control", "public, max-age=3600"),
            ("Vary", "Accept-Encoding"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cross-Origin-Resource-Policy", "cross-origin"),
        ]
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            raise AdmissionRefused("405 Method Not Allowed", "GET.", [("Allow", "GET, HEAD")])
        if tag in environ.get("HTTP_IF_NONE_MATCH", ""):
            start_response("304 Not Modified", headers)
            return ()
        if coding != "identity":
            headers.append(("Content-Encoding", coding))
        start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
        return () if environ["REQUEST_METHOD"] == "HEAD" else (body,)

    def load(self) -> None:
        """Reads the file; raises AdmissionRefused where it is not there."""
        try:
            whole = self.path.read_bytes()
        except OSError:
            raise AdmissionRefused("404 Not Found", "The client script is not there.") from None
        self.digest = hashlib.sha256(whole).hexdigest()[:16]
        self.date = formatdate(self.path.stat().st_mtime, usegmt=True)
        self.bodies = {"identity": whole, "gzip": gzip.compress(whole, mtime=0)}
