"""Lesson "rooms" in a real browser: by button, by key, by drag; the map is the server's table."""

import contextlib
import re

import pytest
from playwright.sync_api import expect
from socketio.exceptions import SocketIOError

from .test_handlers import Page as Someone

READY = "html[data-ready=true]"
SIZES = [(1440, 900), (1024, 768), (390, 844), (320, 640)]


ARRANGED = "sessionStorage.setItem('rooms arranged', 'by the test')"  # nothing comes by itself


@pytest.fixture
def lesson(page):
    page.goto("/healthz")
    page.evaluate(ARRANGED)
    page.goto("/lesson/rooms")
    page.wait_for_selector(READY)
    return page


@pytest.fixture
def someone(visit):
    """Another page of the class, which reports what it handles: ``someone("lab")``."""

    def someone(*rooms, reports=True):
        other = Someone(visit()).join(*rooms)

        def ran(namespace, said):
            other.client._hear("said", namespace, said)
            receipt = {"run": said["run"], "got": [[said["seq"], said["sent_at"] + 5]]}
            with contextlib.suppress(SocketIOError):  # the test may be over
                other.client.emit("receipt", receipt, namespace="/class")

        if reports:
            other.client.on("said", ran, namespace="*")
        return other

    return someone


def said(page, words):
    expect(page.locator("[data-said]")).to_contain_text(re.compile(words, re.IGNORECASE))


def peg(page, name):
    """The dot of a socket on the map, by the name it is shown with."""
    return page.locator(f'.peg[aria-label^="{name}, "]')


def lists(page):
    """The server's table as the page shows it: ``{room: {sid, …}}``, sids in full."""
    return page.evaluate(
        """() => {
          const rows = [...document.querySelectorAll("[data-truth] tr[data-room]")];
          const sids = (row) => [...row.querySelectorAll("[data-sid]")].map((li) => li.dataset.sid);
          return Object.fromEntries(rows.map((row) => [row.dataset.room, sids(row).sort()]));
        }"""
    )


def drawn(page):
    """The same, read off the picture: for each dot's centre, the outlines it lies in."""
    return page.evaluate(
        """() => {
          const rooms = {};
          const pegs = [...document.querySelectorAll(".peg")];
          const centre = (mark) => {
            const { e, f } = new DOMMatrix(getComputedStyle(mark).transform);
            return new DOMPoint(e, f);
          };
          for (const room of document.querySelectorAll(".room:not([data-gone])")) {
            const shape = room.querySelector("ellipse, rect");
            const holds = (mark) => shape.isPointInFill(centre(mark));
            const within = pegs.filter((peg) => [...peg.children].some(holds));
            rooms[room.dataset.room] = within.map((peg) => peg.dataset.sid).sort();
          }
          return rooms;
        }"""
    )


def counted(page, room, count):
    """Wait until the table lists so many sockets in a room."""
    row = page.locator(f'[data-truth] tr[data-room="{room}"] [data-sid]')
    expect(row).to_have_count(count)


def memberships(page, count):
    """Wait until the table lists so many memberships, and the picture is drawn and rests."""
    expect(page.locator("[data-truth] tr[data-room] [data-sid]")).to_have_count(count)
    drawn_anew(page)
    still(page)


def me(page):
    return page.evaluate("document.querySelector('.peg[aria-label^=\"you, \"]').dataset.sid")


def more(page, on=True):
    """Open what is used rarely, or close it."""
    page.evaluate("(on) => { document.querySelector('[data-more]').open = on; }", on)


def set_the_scene(page):
    more(page)
    page.click("[data-scene]")
    more(page, False)
    said(page, "a robot in each and one in both")
    expect(page.locator(".peg")).to_have_count(4)


def still(page):
    """Wait until nothing moves any more."""
    page.evaluate("Promise.all(document.getAnimations().map((a) => a.finished.catch(() => 0)))")


def drawn_anew(page):
    """Wait for two frames: what the page does at its next one has been done."""
    frame = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    page.evaluate(f"{frame}.then(() => true)")


# In and out


