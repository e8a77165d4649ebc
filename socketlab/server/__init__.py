"""The server: the one package that knows gevent, Engine.IO and the socket itself."""

from .admission import AdmissionMiddleware
from .bare import take_over
from .cutter import ConnectionCutter
from .engine import build_socketio, connections, line_of
from .files import most_sockets
from .offload import BatchWorker
from .run import Server
from .timers import Agenda

__all__ = [
    "AdmissionMiddleware",
    "Agenda",
    "BatchWorker",
    "Server",
    "ConnectionCutter",
    "build_socketio",
    "connections",
    "line_of",
    "most_sockets",
    "take_over",
]
