// static/lessons/missed/receiver.js: the receiver's states, step by step.
//
// Source: the states OUT, SYNCING, LIVE and the invariants of the lesson on missed events: nothing
// is lost in silence, nothing is handled twice, order is kept, and sent = live + replayed + gap.

import assert from "node:assert/strict";
import test from "node:test";

import * as the from "../../../static/lessons/missed/receiver.js";
import { chance, runs } from "../../chance.mjs";

const event = (seq) => ({ run: "r1", seq, text: `n${seq}` });

// What each step of a story does: (receiver, now, value) → the next receiver.
const STEPS = {
  sent: (r, now, seqs) => seqs.reduce((next, seq) => the.received(next, event(seq), now), r),
  other: (r, now, seq) => the.received(r, { run: "r2", seq }, now),
  out: (r) => the.disconnected(r),
  in: (r) => the.connected(r),
  answer: (r, now, said) => the.answered(r, { ...said, replay: said.replay.map(event) }, now),
  finished: (r, now, count) => the.finished(r, { run: "r1", count }, now),
  "finished other": (r, now, count) => the.finished(r, { run: "r2", count }, now),
  wait: (r, now) => the.waited(r, now),
  drop: (r, _now, drop) => ({ ...r, drop }),
};

// The receiver after a story, as plain values; asked: what it would have asked at each "ask".
function run(...steps) {
  let [r, now] = [the.receiver("r1"), 0];
  const asked = [];
  for (const [verb, value] of steps) {
    now += verb === "wait" ? value + 1 : 1;
    if (verb === "ask") asked.push(the.question(r)?.after ?? null);
    else r = STEPS[verb](r, now, value);
  }
  const why = [...new Set(r.log.filter(({ how }) => how === "gap").map((entry) => entry.why))];
  const order = r.log.filter(({ how }) => ["live", "replayed", "gap"].includes(how)).map(({ seq }) => seq);
  return { ...the.sums(r), state: r.state, cursor: r.cursor, held: r.held.length, asked, why, order };
}

const from = (first, last) => Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => first + k);
const sent = (...seqs) => ["sent", seqs];
const away = [["out"], ["in"]];

// The server's answer: what it sends once more, and why what lies before that is missing.
const answer = (replay, reason = null, more = false) => [
  "answer",
  { replay, complete: reason === null, oldest: null, reason, more },
];

// name: [story, live, replayed, gap, dropped]; a story ends with how many events were sent.
const TABLE = {
  "nothing happens": [[sent(...from(1, 14)), ["finished", 14]], 14, 0, 0, 0],
  "cut, everything kept": [
    [sent(1, 2, 3, 4), ...away, answer(from(5, 10)), sent(11, 12, 13, 14), ["finished", 14]],
    ...[8, 6, 0, 0],
  ],
  "cut, the oldest is trimmed": [
    [sent(1, 2, 3, 4), ...away, answer(from(6, 10), "trimmed"), sent(11, 12, 13, 14), ["finished", 14]],
    ...[8, 5, 1, 0],
  ],
  "no buffer, the next event shows the hole": [
    [sent(1, 2, 3, 4), ...away, answer([], "buffer off"), sent(11, 12, 13, 14), ["finished", 14]],
    ...[8, 0, 6, 0],
  ],
  "no buffer, and nothing comes any more": [
    [sent(1, 2, 3, 4), ...away, answer([], "buffer off"), ["finished", 14]],
    ...[4, 0, 10, 0],
  ],
  "replay and live overlap": [
    [sent(1, 2, 3, 4), ...away, sent(11, 12), answer(from(5, 12)), sent(13, 14), ["finished", 14]],
    ...[6, 8, 0, 2],
  ],
  "live came first and was trimmed before the answer was written": [
    [sent(1, 2, 3, 4), ...away, sent(11, 12, 13), answer([13, 14], "trimmed"), ["finished", 14]],
    ...[6, 2, 6, 1],
  ],
  "the next in line comes while the question is under way": [
    [sent(1, 2, 3, 4), ...away, sent(5, 6), answer([5, 6]), sent(7), ["finished", 7]],
    ...[7, 0, 0, 2],
  ],
  "the same event twice": [[sent(1, 2, 2, 1, 3), ["finished", 3]], 3, 0, 0, 2],
  "out of order, closed in time": [[sent(1, 3, 2, 4), ["finished", 4]], 4, 0, 0, 0],
  "the hole is asked about": [
    [sent(1, 2, 5), ["wait", 300], answer([3, 4, 5]), ["finished", 5]],
    ...[2, 3, 0, 1],
  ],
  "pages of 200": [
    [
      ...[sent(1), ...away, sent(500, 501)],
      ...[answer(from(2, 201), null, true), answer(from(202, 401), null, true), answer(from(402, 501))],
      ["finished", 501],
    ],
    ...[1, 500, 0, 2],
  ],
  "pages, and the first says that something is gone": [
    [...away, answer(from(11, 210), "trimmed", true), answer(from(211, 220)), ["finished", 220]],
    ...[0, 210, 10, 0],
  ],
  "the server was restarted and its memory is gone": [
    [sent(...from(1, 6)), ...away, answer([], "restarted"), ["finished", 9]],
    ...[6, 0, 3, 0],
  ],
  "restarted from the disk, half the run": [
    [sent(...from(1, 6)), ...away, answer([7, 8]), ["finished", 8]],
    ...[6, 2, 0, 0],
  ],
  "two cuts": [
    [
      ...[sent(1), ...away, answer([2, 3]), sent(4)],
      ...[...away, answer([7], "trimmed"), sent(8), ["finished", 8]],
    ],
    ...[3, 3, 2, 0],
  ],
  "cut again before the answer": [
    // The first answer comes too late: nobody waits for it.
    [sent(1), ...away, sent(4), ["out"], answer([2, 3]), ["in"], answer(from(2, 5)), ["finished", 5]],
    ...[1, 4, 0, 1],
  ],
};

