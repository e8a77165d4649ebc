// What a page knows of the class: events in order, with gaps, late, twice; and what it does about its teacher.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chance, runs } from "../chance.mjs";
import { addressOf, ClassState, plan } from "../../static/lib/classstate.js";

const BEGIN = { rev: 4, lesson: null, step: null, follow: false, vote: null, buffer: { kind: "off" } };
const STEPPED = { rev: 5, lesson: "rooms", step: "predict", follow: true };
const COUNTS = { all: 7, not_me: 5 };

function known(state = BEGIN) {
  const model = new ClassState();
  model.whole(state);
  return model;
}

test("an event before the whole is known asks for it", () => {
  const model = new ClassState();
  assert.equal(model.hear("stepped", STEPPED), "gap");
  assert.equal(model.whole(BEGIN), 0, "whoever has just come has missed nothing");
  assert.equal(model.state, BEGIN);
});

test("the next number is news, the same is old, a later one is a gap and changes nothing", () => {
  const model = known();
  assert.equal(model.hear("stepped", STEPPED), "news");
  assert.deepEqual(model.state, { ...BEGIN, ...STEPPED });
  assert.equal(model.hear("stepped", { ...STEPPED, step: "run" }), "old");
  assert.equal(model.hear("stepped", { ...STEPPED, rev: 7, step: "run" }), "gap");
  assert.equal(model.state.step, "predict");
  assert.equal(model.whole({ ...BEGIN, ...STEPPED, rev: 8 }), 3, "of the three, no event told");
});

test("an answer that an event has overtaken is not believed", () => {
  const model = known();
  model.hear("stepped", STEPPED);
  assert.equal(model.whole(BEGIN), null);
  assert.equal(model.state.lesson, "rooms");
});

test("two rounds of a vote, hidden until closed, the right answer last", () => {
  const model = known({ ...BEGIN, lesson: "rooms" });
  model.hear("vote_opened", { rev: 5, step: "skip_me", round: 1 });
  assert.deepEqual(model.state.vote, { step: "skip_me", round: 1, open: true, in: 0, before: [] });
  model.hear("vote_closed", { rev: 6, step: "skip_me", round: 1, in: 12, counts: COUNTS });
  model.hear("vote_opened", { rev: 7, step: "skip_me", round: 2 });
  assert.deepEqual(model.state.vote.before, [COUNTS]);
  assert.equal(model.state.vote.counts, undefined);
  const counts = { all: 1, not_me: 11 };
  model.hear("vote_closed", { rev: 8, step: "skip_me", round: 2, in: 12, counts });
  assert.equal(model.state.vote.right, undefined);
  model.hear("revealed", { rev: 9, step: "skip_me", round: 2, counts, right: "not_me" });
  assert.deepEqual(model.state.vote, {
    ...{ step: "skip_me", round: 2, open: false, in: 12, before: [COUNTS] },
    ...{ counts, right: "not_me" },
  });
  model.hear("stepped", { ...STEPPED, rev: 10 });
  assert.equal(model.state.vote.round, 2, "the class is still in that lesson");
  model.hear("stepped", { ...STEPPED, rev: 11, lesson: "missed" });
  assert.equal(model.state.vote, null);
});

test("buffer and clearing are changes like any other", () => {
  const model = known();
  assert.equal(model.hear("buffer_set", { rev: 5, kind: "memory", keep: 20 }), "news");
  assert.deepEqual(model.state.buffer, { kind: "memory", keep: 20 });
  assert.equal(model.hear("cleared", { rev: 6, state: { ...BEGIN, rev: 6 } }), "news");
  assert.equal(model.state.rev, 6);
});

test("any order of events and answers ends in the newest state", () => {
  const newest = BEGIN.rev + 6;
  for (let seed = 1; seed <= runs(200); seed++) {
    const { whole } = chance(seed);
    const model = known();
    for (let n = 0; n < 40; n++) {
      const rev = whole(BEGIN.rev, newest);
      const before = model.state.rev;
      const heard = model.hear("stepped", { ...STEPPED, rev, step: `step ${rev}` });
      // The answer to the question may be older than what has come meanwhile, or newer.
      if (heard === "gap") model.whole({ ...BEGIN, rev: whole(before, newest), step: "asked for" });
      assert.ok(model.state.rev >= before, "rev only grows");
      assert.equal(heard === "news", rev === before + 1);
    }
    model.hear("stepped", { ...STEPPED, rev: newest + 1, step: "last" });
    model.whole({ ...BEGIN, rev: newest + 1, step: "last" });
    assert.equal(model.state.step, "last");
  }
});

const HERE = { lesson: "rooms", shown: undefined };
const LED = { ...BEGIN, ...STEPPED };

for (const [what, state, page, student, does] of [
  ["the class is not known", null, HERE, {}, "none"],
  ["it has not begun", { ...BEGIN, follow: true }, HERE, {}, "none"],
  ["nobody leads", { ...LED, follow: false }, HERE, {}, "free"],
  [
    "it begins, and the page waits for that",
    { ...LED, follow: false },
    { lesson: null, waits: true },
    {},
    "go",
  ],
  ["the teacher is in another lesson", LED, { lesson: "missed" }, {}, "go"],
  ["the teacher is on a page of its own", LED, { lesson: null }, {}, "go"],
  ["the teacher is on a step of this lesson", LED, HERE, {}, "show"],
  ["the step is shown already", LED, { ...HERE, shown: "predict" }, {}, "following"],
  ["the lesson as a whole is shown", { ...LED, step: null }, { ...HERE, shown: null }, {}, "following"],
  ["the student looks around", LED, { lesson: "missed" }, { looking: true }, "apart"],
  ["the student wants to be asked", LED, HERE, { asks: true }, "offer"],
  ["the student is writing", LED, { lesson: "missed" }, { busy: true }, "offer"],
  ["a form is being filled in", LED, { lesson: null, stays: true }, {}, "offer"],
  [
    "the student wants to be asked and is there",
    LED,
    { ...HERE, shown: "predict" },
    { asks: true },
    "following",
  ],
]) {
  test(`where ${what}: ${does}`, () => assert.equal(plan(state, page, student), does));
}

test("what the server names stays a part of an address", () => {
  assert.equal(addressOf(LED), "/lesson/rooms#predict");
  assert.equal(addressOf({ lesson: "review", step: "missed" }), "/review#missed");
  assert.equal(addressOf({ lesson: "../teach?x", step: null }), "/lesson/..%2Fteach%3Fx");
});
