"""Upgrade: a connection begins as HTTP and goes on as a WebSocket.

    client sends   payload           acknowledged with
    echo           {"text": str}     {"ok": true, "text": str}

    server sends   payload           to
    (nothing)      unasked: on this namespace every frame from the server is an answer

    POST /upgrade/accept {"key": str} answers every step from a key to Sec-WebSocket-Accept.
    POST /upgrade/dial {"request": str} sends these bytes to this server on a new connection,
    after them those that "then_hex" spells, if it is there, and answers
    {"sent_hex": str, "received_hex": str, "closed": bool}.

Source: RFC 6455, sections 1.3 and 4.2; RFC 9112, section 2.1.
"""

from contextlib import contextmanager

from flask import Blueprint, request

from ...protocols.handshake import accept_value
from .. import base
from ..base import Refused, services
from . import dialler
from .talk import call

bp = Blueprint("upgrade", __name__, url_prefix="/upgrade")


class Upgrade(base.LessonNamespace):
    def on_echo(self, data):
        text = base.require_text(data, "text")
        base.check_step(data)
        return {"ok": True, "text": text}


@bp.post("/accept")
def accept():
    key = base.require_text({"key": dialler.asked(request.get_data(), "key")}, "key", 64)
    return {"ok": True} | accept_value(key)


@bp.post("/dial")
def dial():
    here, port = request.environ["socketlab.connection"], int(request.environ["SERVER_PORT"])
    if (request.remote_addr, request.environ["REMOTE_PORT"]) in services().own_calls:
        raise Refused("a raw request inside a raw request is refused", 403)
    if (seat := base.here()) is None:
        raise Refused("raw requests are for those with a seat: open any lesson first", 403)
    body = request.get_data()
    data = dialler.read(dialler.asked(body, "request"), request.host, port)
    data += dialler.frames(dialler.asked(body, "then_hex"), len(data))
    with services().keep(dialler.Dials).one(seat, services().now()):
        received, closed = call((here.local_address(), port), data, lambda me: calls_of(seat, me))
    hide = services().tap.redactor.http  # what the wire does not show, this does not show either
    sent, answer = (hide(part, "", len(part)).data.hex() for part in (data, received))
    return {"ok": True, "sent_hex": sent, "received_hex": answer, "closed": closed}


@contextmanager
def calls_of(seat, caller):
    """While it lasts, the connection from ``caller`` counts as the seat's."""
    services().own_calls[caller] = seat
    try:
        yield
    finally:
        del services().own_calls[caller]


NAMESPACES = {"/upgrade": Upgrade}
