"""axe-core finds nothing on any page: in both themes, at both widths, in every state of a lesson.

One visit a page; theme, width and state are changed in place. What only a colour can break is
asked of the dark theme, everything else of the light one. A lesson that does not hold a rule yet
has it in NOT_YET, which must say neither more nor less than what is found: mend the page, then
take the line out. ``pytest -n 0 tests/test_axe.py -k rooms`` prints the nodes.
"""

import pytest

from socketlab.site import exercises, notes

from .conftest import absent, watched
from .contrast import too_faint
from .helpers import ROOT
from .test_layout import ARRIVED, SHOW_OUTCOME, Visit

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LESSONS = [note.slug for note in notes.read_all(ROOT / "notes")]
PAGES = [
    "/",
    "/join",
    "/check",
    "/glossary",
    "/review",
    "/wire",
    f"/source/{LESSONS[0]}",
    "/nowhere",
]
EXERCISES = list(exercises.read_all(ROOT / "notes" / "exercises"))
TEACHERS = ["/teach", "/teach/card"]
NOT_YET: dict[str, set[str]] = {}  # lesson: {rule}
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
TABS = ["read", "demo", "wire", "timeline", "code", "table"]

# Of rows and arrows that differ in nothing but words and numbers a few stand for all: a lesson that
# is alive on arrival has hundreds, and axe-core takes milliseconds for each.
FEW = 3
THIN = """(few) => {
  const told = (value) => (/\\d|^connection /.test(value) ? "" : value);
  const made = (node) => [node.tagName,
    ...node.getAttributeNames().map((name) => `${name}=${told(node.getAttribute(name))}`)];
  const seen = {};
  for (const row of document.querySelectorAll(".wire-log li, .time-picture .arrow")) {
    const kind = [row, ...row.querySelectorAll("*")].map(made).join();
    seen[kind] = (seen[kind] ?? 0) + 1;
    if (seen[kind] > few) row.remove();
  }
}"""
# rules: "all", "colours" or "structure" (all but the colours, which cost most)
RUN = """async ([places, rules]) => {
  const contrast = "color-contrast";
  const only = {
    all: {},
    colours: { runOnly: { type: "rule", values: [contrast] } },
    structure: { rules: { [contrast]: { enabled: false } } },
  }[rules];
  const options = { ...only, resultTypes: ["violations"] };
  const { violations } = await axe.run(places.length ? { include: places } : document, options);
  return violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(" "))]);
}"""
SETTLE = """() => Promise.all(document.getAnimations()
  .filter((each) => each.effect?.getTiming().iterations !== Infinity)
  .map((each) => each.finished.catch(() => 0)))"""


class Checked:
    """A page with axe-core in it. ``found``: {rule: {where it was found …}}."""

    def __init__(self, page):
        self.page, self.found = page, {}
        page.evaluate(AXE.read_text("utf-8"))

    def look(self, state, *places, rules="all"):
        self.page.evaluate(SETTLE)
        self.page.evaluate(THIN, FEW)
        for rule, nodes in self.page.evaluate(RUN, [places, rules]):
            self.found.setdefault(rule, set()).update(f"{state}: {node}" for node in nodes)

    def in_both_themes(self, state, *places):
        self.page.emulate_media(color_scheme="light")
        self.look(f"{state}, light", *places)
        self.page.emulate_media(color_scheme="dark")
        self.look(f"{state}, dark", *places, rules="colours")
        self.page.emulate_media(color_scheme="light")

    def at_both_widths(self, state):
        for size in (WIDE, PHONE):
            self.page.set_viewport_size(size)
            self.in_both_themes(f"{state}, {size['width']} px")


@pytest.fixture(scope="module")
def browser(chromium):
    if not AXE.exists():
        absent("no axe-core here: `npm ci` brings it")
    return chromium


def opened(browser, live, path, key=""):
    context = browser.new_context(base_url=live.url, viewport=WIDE, reduced_motion="reduce")
    page = watched(context, live.url)
    if key:
        context.request.get(key)
    page.goto(path)
    return page


