// What the page says: the alarm of the bar, and what is told to a screen reader. The document is a stand-in.

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

const { alarm, announce, keep } = await import("../../static/lib/dom.js");
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

// {ms: what the status says from then on} of three sentences at once and one after half a minute.
function heard(mock) {
  mock.timers.enable();
  mock.timers.tick(100_000);
  box.textContent = "";
  const said = [];
  for (const text of ["one", "two", "three"]) announce(text);
  for (let ms = 0; ms < 30_000; ms += 500) {
    mock.timers.tick(ms ? 500 : 1);
    if (box.textContent !== (said.at(-1)?.[1] ?? "")) said.push([ms, box.textContent]);
  }
  return said;
}

test("of what is said at once a reader hears the last, or every sentence, or none", ({ mock }) => {
  assert.deepEqual(heard(mock), [[0, "three"]]);
  mock.timers.reset();
  keep("voice", "off");
  assert.deepEqual(heard(mock), []);
  mock.timers.reset();
  keep("voice", "every");
  assert.deepEqual(
    heard(mock).map(([, text]) => text),
    ["one", "two", "three"],
  );
});
