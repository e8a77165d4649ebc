// Which check of an earlier lesson comes back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, turn } from "../../static/lib/warmup.js";

test("a check that was wrong comes back first, then one not answered yet", () => {
  assert.equal(turn(["right", null, "wrong"]), 2);
  assert.equal(turn(["right", null, "right"]), 1);
  assert.equal(turn([null, null, null]), 0);
  assert.equal(turn(["right", "right", "right"]), 0);
});

test("what this tab knows of that lesson decides, and without storage it is the first", () => {
  const forms = ["q1", "q2", "q3"].map((check, at) => ({ dataset: { check }, hidden: at > 0 }));
  const home = { dataset: { warmUp: "rooms" }, querySelectorAll: () => forms };
  const shown = () => {
    choose(home);
    return forms.filter(({ hidden }) => !hidden).map(({ dataset }) => dataset.check);
  };
  const known = { "check rooms q1": "right", "check rooms q3": "wrong", "check upgrade q2": "wrong" };
  globalThis.sessionStorage = { getItem: (name) => known[name] ?? null };
  assert.deepEqual(shown(), ["q3"]);

  known["check rooms q3"] = "right";
  assert.deepEqual(shown(), ["q2"]);

  delete globalThis.sessionStorage;
  assert.deepEqual(shown(), ["q1"]);
});
