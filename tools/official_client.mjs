// The official client against our echo server: `node tools/official_client.mjs URL`. tools/suites.py
// starts the server and runs this. Prints JSON as mocha does: {"tests": [{"fullTitle", "err"}]}.

import assert from "node:assert/strict";
import { once } from "node:events";
import { io } from "socket.io-client";

const url = process.argv[2];
const TRANSPORTS = {
  polling: ["polling"],
  websocket: ["websocket"],
  "polling, then websocket": ["polling", "websocket"],
};
const PATIENCE = 5000; // ms

const opened = [];

function open(namespace = "/", options = {}) {
  const socket = io(url + namespace, { forceNew: true, reconnectionDelay: 50, ...options });
  opened.push(socket);
  return socket;
}

/** The values of the next event of that name. */
const heard = (socket, name) => once(socket, name, { signal: AbortSignal.timeout(PATIENCE) });

async function entered(namespace, options) {
  const socket = open(namespace, options);
  await heard(socket, "connect");
  return socket;
}

const ask = (socket, ...values) => socket.timeout(PATIENCE).emitWithAck("message-with-ack", ...values);

const checks = {
  "a sentence for a namespace that is not there": async () => {
    const [error] = await heard(open("/random"), "connect_error");
    assert.equal(error.message, "there is no namespace /random");
  },
  "two namespaces on one connection": async () => {
    const first = await entered("/");
    const second = first.io.socket("/custom");
    await heard(second, "connect");
    first.disconnect();
    assert.deepEqual(await ask(second, 1), 1);
    first.connect();
    await heard(first, "connect");
    assert.deepEqual(await ask(first, 2), 2);
    assert.notEqual(first.id, second.id);
  },
  "an answer that comes too late": async () => {
    const socket = await entered();
    await assert.rejects(socket.timeout(50).emitWithAck("late"), /timed out/);
    assert.equal(await ask(socket, "and on"), "and on");
  },
  "volatile: lost while away, sent while there": async () => {
    const socket = await entered();
    socket.disconnect();
    socket.volatile.emit("message", "lost");
    socket.emit("message", "kept");
    socket.connect();
    assert.deepEqual(await heard(socket, "message-back"), ["kept"]);
    socket.volatile.emit("message", "there");
    assert.deepEqual(await heard(socket, "message-back"), ["there"]);
  },
  "retries: an event is sent again until it is acknowledged": async () => {
    const socket = await entered("/", { retries: 3, ackTimeout: 1000 });
    assert.equal(await socket.emitWithAck("message-with-ack", "once"), "once");
  },
};

function itCarries(check, options) {
  check("connects, and is told what it said of itself", async () => {
    const socket = open("/custom", { ...options, auth: { token: "123" } });
    assert.deepEqual(await heard(socket, "auth"), [{ token: "123" }]);
    assert.match(socket.id, /^[\w-]{20}$/);
  });
  check("any values both ways", async () => {
    const socket = await entered("/", options);
    const values = [1, "é 漢 🙂", null, { 3: [true] }, ""];
    socket.emit("message", ...values);
    assert.deepEqual(await heard(socket, "message-back"), values);
  });
  check("an acknowledgement", async () => {
    assert.deepEqual(await ask(await entered("/", options), { a: 1 }), { a: 1 });
  });
  check("bytes both ways, acknowledged", async () => {
    const socket = await entered("/", options);
    const value = { bytes: Buffer.from([0, 1, 255]), more: [Buffer.from("x")] };
    const back = await ask(socket, value);
    assert.deepEqual(Buffer.from(back.bytes), value.bytes);
    assert.deepEqual(Buffer.from(back.more[0]), value.more[0]);
  });
  check("thirty events in a row come back in order", async () => {
    const socket = await entered("/", options);
    const got = [];
    socket.on("message-back", (number) => got.push(number));
    const sent = [...Array(30).keys()];
    for (const number of sent) {
      socket.emit("message", number);
    }
    await ask(socket, "the last");
    assert.deepEqual(got, sent);
  });
}

function itComesAndGoes(check, options) {
  check("ends up on the transport it wants", async () => {
    const socket = await entered("/", options);
    const engine = socket.io.engine;
    while (engine.transport.name !== options.transports.at(-1)) {
      await heard(engine, "upgrade");
    }
  });
  check("comes back by itself, and sends what it kept", async () => {
    const socket = await entered("/", options);
    const before = socket.id;
    socket.io.engine.close();
    socket.emit("message", "while away");
    assert.deepEqual(await heard(socket, "message-back"), ["while away"]);
    assert.notEqual(socket.id, before);
  });
  check("leaves, and is told so", async () => {
    const socket = await entered("/", options);
    const left = heard(socket, "disconnect");
    socket.disconnect();
    assert.deepEqual((await left)[0], "io client disconnect");
  });
}

for (const [name, transports] of Object.entries(TRANSPORTS)) {
  const check = (title, run) => {
    checks[`${name}: ${title}`] = run;
  };
  itCarries(check, { transports });
  itComesAndGoes(check, { transports });
}

const tests = [];
for (const [fullTitle, check] of Object.entries(checks)) {
  const err = {};
  try {
    await check();
  } catch (error) {
    err.message = String(error.message);
  }
  tests.push({ fullTitle, err });
  for (const socket of opened.splice(0)) {
    socket.io.reconnection(false);
    socket.disconnect();
    socket.io.engine.close();
  }
}
process.stdout.write(JSON.stringify({ tests }), () => process.exit());
