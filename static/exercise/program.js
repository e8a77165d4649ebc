// The student's program: typed or put in order, run in the sandbox, stopped, and what it says.

import { Console } from "./console.js";
import { editor } from "./editor.js";
import { ordering } from "./order.js";
import { Sandbox } from "./sandbox.js";

const PHONE = matchMedia("(max-width: 800px)");
const AFTERWARDS = 500; // ms that a program has for its last words, once it is judged
const REACHES = 2000; // ms in which a program that has failed may still come to the judge
const ENDED = "Your program has ended. Mend it, then run it again.";
const ELSEWHERE =
  "A program of yours is at this exercise already, perhaps in another tab or in Python. Stop that one first.";

export class Program {
  #isRunning = false;
  #turn = 0; // counts runs and stops: what waits for an older one is void
  #hasFailed = false; // in this run
  #ranOrdered = false;
  #ending = 0; // a timer

  // main: the page. isJudged(): whether a program of this seat is; settled(): the same, once the server has had
  // the time to hear that the one before is over.
  constructor(main, { slug, token, isJudged, settled }) {
    const part = (selector) => main.querySelector(selector);
    const order = part("[data-order]");
    Object.assign(this, { main, token, isJudged, settled });
    this.typed = editor(part("[data-editor]"), `exercise ${slug} js`);
    this.parts = order && ordering(order, `exercise ${slug} order`);
    [this.runs, this.stops, this.mode] = ["run", "stop", "mode"].map((name) => part(`[name=${name}]`));
    this.says = new Console(part("[data-console]"), (line) => {
      this.#setMode(this.#ranOrdered ? "order" : "type");
      (this.#ranOrdered ? this.parts : this.typed).line(line);
    });
    this.box = new Sandbox({
      said: (lines, left) => this.#said(lines, left),
      failed: (sentence) => {
        this.#said([["error", sentence]]);
        this.#stop(ENDED); // it could not be read, or it was too much
      },
    });
    this.#listen(part("textarea"));
    this.#setMode(null);
  }

  // An attempt is over.
  judged() {
    const turn = this.#turn;
    clearTimeout(this.#ending);
    const end = () => {
      if (this.#isRunning && turn === this.#turn)
        this.#stop("The judge has decided: your program was stopped.");
    };
    setTimeout(end, AFTERWARDS);
  }

  #listen(area) {
    this.runs.addEventListener("click", () => this.#run());
    this.stops.addEventListener("click", () => this.#stop("You stopped your program."));
    this.mode?.addEventListener("click", () => this.#setMode(this.#isOrdered ? "type" : "order"));
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#run();
    });
    PHONE.addEventListener("change", () => this.#setMode(null));
  }

  get #isOrdered() {
    const { mode } = this.main.dataset;
    return mode ? mode === "order" : PHONE.matches && Boolean(this.parts);
  }

  // "type" or "order"; null: as the screen is
  #setMode(name) {
    if (name) this.main.dataset.mode = name;
    if (this.mode) this.mode.textContent = this.#isOrdered ? "Type it" : "Put lines in order";
  }

  // A program that fails before it comes to the judge is ended: nothing else would end it.
  #said(lines, left) {
    this.says.said(lines, left);
    if (this.#hasFailed || !lines.some(([kind]) => kind === "error")) return;
    this.#hasFailed = true;
    const turn = this.#turn;
    this.#ending = setTimeout(() => turn === this.#turn && !this.isJudged() && this.#stop(ENDED), REACHES);
    if (PHONE.matches) this.says.box.scrollIntoView({ block: "center" });
  }

  #setRunning(on) {
    this.#isRunning = on;
    this.runs.disabled = on;
    this.stops.disabled = !on;
    if (document.activeElement === document.body)
      (on ? this.stops : this.runs).focus({ preventScroll: true });
  }

  async #run() {
    if (this.#isRunning) return;
    const turn = ++this.#turn;
    this.#setRunning(true);
    this.says.clear();
    this.#hasFailed = false;
    this.#ranOrdered = this.#isOrdered;
    const isBusy = await this.settled();
    if (turn !== this.#turn) return;
    if (isBusy) return this.#stop(ELSEWHERE);
    const code = (this.#ranOrdered ? this.parts : this.typed).text();
    await this.box.run(code, { seat: this.token });
  }

  #stop(words) {
    this.#turn += 1;
    this.box.stop();
    this.#setRunning(false);
    this.says.note(words);
  }
}
