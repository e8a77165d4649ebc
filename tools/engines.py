"""Every lesson once in Firefox or in WebKit: ``python tools/engines.py firefox|webkit``.

Students bring iPhones and Firefox; the tests drive Chromium. This starts its own server and goes
through each lesson as a student does, on a laptop and on a phone: arrives, predicts and runs with
one press, opens Wire and Timeline, cuts the connection where the demo has a button for it; and a
right program is typed into an exercise's page, runs in its sandbox and is judged. At the end the
rules of ``tests/layout.js``, which hold in Chromium, are tried on the page as it stands.

Prints, for each visit, the outcome in the page's own words, and below it whatever differed: a step
that failed, errors of the page or on its console, a broken rule. The exit status is 1 if anything
did, 2 where the browser is missing. ``--pictures DIR`` keeps a picture of each visit's end.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from socketlab import client  # noqa: E402  the path above comes first
from socketlab.site import notes  # noqa: E402
from tests import layout  # noqa: E402
from tests.helpers import Process  # noqa: E402
from tools.browsers import BROWSERS, Failed, Missing, launch, wait_for  # noqa: E402

SIZES = {"laptop": (1440, 900), "phone": (390, 844)}
EXERCISE = "exercise"  # beside the slugs of the lessons
RUN = 60  # seconds that the run of a prediction may take
LEAST_TARGET = {"laptop": 24, "phone": 44}  # px
CONNECTED = "document.querySelector('[data-connection]').dataset.state === 'connected'"
# Where to press: the middle of a node, in sight and at rest; what lies over it, if anything does.
TARGET = """(async (node) => {
  if (!node?.checkVisibility()) return { why: "is not to be seen" };
  const place = () => Object.values(node.getBoundingClientRect().toJSON()).join();
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  for (let before = ""; before !== place(); await frame()) {
    before = place();
    node.scrollIntoView({ block: "center", behavior: "instant" });
    await frame();
  }
  const { left, top, width, height } = node.getBoundingClientRect();
  const [x, y] = [left + width / 2, top + height / 2];
  const over = document.elementFromPoint(x, y);
  const isIt = node.contains(over) || over?.closest("label")?.contains(node);
  return isIt ? { x, y } : { why: `lies under ${over?.outerHTML.slice(0, 60)}` };
})(document.querySelector(%s))"""
# What a node says to the eye. (WebKit's innerText joins its lines without a space, here.)
WORDS = """((node) => {
  const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  const words = [];
  while (texts.nextNode()) {
    if (texts.currentNode.parentElement.checkVisibility()) words.push(texts.currentNode.data);
  }
  return words.join(" ").trim().replace(/\\s+/g, " ");
})(document.querySelector(%s))"""


class Visit:
    """One lesson at one size, and what was found to differ from what is expected."""

    def __init__(self, browser, size):
        self.browser, self.size = browser, size
        self.outcomes, self.found = [], []

    def make(self, url):
        """Go through the lesson; a step that fails is noted, and the next one is tried."""
        self.browser.resize(*SIZES[self.size])
        self.browser.open(url)
        self.attempt(wait_for, self.browser, "document.documentElement.dataset.ready === 'true'")
        for step in self.browser.evaluate(
            "[...document.querySelectorAll('[data-predict]')].map((form) => form.dataset.predict)"
        ):
            self.attempt(self.predict, step)
        self.attempt(self.open_drawer, "wire", ".wire-log li")
        self.attempt(self.open_drawer, "timeline", ".time-picture [data-row]")
        self.attempt(self.show_demo)
        self.attempt(self.cut)
        self.attempt(self.measure)
        self.found += sorted(set(self.browser.complaints()))
        return self

    def do_exercise(self, url, program):
        """Run a program in the page of an exercise, after one with an error and one without end."""
        self.browser.resize(*SIZES[self.size])
        self.browser.open(url)
        self.attempt(wait_for, self.browser, "document.documentElement.dataset.ready === 'true'")
        if self.size == "phone":  # where parts are put in order, at first
            self.attempt(self.press, "[name=mode]")
        lines = "document.querySelector('[data-console]').textContent"
        for code, seen in (
            ("\n\nnull.x;", f"{lines}.includes('line 3')"),
            ("\nlet x = ;", f"{lines}.includes('line 2')"),
            ("for (;;) console.log(1);", f"{lines}.includes('left out')"),
        ):
            self.attempt(self.run_program, code, seen)
            self.attempt(self.press, "[name=stop]")
        finished = "document.querySelector('.finished').checkVisibility()"
        self.attempt(self.run_program, program, finished)
        self.outcomes.append(self.browser.evaluate(WORDS % json.dumps("[data-outcome]")))
        self.attempt(self.measure)
        self.found += sorted(set(self.browser.complaints()))
        return self

    def run_program(self, code, seen):
        """Put a program into the editor, run it, and wait until something is to be seen."""
        typed = "const area = document.querySelector('.editor textarea'); area.value = %s;"
        told = "area.dispatchEvent(new Event('input')); return true;"
        self.browser.evaluate(f"(() => {{ {typed % json.dumps(code)} {told} }})()")
        self.press("[name=run]")
        wait_for(self.browser, seen, RUN)

    def attempt(self, act, *arguments):
        try:
            act(*arguments)
        except Failed as failure:
            self.found.append(f"{act.__name__.replace('_', ' ')}: {failure}")

    def press(self, selector):
        target = self.browser.evaluate(TARGET % json.dumps(selector))
        if "why" in target:
            raise Failed(f"{selector} {target['why']}")
        self.browser.press(target["x"], target["y"])

    def predict(self, step):
        """Choose the first answer, press Lock and run, wait for the outcome."""
        form, act = f"[data-predict={step}]", f"[data-act={step}]"
        if self.size == "phone":
            self.press("[data-tab=read]")
        self.press(f"{form} .choice")
        self.press(f"{form} [type=submit]")
        home = f"document.querySelector({json.dumps(act)})"
        wait_for(self.browser, f"['done', 'broken'].includes({home}.dataset.state)", RUN)
        words = self.browser.evaluate(WORDS % json.dumps(f"{act} [data-outcome]"))
        self.outcomes.append(f"{step}: {words}")
        if self.browser.evaluate(f"{home}.dataset.state") != "done":
            raise Failed(f"{step} came to no outcome")

    def open_drawer(self, name, filled):
        self.press(f"[data-tab={name}]")
        wait_for(self.browser, f"document.querySelector({json.dumps(filled)}) !== null")

    def show_demo(self):
        self.press("[data-tab=demo]" if self.size == "phone" else "[data-tab][aria-selected=true]")

    def cut(self):
        """Where the demo has a button for it: cut in the middle of a run, and wait for the end."""
        if not self.browser.evaluate("document.querySelector('.panel [name=cut]') !== null"):
            return
        self.press(".panel [name=start]")
        self.press(".panel [name=cut]")
        wait_for(self.browser, f"!({CONNECTED})")
        wait_for(self.browser, CONNECTED)

    def measure(self):
        given = {"overlaps": [], "covered": [], "tooWide": [], "small": [LEAST_TARGET[self.size]]}
        for rule, arguments in given.items():
            found = self.browser.evaluate(
                f"(async () => {{ const rules = ({layout.rules()})(); await rules.settled();"
                f" return rules.{rule}(...{json.dumps(arguments)}); }})()"
            )
            self.found += [f"{rule}: {sentence}" for sentence in found]


def visited(browser, server, slug, size):
    """The visit of a lesson, or of the exercise."""
    visit = Visit(browser, size)
    if slug != EXERCISE:
        return visit.make(f"{server.url}/lesson/{slug}")
    program = ROOT / "notes/solutions/bidirectional/right.js"
    return visit.do_exercise(f"{server.url}/exercise/bidirectional", program.read_text("utf-8"))


def go_through(browser, server, slugs, pictures):
    """Visit the lessons at each size; hands back how many visits differed from Chromium's."""
    different = 0
    for slug in slugs:
        for size in SIZES:
            begun = time.monotonic()
            visit = visited(browser, server, slug, size)
            if pictures:
                (pictures / f"{slug}-{size}.png").write_bytes(browser.picture())
            browser.forget()
            width, height = SIZES[size]
            print(f"{slug}, {width}×{height}, {time.monotonic() - begun:.0f} s", flush=True)
            for line in visit.outcomes:
                print(f"    {line}")
            for sentence in visit.found:
                print(f"  ! {sentence}")
            different += bool(visit.found)
    return different


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("browser", choices=BROWSERS)
    known = [*(note.slug for note in notes.read_all(ROOT / "notes")), EXERCISE]
    parser.add_argument(
        "--lesson", choices=known, metavar="SLUG", help=f"only this one; or {EXERCISE}"
    )
    parser.add_argument("--pictures", metavar="DIR", type=Path, help="a picture of each end")
    options = parser.parse_args()
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
    slugs = [options.lesson] if options.lesson else known
    try:
        with launch(options.browser) as browser, tempfile.TemporaryDirectory() as data:
            server = Process(data, client=client.ensure(ROOT / "instance"))
            try:
                print(browser.name, flush=True)
                different = go_through(browser, server, slugs, options.pictures)
            finally:
                server.stop()
    except (Missing, client.ClientMissing) as missing:
        print(missing, file=sys.stderr)
        return 2
    print(f"{different} of {len(slugs) * len(SIZES)} visits differed.")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
