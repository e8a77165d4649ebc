"""Fixtures: a real server on a free port, people who visit it, a real browser."""

import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from socketlab import client

from .helpers import REQUIRE_ALL, ROOT, Person, Process

CHROMIUM_ARGS = [
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",  # it must ask nothing of any other host
    "--disable-component-update",
    "--disable-sync",
]


# The same browser without the part that draws windows: half the work for the machine.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def chromium_path():
    """The system's browser, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def absent(reason):
    """Skip where a part is missing on a user's machine; fail where everything is required."""
    if REQUIRE_ALL:
        pytest.fail(reason)
    pytest.skip(reason)


class Redis:
    """A Redis server that writes nothing to disk, on a free port, ended by its id."""

    def __init__(self, folder):
        program = shutil.which("redis-server") or absent("no Redis on this machine")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        self.process = subprocess.Popen([program, *options], stdout=subprocess.PIPE, text=True)
        said = []
        for line in self.process.stdout:
            said.append(line)
            if "Ready to accept connections" in line:
                break
        else:
            self.stop()
            raise AssertionError("".join(said))
        self.url = f"redis://127.0.0.1:{port}/0"

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(scope="session")
def client_file(tmp_path_factory):
    """The verified Socket.IO client: the one of this checkout, or fetched once for the run."""
    kept = ROOT / "instance"
    folder = kept if (kept / "client").exists() else tmp_path_factory.mktemp("client")
    try:
        return client.ensure(folder)
    except client.ClientMissing as missing:
        absent(str(missing))


@pytest.fixture(scope="session")
def live(tmp_path_factory, client_file):
    """One server for all tests that need nothing special of it."""
    server = Process(tmp_path_factory.mktemp("data"), client=client_file)
    yield server
    status = server.stop()
    assert status == 0, server.complained
    assert not [line for line in server.complained if "Traceback" in line], server.complained


@pytest.fixture
def start(tmp_path, client_file):
    """Start a server of one's own: ``start("--lan", env={…}, data=folder)``."""
    started = []

    def start(*options, data=None, env=None):
        server = Process(data or tmp_path / "data", *options, client=client_file, env=env)
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def visit(live):
    """Somebody new takes a seat: ``ada = visit()``."""
    people = []

    def visit(url=None, page="/lesson/bidirectional"):
        people.append(Person(url or live.url, page))
        return people[-1]

    yield visit
    for person in people:
        person.leave()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory):
    """The address of a Redis server of our own, empty at the start of the run."""
    server = Redis(tmp_path_factory.mktemp("redis"))
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium, headless, driven by playwright."""
    path = chromium_path()
    if not path:
        absent("no Chromium on this machine: these tests press the buttons in a real browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, live):
    """A page that fails its test for a script error, or for a request to any other host."""
    context = chromium.new_context(base_url=live.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(15_000)
    wrong = []
    page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
    page.on("console", lambda m: m.type == "error" and wrong.append(f"console: {m.text}"))
    page.on("request", lambda r: r.url.startswith((live.url, "data:")) or wrong.append(r.url))
    page.expected_errors = wrong
    yield page
    context.close()
    assert not wrong, wrong


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT
