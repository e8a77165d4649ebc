# fails frame: no frame after the upgrade
import base64
import secrets
import socket
from urllib.parse import urlsplit

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

key = base64.b64encode(secrets.token_bytes(16)).decode()

address = urlsplit(SERVER)
connection = socket.create_connection((address.hostname, address.port or 80))
lines = [
    f"GET /exercise/upgrade/raw?seat={SEAT} HTTP/1.1",
    f"Host: {address.netloc}",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    f"Sec-WebSocket-Key: {key}",
]
connection.sendall("\r\n".join([*lines, "", ""]).encode())
print(connection.recv(4096).decode("utf-8", "replace"))

connection.settimeout(1)
try:
    while True:  # what the server says about it: two verdicts, then nothing
        print(connection.recv(4096).decode("utf-8", "replace"))
except TimeoutError:
    print("the server says nothing more")
connection.close()
