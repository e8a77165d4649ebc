// Dots, taps and runs of lesson "emit". Pure.

import assert from "node:assert/strict";
import test from "node:test";
import {
  answerOf,
  answers,
  cellOf,
  inCells,
  isDecided,
  nameOf,
  newRun,
  noted,
  outcome,
  stateOf,
  sums,
  wrongTaps,
} from "../../../static/lessons/emit/model.js";

const DOTS = [
  { sid: "me", nick: "ada", rooms: ["lab"] },
  { sid: "b", nick: "ada", rooms: ["lab", "hall"], robot: 1 },
  { sid: "c", nick: "bob", rooms: ["hall"], robot: 2 },
  { sid: "d", nick: "bob", rooms: [] },
  { sid: "up", nick: "bob", rooms: [], namespace: "/upstairs" },
];
const OWN = new Map([
  ["me", 0],
  ["b", 1],
]);

test("a dot stands by its namespace and its rooms, one's own first", () => {
  assert.deepEqual(DOTS.map(cellOf), ["lab", "both", "hall", "none", "upstairs"]);
  const cells = inCells([{ sid: "z", rooms: ["lab"] }, ...DOTS], OWN);
  assert.deepEqual(
    cells.lab.map(({ sid }) => sid),
    ["me", "z"],
  );
});

test("names say whose it is", () => {
  assert.deepEqual(
    DOTS.map((dot) => nameOf(dot, OWN)),
    ["you", "robot 1", "bob 2", "bob", "bob"],
  );
});

test("taps are an answer when they are all dots of it, and only then", () => {
  const says = (...sids) => answerOf(new Set(sids), DOTS, "me");
  assert.equal(says("me"), "me");
  assert.equal(says("me", "b", "c", "d"), "all");
  assert.equal(says("me", "b", "c", "d", "up"), "all");
  assert.equal(says("b", "c", "d"), "not_me");
  assert.equal(says("b"), null);
  assert.equal(says(), null);
  assert.equal(says("up"), null);
  assert.deepEqual([...answers(DOTS, "me").get("nobody")], []);
});

test("alone, a tap on oneself may mean two answers, and is none", () => {
  assert.equal(answerOf(new Set(["me"]), [DOTS[0]], "me"), null);
});

test("what the page's own handlers said counts before the server's report", () => {
  const began = { ...newRun("r", 0), addressed: 3, got: new Map([["me", 2]]) };
  const told = {
    addressed: 3,
    got: [
      ["me", 40],
      ["b", 7],
    ],
    silent: ["c"],
    missed: [],
  };
  const run = noted(began, told);
  assert.equal(isDecided(began, 100), false);
  assert.equal(isDecided(began, 4000), true);
  assert.equal(isDecided(run, 100), true);
  assert.deepEqual(sums(run), { addressed: 3, confirmed: 2, silent: 1 });
  assert.equal(run.got.get("me"), 2);
  assert.deepEqual(
    ["me", "c", "d"].map((sid) => stateOf(run, sid)),
    ["received", "silent", "idle"],
  );
});

test("the outcome counts sockets, handlers and taps", () => {
  const run = { ...newRun("r", 0), addressed: 1, got: new Map([["me", 2]]) };
  const wrong = wrongTaps(new Set(["me", "b"]), run, DOTS);
  assert.deepEqual([...wrong], ["b"]);
  assert.deepEqual(outcome(run, DOTS, "me", wrong), [
    "Addressed by the server: 1 of 5 sockets.",
    "Confirmed by their own handlers: 1.",
    "Your own handler ran, and nobody else's.",
    "Dot by dot: 4 right, 1 wrong.",
  ]);
  assert.equal(outcome(run, DOTS, "me", null).length, 3); // on the wall nobody has bet
});
