"""Relay: say in one room what is said in another, each once, and nothing else.

    the program sends   payload                               acknowledged with
    join                {"room": str}                         {"ok": true, "rooms": [str]}
    leave               {"room": str}                         {"ok": true, "rooms": [str]}
    say                 {"room" or "rooms", "text",           {"ok": true, "run": str,
                         "skip_me"?: bool}                     "addressed": int}

    the judge sends     payload                               when
    asked               {"from": "A", "to": "B"}              the program has connected
    said                {"room", "rooms", "who", "text",      the bot speaks in a room that the
                         "run", "seq"}                        program is in, or the program does

The program is in room C from the start: the server has put it there. The bot speaks in bursts:
when all of one has been relayed, or nothing has come for a while, the next one follows.
Which of a burst's texts is relayed first is free: the Python client handles each packet in a
thread of its own.

Source: Socket.IO documentation, "Rooms".
"""

from collections import Counter
from functools import partial

from ...classroom.payloads import require_flag, require_text
from ...classroom.refused import Refused
from ...exercises.judge import Check, Judge, shown
from .room_map import ROOMS_EACH, chosen_rooms

FROM, TO, BESIDE = "A", "B", "C"
BURSTS = (  # (rooms, what is said there); the same word is the same text
    ((FROM, "kettle"),),
    ((BESIDE, "letter"), (TO, "doorbell")),
    ((FROM, "kettle"), (FROM, "kettle"), (BESIDE, "lunch"), (FROM, "rain")),
    ((FROM + TO, "bus"), (TO, "goal")),
    ((FROM, "rain"), (BESIDE, "answer"), (FROM + TO, "bus"), (FROM, "thunder")),
)
BOT = {"sid": "", "nick": "the bot"}
BOTH_JOINED, ONE_JOINED = 0.3, 2.0  # seconds from a join until the bot speaks
QUIET, LAST_QUIET = 0.4, 1.0  # seconds in which nothing more comes, after a burst and at the end
PATIENCE = 5.0  # seconds that a relay may take
LOOP = 4  # times as often as the bot has spoken: then a program hears itself


