"""The rules of the protocols, each said once, for the server and for who reads what crossed. Pure.

request_head  the head of an HTTP request, read strictly
handshake     from HTTP to WebSocket: the GUID, the accept value, what is refused
websocket     opcodes, close codes, the mask, frames as bytes
packets       Engine.IO and Socket.IO: packet types, and what a client may send
strict_json   JSON that every client can read back
"""
