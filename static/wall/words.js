// What the wall says, in sentences: for the headline, the side and the announcer. Pure.

import { count, ms } from "../lib/dom.js";
import { STATES } from "./model.js";

// What the newest event was and who sent it, with the teacher and the server named as what they are.
export function whose(event, rows) {
  if (!event) return "Nothing has been sent yet. A dot lights when that browser's handler ran.";
  const nick = rows.get(event.sender)?.nick ?? (event.sender === "" ? "The server" : "The teacher");
  const what = event.event ? `“${event.event}”` : "an event";
  return `${nick} sent ${what}${event.seq > 1 ? `, number ${event.seq} of a run` : ""}. In seats:`;
}

// [["addressed", 14], ["confirmed", 12], ["silent", 2]], and who is waited for while anybody is.
export function figures({ addressed, confirmed, silent, waiting }) {
  const all = { addressed, confirmed, silent, ...(waiting && { "waited for": waiting }) };
  return Object.entries(all);
}

export const sum = (sums) =>
  figures(sums)
    .map(([word, n]) => `${word} ${n}`)
    .join(", ");

// "median 9 ms, slowest 38 ms, each ± 4 ms"; "" before anybody has confirmed.
export function times({ confirmed, median, slowest, uncertain }) {
  if (!confirmed) return "";
  const error = uncertain === null ? "error unknown" : `each ± ${ms(Math.max(1, Math.ceil(uncertain)))}`;
  return `median ${ms(median)}, slowest ${ms(slowest)}, ${error}`;
}

// Where addressed counts more than the dots.
export function beside({ beside: n }) {
  if (!n) return "";
  return `${n === 1 ? "One has" : `${n} have`} no dot: the teacher's own.`;
}

// finished: how many have done the exercise of the lesson that the class is in; nobody is named.
export function presence({ seats, connected, cut, away }, finished = 0) {
  const parts = [`${connected} connected`, cut && `${cut} cut`, away && `${away} away`].filter(Boolean);
  const stars = finished ? ` · ★ ${finished} did the exercise` : "";
  return seats ? `${count(seats, "seat")}: ${parts.join(", ")}${stars}` : "nobody yet";
}

// The picture in one sentence, for who cannot see it: "12 received, 2 silent, 18 not addressed."
export function described(shown, isSent) {
  const parts = Object.entries(shown).map(([state, n]) => `${n} ${label(state, isSent)}`);
  return parts.length ? `${parts.join(", ")}.` : "No seat is taken yet.";
}

// Before anything was sent, nobody is "not addressed".
export const label = (state, isSent) => (state === "idle" && !isSent ? "connected" : STATES[state]);
