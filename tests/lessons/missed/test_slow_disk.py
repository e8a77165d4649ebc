"""A disk that does not answer stops nobody but those who wait for it; a restart forgets nothing."""

import sqlite3
import threading
import time
from contextlib import contextmanager

import pytest
import requests

from ...helpers import PATIENCE, Person, Process
from .test_handlers import Page

NS = "/missed"


@contextmanager
def held(path):
    """Another process holds this file for writing, for as long as this lasts."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def healthy(url):
    """How long the server takes for an answer that needs no disk."""
    began = time.monotonic()
    assert requests.get(url + "/healthz", timeout=PATIENCE).ok
    return time.monotonic() - began


def in_background(work):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(work()))
    thread.start()
    return thread, answers


@pytest.fixture(scope="module")
def server(tmp_path_factory, client_file, forks):
    process = Process(tmp_path_factory.mktemp("data"), client=client_file, forks=forks)
    yield process
    assert process.stop() == 0


def test_a_locked_buffer_keeps_nobody_else_waiting(server):
    ada = Person(server.url)
    client = ada.connect(NS)
    with held(server.data / "buffer.sqlite3"):
        choosing, answers = in_background(
            lambda: client.ask(NS, "set_buffer", {"kind": "sqlite", "keep": 5})
        )
        times = [healthy(server.url) for _ in range(10)]
        choosing.join(PATIENCE)
    ada.leave()

    assert max(times) < 0.5, times
    assert answers[0]["ok"] is False and "sqlite cannot be used now" in answers[0]["error"]


def test_a_buffer_that_locks_in_mid_run_costs_that_run_its_buffer_and_nobody_a_moment(server):
    ada = Person(server.url)
    client = ada.connect(NS)
    assert client.ask(NS, "set_buffer", {"kind": "sqlite", "keep": 5})["ok"]
    run = client.ask(NS, "start", {"count": 4, "every_ms": 100})["run"]
    client.hear("posted")
    with held(server.data / "buffer.sqlite3"):
        times = [healthy(server.url) for _ in range(10)]
        finished = client.hear("finished")
    ada.leave()

    assert max(times) < 0.5, times
    assert finished == {"run": run, "count": 4}
    assert any("a run goes on without a buffer" in line for line in server.complained)


def test_a_prediction_that_cannot_be_written_is_refused_and_can_be_made_later(server):
    ada = Person(server.url)
    client = ada.connect("/class")
    bet = {"step": "skip_me", "choice": "with_me"}
    with held(server.data / "ledger.sqlite3"):
        asking, answers = in_background(lambda: client.ask("/class", "predict", bet))
        times = [healthy(server.url) for _ in range(10)]
        asking.join(PATIENCE)
    later = client.ask("/class", "predict", bet | {"choice": "nobody"})
    ada.leave()

    assert max(times) < 0.5, times
    assert answers[0]["ok"] is False and "try again in a moment" in answers[0]["error"]
    assert later == {"ok": True, "locked": "nobody"}  # nothing had been locked


def test_a_restart_keeps_the_code_the_class_s_buffer_and_its_rev(tmp_path, client_file, forks):
    data, seen = tmp_path / "data", []
    for _ in range(2):
        server = Process(data, "--lan", client=client_file, forks=forks)
        code = server.line("Join").rsplit(" ", 1)[1]
        boss = Person(server.url)
        boss.http.get(server.teacher_url, timeout=PATIENCE)
        client = Page(boss).client
        before = client.ask("/class", "take_seat", {})["state"]
        answer = client.ask("/class", "set_buffer", {"kind": "memory", "keep": 7})
        after = client.ask("/class", "take_seat", {})["state"]
        boss.leave()
        assert server.stop() == 0
        assert answer["ok"]
        seen.append((code, before, after))

    (code, first, second), (same, third, fourth) = seen
    assert code == same
    assert third == second and third["buffer"] == {"kind": "memory", "keep": 7}
    assert first["rev"] < second["rev"] < fourth["rev"]
    files = sorted(path.name for path in data.iterdir() if path.is_file())
    assert files == ["buffer.sqlite3", "ledger.sqlite3", "secret_key"]
    assert {path.stat().st_mode & 0o777 for path in data.iterdir() if path.is_file()} == {0o600}
