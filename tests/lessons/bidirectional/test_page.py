"""Lesson 1 in a real browser: its robots. The rest of the page is in tests/test_browser.py."""

import pytest
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def lesson(tab):
    tab.goto("/lesson/bidirectional")
    tab.wait_for_selector("html[data-ready=true]")
    return tab


def test_a_robot_that_the_server_refuses_is_named_and_taken_off_the_stage(chromium, start):
    server = start(env={"SOCKETLAB_SOCKETS_PER_SEAT": "2"})  # a page and one robot
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{server.url}/lesson/bidirectional")
    page.wait_for_selector("html[data-ready=true]")
    robots = page.locator("[data-sockets] [data-robot]")
    page.click("[data-add-robot]")
    expect(page.locator("[data-robot][data-on]")).to_have_count(1)
    page.click("[data-add-robot]")
    expect(page.locator("[data-said]")).to_have_text(
        "The server refused the robot: At most 2 sockets."
    )

    expect(robots).to_have_count(1)
    context.close()


REFUSED_LATER = """async () => {
  const { Robots } = await import("/static/lib/robots.js");
  const said = [];
  const heard = {};
  const robot = {
    active: true,
    on(event, handler) { (heard[event] ??= []).push(handler); },
    disconnect() { said.push("disconnected"); },
  };
  const tell = (event, ...given) => heard[event].forEach((handler) => handler(...given));
  const context = { status: 429, responseText: "Too many at once." };
  const full = { type: "TransportError", message: "xhr poll error", context };
  const robots = new Robots({ open: () => robot, says: (words) => said.push(words), gone() {} });
  const came = robots.add(() => {});
  tell("connect");
  await came;
  for (let tries = 0; tries < 3; tries++) tell("connect_error", full);
  const kept = robots.sockets.size;
  robot.active = false;
  tell("connect_error", new Error("the class is over"));
  return { said, kept, left: robots.sockets.size };
}"""


# The lesson's lanes, with a server that the test plays.
RACED = """async () => {
  const { Race } = await import("/static/lessons/bidirectional/race.js");
  const form = document.querySelector("[data-race]");
  const asked = [];
  const receipts = [];
  const announced = [];
  const lab = {
    announce: (words) => announced.push(words),
    table: () => () => {},
    clock: { now: () => 1000 },
    receipt: (...one) => receipts.push(one[1]),
    ask: async (event) => {
      asked.push(event);
      return { ok: true, run: `r${asked.length}`, next: 0, lasts_ms: 24_000, events: 8 };
    },
  };
  const lanes = new Race(form, lab);
  const counters = form.querySelector("[data-count=requests]");
  const idle = counters.checkVisibility({ visibilityProperty: true });
  const heard = (lane, ended) => lanes.metered({ run: "r0", lane, ended });
  for (const lane of ["poll", "long_poll", "socket", "poll"]) heard(lane, false);
  heard("socket", true);
  const loaded = announced.splice(0);
  const event = (run, seq) => ({ run, seq, sent_at: 900, text: "x" });
  const why = ({ message }) => message;
  const both = await Promise.all([lanes.start(2000), lanes.start(2000).catch(why)]);
  const third = await lanes.start(2000).catch(why);
  const starts = asked.length;
  lanes.predicted("8");
  const replaced = both[0].outcome.catch(why);
  const run = await lanes.start(2000, "race");
  const over = run.outcome.catch(why);
  lanes.arrived("socket", event(run.run, 1));
  await lanes.brokeOff(run, "poll", new TypeError("Failed to fetch"));
  lanes.arrived("socket", event(run.run, 2));
  const dots = form.querySelectorAll("[data-lane=socket] [data-seq]").length;
  const { textContent: says } = form.querySelector("[data-race-says]");
  const bet = form.querySelector("[data-bet]").checkVisibility({ visibilityProperty: true });
  const ends = { replaced: await replaced, over: await over, loaded, idle };
  return { second: both[1], third, starts, ...ends, says, dots, bet, receipts, last: asked.at(-1) };
}"""
BUSY = "A race is on. Stop it first, or wait for its end."
BROKE = "Short polling broke off, so the race ends. The server cannot be reached."
FOREIGN = (
    "A race of yours is on that this page did not start, or that it was loaded in the middle of. "
    "Stop ends it."
)


def test_a_race_is_one_and_how_it_broke_off_is_not_overwritten(lesson):
    found = lesson.evaluate(RACED)

    assert found["loaded"] == [
        FOREIGN
    ]  # after a reload in the middle of a race: once, and no picture
    assert not found["idle"]  # no dashes where nothing has been counted yet
    assert (found["second"], found["third"], found["starts"]) == (BUSY, BUSY, 1)
    assert found["replaced"] == "Another race took its place."  # the prediction's run goes first
    assert found["says"] == found["over"] == BROKE
    assert (found["dots"], found["receipts"]) == (1, [1, 2])  # received is received, drawn or not
    assert found["last"] == "stop" and found["bet"]


def test_the_token_for_a_script_is_the_seats_and_the_waves_fold_for_an_outcome(lesson):
    seat = lesson.get_attribute("meta[name=seat]", "content")
    assert lesson.locator("[data-token]").input_value() == seat
    assert lesson.is_visible("[data-wave]")

    lesson.evaluate("document.querySelector('[data-act]').dataset.state = 'done'")
    expect(lesson.locator("[data-wave]")).to_be_hidden()


def test_a_robot_that_is_kept_out_later_says_so_once_and_goes_on_trying(lesson):
    found = lesson.evaluate(REFUSED_LATER)

    assert (found["kept"], found["left"]) == (1, 0)
    assert found["said"] == [
        "The server refused the robot: Too many at once. It tries again by itself.",
        "The server refused the robot: the class is over.",
        "disconnected",
    ]
