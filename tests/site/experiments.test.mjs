// The experiments of the packet inspector: each is ticked by what shows it, and by nothing less.

import assert from "node:assert/strict";
import test from "node:test";

import { EXPERIMENTS, seenIn } from "../../static/lib/experiments.js";
import { byHand } from "../../static/lib/housekeeping.js";
import { typedBytes } from "../../static/lib/rawtalk.js";

// Rows as GET /wire has them, as far as the judges look.

const row = (up, connection, summary, ...layers) => ({ up, connection, summary, layers });
const asks = (target, connection = 1, headers = []) =>
  row(true, connection, `GET ${target}`, { layer: "http", kind: "request", target, headers });
const answers = (status, connection = 1) =>
  row(false, connection, `${status}`, { layer: "http", kind: "response", status, headers: [] });
const frame = { layer: "websocket", type: "text", payload_hex: "" };
const close = (up, code, connection = 1, reason = "") =>
  row(up, connection, `close, ${code} ${reason}`, {
    ...frame,
    type: "close",
    payload_hex: code.toString(16).padStart(4, "0"),
  });
const engine = (up, type, connection = 1) => row(up, connection, type, frame, { layer: "engineio", type });
const packet = (type, namespace, more = {}) => ({ layer: "socketio", type, namespace, id: null, ...more });
const says = (up, type, more = {}, connection = 1, namespace = "/class") =>
  row(up, connection, type, frame, { layer: "engineio", type: "message" }, packet(type, namespace, more));
const broken = (layer, message) => ({ ...engine(true, "message"), error: { layer, message } });
const opened = (connection = 1) => [
  asks("/socket.io/?EIO=4&transport=websocket", connection),
  answers(101, connection),
];
const entered = (connection = 1, data = undefined) => [
  ...opened(connection),
  says(true, "CONNECT", { data }, connection),
  says(false, "CONNECT", { data: { sid: "x" } }, connection),
];
const event = (args) => ({ layer: "event", name: null, args });

const ORDINARY = [
  ...entered(1, { seat: "***" }),
  says(true, "EVENT"),
  engine(false, "ping"),
  engine(true, "pong"),
  says(true, "DISCONNECT"),
  close(true, 1000),
  close(false, 1000),
  ...entered(2, { seat: "***" }),
];

const STORIES = {
  ack: [...ORDINARY, says(true, "EVENT", { id: 7 }), says(false, "ACK", { id: 7 })],
  "no-token": entered(),
  forged: [
    ...opened(),
    says(true, "CONNECT", { data: { seat: "***" } }),
    says(false, "CONNECT_ERROR", { data: { message: "unknown seat" } }),
  ],
  nowhere: [
    ...opened(),
    says(true, "CONNECT", {}, 1, "/nowhere"),
    says(false, "CONNECT_ERROR", { data: { message: "there is none" } }, 1, "/nowhere"),
  ],
  silent: [...opened(), engine(false, "open"), close(false, 1008)],
  "no-pong": [...entered(1, {}), engine(false, "ping"), close(false, 1001)],
  "two-packets": [row(true, 1, "POST", { layer: "http" }, { layer: "engineio" }, { layer: "engineio" })],
  half: [...entered(1, {}), broken("socketio", "no JSON"), close(false, 1002)],
  binary: [says(true, "BINARY_EVENT", { attachments: 1 })],
  "two-clients": [...entered(1, {}), ...entered(2, {})],
  close: [...entered(1, {}), close(true, 4000), close(false, 4000)],
  fast: [
    row(
      false,
      1,
      "ACK",
      frame,
      packet("ACK", "/class", { id: 1 }),
      event([{ ok: false, error: "too fast: at most 20" }]),
    ),
  ],
  version: [asks("/socket.io/?EIO=3&transport=polling"), answers(400)],
  fragments: [row(true, 1, "continuation", { ...frame, pieces: 2 })],
  reserved: [broken("websocket", "RSV1 is 1, and no extension gives it a meaning")],
  unmasked: [broken("websocket", "a client's frame must be masked, and this one is not")],
};

test("every experiment has a story here", () => {
  assert.deepEqual(Object.keys(STORIES).sort(), EXPERIMENTS.map(({ id }) => id).sort());
  assert.ok(EXPERIMENTS.length >= 12);
});

test("an ordinary session shows none of them", () => {
  assert.deepEqual(seenIn(ORDINARY), []);
});

for (const [id, rows] of Object.entries(STORIES)) {
  test(`what shows an experiment, and nothing less: ${id}`, () => {
    assert.ok(seenIn(rows).includes(id));
    const { happened } = EXPERIMENTS.find((experiment) => experiment.id === id);
    for (const end of rows.keys()) assert.ok(!happened(rows.slice(0, end)), `ticked after ${end} rows`);
    for (const [other, theirs] of Object.entries(STORIES)) {
      const both = ["no-token", "nowhere"]; // entering without a token, wherever that is tried
      if (other !== id && !both.includes(other)) assert.ok(!happened(theirs), `ticked by ${other}`);
    }
  });
}

test("an answer on another connection is no answer to an old version", () => {
  assert.ok(!seenIn([asks("/socket.io/?EIO=3", 1), answers(400, 2)]).includes("version"));
});

test("a pong in time is no missing pong, whatever follows", () => {
  const rows = [...entered(), engine(false, "ping"), engine(true, "pong"), close(false, 1001)];

  assert.ok(!seenIn(rows).includes("no-pong"));
});

test("rows are by hand that the terminal or a program asked for, not those of a page", () => {
  const browser = [["User-Agent", "Mozilla/5.0"]];
  const isTyped = byHand();
  const rows = [
    [asks("/socket.io/?EIO=4", 1, browser), false],
    [engine(true, "pong", 1), false],
    [asks("/socket.io/?EIO=4&hand=1", 2, browser), true],
    [answers(101, 2), true],
    [engine(true, "pong", 2), true],
    [asks("/socket.io/?EIO=4", 3, [["User-Agent", "python"]]), true],
    [asks("/wire", 2, browser), false],
    [answers(200, 2), false],
    [engine(true, "pong", 9), false],
  ];

  for (const [one, typed] of rows) assert.equal(isTyped(one), typed, one.summary);
  assert.equal(isTyped(rows[3][0]), true); // asked again
});

test("what is typed for TCP is a request with CR LF, and bytes behind its empty line", () => {
  assert.deepEqual(typedBytes("GET / HTTP/1.1\nHost: x\n\n\\x81\\x02hi\\xfF"), {
    request: "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    then_hex: "81026869ff",
  });
  assert.equal(typedBytes("GET / HTTP/1.1\nHost: x\n\n").then_hex, "");
  assert.equal(typedBytes("GET /").request, "GET /\r\n\r\n");
});

test("the frames of the experiments announce the bytes they have", () => {
  for (const { id, by, text } of EXPERIMENTS.filter((experiment) => experiment.by === "tcp")) {
    const bytes = Uint8Array.from(typedBytes(text).then_hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
    let at = 0;
    while (at < bytes.length) {
      const [length, isMasked] = [bytes[at + 1] & 127, bytes[at + 1] & 128];
      at += 2 + (isMasked ? 4 : 0) + length;
    }
    assert.equal(at, bytes.length, `${id} ${by}`);
  }
});
