// The client's word, the counter, the time axis and the packets, all from one model.

import { drawn, element } from "../../lib/dom.js";
import { paint } from "../../lib/paint.js";
import { write } from "../../lib/redraw.js";
import { isLate, isOver, lasted, seconds } from "./model.js";
import { picture } from "./picture.js";

const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const COLUMNS = [
  "Order",
  "Kitchen",
  "Looks at ids",
  "Orders sent",
  "Soups",
  "The client said",
  "after",
  "Acks too late",
];
const BOWL = "M2 9h20a10 8 0 0 1-6 7.5V18H8v-1.5A10 8 0 0 1 2 9zM8 6c-1-1.5 1-2.5 0-4M13 6c-1-1.5 1-2.5 0-4";

export class View {
  constructor(panel, lab) {
    const find = (name) => panel.querySelector(`[data-${name}]`);
    Object.assign(this, { panel, lab, about: null });
    this.client = find("client");
    this.word = find("says-it");
    this.orders = find("orders");
    this.soups = find("soups");
    this.bowls = find("bowls");
    this.svg = find("picture");
    this.packets = find("packets");
    this.says = find("said");
    this.row = lab.table("Each order, and what became of it", COLUMNS);
    paint(this.svg, picture(null, 0));
  }

  begin(model, about) {
    this.about = about;
    this.packets.replaceChildren();
    const look = about.remember ? "and looks at ids" : "and does not look at ids";
    this.say(`The kitchen is ${about.mode} ${look}.`);
    this.draw(model, model.began);
  }

  draw(model, now) {
    if (!model) return;
    paint(this.svg, picture(model, now));
    const { tries, soups, said, began } = model;
    write(this.orders, String(tries.length));
    write(this.soups, String(soups.length));
    while (this.bowls.children.length > soups.length) this.bowls.lastChild.remove();
    while (this.bowls.children.length < soups.length) this.bowls.append(bowl());
    this.client.dataset.state = said ? (said.ok ? "good" : "bad") : "waits";
    write(this.word, said ? `${said.words}, ${lasted(said.at - began)}` : "waits for an ack");
    this.svg.setAttribute("aria-label", inWords(model));
    this.list(model);
    this.row(model.order, this.cells(model));
  }

  // One line a packet, in the order in which they crossed.
  list({ tries, began, timeout, soups }) {
    const all = tries.flatMap((one, n) => {
      const up = { at: one.at, up: true, text: one.text, note: `order ${n + 1}` };
      if (!one.ack) return [up];
      const note = isLate(one, timeout) ? `late by ${seconds(one.ack.at - one.at - timeout)}` : "in time";
      return [up, { at: one.ack.at, up: false, text: one.ack.text, note }];
    });
    all.sort((one, other) => one.at - other.at);
    if (all.length === this.packets.children.length) return;
    const [{ run } = {}] = soups;
    const lines = all.map(({ at, up, text, note }) =>
      element(
        "li",
        { "data-up": up, "data-of": run ?? null },
        element("b", {}, up ? "↑" : "↓"),
        element("span", { class: "at" }, seconds(at - began)),
        element("code", {}, text),
        element("span", { class: "note" }, note),
      ),
    );
    this.packets.replaceChildren(...lines);
  }

  // Ten times a second while something is on; without motion only what happens is drawn.
  tick(model, now) {
    if (model && !isOver(model) && !CALM.matches) paint(this.svg, picture(model, now));
  }

  cells({ order, tries, soups, said, began, timeout }) {
    const { mode, remember } = this.about;
    const late = tries.filter((one) => isLate(one, timeout)).length;
    const end = said ? [said.words, lasted(said.at - began)] : ["–", "–"];
    return [order, mode, remember ? "yes" : "no", tries.length, soups.length, ...end, late];
  }

  say(sentence, kind = "") {
    this.says.dataset.kind = kind;
    this.says.textContent = sentence;
    this.lab.announce(sentence);
  }
}

const bowl = () => drawn("svg", { viewBox: "0 0 24 20", class: "bowl" }, drawn("path", { d: BOWL }));

function inWords({ tries, soups, said, timeout }) {
  const late = tries.filter((one) => isLate(one, timeout)).length;
  const end = said ? `The client said: ${said.words}.` : "The client waits.";
  return `Orders sent: ${tries.length}. Soups: ${soups.length}. Acknowledgements too late: ${late}. ${end}`;
}
