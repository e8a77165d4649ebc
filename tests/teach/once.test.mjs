// A press that is made twice is one press, but steps are gone through as fast as one likes.

import assert from "node:assert/strict";
import test from "node:test";

import { Once } from "../../static/teach/once.js";

const at = (now, more = {}) => ({ now, began: 0, ...more });

test("the second of two quick presses is not another press, and a later one is", () => {
  const once = new Once();
  const presses = [10_000, 10_150, 10_300, 11_000].map((now) => once.isAgain("vote", undefined, at(now)));

  assert.deepEqual(presses, [false, true, true, false]);
});

test("another button, or the same for somebody else, is another press", () => {
  const once = new Once();
  const presses = [
    ["cut", undefined],
    ["vote", undefined],
    ["nudge", "ada"],
    ["nudge", "bob"],
    ["nudge", "bob"],
  ].map(([name, what], n) => once.isAgain(name, what, at(10_000 + n)));

  assert.deepEqual(presses, [false, false, false, false, true]);
});

test("steps are not held back, but for the second click on Begin", () => {
  const once = new Once();
  const steps = [1, 2, 3].map((clicks) => once.isAgain("next", undefined, at(90_000 + clicks, { clicks })));

  assert.deepEqual(steps, [false, false, false]);
  assert.equal(once.isAgain("next", undefined, { now: 5000, began: null, clicks: 1 }), false);
  assert.equal(once.isAgain("next", undefined, { now: 5150, began: 5000, clicks: 2 }), true);
});
