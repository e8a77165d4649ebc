// One order as both sides know it. Pure: events in, a new value out. Moments are ms of the page's clock.
//
//   {order, began, timeout, tries: [{id, at, text, ack: null | {at, text}}], soups: [{run, seq, at, attempt}],
//    said: null | {ok, at, words}, waits}
//
// waits: whether acknowledgements are still to come after the client has given up.

import { count } from "../../lib/dom.js";

const PACKET = /^4([23])\/acks,(\d+)\[/; // an event with an ack id, or an acknowledgement

export const begun = (order, began, timeout, waits) => ({
  order,
  began,
  timeout,
  waits,
  tries: [],
  soups: [],
  said: null,
});

// What crossed the client's own connection: an order goes up, or an acknowledgement comes down.
export function crossed(model, text, up, at) {
  const found = PACKET.exec(`4${text}`);
  if (!model || !found) return model;
  const [, kind, number] = found;
  const id = Number(number);
  if (up !== (kind === "2")) return model; // an answer of the client's own, to a call
  if (up) {
    if (!text.includes(`"${model.order}"`)) return model;
    return { ...model, tries: [...model.tries, { id, at, text: `4${text}`, ack: null }] };
  }
  const tries = model.tries.map((one) => (one.id === id ? { ...one, ack: { at, text: `4${text}` } } : one));
  return { ...model, tries };
}

export function cooked(model, { run, seq, order_id, attempt }, at) {
  if (!model || order_id !== model.order || model.soups.some((soup) => soup.seq === seq)) return model;
  return { ...model, soups: [...model.soups, { run, seq, at, attempt }] };
}

export function said(model, error, answer, at) {
  if (!model || model.said) return model;
  const words = error ? "failed" : answer.ok ? "done" : "refused";
  return { ...model, said: { ok: words === "done", at, words, why: error?.message ?? answer.error ?? "" } };
}

// Whether the acknowledgement came after its time was up: the client drops it.
export const isLate = ({ at, ack }, timeout) => ack !== null && ack.at - at >= timeout;

export const isOver = (model) =>
  Boolean(model?.said && (!model.waits || model.tries.every((one) => one.ack !== null)));

export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

// The same, in ms where it is quick.
export const lasted = (ms) => (ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : seconds(ms));

export const late = (model) => model.tries.filter((one) => isLate(one, model.timeout)).length;

// The outcome in sentences, from the same values as the picture.
export function outcome(model) {
  const { tries, soups, said: end, began } = model;
  const last = soups.at(-1);
  const when = last ? `, the last after ${lasted(last.at - began)}` : "";
  const many = late(model);
  return [
    `The client sent ${count(tries.length, "order")} and said after ${lasted(end.at - began)}: ${end.words}.`,
    `${count(soups.length, "soup")} stand${soups.length === 1 ? "s" : ""} on the counter${when}.`,
    many
      ? `${count(many, "acknowledgement")} came too late, and nobody waited for ${many === 1 ? "it" : "them"}.`
      : "",
  ].filter(Boolean);
}
