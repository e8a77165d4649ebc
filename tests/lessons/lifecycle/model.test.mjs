// static/lessons/lifecycle/model.js and picture.js: what both sides said, as values and as shapes.

import assert from "node:assert/strict";
import test from "node:test";

import {
  back,
  begun,
  betAt,
  confirmed,
  isOver,
  left,
  outcome,
  poked,
  SPAN,
  sums,
  told,
} from "../../../static/lessons/lifecycle/model.js";
import { percent, picture, timeAt } from "../../../static/lessons/lifecycle/picture.js";

const start = begun({ run: "r", how: "hole", until: 20_000 }, { began: 0, sid: "oldsid0", pinged: -4000 });
const poke = (seq, run = "r") => ({ run, seq, sent_at: seq * 1000 });
const server = { run: "r", side: "server", reason: "ping timeout", after_ms: 14_000, new_sid: null };
const pokes = (model, n) => Array.from({ length: n }, (_, k) => poke(k + 1)).reduce(poked, model);
const whole = back(left(told(pokes(start, 13), server), "ping timeout", 14_001), "newsid1");

test("a departure is over when both sides have noticed and the robot is back", () => {
  const heard = told(start, server);

  assert.equal(isOver(null), false);
  assert.equal(isOver(heard), false);
  assert.equal(isOver(left(heard, "ping timeout", 14_000)), false);
  assert.equal(isOver(whole), true);
});

test("after the server's goodbye nobody comes back by itself, and it is over without that", () => {
  const goodbye = told({ ...start, how: "server_goodbye" }, { ...server, reason: "server disconnect" });

  assert.equal(isOver(left(goodbye, "io server disconnect", 3)), true);
});

test("pokes are counted once, by their numbers, and confirmed by those that ran", () => {
  const twice = poked(pokes(start, 3), poke(2));
  const one = confirmed(twice, poke(2));
  const early = confirmed(start, poke(1)); // the robot's handler may come first

  assert.deepEqual(sums(twice), { addressed: 3, confirmed: 0 });
  assert.deepEqual(sums(one), { addressed: 3, confirmed: 1 });
  assert.deepEqual(sums(poked(early, poke(1))), { addressed: 1, confirmed: 1 });
});

test("what belongs to another run, or comes a second time, changes nothing", () => {
  const known = told(start, server);

  assert.equal(poked(start, poke(1, "another")), start);
  assert.equal(confirmed(start, poke(1, "another")), start);
  assert.equal(told(start, { ...server, run: "another" }), start);
  assert.equal(told(start, { ...server, side: "client" }), start);
  assert.equal(told(known, { ...server, new_sid: "newsid1" }), known);
  assert.equal(left(whole, "transport close", 99), whole);
  for (const change of [poked, confirmed, told]) assert.equal(change(null, poke(1)), null);
});

test("the outcome says the numbers of the picture", () => {
  assert.deepEqual(outcome(whole), [
    "The server's disconnect handler ran after 14.0 s: ping timeout.",
    "The client noticed by itself after 14.0 s: ping timeout.",
    "Until then 13 pokes had been addressed to it, and 0 confirmed.",
    "It is back with another sid: newsid instead of oldsid.",
  ]);
});

test("a tap chooses the answer in whose range it is, and none between two", () => {
  const taps = [0, 0.5, 1, 2.9, 5, 8, 13, 18, SPAN, SPAN + 5].map(betAt);

  assert.deepEqual(taps, [
    "at_once",
    "at_once",
    "next_emit",
    "next_emit",
    null,
    "heartbeat",
    "heartbeat",
    "heartbeat",
    "never",
    "never",
  ]);
});

test("a place on the axis and its time are each other's inverse", () => {
  for (let at = 0; at <= SPAN; at += 0.7) assert.ok(Math.abs(timeAt(percent(at) / 100) - at) < 1e-9);
});

test("the picture shows each poke where it ended, and both words", () => {
  const shapes = picture(confirmed(whole, poke(13)), "heartbeat", 15_000);
  const classes = (name) => shapes.filter(([tag, about]) => tag === "circle" && about.class === name).length;
  const flags = shapes.filter(([, about]) => about.class === "flag").map(([, , text]) => text);

  assert.equal(classes("poke lost"), 12);
  assert.equal(classes("poke got"), 1);
  assert.deepEqual(flags, ["ping timeout, 14.0 s", "ping timeout, 14.0 s"]);
  assert.equal(shapes.filter(([, about]) => about.class === "bet").length, 1);
  assert.equal(shapes.filter(([, about]) => about.class === "dark").length, 1);
});
