// The view of a run: the picture, the buffer, the sums, the table and the words, all from the same logs.

import { bufferShapes, isStale, rows, sumShapes } from "./numbers.js";
import { picture } from "./picture.js";
import { redraw } from "./redraw.js";
import { words } from "./words.js";

const HEIGHT = 216; // of the picture, in its own units
const DRAWN_EVERY = 80; // ms at most
const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const COLUMNS = ["Run", "Event", "Text", "Sent at", "You, with a buffer", "Your twin, without"];

export class View {
  constructor(panel, lab) {
    const find = (name) => panel.querySelector(`[data-${name}]`);
    this.lab = lab;
    this.panel = panel;
    [this.svg, this.buffer, this.reason, this.says] = ["picture", "tray", "reason", "says"].map(find);
    this.lines = { on: find("line=on"), off: find("line=off") };
    this.reconnect = panel.querySelector("[name=reconnect]");
    this.rows = lab.table("What became of each event", COLUMNS);
    this.run = null; // as it was last shown
    this.drawnAt = 0;
    this.due = false;
    this.place = null; // time → its units, of the last picture
    this.width = 0; // in those units
    this.calmAt = 0; // the second in which the hand last moved, for those who want little motion
    new ResizeObserver(() => this.run && this.draw(this.run)).observe(this.svg);
  }

  // At most one drawing in 80 ms.
  draw(run) {
    this.run = run;
    if (this.due) return;
    this.due = true;
    const pause = Math.max(0, this.drawnAt + DRAWN_EVERY - performance.now());
    setTimeout(() => requestAnimationFrame(() => this.paint()), pause);
  }

  paint() {
    const { run } = this;
    [this.due, this.drawnAt] = [false, performance.now()];
    this.showWords(words(run));
    redraw(this.buffer, bufferShapes(run));
    this.buffer.toggleAttribute("data-stale", isStale(run));
    if (!run.readers[0].r) return;
    for (const reader of run.readers) redraw(this.lines[reader.key], sumShapes(reader, run.model));
    for (const [key, cells] of rows(run)) this.rows(key, cells);
    if (this.svg.clientWidth) this.drawPicture(run);
  }

  drawPicture(run) {
    const { clientWidth, clientHeight } = this.svg;
    this.width = (clientWidth / clientHeight) * HEIGHT; // in units of the drawing
    const type = Number.parseFloat(getComputedStyle(this.svg).fontSize);
    const { shapes, label, place } = picture(run, this.width, type);
    this.place = place;
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${HEIGHT}`);
    redraw(this.svg, shapes);
    this.svg.setAttribute("aria-label", label);
  }

  // Text that has not changed is left alone, so that a screen reader keeps its place.
  showWords({ head, lines, said = "" }) {
    const [title, text, both] = this.reason.children;
    both.textContent = said;
    if (title.textContent !== head) title.textContent = head;
    if (text.textContent !== lines.join(" ")) text.textContent = lines.join(" ");
    this.reconnect.hidden = this.lab.socket.connected || this.lab.socket.active;
  }

  // Ten times a second.
  tick(run) {
    const second = Math.floor(performance.now() / 1000);
    if (!CALM.matches || second !== this.calmAt) this.moveHand(run);
    this.calmAt = second;
    if (!run.readers[0].connected) this.draw(run); // how long still, in words
  }

  moveHand({ now, model }) {
    if (model.over || !this.place) return;
    const x = Math.min(this.width, Math.max(0, this.place(now())));
    for (const end of ["x1", "x2"]) this.svg.querySelector(".hand")?.setAttribute(end, x);
  }

  say(sentence, kind = "") {
    this.says.dataset.kind = kind;
    this.says.textContent = sentence;
    if (sentence) this.lab.announce(sentence);
  }

  // Who presses a button below should see what it does.
  scrollIntoView() {
    const { top, bottom } = this.svg.getBoundingClientRect();
    const head = this.panel.querySelector(".panel-head");
    if (top < head.offsetHeight || bottom > innerHeight) head.scrollIntoView({ block: "start" });
  }
}
