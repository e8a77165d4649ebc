"""Every lesson's demo at every size, read off its layout: one visit a lesson, resized in place.

What is looked at, in tests/layout.js: no two texts lie on one another; nothing that is pressed
lies under something else or is too small; on a laptop of 1280 × 720 and in the projector theme
the picture, the main buttons, the Run button and its outcome are in sight without scrolling, and
no type is below 20 px there; nothing is wider than the screen; nothing jumps on arrival.

Its figures are then as wide as they get: a lesson whose counters grow has a
tests/lessons/<slug>/filled.mjs, whose default export puts the largest ones into the panel.

For a lesson's author: mark the picture and what belongs to it ``data-whole`` in the template; a
button with the class ``primary`` and ``parts/run.html`` count by themselves. A lesson that does not
hold a rule yet has a line in NOT_YET. The mark is strict: once the rule holds, its test fails until
the line is removed. ``pytest -n 0 tests/test_layout.py -k rooms`` prints what is wrong, and where.
"""

import pytest

from socketlab.site import exercises, notes

from . import layout
from .conftest import watched
from .helpers import ROOT

LESSONS = [note.slug for note in notes.read_all(ROOT / "notes")]
EXERCISES = list(exercises.read_all(ROOT / "notes" / "exercises"))
RULES = ("overlaps", "covered", "small", "tiny", "cutOff", "tooWide", "shift")
NOT_YET = {}  # lesson: {rule: why}

LAPTOPS = [(1280, 720), (1366, 768), (1024, 768), (1440, 900), (1920, 1080)]
ZOOMED = (640, 360)  # 1280 × 720 at 200 %
PHONE, NARROW = (390, 844), (320, 640)
# Of ours, as sent, and files with the client: once a demo has come alive. 60 kB, and beside them
# the code for who has no script, 2 to 3 kB a lesson.
MOST_BYTES, MOST_FILES = 62_500, 20
BY_ITSELF = {  # fetched for it
    "upgrade": "diagram.js",
    "layers": "race.js",
    "rooms": "play.js",
    "missed": "picture.js",
}
SHIFT = 0.02  # the sum of all layout shifts on arrival that no press caused

# What a lesson draws by itself at first stands: until then its picture is marked data-arriving.
ARRIVED = "html[data-ready=true]:not(:has([data-arriving]))"
WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => window.shifts.push(...list.getEntries()))
  .observe({ type: "layout-shift", buffered: true });
