"""A student's code in the page can never act as the teacher, nor as the seat beyond its exercise.

It runs in a worker of a frame without an origin. These tests open it in the teacher's own browser,
with all of its cookies, and let it try.
"""

import re

import pytest
import requests

from ..conftest import VIEW, watched
from ..helpers import PATIENCE

ENGINE = "/socket.io/?EIO=4&transport=polling"
NULL = {"Origin": "null"}

BEGIN = """async () => {
  const { Sandbox } = await import("/static/exercise/sandbox.js");
  window.said = [];
  window.left = 0;
  window.box = new Sandbox({
    said: (lines, left) => { window.said.push(...lines); window.left += left; },
    failed: (sentence) => window.said.push(["failed", sentence]),
  });
}"""
RUN = """async (code) => {
  window.said.length = window.left = 0;
  await window.box.run(code, { seat: window.token });
}"""
# Each tries something, and says what came of it; none may say "done".
TRY = """
const tried = (name, what) =>
  what.then((is) => console.log(name, is), (no) => console.log(name, "refused", no.name));
const post = { method: "POST", body: "{}", credentials: "include" };
const asPage = { credentials: "include" };
const joined = (namespace, auth, more) => new Promise((done, refuse) => {
  const socket = io(namespace, { auth, forceNew: true, reconnection: false, ...more });
  socket.on("connect", () => {
    socket.emit("step", { lesson: "rooms", step: "explore" }, (ack) => done(`done ${ack.ok}`));
    socket.emit("remove", { seat: "x" });
    socket.emit("cut", { seats: "all", seconds: 30 });
  });
  socket.on("connect_error", refuse);
});
const byHand = () => new Promise((done, refuse) => {
  const address = `${SERVER.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
  const socket = new WebSocket(address);
  socket.onmessage = ({ data }) => {
    if (data[0] === "0") socket.send("40/class,");
    else if (data.startsWith("44/class,")) refuse(new Error(data));
    else done(`done ${data}`);
  };
});
Promise.all([
  tried("its own exercise", new Promise((_, refuse) => {
    const socket = io("/exercise", { auth: { seat: SEAT, exercise: "bidirectional" } });
    socket.on("connect", () => socket.emit("step", { lesson: "rooms" }, ({ ok, error }) => {
      if (ok) return;
      socket.disconnect();
      refuse(new Error(error));
    }));
  })),
  tried("cockpit", fetch(`${SERVER}/teach`, asPage)),
  tried("export", fetch(`${SERVER}/teach/export.csv`, asPage)),
  tried("blind", fetch(`${SERVER}/teach/export.csv`, { mode: "no-cors", ...asPage })),
  tried("wire", fetch(`${SERVER}/wire?after=0`, asPage)),
  tried("post", fetch(`${SERVER}/upgrade/dial`, post)),
  tried("join", fetch(`${SERVER}/join`, post)),
  tried("other host", fetch("http://127.0.0.1:1/")),
  tried("cookies", fetch(`${SERVER}/socket.io/?EIO=4&transport=polling`, asPage)),
  tried("import", (async () => importScripts(`${SERVER}/static/home.js`))()),
  tried("import pages", (async () => importScripts(`${SERVER}/teach`))()),
  tried("evaluate", (async () => eval("'done'"))()),
  tried("class", joined("/class", {})),
  tried("class with its token", joined("/class", { seat: SEAT })),
  tried("class as of the exercise", joined("/class", { seat: SEAT, exercise: "bidirectional" })),
  tried("lesson with its token", joined("/rooms", { seat: SEAT, exercise: "bidirectional" })),
  tried("another exercise", joined("/exercise", { seat: SEAT, exercise: "rooms" })),
  tried("exercise as the seat", joined("/exercise", { seat: "SEAT TOKEN", exercise: "rooms" })),
  tried("class as the seat", joined("/class", { seat: "SEAT TOKEN" })),
  tried("class by cookie", joined("/class", {}, { withCredentials: true })),
  tried("lesson", joined("/rooms", {}, { transports: ["websocket"] })),
  tried("by hand", byHand()),
  tried("page", (async () => document.body)()),
  tried("storage", (async () => localStorage.length)()),
  tried("navigation", (async () => { top.location = "/nowhere"; })()),
  tried("parent", (async () => parent.document)()),
]).then(() => console.log("all tried"));
"""


@pytest.fixture(scope="module")
def teacher(chromium, live):
    """A page in the teacher's browser: it has the teacher's cookie, and a seat's."""
    context = chromium.new_context(base_url=live.url, viewport=VIEW)
    context.request.get(live.teacher_url)  # it leads to the cockpit, which takes a seat
    page = watched(context, live.url)
    page.goto("/glossary")
    assert {"socketlab_teacher", "socketlab_seat"} <= {each["name"] for each in context.cookies()}
    html = context.request.get("/exercise/bidirectional").text()
    page.seat_token = re.search(r'name="seat" content="([^"]+)"', html)[1]
    token = re.search(r'data-token="([^"]+)"', html)[1]
    page.evaluate("(token) => { window.token = token; }", token)
    page.evaluate(BEGIN)
    yield page
    context.close()


def said_of(page, code, last):
    """What a program says on its console, up to a line."""
    page.evaluate(RUN, code)
    page.wait_for_function("(last) => window.said.some(([, text]) => text === last)", arg=last)
    return [text for _, text in page.evaluate("window.said")]


