"""Lesson 2 in a real browser: the diagram of captured bytes, the sum, raw requests, compression."""

import re

import pytest
from playwright.sync_api import expect

READY = "html[data-ready=true]"
STEPS = "[data-sequence] [data-wire-row]"
ARRIVED = "[data-sequence]:not([data-arriving])"
SAYS = "[data-line-says]"
CAPTION = re.compile(r"(\d+) HTTP exchanges? and (\d+) frames?, ([\d,]+) bytes on (\d) TCP")


@pytest.fixture
def lesson(page):
    page.goto("/lesson/upgrade")
    page.wait_for_selector(READY)
    return page


@pytest.fixture
def refused(lesson):
    """The lesson for a test of wrong input: the browser logs each answer 400 as an error."""
    yield lesson
    assert [line for line in lesson.expected_errors if " 400 " not in line] == []
    lesson.expected_errors.clear()


def connect(page, way):
    """Press a way to connect; the words of each step, in order, once the diagram is whole."""
    page.click(f"[name=connect][value={way}]")
    expect(page.locator(SAYS)).to_have_text(re.compile(f"Second connection: .*{CAPTION.pattern}"))
    return words(page)


def words(page):
    """Of each step, also of those that stand in a fold."""
    return page.locator(f"{STEPS} .words").all_text_contents()


def counted(page):
    """The figures of the caption: HTTP exchanges, frames, bytes, TCP connections."""
    found = CAPTION.search(page.inner_text(SAYS))
    return tuple(int(figure.replace(",", "")) for figure in found.groups())


def opened(page, part):
    page.click(f"[data-part={part}] > summary")
    return page.locator(f"[data-part={part}]")


# Wrong input first


def test_an_echo_without_a_second_connection_gets_a_sentence(lesson):
    lesson.click("[name=echo]")

    expect(lesson.locator(SAYS)).to_contain_text("Connect first")


def test_an_empty_echo_gets_the_servers_sentence(lesson):
    connect(lesson, "websocket")
    lesson.fill("[data-echo] [name=text]", "")
    lesson.click("[name=echo]")

    expect(lesson.locator(SAYS)).to_contain_text("Text must be a text of 1 to 200 characters")


def test_an_empty_key_gets_a_sentence(refused):
    part = opened(refused, "accept")
    part.locator("[name=key]").fill("")

    expect(part.locator("[data-out=error]")).to_contain_text("key must be a text of 1 to 64")


def test_a_wrong_dial_gets_its_sentence(refused):
    part = opened(refused, "dial")
    expect(part.locator("[data-size-of]")).to_contain_text("bytes of at most")
    for text, sentence in (
        ("", "request is empty"),
        ("x" * 4097, "at most 4096 bytes"),
        ("GET / HTTP/1.1\nHost: example.com\n\n", "this server only"),
    ):
        part.locator("textarea").fill(text)
        part.get_by_role("button", name="Send", exact=True).click()

        expect(part.locator("[data-says]")).to_contain_text(sentence)
        expect(part.locator("[data-answer]")).to_be_hidden()


def test_markup_in_an_echo_is_text(lesson):
    connect(lesson, "websocket")
    lesson.fill("[data-echo] [name=text]", "<img src=x onerror=alert(1)>")
    lesson.click("[name=echo]")

    expect(lesson.locator("[data-sequence]")).to_contain_text("<img src=x")
    assert lesson.locator("img").count() == 0


# The sequence diagram


def test_connect_goes_from_the_first_get_to_the_five(lesson):
    said = connect(lesson, "default")
    begin = [r"GET /socket.io", r'200 OK 0\{"sid"']
    moves = ["GET, Upgrade: websocket", "101 Switching Protocols", "2probe", "3probe", "5$"]
    joins = [
        "POST 40/upgrade,",
        r'(200 OK )?40/upgrade,\{"sid"',
    ]

    # Three TCP connections speak at once: only what causes what has an order, and where the move
    # is faster than the POST, the answer to 40 comes as a frame.
    for steps in (begin + moves, begin + joins):
        places = [next(i for i, text in enumerate(said) if re.match(x, text)) for x in steps]
        assert places == sorted(places)
    assert said[0].startswith("GET") and "sid=" not in said[0]
    # The GET that waits is let go: with a noop, or with the answer to 40 where that was faster.
    assert any(re.match(r"200 OK (6$|40/upgrade,)", text) for text in said), said
    order = lesson.locator("[data-sequence] > li").all_text_contents()
    broken = next(i for i, text in enumerate(order) if "HTTP ends here on connection" in text)
    assert "101 Switching Protocols" in order[broken - 1]  # a break that is seen
    assert "second connection" in lesson.inner_text(SAYS).lower()
    assert "websocket" in lesson.inner_text(SAYS)


