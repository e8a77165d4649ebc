// static/lessons/rooms/plan.js: where rooms and sockets go on the map.

import assert from "node:assert/strict";
import test from "node:test";

import { MOST_DOTS, plan, TYPE } from "../../../static/lessons/rooms/plan.js";
import { chance, runs } from "../../chance.mjs";

const SIZES = [
  [575, 356],
  [835, 430],
  [350, 280],
  [300, 280],
];

// 1 to 60 sockets, 0 to 6 rooms, any memberships.
function hall(n) {
  const { real, whole } = chance(n);
  const rooms = Array.from({ length: n % 7 }, (_, k) => `room ${k}`);
  const density = real();
  const mine = () => rooms.filter(() => real() < density);
  const sockets = Array.from({ length: whole(1, MOST_DOTS) }, (_, k) => ({ sid: `s${k}`, rooms: mine() }));
  return { rooms, sockets };
}

// The dots of a plan that are off the map, or in other outlines than those of their rooms.
function wrong({ dots, at }, sockets, width, height) {
  return sockets.filter(({ sid, rooms }) => {
    const marks = dots.get(sid) ?? [];
    const off = marks.some(({ x, y }) => !(x > 0 && x < width && y > 0 && y < height));
    const drawn = new Set(marks.flatMap(({ x, y }) => at(x, y)));
    const right = drawn.size === rooms.length && rooms.every((room) => drawn.has(room));
    return !marks.length || off || !right;
  });
}

test("no dot ever lies in a room that it is not in", () => {
  for (let n = 0; n < runs(400); n++) {
    const { rooms, sockets } = hall(n);
    const size = SIZES[n % 4];

    assert.deepEqual(wrong(plan(rooms, sockets, ...size), sockets, ...size), [], `hall ${n}`);
  }
});

test("who is in no room has a name no wider than the place beside the next one", () => {
  const sockets = Array.from({ length: 4 }, (_, k) => ({ sid: `s${k}`, rooms: [] }));
  for (const width of [260, 300, 350, 835]) {
    const { dots, outsideChars } = plan(["hall"], sockets, width, 280);
    const [one, two] = ["s0", "s1"].map((sid) => dots.get(sid)[0].x);

    assert.ok(outsideChars * 0.52 * TYPE.names < two - one, `${width} px`);
  }
});

test("who joins moves nobody whose place is still right", () => {
  const sockets = Array.from({ length: 6 }, (_, k) => ({ sid: `s${k}`, rooms: ["hall"] }));
  const before = plan(["hall"], sockets, 835, 430);
  const after = plan(["hall"], [{ sid: "new", rooms: ["hall"] }, ...sockets], 835, 430, before);

  assert.equal(before.kind, "ellipses");
  for (const { sid } of sockets) assert.deepEqual(after.dots.get(sid), before.dots.get(sid), sid);
});

test("of too many sockets sixty are drawn, one's own among them", () => {
  const sockets = Array.from({ length: 200 }, (_, k) => ({
    sid: `s${k}`,
    rooms: k % 2 ? ["hall"] : [],
    mine: k === 150,
  }));
  const { dots, hidden } = plan(["hall"], sockets, 835, 430);

  assert.deepEqual([dots.size, hidden], [MOST_DOTS, 140]);
  assert.ok(dots.has("s150"));
});

// The scene that the lesson sets: you and three robots.
const SCENE = [["hall", "lab"], ["lab"], ["lab", "hall"], ["hall"]].map((rooms, k) => ({
  sid: `s${k}`,
  rooms,
}));
const PROJECTED = { rooms: 20, names: 20, strip: 20 };
for (const [width, height, type] of [
  [835, 430, TYPE],
  [740, 190, TYPE],
  [620, 200, TYPE],
  [1228, 300, PROJECTED],
  [984, 220, PROJECTED],
]) {
  test(`no outline runs through a name of the scene: ${width} × ${height} px`, () => {
    const { kind, names, rooms, dots, r, chars } = plan(["hall", "lab"], SCENE, width, height, null, type);

    assert.deepEqual([kind, names], ["ellipses", true]);
    for (const [sid, [{ x, y }]] of dots) {
      const half = (Math.min(7, chars) * 0.52 * type.names) / 2; // of "robot 3"
      const edge = (at) => ({
        x: x - half + (2 * half * (at % 11)) / 10,
        y: y + r + 3 + (at > 10) * type.names,
      });
      const points = Array.from({ length: 22 }, (_, at) => edge(at));
      for (const { name, cx, cy, rx, ry } of rooms) {
        const within = points.filter((p) => ((p.x - cx) / rx) ** 2 + ((p.y - cy) / ry) ** 2 <= 1).length;
        assert.ok(within === 0 || within === points.length, `${name} through ${sid}`);
      }
    }
  });
}
