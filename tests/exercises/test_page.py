"""An exercise's page as a student uses it: editor, Run, the judge's words, a phone, by hand."""

import re
from html import unescape

import pytest
import requests
from playwright.sync_api import expect

from socketlab.lessons.bidirectional.exercise import Exercise

from ..helpers import PATIENCE, ROOT, Person
from .programs import Program

SLUG = "bidirectional"
PATH = f"/exercise/{SLUG}"
ARRIVED = "html[data-ready=true]"
RIGHT = (ROOT / "notes/solutions" / SLUG / "right.js").read_text("utf-8")
EARLY = (ROOT / "notes/solutions" / SLUG / "wrong_early.js").read_text("utf-8")
STATES = """() => ({
  checks: [...document.querySelectorAll("[data-check]")].map(({ dataset }) => dataset.state),
  running: document.querySelector("[data-judge]").hasAttribute("data-running"),
  attempt: document.querySelector("[data-attempt]").textContent,
})"""


def opened(page, way="js"):
    page.goto(PATH)
    page.wait_for_selector(ARRIVED)
    page.click(f"#tab-{way}")
    return page


def over(page, attempts, *states):
    """Wait until so many attempts are over, the last one with these verdicts."""
    words = f"{attempts} attempt{'s' * (attempts > 1)}"
    page.wait_for_function(
        f"([want, words]) => {{ const {{ checks, running, attempt }} = ({STATES})();"
        " return !running && attempt === words && checks.join() === want; }",
        arg=[",".join(states), words],
    )


def run(page, code):
    page.fill("textarea", code)
    page.click("[name=run]")


def test_a_program_is_run_judged_and_shown_on_the_wire_until_it_is_done(page):
    opened(page)
    expect(page.locator("textarea")).to_have_value(re.compile("bidirectional"))
    run(page, EARLY)
    over(page, 1, "passed", "passed", "failed")
    expect(page.locator("[data-check=wave] [data-saw]")).to_contain_text("before I had sent waved")
    expect(page.locator("[name=stop]")).to_be_disabled()  # the judge has decided
    page.click("[data-check=wave] [data-row]")
    expect(page.locator(".wire-log [data-selected]")).to_contain_text("wave")
    expect(page.locator(".wire-detail")).to_contain_text("hi")
    shown = page.locator(".wire-log li:not([hidden])").all_text_contents()
    assert len([row for row in shown if "judged" in row]) == 1, shown  # the page's own is hidden
    page.click("[data-open-wire]")
    run(page, RIGHT)
    over(page, 2, "passed", "passed", "passed")
    expect(page.locator(".finished")).to_be_visible()
    nonce = page.locator("[data-check=whoami] [data-saw] span").text_content().split()[-1]
    page.click(".hints details:nth-of-type(2) > summary")
    page.click("[data-find=whoami]")
    expect(page.locator(".wire-log [data-selected]")).to_contain_text(nonce)  # not that of before
    page.goto("/")
    expect(page.locator(f"[data-exercise={SLUG}][data-done]")).to_be_visible()
    page.goto(f"/lesson/{SLUG}")
    expect(page.locator("#make .to-exercise")).to_contain_text("Done")
    page.goto(PATH)
    over(page, 2, "passed", "passed", "passed")
    page.context.set_offline(True)
    expect(page.locator("[data-outcome]")).to_contain_text("not connected")
    page.context.set_offline(False)
    expect(page.locator("[data-outcome]")).to_contain_text("3 of 3 checks passed")
    expect(page.locator("textarea")).to_have_value(RIGHT)  # the browser has kept it
    expect(page.locator(".finished")).to_be_visible()


def test_the_editor_keeps_the_tab_key_honest_and_can_be_begun_anew(page):
    opened(page)
    starter = page.input_value("textarea")
    page.focus("textarea")
    page.keyboard.press("Tab")
    expect(page.locator("[name=run]")).to_be_focused()
    page.check("[data-tab-indents]")
    page.fill("textarea", "")
    page.focus("textarea")
    page.keyboard.type("a")
    page.keyboard.press("Tab")
    page.keyboard.type("b\nc")
    expect(page.locator("textarea")).to_have_value("a  b\nc")
    expect(page.locator("[data-gutter]")).to_have_text("1\n2")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.locator("[name=run]")).to_be_focused()
    page.click("[data-reset]")
    expect(page.locator("textarea")).to_have_value(starter)
    page.click("[data-reset]")
    expect(page.locator("textarea")).to_have_value("a  b\nc")
    page.fill("textarea", "\n\nconsole.log(1);\nnull.x;")
    page.press("textarea", "Control+Enter")
    page.click("[data-console] [data-line='4']")
    assert page.evaluate("getSelection().toString()") == "null.x;"
    ended(page, "null")
    run(page, "const x;")
    ended(page, "SyntaxError")
    run(page, 'io("/exercise", { auth: { seat: SEAT, exercise: "nothing" } });')
    ended(page, "connect_error at /exercise: this is the exercise token of")


