"""What the lesson's text says of others' programs, tried with these programs."""

import json
import subprocess

from socketlab.site.settings import DEFAULTS

from ...helpers import PATIENCE

WAITS = """
const load = { exports: {} };
const text = require("fs").readFileSync(process.argv[1], "utf8");
new Function("module", "exports", text)(load, load.exports);
const waits = (chance, start, most) => {
  Math.random = () => chance;
  const manager = new load.exports.Manager("http://127.0.0.1", { autoConnect: false });
  if (start) manager.reconnectionDelay(start).reconnectionDelayMax(most);
  return [1, 2, 3, 4, 5].map(() => manager.backoff.duration());
};
const ours = [0.999, 0.899].map((chance) => waits(chance, 400, 600));
console.log(JSON.stringify([waits(0.999), waits(0.899), ...ours]));
"""


def test_the_client_waits_before_it_tries_again_as_the_lesson_says(node, client_file):
    done = subprocess.run(
        [node, "-e", WAITS, str(client_file)], capture_output=True, text=True, timeout=PATIENCE
    )
    longer, shorter, *ours = json.loads(done.stdout)

    assert longer == [1499, 2999, 5000, 5000, 5000]  # 1, 2, 4 s and half of it more; 5 s at most
    assert shorter == [551, 1101, 2202, 4404, 5000]  # nearly half of it less
    assert all(waits[2:] == [600] * 3 for waits in ours)


def test_a_cable_that_is_pulled_is_noticed_within_18_seconds():
    assert DEFAULTS["PING_SECONDS"] + DEFAULTS["PONG_SECONDS"] == 18
