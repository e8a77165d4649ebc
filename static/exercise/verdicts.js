// The judge's panel: the checks, what the server saw, how the attempt goes. What it shows is what the server said.

import { announce, count, element, icon } from "../lib/dom.js";

const SIGNS = { open: "hollow", passed: "tick", failed: "cross" };
const LOST = "This page is not connected. What I see of your program stands here when it is back.";
const WORDS = { open: "not seen yet: ", passed: "passed: ", failed: "failed: " };

// Pure: what is known, after what the server told.
export const FRESH = { attempts: 0, done: false, running: null, over: null, checks: new Map() };

export function progressed(told) {
  const checks = new Map(told.checks.map((one) => [one.check, one]));
  return { attempts: told.attempts, done: told.done, running: told.running, over: null, checks };
}

export function began(known, { attempt }) {
  const open = [...known.checks].map(([check, one]) => [check, { ...one, passed: null, saw: null, n: null }]);
  return {
    ...known,
    attempts: Math.max(attempt, known.attempts),
    running: attempt,
    over: null,
    checks: new Map(open),
  };
}

export function checked(known, verdict) {
  const checks = new Map(known.checks).set(verdict.check, verdict);
  return { ...known, checks };
}

export const judged = (known, { passed, of, done }) => ({
  ...known,
  running: null,
  done: known.done || done,
  over: { passed, of, done },
});

// The page is not connected: what becomes of a program that was running is told when it is back.
export const lost = (known) => ({ ...known, running: null, over: null, isLost: true });

const stateOf = ({ passed }) => (passed === null ? "open" : passed ? "passed" : "failed");

// root: [data-judge]. look(n): opens a row of the wire.
export class Panel {
  #known = FRESH;
  #ticking = 0;

  constructor(root, { seconds, look }) {
    Object.assign(this, { root, seconds, look });
    this.list = root.querySelector("[data-checks]");
    this.status = root.querySelector("[data-attempt]");
    this.outcome = root.querySelector("[data-outcome]");
    root.addEventListener("click", ({ target }) => {
      const { row } = target.closest("[data-row]")?.dataset ?? {};
      if (row) look(Number(row));
    });
  }

  get known() {
    return this.#known;
  }

  show(known) {
    const before = this.#known;
    this.#known = known;
    for (const [check, one] of known.checks) this.#showCheck(check, one, before.checks.get(check));
    if (known.running !== before.running) this.#time();
    this.#say();
  }

  #showCheck(check, one, before) {
    if (before && stateOf(one) === stateOf(before) && one.saw === before.saw && one.n === before.n) return;
    const item = this.list.querySelector(`[data-check="${CSS.escape(check)}"]`);
    if (!item) return;
    const state = stateOf(one);
    item.dataset.state = state;
    item.querySelector(".icon").replaceWith(icon(SIGNS[state]));
    item.querySelector("[data-word]").textContent = WORDS[state];
    const saw = item.querySelector("[data-saw]");
    saw.replaceChildren();
    if (one.saw === null || one.saw === undefined) return;
    saw.append(element("span", {}, state === "failed" ? "I saw: " : "", one.saw));
    if (one.n)
      saw.append(" ", element("button", { type: "button", "data-row": one.n }, "Show me on the wire"));
  }

  #say() {
    const { attempts, over, running, checks, done, isLost } = this.#known;
    const right = [...checks.values()].filter(({ passed }) => passed).length;
    this.root.toggleAttribute("data-done", done);
    this.root.toggleAttribute("data-running", running !== null);
    if (over) {
      const words = over.done ? "All checks passed." : `${over.passed} of ${over.of} checks passed.`;
      this.outcome.textContent = words;
      announce(`Attempt ${attempts} is over. ${words}`);
    } else {
      const last = attempts
        ? `${right} of ${checks.size} checks passed in your last attempt.`
        : "Run your program: I, the judge, say here what I see of it.";
      this.outcome.textContent = isLost ? LOST : running === null ? last : "I am watching your program.";
    }
    if (running === null) this.status.textContent = attempts ? count(attempts, "attempt") : "";
  }

  #time() {
    clearInterval(this.#ticking);
    const { running } = this.#known;
    if (running === null) return;
    const end = performance.now() + this.seconds * 1000;
    const tick = () => {
      const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
      this.status.textContent = `attempt ${running}, at most ${left} s more`;
    };
    tick();
    this.#ticking = setInterval(tick, 1000);
  }
}
