"""One canary for each seam: what a new release of a library broke, and what depends on it.

A release that changes one of these parts would otherwise show as a hang, a lost answer or a
ghost in some test far away.
"""

import ast
import importlib.util
import io
import socket
from functools import cache
from pathlib import Path

import engineio
import engineio.socket
import flask
import flask_socketio
import gevent
import pytest
import socketio
from engineio import packet
from gevent import pywsgi
from gevent import socket as gevent_socket

from socketlab.server import seams
from socketlab.server.dispatcher import OutgoingPacket
from socketlab.server.session import Session

from .conftest import ROOT

CANARIES = {}


def canary(seam):
    """Names the seam that a check stands for; the check returns whether all is as it was."""

    def note(check):
        CANARIES[seam] = check
        return check

    return note


@canary("gevent.pywsgi.Input._discard")
def body_is_left_unread():
    class Head:
        close_connection = False

    class Handler(pywsgi.WSGIHandler):
        def __init__(self):
            self.wsgi_input = seams.RequestBody(io.BytesIO(b"12345"), 5)
            self.called = []

        def run_application(self):
            pass

        def log_request(self):
            pass

    handler = Handler()
    before = handler.wsgi_input.unread()
    handler.handle_one_response()
    return before == handler.wsgi_input.unread() == 5


class Written:
    """A socket that keeps what is written to it."""

    def __init__(self):
        self.data = b""

    def sendall(self, data):
        self.data += bytes(data)

    def close(self):
        pass


def answered(application):
    """What gevent's handler writes for a request, and what it reads the request from."""
    server = pywsgi.WSGIServer(gevent_socket.socket(), application, log=None)
    out, rfile = Written(), io.BytesIO()
    handler = pywsgi.WSGIHandler(out, ("127.0.0.1", 1), server, rfile=rfile)
    handler.request_version, handler.environ = "HTTP/1.1", {}
    handler.wsgi_input = seams.RequestBody(rfile, 0)
    handler.application = application
    handler.handle_one_response()
    server.close()
    return handler.rfile is rfile, out.data


def hello(environ, start_response):
    start_response("200 OK", [("Content-Length", "5")])
    return [b"hello"]


@canary("gevent.pywsgi.WSGIHandler(rfile=)")
def requests_are_read_from_our_reader():
    return answered(hello)[0]


@canary("gevent.pywsgi.WSGIHandler.socket")
def responses_pass_through_our_socket():
    data = answered(hello)[1]
    return data.startswith(b"HTTP/1.1 200 OK\r\n") and data.endswith(b"\r\n\r\nhello")


@canary("gevent.socket.socket._sock")
def a_full_socket_does_not_wait_and_a_closed_one_sends_nothing():
    ours, theirs = gevent_socket.socketpair()
    send, sent = seams.sender(ours), []
    with theirs:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        with pytest.raises(BlockingIOError):
            while len(sent) < 1000:
                sent.append(send(b"x" * 4096))
        ours.close()
        with pytest.raises(OSError, match="Bad file descriptor"):
            send(b"x")  # also when another socket has been given its number since
    return sent[0] > 0


@canary("gevent.socket.socket._wait(_read_event)")
def whoever_waits_wakes_when_something_arrives_or_in_time():
    ours, theirs = gevent_socket.socketpair()
    with ours, theirs:
        ours.settimeout(0.001)
        with pytest.raises(TimeoutError):
            seams.wait_for_arrival(ours)
        ours.settimeout(None)
        waits = gevent.spawn(seams.wait_for_arrival, ours)
        gevent.sleep(0)
        before = waits.ready()
        theirs.sendall(b"x")
        waits.join(5)
        return not before and waits.successful() and ours.recv(1) == b"x"


def engine():
    return engineio.Server(async_mode="gevent")


@canary("engineio.socket.Socket.__class__")
def a_session_becomes_ours():
    session = engineio.socket.Socket(engine(), "sid")
    seams.adopt(session, Session)
    return isinstance(session, Session) and session.check_ping_timeout() is True


