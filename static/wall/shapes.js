// How a dot looks in each state: shape and texture, so that it can be told without colour. Unit: its radius.

import { drawn } from "../lib/dom.js";

const MARKS = {
  tick: "M-.46 .04-.12 .38 .48-.36",
  arrow: "M0 .52V-.5M-.38-.12 0-.5 .38-.12",
  cross: "M-.36-.36 .36 .36M.36-.36-.36 .36",
  again: "M.43 .12A.45 .45 0 1 1 .3-.34M.44-.62V-.28H.1",
  slash: "M-.5 .5 .5-.5",
  eye: "M-.46-.06Q0 .44 .46-.06",
  gap: "M-.62-.62 .62 .62M.62-.62-.62 .62",
};
// What a state needs besides the body; css/wall.css shows it, and hides what an earlier state left.
const NEEDS = {
  received: ["tick"],
  sender: ["ring", "arrow"],
  sender_received: ["ring", "tick"],
  missed: ["cross"],
  replayed: ["ring", "again"],
  duplicate: ["slash"],
  cut: ["gap"],
  asleep: ["eye"],
};

// A dot without a place. robot: square instead of round.
export function dot({ robot = false, state = "idle" } = {}) {
  const g = drawn("g", { class: "dot", "data-robot": robot }, outline("body", 1, robot));
  become(g, state);
  return g;
}

// One attribute, once the dot has the marks of that state: they are made when they are first needed, since the
// browser computes the style of each of them at every change.
export function become(g, state) {
  for (const name of NEEDS[state] ?? []) {
    if (![...g.children].some((part) => part.classList.contains(name))) g.append(part(name, g));
  }
  g.dataset.state = state;
}

function part(name, g) {
  if (name === "ring") return outline("ring", 1.2, "robot" in g.dataset);
  return drawn("path", { class: `mark ${name}`, d: MARKS[name] });
}

function outline(name, size, robot) {
  if (!robot) return drawn("circle", { class: name, r: size });
  const r = size * 0.9;
  return drawn("rect", { class: name, x: -r, y: -r, width: 2 * r, height: 2 * r, rx: r / 6 });
}

// The same, small, for the legend.
export const sample = (state, robot = false) =>
  drawn(
    "svg",
    { class: "sample", viewBox: "-1.4 -1.4 2.8 2.8", "aria-hidden": "true" },
    dot({ state, robot }),
  );
