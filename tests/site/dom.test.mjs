// The alarm of the bar: what stands there, and how long. The document is a stand-in of two nodes.

import assert from "node:assert/strict";
import { test } from "node:test";

const box = { dataset: {}, lines: [], replaceChildren: (...lines) => Object.assign(box, { lines }) };

globalThis.document = {
  querySelector: () => box,
  createElement: () => ({
    append(text) {
      this.text = text;
    },
    remove() {
      box.lines = box.lines.filter((line) => line !== this);
    },
    get isConnected() {
      return box.lines.includes(this);
    },
  }),
};

const { alarm } = await import("../../static/lib/dom.js");
const shown = () => ({ kind: box.dataset.kind, words: box.lines.map(({ text }) => text) });

test("a lost connection stands until it is back, and that it is back for six seconds", ({ mock }) => {
  mock.timers.enable();
  alarm("lost", "Lost.");
  mock.timers.tick(60_000);
  assert.deepEqual(shown(), { kind: "lost", words: ["Lost."] });

  alarm("back", "Back.");
  mock.timers.tick(5_999);
  assert.deepEqual(shown(), { kind: "back", words: ["Back."] });
  mock.timers.tick(1);
  assert.deepEqual(shown(), { kind: undefined, words: [] }); // the bar has its other words again
});

test("what is newer is not taken away with what is older", ({ mock }) => {
  mock.timers.enable();
  alarm("back", "Back.");
  mock.timers.tick(3_000);
  alarm("lost", "Lost again.");
  mock.timers.tick(60_000);

  assert.deepEqual(shown(), { kind: "lost", words: ["Lost again."] });
});
