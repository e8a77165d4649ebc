// What is known of a run, as plain values that a reload survives: a reload is one more way to be away.

import { disconnected, receiver } from "./receiver.js";

const KEPT_AS = "missed"; // in the tab's session storage
const KEPT_FOR = 600_000; // ms

export const newModel = (run, origin = 0) => ({
  run,
  origin, // when this page first heard of it
  count: null,
  every: null,
  kind: "", // of the buffer
  keep: 0,
  step: null, // of the prediction
  plan: null, // the cut that belongs to the run: {at, seconds, how}
  over: false,
  readers: {}, // by key, as newReader makes them
});

// r: the receiver. away: [{from, to, mine, theirs}], with both sides' reasons. asked: [{at, after}].
// tally: the server's record of this reader, beside which the page's own sums are set.
export const newReader = (run, connected, drop) => ({
  r: { ...receiver(run, connected ? "LIVE" : "OUT"), drop },
  away: [],
  asked: [],
  tally: null,
});

// The same reader after a reload.
export function returned(reader, model) {
  const open = reader.away.at(-1)?.to === null;
  const left = { from: model.saved, to: null, mine: "the page was left", theirs: null };
  return {
    ...reader,
    r: disconnected(reader.r),
    tally: reader.tally?.waiting ? null : reader.tally,
    away: model.over || open ? reader.away : [...reader.away, left],
  };
}

export function save(seat, model, now) {
  const kept = { seat, kept: Date.now(), model: { ...model, saved: now } };
  sessionStorage.setItem(KEPT_AS, JSON.stringify(kept));
}

// What the tab remembers, unless it is old or another seat's; null where there is nothing.
export function remembered(seat) {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT_AS));
    return Date.now() - found.kept < KEPT_FOR && seat === found.seat ? found.model : null;
  } catch {
    return null;
  }
}
