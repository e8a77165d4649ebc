"""/review: the page, and what it tells the server. What a student writes is never sent.

    POST /review/answer {"question": id}          {"ok": true, "question", "rating": null,
    an answer is locked: the first one stands      "comes_back": null}
    POST /review/rate {"question": id, "rating":  {"ok": true, "question", "rating",
                       "knew"|"partly"|"not_yet"}  "comes_back": "after 2 more lessons" | null}

Refused with {"ok": false, "error": "<a sentence>"}: another shape, an unknown question, a rating
without an answer, too many in a second, a visitor without a seat. Of the teacher, who only tries
the page out, nothing is kept or counted.
"""

import json
from time import monotonic

from flask import Blueprint, render_template, request

from ..classroom.payloads import require_choice, require_text
from ..classroom.refused import Refused, Unknown
from ..classroom.reviews import APART_MS, COMING_BACK, LESSONS_APART, RATINGS, Answered
from ..classroom.seated import TOO_FAST
from ..classroom.services import services
from .pages import due_questions, is_teacher, known_seat, lessons_begun, seat_here
from .review import by_part

LONGEST_ID = 32

bp = Blueprint("reviewing", __name__, url_prefix="/review")


@bp.get("")
def page():
    here, seat = services(), seat_here()
    answered, due = here.reviews.of(seat.id), due_questions(seat)
    cards = {name: state_of(one) for name, one in answered.items() if name not in due}
    return render_template(
        "review.html",
        parts=by_part(here.review),
        cards=cards,  # of a question that has come back there is none: it is to be answered
        due=[question for question in here.review if question.id in due],
        many=len(here.review),
    )


@bp.post("/answer")
def answer():
    seat, data = who(), told()
    question = require_text(data, "question", LONGEST_ID)
    if is_teacher():
        return shown(known(question), None)
    return shown(question, services().reviews.answer(seat.id, question, lessons_begun(seat)))


@bp.post("/rate")
def rate():
    seat, data = who(), told()
    question = require_text(data, "question", LONGEST_ID)
    rating = require_choice(data, "rating", RATINGS)
    if is_teacher():
        return shown(known(question), None) | {"rating": rating}
    reviews = services().reviews
    return shown(question, reviews.rate(seat.id, question, rating, lessons_begun(seat)))


def who():
    """The visitor's seat, which may say so much in a second. Raises Refused."""
    seat = known_seat()
    if seat is None:
        raise Refused("this browser has no seat: open /review first", 403)
    if limit := services().events.refusal(seat.id, monotonic()):
        raise Refused(TOO_FAST[limit], 429, limit)
    return seat


def told():
    """The JSON object in the request's body. Raises Refused."""
    try:
        data = json.loads(request.get_data())
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise Refused('send one JSON object, for example {"question": "missed"}')
    return data


def known(question):
    if question not in services().reviews.questions:
        raise Unknown(f"the review has no question called {question}")
    return question


def shown(question, answered):
    """What a page is told of an answer; None: one that is not kept."""
    return {"ok": True, "question": question} | state_of(answered or Answered(0, None, 0))


def state_of(answered):
    """Of an answered question: ``{"rating", "comes_back"}``."""
    return {"rating": answered.rating, "comes_back": comes_back(answered)}


def comes_back(answered):
    """When it does, in words; None: it was known, or is not rated yet."""
    if answered.rating not in COMING_BACK:
        return None
    lessons = min(LESSONS_APART, len(services().notes) - answered.begun)
    if lessons > 0:
        return f"after {lessons} more lesson{'s' if lessons > 1 else ''}"
    return f"in {APART_MS // 60_000} minutes"
