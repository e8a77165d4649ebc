"""The pages around the lessons in a real browser: the menu, the home page, the glossary."""

import json
import re

import requests
from playwright.sync_api import expect

from ..helpers import PATIENCE, exchange

ENGINE = "/socket.io/?EIO=4&transport=polling"


def test_the_menu_opens_and_closes_by_keyboard_and_by_pointer_at_both_widths(page):
    page.goto("/nowhere")
    page.expected_errors.clear()  # the 404 itself
    menu, button = page.locator("[data-menu]"), page.locator("[data-menu] summary")
    for width, first in ((1280, "/lesson/bidirectional"), (390, "/")):
        page.set_viewport_size({"width": width, "height": 720})
        button.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(menu.locator("a:focus")).to_have_attribute("href", first)
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
        last = menu.locator("li:visible").last
        last.scroll_into_view_if_needed()
        assert last.bounding_box()["y"] < 720
        page.keyboard.press("Escape")
        expect(button).to_be_focused()
        assert menu.get_attribute("open") is None

        button.click()
        page.mouse.click(width / 2, 20)
        assert menu.get_attribute("open") is None
        assert page.locator(".top").bounding_box()["height"] <= 52


def test_the_glossary_filters_as_one_types_and_says_how_many_are_left(page):
    page.goto("/glossary")
    field, found = page.get_by_label("Find a term"), page.locator("[data-found]")
    seen, letters = page.locator("[data-term]:visible"), page.locator(".finder nav a:visible")
    all_of_them, all_letters = seen.count(), letters.count()
    field.press_sequentially("redis")
    expect(found).to_have_text(re.compile(r"^[1-6] terms? of \d+$"))
    expect(page.locator("[data-status]")).to_have_text(re.compile(r"^[1-6] terms? found$"))
    assert seen.count() == int(found.inner_text()[0])
    assert letters.count() <= seen.count()
    field.press("Enter")
    expect(page.locator("#redis-adapter")).to_be_focused()

    field.fill("zzz")
    expect(found).to_have_text(f"0 terms of {all_of_them}")
    field.fill("")
    expect(seen).to_have_count(all_of_them)
    assert letters.count() == all_letters and found.inner_text() == ""

    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    page.goto("/glossary#room")  # and what a link leads to is not behind the bar
    top, bar = page.locator("#room").bounding_box(), page.locator(".finder").bounding_box()
    assert bar["y"] + bar["height"] <= top["y"] < 640


def test_the_home_page_moves_by_what_was_measured_and_opens_no_socket(page):
    sockets, asked = [], []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    says = page.locator("[data-says]")
    expect(says).to_have_text(re.compile(r"You asked for this page; .*\d ms"))
    flying = "document.getAnimations().some((a) => a.effect.target.matches('.request, .answer'))"
    assert page.evaluate(flying)
    for width, height in ((1280, 720), (390, 664)):
        page.set_viewport_size({"width": width, "height": height})
        box = page.get_by_role("link", name="Begin lesson 1").bounding_box()
        assert box["y"] + box["height"] < height
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Ask again").click()
    expect(says).to_have_text(re.compile(r"Answered after [\d.]+ ms: \d+ taken seats?, \d+ open"))
    expect(page.locator("[data-status]")).to_have_text(re.compile("Answered after"))
    assert sockets == [] and not [url for url in asked if "/socket.io/" in url]


def test_the_home_page_marks_a_run_whose_outcome_this_tab_has_kept(page):
    page.goto("/lesson/bidirectional")
    page.wait_for_selector("html[data-ready=true]")
    ack = page.evaluate(
        """async () => {
          const { ask, connect } = await import("/static/lib/line.js");
          const form = document.querySelector("[data-predict]");
          const { predict: step, choice = form.elements.choice[0].value } = form.dataset;
          const { everyone } = connect("bidirectional");
          await new Promise((done) => everyone.once("connect", done));
          const ack = await ask(everyone, "predict", { step, choice });
          const kept = { seat: "x", choice, sentences: ["12 requests"] };
          sessionStorage.setItem(`outcome ${step}`, JSON.stringify(kept));
          return ack;
        }"""
    )
    assert ack["ok"], ack
    page.goto("/")
    pips = page.locator("[data-locked] .pip")
    expect(pips).to_have_text(["Predicted: done", "Run: done"])
    page.evaluate("sessionStorage.clear()")
    page.reload()
    expect(pips).to_have_text(["Predicted: done", "Run: not yet"])


def test_the_servers_health_is_read_again_while_its_panel_is_open_and_not_otherwise(page, live):
    asked = []
    page.on("request", lambda request: request.url.endswith("/healthz") and asked.append(request))
    page.goto(live.teacher_url)
    panel, row = page.locator("[data-health-panel]"), page.locator("[data-health='limits.packet']")
    count = row.text_content()
    assert not asked
    with page.expect_response("**/healthz"):
        panel.locator("summary").click()
    exchange(live.port, b"GET / HTTP/1.1\r\n\r\n")  # is about no limit
    query = f"{ENGINE}&sid={open_session(live.url)}"
    assert requests.post(live.url + query, data="9", timeout=PATIENCE).status_code == 400
    expect(row).to_have_text(f"{int(count.replace(',', '')) + 1:,}")

    expect(row).to_be_visible()
    expect(page.locator("[data-no-limits]")).to_be_hidden()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 720})
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    panel.locator("summary").click()
    known = len(asked)
    page.goto("/healthz")  # as a reader who wonders
    assert len(asked) == known + 1


def open_session(url):
    """A polling session of nobody."""
    answer = requests.get(url + ENGINE, timeout=PATIENCE)
    return json.loads(answer.text[1:])["sid"]
