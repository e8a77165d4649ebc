"""The context of an event is Flask's own to its handler; that it is made otherwise shows nowhere.

Each test runs twice: with Flask-SocketIO as it is, and with ours.
"""

import io

import flask
import gevent
import pytest
from flask import Flask, g, request, session
from flask_socketio import ConnectionRefusedError, Namespace, SocketIO
from werkzeug.test import create_environ

from socketlab.server.seams import EventSocketIO, run_handler

ENGINE = "/socket.io/?EIO=4&transport=websocket"


class Lab:
    """A Flask-SocketIO server with one client in the namespace /lab, and nothing on a wire."""

    def __init__(self, kind, **options):
        self.app = Flask("lab")
        self.app.secret_key = "a secret of this test"
        self.app.add_url_rule("/page/<int:number>", "page", lambda number: "")
        self.socketio = kind(self.app, async_mode="gevent", **{"manage_session": False, **options})
        self.server = self.socketio.server
        self.environ = create_environ(ENGINE, "http://lab.test:8000", headers={"Cookie": "a=1"})
        self.environ["flask.app"] = self.app
        self.server.environ["session"] = self.environ
        self.sid = self.server.manager.connect(
            self.server.manager.pre_connect("session", "/lab"), "/lab"
        )

    def on(self, event, handler):
        self.socketio.on_event(event, handler, namespace="/lab")

    def run(self, event, *args):
        return run_handler(self.server, event, "/lab", self.sid, *args)

    def ask(self, handler, *args):
        """What a handler answers that is called by an event."""
        self.on("ask", handler)
        return self.run("ask", *args)


@pytest.fixture(params=[SocketIO, EventSocketIO], ids=["library", "ours"])
def kind(request):
    return request.param


@pytest.fixture
def lab(kind):
    return Lab(kind)


def test_a_handler_finds_its_client_and_the_request_that_began_the_session(lab):
    def asked(data):
        return (
            (request.sid, request.namespace, request.event),
            (request.path, request.args["transport"], request.cookies["a"], request.host),
            (request.method, request.environ is lab.environ, flask.current_app.name),
        )

    told = lab.ask(asked, {"a": 1})

    assert told == (
        (lab.sid, "/lab", {"message": "ask", "args": ({"a": 1},)}),
        ("/socket.io/", "websocket", "1", "lab.test:8000"),
        ("GET", True, "lab"),
    )


def test_nothing_that_a_handler_leaves_in_its_context_meets_the_next_event(lab):
    def asked(text):
        before = (getattr(request, "note", None), g.get("note"), session.get("note"))
        request.note = g.note = session["note"] = text
        flask.flash(text)
        return before, flask.get_flashed_messages()

    assert lab.ask(asked, "one") == ((None, None, None), ["one"])
    assert lab.run("ask", "two") == ((None, None, None), ["two"])
    assert not flask.has_request_context() and not flask.has_app_context()


def test_a_handler_reads_the_users_session_and_what_it_changes_is_handed_to_flask(lab):
    serializer = lab.app.session_interface.get_signing_serializer(lab.app)
    lab.environ["HTTP_COOKIE"] = f"session={serializer.dumps({'name': 'Kim'})}"
    saved = []
    save = lab.app.session_interface.save_session
    lab.app.session_interface.save_session = lambda app, own, answer: (
        saved.append(dict(own)),
        save(app, own, answer),
    )

    def asked(score):
        session["score"] = score
        return session["name"]

    assert lab.ask(asked, 5) == "Kim"
    assert lab.ask(lambda: session["name"]) == "Kim"
    assert saved == [{"name": "Kim", "score": 5}]


def test_a_session_of_the_librarys_own_lives_as_long_as_its_client(kind):
    lab = Lab(kind, manage_session=True)

    def asked(text):
        session.setdefault("notes", []).append(text)
        return list(session["notes"])

    assert lab.ask(asked, "one") == ["one"]
    assert lab.run("ask", "two") == ["one", "two"]


def test_a_handler_can_build_addresses(lab):
    assert lab.ask(lambda: flask.url_for("page", number=3)) == "/page/3"
    assert lab.ask(lambda: flask.url_for("page", number=3, _external=True)) == (
        "http://lab.test:8000/page/3"
    )


