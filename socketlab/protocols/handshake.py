"""From HTTP to WebSocket: what the server checks and what it answers. Pure.

    client:  GET …  Upgrade: websocket  Connection: Upgrade
             Sec-WebSocket-Version: 13  Sec-WebSocket-Key: 16 random bytes, base64
    server:  101    Sec-WebSocket-Accept: base64(SHA-1(key + GUID))

Source: RFC 6455, sections 1.3, 4.1, 4.2 and 4.4; RFC 7692, section 7.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from typing import Any, TypedDict

#: The fixed text that is put behind every key. Source: RFC 6455, section 1.3.
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

#: The name of the one extension in use. Source: RFC 7692, section 7.
DEFLATE = "permessage-deflate"

# The terms of an offer that ask nothing of the server. Source: RFC 7692, section 7.1.
_TERM = re.compile(
    r'client_no_context_takeover|client_max_window_bits(\s*=\s*("?)([89]|1[0-5])\2)?'
)

Headers = list[tuple[str, str]]


class AcceptValue(TypedDict):
    """Every step from a key to the accept value."""

    concatenated: str  # the key and the GUID
    sha1_hex: str  # 20 bytes
    accept: str  # the same 20 bytes in base64


def accept_value(key: str) -> AcceptValue:
    """What a server must answer to ``key``, with every step on the way.

    Source: RFC 6455, sections 1.3 and 4.2.2.
    """
    concatenated = key + GUID
    # Not a secret and not a signature: SHA-1 only proves that the server read the key.
    digest = hashlib.sha1(concatenated.encode("utf-8", "replace"), usedforsecurity=False).digest()
    return {
        "concatenated": concatenated,
        "sha1_hex": digest.hex(),
        "accept": base64.b64encode(digest).decode("ascii"),
    }


def accept(key: str) -> str:
    """The answer to a key: proof that the server speaks WebSocket, not a secret."""
    return accept_value(key)["accept"]


def asked(environ: Mapping[str, Any]) -> bool:
    """Whether a request wants to become a WebSocket."""
    return "websocket" in _list(environ.get("HTTP_UPGRADE", ""))


def _list(value: str) -> list[str]:
    """The members of a field that is a list, in lower case. Source: RFC 9110, section 5.6.1."""
    return [member.strip() for member in value.lower().split(",")]


def refusal(environ: Mapping[str, Any]) -> tuple[str, Headers, str] | None:
    """Why a handshake cannot be answered with 101: (status, extra headers, sentence), or None."""
    if environ.get("SERVER_PROTOCOL") == "HTTP/1.0":  # which has no Upgrade
        return "400 Bad Request", [], "A WebSocket starts with HTTP/1.1."
    connection = _list(environ.get("HTTP_CONNECTION", ""))
    if environ["REQUEST_METHOD"] != "GET" or "upgrade" not in connection:
        return "400 Bad Request", [], "A WebSocket starts as GET with Connection: Upgrade."
    if environ.get("CONTENT_LENGTH", "0") != "0":
        return "400 Bad Request", [], "A WebSocket starts without a body."
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
        wanted = [("Sec-WebSocket-Version", "13"), ("Upgrade", "websocket")]
        return "426 Upgrade Required", wanted, "The WebSocket version is 13."
    try:
        key = base64.b64decode(environ.get("HTTP_SEC_WEBSOCKET_KEY", ""), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 16:
        return "400 Bad Request", [], "Sec-WebSocket-Key must be 16 bytes in base64."
    return None


def offers_deflate(environ: Mapping[str, Any]) -> bool:
    """Whether the client offers permessage-deflate on terms that we keep: none for us.

    A client may offer several sets of terms; one without demands on the server is enough. An
    offer with a term that does not exist, or twice the same, is none (RFC 7692, section 7.1).
    """
    for offer in _list(environ.get("HTTP_SEC_WEBSOCKET_EXTENSIONS", "")):
        name, *terms = (part.strip() for part in offer.split(";"))
        names = [term.partition("=")[0].strip() for term in terms]
        if name == DEFLATE and len(set(names)) == len(names) and all(map(_TERM.fullmatch, terms)):
            return True
    return False


def answer(key: str, deflate: bool = False) -> bytes:
    """The bytes of the 101 response."""
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {accept(key)}",
    ]
    if deflate:
        lines.append(f"Sec-WebSocket-Extensions: {DEFLATE}")
    return "\r\n".join([*lines, "", ""]).encode("ascii")
