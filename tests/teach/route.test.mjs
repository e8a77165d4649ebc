// A plan as it is walked through: its places and its clock.

import assert from "node:assert/strict";
import { test } from "node:test";
import { behindText, clockText, findPlace, lengthOf, routeOf, timesAt } from "../../static/teach/route.js";

const MINUTE = 60_000;
const ROUTE = routeOf(" own-1:3 rooms-1:4\n rooms-2:3 ");

test("a route is read with the minute at which each stop begins", () => {
  assert.deepEqual(ROUTE, [
    { screen: "own-1", minutes: 3, at: 0 },
    { screen: "rooms-1", minutes: 4, at: 3 },
    { screen: "rooms-2", minutes: 3, at: 7 },
  ]);
  assert.equal(lengthOf(ROUTE), 10);
});

test("the class is found at the nearest of the stops that lead there", () => {
  const at = (lesson, step) => ({ lesson, step });
  const places = [at(null, null), at("a", "x"), at("a", "y"), at("a", "x"), at("b", "x")];

  assert.equal(findPlace(places, at("a", "x"), 0), 1);
  assert.equal(findPlace(places, at("a", "x"), 4), 3);
  assert.equal(findPlace(places, at("b", "y")), -1);
  assert.equal(findPlace(places, at(null, null)), -1);
});

test("before the plan is begun no time passes", () => {
  assert.deepEqual(timesAt(ROUTE, 0, { began: null, entered: null }, 5 * MINUTE), {
    elapsed: 0,
    inStep: 0,
    planned: 3 * MINUTE,
    behind: 0,
    share: 0,
  });
});

test("a stop within its minutes is on time, however far it is", () => {
  for (const now of [3, 4, 6]) {
    const times = timesAt(ROUTE, 1, { began: 0, entered: 3 * MINUTE }, now * MINUTE);
    assert.equal(behindText(times.behind), "on time");
    assert.equal(times.share, (now - 3) / 4);
  }
});

test("what is entered late, or stays too long, is behind plan; what is early has time to spare", () => {
  const late = timesAt(ROUTE, 1, { began: 0, entered: 5 * MINUTE }, 6 * MINUTE);
  const long = timesAt(ROUTE, 1, { began: 0, entered: 3 * MINUTE }, 10 * MINUTE);
  const early = timesAt(ROUTE, 2, { began: 0, entered: 4 * MINUTE }, 4 * MINUTE);

  assert.equal(behindText(late.behind), "2 min behind plan");
  assert.equal(behindText(long.behind), "3 min behind plan");
  assert.equal(long.share, 1);
  assert.equal(behindText(early.behind), "3 min to spare");
});

test("a clock shows minutes and seconds", () => {
  assert.deepEqual([0, 999, 72_000, 600_000, -5].map(clockText), ["0:00", "0:00", "1:12", "10:00", "0:00"]);
});
