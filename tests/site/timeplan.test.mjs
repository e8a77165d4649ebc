// Which column a connection has on the timeline, without a page.

import assert from "node:assert/strict";
import test from "node:test";

import { layout } from "../../static/lib/timeplan.js";

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
      [[5, "robot 2"]],
    );
  });
}