def ended(page, words):
    """A program that has not come to the judge says why, and may be run again."""
    expect(page.locator("[data-console] [data-kind=error]")).to_contain_text(words)
    expect(page.locator("[data-console]")).to_contain_text("Your program has ended.")
    expect(page.locator("[name=run]")).to_be_enabled()


def test_on_a_phone_parts_are_put_in_order_and_really_run(page):
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page)
    expect(page.locator(".editor")).to_be_hidden()
    page.click("[name=run]")
    ended(page, "Cannot access 'socket'")
    expect(page.locator("[data-console]")).to_be_in_viewport()
    page.click("[data-console] [data-line]")
    assert "socket." in page.evaluate("document.activeElement.textContent")
    lines = (ROOT / "notes/exercises" / SLUG / "lines.js").read_text("utf-8").strip()
    parts = re.split(r"\n\n+", lines)
    wrong = [part.removeprefix("// not needed\n") for part in parts if part.startswith("//")]
    right = [part for part in parts if not part.startswith("//")]
    for text in wrong:
        part(page, text).locator("[data-does=toggle]").click()
    expect(page.locator(".order section li")).to_have_count(len(wrong))
    for at, text in enumerate(right):
        while order_of(page).index(text) > at:
            part(page, text).locator("[data-does=up]").press("Enter")
    assert order_of(page) == right
    page.click("[name=run]")
    over(page, 1, "passed", "passed", "passed")
    expect(page.locator("[data-console]")).to_contain_text("The judge has decided")
    top = page.evaluate("document.querySelector('#judge-title').getBoundingClientRect().top")
    assert 0 <= top < 200  # below the bar, and so are the verdicts: Run has not taken the page back
    page.reload()
    page.wait_for_selector(ARRIVED)
    assert order_of(page) == right  # kept, too


def order_of(page):
    return page.locator(".order > ol code").all_text_contents()


def part(page, text):
    number = page.locator(".order code").all_text_contents().index(text)
    return page.locator(".order li").nth(number)


def test_a_part_is_dragged_to_its_place_and_out_of_the_program(page):
    opened(page)
    page.click("[name=mode]")
    before = order_of(page)
    handles = page.locator(".order > ol [data-handle]")
    drag(page, handles.nth(0), page.locator(".order > ol li").nth(1))
    assert order_of(page)[:2] == [before[1], before[0]]
    page.locator(".order section").scroll_into_view_if_needed()
    drag(page, handles.last, page.locator(".order section"))
    assert order_of(page) == [before[1], before[0], *before[2:-1]]


def drag(page, handle, goal):
    """Below the middle of the goal."""
    begin, end = handle.bounding_box(), goal.bounding_box()
    page.mouse.move(begin["x"] + 10, begin["y"] + 10)
    page.mouse.down()
    page.mouse.move(begin["x"] + 10, end["y"] + end["height"] - 5, steps=4)
    page.mouse.up()


FLOOD = """
const socket = io("/exercise", { auth: { seat: SEAT, exercise: "bidirectional" } });
socket.on("connect", () => setInterval(() => {
  for (let n = 0; n < 50; n++) socket.emit("hello", { name: "x".repeat(50) });
}, 50));
socket.on("connect_error", ({ message }) => console.log(message));
"""
LOOP = "for (let n = 0; ; n++) console.log(n, 'y'.repeat(100_000));"


def test_a_loop_without_an_end_leaves_the_page_usable_and_others_alone(page, visit):
    opened(page)
    run(page, LOOP)
    expect(page.locator("[data-console] [data-left]")).to_contain_text("lines were left out")
    assert page.locator("[data-console] p").count() <= 301
    assert passes(visit(page=PATH)) == {"hello": True, "whoami": True, "wave": True}
    page.click("#tab-python")
    page.click("#tab-js")
    page.click("[name=stop]")
    run(page, RIGHT)
    over(page, 1, "passed", "passed", "passed")


