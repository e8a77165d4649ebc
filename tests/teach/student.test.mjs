// A robot of a rehearsal answers like a student: some wrong, some late, and better after a discussion.

import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, minds, thinks } from "../../static/teach/student.js";
import { chance } from "../chance.mjs";

const ASKED = { choices: ["a", "b", "c", "d"], right: "b" };
const share = (answers) => answers.filter((one) => one === "b").length / answers.length;

test("of thirty robots one is asleep, one stuck and six take their time", () => {
  const class_ = minds(30);

  assert.equal(class_.filter(({ kind }) => kind === "asleep").length, 1);
  assert.equal(class_.filter(({ kind }) => kind === "stuck").length, 1);
  assert.equal(class_.filter(({ late }) => late).length, 6);
  assert.deepEqual(
    minds(1).map(({ kind }) => kind),
    ["awake"],
  );
});

test("about half are right at first, and a discussion teaches most of the others", () => {
  const { real } = chance(7);
  const first = Array.from({ length: 2000 }, () => choose(ASKED, null, real));
  const second = first.map((before) => choose(ASKED, before, real));

  assert.ok(share(first) > 0.4 && share(first) < 0.5, String(share(first)));
  assert.ok(share(second) > 0.7 && share(second) < 0.85, String(share(second)));
  assert.deepEqual([...new Set(first)].sort(), ASKED.choices);
  assert.ok(
    first.every((before, at) => before !== "b" || second[at] === "b"),
    "who was right stays so",
  );
});

test("the quick answer within four seconds, the late within nine, at any pace", () => {
  const { real } = chance(8);
  for (let n = 0; n < 200; n++) {
    const [quick, late] = [thinks({ late: false }, real), thinks({ late: true }, real, 0.5)];
    assert.ok(quick >= 1000 && quick < 4000 && late >= 3000 && late < 4500);
  }
});
