"""The command line: started in any way it says where to go, and told to stop it stops.

Some tests start ``python app.py`` itself, the others a fork of it; the system chooses the port.
"""

import hashlib
import io
import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
import requests
import segno
import socketio

from app import create_app
from socketlab import client
from socketlab.site.settings import SETTINGS

from .helpers import PATIENCE, ROOT, Person, Process, exchange
from .test_client import package

STOP_SECONDS = 3  # the contract's
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""}  # as pip is told it
SIGNALS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda n: n.name)


@pytest.fixture
def program(tmp_path, client_file):
    """``python app.py`` itself, not a fork of what is loaded already."""
    started = []

    def program(*options, data=None, env=None):
        server = Process(data or tmp_path / "data", *options, client=client_file, env=env)
        started.append(server)
        return server

    yield program
    for server in started:
        server.stop()


@pytest.fixture
def data(tmp_path, client_file):
    """A data folder that holds nothing but the client."""
    folder = tmp_path / "data"
    (folder / client.KEPT_AS).parent.mkdir(parents=True)
    shutil.copy(client_file, folder / client.KEPT_AS)
    return folder


@pytest.fixture
def ran(forks):
    """Run ``app.py`` where it must not start: hand back how it ended."""
    known = {"PYTHONWARNINGS": "ignore"}  # as it is for users

    def ran(*arguments, **environment):
        known.update(environment)
        fork = forks.start("app", arguments, known)
        stdout, stderr = fork.communicate(2 * PATIENCE)
        return SimpleNamespace(returncode=fork.returncode, stdout=stdout, stderr=stderr)

    return ran


def get(server, path):
    return requests.get(server.url + path, timeout=PATIENCE)


def stopped(server, number=signal.SIGTERM):
    """Send the signal; hand back the exit status and the seconds that it took."""
    started = time.monotonic()
    status = server.stop(number)
    return status, time.monotonic() - started


def rest(server):
    """What a server that has ended printed after its two addresses."""
    lines = []
    while not server.printed.empty():
        lines.append(server.printed.get())
    return lines