class Exercise(Judge):
    checks = (
        Check("joined", "a join for each of the two rooms that my asked names"),
        Check("relayed", f"what is said in {FROM}, said in {TO} too: as often, within 5 seconds"),
        Check("nothing_else", f"no other say: only what was said in {FROM}, and only in {TO}"),
        Check("own_copies", "none of your own words said again when they come back to you"),
    )
    seconds = 60.0

    def __init__(self, fresh, now):
        super().__init__(fresh, now)
        self.rooms, self.joined = {BESIDE}, set()  # where it is; which of the two it has been in
        self.texts = {}  # word -> text of this attempt
        self.where = {}  # text -> the rooms it was said in by the bot
        self.wanted, self.relayed = Counter(), Counter()  # text -> how often
        self.says = 0
        self.refused = None  # the last no to a say
        self.bursts = iter(BURSTS)
        self.begun = False
        self.turn = 0  # grows with all that puts off what is next

    def began(self):
        self.emit("asked", {"from": FROM, "to": TO})

    # What the program may send

    def on_join(self, data):
        room = require_text(data, "room", 40)
        if room not in self.rooms and len(self.rooms) == ROOMS_EACH:
            raise Refused(f"you are in {ROOMS_EACH} rooms already: leave one first")
        self.rooms.add(room)
        if room in (FROM, TO) and room not in self.joined:
            self.joined.add(room)
            self.has_joined()
        return {"ok": True, "rooms": sorted(self.rooms)}

    def on_leave(self, data):
        room = require_text(data, "room", 40)
        self.check_member(room)
        self.rooms.discard(room)
        return {"ok": True, "rooms": sorted(self.rooms)}

    def on_say(self, data):
        try:
            rooms, text = chosen_rooms(data), require_text(data, "text")
            for room in rooms:
                self.check_member(room)
        except Refused as no:
            self.refused = str(no)
            if data.get("room") == TO and TO not in self.joined and self.is_open("joined"):
                self.failed("joined", f"{self.so_far('joined')}, and a say in {TO}, refused")
                self.wait()
            raise
        run = self.fresh()
        if not require_flag(data, "skip_me") and self.is_open("own_copies"):
            self.said(rooms, text, dict(self.who), run)
        self.judge_say(list(dict.fromkeys(rooms)), text)
        return {"ok": True, "run": run, "addressed": 2}

    def check_member(self, room):
        if not isinstance(room, str) or room not in self.rooms:
            raise Refused(f"you are not in {shown(room)}")

    # What the bot does

    def has_joined(self):
        if self.joined == {FROM, TO}:
            self.passed("joined", f"join for {FROM} and for {TO}")
            self.after(BOTH_JOINED, self.begin)
        elif FROM in self.joined:
            self.after(ONE_JOINED, self.begin)

    def begin(self):
        if not self.begun:
            self.begun = True
            self.speak(next(self.bursts))

    def speak(self, burst):
        for rooms, word in burst:
            text = self.texts.setdefault(word, f"{word} {self.fresh()}")
            self.where[text] = list(rooms)
            self.wanted[text] += FROM in rooms
            if self.rooms.intersection(rooms):
                self.said(list(rooms), text, BOT, self.fresh())
        self.wait()

    def said(self, rooms, text, who, run):
        said = {"room": rooms[0], "rooms": rooms, "who": who, "text": text, "run": run, "seq": 1}
        self.emit("said", said)

    def wait(self):
        """Go on once nothing has come for a while: a short one if nothing is missing."""
        self.turn += 1
        shut_out = TO not in self.joined and not self.is_open("joined")
        missing = self.is_open("relayed") and self.wanted - self.relayed
        self.after(PATIENCE if missing and not shut_out else QUIET, partial(self.go_on, self.turn))

    def go_on(self, turn):
        if turn != self.turn:
            return  # something has come since
        self.compare()
        burst = next(self.bursts, None)
        if burst:
            self.speak(burst)
        else:
            self.after(LAST_QUIET, self.conclude)

    # What is thought of it

    def judge_say(self, rooms, text):
        """A say that was let through: it relays, or it is something else."""
        self.says += 1
        heard = self.wanted.total()
        if self.says > LOOP * (1 + heard):
            saw = f"{self.says} says, and {heard} said in {FROM}: does your program relay"
            self.failed("own_copies", f"{saw} its own copies, which come back from {TO}?")
        elif rooms != [TO]:
            self.failed("nothing_else", f"say {shown(text)} in {', '.join(rooms)}, not in {TO}")
        elif not self.wanted[text]:
            where = " and ".join(self.where.get(text, ())) or "no room"
            self.failed("nothing_else", f"say {shown(text)}, which I had said in {where}")
        else:
            self.relayed[text] += 1
            if self.is_open("relayed"):
                self.wait()

    def compare(self):
        """A burst is over: each of its texts has been relayed as often as it was said."""
        for text, wanted in self.wanted.items():
            relayed = self.relayed[text]
            if wanted and relayed != wanted:
                why = f"; a say was refused: {self.refused}" if self.refused else ""
                saw = f"{shown(text)} said {times(wanted)} in {FROM}"
                self.failed("relayed", f"{saw} and {times(relayed)} in {TO}{why}")

    def conclude(self):
        self.compare()
        if self.relayed:
            self.passed("relayed", f"{self.relayed.total()} relayed of {self.wanted.total()}")
            self.passed("nothing_else", "nothing else")
            self.passed("own_copies", "none of them")
        self.end("I had said all")

    def so_far(self, check):
        if check == "joined":
            return f"join for {', '.join(sorted(self.joined)) or 'neither'} only"
        if check == "relayed":
            return f"{self.relayed.total()} relayed"
        if not self.relayed:
            return f"nothing relayed into {TO} yet"
        return "nothing wrong yet, but I had not said all"


def times(number):
    """How often, in a word."""
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")
