"""What takes the place of our server's objects where another server runs the application.

``flask run``, Flask's test client and any WSGI server can serve the pages. Nothing is recorded
then, and there is no socket whose address could be asked for.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from wsgiref.types import WSGIEnvironment


class NoExchange:
    """Stands for the tap's exchange: it is told everything and keeps nothing."""

    def claim(self, seat: str) -> None:
        """Whose request it is."""

    def belong(self, session: str) -> None:
        """Which Engine.IO session it carries."""

    def mark_empty(self) -> None:
        """It brought no news."""

    def skip(self) -> None:
        """It is not to be recorded."""


class NoConnection:
    """Stands for the TCP connection, which another server keeps to itself."""

    can_upgrade = False  # nobody hands it over

    def __init__(self, environ: WSGIEnvironment) -> None:
        self.environ = environ

    def local_address(self) -> str:
        """The address of ours that the client connected to, as far as the server tells."""
        return str(self.environ.get("SERVER_NAME", ""))

    def serves(self, rank: int) -> bool:
        """How many connections there may be is the other server's business."""
        return True

    def while_client_waits(self) -> AbstractContextManager[None]:
        """Nobody here can see the client hang up."""
        return nullcontext()


def supply(environ: WSGIEnvironment) -> bool:
    """Puts the stand-ins into a request that did not come through our server: was it so?"""
    if "socketlab.connection" in environ:
        return False
    environ["socketlab.exchange"] = NoExchange()
    environ["socketlab.connection"] = NoConnection(environ)
    return True
