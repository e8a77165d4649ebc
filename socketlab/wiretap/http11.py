"""HTTP/1.1 messages: a start line, header lines, an empty line, perhaps a body.

::

    GET /socket.io/?EIO=4&transport=polling HTTP/1.1 CRLF     start line
    Host: 127.0.0.1:8000 CRLF                                 header lines
    CRLF                                                      the empty line
    ...                                                       body

How long the body is: not at all (101, 204, 304, an answer to HEAD, a request that says
nothing); as many bytes as Content-Length says; chunk by chunk; or until the connection
ends. Header names keep the spelling in which they crossed.

``Reader`` takes a growing buffer and remembers how far it has looked; ``decode_request`` and
``decode_response`` are the same for bytes that are all here. ``check`` names the first rule
that a message breaks although its borders are clear.

Source: RFC 9112; RFC 9110 for the meaning of fields and status codes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from .layers import DecodeError, Field, Layer, count, field, shown

#: A head that does not end within this many bytes is no head. Our own server takes
#: 16 KiB, common servers 8 to 64 KiB; RFC 9110, section 5.4, lets each choose.
HEAD_BYTES = 65536

#: A chunk's line: sixteen digits of size and an extension. Precedent: h11 takes 20
#: digits, common servers 4 to 16 KiB of line.
CHUNK_LINE_BYTES = 4096

#: Fields that are spelled out in a row; the bytes of the rest are still in the row.
SHOWN_HEADERS = 128
SHOWN_CHUNKS = 64

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_REQUEST_LINE = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([^ ]+) (HTTP/\d\.\d)")
_STATUS_LINE = re.compile(r"(HTTP/\d\.\d) (\d{3})(?: (.*))?", re.DOTALL)
_HEX = re.compile(rb"[0-9A-Fa-f]{1,16}")

_MEANINGS = {
    "accept": "The kinds of content the client can use.",
    "accept-encoding": "The ways of compressing that the client can undo.",
    "accept-language": "The languages the reader prefers.",
    "authorization": "Proof of who is asking; its value is never recorded here.",
    "cache-control": "Whether and how long a copy may be kept.",
    "connection": "Names what concerns this one hop only; a proxy does not pass it on.",
    "content-length": "The number of bytes in the body.",
    "content-type": "What kind of content the body is.",
    "content-encoding": "How the body is compressed.",
    "cookie": "What this server asked the browser to remember; its value is never recorded here.",
    "date": "When the answer was made.",
    "etag": "A fingerprint of this version of the content.",
    "expect": "What the client wants confirmed before it sends the body.",
    "host": "The name and port the client was looking for.",
    "keep-alive": "How long the connection may stay open without use.",
    "location": "Where to go instead.",
    "origin": "The site whose page makes this request; the browser writes it, a page cannot.",
    "referer": "The page on which the address was found.",
    "retry-after": "How long to wait before asking again.",
    "sec-websocket-accept": "Computed from the client's key: proof that the server understood.",
    "sec-websocket-extensions": "Additions such as compression: one side offers, the other agrees.",
    "sec-websocket-key": "16 random bytes in base64, fresh for each handshake; not a secret.",
    "sec-websocket-protocol": "Subprotocols, to be spoken in the messages: the client offers some, "
    "the server chooses one.",
    "sec-websocket-version": "The version of WebSocket; 13 is the only one in use.",
    "server": "The program that answers.",
    "set-cookie": "Asks the browser to remember something; its value is never recorded here.",
    "transfer-encoding": "How the body is cut up for the way; chunked means in pieces with sizes.",
    "upgrade": "The protocol to change to on this same connection.",
    "user-agent": "The program that asks.",
    "vary": "The request headers on which the answer depends.",
    "x-content-type-options": "nosniff: the browser must not guess another kind of content.",
}

# What a Connection option asks for: RFC 9112, section 9.
_CONNECTION = {
    "upgrade": (
        "Says that Upgrade is a header for this one hop only: a proxy does not pass it on.",
        "RFC 9110, section 7.8",
    ),
    "close": ("The connection ends with this exchange.", "RFC 9112, section 9.6"),
    "keep-alive": ("The connection stays open for more requests.", "RFC 9112, section 9.3"),
}

# The protocol in Upgrade, by who names it: a request, a 101, another response.
_UPGRADE = {
    "request": "Asks to go on in this protocol on this same connection; the server may decline.",
    "101": "The protocol of this connection from the end of these headers on.",
    "response": "A protocol that the server would go on in, if asked.",
}

_SOURCES = {
    "content-length": "RFC 9110, section 8.6",
    "transfer-encoding": "RFC 9112, section 6.1",
    "connection": "RFC 9110, section 7.6.1",
    "upgrade": "RFC 9110, section 7.8",
    "host": "RFC 9110, section 7.2",
    "origin": "RFC 6454, section 7",
    "cookie": "RFC 6265, section 5.4",
    "set-cookie": "RFC 6265, section 4.1",
    "sec-websocket-key": "RFC 6455, section 11.3.1",
    "sec-websocket-extensions": "RFC 6455, section 11.3.2",
    "sec-websocket-accept": "RFC 6455, section 11.3.3",
    "sec-websocket-protocol": "RFC 6455, section 11.3.4",
    "sec-websocket-version": "RFC 6455, section 11.3.5",
}

_METHODS = {
    "GET": "Please send me what is at this address.",
    "HEAD": "As GET, but only the headers.",
    "POST": "Here is something for what is at this address.",
    "PUT": "Keep this at this address.",
    "DELETE": "Remove what is at this address.",
    "OPTIONS": "What may I do here?",
    "CONNECT": "Make a tunnel to this place.",
    "TRACE": "Send back what you received.",
}

_STATUSES = {
    101: (
        "101: the server changes the protocol of this connection. No other HTTP response comes.",
        "RFC 9110, section 15.2.2",
    ),
    204: ("204: it worked, and there is nothing to send back.", "RFC 9110, section 15.3.5"),
    304: ("304: the copy that you have is still right.", "RFC 9110, section 15.4.5"),
    403: ("403: understood, and refused.", "RFC 9110, section 15.5.4"),
    404: ("404: there is nothing at this address.", "RFC 9110, section 15.5.5"),
    426: ("426: not in this protocol; Upgrade names another.", "RFC 9110, section 15.5.22"),
    429: ("429: too many requests in a short time.", "RFC 6585, section 4"),
    503: (
        "503: the server cannot answer this now, and may be able to later.",
        "RFC 9110, section 15.6.4",
    ),
}

_CLASSES = {
    "1": "1xx: an interim response; the final one is still to come.",
    "2": "2xx: it worked.",
    "3": "3xx: look elsewhere, or use the copy you have.",
    "4": "4xx: the request was wrong, or is not allowed here.",
    "5": "5xx: the server failed, or cannot do what was asked.",
}


class Header(NamedTuple):
    """A header line: its name as spelled, its value, and where the line stands."""

    name: str
    value: str
    start: int
    size: int


class Chunk(NamedTuple):
    """A chunk: where its line and its data stand, and the extension behind its size."""

    line: int
    line_size: int
    start: int
    size: int
    extension: str


@dataclass(frozen=True)
class Message(Layer):
    """What requests and responses share.

    ``start_line`` is the first line as it crossed, ``body`` the bytes without any chunk
    framing, ``framing`` how its length was known ("none", "length", "chunked", "close"),
    ``head_size`` the bytes up to the body, ``size`` the bytes of all, ``missing`` how many
    announced bytes are not here (-1: unknown), ``lead`` the bytes of an empty line in front.
    """

    layer: ClassVar[str] = "http"

    start_line: str
    version: str
    headers: tuple[Header, ...]
    head_size: int
    framing: str
    body: bytes
    size: int
    chunks: tuple[Chunk, ...] = ()
    trailers: tuple[Header, ...] = ()
    missing: int = 0
    lead: int = 0

    def values(self, name: str) -> list[str]:
        """All values of a header, whatever its spelling."""
        return _values(self.headers, name)

    @property
    def contiguous(self) -> bool:
        """Whether the body stands in one piece behind the head."""
        return self.framing != "chunked"

    @property
    def fields(self) -> tuple[Field, ...]:
        fields = self._start_fields()
        for header in self.headers[:SHOWN_HEADERS]:
            fields.append(_header_field(header, *self._about(header)))
        end = field("empty line", self.head_size - 2, 2, "CR LF", *self._after_head())
        fields.append(end)
        at = 0
        for index, chunk in enumerate(self.chunks[:SHOWN_CHUNKS], 1):
            fields += _chunk_fields(index, chunk, self.body[at : at + chunk.size])
            at += chunk.size
        for header in self.trailers[:SHOWN_HEADERS]:
            trailer = header._replace(name=f"trailer {header.name}")
            fields.append(_header_field(trailer, _meaning(header)[0], "RFC 9112, section 7.1.2"))
        if self.contiguous and self.body:
            fields.append(
                field(
                    "body",
                    self.head_size,
                    len(self.body),
                    shown(self.body),
                    _FRAMINGS[self.framing],
                    "RFC 9112, section 6.3",
                )
            )
        return tuple(fields)

    def _start_fields(self) -> list[Field]:
        return []

    def _about(self, header: Header) -> tuple[str, str]:
        """What a header says in this message, and the source."""
        name = header.name.lower()
        if name == "connection":
            options = [option.strip().lower() for option in header.value.split(",")]
            for option, meaning in _CONNECTION.items():
                if option in options:
                    return meaning
        if name == "upgrade":
            return _UPGRADE[self._asks()], _SOURCES[name]
        return _meaning(header)

    def _asks(self) -> str:
        """Which side of a change of protocol this message is: a key of _UPGRADE."""
        return "request"

    def _after_head(self) -> tuple[str, str]:
        """What follows on the empty line, and the source."""
        if self.framing == "none" or (self.framing == "length" and not (self.body or self.missing)):
            return "The end of the headers, and of the message: it has no body.", _EMPTY_LINE
        return "The end of the headers; what follows is the body.", _EMPTY_LINE

    def details(self) -> dict[str, Any]:
        details: dict[str, Any] = {
            "version": self.version,
            "headers": [[header.name, header.value] for header in self.headers],
            "head_size": self.head_size,
            "framing": self.framing,
            "body_size": len(self.body),
        }
        if self.trailers:
            details["trailers"] = [[header.name, header.value] for header in self.trailers]
        if self.missing:
            details["missing"] = self.missing
        return details


_EMPTY_LINE = "RFC 9112, section 2.1"

_FRAMINGS = {
    "none": "There is no body.",
    "length": "As many bytes as Content-Length announces.",
    "chunked": "Sent in pieces, each with its size in front.",
    "close": "Everything up to the end of the connection.",
}


@dataclass(frozen=True)
class Request(Message):
    """What a client asks."""

    method: str = ""
    target: str = ""

    def __str__(self) -> str:
        return f"{self.method} {shown(self.target)}{_body_text(self)}"

    @property
    def path(self) -> str:
        """The target up to the question mark."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """The names and values behind the question mark, not unescaped."""
        pairs = self.target.partition("?")[2].split("&", 64)
        return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}

    def _start_fields(self) -> list[Field]:
        first = self.lead + len(self.method)
        return [
            field(
                "method",
                self.lead,
                len(self.method),
                shown(self.method),
                _METHODS.get(self.method, "What is to be done with the target."),
                "RFC 9110, section 9.1",
            ),
            field(
                "target",
                first + 1,
                len(self.target),
                shown(self.target),
                "The address on this server, with the query behind the question mark.",
                "RFC 9112, section 3.2",
            ),
            _version_field(first + len(self.target) + 2, self.version),
        ]

    def details(self) -> dict[str, Any]:
        return {
            "kind": "request",
            "method": self.method,
            "target": self.target,
            **super().details(),
        }


@dataclass(frozen=True)
class Response(Message):
    """What a server answers."""

    status: int = 0
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.status} {shown(self.reason)}".rstrip() + _body_text(self)

    @property
    def becomes_websocket(self) -> bool:
        """Whether frames follow: RFC 6455, section 4.2.2."""
        return self.status == 101 and any(
            "websocket" in value.lower() for value in self.values("upgrade")
        )

    def _asks(self) -> str:
        return "101" if self.status == 101 else "response"

    def _after_head(self) -> tuple[str, str]:
        if self.becomes_websocket:
            return (
                "The end of HTTP on this connection: the next byte begins a WebSocket frame.",
                "RFC 6455, section 4.2.2",
            )
        if self.status == 101:
            return "The end of HTTP on this connection.", "RFC 9110, section 15.2.2"
        if 100 <= self.status < 200:
            return (
                "The end of an interim response: it has no body, another response follows.",
                "RFC 9110, section 15.2",
            )
        return super()._after_head()

    def _start_fields(self) -> list[Field]:
        at = len(self.version) + 1
        default = _CLASSES.get(str(self.status)[0], "A status outside the five classes.")
        fields = [
            _version_field(0, self.version),
            field(
                "status",
                at,
                3,
                str(self.status),
                *_STATUSES.get(self.status, (default, "RFC 9110, section 15")),
            ),
        ]
        if self.reason:
            fields.append(
                field(
                    "reason",
                    at + 4,
                    len(self.reason),
                    shown(self.reason),
                    "The status in words, for people; programs read the number.",
                    "RFC 9112, section 4",
                )
            )
        return fields

    def details(self) -> dict[str, Any]:
        return {
            "kind": "response",
            "status": self.status,
            "reason": self.reason,
            **super().details(),
        }


class _Head(NamedTuple):
    """A start line and headers, and how the body is framed."""

    line: str
    match: re.Match[str]
    headers: tuple[Header, ...]
    size: int
    framing: str
    length: int
    lead: int


class Reader:
    """Messages of one direction out of a buffer that grows.

    The reader keeps no bytes, only how far it has looked, so that a message in a
    million pieces costs no more than one in one piece. After each message, and after
    each error, it begins anew.
    """

    def __init__(self, request: bool):
        self.request = request
        self._begin()

    def _begin(self) -> None:
        self._searched = 0
        self._head: _Head | None = None
        self._at = 0
        self._chunks: list[Chunk] = []
        self._last = False

    def read(
        self,
        data: bytes | bytearray,
        start: int = 0,
        method: str | None = None,
        ended: bool = False,
    ) -> tuple[Request | Response, int] | None:
        """The message at ``start`` and where it ends; None if not all of it is here.

        ``method`` is that of the request a response answers, ``ended`` says that no more
        bytes come. Raises DecodeError for bytes that are no HTTP message.
        """
        try:
            found = self._read(data, start, method, ended)
        except DecodeError:
            self._begin()
            raise
        if found is not None:
            self._begin()
        return found

    def partial(
        self, data: bytes | bytearray, start: int = 0, missing: int = -1
    ) -> tuple[Request | Response, int] | None:
        """What there is of an unfinished message, with ``missing`` bytes not here.

        None if not even the head is here. To be called after ``read`` gave None.
        """
        if self._head is None:
            return None
        head = self._head
        body = self._body(head, data, start)
        if head.framing == "chunked" and not self._last:
            chunk = _read_chunk_line(data, start, self._at)
            if chunk is not None:
                self._chunks.append(chunk)
                body += bytes(data[start + chunk.start : start + chunk.start + chunk.size])
        found = self._message(head, start, len(data), body, (), missing)
        self._begin()
        return found

    def _read(
        self, data: bytes | bytearray, start: int, method: str | None, ended: bool
    ) -> tuple[Request | Response, int] | None:
        head = self._head
        if head is None:
            head = self._read_head(data, start, method)
            if head is None:
                return None
            self._head, self._at = head, head.size
        if head.framing == "chunked":
            return self._read_chunks(head, data, start)
        if head.framing == "close":
            if not ended:
                return None
            stop = len(data)
        else:
            stop = start + head.size + head.length
            if stop > len(data):
                return None
        body = bytes(data[start + head.size : stop])
        return self._message(head, start, stop, body)

    def _read_head(self, data: bytes | bytearray, start: int, method: str | None) -> _Head | None:
        # One empty line in front of a request is passed over: RFC 9112, section 2.2.
        lead = 2 if self.request and data[start : start + 2] == b"\r\n" else 0
        end = data.find(b"\r\n\r\n", start + max(lead, self._searched - 3), start + HEAD_BYTES + 4)
        if end < 0:
            self._searched = len(data) - start
            _check_first_bytes(data, start + lead, self.request)
            if self._searched >= HEAD_BYTES + 4:
                raise DecodeError(
                    "http",
                    HEAD_BYTES,
                    f"the headers do not end within {HEAD_BYTES:,} bytes",
                    "RFC 9110, section 5.4",
                )
            return None
        head = bytes(data[start : end + 4]).decode("latin-1")
        return _parse_head(head, lead, self.request, method)

    def _body(self, head: _Head, data: bytes | bytearray, start: int) -> bytes:
        if head.framing == "chunked":
            pieces = [data[start + c.start : start + c.start + c.size] for c in self._chunks]
            return b"".join(pieces)
        return bytes(data[start + head.size :])

    def _read_chunks(
        self, head: _Head, data: bytes | bytearray, start: int
    ) -> tuple[Request | Response, int] | None:
        while not self._last:
            chunk = _read_chunk_line(data, start, self._at)
            if chunk is None:
                return None
            if chunk.size and not _chunk_is_whole(data, start, chunk):
                return None
            self._chunks.append(chunk)
            if chunk.size:
                self._at = chunk.start + chunk.size + 2
            else:
                self._at = self._searched = chunk.start
                self._last = True
        trailers: tuple[Header, ...] = ()
        stop = start + self._at + 2
        if data[start + self._at : stop] != b"\r\n":
            # The empty line may follow at once, or after the trailers.
            end = data.find(
                b"\r\n\r\n",
                start + max(self._at, self._searched - 3),
                start + self._at + HEAD_BYTES + 4,
            )
            if end < 0:
                self._searched = len(data) - start
                if self._searched - self._at >= HEAD_BYTES + 4:
                    raise DecodeError(
                        "http",
                        self._at,
                        f"the trailers do not end within {HEAD_BYTES:,} bytes",
                        "RFC 9110, section 5.4",
                    )
                return None
            text = bytes(data[start + self._at : end + 2]).decode("latin-1")
            trailers = _parse_headers(text, self._at)
            stop = end + 4
        return self._message(head, start, stop, self._body(head, data, start), trailers)

    def _message(
        self,
        head: _Head,
        start: int,
        stop: int,
        body: bytes,
        trailers: tuple[Header, ...] = (),
        missing: int = 0,
    ) -> tuple[Request | Response, int]:
        if missing < 0 and head.framing == "length":
            missing = head.length - len(body)
        shared: dict[str, Any] = {
            "start_line": head.line,
            "headers": head.headers,
            "head_size": head.size,
            "framing": head.framing,
            "body": body,
            "size": stop - start,
            "chunks": tuple(self._chunks),
            "trailers": trailers,
            "missing": missing,
            "lead": head.lead,
        }
        if self.request:
            method, target, version = head.match.groups()
            return Request(version=version, method=method, target=target, **shared), stop
        version, status, reason = head.match.groups()
        return (
            Response(version=version, status=int(status), reason=reason or "", **shared),
            stop,
        )


def decode_request(data: bytes) -> tuple[Request, bytes] | None:
    """The first request and the bytes after it; None if not all of it is here.

    Raises DecodeError for bytes that are no request.
    """
    found = Reader(request=True).read(data)
    if found is None:
        return None
    message, end = found
    assert isinstance(message, Request)
    return message, data[end:]


def decode_response(
    data: bytes, method: str | None = None, ended: bool = False
) -> tuple[Response, bytes] | None:
    """The first response and the bytes after it; None if not all of it is here.

    ``method`` is that of the request (an answer to HEAD has no body), ``ended`` says that
    the connection is over (a body without a length ends there). Raises DecodeError for
    bytes that are no response.
    """
    found = Reader(request=False).read(data, 0, method, ended)
    if found is None:
        return None
    message, end = found
    assert isinstance(message, Response)
    return message, data[end:]


def check(message: Request | Response) -> DecodeError | None:
    """The first rule that a message breaks although its borders are clear, or None."""
    lengths = message.values("content-length")
    codings = message.values("transfer-encoding")
    if codings and lengths:
        return _at_header(
            message,
            "content-length",
            "Content-Length and Transfer-Encoding stand together: two readers may disagree "
            "where the message ends",
            "RFC 9112, section 6.1",
        )
    if isinstance(message, Request) and message.version == "HTTP/1.1":
        hosts = message.values("host")
        if not hosts:
            return DecodeError(
                "http", 0, "an HTTP/1.1 request must carry Host", "RFC 9112, section 3.2"
            )
        if len(hosts) > 1:
            return _at_header(
                message, "host", f"Host stands {len(hosts)} times", "RFC 9112, section 3.2"
            )
    return None


def _at_header(message: Message, name: str, sentence: str, source: str) -> DecodeError:
    at = next(h.start for h in message.headers if h.name.lower() == name)
    return DecodeError("http", at, sentence, source)


def _check_first_bytes(data: bytes | bytearray, at: int, request: bool) -> None:
    """Bytes that cannot begin a message are refused before a head's worth of them is here."""
    begins = bytes(data[at : at + 5])
    if request:
        if begins and begins != b"\r" and not _TOKEN.match(chr(begins[0])):
            raise DecodeError(
                "http", 0, f"no request begins with the byte {begins[0]:02x}", "RFC 9112, section 3"
            )
    elif not b"HTTP/".startswith(begins):
        raise DecodeError(
            "http",
            0,
            f'a response begins with HTTP/, not with "{shown(begins)}"',
            "RFC 9112, section 4",
        )


