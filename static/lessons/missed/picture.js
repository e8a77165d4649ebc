// The picture of a run: the server's row above, you and your twin below, under one clock. Pure: a run and a
// width in, shapes out, as redraw.js draws them.

import { spoken } from "./words.js";

const [TOP, NEAR, FAR] = [34, 128, 184]; // the server's rail, yours, your twin's, px
const LOW = FAR + 16; // the lower edge
const REPLAY = 27; // a replay stands so far above the rail
const COMES_BACK = "M4.500-3.200A5.500 5.500 0 1 0 5.500 1M5.500-5.500v3h-3"; // a circle with an arrow
const CROSSED_OUT = "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0M-3.500 3.500 3.500-3.500";
const BESIDE = 26; // px between replays of different kinds
const ROWS = { replayed: 0, twice: 1, dropped: 1 }; // so many rows above the lowest

// Which events an answer of the prediction expects to have in the end: cut after the fourth, back after the tenth.
const EXPECTS = {
  all: () => true,
  kept: (seq) => seq !== 5,
  live: (seq) => seq < 5 || seq > 10,
  four: (seq) => seq < 5,
};

// → {shapes: Map of key → shape, label, place(time) → px}
// type: the size of the writing, in the units of the width.
export function picture(run, width, type) {
  const paper = { ...measured(run, width, type), type };
  const [on, off] = run.readers;
  const shapes = new Map([
    ...away(on, paper),
    ...rails(run.model, paper),
    ...sent(paper),
    ...handled(on, paper),
    ...questions(on, paper),
    ...replays(on, paper),
    ...twins(off, paper),
    ...bets(run, paper),
    ["hand", hand(run, paper)],
  ]);
  return { shapes, label: `${spoken(on.r, "You")} ${spoken(off.r, "Your twin")}`, place: paper.place };
}

// When each event was sent: known of those that came, computed by the run's pace for the others.
export function sender({ origin, every }, readers) {
  const known = new Map();
  for (const { r } of readers) for (const { seq, sent_at: at } of r.log) if (at) known.set(seq, at);
  const [seq, at] = known.size ? [...known][0] : [0, origin];
  return { known, at: (n) => known.get(n) ?? at + (n - seq) * (every ?? 1000) };
}

// What all the parts share: the clock along the width, the size of a disc.
function measured({ model, readers, now }, width, type) {
  const [on, off] = readers;
  const every = model.every ?? 1000;
  const sent = sender(model, readers);
  const events = model.count ?? Math.max(on.r.cursor, off.r.cursor, 1);
  const from = sent.at(1) - every * 0.7;
  const latest = Math.max(...readers.flatMap(landings));
  const waiting = on.connected || model.over ? 0 : now();
  const to = Math.max(sent.at(events) + every * 0.7, latest + every * 0.3, waiting);
  const place = (time) => Math.min(1, (time - from) / (to - from)) * width; // much later: at the edge
  const radius = Math.max(2, Math.min(type * 0.92, (every / (to - from)) * width * 0.43));
  const seconds = Math.round((to - from) / 1000);
  return { run: on.r.run, width, place, radius, sent, events, every, now, seconds };
}

const landings = ({ r, away }) => [
  ...r.log.map(({ how, at }) => (how === "live" || how === "replayed" ? at : 0)),
  away.at(-1)?.to ?? 0,
];

const text = (x, y, words, more = {}) => ["text", { class: "label", x, y, ...more }, words];
const rail = (y, { width }) => ["line", { class: "rail", x2: width, y1: y, y2: y }];
const at = (x, y) => `translate(${x.toFixed(1)} ${y})`;

// One that stands for a packet names it, so that it is one with its row on the wire.
function disc(kind, seq, x, y, { run, radius, type }, inside = null) {
  const crossed = kind === "sent" || kind === "live";
  const packet = crossed ? { "data-event": "posted", "data-run": run, "data-seq": seq } : {};
  const size = { "font-size": Math.min(type, radius * 1.2), dy: ".36em" };
  const number = radius >= type * 0.58 && seq ? ["text", size, `${seq}`] : null;
  return ["g", { class: kind, transform: at(x, y), ...packet }, ["circle", { r: radius }], inside, number];
}

function missing(x, y, paper) {
  const half = Math.max(2, paper.radius * 0.45);
  const cross = ["path", { d: `M${-half} ${-half} ${half} ${half}M${half} ${-half} ${-half} ${half}` }];
  if (paper.radius < 5) return ["g", { class: "gap", transform: at(x, y) }, cross];
  return disc("gap", 0, x, y, paper, cross);
}

// The times without a connection.
function* away(on, { width, place, now, type }) {
  let first = width; // where the first zone or its name begins
  for (const [n, { from, to, mine }] of on.away.entries()) {
    const [x, end] = [place(from), place(to ?? now())];
    const size = { x, y: 3, width: Math.max(2, end - x), height: LOW - 3, rx: 4 };
    const half = reason(mine).length * type * 0.3;
    const middle = Math.min(width - half, Math.max(half, (x + end) / 2));
    first = Math.min(first, x, middle - half);
    yield [`zone ${n}`, ["rect", { class: "zone", ...size }]];
    yield [`zone name ${n}`, text(middle, 16, reason(mine), { class: "zone-name" })];
  }
  if (first > type * 7) yield ["sent name", text(0, 16, "server sent")];
}

function reason(mine) {
  if (mine === "io server disconnect") return "disconnect()";
  return mine === "the page was left" ? "you left" : "cut off";
}

