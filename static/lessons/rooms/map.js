// Draws who is in which room. Knows positions from plan.js and states from whoever calls show().

import { drawn } from "../../lib/dom.js";
import { hands } from "./hands.js";
import { Lists, Roll } from "./lists.js";
import { letter, MOST_ROOMS, plan } from "./plan.js";
import { badge, cut, dot, drawKey, move } from "./shapes.js";

const NARROW = 440; // px; below, the roll has the targets and the map is a picture
const FADE_MS = 240; // as long as the outline of a closed room takes to fade

export class RoomMap {
  // does: {pick(sid), move(sid, {join, leave}), aim(sid, name)}
  constructor(root, does) {
    this.svg = root.querySelector("[data-map]");
    this.strip = this.svg.appendChild(strip());
    const layers = ["rooms", "links", "dots"].map((name) => drawn("g", { class: name }));
    this.svg.append(...layers);
    [this.roomLayer, this.linkLayer, this.dotLayer] = layers;
    this.outlines = new Map(); // room → its drawing
    this.dots = new Map(); // sid → its drawing
    this.roll = new Roll(root.querySelector("[data-roll]"), does.pick);
    this.lists = new Lists(root);
    this.scene = { rooms: [], sockets: [], says: "" };
    this.plan = null;
    this.focus = null; // the one dot in the tab order
    this.aim = null; // {sid, name}: the room that the arrow keys point at
    this.dragging = false; // nothing else moves meanwhile
    hands(this, does);
    new ResizeObserver(() => this.draw()).observe(this.svg);
    drawKey(root.querySelector("[data-key]"));
  }

  // As scene.js puts it together.
  show(scene) {
    this.scene = scene;
    this.draw();
  }

  draw() {
    const { width } = this.svg.getBoundingClientRect();
    if (!width || this.dragging) return; // not shown now, or not to be moved
    const picture = width < NARROW;
    const sockets = this.drawable();
    const height = Math.round(Math.min(440, Math.max(280, width * 0.62)));
    this.frame(width, height, picture);
    const places = sockets.map(({ sid, drawn: rooms, mine }) => ({ sid, rooms, mine }));
    this.plan = plan(this.roomNames(), places, Math.round(width), height, this.plan);
    this.drawStrip(width, sockets.length);
    this.drawOutlines();
    this.drawDots(sockets, picture);
    this.drawLinks();
    this.keepOneInTabOrder(sockets, picture);
    this.svg.querySelector("desc").textContent = this.scene.says;
    if (picture) this.roll.show(this.scene);
    else this.roll.hide();
    this.lists.show(this.scene);
  }

  // Only so many rooms have a letter and an outline.
  roomNames() {
    const lettered = this.scene.rooms.filter((room) => room.slot < MOST_ROOMS);
    return lettered.sort((a, b) => a.slot - b.slot).map((room) => room.name);
  }

  drawable() {
    const names = this.roomNames();
    return this.scene.sockets
      .map((socket) => ({ ...socket, drawn: socket.rooms.filter((name) => names.includes(name)) }))
      .filter((socket) => socket.mine || socket.drawn.length || !socket.rooms.length)
      .sort((a, b) => Boolean(b.mine) - Boolean(a.mine));
  }

  frame(width, height, picture) {
    this.svg.setAttribute("viewBox", `0 0 ${Math.round(width)} ${height}`);
    this.svg.setAttribute("height", height);
    this.svg.setAttribute("role", picture ? "img" : "group");
    this.svg.toggleAttribute("data-picture", picture);
  }

  // Below the rooms: the sockets in none, and how many are drawn.
  drawStrip(width, many) {
    const { strip: y, hidden } = this.plan;
    const [none, some] = this.strip.querySelectorAll("text");
    this.strip.firstChild.setAttribute("d", `M0 ${y + 0.5}H${Math.round(width)}`);
    none.setAttribute("y", y + 33);
    some.setAttribute("y", y + 33);
    some.setAttribute("x", width - 8);
    some.textContent = hidden ? `${many - hidden} of ${many} sockets drawn` : "";
  }

  drawOutlines() {
    for (const [name, node] of this.outlines) {
      if (this.plan.rooms.some((room) => room.name === name)) continue;
      node.dataset.gone = "";
      this.outlines.delete(name);
      setTimeout(() => node.remove(), FADE_MS);
    }
    for (const room of this.plan.rooms) this.drawOutline(room);
  }

