"""Two browsers that playwright does not drive: Debian's Firefox and Debian's WebKit.

Both are driven by the W3C's own protocols, and both have the same methods: ``open(url)``,
``resize(width, height)``, ``evaluate(expression)``, ``press(x, y)``, ``picture()``, ``forget()``,
which makes somebody new of the visitor, and ``complaints()``, what the page has complained of since
it was last asked. ``with launch("firefox") as browser:`` ends all that it has started. What can
fail is a :class:`Missing` browser, in one sentence, or :class:`Failed`.

Source: W3C WebDriver (sections 13 and 15) and WebDriver BiDi (sections 7.3 and 7.6), 2025.
"""

import base64
import glob
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path

import websocket

PATIENCE = 30  # seconds until a browser that does not answer has failed
LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
SCREEN = "2000x1400x24"  # of the display without a screen that WebKit draws on
MINI_BROWSERS = "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"
# MiniBrowser is as wide as its own buttons at least; a phone is narrower than those.
NO_BUTTONS = "* { min-width: 0; min-height: 0; padding: 0; margin: 0; font-size: 1px; }"
# Console and errors, for a protocol that tells of neither. As early in the page as we come.
LISTEN = """(() => {
  if (window.complaints) return;
  const complain = (text) => window.complaints.push(String(text));
  window.complaints = [];
  addEventListener("error", ({ message }) => complain(`script error: ${message}`));
  addEventListener("unhandledrejection", ({ reason }) => complain(`script error: ${reason}`));
  const said = console.error;
  console.error = (...words) => { complain(`console: ${words.join(" ")}`); said(...words); };
})()"""


class Missing(Exception):
    """A program that is not on this machine: a sentence that says how to get it."""


class Failed(Exception):
    """What the browser, or a script in its page, answered instead of a value."""


# Pure: what goes to a browser, and how what comes back is read.


def as_text(expression):
    """JavaScript whose value is that of an expression, awaited, as JSON: both protocols carry text.

    A list or an object thus comes back as it is, and ``undefined`` as None.
    """
    return f"(async () => JSON.stringify((await ({expression})) ?? null))()"


