"""A student's phone in a class, in a real browser: it goes along, votes, is cut off, is sent out.

One phone for all tests of this file, and a teacher who speaks on a socket. Each test begins where
the teacher leads it to.
"""

import re

import pytest
from playwright.sync_api import expect

from ..conftest import watched
from ..helpers import PATIENCE
from ..test_axe import Checked
from ..test_layout import Visit
from .pupils import Pupil, Teacher

PHONE, LAPTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 720}
READY = "html[data-ready=true]"
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
FITS = "document.scrollingElement.scrollWidth <= innerWidth"


@pytest.fixture(scope="module")
def teacher(server):
    teacher = Teacher(server)
    yield teacher
    teacher.leave()


@pytest.fixture(scope="module")
def code(server, teacher):
    card = teacher.http.get(f"{server.url}/teach/card", timeout=PATIENCE).text
    return re.search(r'<p class="code">(\w+ \d+)</p>', card)[1]


@pytest.fixture(scope="module")
def tab(chromium, server):
    context = chromium.new_context(
        base_url=server.url, viewport=PHONE, reduced_motion="reduce", has_touch=True
    )
    yield watched(context, server.url)
    context.close()


@pytest.fixture
def phone(tab):
    """The page; fails its test for script errors, and for requests to any other host."""
    yield tab
    wrong = [error for error in tab.expected_errors if "503" not in error]  # of a cut
    tab.expected_errors.clear()
    assert not wrong, wrong


@pytest.fixture
def joined(phone, teacher, code):
    """The phone in the class as otter, and led; hands back its row of the roster."""
    teacher.do("follow", on=False)
    teacher.do("step", lesson="bidirectional", step="explore")
    phone.goto("/healthz")
    phone.evaluate("sessionStorage.clear(), localStorage.clear()")
    phone.set_viewport_size(PHONE)
    phone.context.clear_cookies()
    phone.context.request.post("/join", form={"code": code, "nick": "otter"})
    phone.goto("/lesson/bidirectional")
    phone.wait_for_selector(READY)
    teacher.do("follow", on=True)
    expect(pill(phone)).to_have_attribute("aria-label", re.compile("Following"))
    return teacher.named(phone.locator(".seated bdi").text_content())


def pill(page):
    return page.locator(".class-pill > button")


def told(page, words):
    """Wait until the page says so of where the teacher is."""
    expect(page.locator("[data-teacher]")).to_contain_text(words)


def assert_sound(page, state, layout=True):
    """Neither axe-core nor the rules of the layout find anything, on a phone and on a laptop.

    Without ``layout`` where something lies over the page on purpose.
    """
    checked, visit = Checked(page), Visit(page)
    for size in (PHONE, LAPTOP):
        page.set_viewport_size(size)
        visit.look("tooWide", state)
        visit.look("small", state, 44 if size == PHONE else 24)
        if layout:
            visit.look("overlaps", state)
        checked.in_both_themes(f"{state}, {size['width']} px")
    page.set_viewport_size(PHONE)

    assert checked.found == {}, checked.found
    assert not any(visit.found.values()), visit.found


def current(page, step):
    """Wait until the page shows this step as the teacher's."""
    expect(page.locator("[aria-current=step]")).to_have_attribute("id", step)


def test_who_has_joined_waits_calmly_and_goes_along_when_the_class_begins(phone, teacher, code):
    phone.goto(f"/join/{code.replace(' ', '').lower()}")
    phone.fill("#nick", "otter")
    phone.get_by_role("button", name="Join").click()
    expect(phone.locator("h1")).to_have_text("You are in")
    expect(phone.locator(".ticket")).to_contain_text(re.compile(rf"{code}\s+You are\s*otter"))
    expect(phone.locator(".calm")).to_have_text("It begins on the wall.")
    expect(phone.locator(".class-menu")).to_be_visible()
    expect(pill(phone)).to_be_hidden()  # there is nowhere to go to yet
    assert_sound(phone, "waiting")

    teacher.do("step", lesson="bidirectional", step="explore")
    phone.wait_for_url("**/lesson/bidirectional#explore")
    phone.wait_for_selector(READY)
    told(phone, "Your teacher is on lesson 1, step 1: Explore.")
    expect(phone.locator("#demo")).to_be_visible()
    assert phone.evaluate(FITS)