def test_the_caption_counts_the_steps_and_nothing_else(lesson):
    connect(lesson, "default")
    exchanges, frames, size, lines = counted(lesson)
    rows = lesson.evaluate(
        """[...document.querySelectorAll("[data-sequence] [data-wire-row]")].map((step) => ({
          up: "up" in step.dataset,
          how: step.dataset.how,
          carrier: step.querySelector(".carrier").textContent,
        }))"""
    )
    lesson.click("[data-tab=table]")
    mine = lesson.locator("[data-tables] tbody tr:has(:first-child:text-is('1'))")
    sizes = mine.locator(":nth-child(8)")
    expect(sizes.first).to_be_visible()

    assert exchanges == sum(row["how"] == "HTTP" and row["up"] for row in rows) >= 4
    assert frames == sum(row["how"] == "WebSocket" for row in rows) >= 3
    assert size == sum(map(int, sizes.all_inner_texts()))
    assert lines == len({row["carrier"][-1] for row in rows})


def test_websocket_only_does_without_polling(lesson):
    said = connect(lesson, "websocket")
    exchanges, frames, _, lines = counted(lesson)

    assert (exchanges, lines) == (1, 1) and frames == 3
    assert said[0].startswith("GET, Upgrade: websocket") and said[1] == "101 Switching Protocols"
    assert said[2].startswith('0{"sid"') and said[3].startswith("40/upgrade,")
    assert not any("polling" in text or "probe" in text for text in said)


def test_polling_only_never_sees_a_101(lesson):
    connect(lesson, "polling")
    before = counted(lesson)
    for _ in range(3):
        steps = lesson.locator(STEPS).count()
        lesson.click("[name=echo]")
        expect(lesson.locator(STEPS).nth(steps + 3)).to_be_attached()
    exchanges, frames, _, _ = counted(lesson)

    assert frames == 0 and not any(text.startswith("101") for text in words(lesson))
    assert sum(text.startswith("POST 42/upgrade,") for text in words(lesson)) == 3
    assert exchanges - before[0] >= 6  # each echo a POST, each answer a GET


def test_a_step_is_the_bytes_that_the_server_captured(lesson):
    connect(lesson, "default")
    captured = lesson.evaluate(
        """async () => {
          const { rows } = await (await fetch("/wire?after=0")).json();
          return rows.map(({ hex }) => hex);
        }"""
    )
    lesson.locator(STEPS).filter(has_text="3probe").locator("summary").click()
    shown = lesson.locator(f"{STEPS} details[open] pre.hex").inner_text().replace(" ", "")
    lesson.locator(STEPS).filter(has_text="POST 40").locator("summary").click()
    head = lesson.locator(f"{STEPS} details[open] pre:not(.hex)").inner_text()

    assert shown == "8106" + b"3probe".hex() and shown in captured
    assert head.startswith("POST /socket.io/") and "Cookie: ****" in head
    assert '40/upgrade,{"seat":"****' in head
    bits = lesson.locator(f"{STEPS} details[open] .bits b").all_inner_texts()
    assert "".join(bits) == "1000000100000110"


def test_a_diagram_is_of_one_session_though_the_page_has_others(lesson):
    first = connect(lesson, "websocket")
    second = connect(lesson, "websocket")

    assert len(first) == len(second) and first[2] != second[2]


# On arrival


def opens(page):
    """How many sessions this seat has opened, as the server captured it."""
    return page.evaluate(
        """async () => {
          const { rows } = await (await fetch("/wire?after=0")).json();
          return rows.filter(({ layers }) => layers.some(({ type }) => type === "open")).length;
        }"""
    )


DRAWING = """() => {
  const list = document.querySelector("[data-sequence]");
  return list.querySelectorAll("[data-wire-row]").length > 5 && {
    arriving: "arriving" in list.dataset,
    pace: parseFloat(list.style.getPropertyValue("--pace")),
    moving: list.getAnimations({ subtree: true }).length,
    says: document.querySelector("[data-line-says]").textContent,
  };
}"""


