"""The review in a real browser, in one visit; and that what is written there stays there."""

import json
import re

import pytest
import requests
from playwright.sync_api import expect

from socketlab.site import notes

from .. import layout
from ..conftest import watched
from ..helpers import PATIENCE, ROOT, Client
from ..test_axe import AXE, Checked
from ..test_layout import PHONE

NOTES = notes.read_all(ROOT / "notes")
MINE = "Ottersong: the server pushes whenever it has something new"
AGAIN = "Wrenwhistle, and the client keeps the number it has handled"
LOCKED = "form[data-mine] textarea[readonly]"


@pytest.fixture
def visitor(chromium, live):
    """A page of a student in the class; ``sent`` is all it sends: addresses, bodies, frames."""
    context = chromium.new_context(base_url=live.url, viewport={"width": 1280, "height": 720})
    card = requests.get(live.teacher_url, timeout=PATIENCE).text
    code = re.search(r'class="pill way".*?<b>(.+?)</b>', card)[1]
    context.request.post("/join", form={"code": code, "nick": "reviewer"})
    page = watched(context, live.url)
    page.sent = []
    page.on("request", lambda r: page.sent.append(f"{r.method} {r.url} {r.post_data or ''}"))
    page.on("websocket", lambda ws: ws.on("framesent", lambda text: page.sent.append(str(text))))
    yield page
    context.close()
    assert not page.expected_errors, page.expected_errors


def answer(page, question, text):
    card = page.locator(f"article#{question}")
    card.locator("textarea").fill(text)
    card.get_by_role("button", name="Lock and compare").click()
    expect(card.locator("[data-rates]")).to_be_visible()
    return card


def test_an_answer_is_locked_compared_and_rated_and_never_leaves_the_browser(visitor, live):
    page = visitor
    page.goto("/review")
    card = page.locator("article#missed")
    expect(card.locator("details")).to_be_hidden()
    card.locator("textarea").fill("No idea.")
    card.get_by_role("button", name="Lock and compare").click()
    expect(card.locator("[data-note]")).to_have_text(
        "A little more: what would you tell a classmate?"
    )
    expect(card.locator("textarea")).to_be_focused()
    expect(card.locator("details")).to_be_hidden()

    with page.expect_response("**/review/answer") as told:
        answer(page, "missed", MINE)
    assert told.value.json()["ok"]
    expect(card.locator("summary")).to_be_focused()
    expect(card.get_by_text("at most once", exact=True)).to_be_visible()
    expect(card.locator(LOCKED)).to_have_value(MINE)
    with page.expect_response("**/review/rate"):
        card.get_by_role("button", name="Not yet").press("Enter")
    expect(card.get_by_role("button", name="Not yet")).to_have_attribute("aria-pressed", "true")
    expect(card.locator("[data-comes-back]")).to_have_text("It comes back after 2 more lessons.")
    expect(page.locator("[data-so-far]")).to_have_text("You have answered 1 of 24.")

    page.locator("article#udp textarea").fill("A draft of it")
    page.reload()
    expect(card.locator(LOCKED)).to_have_value(MINE)
    expect(card.get_by_role("button", name="Not yet")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("article#udp textarea")).to_have_value("A draft of it")

    looks_right(page)

    begin_lessons(page, live.url)
    page.goto("/")
    page.get_by_role("link", name="review", exact=True).click()
    page.get_by_role("navigation", name="Come back to you").get_by_role("link").click()
    expect(card.locator("textarea")).to_have_value("")
    expect(card.locator("details")).to_be_hidden()
    answer(page, "missed", AGAIN)
    expect(card.get_by_text(MINE)).to_be_visible()

    page.get_by_role("button", name="Delete what I wrote").click()
    expect(card.locator("textarea")).to_have_value("")
    assert page.evaluate("localStorage.getItem('review')") is None
    wire = page.request.get("/wire?after=0", timeout=PATIENCE * 1000).json()["rows"]
    told = "".join(page.sent) + json.dumps(wire) + str([bytes.fromhex(r["hex"]) for r in wire])
    assert (
        "/class" in told and "/review/rate" in told and '"rating":"not_yet"' in "".join(page.sent)
    )
    assert not [word for word in ("Ottersong", "Wrenwhistle", "draft of it") if word in told]


def begin_lessons(page, url):
    """Lock a prediction in two of them, by a socket of the same seat."""
    client = Client()
    (seat,) = (c["value"] for c in page.context.cookies() if c["name"] == "socketlab_seat")
    client.connect(url, namespaces=["/class"], auth={"seat": seat}, wait_timeout=PATIENCE)
    for note in NOTES[:2]:
        (step, *_) = note.predictions
        bet = {"step": step.id, "choice": step.choices[0].id}
        assert client.ask("/class", "predict", bet)["ok"]
    client.disconnect()


def looks_right(page):
    """An opened card: nothing for axe, and on a phone nothing too wide, too small or covered."""
    page.emulate_media(reduced_motion="reduce")
    if AXE.exists():
        checked = Checked(page)
        checked.in_both_themes("opened", "article#missed")
        assert checked.found == {}
    rules = page.evaluate_handle(layout.rules())
    for width, height in (PHONE, (320, 640)):
        page.set_viewport_size({"width": width, "height": height})
        for rule in ("tooWide", "overlaps"):
            found = page.evaluate("([rules, rule]) => rules[rule]()", [rules, rule])
            assert found == [], (width, rule)
    page.set_viewport_size({"width": 1280, "height": 720})