@canary("engineio.socket.Socket attributes")
def a_session_says_how_it_stands():
    session = engineio.socket.Socket(engine(), "sid")
    session.send(packet.Packet(packet.NOOP))
    flags = (session.connected, session.upgrading, session.upgraded, session.closed)
    waits = session.queue.get(block=False).packet_type == packet.NOOP
    session.close(wait=False)
    return flags == (False,) * 4 and session.last_ping > 0 and waits and session.closed


def begun(**wanted):
    """An Engine.IO server, and the answer to a request that begins a session on it."""
    server = engine()
    for name, value in wanted.items():
        server.on(name, value)
    environ = {
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": "EIO=4&transport=polling",
        "wsgi.input": io.BytesIO(),
    }
    statuses = []
    server.handle_request(environ, lambda status, headers: statuses.append(status))
    return server, environ, statuses


@canary("gevent.hub.Hub.loop.iteration")
def the_rounds_of_the_event_loop_are_counted():
    before = seams.pass_number()
    gevent.sleep(0.001)
    return seams.pass_number() > before


@canary("engineio.Server.create_queue")
def a_session_has_the_queue_that_we_make():
    server, made = engine(), object()
    server.create_queue = lambda: made
    return engineio.socket.Socket(server, "sid").queue is made


@canary("engineio.Server.sockets")
def sessions_are_found_by_their_id():
    seen = []
    server, _, statuses = begun(connect=lambda sid, environ: seen.append(sid))
    (sid,) = server.sockets
    return seen == [sid] and isinstance(server.sockets[sid], engineio.socket.Socket)


@canary("engineio.Server.handlers")
def the_librarys_connect_handler_can_be_called():
    server = socketio.Server(async_mode="gevent")
    server.eio.handlers["connect"]("session", {"a": 1})
    return server.environ == {"session": {"a": 1}}


@canary("engineio.Server.handle_request")
def what_is_no_list_is_handed_back():
    server, environ, _ = begun()
    ((sid, session),) = server.sockets.items()
    answer = ()
    session.handle_get_request = lambda environ, start_response: answer
    started = []
    environ["QUERY_STRING"] += f"&sid={sid}"
    given = server.handle_request(environ, lambda *head: started.append(head))
    return given is answer and started == []


@canary("engineio.Server._ok")
def a_post_is_answered_by_the_part_that_we_replace():
    server, environ, _ = begun()
    (sid,) = server.sockets
    before = server._ok()["response"], server._ok([packet.Packet(packet.NOOP)])["response"]
    seams.say_plain_ok(server)
    post = {**environ, "REQUEST_METHOD": "POST", "CONTENT_LENGTH": "1"}
    post |= {"QUERY_STRING": f"EIO=4&transport=polling&sid={sid}", "wsgi.input": io.BytesIO(b"3")}
    answer = server.handle_request(post, lambda *head: None)
    polled = server._ok([packet.Packet(packet.NOOP)])["response"]
    return before == (b"OK", b"6") and answer == [b"ok"] and polled == b"6"


@canary("socketio.packet.Packet attributes")
def a_packet_says_what_is_to_be_sent():
    sent = []
    server = socketio.Server(async_mode="gevent", serializer=OutgoingPacket)
    server.eio.send_packet = lambda session, pkt: sent.append(pkt.data)
    server.manager.connect(server.manager.pre_connect("session", "/lab"), "/lab")
    server.emit("said", (b"bytes", {}), namespace="/lab")
    text = '51-/lab,["said",{"_placeholder":true,"num":0},{}]'
    return sent == [text, b"bytes"]


class Echo(socketio.Namespace):
    def on_echo(self, sid, data):
        return sid, data

    def on_boom(self, sid, data):
        raise KeyError(data)


def with_handlers():
    server = socketio.Server(async_mode="gevent")
    server.register_namespace(Echo("/lab"))
    return server