def _parse_head(head: str, lead: int, request: bool, method: str | None) -> _Head:
    line, _, rest = head[lead:].partition("\r\n")
    match = (_REQUEST_LINE if request else _STATUS_LINE).fullmatch(line)
    if match is None:
        kind, shape, section = (
            ("request line", "METHOD target HTTP/1.1", "3")
            if request
            else ("status line", "HTTP/1.1 200 reason", "4")
        )
        raise DecodeError(
            "http",
            lead,
            f'the {kind} "{shown(line, 60)}" has not the shape {shape}',
            f"RFC 9112, section {section}",
        )
    _check_line(line, lead)
    version = match[3] if request else match[1]
    if not version.startswith("HTTP/1."):
        raise DecodeError(
            "http",
            lead + match.start(3 if request else 1),
            f"the version is {version}; this connection speaks HTTP/1.1",
            "RFC 9112, section 2.3",
        )
    headers = _parse_headers(rest[:-2], lead + len(line) + 2)
    status = None if request else int(match[2])
    framing, length = _framing(headers, request, status, method)
    return _Head(line, match, headers, len(head), framing, length, lead)


def _parse_headers(text: str, at: int) -> tuple[Header, ...]:
    """The header lines of ``text``, each ended by CR LF, the first one at byte ``at``."""
    headers = []
    for line in text.split("\r\n")[:-1]:
        _check_line(line, at)
        if line[:1] in (" ", "\t"):
            raise DecodeError(
                "http",
                at,
                "a header line begins with a blank: headers may no longer be folded",
                "RFC 9112, section 5.2",
            )
        name, colon, value = line.partition(":")
        if not colon:
            raise DecodeError(
                "http",
                at,
                f'the header line "{shown(line, 60)}" has no colon',
                "RFC 9112, section 5",
            )
        if not _TOKEN.fullmatch(name):
            where = "a blank before the colon" if name.rstrip(" \t") != name else "no fit name"
            raise DecodeError(
                "http",
                at,
                f'the header line "{shown(line, 60)}" has {where}',
                "RFC 9112, section 5.1",
            )
        headers.append(Header(name, value.strip(" \t"), at, len(line)))
        at += len(line) + 2
    return tuple(headers)


