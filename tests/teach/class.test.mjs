// What the cockpit knows of the class: its state, its vote, its seats.

import assert from "node:assert/strict";
import { test } from "node:test";
import { actOf, nextAct } from "../../static/teach/acts.js";
import { ballot } from "../../static/teach/ballot.js";
import { Roster } from "../../static/teach/roster.js";
import { after, withProgress } from "../../static/teach/state.js";

const STATE = {
  rev: 4,
  lesson: null,
  step: null,
  follow: false,
  vote: null,
  buffer: { kind: "off", keep: 20 },
};
const tell = (state, event, told) => after(state, event, told).state;

test("each event makes the next state, and what is older changes nothing", () => {
  const stepped = tell(STATE, "stepped", { rev: 5, lesson: "rooms", step: "explore", follow: true });
  const buffered = tell(stepped, "buffer_set", { rev: 6, kind: "memory", keep: 7 });

  assert.deepEqual([stepped.lesson, stepped.step, stepped.follow], ["rooms", "explore", true]);
  assert.deepEqual(buffered.buffer, { kind: "memory", keep: 7 });
  assert.equal(tell(buffered, "stepped", { rev: 6, lesson: "other" }), buffered);
});

test("what is cleared begins anew, and its revision goes on", () => {
  const led = tell(STATE, "stepped", { rev: 5, lesson: "rooms", step: "explore", follow: true });

  assert.deepEqual(tell(led, "cleared", { rev: 6, state: { ...STATE, rev: 6 } }), { ...STATE, rev: 6 });
});

test("a hole in the revisions asks for the whole state", () => {
  assert.equal(after(STATE, "buffer_set", { rev: 5, kind: "off", keep: 1 }).gap, false);
  assert.equal(after(STATE, "buffer_set", { rev: 7, kind: "off", keep: 1 }).gap, true);
});

test("a closed vote is taken along to no other lesson", () => {
  const opened = tell(STATE, "vote_opened", { rev: 5, step: "race", round: 1 });
  const closed = tell(opened, "vote_closed", { rev: 6, step: "race", round: 1, in: 9, counts: { a: 9 } });
  const [here, there] = [STATE.lesson, "rooms"].map((lesson) =>
    tell(closed, "stepped", { rev: 7, lesson, step: null, follow: true }),
  );

  assert.deepEqual([here.vote?.in, there.vote], [9, null]);
});

test("a vote goes from open over closed to revealed, and its progress is told in between", () => {
  const open = tell(STATE, "vote_opened", { rev: 5, step: "race", round: 1 });
  const half = withProgress(open, { step: "race", round: 1, in: 7, of: 30 });
  const closed = tell(half, "vote_closed", { rev: 6, step: "race", round: 1, in: 9, counts: { a: 4, b: 5 } });
  const shown = tell(closed, "revealed", { rev: 7, step: "race", right: "b", counts: {} });

  assert.deepEqual(half.vote, { step: "race", round: 1, open: true, in: 7, of: 30, before: [] });
  assert.deepEqual(closed.vote, {
    step: "race",
    round: 1,
    open: false,
    in: 9,
    counts: { a: 4, b: 5 },
    before: [],
  });
  assert.equal(shown.vote.right, "b");
  assert.equal(withProgress(closed, { step: "race", in: 8, of: 30 }), closed);
});

test("a second round remembers the first, and a vote on another step does not", () => {
  const first = {
    ...STATE,
    vote: { step: "race", round: 1, open: false, in: 9, counts: { a: 4, b: 5 }, before: [] },
  };
  const again = tell(first, "vote_opened", { rev: 5, step: "race", round: 2 });
  const other = tell(first, "vote_opened", { rev: 5, step: "other", round: 1 });

  assert.deepEqual([again.vote.before, other.vote.before], [[{ a: 4, b: 5 }], []]);
});

const CHOICES = [
  { id: "a", text: "one", right: false },
  { id: "b", text: "two", right: true },
];
const closed = (a, b, ...before) => ({
  step: "race",
  round: before.length + 1,
  open: false,
  in: a + b,
  counts: { a, b },
  before,
});

test("an open vote shows how many are in, and no count of any choice", () => {
  const view = ballot(CHOICES, { step: "race", round: 1, open: true, in: 7, of: 30 });

  assert.equal(view.head, "7 of 30 in · hidden from the class");
  assert.deepEqual(
    view.rows.map(({ n }) => n),
    [null, null],
  );
  assert.equal(view.advice, "");
});

test("what the share of right answers suggests", () => {
  const said = (...counts) => {
    const { advice, again } = ballot(CHOICES, closed(...counts));
    return [advice, again];
  };

  assert.deepEqual(said(13, 12), ["48 % right: let them discuss, then vote again.", true]);
  assert.deepEqual(said(7, 3), ["30 % right: let them discuss, then vote again.", true]);
  assert.deepEqual(said(8, 2), ["20 % right: run it, and let them explain.", false]);
  assert.deepEqual(said(1, 9), ["90 % right: run it.", false]);
  assert.deepEqual(said(5, 5, { a: 3, b: 1 }), ["50 % right, 25 % before the discussion.", false]);
  assert.deepEqual(said(0, 0), ["Nobody has answered.", true]);
});

