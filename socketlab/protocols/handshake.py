"""From HTTP to WebSocket: what the server checks and what it answers. Pure.

    client:  GET …  Upgrade: websocket  Connection: Upgrade
             Sec-WebSocket-Version: 13  Sec-WebSocket-Key: 16 random bytes, base64
    server:  101    Sec-WebSocket-Accept: base64(SHA-1(key + GUID))

Source: RFC 6455, sections 1.3, 4.1, 4.2 and 4.4; RFC 7692, section 7.
"""

import base64
import binascii
import hashlib

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
DEFLATE = "permessage-deflate"


def accept(key):
    """The answer to a key: proof that the server speaks WebSocket, not a secret."""
    digest = hashlib.sha1((key + GUID).encode("ascii")).digest()
    return base64.b64encode(digest).decode("ascii")


def asked(environ):
    """Whether a request wants to become a WebSocket."""
    return environ.get("HTTP_UPGRADE", "").lower() == "websocket"


def refusal(environ):
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


def offers_deflate(environ):
    """Whether the client offers permessage-deflate on terms that we keep: none for us.

    A client may offer several sets of terms; one without demands on the server is enough.
    """
    for offer in environ.get("HTTP_SEC_WEBSOCKET_EXTENSIONS", "").split(","):
        name, *terms = (part.strip().lower() for part in offer.split(";"))
        if name == DEFLATE and all(term.startswith("client_") for term in terms):
            return True
    return False


def answer(key, deflate=False):
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