def _check_line(line: str, at: int) -> None:
    for character, name in (("\r", "CR"), ("\n", "LF"), ("\0", "NUL")):
        if character in line:
            raise DecodeError(
                "http",
                at + line.index(character),
                f"a {name} stands alone inside a line; lines end with CR LF",
                "RFC 9112, section 2.2" if name != "NUL" else "RFC 9110, section 5.5",
            )


def _framing(
    headers: tuple[Header, ...], request: bool, status: int | None, method: str | None
) -> tuple[str, int]:
    """How the length of the body is known: the list of RFC 9112, section 6.3, in its order."""
    if status is not None:
        if method == "HEAD" or status < 200 or status in (204, 304):
            return "none", 0
        if method == "CONNECT" and status < 300:
            return "none", 0
    codings = [
        c.strip().lower() for v in _values(headers, "transfer-encoding") for c in v.split(",")
    ]
    if codings:
        if codings[-1] == "chunked":
            return "chunked", 0
        if not request:
            return "close", 0
        header = next(h for h in headers if h.name.lower() == "transfer-encoding")
        raise DecodeError(
            "http",
            header.start,
            f'nobody can tell where a body in "{shown(header.value, 40)}" ends: '
            "a request's last coding must be chunked",
            "RFC 9112, section 6.3",
        )
    lengths = {v.strip() for text in _values(headers, "content-length") for v in text.split(",")}
    if lengths:
        value = next(iter(lengths))
        if len(lengths) > 1 or not (value.isascii() and value.isdigit() and len(value) <= 18):
            header = next(h for h in headers if h.name.lower() == "content-length")
            said = " and ".join(sorted(lengths))
            raise DecodeError(
                "http",
                header.start,
                f'Content-Length is one number in digits, not "{shown(said, 40)}"',
                "RFC 9112, section 6.3",
            )
        return "length", int(value)
    return ("none", 0) if request else ("close", 0)


