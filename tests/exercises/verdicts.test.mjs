// What the judge's panel knows, from what the server tells: one attempt after the other.

import assert from "node:assert/strict";
import test from "node:test";
import { began, checked, judged, lost, progressed } from "../../static/exercise/verdicts.js";

const CHECKS = [
  { check: "hello", expected: "a hello", passed: true, saw: "hello", n: 7 },
  { check: "wave", expected: "a wave", passed: false, saw: "nothing", n: null },
];
const told = { exercise: "x", attempts: 2, done: false, passed: 1, of: 2, running: null, checks: CHECKS };

test("a new attempt opens every check, and counts", () => {
  const known = began(progressed(told), { attempt: 3 });

  assert.equal(known.attempts, 3);
  assert.equal(known.running, 3);
  assert.deepEqual(
    [...known.checks.values()].map(({ passed, saw, n }) => [passed, saw, n]),
    [
      [null, null, null],
      [null, null, null],
    ],
  );
  assert.deepEqual(
    [...known.checks.values()].map(({ expected }) => expected),
    ["a hello", "a wave"],
  );
});

test("a verdict decides its check and no other; the end is the server's word", () => {
  const wave = { ...CHECKS[1], passed: true, saw: "a wave", n: 9 };
  const known = checked(began(progressed(told), { attempt: 3 }), wave);
  const over = judged(known, { passed: 1, of: 2, done: false });

  assert.equal(known.checks.get("wave").n, 9);
  assert.equal(known.checks.get("hello").passed, null);
  assert.deepEqual([over.running, over.done, over.over], [null, false, { passed: 1, of: 2, done: false }]);
});

test("a page that is not connected knows of no program that runs, until it is told again", () => {
  const away = lost(began(progressed(told), { attempt: 3 }));

  assert.deepEqual([away.running, away.isLost, away.attempts], [null, true, 3]);
  assert.equal(away.checks.get("hello").passed, null);
  const back = progressed({ ...told, running: 3 });
  assert.deepEqual([back.running, Boolean(back.isLost)], [3, false]);
});

test("what is done stays done, whatever comes later", () => {
  const known = judged(progressed({ ...told, done: true }), { passed: 0, of: 2, done: false });

  assert.equal(known.done, true);
  assert.equal(judged(progressed(told), { passed: 2, of: 2, done: true }).done, true);
});
