// static/lib/line.js: how long a page was away.

import assert from "node:assert/strict";
import test from "node:test";

import { heardNow, lostSince } from "../../static/lib/line.js";

const NOW = 1_000_000;
const heard = (...moments) => moments.reduce(heardNow, { heardAt: NOW - 60_000, sleptAt: 0, wokeAt: 0 });

for (const [what, signs, since] of [
  ["between two pings: from now on", heard(NOW - 50_000, NOW - 40_000, NOW - 27_000, NOW - 9000), NOW],
  ["asleep, found at once: since it last heard of the server", heard(NOW - 50_000), NOW - 50_000],
  [
    "asleep, after it has read the pings of meanwhile: since before",
    heard(NOW - 50_000, NOW - 20, NOW - 10),
    NOW - 50_000,
  ],
  ["awake again for long: from now on", heard(NOW - 40_000, NOW - 6000, NOW - 1000), NOW],
]) {
  test(`a connection is lost ${what}`, () => assert.equal(lostSince(signs, NOW), since));
}
