"""A whole class in one run: ``python benchmarks/classroom.py``.

Thirty phones (pages of one Chromium, each in a context of its own, 390 × 844, reduced motion) and
270 light clients (tests/classroom/crowd.py) are led through lesson 1. The teacher speaks on a
socket; the wall is a page of the same browser. For each thing that the teacher does: when was it
right with everybody? Counted from just before the press to the moment at which a page's own DOM
was right (it notes that itself), or at which a light client had heard it; all on one clock.

    within 1 s     steps, votes, their counts, and somebody who comes late, from the request on
    the sums       on the wall, of a wave to all: addressed = confirmed + silent, and the silent
                   are those that are told to be
    nothing lost   the server is killed with SIGKILL in mid-vote and started again on the same
                   data: every vote that was acknowledged counts, and all pages are back
    secrets        nothing that a student's page, socket or wire was told holds the teacher's key or
                   cookie, another's token, or a count or another's choice while a vote is open

Exit status 1 where something does not hold. Another lesson and the way back after a cut or a
restart have no limit: thirty pages that load at once are the machine's work, not the server's,
and a client waits up to 5 s before it tries again.
"""

import argparse
import json
import os
import platform
import queue
import re
import shutil
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from itsdangerous import BadSignature, URLSafeSerializer  # noqa: E402  the path comes first
from playwright.sync_api import Error, sync_playwright  # noqa: E402

from tests.classroom.crowd import SECRET, Crowd, Light, tokens  # noqa: E402
from tests.classroom.pupils import Pupil, Teacher  # noqa: E402
from tests.conftest import CHROMIUM_ARGS, chromium_path  # noqa: E402
from tests.helpers import PATIENCE, Process  # noqa: E402

LIMIT = 1.0  # seconds
KEY = "the key of the benchmark's teacher"
PHONE = {"width": 390, "height": 844}
WALL = {"width": 1920, "height": 1080}
LESSON, STEP = "bidirectional", "race"
CHOICES = ("per_event", "per_interval", "both", "one")
EVERY = 27  # one light client of so many never confirms: the silent ones
CUT = 3  # seconds
TOKEN = re.compile(r"seat\.\.?[\w-]+\.[\w-]+")
SIGNER = URLSafeSerializer(SECRET, salt="socketlab seat")
LISTENED = 3  # pages of which every byte is kept
# What a page shows of the class, noted with its moment whenever that changes; it outlives reloads.
NOTES = """(() => {
  const text = (selector) => [...document.querySelectorAll(selector)].map((node) =>
    node.textContent.trim()).join(" ").trim();
  let last = "";
  const note = () => {
    const view = [
      location.pathname,
      document.querySelector("[data-teacher-here]")?.id ?? "",
      text("[data-vote-says]"),
      text("[data-vote-result]"),
      document.querySelector("[data-connection]")?.dataset.state ?? "",
    ];
    if (view.join() === last) return;
    last = view.join();
    const all = JSON.parse(sessionStorage.getItem("views") ?? "[]");
    sessionStorage.setItem("views", JSON.stringify([...all, [Date.now() / 1000, ...view]]));
  };
  new MutationObserver(note).observe(document, { subtree: true, childList: true,
    characterData: true, attributeFilter: ["data-teacher-here", "data-state"] });
})()"""
VOTE = """choice => {
  const form = document.querySelector("#predict-race");
  form.querySelector(`[value=${choice}]`).click();
  form.querySelector("[type=submit]").click();
}"""
WAVE = "document.querySelector('[data-wave] button').click()"
FIGURES = """() => Object.fromEntries([...document.querySelectorAll("[data-figures] li")]
  .map((item) => [item.firstChild.data.trim(), Number(item.lastChild.textContent)]))"""


# The light clients


class Answering(Light):
    """A light client that confirms what it receives, and knows when it was told what."""

    quiet = False  # confirms nothing

    def come(self):
        self.told_at = getattr(self, "told_at", {})  # rev -> when
        super().come()

    def answered(self, namespace, number, answer):
        super().answered(namespace, number, answer)
        if "state" in answer:
            self.told_at.setdefault(answer["state"]["rev"], time.time())

    def hear(self, namespace, event, told):
        super().hear(namespace, event, told)
        if namespace == "/class" and "rev" in told:
            self.told_at.setdefault(told["rev"], time.time())
        if event == "waved" and "run" in told and not self.quiet:
            self.emit("receipt", {"run": told["run"], "got": [[told["seq"], told["sent_at"] + 1]]})


