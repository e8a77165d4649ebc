// The race: three lanes under one clock, drawn from what really was asked, answered and received.

import { count, ms } from "../../lib/dom.js";
import { LANES, NAMES, readings, sentence } from "./readings.js";
import { drawKey, Track } from "./track.js";

const COUNTERS = ["Requests", "Empty answers", "Bytes up", "Bytes down", "TCP connections"];
const DELAYS = ["Delay, median", "Delay, worst"];
const TIMES = ["Race", "Event", "Text", "Happened at", ...Object.values(NAMES)];
const CALM = matchMedia("(prefers-reduced-motion: reduce)");

export class Race {
  constructor(form, lab) {
    this.lab = lab;
    this.says = form.querySelector("[data-race-says]");
    const lane = (name) => new Track(form.querySelector(`[data-lane=${name}]`));
    this.tracks = Object.fromEntries(LANES.map((name) => [name, lane(name)]));
    const counters = ["Race", "Lane", ...COUNTERS, ...DELAYS];
    this.counters = lab.table("The race, counted by the server's tap", counters);
    this.times = lab.table("The race, event by event: delay until the handler of this page", TIMES);
    this.number = 0; // of races so far
    this.now = null; // the current race, as begin() makes it
    drawKey(form);
  }

  get allTracks() {
    return Object.values(this.tracks);
  }

  say(text, more = "") {
    this.says.textContent = text;
    this.lab.announce(text + more);
  }

  // Where a moment stands on the tracks, in per cent.
  place(moment) {
    return Math.min(100, Math.max(0, ((moment - this.now.origin) / this.now.lasts) * 100));
  }

  // Asks the server for a race. Resolves to it, or to nothing when the server refuses.
  async start(every, step) {
    const ack = await this.lab.ask("start", step ? { every_ms: every, step } : { every_ms: every });
    if (!ack.ok) return this.say(ack.error);
    if (this.now) this.end();
    return this.begin(ack, every, step);
  }

  begin({ run, next, lasts_ms: lasts, events: of }, every, step) {
    const race = { run, next, lasts, of, every, step, n: ++this.number, running: true };
    race.origin = this.lab.clock.now();
    race.early = ""; // why it ended before its time
    race.abort = new AbortController(); // of the requests under way
    race.seen = new Map(); // seq → how late each lane heard it
    race.ended = new Map(); // lane → its last counters
    this.now = race;
    for (const track of this.allTracks) track.clear();
    this.tick(race);
    this.say(`Race ${race.n} is on: ${count(of, "event")} will happen at odd moments.`);
    return race;
  }

  tick(race) {
    if (race !== this.now) return;
    for (const track of this.allTracks) track.advance(this.place(this.lab.clock.now()));
    if (!race.running) return;
    if (CALM.matches) setTimeout(() => this.tick(race), 1000);
    else requestAnimationFrame(() => this.tick(race));
  }

  end(early = "") {
    this.now.running = false;
    this.now.early ||= early;
    this.now.abort.abort();
  }

  async stop() {
    const ack = await this.lab.ask("stop", {});
    if (this.now?.running) this.end("stopped");
    if (!ack.ok) return this.say(ack.error);
    const stopped = "Stopped before its end: the prediction waits for a whole race.";
    this.say(ack.stopped ? stopped : "No race is running.");
  }

  // One request of a polling lane: draws it, hands its events on, returns the position to ask after next.
  async fetch(race, lane, path, after) {
    this.tracks[lane].asked(this.place(this.lab.clock.now()));
    try {
      const asks = { signal: race.abort.signal, cache: "no-store" };
      const answer = await fetch(`${path}?after=${after}`, asks);
      if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
      const { events, next } = await answer.json();
      const moment = this.lab.clock.now();
      if (race !== this.now) return after;
      this.tracks[lane].answered(this.place(moment), events.length === 0);
      for (const event of events) this.arrived(lane, event, moment);
      return next;
    } catch (error) {
      this.brokeOff(race, lane, error);
      return after;
    }
  }

  brokeOff(race, lane, error) {
    if (race !== this.now || !race.running) return;
    this.end("broken");
    const why = error.name === "Error" ? error.message : "The server cannot be reached.";
    this.say(`${NAMES[lane]} broke off, so the race ends. ${why}`);
  }

  arrived(lane, event, moment = this.lab.clock.now()) {
    if (event.run !== this.now?.run) return;
    const { seen } = this.now;
    if (!seen.has(event.seq)) {
      seen.set(event.seq, {});
      for (const track of this.allTracks) track.happened(this.place(event.sent_at), event.seq);
    }
    const late = seen.get(event.seq);
    late[lane] = Math.max(0, moment - event.sent_at);
    this.tracks[lane].arrived(this.place(event.sent_at), this.place(moment), event, late[lane]);
    this.list(event, late);
    if (lane === "socket") this.heardBySocket(event, moment);
  }

  list({ seq, text, sent_at }, late) {
    const { n, origin } = this.now;
    const happened = `${((sent_at - origin) / 1000).toFixed(1)} s`;
    this.times(`${n} ${seq}`, [n, seq, text, happened, ...LANES.map((lane) => ms(late[lane]))]);
  }

  heardBySocket({ run, seq }, moment) {
    this.lab.receipt(run, seq, moment);
    const { seen, of } = this.now;
    this.say(`${seen.size} of ${count(of, "event")} so far; the socket heard ${seen.size - this.missed()}.`);
  }

  metered(counts) {
    if (counts.run !== this.now?.run) return;
    const { lane } = counts;
    this.tracks[lane].metered(counts);
    const most = Math.max(...this.allTracks.map((track) => track.total), 1);
    for (const track of this.allTracks) track.weigh(most);
    const { n } = this.now;
    this.counters(`${n} ${lane}`, [n, NAMES[lane], ...Object.values(readings(counts))]);
    if (counts.ended) this.laneEnded(counts);
  }

  laneEnded(counts) {
    const { running, ended, origin, lasts } = this.now;
    if (running) this.end(this.lab.clock.now() < origin + lasts - 1000 ? "elsewhere" : "");
    ended.set(counts.lane, counts);
    if (ended.size === LANES.length) this.over();
  }

  // The outcome is put together from the last counters, for a race that ran to its end.
  over() {
    const { early, ended, seen, step } = this.now;
    if (early === "elsewhere") this.say("The race was ended early, perhaps by another page of yours.");
    if (early) return;
    const outcome = LANES.map((lane) => sentence(ended.get(lane), seen.size));
    this.say("The race is over. Compare the counters.", ` ${outcome.join(" ")}`);
    if (step) this.lab.reveal(step, outcome);
  }

  // Events that other lanes brought and the socket did not.
  missed() {
    return [...(this.now?.seen.values() ?? [])].filter((late) => !("socket" in late)).length;
  }

  leave() {
    if (this.now) this.end("left");
  }
}
