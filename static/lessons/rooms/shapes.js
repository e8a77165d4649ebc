// The shapes of the map: the dot of a socket, the badge of a room, and the key that explains them.

import { drawn, element } from "../../lib/dom.js";

const BADGES = [
  "M0-6a6 6 0 1 0 .01 0z",
  "M-5.5-5.5h11v11h-11z",
  "M0-6.5 6.5 5.5h-13z",
  "M0-7.5 7 0 0 7.5-7 0z",
  "M-2-6h4v4h4v4H2v4h-4V2h-4v-4h4z",
  "M-3.5-6h7L7 0 3.5 6h-7L-7 0z",
];
const MARKS = { received: "tick", sender: "up", missed: "cross" };
const KEY = {
  received: "received",
  idle: "not addressed",
  sender: "sender",
  silent: "silent",
  missed: "gone before it confirmed",
};

export const badge = (slot) => drawn("path", { class: "shape", d: BADGES[slot] });
export const cut = (text, most) => (text.length > most ? `${text.slice(0, Math.max(1, most - 1))}…` : text);

export function move(node, { x, y }) {
  node.style.transform = `translate(${x}px, ${y}px)`;
}

// One dot: shape, ring and mark say its state without colour. name: "" where there is no room for it.
export function dot(socket, r, name, tapping) {
  const { state, robot, mine, guessed, wrong, says } = socket;
  const body = (size, kind) =>
    robot ? square(kind, size - r * 0.12) : drawn("circle", { class: kind, r: size });
  const parts = says ? [drawn("title", {}, says)] : [];
  if (mine) parts.push(body(r + 4, "own")); // the room that a socket has by itself
  if (state === "sender") parts.push(body(r + 2.5, "ring"));
  if (guessed && tapping) parts.push(body(r + 7, "guess"));
  if (wrong) parts.push(body(r + 7, "wrong"));
  parts.push(body(r, "body"));
  const mark = guessed && tapping ? "tick" : MARKS[state];
  if (mark && r >= 5) parts.push(sign(mark, r, tapping));
  if (name) parts.push(drawn("text", { class: "called", y: r + 15 }, name));
  return drawn("g", { "data-state": tapping ? "idle" : state }, ...parts);
}

function square(kind, half) {
  const place = { x: -half, y: -half, width: 2 * half, height: 2 * half, rx: half / 3 };
  return drawn("rect", { class: kind, ...place });
}

function sign(name, r, tapping) {
  const place = { x: -r * 0.72, y: -r * 0.72, width: r * 1.44, height: r * 1.44 };
  return drawn("use", { href: `#i-${name}`, class: `mark${tapping ? " guessing" : ""}`, ...place });
}

export function drawKey(home) {
  const entry = (says, socket) =>
    element("span", {}, drawn("svg", { viewBox: "-16 -16 32 32" }, dot(socket, 9, "", false)), says);
  home.replaceChildren(
    ...Object.entries(KEY).map(([state, says]) => entry(says, { state })),
    entry("robot", { state: "idle", robot: 1 }),
    entry("its private room", { state: "idle", mine: true }),
    entry("you guessed wrong", { state: "idle", wrong: true }),
  );
}
