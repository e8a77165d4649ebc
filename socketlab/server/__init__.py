"""The engine room: the one package that knows gevent, Engine.IO and the socket itself."""

from .cut import Wires
from .door import Door
from .engine import build_socketio, connections
from .run import Server

__all__ = ["Door", "Server", "Wires", "build_socketio", "connections"]
