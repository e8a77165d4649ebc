"""From HTTP to WebSocket: what the server checks and what it answers. Pure.

    client:  GET …  Upgrade: websocket  Connection: Upgrade
             Sec-WebSocket-Version: 13  Sec-WebSocket-Key: 16 random bytes, base64
    server:  101    Sec-WebSocket-Accept: base64(SHA-1(key + GUID))

Source: RFC 6455, sections 1.3, 4.1, 4.2 and 4.4; RFC 7692, section 7.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any, TypedDict

#: The fixed text that is put behind every key. Source: RFC 6455, section 1.3.
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

#: The name of the one extension in use. Source: RFC 7692, section 7.
DEFLATE = "permessage-deflate"

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
    upgrade: str = environ.get("HTTP_UPGRADE", "")
    return upgrade.lower() == "websocket"


def refusal(environ: Mapping[str, Any]) -> tuple[str, Headers, str] | None:
    """Why a handshake cannot be answered with 101: (status, extra headers, sentence), or None."""
    connection = environ.get("HTTP_CONNECTION", "").lower().split(",")
    if environ["REQUEST_METHOD"] != "GET" or "upgrade" not in map(str.strip, connection):
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

    A client may offer several sets of terms; one without demands on the server is enough.
    """
    for offer in environ.get("HTTP_SEC_WEBSOCKET_EXTENSIONS", "").split(","):
        name, *terms = (part.strip().lower() for part in offer.split(";"))
        if name == DEFLATE and all(term.startswith("client_") for term in terms):
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