const seat = (id, state = "connected", more = {}) => ({
  seat: id,
  nick: id,
  state,
  lesson: null,
  step: null,
  robot: false,
  ...more,
});
const needs = (roster, now) => roster.needs(now, (lesson) => lesson ?? "");

test("the roster keeps since when somebody is as they are, and forgets who is gone", () => {
  const roster = new Roster();
  roster.told({ seats: [seat("a"), seat("b", "stuck", { lesson: "rooms" })], whole: true }, 0);
  roster.told({ seats: [seat("b", "stuck", { step: "race", lesson: "rooms" })], gone: ["a"] }, 60_000);

  assert.deepEqual(roster.counts(), { here: 1, joined: 1 });
  assert.equal(needs(roster, 120_000).needy[0].why, "stuck for 2 min · rooms");
});

test("who confirms nothing is silent until a handler of theirs has run, and each event counts once", () => {
  const roster = new Roster();
  roster.told({ seats: [seat("a"), seat("b")], whole: true }, 0);
  const event = { run: "r", seq: 1, seats: [["a", 3]], silent: ["b", "nobody"] };
  roster.lit(event, 10);
  roster.lit(event, 20);
  roster.lit({ ...event, seq: 2 }, 30);

  assert.deepEqual(
    needs(roster, 40).needy.map(({ seat: id, why }) => [id, why]),
    [["b", "2 events without a word"]],
  );
  roster.lit({ run: "r", seq: 3, seats: [["b", 5]], silent: [] }, 50);
  assert.deepEqual(needs(roster, 60), { needy: [], others: [] });
});

test("the stuck come first, and many who are away are one line", () => {
  const roster = new Roster();
  const away = ["a", "b", "c", "d"].map((id) => seat(id, "away"));
  roster.told(
    { seats: [seat("z", "asleep"), ...away, seat("x", "cut"), seat("y", "stuck")], whole: true },
    0,
  );
  const { needy, others } = needs(roster, 90_000);

  assert.deepEqual(
    needy.map(({ seat: id }) => id),
    ["y", "z"],
  );
  assert.deepEqual(others, ["1 cut off by you: they come back by themselves", "4 away"]);
  assert.deepEqual(needs(roster, 10_000).others, ["1 cut off by you: they come back by themselves"]);
});

const ACTS = ["vote", "close", "run", "reveal", "cut half 3", "buffer 20", "follow", "wall join"].map(actOf);
const about = (fields) => ({ state: STATE, pressed: new Set(), ...fields });

test("the acts of a step are pressed in their order, and the class's state says which are done", () => {
  const next = (fields) => nextAct(ACTS, "race", about(fields))?.text;
  const voted = { ...STATE, vote: { ...closed(1, 2), right: "b" } };

  assert.equal(next({}), "vote");
  assert.equal(next({ state: { ...STATE, vote: { step: "race", open: true } } }), "close");
  assert.equal(next({ state: { ...STATE, vote: { step: "other", open: true } } }), "vote");
  assert.equal(next({ state: { ...STATE, vote: closed(1, 2) } }), "run");
  assert.equal(next({ state: { ...STATE, vote: closed(1, 2) }, pressed: new Set(["run"]) }), "reveal");
  assert.equal(next({ state: voted, pressed: new Set(["run"]) }), "cut half 3");
  const cut = new Set(["run", "cut half 3"]);
  assert.equal(next({ state: voted, pressed: cut }), "buffer 20");
  const kept = { ...voted, buffer: { kind: "memory", keep: 20 } };
  assert.equal(next({ state: kept, pressed: cut }), "follow");
  assert.equal(next({ state: { ...kept, follow: true }, pressed: cut }), "wall join");
  const all = new Set([...cut, "wall join"]);
  assert.equal(next({ state: { ...kept, follow: true }, pressed: all }), undefined);
});

test("an open vote is closed before its step is run, also where it was opened a step earlier", () => {
  const open = about({ state: { ...STATE, vote: { step: "race", open: true } } });

  assert.equal(nextAct([actOf("run")], "race", open).text, "close");
  assert.equal(nextAct([actOf("run")], "other", open).text, "run");
});

test("an act says which button it is and what it presets", () => {
  assert.deepEqual(actOf("cut half 3"), {
    text: "cut half 3",
    word: "cut",
    button: "cut",
    seats: "half",
    seconds: 3,
  });
  assert.equal(actOf("close").button, "vote");
  assert.deepEqual([actOf("buffer off").on, actOf("buffer 7").keep], [false, 7]);
});
