// Which lines the sequence diagram of lesson 2 has: nothing is lost in a fold, and what must be seen never is in one.

import assert from "node:assert/strict";
import { test } from "node:test";

import { echoOf, plan } from "../../../static/lessons/upgrade/plan.js";
import { beginning, compare, moved, ofSession, step } from "../../../static/lessons/upgrade/steps.js";

const hex = (text) => Buffer.from(text).toString("hex");
let n = 0;

// A captured row, as /wire hands it out; as much of it as the diagram reads.
function http(connection, up, packet, { target = "/socket.io/?sid=me", status = 200, upgrade = false } = {}) {
  const kind = up ? "request" : "response";
  const headers = upgrade ? [["Upgrade", "websocket"]] : [];
  const layers = [
    { layer: "http", kind, method: packet ? "POST" : "GET", target, status, reason: "", headers },
  ];
  return row(connection, up, layers, packet, 600);
}

function frame(up, packet) {
  const payload = { payload_hex: hex(packet), header_size: up ? 6 : 2, length: packet.length };
  return row(9, up, [{ layer: "websocket", ...payload }], packet, up ? 6 : 2);
}

function row(connection, up, layers, packet, head) {
  n += 1;
  const [types] = [{ 0: "open", 40: "CONNECT", 42: "EVENT", 43: "ACK" }];
  const type = types[packet.match(/^4\d|^\d/)?.[0]];
  if (layers[0].layer === "http") layers[0].head_size = head;
  if (type) layers.push({ layer: "socketio", type, data: { sid: "me" } });
  const bytes = layers[0].layer === "http" ? hex(" ".repeat(head) + packet) : hex(packet);
  return { n, at: n, connection, up, size: head + packet.length, hex: bytes, layers };
}

// One connection as the official client makes it, with an echo at its end.
function session() {
  const get = (connection) => http(connection, true, "");
  return [
    http(1, true, "", { target: "/socket.io/?EIO=4&transport=polling" }),
    http(1, false, '0{"sid":"me"}'),
    http(1, true, "40/upgrade,"),
    get(2),
    http(1, false, "ok"),
    http(2, false, '40/upgrade,{"sid":"x"}'),
    get(2),
    http(9, true, "", { upgrade: true }),
    http(9, false, "", { status: 101 }),
    frame(true, "2probe"),
    frame(false, "3probe"),
    http(2, false, "6"),
    frame(true, "5"),
    frame(true, '42/upgrade,0["echo",{}]'),
    frame(false, "43/upgrade,0[{}]"),
  ];
}

const kinds = (lines) => lines.map(({ kind }) => kind);
const rowsOf = (lines) => lines.flatMap(({ row, rows, kind }) => (kind === "break" ? [] : (rows ?? [row])));

test("with room enough every row is a step, and the break stands right behind the 101", () => {
  const rows = session();
  const lines = plan({ parts: [{ rows }] });

  assert.deepEqual(rowsOf(lines), rows);
  assert.equal(lines.filter(({ kind }) => kind === "break").length, 1);
  const at = kinds(lines).indexOf("break");
  assert.equal(step(lines[at - 1].row).what.trim(), "101");
});

test("with less room nothing is lost, no line too many is drawn, and the 101 is never folded", () => {
  const rows = session();
  for (let most = 16; most >= 8; most--) {
    const lines = plan({ parts: [{ rows }], most });
    const shown = lines.filter(({ kind }) => kind === "step").map(({ row }) => step(row));

    assert.deepEqual(rowsOf(lines), rows, `${most}`);
    assert.equal(lines.length, most);
    assert.ok(shown.some(({ what }) => what.trim() === "101"));
    assert.ok(lines.every((line) => line.kind !== "fold" || line.rows.length > 1));
  }
});

test("an outcome shows the two echoes and the break, and folds the rest", () => {
  const [rows, polled] = [session(), session().slice(0, 7)];
  const event = http(1, true, '42/upgrade,0["echo",{}]');
  polled.push(event, http(1, false, "ok"), http(2, false, "43/upgrade,0[{}]"));
  const [echo, post] = [echoOf(rows), echoOf(polled)];
  const parts = [{ rows }, { title: "by polling", rows: [...post] }];
  const lines = plan({ parts, must: new Set([...echo, ...post]), cut: 1 });

  assert.deepEqual(
    [...echo].map((each) => step(each).packet.slice(0, 2)),
    ["42", "43"],
  );
  assert.deepEqual([...post], [polled[6], ...polled.slice(7)]); // the GET, the POST, and the response of each
  const steps = Array(4).fill("step");
  assert.deepEqual(kinds(lines), ["fold", "step", "break", "fold", "step", "step", "title", ...steps]);
});

test("the outcome says header and message of each, from the rows and from nothing else", () => {
  const [rows, polled] = [session(), session().slice(0, 7)];
  polled.push(http(1, true, '42/upgrade,0["echo",{}]'), http(2, false, "43/upgrade,0[{}]"));
  const words = compare(rows, polled).join(" ");

  assert.match(words, /one frame, 6 bytes of header \+ 23 of message. No HTTP headers/);
  assert.match(words, /one frame of 2 \+ 16 bytes/);
  assert.match(words, /a POST with 600 bytes of HTTP headers \+ 23, a response of 600 \+ 16/);
});

test("a beginning ends with the first frames after the move; without a move with the first steps", () => {
  const rows = session();
  const more = [...rows, ...Array.from({ length: 9 }, () => frame(true, "42/class,[]"))];

  assert.equal(beginning(more).length, 13 + 3);
  assert.ok(moved(beginning(more)));
  assert.equal(beginning(rows.slice(0, 7)).length, 7);
  assert.equal(beginning([...rows.slice(0, 7), ...rows.slice(2, 12)]).length, 12);
});

test("the rows of one session leave out those of another on the same connections", () => {
  const mine = session();
  const other = http(1, true, "", { target: "/socket.io/?sid=other" });

  assert.deepEqual(ofSession([...mine, other, http(1, false, "ok")], "me"), mine);
});
