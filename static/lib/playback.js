// The Playback menu of a page: its one Pause, the speed of replayed pictures, how much is said aloud. What is
// chosen is kept by the browser; without its storage it lasts for the page.

import { element, keep, kept } from "./dom.js";
import { Pause } from "./pause.js";
import { SPEEDS, setSpeed, speed } from "./speed.js";

const VOICES = { off: "nothing", summaries: "summaries", every: "every sentence" };
const TYPED = "input:not([type=radio], [type=checkbox], [type=range]), textarea, select, [contenteditable]";

export class Playback {
  // menu: the details; bar: the Pause button that is always in sight on a laptop
  constructor(menu, bar, panel, socket, ticks) {
    Object.assign(this, { menu, bar });
    this.button = element("button", { type: "button", "aria-pressed": "false" }, "Pause the picture");
    this.button.addEventListener("click", () => {
      this.toggle();
      menu.open = false;
      menu.firstElementChild.focus();
    });
    this.pause = new Pause(panel, socket, ticks, (isPaused, waiting) => this.show(isPaused, waiting));
    menu.lastElementChild.replaceChildren(this.button, ...settings());
  }

  toggle() {
    this.pause.toggle();
  }

  // A key: the full stop pauses, where nobody is typing.
  pressed({ key, target, altKey, ctrlKey, metaKey }) {
    if (key !== "." || altKey || ctrlKey || metaKey || target.matches(TYPED)) return;
    if (kept("pause key") !== "off") this.toggle();
  }

  show(isPaused, waiting) {
    const summary = this.menu.firstElementChild;
    for (const each of [this.bar, this.button]) each.setAttribute("aria-pressed", isPaused);
    this.bar.lastElementChild.textContent = isPaused ? `${waiting} waiting` : "Pause";
    this.button.textContent = isPaused ? `Go on: ${waiting} waiting` : "Pause the picture";
    summary.setAttribute("aria-label", isPaused ? "Playback: paused" : "Playback");
    summary.toggleAttribute("data-paused", isPaused);
  }
}

function settings() {
  const slow = SPEEDS.map((each) => [each, `1/${each} of real speed`]);
  const key = element("input", { type: "checkbox", checked: kept("pause key") !== "off" });
  key.addEventListener("change", () => keep("pause key", key.checked ? "on" : "off"));
  return [
    element(
      "label",
      {},
      "Replays run at",
      choice(slow, speed(), (value) => setSpeed(Number(value))),
    ),
    element(
      "label",
      {},
      "A screen reader is told",
      choice(Object.entries(VOICES), kept("voice") ?? "summaries", (value) => keep("voice", value)),
    ),
    element("label", {}, "The key . pauses, too", key),
  ];
}

function choice(options, now, chosen) {
  const select = element(
    "select",
    {},
    ...options.map(([value, words]) => element("option", { value, selected: value === now }, words)),
  );
  select.addEventListener("change", () => chosen(select.value));
  return select;
}
