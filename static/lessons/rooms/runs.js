// Runs: what was said, whom the server addressed, and whose handlers confirmed it. Pure.

import { count, ms } from "../../lib/dom.js";

export const WAIT_MS = 4000; // a run without all its verdicts is summed up anyway

// names: of all sockets at that moment; places: the server's lists at that moment. guess: the sids expected to
// receive it, where it is the run of a prediction; judged: those that were expected wrongly.
export const newRun = (id, n, at, members) => ({
  id,
  n,
  at,
  got: new Map(), // sid → ms until its handler ran
  silent: new Set(),
  missed: new Set(),
  names: new Map([...members.index.keys()].map((sid) => [sid, members.nameOf(sid)])),
  places: new Map(members.listed().map(([name, listed]) => [name, listed.map((who) => who.sid)])),
});

// What the table says of a socket.
export function verdict(run, sid) {
  if (run.got.has(sid)) return "received";
  if (run.missed.has(sid)) return "gone before it confirmed";
  return run.silent.has(sid) ? "silent" : "not addressed";
}

// Every socket that was addressed has one verdict, or is waited for.
export function counts(run) {
  const lost = new Set([...run.silent, ...run.missed].filter((sid) => !run.got.has(sid)));
  const silent = [...run.silent].filter((sid) => !run.got.has(sid)).length;
  const waiting = Math.max(0, run.addressed - run.got.size - lost.size);
  return { got: run.got.size, silent, missed: run.missed.size, waiting };
}

// The sum, in words: addressed comes in the acknowledgement, the rest by receipts.
export const sum = (run) => `Acknowledgement: ${adds(run)}`;

export function adds(run) {
  const { got, silent, missed, waiting } = counts(run);
  const parts = [`${got} confirmed`, silent && `${silent} silent`, missed && `${missed} gone`];
  if (waiting) parts.push(`${waiting} waited for`);
  return `addressed ${run.addressed} = ${parts.filter(Boolean).join(" + ")}.`;
}

export function presence({ present, addressed }) {
  const others = present - addressed;
  return `${count(present, "socket")} in the lesson = ${addressed} addressed + ${others} not.`;
}

export const isDecided = (run, now) => !counts(run).waiting || now - run.at >= WAIT_MS;

// Everybody who belongs into the table of this run.
export const everybody = ({ got, silent, missed, names }) =>
  new Set([...got.keys(), ...silent, ...missed, ...names.keys()]);

// One row of the table.
export function cells(run, sid, name) {
  const rooms = [...run.places].filter(([, sids]) => sids.includes(sid)).map(([room]) => room);
  const said = `${verdict(run, sid)}${sid === run.speaker ? ", said it" : ""}`;
  const time = run.got.has(sid) ? ms(run.got.get(sid)) : "";
  const guessed = run.guess ? (run.guess.has(sid) ? "yes" : "no") : "";
  return [name, run.text, run.to, rooms.join(", "), said, time, guessed];
}

// Taps against ticks: the sockets that were guessed wrong.
export const wrongGuesses = ({ guess, names, got }) =>
  new Set([...names.keys()].filter((sid) => guess.has(sid) !== got.has(sid)));

export function guessed({ judged, names }) {
  const wrong = judged.size;
  const rings = wrong ? ". The wrong ones have a ring." : ".";
  return `Dot by dot: ${names.size - wrong} right, ${wrong} wrong${rings}`;
}

// What stands beside the prediction.
export function outcome(run) {
  const { got, silent, missed } = counts(run);
  const lost = silent + missed;
  const ran = "Your own handler ran too.";
  const left = "Your own handler did not run: you were left out.";
  const present = run.present ?? run.names.size;
  return [
    `Addressed by the server: ${run.addressed} of the ${present} sockets in the lesson.`,
    `Confirmed by their own handlers: ${got}${lost ? `, not confirmed: ${lost}` : ""}.`,
    run.got.has(run.speaker) ? ran : left,
    ...(run.judged ? [guessed(run)] : []),
  ];
}