class Running(threading.Thread):
    """A crowd that goes on reading while the teacher and the pages act."""

    def __init__(self, crowd):
        super().__init__(daemon=True)
        self.crowd, self.asked, self.going = crowd, queue.Queue(), True
        self.start()

    def run(self):
        while self.going:
            self.crowd.take(0.02)
            while not self.asked.empty():
                act, answer = self.asked.get()
                try:
                    answer.put((act(), None))
                except BaseException as error:  # raised again where it was asked for
                    answer.put((None, error))

    def do(self, act):
        """Do something among the reading; its value."""
        answer = queue.Queue()
        self.asked.put((act, answer))
        value, error = answer.get(timeout=4 * PATIENCE)
        if error:
            raise error
        return value

    def until(self, so):
        deadline = time.monotonic() + 2 * PATIENCE
        while not so():
            if time.monotonic() > deadline:
                raise SystemExit("the light clients waited in vain")
            time.sleep(0.02)

    def end(self):
        self.going = False
        self.join(PATIENCE)


# The pages


class Phone:
    """A student's page, and all that it was told if ``listened``."""

    def __init__(self, browser, url, code, number, listened=False):
        options = {"viewport": PHONE, "reduced_motion": "reduce", "has_touch": True}
        self.context = browser.new_context(base_url=url, **options)
        self.context.add_init_script(NOTES)
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.listened, self.told, self.taken = listened, [], []
        if listened:
            self.listen()
        form = {"code": code, "nick": f"phone {number}"}
        self.context.request.post("/join", form=form)

    def listen(self):
        def received(frame):
            self.told.append((time.time(), frame if isinstance(frame, str) else repr(frame)))

        self.page.on("websocket", lambda ws: ws.on("framereceived", received))
        self.page.on("response", lambda response: self.taken.append(response))

    @property
    def cookie(self):
        return next(
            c["value"] for c in self.context.cookies() if c["name"] == "socketlab_seat"
        ).strip('"')

    def views(self):
        try:
            return json.loads(self.page.evaluate("sessionStorage.getItem('views')") or "[]")
        except Error:  # it is on its way to another page
            return []

    def right_at(self, so, since):
        """When it first was so, in seconds after a moment; None: it was not."""
        return next(
            (view[0] - since for view in self.views() if view[0] > since and so(*view[1:])), None
        )

    def bodies(self):
        """The text of each response that the browser still has."""
        for response in self.taken:
            try:
                yield response.text()
            except Error:  # a redirect, or gone with its page
                continue


def wait_for(phones, so, since, seconds=PATIENCE):
    """For each page when it was so, in seconds after a moment; None where it never was."""
    deadline = time.monotonic() + seconds
    found = {}
    while len(found) < len(phones) and time.monotonic() < deadline:
        for phone in phones:
            if phone not in found and (at := phone.right_at(so, since)) is not None:
                found[phone] = at
        time.sleep(0.05)
    return [found.get(phone) for phone in phones]


# What is asked of a page's view: (path, step, what the vote says, its result, connection)


def at_step(lesson, step):
    ids = (step, f"predict-{step}")
    return lambda path, here, *_: path == f"/lesson/{lesson}" and here in ids


def votes(words):
    return lambda _path, _here, says, *_: words in says


def counted(closed):
    """The counts as the page words them after the vote is closed; round 2: before → after."""
    head = f"Round {closed['round']}: {closed['in']} vote"
    return lambda _path, _here, _says, result, *_: result.startswith(head)


def connection(state):
    return lambda *view: view[4] == state


# The table


class Report:
    """Lines of the table, and what does not hold."""

    def __init__(self):
        self.wrong = []

    def times(self, name, taken, limit=LIMIT):
        """One line; ``taken``: seconds of each, None where it never was right."""
        missing = sum(one is None for one in taken)
        known = [1000 * one for one in taken if one is not None]
        middle, worst = (statistics.median(known), max(known)) if known else (0, 0)
        bad = missing or (limit and worst > 1000 * limit)
        sign = f"{missing} never" if missing else "too late" if bad else "" if limit else "no limit"
        print(f"{name:46}{len(taken):>5}{middle:>9.0f}{worst:>9.0f}  {sign}", flush=True)
        if bad:
            self.wrong.append(name)

    def holds(self, name, so, seen=""):
        print(f"{name:46}{'' if so else 'NOT '}so  {seen}", flush=True)
        if not so:
            self.wrong.append(name)