def test_joining_and_leaving_by_button(lesson):
    lesson.fill("#room", "by button")
    lesson.click("[name=join]")
    said(lesson, "you: in by button, says the server")
    expect(lesson.locator('.room[data-room="by button"]')).to_be_visible()
    expect(lesson.locator("[data-feed]")).to_contain_text("create-room")
    counted(lesson, "by button", 1)
    fresh = lesson.locator('[data-truth] tr[data-room="by button"] [data-fresh]')
    expect(fresh).to_have_count(1)  # the row is seen to come in beside the dot
    joined = lists(lesson)
    lesson.click("[name=leave]")
    said(lesson, "you: in no room")
    expect(lesson.locator('.room[data-room="by button"]')).to_have_count(0)

    assert joined["by button"] == [me(lesson)]
    for names in ("opened by button create-room", "closed by button delete-room"):
        expect(lesson.locator("[data-feed]")).to_contain_text(
            re.compile(names.replace(" ", r"\s*"))
        )


BAD_ROOMS = [
    ("", "room must"),
    ("SID", "that is a sid"),
    ("x" * 10_000, "room must"),
    ("\u202eevil", "room holds a mark"),
]


def test_a_bad_room_gets_its_sentence(lesson):
    for room, words in BAD_ROOMS:
        lesson.fill("#room", me(lesson) if room == "SID" else room)
        lesson.click("[name=join]")

        said(lesson, words)


def test_joining_and_leaving_by_key(lesson, someone):
    someone("keys a")
    expect(lesson.locator("[data-truth]")).to_contain_text("keys a")
    you = peg(lesson, "you")
    you.focus()
    for _ in range(6):
        lesson.keyboard.press("ArrowDown")
        if "keys a" in lesson.inner_text("[data-said]"):
            break
    said(lesson, "press Enter to join")
    lesson.keyboard.press("Enter")
    expect(you).to_have_attribute("aria-label", re.compile("in keys a"))
    lesson.keyboard.press("Enter")
    expect(you).to_have_attribute("aria-label", re.compile("in no room"))

    assert lesson.evaluate("document.activeElement.classList.contains('peg')")


def test_arrow_keys_walk_from_dot_to_dot_and_only_one_is_in_the_tab_order(lesson):
    set_the_scene(lesson)
    peg(lesson, "you").focus()
    seen = set()
    for _ in range(4):
        seen.add(lesson.evaluate("document.activeElement.dataset.sid"))
        lesson.keyboard.press("ArrowRight")

    assert len(seen) == 4
    assert lesson.locator(".peg[tabindex='0']").count() == 1


def centre(page, selector):
    box = page.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, to_x, to_y):
    still(page)
    box = peg(page, "you").locator(".body").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=6)
    page.mouse.up()


def test_dragging_ones_dot_into_a_room_and_out_again(lesson, someone):
    other = someone("drawn")
    outline = '.room[data-room="drawn"] :is(ellipse, rect)'
    expect(lesson.locator(outline)).to_be_visible()
    memberships(lesson, 1)
    drag(lesson, *centre(lesson, outline))
    expect(peg(lesson, "you")).to_have_attribute("aria-label", re.compile("in drawn"))
    memberships(lesson, 2)
    inside = lists(lesson)["drawn"]
    strip = lesson.locator(".strip text").first.bounding_box()
    drag(lesson, strip["x"] + 140, strip["y"] + 5)
    expect(peg(lesson, "you")).to_have_attribute("aria-label", re.compile("in no room"))

    assert inside == sorted([me(lesson), other.sid])


def test_the_picture_shows_exactly_the_servers_table(lesson, someone):
    set_the_scene(lesson)
    plan = ["hall"], ["lab"], ["hall", "lab"], ["staff"], ["staff", "lab"]
    others = [someone(*rooms) for rooms in plan]
    expect(lesson.locator(".peg")).to_have_count(4 + len(others))
    memberships(lesson, 6 + sum(map(len, plan)))
    three = (lists(lesson), drawn(lesson))
    others.append(someone("hall", "staff", "cellar", "roof"))
    expect(lesson.locator(".peg")).to_have_count(4 + len(others))
    memberships(lesson, 6 + sum(map(len, plan)) + 4)
    lanes = (lists(lesson), drawn(lesson))

    assert three[0] == three[1] and set(three[0]) == {"hall", "lab", "staff"}
    assert lanes[0] == lanes[1] and len(lanes[0]) == 5
    assert lesson.locator(".room rect").count() == 5


