// The race: three lanes under one clock, drawn from what really was asked, answered and received.

import { bytes, count, drawn, ms } from "../../lib/dom.js";

const TOP = 7; // the server's rail, px
const BOTTOM = 41; // yours; requests stand below it
const DIAMOND = "M0-6 6 0 0 6-6 0z";
const ARROW = "M0 18V7m-4 4 4-4 4 4";
const RING = "M4 0a4 4 0 1 1-8 0 4 4 0 0 1 8 0z";
const DISC = "M5.5 0a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0z";
const NAMES = { poll: "Short polling", long_poll: "Long polling", socket: "The socket" };
const LANES = Object.keys(NAMES);
const COUNTERS = [
  "Requests",
  "Empty answers",
  "Bytes up",
  "Bytes down",
  "TCP connections",
  "Delay, median",
  "Delay, worst",
];
const CALM = matchMedia("(prefers-reduced-motion: reduce)");

export function race(form, lab) {
  const tracks = Object.fromEntries(
    LANES.map((lane) => [lane, track(form.querySelector(`[data-lane=${lane}]`))]),
  );
  const each = (act) => Object.values(tracks).forEach(act);
  const says = form.querySelector("[data-race-says]");
  const counters = lab.table("The race, counted by the server's tap", ["Race", "Lane", ...COUNTERS]);
  const times = lab.table("The race, event by event: delay until the handler of this page", [
    "Race",
    "Event",
    "Text",
    "Happened at",
    ...Object.values(NAMES),
  ]);
  explain(form);
  let races = 0;
  let now = null; // the current run, as start() makes it

  const at = (moment) => Math.min(100, Math.max(0, ((moment - now.origin) / now.lasts) * 100));
  const say = (text, more = "") => {
    says.textContent = text;
    lab.announce(text + more);
  };
  const hand = (mine) => {
    if (mine !== now) return;
    each((lane) => lane.hand(at(lab.clock.now())));
    if (!mine.running) return;
    if (CALM.matches) setTimeout(hand, 1000, mine);
    else requestAnimationFrame(() => hand(mine));
  };
  const end = (early) => {
    now.running = false;
    now.early ||= early;
    now.abort.abort();
  };

  const self = {
    async start(every, step) {
      const ack = await lab.ask("start", step ? { every_ms: every, step } : { every_ms: every });
      if (!ack.ok) return say(ack.error);
      if (now) end();
      const mine = { run: ack.run, next: ack.next, lasts: ack.lasts_ms, of: ack.events, every, step };
      Object.assign(mine, {
        n: ++races,
        origin: lab.clock.now(),
        running: true,
        abort: new AbortController(),
      });
      Object.assign(mine, { seen: new Map(), ended: new Map() });
      now = mine;
      each((lane) => lane.clear());
      hand(mine);
      say(`Race ${mine.n} is on: ${count(mine.of, "event")} will happen at odd moments.`);
      return mine;
    },

    async stop() {
      const ack = await lab.ask("stop", {});
      if (now?.running) end("stopped");
      if (!ack.ok) return say(ack.error);
      say(
        ack.stopped
          ? "Stopped before its end: the prediction waits for a whole race."
          : "No race is running.",
      );
    },

    // One request of a polling lane: draws it, hands its events on, returns the position to ask after next.
    async fetch(mine, lane, path, after) {
      const from = lab.clock.now();
      tracks[lane].asked(at(from));
      try {
        const answer = await fetch(`${path}?after=${after}`, {
          signal: mine.abort.signal,
          cache: "no-store",
        });
        if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
        const { events, next } = await answer.json();
        const to = lab.clock.now();
        if (mine !== now) return after;
        tracks[lane].answered(at(to), events.length === 0);
        for (const event of events) self.arrived(lane, event, to);
        return next;
      } catch (error) {
        if (mine === now && mine.running) {
          end("broken");
          const why = error.name === "Error" ? error.message : "The server cannot be reached.";
          say(`${NAMES[lane]} broke off, so the race ends. ${why}`);
        }
        return after;
      }
    },

    arrived(lane, event, moment = lab.clock.now()) {
      if (event.run !== now?.run) return;
      const { seen, of, n, origin } = now;
      if (!seen.has(event.seq)) {
        seen.set(event.seq, {});
        each((other) => other.happened(at(event.sent_at), event.seq));
      }
      const late = seen.get(event.seq);
      late[lane] = Math.max(0, moment - event.sent_at);
      tracks[lane].arrived(at(event.sent_at), at(moment), event, late[lane]);
      const happened = `${((event.sent_at - origin) / 1000).toFixed(1)} s`;
      times(`${n} ${event.seq}`, [
        n,
        event.seq,
        event.text,
        happened,
        ...LANES.map((name) => ms(late[name])),
      ]);
      if (lane !== "socket") return;
      lab.receipt(event.run, event.seq, moment);
      say(`${seen.size} of ${count(of, "event")} so far; the socket heard ${seen.size - self.missed()}.`);
    },

    metered(counts) {
      if (counts.run !== now?.run) return;
      const { lane } = counts;
      tracks[lane].metered(counts);
      const most = Math.max(...Object.values(tracks).map((each) => each.total), 1);
      each((any) => any.weigh(most));
      counters(`${now.n} ${lane}`, [now.n, NAMES[lane], ...Object.values(readings(counts))]);
      if (!counts.ended) return;
      if (now.running) end(lab.clock.now() < now.origin + now.lasts - 1000 && "elsewhere");
      now.ended.set(lane, counts);
      if (now.ended.size === LANES.length) self.over();
    },

    // The outcome is put together from the last counters, for a race that ran to its end.
    over() {
      if (now.early === "elsewhere") say("The race was ended early, perhaps by another page of yours.");
      if (now.early) return;
      const outcome = LANES.map((lane) => sentence(now.ended.get(lane), now.seen.size));
      say("The race is over. Compare the counters.", ` ${outcome.join(" ")}`);
      if (now.step) lab.reveal(now.step, outcome);
    },

    // Events that other lanes brought and the socket did not.
    missed: () => [...(now?.seen.values() ?? [])].filter((late) => !("socket" in late)).length,
    leave: () => now && end("left"),
  };
  return self;
}

