// The numbers of a run as shapes and rows: the buffer's slots, the sums of a reader, the table. Pure.

import { sender } from "./picture.js";
import { sums } from "./receiver.js";
import { tally } from "./words.js";

const SLOTS = 20; // of the buffer, drawn one by one

// The buffer as it was last told: slots, the oldest first.
export function bufferShapes(run) {
  const { model, buffer } = run;
  const [first, end] = buffer?.kept ?? [1, 0];
  const [keep, kind] = [buffer?.keep ?? model.keep, buffer?.kind ?? model.kind];
  const shapes = new Map([["words", ["p", {}, bufferWords(kind, keep, first, end, isStale(run))]]]);
  const slots = kind && kind !== "off" && keep <= SLOTS ? bufferSlots(keep, first, end) : [];
  if (slots.length) shapes.set("slots", ["ol", {}, ...slots]);
  return shapes;
}

// Whether the buffer may have changed since the server told of it.
export function isStale({ buffer, model, now, readers: [on] }) {
  if (!buffer) return false;
  return !on.connected || (!model.over && now() - buffer.at > Math.max(1500, 1.5 * model.every));
}

function bufferWords(kind, keep, first, end, stale) {
  if (!kind) return "No run yet: the buffer is empty.";
  if (kind === "off") return "No buffer: the server keeps nothing.";
  const some = first === end ? `${first}` : `${first} to ${end}`;
  const held = end < first ? "nothing yet" : some;
  return `In ${kind}, the last ${keep}: ${held}${stale ? ", as last heard" : ""}.`;
}

function bufferSlots(keep, first, end) {
  const slots = [];
  for (let seq = Math.max(1, first - 3); seq < first; seq++) {
    slots.push(["li", { class: "fallen" }, ["span", { class: "hidden" }, "trimmed: "], `${seq}`]);
  }
  for (let seq = first; seq <= end; seq++) slots.push(["li", { class: "kept" }, `${seq}`]);
  for (let empty = Math.max(0, end - first + 1); empty < keep; empty++) {
    slots.push(["li", { class: "free", "aria-hidden": "true" }]);
  }
  return slots;
}

// The sums of a reader: sent = live + replayed + gap, and whether the server's record says the same.
export function sumShapes({ r, tally: record }, model) {
  const has = sums(r);
  const sent = Math.max(tally(has), model.over ? 0 : r.cursor);
  const copies = has.dropped.length === 1 ? "duplicate dropped" : "duplicates dropped";
  const tiles = [
    tile("sent", sent, "sent"),
    tile("live", has.live.length, "live", "="),
    tile("replayed", has.replayed.length, "replayed", "+"),
    tile("gap", has.gap.length, "gap", "+"),
  ];
  if (has.dropped.length) tiles.push(tile("dropped", has.dropped.length, copies));
  if (has.twice.length) tiles.push(tile("twice", has.twice.length, "handled twice"));
  return new Map([...tiles, ["record", verdict(has, sent, record, model)]]);
}

const tile = (name, n, words, sign) => [
  name,
  [
    "span",
    { "data-sum": name, "data-n": n },
    sign ? ["i", {}, sign] : null,
    ["b", {}, `${n}`],
    ["span", {}, words],
  ],
];

function verdict(has, sent, record, model) {
  if (!record || record.waiting) {
    const words = model.over ? "the server has no record of it" : "so far";
    return ["span", { class: "quiet", "data-record": "waiting" }, words];
  }
  if (!record.ok) return marked(false, record.error);
  const mine = [sent, has.live.length, has.replayed.length, has.gap.join()];
  const theirs = [record.sent, record.live, record.replayed, record.gap.join()];
  if (mine.every((value, at) => value === theirs[at])) return marked(true, "the server agrees");
  const sum = `${record.sent} = ${record.live} + ${record.replayed} + ${record.gap.length}`;
  return marked(false, `the server's record: ${sum}`);
}

function marked(good, words) {
  const icon = [
    "svg",
    { class: "icon", "aria-hidden": "true" },
    ["use", { href: `#i-${good ? "tick" : "cross"}` }],
  ];
  return ["span", { class: "mark", "data-record": good ? "same" : "other", "data-good": good }, icon, words];
}

// One row for each event, under its fate on both sockets: [[key, cells], …].
export function rows({ model, readers }) {
  const [on, off] = readers.map(({ r }) => fates(r));
  const sent = sender(model, readers);
  const start = sent.at(1);
  const found = [];
  for (let seq = 1; seq <= Math.max(on.size, off.size); seq++) {
    const known = on.get(seq)?.sent_at ? on.get(seq) : off.get(seq);
    const when = `${((sent.at(seq) - start) / 1000).toFixed(2)} s${known?.sent_at ? "" : ", computed"}`;
    const both = [on, off].map((entries) => fate(entries.get(seq), sent));
    found.push([`${model.run} ${seq}`, [model.run.slice(0, 6), seq, known?.text ?? "", when, ...both]]);
  }
  return found;
}

// seq → its entry in the log, without the copies of what came twice.
const fates = ({ log }) =>
  new Map(log.filter(({ how }) => how !== "dropped" && how !== "twice").map((entry) => [entry.seq, entry]));

function fate(entry, sent) {
  if (!entry) return "–";
  if (entry.how === "gap") return `gap: ${entry.why}`;
  return `${entry.how}, after ${Math.max(0, Math.round(entry.at - sent.at(entry.seq)))} ms`;
}
