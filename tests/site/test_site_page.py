"""The pages around the lessons in a real browser: the menu, the home page, the glossary."""

import re

from playwright.sync_api import expect

ENGINE = "/socket.io/?EIO=4&transport=polling"


def test_the_menu_opens_and_closes_by_keyboard_and_by_pointer_at_both_widths(page):
    page.goto("/nowhere")
    page.expected_errors.clear()  # the 404 itself
    menu, button = page.locator("[data-menu]"), page.locator("[data-menu] summary")
    shut = page.locator("[data-menu]:not([open])")
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
        expect(shut).to_be_attached()

        button.click()
        page.mouse.click(width / 2, 20)
        expect(shut).to_be_attached()
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


def test_the_home_page_marks_what_was_run_and_checked_in_this_tab(page):
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
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("[data-facts]")).to_contain_text("ms")
    facts = page.locator("[data-facts]")
    facts.evaluate("(e) => e.replaceChildren('1,234 ms')")  # the worst that it has to say
    where, pill = page.locator(".where"), page.locator("[data-connection]")
    box = where.bounding_box()
    assert box["x"] + box["width"] <= pill.bounding_box()["x"]  # no word lies under another
    assert page.locator(".crumb").evaluate("(e) => e.scrollWidth <= e.clientWidth")  # nor is it cut
    expect(page.locator(".seated bdi")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 720})
    check = page.locator("[data-check]").first
    answer = check.locator("[data-right]").get_attribute("data-choice")
    check.locator(f"input[value={answer}]").check()
    check.locator("[type=submit]").click()
    expect(check.locator("[data-verdict][data-good]")).to_be_visible()
    page.goto("/")
    pips = page.locator("[data-pips]:visible .pip")
    expect(pips).to_have_text(
        ["Predicted: done", "Run: done", re.compile(r"Checked 1 of \d: not yet")]
    )
    page.evaluate("sessionStorage.clear()")
    page.reload()
    expect(pips).to_have_text(["Predicted: done", "Run: not yet", "Checked: not yet"])
