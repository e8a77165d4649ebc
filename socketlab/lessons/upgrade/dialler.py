"""The raw dialler of lesson "upgrade": what it sends, to whom, how often. Pure.

A visitor writes a whole HTTP request by hand, as wrong as they like, and it is sent to this
server and to no other. The connection could reach nobody else, since it goes to the address
that the visitor's own request came in at; a request that names another host is refused all
the same, so that nobody believes it went there.

After a request that asks for a WebSocket, frames may follow, spelt in hex: no browser lets a
page send broken ones.

Source: RFC 9112, sections 3.2 (what a target may look like) and 5.2 (folded lines); RFC 9110,
section 7.2 (Host).
"""

import json
import re
from contextlib import contextmanager
from ipaddress import ip_address

from ...classroom.refused import Refused
from ...limits import Tries

REQUEST_BYTES = 4096
ANSWER_BYTES = 64 * 1024  # a lesson page fits; a flood does not
SECONDS = 5  # for the whole dial
QUIET_SECONDS = 0.4  # an open connection that says nothing more for so long has said it
AT_ONCE = 16
A_MINUTE = 10  # for one seat
A_MINUTE_IN_ALL = 6000

REQUEST_TOO_LONG = f"a request here is at most {REQUEST_BYTES} bytes, not {{}}"
_FOLD = re.compile(r"(?:\r\n|\r|\n)[ \t]+")
_HOST = re.compile(r"host[ \t]*:(.*)", re.IGNORECASE)
_TARGET = re.compile(r"[^\s:]+[ \t]+[a-z][a-z0-9+.-]*://([^/?#\s]*)", re.IGNORECASE)
_CONNECT = re.compile(r"connect[ \t]+(\S+)", re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:/]*)(?::([0-9]*))?")


class NotDialled(Refused):
    """A raw request that is not sent, and why."""


def asked(body: bytes, name: str):
    """The member ``name`` of the JSON object in a request's body; raises NotDialled."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise NotDialled(f'send one JSON object, for example {{"{name}": "…"}}')
    return data.get(name)


def read(request, here: str, port: int) -> bytes:
    """The bytes to send for what was typed; raises NotDialled with a sentence.

    ``here`` is the Host by which the visitor came to this server, ``port`` where it listens.
    """
    if not isinstance(request, str):
        raise NotDialled("request must be a text: the whole HTTP request, as it is to be sent")
    if not request:
        raise NotDialled("request is empty: begin with a request line")
    try:
        data = request.encode()
    except UnicodeEncodeError:
        raise NotDialled("request holds half a character, which no bytes stand for") from None
    if len(data) > REQUEST_BYTES:
        raise NotDialled(REQUEST_TOO_LONG.format(len(data)), limit="dials")
    for host in hosts(request):
        if not means(host.lower(), here.lower(), port):
            raise NotDialled(
                f"{host[:60]} is another host; a raw request goes to this server only: write {here}"
            )
    return data


def frames(spelt, size: int) -> bytes:
    """What follows a request of ``size`` bytes, spelt in hex: frames, right or wrong.

    Nothing where it is left out. Raises NotDialled.
    """
    try:
        data = b"" if spelt is None else bytes.fromhex(spelt)
    except (TypeError, ValueError):
        raise NotDialled("then_hex must be a text of hex digits, two for a byte") from None
    if size + len(data) > REQUEST_BYTES:
        raise NotDialled(f"a request here is at most {REQUEST_BYTES} bytes, with its frames")
    return data


def hosts(request: str):
    """Every host that a request names: in Host fields and in targets, of each request in it."""
    for line in re.split(r"[\r\n]+", _FOLD.sub(" ", request)):
        if match := _HOST.match(line):
            yield match[1].strip()
        elif match := _TARGET.match(line) or _CONNECT.match(line):
            yield match[1].rpartition("@")[2]


def means(host: str, here: str, port: int) -> bool:
    """Whether an authority in lower case means this server; an empty one names nobody else."""
    match, mine = _AUTHORITY.fullmatch(host), _AUTHORITY.fullmatch(here)
    if match is None or mine is None:
        return False
    if match[2] and match[2] not in (mine[2], str(port)):
        return False
    name = match[1].strip("[]")
    if name in ("", "localhost", mine[1].strip("[]")):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


class Dials:
    """Who dials now, and who has dialled within the last minute."""

    def __init__(self):
        self._tries = Tries(A_MINUTE, A_MINUTE_IN_ALL)
        self._open = 0

    @contextmanager
    def one(self, seat, now: float):
        """One dial of a seat at ``now`` (ms), counted while it lasts; raises NotDialled."""
        if self._open >= AT_ONCE:
            sentence = f"{AT_ONCE} raw requests are under way: try again in a moment"
            raise NotDialled(sentence, 429, "dials")
        if not self._tries.allow(seat, now):
            raise NotDialled(
                f"{A_MINUTE} raw requests a minute are enough: wait a while", 429, "dials"
            )
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
