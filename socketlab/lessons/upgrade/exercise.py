"""Upgrade by hand: a request with a key of one's own, then the accept value, in a masked frame.

    the program sends   payload          acknowledged with
    request             {"text": str}    {"ok": true, "status": "101 Switching Protocols"}
    frame               {"hex": str}     {"ok": true}

A program with a raw TCP socket sends no events: its request and each of its frames come here as
one of these two, as they crossed. A page in a browser cannot open such a socket, so a script in
it makes the same text and the same bytes, and sends them by Socket.IO. They are judged alike; but
the script is never shown the accept value, so it cannot have copied it.

Source: RFC 6455, sections 1.3, 4.1, 4.2 and 5.1 to 5.3.
"""

import base64
import hashlib

from ...classroom.refused import Refused
from ...exercises.judge import Check, Judge, shown
from ...limits import Latest
from ...protocols import handshake
from ...protocols.request_head import BadHead
from . import by_hand

PATH = "/exercise/upgrade/raw"
SWITCHES = "101 Switching Protocols"
KEYS = 10_000  # that are remembered
# They stand in RFC 6455, sections 1.3 and 4.1, and anybody can copy what belongs to them.
EXAMPLES = {b"the sample nonce", bytes(range(1, 17))}


class Exercise(Judge):
    raw = True
    seconds = 60.0  # a request may be typed by hand
    checks = (
        Check("request", "a GET that asks for a WebSocket: Host, Upgrade, Connection, version 13"),
        Check("key", "a Sec-WebSocket-Key of your own: 16 bytes in base64, random each time"),
        Check("frame", "as the first message one whole text frame, masked"),
        Check("accept", "in that frame the Sec-WebSocket-Accept of your key"),
    )
    used = Latest(KEYS)  # digest of a key that has opened a WebSocket here -> True

    def __init__(self, fresh, now):
        super().__init__(fresh, now)
        self.key = None

    def on_request(self, data):
        if self.key is not None:
            raise Refused("you have your 101: what follows are frames")
        try:
            environ = by_hand.request(data.get("text"), PATH)
        except BadHead as no:
            return self.no_upgrade("request", no.status, str(no))
        self.passed("request", f"GET {PATH}, and what belongs to it")
        key = environ.get("HTTP_SEC_WEBSOCKET_KEY", "")
        if wrong := by_hand.key_problem(key):
            return self.no_upgrade("key", "400 Bad Request", wrong)
        self.take_key(key)
        return {"ok": True, "status": SWITCHES}

    def take_key(self, key):
        decoded = base64.b64decode(key)
        known = hashlib.sha256(decoded).digest()
        if decoded in EXAMPLES:
            self.failed("key", f"{shown(key)}, an example of RFC 6455 that anybody may copy")
        elif known in self.used:
            self.failed("key", f"{shown(key)}, used before: a key is made for one connection")
        else:
            self.passed("key", shown(key))
        self.used[known] = True
        self.key = key

    def no_upgrade(self, check, status, sentence):
        self.failed(check, sentence)
        self.end(f"the server answered {status}")
        return {"ok": False, "status": status, "error": sentence}

    def on_frame(self, data):
        if self.key is None:
            self.failed("request", "a frame, and no request before it")
            self.end("frames come after the upgrade")
            return {"ok": False, "error": "send your request first"}
        try:
            frame, behind = by_hand.frame(data.get("hex"))
        except ValueError as error:
            self.failed("frame", str(error))
            self.end("the frame could not be read")
            return {"ok": False, "error": str(error)}
        self.take_frame(frame, behind)
        return {"ok": True}

    def take_frame(self, frame, behind):
        wrong = by_hand.frame_problem(frame, behind, handshake.accept(self.key))
        if frame.control and not wrong:
            return  # a ping may come at any time
        if wrong:
            self.failed("frame", wrong)
        else:
            self.passed("frame", str(frame))
        if frame.missing or frame.control:
            self.end("the frame held nothing to compare")
        elif wrong := by_hand.accept_problem(frame.payload, self.key):
            self.failed("accept", wrong)
        else:
            self.passed("accept", shown(handshake.accept(self.key)))

    def so_far(self, check):
        if check == "frame" and self.key is not None:
            return "no frame after the upgrade"
        return f"no {check}" if check != "accept" else "no Sec-WebSocket-Accept"