def test_a_page_that_comes_late_sees_what_is_there(page, someone):
    other = someone("before you")
    for _ in range(3):
        page.goto("/lesson/rooms")
        expect(page.locator(f'.peg[data-sid="{other.sid}"]')).to_be_visible()

    counted(page, "before you", 1)
    assert lists(page)["before you"] == [other.sid]


def test_the_map_says_itself_in_one_sentence_that_is_kept_current(lesson):
    set_the_scene(lesson)
    text = "2 rooms and 4 sockets: A hall has 3, B lab has 3; you are in hall and lab."
    expect(lesson.locator("[data-map] desc")).to_have_text(text)
    lesson.fill("#room", "hall")
    lesson.click("[name=leave]")

    text = "A hall has 2, B lab has 3; you are in lab."
    expect(lesson.locator("[data-map] desc")).to_contain_text(text)


# Who hears it


def test_say_without_me_lights_the_others_by_their_own_handlers(lesson):
    set_the_scene(lesson)
    lesson.check("[data-targets] [value=lab]")
    lesson.check("[name=skip_me]")
    expect(lesson.locator("[data-line]")).to_have_text(
        'emit("said", said, to="lab", include_self=False)'
    )
    lesson.click("[name=say]")
    said(lesson, r"Addressed 2 = 2 confirmed\.")
    sums = re.compile(r"\d+ sockets? in the lesson = 2 addressed \+ \d+ not")
    expect(lesson.locator("[data-sums]")).to_contain_text(sums)

    heard = {"robot 2": "received", "robot 3": "received"}
    for name, state in ({"you": "sender", "robot 1": "idle"} | heard).items():
        expect(peg(lesson, name)).to_have_attribute("data-state", state)
    expect(lesson.locator(".peg")).to_have_count(4)

    # One event: arrows on the timeline, rows on the wire, dots on the map.
    lesson.click("[data-tab=wire]")
    lesson.locator(".wire-log li b", has_text=re.compile("^say$")).last.click()
    expect(lesson.locator(".peg[data-selected]")).to_have_count(0)
    lesson.click("[data-tab=timeline]")
    lesson.locator(".arrow[aria-label*=' said /rooms'] text").last.click()
    expect(lesson.locator(".peg[data-selected]")).to_have_count(3)  # the sender's own, and two
    lesson.locator(".arrow[aria-label*=' say /rooms'] text").last.click()
    expect(lesson.locator(".peg[data-selected]")).to_have_count(0)
    peg(lesson, "robot 2").locator(".body").click()
    expect(lesson.locator(".arrow[data-on]")).to_have_attribute(
        "aria-label", re.compile("said /rooms")
    )
    lesson.click("[data-tab=wire]")
    expect(lesson.locator(".wire-log [data-selected] b")).to_have_text("said")


