# fails frame: must be masked
import base64
import hashlib
import secrets
import socket
from urllib.parse import urlsplit

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

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

accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest())
connection.sendall(bytes([0x81, len(accept)]) + accept)

while data := connection.recv(4096):
    print(data.decode("utf-8", "replace"))
connection.close()
