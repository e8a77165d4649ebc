// What every view of the rows says in the same words: names of layers, times, ids, and a row as plain text.

import { nameOf } from "./connections.js";

export const NAMES = {
  bytes: "Bytes",
  tcp: "TCP stream",
  http: "HTTP",
  websocket: "WebSocket",
  engineio: "Engine.IO",
  socketio: "Socket.IO",
  event: "Your event",
};
export const NUMBERS = { bytes: 1, http: 2, websocket: 2, engineio: 3, socketio: 4, event: 5 };
export const LAYERS = ["bytes", "http", "websocket", "engineio", "socketio", "event"];
const TEXT_BYTES = 1024; // of a row, in its text

export const way = (up) => (up ? "client to server" : "server to client");
export const clock = (at) =>
  new Date(at).toTimeString().slice(0, 8) + ((at % 1000) / 1000).toFixed(3).slice(1);
export const rowId = (row) => `wire-${row.n}${row.part > 1 ? `.${row.part}` : ""}`;
export const grouped = (n) => n.toLocaleString("en");

export const fromHex = (text) =>
  Uint8Array.from({ length: text.length / 2 }, (_, at) => parseInt(text.slice(at * 2, at * 2 + 2), 16));

export const hex = (byte) => byte.toString(16).padStart(2, "0");

// Text that others sent, with what would turn the line round or hide in it spelled out.
export const plain = (text) =>
  text.replace(
    /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

// The row as text: for the clipboard, and for paper.
export function asText(row) {
  const which = nameOf(row.connection);
  const lines = [
    `row ${row.n}   ${clock(row.at)}   ${which}, ${way(row.up)}   ${row.size} bytes   ${row.transport}`,
    row.summary,
  ];
  if (row.error) {
    const { message, layer, at, source } = row.error;
    lines.push(`breaks a rule: ${message} (${layer}, byte ${at}; ${source})`);
  }
  lines.push(...row.layers.flatMap(layerText), "", ...dump(fromHex(row.hex)));
  if (row.blanked) {
    const blanks = row.blanked.map(([start, length]) => `${length} bytes at ${start}`);
    lines.push(`        blanked: ${blanks.join(", ")}`);
  }
  return lines.join("\n");
}

// What a layer says of itself. The server numbers its connections; the page has letters for them.
export const summaryOf = ({ layer, summary, connection }) =>
  layer === "tcp" ? summary.replace(/^connection \d+/, nameOf(connection)) : summary;

function layerText(described) {
  const { layer, fields } = described;
  const number = NUMBERS[layer === "tcp" ? "bytes" : layer] ?? 2;
  const lines = fields.map(({ name, value }) => `    ${name.padEnd(14)} ${value}`);
  return ["", `${number} ${NAMES[layer] ?? layer}: ${summaryOf(described)}`, ...lines];
}

// Sixteen bytes a line: where they begin, the bytes, their characters.
function dump(raw) {
  const lines = [];
  for (let at = 0; at < Math.min(raw.length, TEXT_BYTES); at += 16) {
    const part = raw.subarray(at, at + 16);
    const shown = Array.from(part, hex).join(" ").padEnd(47);
    lines.push(`${String(at).padStart(6)}  ${shown}  ${Array.from(part, printable).join("")}`);
  }
  if (raw.length > TEXT_BYTES) lines.push(`        and ${grouped(raw.length - TEXT_BYTES)} bytes more`);
  return lines;
}

const printable = (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".");
