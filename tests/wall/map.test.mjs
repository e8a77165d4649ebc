// static/wall/model.js: what each dot is, moment by moment, and the sums that are counted from the same list.

import assert from "node:assert/strict";
import test from "node:test";

import { ClassMap, HOLD, middle, STATES } from "../../static/wall/model.js";
import { chance, runs } from "../chance.mjs";

const row = (seat, state = "connected", more = {}) => ({ seat, nick: seat, state, robot: false, ...more });
const whole = (...seats) => ({
  whole: true,
  gone: [],
  seats: seats.map((seat) => (seat.seat ? seat : row(seat))),
});
const changed = (...seats) => ({ whole: false, gone: [], seats });
const sent = (seats, seq = 1, more = {}) => ({ run: "r", seq, sender: "", sent_at: 0, seats, ...more });
const lit = (seats, silent = [], seq = 1, more = {}) => ({
  run: "r",
  seq,
  seats,
  silent,
  uncertain_ms: 2,
  ...more,
});

function picture(map, now = 0) {
  return Object.fromEntries([...map.rows.keys()].map((seat) => [seat, map.stateOf(seat, now)]));
}

function classOf(...seats) {
  const map = new ClassMap();
  map.roster(whole(...seats), 0);
  return map;
}

test("who has finished the exercise of a lesson is counted, and nobody else", () => {
  const map = new ClassMap();
  const exercises = [{ done: true }, { done: false }, { done: true, slug: "missed" }, undefined];
  const rows = exercises.map((exercise, k) => ({
    seat: `s${k}`,
    state: "connected",
    exercise: exercise && { slug: "rooms", ...exercise },
  }));
  map.roster({ whole: true, seats: rows }, 0);

  assert.deepEqual(
    ["rooms", "missed", null, undefined].map((slug) => map.finished(slug)),
    [1, 1, 0, 0],
  );
});

test("before anything was sent a dot says how its seat is", () => {
  const map = classOf(
    "ada",
    row("bob", "away"),
    row("eve", "asleep"),
    row("joe", "cut"),
    row("sue", "stuck"),
  );

  assert.deepEqual(picture(map), { ada: "idle", bob: "away", eve: "asleep", joe: "cut", sue: "idle" });
  assert.deepEqual(map.presence(), { seats: 5, cut: 1, away: 1, connected: 3 });
  assert.equal(map.sums(), null);
});

test("only a receipt lights a dot; silence is not the same as not being addressed", () => {
  const map = classOf("ada", "bob", "eve", "joe");
  map.addressed(sent(["ada", "bob", "eve"], 1, { sender: "joe" }), 0);

  assert.deepEqual(picture(map), { ada: "waiting", bob: "waiting", eve: "waiting", joe: "sender" });
  map.lit(lit([["ada", 9]]), 10);
  assert.deepEqual(picture(map, 10), { ada: "received", bob: "waiting", eve: "waiting", joe: "sender" });
  map.lit(
    lit(
      [
        ["ada", 9],
        ["bob", 3400],
      ],
      ["eve"],
    ),
    3500,
  );
  assert.deepEqual(picture(map, 3500), { ada: "received", bob: "received", eve: "silent", joe: "sender" });
});

test("a sender who is among the receivers shows both", () => {
  const map = classOf("ada", "bob");
  map.addressed(sent(["ada"], 1, { sender: "ada" }), 0);
  map.lit(lit([["ada", 1]]), 1);

  assert.deepEqual(picture(map, 1), { ada: "sender_received", bob: "idle" });
});

test("who was cut off missed the event, and has it later only from a replay", () => {
  const map = classOf("ada", "bob", "eve");
  map.roster(changed(row("bob", "cut"), row("eve", "cut")), 1000);
  map.addressed(sent(["ada", "bob", "eve"], 1, { sent_at: 1500 }), 1500);
  map.roster(changed(row("bob", "connected"), row("eve", "away")), 5000);
  map.lit(
    lit(
      [
        ["ada", 5],
        ["bob", 3600],
      ],
      ["eve"],
    ),
    5200,
  );

  assert.deepEqual(picture(map, 9000), { ada: "received", bob: "replayed", eve: "missed" });
});

