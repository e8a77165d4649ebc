"""The projected screen, /wall: only the teacher opens it, the whole class reads it.

It holds no token: its script is known to /class by the cookies of the teacher's browser.
"""

from urllib.parse import urlsplit

from flask import Blueprint, abort, render_template

from ..classroom.services import services
from ..classroom.teacher import spaced
from .joining import qr
from .pages import is_teacher, seat_here

NOT_YOURS = "The wall is the teacher's. It is opened from the teacher's page, in the same browser."

bp = Blueprint("wall", __name__)


@bp.get("/wall")
def wall():
    if not is_teacher():
        abort(403, NOT_YOURS)
    here = services()
    seat_here()  # its cookie is how the script is known
    return render_template(
        "wall.html",
        lessons=here.notes,
        review=here.review,
        address=(address := here.ways_in.url("/join")),
        host=urlsplit(address).netloc,
        only_here=here.ways_in.only_here,
        code=spaced(here.code),
        qr=qr(here.join_address),
    )