def _read_chunk_line(data: bytes | bytearray, start: int, at: int) -> Chunk | None:
    """The chunk whose line begins at ``at``, both counted from the message's ``start``."""
    begin = start + at
    end = data.find(b"\r\n", begin, begin + CHUNK_LINE_BYTES)
    line = bytes(data[begin : end if end >= 0 else begin + CHUNK_LINE_BYTES])
    match = _HEX.match(line)
    rest = line[match.end() :].lstrip(b" \t") if match else line
    if (line and match is None) or (rest and rest[:1] != b";" and rest != b"\r"):
        raise DecodeError(
            "http",
            at,
            f'a chunk begins with its size in hex digits, not with "{shown(line, 40)}"',
            "RFC 9112, section 7.1",
        )
    if end < 0:
        if len(line) >= CHUNK_LINE_BYTES:
            raise DecodeError(
                "http",
                at,
                f"a chunk's line does not end within {CHUNK_LINE_BYTES:,} bytes",
                "RFC 9112, section 7.1.1",
            )
        return None
    if match is None:
        raise DecodeError(
            "http", at, "a chunk's size is missing: its line is empty", "RFC 9112, section 7.1"
        )
    if b"\n" in rest or b"\r" in rest:
        raise DecodeError(
            "http", at, "a lone CR or LF stands in a chunk's line", "RFC 9112, section 2.2"
        )
    size = int(match[0], 16)
    return Chunk(at, len(line), at + len(line) + 2, size, rest.decode("latin-1"))


