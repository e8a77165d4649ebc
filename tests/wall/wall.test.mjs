// The other pure parts of the wall: places, votes, cuts, screens, words.

import assert from "node:assert/strict";
import test from "node:test";

import { Cuts, MOMENT, PATIENCE } from "../../static/wall/cuts.js";
import { fitted, grid, MOST_NAMED, Places, sizeFor } from "../../static/wall/places.js";
import { Screen } from "../../static/wall/screen.js";
import { Votes } from "../../static/wall/votes.js";
import { beside, described, presence, sum, times, whose } from "../../static/wall/words.js";

const names = (count) => Array.from({ length: count }, (_, n) => `s${n}`);
const WALLS = { wall: [1390, 750, 26], laptop: [910, 500, 18] }; // of the map: width, height, type in px

// Places

for (const [wall, [width, height, type]] of Object.entries(WALLS)) {
  for (const count of [1, 8, 30, 60, 150, 300]) {
    test(`${count} dots fill the ${wall}, each in a cell of its own`, () => {
      const { r, at, cell, letters } = grid(sizeFor(count), width, height, type);
      const spots = names(count).map((_, place) => at(place));
      for (const [x, y] of spots) {
        assert.ok(x - 1.2 * r >= -0.1 && x + 1.2 * r <= width + 0.1);
        assert.ok(y - 1.2 * r >= -0.1 && y + 1.2 * r + (letters ? type : 0) <= height + 0.1);
      }
      assert.equal(new Set(spots.map(String)).size, count);
      assert.ok(2.4 * r <= Math.min(...cell) + 0.1, "the ring of a sender touches no neighbour");
      const bottom = Math.max(...spots.map(([, y]) => y));
      const right = Math.max(...spots.map(([x]) => x));
      if (count > 1) assert.ok(right > width * 0.7 && bottom > height * 0.6, "to the right and below");
      assert.ok(r >= (count > 150 ? 0.026 : 0.03) * height, `r ${r}`);
      assert.equal(letters >= 7, count <= MOST_NAMED, `letters ${letters}`);
    });
  }
}

test("a seat keeps its place while others come, go and come back", () => {
  const places = new Places();
  places.take(names(5));
  const before = new Map(places.of);
  places.take([...names(5).filter((seat) => seat !== "s1"), "x"]);
  places.take([...names(5), "x", "y"]);

  for (const [seat, place] of before) assert.equal(places.of.get(seat), place);
});

test("a newcomer takes the place of who has gone only when no other is free", () => {
  const places = new Places();
  places.take(names(8));
  places.take([...names(7), "new"]);
  assert.deepEqual([places.size, places.of.get("new"), places.of.has("s7")], [8, 7, false]);
  places.take([...names(8), "new"]);
  assert.deepEqual([places.size, places.of.get("s7")], [12, 8]);
});

test("the map does not shrink within a lesson; a new lesson closes the holes and keeps the order", () => {
  const places = new Places();
  places.take(names(30));
  places.take(["s3", "s9", "s29"]);
  assert.equal(places.size, 32);
  places.renew();
  assert.deepEqual(
    [[...places.of], places.size],
    [
      [
        ["s3", 0],
        ["s9", 1],
        ["s29", 2],
      ],
      4,
    ],
  );
});

test("places are the same after a reload", () => {
  const places = new Places();
  places.take(names(5));
  const again = new Places(JSON.parse(JSON.stringify(places)));
  again.take(["s4", "x"]);
  assert.deepEqual([again.of.get("s4"), again.of.get("x")], [4, 5]);
});

test("a long name is cut to the cell, by letters and not by halves of them", () => {
  assert.equal(fitted("otter", 7), "otter");
  assert.equal(fitted("hippopotamus", 7), "hippop…");
  assert.equal(fitted("🦦🦦🦦🦦", 3), "🦦🦦…");
  assert.equal(fitted("W".repeat(24), 9), "WWWWW…");
  assert.equal(fitted("x".repeat(24), 9), "xxxxxxxx…");
  assert.equal(fitted("W", 1), "W…");
});

// Votes

const choices = ["a", "b"];
const counts = (a, b) => ({ a, b });

test("while a vote is open nobody sees counts, not even those of the round before", () => {
  const votes = new Votes();
  votes.follow({ step: "x", round: 1, open: false, in: 4, counts: counts(3, 1) });
  assert.deepEqual(votes.bars("a"), [{ round: 1, n: 3, share: 0.75 }]);
  const again = { step: "x", round: 2, open: true, in: 0, before: [counts(3, 1)] };
  votes.follow(again);
  votes.progress({ step: "x", round: 2, in: 3, of: 4 });
  votes.follow(again); // something else of the class has changed

  assert.deepEqual(
    choices.map((choice) => votes.bars(choice)),
    [[], []],
  );
  assert.match(votes.says(), /^3 of 4 in, round 2\./);
  assert.equal(votes.favourite(), "a"); // for a run before the end of this round
});

test("round 2 stands beside round 1, also after a reload", () => {
  const votes = new Votes();
  votes.follow({ step: "x", round: 2, open: false, in: 4, before: [counts(3, 1)], counts: counts(1, 3) });

  assert.deepEqual(votes.bars("b"), [
    { round: 1, n: 1, share: 0.25 },
    { round: 2, n: 3, share: 0.75 },
  ]);
  assert.equal(votes.favourite(), "b");
});