def test_on_arrival_the_pages_own_connection_is_drawn_slowly_and_no_other_is_opened(own_page):
    page, answers = own_page, []
    page.on("response", lambda answer: answers.append(answer.url.rsplit("/", 1)[-1]))
    page.goto("/lesson/upgrade")
    first = page.wait_for_function(DRAWING).json_value()
    assert first["arriving"] and first["moving"] > 5 and first["pace"] > 100, first
    assert "drawn slowly" in first["says"]
    page.wait_for_selector(ARRIVED)
    said = words(page)

    assert said[0].startswith("GET /socket.io") and "sid=" not in said[0]
    assert {"101 Switching Protocols", "2probe", "3probe", "5"} <= set(said)
    assert opens(page) == 1
    names = {"accept.js", "dial.js", "deflate.js", "second.js"}  # fetched when they are needed
    assert not names & set(answers)

    page.reload()
    again = page.wait_for_function(DRAWING).json_value()
    assert (again["pace"], again["moving"]) == (0, 0), again
    assert "drawn slowly" not in again["says"]
    with page.expect_response("**/dial.js"):
        opened(page, "dial")


def test_a_hidden_tab_starts_nothing_and_little_motion_moves_nothing(own_page):
    page = own_page
    page.emulate_media(reduced_motion="reduce")
    page.add_init_script(
        """window.away = true;
        Object.defineProperty(document, "hidden", { get: () => window.away });"""
    )
    page.goto("/lesson/upgrade")
    page.wait_for_selector(READY)
    assert opens(page) == 1  # a round trip later
    assert page.locator(STEPS).count() == 0

    page.evaluate("window.away = false, document.dispatchEvent(new Event('visibilitychange'))")
    drawn = page.wait_for_function(DRAWING).json_value()
    assert (drawn["pace"], drawn["moving"]) == (0, 0), drawn


# The prediction


def predict(page, choice):
    """Lock an answer with a double click; the outcome, once it is there."""
    page.check(f"[data-predict=after_101] input[value={choice}]")
    page.dblclick("[data-predict=after_101] [type=submit]")
    outcome = page.locator("[data-act=after_101]")
    expect(outcome).to_have_attribute("data-state", "done")
    expect(outcome).to_contain_text("s you predicted")  # the verdict's code is there
    return outcome


def echoes(page):
    """How many echoes this seat has sent, as the server captured it."""
    return page.evaluate(
        """async () => {
          const { rows } = await (await fetch("/wire?after=0")).json();
          return rows.filter((row) => row.up && row.layers.some(({ name }) => name === "echo"))
            .length;
        }"""
    )


# What of the outcome is below the panel's end, and whether the frame that was predicted is lit.
WHOLE = """(theme) => {
  document.documentElement.dataset.theme = theme;
  const panel = document.querySelector(".panel");
  panel.scrollTop = 0;
  const { bottom } = panel.getBoundingClientRect();
  const parts = [...panel.querySelectorAll(".act, [data-sequence]")];
  return new Promise((done) => setTimeout(() => done(parts
    .map((part) => Math.round(part.getBoundingClientRect().bottom - bottom))
    .filter((below) => below > 1)), 100));
}"""


def test_one_run_though_pressed_twice_and_its_outcome_stands_beside_the_lit_frame(lesson):
    assert lesson.is_disabled("[name=run]")

    lesson.set_viewport_size({"width": 1280, "height": 720})
    text = predict(lesson, "squeezed").inner_text()
    frame = re.search(r"one frame, (\d+) bytes of header \+ (\d+) of message. No HTTP", text)
    post = re.search(r"a POST with (\d+) bytes of HTTP headers \+ (\d+), a response of", text)

    assert "About twenty" in text and "Right is: None" in text
    assert frame and post
    assert frame[1] == "6" and frame[2] == post[2]  # the same packet in both
    assert int(post[1]) > 300 and int(frame[2]) < 100
    assert re.search(r"one frame of 2 \+ \d+ bytes", text)
    assert echoes(lesson) == 2  # one by WebSocket, one by polling

    lit = lesson.locator("[data-sequence] > [data-lit]")
    expect(lit).to_have_count(1)
    expect(lit.locator(".words")).to_contain_text("42/upgrade,")
    expect(lit.locator(".weight")).to_contain_text(f"6 + {frame[2]} B")
    for theme in ("light", "projector"):
        assert lesson.evaluate(WHOLE, theme) == [], theme