class Class:
    """Everybody, and what is done with them."""

    def __init__(self, browser, options, report, folder):
        self.browser, self.report, self.folder = browser, report, folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.serve()
        self.teacher = Teacher(self.server)
        card = self.teacher.http.get(f"{self.server.url}/teach/card", timeout=PATIENCE).text
        self.code = re.search(r'<p class="code">(\w+ \d+)</p>', card)[1]
        self.open_wall()
        self.phones, self.windows = [], []  # when a vote was open: [(from, to)]
        self.tokens = tokens(options.light)
        crowd = Crowd(self.port, ())
        crowd.all = [Answering(self.port, token, f"/{LESSON}") for token in self.tokens]
        for light in crowd.all[::EVERY]:
            light.quiet = True
        self.lights, self.crowd = crowd.all, Running(crowd)

    def serve(self):
        env = {"SOCKETLAB_SECRET_KEY": SECRET, "SOCKETLAB_TEACHER_KEY": KEY}
        self.server = Process(self.folder, "--port", str(self.port), env=env)

    def open_wall(self):
        context = self.browser.new_context(
            base_url=self.server.url, viewport=WALL, reduced_motion="reduce"
        )
        self.wall = context.new_page()
        self.wall.goto(self.server.teacher_url)
        self.wall.goto("/wall")
        self.wall.wait_for_selector("html[data-ready=true]")

    def do(self, event, **data):
        """The teacher's press: (just before it, the answer)."""
        return time.time(), self.teacher.do(event, **data)

    def heard(self, name, since, rev, lights=None):
        """The light clients' line: when each had heard of a revision."""
        lights = self.lights if lights is None else lights
        self.crowd.until(lambda: all(self.knows(light, rev) for light in lights))
        told = [
            min(at for known, at in list(light.told_at.items()) if known >= rev) for light in lights
        ]
        self.report.times(f"{name}: light clients", [at - since for at in told])

    @staticmethod
    def knows(light, rev):
        return any(known >= rev for known in list(light.told_at))

    # What happens, in this order

    def come(self, count):
        self.teacher.do("step", lesson=LESSON, step="explore")
        self.teacher.do("follow", on=True)
        self.crowd.do(lambda: self.crowd.crowd.come())
        for number in range(count):
            phone = Phone(self.browser, self.server.url, self.code, number, number < LISTENED)
            phone.page.goto(f"/lesson/{LESSON}", wait_until="commit")
            self.phones.append(phone)
        for phone in self.phones:
            phone.page.wait_for_selector("html[data-ready=true]")
            phone.page.wait_for_selector(".class-pill")
        wait_for(self.phones, at_step(LESSON, "explore"), 0)

    def steps(self):
        for step in ("modify", STEP):
            since, told = self.do("step", lesson=LESSON, step=step)
            found = wait_for(self.phones, at_step(LESSON, step), since)
            self.report.times(f"step “{step}”: pages", found)
            self.heard(f"step “{step}”", since, told["rev"])

    def sums(self):
        """Somebody waves; the wall counts whose handlers ran."""
        self.phones[0].page.evaluate(WAVE)
        quiet = sum(light.quiet for light in self.lights)
        self.wall.wait_for_function(
            f"() => ({FIGURES})().silent >= {quiet}", timeout=1000 * PATIENCE
        )
        said = self.wall.evaluate(FIGURES)
        so = said["addressed"] == said["confirmed"] + said["silent"] and said["silent"] == quiet
        # The teacher's own socket is in /class alone: nothing of a lesson is addressed to it.
        so = so and said["addressed"] == len(self.phones) + len(self.lights)
        self.report.holds("the wall's sums", so, ", ".join(f"{k} {n}" for k, n in said.items()))

    def vote(self, number):
        """One round: open, all choose, close."""
        since, told = self.do("open_vote", step=STEP)
        words = "Your class votes" if number == 1 else f"Round {number}"
        found = wait_for(self.phones, votes(words), since)
        self.report.times(f"vote opened, round {number}: pages", found)
        self.heard(f"vote opened, round {number}", since, told["rev"])
        self.ballots(self.lights, self.phones, number)
        everybody = len(self.phones) + len(self.lights)
        self.teacher.hear("vote_progress", lambda told: told["in"] == everybody)
        closing, closed = self.do("close_vote")
        self.windows.append((since, closing))
        found = wait_for(self.phones, counted(closed), closing)
        self.report.times(f"vote closed, round {number}: pages", found)
        self.heard(f"vote closed, round {number}", closing, closed["rev"])
        counts = self.wanted(self.lights, self.phones, number)
        self.report.holds(f"counts of round {number}", closed["counts"] == counts, f"{counts}")

    def choice(self, at, number):
        return CHOICES[(at + number) % len(CHOICES)]

    def wanted(self, lights, phones, number):
        counts = dict.fromkeys(CHOICES, 0)
        for group in (lights, phones):
            for at in range(len(group)):
                counts[self.choice(at, number)] += 1
        return counts

    def ballots(self, lights, phones, number):
        def cast():
            for at, light in enumerate(lights):
                ballot = {"step": STEP, "choice": self.choice(at, number)}
                light.choice = light.emit("predict", ballot)

        self.crowd.do(cast)
        for at, phone in enumerate(phones):
            phone.page.evaluate(VOTE, self.choice(at, number))
        self.crowd.until(lambda: all(light.choice in light.acks for light in lights))

    def cut(self):
        """Half are cut off, the class goes on, and whoever is back finds the step."""
        since, cut = self.do("cut", seats="half", seconds=CUT)
        off = set(cut["seats"])
        lights = [light for light in self.lights if light.seat in off]
        self.crowd.until(lambda: all(light.sock is None for light in lights))
        wait_for(self.phones, connection("cut"), since, 1)
        away = [phone for phone in self.phones if phone.right_at(connection("cut"), since)]
        here = [phone for phone in self.phones if phone not in away]
        total = (len(away) + len(lights), len(here) + len(self.lights) - len(lights))
        half = (len(self.phones) + len(self.lights)) // 2
        self.report.holds(
            "half is cut", len(off) == total[0] and abs(total[0] - half) <= 1, f"{total}"
        )
        self.report.times(
            "cut: pages that are", [p.right_at(connection("cut"), since) for p in away]
        )
        stepped, told = self.do("step", lesson=LESSON, step="explain")
        self.report.times(
            "meanwhile a step: pages that are here",
            wait_for(here, at_step(LESSON, "explain"), stepped),
        )
        there = [light for light in self.lights if light not in lights]
        self.heard("meanwhile a step", stepped, told["rev"], there)
        time.sleep(max(0, since + CUT + 0.5 - time.time()))
        self.crowd.do(lambda: self.crowd.crowd.come(lights))
        back = wait_for(away, at_step(LESSON, "explain"), stepped)
        self.report.times("cut over: pages at the step (from its press)", back, limit=None)
        self.report.holds(
            "light clients are back", all(self.knows(one, told["rev"]) for one in lights)
        )

    def late(self):
        """From the request of the page to the step of the class: alone, and with an open vote."""
        phone = Phone(self.browser, self.server.url, self.code, "late")
        since = time.time()
        phone.page.goto(f"/lesson/{LESSON}", wait_until="commit")
        found = wait_for([phone], at_step(LESSON, "explain"), since)
        self.report.times("a late joiner: its page", found)
        pupil = Pupil(self.server)
        same = pupil.told["state"] == self.lights[1].state
        self.report.holds("a late joiner's state is everybody's", same)
        pupil.leave()
        self.phones.append(phone)

    def killed(self):
        """SIGKILL in mid-vote, and the server starts again on the same data and port."""
        self.teacher.do("step", lesson=LESSON, step=STEP)
        since, _ = self.do("open_vote", step=STEP)
        wait_for(self.phones, votes("Round 3"), since)
        half = self.lights[::2]
        self.ballots(half, self.phones[:10], 3)
        for phone in self.phones[:10]:
            phone.page.wait_for_selector("#predict-race [data-note]:has-text('Locked.')")
        self.server.stop(signal.SIGKILL)
        self.teacher.leave()
        self.crowd.until(lambda: all(light.sock is None for light in self.lights))
        killed = time.time()
        self.serve()
        self.report.times("killed: the server answers again", [time.time() - killed], limit=None)
        self.crowd.do(lambda: self.crowd.crowd.come())
        self.teacher = Teacher(self.server)
        back = wait_for(self.phones, connection("connected"), killed)
        self.report.times("killed: pages are back", back, limit=None)
        kept = self.teacher.told["state"]["vote"]
        all_in = len(half) + 10
        so = kept["open"] and kept["round"] == 3 and kept["in"] == all_in
        self.report.holds("killed: every acknowledged vote is in", so, f"{kept['in']} of {all_in}")
        closing, closed = self.do("close_vote")
        self.windows.append((since, closing))
        counts = self.wanted(half, self.phones[:10], 3)
        self.report.holds("killed: the counts are those", closed["counts"] == counts, f"{counts}")
        self.report.times(
            "killed: counts on the pages", wait_for(self.phones, counted(closed), closing)
        )

    def another_lesson(self):
        since, told = self.do("step", lesson="missed", step="explore")
        self.heard("another lesson", since, told["rev"])
        found = wait_for(self.phones, at_step("missed", "explore"), since, 2 * PATIENCE)
        self.report.times("another lesson: pages that load anew", found, limit=None)

    def secrets(self):
        """Reads all that the listening pages and the light clients were told."""
        listening = [phone for phone in self.phones if phone.listened]
        heard = [(seat_in(phone.cookie), "\n".join(everything(phone))) for phone in listening]
        heard += [(light.seat, "\n".join(light.log)) for light in self.lights[:LISTENED]]
        secret = KEY, self.teacher.http.cookies["socketlab_teacher"]
        found = [word[:12] for _, told in heard for word in secret if word in told]
        own = 0
        for seat, told in heard:
            whose = [seat_in(token) for token in set(TOKEN.findall(told))]
            found += [other for other in whose if other not in (seat, None)]
            own += seat in whose
        seen = f"{len(heard)} students, {sum(len(told) for _, told in heard) / 1e6:.1f} MB"
        so = not found and own == len(listening)  # it looks where such things stand
        self.report.holds("no key, cookie or token of another", so, f"{seen} {found or ''}")
        early = [text for phone in listening for at, text in phone.told if self.tells(at, text)]
        seen = f"{len(self.windows)} votes"
        self.report.holds("no count or choice while a vote is open", not early, seen)

    def tells(self, at, text):
        """Whether it says how somebody voted, at a moment at which a vote is open."""
        is_open = any(start < at < end for start, end in self.windows)
        return is_open and ('"counts"' in text or ('"choice"' in text and '"voted"' not in text))

    def end(self):
        self.crowd.end()
        self.teacher.leave()
        for light in self.lights:
            if light.sock:
                light.sock.close()
        status = self.server.stop()
        traces = [line for line in self.server.complained if "Traceback" in line]
        self.report.holds("the server ended well", status == 0 and not traces)


