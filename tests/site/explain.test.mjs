// static/lib/explain.js: packets in words, and what the server will do with them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { about } from "../../static/lib/about.js";
import { explain } from "../../static/lib/explain.js";
import { housekeeping, telling } from "../../static/lib/housekeeping.js";

// The page test sends each of these to the server, which must do as is foretold here.
const BAD = JSON.parse(readFileSync(new URL("bad_packets.json", import.meta.url)));
const joined = new Set(["/class"]);
const foretold = (text, more) => explain(text, { joined, ...more }).outcome;

for (const [text, why] of BAD) {
  test(`a bad packet is foretold: ${text}`, () => {
    const { kind, sentence } = foretold(text);

    assert.equal(kind, "closes");
    assert.ok(sentence.includes(why), sentence);
  });
}

for (const [text, kind, words] of [
  ["", "empty", "begins with its Engine.IO type"],
  ["4", "closes", "it is missing"],
  ["3", "fine", "A pong"],
  ["1", "closes", "the end of the session"],
  ["40/rooms,", "fine", "You ask to enter /rooms"],
  ["41/class,", "fine", "You leave /class"],
  ['42/class,["wave",{}]', "fine", "No ack id"],
  ['42/class,7["wave",{}]', "fine", "comes back as 43 with the ack id 7"],
  ['420/class,["wave",{}]', "answered", "a namespace stands before the ack id"],
  ["43/class,7[]", "fine", "With an unknown ack id it is ignored"],
  ['42/class,5["no such event",{}]', "answered", "cannot be the name of an event"],
  ['42/class,5["wave"', "answered", "it ends too early"],
  ['42/class,5["wave",{"a":x}]', "answered", "the payload is not JSON"],
  ['42/nope,5["wave",{}]', "answered", "you have not joined /nope"],
  ['42/nope,5["No such event",1,2]', "answered", "you have not joined /nope"],
  ['42/class,5["wave",{},1]', "answered", "send one object"],
  ['451-/class,5["wave",{"_placeholder":true,"num":0}]', "answered", "nothing here takes bytes"],
  ['451-/class,5["wave",{"_placeholder":true,"num":0,"a":1}]', "answered", "a placeholder is"],
  ['451-/nope,5["wave",{"_placeholder":true,"num":0}]', "answered", "you have not joined /nope"],
  ["46/class,7[]", "closes", "1 to 4 attachments"],
  ['42/class,2147483648["wave",{}]', "closes", "below 2^31"],
  [`40/${"n".repeat(64)},`, "closes", "longer than 64 characters"],
]) {
  test(`the outcome is foretold: ${text || "nothing"}`, () => {
    const outcome = foretold(text);

    assert.equal(outcome.kind, kind, outcome.sentence);
    assert.ok(outcome.sentence.includes(words), outcome.sentence);
  });
}

// "hello" without arguments is the protocol's own example, and any string names an event there.
for (const [text, ours] of [
  ['42/class,["hello"]', true],
  ['42/class,["Hello World",{}]', true],
  ['42/class,["wave",{},{}]', true],
  ['42/class,2147483648["wave",{}]', true],
  [`42/${"n".repeat(64)},["wave",{}]`, true],
  ['455-/class,["b",{}]', true],
  ['451-/class,["b",{"_placeholder":true,"num":0}]', true],
  ['42/nope,["wave",{}]', true],
  ["40/class,", true],
  ["9", false],
  ["4x", false],
  ["2", false],
  ['42/class,["connect",{}]', false],
  ["42/class,[]", false],
  ["45/class,[]", false],
  ["43/class,[]", false],
  ["44/class,{}", false],
]) {
  test(`whose rule it is that is broken, ours or the protocol's: ${text}`, () => {
    const { kind, ours: found } = foretold(text);

    assert.equal(kind, "closes");
    assert.equal(found, ours);
  });
}

for (const [text, up, words] of [
  ["2", false, "The server asks"],
  ["2", true, "only the server sends it"],
  ["2probe", true, "The client tries out the new transport"],
  ["3probe", false, "The server answers the client's probe"],
  ["3", true, "You answer the server's ping"],
]) {
  test(`a ping and a pong say who sends them: ${text} ${up ? "up" : "down"}`, () => {
    assert.ok(explain(text, { up }).parts[0].meaning.includes(words));
  });
}