@canary("socketio.Server._trigger_event")
def a_handler_is_found_and_called():
    server = with_handlers()
    with pytest.raises(KeyError):
        seams.run_handler(server, "boom", "/lab", "sid", {})
    return seams.run_handler(server, "echo", "/lab", "sid", {"a": 1}) == ("sid", {"a": 1})


@canary("socketio.Server.not_handled")
def no_handler_is_told_from_no_answer():
    server = with_handlers()
    return seams.run_handler(server, "echo", "/nowhere", "sid", {}) is server.not_handled


@canary("socketio.Server._send_eio_packet")
def the_test_client_hears_what_is_sent_by_it():
    app = flask.Flask("lab")
    socketio = flask_socketio.SocketIO(app, async_mode="gevent")
    socketio.on_event("connect", lambda: None)
    client = socketio.test_client(app)
    seams.send_packet(socketio.server, client.eio_sid, packet.Packet(packet.MESSAGE, '2["news"]'))
    return [event["name"] for event in client.get_received()] == ["news"]


@canary("socketio.Server.environ")
def a_session_has_its_request():
    server = with_handlers()
    sid = server.manager.connect(server.manager.pre_connect("session", "/lab"), "/lab")
    server.environ["session"] = {"REMOTE_ADDR": "127.0.0.1"}
    return server.get_environ(sid, "/lab") is server.environ["session"]


@canary("socketio.Manager.callbacks")
def a_question_waits_under_its_number():
    server, answers = with_handlers(), []
    sid = server.manager.connect(server.manager.pre_connect("session", "/lab"), "/lab")
    server.emit("question", {}, namespace="/lab", to=sid, callback=answers.append)
    (number,) = (n for n in server.manager.callbacks[sid] if n)
    server.manager.callbacks[sid].pop(number)
    server.manager.trigger_callback(sid, number, ["too late"])
    return number == 1 and not answers


def flask_server(kind, **options):
    """A Flask-SocketIO server with a client in /lab, and the sid of that."""
    app = flask.Flask("lab")
    socketio = kind(app, async_mode="gevent", **options)
    manager = socketio.server.manager
    sid = manager.connect(manager.pre_connect("session", "/lab"), "/lab")
    environ = {"flask.app": app, "REQUEST_METHOD": "GET", "HTTP_HOST": "lab.test"}
    socketio.server.environ["session"] = environ
    return socketio, sid


@canary("flask_socketio.SocketIO._handle_event")
def every_handler_is_run_by_the_method_that_we_override():
    calls = []

    class Ours(flask_socketio.SocketIO):
        def _handle_event(self, handler, message, namespace, sid, *args):
            calls.append((handler(*args), message, namespace, sid))

    class Room(flask_socketio.Namespace):
        def on_echo(self, data):
            return data

    socketio, sid = flask_server(Ours)
    socketio.on_event("call", str, namespace="/lab")
    seams.run_handler(socketio.server, "call", "/lab", sid, 1)
    socketio, _ = flask_server(Ours)
    socketio.on_namespace(Room("/lab"))
    seams.run_handler(socketio.server, "echo", "/lab", sid, 2)
    return calls == [("1", "call", "/lab", sid), (2, "echo", "/lab", sid)]


@canary("flask_socketio.SocketIO attributes")
def the_librarys_own_method_reads_the_same_attributes():
    socketio, sid = flask_server(flask_socketio.SocketIO, manage_session=False)
    usual = socketio.exception_handlers == {} and socketio.default_exception_handler is None
    socketio.on_error("/lab")(str)
    socketio.on_error_default(repr)
    known = list(socketio.exception_handlers.items()) == [("/lab", str)]
    known = known and socketio.default_exception_handler is repr
    return usual and known and not socketio.manage_session


@canary("flask.ctx.RequestContext attributes")
def a_context_keeps_nothing_that_ours_does_not():
    app = flask.Flask("lab")
    environ = {"REQUEST_METHOD": "GET", "HTTP_HOST": "lab.test", "wsgi.url_scheme": "http"}
    ours = seams.EventContext(app, environ)
    keeps = {*vars(ours), "url_adapter"}
    return keeps == set(vars(app.request_context(environ)))


