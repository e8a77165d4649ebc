// Which column a connection has on the timeline, without a page.

import assert from "node:assert/strict";
import test from "node:test";

import { letterOf } from "../../static/lib/connections.js";
import { CUT, headsOf, layout } from "../../static/lib/timeplan.js";

const http = (connection, target, ...packets) => ({
  up: true,
  connection,
  transport: "http",
  layers: [{ layer: "tcp" }, { layer: "http", target }, ...packets],
});
const names = { layer: "socketio", type: "CONNECT", data: { robot: 2 } };
const posted = http(1, "/socket.io/?transport=polling&sid=abc", names);
const upgraded = http(5, "/socket.io/?transport=websocket&sid=abc");
const frame = { up: true, connection: 5, transport: "websocket", layers: [{ layer: "tcp" }] };

for (const [order, rows] of [
  ["after", [posted, upgraded, frame]],
  ["before", [upgraded, posted, frame]],
]) {
  test(`a robot's socket is its own when it was asked for ${order} the robot said so`, () => {
    const { columns } = layout([{ row: frame, at: 0, told: {} }], rows, 800);

    assert.deepEqual(
      columns.map(({ key, name }) => [key, name]),
      [[5, `${letterOf(5)} · robot 2`]],
    );
  });
}

const socket = (connection) => ({ up: true, connection, transport: "websocket", layers: [{ layer: "tcp" }] });

for (const [width, sockets] of [
  [390, 1],
  [390, 3],
  [390, 9],
  [700, 4],
]) {
  test(`the names over ${sockets} lines of life can be read at ${width} px`, () => {
    const items = Array.from({ length: sockets }, (_, n) => ({ row: socket(n + 20), at: n, told: {} }));
    const rows = [...items, { row: http(1, "/"), at: 9, told: {} }];
    const { columns, server } = layout(rows, [], width);
    const heads = headsOf([...columns, { x: server, name: "server" }]);

    for (const [n, head] of heads.entries()) {
      assert.ok(head.from >= 0 && head.to <= width, head.name);
      for (const other of heads.slice(n + 1)) {
        assert.ok(head.line !== other.line || head.to < other.from, `${head.name} and ${other.name}`);
      }
    }
    assert.ok(Math.max(...heads.map(({ line }) => line)) <= (sockets < 4 ? 1 : 3));
  });
}

test("a silence is told between two labels, and clear of both", () => {
  const row = (at) => ({ ...socket(1), at });
  const items = [0, 0.1, 0.2, 500, 500.1].map((at) => ({ row: row(at), told: { run: null } }));
  const { labels, cuts } = layout(items, [], 390);
  const told = cuts.map(({ to }) => to - CUT / 2);

  assert.equal(told.length, 1);
  for (const y of labels.values()) assert.ok(Math.abs(y - told[0]) >= 18, `${y} and ${told[0]}`);
});
