// What is known of one departure, by both sides. Pure: events in, a new value out.
//
//   {run, how, began, until, old, new, pinged, pokes: [{seq, at, confirmed}], server, client}
//
// server, client: null, or {reason, after}: what that side said, and after how many ms. Moments are ms of the
// server's clock, as the page reckons it.

import { count } from "../../lib/dom.js";

export const SPAN = 20; // s that the time axis shows

export function begun({ run, how, until }, { began, sid, pinged }) {
  return { run, how, began, until, old: sid, new: null, pinged, pokes: [], server: null, client: null };
}

export function poked(model, { run, seq, sent_at: at }) {
  if (!model || run !== model.run || model.pokes.some((poke) => poke.seq === seq)) return model;
  return { ...model, pokes: [...model.pokes, { seq, at, confirmed: false }] };
}

export function confirmed(model, { run, seq, sent_at: at }) {
  const known = poked(model, { run, seq, sent_at: at });
  if (!known || run !== known.run) return model;
  const pokes = known.pokes.map((poke) => (poke.seq === seq ? { ...poke, confirmed: true } : poke));
  return { ...known, pokes };
}

export function told(model, { run, side, reason, after_ms: after, new_sid: sid }) {
  if (!model || run !== model.run || side !== "server" || model.server) return model;
  return { ...model, server: { reason, after }, new: model.new ?? sid };
}

export function left(model, reason, now) {
  if (!model || model.client) return model;
  return { ...model, client: { reason, after: now - model.began } };
}

export const back = (model, sid) => model && { ...model, new: sid };

// Both sides have noticed. The server's goodbye is meant: nobody comes back from it by itself.
export const isOver = (model) =>
  Boolean(model?.server && model.client && (model.new || model.how === "server_goodbye"));

export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

export function sums({ pokes }) {
  return { addressed: pokes.length, confirmed: pokes.filter((poke) => poke.confirmed).length };
}

// The outcome in sentences, from the same values as the picture.
export function outcome(model) {
  const { server, client, old, new: fresh } = model;
  const { addressed, confirmed: got } = sums(model);
  return [
    `The server's disconnect handler ran after ${seconds(server.after)}: ${server.reason}.`,
    `The client noticed by itself after ${seconds(client.after)}: ${client.reason}.`,
    `Until then ${count(addressed, "poke")} had been addressed to it, and ${got} confirmed.`,
    fresh ? `It is back with another sid: ${fresh.slice(0, 6)} instead of ${old.slice(0, 6)}.` : "",
  ].filter(Boolean);
}

// Where a tap on the axis belongs: s → an answer of the prediction, or null between two of them.
export function betAt(at) {
  if (at < 0.6) return "at_once";
  if (at < 3) return "next_emit";
  if (at > SPAN - 0.8) return "never";
  return at >= 6.5 ? "heartbeat" : null;
}
