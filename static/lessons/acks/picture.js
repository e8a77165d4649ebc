// The time axis: the kitchen's line above, the client's below, orders and acknowledgements between them. Pure:
// shapes for drawing. Across, all is in % of the width; down, in px.

import { isLate } from "./model.js";

export const SPAN = 14.5; // s that the axis shows at least
const [TOP, BOTTOM] = [46, 128]; // the two lines
const [LEFT, RIGHT] = [4, 97]; // % of the first and the last second
const RING = 11; // px
const CLOSE = 700; // ms: nearer to a ring there is no room for words
const ROUND = 2 * Math.PI * RING;

export function picture(model, now) {
  const span = Math.max(SPAN, model ? (Math.min(now, lastOf(model)) - model.began) / 1000 + 1 : 0);
  const x = (at) => `${(LEFT + (Math.min(at, span) / span) * (RIGHT - LEFT)).toFixed(2)}%`;
  const shapes = frame(x, span);
  if (!model) return shapes;
  const place = (at) => x((at - model.began) / 1000);
  return [
    ...shapes,
    ...cooking(model, place, now),
    ...model.tries.flatMap((one, n) => attempt(model, one, n, place, now)),
    ...model.soups.flatMap((soup) => bowl(soup, place)),
    ...verdict(model, place),
  ];
}

function lastOf({ said, tries, soups, began }) {
  const ends = tries.map((one) => one.ack?.at ?? 0);
  return Math.max(began, said?.at ?? Infinity, ...ends, ...soups.map(({ at }) => at));
}

function frame(x, span) {
  const ticks = [];
  for (let at = 0; at <= span; at += 4) {
    ticks.push(["line", { x1: x(at), x2: x(at), y1: BOTTOM + 20, y2: BOTTOM + 25, class: "rail" }]);
    ticks.push(["text", { x: x(at), y: BOTTOM + 40, class: "tick-name" }, `${at} s`]);
  }
  return [
    ["line", { x1: "0%", x2: "100%", y1: TOP, y2: TOP, class: "rail" }],
    ["line", { x1: "0%", x2: "100%", y1: BOTTOM, y2: BOTTOM, class: "rail" }],
    ["text", { x: "100%", y: TOP + 18, class: "label" }, "kitchen"],
    ["text", { x: "100%", y: BOTTOM - 8, class: "label" }, "client"],
    ...ticks,
  ];
}

// The pan: from the first order, or the soup before, to the next soup.
function cooking({ soups, tries, waits }, place, now) {
  const [first] = tries;
  if (!first) return [];
  const ends = soups.map(({ at }) => at);
  if (waits && ends.length < tries.length && tries.some(({ ack }) => !ack)) ends.push(now);
  const from = [first.at, ...soups.map(({ at }) => at)];
  return ends.map((end, n) => {
    const on = n === soups.length ? "pan on" : "pan";
    return ["line", { x1: place(from[n]), x2: place(end), y1: TOP, y2: TOP, class: on }];
  });
}

// An order on its way up, the ring of its timeout, and the acknowledgement that lands on it or falls.
function attempt(model, one, n, place, now) {
  const here = place(one.at);
  const left = one.ack && !isLate(one, model.timeout) ? 0 : Math.max(0, 1 - (now - one.at) / model.timeout);
  const done = one.ack && !isLate(one, model.timeout);
  const state = done ? "done" : left > 0 && !model.said ? "on" : "closed";
  const shapes = [
    ["line", { x1: here, x2: here, y1: BOTTOM - RING, y2: TOP, class: "up" }],
    ["circle", { cx: here, cy: BOTTOM, r: RING, class: `ring ${state}` }],
    ["text", { x: here, y: BOTTOM + 4.5, class: "number" }, state === "done" ? "✓" : String(n + 1)],
  ];
  if (state === "on") {
    const rest = `${(left * ROUND).toFixed(1)} ${ROUND.toFixed(1)}`;
    shapes.splice(2, 0, [
      "circle",
      { cx: here, cy: BOTTOM, r: RING, class: "rest", "stroke-dasharray": rest },
    ]);
  }
  if (!one.ack) return shapes;
  const there = place(one.ack.at);
  const lands = done ? "ack" : "ack late";
  shapes.push(["line", { x1: there, x2: there, y1: TOP, y2: BOTTOM - 8, class: lands }]);
  if (!done) {
    shapes.push(["text", { x: there, y: BOTTOM + 5, class: "cross" }, "✗"]);
    shapes.push(["text", { x: there, y: BOTTOM + 19, class: "too-late" }, `ack ${n + 1} too late`]);
  }
  return shapes;
}

function bowl({ run, seq, at }, place) {
  const about = { "data-event": "cooked", "data-run": run, "data-seq": seq };
  const here = place(at);
  return [
    ["circle", { cx: here, cy: TOP, r: 12, class: "soup", ...about }],
    ["text", { x: here, y: TOP + 4.5, class: "number", ...about }, String(seq)],
    ["text", { x: here, y: TOP - 19, class: "soup-name" }, `soup ${seq}`],
  ];
}

// What the client says, beside its last ring where that has only just been drawn.
function verdict({ said, tries }, place) {
  if (!said) return [];
  const here = place(said.at);
  const kind = said.ok ? "good" : "bad";
  const last = tries.at(-1);
  if (last && said.at - last.at < CLOSE) {
    return [["text", { x: here, dx: 22, y: BOTTOM - 10, class: `flag beside ${kind}` }, said.words]];
  }
  return [
    ["line", { x1: here, x2: here, y1: BOTTOM - 24, y2: BOTTOM + 8, class: `end ${kind}` }],
    ["text", { x: here, y: BOTTOM - 29, class: `flag ${kind}` }, said.words],
  ];
}