function* rails(model, paper) {
  for (const y of [TOP, NEAR, FAR]) yield [`rail ${y}`, rail(y, paper)];
  const you = model.kind === "off" ? "you, no buffer" : "you, with a buffer";
  yield ["you", text(0, NEAR + 28, you)];
  yield ["twin", text(0, FAR + 28, "your twin, without")];
  yield ["clock", text(paper.width, FAR + 28, `seconds 0 … ${paper.seconds}`, { class: "label end" })];
}

function* sent(paper) {
  for (let seq = 1; seq <= paper.events; seq++) {
    const kind = paper.sent.known.has(seq) ? "sent" : "planned";
    yield [`sent ${seq}`, disc(kind, seq, paper.place(paper.sent.at(seq)), TOP, paper)];
  }
}

function* handled(on, paper) {
  const { place, radius } = paper;
  for (const entry of on.r.log) {
    const { seq, how } = entry;
    const x = place(paper.sent.at(seq));
    if (how === "live") {
      const ends = { x1: x, y1: TOP + radius, x2: place(entry.at), y2: NEAR - radius };
      yield [`flight ${seq}`, ["line", { class: "flight", ...ends }]];
      yield [`live ${seq}`, disc("live", seq, place(entry.at), NEAR, paper)];
    }
    if (how === "gap") {
      yield [`stub ${seq}`, ["path", { class: "stub", d: `M${x} ${TOP + radius + 1}V${TOP + 40}` }]];
      yield [`gap ${seq}`, missing(x, NEAR, paper)];
    }
  }
}

// "What came after n?"
function* questions(on, { width, place, radius, type }) {
  for (const [n, { at: time, after }] of on.asked.entries()) {
    const x = place(time);
    const end = x > width - type * 5.4;
    const name = { class: `asked-name${end ? " end" : ""}` };
    const arrow = `M${x} ${NEAR - 3}V${TOP + radius + 4}m-4 7 4-7 4 7`;
    yield [`asked ${n}`, ["path", { class: "asked", d: arrow }]];
    yield [`after ${n}`, text(end ? x - 6 : x + 5, TOP + radius + 8 + type, `after ${after}`, name)];
  }
}

// What came back at one moment is one replay, with a path from each event.
function* replays(on, paper) {
  for (const how of Object.keys(ROWS)) {
    const entries = on.r.log.filter((entry) => entry.how === how);
    for (const [n, group] of together(entries, paper.every).entries()) yield* replay(how, n, group, paper);
  }
}

function* replay(how, n, group, { width, place, radius, sent, type }) {
  const words = short(group) + (how === "twice" ? " twice" : "");
  const wide = 30 + words.length * type * 0.58;
  const x = place(group.at(-1).at);
  const left = Math.max(0, Math.min(width - wide - 1, x - wide + 6));
  const y = NEAR - REPLAY - ROWS[how] * BESIDE;
  for (const { seq } of how === "replayed" ? group : []) {
    const from = place(sent.at(seq));
    const bend = `Q${from} ${y} ${Math.max(left, from + 8)} ${y}`;
    const d = `M${from} ${TOP + radius}V${TOP + 38}${bend}`;
    yield [`path ${n} ${seq}`, ["path", { class: "path", d }]];
  }
  if (how === "replayed") {
    yield [`landing ${n}`, ["line", { class: "landing", x1: x, x2: x, y1: y + 10, y2: NEAR }]];
  }
  yield [`${how} ${n}`, replayBox(how, words, left, y, wide, type)];
}

function replayBox(how, words, left, y, wide, type) {
  const tall = type + 8;
  const box = (grow) => {
    const size = { x: left - grow, y: y - tall / 2 - grow, width: wide + 2 * grow, height: tall + 2 * grow };
    return ["rect", { ...size, rx: tall / 2 + grow }];
  };
  const d = how === "dropped" ? CROSSED_OUT : COMES_BACK;
  const sign = ["path", { class: "sign", d, transform: `translate(${left + 14} ${y})` }];
  const name = text(left + 24, y + type * 0.37, words);
  return ["g", { class: how, "data-capsule": how }, how === "replayed" ? box(3) : null, box(0), sign, name];
}

// Entries of one moment stand together.
function together(entries, every) {
  const groups = [];
  for (const entry of entries) {
    const last = groups.at(-1);
    if (last && entry.at - last.at(-1).at <= every / 4) last.push(entry);
    else groups.push([entry]);
  }
  return groups;
}

function short(group) {
  const seqs = group.map(({ seq }) => seq);
  return seqs.length > 1 ? `${Math.min(...seqs)}–${Math.max(...seqs)}` : `${seqs[0]}`;
}

function* twins(off, paper) {
  for (const { seq, how, at: time } of off.r.log) {
    const x = paper.place(how === "live" ? time : paper.sent.at(seq));
    if (how === "live") yield [`twin ${seq}`, disc(how, seq, x, FAR, paper)];
    if (how === "gap") yield [`twin ${seq}`, missing(x, FAR, paper)];
  }
}

// In the run of the prediction a ring on your rail for each event that was expected there.
function* bets({ expected, model }, { sent, events, place, radius }) {
  if (!model.step || !expected) return;
  for (let seq = 1; seq <= events; seq++) {
    const ring = { class: "bet", cx: place(sent.at(seq)), cy: NEAR, r: radius + 4 };
    if (EXPECTS[expected](seq)) yield [`bet ${seq}`, ["circle", ring]];
  }
}

// Where the clock is now.
function hand({ model, now }, { width, place }) {
  const x = Math.min(width, Math.max(0, place(now())));
  return ["line", { class: "hand", y1: 20, y2: LOW, x1: x, x2: x, ...(model.over && { hidden: "" }) }];
}
