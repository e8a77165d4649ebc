"""What the lesson's text says of others' programs and of its panel, tried with these."""

from socketlab.site.settings import DEFAULTS

from ...helpers import ROOT, told_by_client

WAITS = """
[[0.999], [0.899], [0.999, 400, 600], [0.899, 400, 600]].map(([chance, start, most]) => {
  Math.random = () => chance;
  const manager = new io.Manager("http://127.0.0.1", { autoConnect: false });
  if (start) manager.reconnectionDelay(start).reconnectionDelayMax(most);
  return [1, 2, 3, 4, 5].map(() => manager.backoff.duration());
})
"""


def test_the_client_waits_before_it_tries_again_as_the_lesson_says(node, client_file):
    longer, shorter, *ours = told_by_client(node, client_file, WAITS)

    assert longer == [1499, 2999, 5000, 5000, 5000]  # 1, 2, 4 s and half of it more; 5 s at most
    assert shorter == [551, 1101, 2202, 4404, 5000]  # nearly half of it less
    assert all(waits[2:] == [600] * 3 for waits in ours)


def test_a_cable_that_is_pulled_is_noticed_within_18_seconds():
    assert DEFAULTS["PING_SECONDS"] + DEFAULTS["PONG_SECONDS"] == 18


def test_the_fourth_short_run_asks_a_quarter_of_a_second_late():
    text = (ROOT / "static/lessons/missed/run.js").read_text("utf-8")
    overlap = text[text.index("overlap: {") :]

    assert "wait: 250," in overlap[: overlap.index("\n  }")]
