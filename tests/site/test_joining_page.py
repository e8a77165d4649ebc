"""The doctor examines this very device, and the card fills one sheet: in a real browser."""

import re

from playwright.sync_api import expect

PHONE, LAPTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 720}
PAGE_OF_A_PDF = rb"/Type\s*/Page\b"
TRIALS = ["script", "polling", "upgrade", "trip", "clock"]


def test_the_doctor_really_connects_upgrades_and_measures(page):
    sockets = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.set_viewport_size(PHONE)
    page.goto("/check")
    verdict = page.locator("[data-verdict-of-device]")
    expect(verdict).to_have_text("Everything works on this device.")
    lines = page.locator("[data-trial]").evaluate_all(
        "lines => lines.map(({ dataset, textContent }) => [dataset, textContent])"
    )

    assert [data["trial"] for data, _ in lines] == TRIALS
    assert {data["state"] for data, _ in lines} == {"passed"}
    assert re.search(r"polling after \d+ ms", lines[1][1])
    assert re.search(r"WebSocket after \d+ ms", lines[2][1])
    assert re.search(r"(\d+|less than 1) ms", lines[3][1]) and "the same" in lines[4][1]
    assert len(sockets) == 1
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")

    page.route("**/socket.io/?*", lambda route: route.abort())
    page.get_by_role("button", name="Try again").click()
    expect(verdict).to_have_text("This device has no connection to the server.")
    assert page.locator("[data-trial=polling]").get_attribute("data-state") == "failed"
    page.unroute("**/socket.io/?*")
    assert all("ERR_FAILED" in error for error in page.expected_errors)
    page.expected_errors.clear()


def test_the_doctor_shows_who_comes_while_it_is_looked_at(chromium, start):
    server = start("--lan")
    context = chromium.new_context(base_url=server.url, viewport=PHONE)
    page, report = context.new_page(), {"only_here": False, "quiet_seconds": 61}
    way = {"url": "http://10.0.0.7:8000", "visitors": 0, "seconds_ago": None}
    page.route("**/check/addresses", lambda route: route.fulfill(json=report))
    report["addresses"] = [way]
    page.goto("/check")
    expect(page.locator("[data-ways]")).to_contain_text("no other machine has opened it yet")
    expect(page.locator("[data-advice]")).to_have_attribute("open", "")
    page.locator("[data-advice] summary").click()
    report["quiet_seconds"], way["visitors"], way["seconds_ago"] = None, 1, 3
    expect(page.locator("[data-alone]")).to_have_attribute("data-state", "reached")
    expect(page.locator("[data-ways]")).to_contain_text("opened by 1 other machine, last 3 s ago")
    assert page.locator("[data-advice]").get_attribute("open") is None, "closed, it stays closed"
    context.close()


def test_the_card_prints_on_one_page_whatever_the_theme(page, live):
    page.goto(live.teacher_url)
    page.goto("/teach/card")
    for theme in ("light", "dark", "projector"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        paper = page.pdf(prefer_css_page_size=True)
        size = [
            round(float(n)) for n in re.search(rb"/MediaBox \[0 0 (\S+) (\S+)\]", paper).groups()
        ]

        assert len(re.findall(PAGE_OF_A_PDF, paper)) == 1
        assert size == [595, 842], "points of an A4 sheet"
    page.emulate_media(media="print")
    ink = page.locator(".sheet-of-paper .code").evaluate("(e) => getComputedStyle(e).color")
    assert ink == "rgb(0, 0, 0)"
    assert not page.locator(".top, [data-print]").and_(page.locator(":visible")).count()
    page.emulate_media(media="screen")
    for size in (PHONE, LAPTOP):
        page.set_viewport_size(size)
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
