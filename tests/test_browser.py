"""Lesson 1 in a real browser, as a student meets it: wrong input first."""

import json
import re

import pytest
from playwright.sync_api import expect

from socketlab.site import notes

from .contrast import too_faint
from .helpers import ROOT

LESSONS = [note.slug for note in notes.read_all(ROOT / "notes")]
READY = "html[data-ready=true]"
SIZES = [(1440, 900), (390, 844), (320, 640)]


@pytest.fixture
def lesson(page):
    page.goto("/lesson/bidirectional")
    page.wait_for_selector(READY)
    return page


@pytest.fixture(scope="module", autouse=True)
def racing(chromium, live):
    """A page whose race of 24 s goes on while the other tests run; the last test looks at it."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{live.url}/lesson/bidirectional")
    page.wait_for_selector(READY)
    page.check("[data-predict=race] input[value=per_interval]")
    page.click("[data-predict=race] [type=submit]")
    yield page
    context.close()


def said(page, words):
    """Wait until the panel's sentence holds these words."""
    expect(page.locator("[data-said]")).to_contain_text(re.compile(words, re.IGNORECASE))


def number(page, lane, name):
    text = page.inner_text(f"[data-lane={lane}] [data-count={name}] dd")
    found = re.search(r"[\d.]+", text.replace(",", ""))
    return float(found[0]) if found else 0.0


def test_the_server_waves_first(lesson):
    expect(lesson.locator("[data-server-says]")).to_contain_text("hello")
    expect(lesson.locator("[data-said]")).to_contain_text("asked")


def test_the_dot_says_how_this_page_is_connected(lesson):
    dot = lesson.locator("[data-connection]")

    expect(dot).to_contain_text("websocket")
    measured = re.compile(r"(?<![\w-])[\w-]{4}(?![\w-]).*ms", re.DOTALL)
    expect(dot).to_contain_text(measured, use_inner_text=True)
    expect(dot).to_have_attribute("data-state", "connected")


def test_robots_hear_my_wave_and_the_sums_agree(lesson):
    for _ in range(3):
        lesson.click("[data-add-robot]")
    expect(lesson.locator("[data-sockets] > li")).to_have_count(4)
    lesson.click("[data-wave] button")
    said(lesson, r"you and 3 robots")
    addressed = int(re.search(r"addressed (\d+)", lesson.inner_text("[data-said]").lower())[1])

    assert addressed >= 4


def test_a_ninth_robot_is_refused_with_a_sentence(lesson):
    for _ in range(8):
        lesson.click("[data-add-robot]")
    expect(lesson.locator("[data-sockets] > li")).to_have_count(9)

    assert lesson.is_disabled("[data-add-robot]") or lesson.click("[data-add-robot]") is None
    said(lesson, "8 robots|robots? is the most|at most 8")


def test_a_wrong_wave_gets_its_sentence(lesson):
    for text, words in (
        ("", "text must"),
        ("\u202eevil", "text holds"),
        ("x" * 10_000, "text must"),
    ):
        lesson.fill("[data-wave] input[name=text]", text)
        lesson.click("[data-wave] button")
        said(lesson, words)


def test_markup_in_a_wave_is_text(lesson, visit):
    bob = visit().connect("/bidirectional")
    bob.ask("/bidirectional", "wave", {"text": "<img src=x onerror=alert(1)>"})
    expect(lesson.locator("body")).to_contain_text("<img src=x")

    assert lesson.locator("img").count() == 0