"""
SHIFTED = """() => window.shifts.filter((each) => !each.hadRecentInput).map((each) => ({
  value: each.value,
  what: each.sources.map(({ node }) => node?.outerHTML?.slice(0, 60) ?? node?.nodeName).join(", "),
}))"""
DRAWN = "new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))"
FETCHED = """(file) =>
  performance.getEntriesByType("resource").some(({ name }) => name.endsWith(`/${file}`))"""
SLOW = """() => document.querySelectorAll("[data-facts]").forEach(({ lastChild }) => {
  lastChild?.replaceWith("1,234 ms");
})"""
SHOW_OUTCOME = """async (rules) => {
  const { src } = document.querySelector("script[type=module]");
  await rules.showOutcome(src.replace("lesson.js", "lib/verdicts.js"));
}"""


class Visit:
    """One page of a lesson, and what was found wrong in it: ``{rule: [sentence …]}``."""

    def __init__(self, page):
        self.page, self.found = page, {rule: [] for rule in RULES}
        self.rules = page.evaluate_handle(layout.rules())

    def look(self, rule, where, *arguments):
        found = self.page.evaluate(
            "([rules, rule, given]) => rules[rule](...given)",
            [self.rules, rule, list(arguments)],
        )
        self.found[rule] += [f"{where}: {sentence}" for sentence in found]

    def resize(self, size, theme="light"):
        """The page at this size, on a connection whose last round trip was long."""
        width, height = size
        self.page.evaluate(SLOW)
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.evaluate(
            "async ([rules, theme]) => { document.documentElement.dataset.theme = theme;"
            " await rules.settled(); }",
            [self.rules, theme],
        )
        return f"{width}×{height} {theme}"


@pytest.fixture(scope="module", params=LESSONS)
def found(request, chromium, live):
    """What is wrong in this lesson, by rule."""
    context = chromium.new_context(
        base_url=live.url, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
    )
    page = watched(context, live.url)
    page.add_init_script(WATCH_SHIFTS)
    page.goto(f"/lesson/{request.param}")
    page.wait_for_selector(ARRIVED)
    visit = Visit(page)
    visit.resize((1440, 900))
    shifts = page.evaluate(SHIFTED)
    if sum(each["value"] for each in shifts) >= SHIFT:
        visit.found["shift"] = [f"{each['value']:.3f} {each['what']}" for each in shifts]
    everywhere(visit, "on arrival", [*LAPTOPS, ZOOMED, PHONE, NARROW], LAPTOPS)
    fill(page, request.param)
    page.evaluate(SHOW_OUTCOME, visit.rules)
    everywhere(visit, "with its outcome", [LAPTOPS[0], ZOOMED, PHONE, NARROW], LAPTOPS[:3])
    yield visit.found
    context.close()


def fill(page, slug):
    script = ROOT / "tests" / "lessons" / slug / "filled.mjs"
    if script.exists():
        function = script.read_text("utf-8").replace("export default async", "return async")
        page.evaluate(f"() => (() => {{ {function} }})()(document.querySelector('.panel'))")


def everywhere(visit, state, light, projected):
    for theme, sizes in (("light", light), ("projector", projected)):
        for size in sizes:
            where = f"{visit.resize(size, theme)}, {state}"
            for rule in ("overlaps", "covered", "tooWide"):
                visit.look(rule, where)
            visit.look("small", where, 44 if size == PHONE else 24)
            if theme == "projector":
                visit.look("tiny", where)
            if theme == "projector" or size == (1280, 720):
                visit.look("cutOff", where)


@pytest.mark.parametrize("rule", RULES)
def test_the_layout_of_a_lesson(request, found, rule):
    slug = request.node.callspec.params["found"]
    if why := NOT_YET.get(slug, {}).get(rule):
        request.applymarker(pytest.mark.xfail(reason=why, strict=True))

    assert found[rule] == [], "\n" + "\n".join(found[rule])


def test_the_layout_of_an_exercise(chromium, live):
    """Each on arrival and with all its verdicts, at every size; all in one page."""
    context = chromium.new_context(base_url=live.url, reduced_motion="reduce")
    page = watched(context, live.url)
    page.add_init_script(WATCH_SHIFTS)
    found = []
    for slug in EXERCISES:
        page.set_viewport_size({"width": 1280, "height": 720})
        page.goto(f"/exercise/{slug}")
        page.wait_for_selector("html[data-ready=true]")
        visit = Visit(page)
        if sum(each["value"] for each in page.evaluate(SHIFTED)) >= SHIFT:
            visit.found["shift"] = [str(page.evaluate(SHIFTED))]
        some = slug == "bidirectional"
        sizes = [*LAPTOPS, ZOOMED, PHONE, NARROW] if some else [LAPTOPS[0], PHONE]
        everywhere(visit, "on arrival", sizes, LAPTOPS[:2] if some else [])
        page.evaluate(VERDICTS)
        everywhere(visit, "judged", [LAPTOPS[0], PHONE], [LAPTOPS[0]] if some else [])
        found += [f"{slug}, {rule}: {one}" for rule in RULES for one in visit.found[rule]]
        page.evaluate("document.documentElement.dataset.theme = 'light'")
    context.close()

    assert found == [], "\n" + "\n".join(found)


VERDICTS = """() => {
  const long = `I saw: an event "wave" with {"text": "${"x".repeat(150)}"} before I sent waved`;
  document.querySelector("[data-checks]").removeAttribute("data-whole"); // it may be scrolled now
  for (const item of document.querySelectorAll("[data-check]")) {
    item.dataset.state = "failed";
    const button = document.createElement("button");
    button.textContent = "Show me on the wire";
    item.querySelector("[data-saw]").append(long, button);
  }
  const line = document.createElement("p");
  line.textContent = "y".repeat(500);
  document.querySelector("[data-console]")?.append(line);
  document.querySelector("[data-judge]").toggleAttribute("data-done", true);
  for (const fold of document.querySelectorAll("[data-judge] details")) fold.open = true;
}"""


def test_while_the_demos_come_alive_on_a_phone_nothing_jumps_and_little_is_sent(chromium, live):
    """As they do for who has not asked for little motion; all lessons at once, for five seconds.

    Each in a context of its own: there is no file that another lesson has left in the cache.
    """
    size = {"width": PHONE[0], "height": PHONE[1]}
    pages, sent = {}, {slug: [] for slug in LESSONS}
    for slug in LESSONS:
        pages[slug] = page = chromium.new_context(base_url=live.url, viewport=size).new_page()
        page.on("requestfinished", lambda request, slug=slug: sent[slug].append(request))
        page.add_init_script(WATCH_SHIFTS)
        page.goto(f"/lesson/{slug}", wait_until="commit")
    shifts, files = {}, {}
    for slug, page in pages.items():
        page.wait_for_function(FETCHED, arg=BY_ITSELF.get(slug, "panel.js"))
        page.evaluate("new Promise((done) => setTimeout(done, 5000 - performance.now()))")
        shifts[slug] = sum(each["value"] for each in page.evaluate(SHIFTED))
        files[slug] = weights(sent[slug])
        page.context.close()
    own = {slug: of_us(each) for slug, each in files.items()}

    assert {slug: sum for slug, sum in shifts.items() if sum >= SHIFT} == {}
    assert {slug: bytes for slug, bytes in own.items() if bytes >= MOST_BYTES} == {}
    assert {slug: sorted(each) for slug, each in files.items() if len(each) > MOST_FILES} == {}


def test_nothing_jumps_where_a_page_without_a_lesson_is_filled(chromium, live):
    context = chromium.new_context(base_url=live.url)
    page = context.new_page()
    page.add_init_script(WATCH_SHIFTS)
    for width, height in ((1440, 900), PHONE):
        page.set_viewport_size({"width": width, "height": height})
        for path, filled in (("/", "[data-says]:not(:empty)"), ("/wire", ".wire-log li")):
            page.goto(path)
            page.wait_for_selector(filled)
            page.evaluate(DRAWN)
            shifts = page.evaluate(SHIFTED)
            assert sum(each["value"] for each in shifts) < SHIFT, (path, width, shifts)
    context.close()


def weights(requests):
    """{address: bytes of the body as sent} of files; data, with its query, is none."""
    files = [request for request in requests if "?" not in request.url]
    return {request.url: request.sizes()["responseBodySize"] for request in files}


def of_us(files):
    return sum(size for url, size in files.items() if "/socket.io/" not in url)


def test_no_mark_is_for_what_is_not_there():
    assert set(NOT_YET) <= set(LESSONS)
    assert all(set(rules) <= set(RULES) for rules in NOT_YET.values())
