"""Lesson "lifecycle" in a real browser: the robot leaves, both sides say when they knew."""

import pytest
from playwright.sync_api import expect

from ...conftest import VIEW, watched

READY = "html[data-ready=true]"
LONG = ["hole", "freeze"]  # as long as the heartbeat and 2 s: they begin first
QUICK = ["goodbye", "server_goodbye", "cut", "cut_poll", "reload", "unknown", "manager"]
# Resolves when the heartbeat's bar has been full, by a ping, and not full, by the clock.
FULL_AND_LESS = """() => new Promise((done) => {
  const bar = document.querySelector("[data-beat]");
  const seen = new Set();
  const look = () => {
    seen.add(Number.parseFloat(bar.style.scale) > 0.999);
    if (seen.size === 2) done();
  };
  new MutationObserver(look).observe(bar, { attributeFilter: ["style"] });
})"""
NEEDS = 30_000  # ms, on a busy machine


@pytest.fixture
def page(chromium, quick):
    """A page of the server whose heartbeat is over in 3 s."""
    context = chromium.new_context(base_url=quick.url, viewport=VIEW)
    page = watched(context, quick.url)
    yield page
    context.close()
    # Who polls with a session that is gone is answered 400, which browsers write to their console.
    assert not [each for each in page.expected_errors if "status of 400" not in each]


def shown(page):
    """All that the panel says of the departure, at one moment."""
    return page.evaluate(
        """() => {
          const text = (name) => document.querySelector(`[data-${name}]`).textContent;
          const knows = (side) => document.querySelector(`[data-side=${side}][data-state=knows]`);
          const word = (side) => knows(side)?.querySelector("[data-word]").textContent;
          const fresh = document.querySelector("[data-new]");
          return {
            server: word("server") ?? null,
            client: word("client") ?? null,
            addressed: Number(text("addressed")),
            confirmed: Number(text("confirmed")),
            sids: [text("sid"), fresh.hidden ? null : fresh.textContent],
            lost: document.querySelectorAll("[data-picture] circle.lost").length,
          };
        }"""
    )


def knows(page, side, reason):
    word = page.locator(f"[data-side={side}][data-state=knows] [data-word]")
    expect(word).to_have_text(reason, timeout=NEEDS)


def tap(page, share):
    """Tap the time axis at this share of its width."""
    box = page.locator("[data-picture]").bounding_box()
    page.mouse.click(box["x"] + share * box["width"], box["y"] + 60)


def test_a_visit_from_the_cut_on_arrival_to_every_reason(page):
    page.goto("/lesson/lifecycle")
    page.wait_for_selector(READY)

    # It begins by itself with a cut, which both sides know at once; the robot is back.
    for side in ("server", "client"):
        knows(page, side, "transport close")
    expect(page.locator("[data-new]")).to_be_visible(timeout=NEEDS)
    cut = shown(page)
    assert cut["sids"][0] != cut["sids"][1] and cut["addressed"] == 0

    # The prediction is made on the time axis or by its words.
    tap(page, 0.27)
    expect(page.locator("[data-says]")).to_contain_text("none of the four answers")
    tap(page, 0.6)
    expect(page.locator('[data-bet="heartbeat"]')).to_have_attribute("aria-pressed", "true")
    page.locator('[data-bet="at_once"]').press("Enter")
    expect(page.locator("[name=choice][value=at_once]")).to_be_checked()
    page.locator("#act-when_noticed [name=run]").dblclick()
    expect(page.locator("#act-when_noticed")).to_have_attribute("data-state", "done", timeout=NEEDS)

    hole = shown(page)
    facts = page.locator("#act-when_noticed .facts")
    assert hole["server"] == hole["client"] == "ping timeout"
    assert hole["addressed"] == hole["lost"] >= 1 and hole["confirmed"] == 0
    assert hole["sids"][0] == cut["sids"][1] != hole["sids"][1]
    expect(facts).to_contain_text("disconnect handler ran after")
    expect(page.locator("#act-when_noticed")).to_contain_text("A pulled cable sends nothing")

    # After a reload the outcome stands there, and nothing begins a second time.
    page.reload()
    page.wait_for_selector(READY)
    expect(facts).to_contain_text("disconnect handler ran after")
    expect(page.locator('[data-bet="at_once"]')).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-sid]")).not_to_have_text("–", timeout=NEEDS)  # the robot is here
    assert shown(page)["server"] is None

    every_reason(page)
    names(page)
    heartbeat(page)


def every_reason(page):
    """Each button gives what its row of the table promises, on a phone too."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("[data-part=reasons] > summary").click()
    rows = {way: page.locator(f"[data-way={way}]") for way in LONG + QUICK}
    for way, row in rows.items():
        row.locator("[name=try]").click()
        if way in QUICK:
            expect(row.locator("[data-seen]")).to_contain_text("Python: ", timeout=NEEDS)
    for way, row in rows.items():
        expect(row.locator("[data-seen]")).to_contain_text("Python: ", timeout=NEEDS)
        promised = row.locator("[data-js-reason]").get_attribute("data-js-reason") or "–"
        python = row.locator("[data-python-reason]").get_attribute("data-python-reason")
        expect(row.locator("[data-seen]"), way).to_contain_text(f"JavaScript: {promised}")
        expect(row.locator("[data-seen]"), way).to_contain_text(f"Python: {python}")
    page.click("[data-nope]")
    expect(page.locator("[data-nope-says]")).to_contain_text("there is no namespace /nope")
    page.locator("[data-part=manager] > summary").click()
    expect(page.locator('[data-manager="open"] [data-count]')).not_to_have_text("0")


def names(page):
    """Six of the twelve throw; the others cross, and the server says that it has no handler."""
    page.locator("[data-part=names] > summary").click()
    for button in page.locator("[data-name] [name=library]").all():
        button.click()
    expect(page.locator("[data-score]")).to_contain_text("6 of 12 right")
    expect(page.locator('[data-name="disconnecting"]')).to_contain_text("is a reserved event name")
    expect(page.locator('[data-name="ping"]')).to_contain_text("no handler named on_ping")


def heartbeat(page):
    """The page's own connection has its heartbeat in the header; a click says what that is."""
    page.evaluate(FULL_AND_LESS)
    page.click("[data-connection]")
    expect(page.locator(".beats .sheet")).to_contain_text("ends after 3 s")
