"""Sends bytes over a new TCP connection to this server, and listens to what comes back."""

import socket
from time import monotonic

from .dialler import ANSWER_BYTES, QUIET_SECONDS, SECONDS


def call(address, data, known_as):
    """Connect, send ``data``, listen: what came back, and whether the server hung up.

    ``known_as((address, port))`` is a context in which the server knows whose connection that
    is, before it says a word.
    """
    with socket.create_connection(address, timeout=SECONDS) as line:
        host, port = line.getsockname()[:2]
        with known_as((host, str(port))):
            return talk(line, data)


def talk(line, data, clock=monotonic):
    """Send ``data`` and listen: ``(received, closed)``, closed by the other side.

    ``line`` is a connected socket, ``clock()`` seconds. Ends when the other side hangs up, when
    it has been quiet for ``QUIET_SECONDS``, after ``SECONDS``, or at ``ANSWER_BYTES``.
    """
    received, deadline = b"", clock() + SECONDS
    try:
        line.sendall(data)
        while (left := deadline - clock()) > 0 and len(received) < ANSWER_BYTES:
            line.settimeout(min(left, QUIET_SECONDS) if received else left)
            chunk = line.recv(ANSWER_BYTES - len(received))
            if not chunk:
                return received, True
            received += chunk
    except TimeoutError:
        pass
    except OSError:  # cut off rather than closed: it is over all the same
        return received, True
    return received, False
