// static/lessons/rooms/board.js: which sentence stands under the map.

import assert from "node:assert/strict";
import test from "node:test";

import { Board, emitOf } from "../../../static/lessons/rooms/board.js";

function board() {
  const said = {
    dataset: {},
    replaceChildren: (...parts) => Object.assign(said, { textContent: parts.join("") }),
  };
  const made = { said, sums: {}, subject: null, lab: { announce() {} } };
  return Object.assign(Object.create(Board.prototype), made);
}

test("a report that comes late adds to its own sentence and wipes off no newer one", () => {
  const [here, run] = [board(), {}];
  here.tellOf(run, "addressed 2 = 1 confirmed + 1 waited for.");
  here.tellOf(run, "addressed 2 = 2 confirmed.");
  assert.equal(here.said.textContent, "addressed 2 = 2 confirmed.");

  here.tell("bad", "Only members of lab may say something there.");
  here.tellOf(run, "addressed 2 = 1 confirmed + 1 silent.");
  assert.equal(here.said.textContent, "Only members of lab may say something there.");
});

test("the line of Python is the one that runs, and none where nothing is emitted", () => {
  assert.equal(emitOf([]), "no emit: it refuses a say without a room");
  assert.equal(emitOf(["lab"], true), 'emit("said", said, to="lab", include_self=False)');
  assert.equal(emitOf(["hall", "lab"]), 'emit("said", said, to=["hall", "lab"])');
});
