// static/lessons/rooms/bets.js: taps on the map as an answer, and an answer as taps.

import assert from "node:assert/strict";
import test from "node:test";

import { answerOf, answers } from "../../../static/lessons/rooms/bets.js";

const [LAB, HALL] = [
  ["you", "two", "three"],
  ["one", "you", "two"],
];
const SETS = answers(LAB, HALL, "you");
const said = (...taps) => answerOf(new Set(taps), SETS, "you");

test("each answer is the set of sockets that it says", () => {
  assert.equal(said("you", "two", "three"), "with_me");
  assert.equal(said("three", "two"), "without_me");
  assert.equal(said("one", "two", "three", "you"), "all_mine");
  assert.equal(said("one", "two", "three"), "all_mine");
  for (const [answer, sids] of SETS) if (sids.size) assert.equal(said(...sids), answer);
});

test("other taps are no answer, and neither are none", () => {
  for (const taps of [[], ["you"], ["one"], ["two"], ["one", "two"]]) assert.equal(said(...taps), null);
});

test("where the lists make two answers the same, taps do not choose between them", () => {
  const alone = answers(["you", "two"], ["you"], "you");

  assert.equal(answerOf(new Set(["you", "two"]), alone, "you"), null);
  assert.equal(answerOf(new Set(["two"]), alone, "you"), null);
  assert.equal(
    answerOf(new Set(["two"]), answers(["you", "two"], ["you", "one"], "you"), "you"),
    "without_me",
  );
});
