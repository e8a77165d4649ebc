// What a student writes on /review, as the browser keeps it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Answers, whyNot } from "../../static/lib/answers.js";

function storage(before = {}) {
  const kept = new Map(Object.entries(before));
  return {
    kept,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  };
}

const refusing = {
  getItem: () => {
    throw new Error("switched off");
  },
};

test("an answer has four different words, in any language", () => {
  for (const text of ["", "  \n", "1 2 3 4 5", "…"])
    assert.equal(whyNot(text), "Write your own answer first.");
  for (const text of ["I don't know", "no no no no no no", "both sides may"])
    assert.match(whyNot(text), /^A little more/);
  for (const text of ["Both sides may send.", "Сервер хранит каждое событие", "der Server behält nichts"])
    assert.equal(whyNot(text), "");
});

test("what is locked is not written over, and what is asked again begins empty", () => {
  const store = storage();
  const answers = new Answers("ada", store);
  answers.write("udp", "first");
  answers.lock("udp");
  answers.write("udp", "second");
  assert.deepEqual(answers.of("udp"), { text: "first", locked: true, before: "" });

  const later = new Answers("ada", store);
  later.again("udp");
  later.write("udp", "draft");
  later.again("udp"); // the page was loaded once more
  assert.deepEqual(later.of("udp"), { text: "draft", locked: false, before: "first" });
});

test("nobody sees what was written at another seat of this browser", () => {
  const store = storage();
  new Answers("ada", store).write("udp", "mine");
  const bob = new Answers("bob", store);
  assert.equal(bob.of("udp").text, "");

  bob.write("tcp", "his");
  assert.doesNotMatch(store.kept.get("review"), /mine/);
  bob.forget();
  assert.equal(store.kept.size, 0);
});

test("without storage, or with something else in it, an answer lasts as long as the page", () => {
  for (const store of [null, refusing, storage({ review: "{" }), storage({ review: "7" })]) {
    const answers = new Answers("ada", store);
    answers.write("udp", "still here");
    assert.equal(answers.of("udp").text, "still here");
    answers.forget();
    assert.equal(answers.of("udp").text, "");
  }
});
