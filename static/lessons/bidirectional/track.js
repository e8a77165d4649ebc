// The drawing of one lane. Places are per cent of the race: nothing is redrawn when the width changes.

import { count, drawn, ms } from "../../lib/dom.js";
import { readings } from "./readings.js";

const TOP = 7; // the server's rail, px
const BOTTOM = 41; // yours; requests stand below it
const DIAMOND = "M0-6 6 0 0 6-6 0z";
const ARROW = "M0 18V7m-4 4 4-4 4 4";
const RING = "M4 0a4 4 0 1 1-8 0 4 4 0 0 1 8 0z";
const DISC = "M5.5 0a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0z";
const KEY = {
  event: ["diamond", DIAMOND],
  ask: ["askmark", ARROW],
  empty: ["empty", RING],
  got: ["got", DISC],
};

const path = (kind, d, ...title) => drawn("path", { class: kind, d }, ...title);
const mark = (x, y, ...shape) => drawn("svg", { x: `${x}%`, y }, path(...shape));
const rail = (kind, y, x2) => drawn("line", { class: kind, x2, y1: y, y2: y });
const title = (text) => drawn("title", {}, text);

// The key is drawn with the very shapes of the tracks.
export function drawKey(form) {
  for (const entry of form.querySelectorAll("[data-key]")) {
    const { key } = entry.dataset;
    const viewBox = key === "ask" ? "-9 4 18 18" : "-9 -9 18 18";
    entry.prepend(drawn("svg", { viewBox, "aria-hidden": "true" }, path(...KEY[key])));
  }
}

export class Track {
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
    for (const field of this.lane.querySelectorAll("dd")) field.textContent = "–";
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
