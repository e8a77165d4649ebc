// The race: three lanes under one clock, drawn from what really was asked, answered and received; and what
// the server-side capture counted for each lane, in words.

import { bytes, count, drawn, ms } from "../../lib/dom.js";

const NAMES = { poll: "Short polling", long_poll: "Long polling", socket: "WebSocket" };
const LANES = Object.keys(NAMES);
const COUNTERS = ["Requests", "Empty responses", "Bytes up", "Bytes down", "TCP connections"];
const DELAYS = ["Delay, median", "Delay, worst"];
const TIMES = ["Race", "Event", "Text", "Happened at", ...Object.values(NAMES)];
// Why a race ended before its time.
const EARLY = {
  stopped: "Stopped before its end: the prediction waits for a whole race.",
  replaced: "Another race took its place.",
  elsewhere: "The race was ended early, perhaps by another page of yours.",
};
const LEAVING = 300; // ms in which a page that is left is gone
const BUSY = "A race is on. Stop it first, or wait for its end.";
const UNKNOWN =
  "A race of yours is on that this page did not start, or that it was loaded in the middle of. Stop ends it.";
const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const TOP = 7; // the server's rail, px
const BOTTOM = 30; // yours; requests stand below it
const DIAMOND = "M0-6 6 0 0 6-6 0z";
const ARROW = "M0 17V7m-4 4 4-4 4 4";
const RING = "M4 0a4 4 0 1 1-8 0 4 4 0 0 1 8 0z";
const DISC = "M5.5 0a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0z";
const KEY = {
  event: ["diamond", DIAMOND],
  ask: ["askmark", ARROW],
  empty: ["empty", RING],
  got: ["got", DISC],
};

export class Race {
  constructor(form, lab) {
    this.lab = lab;
    this.says = form.querySelector("[data-race-says]");
    const lane = (name) => new Track(form.querySelector(`[data-lane=${name}]`));
    this.tracks = Object.fromEntries(LANES.map((name) => [name, lane(name)]));
    const counters = ["Race", "Lane", ...COUNTERS, ...DELAYS];
    this.counters = lab.table("The race, counted by the server-side capture", counters);
    this.times = lab.table("The race, event by event: delay until the handler of this page", TIMES);
    this.number = 0; // of races so far
    this.now = null; // the current race, as begin() makes it
    this.asking = false; // the server for a race
    this.lanes = form.querySelector("[data-lanes]");
    this.beside = form.querySelector("[data-beside]");
    this.bet = form.querySelector("[data-bet]");
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

  // The number of requests that was predicted, beside the counter that will show it.
  predicted(requests) {
    delete this.lanes.dataset.idle;
    this.bet.textContent = `bet ${requests}`;
    this.bet.hidden = false;
  }

  // Asks the server for a race. Resolves to it; throws the sentence of why there is none. A race for a
  // prediction takes the place of one that was started by hand; beside that there is never a second.
  async start(every, step) {
    if (this.asking || (this.now?.running && (this.now.step || !step))) throw new Error(BUSY);
    this.asking = true;
    const ack = await this.lab.ask("start", step ? { every_ms: every, step } : { every_ms: every });
    this.asking = false;
    if (!ack.ok) throw new Error(ack.error);
    this.end(EARLY.replaced);
    return this.begin(ack, every, step);
  }

  begin({ run, next, lasts_ms: lasts, events: of }, every, step) {
    const race = { run, next, lasts, of, every, step, n: ++this.number, running: true };
    race.origin = this.lab.clock.now();
    race.early = ""; // why it ended before its time, in a sentence
    race.abort = new AbortController(); // of the requests under way
    race.seen = new Map(); // seq → how late each lane heard it
    race.ended = new Map(); // lane → its last counters
    race.outcome = new Promise((settle, fail) => {
      Object.assign(race, { settle, fail }); // with its sentences; with an error that says why it has none
    });
    this.now = race;
    delete this.lanes.dataset.idle;
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
    if (!this.now?.running) return;
    this.now.running = false;
    this.now.early = early;
    this.now.abort.abort();
    if (!early) return;
    this.say(early);
    this.now.fail(new Error(early));
  }

  async stop() {
    const ack = await this.lab.ask("stop", {});
    if (this.now?.running) this.end(EARLY.stopped);
    else if (ack.ok) this.say(ack.stopped ? "Stopped." : "No race is running.");
    if (!ack.ok) this.say(ack.error);
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
      await this.brokeOff(race, lane, error);
      return after;
    }
  }