test("who had the event before the cut has received it", () => {
  const map = classOf("ada", "bob");
  map.addressed(sent(["ada", "bob"], 1, { sent_at: 100 }), 100);
  map.lit(lit([["ada", 5]]), 110);
  map.roster(changed(row("ada", "cut"), row("bob", "cut")), 900);

  assert.deepEqual(picture(map, 1000), { ada: "cut", bob: "cut" });
  map.roster(changed(row("ada"), row("bob")), 4000);
  assert.deepEqual(picture(map, 4000), { ada: "received", bob: "missed" });
});

test("who was silent and is cut off later has not missed that event: the sum said silent", () => {
  const map = classOf("ada", "bob");
  map.addressed(sent(["ada", "bob"]), 0);
  map.lit(lit([["ada", 5]], ["bob"]), 3100);
  map.roster(changed(row("bob", "cut")), 9000);
  map.roster(changed(row("bob", "away")), 12000);

  assert.deepEqual(picture(map, 12500), { ada: "received", bob: "silent" });
  assert.equal(map.sums().silent, 1);
  map.roster(changed(row("bob")), 14000);
  assert.deepEqual(picture(map, 14000), { ada: "received", bob: "silent" });
});

test("a second copy that was dropped is told apart", () => {
  const map = classOf("ada", "bob");
  map.addressed(sent(["ada", "bob"]), 0);
  map.lit(
    lit(
      [
        ["ada", 1],
        ["bob", 1],
      ],
      [],
      1,
      { dropped: ["bob"] },
    ),
    5,
  );

  assert.deepEqual(picture(map, 5), { ada: "received", bob: "duplicate" });
});

test("a lit dot stays lit for the hold though the next event begins, and its receipt extends it", () => {
  const map = classOf("ada", "bob");
  map.addressed(sent(["ada", "bob"]), 0);
  map.lit(
    lit([
      ["ada", 1],
      ["bob", 1],
    ]),
    0,
  );
  map.addressed(sent(["ada", "bob"], 2), 333);
  const [ada, bob] = ["ada", "bob"].map((seat) => (now) => map.stateOf(seat, now));

  assert.equal(ada(HOLD - 1), "received");
  assert.equal(map.expire(400), HOLD - 400);
  map.lit(lit([["ada", 2]], [], 2), 450);
  assert.deepEqual([ada(HOLD), bob(HOLD - 1), bob(HOLD)], ["received", "received", "waiting"]);
  map.takeChanged();
  assert.equal(map.expire(HOLD), null);
  assert.deepEqual(map.takeChanged(), ["bob"]);
});

test("what is lit three times a second is never dark", () => {
  const map = classOf("ada");
  for (let seq = 1; seq <= 9; seq++) {
    const at = seq * 333;
    map.addressed(sent(["ada"], seq), at);
    if (seq > 1) assert.equal(map.stateOf("ada", at), "received");
    map.lit(lit([["ada", 3]], [], seq), at + 100);
  }
});

test("a late report of an event before the newest changes nothing", () => {
  const map = classOf("ada", "bob");
  map.addressed(sent(["ada", "bob"], 1), 0);
  map.addressed(sent(["bob"], 2), 5000);
  map.lit(lit([["ada", 5]], ["bob"], 1), 5001);

  assert.deepEqual(picture(map, 5001), { ada: "idle", bob: "waiting" });
});

test("a report without its beginning is enough, as after a reload", () => {
  const map = classOf("ada", "bob");
  map.lit(lit([["ada", 5]], ["bob"]), 10);

  assert.deepEqual(picture(map, 10), { ada: "received", bob: "silent" });
});

