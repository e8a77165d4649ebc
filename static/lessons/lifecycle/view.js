// The two stopwatches, the heartbeat, the sids and the time axis, all from one model.

import { paint } from "../../lib/paint.js";
import { write } from "../../lib/redraw.js";
import { isOver, seconds, sums } from "./model.js";
import { picture } from "./picture.js";
import { WAITS } from "./robot.js";

const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const COLUMNS = [
  "Left by",
  "The server says",
  "after",
  "The client says",
  "after",
  "Pokes addressed",
  "confirmed",
  "Old sid",
  "New sid",
];

export class View {
  constructor(panel, lab) {
    const find = (name) => panel.querySelector(`[data-${name}]`);
    this.lab = lab;
    this.panel = panel;
    [this.svg, this.shapes, this.bar, this.left, this.sid, this.fresh, this.says, this.asks] = [
      "picture",
      "shapes",
      "bar",
      "left",
      "sid",
      "new",
      "says",
      "asks",
    ].map(find);
    this.counts = { addressed: find("addressed"), confirmed: find("confirmed") };
    this.sides = { server: find("side=server"), client: find("side=client") };
    this.full = WAITS * 1000; // ms
    this.beatAt = null;
    this.bet = null;
    this.row = lab.table("Who noticed what, and when", COLUMNS);
    this.draw(null, 0);
  }

  say(sentence, kind = "") {
    this.says.dataset.kind = kind;
    this.says.textContent = sentence;
    if (sentence) this.lab.announce(sentence);
  }

  // A ping came: the bar is full again, and drains until the client gives up.
  beat() {
    this.beatAt = performance.now();
  }

  isHere(sid) {
    this.fresh.hidden = true;
    write(this.sid, sid.slice(0, 6));
    this.showBack(false);
  }

  chosen(choice, isLocked, model, now) {
    this.bet = choice;
    for (const button of this.panel.querySelectorAll("[data-bet]")) {
      button.setAttribute("aria-pressed", button.dataset.bet === choice);
      button.setAttribute("aria-disabled", isLocked);
    }
    this.draw(model, now);
  }

  draw(model, now) {
    paint(this.shapes, picture(model, this.bet, now));
    if (!model) return;
    const { addressed, confirmed } = sums(model);
    write(this.counts.addressed, String(addressed));
    write(this.counts.confirmed, String(confirmed));
    for (const side of ["server", "client"]) this.watch(side, model, now);
    write(this.sid, model.old.slice(0, 6));
    this.fresh.hidden = !model.new;
    if (model.new) write(this.fresh, model.new.slice(0, 6));
    this.svg.setAttribute("aria-label", inWords(model));
    this.row(model.run, cells(model));
  }

  watch(side, model, now) {
    const home = this.sides[side];
    const said = model[side];
    home.dataset.state = said ? "knows" : "thinks";
    write(
      home.querySelector("[data-time]"),
      ((said ? said.after : Math.max(0, now - model.began)) / 1000).toFixed(1),
    );
    write(home.querySelector("[data-unit]"), said ? "s until it knew" : "s so far");
    write(home.querySelector("[data-word]"), said ? said.reason : "thinks: connected");
  }

  // Ten times a second; once a second for those who want little motion.
  tick(model, now) {
    const second = Math.floor(performance.now() / 1000);
    if (CALM.matches && second === this.second) return;
    this.second = second;
    if (this.beatAt !== null) {
      const left = Math.max(0, this.full - (performance.now() - this.beatAt)) / 1000;
      write(this.left, `${Math.ceil(left)} s left`);
      this.bar.style.transform = `scaleX(${((left * 1000) / this.full).toFixed(3)})`;
    }
    if (model && !isOver(model)) this.draw(model, now);
  }

  isOver(model) {
    if (model.how === "server_goodbye") this.showBack(!model.new);
  }

  // The server's goodbye was meant: only connect() brings the robot back.
  showBack(isAway) {
    const form = this.panel.querySelector("[data-leave]");
    form.querySelector("[name=connect]")?.remove();
    if (!isAway) return;
    const button = document.createElement("button");
    Object.assign(button, { name: "connect", textContent: "Call connect()" });
    form.append(button);
    this.say("The server said goodbye on purpose, so the client stays away until its page calls connect().");
  }
}

function inWords(model) {
  const { addressed, confirmed } = sums(model);
  const side = (name, said) =>
    said
      ? `The ${name} knew after ${seconds(said.after)}: ${said.reason}.`
      : `The ${name} thinks that it is connected.`;
  return `${side("server", model.server)} ${side("client", model.client)} Pokes addressed: ${addressed}, confirmed: ${confirmed}.`;
}

function cells({ how, server, client, old, new: fresh, ...model }) {
  const side = (said) => [said?.reason ?? "–", said ? seconds(said.after) : "–"];
  const { addressed, confirmed } = sums(model);
  return [how, ...side(server), ...side(client), addressed, confirmed, old, fresh ?? "–"];
}
