"""Upgrade by hand, with a raw TCP socket. Needs nothing but Python."""

import socket
from urllib.parse import urlsplit

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

address = urlsplit(SERVER)
connection = socket.create_connection((address.hostname, address.port or 80))

lines = [
    f"GET /exercise/upgrade/raw?seat={SEAT} HTTP/1.1",
    f"Host: {address.netloc}",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    # One field is missing: a key of your own, from 16 random bytes.
    # secrets.token_bytes(16) makes some.
]
connection.sendall("\r\n".join([*lines, "", ""]).encode())
print(connection.recv(4096).decode("utf-8", "replace"))

# Once the server has answered 101: the Sec-WebSocket-Accept of your key, in a masked text frame.

# Then the judge's verdicts, until it closes the connection.
while data := connection.recv(4096):
    print(data.decode("utf-8", "replace"))
connection.close()
