"""/class: what every page speaks with, whatever the lesson; and / for who types by hand.

    client sends   payload                            acknowledged with
    take_seat      {"code"?: str, "nick"?: str,       {"ok": true, "seat": id, "nick", "state": {…},
                    "watch"?: true}                    "locked": {step: choice}, "voted": {…}|null}
    sync_clock     {"t0": ms}                         {"ok": true, "t1": ms}
    predict        {"step": id, "choice": id}         {"ok": true, "locked": id, "round"?: n}
    receipt        {"run": id, "got": [[seq, ms] …]}  {"ok": true}
    signal         {"kind": "stuck"|"done"|"fine"}    {"ok": true, "kind"}
    look           {"lesson"?, "step"?: id | null,    {"ok": true}
                    "hidden"?: bool}

    the teacher
    step           {"lesson": slug, "step": id|null}  {"ok", "rev", "lesson", "step", "follow"}
    follow         {"on": bool}                       the same
    open_vote      {"step": id}                       {"ok", "rev", "step", "round", "in", "of"}
    close_vote     {}                                 {"ok": true, "rev", "step", "round", "in",
                                                       "counts", "share_right": 0–1|null, "discuss"}
    reveal         {}                                 {"ok": true, "rev", "step", "round", "counts",
                                                       "right": choice}
    run            {"step": id}                       {"ok": true, "step", "at": ms}
    show           {"what": "map"|"panel"|"join"|     {"ok": true, "what"}
                    "blank"}
    nudge          {"seat": id, "hint"?: str}         {"ok": true, "seat", "exercise", "hint"}
    remove         {"seat": id}                       {"ok": true, "seat", "nick"}
    seat_robots    {"count": 1–30}                    {"ok", "seats": [{"seat", "nick", "token"}]}
    dismiss_robots {}                                 {"ok": true, "dismissed": n}
    cut            {"seats": [id …] | "all" | "half",
                    "seconds": 1–30}                  {"ok": true, "until": ms, "seats": [id …]}
    set_buffer     {"kind": str, "keep": 1–1000}      {"ok": true, "rev", "kind", "keep", "kinds"}
    clear          {}                                 {"ok", "rev", "state", "cleared": {what: n}}

    server sends   payload                                     to
    stepped        {"rev", "lesson", "step", "follow"}         everybody
    vote_opened    {"rev", "step", "round"}                    everybody
    vote_closed    {"rev", "step", "round", "in", "counts"}    everybody
    revealed       {"rev", "step", "round", "counts", "right"} everybody
    buffer_set     {"rev", "kind", "keep"}                     everybody
    cleared        {"rev", "state"}                            everybody: ask take_seat again
    wire_cut       {"until": ms}                               a seat that is cut off, just before
    nudged         {"exercise", "hint"}                        that seat
    removed        {"sentence"}                                that seat: the last that it hears

    roster         {"rev", "at": ms, "whole", "gone": [id …],  the teacher's pages that watch
                    "seats": [{"seat", "nick", "state", "lesson", "step", "robot",
                    "transport"?, "ms"?, "until"?: ms,
                    "exercise"?: {…}} …]}
    addressed      {"run", "seq", "sender", "sent_at", "event", the same
                    "seats": [id …]}
    lit            {"run", "seq", "addressed": n,              the same
                    "seats": [[id, ms] …], "silent": [id …], "uncertain_ms": ms | null}
    vote_progress  {"step", "round", "in", "of"}               the same
    run_pressed    {"step", "at": ms}                          the same
    reviewed       {"counts": {question: {"answered": n,       the same
                    "knew": n, "partly": n, "not_yet": n}}}
    shown          {"what"}                                    the same

``state`` is ``{rev, lesson, step, follow, vote, buffer}``, and ``vote`` is null or ``{step, round,
open, in, before}`` with ``counts: {choice: n}`` once it is closed and ``right`` once it is
revealed; ``before`` are the counts of the rounds that it followed. A closed vote goes when the
class is led to another lesson. A vote is cast by ``predict`` while it is open, whose answer then
has the ``round``; ``voted`` is the seat's own ballot in the open vote, ``{step, round, choice}``,
or null. Counts reach nobody before the end of a vote; who chose what never leaves the server.
Each change of ``state`` is one ``rev`` and is told by one event: who sees a gap asks
``take_seat``. A class is led to the ``review`` as to a lesson: its steps are its questions.

``roster`` comes whole (``whole: true``) to who asks ``take_seat {watch: true}``, whose answer has
``shown`` and ``vote_progress`` (or null) too; after that, at most twice a second, only the rows
that are new or changed, whole each, and the seats that are ``gone``. A row's ``state`` is
"connected", "away", "cut" (with ``until``), "asleep", "stuck" or "done": see roster.py. Its
``exercise`` says how far the seat is with the one that it tried last, ``{slug, done, check, saw,
since, times, attempts, passed, of}``: no student ever hears of another's.
``addressed`` begins an event's way to other seats; ``lit``, at most ten times a second, says all
that is known of the newest since: addressed = confirmed (``seats``) + silent + still waited for.
Its ``ms`` are wrong by at most ``uncertain_ms``, half the longest round trip of these seats,
where it is known: see lit.py.

``t0`` is the page's clock, ``t1`` the server's. With the answer's arrival at ``t2`` on the
page's clock the offset is t1 − (t0 + t2) / 2, wrong by at most half the round trip.
Source: RFC 5905, section 8 (the same sum, with one server time for two).
"""

