"""Lesson "acks" in a real browser: a quick order on arrival, the prediction, an id, a call."""

import re

from playwright.sync_api import expect

READY = "html[data-ready=true]"
ACT = "#act-three_soups"
LONG = 40_000  # ms: the slow kitchen takes 12 s, and the machine is busy
STATE = """() => {
  const text = (name) => document.querySelector(`[data-${name}]`).textContent;
  const count = (where) => document.querySelectorAll(where).length;
  return {
    word: text("says-it").split(",")[0],
    orders: text("orders"), soups: text("soups"),
    up: count("[data-packets] [data-up]"), down: count("[data-packets] li:not([data-up])"),
    late: count("[data-picture] .ack.late"), rings: count("[data-picture] .ring.closed"),
  };
}"""


def test_a_visit_from_the_quick_order_to_the_call(page):
    page.goto("/lesson/acks")
    page.wait_for_selector(READY)
    word = page.locator("[data-says-it]")

    # It begins by itself: one order, one soup, done.
    expect(word).to_have_text(re.compile("^done"))
    expect(page.locator("[data-said]")).to_contain_text("on the counter")
    quick = page.evaluate(STATE)
    assert quick["word"] == "done" and quick["soups"] == quick["orders"] == str(quick["up"])
    assert quick["down"] == quick["up"] >= 1

    # The prediction: three orders, three soups, and three answers that nobody waits for.
    page.check("[data-predict=three_soups] input[value=one_done]")
    page.dblclick("[data-predict=three_soups] [type=submit]")
    expect(page.locator(ACT)).to_have_attribute("data-state", "done", timeout=LONG)
    expect(page.locator(ACT)).to_contain_text("Not as you predicted.")
    facts = page.locator(f"{ACT} .facts li")
    expect(facts.nth(0)).to_contain_text(
        re.compile(r"sent 3 orders and said after \d\.\d s: failed")
    )
    expect(facts.nth(1)).to_contain_text(re.compile(r"3 soups stand .* after 1\d\.\d s"))
    expect(facts.nth(2)).to_contain_text("3 acknowledgements came too late")
    assert page.evaluate(STATE) == {"word": "failed", "orders": "3", "soups": "3"} | {
        "up": 3, "down": 3, "late": 3, "rings": 3,
    }  # fmt: skip
    assert 'data-event="cooked"' in page.locator("[data-picture]").inner_html()

    # On a phone: the kitchen looks at the id, and its answer is waited for.
    page.set_viewport_size({"width": 390, "height": 844})
    page.check("[name=remember]")
    page.check("[name=mode][value=silent]")
    page.click("[name=send]")
    silent = re.compile(r"sent 3 orders and said after \d\.\d s: failed\. 1 soup stands")
    expect(page.locator("[data-said]")).to_have_text(silent, timeout=LONG)
    page.check("[name=mode][value=broken]")
    page.click("[name=send]")
    expect(page.locator("[data-said]")).to_contain_text("refused. 0 soups")

    # Four sockets are called, and three answer.
    page.click("[data-part=call] > summary")
    page.click("[name=call]")
    expect(page.locator("[data-counted]")).to_contain_text("3 of 4 answered")
    expect(page.locator("[data-dots] .dot:not([data-here])")).to_have_text("robot 3: no answer")
    assert page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0

    page.reload()  # nothing begins twice, and the outcome stands there
    page.wait_for_selector(READY)
    expect(facts.nth(1)).to_contain_text("3 soups stand")
    assert page.evaluate(STATE)["orders"] == "0"
