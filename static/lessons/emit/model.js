// The dots and what is known of them: who is there, what a run lit, what was tapped. Pure.

import { count } from "../../lib/dom.js";

export const WAIT_MS = 4000; // a run without all its verdicts is summed up anyway
const CELLS = ["lab", "both", "hall", "none", "upstairs"];

// Where a dot stands: by its namespace and rooms.
export function cellOf({ namespace, rooms }) {
  if (namespace) return "upstairs";
  if (rooms.length === 2) return "both";
  return rooms[0] ?? "none";
}

// {cell: [dot …]}, one's own first.
export function inCells(dots, own) {
  const cells = Object.fromEntries(CELLS.map((cell) => [cell, []]));
  for (const dot of dots) cells[cellOf(dot)].push(dot);
  const order = ({ sid }) => own.get(sid) ?? Number.POSITIVE_INFINITY;
  const before = (a, b) => (order(a) === order(b) ? 0 : order(a) - order(b));
  for (const cell of CELLS) cells[cell].sort(before);
  return cells;
}

// own: sid → its number on this page; 0 is the page itself.
export function nameOf({ sid, nick, robot }, own) {
  if (own.has(sid)) return own.get(sid) ? `robot ${own.get(sid)}` : "you";
  return robot ? `${nick} ${robot}` : nick;
}

// What each answer says will light, as sids.
export function answers(dots, me) {
  const here = dots.filter((dot) => !dot.namespace).map((dot) => dot.sid);
  return new Map([
    ["all", new Set(here)],
    ["not_me", new Set(here.filter((sid) => sid !== me))],
    ["me", new Set([me])],
    ["nobody", new Set()],
  ]);
}

// The one answer that these taps say, or null. The dots upstairs hear of no emit here, tapped or not.
export function answerOf(taps, dots, me) {
  if (!taps.size) return null;
  const sets = answers(dots, me);
  const here = new Set([...taps].filter((sid) => sets.get("all").has(sid)));
  const same = (set) => set.size === here.size && [...set].every((sid) => here.has(sid));
  const found = [...sets].filter(([, set]) => same(set));
  return found.length === 1 && here.size ? found[0][0] : null;
}

export const newRun = (id, at) => ({
  id,
  at,
  addressed: null,
  got: new Map(), // sid → ms until its handler ran
  silent: new Set(),
  missed: new Set(),
});

// A report of the server, beside what this page's own handlers said.
export function noted(run, { addressed, got, silent, missed }) {
  const all = new Map([...got, ...run.got]);
  return { ...run, addressed, got: all, silent: new Set(silent), missed: new Set(missed) };
}

export function sums({ addressed, got, silent, missed }) {
  const lost = [...silent, ...missed].filter((sid) => !got.has(sid)).length;
  return { addressed, confirmed: got.size, silent: lost };
}

export function isDecided(run, now) {
  if (run.addressed === null) return false;
  const { confirmed, silent } = sums(run);
  return confirmed + silent >= run.addressed || now - run.at >= WAIT_MS;
}

// How a dot looks: sent, received, missed, silent or idle.
export function stateOf(run, sid) {
  if (!run) return "idle";
  if (run.got.has(sid)) return "received";
  if (run.missed.has(sid)) return "missed";
  return run.silent.has(sid) ? "silent" : "idle";
}

export const wrongTaps = (guess, run, dots) =>
  new Set(dots.map(({ sid }) => sid).filter((sid) => guess.has(sid) !== run.got.has(sid)));

// What stands beside the prediction; wrong: null where there is none.
export function outcome(run, dots, me, wrong) {
  const { addressed, confirmed, silent } = sums(run);
  const who = run.got.has(me) ? "Your own handler ran" : "Your own handler did not run";
  const others = run.got.size - (run.got.has(me) ? 1 : 0);
  return [
    `Addressed by the server: ${addressed} of ${count(dots.length, "socket")}.`,
    `Confirmed by their own handlers: ${confirmed}${silent ? `, silent: ${silent}` : ""}.`,
    `${who}${others ? `, and ${count(others, "other")} too.` : ", and nobody else's."}`,
    ...(wrong ? [`Dot by dot: ${dots.length - wrong.size} right, ${wrong.size} wrong.`] : []),
  ];
}