def told(found):
    return "\n".join(f"{rule}: {node}" for rule, nodes in found.items() for node in sorted(nodes))


@pytest.mark.parametrize("path", [*PAGES, *TEACHERS])
def test_a_page_has_no_violation(browser, live, path):
    page = opened(browser, live, path, live.teacher_url if path in TEACHERS else "")
    checked = Checked(page)
    checked.at_both_widths(path)
    page.context.close()

    assert checked.found == {}, told(checked.found)


@pytest.mark.parametrize("slug", LESSONS)
def test_a_lesson_has_no_violation_in_any_state(browser, live, slug):
    page = opened(browser, live, f"/lesson/{slug}")
    page.wait_for_selector(ARRIVED)
    checked = Checked(page)
    checked.in_both_themes("on arrival")
    page.evaluate(SHOW_OUTCOME, Visit(page).rules)
    assert too_faint(page) == []  # also where axe-core cannot tell what the ground is
    page.set_viewport_size(PHONE)
    for tab in TABS:
        show(page, tab)
        checked.look(f"{tab} on a phone", rules="structure")
    page.set_viewport_size(WIDE)
    for tab, *beside in (["wire", ".act"], ["timeline"], ["code"], ["table"]):
        show(page, tab)
        checked.in_both_themes(" ".join([tab, *beside]), f"#{tab}", *beside)
    page.click("[data-playback] summary")
    page.wait_for_selector("[data-playback] select")
    checked.in_both_themes("the Playback menu", "[data-playback]")
    page.context.close()

    assert set(checked.found) == NOT_YET.get(slug, set()), told(checked.found)


@pytest.mark.parametrize("slug", EXERCISES)
def test_an_exercise_has_no_violation_in_any_state(browser, live, slug):
    page = opened(browser, live, f"/exercise/{slug}")
    page.wait_for_selector("html[data-ready=true]")
    checked = Checked(page)
    page.evaluate(OPEN_ALL)
    if slug == "bidirectional":  # the others differ in their texts
        checked.in_both_themes("on arrival")
        go_through(page, slug, checked)
        page.click("#tab-any")
        page.wait_for_selector("#any .terminal-state")
        checked.in_both_themes("any language", "#any")
    page.click("#tab-python")
    checked.look("in Python, with its hints")
    page.set_viewport_size(PHONE)
    page.click("#tab-js")
    checked.look("on a phone", rules="structure")
    page.context.close()

    assert checked.found == {}, told(checked.found)


OPEN_ALL = """() => {
  for (const one of document.querySelectorAll(".judge details")) one.open = true;
}"""


def go_through(page, slug, checked):
    """Verdicts of both kinds, errors on the console, the wire, the end: the same in all of them."""
    page.fill("textarea", "console.warn(1); null.x;")
    page.click("[name=run]")
    page.wait_for_selector("[data-console] [data-line]")
    page.click("[name=stop]")
    for kind in ("wrong_early", "right"):
        code = ROOT / "notes/solutions" / slug / f"{kind}.js"
        page.fill("textarea", code.read_text("utf-8"))
        page.click("[name=run]")
        state = "failed" if kind == "wrong_early" else "passed"
        page.wait_for_selector(f"[data-check=wave][data-state={state}]")
        page.wait_for_selector("[name=run]:not(:disabled)")
        checked.in_both_themes(f"{kind}, judged", ".judge [data-checks]", ".outcome", ".runs")
    page.click("[data-row] >> nth=0")
    page.wait_for_selector(".wire-detail .wire-layer")
    checked.look("wire", "#wire", ".under")
    page.click("[data-open-wire]")


def show(page, tab):
    """Open a view, and wait until its code has come and filled it."""
    page.click(f"[data-tab={tab}]")
    if tab in ("wire", "timeline"):
        page.wait_for_selector(f"#{tab} > *")
    if tab == "code":
        page.wait_for_selector("#code .code-lines")
