"""What can be wrong with a request, a key, a frame and an accept value that somebody made by hand.

Each function returns the words for what a judge saw, or None where nothing is wrong. Pure.

Source: RFC 6455, sections 1.3, 4.1, 4.2 and 5.1 to 5.3; RFC 9112, sections 2.1 and 3.
"""

import base64
import binascii
import hashlib

from ...exercises.judge import shown
from ...protocols import handshake, request_head
from ...protocols.request_head import BadHead
from ...protocols.websocket import TEXT, unmask
from ...wiretap import frames
from ...wiretap.layers import DecodeError, count

BYTES = 4096  # of a request, and of a frame
FIELDS = 64  # lines of a request at most
ANY_KEY = base64.b64encode(bytes(16)).decode()


def request(text, path):
    """A request's text for ``path``, as WSGI names its parts. Raises BadHead: why it is no 101.

    The key is not looked at.
    """
    data = text.encode("utf-8", "replace") if isinstance(text, str) else b""
    if not data:
        raise BadHead("400 Bad Request", "There is no request text.")
    if len(data) > BYTES:
        raise BadHead("431 Request Header Fields Too Large", f"At most {BYTES} bytes.")
    if b"\r\n" in data and not data.endswith(b"\r\n\r\n"):
        sentence = "The request does not end with an empty line: the server waits for more."
        raise BadHead("408 Request Timeout", sentence)
    head = request_head.read(data, FIELDS)
    target = head.target.partition("?")[0]
    if target != path:
        raise BadHead("404 Not Found", f"The target is {path}, not {target[:80]}.")
    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in head.fields.items()}
    environ = named | {
        "REQUEST_METHOD": head.method,
        "SERVER_PROTOCOL": head.version,
        "CONTENT_LENGTH": str(head.length),
    }
    if not handshake.asked(environ):
        raise BadHead("426 Upgrade Required", "There is no field Upgrade: websocket.")
    if no := handshake.refusal({**environ, "HTTP_SEC_WEBSOCKET_KEY": ANY_KEY}):
        raise BadHead(no[0], no[2])
    return environ


def key_problem(key):
    if not key:
        return "no Sec-WebSocket-Key"
    try:
        size = len(base64.b64decode(key, validate=True))
    except (binascii.Error, ValueError):
        return f"{shown(key)}, which is not base64"
    return None if size == 16 else f"{shown(key)}: {size} bytes in base64, and it takes 16"


def frame(hex_text):
    """``(frame, bytes behind it)`` of a frame spelt in hex. Raises ValueError with the words."""
    try:
        data = bytes.fromhex(hex_text)
    except (TypeError, ValueError):
        raise ValueError("what is no text of hex digits, two for a byte") from None
    try:
        found = frames.read(data, partial=True)
    except DecodeError as error:
        raise ValueError(error.message) from None
    if found is None:
        raise ValueError(f"{count(len(data), 'byte')}, too few for a frame")
    return found[0], len(data) - found[1]


def frame_problem(frame, behind, accept):
    """``accept``: what the payload should be, once it is unmasked; ``behind``: further bytes."""
    if frame.length > BYTES:
        return f"a frame of {frame.length} bytes, and {BYTES} is the most here"
    if frame.missing:
        came = frame.length - frame.missing
        return f"a header that announces {frame.length} bytes, and {came} behind it"
    if behind:
        return f"{count(behind, 'byte')} more than the {frame.length} that its header announces"
    if broken := frames.check(frame, from_client=True):
        return broken.message
    if frame.control:
        return None
    if frame.opcode != TEXT:
        return f"a {frame.name} frame, opcode {frame.opcode}; text is opcode 1"
    if not frame.fin:
        return "a fragment: FIN is 0, so this is not the whole message"
    if not any(frame.mask):
        return "a mask of four zero bytes, which changes nothing: take four random ones"
    if unmask(frame.payload, frame.mask) == accept.encode():
        return "the MASK bit, and a payload that is not masked: XOR it with the mask"
    return None


def accept_problem(payload, key):
    """``payload``: the bytes that should be the accept value of ``key``."""
    right = handshake.accept_value(key)
    if payload == right["accept"].encode():
        return None
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return f"bytes that are no text: {payload[:16].hex(' ')}; is each XORed with its mask byte?"
    for value, words in near_misses(key, right):
        if text == value:
            return f"{shown(text)}, which is {words}"
    if text.strip() == right["accept"]:
        return f"{shown(text)}: the right value, with a blank or a line end around it"
    return f"{shown(text)}, which is not base64(SHA-1({shown(key)} + GUID))"


def near_misses(key, right):
    """(value, words) for each way to miss the accept value that is known."""
    guid, digest = handshake.GUID, right["sha1_hex"]
    of_digits = base64.b64encode(digest.encode()).decode()
    yield key, "the key itself: hash it together with the GUID"
    yield right["concatenated"], "the key and the GUID, not hashed yet"
    yield digest, "the digest in hex: put its 20 bytes into base64"
    yield of_digits, "base64 of the 40 hex digits: put the 20 bytes into base64"
    yield right["accept"].rstrip("="), "the right value without the = at its end"
    hashed = {
        "of the key alone, without the GUID": key,
        "of the GUID alone, without the key": guid,
        "of the key with a line end behind it": f"{key}\n{guid}",
        "of the key with CR and LF behind it": f"{key}\r\n{guid}",
        "of key and GUID with a line end behind them": f"{key}{guid}\n",
        "with a blank between the key and the GUID": f"{key} {guid}",
        "with the GUID in lower case": key + guid.lower(),
        "with the GUID first": guid + key,
    }
    for words, text in hashed.items():
        yield digested(text.encode(), "sha1"), f"a SHA-1 {words}"
    as_bytes = base64.b64decode(key) + guid.encode()
    yield digested(as_bytes, "sha1"), "a SHA-1 of the 16 bytes: the key stays in base64 for it"
    yield digested(right["concatenated"].encode(), "sha256"), "a SHA-256, and SHA-1 is asked for"


def digested(data, algorithm):
    digest = hashlib.new(algorithm, data, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()
