"""An exercise: its page, its starters to download, and the page in which a student's code runs."""

from flask import Blueprint, Response, abort, make_response, render_template, request

from ..classroom.services import services
from .exercises import FOR_NODE, filled
from .headers import sandbox_policy
from .pages import exercise_of, find, seat_here
from .source import coloured

PIP = 'pip install "python-socketio[client]"'
LIBRARY = "import socketio"
TYPES = {"py": "text/x-python", "js": "text/javascript"}

bp = Blueprint("exercise_page", __name__)


@bp.get("/exercise/<slug>")
def exercise(slug):
    note, kind, seat = note_of(slug), services().exercises[slug], seat_here()
    token = services().passes.issue(seat, slug)
    python = filled(note.starters["py"], server(), token)
    return render_template(
        "exercise.html",
        exercise=note,
        lesson=find(slug)[0],
        checks=kind.checks,
        seconds=kind.seconds,
        token=token,
        server=server(),
        python="\n".join(coloured(python, "python")),
        pip=PIP if LIBRARY in python else "",
        lines=note.shuffled(),
        by_hand=by_hand(note, kind, token),
        done=exercise_of(slug, seat)["done"],
        following=following(slug),
    )


@bp.get("/exercise/<slug>/starter.<language>")
def starter(slug, language):
    """The starter as a file, with this server's address and the seat's token in it."""
    note = note_of(slug)
    if language not in note.starters:
        abort(404, f"There is no starter in {language[:20]}.")
    text = (FOR_NODE if language == "js" else "") + note.starters[language]
    token = services().passes.issue(seat_here(), slug)
    answer = Response(filled(text, server(), token), mimetype=TYPES[language])
    answer.headers["Content-Disposition"] = f'attachment; filename="{slug}.{language}"'
    return answer


@bp.get("/exercise/sandbox")
def sandbox():
    """A page for a frame: it has no origin, so no cookies, and the policy of what runs in it.

    Its script stands in it, since a page without an origin may load none of our files but one.
    """
    file, _ = services().assets.find("exercise/sandbox.frame.js")
    script = file.data.decode()
    answer = make_response(render_template("sandbox.html", script=script))
    answer.headers["Content-Security-Policy"] = sandbox_policy(request.host, script)
    return answer


def note_of(slug):
    """The note of an exercise that can be judged; 404 where there is none."""
    if slug not in services().exercise_notes:
        abort(404, f"There is no exercise called {slug[:40]}.")
    return services().exercise_notes[slug]


def following(slug):
    """The next exercise in reading order, or None."""
    slugs = list(services().exercises)
    later = slugs[slugs.index(slug) + 1 :]
    return services().exercise_notes[later[0]] if later else None


def by_hand(note, kind, token):
    """What the raw terminal begins with: ``by`` which way, ``first`` what is to be sent."""
    if kind.raw:
        lines = f"GET /exercise/{note.slug}/raw?seat={token} HTTP/1.1", "Host: {host}", ""
        return {"by": "tcp", "first": "\n".join(lines)}
    packet = f'40/exercise,{{"seat":"{token}","exercise":"{note.slug}"}}'
    return {"by": "websocket", "first": packet}


def server():
    """This server as the visitor reached it: ``http://10.0.0.7:8000``."""
    return request.host_url.rstrip("/")