for (const [name, [steps, ...wanted]] of Object.entries(TABLE)) {
  test(`sent is live and replayed and gap: ${name}`, () => {
    const got = run(...steps);
    const count = steps.at(-1)[1];

    assert.deepEqual(
      ["live", "replayed", "gap", "dropped"].map((how) => got[how].length),
      wanted,
    );
    assert.equal(got.cursor, count);
    assert.deepEqual(got.order, from(1, count));
    assert.deepEqual([got.state, got.held], ["LIVE", 0]);
  });
}

for (const reason of ["trimmed", "restarted", "unknown run", "buffer off"]) {
  test(`a gap keeps the server's reason: ${reason}`, () => {
    const got = run(sent(1), ...away, answer([], reason), sent(4), ["finished", 4]);

    assert.deepEqual(got.gap, [2, 3]);
    assert.deepEqual(got.why, [reason]);
  });
}

test("an announced loss without a loss counts nothing", () => {
  const got = run(sent(1), ...away, answer([], "buffer off"), sent(2), ["finished", 2]);

  assert.deepEqual(got.gap, []);
});

test("the question names the last event handled", () => {
  const got = run(
    ...[["ask"], sent(1, 2, 3), ["out"], ["ask"], ["in"], ["ask"]],
    ...[answer([4, 5], null, true), ["ask"], answer([6]), ["ask"]],
  );

  assert.deepEqual(got.asked, [null, null, 3, 5, null]);
});

for (const [ms, state] of [
  [200, "LIVE"],
  [300, "SYNCING"],
]) {
  test(`a hole is given a quarter of a second: after ${ms} ms the receiver is ${state}`, () => {
    assert.equal(run(sent(1, 3), ["wait", ms]).state, state);
  });
}

test("sixty-five early events are too many to hold", () => {
  assert.equal(run(sent(...from(2, 65))).state, "LIVE");
  assert.equal(run(sent(...from(2, 66))).state, "SYNCING");
});

test("the end of the run shows that the last events are missing", () => {
  const got = run(sent(1, 2), ["finished", 4], ["wait", 300], ["ask"]);

  assert.deepEqual([got.state, got.asked], ["SYNCING", [2]]);
});

test("an answer that cannot close the hole ends it with a gap", () => {
  const got = run(sent(1), ["finished", 3], ["wait", 300], answer([]));

  assert.deepEqual([got.gap, got.why, got.state], [[2, 3], ["not sent again"], "LIVE"]);
});

test("without dropping, the same overlap is handled twice", () => {
  const got = run(["drop", false], ...TABLE["replay and live overlap"][0]);

  assert.deepEqual([got.dropped, got.twice], [[], [11, 12]]);
  assert.equal(got.live.length + got.replayed.length + got.gap.length, 14);
});

test("another run is another receiver's business", () => {
  const got = run(sent(1), ["other", 2], ["finished other", 9], sent(2), ["finished", 2]);

  assert.deepEqual([got.live, got.dropped, got.state], [[1, 2], [], "LIVE"]);
});

test("nothing is heard while out", () => {
  assert.equal(run(sent(1), ["out"], sent(2)).cursor, 1);
});

// A server with a bounded buffer and a client that is cut at random, as a story of `count` events.
function world(seed) {
  const { real, whole, choice } = chance(seed);
  const [keep, count] = [choice([0, 1, 3, 5, 20, 500]), whole(1, 60)];
  const steps = [];
  let [last, heard, out, asking] = [0, 0, false, false];
  const resume = () => {
    const first = Math.max(1, last - keep + 1);
    const complete = keep ? first <= heard + 1 : heard === last;
    const reason = complete ? null : keep ? "trimmed" : "buffer off";
    return answer(from(Math.max(heard + 1, first), last), reason);
  };
  while (last < count || out || asking) {
    const move = real();
    if (last < count && move < 0.6) {
      last += 1;
      if (out) continue;
      steps.push(sent(...Array(choice([1, 1, 1, 2])).fill(last)));
      if (heard === last - 1) heard = last;
    } else if (asking) {
      steps.push(resume());
      [heard, asking] = [last, false];
    } else if (out) {
      steps.push(["in"]);
      [out, asking] = [false, true];
    } else if (move > 0.85) {
      steps.push(["out"]);
      out = true;
    }
  }
  return { steps: [...steps, ["finished", count]], count };
}

for (let seed = 0; seed < runs(60); seed++) {
  test(`whatever happens, every event has exactly one fate: world ${seed}`, () => {
    const { steps, count } = world(seed);
    const got = run(...steps);
    const fates = [...got.live, ...got.replayed, ...got.gap].sort((a, b) => a - b);

    assert.deepEqual(fates, from(1, count), JSON.stringify(steps));
    assert.deepEqual(got.order, fates);
    assert.equal(got.state, "LIVE");
  });
}