  // A reload breaks requests off too: by then this page is gone, and says nothing of it.
  async brokeOff(race, lane, error) {
    await new Promise((wake) => setTimeout(wake, LEAVING));
    if (race !== this.now || !race.running) return;
    const why = error.name === "Error" ? error.message : "The server cannot be reached.";
    this.end(`${NAMES[lane]} broke off, so the race ends. ${why}`);
    this.lab.ask("stop", {}); // where it is reached all the same, it need not go on
  }

  arrived(lane, event, moment = this.lab.clock.now()) {
    if (lane === "socket") this.lab.receipt(event.run, event.seq, moment);
    if (event.run !== this.now?.run || this.now.early) return; // a picture of all three lanes, or none
    const { seen } = this.now;
    if (!seen.has(event.seq)) {
      seen.set(event.seq, {});
      for (const track of this.allTracks) track.happened(this.place(event.sent_at), event.seq);
    }
    const late = seen.get(event.seq);
    late[lane] = Math.max(0, moment - event.sent_at);
    this.tracks[lane].arrived(this.place(event.sent_at), this.place(moment), event, late[lane]);
    this.list(event, late);
    if (lane === "socket") this.sayHowFar();
  }

  list({ seq, text, sent_at }, late) {
    const { n, origin } = this.now;
    const happened = `${((sent_at - origin) / 1000).toFixed(1)} s`;
    this.times(`${n} ${seq}`, [n, seq, text, happened, ...LANES.map((lane) => ms(late[lane]))]);
  }

  sayHowFar() {
    const { seen, of } = this.now;
    const received = seen.size - this.missed();
    this.say(`${seen.size} of ${count(of, "event")} so far; the WebSocket received ${received}.`);
  }

  metered(counts) {
    if (!this.now && !this.asking && !counts.ended) this.sayOnce(UNKNOWN);
    if (counts.run !== this.now?.run) return;
    const { lane } = counts;
    this.tracks[lane].metered(counts);
    const most = Math.max(...this.allTracks.map((track) => track.total), 1);
    for (const track of this.allTracks) track.weigh(most);
    const { n } = this.now;
    this.counters(`${n} ${lane}`, [n, NAMES[lane], ...Object.values(readings(counts))]);
    if (counts.beside) this.beside.textContent = aside(counts.beside);
    if (counts.ended) this.laneEnded(counts);
  }

  sayOnce(sentence) {
    if (this.says.textContent !== sentence) this.say(sentence);
  }

  laneEnded(counts) {
    const { running, ended, origin, lasts } = this.now;
    if (running) this.end(this.lab.clock.now() < origin + lasts - 1000 ? EARLY.elsewhere : "");
    ended.set(counts.lane, counts);
    if (ended.size === LANES.length) this.over();
  }

  // The outcome is put together from the last counters, for a race that ran to its end.
  over() {
    const { early, ended, seen, settle } = this.now;
    if (early) return;
    const outcome = LANES.map((lane) => sentence(ended.get(lane), seen.size));
    this.say("The race is over. Compare the counters.", ` ${outcome.join(" ")}`);
    settle(outcome);
  }

  // Events that other lanes brought and the socket did not.
  missed() {
    return [...(this.now?.seen.values() ?? [])].filter((late) => !("socket" in late)).length;
  }

  leave() {
    this.now?.abort.abort();
    if (this.now) this.now.running = false; // how it ends is not known here
  }
}

// The words

// The counters of a lane as text, by the names that the page gives their fields.
function readings({ requests, empty, bytes_up, bytes_down, connections, delay_ms }) {
  const size = { bytes_up: bytes(bytes_up), bytes_down: bytes(bytes_down) };
  return { requests, empty, ...size, connections, median: ms(delay_ms.median), worst: ms(delay_ms.worst) };
}

function sentence({ lane, requests, empty, events, bytes_up, bytes_down, delay_ms }, happened) {
  const asked = requests ? `${count(requests, "request")}, ${count(empty, "empty response")}` : "no request";
  const received = `received ${events} of ${happened}, at worst ${ms(delay_ms.worst)} late`;
  return `${NAMES[lane]}: ${asked}; ${received}; ${bytes(bytes_up + bytes_down)}.`;
}