def test_one_press_locks_and_runs_and_a_reload_in_mid_run_is_told_in_words(lesson):
    run, act = lesson.locator("[name=run]"), lesson.locator("[data-act=race]")
    assert run.is_disabled() and "Predict first" in act.inner_text()

    lesson.click("[data-predict=race] [type=submit]")
    expect(lesson.locator("[data-predict=race] [data-note]")).to_contain_text("Choose one")

    lesson.check("[data-predict=race] input[value=per_event]")
    lesson.focus("[data-predict=race] [type=submit]")
    lesson.keyboard.press("Enter")
    expect(run).to_have_text("Running …")
    expect(act).to_be_focused()  # the button that was pressed is gone
    expect(lesson.locator("[data-race-says]")).to_contain_text("Race 1 is on")
    lesson.reload()
    expect(act).to_contain_text(re.compile("(end|known)[.] Run it again[.]"))

    expect(run).to_be_enabled()
    expect(run).to_have_text("Run it again")
    expect(lesson.locator("[data-predict=race] input[value=per_event]")).to_be_checked()
    expect(lesson.locator("[data-predict=race] input[value=one]")).to_be_disabled()


def test_paused_the_picture_stands_still_and_what_comes_is_counted(lesson, visit):
    expect(lesson.locator("[data-status]")).to_contain_text(
        "You asked for nothing"
    )  # said on arrival
    pause = lesson.locator("[data-pause]")
    pause.click()
    expect(pause).to_have_text("0 waiting")
    bob = visit().connect("/bidirectional")
    bob.ask("/bidirectional", "wave", {"text": "behind the picture"})
    expect(pause).to_have_text("1 waiting")
    expect(lesson.locator("#demo:not(.still)")).to_contain_text("behind the picture")

    assert "behind" not in lesson.inner_text(".still")
    assert not lesson.locator("#demo:not(.still) h2").first.is_visible()
    pause.click()
    expect(lesson.locator(".still")).to_have_count(0)
    expect(lesson.locator("#demo h2").first).to_be_visible()
    expect(lesson.locator("[data-status]")).to_contain_text("1 event came meanwhile")

    # On a phone by the Playback menu, or the key; the picture stays where it was.
    lesson.set_viewport_size({"width": 390, "height": 844})
    menu = lesson.locator("[data-playback]")
    place = lesson.locator("#demo").bounding_box()
    menu.locator("summary").click()
    menu.get_by_role("button", name="Pause the picture").click()
    expect(menu.locator("summary")).to_be_focused()
    expect(menu.get_by_label("Playback: paused")).to_be_visible()
    assert lesson.locator(".still").bounding_box() == place
    lesson.click("[data-tab=read]")
    expect(lesson.locator(".still")).to_be_hidden()
    lesson.keyboard.press(".")
    expect(lesson.locator(".still")).to_have_count(0)


def test_the_playback_menu_sets_speed_and_voice_for_the_page_and_the_next(lesson):
    menu = lesson.locator("[data-playback]")
    for width, height in ((390, 844), (1440, 900)):
        lesson.set_viewport_size({"width": width, "height": height})
        lesson.focus("[data-playback] summary")
        lesson.keyboard.press("Enter")
        expect(menu.get_by_label("Replays run at")).to_be_visible()
        sizes = menu.locator("summary, button, label").evaluate_all(
            "all => all.map((each) => each.getBoundingClientRect())"
            ".map(({ left, right, height }) => [left >= 0 && right <= innerWidth, height])"
        )
        assert all(inside and height >= (44 if width == 390 else 38) for inside, height in sizes)
        lesson.keyboard.press("Escape")
        expect(menu.locator("summary")).to_be_focused()
    lesson.keyboard.press("Enter")
    menu.get_by_label("Replays run at").select_option("1/20 of real speed")
    menu.get_by_label("A screen reader is told").select_option("nothing")
    menu.get_by_label("The key . pauses, too").uncheck()
    lesson.keyboard.press(".")
    lesson.reload()
    lesson.wait_for_selector(READY)
    lesson.click("[data-tab=timeline]")
    speed = lesson.get_by_label("Speed of the replay")
    expect(speed).to_have_value("20")
    lesson.click("[data-wave] button")
    said(lesson, "addressed")
    menu.locator("summary").click()
    expect(menu.get_by_label("The key . pauses, too")).not_to_be_checked()
    menu.get_by_label("Replays run at").select_option("1/1000 of real speed")

    expect(speed).to_have_value("1000")
    assert lesson.inner_text("[data-status]") == ""
    assert lesson.locator(".still").count() == 0


