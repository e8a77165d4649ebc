// One arrow of the timeline with its label, and the samples of the key.

import { nameOf } from "./connections.js";
import { drawn, element } from "./dom.js";
import { change, write } from "./redraw.js";
import { clock, plain, rowId } from "./rows.js";
import { badge } from "./signs.js";

const CHARACTER = 7.85; // px of a label

// The nodes of an arrow, still without a place. What is not measured has an open end.
export function newArrow({ row, told }, { isMeasured, isNarrow }) {
  const nodes = {
    hit: drawn("path", { class: "hit" }),
    shaft: drawn("path", { class: "shaft" }),
    head: drawn("path", { class: "head" }),
    open: isMeasured ? null : drawn("circle", { class: "open", r: 4 }),
    seen: drawn("circle", { class: "seen", r: 3 }),
    leader: drawn("path", { class: "leader" }),
    plate: drawn("rect", { class: "plate", height: 22, rx: 4 }),
    when: isNarrow ? null : drawn("text", { class: "when" }),
    text: drawn("text"),
  };
  const attributes = {
    class: "arrow",
    role: "option",
    tabindex: "-1",
    "data-way": row.up ? "up" : "down",
    "data-ack": told.isAck,
    "data-error": Boolean(row.error),
    "data-row": rowId(row),
    "data-at": row.at,
    "data-what": told.what,
  };
  const { text, ...shapes } = nodes;
  const node = drawn("g", attributes, ...Object.values(shapes), " ", text); // the two texts are read as one
  return { row, told, nodes, node, bond: null };
}

// Puts an arrow in its place. place: {x, y, label, far: {at, y} or null, asked: {row, y} or null, first: the
// time of the first arrow, server, width}
export function placeArrow(arrow, place) {
  const { row, told, nodes } = arrow;
  const { x, y, label, far, asked, server, width } = place;
  const [from, to] = endsOf(row, place);
  const shape = `M${from[0]} ${from[1]}L${to[0]} ${to[1]}`;
  const isNarrow = !nodes.when;
  const room = Math.max(8, Math.floor((width - server - (isNarrow ? 34 : 106)) / CHARACTER));
  const words = wordsOf(row, told, { ...place, room });
  change(nodes.hit, { d: shape });
  change(nodes.shaft, { d: shape });
  change(nodes.head, { d: headOf(from, to) });
  if (nodes.open) change(nodes.open, { cx: x + 9, cy: y });
  change(nodes.seen, { cx: server, cy: y });
  change(nodes.leader, { d: `M${server + 4} ${y}L${server + 16} ${label}H${server + 20}` });
  change(nodes.plate, { x: server + 20, y: label - 11, width: Math.max(10, width - server - 24) });
  if (nodes.when) change(nodes.when, { x: server + 26, y: label + 4.5 });
  if (nodes.when) write(nodes.when, `${words.time} `); // the blank parts it from the label for who listens
  change(nodes.text, { x: server + (isNarrow ? 26 : 100), y: label + 4.5 });
  write(nodes.text, words.label);
  change(arrow.node, { "aria-label": words.sentence, "data-asked": asked && rowId(asked.row) });
  placeBond(arrow, place);
  const flight = far && Math.abs(far.at - row.at);
  Object.assign(arrow, { place, from, to, flight, y, label });
}

// The dotted line that ties an answer to its event.
function placeBond(arrow, { asked, server, y }) {
  if (!asked) {
    arrow.bond = null;
    return;
  }
  const bend = server + Math.min(26, 8 + (y - asked.y) / 8);
  arrow.bond ??= drawn("path", { class: "bond", "data-of": rowId(arrow.row) });
  change(arrow.bond, { d: `M${server} ${asked.y}C${bend} ${asked.y} ${bend} ${y} ${server} ${y}` });
}

function endsOf(row, { x, y, far, server }) {
  if (row.up)
    return [
      [x + 15, y],
      [server - 1, y],
    ];
  return [
    [server, y],
    [far ? x + 1 : x + 22, far ? far.y : y],
  ];
}