  drawOutline(room) {
    const { name, label } = room;
    const { slot, members } = this.scene.rooms.find((each) => each.name === name);
    if (!this.outlines.has(name)) {
      this.outlines.set(name, this.roomLayer.appendChild(drawn("g", { class: "room" })));
    }
    const node = this.outlines.get(name);
    Object.assign(node.dataset, { slot, room: name });
    node.toggleAttribute("data-aim", this.aim?.name === name);
    const called = drawn("tspan", {}, name);
    const lettered = drawn("tspan", { class: "letter" }, `${letter(slot)}\u2002\u2003`);
    const anchor = { "text-anchor": label.start ? "start" : "middle" };
    const words = drawn("text", anchor, lettered, called, ` · ${members}`);
    const shape = badge(slot);
    node.replaceChildren(outline(room), words, shape);
    shorten(words, called, this.roomForLabel(label));
    move(words, label);
    const start = label.start ? label.x : label.x - words.getComputedTextLength() / 2;
    const em = parseFloat(getComputedStyle(words).fontSize);
    const place = `translate(${start + 1.55 * em}px, ${label.y - 0.33 * em}px)`;
    shape.style.transform = `${place} scale(${em / 15})`;
  }

  // How wide a name may be before it touches the next one, or the edge.
  roomForLabel(label) {
    if (label.room) return label.room;
    const beside = this.plan.rooms.filter((other) => other.label !== label && other.label.y === label.y);
    const gaps = beside.map((other) => Math.abs(other.label.x - label.x) - 6);
    return Math.min(...gaps, 2 * label.x, 2 * (this.plan.width - label.x));
  }

  drawDots(sockets, picture) {
    const seen = new Set();
    for (const socket of sockets) {
      const marks = this.plan.dots.get(socket.sid);
      if (!marks) continue;
      seen.add(socket.sid);
      this.drawDot(socket, marks, picture);
    }
    for (const [sid, node] of this.dots) {
      if (seen.has(sid)) continue;
      node.remove();
      this.dots.delete(sid);
    }
  }

  drawDot(socket, marks, picture) {
    const { sid, state, guessed, wrong, robot, mine, says } = socket;
    const { tapping } = this.scene;
    if (!this.dots.has(sid)) {
      const peg = drawn("g", { class: "peg", role: "button", tabindex: -1 });
      this.dots.set(sid, this.dotLayer.appendChild(peg));
    }
    const node = this.dots.get(sid);
    Object.assign(node.dataset, { sid, state });
    node.toggleAttribute("data-mine", Boolean(mine));
    node.setAttribute("aria-label", says);
    if (tapping) node.setAttribute("aria-pressed", guessed);
    else node.removeAttribute("aria-pressed");
    const inRooms = socket.drawn.length > 0;
    const r = inRooms ? this.plan.r : this.plan.outsideR;
    const name = (inRooms ? this.plan.names : !picture) ? cut(socket.name, this.plan.chars ?? 8) : "";
    const key = [r, marks.length, state, guessed, wrong, robot, mine, name, says, tapping].join();
    if (node.dataset.key !== key) {
      node.dataset.key = key; // only what has changed is drawn anew, so that the others can move
      node.replaceChildren(...marks.map((_, at) => dot(socket, r, at ? "" : name, tapping)));
    }
    for (const [at, mark] of marks.entries()) move(node.children[at], mark);
  }

  // One socket in several lanes: its marks are linked.
  drawLinks() {
    const linked = [...this.dots.keys()].map((sid) => this.plan.dots.get(sid)).filter((marks) => marks?.[1]);
    const line = (marks) => drawn("path", { d: `M${marks[0].x} ${marks[0].y}V${marks.at(-1).y}` });
    this.linkLayer.replaceChildren(...linked.map(line));
  }

  keepOneInTabOrder(sockets, picture) {
    if (!this.dots.has(this.focus)) {
      this.focus = sockets.find(({ sid }) => this.dots.has(sid))?.sid ?? null;
    }
    for (const [sid, node] of this.dots) {
      node.setAttribute("tabindex", !picture && sid === this.focus ? 0 : -1);
    }
  }

  // Marks the outlines of these rooms as what is pointed at.
  point(names) {
    for (const [name, node] of this.outlines) node.toggleAttribute("data-aim", names.includes(name));
  }
}

function strip() {
  const none = drawn("text", { x: 10 }, "in no room");
  return drawn("g", { class: "strip" }, drawn("path"), none, drawn("text", { "text-anchor": "end" }));
}

function outline({ cx, cy, rx, ry, x, y, width, height }) {
  if (rx) return drawn("ellipse", { cx, cy, rx, ry });
  return drawn("rect", { x, y, width, height, rx: 16 });
}

function shorten(words, called, most) {
  const name = called.textContent;
  for (let length = name.length - 1; words.getComputedTextLength() > most && length > 0; length--) {
    called.textContent = cut(name, length);
  }
}
