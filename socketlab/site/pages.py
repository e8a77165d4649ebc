"""The pages: everything that is read rather than spoken. Thin: look up, render, answer."""

import logging
from time import gmtime, strftime
from urllib.parse import urlsplit

import segno
from flask import (
    Blueprint,
    Response,
    abort,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.exceptions import HTTPException

from ..classroom.export import to_csv
from ..classroom.identity import SEAT_COOKIE, TEACHER_COOKIE
from ..classroom.refused import Refused, TooManyTries
from ..classroom.services import services
from ..classroom.teacher import spaced
from ..health import KINDS, LIMITS
from . import review
from .assets import packed
from .headers import add_headers
from .notes import inline_html

A_DAY = 24 * 3600
FOR_EVER = "public, max-age=31536000, immutable"
MOST_ROWS = 500  # of the wire, in one answer

log = logging.getLogger("socketlab.class")

bp = Blueprint("pages", __name__)


@bp.get("/")
def index():
    here, seat = services(), known_seat()
    choices = here.classroom.choices(seat.id) if seat else {}
    rows = [
        row | {"locked": locked(row, choices), "exercise": exercise_of(row["slug"], seat)}
        for row in here.course
    ]
    return render_template(
        "index.html",
        rows=rows,
        start=lesson_to_go_on_with(rows),
        class_at=where_the_class_is(),
        questions=len(here.review),
        due=len(due_questions(seat)) if seat else 0,
    )


@bp.get("/lesson/<slug>")
def lesson(slug):
    note, previous, following = find(slug)
    g.on_wall = "wall" in request.args and is_teacher()  # in a frame there: the demo alone
    choices = {} if g.on_wall else services().classroom.choices(seat_here().id)
    progress = None if is_teacher() else services().classroom.progress()
    waits = progress and progress[0]  # the step that is voted on: then the teacher runs it
    view = vars(note) | {
        "predictions": [
            vars(p) | {"step": p.id, "locked": choices.get(p.id), "votes": p.id == waits}
            for p in note.predictions
        ],
        "files": services().sources[slug],
        "exercise": exercise_of(slug, known_seat()),
        "stylesheet": own_file(slug, "panel.css"),
        "teacher_notes": note.teacher if is_teacher() and not g.on_wall else None,
        "previous": previous,
        "following": following,
        "warmup": None if g.on_wall else two_before(note),
    }
    return render_template("lesson.html", lesson=view, on_wall=g.on_wall)


@bp.get("/source/<slug>")
def source(slug):
    """The files as they are on disk: coloured for a browser, plain for a program."""
    note, _, _ = find(slug)
    files = services().sources[slug]
    if request.accept_mimetypes.best_match(["text/plain", "text/html"]) == "text/html":
        return render_template("source.html", slug=slug, title=note.title, files=files)
    return Response("\n".join(file.text for file in files), mimetype="text/plain")


@bp.get("/glossary")
def glossary():
    return render_template("glossary.html", letters=services().glossary)


@bp.get("/teach")
def teach():
    if "key" in request.args:
        try:
            cookie = services().teacher.cookie_for(request.args["key"], request.remote_addr)
        except TooManyTries as no:
            services().reached.note(no.limit)
            abort(no.status, str(no))
        if cookie is None:
            abort(403, "That is not the teacher's key. It stands in the terminal.")
        answer = redirect(url_for("pages.teach"), 303)
        return keep_cookie(answer, TEACHER_COOKIE, cookie, "Strict")
    if not is_teacher():
        abort(403, "This page is the teacher's. Its address, with the key, stands in the terminal.")
    here = services()
    qr_svg = segno.make(here.join_address, error="m").svg_inline(omitsize=True, border=0)
    seat_here()  # the cockpit speaks on /class as any page does
    return render_template(
        "teach.html",
        notes=here.notes,
        students=[note.slug for note in here.notes if own_file(note.slug, "student.js")],
        numbers={note.slug: note.number for note in here.notes},
        plans=here.plans,
        review=here.review,
        join_address=here.join_address.rsplit("/", 1)[0],
        only_here=urlsplit(here.join_address).hostname in ("127.0.0.1", "localhost"),
        code=spaced(here.code),
        facts=here.teachers_facts,
        qr_svg=qr_svg,
        health=health(),
        kinds=KINDS,
        limits=LIMITS,
        most_sockets=here.most_sockets,
        disk_is_full=here.disk_is_full,
    )


@bp.get("/teach/export.csv")
def export():
    """The class as a table; names only with ``?names=1``."""
    if not is_teacher():
        abort(403, "This file is the teacher's. Its address, with the key, stands in the terminal.")
    here, names = services(), request.args.get("names") == "1"
    session = here.classroom.minutes.session(names)
    course = here.classroom.course
    answer = Response(to_csv(session, course, here.now(), here.nick_of), mimetype="text/csv")
    day = strftime("%Y-%m-%d", gmtime(here.now() / 1000))
    answer.headers["Content-Disposition"] = f'attachment; filename="class-{day}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/static/<path:name>")
def asset(name):
    """A style sheet or a script, packed for whoever can undo that."""
    file, for_ever = services().assets.find(name)
    if file is None:
        abort(404)
    answer = Response(file.data, content_type=file.type)
    if accepts_gzip():
        pack(answer, file.packed)
    answer.vary.add("Accept-Encoding")
    answer.set_etag(f"{file.tag}-{answer.content_encoding or 'plain'}")
    answer.headers["Cache-Control"] = FOR_EVER if for_ever else "no-cache"
    return answer.make_conditional(request)


@bp.get("/wire")
def wire():
    """With ``?after=n`` the rows of the visitor's own connections; else the explorer's page.

    The teacher may name another seat: ``?of=<seat id>``.
    """
    if "after" not in request.args:
        return render_template("wire.html", here=seat_here())
    numbers = {name: request.args.get(name) for name in ("after", "connection", "limit", "last")}
    for name, text in numbers.items():
        if text is not None and not (text.isascii() and text.isdigit() and len(text) < 16):
            return {"ok": False, "error": f"{name} must be a whole number, 0 or more"}, 400
    asked = {name: int(text) for name, text in numbers.items() if text is not None}
    asked["limit"] = min(max(asked.get("limit", MOST_ROWS), 1), MOST_ROWS)
    seat = request.environ.get("socketlab.seat")
    if request.args.get("of", seat) != seat:
        if not is_teacher():
            return {"ok": False, "error": "only the teacher sees what crosses to others"}, 403
        seat = request.args["of"]
    if seat is None:
        return {"rows": [], "next": asked["after"], "dropped": 0}
    return services().rows.read(seat, **asked)


@bp.get("/healthz")
def healthz():
    return health()


def health():
    """How the server is: who is here, what is kept in memory, which limits were reached."""
    here = services()
    state = here.classroom.state()
    return {
        "ok": True,
        "connections": here.connections(),
        "seats": len(here.seats),
        "buffer": state["buffer"]["kind"],
        "memory": {kind: dict(here.memory[kind]()) for kind in KINDS},
        "limits": here.reached.counts(),
    }


# How far a visitor is, and the class


def locked(row, choices):
    """``{step: choice}`` of a lesson's predictions that are locked."""
    return {step: choices[step] for step in row.get("steps", ()) if step in choices}


def exercise_of(slug, seat):
    """How far a visitor is with a lesson's exercise, or None where it has none.

    ``{"slug", "title", "minutes", "attempts", "passed", "of", "done"}``
    """
    note = services().exercise_notes.get(slug)
    if note is None:
        return None
    far = progress_of(seat, slug)
    sums = {"attempts": far.attempts, "passed": far.best, "of": far.of} if far else {}
    about = {name: getattr(note, name) for name in ("slug", "title", "minutes")}
    return about | sums | {"done": far is not None and far.done_at is not None}


def progress_of(seat, slug):
    """How far a seat is with an exercise: its record, or None where that cannot be read."""
    try:
        return services().progress_of(seat.id, slug) if seat else None
    except Refused:
        return None


def lesson_to_go_on_with(rows):
    """The last lesson in which a visitor has locked something, else the first; None without any."""
    there = [row for row in rows if row["ready"]]
    begun = [row for row in there if row["locked"]]
    return (begun[-1:] or there[:1] or [None])[0]


def lessons_begun(seat):
    """In how many lessons a seat has locked a prediction."""
    here = services()
    choices = here.classroom.choices(seat.id)
    return sum(bool(locked(row, choices)) for row in here.course)


def due_questions(seat):
    """The ids of the review's questions that have come back to a seat."""
    return services().reviews.due(seat.id, lessons_begun(seat))


def two_before(note):
    """The lesson whose checks come back in this one: two before it, of those that are there."""
    notes = services().notes
    i = notes.index(note)
    return notes[i - 2] if i > 1 else None


def where_the_class_is():
    """``{"address", "place"}`` of the teacher's step: "lesson 7", "the review".

    Before the first step it is the first lesson's address, and no place.
    """
    here = services()
    state = here.classroom.state()
    if state["lesson"] == review.PLACE:
        step = f"#{state['step']}" if state["step"] in here.reviews.questions else ""
        return {"address": f"/review{step}", "place": "the review"}
    there = [row for row in here.course if row["ready"]]
    row = next((row for row in there if row["slug"] == state["lesson"]), None)
    if row is None:
        return {"address": f"/lesson/{there[0]['slug']}" if there else "/", "place": None}
    step = f"#predict-{state['step']}" if state["step"] in row["steps"] else ""
    return {"address": f"/lesson/{row['slug']}{step}", "place": f"lesson {row['number']}"}


# What all pages share


def find(slug):
    """The note of a lesson with its neighbours; 404 where there is none."""
    notes = services().notes
    for i, note in enumerate(notes):
        if note.slug == slug:
            previous = notes[i - 1] if i else None
            return note, previous, notes[i + 1] if i + 1 < len(notes) else None
    abort(404, f"There is no lesson called {slug[:40]}.")


def own_file(slug, name):
    """The path of a file in a lesson's own folder of ``static/``, where it has one."""
    path = f"lessons/{slug}/{name}"
    return path if path in services().assets else None


def accepts_gzip():
    """Whether the client can undo gzip (RFC 9110, section 12.5.3)."""
    return request.accept_encodings["gzip"] > 0


def pack(answer, data):
    """Make ``data``, packed, the body of an answer."""
    answer.set_data(data)
    answer.content_encoding = "gzip"


def seat_here():
    """The visitor's seat; the first visit takes one quietly and gets its cookie."""
    seat = known_seat()
    if seat is None:
        seat = g.new_seat = services().seats.take()
        if exchange := request.environ.get("socketlab.exchange"):
            exchange.claim(seat.id)
    return seat


def known_seat():
    """The seat of a visitor who has one, also if it was taken just now; else None."""
    return g.get("new_seat") or services().seats.get(request.environ.get("socketlab.seat"))


def is_teacher():
    return services().teacher.owns(request.cookies.get(TEACHER_COOKIE))


def keep_cookie(response, name, value, same_site):
    response.set_cookie(
        name, value, A_DAY, httponly=True, samesite=same_site, secure=request.is_secure
    )
    return response


@bp.app_template_filter("inline")
def inline(markdown):
    """A sentence of a note, with its code and its emphasis."""
    return inline_html(markdown)


@bp.app_context_processor
def everywhere():
    here = services()
    here.assets.refresh()
    seat = known_seat()
    return {
        "seat": seat,
        "in_class": seat is not None and seat.joined and not is_teacher(),
        "teacher": is_teacher(),
        "class_code": spaced(here.code),
        "nothing_is_kept": here.disk_is_full,
        "course": here.course,
        "client_version": here.client_version,
        "asset": here.assets.address,
        "heartbeat": {
            "interval": here.settings["PING_SECONDS"],
            "patience": here.settings["PONG_SECONDS"],
        },
    }


@bp.before_app_request
def same_origin_posts():
    """A form of another site must not act for the visitor (Fetch Metadata, section 2)."""
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
            abort(403, "A page of another site may not send this.")


@bp.after_app_request
def finish(response):
    if "new_seat" in g:
        keep_cookie(response, SEAT_COOKIE, g.new_seat.token, "Lax")
    if response.mimetype == "text/html":
        response.vary.add("Accept-Encoding")
        if accepts_gzip():
            pack(response, packed(response.get_data()))
    framers = "'self'" if g.get("on_wall") else "'none'"
    return add_headers(response, request.host_url, request.path, framers)


@bp.app_errorhandler(HTTPException)
def failed(error):
    """Every error is a page that says what happened and leads back."""
    page = "not_found.html" if error.code == 404 else "message.html"
    return render_template(page, title=error.name, sentence=error.description), error.code
