"""Fixtures: a real server on a free port, people who visit it, a real browser."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import hypothesis
import pytest

from socketlab import client

from .forks import Forks
from .helpers import REQUIRE_ALL, ROOT, Person, Process, examples

# What a test needs follows from the fixtures that it uses, however far they are behind others.
MARKS = {"chromium": "browser", "redis_url": "redis", "node": "node"}
VIEW = {"width": 1440, "height": 900}

CHROMIUM_ARGS = [
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",  # it must ask nothing of any other host
    "--disable-component-update",
    "--disable-sync",
]


def pytest_addoption(parser):
    text = "fifty times as many cases of each property, in Python and in JavaScript"
    parser.addoption("--long", action="store_true", help=text)


def pytest_configure(config):
    if config.getoption("long"):
        os.environ["SOCKETLAB_LONG"] = "1"  # read by helpers.examples and by chance.mjs
    # No deadline, since others use the machine too; and nothing is left on the disk.
    many = {"max_examples": examples(100), "deadline": None, "database": None}
    hypothesis.settings.register_profile("socketlab", **many)
    hypothesis.settings.load_profile("socketlab")


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses by the marks
def pytest_collection_modifyitems(items):
    for item in items:
        for fixture in MARKS.keys() & set(item.fixturenames):
            item.add_marker(MARKS[fixture])
    begin = beginnings(items)
    items.sort(key=lambda item: begin[item.path])


def beginnings(items):
    """When each file begins, 0 to 1: a browser keeps a processor busy, the others mostly wait.

    So both kinds run beside each other. The files with a browser take longest, most of all those
    for every lesson, which lie higher: begun last, one of them would end alone.
    """
    drive = {item.path for item in items if item.get_closest_marker("browser")}
    wait = {item.path for item in items} - drive
    return {
        path: share * place / len(paths)
        for paths, share in ((drive, 0.6), (wait, 1))
        for place, path in enumerate(sorted(paths, key=lambda path: (len(path.parts), path)))
    }


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
def forks(tmp_path_factory):
    """Has loaded the program once for all servers of this run."""
    forks = Forks(tmp_path_factory.mktemp("forks") / "home")
    yield forks
    forks.stop()


@pytest.fixture(scope="session")
def live(tmp_path_factory, client_file, forks):
    """One server for all tests that need nothing special of it."""
    server = Process(tmp_path_factory.mktemp("data"), client=client_file, forks=forks)
    yield server
    status = server.stop()
    assert status == 0, server.complained
    assert not [line for line in server.complained if "Traceback" in line], server.complained


@pytest.fixture
def start(tmp_path, client_file, forks):
    """Start a server of one's own: ``start("--lan", env={…}, data=folder)``."""
    started = []

    def start(*options, data=None, env=None):
        folder = data or tmp_path / "data"
        server = Process(folder, *options, client=client_file, env=env, forks=forks)
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
def node():
    """The program that runs JavaScript without a browser."""
    return shutil.which("node") or absent("no node on this machine: scripts are not tested by it")


@pytest.fixture(scope="session")
def chromium(request):
    """The system's Chromium, headless, driven by playwright."""
    if request.config.option.markexpr == "not browser":
        pytest.fail("a test that is not marked `browser` asks for one")
    path = chromium_path()
    if not path:
        absent("no Chromium on this machine: these tests press the buttons in a real browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


def watched(context, url):
    """A new page that notes script errors, errors on its console, requests to any other host."""
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.expected_errors = wrong = []  # a test that provokes errors takes them out again
    page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
    page.on("console", lambda m: m.type == "error" and wrong.append(f"console: {m.text}"))
    ours = (url, "data:", "blob:")
    page.on("request", lambda r: r.url.startswith(ours) or wrong.append(r.url))
    return page


@pytest.fixture(scope="module")
def tab(chromium, live):
    """The page that the tests of a file share: to load anew costs a third less than to open one."""
    context = chromium.new_context(base_url=live.url, viewport=VIEW)
    yield watched(context, live.url)
    context.close()


def forget(page):
    """Make of the shared page somebody new: no seat, nothing kept, all as it was at first."""
    page.goto("/healthz")  # the lesson is left: its sockets close, and it keeps what it wants to
    page.evaluate("sessionStorage.clear(), localStorage.clear()")
    page.context.clear_cookies()
    page.mouse.move(0, 0)
    page.set_viewport_size(VIEW)


@pytest.fixture
def page(tab):
    """The shared page of a new visitor; fails its test for what :func:`watched` has noted."""
    yield tab
    forget(tab)
    wrong = tab.expected_errors[:]
    tab.expected_errors.clear()
    assert not wrong, wrong


@pytest.fixture
def own_page(chromium, live):
    """The same in a browser of its own, for tests that add listeners or scripts to the page."""
    context = chromium.new_context(base_url=live.url, viewport=VIEW)
    page = watched(context, live.url)
    yield page
    context.close()
    assert not page.expected_errors, page.expected_errors


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT
