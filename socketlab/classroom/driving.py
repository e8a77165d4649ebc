"""The teacher's events on /class: refused for anybody else, told to all in their order."""

import random
from typing import Any

from flask_socketio import emit

from ..buffers import Unusable
from .payloads import (
    Payload,
    require_choice,
    require_flag,
    require_number,
    require_text,
    require_whole,
)
from .refused import Refused
from .seated import EVERYONE, Answer, is_teacher, my_seat, room_of
from .seats import MOST_ROBOTS, REMOVED
from .watching import WatchedNamespace

MOST_SEATS = 1500
NO_HINT = "Read the step once more and say it in your own words. Your teacher is on the way."
EXERCISE = "exercise"  # the step of a page that is at the exercise of its lesson
SCREENS = ("map", "panel", "join", "blank")  # what the wall can show


class TeachersNamespace(WatchedNamespace):
    def on_step(self, data: Payload) -> Answer:
        self.teachers_only()
        lesson = require_text(data, "lesson", 64)
        step = None if data.get("step") is None else require_text(data, "step", 64)
        classroom = self.services.classroom
        with classroom.changing:
            return self.told("stepped", classroom.step(lesson, step), "lesson", "step", "follow")

    def on_follow(self, data: Payload) -> Answer:
        self.teachers_only()
        on, classroom = require_flag({"on": None} | data, "on"), self.services.classroom
        with classroom.changing:
            return self.told("stepped", classroom.change(follow=on), "lesson", "step", "follow")

    def on_open_vote(self, data: Payload) -> Answer:
        self.teachers_only()
        step, classroom = require_text(data, "step", 64), self.services.classroom
        with classroom.changing:
            state = classroom.open_vote(step, self.services.roster.here())
            told = {name: state["vote"][name] for name in ("step", "round")}
            return self.told("vote_opened", state, **told) | (self.vote_progress() or {})

    def on_close_vote(self, data: Payload) -> Answer:
        self.teachers_only()
        classroom = self.services.classroom
        with classroom.changing:
            vote = (state := classroom.close_vote())["vote"]
            told = {name: vote[name] for name in ("step", "round", "in", "counts")}
            answer = self.told("vote_closed", state, **told)
            share, discuss = classroom.share_right(), classroom.discuss()
            return answer | {"share_right": share, "discuss": discuss}

    def on_reveal(self, data: Payload) -> Answer:
        self.teachers_only()
        classroom = self.services.classroom
        with classroom.changing:
            state = classroom.reveal()
            told = {name: state["vote"][name] for name in ("step", "round", "counts", "right")}
            return self.told("revealed", state, **told)

    def on_set_buffer(self, data: Payload) -> Answer:
        self.teachers_only()
        kind, keep = require_text(data, "kind", 16), require_whole(data, "keep", 1, 1000)
        buffers, classroom = self.services.buffers, self.services.classroom
        try:
            choice = buffers.usable(kind, keep)
        except Unusable as no:
            raise Refused(str(no)) from None
        with classroom.changing:
            state = classroom.change(buffer=choice)
            buffers.for_everybody(choice)
            return self.told("buffer_set", state, **choice) | {"kinds": buffers.kinds}

    def on_cut(self, data: Payload) -> Answer:
        self.teachers_only()
        seconds, seats = require_number(data, "seconds", 1, 30), self.chosen(data.get("seats"))
        return {"ok": True, "until": self.services.cutter.cut(seats, seconds), "seats": seats}

    def on_clear(self, data: Payload) -> Answer:
        """Forget the class: for the next one, or because a student may ask for it."""
        self.teachers_only()
        classroom = self.services.classroom
        with classroom.changing:
            cleared = self.services.clear()
            state = classroom.state()
            return self.told("cleared", state, state=state) | {"cleared": cleared}

    # The wall's

    def on_run(self, data: Payload) -> Answer:
        self.teachers_only()
        pressed = {"step": require_text(data, "step", 64), "at": round(self.services.now(), 1)}
        self.tell_watchers("run_pressed", pressed)
        return {"ok": True} | pressed

    def on_show(self, data: Payload) -> Answer:
        self.teachers_only()
        shown = {"what": require_choice(data, "what", SCREENS)}
        self.services.ledger.keep_class("shown", shown)
        self.tell_watchers("shown", shown)
        return {"ok": True} | shown

    # One student, and robots

    def on_nudge(self, data: Payload) -> Answer:
        """Send a seat a hint: the next one of what it is at, or the teacher's own words."""
        self.teachers_only()
        seat = self.seat_called(data.get("seat"))
        lesson, is_at_exercise = self.place_of(seat.id)
        own = require_text(data, "hint") if "hint" in data else None
        hint = own or self.next_hint(seat.id, lesson, is_at_exercise)
        nudged = {"exercise": lesson, "hint": hint}
        emit("nudged", nudged, to=room_of(seat.id))
        return {"ok": True, "seat": seat.id} | nudged

    def place_of(self, seat: str) -> tuple[str | None, bool]:
        """The lesson that a seat is in, else the class, and whether it is at its exercise.

        A program without a page says by its attempts where it is.
        """
        row, led_to = self.services.roster.row(seat), self.services.classroom.state()["lesson"]
        if row is None:
            return led_to, False
        unfinished = row.exercise["slug"] if row.exercise and not row.exercise["done"] else None
        lesson = row.lesson or unfinished or led_to
        return lesson, lesson is not None and (row.step == EXERCISE or lesson == unfinished)

    def next_hint(self, seat: str, lesson: str | None, is_at_exercise: bool) -> str:
        """At an exercise its hints, else what its lesson comes down to; the last one again."""
        hints = self.services.hints.get(lesson or "", [])
        if is_at_exercise and (exercise := self.services.exercise_notes.get(lesson or "")):
            hints = [hint.words for hint in exercise.hints]
        given, key = self.services.hints_given, (seat, lesson, is_at_exercise)
        number = given.get(key, 0)
        given[key] = number + 1
        return hints[min(number, len(hints) - 1)] if hints else NO_HINT

    def on_remove(self, data: Payload) -> Answer:
        self.teachers_only()
        seat = self.seat_called(data.get("seat"))
        if seat.id == my_seat().id:
            raise Refused("that is your own seat")
        self.end_seat(seat.id)
        return {"ok": True, "seat": seat.id, "nick": seat.nick}

    def on_seat_robots(self, data: Payload) -> Answer:
        self.teachers_only()
        count = require_whole(data, "count", 1, MOST_ROBOTS)
        self.make_room_for(count)
        robots = self.services.seats.seat_robots(count)
        seats = [{"seat": one.id, "nick": one.nick, "token": one.token} for one in robots]
        return {"ok": True, "seats": seats}

    def on_dismiss_robots(self, data: Payload) -> Answer:
        self.teachers_only()
        robots = self.services.seats.robots
        for seat in robots:
            self.end_seat(seat)
        return {"ok": True, "dismissed": len(robots)}

    def make_room_for(self, robots: int) -> None:
        """Robots whose page is gone give their seats to those that are to come."""
        seated, here = self.services.seats.robots, set(self.services.roster.here())
        lost = [seat for seat in seated if seat not in here]
        needed = max(0, len(seated) + robots - MOST_ROBOTS)
        for seat in lost[:needed] if needed <= len(lost) else ():
            self.end_seat(seat)

    def end_seat(self, seat: str) -> None:
        """Its pages hear why, and then it is over for its token, its cookie and its sockets."""
        self.services.remove(seat)
        emit("removed", {"sentence": f"{REMOVED}."}, to=room_of(seat))

    # What they share

    def teachers_only(self) -> None:
        if not is_teacher():
            raise Refused("only the teacher may do that")

    def told(self, event: str, state: Payload, /, *names: str, **more: Any) -> Answer:
        """Tell everybody of a newer state: its ``rev``, these of its fields, and more."""
        news = {"rev": state["rev"]} | {name: state[name] for name in names} | more
        emit(event, news, to=EVERYONE)
        return {"ok": True} | news

    def chosen(self, seats: object) -> list[str]:
        """The seats that a teacher's event names; "all" and "half" are never the teacher's own."""
        if seats in ("all", "half"):
            others = sorted(self.services.roster.here())
            count = len(others) if seats == "all" else (len(others) + 1) // 2
            return random.sample(others, count)
        if not isinstance(seats, list) or not 0 < len(seats) <= MOST_SEATS:
            raise Refused('seats must be a list of seats, "all" or "half"')
        return sorted({self.seat_called(seat).id for seat in seats})

    def seat_called(self, seat: object) -> Any:
        """The seat with this id. Raises Refused."""
        found = self.services.seats.get(seat) if isinstance(seat, str) else None
        if found is None:
            raise Refused(f"there is no seat {str(seat)[:40]}")
        return found
