// A reader of the capture keeps its place, also where the server that it reads from is a new one.

import assert from "node:assert/strict";
import { test } from "node:test";

import { reader } from "../../static/lib/wirerows.js";

const answers = (rows, next) => ({ ok: true, json: async () => ({ rows, next, dropped: 0 }) });

test("an answer of the old server does not move the place at the new one", async () => {
  const asked = [];
  let answer = () => {};
  globalThis.fetch = (address) => {
    asked.push(new URL(address, "http://lab").searchParams.get("after"));
    return new Promise((done) => {
      answer = done;
    });
  };
  const rows = reader(57);
  const late = rows.read();
  rows.rewind();
  answer(answers([{ n: 58 }], 58));
  assert.deepEqual(await late, []);
  const first = rows.read();
  answer(answers([{ n: 1 }], 1));
  assert.deepEqual(await first, [{ n: 1 }]);
  rows.read();
  assert.deepEqual(asked, ["57", "0", "1"]);
});
