// One Pause for the page (WCAG 2.2, 2.2.2): the picture stands still, the sockets do not. What the reader sees
// is a copy, as it was at that moment; the demo goes on behind it, and what comes is counted.

import { announce, count } from "./dom.js";

const MOVED = ["transform", "translate", "opacity", "offsetDistance"]; // what an animation may be in the middle of

export class Pause {
  // tell(isPaused, waiting): it is, or is no more; how many events came since
  constructor(panel, socket, ticks, tell) {
    Object.assign(this, { panel, tell });
    this.still = null; // the copy, while paused
    this.waiting = 0; // events since then
    socket.onAny((event) => this.still && !ticks.includes(event) && this.came());
    let { innerWidth: width } = window;
    addEventListener("resize", () => {
      if (width !== innerWidth) this.resume(); // a phone's bar comes and goes without that
      width = innerWidth;
    });
  }

  toggle() {
    if (this.still) this.resume();
    else this.freeze();
  }

  freeze() {
    const { panel } = this;
    this.still = copied(panel);
    this.still.inert = true;
    this.still.classList.add("still");
    panel.after(this.still);
    this.still.scrollTop = panel.scrollTop;
    panel.style.visibility = "hidden";
    this.waiting = 0;
    this.label();
    announce("Paused. What comes is still counted.");
  }

  resume() {
    if (!this.still) return;
    this.still.remove();
    this.still = null;
    this.panel.style.visibility = "";
    this.label();
    announce(`It goes on. ${count(this.waiting, "event")} came meanwhile.`);
  }

  came() {
    this.waiting += 1;
    this.label();
  }

  label() {
    this.tell(Boolean(this.still), this.waiting);
  }
}

// A copy that looks the same: with what was typed and chosen, and with what moves where it is now.
function copied(panel) {
  const copy = panel.cloneNode(true);
  const [from, to] = [panel, copy].map((home) => [...home.querySelectorAll("*")]);
  const moving = new Set(panel.getAnimations({ subtree: true }).map(({ effect }) => effect.target));
  from.forEach((node, at) => {
    if (node.matches("input, select, textarea")) {
      to[at].value = node.value;
      if ("checked" in node) to[at].checked = node.checked;
    }
    if (!moving.has(node)) return;
    const now = getComputedStyle(node);
    for (const name of MOVED) to[at].style[name] = now[name];
  });
  return copy;
}
