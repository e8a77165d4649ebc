// Which lines a sequence diagram has: a step for each row, or one fold for several where the height is too small
// for all of them; a break after the 101. Pure.

import { carries, layer, step } from "./steps.js";

const ALL = 3; // show every step; 2: the landmarks; 1: what must be seen, and nothing else

// parts: [{rows, title?}]; must: Set of rows that are never folded; cut: the most that is shown; most: lines there
// is room for. Returns [{kind: "step", row}, {kind: "fold", rows}, {kind: "break", row}, {kind: "title", title}].
export function plan({ parts, must = new Set(), cut = ALL, most = Number.POSITIVE_INFINITY }) {
  for (let shown = cut; ; shown--) {
    const lines = parts.flatMap((part) => linesOf(part, must, shown));
    if (shown === cut && lines.length <= most) return lines;
    if (lines.length <= most || shown === 1) return unfolded(lines, most - lines.length);
  }
}

// Shows of the folds what there is room for after all: the smallest fold first, each from its beginning.
function unfolded(lines, room) {
  const folds = lines.filter(({ kind }) => kind === "fold").sort((a, b) => a.rows.length - b.rows.length);
  const shown = new Map();
  let left = Math.max(0, room);
  for (const fold of folds) {
    const more = Math.min(left, fold.rows.length - 1); // the last two take the room of a fold and a step
    shown.set(fold, more === fold.rows.length - 1 ? fold.rows.length : more);
    left -= more;
  }
  return lines.flatMap((line) => (line.kind === "fold" ? parted(line.rows, shown.get(line)) : [line]));
}

function parted(rows, first) {
  const steps = rows.slice(0, first).map((row) => ({ kind: "step", row }));
  return first < rows.length ? [...steps, { kind: "fold", rows: rows.slice(first) }] : steps;
}

function linesOf({ rows, title }, must, shown) {
  const lines = title ? [{ kind: "title", title }] : [];
  let hidden = [];
  const fold = () => {
    // One alone takes the room of a fold.
    if (hidden.length === 1) lines.push({ kind: "step", row: hidden[0] });
    else if (hidden.length) lines.push({ kind: "fold", rows: hidden });
    hidden = [];
  };
  rows.forEach((row, at) => {
    if (!must.has(row) && rank(row, at) >= shown) {
      hidden.push(row);
      return;
    }
    fold();
    lines.push({ kind: "step", row });
    if (isSwitch(row)) lines.push({ kind: "break", row });
  });
  fold();
  return lines;
}

const isSwitch = (row) => layer(row, "http")?.status === 101;
const PROBES = ["2probe", "3probe", "5"];

// 0: where HTTP ends; 1: a landmark of the beginning; 2: one of many.
function rank(row, at) {
  const { what, packet } = step(row);
  if (isSwitch(row)) return 0;
  const asks = what.includes("Upgrade: ");
  const opens = row.layers.some(({ type }) => type === "open");
  return at === 0 || asks || opens || PROBES.includes(packet) ? 1 : 2;
}

// The last echo among these rows: its event and its acknowledgement, by polling with the other half of each exchange.
export function echoOf(rows) {
  const [event, ack] = [carries("EVENT", true), carries("ACK", false)].map((is) => rows.findLast(is));
  const found = [event, ack].flatMap((row) => (row ? [row, otherHalf(rows, row)] : []));
  return new Set(rows.filter((row) => found.includes(row)));
}

function otherHalf(rows, row) {
  if (!layer(row, "http")) return null;
  const at = rows.indexOf(row);
  const isOther = (other) => other.connection === row.connection && other.up !== row.up;
  return row.up ? rows.slice(at).find(isOther) : rows.slice(0, at).findLast(isOther);
}
