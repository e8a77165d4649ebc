"""Lesson 1 in a real browser: its robots. The rest of the page is in tests/test_browser.py."""

from playwright.sync_api import expect


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


def test_a_robot_that_is_kept_out_later_says_so_once_and_goes_on_trying(page):
    page.goto("/")
    found = page.evaluate(REFUSED_LATER)

    assert (found["kept"], found["left"]) == (1, 0)
    assert found["said"] == [
        "The server refused the robot: Too many at once. It tries again by itself.",
        "The server refused the robot: the class is over.",
        "disconnected",
    ]
