// How a dot looks in each state: shape and texture, so that it can be told without colour. Unit: its radius.

import { drawn } from "../lib/dom.js";

const MARKS = {
  tick: "M-.46 .04-.12 .38 .48-.36",
  arrow: "M0 .52V-.5M-.38-.12 0-.5 .38-.12",
  cross: "M-.36-.36 .36 .36M.36-.36-.36 .36",
  again: "M.43 .12A.45 .45 0 1 1 .3-.34M.44-.62V-.28H.1",
  bar: "M-.5 .5 .5-.5",
  eye: "M-.46-.06Q0 .44 .46-.06",
  gap: "M-.62-.62 .62 .62M.62-.62-.62 .62",
};

// A dot without a place. robot: square instead of round. CSS shows what belongs to its data-state.
export function dot({ robot = false, state = "idle" } = {}) {
  const outline = (name, r) =>
    robot
      ? drawn("rect", { class: name, x: -r, y: -r, width: 2 * r, height: 2 * r, rx: r / 6 })
      : drawn("circle", { class: name, r });
  const marks = Object.entries(MARKS).map(([name, d]) => drawn("path", { class: `mark ${name}`, d }));
  const point = drawn("circle", { class: "point", r: 0.24 });
  const round = robot ? 0.9 : 1;
  return drawn(
    "g",
    { class: "dot", "data-state": state },
    outline("ring", round * 1.2),
    outline("body", round),
    point,
    ...marks,
  );
}

// The same, small, for the legend.
export const sample = (state, robot = false) =>
  drawn(
    "svg",
    { class: "sample", viewBox: "-1.4 -1.4 2.8 2.8", "aria-hidden": "true" },
    dot({ state, robot }),
  );
