"""Lesson "namespaces" in a real browser: one connection, its namespaces, and what was captured."""

import re

import pytest
import requests
from playwright.sync_api import expect

from ...helpers import PATIENCE

READY = "html[data-ready=true]"
KITCHEN, TABLES, MANAGER, NOPE = (
    f'[data-namespace="/{name}"]' for name in ("kitchen", "tables", "manager", "nope")
)
NEEDS_A_CODE = "the manager's door needs a code"
BREAKS = re.compile(r"\s+")


@pytest.fixture(scope="session")
def managers_code(live):
    page = requests.Session().get(live.teacher_url, timeout=PATIENCE).text
    return re.search(r"\b\d{5} \d{5}\b", page)[0]


@pytest.fixture
def lesson(page):
    return arrive(page, "")


def arrive(page, url):
    """The lesson, when what opens by itself is open and captured."""
    page.goto(f"{url}/lesson/namespaces")
    page.wait_for_selector(READY)
    is_now(page, KITCHEN, "open")
    crossed(page, KITCHEN, "down", '40/kitchen,{"sid":"')
    said(page, "/kitchen is open")
    return page


def press(page, namespace, name="open"):
    page.click(f"{namespace} [name={name}]")


def is_now(page, namespace, state):
    expect(page.locator(namespace)).to_have_attribute("data-state", state)


def crossed(page, namespace, way, text):
    expect(page.locator(f"{namespace} [data-packet={way}] code")).to_contain_text(text)


def counted(page, name, number):
    expect(page.locator(f"[data-sum={name}]")).to_have_text(str(number))


def said(page, words):
    expect(page.locator("[data-said]")).to_contain_text(re.compile(words, re.IGNORECASE))


def carriers(page):
    """The connections that carried packets of the restaurant, as captured, not by the page."""
    rows = page.request.get("/wire?after=0").json()["rows"]
    names = {"/kitchen", "/tables", "/manager"}
    return {
        row["connection"]
        for row in rows
        for layer in row["layers"]
        if layer["layer"] == "socketio" and layer["namespace"] in names
    }


def bet(page, choice="three_three"):
    """Lock an answer and run it, by one press."""
    page.check(f"[data-predict=one_pipe] input[value={choice}]")
    page.click("[data-predict=one_pipe] [type=submit]")


def test_the_first_namespace_opens_by_itself_and_shows_its_packet_and_its_sid(lesson):
    crossed(lesson, KITCHEN, "up", '40/kitchen,{"seat":"***')
    crossed(lesson, KITCHEN, "down", '40/kitchen,{"sid":"')
    sid = lesson.inner_text(f"{KITCHEN} [data-given] code")

    assert sid in lesson.inner_text(f"{KITCHEN} [data-packet=down] code")
    counted(lesson, "connections", 1)
    counted(lesson, "given", 1)
    expect(lesson.locator("[data-pipe-name]")).to_have_text(
        re.compile(r"^TCP connection \d+, websocket, begun by GET /socket.io/$")
    )


def test_the_refusal_the_code_and_the_door_open_without_a_new_connection(lesson, managers_code):
    press(lesson, MANAGER)
    crossed(lesson, MANAGER, "down", '44/manager,{"message":"the manager')
    expect(lesson.locator(f"{MANAGER} [data-given]")).to_have_text(NEEDS_A_CODE)
    lesson.fill(f"{MANAGER} [name=code]", "00000 00000")
    press(lesson, MANAGER)
    said(
        lesson, "/manager refuses: the manager's door needs a code. The code that you sent is wrong"
    )
    is_now(lesson, KITCHEN, "open")
    lesson.fill(f"{MANAGER} [name=code]", managers_code)
    press(lesson, MANAGER)
    is_now(lesson, MANAGER, "open")
    crossed(lesson, MANAGER, "down", '40/manager,{"sid":"')
    counted(lesson, "connections", 1)
    counted(lesson, "asked", 2)
    counted(lesson, "given", 2)

    assert len(carriers(lesson)) == 1
    assert managers_code not in lesson.inner_text(f"{MANAGER} .packets")
    crossed(lesson, MANAGER, "up", "***")


