"""Lesson "layers" in a real browser: arrival, prediction, reload, the envelope, the wire."""

import re

from playwright.sync_api import expect

from ...helpers import PATIENCE

READY = "html[data-ready=true]"
ACT = "[data-act=two_roads]"
RUN_OF = "[data-road=udp] li[data-run]"
STATE = """(
  _,
  texts = (where) => [...document.querySelectorAll(where)].map((each) => each.textContent),
) => ({
  run: document.querySelector("[data-road=udp] li[data-run]")?.dataset.run,
  tcp: texts("[data-road=tcp] li b").join(""),
  udp: texts("[data-road=udp] li:not([data-lost]) b"),
  lost: texts("[data-road=udp] li[data-lost]").length,
  sums: texts("[data-sum]"),
})"""
DRAG = "(stop, to) => { stop.value = to; stop.dispatchEvent(new Event('input', {bubbles: true})); }"
STREAM = "".join(f"{number:03}" for number in range(1, 41))
LONG_ENOUGH = PATIENCE * 1000  # a race that is on is waited for, and the next is told for 5 s


def test_a_race_begins_by_itself_is_bet_on_and_survives_a_reload(page):
    page.goto("/lesson/layers")
    page.wait_for_selector(READY)
    expect(page.locator(RUN_OF).first).to_be_visible()
    first = page.evaluate(STATE)["run"]
    page.check("[data-predict=two_roads] input[value=one_each]")
    page.dblclick("[data-predict=two_roads] [type=submit]")  # waits for the race that is on
    bet_on = page.locator(f"{RUN_OF}:not([data-run='{first}'])")
    expect(bet_on.nth(2)).to_be_attached(timeout=LONG_ENOUGH)
    second = page.evaluate(STATE)["run"]

    page.reload()
    expect(page.locator(ACT)).to_have_attribute("data-state", "done", timeout=LONG_ENOUGH)
    expect(page.locator(f"{ACT} .judged")).to_have_text("Not as you predicted.")
    facts = page.locator(f"{ACT} .facts li")
    expect(facts.first).to_contain_text(re.compile(r"TCP: \d+ calls .* none is missing"))
    expect(facts.nth(1)).to_contain_text(re.compile("UDP: 36 calls .* 4 missing"))
    ended = page.evaluate(STATE)
    assert (ended["run"], ended["tcp"], ended["lost"]) == (second, STREAM, 4)
    assert len(set(ended["udp"])) == 36
    assert ended["sums"][0].startswith("40 sent = 40 received + 0 missing, ")
    assert ended["sums"][1].startswith("40 sent = 36 received + 4 missing, 36 × recv(), ")

    page.reload()  # nothing begins twice, and what was there is there again
    page.wait_for_selector(READY)
    expect(page.locator(f"{ACT} .judged")).to_have_text("Not as you predicted.")
    expect(page.locator("[data-lost]")).to_have_count(4)
    assert page.evaluate(STATE) == ended


def test_the_own_word_is_wrapped_sent_and_found_on_the_wire(page):
    page.goto("/lesson/layers")
    page.wait_for_selector(READY)
    says, stop = page.locator("[data-wrap-says]"), page.locator("[name=stop]")
    size = page.locator("[data-size=frame]")
    page.fill("#word", "Grüße")
    expect(size).to_have_text("43")
    expect(page.locator("[data-size=event]")).to_have_text("27")
    expect(page.locator("[data-row=tcp] [data-port=client]")).to_have_text(re.compile(r"^\d+$"))
    page.click("[name=wrap]")
    captured = re.compile(r"^Captured: 4[4-6] bytes, of which [1-3] for the acknowledgement's id")
    expect(says).to_have_text(captured)
    stop.evaluate(DRAG, 17)
    expect(page.locator("[data-length]")).to_have_text("ff 00 00 00 00 00 01 7e ee")
    expect(page.locator("[data-segments]")).to_have_text("at least 68 segments")
    page.click("[name=wrap]")
    expect(says).to_contain_text("at most 32 KiB: this frame is computed, and never sent")

    stop.evaluate(DRAG, 0)
    expect(size).to_have_text("43")
    page.click("[name=wrap]")
    page.click("[data-on-wire]")
    expect(page.locator("#wire .wire-event")).to_contain_text("handled by handlers.py")
    below = page.locator("#wire .wire-below")
    expect(below.locator("summary")).to_contain_text("illustrated")
    below.locator("summary").click()
    expect(below).to_contain_text("no program is given them")
    expect(page.locator("[data-sum]").nth(1)).to_contain_text("20 sent = 20 received")
    page.locator(f"{RUN_OF}").nth(2).click()  # one packet, in the picture and on the wire
    chosen = page.locator("#wire .wire-log li[data-selected]")
    expect(chosen).to_contain_text("read /layers")
    expect(page.locator("[data-reads] [data-selected]")).to_have_count(1)

    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0


def test_on_the_wall_the_teacher_races_without_a_seat(page, live):
    page.goto(live.teacher_url)
    page.emulate_media(reduced_motion="reduce")  # nothing begins by itself
    page.goto("/lesson/layers?wall")
    page.wait_for_selector(READY)
    page.fill("[name=count]", "10")
    page.fill("[name=lose]", "50")
    page.dblclick("[name=race]")  # one race, and no refusal of a second
    expect(page.locator("[data-said]:not([data-kind=bad])")).to_contain_text("10 messages on each")
    expect(page.locator("[data-sum]").nth(1)).to_contain_text("10 sent = 5 received + 5 missing")
    expect(page.locator("[data-said]")).to_have_text(
        "The race is over: missing on TCP none, on UDP 5."
    )
    page.emulate_media(reduced_motion="no-preference")