def test_the_lines_that_just_ran_are_marked_in_the_real_file(lesson):
    lesson.click("[data-wave] button")
    lesson.click("[data-tab=code]")
    lesson.wait_for_selector("[data-file='handlers.py'] li[data-ran]")
    marked = lesson.locator("[data-file='handlers.py'] li[data-ran]").first.inner_text()

    assert marked.strip().startswith("def on_wave") or "def greet" in marked


def test_one_event_is_the_same_on_the_wire_and_in_the_panel(lesson):
    lesson.click("[data-race] [name=start]")
    dots = lesson.locator("[data-lane=socket] [data-seq]")
    expect(dots).to_have_count(2, timeout=15_000)
    lesson.click("[data-race] [name=stop]")
    lesson.click("[data-tab=wire]")
    rows = lesson.locator(".wire-log li", has_text="posted")
    expect(rows).to_have_count(2)
    rows.nth(1).locator("button").first.click()
    expect(lesson.locator("[data-lane=socket] [data-seq='2']")).to_have_attribute(
        "data-selected", ""
    )
    expect(lesson.locator("[data-lane=socket] [data-seq='1'][data-selected]")).to_have_count(0)
    lesson.locator("[data-lane=socket] [data-seq='1']").dispatch_event("click")

    expect(lesson.locator("[data-lane=socket] [data-seq='1']")).to_have_attribute(
        "data-selected", ""
    )
    expect(rows.nth(0)).to_have_attribute("data-selected", "")


def test_every_wrong_answer_of_the_check_has_its_reason(lesson):
    form, kept = lesson.locator("[data-check]").first, []
    for i in range(3):
        form.locator("input").nth(i).check()
        form.locator("[type=submit]").click()

        expect(form.locator("[data-verdict]")).to_have_text(re.compile(".{31}"))
        expect(form.locator("[data-verdict]")).to_be_visible()
        kept.append(lesson.evaluate("sessionStorage.getItem('check bidirectional q1')"))
    assert kept == ["wrong", "right", "right"], "what is known of it for the warm-up"


def test_an_answer_shows_its_row_on_the_wire_and_says_when_there_is_none_yet(lesson):
    form = lesson.locator("[data-check]").first
    form.locator("input").first.check()
    for name in ("wave", "nonesuch"):
        form.evaluate("(form, name) => { form.dataset.wire = name; }", name)
        form.locator("[type=submit]").click()
        if name == "wave":
            lesson.click("[data-wave] button")
        form.get_by_role("button", name="Show me on the wire").click()
        chosen = lesson.locator(".wire-log li[data-selected]")
        expect(chosen).to_contain_text("wave")

    expect(chosen).not_to_contain_text("waved")
    told = lesson.locator("[role=status]")
    expect(told).to_contain_text("Nothing of nonesuch has crossed yet", timeout=15_000)
    expect(form.locator("[data-verdict]")).to_contain_text("Nothing of nonesuch has crossed yet")


def test_the_page_comes_back_by_itself_after_a_restart(chromium, start, tmp_path):
    server = start("--port", "0", data=tmp_path / "kept")
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{server.url}/lesson/bidirectional")
    page.wait_for_selector(READY)
    server.stop()
    page.wait_for_selector("[data-connection][data-state=disconnected]")
    lost = page.inner_text("[data-alert]")
    expect(page.locator(".where")).to_be_hidden()  # the alert has its place
    start("--port", str(server.port), data=tmp_path / "kept")
    page.wait_for_selector("[data-connection][data-state=connected]", timeout=30_000)
    expect(page.locator("[data-alert]")).to_contain_text("again")
    page.click("[data-wave] button")
    said(page, "addressed")
    context.close()

    assert "Connection lost" in lost