def pressing(x, y):
    """Actions of a mouse that presses its main button there: px in the viewport."""
    point = {"type": "pointerMove", "x": round(x), "y": round(y)}
    steps = [point, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
    mouse = {"pointerType": "mouse"}
    return [{"type": "pointer", "id": "mouse", "parameters": mouse, "actions": steps}]


def complaint(entry):
    """The sentence of a BiDi log entry; None for one that is no error."""
    if entry["level"] != "error":
        return None
    kind = "script error" if entry["type"] == "javascript" else "console"
    return f"{kind}: {entry['text']}"


# Processes.


def found(program, package):
    """The path of a program, or :class:`Missing`."""
    path = shutil.which(program)
    if not path:
        raise Missing(f"There is no {program} on this machine: Debian has it as {package}.")
    return path


@contextmanager
def running(command, **options):
    """A process that is ended, and waited for, whatever happens."""
    process = subprocess.Popen(command, text=True, **options)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()


class Firefox:
    """Firefox over WebDriver BiDi: commands and events on one WebSocket."""

    def __init__(self, stack):
        program = found("firefox-esr", "firefox-esr")
        home = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        command = [program, "--headless", "--no-remote", "--profile", home]
        command += ["--remote-debugging-port", "0", "about:blank"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        process = stack.enter_context(running(command, **quiet))
        address = next(filter(None, map(LISTENING.search, process.stderr)), None)
        if not address:
            raise Failed("Firefox ended before it could be driven.")
        # It takes no connection that says which page it comes from.
        options = {"suppress_origin": True, "timeout": PATIENCE}
        self._socket = websocket.create_connection(f"{address[1]}/session", **options)
        stack.callback(self._socket.close)
        self._calls, self._complaints = 0, []
        about = self._call("session.new", capabilities={})["capabilities"]
        self.name = f"Firefox {about['browserVersion']}"
        self._call("session.subscribe", events=["log.entryAdded"])
        self._tab = self._call("browsingContext.getTree")["contexts"][0]["context"]

    def open(self, url):
        self._call("browsingContext.navigate", context=self._tab, url=url, wait="interactive")

    def resize(self, width, height):
        size = {"width": width, "height": height}
        self._call("browsingContext.setViewport", context=self._tab, viewport=size)

    def evaluate(self, expression):
        where = {"context": self._tab}
        options = {"target": where, "awaitPromise": True}
        answer = self._call("script.evaluate", expression=as_text(expression), **options)
        if answer["type"] == "exception":
            raise Failed(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def press(self, x, y):
        self._call("input.performActions", context=self._tab, actions=pressing(x, y))

    def forget(self):
        self.evaluate("(sessionStorage.clear(), localStorage.clear())")
        self._call("storage.deleteCookies")

    def picture(self):
        """The page as it is seen: PNG."""
        answer = self._call("browsingContext.captureScreenshot", context=self._tab)
        return base64.b64decode(answer["data"])

    def complaints(self):
        self.evaluate("1")  # what happened before that has been told before it is answered
        told, self._complaints = self._complaints, []
        return told

    def _call(self, method, **parameters):
        self._calls += 1
        call = {"id": self._calls, "method": method, "params": parameters}
        self._socket.send(json.dumps(call))
        while (answer := json.loads(self._socket.recv())).get("id") != self._calls:
            if answer.get("method") == "log.entryAdded":
                self._complaints += filter(None, [complaint(answer["params"])])
        if answer["type"] == "error":
            raise Failed(f"{method}: {answer['message']}")
        return answer["result"]


class WebKit:
    """WebKit's own small browser over WebDriver, on a display without a screen."""

    def __init__(self, stack):
        driver = found("WebKitWebDriver", "webkit2gtk-driver")
        display = found("Xvfb", "xvfb")
        program = next(iter(sorted(glob.glob(MINI_BROWSERS))), None)
        if not program:
            raise Missing("There is no MiniBrowser on this machine: it comes with WebKitGTK.")
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        (home / "gtk-3.0").mkdir()
        (home / "gtk-3.0" / "gtk.css").write_text(NO_BUTTONS)
        command = [display, "-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"]
        quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        screen = stack.enter_context(running(command, **quiet)).stdout.readline().strip()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        place = {"DISPLAY": f":{screen}", "GDK_BACKEND": "x11", "XDG_CONFIG_HOME": str(home)}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        command = [driver, f"--port={port}"]
        stack.enter_context(running(command, env={**os.environ, **place}, **quiet))
        self._session = f"http://127.0.0.1:{port}/session"
        self._begin(program)
        stack.callback(self._call, "DELETE", "")

    def _begin(self, program):
        browser = {"binary": program, "args": ["--automation"]}
        # The page is ours as soon as it begins, so that its first errors are heard.
        asked = {"webkitgtk:browserOptions": browser, "pageLoadStrategy": "none"}
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self._call("POST", "", {"capabilities": {"alwaysMatch": asked}})
                break
            except urllib.error.URLError:  # the driver does not listen yet
                if time.monotonic() > deadline:
                    raise Failed("WebKit's driver does not answer.") from None
                time.sleep(0.1)
        self._session += f"/{answer['sessionId']}"
        self.name = f"WebKitGTK {answer['capabilities']['browserVersion']}"

    def open(self, url):
        for address in ("about:blank", url):  # the same page again is thus a new one
            self._call("POST", "/url", {"url": address})
            here = f"location.href === {json.dumps(address)} && ({LISTEN}, true)"
            wait_for(self, here, between_pages=True)

    def resize(self, width, height):
        """The window is larger than the page in it, by what its own bar takes."""
        size = {"width": width, "height": height}
        for _ in range(2):
            self._call("POST", "/window/rect", size)
            wait_for(self, f"innerWidth === {size['width']}")
            size["height"] += height - self.evaluate("innerHeight")

    def evaluate(self, expression):
        script = (
            "const done = arguments[arguments.length - 1];"
            f"{as_text(expression)}.then((text) => done({{ text }}),"
            " (error) => done({ error: String(error) }));"
        )
        answer = self._call("POST", "/execute/async", {"script": script, "args": []})
        if "error" in answer:
            raise Failed(answer["error"])
        return json.loads(answer["text"])

    def press(self, x, y):
        self._call("POST", "/actions", {"actions": pressing(x, y)})

    def forget(self):
        self.evaluate("(sessionStorage.clear(), localStorage.clear())")
        self._call("DELETE", "/cookie")

    def picture(self):
        """The page as it is seen: PNG."""
        return base64.b64decode(self._call("GET", "/screenshot"))

    def complaints(self):
        return self.evaluate("window.complaints?.splice(0) ?? []")

    def _call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._session + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise Failed(f"{path}: {json.load(error)['value']['message']}") from None


BROWSERS = {"firefox": Firefox, "webkit": WebKit}


@contextmanager
def launch(name):
    """One of :data:`BROWSERS`, ended with all that it has started."""
    with ExitStack() as stack:
        yield BROWSERS[name](stack)


def wait_for(browser, condition, seconds=PATIENCE, between_pages=False):
    """Wait until an expression is true in the page; between two pages there may be none to ask."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if browser.evaluate(condition):
                return
        except Failed:
            if not between_pages:
                raise
        time.sleep(0.05)
    raise Failed(f"after {seconds} s still not: {condition}")