// What else crossed since the start, which no lane counts.
function aside({ counters, receipts, heartbeat, other }) {
  const own = `${bytes(counters)} for these counters, ${bytes(receipts)} for receipts`;
  return `Not in the lanes: ${own}, ${bytes(heartbeat)} of heartbeat, ${bytes(other)} for all else of yours.`;
}

// The drawing

const path = (kind, d, ...title) => drawn("path", { class: kind, d }, ...title);
const mark = (x, y, ...shape) => drawn("svg", { x: `${x}%`, y }, path(...shape));
const rail = (kind, y, x2) => drawn("line", { class: kind, x2, y1: y, y2: y });
const title = (text) => drawn("title", {}, text);

// The key is drawn with the very shapes of the tracks.
function drawKey(form) {
  for (const entry of form.querySelectorAll("[data-key]")) {
    const { key } = entry.dataset;
    const viewBox = key === "ask" ? "-9 4 18 18" : "-9 -9 18 18";
    entry.prepend(drawn("svg", { viewBox, "aria-hidden": "true" }, path(...KEY[key])));
  }
}

// The drawing of one lane. Places are per cent of the race: nothing is redrawn when the width changes.
class Track {
  constructor(lane) {
    this.lane = lane;
    this.svg = lane.querySelector("svg");
    this.name = lane.querySelector("h3").firstChild.data.trim();
    this.bars = lane.querySelectorAll(".weight i");
    this.run = [rail("gone", TOP, 0), rail("gone", BOTTOM, 0)]; // what has passed of the race
    [this.back, this.marks, this.front] = [drawn("g"), drawn("g"), drawn("g")];
    const rails = [rail("rail", TOP, "100%"), rail("rail", BOTTOM, "100%")];
    this.svg.replaceChildren(...rails, ...this.run, this.back, this.marks, this.front);
    this.forget();
  }

  forget() {
    [this.up, this.down, this.arrivals] = [0, 0, 0];
    this.waiting = null; // {from, bar}: a request that has no answer yet
  }

  get total() {
    return this.up + this.down;
  }

  clear() {
    for (const layer of [this.back, this.marks, this.front]) layer.replaceChildren();
    this.forget();
    this.weigh(1);
    for (const field of this.lane.querySelectorAll("dd:not(.bet)")) field.textContent = "–";
  }

  // The clock has reached x.
  advance(x) {
    for (const rail of this.run) rail.setAttribute("x2", `${x}%`);
    this.waiting?.bar.setAttribute("width", `${Math.max(0, x - this.waiting.from)}%`);
  }

  happened(x, seq) {
    const moment = drawn("line", { class: "event", x1: `${x}%`, x2: `${x}%`, y1: TOP, y2: BOTTOM });
    this.back.append(moment, mark(x, TOP, "diamond", DIAMOND, title(`event ${seq}`)));
  }

  // A request that waits for its answer draws a bar along your rail until it has it.
  asked(x) {
    const bar = drawn("rect", { class: "held", x: `${x}%`, y: BOTTOM - 4, height: 8, width: 0 });
    this.waiting = { from: x, bar };
    this.back.prepend(bar);
    this.marks.append(mark(x, BOTTOM, "askmark", ARROW));
  }

  answered(x, empty) {
    this.advance(x);
    this.waiting = null;
    if (empty) this.marks.append(mark(x, BOTTOM, "empty", RING));
  }

  arrived(from, to, { run, seq, text }, late) {
    const ends = { x1: `${from}%`, y1: TOP + 5, x2: `${to}%`, y2: BOTTOM };
    const told = title(`event ${seq}, ${text}: ${ms(late)} after it happened`);
    const dot = mark(to, BOTTOM, "got", DISC, told);
    Object.assign(dot.dataset, { event: "posted", run, seq });
    this.front.append(drawn("line", { class: "flight", ...ends }), dot);
    this.arrivals += 1;
    const arrived = `${count(this.arrivals, "event")} arrived`;
    this.svg.setAttribute("aria-label", `${this.name}: ${arrived}. Every time is in the Table view.`);
  }

  metered(counts) {
    for (const [key, text] of Object.entries(readings(counts))) {
      this.lane.querySelector(`[data-count=${key}] dd`).textContent = text;
    }
    [this.up, this.down] = [counts.bytes_up, counts.bytes_down];
  }

  // The two bars, up and down, against the heaviest lane.
  weigh(most) {
    for (const [at, n] of [this.up, this.down].entries()) {
      this.bars[at].style.inlineSize = `${(n / most) * 100}%`;
    }
  }
}
