"""The pages around the lessons in a real browser: the menu, the home page, the glossary."""

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
