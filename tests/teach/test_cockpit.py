"""The cockpit in a real browser: the plan of 45 minutes, pressed from start to end, with robots.

The test reads the plan as the teacher does: it presses the button that the page marks as the
next one, and on the wall what the step names, and looks for every figure that a step promises.
What is pressed on the wall takes its real time, up to 24 s: each such run has a page of its own,
so that they run side by side, and while the other tests of this file press other things.
"""

import re

import pytest
from playwright.sync_api import expect

from socketlab.site import notes, plans, review

from ..conftest import watched
from ..exercises.programs import attempt
from ..helpers import ROOT, Person, Process
from ..test_axe import AXE, Checked

NOTES = notes.read_all(ROOT / "notes")
COURSE = notes.read_course(ROOT / "notes" / "coming.toml", NOTES)
QUESTIONS = review.read(ROOT / "notes" / "review.toml", NOTES, COURSE)
PLANS = plans.read_all(ROOT / "notes" / "plans", NOTES, COURSE, QUESTIONS)
PLAN = next(plan for plan in PLANS if plan.minutes == 45)
SIZES = [(1280, 720), (1440, 900), (390, 844)]
PATIENCE = 20_000  # ms
READY = "html[data-ready=true]"
OVER = {  # how a run says on its own page that it is over
    "bidirectional": "[data-race-says]:has-text('The race is over')",
    "missed": "[data-line=on] [data-record=same]",
}
SCREENS = {"join": "the way in", "panel": "the lesson's panel"}
# The number beside a label, under the heading `of`: 13 for (requests, Short polling).
FIGURE = """(html, [label, of]) => {
  const demo = document.querySelector("[data-demo]");
  const named = ({ firstChild }) => firstChild?.textContent.trim() === of;
  const headed = [...demo.querySelectorAll("h3")].filter(named).map((h) => h.parentElement);
  const boxes = of ? headed : [demo];
  for (const box of boxes) {
    for (const each of box.querySelectorAll("*")) {
      if (each.childElementCount || each.textContent.trim() !== label) continue;
      const beside = [...each.parentElement.children].filter((other) => other !== each);
      const texts = beside.map(({ textContent }) => textContent.replaceAll(",", ""));
      const digits = texts.join(" ").match(/\\d+/);
      if (digits) return Number(digits[0]);
    }
  }
  return null;
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory, client_file, forks):
    server = Process(tmp_path_factory.mktemp("data"), client=client_file, forks=forks)
    yield server
    status = server.stop()
    assert status == 0 and not [line for line in server.complained if "Traceback" in line]


@pytest.fixture(scope="module")
def teacher(chromium, server):
    """The cockpit's page, in which all tests of this file go on where the last one ended."""
    context = chromium.new_context(base_url=server.url, viewport={"width": 1280, "height": 720})
    page = watched(context, server.url)
    page.goto(server.teacher_url)
    page.wait_for_selector(READY)
    yield page
    wrong = page.expected_errors[:]
    context.close()
    assert not wrong, wrong


@pytest.fixture(scope="module")
def projector(chromium, server):
    """The wall, as it hangs in the class."""
    context = chromium.new_context(base_url=server.url, reduced_motion="reduce")
    page = context.new_page()
    page.goto(server.teacher_url)
    page.goto("/wall")
    page.wait_for_selector(READY)
    yield page
    context.close()


@pytest.fixture(scope="module")
def wall(chromium, server):
    """A page of a lesson on which no run is on: ``wall("missed", runs)``, each in its own seat."""
    contexts, free = [], {}

    def wall(lesson, runs):
        if lesson in free:
            return free.pop(lesson) if runs else free[lesson]
        contexts.append(chromium.new_context(base_url=server.url, reduced_motion="reduce"))
        page = contexts[-1].new_page()
        page.goto(server.teacher_url)
        page.goto(f"/lesson/{lesson}")
        page.wait_for_selector(READY)
        if not runs:
            free[lesson] = page
        return page

    yield wall
    for context in contexts:
        context.close()


@pytest.fixture(scope="module", autouse=True)
def patience():
    """Thirty robots, and a machine that others use too: what is waited for may take its time."""
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=5000)


def did(page, words):
    expect(page.locator("[data-did-text]")).to_have_text(re.compile(words))


