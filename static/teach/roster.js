// Who is in the class, and how each is, from what the server tells. Pure: moments are passed in.

import { fails, isStuckAt, trouble } from "./exercise.js";

const MINUTE = 60_000;
const GONE = 30_000; // ms until somebody who is away is worth a line
const ORDER = ["stuck", "silent", "asleep", "away"];
const TOGETHER = 4; // so many who are away, or whose pages are hidden, are one line
const ABSENT = new Set(["away", "cut"]);

export class Roster {
  constructor() {
    this.seats = new Map(); // id → {seat, nick, state, lesson, step, robot, transport, ms, exercise, since}
    this.silent = new Map(); // id → {since, times}: the latest events that no handler of it has confirmed
    this.counted = new Set(); // "run seq" whose silent seats are known
    this.ahead = 0; // ms that the server's clock is before this one
  }

  // {seats, gone, whole, at}: all rows, or those that changed; at: the server's clock.
  told({ seats, gone = [], whole = false, at }, now) {
    const before = this.seats;
    if (at !== undefined) this.ahead = at - now;
    if (whole) this.seats = new Map();
    for (const row of seats) {
      const known = before.get(row.seat);
      this.seats.set(row.seat, { ...row, since: known?.state === row.state ? known.since : now });
    }
    for (const seat of gone) this.seats.delete(seat);
    for (const seat of this.silent.keys()) if (!this.seats.has(seat)) this.silent.delete(seat);
  }

  // {run, seq, seats: [[seat, ms] …], silent: [seat …]} of one event, as far as it is known.
  lit({ run, seq, seats, silent }, now) {
    for (const [seat] of seats) this.silent.delete(seat);
    const event = `${run} ${seq}`;
    if (!silent.length || this.counted.has(event)) return;
    this.counted.add(event);
    for (const seat of silent) {
      const { since, times } = this.silent.get(seat) ?? { since: now, times: 0 };
      if (this.seats.has(seat)) this.silent.set(seat, { since, times: times + 1 });
    }
  }

  all() {
    return [...this.seats.values()];
  }

  // How a dot is drawn: the server's state, "stuck" where an exercise says so, or "silent" where it is connected
  // and confirms nothing.
  shape(row, now = Date.now()) {
    const { seat, state } = row;
    if (isStuckAt(row, now + this.ahead)) return "stuck";
    return this.silent.has(seat) && ["connected", "done"].includes(state) ? "silent" : state;
  }

  counts() {
    const all = this.all();
    return { here: all.filter(({ state }) => !ABSENT.has(state)).length, joined: all.length };
  }

  robots() {
    return this.all().filter(({ robot }) => robot).length;
  }

  // {needy: [{seat, nick, shape, why, …}], the most urgent first; others: sentences on those who need nobody}.
  // placeOf(lesson, step): where that is, in words.
  needs(now, placeOf) {
    const rows = this.all().map((row) => ({
      ...row,
      shape: this.shape(row, now),
      since: this.since(row, now),
    }));
    const of = (shape) => rows.filter((row) => row.shape === shape);
    const gone = of("away").filter(({ since }) => now - since > GONE);
    const groups = { stuck: of("stuck"), silent: of("silent"), asleep: of("asleep"), away: gone };
    const others = of("cut").length
      ? [`${of("cut").length} cut off by you: they come back by themselves`]
      : [];
    for (const [shape, words] of [
      ["asleep", "pages hidden"],
      ["away", "away"],
    ]) {
      if (groups[shape].length >= TOGETHER) others.push(`${groups[shape].splice(0).length} ${words}`);
    }
    const needy = ORDER.flatMap((shape) => groups[shape].sort((a, b) => a.since - b.since));
    return { needy: needy.map((row) => ({ ...row, why: this.why(row, now, placeOf) })), others };
  }

  // Since when a seat is as it is, of this clock: at an exercise, since the check fails.
  since(row, now) {
    return isStuckAt(row, now + this.ahead) ? row.exercise.since - this.ahead : row.since;
  }

  why(row, now, placeOf) {
    const { seat, shape, since, lesson, step, transport, ms } = row;
    const times = this.silent.get(seat)?.times;
    const line = transport === "polling" ? `, polling${ms ? `, ${Math.round(ms)} ms` : ""}` : "";
    const where = fails(row) ? trouble(row.exercise, placeOf) : placeOf(lesson, step);
    return {
      stuck: [`stuck for ${duration(now - since)}`, where].filter(Boolean).join(" · "),
      silent: `${times === 1 ? "1 event" : `${times} events`} without a word${line}`,
      asleep: `page hidden for ${duration(now - since)}`,
      away: `away for ${duration(now - since)}`,
    }[shape];
  }
}

export function duration(ms) {
  const minutes = Math.floor(ms / MINUTE);
  return minutes ? `${minutes} min` : `${Math.max(1, Math.floor(ms / 1000))} s`;
}

const WORDS = {
  connected: "connected",
  away: "away",
  cut: "cut off",
  asleep: "page hidden",
  stuck: "stuck",
  done: "done",
  silent: "silent",
  robot: "a robot",
};

export const inWords = (shape) => WORDS[shape] ?? shape;
