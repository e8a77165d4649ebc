// static/lessons/missed/picture.js: what an answer of the prediction expects, drawn over what came.

import assert from "node:assert/strict";
import test from "node:test";

import { picture } from "../../../static/lessons/missed/picture.js";

const LIVE = [1, 2, 3, 4, 11, 12, 13, 14];

function drawn(expected, step = "slept") {
  const log = LIVE.map((seq) => ({ seq, how: "live", at: 1000 * seq + 5, sent_at: 1000 * seq }));
  const reader = { r: { run: "r", log, cursor: 14 }, away: [], asked: [], connected: true };
  const model = { run: "r", origin: 0, count: 14, every: 1000, kind: "memory", step, over: true };
  const run = { model, expected, readers: [reader, reader], now: () => 15_000 };
  return [...picture(run, 700, 12).shapes.keys()].filter((key) => key.startsWith("bet "));
}

for (const [answer, seqs] of [
  ["all", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]],
  ["kept", [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14]],
  ["live", LIVE],
  ["four", [1, 2, 3, 4]],
]) {
  test(`a ring for each event that the answer "${answer}" expects`, () => {
    assert.deepEqual(
      drawn(answer),
      seqs.map((seq) => `bet ${seq}`),
    );
  });
}

test("no ring where nothing was predicted, and none on another run", () => {
  assert.deepEqual([...drawn(null), ...drawn("all", null)], []);
});
