"""The head of an HTTP request, read strictly. Pure.

    request line   method SP target SP HTTP/1.1 CRLF
    field          name ":" value CRLF, any number of them
    end            CRLF

Two programs that read one head differently are the root of request smuggling, so whatever has
two readings is refused: bare line feeds, folded lines, blanks before a colon, two lengths.
Source: RFC 9112, sections 2 to 6; RFC 9110, sections 5.1, 5.5 and 7.2.
"""

import re
from dataclasses import dataclass

_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,24}) (/[\x21-\x7e]*) HTTP/(\d)\.(\d)")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*")
_DIGITS = re.compile(r"[0-9]{1,15}")
_ONCE = ("host", "content-length", "upgrade", "origin", "sec-websocket-key")


class BadHead(Exception):
    """The request cannot be served: ``status`` with reason phrase, and a sentence.

    ``limit`` is the name of the one it went beyond, if any: see health.py.
    """

    def __init__(self, status: str, sentence: str, limit: str = "") -> None:
        super().__init__(sentence)
        self.status, self.limit = status, limit


@dataclass(slots=True)
class Head:
    """A request's head. Fields: lower-case name -> value, equal names joined."""

    method: str
    target: str
    version: str
    fields: dict[str, str]
    length: int  # of the body, bytes
    close: bool  # the client wants no further request on this connection


def read(data: bytes, most_fields: int) -> Head:
    """The :class:`Head` in ``data`` (bytes, blank line included); raises BadHead."""
    # Some clients put an empty line behind a body. Source: RFC 9112, section 2.2.
    lines = data.removeprefix(b"\r\n").split(b"\r\n")
    ends = len(lines) - 1 + data.startswith(b"\r\n")
    if len(lines) < 3 or not data.count(b"\n") == data.count(b"\r") == ends:
        raise BadHead("400 Bad Request", "Each line ends with CR and LF.")
    first = _LINE.fullmatch(lines[0])
    if first is None:
        raise BadHead("400 Bad Request", "The request line is: method, target, HTTP/1.1.")
    if first[3] != b"1":
        raise BadHead("505 HTTP Version Not Supported", "This server speaks HTTP/1.1.")
    if len(lines) - 3 > most_fields:
        sentence = f"At most {most_fields} fields."
        raise BadHead("431 Request Header Fields Too Large", sentence, "header_bytes")
    fields: dict[str, str] = {}
    for line in lines[1:-2]:
        match = _FIELD.fullmatch(line)
        if match is None:
            raise BadHead("400 Bad Request", "A field is a name, a colon and a value.")
        name, value = str(match[1], "ascii").lower(), str(match[2], "latin-1")
        if name in fields:
            if name in _ONCE:
                raise BadHead("400 Bad Request", f"There must be one {name} field.")
            value = fields[name] + ("; " if name == "cookie" else ", ") + value
        fields[name] = value
    version = f"HTTP/1.{int(first[4])}"
    if "host" not in fields and version != "HTTP/1.0":
        raise BadHead("400 Bad Request", "There must be one host field.")
    if "transfer-encoding" in fields:
        raise BadHead("411 Length Required", "Send a body with Content-Length.", "content_length")
    length = fields.get("content-length", "0")
    if not _DIGITS.fullmatch(length):
        raise BadHead("400 Bad Request", "Content-Length is a number.", "content_length")
    options = [option.strip() for option in fields.get("connection", "").lower().split(",")]
    return Head(
        first[1].decode("ascii"),
        first[2].decode("ascii"),
        version,
        fields,
        int(length),
        "close" in options or version == "HTTP/1.0",
    )