test("the sums are those of the list that is drawn", () => {
  const map = classOf("ada", "bob", "eve", "joe");
  map.addressed(sent(["ada", "bob", "eve", "wall"], 1, { sender: "joe" }), 0);
  map.lit(
    lit(
      [
        ["ada", 9],
        ["bob", 38],
        ["wall", 1],
      ],
      ["eve"],
      1,
      { addressed: 4 },
    ),
    3100,
  );

  assert.deepEqual(map.sums(), {
    ...{ addressed: 4, confirmed: 3, silent: 1, waiting: 0, beside: 1 },
    ...{ median: 9, slowest: 38, uncertain: 2 },
  });
  assert.deepEqual(map.shown(3100), { received: 2, sender: 1, silent: 1 });
});

test("addressed = confirmed + silent + waiting, and each seat is one dot, whatever comes in whatever order", () => {
  for (let seed = 0; seed < runs(200); seed++) {
    const { choice: pick, whole: number } = chance(seed);
    const seats = Array.from({ length: number(1, 12) }, (_, n) => `s${n}`);
    const some = () => seats.filter(() => pick([true, false]));
    const map = classOf(...seats);
    for (let now = 0, seq = 0, to = []; now < 20_000; now += number(1, 900)) {
      const what = pick(["sent", "lit", "roster"]);
      if (what === "sent") {
        to = some();
        seq += 1;
        map.addressed(sent(to, seq, { sent_at: now, sender: pick(seats) }), now);
      }
      if (what === "lit" && seq) {
        const got = to.filter(() => pick([true, false]));
        const silent = to.filter((seat) => !got.includes(seat));
        const both = [...(map.event?.got.keys() ?? [])];
        const seatsGot = [...new Set([...both, ...got])].map((seat) => [seat, number(0, 50)]);
        map.lit(
          lit(
            seatsGot,
            silent.filter((seat) => !both.includes(seat)),
            seq,
            { addressed: to.length },
          ),
          now,
        );
      }
      if (what === "roster")
        map.roster(
          changed(...some().map((seat) => row(seat, pick(["connected", "cut", "away", "asleep"])))),
          now,
        );
      const sums = map.sums();
      if (sums) assert.equal(sums.addressed, sums.confirmed + sums.silent + sums.waiting);
      const counts = Object.values(map.shown(now));
      assert.equal(
        counts.reduce((sum, n) => sum + n, 0),
        seats.length,
      );
      for (const seat of seats) assert.ok(map.stateOf(seat, now) in STATES);
    }
  }
});

test("only what changed is drawn again", () => {
  const map = classOf("ada", "bob", "eve");
  map.addressed(sent(["ada", "bob", "eve"]), 0);
  map.takeChanged();
  map.lit(lit([["ada", 5]]), 10);
  assert.deepEqual(map.takeChanged(), ["ada"]);
  map.lit(
    lit([
      ["ada", 5],
      ["eve", 7],
    ]),
    20,
  );
  assert.deepEqual(map.takeChanged(), ["eve"]);
});

test("a class that was cleared has been sent nothing", () => {
  const map = classOf("ada");
  map.addressed(sent(["ada"]), 0);
  map.lit(lit([["ada", 1]]), 1);
  map.clear();
  map.lit(lit([["ada", 1]], []), 3000); // comes late

  assert.deepEqual([picture(map, 2), map.sums()], [{ ada: "idle" }, null]);
});

test("who has left the class has no dot", () => {
  const map = classOf("ada", "bob");
  map.roster({ whole: false, gone: ["bob"], seats: [] }, 1);
  assert.deepEqual(picture(map), { ada: "idle" });
  map.roster(whole("eve"), 2);
  assert.deepEqual(picture(map), { eve: "idle" });
});

test("the median of an even number lies between the two in the middle", () => {
  assert.deepEqual([middle([]), middle([7]), middle([1, 2, 9]), middle([1, 2, 4, 9])], [null, 7, 2, 3]);
});