@pytest.mark.parametrize("broken", [False, True])
def test_what_flask_does_at_the_end_of_a_request_is_done_at_the_end_of_an_event(lab, broken):
    ends = []
    lab.app.teardown_request(lambda error: ends.append(("request", repr(error), request.sid)))
    lab.app.teardown_appcontext(lambda error: ends.append(("app", repr(error), g.get("note"))))
    signals = {flask.request_tearing_down: "request signal", flask.appcontext_popped: "popped"}
    for signal, name in signals.items():
        signal.connect(lambda app, name=name, **_: ends.append(name), lab.app, weak=False)

    def asked():
        g.note = "kept to the end"
        if broken:
            raise KeyError("broken")

    if broken:
        with pytest.raises(KeyError):
            lab.ask(asked)
    else:
        lab.ask(asked)

    error = repr(KeyError("broken")) if broken else "None"
    assert ends == [
        ("request", error, lab.sid),
        "request signal",
        ("app", error, "kept to the end"),
        "popped",
    ]


def test_the_error_handler_of_a_namespace_answers_for_its_handlers(lab):
    lab.socketio.on_error("/lab")(lambda error: f"{error!r} for {request.sid}")

    assert lab.ask(lambda: 1 / 0) == f"{ZeroDivisionError('division by zero')!r} for {lab.sid}"


def test_an_event_inside_another_has_a_context_of_its_own(lab):
    other = lab.server.manager.connect(lab.server.manager.pre_connect("session", "/b"), "/b")
    lab.socketio.on_event("inner", lambda: (request.sid, g.get("note")), namespace="/b")

    def asked():
        g.note = request.note = "outer"
        inner = run_handler(lab.server, "inner", "/b", other)
        return inner, (request.sid, request.namespace, request.note, g.note)

    # As in Flask, what is inside an application's context stays in it.
    assert lab.ask(asked) == ((other, "outer"), (lab.sid, "/lab", "outer", "outer"))


def test_events_that_wait_at_the_same_time_keep_apart(lab):
    def asked(name, seconds):
        request.name = g.name = name
        gevent.sleep(seconds)
        return request.name, g.name, request.event["args"][0]

    lab.on("ask", asked)
    tasks = [gevent.spawn(lab.run, "ask", name, 0.001) for name in "abc"]
    gevent.joinall(tasks, raise_error=True)

    assert [task.value for task in tasks] == [(name,) * 3 for name in "abc"]


def test_a_task_of_a_handler_may_take_the_context_along(lab):
    def asked():
        @flask.copy_current_request_context
        def later():
            return request.sid, session.get("nothing"), flask.current_app.name

        task = gevent.spawn(later)
        task.join()
        return task.get()

    assert lab.ask(asked) == (lab.sid, None, "lab")


@pytest.mark.parametrize("takes_auth", [True, False])
def test_a_connect_handler_may_take_what_the_client_proves_or_not(lab, takes_auth):
    lab.on("connect", (lambda auth: ("auth", auth)) if takes_auth else (lambda: "plain"))

    told = lab.run("connect", lab.environ, {"seat": "x"})

    assert told == (("auth", {"seat": "x"}) if takes_auth else "plain")


def test_a_connect_handler_may_refuse(lab):
    def refuse():
        raise ConnectionRefusedError("no")

    lab.on("connect", refuse)
    with pytest.raises(ConnectionRefusedError):
        lab.run("connect", lab.environ, None)


def test_the_methods_of_a_class_are_called_in_the_same_context(lab):
    class Room(Namespace):
        def on_ask(self, data):
            return request.sid, request.namespace, data

        def on_disconnect(self):  # as they were before there was a reason
            return "gone"

    lab.socketio.on_namespace(Room("/lab"))

    assert lab.run("ask", 1) == (lab.sid, "/lab", 1)
    assert lab.run("disconnect", "transport close") == "gone"


def test_a_body_that_came_with_the_request_is_read_once_by_whoever_asks(lab):
    lab.environ["wsgi.input"], lab.environ["CONTENT_LENGTH"] = io.BytesIO(b"body"), "4"

    assert lab.ask(lambda: request.get_data()) == b"body"


def test_an_event_of_a_client_that_is_not_known_is_not_handled(lab):
    lab.on("ask", lambda: "answer")
    del lab.server.environ["session"]

    assert lab.run("ask") == ("", 400)
