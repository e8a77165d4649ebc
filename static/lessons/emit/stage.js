// Draws the dots: who is where, what was tapped, whose handler ran. It shows; what is done is play.js.

import { element, icon, ms } from "../../lib/dom.js";
import { inCells, nameOf, stateOf } from "./model.js";

const MOST_DRAWN = 80; // dots; the others are counted
const MANY = 8; // two in a cell; beyond it a dot has no name below it, but under the pointer
const WORDS = { received: "received it", silent: "silent", missed: "gone", idle: "" };
const MARKS = { received: "tick", missed: "cross", silent: "wait" };

export class Stage {
  // tap(sid): a dot was pressed
  constructor(home, tap) {
    this.home = home;
    this.more = home.querySelector("[data-more]");
    this.dots = new Map(); // sid → its button
    home.addEventListener("click", ({ target }) => {
      const sid = target.closest("[data-sid]")?.dataset.sid;
      if (sid) tap(sid);
    });
  }

  // {dots, more, own, run, sender, guess, betting, wrong}
  draw(scene) {
    const { dots, own } = scene;
    const first = (dot) => (own.has(dot.sid) ? 0 : 1);
    const shown = [...dots].sort((a, b) => first(a) - first(b)).slice(0, MOST_DRAWN);
    for (const [sid, button] of this.dots) {
      if (shown.some((dot) => dot.sid === sid)) continue;
      button.remove();
      this.dots.delete(sid);
    }
    const isCrowded = dots.filter((dot) => !dot.namespace).length > MANY;
    for (const [cell, those] of Object.entries(inCells(shown, own))) {
      const home = this.home.querySelector(`[data-cell=${cell}]`);
      home.toggleAttribute("data-many", isCrowded);
      for (const dot of those) this.drawDot(home, dot, scene);
    }
    const left = dots.length - shown.length + scene.more;
    this.more.textContent = left ? `and ${left} more` : "";
  }

  drawDot(home, dot, { own, run, sender, guess, betting, wrong }) {
    const { sid, robot, rooms, namespace } = dot;
    const [name, state] = [nameOf(dot, own), stateOf(run, sid)];
    const isGuessed = guess?.has(sid) ?? false;
    const isWrong = wrong?.has(sid) ?? false;
    if (!this.dots.has(sid)) {
      const parts = [element("i", { class: "socket" }), element("bdi"), element("small")];
      this.dots.set(sid, element("button", { type: "button", "data-sid": sid }, ...parts));
    }
    const button = this.dots.get(sid);
    if (button.parentNode !== home) home.append(button);
    const [mark, called, word] = button.children;
    const flags = { robot, mine: own.get(sid) === 0, sent: sid === sender, guessed: isGuessed && betting };
    for (const [flag, on] of Object.entries({ ...flags, wrong: isWrong }))
      button.toggleAttribute(`data-${flag}`, Boolean(on));
    button.dataset.state = betting ? "idle" : state;
    if (betting) button.setAttribute("aria-pressed", isGuessed);
    else button.removeAttribute("aria-pressed");
    tie(button, run && !betting && state !== "idle" ? run : null);
    const sign = betting ? (isGuessed ? "tick" : null) : MARKS[state];
    mark.replaceChildren(...(sign ? [icon(sign)] : []));
    called.textContent = name;
    const after = state === "received" && !betting ? ms(run.got.get(sid)) : "";
    word.textContent = betting ? "" : after || WORDS[state];
    const where = namespace ? `in ${namespace}` : rooms.length ? `in ${rooms.join(" and ")}` : "in no room";
    const said = betting
      ? isGuessed
        ? "will light"
        : ""
      : `${WORDS[state]}${after ? ` after ${after}` : ""}`;
    const label = [
      name,
      where,
      sid === sender && !betting ? "fired" : "",
      said,
      isWrong ? "tapped wrong" : "",
    ];
    button.title = label.filter(Boolean).join(", ");
    button.setAttribute("aria-label", button.title);
  }
}

// One packet, here and on the wire.
function tie(button, run) {
  const about = run ? { event: run.event, run: run.id, seq: "1" } : {};
  for (const name of ["event", "run", "seq"]) {
    if (about[name]) button.dataset[name] = about[name];
    else delete button.dataset[name];
  }
}