def test_a_flood_of_events_is_ended_by_the_server_and_others_are_let_alone(page, visit):
    opened(page)
    run(page, FLOOD)
    assert passes(visit(page=PATH)) == {"hello": True, "whoami": True, "wave": True}
    over(page, 1, "passed", "failed", "failed")
    expect(page.locator("[name=run]")).to_be_enabled()
    run(page, FLOOD)
    expect(page.locator("[data-console]")).to_contain_text("too fast before: come back in")
    expect(page.locator("[data-connection]")).to_have_attribute("data-state", "connected")


def passes(person):
    """The verdicts on a right program of somebody else, meanwhile."""
    token = re.search(r'data-token="([^"]+)"', person.page.text)[1]
    program = Program(person.url, token).start().does_it_right()
    program.hello()
    told, judged = program.verdicts()
    program.disconnect()
    assert judged["done"]
    return {check: passed for check, (passed, _) in told.items()}


def test_the_same_is_done_by_hand(page):
    opened(page, "any")
    page.click("[data-terminal] button[type=submit] >> text=Connect")
    page.wait_for_selector("[data-terminal][data-state=open] .terminal-state:has-text('open')")
    page.click("[data-terminal] button >> text=Send")
    expect(page.locator("[data-judge][data-running]")).to_be_visible()
    page.fill("[data-terminal] textarea", '42/exercise,["hello",{"name":"Ada"}]')
    page.click("[data-terminal] button >> text=Send")
    expect(page.locator("[data-check=hello][data-state=passed]")).to_be_visible()
    page.click("#tab-js")
    page.click("[name=run]")
    expect(page.locator("[data-console]")).to_contain_text("at this exercise already")
    expect(page.locator("[name=run]")).to_be_enabled()


# Without a browser


def test_the_page_reads_without_a_script(live):
    text = unescape(requests.get(live.url + PATH, timeout=PATIENCE).text)

    for check in Exercise.checks:
        assert f'data-check="{check.id}"' in text
    for words in ("whoami", "pip install", 'SEAT = "seat.exercise.', "A worked example"):
        assert words in re.sub(r"<[^>]+>", "", text).replace("&quot;", '"'), words
    assert live.url in text


@pytest.mark.parametrize(
    ("language", "kind", "line"),
    [("py", "text/x-python", 'SERVER = "{}"'), ("js", "text/javascript", 'const SERVER = "{}";')],
)
def test_a_starter_comes_with_the_address_and_a_token_of_the_exercise_alone(
    live, visit, language, kind, line
):
    ada = visit()
    answer = ada.http.get(f"{live.url}{PATH}/starter.{language}", timeout=PATIENCE)

    assert answer.headers["Content-Type"].startswith(kind)
    disposition = answer.headers["Content-Disposition"]
    assert disposition == f'attachment; filename="{SLUG}.{language}"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert line.format(live.url) in answer.text
    token = re.search(r'SEAT = "([^"]+)"', answer.text)[1]
    assert token != ada.token and token.startswith("seat.exercise.")
    page = ada.http.get(live.url + PATH, timeout=PATIENCE)
    assert f'data-token="{token}"' in page.text
    stranger = requests.get(live.url + PATH, cookies={"socketlab_seat": token}, timeout=PATIENCE)
    assert f'content="{ada.token}"' not in stranger.text  # it opens no page


@pytest.mark.parametrize("path", ["/exercise/nothing", "/exercise/Rooms", f"{PATH}/starter.rb"])
def test_what_is_not_there_is_said_with_a_way_back(live, path):
    answer = requests.get(live.url + path, headers={"Accept": "text/html"}, timeout=PATIENCE)

    assert answer.status_code == 404
    assert 'href="/"' in answer.text


def test_another_seat_sees_nothing_of_it(live):
    one, other = Person(live.url, PATH), Person(live.url, PATH)
    try:
        passes(one)

        assert "data-judge data-done" in one.http.get(live.url + PATH, timeout=PATIENCE).text
        assert "data-judge data-done" not in other.http.get(live.url + PATH, timeout=PATIENCE).text
    finally:
        one.leave()
        other.leave()