import logging
import math
from typing import Any

from flask_socketio import SocketIO

from .driving import TeachersNamespace
from .payloads import Payload, require_choice, require_flag, require_number, require_text
from .refused import Refused
from .seated import Answer, SeatedNamespace, is_teacher, my_seat, request, room_of
from .services import Services

MOST_RECEIPTS = 500  # in one packet; a pair is three values of the 2,000 that JSON may hold here

log = logging.getLogger("socketlab.class")


class Class(TeachersNamespace):
    def on_take_seat(self, data: Payload) -> Answer:
        seat = my_seat()
        if "code" in data:
            self.services.check_code(data["code"], request.remote_addr or "")
            self.services.seats.join(seat)
        if "nick" in data:
            self.services.seats.rename(seat, data["nick"])
            log.info("%s has taken a seat", seat.nick)
        more = self.watches() if require_flag(data, "watch") else {}
        classroom, roster = self.services.classroom, self.services.roster
        if seat.id in roster:
            classroom.come_in(seat.id)
            roster.changed(seat.id, joined=True, nick=seat.nick)
            self.look_at_signal(seat.id)
            for came in self.services.coming:
                came(seat.id)
        mine = {"locked": classroom.choices(seat.id), "voted": classroom.voted(seat.id)}
        told = {"seat": seat.id, "nick": seat.nick, "state": classroom.state()}
        return {"ok": True} | told | mine | more

    def on_sync_clock(self, data: Payload) -> Answer:
        require_number(data, "t0", 0, 1e15)
        return {"ok": True, "t1": self.services.now()}

    def on_predict(self, data: Payload) -> Answer:
        step, choice = require_text(data, "step", 64), require_text(data, "choice", 64)
        seat, classroom = my_seat().id, self.services.classroom
        locked = classroom.predict(seat, step, choice, votes=not is_teacher())
        self.services.roster.changed(seat, step=step)
        ballot = classroom.voted(seat) or {}
        more = {"round": ballot["round"]} if ballot.get("step") == step else {}
        return {"ok": True, "locked": locked} | more

    def on_receipt(self, data: Payload) -> Answer:
        run, got = require_text(data, "run", 64), data.get("got")
        if not isinstance(got, list) or len(got) > MOST_RECEIPTS or not all(map(is_receipt, got)):
            raise Refused(f"got must be a list of at most {MOST_RECEIPTS} pairs [seq, at_ms]")
        self.services.classroom.receipt(my_seat().id, self.session(), run, got)
        return {"ok": True}

    def on_signal(self, data: Payload) -> Answer:
        kind, seat = require_choice(data, "kind", ("stuck", "done", "fine")), my_seat().id
        self.services.classroom.minutes.signalled(seat, self.lesson_of(seat), kind)
        self.services.roster.changed(seat, signal=None if kind == "fine" else kind)
        return {"ok": True, "kind": kind}

    def on_look(self, data: Payload) -> Answer:
        """Where a page is, and whether anybody can see it: for the teacher's eyes."""
        seat, roster = my_seat().id, self.services.roster
        place: dict[str, Any] = {}
        for name in ("lesson", "step"):
            if name in data:
                place[name] = data[name] and require_text(data, name, 64)
        if "hidden" in data:
            hidden = require_flag(data, "hidden")
            roster.looked(seat, (self.namespace, request.sid), hidden)
        if "lesson" in place:
            roster.changed(seat, **{"step": None} | place)
            self.look_at_signal(seat)
        elif place:
            roster.changed(seat, **place)
        return {"ok": True}

    def look_at_signal(self, seat: str) -> None:
        """What a seat said of its lesson before it came back, or before the server did."""
        kind = self.services.classroom.minutes.signal_of(seat, self.lesson_of(seat))
        self.services.roster.changed(seat, signal=kind)

    def lesson_of(self, seat: str) -> str:
        """The lesson that a seat is in, else the class; "" before the first."""
        row = self.services.roster.row(seat)
        mine = row.lesson if row else None
        return mine or self.services.classroom.state()["lesson"] or ""


def tell_cut(socketio: SocketIO, here: Services, seat: str, until: float) -> None:
    """Tell the pages of a seat until when its connections are cut: the last that they hear."""
    here.roster.cut(seat, until)
    socketio.emit("wire_cut", {"until": until}, namespace="/class", to=room_of(seat))


def is_receipt(pair: object) -> bool:
    """Whether this is ``[seq, at_ms]``: a number of an event, and a moment."""
    if not isinstance(pair, list) or len(pair) != 2:
        return False
    seq, at_ms = pair
    if isinstance(seq, bool) or isinstance(at_ms, bool):
        return False
    return (
        isinstance(seq, int) and seq > 0 and isinstance(at_ms, int | float) and math.isfinite(at_ms)
    )


class Main(SeatedNamespace):
    """The main namespace: one event, so that the first packet typed by hand has an answer."""

    def on_hello(self, data: Payload) -> Answer:
        return {"ok": True, "text": f"hello, {my_seat().nick}"}


NAMESPACES: dict[str, Any] = {"/class": Class, "/": Main}
