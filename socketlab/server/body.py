"""A request's body as an application reads it: one that does not come whole is the client's fault.

What a read raises would otherwise pass for a fault of the page that reads. Flask answers the
exceptions used here with their own status.
Source: RFC 9110, sections 15.5.1 and 15.5.9.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from wsgiref.types import WSGIEnvironment

from werkzeug.exceptions import BadRequest, HTTPException, RequestTimeout

from .refusals import Refusals

INCOMPLETE = "The body did not come whole."


class Body:
    """``wsgi.input`` around another one. Source: PEP 3333, "Input and Error Streams"."""

    def __init__(self, environ: WSGIEnvironment, refusals: Refusals) -> None:
        self.body: Any = environ["wsgi.input"]
        self.address, self.refusals = environ.get("REMOTE_ADDR", ""), refusals

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, or all that is left."""
        return self._whole(self.body.read, size)

    def readline(self, size: int = -1) -> bytes:
        """The next line, or ``size`` bytes of it."""
        return self._whole(self.body.readline, size)

    def __iter__(self) -> Body:
        return self

    def __next__(self) -> bytes:
        if line := self.readline():
            return line
        raise StopIteration

    def _whole(self, read: Callable[[int], bytes], size: int) -> bytes:
        try:
            return read(size)
        except TimeoutError:
            raise self._refused(RequestTimeout(INCOMPLETE), "body_seconds") from None
        except OSError:
            raise self._refused(BadRequest(INCOMPLETE)) from None

    def _refused(self, no: HTTPException, limit: str = "") -> HTTPException:
        self.refusals.note(f"HTTP {no.code}", f"{INCOMPLETE} ({self.address})", limit)
        return no
