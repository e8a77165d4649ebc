// static/lessons/rooms/members.js: who is who, also without a connection.

import assert from "node:assert/strict";
import test from "node:test";

import { Members, scene } from "../../../static/lessons/rooms/members.js";

const you = { id: "s1", connected: true };
const robot = { id: "s2", connected: true };

function listed() {
  const members = new Members(you);
  members.robots.set(1, robot);
  const rooms = {
    lab: [
      { sid: "s1", nick: "Ada" },
      { sid: "s2", nick: "Ada", robot: 1 },
      { sid: "s3", nick: "Bob" },
    ],
  };
  members.update({ rev: 1, rooms, seats: 2 });
  members.giveLetters();
  return members;
}

test("without a connection you are still you, and not a name among others", () => {
  const members = listed();
  const before = members.ownNames();
  Object.assign(you, { id: undefined, connected: false });

  assert.deepEqual(before, [
    ["0", "you"],
    ["1", "robot 1"],
  ]);
  assert.deepEqual(members.ownNames(), before);
  assert.equal(members.nameOf("s1"), "you");
  Object.assign(you, { id: "s9", connected: true });
  assert.equal(members.nameOf("s9"), "you");
  assert.equal(members.nameOf("s1"), "Ada");
  Object.assign(you, { id: "s1", connected: true });
});

test("what is expected and what came are not drawn together", () => {
  const members = listed();
  const run = {
    id: "r",
    speaker: "s1",
    got: new Map([["s3", 4]]),
    silent: new Set(),
    missed: new Set(),
    names: new Map(),
  };
  const by = (key, ...given) =>
    Object.fromEntries(scene(members, ...given).sockets.map((s) => [s.name, s[key]]));
  const guess = { sids: new Set(["s1"]), tapping: true };

  assert.deepEqual(by("state", null, guess), { you: "idle", "robot 1": "idle", Bob: "idle" });
  assert.deepEqual(by("guessed", null, guess), { you: true, "robot 1": false, Bob: false });
  assert.deepEqual(by("state", run, null), { you: "sender", "robot 1": "idle", Bob: "received" });
  assert.deepEqual(by("guessed", run, null), { you: false, "robot 1": false, Bob: false });
});
