"""What a page tells the browser about itself: load nothing from elsewhere, run nothing inline.

``'self'`` does not cover ``ws:`` in older Safari, so the host is written out; it was checked
against the list of our own hosts before any page is made.
Source: Content Security Policy Level 3, sections 6.1 and 6.7.
"""

PRIVATE = ("/teach", "/wall", "/join", "/wire", "/lesson", "/exercise")


def add_headers(response, host, path):
    """Set the policy headers on a Flask response for a page of ``host`` at ``path``."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"font-src 'self'; connect-src 'self' ws://{host} wss://{host}; worker-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "frame-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy)
    headers["X-Content-Type-Options"] = "nosniff"
    # Not "no-referrer": a browser then sends `Origin: null` with our own forms (Fetch, 3.1).
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if path.startswith(PRIVATE):  # they hold a seat's token or the teacher's notes
        headers["Cache-Control"] = "no-store"
    return response