test("a round that stands alone, since the class voted on something else meanwhile, keeps its number", () => {
  const votes = new Votes();
  votes.follow({ step: "x", round: 3, open: false, in: 1, before: [], counts: counts(1, 0) });

  assert.deepEqual(votes.bars("a"), [{ round: 3, n: 1, share: 1 }]);
});

test("another vote begins without the counts of the last one", () => {
  const votes = new Votes();
  votes.follow({ step: "x", round: 1, open: false, in: 1, counts: counts(1, 0) });
  votes.follow({ step: "y", round: 1, open: false, in: 0, counts: counts(0, 0) });

  assert.deepEqual(votes.bars("a"), [{ round: 1, n: 0, share: 0 }]);
  assert.equal(votes.favourite(), null);
});

// Cuts

const rows = (states) =>
  new Map(
    Object.entries(states).map(([seat, state]) => [
      seat,
      { seat, state, until: state === "cut" ? 10_000 : undefined },
    ]),
  );

test("a cut counts down, then says who is back, and then goes", () => {
  const cuts = new Cuts();
  cuts.follow(rows({ ada: "connected", bob: "connected" }), 0);
  assert.equal(cuts.says(0).kind, null);
  cuts.follow(rows({ ada: "cut", bob: "cut" }), 1000);
  assert.deepEqual(cuts.says(1000), { kind: "cut", title: "9 s", line: "2 of 2 cut off." });
  cuts.follow(rows({ ada: "away", bob: "connected" }), 10_000);
  assert.deepEqual(cuts.says(10_001), { kind: "cut", title: "", line: "1 of 2 are back." });
  cuts.follow(rows({ ada: "connected", bob: "connected" }), 12_000);
  assert.deepEqual(cuts.says(12_001), {
    kind: "back",
    title: "Connection back",
    line: "2 seats, after 11 s.",
  });
  assert.equal(cuts.says(12_000 + MOMENT + 1).kind, null);
});

test("who does not come back is not waited for without end", () => {
  const cuts = new Cuts();
  cuts.follow(rows({ ada: "cut" }), 0);
  cuts.follow(rows({ ada: "away" }), 5000);
  assert.equal(cuts.says(5000 + PATIENCE).kind, "cut");
  assert.equal(cuts.says(5001 + PATIENCE).kind, null);
});

// Screens

test("blank stays until it is taken away, and then shows what is current", () => {
  const screen = new Screen();
  screen.arrive("map", { lesson: "rooms", vote: null });
  screen.toggleBlank();
  screen.happened("vote_opened");
  assert.equal(screen.is, "blank");
  screen.toggleBlank();
  assert.equal(screen.is, "question");
});

test("the wall begins with how to join, and a run brings the panel", () => {
  const screen = new Screen();
  screen.arrive("map", { lesson: null, vote: null });
  assert.equal(screen.is, "join");
  screen.happened("stepped", { lesson: "rooms" }, { lesson: null });
  assert.equal(screen.is, "map");
  screen.happened("run_pressed");
  assert.equal(screen.is, "panel");
});

// Words

test("the headline compares what was addressed with what was confirmed", () => {
  const sums = {
    addressed: 14,
    confirmed: 12,
    silent: 2,
    waiting: 0,
    median: 9,
    slowest: 38,
    uncertain: 1.5,
    beside: 1,
  };

  assert.equal(sum(sums), "addressed 14, confirmed 12, silent 2");
  assert.equal(
    sum({ ...sums, confirmed: 10, waiting: 2 }),
    "addressed 14, confirmed 10, silent 2, waited for 2",
  );
  assert.equal(times(sums), "median 9 ms, slowest 38 ms, each ± 2 ms");
  assert.equal(times({ ...sums, uncertain: null }), "median 9 ms, slowest 38 ms, error unknown");
  assert.equal(times({ ...sums, confirmed: 0 }), "");
  assert.equal(beside(sums), "One has no dot: the teacher's own.");
});

test("the sender is named; without one it was the server, or the teacher who has no dot", () => {
  const seats = new Map([["s1", { nick: "fox" }]]);

  assert.equal(whose({ sender: "s1", seq: 1, event: "said" }, seats), "fox sent “said”. In seats:");
  assert.equal(
    whose({ sender: "", seq: 3 }, seats),
    "The server sent an event, number 3 of a run. In seats:",
  );
  assert.equal(whose({ sender: "t", seq: 1 }, seats), "The teacher sent an event. In seats:");
});

test("who is here, and the picture, in a sentence", () => {
  assert.equal(
    presence({ seats: 32, connected: 30, cut: 1, away: 1 }),
    "32 seats: 30 connected, 1 cut, 1 away",
  );
  assert.equal(presence({ seats: 0 }), "nobody yet");
  assert.equal(presence({ seats: 1, connected: 1 }, 1), "1 seat: 1 connected · ★ 1 did the exercise");
  assert.equal(described({ received: 2, idle: 3 }, true), "2 received, 3 not addressed.");
  assert.equal(described({ idle: 3 }, false), "3 connected.");
});