def test_to_two_rooms_a_member_of_both_hears_one_copy(lesson):
    set_the_scene(lesson)
    lesson.check("[data-targets] [value=lab]")
    lesson.check("[data-targets] [value=hall]")
    expect(lesson.locator("[data-line]")).to_have_text('emit("said", said, to=["hall", "lab"])')
    lesson.click("[name=say]")
    said(lesson, r"Addressed 4 = 4 confirmed\.")
    lesson.click("[data-tab=table]")
    rows = lesson.locator("#table tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.locator(":nth-child(5)")).to_have_text([re.compile("received")] * 4)
    found = rows.evaluate_all("rows => rows.map(r => [...r.cells].map(c => c.innerText))")

    assert {row[0]: row[3] for row in found} == {
        "you": "hall, lab",
        "robot 1": "hall",
        "robot 2": "hall, lab",
        "robot 3": "lab",
    }


def test_dots_of_other_browsers_light_by_their_receipts_only(lesson, someone):
    lesson.fill("#room", "class")
    lesson.click("[name=join]")
    reporting, quiet = someone("class"), someone("class", reports=False)
    expect(lesson.locator(".peg")).to_have_count(3)
    lesson.check("[name=skip_me]")
    lesson.click("[name=say]")
    lit = lesson.locator(f'.peg[data-sid="{reporting.sid}"]')
    expect(lit).to_have_attribute("data-state", "received")
    quiet.hear("said")  # it was sent there all the same
    dark = lesson.locator(f'.peg[data-sid="{quiet.sid}"]').get_attribute("data-state")
    said(lesson, r"Addressed 2 = 1 confirmed")
    lesson.fill("#room", "meanwhile")
    lesson.click("[name=join]")
    said(lesson, "you: in class and meanwhile")
    silent = lesson.locator(f'.peg[data-sid="{quiet.sid}"]')
    expect(silent).to_have_attribute("data-state", "silent")

    assert dark == "idle"
    said(lesson, "you: in class and meanwhile")  # the late report does not push it aside


def test_who_is_cut_before_confirming_is_shown_as_gone(lesson, someone):
    lesson.fill("#room", "thin ice")
    lesson.click("[name=join]")
    other = someone("thin ice", reports=False)
    expect(lesson.locator(".peg")).to_have_count(2)
    lesson.click("[name=say]")
    other.hear("said")
    other.cut()
    said(lesson, r"Addressed 2 = 1 confirmed \+ 1 gone\.")

    ghost = lesson.locator(f'.peg[data-sid="{other.sid}"]')
    expect(ghost).to_have_attribute("data-state", "missed")
    counted(lesson, "thin ice", 1)
    assert other.sid not in lists(lesson)["thin ice"]


def test_a_whisper_reaches_one_private_room(lesson, someone):
    other, third = someone("whispers"), someone("whispers")
    expect(lesson.locator(f'#whom option[value="{other.sid}"]')).to_have_count(1)
    more(lesson)
    lesson.select_option("#whom", other.sid)
    lesson.fill("[name=text]", "only for you")
    lesson.click("[name=whisper]")
    said(lesson, r"Addressed 1 = 1 confirmed\.")
    expect(lesson.locator("[data-line]")).to_have_text(f'emit("said", said, to="{other.sid}")')

    assert other.heard("said")[0]["text"] == "only for you"
    assert third.texts() == []


def test_what_others_say_is_text(lesson, someone):
    lesson.fill("#room", "text")
    lesson.click("[name=join]")
    other = someone("text", "<b>bold</b>")
    expect(lesson.locator("[data-truth]")).to_contain_text("<b>bold</b>")
    other.ask("say", {"room": "text", "text": "<img src=x onerror=alert(1)>"})
    said(lesson, "<img src=x")

    assert lesson.locator("img, .panel b:text-is('bold')").count() == 0


def test_speaking_without_a_room_gets_its_sentence(lesson):
    lesson.click("[name=say]")

    said(lesson, "Choose a room to emit to")
    expect(lesson.locator("[data-line]")).to_have_text("no emit: it refuses a say without a room")


# The prediction, made on the map


def tap(page, *names):
    for name in names:
        peg(page, name).locator(".body").first.click()


def dot_by_dot(page, words):
    expect(page.locator("[data-bet-says]")).to_contain_text(words)


def test_tapping_the_dots_is_the_prediction(lesson):
    run, says = lesson.locator("[name=run]"), lesson.locator("[data-bet-says]")
    set_the_scene(lesson)
    lesson.check("[name=skip_me]")
    lesson.click("[name=say]")
    expect(peg(lesson, "robot 2")).to_have_attribute("data-state", "received")
    tap(lesson, "robot 1")  # the last answer goes, and leaves nothing that looks like a guess
    expect(lesson.locator(".peg[aria-pressed=true]")).to_have_count(1)
    expect(lesson.locator(".peg .mark")).to_have_count(1)
    expect(says).to_contain_text("1 dot: none of the four answers says this")
    expect(run).to_be_disabled()
    tap(lesson, "robot 1", "robot 2", "robot 3")
    expect(says).to_have_text("2 dots: Everybody in lab, but not me.")
    expect(lesson.locator("[data-predict=skip_me] [value=without_me]")).to_be_checked()
    expect(run).to_have_text("Lock and run")
    run.dblclick()
    dot_by_dot(lesson, "4 right, 0 wrong")
    outcome = lesson.locator("[data-act=skip_me]")
    expect(outcome).to_contain_text("As you predicted.")

    expect(lesson.locator(".peg .wrong")).to_have_count(0)
    expect(outcome).to_contain_text("you were left out")
    expect(run).to_have_text("Run it again")
    line = 'emit("said", said, to="lab", include_self=False)'
    expect(lesson.locator("[data-line]")).to_have_text(line)


def test_a_wrong_guess_keeps_its_ring_however_often_it_is_run(lesson):
    set_the_scene(lesson)
    lesson.check("[data-predict=skip_me] [value=all_mine]")  # the answer in the text is drawn here
    expect(lesson.locator(".peg .guess")).to_have_count(4)
    lesson.check("[data-predict=skip_me] [value=with_me]")
    expect(lesson.locator(".peg .guess")).to_have_count(3)
    lesson.click("[data-predict=skip_me] [type=submit]")
    dot_by_dot(lesson, "3 right, 1 wrong")
    outcome = lesson.locator("[data-act=skip_me]")
    expect(outcome).to_contain_text("Not as you predicted.")
    ringed = lesson.locator(".peg:has(.wrong)")
    expect(ringed).to_have_count(1)  # the ring comes with the next frame
    lesson.click("[name=run]")
    lesson.locator("[data-act=skip_me][data-state=done]").wait_for()
    dot_by_dot(lesson, "3 right, 1 wrong")

    expect(ringed).to_have_count(1)
    expect(ringed).to_have_attribute("aria-label", re.compile("^you, .*guessed"))
    # A tap after the run looks at a socket, and lets the result stand.
    tap(lesson, "robot 3")
    said(lesson, "robot 3: socket")
    expect(ringed).to_have_count(1)


def test_a_run_by_somebody_outside_of_lab_sets_its_scene_first(lesson):
    lesson.check("[data-predict=skip_me] [value=nobody]")
    lesson.click("[name=run]")
    expect(lesson.locator("[data-act=skip_me]")).to_contain_text("Not as you predicted.")

    dot_by_dot(lesson, "2 right, 2 wrong")
    expect(lesson.locator(".peg")).to_have_count(4)


# Coming and going


def test_after_a_cut_the_dot_is_gone_and_the_rooms_do_not_come_back(own_page, someone):
    page = own_page
    page.add_init_script(
        """window.wires = [];
        window.WebSocket = class extends WebSocket {
          constructor(...given) { super(...given); wires.push(this); }
        };"""
    )
    page.add_init_script(ARRANGED)
    page.goto("/lesson/rooms")
    page.wait_for_selector(READY)
    expect(page.locator("[data-connection]")).to_contain_text("websocket")
    page.fill("#room", "before the cut")
    page.click("[name=join]")
    other = someone("before the cut")
    more(page)
    page.click("[data-add-robot]")
    expect(page.locator(".peg")).to_have_count(3)
    old = me(page)
    page.evaluate("wires[0].close()")
    seen = other.map(lambda rooms: rooms.get("before the cut") == {other.sid})
    said(page, "a new socket. Your rooms did not come with you")
    expect(peg(page, "you")).to_be_visible()

    assert seen
    expect(peg(page, "you")).not_to_have_attribute("data-sid", old)
    expect(peg(page, "you")).to_have_attribute("aria-label", re.compile("in no room"))
    assert page.locator("#as option:checked").inner_text() == "you"


def test_a_robot_that_is_removed_leaves_its_rooms(lesson):
    set_the_scene(lesson)
    more(lesson)
    lesson.click("[data-remove-robot]")
    expect(lesson.locator(".peg")).to_have_count(3)

    expect(lesson.locator("[data-map] desc")).to_contain_text("A hall has 3, B lab has 2")


def test_a_ninth_robot_is_refused_with_a_sentence(lesson):
    more(lesson)
    for k in range(1, 9):
        lesson.click("[data-add-robot]")
        expect(lesson.locator(".peg")).to_have_count(k + 1)
    lesson.click("[data-add-robot]")

    said(lesson, "8 robots are as many as one page may have")


def test_a_robots_receipt_that_a_cut_held_back_is_sent_when_it_is_back(own_page, someone):
    own_page.add_init_script(
        """window.wires = [];
        window.WebSocket = class extends WebSocket {
          constructor(...given) {
            super(...given);
            wires.push(this);
            this.addEventListener("message", ({ data }) => {
              if (this.isCut && String(data).includes('"said"')) this.close();
            });
          }
          send(packet) {
            super.send(packet);
            const { dataset } = document.documentElement;
            if (packet === "5") dataset.moved = Number(dataset.moved ?? 0) + 1; // to WebSocket
          }
        };"""
    )
    own_page.add_init_script(ARRANGED)
    own_page.goto("/lesson/rooms")
    own_page.wait_for_selector(READY)
    more(own_page)
    own_page.click("[data-add-robot]")
    own_page.wait_for_selector("html[data-moved='2']")
    own_page.select_option("#as", label="robot 1")
    own_page.fill("#room", "cut off")
    own_page.click("[name=join]")
    said(own_page, "robot 1: in cut off")
    robot = peg(own_page, "robot 1").get_attribute("data-sid")
    own_page.evaluate("wires[1].isCut = true")
    other = someone("cut off")
    other.ask("say", {"room": "cut off", "text": "still there?"})

    assert other.hear("confirmed", lambda report: robot in dict(report["got"]))


# Code that comes late


@pytest.fixture
def held(own_page):
    """The lesson whose late code has been asked for and has not come; ``held()`` lets it come."""
    waiting = []
    own_page.route("**/rooms/play.js", lambda route: waiting.append(route))
    own_page.add_init_script(ARRANGED)
    own_page.goto("/lesson/rooms")
    own_page.wait_for_selector(READY)
    expect(own_page.locator(".peg")).to_have_count(1)

    def come():
        while not waiting:  # the press has been made; the page may not have asked yet
            own_page.evaluate("new Promise(requestAnimationFrame)")
        for route in waiting:
            route.continue_()

    return come


@pytest.mark.parametrize("presses", [1, 2])
def test_the_scene_is_set_once_by_presses_that_come_before_its_code(own_page, held, presses):
    more(own_page)
    own_page.click("[data-scene]", click_count=presses)
    held()
    said(own_page, "a robot in each and one in both")
    expect(own_page.locator("[data-map] desc")).to_contain_text("A hall has 3, B lab has 3")

    assert own_page.locator(".peg").count() == 4


def test_a_double_press_sets_the_scene_once(lesson):
    more(lesson)
    lesson.dblclick("[data-scene]")
    said(lesson, "a robot in each and one in both")
    expect(lesson.locator("[data-map] desc")).to_contain_text("A hall has 3, B lab has 3")

    assert lesson.locator(".peg").count() == 4


def test_a_dot_that_is_pressed_before_its_code_is_there_is_picked_then(own_page, held):
    peg(own_page, "you").locator(".body").first.click()
    held()
    said(own_page, "you: socket")


def test_a_drag_that_is_over_before_its_code_is_there_moves_the_dot_then(own_page, held, someone):
    someone("drawn")
    outline = '.room[data-room="drawn"] :is(ellipse, rect)'
    expect(own_page.locator(outline)).to_be_visible()
    drag(own_page, *centre(own_page, outline))
    held()

    expect(peg(own_page, "you")).to_have_attribute("aria-label", re.compile("in drawn"))


# Small screens, few means


def test_nothing_is_wider_than_the_screen(lesson, someone):
    set_the_scene(lesson)
    for rooms in (["hall", "x" * 40], ["lab", "W" * 40], ["a" * 40]):
        someone(*rooms)
    expect(lesson.locator("[data-truth] tr[data-room]")).to_have_count(5)
    for width, height in SIZES:
        lesson.set_viewport_size({"width": width, "height": height})
        if width < 800:
            lesson.click("[data-tab=demo]")
        drawn_anew(lesson)
        wide = lesson.evaluate(
            """() => {
              const boxes = [...document.querySelectorAll("#demo, #demo .lists")];
              const page = document.scrollingElement.scrollWidth - innerWidth;
              return [page, ...boxes.map((e) => e.scrollWidth - e.clientWidth)];
            }"""
        )

        assert max(wide) <= 0, (width, wide)


def test_a_phone_has_a_list_with_large_targets_instead_of_dots(lesson):
    lesson.set_viewport_size({"width": 390, "height": 844})
    lesson.click("[data-tab=demo]")
    set_the_scene(lesson)
    rows = lesson.locator("[data-roll] button")
    expect(rows).to_have_count(4)
    heights = [row.bounding_box()["height"] for row in rows.all()]
    rows.filter(has_text="robot 2").click()
    expect(rows.filter(has_text="robot 2")).to_have_attribute("aria-pressed", "true")
    pressed = [row.get_attribute("aria-pressed") for row in rows.all()]
    lesson.click("[name=say]")
    said(lesson, "Addressed 3 = 3 confirmed")

    assert min(heights) >= 44
    assert pressed.count("true") == 1
    assert lesson.get_attribute("[data-map]", "role") == "img"
    inside = lesson.locator("[data-map] :is([role], [tabindex])")
    assert inside.count() == 0  # a picture holds nothing to press
    expect(peg(lesson, "you").locator(".called")).to_have_text("you")
    expect(rows.filter(has_text="robot 2")).to_contain_text("received")


def test_the_lesson_reads_without_a_script(chromium, live):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live.url}/lesson/rooms")
    page.get_by_text("What the students' reading notes said").click()  # a fold needs none either
    text = page.inner_text("body")
    context.close()

    title, answer = "Rooms: a list that the server keeps", "Everybody in lab, but not me"
    for words in (title, answer, "create-room", "No room is open"):
        assert words in text


