"""How a class comes in: the page to join by, the card on the board, the doctor for who cannot."""

import logging
from urllib.parse import urlsplit

import segno
from flask import Blueprint, abort, redirect, render_template, request

from ..classroom.refused import Refused
from ..classroom.services import services
from ..classroom.teacher import plain, spaced
from .pages import is_teacher, seat_here, where_the_class_is

LONGEST_FIELD = 200  # characters of a form that are looked at
PATIENCE_SECONDS = 60  # without a visitor; then /check says what to do

log = logging.getLogger("socketlab.class")

bp = Blueprint("joining", __name__)


@bp.route("/join", methods=["GET", "POST"])
@bp.get("/join/<code>")
def join(code=""):
    """The form, with the code of the address in it; for who is in the class, where it is."""
    seat = seat_here()
    if request.method == "POST":
        return take_seat(seat)
    mine = seat.joined and plain(code) in ("", services().code)
    if mine and "change" not in request.args:
        return render_template("joined.html", class_at=where_the_class_is())
    known = services().code if seat.joined else plain(code)
    return render_template("join.html", code=spaced(known), nick=seat.nick, wrong={})


def take_seat(seat):
    """Join by what the form holds, or show it again with a sentence beside the wrong field."""
    code, nick = (request.form.get(name, "")[:LONGEST_FIELD] for name in ("code", "nick"))
    field = "code"
    try:
        services().check_code(code, request.remote_addr)
        field = "nick"
        services().seats.rename(seat, nick)
        services().seats.join(seat)
    except Refused as no:
        services().reached.note(no.limit)
        wrong = {field: str(no)}
        return render_template("join.html", code=code, nick=nick, wrong=wrong), no.status
    log.info("%s has joined (%d seats)", seat.nick, len(services().seats))
    class_at = where_the_class_is()
    return redirect(class_at["address"] if class_at["place"] else "/join", 303)


@bp.get("/teach/card")
def card():
    """The way in on one sheet of paper, for the board or the door."""
    if not is_teacher():
        abort(403, "This card is the teacher's. The way to it stands on the teacher's page.")
    here = services()
    first, *others = here.ways_in.addresses() or [here.ways_in.first()]
    return render_template(
        "card.html",
        address=here.ways_in.url("/join", first),
        others=[here.ways_in.url("/join", name) for name in others[:3]],
        code=spaced(here.code),
        qr=qr(here.join_address),
        only_here=here.ways_in.only_here,
    )


@bp.get("/check")
def check():
    """The doctor: what another machine can reach, and what this device can do."""
    here, peer = services(), request.remote_addr
    seat_here()
    ways = here.ways_in.report()
    return render_template(
        "check.html",
        ways=ways,
        patience=PATIENCE_SECONDS,
        qr=None if ways["only_here"] else qr(here.ways_in.url("/check")),
        client_sha256=here.client_sha256,
        host=request.host,
        elsewhere=here.ways_in.from_elsewhere(peer, local_address()),
    )


@bp.get("/check/addresses")
def check_addresses():
    """For the same page, again and again: ``WaysIn.report``."""
    return services().ways_in.report()


@bp.before_app_request
def note_the_way_in():
    """Which of our addresses other machines really open is known from their requests."""
    ways = services().ways_in
    name = urlsplit(request.host_url).hostname or ""
    if ways.note(name, request.remote_addr or "", local_address()):
        log.info("another machine has opened %s", ways.url("/", name))


def local_address():
    """The address of ours that this request came to."""
    return request.environ["socketlab.connection"].local_address()


def qr(address):
    """A QR code as SVG, which scales with its style."""
    return segno.make(address, error="m").svg_inline(omitsize=True, border=0)


@bp.app_template_filter("sentence")
def sentence(text):
    """A refusal as it stands on a page: with a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
