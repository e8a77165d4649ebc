"""Finds secrets in what crosses and paints them over with ``*``, same length. Pure.

Secret are: the values of Cookie, Set-Cookie and Authorization; parameters of a query or a form,
and members of a CONNECT packet's data, that have certain names; every token that begins with a
certain prefix, and every text that was registered, wherever they stand. An escaped secret is a
secret (``%73eat.``, ``\\u0073eat.``), and so is one that is split over chunks or fragments.
Behind a mask, the painted bytes unmask to ``*``.

Most of what crosses holds nothing to hide: one search says so, and the bytes are kept as they are.
Source: RFC 6265, section 4 (cookies); RFC 9112, section 7.1 (chunks); RFC 6455, section 5.3 (mask).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from ..protocols.packets import CONNECT, MESSAGE, SEPARATOR
from ..protocols.websocket import header_size
from .rings import Captured, Spans

KEEP = 1 << 16  # of one record; a page is smaller, and a longer body teaches nothing new

_FIELD = re.compile(
    rb"(?im)^(?:cookie|set-cookie|authorization|proxy-authorization)[ \t]*:[ \t]*([^\r\n]*)"
)
_CODED = re.compile(rb"(?im)^content-encoding[ \t]*:")
_CONNECT = re.compile(
    rf"(?:^|{SEPARATOR}|\n){MESSAGE}?{CONNECT}(?:/[^,{{{SEPARATOR}]*,)?(\{{[^{SEPARATOR}]*)".encode()
)
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_ESCAPE = re.compile(rb"\\u00([0-9A-Fa-f]{2})")


class Redactor:
    """Finds secrets in what crosses and paints them over, same length.

    ``secrets`` are texts that are never to be shown. ``parameters`` are names in a query or a
    form, ``members`` names in JSON, whose values are secret; ``token`` is what every token
    begins with, letters, digits, ``_``, ``.`` and ``-`` following.
    """

    # What this application calls its secrets. An application with other names hands them in.
    PARAMETERS = ("seat", "key", "code")
    MEMBERS = (*PARAMETERS, "token", "password")
    TOKEN = "seat."

    def __init__(
        self,
        secrets: Iterable[str] = (),
        parameters: Iterable[str] = PARAMETERS,
        members: Iterable[str] = MEMBERS,
        token: str = TOKEN,
    ) -> None:
        self.secrets: set[str] = set()
        parameters, members = tuple(parameters), tuple(members)
        # One of these words stands in every message, and in every request or response, that
        # holds a secret. A word is looked for a hundred times faster than a pattern.
        self._words = [token, "%", "\\u00", *(f'"{name}"' for name in members)]
        self._http_words = ["cookie", "authorization", "chunked", "content-encoding"]
        self._http_words += [f"{name}=".lower() for name in parameters]
        self._token = rf"{re.escape(token)}[A-Za-z0-9_.-]+"
        self._query = re.compile(rf"(?:^|[?&\s])(?:{_either(parameters)})=([^&\s#\"]+)".encode())
        self._member = re.compile(rf'"(?:{_either(members)})"\s*:\s*"((?:[^"\\]|\\.)*)'.encode())
        self._compile()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """One more text that is never to be shown; shorter than 4 characters is no secret."""
        if len(secret) >= 4 and secret not in self.secrets:
            self.secrets.add(secret)
            self._compile()

    def _compile(self) -> None:
        words = [re.escape(secret) for secret in sorted(self.secrets, key=len, reverse=True)]
        self.token = re.compile("|".join([self._token, *words]).encode())
        self.words = [*self._words, *self.secrets]
        self.byte_words = [_as_text(word.encode()) for word in self.words]

    def find(self, data: bytes, query: bool = False) -> Spans:
        """The (start, length) of every secret in ``data``, also percent- or JSON-escaped."""
        spans = []
        for view, places in _views(data):
            patterns = [(self.token, 0)] + ([(self._query, 1)] if query else [])
            found = [m.span(group) for regex, group in patterns for m in regex.finditer(view)]
            for packet in _CONNECT.finditer(view):
                for member in self._member.finditer(view, *packet.span(1)):
                    found.append(member.span(1))
            spans += [(places(start), places(end)) for start, end in found if end > start]
        return _joined(spans)

    def http(self, data: bytes, label: str, size: int) -> Captured:
        """A request or response as kept: named fields, query values and tokens blanked.

        Of a compressed body everything is blanked.
        """
        text = _as_text(data)
        if not (_holds_any(text, self.byte_words) or _holds_any(text.lower(), self._http_words)):
            return Captured(data[:KEEP], label, size, kind="http")
        head, _, body = data.partition(b"\r\n\r\n")
        # In all of it: a response may have a second head, after "100 Continue".
        spans = [m.span(1) for m in _FIELD.finditer(data)]
        body_at = len(head) + 4
        for start, length in self.find(head, query=True):
            spans.append((start, start + length))
        if body:
            plain, places = _unchunked(head, body)
            # A secret would not be found in what is compressed.
            found = [(0, len(plain))] if _CODED.search(head) else self._in_body(plain)
            for start, length in found:
                spans += _runs(places(start, start + length), body_at)
        spans = _joined([span for span in spans if span[1] > span[0]])
        data = _painted(data, spans)[:KEEP]
        kept = tuple((at, min(length, KEEP - at)) for at, length in spans if at < KEEP)
        return Captured(data, label, size, kept, kind="http")

    def _in_body(self, plain: bytes) -> Spans:
        """The (start, length) of every secret in a body: of a form, of JSON, of a page."""
        found = self.find(plain, query=True)
        if plain[:1] == b"{":
            found += [(m.start(1), len(m[1])) for m in self._member.finditer(plain)]
        return found

    def frames(
        self, raws: Sequence[bytes], label: str, text: str | bytes, compressed: bool = False
    ) -> list[Captured]:
        """The frames of one whole message as :class:`Captured`, in the order they crossed.

        ``text`` is the message, unmasked and inflated: str or bytes. A token split over
        fragments is one token here. Frames of a compressed message that holds a secret lose
        their whole payload; the message itself is kept beside the last of them, blanked.
        """
        if not compressed and not self._hinted(text):
            return [_whole(raw, label) for raw in raws]
        data = text.encode("utf-8", "replace") if isinstance(text, str) else bytes(text)
        spans = self.find(data)
        if compressed:
            erase = erased if spans else _whole
            captured = [erase(raw, label) for raw in raws]
            captured[-1].inflated = _painted(data, spans)
            return captured
        captured, start = [], 0
        for raw in raws:
            if raw[0] & 0x08 and len(raws) > 1:  # a control frame between the fragments
                captured.append(erased(raw, "control"))
                continue
            at, mask = _payload(raw)
            length = len(raw) - at
            own = [
                (max(s, start) - start + at, min(s + n, start + length) - start + at)
                for s, n in spans
                if s < start + length and s + n > start
            ]
            own = [(a, b - a) for a, b in own if b > a]
            start += length
            painted = _painted(raw, own, mask, at) if own else raw
            captured.append(Captured(painted, label, len(raw), tuple(own)))
        return captured

    def _hinted(self, text: str | bytes) -> bool:
        """Whether a message may hold a secret."""
        if isinstance(text, str):
            return _holds_any(text, self.words)
        return _holds_any(_as_text(text), self.byte_words)


def _as_text(data: bytes) -> str:
    """A character for each byte: in those, words are found in a third of the time."""
    return data.decode("latin-1")


def _holds_any(text: str, words: list[str]) -> bool:
    # No generator: it would take longer than the search.
    for word in words:
        if word in text:
            return True
    return False


def _either(names: Iterable[str]) -> str:
    return "|".join(map(re.escape, names))


def _views(data: bytes) -> Iterator[tuple[bytes, Callable[[int], int]]]:
    """``data`` as it is and with its escapes undone; each with a function back to places."""
    yield data, lambda at: at
    for escape in (_PERCENT, _ESCAPE):
        plain, escapes = escape.subn(lambda match: bytes((int(match[1], 16),)), data)
        if escapes:
            yield plain, _Places(data, escape)


class _Places:
    """From a position in the plain text to that in the escaped one; worked out if ever asked."""

    def __init__(self, data: bytes, escape: re.Pattern[bytes]) -> None:
        self.data, self.escape = data, escape
        self.places: list[int] = []

    def __call__(self, at: int) -> int:
        if not self.places:
            here = 0
            for match in self.escape.finditer(self.data):
                self.places += range(here, match.start() + 1)
                here = match.end()
            self.places += range(here, len(self.data) + 1)
        return self.places[at]


def _unchunked(head: bytes, body: bytes) -> tuple[bytes, Callable[[int, int], Sequence[int]]]:
    """A body without its chunk framing, and a function from a span there to places in ``body``."""
    if not re.search(rb"(?im)^transfer-encoding:[ \t]*chunked", head):
        return body, range
    plain, at = bytearray(), 0
    places: list[int] = []
    while at < len(body):
        line = body.find(b"\r\n", at)
        try:
            length = int(body[at:line].split(b";")[0], 16)
        except ValueError:
            break
        start = line + 2
        plain += body[start : start + length]
        places += range(start, min(start + length, len(body)))
        at = start + length + 2
    return bytes(plain), lambda start, end: places[start:end]


def _runs(places: Sequence[int], offset: int) -> list[tuple[int, int]]:
    """Places in a body as (start, end) in the whole of which it is a part."""
    if isinstance(places, range):
        return [(places.start + offset, places.stop + offset)]
    return [(at + offset, at + offset + 1) for at in places]


def _joined(spans: Iterable[tuple[int, int]]) -> Spans:
    """Overlapping and touching (start, end) made one, as (start, length), in order."""
    joined: list[list[int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(end, joined[-1][1])
        else:
            joined.append([start, end])
    return [(start, end - start) for start, end in joined]


def _painted(
    data: bytes, spans: Iterable[tuple[int, int]], mask: bytes | None = None, at: int = 0
) -> bytes:
    """``data`` with ``*`` over the spans; behind a mask, what would unmask to ``*``."""
    if not spans:
        return data
    painted = bytearray(data)
    for start, length in spans:
        end = min(start + length, len(painted))
        if mask is None:
            painted[start:end] = b"*" * (end - start)
            continue
        for place in range(start, end):
            painted[place] = 0x2A ^ mask[(place - at) & 3]
    return bytes(painted)


def _payload(raw: bytes) -> tuple[int, bytes | None]:
    """Where a frame's payload starts, and its mask or None (RFC 6455, section 5.2)."""
    at = header_size(raw[1])
    return at, raw[at - 4 : at] if raw[1] & 0x80 else None


def _whole(raw: bytes, label: str) -> Captured:
    return Captured(raw, label, len(raw))


def erased(raw: bytes, label: str) -> Captured:
    """A frame, or a piece of one, without its payload."""
    at, mask = _payload(raw) if len(raw) > 1 else (len(raw), None)
    spans = ((at, len(raw) - at),) if len(raw) > at else ()
    return Captured(_painted(raw, spans, mask, at), label, len(raw), spans)