def test_reduced_motion_moves_nothing(chromium, live):
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.add_init_script(ARRANGED)
    page.goto(f"{live.url}/lesson/rooms")
    page.wait_for_selector(READY)
    set_the_scene(page)
    moving = page.evaluate("document.getAnimations().length")
    context.close()

    assert moving == 0


# A server that has no room for more


def test_a_robot_that_is_refused_is_named_and_the_scene_goes_on_without_it(chromium, start):
    server = start(env={"SOCKETLAB_SOCKETS_PER_SEAT": "3"})  # a page and two robots
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(ARRANGED)
    page.goto(f"{server.url}/lesson/rooms")
    page.wait_for_selector(READY)
    more(page)
    page.click("[data-scene]")
    said(page, r"The server refused the robot: At most 3 sockets\. .*in lab, with 2 robots\.$")
    expect(page.locator(".peg")).to_have_count(3)
    page.click("[data-remove-robot]")
    expect(page.locator(".peg")).to_have_count(2)
    page.click("[data-add-robot]")  # its seat is free again
    expect(page.locator(".peg")).to_have_count(3)
    where = lists(page)
    context.close()

    assert len(where["hall"]) == 2 and len(where["lab"]) == 1


# What comes by itself


def test_alone_the_scene_is_set_and_in_a_class_one_joins_and_sees_what_others_say(chromium, start):
    server = start()
    contexts = [chromium.new_context(viewport={"width": 1440, "height": 900}) for _ in range(2)]
    ada, eve = (context.new_page() for context in contexts)
    ada.goto(f"{server.url}/lesson/rooms")
    said(ada, r"Addressed 3 = 3 confirmed")  # a robot spoke to hall
    expect(ada.locator(".peg")).to_have_count(4)
    ada.reload()  # the scene is set again, and no robot is left over
    said(ada, r"Addressed 3 = 3 confirmed")
    expect(ada.locator(".peg")).to_have_count(4)

    eve.goto(f"{server.url}/lesson/rooms")
    said(eve, "you: in hall")
    expect(eve.locator(".peg")).to_have_count(5)
    still(eve)
    ada.check("[data-targets] [value=lab]")
    ada.uncheck("[data-targets] [value=hall]")
    ada.click("[name=say]")  # in lab, where eve is not
    said(eve, r" to lab: .*Addressed 3 = 3 confirmed")
    expect(eve.locator(".peg[data-state=received]")).to_have_count(2)
    expect(eve.locator(".peg[data-state=sender]")).to_have_count(1)
    assert "hello" not in eve.inner_text("[data-said]")
    for context in contexts:
        context.close()