function headOf(from, to) {
  const slope = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const side = (turn) => {
    const [x, y] = [to[0] - 8 * Math.cos(slope + turn), to[1] - 8 * Math.sin(slope + turn)];
    return `M${to[0]} ${to[1]}L${x.toFixed(1)} ${y.toFixed(1)}`;
  };
  return side(0.45) + side(-0.45);
}

// The name of an arrow begins with the words that stand at it, as they stand there (WCAG 2.2, 2.5.3).
function wordsOf(row, told, { far, asked, first, room }) {
  const name = calledOf(told);
  const time = short(row.at - first);
  let after = "";
  if (asked) after = `${short(row.at - asked.row.at)} after its event`;
  else if (far) after = `${short(Math.abs(far.at - row.at))} on its way`;
  const label = plain(cut(after ? `${name} · ${after}` : `${name} ${told.more}`.trimEnd(), room));
  const facts = `row ${row.n}, ${row.up ? "up" : "down"}, ${nameOf(row.connection)}, ${row.size} bytes`;
  const more = after && !label.includes(after) ? `, ${after}` : "";
  return { time, label, sentence: `${time} ${label}, ${facts}${more}` };
}

const calledOf = ({ what, where }) => `${what}${where && where !== "/" ? ` ${where}` : ""}`;

// What is said of an arrow below the picture when it is chosen.
export function sentences({ row, told, flight, place: { asked, first } }) {
  const crossed = `${row.up ? "reached" : "left"} the server at ${clock(row.at)}`;
  const words = [
    element("b", {}, calledOf(told)),
    ` ${crossed}, ${short(row.at - first)} after the first arrow. `,
    badge("captured"),
  ];
  if (asked) {
    const between = `${short(row.at - asked.row.at)} between the two at the server`;
    words.push(` It acknowledges row ${asked.row.n}: ${between}. `, badge("computed"));
  } else if (flight !== null) {
    const later = `${short(flight)} later, by the clock it shares with the server`;
    words.push(` This page's handler ran ${later}. `, badge("computed"));
  } else words.push(` When it ${row.up ? "left you" : "arrived"} is not measured.`);
  return words;
}

const short = (ms) => (ms < 1000 ? `${ms.toFixed(ms < 10 ? 2 : 1)} ms` : `${(ms / 1000).toFixed(4)} s`);
const cut = (text, room) => (text.length > room ? `${text.slice(0, room - 1)}…` : text);

// The key under the picture.
const KEY = [
  ["up", "up"],
  ["down", "down"],
  ["ack", "an ack, tied to its event"],
  ["open", "this end is not measured"],
  ["cut", "time left out: nothing crosses"],
];
const SAMPLES = {
  up: () => [path("shaft", "M2 8H24"), path("head", "M24 8l-7-4M24 8l-7 4")],
  down: () => [path("shaft", "M24 8H2"), path("head", "M2 8l7-4M2 8l7 4")],
  ack: () => [path("bond", "M8 1C22 1 22 15 8 15")],
  open: () => [drawn("circle", { class: "open", cx: 6, cy: 8, r: 4 }), path("shaft", "M12 8H26")],
  cut: () => [drawn("g", { class: "silence" }, drawn("path", { d: "M2 4H26M2 12H26" }))],
};
const path = (name, d) => drawn("path", { class: name, d });

export function keyOf() {
  const items = KEY.map(([name, text]) => element("span", { "data-key": name }, sample(name), text));
  return element("p", { class: "time-key" }, ...items);
}

function sample(name) {
  const size = { viewBox: "0 0 28 16", width: 28, height: 16 };
  const marks = { class: "arrow", "data-way": name === "up" ? "up" : "down", "data-ack": false };
  return drawn("svg", { ...size, "aria-hidden": "true", ...marks }, ...SAMPLES[name]());
}
