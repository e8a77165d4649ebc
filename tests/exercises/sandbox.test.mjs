// What a program's frame says is not believed: it is cut to the shape that ours has.

import assert from "node:assert/strict";
import test from "node:test";
import { headed } from "../../static/exercise/prelude.js";
import { checked, placed } from "../../static/exercise/sandbox.js";

test("lines of another shape are left out, cut or taken for plain ones", () => {
  const said = { lines: [["error", "no"], ["shout", 5], "x", null, ["log", "y".repeat(9999)]], left: 7 };
  const [lines, left] = checked(said);

  assert.deepEqual(lines.slice(0, 2), [
    ["error", "no"],
    ["log", "5"],
  ]);
  assert.equal(lines[2][1].length, 3000);
  assert.equal(lines.length, 3);
  assert.equal(left, 7);
});

test("what is no list of lines is none, and no number is believed that cannot be one", () => {
  for (const said of [undefined, null, 5, "text", {}, { lines: {} }, { lines: [], left: -3 }]) {
    assert.deepEqual(checked(said), [[], 0]);
  }
  assert.equal(checked({ lines: Array(5000).fill(["log", ""]), left: Infinity })[0].length, 200);
});

test("an error of a text that cannot be read says its line as the editor counts", () => {
  assert.equal(placed("Uncaught SyntaxError: no", 3), "SyntaxError: no (line 3)");
  assert.equal(placed("Script error", -4), "Script error");
});

test("before a program stand as many lines as its errors are counted from", () => {
  const { text, before } = headed("first;\nsecond;", {
    server: "http://10.0.0.7:8000",
    seat: "</script>'\"`",
  });
  const lines = text.split("\n");

  assert.equal(lines[before], "first;");
  assert.equal(lines[before + 1], "second;");
  assert.doesNotThrow(() => new Function(text));
});