@canary("flask.globals._cv_app, _cv_request")
def the_contexts_in_force_are_where_we_put_them():
    app = flask.Flask("lab")
    with seams.EventContext(app, {"REQUEST_METHOD": "GET", "PATH_INFO": "/a"}):
        inside = flask.request.path, flask.current_app.name
    return inside == ("/a", "lab") and not flask.has_app_context()


@pytest.mark.parametrize("seam", seams.SEAMS)
def test_the_library_still_does_what_we_lean_on(seam):
    try:
        holds = CANARIES[seam]()
    except Exception as error:
        pytest.fail(f"{seam} broke ({error!r}). It was: {seams.SEAMS[seam]}.")

    assert holds, f"{seam} behaves otherwise now. It was: {seams.SEAMS[seam]}."


def test_each_canary_stands_for_a_seam():
    assert set(CANARIES) == set(seams.SEAMS)


# Nobody else

LIBRARIES = ("engineio", "flask_socketio", "gevent", "socketio")
UNDOCUMENTED = {"basic_enter_room", "basic_leave_room"}  # once replaced on the manager


@cache
def private_names():
    """The names with an underscore that these libraries give to what is in their classes."""
    names = set(UNDOCUMENTED)
    for library in LIBRARIES:
        folder = Path(importlib.util.find_spec(library).origin).parent
        for path in folder.glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    names.add(node.name)
                elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                    names.add(node.attr)
    return {n for n in names if n in UNDOCUMENTED or n.startswith("_") and not n.endswith("__")}


def classes(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]


def heirs(trees):
    """The names of our classes that descend from a class of these libraries."""
    heirs = set()
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                module = node.module or ""
                if module.split(".")[0] in LIBRARIES or module.split(".")[-1] == "seams":
                    heirs |= {alias.asname or alias.name for alias in node.names}
    while True:
        more = {
            node.name
            for tree in trees.values()
            for node in classes(tree)
            if heirs & {getattr(b, "id", getattr(b, "attr", "")) for b in node.bases}
        }
        if more <= heirs:
            return heirs
        heirs |= more


def trespasses(tree, private, heirs):
    """Where a module reaches for, or overrides, a private part of a library."""
    own, inherited = set(), []
    for node in classes(tree):
        base = heirs & {getattr(b, "id", getattr(b, "attr", "")) for b in node.bases}
        for inner in ast.walk(node):
            if isinstance(inner, ast.FunctionDef):
                if base and inner.name in private:
                    inherited.append((inner.lineno, inner.name))
                own.add(inner.name)
            elif isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store):
                own.add(inner.attr)
    yield from inherited
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            whose = getattr(node.value, "id", "")
            if node.attr in private and not (whose in ("self", "cls") and node.attr in own):
                yield node.lineno, node.attr
            elif node.attr == "__class__" and isinstance(node.ctx, ast.Store):
                yield node.lineno, node.attr


TREES = {
    path.relative_to(ROOT): ast.parse(path.read_text("utf-8"))
    for path in [*sorted(ROOT.glob("socketlab/**/*.py")), ROOT / "app.py"]
}


def test_no_module_but_seams_uses_a_private_part_of_a_library():
    private, ours = private_names(), heirs(TREES)
    found = {
        f"{path}:{line} {name}"
        for path, tree in TREES.items()
        if path.name != "seams.py"
        for line, name in trespasses(tree, private, ours)
    }

    assert found == set()


@pytest.mark.parametrize(
    "line",
    [
        "server._trigger_event('connect')",
        "self.sock._sock.send(data)",
        "session.__class__ = Session",
        "class Rooms(Namespace):\n    def _set_socketio(self, socketio): pass",
        "manager.basic_enter_room = mine",
    ],
)
def test_the_search_for_private_parts_finds_them(line):
    tree = ast.parse(f"from flask_socketio import Namespace\n{line}")

    assert list(trespasses(tree, private_names(), heirs({"": tree})))
    assert flask_socketio.Namespace
