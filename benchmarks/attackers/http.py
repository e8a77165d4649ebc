"""Plain HTTP: requests without end, without an end, with nothing behind them."""

import contextlib
import selectors
import socket
import struct

from .field import PAGE, attack

ENGINE = "/socket.io/?EIO=4&transport=polling"
SCHOOLS = tuple(f"127.0.1.{n}" for n in range(1, 33))  # addresses of this machine, all of them


@attack("d1")
def keep_alive(field):
    """One connection asks for a page again and again."""
    raw, request = field.raw(), field.head("GET", PAGE)
    while field.going():
        raw.sendall(request)
        left = b""
        while b"</html>" not in left:
            left = left[-16:] + raw.recv(1 << 20)
        field.heard["pages"] += 1


@attack("d1")
def pipelined(field):
    """73 KB of requests for a page on each of 20 connections, without waiting."""
    request = field.head("GET", PAGE)
    selector = selectors.DefaultSelector()
    for _ in range(20):
        raw = field.raw()
        raw.sendall(request * (73 * 1024 // len(request)))
        raw.setblocking(False)
        selector.register(raw, selectors.EVENT_READ)
    while field.going():
        for key, _ in selector.select(0.1):
            data = key.fileobj.recv(1 << 20)
            field.note(data)
            field.push(key.fileobj, request * data.count(b"</html>"))


@attack("d1, d3", prepared=True)
def many_pages(field):
    """A hundred seats ask for pages, one connection each, again and again."""
    selector, requests = selectors.DefaultSelector(), {}
    for _ in range(100):
        raw = field.raw()
        requests[raw] = field.head("GET", PAGE, field.new_seat())
        raw.setblocking(False)
        selector.register(raw, selectors.EVENT_READ)
    field.begin()
    for raw, request in requests.items():
        field.push(raw, request)
    while field.going():
        for key, _ in selector.select(0.1):
            data = key.fileobj.recv(1 << 20)
            field.note(data)
            field.push(key.fileobj, requests[key.fileobj] * data.count(b"</html>"))


@attack("15, d4", prepared=True)
def silent(field):
    """3700 connections that send nothing."""
    raws = []
    for number in range(3700):
        try:
            raws.append(field.raw(SCHOOLS[number % len(SCHOOLS)], timeout=1))
        except OSError:
            field.heard["no connection"] += 1
    field.begin()
    field.hold(0, b"")


@attack("10")
def half_sent(field):
    """300 requests that never come whole: a header line more, ten times a second."""
    opening = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{field.port}\r\n".encode()
    field.hold(300, opening, more=b"a: b\r\n")


@attack("7, d5")
def half_bodies(field):
    """300 posts whose bodies do not come whole, to a form and to the engine."""
    opening = field.head("POST", "/join", "Content-Length: 500") + b"nick="
    field.hold(300, opening)


@attack("7")
def long_posts(field):
    """Posts that announce 10 MB, to the engine and to a form, as fast as they are refused."""
    paths = [f"{ENGINE}&sid=aaaaaaaaaaaaaaaaaaaa", "/join"]
    while field.going():
        for path in paths:
            field.get(path, "Content-Length: 10000000", method="POST", body=b"4" * 65536)


@attack("8, 9")
def bad_lengths(field):
    """Bodies whose length is none, no number, negative, or chunked."""
    wrong = ["A: b", "Content-Length: abc", "Content-Length: -1", "Transfer-Encoding: chunked"]
    while field.going():
        for header in wrong:
            field.get(f"{ENGINE}&sid=aaaaaaaaaaaaaaaaaaaa", header, method="POST", body=b"4" * 500)


@attack("16, 30, 31, 32, 33, 34")
def refused(field):
    """What is refused out of hand: forged ids, origins, hosts, JSONP, paths."""
    wrong = [
        (f"{ENGINE}&sid=bbbbbbbbbbbbbbbbbbbb",),
        (f"{ENGINE}&sid=a%0aline",),
        (f"{ENGINE}&j=1",),
        (ENGINE, "Origin: http://attacker.example"),
        (ENGINE, "X-Forwarded-Host: attacker.example", "Origin: http://attacker.example"),
        ("/lesson/..%2f..%2fetc%2fpasswd",),
        ("/source/%00",),
    ]
    while field.going():
        for path, *headers in wrong:
            field.get(path, *headers)


@attack("37")
def resets(field):
    """Connections that ask and hang up without waiting, some by a reset."""
    linger, request = struct.pack("ii", 1, 0), field.head("GET", PAGE)
    while field.going():
        raw = field.raw()
        field.push(raw, request)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        raw.close()
        field.heard["resets"] += 1


@attack("d6")
def bad_cookies(field):
    """A byte in the Cookie header that is no UTF-8."""
    while field.going():
        field.get(PAGE, "Cookie: socketlab_seat=\xff", "Accept: text/html")


@attack("22, d13")
def guesses(field):
    """Wrong keys of the teacher and wrong codes of the class, from 32 addresses."""
    number = 0
    while field.going():
        number += 1
        source = SCHOOLS[number % len(SCHOOLS)]
        field.get(f"/teach?key=wrong-{number}", source=source)
        field.get(f"/join/FOX{number % 90 + 10}", source=source)


@attack("d12")
def left_polls(field):
    """Held long polls whose askers hang up at once."""
    cookies = [field.new_seat() for _ in range(4)]
    while field.going():
        for cookie in cookies:
            raw = field.raw()
            field.push(raw, field.head("GET", "/bidirectional/wait?after=0", cookie))
            raw.close()
            field.heard["left"] += 1
        field.get("/bidirectional/latest?after=0", cookies[0])


@attack("d2", prepared=True)
def wire(field):
    """64 short compressed connections of one seat, then its wire again and again."""
    cookie = field.new_seat()
    upgrade = field.head(
        "GET",
        "/socket.io/?EIO=4&transport=websocket&deflate=1",
        cookie,
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Extensions: permessage-deflate",
    )
    for _ in range(64):
        with contextlib.suppress(TimeoutError), field.raw(timeout=0.2) as raw:
            raw.sendall(upgrade)
            while b'"sid"' not in raw.recv(65536):
                pass
    field.begin()
    after = 0
    while field.going():
        after += 1
        field.get(f"/wire?after={after}&limit=1", cookie)