def now(page):
    """The step that is shown."""
    return page.locator(".screen[data-now]")


def menu(page, name, press):
    page.click(f"[popovertarget={name}-menu]")
    page.click(f"#{name}-menu {press}")


# Pressed as the plan says


def test_a_rehearsal_seats_thirty_robots_that_answer_like_students(teacher):
    teacher.evaluate("document.querySelector('[data-cockpit]').dataset.pace = 0.1")
    menu(teacher, "more", "[data-what='30']")
    did(teacher, "30 robots take their seats")
    dots = teacher.locator("[data-dots] [data-robot]")
    expect(dots).to_have_count(30)
    expect(teacher.locator("[data-counts]")).to_have_text("30 here")
    expect(teacher.locator("[data-dots] [data-shape=stuck]")).to_have_count(1)
    expect(teacher.locator("[data-dots] [data-shape=asleep]")).to_have_count(1)
    expect(teacher.locator("[data-needs] li")).to_have_count(2)


@pytest.fixture(scope="module")
def promised():
    """``(demo, lesson, step)``: what was pressed there has still to run to its end."""
    return []


def test_the_plan_is_walked_through_by_what_it_says(teacher, projector, wall, promised):
    """From "Let them in" to the exit ticket; what it promises is looked for further down."""
    expect(teacher.locator("[data-clock]")).to_have_text("45 minutes")
    expect(teacher.locator("[data-button=next]")).to_contain_text("Begin")
    for part in PLAN.parts:
        expect(teacher.locator("[data-button=next]")).to_have_class(re.compile("primary"))
        teacher.keyboard.press("PageDown")
        step = part.step
        expect(now(teacher).locator("h2")).to_have_text(step.title)
        for sentence in (step.do, step.say, step.expect, step.if_not):
            expect(now(teacher)).to_contain_text(plain(sentence))
        for act in step.act:
            press_next(teacher, act)
        if "run" in step.act:
            is_running(projector, step.step)
        if "run" in step.act or step.press:
            page = wall(part.lesson, bool(step.shows))
            press_on_the_wall(page, step)
            promised += [(page.locator("html"), part.lesson, step)] if step.shows else []
    expect(teacher.locator("[data-next]")).to_have_text("The end of this plan")
    the_exit_ticket_counts(teacher, projector)

    assert sum(len(step.shows) for _, _, step in promised) >= 10


def the_exit_ticket_counts(teacher, projector):
    """The class is at the review, and each answer raises a count, here and in the list of all."""
    expect(projector.locator("[data-place]").first).to_have_text("Review")
    rows = teacher.locator("[data-reviewed=missed]")
    for seats in (1, 2):
        student = Person(teacher.url.removesuffix("/teach"))
        asked = {"question": "missed", "rating": "not_yet"}
        for what in ("answer", "rate"):
            student.http.post(f"{student.url}/review/{what}", json=asked, timeout=PATIENCE)
        student.leave()
        for row in rows.all():
            expect(row.locator("[data-count=answered]")).to_have_text(str(seats))
            expect(row.locator("[data-count=not_yet]")).to_have_text(str(seats))
            expect(row.locator("[data-count=knew]")).to_have_text("0")
    expect(now(teacher).locator("[data-reviewed]")).to_have_count(2)


def is_running(projector, step):
    """The press has reached the demo on the wall, without any prediction of its own."""
    act = projector.frame_locator("iframe").locator(f"[data-act={step}]")
    expect(act).to_have_attribute("data-state", re.compile("running|done"))


def plain(markdown):
    return re.sub(r"[*`]", "", markdown)


def press_next(page, act):
    """Press what the page marks as the next thing to press, and wait until it says what it did."""
    button = page.locator(
        f"[data-button={ {'close': 'vote'}.get(act.split()[0], act.split()[0]) }]"
    )
    expect(button).to_have_class(re.compile("primary"))
    if act.startswith("wall"):
        menu(page, "wall", f"[data-what={act.split()[1]}]")
        return did(page, f"The wall shows {SCREENS[act.split()[1]]}")
    if act == "close":
        expect(page.locator("[data-vote-in]")).to_have_text(re.compile("^29 of 30 in · hidden"))
        expect(page.locator("[data-vote-rows] li > b:last-child").first).to_have_text("")
    button.click()
    did(page, {"vote": "The vote is open", "close": "closed with 29 answers"}.get(act, "."))
    if act == "close":
        expect(page.locator("[data-advice]")).to_contain_text(re.compile(r"\d+ % right"))
        counts = page.locator("[data-vote-rows] li > b:last-child").all_inner_texts()
        assert sum(map(int, counts)) == 29


