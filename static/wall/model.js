// What the map knows: who is in the class, whom the newest event was sent to, whose handlers ran. Pure: no
// socket, no page, no clock of its own. Every figure on the wall is counted here from what the dots are drawn from.
//
// Fed with the events of /class: roster {whole, seats, gone}, addressed {run, seq, sender, sent_at, event, seats},
// lit {run, seq, addressed, seats: [[seat, ms] …], silent: [seat …], uncertain_ms, dropped?: [seat …]}: the last
// are seats that dropped a second copy. Moments are server ms.

export const HOLD = 500; // ms that a dot stays lit, also when the next event begins (WCAG 2.2, 2.3.1)
const PAST = 50; // events whose late reports are told from those of a new one

// How a dot can look, in the order of the legend, and what that means. `seat`: whatever was sent.
export const STATES = {
  received: "received",
  sender: "sender",
  sender_received: "sender, received too",
  waiting: "waited for",
  silent: "silent",
  missed: "missed",
  replayed: "replayed",
  duplicate: "duplicate dropped",
  idle: "not addressed",
  cut: "cut off",
  away: "away",
  asleep: "asleep",
};
const LIT = new Set(["received", "sender_received", "replayed", "duplicate"]);
const OUT = new Set(["cut", "away"]); // nothing reaches it

const keyOf = ({ run, seq }) => `${run} ${seq}`;

export class ClassMap {
  constructor() {
    this.rows = new Map(); // seat → {seat, nick, state, robot, ms, until?}
    this.event = null; // the newest: {run, seq, sender, sentAt, to: Set, got: Map seat → ms, silent: Set, …}
    this.past = new Set(); // keys of the events before it
    this.outSince = new Map(); // seat → since when nothing reaches it, as far as it was told
    this.litAt = new Map(); // seat → {at, state}: when it was last lit, and how
    this.changed = new Set(); // seats to be drawn again
  }

  // The class was cleared, or has gone on to another lesson: nothing was sent here yet.
  clear() {
    if (this.event) this.past.add(keyOf(this.event)); // more may be told of it
    this.event = null;
    this.litAt.clear();
    this.redraw();
  }

  // Who is in the class, or what changed of it.
  roster({ whole, seats, gone = [] }, now) {
    const here = new Set(seats.map(({ seat }) => seat));
    const left = whole ? [...this.rows.keys()].filter((seat) => !here.has(seat)) : gone;
    for (const seat of left) {
      this.rows.delete(seat);
      this.outSince.delete(seat);
      this.changed.add(seat);
    }
    for (const row of seats) {
      this.rows.set(row.seat, row);
      this.changed.add(row.seat);
      if (!OUT.has(row.state)) this.outSince.delete(row.seat);
      else if (!this.outSince.has(row.seat)) this.isOut(row.seat, now);
    }
  }

  isOut(seat, now) {
    this.outSince.set(seat, now);
    const { event } = this;
    const isDecided = event?.silent.has(seat); // it was here, and its page said nothing
    if (event && !isDecided && !event.out.has(seat)) event.out.set(seat, now);
  }

  // An event begins its way.
  addressed({ run, seq, sender, sent_at: sentAt, event, seats }, now) {
    if (this.event && keyOf(this.event) === keyOf({ run, seq })) {
      this.event.to = new Set(seats);
      Object.assign(this.event, { sender, sentAt, event });
    } else this.begin({ run, seq, sender, sentAt, event, to: new Set(seats) }, now);
    this.redraw();
  }

  begin(event, now) {
    for (const seat of this.rows.keys()) this.hold(seat, now);
    if (this.event) this.past.add(keyOf(this.event));
    if (this.past.size > PAST) this.past.delete(this.past.values().next().value);
    const none = { got: new Map(), silent: new Set(), dropped: new Set(), uncertain: null };
    this.event = { ...none, out: new Map(this.outSince), ...event };
  }

  // All that is known of an event so far. One of an event before the newest changes nothing.
  lit({ run, seq, addressed, seats, silent, uncertain_ms: uncertain = null, dropped = [] }, now) {
    const key = keyOf({ run, seq });
    if (this.past.has(key)) return;
    if (!this.event || keyOf(this.event) !== key) this.begin({ run, seq, to: new Set() }, now);
    const { event } = this;
    for (const [seat, ms] of seats) {
      if (!event.got.has(seat)) this.light(seat, ms, now);
    }
    const quiet = new Set(silent);
    for (const seat of [...event.silent, ...quiet, ...dropped]) this.changed.add(seat);
    for (const seat of quiet) event.to.add(seat);
    const more = { dropped: new Set(dropped), uncertain, count: addressed ?? event.to.size };
    Object.assign(event, { silent: quiet }, more);
  }

