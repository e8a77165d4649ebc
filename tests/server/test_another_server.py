"""The application is an ordinary Flask app: another server can run it, without the sockets."""

import subprocess
import sys

import pytest

from .conftest import ROOT
from .lab import build

PROGRAM = """
import sys
from app import create_app

app = create_app({"DATA": sys.argv[1]})
visitor = app.test_client()
print(visitor.get("/").status_code)
print(visitor.get("/lesson/rooms").status_code)
print(visitor.get("/healthz").status_code)
print(visitor.post("/upgrade/accept", json={}).status_code)
print(visitor.get("/exercise/upgrade/raw?seat=x").status_code)
print(visitor.get("/bidirectional/latest?after=0").get_json())
"""


@pytest.fixture
def visitor():
    app, *_ = build({})
    return app.test_client()


def test_a_page_is_served_to_flasks_own_client(visitor):
    assert visitor.get("/healthz").json["sessions"] == 0
    assert visitor.get("/page").status_code == 200
    assert visitor.post("/page", data={"a": "b"}).status_code == 200


def test_the_checks_of_every_request_are_made_there_too(visitor):
    assert visitor.get("/page", headers={"Host": "attacker.example"}).status_code == 421
    assert visitor.get("/page", headers={"Origin": "http://attacker.example"}).status_code == 403


def test_sockets_are_refused_there_with_a_sentence(visitor):
    answer = visitor.get("/socket.io/?EIO=4&transport=polling")

    assert answer.status_code == 501
    assert answer.text == "Sockets need the server of this project: python app.py.\n"


def test_all_of_the_application_is_served_to_flasks_own_client(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.stderr == ""
    assert done.stdout.split("\n", 5)[:5] == ["200", "200", "200", "400", "501"], done.stdout
    assert "'events': []" in done.stdout


def test_flasks_command_line_lists_the_routes(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "routes"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        env={"SOCKETLAB_DATA": str(tmp_path), "PATH": ""},
    )

    assert done.returncode == 0, done.stderr
    assert "/lesson/" in done.stdout