def press_on_the_wall(page, step):
    """The demo's own buttons: Run for a prediction's step, else what the step names."""
    if "run" in step.act:
        form = page.locator(f"[data-predict={step.step}]")
        form.locator("input").first.check()
        return form.locator("[type=submit]").click()
    for label in step.press:
        if " = " in label:
            name, value = label.split(" = ")
            page.get_by_label(name, exact=True).fill(value)
        else:
            page.get_by_role("button", name=re.compile(rf"\b{label}")).first.click()


# How it looks and acts in the middle of a class

LABELS = """() => [
  ...document.querySelectorAll(".controls .label, .people button, .course > p > *"),
]
  .filter((node) => node.checkVisibility())
  .filter((node) => node.getClientRects().length !== 1
    || node.offsetHeight > 1.9 * parseFloat(getComputedStyle(node).fontSize) + 26
    || [...node.querySelectorAll("span")].some((part) => part.getClientRects().length > 1))
  .map((node) => node.textContent.trim())"""
BEYOND = """() => {
  const { scrollWidth, scrollHeight } = document.scrollingElement;
  const parts = document.querySelectorAll(".buttons > *, .buttons button, .next, .people header");
  const row = document.querySelector(".buttons").getBoundingClientRect().right;
  const cut = [...parts].filter((node) => node.checkVisibility()
    && node.getBoundingClientRect().right > row + 0.5).map((node) => node.textContent);
  return [scrollWidth - innerWidth, scrollHeight - innerHeight, cut];
}"""


@pytest.fixture(scope="module")
def checked(teacher):
    if not AXE.exists():
        pytest.skip("no axe-core here: `npm ci` brings it")
    return Checked(teacher)


def test_one_screen_holds_everything_at_every_size_and_axe_finds_nothing(teacher, checked):
    """Closed vote, thirty robots, somebody stuck: light and dark, on laptops and on a phone."""
    choose(teacher, "missed")
    go_to(teacher, "Bet on what comes back")
    teacher.keyboard.press("p")
    expect(teacher.locator("[data-vote-in]")).to_have_text(re.compile("^29 of 30 in"))
    assert teacher.evaluate(BEYOND)[2] == []  # while a vote is open the row is at its widest
    teacher.keyboard.press("p")
    expect(teacher.locator("[data-advice]")).to_be_visible()
    wrong = {}
    for width, height in SIZES:
        teacher.set_viewport_size({"width": width, "height": height})
        wide, high, cut = teacher.evaluate(BEYOND)
        labels = teacher.evaluate(LABELS)
        if wide > 0 or cut or labels or width > 800 and high > 0:
            wrong[width] = (wide, high, cut, labels)
        if width == 1440:
            checked.in_both_themes("in mid-class")
        elif width == 390:
            checked.look("in mid-class, on a phone", rules="structure")
    teacher.set_viewport_size({"width": 1280, "height": 720})

    assert wrong == {}
    assert checked.found == {}


TOO_LONG = """() => {
  const [box, shown] = [".screens", ".screen[data-now]"].map((one) => document.querySelector(one));
  shown.removeAttribute("data-now");
  const found = [...document.querySelectorAll(".screen")].filter((screen) => {
    screen.setAttribute("data-now", "");
    const over = box.scrollHeight - box.clientHeight;
    screen.removeAttribute("data-now");
    return over > 0;
  });
  shown.setAttribute("data-now", "");
  return found.map((screen) => `${screen.dataset.title}, ${innerHeight}`);
}"""


def test_no_step_of_the_course_has_to_be_scrolled_for_on_a_laptop(teacher):
    too_long = []
    for width, height in [(1440, 900), (1920, 1080), (1280, 720)]:
        teacher.set_viewport_size({"width": width, "height": height})
        too_long += teacher.evaluate(TOO_LONG)
    teacher.click("[popovertarget=more-menu]")
    rest = teacher.locator("#more-menu").evaluate("menu => menu.scrollHeight - menu.clientHeight")
    teacher.keyboard.press("Escape")

    assert (too_long, rest) == ([], 0)


