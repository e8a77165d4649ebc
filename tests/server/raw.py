"""A client that sends exactly the bytes it is told to, and counts them."""

import base64
import json
import os
import socket
import struct

HANDSHAKE = (
    "GET /socket.io/?EIO=4&transport=websocket{query} HTTP/1.1\r\n"
    "Host: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{extra}\r\n"
)
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455, section 1.3


class Wire:
    """One TCP connection to 127.0.0.1; every read has a deadline of 5 s."""

    def __init__(self, port, receive_buffer=None, source="127.0.0.1"):
        self.port = port
        self.sock = socket.socket()
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(5)
        self.sock.bind((source, 0))
        self.sock.connect(("127.0.0.1", port))
        self.buffer = b""
        self.up = self.down = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data)
        self.up += len(data)

    def fill(self):
        chunk = self.sock.recv(65536)
        if not chunk:
            raise EOFError
        self.down += len(chunk)
        self.buffer += chunk

    def read(self, size):
        while len(self.buffer) < size:
            self.fill()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def ended(self):
        """Whether the peer hangs up (by FIN or reset) before the deadline."""
        try:
            while True:
                self.fill()
        except TimeoutError:
            return False
        except (EOFError, ConnectionError):
            return True

    # HTTP

    def ask(self, head, body=b""):
        """Sends a request: the head's lines without Host; returns (status, headers, body)."""
        lines = head.split("\n")
        text = "\r\n".join([lines[0], f"Host: 127.0.0.1:{self.port}", *lines[1:], "", ""])
        self.send(text.encode("latin-1") + body)
        return self.answer()

    def answer(self):
        while b"\r\n\r\n" not in self.buffer:
            self.fill()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        status, *fields = head.decode("latin-1").split("\r\n")
        headers = {f.partition(": ")[0].lower(): f.partition(": ")[2] for f in fields}
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while True:
                while b"\r\n" not in self.buffer:
                    self.fill()
                size, _, self.buffer = self.buffer.partition(b"\r\n")
                body += self.read(int(size, 16))
                self.read(2)
                if int(size, 16) == 0:
                    break
        else:
            body = self.read(int(headers.get("content-length", 0)))
        return int(status.split()[1]), headers, body

    # WebSocket

    def upgrade(self, query="", extra="", key=KEY):
        """The handshake; returns (status, headers)."""
        self.send(HANDSHAKE.format(port=self.port, query=query, extra=extra, key=key).encode())
        status, headers, _ = self.answer()
        return status, headers

    def frame(self, payload, opcode=1, final=True, mask=True, rsv=0, form=None):
        """Sends one frame; ``form`` forces the length form 7, 16 or 64."""
        self.send(frame(payload, opcode, final, mask, rsv, form))

    def text(self, message):
        self.frame(message.encode())

    def heard(self):
        """The next frame: (opcode, payload); also the RSV1 bit in ``self.compressed``."""
        first, second = self.read(2)
        assert not second & 0x80, "a server does not mask"
        assert first & 0x80, "our server sends whole messages"
        self.compressed = bool(first & 0x40)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack(">H", self.read(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self.read(8))
        return first & 0x0F, self.read(length)

    def message(self):
        """The next text message, Engine.IO pings answered on the way."""
        while True:
            opcode, payload = self.heard()
            if opcode == 8:
                raise Closed(int.from_bytes(payload[:2], "big"), payload[2:].decode())
            if payload == b"2":
                self.text("3")
            elif opcode == 1:
                return payload.decode()

    def until(self, start):
        """The next text message that starts like this."""
        while not (message := self.message()).startswith(start):
            pass
        return message

    def closed(self):
        """The code with which the server closes, once everything before it is read."""
        try:
            while True:
                self.message()
        except Closed as closed:
            assert self.ended()
            return closed.code
        except (EOFError, ConnectionError):
            return None

    def join(self, namespace="/lab", auth=None, query="", extra=""):
        """WebSocket, open packet and CONNECT; returns the Engine.IO session."""
        assert self.upgrade(query, extra)[0] == 101
        session = json.loads(self.until("0")[1:])["sid"]
        self.text(f"40{namespace},{json.dumps(auth) if auth is not None else ''}")
        self.until(f"40{namespace},")
        return session

    def call(self, event, data, number=1, namespace="/lab"):
        """Emits an event and returns what it is acknowledged with."""
        self.text(f"42{namespace},{number}{json.dumps([event, data])}")
        head = f"43{namespace},{number}"
        return json.loads(self.until(head)[len(head) :])[0]


class Closed(Exception):
    def __init__(self, code, reason):
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


def frame(payload, opcode=1, final=True, mask=True, rsv=0, form=None):
    size = len(payload)
    form = form or (7 if size < 126 else 16 if size < 65536 else 64)
    head = bytes([(0x80 if final else 0) | rsv << 4 | opcode])
    bit = 0x80 if mask else 0
    head += {
        7: lambda: bytes([bit | size]),
        16: lambda: struct.pack(">BH", bit | 126, size),
        64: lambda: struct.pack(">BQ", bit | 127, size),
    }[form]()
    if not mask:
        return head + payload
    key = os.urandom(4)
    return head + key + bytes(b ^ key[i & 3] for i, b in enumerate(payload))


def fresh_key():
    return base64.b64encode(os.urandom(16)).decode()