def test_after_a_reload_the_outcome_and_its_picture_are_there_again_without_a_second_run(lesson):
    outcome = predict(lesson, "none")
    said = outcome.inner_text()
    lit = lesson.locator("[data-sequence] > [data-lit]")
    frame = lit.get_attribute("data-wire-row")
    lesson.reload()

    expect(outcome).to_have_text(said, use_inner_text=True)
    expect(lesson.locator("[name=run]")).to_be_enabled()
    expect(lit).to_have_attribute("data-wire-row", frame)
    expect(lesson.locator("[data-lit] + .bet-line")).to_contain_text("a few")

    # As if it had been loaded before the outcome was there: the server captured how it ended.
    lesson.evaluate(
        """() => {
          const { sentences, ...kept } = JSON.parse(sessionStorage["outcome after_101"]);
          sessionStorage["outcome after_101"] = JSON.stringify(kept);
        }"""
    )
    lesson.reload()
    expect(outcome).to_have_text(said, use_inner_text=True)
    assert echoes(lesson) == 2

    lesson.evaluate("sessionStorage.removeItem('upgrade run')")
    lesson.evaluate(
        """() => {
          const { sentences, ...kept } = JSON.parse(sessionStorage["outcome after_101"]);
          sessionStorage["outcome after_101"] = JSON.stringify(kept);
        }"""
    )
    lesson.reload()
    expect(outcome).to_contain_text("how this run ended is not known. Run it again.")


def test_a_run_that_cannot_read_the_capture_says_so_in_a_sentence(own_page):
    page = own_page
    page.goto("/lesson/upgrade")
    page.wait_for_selector(READY)
    page.route(re.compile("/wire[?]"), lambda route: route.abort())
    page.check("[data-predict=after_101] input[value=none]")
    page.click("[data-predict=after_101] [type=submit]")
    outcome = page.locator("[data-act=after_101]")

    expect(outcome).to_contain_text(
        "The capture could not be read: the server cannot be reached. Run it again."
    )
    page.unroute(re.compile("/wire[?]"))
    page.click("[name=run]")
    expect(outcome).to_contain_text("As you predicted.")
    assert all("ERR_FAILED" in error for error in page.expected_errors)
    page.expected_errors.clear()


# Sec-WebSocket-Accept


def test_the_value_of_the_page_is_the_one_that_the_server_answered(lesson):
    connect(lesson, "default")
    part = opened(lesson, "accept")
    verdict = part.locator("[data-out=verdict]")
    expect(verdict).to_contain_text("The same value stands in the 101")
    own, value = part.locator("[name=key]").input_value(), part.locator("[data-out=accept]")
    answered = value.inner_text()
    part.locator("[name=key]").fill("dGhlIHNhbXBsZSBub25jZQ==")
    expect(value).to_have_text("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    expect(verdict).to_contain_text(
        f"Another value stands in the 101 that your browser got, {answered}"
    )
    part.get_by_role("button", name="The key my browser sent").click()

    expect(value).to_have_text(answered)
    assert part.locator("[name=key]").input_value() == own
    lesson.locator(STEPS).filter(has_text="101 Switching").locator("summary").click()
    head = lesson.locator(f"{STEPS} details[open] pre").inner_text()
    assert f"Sec-WebSocket-Accept: {answered}" in head


def test_on_arrival_the_key_is_the_one_of_the_pages_own_connection(lesson):
    part = opened(lesson, "accept")
    expect(part.locator("[data-out=verdict]")).to_contain_text("The same value stands in the 101")

    assert part.locator("[name=key]").input_value() != "dGhlIHNhbXBsZSBub25jZQ=="


# The raw request


PRESETS = [
    ("right", "HTTP/1.1 101 Switching Protocols", '0{"sid"'),
    ("no_upgrade", "HTTP/1.1 400 Bad Request", "The transport and the Upgrade header disagree."),
    ("version", "HTTP/1.1 426 Upgrade Required", "The WebSocket version is 13."),
    ("short_key", "HTTP/1.1 400 Bad Request", "must be 16 bytes in base64."),
]


def test_a_preset_is_answered_in_the_servers_own_words(lesson):
    part = opened(lesson, "dial")
    expect(part.locator("[data-size-of]")).to_contain_text("bytes of at most")
    for preset, line, words in PRESETS:
        part.locator(f"[data-preset={preset}]").click()
        part.get_by_role("button", name="Send", exact=True).click()

        expect(part.locator("[data-says]")).to_contain_text(line)
        expect(part.locator("[data-read]")).to_contain_text(words)
        received = bytes.fromhex(part.locator("[data-hex]").text_content())
        assert received.startswith(line.encode()), preset


