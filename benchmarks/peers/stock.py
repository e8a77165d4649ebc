"""The same work in Flask-SocketIO as it comes: ``gunicorn -k gevent stock:app``, or run alone.

``python stock.py <port> [threading]``: its own server, gevent unless told otherwise.
"""

import sys

from flask import Flask
from flask_socketio import SocketIO
from work import PING_SECONDS, add_handlers

mode = sys.argv[2] if __name__ == "__main__" and len(sys.argv) > 2 else "gevent"
app = Flask("stock")
socketio = SocketIO(app, async_mode=mode, ping_interval=PING_SECONDS)
add_handlers(socketio)

if __name__ == "__main__":
    options = {"allow_unsafe_werkzeug": True} if mode == "threading" else {}
    socketio.run(app, host="127.0.0.1", port=int(sys.argv[1]), **options)
