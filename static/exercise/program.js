// The student's program: typed or put in order, run in the sandbox, stopped, and what it says.

import { Console } from "./console.js";
import { editor } from "./editor.js";
import { ordering } from "./order.js";
import { Sandbox } from "./sandbox.js";

const PHONE = matchMedia("(max-width: 800px)");
const AFTERWARDS = 500; // ms that a program has for its last words, once it is judged

export class Program {
  #isRunning = false;
  #turn = 0; // counts runs and stops: what waits for an older one is void

  // main: the page. settled(): resolves once the server knows that the program before is over.
  constructor(main, { slug, token, settled }) {
    const part = (selector) => main.querySelector(selector);
    const order = part("[data-order]");
    Object.assign(this, { main, token, settled });
    this.typed = editor(part("[data-editor]"), `exercise ${slug} js`);
    this.parts = order && ordering(order, `exercise ${slug} order`);
    [this.runs, this.stops, this.mode] = ["run", "stop", "mode"].map((name) => part(`[name=${name}]`));
    this.says = new Console(part("[data-console]"), (line) => {
      this.#setMode("type");
      this.typed.line(line);
    });
    this.box = new Sandbox({
      said: (lines, left) => this.says.said(lines, left),
      failed: (sentence) => this.says.said([["error", sentence]]),
    });
    this.#listen(part("textarea"));
    this.#setMode(null);
  }

  // An attempt is over.
  judged() {
    const turn = this.#turn;
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

  #setRunning(on) {
    this.#isRunning = on;
    this.runs.disabled = on;
    this.stops.disabled = !on;
    if (document.activeElement === document.body) (on ? this.stops : this.runs).focus();
  }

  async #run() {
    if (this.#isRunning) return;
    const turn = ++this.#turn;
    this.#setRunning(true);
    this.says.clear();
    await this.settled();
    if (turn !== this.#turn) return;
    const code = this.#isOrdered ? this.parts.text() : this.typed.text();
    await this.box.run(code, { seat: this.token });
  }

  #stop(words) {
    this.#turn += 1;
    this.box.stop();
    this.#setRunning(false);
    this.says.note(words);
  }
}