def test_the_page_follows_steps_without_taking_the_focus_and_one_press_leaves_and_returns(
    phone, teacher, joined
):
    teacher.do("step", lesson="bidirectional", step="explain")
    current(phone, "explain")
    expect(phone.locator("#explain")).to_be_in_viewport()
    assert phone.evaluate("document.activeElement === document.body")

    field = phone.locator("[data-wave] input[name=text]")
    phone.click("[data-tab=demo]")
    field.focus()
    teacher.do("step", lesson="bidirectional", step="predict")
    expect(pill(phone)).to_have_attribute("aria-label", "Go to the teacher")
    expect(field).to_be_focused()  # who is writing is not interrupted
    told(phone, "Your teacher is on lesson 1, step 2: Predict.")
    field.blur()
    current(phone, "predict")
    expect(phone.locator("#read")).to_be_visible()

    pill(phone).click()
    expect(pill(phone)).to_have_attribute("aria-label", "Back to the class")
    teacher.do("step", lesson="bidirectional", step="explain")
    told(phone, "step 4: Explain")
    current(phone, "predict")
    pill(phone).click()
    current(phone, "explain")

    phone.locator(".onward .forward").click()  # by one's own wish to another lesson
    phone.wait_for_url("**/lesson/upgrade")
    expect(pill(phone)).to_have_attribute("aria-label", "Back to the class")
    teacher.see(joined["seat"], lesson="upgrade")
    pill(phone).click()
    phone.wait_for_url("**/lesson/bidirectional#explain")
    current(phone, "explain")
    teacher.see(joined["seat"], lesson="bidirectional", step="explain", state="connected")


def test_a_student_may_be_asked_first_and_tells_the_teacher_how_it_goes(phone, teacher, joined):
    phone.click(".class-menu summary")
    phone.get_by_role("button", name="I am stuck").click()
    expect(phone.locator(".class-sheet")).to_contain_text("Your teacher sees that you are stuck.")
    teacher.see(joined["seat"], state="stuck")
    phone.get_by_label("Ask me before this page changes").check()
    phone.keyboard.press("Escape")
    expect(phone.locator(".class-menu summary")).to_be_focused()

    teacher.do("step", lesson="rooms", step="skip_me")
    expect(pill(phone)).to_have_attribute("aria-label", "Go to the teacher")
    told(phone, "Your teacher is on lesson 7.")
    assert "/lesson/bidirectional" in phone.url
    teacher.do("nudge", seat=joined["seat"], hint="<b>Look</b> at the wire.")
    box = phone.locator("aside.nudge")
    expect(box).to_contain_text("<b>Look</b> at the wire.")
    box.get_by_role("button", name="Put away").click()
    expect(box).to_have_count(0)
    phone.evaluate(HIDE, True)
    teacher.see(joined["seat"], state="asleep")
    phone.evaluate(HIDE, False)

    pill(phone).click()
    phone.wait_for_url("**/lesson/rooms#skip_me")
    current(phone, "predict-skip_me")
    expect(phone.locator("#predict-skip_me")).to_be_in_viewport()
    phone.evaluate("localStorage.clear()")
    phone.goto("/exercise/bidirectional")
    teacher.see(joined["seat"], lesson="bidirectional", step="exercise")
    teacher.do("nudge", seat=joined["seat"])
    expect(phone.locator("aside.nudge")).to_contain_text("After hello your program has")


