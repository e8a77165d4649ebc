"""The timeline in a real browser: arrows at the times of rows, answers tied to their events."""

import re

import pytest
from playwright.sync_api import expect

READY = "html[data-ready=true]"


def opened(page):
    """Lesson 1 with one wave on the wire and the timeline open."""
    page.goto("/lesson/bidirectional")
    page.wait_for_selector(READY)
    page.click("[data-tab=timeline]")
    expect(page.locator(".arrow[role=option]").first).to_be_attached()
    page.click("[data-wave] button")
    expect(arrow(page, "wave")).to_have_count(1)
    expect(arrow(page, "ack of wave")).to_have_count(1)
    return page


@pytest.fixture
def timeline(page):
    return opened(page)


def arrow(page, name):
    """The arrows of this event."""
    return page.locator(f".arrow[role=option][data-what='{name}']")


def rows_by_id(page):
    rows = page.evaluate("async () => (await (await fetch('/wire?after=0')).json()).rows")
    return {f"wire-{row['n']}": row for row in rows}


def test_every_arrow_stands_at_the_time_of_its_row(timeline):
    rows = rows_by_id(timeline)
    drawn = timeline.locator(".arrow[role=option]").evaluate_all(
        "all => all.map(e => [e.dataset.row, Number(e.dataset.at), "
        "e.querySelector('.seen').cy.baseVal.value])"
    )
    assert len(drawn) >= 5
    for name, at, _ in drawn:
        if name in rows:  # a row that is one of several parts has a longer name
            assert at == rows[name]["at"]
    times, heights = zip(*[(at, y) for _, at, y in drawn], strict=True)
    assert list(times) == sorted(times)
    close = [
        ((y2 - y1), (t2 - t1))
        for (t1, y1), (t2, y2) in zip(
            zip(times, heights, strict=True),
            zip(times[1:], heights[1:], strict=True),
            strict=False,
        )
        if 0 < t2 - t1 < 4
    ]
    assert close
    for dy, dt in close:
        assert dy == pytest.approx(dt * 30, abs=0.1)


def test_an_answer_is_an_arrow_of_its_own_tied_to_its_event(timeline):
    event, answer = arrow(timeline, "wave"), arrow(timeline, "ack of wave")
    asked = answer.get_attribute("data-asked")

    assert asked == event.get_attribute("data-row")
    assert answer.get_attribute("data-ack") == ""
    assert answer.get_attribute("data-way") == "down"
    name = answer.get_attribute("data-row")
    assert timeline.locator(f".bond[data-of='{name}']").count() == 1
    dashes = answer.locator(".shaft").evaluate("e => getComputedStyle(e).strokeDasharray")
    assert dashes != "none"
    rows = rows_by_id(timeline)
    apart = rows[name]["at"] - rows[asked]["at"]
    expect(answer).to_contain_text(f"{apart:.2f} ms after its event")


def test_an_end_that_nobody_measured_stays_open_and_a_measured_one_does_not(timeline):
    expect(arrow(timeline, "wave").locator(".open")).to_have_count(1)
    timeline.click("[data-race] [name=start]")
    posted = arrow(timeline, "posted").first
    expect(posted).to_be_attached()
    expect(posted.locator(".open")).to_have_count(0)

    expect(posted).to_contain_text("on its way")
    assert arrow(timeline, "ack of start").locator(".open").count() == 1
    timeline.click("[data-race] [name=stop]")


def test_a_run_can_be_drawn_alone(timeline):
    timeline.click("[data-race] [name=start]")
    expect(arrow(timeline, "posted").first).to_be_attached()
    timeline.click("[data-race] [name=stop]")
    scope = timeline.locator("select[aria-label='What is drawn']")
    scope.select_option(scope.locator("option[value^=run]").first.get_attribute("value"))

    expect(arrow(timeline, "wave")).to_have_count(0)
    expect(arrow(timeline, "start")).to_have_count(1)
    expect(arrow(timeline, "ack of start")).to_have_count(1)


def test_a_robot_has_a_line_of_life_of_its_own(timeline):
    before = timeline.locator(".life").count()
    timeline.locator("[data-robot=add], [data-add-robot]").click()
    expect(timeline.locator(".time-heads")).to_contain_text("robot 1")

    expect(timeline.locator(".life")).to_have_count(before + 1)
    expect(timeline.locator(".time-heads")).to_contain_text("server")


def test_the_replay_is_slowed_says_so_and_can_be_paused(timeline):
    timeline.click("button[aria-label=Replay]")
    caption = timeline.locator(".time-caption")
    expect(caption).to_have_text(re.compile(r"^replayed at 1/200 of real speed"))
    expect(timeline.locator(".arrow[data-later]").first).to_be_attached()
    timeline.click("button[aria-label=Pause]")
    expect(timeline.locator(".arrow[data-later]")).to_have_count(0)
    timeline.select_option("select[aria-label='Speed of the replay']", "1000")

    expect(caption).to_have_text(re.compile(r"^replayed at 1/1000 "))
    expect(timeline.locator(".time-words")).to_contain_text("after the first arrow")