def seat_in(token):
    """The seat that a token of this server is for, or None."""
    try:
        return SIGNER.loads(token.removeprefix("seat."))[0]
    except BadSignature:
        return None


def everything(phone):
    """All that a page was told: frames, bodies, its storage and DOM, and its rows of /wire."""
    rows = phone.context.request.get("/wire?after=0").json()["rows"]
    wire = [bytes.fromhex(row["hex"]).decode("latin-1") for row in rows]
    here = phone.page.evaluate(
        "[document.documentElement.outerHTML, {...localStorage}, {...sessionStorage}].map((one) => "
        "JSON.stringify(one))"
    )
    frames = [text for _, text in phone.told]
    return [*frames, *phone.bodies(), *here, json.dumps(rows), *wire]


def lead(everybody, options):
    everybody.come(options.browsers)
    everybody.steps()
    everybody.sums()
    everybody.vote(1)
    everybody.vote(2)
    everybody.cut()
    everybody.late()
    everybody.killed()
    everybody.another_lesson()
    everybody.secrets()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--browsers", type=int, default=30, choices=range(10, 61), metavar="10-60")
    parser.add_argument("--light", type=int, default=270, choices=range(30, 331), metavar="30-330")
    options = parser.parse_args()
    if chromium_path() is None:
        parser.error("no Chromium on this machine")
    from socketlab import client

    folder, began, report = Path(tempfile.mkdtemp()), time.monotonic(), Report()
    (folder / "client").mkdir()
    shutil.copy(client.ensure(ROOT / "instance"), folder / "client" / "socket.io.js")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{options.browsers} pages of Chromium, {options.light} light clients")
    print(f"{'':46}{'of':>5}{'p50 ms':>9}{'worst':>9}")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium_path(), args=CHROMIUM_ARGS
            )
            everybody = Class(browser, options, report, folder)
            try:
                lead(everybody, options)
            finally:
                everybody.end()
            browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{time.monotonic() - began:.0f} s; " + ("all of it holds" if not report.wrong else ""))
    for name in report.wrong:
        print(f"does not hold: {name}")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
