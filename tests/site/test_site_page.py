"""The pages around the lessons in a real browser: the menu, the home page, the glossary."""

import re

from playwright.sync_api import expect


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
