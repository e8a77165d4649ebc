// What the doctor says of a device's clock.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ahead } from "../../static/lib/device.js";

for (const [offset, error, words] of [
  [0, 2, "the same"],
  [-49, 2, "the same"],
  [140, 150, "the same"], // the round trip was too long to tell
  [140, 20, "0.1 s behind: the pages reckon with that"],
  [-3500, 20, "3.5 s ahead: the pages reckon with that"],
  [3_600_000, 20, "60 min behind: the pages reckon with that"],
]) {
  test(`an offset of ${offset} ms, wrong by ${error}: ${words}`, () =>
    assert.equal(ahead(offset, error), words));
}
