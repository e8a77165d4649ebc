// The time axis: the server's line above, the robot's below, and between them the hole. Pure: shapes for redraw.
// Across, all is in % of the width; down, in px.

import { isOver, SPAN, seconds } from "./model.js";

const [TOP, BOTTOM] = [30, 130]; // the two lines
const [ABOVE, BELOW] = [56, 100]; // the hole
const [LEFT, RIGHT] = [3, 94]; // % of the first and the last second
const ZONES = [
  ["at_once", 0, 0.6],
  ["next_emit", 0.6, 1.8],
  ["heartbeat", 8, 18],
  ["never", SPAN - 0.8, SPAN + 1.2],
];

export const percent = (at) => LEFT + (Math.min(at, SPAN + 1) / SPAN) * (RIGHT - LEFT);
export const timeAt = (share) => ((share * 100 - LEFT) / (RIGHT - LEFT)) * SPAN;
const x = (at) => `${percent(at).toFixed(2)}%`;

// bet: the answer that is chosen, or null. now: ms.
// bet: the answer that is chosen, or null. now: ms.
export function picture(model, bet, now) {
  const shapes = [...frame(), ...zone(bet)];
  if (!model) return [...shapes, within("connected: every byte crosses")];
  return [...shapes, ...between(model, now), ...pokes(model), ...hand(model, now), ...sides(model, now)];
}

const within = (words) => [
  "text",
  { x: x(0), dx: 10, y: (ABOVE + BELOW) / 2 + 9, class: "zone-name" },
  words,
];

function frame() {
  const ticks = [0, 5, 10, 15, 20].flatMap((at) => [
    ["line", { x1: x(at), x2: x(at), y1: BOTTOM + 10, y2: BOTTOM + 15, class: "rail" }],
    ["text", { x: x(at), y: BOTTOM + 28, class: "tick-name" }, `${at} s`],
  ]);
  return [
    ["line", { x1: "0%", x2: "100%", y1: TOP, y2: TOP, class: "rail" }],
    ["line", { x1: "0%", x2: "100%", y1: BOTTOM, y2: BOTTOM, class: "rail" }],
    ["text", { x: "100%", y: TOP + 17, class: "label" }, "server"],
    ["text", { x: "100%", y: BOTTOM - 9, class: "label" }, "robot"],
    ...ticks,
  ];
}

function zone(bet) {
  const found = ZONES.find(([id]) => id === bet);
  if (!found) return [];
  const [, from, to] = found;
  const width = `${(percent(to) - percent(from)).toFixed(2)}%`;
  return [["rect", { x: x(from), width, y: TOP - 14, height: 28, rx: 6, class: "bet" }]];
}

// What is between the two: a hole that lasts, or an end that was sent.
function between(model, now) {
  const { how, began, until } = model;
  if (how !== "hole") return [["line", { x1: x(0), x2: x(0), y1: TOP, y2: BOTTOM, class: "cut" }]];
  const to = ((isOver(model) ? until : Math.min(now, until)) - began) / 1000;
  const width = Math.max(0.3, percent(to) - percent(0));
  const about = { width: `${width.toFixed(2)}%`, height: BELOW - ABOVE, class: "dark" };
  const dark = ["rect", { x: x(0), y: ABOVE, ...about }];
  return [dark, within("no byte crosses, nobody is told")];
}

// A poke that is handled reaches the robot's line; one that is not ends in the hole.
function pokes({ run, began, pokes: all }) {
  return all.flatMap(({ seq, at, confirmed }) => {
    const [here, end] = [x((at - began) / 1000), confirmed ? BOTTOM : ABOVE + 3];
    const about = { class: confirmed ? "poke got" : "poke lost", "data-run": run, "data-seq": seq };
    return [
      ["line", { x1: here, x2: here, y1: TOP, y2: end, ...about }],
      ["circle", { cx: here, cy: end, r: 5, ...about }],
    ];
  });
}

function hand({ began, server, client }, now) {
  const at = (now - began) / 1000;
  if ((server && client) || at > SPAN) return [];
  return [["line", { x1: x(at), x2: x(at), y1: 18, y2: BOTTOM + 8, class: "hand" }]];
}

// Each side: for how long it thought that it was connected, and the word that it said then.
function sides({ began, server, client, new: fresh }, now) {
  return [
    [server, TOP],
    [client, BOTTOM],
  ].flatMap(([said, y]) => {
    const at = (said ? said.after : Math.max(0, now - began)) / 1000;
    const thinks = ["line", { x1: x(0), x2: x(at), y1: y, y2: y, class: "thinks" }];
    if (!said) return [thinks];
    const anchor = at > 10 ? "end" : "start";
    const place = { x: x(at), y: y - 12, dx: anchor === "end" ? 4 : -8, "text-anchor": anchor };
    return [
      thinks,
      ["circle", { cx: x(at), cy: y, r: 8, class: "knows" }],
      ["text", { ...place, class: "flag" }, `${said.reason}, ${seconds(said.after)}`],
      ...(fresh && y === BOTTOM ? [["circle", { cx: x(at + 0.9), cy: y, r: 5, class: "fresh" }]] : []),
    ];
  });
}
