"""Engine.IO over HTTP: sessions that nobody uses, and bodies full of events."""

import http.client
import json
from copy import copy
from threading import Thread

from .field import attack
from .http import ENGINE, SCHOOLS


class Session:
    """A polling session; requests on one connection. Raises OSError, ValueError."""

    def __init__(self, port, namespace, cookie=""):
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
        self.headers = dict([cookie.split(": ", 1)]) if cookie else {}
        self.path = ENGINE
        status, body = self.ask("GET")
        if status != 200:
            raise ConnectionError(str(status))
        self.path += "&sid=" + json.loads(body[1:])["sid"]
        self.ask("POST", f"40{namespace},")
        answer = self.ask("GET")[1]
        if not answer.startswith(f"40{namespace},"):
            raise ConnectionError(answer)
        self.sid = json.loads(answer.split("\x1e")[0].partition(",")[2])["sid"]

    def ask(self, method, body=None):
        """(status, text) of one request."""
        try:
            self.http.request(method, self.path, body, self.headers)
            answer = self.http.getresponse()
            return answer.status, answer.read().decode()
        except http.client.HTTPException as error:
            self.http.close()
            raise ConnectionError(str(error)) from None

    def close(self):
        self.http.close()


@attack("13")
def handshakes(field):
    """Bare polling handshakes from 32 addresses; nobody keeps the session."""
    number = 0
    while field.going():
        number += 1
        field.get(ENGINE, source=SCHOOLS[number % len(SCHOOLS)])


@attack("11, d3", prepared=True)
def full_bodies(field):
    """Six sessions of one seat post bodies of a hundred events, and poll for the answers."""
    cookie = field.new_seat()
    sessions = [Session(field.port, "/bidirectional", cookie) for _ in range(6)]
    events = [f'42/bidirectional,{n}["wave",{{"text":"hello"}}]' for n in range(100)]
    field.begin()
    threads = [
        Thread(target=fill, args=(field, session, "\x1e".join(events))) for session in sessions
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def fill(field, session, body):
    """Posts and polls at the same time, for as long as the session lasts."""
    poller = Thread(target=empty, args=(field, copy(session)), daemon=True)
    poller.start()
    try:
        while field.going():
            status, _ = session.ask("POST", body)
            field.heard[str(status)] += 1
            if status != 200:
                break
    except OSError:
        field.heard["no answer"] += 1


def empty(field, session):
    session.http = http.client.HTTPConnection("127.0.0.1", field.port, timeout=3)
    try:
        while field.going():
            status, text = session.ask("GET")
            if status != 200:
                break
            if "2" in text.split("\x1e"):
                session.ask("POST", "3")
    except OSError:
        pass


@attack("17", prepared=True)
def half_moved(field):
    """Sessions that try their WebSocket, and never move."""
    cookie = field.new_seat()
    field.begin()
    while field.going():
        try:
            session = Session(field.port, "/rooms", cookie)
        except (OSError, ValueError):
            field.heard["not let in"] += 1
            continue
        raw = field.raw()
        upgrade = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13")
        key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
        path = session.path.replace("polling", "websocket")
        raw.sendall(field.head("GET", path, cookie, *upgrade, key))
        field.note(raw.recv(4096))
        raw.close()
        session.close()
