"""What a page tells the browser about itself: load nothing from elsewhere, run nothing inline.

``'self'`` does not cover ``ws:`` in older Safari, so the host is written out; it was checked
against the list of our own hosts before any page is made.
Source: Content Security Policy Level 3, sections 6.1 and 6.7.
"""

from base64 import b64encode
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

PRIVATE = ("/teach", "/wall", "/join", "/check", "/wire", "/lesson", "/exercise")


def add_headers(response, root, path, framers="'none'"):
    """Set the policy headers on a Flask response for ``path`` at ``root``, "http://10.0.0.7:8000/".

    ``framers`` says which pages may hold this one in a frame, as ``frame-ancestors`` names them.
    What a browser may keep, and for how long, is said here for pages that do not say it.
    """
    host = urlsplit(root).netloc
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"font-src 'self'; connect-src 'self' ws://{host} wss://{host}; worker-src 'self'; "
        f"manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {framers}; "
        f"frame-src 'self'; require-trusted-types-for 'script'; trusted-types {policies(path)}"
    )
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy)
    headers["X-Content-Type-Options"] = "nosniff"
    # Not "no-referrer": a browser then sends `Origin: null` with our own forms (Fetch, 3.1).
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if response.mimetype == "text/html":
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if trustworthy(root):  # elsewhere it does nothing but print an error on the console
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers.setdefault("Cache-Control", "private, no-cache")  # it names the seat
    if path.startswith(PRIVATE):  # they hold a seat's token or the teacher's notes
        headers["Cache-Control"] = "no-store"
    return response


def sandbox_policy(host, script):
    """The policy of the page in which a student's code runs, whose only script is ``script``.

    Also opened by itself it has no origin (``sandbox``). What runs in it, and in a worker that it
    makes, which has the policy from it, may load the client and speak to Engine.IO: nothing else.
    Source: Content Security Policy Level 3, section 6.3.2 (sandbox) and 4.1.3 (workers).
    """
    digest = b64encode(sha256(script.encode()).digest()).decode()
    client = " ".join(f"{scheme}://{host}/socket.io/socket.io.js" for scheme in ("http", "https"))
    engine = " ".join(f"{scheme}://{host}/socket.io/" for scheme in ("http", "https", "ws", "wss"))
    return (
        f"sandbox allow-scripts; default-src 'none'; script-src 'sha256-{digest}' blob: {client}; "
        f"worker-src blob:; connect-src {engine}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    )


def policies(path):
    """The names of the Trusted Types policies that a page may have: one where it may start a
    worker: the rehearsal's robots, and robots of a lesson that stand still or are ended.

    Source: Trusted Types, section 4.2.4; the address of a worker is a sink.
    """
    return "worker" if path == "/teach" or path.startswith("/lesson/") else "'none'"


def trustworthy(root):
    """Whether a browser counts the origin of an address as secure.

    Source: Secure Contexts, section 3.1; a phone's address on the local network is not.
    """
    address = urlsplit(root)
    name = address.hostname or ""
    try:
        local = ip_address(name).is_loopback
    except ValueError:
        local = name == "localhost" or name.endswith(".localhost")
    return address.scheme == "https" or local