def test_code_in_the_teachers_browser_acts_neither_as_the_teacher_nor_as_the_seat(live, teacher):
    came = []
    teacher.on("response", lambda response: came.append(response.url))
    before = requests.get(f"{live.url}/healthz", timeout=PATIENCE).json()["seats"]
    said = said_of(teacher, TRY.replace("SEAT TOKEN", teacher.seat_token), "all tried")
    after = requests.get(f"{live.url}/healthz", timeout=PATIENCE).json()["seats"]

    assert [line for line in said[:-1] if " refused " not in line] == []
    assert len(said) == TRY.count("  tried(") + 1
    assert after == before  # nobody was given a seat of its own either
    assert [url for url in came if "/teach" in url or "/wire" in url] == []
    assert teacher.url.endswith("/glossary")
    teacher.expected_errors.clear()  # of all that was refused


def test_a_program_has_the_client_its_token_and_a_console_whose_lines_are_the_editors(teacher):
    code = """console.log(typeof io, SEAT, SERVER, self.origin, typeof postMessage);
console.log({ n: 1 }, [2], null, undefined, 3n);
const around = {};
around.self = around;
console.warn(around);
setTimeout(() => { null.x; });
setTimeout(() => console.log("over"), 20);
Promise.reject(new Error("lost"));"""
    said = said_of(teacher, code, "over")

    server = teacher.url.removesuffix("/glossary")
    token = teacher.evaluate("window.token")
    assert token.startswith("seat.exercise.") and token != teacher.seat_token
    assert said[0] == f"function {token} {server} null undefined"
    assert said[1] == '{"n":1} [2] null undefined 3'
    assert said[2] == "[object Object]"
    lost, wrong = sorted(said[3:5])
    assert lost.startswith("A promise was rejected") and lost.endswith("Error: lost (line 8)")
    assert re.fullmatch(r"TypeError: .+ \(line 6\)", wrong)
    teacher.evaluate(RUN, "\n\nlet x = ;")
    teacher.wait_for_function("() => window.said.length")
    assert re.fullmatch(r"SyntaxError: .+ \(line 3\)", teacher.evaluate("window.said[0][1]"))


def test_a_loop_without_an_end_is_ended_and_its_console_is_bounded(teacher):
    """The page goes on at its own pace meanwhile, which its frames are counted by."""
    frames = "new Promise((done) => { let n = 0; const one = () => ++n > 20 ? done(n) :"
    teacher.evaluate(RUN, "for (let n = 0; ; n++) console.log(n, 'x'.repeat(100_000));")
    teacher.wait_for_function("() => window.left > 1000 && window.said.length > 100")
    teacher.evaluate(f"{frames} requestAnimationFrame(one); one(); }})")
    teacher.evaluate("window.box.stop()")
    most = teacher.evaluate("Math.max(...window.said.map(([, text]) => text.length))")

    assert most < 2100
    assert said_of(teacher, "console.log('after')", "after")[-1] == "after"


def test_ten_megabytes_on_the_console_become_a_line_and_what_more_there_was(teacher):
    said = said_of(teacher, "console.log('y'.repeat(10_000_000)); console.log('end')", "end")

    assert said[0].endswith("y … and 9,998,000 characters")


def test_a_program_that_emits_without_an_end_is_told_so(teacher):
    code = """const socket = io("/exercise", { auth: { seat: SEAT } });
try { for (;;) socket.emit("hello", {}); } catch (no) { console.log(no.message); }"""
    said = said_of(teacher, code, "more than 1000 events in one second: the page stops that")

    assert len(said) == 1
    teacher.evaluate("window.box.stop()")


# Who sends Origin: null without being our sandbox


@pytest.mark.parametrize("auth", ["", '{"seat":"TOKEN"}', '{"seat":"seat.forged"}', '{"robot":1}'])
@pytest.mark.parametrize("namespace", ["/class", "/rooms", "/"])
def test_a_page_of_anybody_without_an_origin_is_nobody_here(live, visit, namespace, auth):
    """A stranger's frame in the browser of the teacher, whose cookies come along."""
    ada = visit()
    browser = requests.Session()
    browser.get(live.teacher_url, timeout=PATIENCE)
    browser.cookies.update(ada.http.cookies)
    assert len(browser.cookies) == 2
    opened = browser.get(live.url + ENGINE, headers=NULL, timeout=PATIENCE).text
    sid = re.search(r'"sid":"([^"]+)"', opened)[1]
    address = f"{live.url}{ENGINE}&sid={sid}"
    packet = f"40{namespace},{auth.replace('TOKEN', ada.token)}"
    assert browser.post(address, packet, headers=NULL, timeout=PATIENCE).ok
    answer = browser.get(address, headers=NULL, timeout=PATIENCE)

    assert answer.text.startswith("44"), answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "null"


def test_the_pages_of_this_server_still_answer_no_page_without_an_origin(live):
    browser = requests.Session()
    browser.get(live.teacher_url, timeout=PATIENCE)
    for path in ("/", "/teach", "/wire?after=0", "/exercise/sandbox", "/lesson/rooms"):
        answer = browser.get(live.url + path, headers=NULL, timeout=PATIENCE)

        assert answer.status_code == 403, path
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_page_of_the_sandbox_says_that_it_may_reach_the_engine_and_nothing_else(live):
    answer = requests.get(live.url + "/exercise/sandbox", timeout=PATIENCE)
    policy = dict(
        each.strip().split(" ", 1) for each in answer.headers["Content-Security-Policy"].split(";")
    )

    assert policy["sandbox"] == "allow-scripts"
    assert policy["default-src"] == "'none'"
    assert policy["worker-src"] == "blob:"
    assert policy["frame-ancestors"] == "'self'"
    assert "unsafe" not in str(policy)
    host = live.url.removeprefix("http://")
    assert set(policy["connect-src"].split()) == {
        f"{scheme}://{host}/socket.io/" for scheme in ("http", "https", "ws", "wss")
    }
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
