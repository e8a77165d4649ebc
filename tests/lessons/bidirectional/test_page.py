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
