// The map: one dot for each seat, drawn again only where its state changed: one attribute of one element.

import { drawn } from "../lib/dom.js";
import { grid, fitted } from "./places.js";
import { become, dot } from "./shapes.js";

const LEAST_LINE = 3; // px of a stroke, for the last row
const LINE = [0.075, 0.16]; // of the radius: at least, for a large dot, and at most, for a very small one
const TYPE = 26 / 1080; // of a name: px for each px of the screen's height
const LEAST_TYPE = 18; // px

export class Dots {
  // svg: the map's picture. map: ClassMap; places: Places; now(): the server's clock.
  constructor(svg, { map, places, now }) {
    Object.assign(this, { svg, map, places, now });
    this.home = svg.querySelector("[data-dots]");
    this.nodes = new Map(); // seat → {g, state, nick, robot, name}
    this.size = [0, 0]; // px of the area that the grid was made for
    this.grid = null;
    this.frame = 0;
    this.timer = 0;
    this.onDraw = () => {};
  }

  // Draws what changed in the next frame: however many events come until then, once.
  request() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  draw() {
    const now = this.now();
    const next = this.map.expire(now);
    for (const seat of this.map.takeChanged()) this.show(seat, now);
    if (this.grid?.places !== this.places.size) this.lay();
    clearTimeout(this.timer);
    if (next !== null) this.timer = setTimeout(() => this.request(), next);
    this.onDraw(now);
  }

  show(seat, now) {
    const row = this.map.rows.get(seat);
    const node = this.nodes.get(seat);
    if (!row || (node && (node.nick !== row.nick || node.robot !== Boolean(row.robot)))) this.remove(seat);
    if (!row) return;
    const state = this.map.stateOf(seat, now);
    const shown = this.nodes.get(seat) ?? this.add(row, state);
    if (shown.state === state) return;
    shown.state = state;
    become(shown.g, state);
  }

  add({ seat, nick, robot }, state) {
    const g = dot({ robot, state });
    const name = drawn("text", { class: "name" });
    for (const [key, value] of Object.entries({
      role: "img",
      tabindex: -1,
      "data-seat": seat,
      "aria-label": nick,
    }))
      g.setAttribute(key, value);
    const node = { g, name, state, nick, robot: Boolean(robot) };
    this.nodes.set(seat, node);
    this.home.append(g, name);
    this.place(seat, node);
    if (this.nodes.size === 1) g.setAttribute("tabindex", 0);
    return node;
  }

  remove(seat) {
    const node = this.nodes.get(seat);
    if (!node) return;
    const hadTab = node.g.getAttribute("tabindex") === "0";
    node.g.remove();
    node.name.remove();
    this.nodes.delete(seat);
    if (hadTab) this.inOrder()[0]?.g.setAttribute("tabindex", 0);
  }

  // The area of the large map in px; the small one shows the same picture, in little.
  resize(width, height) {
    if (width < 50 || height < 50 || (width === this.size[0] && height === this.size[1])) return;
    this.size = [width, height];
    this.lay();
  }

  lay() {
    const [width, height] = this.size;
    if (!width) return;
    this.type = Math.max(LEAST_TYPE, TYPE * innerHeight);
    this.grid = { ...grid(this.places.size, width, height, this.type), places: this.places.size };
    const { r, letters } = this.grid;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.style.setProperty("--line", Math.min(LINE[1], Math.max(LINE[0], LEAST_LINE / r)));
    this.svg.style.setProperty("--type", `${this.type}px`);
    this.svg.toggleAttribute("data-named", letters > 0);
    for (const [seat, node] of this.nodes) this.place(seat, node);
  }

  place(seat, { g, name, nick }) {
    if (!this.grid || !this.places.of.has(seat)) return;
    const { at, r, letters } = this.grid;
    const [x, y] = at(this.places.of.get(seat)).map((n) => Math.round(n * 10) / 10);
    g.setAttribute("transform", `translate(${x} ${y}) scale(${Math.round(r * 100) / 100})`);
    name.textContent = letters ? fitted(nick, letters) : "";
    name.setAttribute("x", x);
    name.setAttribute("y", Math.round(y + r * 1.2 + this.type));
  }

  // Where a seat's dot stands, for what is drawn around it: {x, y, r}; null for none.
  spot(seat) {
    if (!this.grid || !this.places.of.has(seat)) return null;
    const [x, y] = this.grid.at(this.places.of.get(seat));
    return { x, y, r: this.grid.r };
  }

  inOrder() {
    const { of } = this.places;
    const seats = [...this.nodes.keys()].sort((a, b) => of.get(a) - of.get(b));
    return seats.map((seat) => ({ seat, ...this.nodes.get(seat) }));
  }
}
