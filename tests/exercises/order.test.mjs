// Parts of a program put in order: every order can be reached, and none is lost.

import assert from "node:assert/strict";
import test from "node:test";
import { joined, moved, partAt, restored, toggled } from "../../static/exercise/order.js";

const START = { used: [0, 1, 2], aside: [] };

test("a part goes up and down, and no further than the ends", () => {
  assert.deepEqual(moved(START, 1, -1).used, [1, 0, 2]);
  assert.deepEqual(moved(START, 1, 1).used, [0, 2, 1]);
  assert.deepEqual(moved(START, 0, -1), START);
  assert.deepEqual(moved(START, 0, 5).used, [1, 2, 0]);
  assert.deepEqual(moved({ used: [0], aside: [1] }, 1, -1), { used: [0], aside: [1] });
});

test("what is put aside is not in the program, and comes back at its end", () => {
  const aside = toggled(START, 0);

  assert.deepEqual(aside, { used: [1, 2], aside: [0] });
  assert.equal(joined(aside, ["a;", "b;", "c;"]), "b;\n\nc;\n");
  assert.deepEqual(toggled(aside, 0), { used: [1, 2, 0], aside: [] });
});

test("the line of an error is found in the part where it stands", () => {
  const parts = ["a\nb", "c", "d\ne"];
  const order = { used: [2, 0], aside: [1] };
  const lines = joined(order, parts).split("\n");

  for (const [at, text] of lines.entries())
    if (text) assert.ok(parts[partAt(order, parts, at + 1)].includes(text), text);
  assert.equal(partAt(order, parts, 99), undefined);
});

test("an order that was kept is taken only if each of the parts is in it once", () => {
  for (const text of [
    null,
    "",
    "{",
    "5",
    '{"used":[0,0],"aside":[2]}',
    '{"used":[0,1],"aside":[]}',
    '{"used":[0,1,9],"aside":[]}',
  ]) {
    assert.deepEqual(restored(text, 3), START);
  }
  assert.deepEqual(restored('{"used":[2,0],"aside":[1]}', 3), { used: [2, 0], aside: [1] });
});