def test_a_vote_is_locked_alone_then_talked_about_then_chosen_anew(phone, teacher, joined):
    form, run = phone.locator("#predict-race"), phone.locator("#act-race [name=run]")
    lock, result = form.locator("[type=submit]"), form.locator("[data-vote-result]")
    teacher.do("open_vote", step="race")
    expect(form.locator("[data-vote-says]")).to_have_text("Your class votes on this now.")
    expect(form).to_be_in_viewport()
    expect(lock).to_have_text("Lock")
    form.locator("[value=per_event]").check()
    lock.click()
    expect(form.locator("[data-note]")).to_have_text("Locked.")
    expect(run).to_be_disabled()
    expect(result).to_be_empty()
    teacher.do("close_vote")
    expect(result.locator(".said")).to_have_text("Round 1: 1 vote")
    expect(result.locator("li b")).to_have_text(["1", "0", "0", "0"])
    expect(run).to_be_enabled()

    teacher.do("open_vote", step="race")
    expect(form.locator("[data-vote-says]")).to_contain_text("Round 2: talk about it")
    expect(result).to_be_empty()
    phone.reload()  # in mid-round: nothing is lost, and nothing is locked that was not
    phone.wait_for_selector(READY)
    expect(lock).to_have_text("Lock")
    form.locator("[value=per_interval]").check()
    lock.click()
    expect(lock).to_be_hidden()
    phone.reload()
    phone.wait_for_selector(READY)
    expect(form.locator("[data-note]")).to_have_text("Locked.")
    expect(form.locator("[value=per_interval]")).to_be_checked()

    teacher.do("close_vote")
    expect(result.locator("li b")).to_have_text(["1 → 0", "0 → 1", "0 → 0", "0 → 0"])
    expect(result.locator("[data-revealed]")).to_have_count(0)
    expect(form.locator("[value=per_event]")).to_be_checked()  # the prediction is the first one
    teacher.do("reveal")
    expect(result.locator("[data-revealed]")).to_contain_text("About 12")
    expect(run).to_have_text("Run my prediction")
    visit = Visit(phone)
    visit.look("overlaps", "with the result of a vote")
    assert not any(visit.found.values()), visit.found
    teacher.do("nudge", seat=joined["seat"])
    expect(phone.locator("aside.nudge")).to_be_visible()
    phone.click(".class-menu summary")
    assert_sound(phone, "with menu and hint", layout=False)
    for width in (320, 801, 1024):  # the bar holds more than anywhere else
        visit.look("tooWide", visit.resize((width, 720)))
    assert not any(visit.found.values()), visit.found


def test_a_cut_counts_down_and_whoever_is_back_has_missed_no_step(phone, teacher, joined):
    teacher.do("cut", seats=[joined["seat"]], seconds=2)
    facts = phone.locator("[data-connection][data-state=cut] [data-facts]")
    expect(facts).to_have_text(re.compile(r"^[12] s$"))
    expect(phone.locator("[data-alert]")).to_have_text(re.compile("^Cut off on purpose"))
    teacher.do("step", lesson="bidirectional", step="modify")
    teacher.do("step", lesson="bidirectional", step="explain")
    back = "The class went on by 2 steps."
    expect(phone.locator("[data-alert]")).to_contain_text(back, timeout=20_000)
    current(phone, "explain")

    teacher.do("remove", seat=joined["seat"])
    expect(phone.locator("[data-alert]")).to_have_text(
        re.compile("Your teacher has ended this seat")
    )
    expect(phone.locator("aside.nudge")).to_contain_text("You are out of the class")
    expect(phone.locator(".class-pill")).to_have_count(0)
    expect(phone.locator("[data-connection]")).to_have_attribute("data-state", "disconnected")
    phone.reload()
    phone.wait_for_selector(READY)
    assert phone.locator(".class-pill").count() == 0, "a new seat, in no class"


def test_two_tabs_are_one_seat_and_a_page_out_of_class_is_not_led(phone, teacher, joined, code):
    other = phone.context.new_page()
    other.goto("/join?change")  # a form is not taken away from whoever fills it in
    expect(pill(other)).to_have_attribute("aria-label", "Go to the teacher")
    said = "Your teacher is on lesson 1. Press the button “Go to the teacher” when you want to."
    expect(other.locator("[data-status]")).to_have_text(said)
    teacher.do("step", lesson="bidirectional", step="explain")
    other.goto("/glossary")
    other.wait_for_url("**/lesson/bidirectional#explain")
    current(other, "explain")
    current(phone, "explain")

    teacher.do("step", lesson="review", step="missed")  # the exit ticket
    other.wait_for_url("**/review#missed")
    current(other, "missed")
    expect(other.locator("[data-status]")).to_have_text("Your teacher is on the review.")
    other.locator("#missed textarea").fill("The server keeps nothing")
    teacher.do("step", lesson="bidirectional", step="explain")
    phone.wait_for_url("**/lesson/bidirectional#explain")
    expect(pill(other)).to_have_attribute("aria-label", "Go to the teacher")
    expect(other.locator("#missed textarea")).to_have_value("The server keeps nothing")
    other.close()

    bob = Pupil(server_of(teacher))
    assert "data-class" not in bob.page.text
    bob.leave()


def server_of(person):
    return type("Server", (), {"url": person.url})
