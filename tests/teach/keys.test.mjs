// The cockpit's keys: a press in a field is no press.

import assert from "node:assert/strict";
import { test } from "node:test";
import { meaning } from "../../static/teach/keys.js";

// An element that matches some of a list of selectors.
const on = (...kinds) => ({
  closest: (list) => (list.split(", ").some((one) => kinds.includes(one)) ? {} : null),
});
const press = (key, target = on(), more = {}) => meaning({ key, target, ...more });

test("the clicker and the letters have their meanings", () => {
  assert.deepEqual(
    ["PageDown", "ArrowRight", " "].map((key) => press(key)),
    ["next", "next", "next"],
  );
  assert.deepEqual(
    ["PageUp", "ArrowLeft"].map((key) => press(key)),
    ["back", "back"],
  );
  assert.deepEqual(
    [".", "b", "B"].map((key) => press(key)),
    ["blank", "blank", "blank"],
  );
  assert.deepEqual(
    ["r", "P", "v", "X", "f", "?"].map((key) => press(key)),
    ["run", "vote", "reveal", "cut", "follow", "keys"],
  );
  assert.equal(press("q"), null);
});

test("no key acts in a field, with another key, or while it is held down", () => {
  assert.equal(press("r", on("textarea")), null);
  for (const more of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { repeat: true }]) {
    assert.equal(press("r", on(), more), null);
  }
});

test("what has the focus keeps the keys that it needs itself", () => {
  assert.equal(press(" ", on("button")), null);
  assert.equal(press("PageDown", on("button")), "next");
  assert.equal(press("ArrowRight", on("[data-seat]")), null);
  assert.equal(press("ArrowRight", on("select")), null);
  assert.equal(press("p", on("select")), null);
});
