// One order as both sides know it: what crossed, what the client said, what stood on the counter.

import assert from "node:assert/strict";
import test from "node:test";
import * as model from "../../../static/lessons/acks/model.js";
import { picture } from "../../../static/lessons/acks/picture.js";

const up = (id) => `2/acks,${id}["order",{"dish":"soup","order_id":"one"}]`;
const down = (id) => `3/acks,${id}[{"ok":true,"ticket":1,"total":1}]`;
const soup = (seq) => ({ run: "a run", seq, order_id: "one", attempt: seq });

function slow() {
  let one = model.begun("one", 0, 1000, true);
  for (const n of [0, 1, 2]) one = model.crossed(one, up(n), true, n * 1000);
  one = model.said(one, new Error("operation has timed out"), undefined, 3000);
  for (const n of [0, 1, 2]) {
    assert.equal(model.isOver(one), false);
    one = model.cooked(one, soup(n + 1), (n + 1) * 4000);
    one = model.crossed(one, down(n), false, (n + 1) * 4000);
  }
  return one;
}

test("three orders, three soups, three answers too late: over when the last has come", () => {
  const one = slow();
  assert.ok(model.isOver(one));
  assert.equal(model.late(one), 3);
  assert.deepEqual(model.outcome(one), [
    "The client sent 3 orders and said after 3.0 s: failed.",
    "3 soups stand on the counter, the last after 12.0 s.",
    "3 acknowledgements came too late, and nobody waited for them.",
  ]);
});

test("an answer in time is the end", () => {
  let one = model.begun("one", 0, 1000, true);
  one = model.crossed(one, up(4), true, 0);
  one = model.cooked(one, soup(1), 3);
  one = model.crossed(one, down(4), false, 4);
  one = model.said(one, null, { ok: true }, 4);
  assert.ok(model.isOver(one));
  assert.deepEqual(model.outcome(one), [
    "The client sent 1 order and said after 4 ms: done.",
    "1 soup stands on the counter, the last after 3 ms.",
  ]);
});

test("an error that is told is an answer, and a silent kitchen is not waited for", () => {
  const refused = model.said(model.begun("one", 0, 1000, true), null, { ok: false, error: "no" }, 5);
  assert.equal(refused.said.words, "refused");
  const silent = model.said(model.begun("one", 0, 1000, false), new Error("timeout"), undefined, 3000);
  assert.ok(model.isOver(silent));
});

test("packets and soups of another order, and what comes twice, change nothing", () => {
  const one = slow();
  assert.equal(model.crossed(one, '2/acks,9["order",{"order_id":"two"}]', true, 1), one);
  assert.equal(model.crossed(one, '3/acks,1[{"here":true}]', true, 1), one); // the client's answer to a call
  assert.equal(model.crossed(one, '0/acks,{"sid":"x"}', false, 1), one);
  assert.equal(model.cooked(one, soup(3), 1), one);
  assert.equal(model.cooked(one, { ...soup(4), order_id: "two" }, 1), one);
  assert.equal(model.said(one, null, { ok: true }, 1), one);
});

test("the picture has an arrow for each packet and a bowl for each soup, within its width", () => {
  const shapes = picture(slow(), 12_500);
  const of = (name) => shapes.filter(([, { class: kind }]) => kind?.startsWith(name));
  assert.equal(of("up").length, 3);
  assert.equal(of("ack late").length, 3);
  assert.equal(of("soup").filter(([tag]) => tag === "circle").length, 3);
  assert.equal(of("ring closed").length, 3);
  for (const [, { cx }] of of("soup")) if (cx) assert.ok(Number.parseFloat(cx) <= 100);
});