def test_run_waits_for_the_prediction_and_the_outcome_stands_beside_it(lesson):
    assert lesson.is_disabled("[name=run]")

    bet(lesson)
    assert lesson.locator("[data-bet]").all_inner_texts() == ["bet 3", "", "bet 3"]

    outcome = lesson.locator("[data-act=one_pipe]")
    expect(outcome).to_contain_text("3 namespaces on 1 TCP connection, begun by GET /socket.io/")
    expect(outcome).to_contain_text("2 sids, given by /kitchen and /tables")
    expect(outcome).to_contain_text("/manager gave none: the manager's door needs a code")
    expect(outcome).to_contain_text("Not as you predicted")

    assert len(carriers(lesson)) == 1
    expect(lesson.locator(f"{KITCHEN} [data-answer]")).to_contain_text("on the stove")


def test_the_run_with_the_code_counts_three_sids(lesson, managers_code):
    press(lesson, TABLES)
    is_now(lesson, TABLES, "open")
    lesson.fill(f"{MANAGER} [name=code]", managers_code)
    bet(lesson, "one_each")
    outcome = lesson.locator("[data-act=one_pipe]")
    expect(outcome).to_contain_text("3 sids, given by /kitchen and /tables and /manager")
    expect(outcome).to_contain_text("As you predicted")
    expect(outcome).to_contain_text(
        "received here by /kitchen and /manager, a copy, not by /tables"
    )


def test_the_same_event_is_handled_by_two_handlers(lesson):
    press(lesson, TABLES)
    is_now(lesson, TABLES, "open")
    for name in ("/kitchen", "/tables"):
        lesson.click(f"[data-order] [value='{name}']")
        said(lesson, f"Addressed \\d+ in {name}")
    expect(lesson.locator(f"{KITCHEN} [data-answer]")).to_contain_text("8 minutes")
    expect(lesson.locator(f"{TABLES} [data-answer]")).to_have_text(
        "on your bill: 1 dish, 4.50 in all"
    )
    crossed(lesson, KITCHEN, "up", '42/kitchen,0["order",{"dish":"soup"}]')
    crossed(lesson, TABLES, "down", '43/tables,0[{"ok":true')


def test_the_same_room_name_lights_one_dot_and_leaves_the_other_hollow(lesson):
    press(lesson, TABLES)
    for namespace in (KITCHEN, TABLES):
        is_now(lesson, namespace, "open")
        press(lesson, namespace, "join")
        expect(lesson.locator(namespace)).to_have_attribute("data-room", "")
    lesson.select_option("[name=to]", "window")
    for name, lit, hollow in (("/kitchen", KITCHEN, TABLES), ("/tables", TABLES, KITCHEN)):
        lesson.click(f"[data-order] [value='{name}']")
        said(lesson, f"Addressed 1 in room window of {name}; received here by {name}, not by")
        said(lesson, "where window is another room")
        expect(lesson.locator(lit)).to_have_attribute("data-received", "")

        assert lesson.get_attribute(hollow, "data-received") is None
        assert "has not received" in lesson.get_attribute(f"{hollow} .ear", "aria-label")


def test_closing_a_namespace_is_one_packet_and_its_rooms_are_gone(lesson):
    press(lesson, KITCHEN, "join")
    expect(lesson.locator(KITCHEN)).to_have_attribute("data-room", "")
    press(lesson, KITCHEN)
    is_now(lesson, KITCHEN, "closed")
    crossed(lesson, KITCHEN, "up", "41/kitchen,")
    expect(lesson.locator(f"{KITCHEN} [data-packet=down] code")).to_be_empty()  # no answer to that
    lesson.dblclick(f"{KITCHEN} [name=open]")  # its second half does not close it again
    is_now(lesson, KITCHEN, "open")
    lesson.select_option("[name=to]", "window")
    lesson.click("[data-order] [value='/kitchen']")
    said(lesson, "you are not in window of /kitchen: join it first")
    counted(lesson, "connections", 1)