def _chunk_is_whole(data: bytes | bytearray, start: int, chunk: Chunk) -> bool:
    """Whether the chunk's bytes and the CR LF behind them are here."""
    after = start + chunk.start + chunk.size
    tail = bytes(data[after : after + 2])
    if not b"\r\n".startswith(tail):
        raise DecodeError(
            "http",
            chunk.start + chunk.size,
            f"CR LF must follow the {count(chunk.size, 'byte')} of a chunk",
            "RFC 9112, section 7.1",
        )
    return len(tail) == 2


def _values(headers: tuple[Header, ...], name: str) -> list[str]:
    return [header.value for header in headers if header.name.lower() == name]


def _body_text(message: Message) -> str:
    if not message.body and not message.missing:
        return ""
    text = f", {count(len(message.body), 'byte')} of body"
    if message.chunks:
        text += f" in {count(sum(chunk.size > 0 for chunk in message.chunks), 'chunk')}"
    if message.missing:
        text += ", not whole" if message.missing < 0 else f", {message.missing:,} more not kept"
    return text


def _version_field(start: int, version: str) -> Field:
    return field(
        "version",
        start,
        len(version),
        version,
        "The version of HTTP that the sender speaks.",
        "RFC 9112, section 2.3",
    )


def _meaning(header: Header) -> tuple[str, str]:
    """What a header says in any message, and the source."""
    name = header.name.lower()
    unknown = "A header that this decoder has no words for; who does not know it ignores it."
    return _MEANINGS.get(name, unknown), _SOURCES.get(name, "RFC 9112, section 5")


def _header_field(header: Header, meaning: str, source: str) -> Field:
    value = shown(header.value)
    return field(header.name, header.start, header.size, value, meaning, source)


def _chunk_fields(index: int, chunk: Chunk, piece: bytes) -> list[Field]:
    value = f"{chunk.size:x} hex = {count(chunk.size, 'byte')}"
    if chunk.extension:
        value += f", extension {shown(chunk.extension, 60)}"
    fields = [
        field(
            f"chunk {index} size",
            chunk.line,
            chunk.line_size,
            value,
            "The size of the next piece in hexadecimal digits."
            if chunk.size
            else "Size 0: the body is complete.",
            "RFC 9112, section 7.1.1" if chunk.extension else "RFC 9112, section 7.1",
        )
    ]
    if piece:
        fields.append(
            field(
                f"chunk {index}",
                chunk.start,
                len(piece),
                shown(piece),
                "One piece of the body; the sizes around it do not belong to the body.",
                "RFC 9112, section 7.1",
            )
        )
    return fields
