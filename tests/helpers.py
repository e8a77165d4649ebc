"""Verbs for tests: start the real server, speak to it, wait for what it says."""

import json
import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import requests
import socketio
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

ROOT = Path(__file__).parent.parent
REQUIRE_ALL = os.environ.get("SOCKETLAB_REQUIRE_ALL") == "1"
PATIENCE = 30  # seconds until a wait is a failure; nothing is slept away
MOST_EXAMPLES = 1000  # even of a long run


def told_by_client(node, client_file, expression):
    """What the official client says of itself, without a browser or a connection.

    ``expression`` is JavaScript in which ``io`` is the client; its value comes back as JSON.
    """
    script = """
      const client = { exports: {} };
      const text = require("fs").readFileSync(process.argv[1], "utf8");
      new Function("module", "exports", text)(client, client.exports);
      const io = client.exports;
    """
    line = [node, "-e", f"{script} console.log(JSON.stringify({expression}));", str(client_file)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, check=True)
    return json.loads(done.stdout)


def examples(few):
    """How many cases of a property to try; fifty times as many by `pytest --long`."""
    return few * (50 if os.environ.get("SOCKETLAB_LONG") == "1" else 1)


def explore(machine, few, steps):
    """Play a state machine of hypothesis over and over; the same games each time unless --long."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=min(
                examples(few), MOST_EXAMPLES
            ),  # what takes two minutes is taken for hanging
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize=examples(1) == 1,
            phases=[Phase.generate],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


class Process:
    """``python app.py`` as its users start it: no terminal, standard input closed.

    With ``forks`` it is a fork of a process that has loaded the program already.
    """

    def __init__(self, data, *options, client=None, env=None, root=ROOT, forks=None):
        self.data = Path(data)
        if client:
            folder = Path(data) / "client"
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(client, folder / "socket.io.js")
        arguments = ["--port", "0", "--data", str(data), *options]
        if forks:
            self.process = forks.start("app", arguments, env or {})
        else:
            self.process = subprocess.Popen(
                [sys.executable, "app.py", *arguments],
                cwd=root,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONWARNINGS": "default", **(env or {})},
            )
        self.printed, self.complained = queue.Queue(), []
        self._readers = [
            threading.Thread(target=self._read_out, daemon=True),
            threading.Thread(target=self._read_err, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        try:
            self.url = re.search(r"http://\S+", self.line("SocketLab"))[0].rstrip("/")
            self.teacher_url = re.search(r"http://\S+", self.line("Teacher"))[0]
        except BaseException:
            self.stop(signal.SIGKILL)
            raise
        self.port = urlsplit(self.url).port

    def line(self, start):
        """The next line printed that starts so."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                line = self.printed.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no line {start!r}; stderr: {self.complained}") from None
            if line.startswith(start):
                return line

    def stop(self, number=signal.SIGTERM):
        """End the process and hand back its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()
        return status

    def _read_out(self):
        for line in self.process.stdout:
            self.printed.put(line.rstrip("\n"))

    def _read_err(self):
        for line in self.process.stderr:
            self.complained.append(line.rstrip("\n"))


class Person:
    """Somebody with a seat: a cookie jar, a token, and python-socketio clients."""

    def __init__(self, url, page="/lesson/bidirectional"):
        self.url = url
        self.http = requests.Session()
        # It would look for a proxy through all of the environment, which pytest changes meanwhile.
        self.http.trust_env = False
        self.page = self.http.get(url + page, headers={"Accept": "text/html"}, timeout=PATIENCE)
        self.token = re.search(r'<meta name="seat" content="([^"]+)"', self.page.text)[1]
        self._clients = []

    def connect(self, namespace, transports=("websocket",), **auth):
        client = Client()
        self._clients.append(client)
        client.connect(
            self.url,
            namespaces=[namespace],
            transports=list(transports),
            auth={"seat": self.token, **auth},
            wait_timeout=PATIENCE,
        )
        return client

    def leave(self):
        for client in self._clients:
            client.disconnect()
        self.http.close()


class Client(socketio.Client):
    """python-socketio's client, which keeps what it hears in the order of arrival."""

    def __init__(self):
        super().__init__(reconnection=False)
        self._heard = queue.Queue()
        self._kept = []
        self.on("*", self._hear, namespace="*")

    def _hear(self, event, _namespace, data=None):
        self._heard.put((event, data))

    def ask(self, namespace, event, data=None):
        """Send an event and hand back its acknowledgement."""
        return self.call(event, data, namespace=namespace, timeout=PATIENCE)

    def hear(self, event, where=lambda data: True):
        """The next event of that name for which ``where`` holds; others are kept for later."""
        for i, (name, data) in enumerate(self._kept):
            if name == event and where(data):
                return self._kept.pop(i)[1]
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                name, data = self._heard.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                heard = [name for name, _ in self._kept]
                raise AssertionError(f"never heard {event}; heard {heard}") from None
            if name == event and where(data):
                return data
            self._kept.append((name, data))

    def heard(self, event):
        """What was heard of that name up to now, without waiting."""
        return [data for name, data in self.everything() if name == event]

    def everything(self):
        """What was heard up to now and not taken by :meth:`hear`: ``[(event, data)]``."""
        while not self._heard.empty():
            self._kept.append(self._heard.get_nowait())
        return self._kept


class RawClient:
    """A WebSocket client of a few lines that counts every byte, for comparing with the tap."""

    def __init__(self, port, path, headers=()):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.sent, self.received, self._pending = [], [], b""
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            *headers,
        ]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self._pending:
            self._pending += self._more()
        self.answer, self._pending = self._pending.split(b"\r\n\r\n", 1)

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data

    def send(self, text):
        """One masked text frame (RFC 6455, section 5.2); the mask here is not secret."""
        data, mask = text.encode(), b"\x11\x22\x33\x44"
        length = len(data)
        head = bytes([0x80 | length]) if length < 126 else b"\xfe" + length.to_bytes(2, "big")
        frame = b"\x81" + head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data))
        self.socket.sendall(frame)
        self.sent.append((text, len(frame)))

    def hear(self):
        """The next text frame from the server: its text. Frames and sizes are kept."""
        head = self._take(2)
        length = head[1] & 127
        if length == 126:
            more = self._take(2)
            head, length = head + more, int.from_bytes(more, "big")
        payload = self._take(length)
        if head[0] & 15 == 8:
            raise ConnectionError(f"the server closes: {payload[:2].hex()} {payload[2:].decode()}")
        self.received.append((payload.decode(), len(head) + length))
        return payload.decode()

    def _take(self, count):
        while len(self._pending) < count:
            self._pending += self._more()
        taken, self._pending = self._pending[:count], self._pending[count:]
        return taken

    def hear_event(self, name):
        """The payload of the next event of that name; pings on the way are answered."""
        while True:
            text = self.hear()
            if text == "2":
                self.send("3")
            elif f'["{name}",' in text:
                return json.loads(text[text.index("[") :])[1]

    def close(self):
        self.socket.close()


def exchange(port, request):
    """Send raw bytes over a new connection; hand back everything up to the server's close."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as raw:
        raw.sendall(request)
        answer = b""
        while data := raw.recv(65536):
            answer += data
    return answer