def test_an_unknown_namespace_gets_its_sentence(lesson):
    lesson.locator(".more summary").first.click()
    press(lesson, NOPE)
    expect(lesson.locator(f"{NOPE} [data-given]")).to_have_text("there is no namespace /nope")
    crossed(lesson, NOPE, "down", '44/nope,{"message":"there is no namespace /nope"}')
    counted(lesson, "asked", 2)
    counted(lesson, "given", 1)


def test_three_connections_are_opened_and_weighed_beside_one(lesson):
    before = lesson.request.get("/wire?after=0").json()["next"]
    lesson.click("summary:has-text('connection of its own')")
    lesson.click("[name=apart]", click_count=2)
    weighed = lesson.locator("[data-apart]")
    expect(weighed).to_contain_text(
        re.compile(r"As many sids for \d\.\d times the bytes: each connection has a handshake")
    )
    expect(weighed.locator("li")).to_contain_text(
        [re.compile("^One connection, 2 sids"), re.compile("^Three connections, 2 sids")]
    )
    lesson.click("[data-tab=table]")
    cells = lesson.locator("#table table", has_text="on three").locator("tbody tr")
    expect(cells).to_have_count(2)
    shown = [[int(n) for n in re.findall(r"\d+", row)] for row in cells.all_inner_texts()]

    # The same, from the capture: what has begun since, up to where it is closed.
    rows = lesson.request.get(f"/wire?after={before}").json()["rows"]
    begun = {row["connection"] for row in rows if "transport=websocket" in row["summary"]}
    said_there = {
        one: sum(
            row["size"]
            for row in rows
            if row["connection"] == one and not row["summary"].startswith(("close", "DISCONNECT"))
        )
        for one in begun
    }
    first, *others = (said_there[one] for one in sorted(begun))
    assert shown == [[1, 2, first], [3, 2, sum(others)]] and len(begun) == 4


def test_a_wrong_dish_gets_its_sentence(lesson):
    for dish, words in (
        ("", "dish must be a text"),
        ("\u202esoup", "direction"),
        ("x" * 10_000, "dish must be a text"),
    ):
        lesson.fill("[name=dish]", dish)
        lesson.click("[data-order] [value='/kitchen']")
        said(lesson, words)


def test_an_order_before_anything_is_open_says_what_to_do(lesson):
    lesson.click("[data-order] [value='/tables']")
    said(lesson, "Open /tables first")


def test_what_others_order_is_shown_as_text(lesson, visit):
    bob = visit().connect("/kitchen")
    bob.ask("/kitchen", "order", {"dish": "<img src=x onerror=alert(1)>"})
    said(lesson, "orders <img src=x")
    expect(lesson.locator(KITCHEN)).to_have_attribute("data-received", "")

    assert lesson.locator("img").count() == 0


def test_the_table_and_the_marked_lines_say_the_same_as_the_picture(lesson):
    lesson.click("[data-order] [value='/kitchen']")
    said(lesson, "Addressed")
    lesson.click("[data-tab=table]")
    table = lesson.locator("[data-tables] table", has_text="captured by the server")
    expect(table).to_contain_text('42/kitchen,0["order",{"dish":"soup"}]')
    expect(table).to_contain_text("EVENT ordered")
    # An acknowledgement has no name.
    expect(table.locator("td").filter(has_text=re.compile("^ACK"))).to_have_text(["ACK"])
    expect(lesson.locator("[data-tables] table", has_text="Received here by")).to_contain_text(
        "soup"
    )