@pytest.fixture(scope="module", params=LESSONS)
def first_view(request, chromium, live):
    """A lesson as somebody sees it who has never been here, and the answers that it took.

    Nothing begins by itself there: a picture that moves cannot be measured.
    """
    context = chromium.new_context(reduced_motion="reduce")
    page, seen = context.new_page(), {}
    page.on("response", lambda r: "EIO=" in r.url or seen.setdefault(r.url, r))
    page.goto(f"{live.url}/lesson/{request.param}")
    page.wait_for_selector(READY)
    yield page, seen
    context.close()


def test_the_first_view_of_a_lesson_weighs_little(first_view, live):
    """Our own HTML, CSS and scripts: 60 kB as sent, packed; 16 requests with the client, eight of
    which are every lesson's. What a demo fetches by itself is weighed where they come alive.
    """
    _, seen = first_view
    sent = {url: answer for url, answer in seen.items() if "?" not in url}  # data is no file
    own = [answer for url, answer in sent.items() if "/socket.io/" not in url]
    files = [url.removeprefix(live.url) for url in sent]

    assert len(files) <= 16, "\n".join(sorted(files))
    assert sum(answer.request.sizes()["responseBodySize"] for answer in own) <= 60_000


# Each lesson's code that comes late, what asks for it, and what shows that it was done.
LATE = {
    "bidirectional": ("lib/robots.js", "[data-add-robot]", "[data-robot][data-on]", "robot 1"),
    "upgrade": ("upgrade/upgrade.js", "[data-ways] button", "[data-line-says]", "Second conn"),
    "layers": ("layers/race.js", "[data-race] button", "[data-said]", "messages on each road"),
    "lifecycle": (
        "lifecycle/play.js",
        "[data-bet=never]",
        "[data-bet=never][aria-pressed=true]",
        "Never",
    ),
    "acks": ("acks/play.js", "[name=send]", "[data-said]", "sent 1 order"),
    "emit": ("emit/play.js", "[data-bet=nobody]", "[data-bet=nobody][aria-pressed=true]", "Nobody"),
    "rooms": ("rooms/play.js", "[name=leave]", "[data-said]", "You are not in lab"),
    "namespaces": (
        "lib/verdicts.js",
        "#check [data-check=q1] button",
        "#check [data-check=q1] [data-verdict]",
        "Choose",
    ),
    "missed": ("missed/run.js", "[name=start]", "[data-says]", "A run of"),
}


@pytest.mark.parametrize("slug", LESSONS)
def test_a_press_that_comes_before_its_code_is_done_when_it_is_there(own_page, slug):
    code, press, box, words = LATE[slug]
    waiting = []
    own_page.route(f"**/{code}", lambda route: waiting.append(route))
    with own_page.expect_request(f"**/{code}"):  # asked for by the press, or by itself before it
        own_page.goto(f"/lesson/{slug}")
        own_page.wait_for_selector(READY)
        own_page.locator(press).first.click()
    while not waiting:  # the request is told of before the route is
        own_page.evaluate("1")
    waiting[0].continue_()

    expect(own_page.locator(box)).to_contain_text(words, timeout=15_000)


@pytest.mark.parametrize("slug", LESSONS)
def test_code_that_cannot_be_fetched_is_named_and_the_next_press_asks_again(own_page, slug):
    code, press, box, words = LATE[slug]
    own_page.route(f"**/{code}", lambda route: route.abort())
    own_page.goto(f"/lesson/{slug}")
    own_page.wait_for_selector(READY)
    own_page.locator(press).first.click()
    expect(own_page.locator("[data-alert]")).to_contain_text("could not be fetched")
    own_page.unroute(f"**/{code}")
    own_page.locator(press).first.click()
    expect(own_page.locator(box)).to_contain_text(words, timeout=15_000)

    assert all("ERR_FAILED" in error for error in own_page.expected_errors)
    own_page.expected_errors.clear()


def panels(page):
    """Each tab that is shown, and whether its pane is a panel with the same name."""
    return page.locator("[role=tab]:visible").evaluate_all(
        """tabs => Object.fromEntries(tabs.map(tab => {
          const pane = document.getElementById(tab.getAttribute("aria-controls"));
          const named = pane.getAttribute("aria-labelledby") === tab.id;
          return [tab.textContent, pane.getAttribute("role") === "tabpanel" && named];
        }))"""
    )