def test_the_steps_go_both_ways_and_say_what_was_measured(timeline):
    words = timeline.locator(".time-words")
    on = timeline.locator(".arrow[data-on]")
    arrow(timeline, "wave").locator("text").last.click()
    here = on.get_attribute("data-row")
    timeline.click("button[aria-label='One step on']")
    expect(on).not_to_have_attribute("data-row", here)
    timeline.click("button[aria-label='One step back']")

    expect(on).to_have_attribute("data-row", here)
    expect(words).to_contain_text("reached the server at")
    expect(words.locator(".wire-badge")).to_have_text("captured")
    expect(words).to_contain_text("is not measured")
    arrow(timeline, "ack of wave").locator("text").last.click()
    expect(words.locator(".wire-badge")).to_have_text(["captured", "computed"])


def test_the_arrows_can_be_walked_from_the_keyboard(timeline):
    timeline.locator(".arrow[tabindex='0']").focus()
    timeline.keyboard.press("End")
    last = timeline.locator(".arrow[role=option]").last
    expect(last).to_be_focused()
    timeline.keyboard.press("ArrowUp")

    expect(last).not_to_be_focused()
    here = timeline.evaluate("document.activeElement.dataset.row")
    timeline.evaluate("document.querySelector('[data-wave] button').click()")
    expect(arrow(timeline, "wave")).to_have_count(2)  # drawn anew, and the focus stays
    assert timeline.evaluate("document.activeElement.dataset.row") == here
    assert timeline.locator(".arrow[role=option][tabindex='0']").count() == 1
    expect(timeline.locator(".arrow[data-on]")).to_be_focused()


def test_timeline_and_wire_select_the_same_packet(timeline):
    timeline.click("[data-tab=wire]")
    wave = timeline.locator(
        ".wire-log li", has=timeline.locator("b", has_text=re.compile("^wave$"))
    )
    expect(wave).to_have_count(1)
    timeline.click("[data-tab=timeline]")
    arrow(timeline, "wave").locator("text").last.click()
    timeline.click("[data-tab=wire]")
    expect(timeline.locator(".wire-log [data-selected] b")).to_have_text("wave")
    timeline.locator(".wire-log li b", has_text=re.compile("^ack of wave$")).click()
    timeline.click("[data-tab=timeline]")

    expect(timeline.locator(".arrow[data-on]")).to_have_attribute(
        "aria-label", re.compile("ack of wave /bidirectional")
    )


def test_reduced_motion_draws_arrows_and_moves_nothing(chromium, live):
    context = chromium.new_context(reduced_motion="reduce", base_url=live.url)
    page = opened(context.new_page())
    page.click("button[aria-label=Replay]")
    expect(page.locator(".time-caption")).to_contain_text("replayed at")
    page.click("button[aria-label='One step on'] ")
    moving = page.evaluate("document.getAnimations().length")
    flying = page.locator(".flying").count()
    context.close()

    assert (moving, flying) == (0, 0)


def test_a_new_row_makes_the_nodes_of_its_own_arrow_and_no_others(timeline):
    """A second of 20 events, with 500 rows kept and a picture that is full."""
    figures = timeline.evaluate(
        """async () => {
          const { mountTimeline } = await import("/static/lib/timeline.js");
          const all = (await (await fetch("/wire?after=0")).json()).rows;
          const event = all.findLast(({ layers }) => layers.some(({ name }) => name === "waved"));
          let n = 0;
          let tell;
          const row = () => ({ ...event, n: 1e6 + n, at: event.at + 50 * n++ });
          const feed = { rows: Array.from({ length: 500 }, row), nudge() {},
            subscribe: (heard) => ((tell = heard), () => {}) };
          const root = document.querySelector("#timeline");
          mountTimeline(root, feed);
          let made = 0;
          for (const name of ["createElement", "createElementNS"]) {
            const create = document[name].bind(document);
            document[name] = (...what) => (made++, create(...what));
          }
          const frame = () => new Promise(requestAnimationFrame);
          for (let events = 0; events < 20; events++) {
            feed.rows = [...feed.rows, row()].slice(-500);
            tell();
            await frame();
            await frame();
          }
          const arrows = [...root.querySelectorAll(".arrow[role=option]")];
          return { made, arrows: arrows.length, last: arrows.at(-1).dataset.row,
            first: arrows[0].querySelector(".when").textContent.trim(),
            height: root.querySelector(".time-picture").viewBox.baseVal.height };
        }"""
    )
    print(figures)

    assert figures["arrows"] == 200
    assert figures["last"] == "wire-1000519"
    assert figures["first"] == "0.00 ms"
    assert figures["height"] < 200 * 60  # as tall as what it shows
    assert figures["made"] <= 20 * 12  # all 200 arrows, twenty times, were over 50,000


def test_markup_in_an_event_is_text(timeline):
    timeline.fill("[data-wave] input[name=text]", "<img src=x>")
    timeline.click("[data-wave] button")
    expect(timeline.locator(".time-picture")).to_contain_text("<img src=x")

    assert timeline.locator("img, image").count() == 0


def test_the_page_wire_draws_the_same_arrows(page):
    opened(page)
    page.goto("/wire")
    page.click("[data-view=time]")

    expect(arrow(page, "ack of wave")).to_have_count(1)
    assert page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