def choose(page, plan):
    page.select_option("[data-plan]", plan)
    did(page, "Another plan")
    menu(page, "more", "[data-press=startAgain]")
    did(page, "The plan begins again")


def go_to(page, title):
    heading = now(page).locator("h2")
    for _ in range(20):
        if (here := heading.inner_text()) == title:
            return
        page.keyboard.press("PageDown")
        expect(heading).not_to_have_text(here)
    raise AssertionError(f"no step is called {title}")


# What a press does, and how it is taken back


def test_a_step_a_switch_and_what_the_wall_shows_are_undone_by_one_press(teacher):
    undo = teacher.locator("[data-undo]")
    title = now(teacher).locator("h2").inner_text()
    teacher.keyboard.press("PageUp")
    expect(now(teacher).locator("h2")).not_to_have_text(title)
    undo.click()
    expect(now(teacher).locator("h2")).to_have_text(title)
    follow = teacher.locator("[data-button=follow]")
    was = follow.get_attribute("aria-pressed")
    teacher.keyboard.press("f")
    did(teacher, "follows you|look around")
    undo.click()
    expect(follow).to_have_attribute("aria-pressed", was)
    keep = teacher.locator("[name=keep]")
    before = keep.input_value()
    keep.fill("7")
    keep.press("Enter")
    did(teacher, "message buffer")
    undo.click()
    did(teacher, "message buffer")
    expect(keep).to_have_value(before)
    teacher.keyboard.press("Escape")


def test_no_key_acts_while_somebody_types_or_when_keys_are_off(teacher):
    title = now(teacher).locator("h2").inner_text()
    teacher.locator("[name=keep]").focus()
    teacher.keyboard.press("PageDown")
    teacher.locator("[name=keep]").evaluate("field => field.blur()")
    teacher.keyboard.press("?")
    teacher.locator("dialog [name=keys]").uncheck()
    teacher.keyboard.press("Escape")
    teacher.keyboard.press("PageDown")
    menu(teacher, "more", "[data-open=keys]")
    teacher.locator("dialog [name=keys]").check()
    teacher.keyboard.press("Escape")

    assert now(teacher).locator("h2").inner_text() == title


def test_half_of_the_class_is_cut_as_chosen_and_one_seat_is_nudged_and_removed(teacher):
    teacher.click("[popovertarget=cut-menu]")
    teacher.select_option("[name=who]", "half")
    teacher.select_option("[name=seconds]", "3")
    teacher.keyboard.press("Escape")
    teacher.keyboard.press("x")
    did(teacher, "^15 seats cut off for 3 s")
    expect(teacher.locator("[data-dots] [data-shape=cut]")).to_have_count(15)
    expect(teacher.locator("[data-needs]")).to_contain_text("15 cut off by you")
    teacher.click("[data-dots] [aria-label^='robot 2,']")
    teacher.click("dialog[open] [data-press=nudge]")
    did(teacher, "^Only robot 2 reads it")
    teacher.click("[data-dots] [aria-label^='robot 1,']")
    expect(teacher.locator("dialog[open] h2")).to_have_text("robot 1")
    teacher.click("dialog[open] [data-press=remove]")
    did(teacher, "^robot 1 is out of the class")
    expect(teacher.locator("[data-dots] li")).to_have_count(29)


def test_a_reload_goes_on_at_the_same_step_and_another_page_of_the_teacher_leads_this_one(teacher):
    title = now(teacher).locator("h2").inner_text()
    clock = teacher.locator("[data-clock]").inner_text()
    teacher.reload()
    did(teacher, "^The plan goes on where you left it")
    expect(now(teacher).locator("h2")).to_have_text(title)
    other = teacher.context.new_page()
    other.goto("/teach")
    expect(now(other).locator("h2")).to_have_text(title)
    other.wait_for_selector(READY)
    other.keyboard.press("PageDown")  # to the same place in the lesson
    other.keyboard.press("PageDown")
    did(other, "“A long buffer, a short one”")
    there = now(other).locator("h2").inner_text()
    other.close()
    expect(now(teacher).locator("h2")).to_have_text(there)

    assert there != title
    assert clock.split(" of ")[1] == teacher.locator("[data-clock]").inner_text().split(" of ")[1]