def test_every_tab_has_its_panel_and_a_pane_without_a_tab_is_none(lesson):
    drawers = dict.fromkeys(["Wire", "Timeline", "Code", "Table"], True)

    assert panels(lesson) == drawers
    assert lesson.locator("[role=tabpanel]:is(#read, #demo)").count() == 0
    lesson.set_viewport_size({"width": 390, "height": 844})
    expect(lesson.locator("#demo[role=tabpanel]")).to_be_visible()
    assert panels(lesson) == {"Read": True, "Demo": True} | drawers
    expect(lesson.get_by_role("tabpanel", name="Demo")).to_be_visible()


def test_the_tabs_are_one_stop_and_lead_into_the_open_panel(lesson):
    stops = lesson.locator("[role=tab]:visible[tabindex='0']")
    expect(stops).to_have_text("Wire")
    stops.focus()
    lesson.keyboard.press("End")
    expect(lesson.locator("[role=tab][aria-selected=true]")).to_have_text("Table")
    lesson.keyboard.press("ArrowRight")
    expect(lesson.locator("[role=tab][aria-selected=true]")).to_have_text("Wire")
    lesson.keyboard.press("ArrowLeft")
    expect(lesson.locator("[role=tab]:focus")).to_have_text("Table")
    expect(stops).to_have_text("Table")
    lesson.keyboard.press("Tab")

    expect(lesson.get_by_role("tabpanel", name="Table")).to_be_focused()


def test_a_receipt_that_a_cut_held_back_is_sent_when_the_connection_is_back(page):
    page.goto("/healthz")
    page.evaluate("sessionStorage.setItem('rooms arranged', 'here')")  # no robots come
    page.goto("/lesson/rooms")
    page.wait_for_selector(READY)
    report = page.evaluate(
        """async () => {
          const { ask, connect } = await import("/static/lib/line.js");
          const { everyone, socket, receipt } = connect("rooms");
          await Promise.all([everyone, socket].map((each) => new Promise((done) =>
            each.connected ? done() : each.once("connect", done))));
          socket.on("said", ({ run, seq }) => {
            everyone.io.engine.close(); // the handler ran, and there is no way to say so
            receipt(run, seq, Date.now());
          });
          const told = new Promise((done) => socket.on("confirmed", (report) =>
            (report.got.length || report.silent.length) && done(report)));
          await ask(socket, "join", { room: "cut" });
          await ask(socket, "say", { room: "cut", text: "hello", skip_me: false });
          return told;
        }"""
    )

    assert report["silent"] == []
    assert len(report["got"]) == 1


def test_text_stands_out_from_its_ground(first_view):
    page, _ = first_view
    page.click("[data-tab=code]")
    page.wait_for_selector("#code .code-lines")

    assert too_faint(page) == []


def test_nothing_is_wider_than_the_screen(lesson):
    for width, height in SIZES:
        lesson.set_viewport_size({"width": width, "height": height})
        tabs = ["read", "demo", "code", "table"] if width < 800 else ["code"]
        for tab in tabs:
            lesson.click(f"[data-tab={tab}]")
            if tab == "code":
                lesson.wait_for_selector("#code .code-lines")
            wide = lesson.evaluate("document.scrollingElement.scrollWidth - innerWidth")

            assert wide <= 0, f"{tab} at {width} px"


def test_the_phone_has_its_tabs_at_the_bottom_and_nothing_behind_them(lesson):
    lesson.set_viewport_size({"width": 390, "height": 844})
    lesson.click("[data-tab=demo]")
    lesson.evaluate("scrollTo(0, document.scrollingElement.scrollHeight)")
    bar = lesson.locator("[data-tabs]").bounding_box()
    last = lesson.evaluate(
        "Math.max(...[...document.querySelectorAll('#demo *')].filter(e => e.checkVisibility())"
        ".map(e => e.getBoundingClientRect().bottom))"
    )

    assert bar["y"] + bar["height"] == pytest.approx(844, abs=1)
    assert last <= bar["y"] + 1


