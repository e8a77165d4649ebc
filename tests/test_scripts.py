"""The page's scripts: all are valid, none writes markup, and the pure ones pass their own tests.

Those tests are the files ``*.test.mjs``: ``node --test`` runs them without a browser, all at once.
"""

import json
import re
import subprocess

from .helpers import ROOT

SCRIPTS = sorted(ROOT.glob("static/**/*.js"))
TESTS = sorted(ROOT.glob("tests/**/*.test.mjs"))
# Reads each file as a module without running it; prints {file: error}.
PARSE = """
import { readFileSync } from "node:fs";
import { SourceTextModule } from "node:vm";
const broken = {};
for (const file of JSON.parse(process.argv[1])) {
  try { new SourceTextModule(readFileSync(file, "utf8")); }
  catch (error) { broken[file] = String(error); }
}
console.log(JSON.stringify(broken));
"""


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


def test_every_script_is_valid(node, tmp_path):
    bad = tmp_path / "bad.js"
    bad.write_text("export const = 1;")
    files = json.dumps([str(path) for path in [*SCRIPTS, bad]])
    options = ["--experimental-vm-modules", "--no-warnings", "--input-type=module"]
    done = run(node, *options, "--eval", PARSE, files)

    assert done.returncode == 0, done.stderr
    broken = json.loads(done.stdout)
    assert broken.pop(str(bad)).startswith("SyntaxError")
    assert len(SCRIPTS) > 30 and broken == {}


def test_no_script_writes_markup():
    texts = {path.relative_to(ROOT): path.read_text("utf-8") for path in SCRIPTS}
    writers = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write")

    assert [str(path) for path in texts if any(word in texts[path] for word in writers)] == []


def test_the_pure_scripts_pass_their_own_tests(node):
    done = run(node, "--test", "--test-reporter=spec", *map(str, TESTS))
    failures = done.stdout.partition("failing tests:")[2]
    count = {name: int(n) for name, n in re.findall(r"^ℹ (\w+) (\d+)$", done.stdout, re.M)}

    assert done.returncode == 0, failures or done.stdout + done.stderr
    assert count["pass"] == count["tests"] > 100, done.stdout