  light(seat, ms, now) {
    this.event.got.set(seat, ms);
    this.event.to.add(seat);
    this.litAt.set(seat, { at: now, state: this.stateNow(seat) });
    this.changed.add(seat);
  }

  // What is lit stays lit for HOLD from its last receipt, though the next event has begun.
  hold(seat, now) {
    const lit = this.litAt.get(seat);
    if (lit && now - lit.at < HOLD) lit.until = lit.at + HOLD;
    else this.litAt.delete(seat);
  }

  // Seats whose hold is over are to be drawn again. Returns ms until the next one is, or null.
  expire(now) {
    let next = null;
    for (const [seat, { until }] of this.litAt) {
      if (until === undefined) continue;
      if (until <= now) {
        this.litAt.delete(seat);
        this.changed.add(seat);
      } else next = Math.min(next ?? Infinity, until - now);
    }
    return next;
  }

  redraw() {
    for (const seat of this.rows.keys()) this.changed.add(seat);
  }

  takeChanged() {
    const changed = [...this.changed];
    this.changed.clear();
    return changed;
  }

  // How a seat's dot looks at this moment: a key of STATES.
  stateOf(seat, now) {
    const state = this.stateNow(seat);
    const lit = this.litAt.get(seat);
    return lit?.until > now && !LIT.has(state) && state !== "cut" ? lit.state : state;
  }

  stateNow(seat) {
    const { event } = this;
    const here = this.rows.get(seat)?.state;
    if (here === "cut") return "cut";
    if (event?.got.has(seat)) return this.heard(seat);
    if (event?.sender === seat) return "sender";
    if (event?.to.has(seat)) {
      if (event.out.has(seat)) return "missed";
      return event.silent.has(seat) ? "silent" : "waiting";
    }
    return here === "away" || here === "asleep" ? here : "idle";
  }

  // A handler that ran after its wire was cut had the event from a replay.
  heard(seat) {
    const { event } = this;
    if (event.dropped.has(seat)) return "duplicate";
    if (event.sender === seat) return "sender_received";
    return event.sentAt + event.got.get(seat) > event.out.get(seat) ? "replayed" : "received";
  }

  // {connected, cut, away, seats}: how many of the class are here.
  presence() {
    const states = [...this.rows.values()].map(({ state }) => state);
    const count = (state) => states.filter((each) => each === state).length;
    const [cut, away] = [count("cut"), count("away")];
    return { seats: states.length, cut, away, connected: states.length - cut - away };
  }

  // How many have finished the exercise of this lesson.
  finished(lesson) {
    const rows = [...this.rows.values()];
    return rows.filter(({ exercise }) => exercise?.done && exercise.slug === lesson).length;
  }

  // How many dots look how: {state: n}, of those that occur, in the order of STATES; and whether a robot is there.
  shown(now) {
    const counts = new Map();
    for (const seat of this.rows.keys()) {
      const state = this.stateOf(seat, now);
      counts.set(state, (counts.get(state) ?? 0) + 1);
    }
    return Object.fromEntries(
      Object.keys(STATES)
        .filter((state) => counts.has(state))
        .map((state) => [state, counts.get(state)]),
    );
  }

  // Of the newest event: {addressed, confirmed, silent, waiting, beside, median, slowest, uncertain}, or null.
  // addressed = confirmed + silent + waiting. beside: addressed seats that have no dot here, such as the wall's own.
  sums() {
    const { event } = this;
    if (!event) return null;
    const times = [...event.got.values()].sort((a, b) => a - b);
    const silent = [...event.silent].filter((seat) => !event.got.has(seat)).length;
    const addressed = Math.max(event.count ?? 0, event.to.size);
    const beside = [...event.to].filter((seat) => !this.rows.has(seat)).length;
    const waiting = addressed - times.length - silent;
    const [median, slowest] = [middle(times), times.at(-1) ?? null];
    return {
      ...{ addressed, confirmed: times.length, silent, waiting, beside, median, slowest },
      uncertain: event.uncertain,
    };
  }
}

// The median of numbers in their order; null of none.
export function middle(sorted) {
  if (!sorted.length) return null;
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