function readings({ requests, empty, bytes_up, bytes_down, connections, delay_ms: { median, worst } }) {
  const size = { bytes_up: bytes(bytes_up), bytes_down: bytes(bytes_down) };
  return { requests, empty, ...size, connections, median: ms(median), worst: ms(worst) };
}

function sentence({ lane, requests, empty, events, bytes_up, bytes_down, delay_ms }, happened) {
  const asked = requests ? `${count(requests, "request")}, ${empty} of them for nothing` : "no request";
  const heard = `heard ${events} of ${happened}, at worst ${ms(delay_ms.worst)} late`;
  return `${NAMES[lane]}: ${asked}; ${heard}; ${bytes(bytes_up + bytes_down)}.`;
}

const path = (kind, d, ...title) => drawn("path", { class: kind, d }, ...title);

// The key is drawn with the very shapes of the tracks.
function explain(form) {
  const shapes = {
    event: ["diamond", DIAMOND],
    ask: ["askmark", ARROW],
    empty: ["empty", RING],
    got: ["got", DISC],
  };
  for (const entry of form.querySelectorAll("[data-key]")) {
    const { key } = entry.dataset;
    const viewBox = key === "ask" ? "-9 4 18 18" : "-9 -9 18 18";
    entry.prepend(drawn("svg", { viewBox, "aria-hidden": "true" }, path(...shapes[key])));
  }
}

// One lane: places are per cent of the race, so that nothing needs to be redrawn when the width changes.
function track(lane) {
  const svg = lane.querySelector("svg");
  const name = lane.querySelector("h3").firstChild.data.trim();
  const bars = lane.querySelectorAll(".weight i");
  const line = (kind, y, x2) => drawn("line", { class: kind, x2, y1: y, y2: y });
  const rails = [line("gone", TOP, 0), line("gone", BOTTOM, 0)];
  const [back, marks, front] = [drawn("g"), drawn("g"), drawn("g")];
  svg.replaceChildren(line("rail", TOP, "100%"), line("rail", BOTTOM, "100%"), ...rails, back, marks, front);
  const mark = (x, y, ...shape) => drawn("svg", { x: `${x}%`, y }, path(...shape));
  const title = (text) => drawn("title", {}, text);
  let [up, down, arrivals, asked, waiting] = [0, 0, 0, 0, null];

  const self = {
    total: 0,
    clear() {
      for (const layer of [back, marks, front]) layer.replaceChildren();
      [up, down, arrivals, waiting, self.total] = [0, 0, 0, null, 0];
      self.weigh(1);
      for (const field of lane.querySelectorAll("dd")) field.textContent = "–";
    },
    hand(x) {
      for (const rail of rails) rail.setAttribute("x2", `${x}%`);
      waiting?.setAttribute("width", `${Math.max(0, x - asked)}%`);
    },
    happened(x, seq) {
      const moment = drawn("line", { class: "event", x1: `${x}%`, x2: `${x}%`, y1: TOP, y2: BOTTOM });
      back.append(moment, mark(x, TOP, "diamond", DIAMOND, title(`event ${seq}`)));
    },
    // A request that waits for its answer draws a bar along your rail until it has it.
    asked(x) {
      asked = x;
      waiting = drawn("rect", { class: "held", x: `${x}%`, y: BOTTOM - 4, height: 8, width: 0 });
      back.prepend(waiting);
      marks.append(mark(x, BOTTOM, "askmark", ARROW));
    },
    answered(x, empty) {
      self.hand(x);
      waiting = null;
      if (empty) marks.append(mark(x, BOTTOM, "empty", RING));
    },
    arrived(from, to, { run, seq, text }, late) {
      const flight = drawn("line", {
        class: "flight",
        x1: `${from}%`,
        y1: TOP + 5,
        x2: `${to}%`,
        y2: BOTTOM,
      });
      const told = title(`event ${seq}, ${text}: ${ms(late)} after it happened`);
      const dot = mark(to, BOTTOM, "got", DISC, told);
      Object.assign(dot.dataset, { event: "posted", run, seq });
      front.append(flight, dot);
      arrivals += 1;
      svg.setAttribute(
        "aria-label",
        `${name}: ${count(arrivals, "event")} arrived. Every time is in the Table view.`,
      );
    },
    metered(counts) {
      for (const [key, text] of Object.entries(readings(counts))) {
        lane.querySelector(`[data-count=${key}] dd`).textContent = text;
      }
      [up, down] = [counts.bytes_up, counts.bytes_down];
      self.total = up + down;
    },
    weigh(most) {
      [up, down].forEach((n, at) => (bars[at].style.inlineSize = `${(n / most) * 100}%`));
    },
  };
  return self;
}