def test_every_line_shows_its_end_and_is_sent_with_it(lesson):
    part = opened(lesson, "dial")
    text = part.locator("textarea").input_value()
    expect(part.locator("[data-marks] i")).to_have_count(text.count("\n"))

    size = len(text) + text.count("\n")
    expect(part.locator("[data-size-of]")).to_have_text(f"{size} bytes of at most 4096")


# Compression


def test_said_twice_the_second_time_is_a_handful_of_bytes(lesson):
    part = opened(lesson, "deflate")
    part.get_by_role("button", name="Send it twice").click()
    on, off = part.locator("[data-weighed=on]"), part.locator("[data-weighed=off]")
    expect(on.locator("[data-first]")).to_have_text("c1")
    part.locator("[name=compressed]").uncheck()
    part.get_by_role("button", name="Send it twice").click()
    expect(off.locator("[data-first]")).to_have_text("81")

    plain, pressed = (
        [int(text.split("+ ")[1]) for text in box.locator("b").all_inner_texts()]
        for box in (off, on)
    )
    assert plain[0] == plain[1] > 60
    assert pressed[0] < plain[0]
    assert pressed[1] <= 12


# The page


def test_nothing_is_wider_than_the_screen(lesson):
    connect(lesson, "default")
    for part in ("accept", "dial", "deflate"):
        opened(lesson, part)
    lesson.locator(f"{STEPS} summary").first.click()
    lesson.locator(f"{STEPS} summary").last.click()
    for width, height in ((1440, 900), (390, 844), (320, 640)):
        lesson.set_viewport_size({"width": width, "height": height})
        if width < 800:
            lesson.click("[data-tab=demo]")
        wide = lesson.evaluate(
            """[document.scrollingElement, document.querySelector("#demo")]
            .map((e) => e.scrollWidth - e.clientWidth)"""
        )

        assert max(wide) <= 0, (width, wide)


def test_the_lesson_works_from_the_keyboard(lesson):
    lesson.focus("[name=connect][value=websocket]")
    lesson.keyboard.press("Enter")
    expect(lesson.locator(SAYS)).to_contain_text("Second connection")
    lesson.focus("[data-echo] [name=text]")
    lesson.keyboard.press("Enter")
    expect(lesson.locator(f"{STEPS} .words").last).to_contain_text("43/upgrade,")
    lesson.locator(f"{STEPS} summary").first.focus()
    lesson.keyboard.press("Enter")

    expect(lesson.locator(f"{STEPS} details").first).to_have_attribute("open", "")


def test_the_page_reads_without_a_script(chromium, live):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live.url}/lesson/upgrade")
    text = page.inner_text("main")
    page.locator("[data-part=accept] > summary").click()
    value = page.inner_text("[data-out=accept]")
    context.close()

    assert "101" in text and "2probe" in text and "needs a script" in text
    assert "a short key" not in value and value == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_nothing_in_the_lesson_is_pale(lesson):
    """WCAG 2.2, 1.4.11: rails and arrows stand out 3 to 1 from their ground, light and dark."""
    connect(lesson, "default")
    for scheme in ("dark", "light"):
        lesson.emulate_media(color_scheme=scheme)
        pale = lesson.evaluate(
            """() => {
              const canvas = new OffscreenCanvas(1, 1).getContext("2d");
              const light = (colour) => {
                canvas.fillStyle = colour;
                canvas.fillRect(0, 0, 1, 1);
                return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((v) => v / 255)
                  .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
                  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
              };
              const list = document.querySelector(".sequence");
              const ground = light(getComputedStyle(list).backgroundColor);
              return [...document.querySelectorAll("[data-wire-row]")].flatMap((step) => {
                const flight = step.querySelector(".flight");
                return [getComputedStyle(flight).borderLeftColor,
                  getComputedStyle(step.querySelector(".line")).backgroundColor,
                  getComputedStyle(step.querySelector(".carrier")).color];
              }).map(light).filter((found) =>
                (Math.max(found, ground) + 0.05) / (Math.min(found, ground) + 0.05) < 3);
            }"""
        )

        assert pale == [], scheme
