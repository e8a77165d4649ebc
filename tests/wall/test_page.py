"""The wall in a real browser, with a class of real clients: one visit from joining to a restart."""

import re

import pytest
from playwright.sync_api import expect

from ..classroom.pupils import Pupil, Teacher
from ..conftest import watched
from ..helpers import Process
from ..test_axe import Checked, told

KEY = "a key for the wall's test, long enough"
PATIENT, RETURNS = 15_000, 30_000  # ms: until a wait is a failure; a client's pauses grow to 5 s
WALL = {"width": 1920, "height": 1080}
DOTS = """() => Object.fromEntries([...document.querySelectorAll("[data-dots] .dot")]
  .map((dot) => [dot.dataset.seat, dot.dataset.state]).sort())"""
SAME = "(wanted) => JSON.stringify((%s)()) === JSON.stringify(wanted)"
PLACES = """() => Object.fromEntries([...document.querySelectorAll("[data-dots] .dot")]
  .map((dot) => [dot.dataset.seat, dot.getAttribute("transform")]).sort())"""
COUNT_WRITES = """() => {
  window.writes = {};
  new MutationObserver((list) => list.forEach(({ type, attributeName, target }) => {
    const what = `${target.dataset.seat} ${type === "childList" ? "mark" : attributeName}`;
    window.writes[what] = (window.writes[what] ?? 0) + 1;
  })).observe(document.querySelector("[data-dots]"),
    { subtree: true, attributes: true, childList: true });
}"""
NOTE_COUNTS = """() => {
  window.counts = [];
  const [head, moment] = ["[data-presence]", "[data-moment-line]"].map((one) =>
    document.querySelector(one));
  new MutationObserver(() => window.counts.push([head.textContent, moment.textContent]))
    .observe(head, { childList: true, characterData: true, subtree: true });
}"""
SMALLEST = """() => [...document.querySelectorAll("body *")]
  .filter((node) => node.checkVisibility() && !node.closest(".hidden, .tools"))
  .filter((node) => [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim()))
  .filter((node) => parseFloat(getComputedStyle(node).fontSize) < 26)
  .map((node) => node.outerHTML.slice(0, 80))"""


class Wall:
    """The page, and what it shows."""

    def __init__(self, page):
        self.page = page

    def dots(self, states):
        """Wait until each seat's dot looks so."""
        self.page.wait_for_function(SAME % DOTS, arg=dict(sorted(states.items())))

    def screen(self, name):
        body = self.page.locator("body")
        expect(body).to_have_attribute("data-screen", name, timeout=PATIENT)

    def says(self, part, text, timeout=PATIENT):
        place = self.page.locator(f"[data-{part}]").first
        expect(place).to_have_text(re.compile(text), timeout=timeout)


@pytest.fixture
def server(start, tmp_path):
    """With a key of its own, so that the teacher's cookie outlives a restart."""
    return start(data=tmp_path / "wall", env={"SOCKETLAB_TEACHER_KEY": KEY})


@pytest.fixture
def page(chromium, server):
    context = chromium.new_context(base_url=server.url, viewport=WALL, reduced_motion="reduce")
    page = watched(context, server.url)
    page.goto(server.teacher_url)
    page.goto("/wall")
    page.wait_for_selector("html[data-ready=true]")
    yield page
    context.close()


def test_the_wall_shows_the_class_as_it_is(page, server, client_file, forks, tmp_path):
    wall, teacher = Wall(page), Teacher(server)
    ada, bob, eve = people = [Pupil(server, "/rooms") for _ in range(3)]
    checked = Checked(page)
    try:
        joining(wall, people, checked)
        teacher.do("step", lesson="rooms", step="explore")
        run = an_event(wall, ada, bob, eve)
        checked.look("map")
        a_vote(wall, teacher, people)
        checked.look("question")
        a_cut(wall, teacher, bob, {ada: "sender", bob: "received", eve: "silent"})
        the_keys(wall)
        after_a_reload(wall)
        the_panel(wall, teacher)
        after_a_restart(wall, server, client_file, forks, tmp_path)
    finally:
        for one in (teacher, *people):
            one.leave()

    assert run and checked.found == {}, told(checked.found)


def joining(wall, people, checked):
    wall.screen("join")
    wall.says("presence", "^3 seats: 3 connected$")
    wall.dots({one.seat: "idle" for one in people})
    assert wall.page.evaluate(SMALLEST) == [], "no type below 26 px at 1080 lines"
    checked.look("join", rules="structure")


def an_event(wall, ada, bob, eve):
    """Ada speaks to bob and eve; bob's handler ran, and eve's never did."""
    wall.screen("map")
    wall.says("place", "^Lesson 7 · Rooms · Explore$")
    for one in (ada, bob, eve):
        one.ask("join", {"room": "dots"}, "/rooms")
    wall.page.evaluate(COUNT_WRITES)
    run = ada.ask("say", {"room": "dots", "text": "hi", "skip_me": True}, "/rooms")["run"]
    said = bob.hear("said", lambda told: told["run"] == run)
    bob.ask("receipt", {"run": run, "got": [[1, said["sent_at"] + 12]]})
    wall.dots({ada.seat: "sender", bob.seat: "received", eve.seat: "silent"})
    wall.says("event", rf"^{ada.told['nick']} sent “said”")
    wall.says("figures", "addressed 2.*confirmed 1.*silent 1")
    wall.says("times", "^median 12 ms, slowest 12 ms")
    writes = wall.page.evaluate("window.writes")
    states = {key: n for key, n in writes.items() if not key.endswith(" mark")}
    assert set(states) == {f"{one.seat} data-state" for one in (ada, bob, eve)}
    assert max(states.values()) <= 3, "waited for, silent, received: one attribute for each"
    return run


