// Which check of an earlier lesson comes back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { turn } from "../../static/lib/warmup.js";

test("a check that was wrong comes back first, then one not answered yet", () => {
  assert.equal(turn(["right", null, "wrong"]), 2);
  assert.equal(turn(["right", null, "right"]), 1);
  assert.equal(turn([null, null, null]), 0);
  assert.equal(turn(["right", "right", "right"]), 0);
});
