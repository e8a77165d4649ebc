// The sequence diagram: you on the left, the server on the right, and each step between them. A step opens to
// its meaning and its bytes.

import { letterOf } from "../../lib/connections.js";
import { bytes, element, ms } from "../../lib/dom.js";
import { caption, layer, step, text } from "./steps.js";

const CAPTION = "The steps of a connection, from the server-side capture";
const COLUMNS = [
  "Connection",
  "Step",
  "After",
  "Way",
  "How",
  "TCP connection",
  "What",
  "Bytes",
  "Of these header",
];

export class Diagram {
  constructor(list, lab) {
    this.list = list;
    this.cells = lab.table(CAPTION, COLUMNS);
    this.number = 0; // of second connections so far
  }

  begin() {
    this.number += 1;
  }

  // Draws the rows, all of them anew. Returns what they add up to, as a sentence.
  draw(rows) {
    const waiting = new Map(); // connection → its last request, if that has no response yet
    for (const row of rows) waiting.set(row.connection, row.up && layer(row, "http") ? row : null);
    const items = rows.map((row, at) => {
      const letter = letterOf(row.connection);
      const drawn = { row, letter, ...step(row), after: ms(row.at - rows[0].at) };
      drawn.way = row.up ? "client to server" : "server to client";
      drawn.said = drawn.packet || drawn.target || "";
      drawn.waits = waiting.get(row.connection) === row;
      this.tabulate(at, drawn);
      return item(drawn);
    });
    this.list.replaceChildren(...items);
    return caption(rows);
  }

  tabulate(at, { row, letter, after, way, how, what, said, head }) {
    const words = `${what} ${said}`.trim();
    const cells = [this.number, at + 1, after, way, how, letter, words, row.size, head];
    this.cells(`${this.number} ${at}`, cells);
  }
}

function item(drawn) {
  const { row, how, why, waits } = drawn;
  const more = waits ? " The server still holds this request." : "";
  const inside = element("div", { class: "inside" }, element("p", {}, why + more), ...evidence(row));
  const about = { class: "crossed", "data-wire-row": row.n, "data-up": row.up, "data-how": how };
  return element("li", about, element("details", {}, summary(drawn), inside));
}

function summary({ row, letter, after, way, how, what, said }) {
  const title = what && element("b", {}, what);
  const words = [title, what && said && " ", said && element("code", {}, said)].filter(Boolean);
  const spoken = element("span", { class: "hidden" }, `${way}: `);
  const flight = element("span", { class: "flight" }, spoken, element("span", { class: "words" }, ...words));
  return element(
    "summary",
    {},
    element("span", { class: "when" }, after),
    flight,
    element("span", { class: "carrier" }, `${how} ${letter}`),
    element("span", { class: "weight" }, bytes(row.size)),
  );
}

// The bytes: HTTP as text, a frame in bits and in hex.
function evidence(row) {
  const frame = layer(row, "websocket");
  if (!frame) return [element("pre", { tabindex: "0" }, text(row.hex))];
  const pairs = row.hex.match(/../g) ?? [];
  const bits = pairs
    .slice(0, 2)
    .map((pair) => parseInt(pair, 16).toString(2).padStart(8, "0"))
    .join("");
  const label = { role: "img", "aria-label": `The first two bytes in bits: ${bits}` };
  const names = ["FIN", "RSV", "opcode", "MASK", "length"].map((name) => element("span", {}, name));
  const head = element("mark", {}, pairs.slice(0, frame.header_size).join(" "));
  const rest = ` ${pairs.slice(frame.header_size).join(" ")}`;
  return [
    element("p", { class: "bits", ...label }, ...[...bits].map((bit) => element("b", {}, bit))),
    element("p", { class: "bit-names" }, ...names),
    element("p", {}, `${frame.summary}.`),
    element("pre", { class: "hex", tabindex: "0" }, head, rest),
  ];
}
