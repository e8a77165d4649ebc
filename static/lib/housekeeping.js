// What of the rows is a page's own traffic: heartbeats, all that crosses in the namespace that every page
// shares (clock, receipts, who is there), and the events that a lesson says tick by themselves. Pure.

import { about } from "./about.js";

const SHARED = "/class";

export const HAND = "hand=1"; // in the address of what the raw terminal opens

// housekeeping(["metered"]): a function of a row. isTyped(row) excepts what a reader has typed by hand.
export function housekeeping(ticks = [], isTyped = () => false) {
  const isOwn = ({ heartbeat, namespace, event }) =>
    heartbeat || namespace === SHARED || ticks.includes(event);
  return (row) => {
    const { heartbeat, packets } = about(row);
    if (heartbeat) return true;
    return packets.length > 0 && !row.error && packets.every(isOwn) && !isTyped(row);
  };
}

// Tells the rows that were sent and received by hand, in the raw terminal or by a program that is no browser,
// from those of pages. To be asked for each row, in their order: a connection is what its last request was.
export function byHand() {
  const lines = new Map(); // connection -> whether its last request was typed
  const known = new WeakMap(); // row -> the same of that row
  return (row) => {
    if (known.has(row)) return known.get(row);
    const http = row.layers.find(({ layer, kind }) => layer === "http" && kind === "request");
    if (http) lines.set(row.connection, http.target.includes(HAND) || !fromBrowser(http));
    known.set(row, lines.get(row.connection) ?? false);
    return known.get(row);
  };
}

const fromBrowser = ({ headers }) =>
  headers.some(([name, value]) => name.toLowerCase() === "user-agent" && value.startsWith("Mozilla/"));

// The row that a view opens on: the latest that breaks a rule or is an event of the lesson itself, else what
// comes nearest to that.
export function telling(rows, isOwn) {
  const newestFirst = rows.filter((row) => !isOwn(row)).reverse();
  const isEvent = (row) => about(row).event !== null;
  const isNamed = (row) => row.error || (isEvent(row) && !about(row).isAck);
  return newestFirst.find(isNamed) ?? newestFirst.find(isEvent) ?? newestFirst[0] ?? null;
}
