"""Find the frames in a stream of bytes, and decode them: TCP has kept no borders.

    the program sends   payload                                 acknowledged with
    decoded             {"opcode": int, "masked": bool,         {"ok": true, "frame": int}
                         "payload": str}

    the judge sends     payload                                 to be acknowledged with
    asked               {"frames": 3, "chunks": 5}              nothing
    chunk               {"seq": int, "hex": str}                nothing: when it has been read

The stream is a recording of a WebSocket, both directions in one: a frame of a client, which is
masked, a frame of a server that is too long for seven bits of length, and a ping, in an order
of its own for each attempt. It is cut within a head, within a length and within a payload. The
next chunk follows an acknowledgement, or ten seconds.
Source: RFC 6455, sections 5.2, 5.3 and 5.5.2.
"""

import random
from functools import partial
from typing import NamedTuple

from ...classroom.refused import Refused
from ...exercises.judge import Check, Judge, shown
from ...protocols import websocket
from .headers import masked_head

FRAMES = 3
LONGEST = 1000  # characters of a payload that is sent
LONG = 300  # of the text in the long frame at most: half of it is more than 126 already
NEXT = 10.0  # seconds until the next chunk, for a program that does not acknowledge the last
QUIET = 0.5  # seconds after the last frame in which no other one may come


class Frame(NamedTuple):
    """One frame of the recording, and the check that it is for."""

    check: str
    opcode: int
    masked: bool
    payload: str
    data: bytes

    def wrong_in(self, data):
        """What of a decoded frame is not as it is, as a sentence; None where all is right."""
        about = {"opcode": self.opcode, "masked": self.masked}
        for name, value in about.items():
            if data[name] != value:
                return f"{name} {shown(data[name])}, and it is {shown(value)}"
        payload = data["payload"]
        if payload == self.payload:
            return None
        if len(payload) != len(self.payload):
            sizes = f"{len(payload)} characters, and it has {len(self.payload)}"
            return f"a payload of {sizes}: {shown(payload)}"
        return f"the payload {shown(payload)}, and it is {shown(self.payload)}"


class Exercise(Judge):
    seconds = 120.0  # packets may be typed by hand
    checks = (
        Check("read", "each chunk acknowledged when it has been read, within 10 seconds"),
        Check("masked", "the frame of a client: opcode 1, masked, its payload without the mask"),
        Check("extended", "the long frame: opcode 1, its length in two more bytes, all of it"),
        Check("ping", "the ping: opcode 9, and its payload"),
        Check("borders", "three frames decoded, no more and no fewer, in their order"),
    )

    def __init__(self, fresh, now):
        super().__init__(fresh, now)
        draw = random.Random(fresh())
        self.frames = recording(fresh, draw)
        self.chunks = cut([frame.data for frame in self.frames])
        self.sent = 0  # chunks
        self.went_on = set()  # after these, once each
        self.decoded = 0  # frames
        self.cut_wrong = ""  # the first frame that has another length than it should

    def began(self):
        self.emit("asked", {"frames": FRAMES, "chunks": len(self.chunks)})
        self.send_next()

    def send_next(self):
        chunk = {"seq": self.sent + 1, "hex": self.chunks[self.sent].hex()}
        self.sent += 1
        self.emit("chunk", chunk, then=partial(self.was_read, self.sent))
        self.after(NEXT, partial(self.is_late, self.sent))

    def was_read(self, seq, _value):
        """The program has acknowledged chunk number ``seq``."""
        if seq < self.sent or seq in self.went_on:
            return  # the next one has been sent already
        self.went_on.add(seq)
        if seq < len(self.chunks):
            self.send_next()
        else:
            self.passed("read", f"{seq} chunks acknowledged")

    def is_late(self, seq):
        if seq not in self.went_on:
            self.failed("read", f"no acknowledgement of chunk {seq}")
            self.was_read(seq, None)

    def on_decoded(self, data):
        require_frame(data)
        self.decoded += 1
        if self.decoded > FRAMES:
            self.failed("borders", f"a frame more: {shown(data)}")
            return {"ok": True, "frame": self.decoded}
        frame = self.frames[self.decoded - 1]
        size, right = len(data["payload"]), len(frame.payload)
        if size != right:
            self.cut_wrong = self.cut_wrong or f"frame {self.decoded} with {size} of {right} bytes"
        wrong = frame.wrong_in(data)
        if wrong:
            self.failed(frame.check, f"frame {self.decoded}: {wrong}")
        else:
            self.passed(frame.check, f"frame {self.decoded}: {shown(data['payload'])}")
        if self.decoded == FRAMES:
            self.after(QUIET, self.no_more)
        return {"ok": True, "frame": self.decoded}

    def no_more(self):
        if self.cut_wrong:
            self.failed("borders", self.cut_wrong)
        else:
            self.passed("borders", f"{FRAMES} frames out of {self.sent} chunks")

    def so_far(self, check):
        if check == "borders":
            return self.cut_wrong or f"{self.decoded} of {FRAMES} frames"
        return "not acknowledged" if check == "read" else "not decoded"


def require_frame(data):
    """Raises Refused for what is no decoded frame."""
    opcode, payload = data.get("opcode"), data.get("payload")
    if not isinstance(opcode, int) or isinstance(opcode, bool) or not 0 <= opcode <= 15:
        raise Refused("opcode must be a whole number from 0 to 15")
    if not isinstance(data.get("masked"), bool):
        raise Refused("masked must be true or false")
    if not isinstance(payload, str) or len(payload) > LONGEST:
        raise Refused(f"payload must be a text of at most {LONGEST} characters")


def recording(fresh, draw):
    """Three frames in an order of their own, with words that no other attempt has."""
    said = f'42["say",{{"text":"{fresh()}"}}]'
    words = f"{fresh()} " * LONG
    told = f'42["said",{{"text":"{words[: draw.randint(LONG // 2, LONG)]}"}}]'
    beat = fresh()
    text, ping = websocket.TEXT, websocket.PING
    frames = [
        Frame("masked", text, True, said, masked_frame(said.encode(), draw.randbytes(4))),
        Frame("extended", text, False, told, websocket.frame(told.encode())),
        Frame("ping", ping, False, beat, websocket.frame(beat.encode(), ping)),
    ]
    draw.shuffle(frames)
    return frames


def masked_frame(payload, mask):
    """A frame as a client sends it."""
    return masked_head(payload) + mask + websocket.unmask(payload, mask)


def cut(frames):
    """A stream in five chunks: the cuts lie in the first head, behind it, and in both others."""
    stream = b"".join(frames)
    first, second = len(frames[0]), len(frames[0]) + len(frames[1])
    cuts = [0, 1, first - 2, first + 3, second + 1, len(stream)]
    return [stream[start:end] for start, end in zip(cuts, cuts[1:], strict=False)]
