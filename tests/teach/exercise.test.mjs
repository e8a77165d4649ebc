// What the cockpit knows of the students at their exercises.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  counts,
  fails,
  inShort,
  isStuckAt,
  progress,
  STUCK_MS,
  trouble,
} from "../../static/teach/exercise.js";
import { Roster } from "../../static/teach/roster.js";

const FAILED = { slug: "rooms", done: false, check: "once", saw: "a said of C", since: 1000, times: 1 };
const TRIED = { ...FAILED, attempts: 2, passed: 1, of: 3 };
const DONE = { ...TRIED, done: true, check: null, saw: null, since: null, times: 0, passed: 3 };
const row = (exercise, more = {}) => ({
  seat: "a",
  nick: "otter",
  state: "connected",
  lesson: null,
  step: null,
  robot: false,
  exercise,
  ...more,
});
const placeOf = (lesson, step) => [lesson, step].filter(Boolean).join(", ");

test("a seat is stuck after four minutes without another check, or three same failures", () => {
  assert.equal(isStuckAt(row(TRIED), 1000 + STUCK_MS - 1), false);
  assert.equal(isStuckAt(row(TRIED), 1000 + STUCK_MS), true);
  assert.equal(isStuckAt(row({ ...TRIED, times: 2 }), 1001), false);
  assert.equal(isStuckAt(row({ ...TRIED, times: 3 }), 1001), true);
});

test("nobody is stuck who has finished it once, has gone on, is not here, or has tried nothing", () => {
  const late = 1000 + STUCK_MS;
  const isStuck = (...about) => isStuckAt(row(...about), late);

  assert.equal(isStuck({ ...TRIED, done: true }), false, "a later attempt may fail");
  assert.equal(isStuck(TRIED, { lesson: "missed" }), false);
  assert.equal(isStuck(TRIED, { lesson: "rooms" }), true);
  assert.equal(isStuck(TRIED, { state: "asleep" }), true, "its page lies behind an editor");
  for (const state of ["away", "cut", "done"]) assert.equal(isStuck(TRIED, { state }), false, state);
  assert.equal(isStuck(undefined), false);
  assert.equal(fails(row(DONE)), false);
});

test("the cockpit names the check, what was seen, how long and how often, by the server's clock", () => {
  const roster = new Roster();
  const at = 500_000; // of the server, when this clock says 20,000
  const since = at - 60_000;
  roster.told({ seats: [row({ ...TRIED, since })], whole: true, at }, 20_000);
  const needs = (now) => roster.needs(now, placeOf).needy;

  assert.deepEqual(needs(20_000 + 3 * 60_000 - 1), []);
  const [{ shape, why }] = needs(20_000 + 3 * 60_000);
  assert.equal(shape, "stuck");
  assert.equal(why, "stuck for 4 min · rooms, exercise, once: a said of C · 2 attempts");
  assert.equal(roster.shape(roster.all()[0], 20_000), "connected");
});

test("who says so is stuck at once, at the exercise if a check fails there", () => {
  const roster = new Roster();
  roster.told({ seats: [row(TRIED, { state: "stuck" })], whole: true, at: 2000 }, 0);

  assert.equal(
    roster.needs(1000, placeOf).needy[0].why,
    "stuck for 1 s · rooms, exercise, once: a said of C · 2 attempts",
  );
});

test("who is stuck longest stands first, whether it says so or an exercise does", () => {
  const roster = new Roster();
  const failing = row({ ...TRIED, since: 0, times: 3 }, { seat: "b" });
  roster.told({ seats: [row(undefined, { state: "stuck" })], whole: true, at: 100_000 }, 0);
  roster.told({ seats: [failing], at: 160_000 }, 60_000);

  assert.deepEqual(
    roster.needs(60_000, placeOf).needy.map(({ seat }) => seat),
    ["b", "a"],
  );
});

test("what was seen is cut short in a line, and whole in the seat's own panel", () => {
  const long = { ...TRIED, saw: "x".repeat(200), attempts: 1 };

  assert.equal(trouble(long, placeOf), `rooms, exercise, once: ${"x".repeat(89)}… · 1 attempt`);
  assert.deepEqual(progress(long, placeOf), {
    sum: "rooms, exercise: 1 of 3 checks · 1 attempt",
    saw: `once fails. The server saw: ${long.saw}`,
  });
  assert.deepEqual(progress(DONE, placeOf), { sum: "rooms, exercise: done · 2 attempts", saw: "" });
  assert.deepEqual([TRIED, DONE].map(inShort), ["exercise: 1 of 3 checks", "exercise done"]);
});

test("the class is counted at the exercise of its lesson, robots left out", () => {
  const rows = [row(TRIED), row(DONE), row(DONE, { robot: true }), row({ ...DONE, slug: "missed" }), row()];

  assert.deepEqual(counts(rows, "rooms"), { tried: 2, done: 1 });
  assert.deepEqual(counts(rows, null), { tried: 0, done: 0 });
});
