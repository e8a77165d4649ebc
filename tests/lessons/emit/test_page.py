"""Lesson "emit" in a real browser: arrival, taps, run, reload, every line, the bell, volatile."""

import re

from playwright.sync_api import expect

READY = "html[data-ready=true]"
ACT = "[data-act=who_lights]"
ME, ALL_DOTS = "[data-cell=lab] [data-mine]", ".cell [data-sid]"
FIGURES = """(
  _,
  figure = (name) => document.querySelector(`[data-${name}]`).textContent,
) => ["addressed", "confirmed", "silent"].map(figure).join(" ")"""
LIT = {
    "broadcast": "4 4 0",
    "not_me": "3 3 0",
    "rooms": "3 3 0",
    "room_not_me": "1 1 0",
    "namespace": "1 1 0",
    "send": "4 4 0",
}


def figures(page, expected):
    page.wait_for_function(f"(expected) => ({FIGURES})() === expected", arg=expected)


def test_the_dots_light_and_are_bet_on_and_survive_a_reload(page):
    page.goto("/lesson/emit")
    page.wait_for_selector(READY)
    expect(page.locator(ALL_DOTS)).to_have_count(5)
    figures(page, "4 4 0")  # what is fired by itself: everybody in the namespace, and not upstairs
    assert page.locator("[data-state=received]").count() == 4

    for cell in ("lab", "both", "hall", "none"):
        page.click(f"[data-cell={cell}] button")
    expect(page.locator("[data-predict=who_lights] input[value=all]")).to_be_checked()
    page.focus(ME)
    page.keyboard.press("Enter")  # the same by the keyboard: everybody but me
    expect(page.locator("[data-predict=who_lights] input[value=not_me]")).to_be_checked()
    expect(page.locator("[data-bet=not_me]")).to_have_attribute("aria-pressed", "true")
    page.dblclick("[data-predict=who_lights] [type=submit]")
    expect(page.locator(f"{ACT} .judged")).to_have_text("Not as you predicted.")
    expect(page.locator(f"{ACT} .facts")).to_have_text(
        re.compile(r"1 of 5 sockets.*handlers: 1\..*nobody else's.*1 right, 4 wrong", re.DOTALL)
    )
    expect(page.locator("[data-wrong]")).to_have_count(4)
    expect(page.locator("[data-python]").last).to_have_text('emit("heard", heard)')

    page.reload()  # the outcome is there, the robots come again, and nothing is fired
    page.wait_for_selector(READY)
    expect(page.locator(f"{ACT} .judged")).to_have_text("Not as you predicted.")
    expect(page.locator(ALL_DOTS)).to_have_count(5)
    assert page.evaluate(FIGURES) == "– – –"
    for line, lit in LIT.items():
        page.click(f"[data-line={line}]")
        figures(page, lit)
    page.click("[data-line=callback]")
    expect(page.locator("[data-said]")).to_contain_text("your callback ran on the server")
    expect(page.locator("dd [data-node]")).to_contain_text("answerCame")
    expect(page.locator("[data-at]")).to_have_text(re.compile(r"handlers.py, line \d+, just ran"))

    page.fill("#bell-text", "it's me")
    page.click("[name=ring]")
    expect(page.locator("[data-answer]")).to_have_text(re.compile(r'^200: \{.*"addressed":4\}$'))
    figures(page, "4 4 0")
    page.select_option("#bell-how", "context")
    page.click("[name=ring]")
    expect(page.locator("[data-answer]")).to_have_text(re.compile("^500: AttributeError: .*namesp"))
    assert [line for line in page.expected_errors if " 500 " not in line] == []
    page.expected_errors.clear()
    assert "it'\\''s me" in page.locator("[data-command]").text_content()

    page.click("[data-volatile] summary")
    page.click("[data-try]")
    expect(page.locator("[data-volatile-says]")).to_have_text(
        "Emitted while disconnected: 1 ordinary, 1 arrived late; 1 volatile, 0 arrived."
    )
    page.click("[data-line=send]")
    figures(page, "4 4 0")
    page.click("[data-on-wire]")
    expect(page.locator("#wire .wire-event").last).to_contain_text("message")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
