"""An exercise: its page, its starters to download, and the page in which a student's code runs."""

from flask import Blueprint, make_response, render_template, request

from ..classroom.services import services
from .headers import sandbox_policy

bp = Blueprint("exercise_page", __name__)


@bp.get("/exercise/sandbox")
def sandbox():
    """A page for a frame: it has no origin, so no cookies, and the policy of what runs in it.

    Its script stands in it, since a page without an origin may load none of our files but one.
    """
    file, _ = services().assets.find("exercise/sandbox.frame.js")
    script = file.data.decode()
    answer = make_response(render_template("sandbox.html", script=script))
    policy = sandbox_policy(request.host, script)
    answer.headers["Content-Security-Policy"] = policy
    return answer