def a_vote(wall, teacher, people):
    ada, bob, _ = people
    page = wall.page
    teacher.do("open_vote", step="skip_me")
    wall.screen("question")
    for one in (ada, bob):
        one.ask("predict", {"step": "skip_me", "choice": "with_me"})
    wall.says("says", r"^2 of 3 in\.")
    expect(page.locator("[data-event]")).to_be_visible()  # whose sums stand beside the question
    assert page.locator(".bar").count() == 0, "no counts while the vote is open"
    teacher.do("close_vote")
    expect(page.locator("[data-choice=with_me] .bar")).to_have_text(
        re.compile("2 · 100 %"), timeout=PATIENT
    )
    teacher.do("open_vote", step="skip_me")
    expect(page.locator(".bar")).to_have_count(0, timeout=PATIENT)
    bob.ask("predict", {"step": "skip_me", "choice": "without_me"})
    teacher.do("close_vote")
    teacher.do("reveal")
    bars = page.locator("[data-choice=without_me] .bar")
    rounds = [re.compile("round 1.*0 · 0 %"), re.compile("round 2.*1 · 100 %")]
    expect(bars).to_have_text(rounds, timeout=PATIENT)
    expect(page.locator("[data-right]")).to_have_attribute(
        "data-choice", "without_me", timeout=PATIENT
    )


def a_cut(wall, teacher, bob, before):
    teacher.do("show", what="map")
    states = {one.seat: state for one, state in before.items()}
    wall.page.evaluate(NOTE_COUNTS)
    teacher.do("cut", seats=[bob.seat], seconds=3)
    wall.dots(states | {bob.seat: "cut"})
    wall.says("moment-line", "^1 of 1 cut off|^0 of 1 are back")
    teacher.see(bob.seat, state="away")
    bob.come()
    wall.dots(states)
    wall.says("moment-title", "^Connection back$")
    told = dict(wall.page.evaluate("window.counts"))  # the head's words -> the moment's then
    assert told["3 seats: 2 connected, 1 cut"] == "1 of 1 cut off."
    assert told["3 seats: 3 connected"].startswith("1 seat, after")


def the_panel(wall, teacher):
    """In another lesson nothing has been sent yet; a run shows the demo that it is of."""
    teacher.do("step", lesson="missed", step=None)
    wall.says("event", "^Nothing has been sent yet")
    teacher.do("run", step="skip_me")
    wall.screen("panel")
    demo = wall.page.frame_locator("[data-panel] iframe")
    expect(demo.locator("[data-act=skip_me]")).to_have_attribute(
        "data-state", re.compile("running|done"), timeout=RETURNS
    )
    expect(demo.locator(".read")).to_be_hidden()
    expect(demo.locator("meta[name=seat]")).to_have_count(0)


def the_keys(wall):
    page = wall.page
    for key, screen in (("b", "blank"), ("b", "map"), ("t", "table"), ("m", "map")):
        page.keyboard.press(key)
        wall.screen(screen)
    focused, label = page.locator(":focus"), re.compile(": (sender|received, 12 ms|silent)$")
    page.locator("[data-dots] [tabindex='0']").focus()
    seats = set()
    for key in ("Home", "ArrowRight", "End"):
        page.keyboard.press(key)
        expect(focused).to_have_attribute("aria-label", label, timeout=PATIENT)
        seats.add(focused.get_attribute("data-seat"))
    assert len(seats) == 3
    page.keyboard.press("/")
    page.keyboard.type("b")  # in the field it is a letter
    wall.screen("map")
    page.keyboard.press("Escape")


def after_a_reload(wall):
    page = wall.page
    before = page.evaluate(PLACES)
    page.reload()
    page.wait_for_selector("html[data-ready=true]")
    wall.screen("map")
    wall.says("figures", "addressed 2.*confirmed 1.*silent 1")
    page.keyboard.press("v")
    expect(page.locator("[data-choice=without_me] .bar")).to_have_count(2, timeout=PATIENT)
    page.keyboard.press("m")
    page.wait_for_function(SAME % PLACES, arg=before)
    wall.says("presence", "^3 seats")


def after_a_restart(wall, server, client_file, forks, tmp_path):
    """The lost connection is told, and then that it is back."""
    page = wall.page
    server.stop()
    wall.says("alert", "^The wall has lost its connection")
    alert = page.locator("[data-alert]")  # whole, beside a long title
    assert alert.evaluate("box => box.scrollHeight <= box.clientHeight + 1"), alert.inner_text()
    options = ("--port", str(server.port))
    env = {"SOCKETLAB_TEACHER_KEY": KEY}
    again = Process(tmp_path / "wall", *options, client=client_file, env=env, forks=forks)
    try:
        wall.says("alert", "^The wall is connected again", RETURNS)
        wall.says("place", "^Lesson 9 · Missed events$")
        page.expected_errors[:] = [
            e for e in page.expected_errors if "WebSocket" not in e and "Failed to load" not in e
        ]
        assert not page.expected_errors, page.expected_errors
    finally:
        again.stop()
