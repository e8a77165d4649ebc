"""Runs students' programs in a real browser, each in a sandbox of its own, as the page does.

All of them in one page, at once: what a program does is mostly waiting.
"""

BEGIN = """async () => {
  const { Sandbox } = await import("/static/exercise/sandbox.js");
  window.programs = {};
  window.begin = ([name, code, seat]) => {
    const said = [];
    const box = new Sandbox({
      said: (lines) => said.push(...lines),
      failed: (sentence) => said.push(["error", sentence]),
    });
    window.programs[name] = { box, said };
    return box.run(code, { seat });
  };
}"""
END = "(name) => window.programs[name].box.stop()"
SAID = "(name) => window.programs[name].said"


class Sandboxes:
    """``page``: of the server that judges. Programs have names of their own."""

    def __init__(self, page):
        self.page = page
        page.goto("/glossary")  # a page without sockets
        page.evaluate(BEGIN)

    def start(self, name, code, token):
        self.page.evaluate("(given) => window.begin(given)", [name, code, token])

    def end(self, name):
        self.page.evaluate(END, name)

    def said(self, name):
        """What it has logged so far: ``[[kind, text] …]``."""
        return self.page.evaluate(SAID, name)