def test_what_is_pressed_is_large_enough(lesson):
    for width in (1440, 390):
        lesson.set_viewport_size({"width": width, "height": 900})
        small = lesson.evaluate(
            """[...document.querySelectorAll("button, input:not([type=radio]), .choice, summary")]
            .filter(e => e.offsetParent && e.checkVisibility())
            .map(e => [e.outerHTML.slice(0, 60), e.getBoundingClientRect()])
            .filter(([, box]) => box.width && box.height < 24)
            .map(([html, box]) => `${html} ${box.height}`)"""
        )

        assert small == [], width


def test_the_whole_demo_works_from_the_keyboard(lesson):
    lesson.focus("[data-wave] input[name=text]")
    lesson.keyboard.press("Enter")
    said(lesson, "addressed")
    lesson.focus("#every")
    before = lesson.input_value("#every")
    lesson.keyboard.press("ArrowRight")

    assert lesson.input_value("#every") != before
    reached = set()
    lesson.focus(".skip")
    for _ in range(60):
        lesson.keyboard.press("Tab")
        reached.add(lesson.evaluate("document.activeElement.outerHTML.slice(0, 80)"))
    assert any("data-add-robot" in html for html in reached)
    assert any("data-tab" in html for html in reached)


def test_the_announcer_is_one_polite_voice_and_speaks_at_most_every_two_seconds(lesson):
    assert lesson.locator("[role=status]").count() == 1
    assert lesson.locator("[role=alert]").count() == 1

    spoken = lesson.evaluate(
        """async () => {
          const { src } = document.querySelector("script[type=module]"); // of the page's version
          const { announce } = await import(src.replace("lesson.js", "lib/dom.js"));
          const box = document.querySelector("[role=status]");
          const times = [];
          let last = "";
          new MutationObserver(() => { times.push(performance.now()); last = box.textContent; })
            .observe(box, { childList: true, characterData: true, subtree: true });
          for (let i = 1; i <= 200; i++) {
            announce(`${i} events received`);
            await new Promise((done) => setTimeout(done, 15));
          }
          await new Promise((done) => setTimeout(done, 2500));
          return { times, last };
        }"""
    )
    gaps = [b - a for a, b in zip(spoken["times"], spoken["times"][1:], strict=False)]

    assert spoken["last"] == "200 events received"
    assert all(gap >= 1900 for gap in gaps if gap > 50), json.dumps(spoken)


def test_reduced_motion_moves_nothing(chromium, live):
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{live.url}/lesson/bidirectional")
    page.wait_for_selector(READY)
    page.click("[data-wave] button")
    said(page, "addressed")
    moving = page.evaluate(
        "document.getAnimations().filter(a => a.effect.getKeyframes().some("
        "k => 'transform' in k && k.transform !== 'none')).length"
    )
    context.close()

    assert moving == 0


def test_the_race_fills_three_lanes_and_the_outcome_stands_beside_the_prediction(racing):
    box = racing.locator("[data-act=race]")
    expect(box).to_have_attribute("data-state", "done", timeout=40_000)
    outcome = box.inner_text()

    assert 10 <= number(racing, "poll", "requests") <= 13
    assert str(int(number(racing, "poll", "requests"))) in outcome
    assert number(racing, "socket", "requests") == 0
    assert number(racing, "socket", "connections") == 1
    assert number(racing, "long_poll", "requests") >= 8
    assert number(racing, "poll", "worst") > number(racing, "socket", "worst")
    assert racing.locator("[data-tables] tr").count() == 0  # nothing is drawn for a closed view
    racing.click("[data-tab=table]")
    expect(racing.locator("[data-tables] tr").nth(8)).to_be_visible()
    rows = racing.locator("[data-tables] tbody tr")
    first = rows.first.inner_text()
    racing.click("[data-tab=table]")
    racing.click("[data-tab=table]")
    expect(rows.first).to_have_text(first, use_inner_text=True)
