// The cockpit's model with a server that says yes to everything: where the plan stands, whatever the class is told.

import assert from "node:assert/strict";
import test from "node:test";

import { Desk } from "../../static/teach/desk.js";

const SCREENS = {
  in: { title: "Let them in", lesson: null, step: null, acts: ["wall join", "follow"] },
  race: { title: "The race", lesson: "bidirectional", step: "race", acts: [], isPrediction: true },
  first: { title: "Look", lesson: "bidirectional", step: "explore", acts: [] },
  exit: { title: "Exit ticket", lesson: null, step: null, acts: [] },
};
const STATE = {
  rev: 7,
  lesson: "bidirectional",
  step: "race",
  follow: false,
  vote: null,
  buffer: { kind: "off", keep: 20 },
};

// A socket whose server has this state, and a cockpit that knows it.
async function deskAt(state, index, plan = "short", isKnown = true) {
  const [handlers, asked, changes] = [new Map(), [], []];
  const answers = { take_seat: { state, shown: "map" }, clear: { cleared: { nicks: 1, votes: 2, runs: 0 } } };
  const socket = {
    connected: true,
    on: (event, act) => handlers.set(event, act),
    timeout: () => ({
      emitWithAck: async (event) => {
        asked.push(event);
        return { ok: true, ...answers[event] };
      },
    }),
    hear: (event, told) => handlers.get(event)(told),
  };
  const memory = { read: () => ({ plan, index, began: 1000, entered: 2000 }), write: () => {} };
  const plans = { short: "in:3 race:5 exit:2", other: "in:1 race:1", lesson: "first:1 race:1" };
  const changed = (what) => changes.push(what);
  const desk = new Desk(socket, { screens: SCREENS, plans, memory, changed });
  if (isKnown) await desk.askForAll();
  return { desk, socket, asked, changes };
}

for (const [index, title] of [
  [0, "Let them in"],
  [2, "Exit ticket"],
]) {
  test(`“Follow me” at “${title}” leaves the plan where it is, though the class is in a lesson`, async () => {
    const { desk, socket } = await deskAt(STATE, index);
    socket.hear("stepped", { rev: 8, lesson: "bidirectional", step: "race", follow: true });

    assert.equal(desk.screen.title, title);
    assert.equal(desk.state.follow, true);
  });
}

test("a connection that comes back leaves the plan where it is, too", async () => {
  const { desk } = await deskAt(STATE, 2);
  await desk.askForAll();

  assert.equal(desk.screen.title, "Exit ticket");
});

test("a press that is quicker than the first answer of the server is not taken back by it", async () => {
  const { desk } = await deskAt({ ...STATE, step: "explore" }, 0, "lesson", false);
  await Promise.all([desk.askForAll(), desk.next()]);

  assert.equal(desk.screen.title, "The race");
});

test("another page of the teacher that leads the class on is followed", async () => {
  const { desk, socket } = await deskAt({ ...STATE, step: "explore" }, 2);
  socket.hear("stepped", { rev: 8, lesson: "bidirectional", step: "race", follow: false });

  assert.equal(desk.screen.title, "The race");
});

test("a step that was pressed without a connection is taken when it is back, and said", async () => {
  const { desk, socket, changes, asked } = await deskAt(STATE, 0);
  socket.connected = false;
  await assert.rejects(desk.next(), { message: /^The class has not moved\./ });
  socket.connected = true;
  asked.length = 0;
  await desk.askForAll();

  assert.deepEqual(asked, ["take_seat", "step"]);
  assert.ok(changes.includes("led"));
});

test("a plan chosen in mid-class goes on where the class is, and asks for no Begin", async () => {
  const { desk } = await deskAt(STATE, 2);
  const { said } = await desk.choosePlan("other", "");

  assert.deepEqual([desk.isBegun, desk.screen.title], [true, "The race"]);
  assert.equal(said, "Another plan. It goes on at the step where the class is.");
});

test("the class may be led to the review from anywhere, and the plan stays where it is", async () => {
  const { desk, socket, asked } = await deskAt(STATE, 1);
  const { said } = await desk.review();
  socket.hear("stepped", { rev: 8, lesson: "review", step: null, follow: false });

  assert.deepEqual([asked.at(-1), desk.screen.title], ["step", "The race"]);
  assert.match(said, /led to the review/);
});

test("when everything is cleared the plan is to be begun anew, and what went is said in words", async () => {
  const { desk, socket } = await deskAt(STATE, 2);
  const { said } = await desk.clear();
  socket.hear("cleared", { rev: 8, state: { ...STATE, rev: 8, lesson: null, step: null } });

  assert.equal(said, "Everything is cleared: 1 nick, 2 votes.");
  assert.deepEqual([desk.isBegun, desk.screen.title], [false, "Let them in"]);
});
