"""Takes the pictures of the README and, for looking at, of every page at three sizes.

    python tools/screenshots.py            # notes/pictures/lesson.png, the README's
    python tools/screenshots.py --all DIR  # every page, light, dark and projector, into DIR

Starts its own server on a free port and presses the buttons of the lesson as a visitor does.
Needs a Chromium on this machine.
"""

import argparse
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import expect, sync_playwright  # noqa: E402  the path above comes first

from socketlab import client  # noqa: E402
from tests.conftest import CHROMIUM_ARGS, chromium_path  # noqa: E402
from tests.helpers import Process  # noqa: E402

SIZES = {"laptop": (1440, 900), "phone": (390, 844), "projector": (1920, 1080)}
README_PICTURE = ROOT / "notes" / "pictures" / "lesson.png"


def lesson(page, url):
    """Open the first lesson and do what its text says, until the race has run a while."""
    page.goto(f"{url}/lesson/bidirectional")
    page.wait_for_selector("html[data-ready=true]")
    for _ in range(3):
        page.click("[data-add-robot]")
    expect(page.locator("[data-sockets] > li")).to_have_count(4)
    page.click("[data-wave] button")
    page.check("[data-predict=race] input[value=per_event]")
    page.click("[data-predict=race] [type=submit]")
    asked = page.locator("[data-lane=poll] [data-count=requests] dd:not(.bet)")
    expect(asked).to_have_text(re.compile(r"^(8|9|1\d)"), timeout=40_000)


def everything(browser, server, folder):
    """Every page at every size, in every colour scheme that it has."""
    for name, (width, height) in SIZES.items():
        for scheme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page = context.new_page()
            page.goto(server.teacher_url)
            page.screenshot(path=folder / f"teach-{name}-{scheme}.png")
            for path in ("/", "/join/FOX42", "/nowhere", "/source/bidirectional"):
                page.goto(server.url + path)
                title = path.strip("/").replace("/", "-") or "index"
                page.screenshot(path=folder / f"{title}-{name}-{scheme}.png")
            context.clear_cookies(name="socketlab_teacher")
            if name == "phone":
                page.goto(f"{server.url}/lesson/bidirectional")
                page.wait_for_selector("html[data-ready=true]")
                for tab in ("read", "demo", "code", "table"):
                    page.click(f"[data-tab={tab}]")
                    if tab == "code":
                        page.wait_for_selector("#code .code-lines")
                    page.screenshot(path=folder / f"lesson-{name}-{scheme}-{tab}.png")
            else:
                lesson(page, server.url)
                page.screenshot(path=folder / f"lesson-{name}-{scheme}.png")
            context.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", metavar="DIR", type=Path, help="every page into this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        server = Process(data, client=client.ensure(ROOT / "instance"))
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGS)
        try:
            if options.all:
                options.all.mkdir(parents=True, exist_ok=True)
                everything(browser, server, options.all)
            else:
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                lesson(page, server.url)
                README_PICTURE.parent.mkdir(exist_ok=True)
                page.screenshot(path=README_PICTURE)
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
