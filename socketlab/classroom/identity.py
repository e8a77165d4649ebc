"""Which seat an HTTP request comes from, before any page or engine sees it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from werkzeug.http import parse_cookie

from .seats import Seats, UnknownSeat
from .teacher import Teacher

SEAT_COOKIE, TEACHER_COOKIE = "socketlab_seat", "socketlab_teacher"


def identify(
    environ: dict[str, Any], seats: Seats, own_calls: Mapping[tuple[str, str], str]
) -> str | None:
    """The seat id that a request's cookie or ``?seat=`` proves, or None.

    A connection that this server opened for a seat is that seat's, whatever it says of
    itself: ``own_calls`` maps the (address, port) of such callers to seat ids. The query is for
    raw clients, which have no cookie jar; it wins, since it was typed on purpose. A token that
    is not ours is the same as none.
    """
    caller = environ.get("REMOTE_ADDR", ""), environ.get("REMOTE_PORT", "")
    if caller in own_calls:
        return own_calls[caller]
    query = environ.get("QUERY_STRING", "")
    tokens: list[str | None] = list(parse_qs(query).get("seat", [])) if "seat=" in query else []
    tokens.append(parse_cookie(environ.get("HTTP_COOKIE", "")).get(SEAT_COOKIE))
    for token in tokens:
        try:
            return seats.claim(token).id
        except UnknownSeat:
            continue
    return None


def is_teachers(environ: dict[str, Any], teacher: Teacher) -> bool:
    """Whether a request is the teacher's: by the cookie, or by the key that brings it.

    On the way in the teacher has no cookie yet, and a full server lets nobody else in.
    """
    cookies = environ.get("HTTP_COOKIE", "")
    if TEACHER_COOKIE in cookies and teacher.owns(parse_cookie(cookies).get(TEACHER_COOKIE)):
        return True
    if environ.get("PATH_INFO") != "/teach":
        return False
    return any(map(teacher.brings_key, parse_qs(environ.get("QUERY_STRING", "")).get("key", [])))