def test_a_lost_connection_is_said_and_a_press_meanwhile_says_that_it_reached_nobody(teacher):
    teacher.context.set_offline(True)
    teacher.evaluate("window.dispatchEvent(new Event('offline'))")
    expect(teacher.locator("[data-alert]")).to_contain_text("Connection lost")
    teacher.keyboard.press("f")
    did(teacher, "^Not connected")
    teacher.context.set_offline(False)
    teacher.expected_errors.clear()  # the browser logs what it could not reach
    expect(teacher.locator("[data-line]")).to_have_attribute("data-state", "connected")
    teacher.expected_errors.clear()


def test_every_number_that_the_plan_promised_stands_on_the_wall(promised):
    """The runs that were pressed above have had their time."""
    for demo, lesson, step in promised:
        expect(demo.locator(OVER[lesson])).to_be_visible(timeout=60_000)
        wrong = not_as_promised(demo, step)
        if wrong and "run" in step.act:
            run_again(demo, step)  # as the step says: a client on a busy machine comes back late
            wrong = not_as_promised(demo, step)

        assert wrong == [], lesson


def not_as_promised(demo, step):
    found = [(one, demo.evaluate(FIGURE, [one.label, one.of])) for one in step.shows]
    return [(one, n) for one, n in found if n is None or not one.least <= n <= one.most]


def run_again(demo, step):
    act = demo.locator(f"[data-act={step.step}]")
    act.locator("[name=run]").click()
    expect(act).to_have_attribute("data-state", "running")
    expect(act).to_have_attribute("data-state", "done", timeout=60_000)


def test_the_robots_do_what_a_page_of_the_lesson_does_when_it_opens(teacher, server):
    choose(teacher, "rooms")
    teacher.evaluate("document.querySelector('[data-cockpit]').dataset.pace = 0.1")
    menu(teacher, "more", "[data-what='8']")
    did(teacher, "8 robots take their seats")
    guest = Person(server.url)
    client = guest.connect("/rooms")
    full = client.hear("mapped", lambda told: len(told["rooms"].get("hall", [])) == 8)
    guest.leave()

    assert len(full["rooms"]["lab"]) == 4


def test_the_robots_go_and_the_class_is_cleared(teacher):
    go_to(teacher, "Bet on the receivers")
    teacher.locator("[data-button=vote]").dblclick()  # one press: the vote stays open
    did(teacher, "^The vote is open")
    expect(teacher.locator("[data-vote-in]")).to_have_text(re.compile("^7 of 8 in"))
    menu(teacher, "more", "[data-press=dismiss]")
    did(teacher, "The robots have gone")
    expect(teacher.locator("[data-dots] [data-robot]")).to_have_count(0)
    menu(teacher, "more", "[data-open=clear]")
    teacher.click("dialog[open] [data-press=clear]")
    did(teacher, "^Everything is cleared: .*[1-9]")
    expect(teacher.locator("[data-button=next]")).to_contain_text("Begin")


def test_who_is_stuck_at_an_exercise_is_named_with_the_check_and_gets_the_hint(teacher, server):
    ada = Person(server.url)
    ada.connect("/class")
    for _ in range(3):
        attempt(ada, right=False)
    line = teacher.locator("[data-needs] li")
    expect(line).to_contain_text("Lesson 1, Exercise, whoami: {")
    expect(line).to_contain_text("3 attempts")
    expect(teacher.locator("[data-dots] [data-shape=stuck]")).to_have_count(1)
    line.get_by_role("button", name="Nudge").click()
    did(teacher, "After hello your program has nothing more to ask for")

    attempt(ada, right=True)
    star = teacher.locator("[data-dots] [data-star]")
    expect(star).to_have_attribute("aria-label", re.compile(": connected, exercise done$"))
    expect(line).to_have_count(0)
    star.click()
    expect(teacher.locator("[data-made]")).to_have_text("Lesson 1, Exercise: done · 4 attempts")
    ada.leave()
