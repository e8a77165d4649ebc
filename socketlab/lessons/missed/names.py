"""Run ids that prove whose they are: nobody can ask for another seat's run, nor guess one. Pure."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode


class Names:
    """An id is 4 characters for this start of the server, 8 random ones, 8 that sign both and
    the seat. So a restarted server still tells a run that it lost from one that never was.
    """

    def __init__(self, key):
        self._key = key.encode()
        self._start = secrets.token_urlsafe(3)

    def new(self, seat):
        body = self._start + secrets.token_urlsafe(6)
        return body + self._sign(body, seat)

    def whose(self, run, seat):
        """ "now" or "earlier": when this seat got that id; None if it never did."""
        if len(run) != 20 or not run.isascii():
            return None
        if not hmac.compare_digest(run[12:], self._sign(run[:12], seat)):
            return None
        return "now" if run.startswith(self._start) else "earlier"

    def _sign(self, body, seat):
        sum_ = hmac.new(self._key, f"run {seat} {body}".encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(sum_[:6]).decode()
