// static/lessons/missed/words.js: what a run says of itself.

import assert from "node:assert/strict";
import test from "node:test";

import { outcome, spans, spoken, words } from "../../../static/lessons/missed/words.js";

// A reader that handled these, and was sent those once more; what is in neither is gone.
function reader(count, live, replayed = [], why = "trimmed") {
  const all = Array.from({ length: count }, (_, at) => at + 1);
  const how = (seq) => (live.includes(seq) ? "live" : replayed.includes(seq) ? "replayed" : "gap");
  const log = all.map((seq) => ({ seq, how: how(seq), why }));
  return {
    connected: true,
    tries: 0,
    away: [],
    tally: { sent: count },
    r: { log, cursor: count, state: "LIVE" },
  };
}

function run(count, on, off, more = {}) {
  const model = {
    run: "r",
    count,
    over: true,
    kind: "memory",
    keep: 5,
    readers: { on: {}, off: {} },
    ...more,
  };
  return { model, outage: null, now: () => 0, readers: [on, off] };
}

const LIVE = [1, 2, 3, 4, 11, 12, 13, 14];

test("a number of events is never read as the number of one", () => {
  const [one, two] = [reader(14, LIVE, [6, 7, 8, 9, 10]), reader(14, LIVE, [7, 8, 9, 10])];
  const off = reader(14, LIVE, [], "buffer off");

  assert.equal(outcome(run(14, one, off))[0], "You: 13 of 14, 8 live and 5 replayed; event 5 is gone.");
  assert.equal(
    outcome(run(14, two, off))[0],
    "You: 12 of 14, 8 live and 4 replayed; events 5 and 6 are gone.",
  );
  assert.equal(spoken(one.r, "You"), "You: 8 live, 5 replayed, 1 missing: event 5.");
  assert.equal(spans([9, 5, 6, 7]), "5 to 7 and 9");
});

test("a run that was not sent to its end says so, and not that nothing is missing", () => {
  const cursor = { ...reader(5, [1, 2, 3, 4, 5]) };
  const { head, lines } = words(run(20, cursor, cursor));

  assert.equal(head, "The run ended after 5 of 20 events");
  assert.match(lines[0], /Every event that was sent reached you\. A server that is restarted does not go on/);
});