def assert_refused(done, *words):
    """It ended with status 2 and one sentence that holds ``words``."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert str(word) in done.stderr


# --- starting ----------------------------------------------------------------------------------


def test_without_a_terminal_it_prints_the_two_addresses_and_nothing_else(program):
    server = program()
    page = get(server, "/")
    status = server.stop()

    assert page.status_code == 200
    assert server.url == f"http://127.0.0.1:{server.port}"
    assert re.fullmatch(rf"{server.url}/teach\?key=\S{{22,}}", server.teacher_url)
    assert status == 0
    assert rest(server) == []
    assert server.complained == []


@pytest.mark.parametrize("closed", ["<&-", "<&- 2>&-"], ids=["stdin", "stdin-and-stderr"])
def test_with_standard_input_closed_it_starts_the_same(start, tmp_path, monkeypatch, closed):
    python = tmp_path / "python"  # a Python that was handed no such file descriptor
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@" {closed}\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    server = start()
    page = get(server, "/")

    assert page.status_code == 200
    assert server.stop() == 0
    assert rest(server) == []
    assert server.complained == []


def test_the_first_start_fetches_the_client(tmp_path, client_file):
    packages = package(tmp_path / "packages", client_file.read_bytes())
    npm = tmp_path / "npm"  # stands in for the network
    npm.write_text(f"#!/bin/sh\ncp {packages}/*.tgz .\n")
    npm.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    server = Process(tmp_path / "data", env={**OFFLINE, "PATH": path})
    answer = get(server, "/socket.io/socket.io.js")

    assert server.stop() == 0
    assert answer.content == client_file.read_bytes()
    assert [line[10:] for line in server.complained] == [
        "Fetching the browser's client, once: a wheel of 8.5 MB, of which 47 KB are kept.",
        "pip could not fetch it. Asking npm: a package of 0.3 MB.",
        "The browser's client is here, and verified.",
    ]


@SIGNALS
def test_a_signal_while_the_client_is_fetched_ends_it_with_status_0(tmp_path, number):
    npm = tmp_path / "npm"  # stands in for a slow network
    npm.write_text(f"#!/bin/sh\necho asked > {tmp_path}/asked\nexec sleep 60\n")
    npm.chmod(0o755)
    os.mkfifo(tmp_path / "asked")
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    program = subprocess.Popen(
        [sys.executable, "app.py", "--port", "0", "--data", str(tmp_path / "data")],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **OFFLINE, "PATH": path},
    )
    try:
        (tmp_path / "asked").read_text()  # waits for npm to write
        program.send_signal(number)
        started = time.monotonic()
        out, err = program.communicate(timeout=PATIENCE)
    finally:
        program.kill()

    assert program.returncode == 0
    assert time.monotonic() - started < STOP_SECONDS
    assert out == "" and "Traceback" not in err


def test_the_teachers_key_is_fresh_at_each_start_unless_it_is_set(start):
    first, second = start(), start()
    chosen = start(env={"SOCKETLAB_TEACHER_KEY": "a-key-of-the-teachers-own"})

    assert first.teacher_url.partition("key=")[2] != second.teacher_url.partition("key=")[2]
    assert chosen.teacher_url.endswith("?key=a-key-of-the-teachers-own")


def test_the_printed_key_opens_the_cockpit_and_does_not_stay_in_the_address(start):
    server = start()
    with requests.Session() as visitor:
        wrong = visitor.get(server.teacher_url + "x", timeout=PATIENCE)
        right = visitor.get(server.teacher_url, timeout=PATIENCE)

    assert wrong.status_code == 403
    assert right.status_code == 200
    assert right.url == server.url + "/teach"


def test_lan_prints_the_join_address_the_code_and_a_qr_code_of_both(start):
    server = start("--lan")
    pattern = rf"Join +(http://[\d.]+:{server.port}/join)\b.*\bcode (\w+ \d+)"
    address, code = re.fullmatch(pattern, server.line("Join")).groups()
    page = get(server, f"/join/{code.replace(' ', '')}")
    status = server.stop()
    printed = "\n".join(rest(server))

    assert page.status_code == 200
    assert any(qr(f"{address}/{code.replace(' ', '')}", level) in printed for level in "lmqh")
    assert status == 0
    assert server.complained == []


def qr(text, level):
    out = io.StringIO()
    segno.make(text, error=level).terminal(out, compact=True)
    return out.getvalue().strip("\n")


def test_lan_starts_where_the_terminal_has_no_letters_for_a_qr_code(start):
    server = start("--lan", env={"PYTHONIOENCODING": "ascii"})

    assert "code" in server.line("Join")
    assert get(server, "/healthz").status_code == 200


def test_without_lan_it_listens_on_loopback_alone(start):
    server = start()

    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", server.port), timeout=5):
        pass


def test_help_names_every_setting(ran):
    done = ran("--help")

    assert done.returncode == 0
    for name in SETTINGS:
        assert f"--{name.lower().replace('_', '-')} " in done.stdout
    assert "SOCKETLAB_TEACHER_KEY" in done.stdout


def test_what_is_refused_is_one_line_without_its_query_and_quiet_shows_none(start):
    servers = start(), start("--quiet")
    for server in servers:
        exchange(server.port, b"GET /teach?key=very-secret HTTP/1.1 nonsense\r\n\r\n")
        assert server.stop() == 0

    [line] = servers[0].complained
    assert re.match(r"\d\d:\d\d:\d\d  ", line) and "127.0.0.1" in line
    assert "very-secret" not in line
    assert servers[1].complained == []


def test_a_key_with_any_letters_stands_in_the_address_as_it_must(start):
    server = start(env={"SOCKETLAB_TEACHER_KEY": "a&b #1 über 100 %"})

    assert requests.get(server.teacher_url, timeout=PATIENCE).status_code == 200


# --- what it serves at once --------------------------------------------------------------------


def test_the_official_client_is_served_at_the_promised_address(start):
    answer = get(start(), "/socket.io/socket.io.js")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert hashlib.sha256(answer.content).hexdigest() == client.SHA256


def test_healthz_has_the_documented_shape(start):
    answer = get(start(), "/healthz")
    health = answer.json()

    assert answer.status_code == 200
    assert health.pop("buffer") in ("off", "memory", "sqlite", "redis")
    assert not any(health.pop("limits").values())
    assert all(kind["bytes"] == kind["dropped"] == 0 for kind in health.pop("memory").values())
    assert health == {"ok": True, "connections": 0, "seats": 0}
    assert type(health["connections"]) is int


# --- refusing to start -------------------------------------------------------------------------


def test_a_port_in_use_is_one_sentence(ran, data):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert_refused(ran("--port", port, "--data", data), port, "--port")


def test_a_second_server_does_not_share_the_port_of_the_first(start, ran, data):
    server = start()

    assert_refused(ran("--port", server.port, "--data", data), server.port)
    assert get(server, "/healthz").status_code == 200


def test_a_data_folder_that_cannot_be_written_is_one_sentence(ran, tmp_path):
    (tmp_path / "file").touch()

    assert_refused(ran("--port", 0, "--data", tmp_path / "file" / "data"), "--data")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: (data / "ledger.sqlite3").write_bytes(b"no database" * 100),
        lambda data: (data / "ledger.sqlite3").mkdir(),
        lambda data: (data / "secret_key").mkdir(),
        lambda data: (data / "secret_key").touch(),
        lambda data: (data / "secret_key").write_text("short"),
    ],
    ids=["damaged-ledger", "ledger-is-a-folder", "key-is-a-folder", "empty-key", "short-key"],
)
def test_a_data_folder_with_something_wrong_in_it_is_one_sentence(ran, data, spoil):
    spoil(data)

    assert_refused(ran("--port", 0, "--data", data), data)


@pytest.mark.parametrize(
    "arguments",
    [
        "--port 70000",
        "--port -1",
        "--port http",
        "--port",
        "--nope",
        "nope",
        "--host 192.0.2.1",
        f"--host {'x' * 70}",
        "--sockets 0",
    ],
)
def test_a_wrong_option_is_one_sentence(ran, data, arguments):
    assert_refused(ran("--data", data, *arguments.split()), arguments.split()[0])


@pytest.mark.parametrize(
    "name, value",
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("SOCKETS", "many"),
        ("EVENTS_PER_SECOND", "0"),
        ("LAN", "perhaps"),
    ],
)
def test_a_wrong_setting_is_one_sentence(ran, data, name, value):
    done = ran("--data", data, **{f"SOCKETLAB_{name}": value})

    assert_refused(done, value, f"SOCKETLAB_{name}")


@pytest.mark.parametrize("name, key", [("SECRET_KEY", "fifteen-letters"), ("TEACHER_KEY", "abc")])
def test_a_key_that_can_be_guessed_is_refused_and_not_repeated(ran, data, name, key):
    done = ran("--data", data, **{f"SOCKETLAB_{name}": key})

    assert_refused(done, f"SOCKETLAB_{name}")
    assert key not in done.stderr


def test_an_app_that_is_made_by_hand_has_its_settings_checked_too(tmp_path):
    with pytest.raises(ValueError, match="SOCKETLAB_EVENTS_PER_SECOND"):
        create_app({"DATA": str(tmp_path / "data"), "EVENTS_PER_SECOND": 0})
    with pytest.raises(ValueError, match="no setting called RATE"):
        create_app({"RATE": 1})

    assert not (tmp_path / "data").exists()


def test_without_client_and_network_it_says_what_to_do(ran, tmp_path):
    done = ran("--port", 0, "--data", tmp_path, "--quiet", **OFFLINE, PATH="")

    assert_refused(done, "pip download", "python -m socketlab.client --from")


def test_a_changed_client_is_not_served(ran, data):
    with open(data / client.KEPT_AS, "ab") as file:
        file.write(b"alert(1)")

    assert_refused(ran("--port", 0, "--data", data), client.KEPT_AS)


# --- stopping ----------------------------------------------------------------------------------


@SIGNALS
def test_a_signal_in_the_first_moment_ends_it_with_status_0(start, number):
    server = start()
    status, seconds = stopped(server, number)

    assert status == 0
    assert seconds < STOP_SECONDS
    assert server.complained == []


@SIGNALS
@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_clients_are_told_when_it_stops(start, number, transport):
    server = start()
    told = queue.SimpleQueue()
    with requests.Session() as session:
        ada = socketio.Client(reconnection=False, handle_sigint=False, http_session=session)
        ada.on("disconnect", told.put, namespace="/bidirectional")
        ada.connect(server.url, namespaces=["/bidirectional"], transports=[transport])
        connections = get(server, "/healthz").json()["connections"]
        status, seconds = stopped(server, number)
        reason = told.get(timeout=PATIENCE)
        if ada.eio.ws:
            ada.eio.ws.shutdown()  # the client leaves its socket open when the server closed first

    assert connections == 1
    assert reason
    assert status == 0
    assert seconds < STOP_SECONDS
    assert server.complained == []


def test_a_reader_that_stands_still_does_not_hold_up_the_end(start):
    server = start()
    with socket.create_connection(("127.0.0.1", server.port)) as half:
        half.sendall(b"GET / HTTP/1.1\r\nHost: ")
        get(server, "/healthz")
        status, seconds = stopped(server)

    assert status == 0
    assert seconds < STOP_SECONDS


def test_the_port_is_free_again_at_once(start):
    first = start()
    get(first, "/")
    assert first.stop() == 0

    assert start("--port", str(first.port)).port == first.port


def test_the_seat_is_still_there_after_a_restart(start):
    first = start()
    ada = Person(first.url)
    assert first.stop() == 0
    second = start("--port", str(first.port))
    page = ada.http.get(second.url + "/lesson/bidirectional", timeout=PATIENCE)
    ada.leave()

    assert f'content="{ada.token}"' in page.text


def test_where_the_disk_is_nearly_full_nothing_is_written_and_all_goes_on(start, visit, tmp_path):
    race, first = {"step": "race", "choice": "both"}, start(data=tmp_path)
    ada = visit(first.url)
    assert ada.connect("/class").ask("/class", "predict", race)["ok"]
    assert "and no longer" not in ada.http.get(first.url).text
    ada.leave()
    first.stop()
    before = {path: path.read_bytes() for path in tmp_path.glob("*.sqlite3*")}

    second = start("--free-disk-bytes", str(10**18), data=tmp_path)
    bob = visit(second.url)
    token, bob.token = bob.token, ada.token
    other = race | {"choice": "per_interval"}
    assert bob.connect("/class").ask("/class", "predict", other)["locked"] == "both"
    bob.token = token
    assert bob.connect("/class").ask("/class", "predict", other)["locked"] == "per_interval"
    sqlite = bob.connect("/missed").ask("/missed", "set_buffer", {"kind": "sqlite", "keep": 5})
    health = requests.get(second.url + "/healthz", timeout=PATIENCE).json()
    teacher = requests.Session().get(second.teacher_url, timeout=PATIENCE).text
    pages = [bob.http.get(second.url + at).text for at in ("", "/join", "/lesson/rooms")]
    bob.leave()
    second.stop()

    assert all("last until it stops, and no longer" in page for page in pages)
    assert sqlite["error"] == "the file of the buffer cannot be used: the disk is nearly full"
    assert health["limits"]["free_disk_bytes"] == 1
    assert "the disk is nearly full" in second.complained[0]
    assert "The disk of this server is nearly full" in teacher
    assert {path: path.read_bytes() for path in tmp_path.glob("*.sqlite3*")} == before