test("the steps of an upgrade are allowed in an upgrade and nowhere else", () => {
  for (const step of ["2probe", "5"]) {
    assert.equal(foretold(step, { upgrading: true }).kind, "fine");
    assert.equal(foretold(step).kind, "closes");
  }
});

test("what the server sends is explained and never judged", () => {
  for (const text of ['0{"sid":"x"}', "2", '40/class,{"sid":"x"}', '44/nope,{"message":"no"}', "6"]) {
    assert.equal(explain(text, { up: false }).outcome.kind, "fine", text);
  }
});

// However far one has typed, the parts are the text, in order and without a hole.
test("every character is explained while it is typed", () => {
  const whole = [
    '42/rooms,13["join",{"room":"lab"}]',
    '451-/class,["b",{}]',
    "2probe",
    "4x",
    "9",
    "43/a,7[1]",
  ];
  for (const text of whole) {
    for (let end = 0; end <= text.length; end++) {
      const typed = text.slice(0, end);
      const { parts } = explain(typed, { joined });

      assert.equal(parts.map((part) => typed.slice(part.start, part.end)).join(""), typed);
      assert.ok(parts.every((part) => part.name && part.meaning));
    }
  }
  assert.deepEqual(
    explain('42/rooms,13["join",{"room":"lab"}]').parts.map(({ name }) => name),
    [
      ...["Engine.IO type", "Socket.IO type", "namespace", "ack id"],
      ...["list", "event name", "comma", "argument", "list"],
    ],
  );
});

const event = (name, args, more = {}) => ({
  summary: "",
  layers: [
    { layer: "engineio", type: "message", data: "…" },
    { layer: "socketio", type: "EVENT", namespace: "/rooms", id: null, ...more },
    { layer: "event", name, args },
  ],
});

test("a row of an event is known by its name, its run and its number", () => {
  const told = about(event("said", [{ run: "r1", seq: 7 }], { id: 3 }));

  assert.deepEqual(
    [told.what, told.more, told.where, told.event, told.run, told.seq, told.id],
    ["said", '{"run":"r1","seq":7}', "/rooms", "said", "r1", 7, 3],
  );
});

const beat = { summary: "", layers: [{ layer: "engineio", type: "ping" }] };
const isOwn = housekeeping(["metered"]);

for (const [words, row, own] of [
  ["a heartbeat", beat, true],
  ["the clock", event("sync_clock", [{}], { namespace: "/class" }), true],
  ["a receipt", event("receipt", [{}], { namespace: "/class" }), true],
  ["what the lesson says ticks", event("metered", [{}]), true],
  ["an event of the lesson", event("sync_clock", [{}]), false],
  ["a frame that breaks a rule", { ...beat, error: "a frame without a mask" }, false],
  [
    "a request of the page",
    { summary: "", layers: [{ layer: "http", kind: "request", method: "GET" }] },
    false,
  ],
]) {
  test(`the page's own traffic is told apart from the lesson's: ${words}`, () => {
    assert.equal(isOwn(row), own);
  });
}

test("a body of several packets is the page's own only if each of them is", () => {
  const packets = (...names) => ({
    summary: "",
    layers: names.flatMap((name, n) => [
      { layer: "engineio", type: "message", packet: n + 1 },
      { layer: "socketio", type: "EVENT", namespace: "/rooms", packet: n + 1 },
      { layer: "event", name, args: [], packet: n + 1 },
    ]),
  });

  assert.ok(isOwn(packets("metered", "metered")));
  assert.ok(!isOwn(packets("metered", "said")));
});

test("what a reader typed is never the page's own, but for heartbeats", () => {
  const typed = housekeeping([], () => true);

  assert.ok(!typed(event("sync_clock", [{}], { namespace: "/class" })));
  assert.ok(typed(beat));
});

test("a view opens on the latest event of the lesson itself", () => {
  const [said, ticked] = [event("said", [{}]), event("metered", [{}])];
  const ack = event(null, [{}]);
  ack.layers[2].answers = "say";
  const connected = { summary: "", layers: [{ layer: "engineio", type: "message" }, { layer: "socketio" }] };

  const broken = { ...connected, error: { layer: "socketio", message: "no JSON" } };

  assert.equal(telling([said, connected, ack, ticked, beat], isOwn), said);
  assert.equal(telling([said, broken, connected], isOwn), broken);
  assert.equal(telling([ack, connected, ticked], isOwn), ack);
  assert.equal(telling([connected, ticked], isOwn), connected);
  assert.equal(telling([beat, ticked], isOwn), null);
});
