// What a program says, as far as one can read it: the last lines, and how many were left out. Silent for a screen
// reader, except for the first error.

import { announce, element } from "../lib/dom.js";

const KEPT = 300; // lines
const NEAR = 24; // px from the end that still count as being there

export class Console {
  #waiting = []; // [kind, text]
  #left = 0;
  #frame = 0;
  #hasFailed = false;

  // box: a scrolling region. onLine(number): an error's line was pressed
  constructor(box, onLine) {
    this.box = box;
    box.addEventListener("click", ({ target }) => {
      const { line } = target.closest("button")?.dataset ?? {};
      if (line) onLine(Number(line));
    });
  }

  clear() {
    this.#waiting = [];
    this.#left = 0;
    this.#hasFailed = false;
    this.box.replaceChildren();
  }

  // lines: [kind, text]; left: how many more there were
  said(lines, left = 0) {
    this.#waiting.push(...lines);
    const beyond = Math.max(0, this.#waiting.length - KEPT);
    this.#waiting.splice(0, beyond);
    this.#left += left + beyond;
    this.#frame ||= requestAnimationFrame(() => this.#draw());
    const error = lines.find(([kind]) => kind === "error");
    if (!error || this.#hasFailed) return;
    this.#hasFailed = true;
    announce(`Your program stopped with an error: ${error[1]}`);
  }

  note(text) {
    this.said([["note", text]]);
  }

  #draw() {
    const { box } = this;
    this.#frame = 0;
    const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    box.append(
      ...this.#waiting.map(([kind, text]) => element("p", { "data-kind": kind }, ...linked(kind, text))),
    );
    this.#waiting = [];
    const old = [...box.querySelectorAll("p:not([data-left])")].slice(0, -KEPT);
    for (const line of old) line.remove();
    this.#left += old.length;
    if (this.#left) this.#sayLeft();
    if (isAtEnd) box.scrollTop = box.scrollHeight;
  }

  #sayLeft() {
    const line = this.box.querySelector("[data-left]") ?? element("p", { "data-left": "" });
    line.textContent = `${this.#left.toLocaleString("en")} lines were left out.`;
    if (!line.isConnected) this.box.prepend(line);
  }
}

// "TypeError: no (line 3)": the line is a button that goes there.
function linked(kind, text) {
  const [, words, line] = (kind === "error" && /^(.*) \(line (\d+)\)$/s.exec(text)) || [];
  if (!line) return [text];
  return [`${words} `, element("button", { type: "button", "data-line": line }, `line ${line}`)];
}