def test_the_whole_lesson_works_from_the_keyboard(lesson, managers_code):
    for state in ("closed", "open"):
        lesson.focus(f"{KITCHEN} [name=open]")
        lesson.keyboard.press("Enter")
        is_now(lesson, KITCHEN, state)
    lesson.focus(f"{MANAGER} [name=code]")
    lesson.keyboard.type(managers_code)
    lesson.keyboard.press("Enter")
    is_now(lesson, MANAGER, "open")
    lesson.focus("[name=dish]")
    lesson.keyboard.press("Enter")
    said(lesson, r"Addressed \d+ in /kitchen")
    bet(lesson)
    expect(lesson.locator("[data-act=one_pipe]")).to_have_attribute("data-state", "done")
    lesson.focus(f"{KITCHEN} [name=open]")
    reached = []
    for _ in range(18):
        lesson.keyboard.press("Tab")
        reached.append(lesson.evaluate("document.activeElement.name"))

    assert [name for name in reached if name in ("code", "dish", "to", "run")] == [
        "code",
        "run",
        "dish",
        "to",
    ]


def test_nothing_is_wider_than_the_screen(lesson):
    lesson.locator(".more summary").first.click()
    press(lesson, NOPE)
    is_now(lesson, NOPE, "refused")
    for width in (1440, 390, 320):
        lesson.set_viewport_size({"width": width, "height": 844})
        for tab in ["read", "demo", "code", "table"] if width < 800 else ["table"]:
            lesson.click(f"[data-tab={tab}]")
            if tab == "code":
                lesson.wait_for_selector("#code .code-lines")
            wide = "[document.scrollingElement.scrollWidth - innerWidth, "
            wide += "(e => e.scrollWidth - e.clientWidth)(demo)]"

            assert max(lesson.evaluate(wide)) <= 0, (width, tab)


def test_reduced_motion_moves_nothing_and_shows_the_packets(chromium, live):
    context = chromium.new_context(base_url=live.url, reduced_motion="reduce")
    page = arrive(context.new_page(), "")
    moving = page.evaluate("document.getAnimations().length")
    context.close()

    assert moving == 0


def test_the_panel_reads_without_a_script(chromium, live):
    context = chromium.new_context(base_url=live.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/lesson/namespaces")
    for fold in ("What the students' reading notes said", "A namespace that nobody registered,"):
        page.get_by_text(fold).click()
    text = BREAKS.sub(" ", page.inner_text("body"))
    context.close()

    for words in ("/kitchen", "receives both; wants a code", "registered by nobody"):
        assert words in text
    assert "declarative region" in text and "class Kitchen" in text


def test_a_new_server_means_new_sids_on_one_new_connection(chromium, start, tmp_path):
    server = start("--port", "0", data=tmp_path / "kept")
    context = chromium.new_context()
    page = arrive(context.new_page(), server.url)
    press(page, TABLES)
    is_now(page, TABLES, "open")
    before = page.inner_text(f"{KITCHEN} [data-given] code")
    server.stop()
    is_now(page, KITCHEN, "lost")
    start("--port", str(server.port), data=tmp_path / "kept")
    expect(page.locator(KITCHEN)).to_have_attribute("data-state", "open", timeout=30_000)
    expect(page.locator("[data-sum=given]")).to_have_text("2", timeout=30_000)
    after = page.inner_text(f"{KITCHEN} [data-given] code")
    crossed(page, KITCHEN, "down", after)
    context.close()

    assert after != before


def test_a_packet_of_a_namespace_is_the_row_of_the_wire(lesson):
    lesson.click("[data-tab=wire]")
    expect(lesson.locator(".wire-log li").first).to_be_visible()
    lesson.click(f"{KITCHEN} [data-packet=up]")

    expect(lesson.locator(f"{KITCHEN} [data-packet=up]")).to_have_attribute("data-selected", "")
    expect(lesson.locator(".wire-log li[data-selected]")).to_contain_text("/kitchen")
