// Draws who is in which room, as a map, as the server's table and, on small screens, as a list with large
// targets. Knows positions from plan.js and states from whoever calls show().

import { count, drawn, element } from "../../lib/dom.js";
import { letter, MOST_ROOMS, plan } from "./plan.js";

const NARROW = 440; // px; below, the roll has the targets and the map is a picture
const FADE_MS = 240; // as long as the outline of a closed room takes to fade
const MOST_LISTED = 60; // rows of the table, and sockets in a row
// The shape of a room by its letter; the mark on a dot by its state; the key that explains them.
const BADGES = [
  "M0-6a6 6 0 1 0 .01 0z",
  "M-5.5-5.5h11v11h-11z",
  "M0-6.5 6.5 5.5h-13z",
  "M0-7.5 7 0 0 7.5-7 0z",
  "M-2-6h4v4h4v4H2v4h-4V2h-4v-4h4z",
  "M-3.5-6h7L7 0 3.5 6h-7L-7 0z",
];
const MARKS = { received: "tick", sender: "up", missed: "cross" };
const KEY = {
  received: "received",
  idle: "not addressed",
  sender: "sender",
  silent: "silent",
  missed: "gone before it confirmed",
};

export class RoomMap {
  constructor(root, pick) {
    this.svg = root.querySelector("[data-map]");
    this.strip = this.svg.appendChild(strip());
    const layers = ["rooms", "links", "dots"].map((name) => drawn("g", { class: name }));
    this.svg.append(...layers);
    [this.roomLayer, this.linkLayer, this.dotLayer] = layers;
    this.outlines = new Map(); // room → its drawing
    this.dots = new Map(); // sid → its drawing
    this.roll = new Roll(root.querySelector("[data-roll]"), pick);
    this.lists = new Lists(root);
    this.scene = { rooms: [], sockets: [], says: "" };
    this.plan = null;
    this.focus = null; // the one dot in the tab order
    this.aim = null; // {sid, name}: the room that the arrow keys point at
    this.dragging = false; // nothing else moves meanwhile
    new ResizeObserver(() => this.draw()).observe(this.svg);
    document.fonts.ready.then(() => this.draw());
    drawKey(root.querySelector("[data-key]"));
  }

  // As scene() of members.js puts it together.
  show(scene) {
    this.scene = scene;
    this.draw();
  }

  // The style says how large the map and its type are.
  draw() {
    const [width, height] = ["width", "height"].map((side) =>
      Math.round(this.svg.getBoundingClientRect()[side]),
    );
    if (!width || this.dragging) return; // not shown now, or not to be moved
    const picture = width < NARROW;
    const sockets = this.drawable();
    this.frame(width, height, picture);
    const places = sockets.map(({ sid, drawn: rooms, mine }) => ({ sid, rooms, mine }));
    this.plan = plan(this.roomNames(), places, width, height, this.plan, this.type());
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

  type() {
    const px = (part) => Number.parseFloat(getComputedStyle(part).fontSize);
    return { rooms: px(this.roomLayer), names: px(this.dotLayer), strip: px(this.strip) };
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
    this.svg.setAttribute("role", picture ? "img" : "group");
    this.svg.toggleAttribute("data-picture", picture);
  }

  // Below the rooms: the sockets in none, and how many are drawn.
  drawStrip(width, many) {
    const { strip: y, hidden } = this.plan;
    const [none, some] = this.strip.querySelectorAll("text");
    this.strip.firstChild.setAttribute("d", `M0 ${y + 0.5}H${Math.round(width)}`);
    for (const words of [none, some]) words.setAttribute("y", (y + this.plan.height) / 2 + 4);
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
    const { betting, tapping, run } = this.scene;
    if (!this.dots.has(sid)) this.dots.set(sid, this.dotLayer.appendChild(drawn("g", { class: "peg" })));
    const node = this.dots.get(sid);
    Object.assign(node.dataset, { sid, state });
    node.toggleAttribute("data-mine", Boolean(mine));
    change(node, { role: picture ? null : "button", "aria-label": says });
    change(node, { "aria-pressed": tapping && !picture ? String(guessed) : null });
    const ran = run && state !== "idle"; // one packet, here and on the wire
    change(node, {
      "data-event": ran ? "said" : null,
      "data-run": ran ? run : null,
      "data-seq": ran ? 1 : null,
    });
    const inRooms = socket.drawn.length > 0;
    const r = inRooms ? this.plan.r : this.plan.outsideR;
    const named = mine || (inRooms ? this.plan.names : !picture);
    const name = named ? cut(socket.name, inRooms ? this.plan.chars : this.plan.outsideChars) : "";
    const key = [r, marks.length, state, guessed, wrong, robot, mine, name, says, betting].join();
    if (node.dataset.key !== key) {
      node.dataset.key = key; // only what has changed is drawn anew, so that the others can move
      node.replaceChildren(...marks.map((_, at) => dot(socket, r, at ? "" : name, betting)));
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
      change(node, { tabindex: picture ? null : sid === this.focus ? 0 : -1 });
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

// The table and the list

class Lists {
  constructor(root) {
    this.body = root.querySelector("[data-truth] tbody");
    this.shown = null;
    this.before = new Map(); // room → sids, as they were shown last
  }

  show({ rooms, sockets, lists }) {
    if (this.shown === lists) return; // the same lists as before need no new table
    this.shown = lists;
    const names = new Map(sockets.map(({ sid, name }) => [sid, name]));
    const rows = rooms
      .slice(0, MOST_LISTED)
      .map((room) => roomRow(room, names, this.before.get(room.name) ?? []));
    const more = rooms.length - MOST_LISTED;
    if (more > 0) rows.push(wholeRow({}, `and ${count(more, "more room")}`));
    if (!rows.length) rows.push(wholeRow({ class: "quiet" }, "No room is open."));
    this.body.replaceChildren(...rows);
    this.before = new Map(rooms.map(({ name, sids }) => [name, sids]));
  }
}

const wholeRow = (attributes, words) =>
  element("tr", {}, element("td", { colspan: 2, ...attributes }, words));

// A sid that was not on the list before is marked.
function roomRow({ name, slot, sids }, names, before) {
  const view = { class: "badge-room", viewBox: "-8 -8 16 16", "aria-hidden": "true", "data-slot": slot };
  const lettered = slot < MOST_ROOMS ? [drawn("svg", view, badge(slot)), ` ${letter(slot)} `] : [];
  const who = sids.slice(0, MOST_LISTED).map((sid) => {
    const parts = [element("bdi", {}, names.get(sid) ?? "?"), " ", element("code", {}, sid.slice(0, 4))];
    return element("li", { "data-sid": sid, "data-fresh": !before.includes(sid) }, ...parts);
  });
  if (sids.length > MOST_LISTED) who.push(element("li", {}, `and ${sids.length - MOST_LISTED} more`));
  const head = element("th", { scope: "row" }, ...lettered, element("bdi", {}, name));
  return element("tr", { "data-room": name }, head, element("td", {}, element("ul", {}, ...who)));
}

class Roll {
  constructor(list, pick) {
    this.list = list;
    this.items = new Map(); // sid → its entry
    list.addEventListener("click", (event) => {
      const sid = event.target.closest("[data-sid]")?.dataset.sid;
      if (sid) pick(sid);
    });
  }

  hide() {
    this.list.hidden = true;
    this.items.clear();
    this.list.replaceChildren();
  }

  show(scene) {
    this.list.hidden = false;
    const listed = scene.sockets.slice(0, MOST_LISTED);
    for (const socket of listed) this.draw(socket, scene);
    for (const sid of this.items.keys()) {
      if (!listed.some((socket) => socket.sid === sid)) this.items.delete(sid);
    }
    const wanted = [...this.items.values()];
    const { children } = this.list;
    const moved = wanted.some((item, at) => children[at] !== item) || children.length !== wanted.length;
    if (moved) this.list.replaceChildren(...wanted); // otherwise the focus stays where it is
  }

  draw(socket, { rooms, betting, tapping }) {
    const { sid, name, state, guessed, word } = socket;
    if (!this.items.has(sid)) {
      const button = element("button", { type: "button", "data-sid": sid });
      this.items.set(sid, element("li", {}, button));
    }
    const button = this.items.get(sid).firstChild;
    button.dataset.state = state;
    if (tapping) button.setAttribute("aria-pressed", guessed);
    else button.removeAttribute("aria-pressed");
    const glyph = { viewBox: "-22 -22 44 44", "aria-hidden": "true" };
    const where = element("small", {}, cut(places(socket.rooms, rooms), 60));
    button.replaceChildren(
      drawn("svg", glyph, dot(socket, 13, "", betting)),
      element("span", {}, element("bdi", {}, name), where),
      element("small", { class: "verdict-word" }, word),
    );
  }
}

function places(mine, rooms) {
  const known = mine.map((name) => rooms.find((room) => room.name === name)).filter(Boolean);
  const lettered = known.map(({ name, slot }) => (slot < MOST_ROOMS ? `${letter(slot)} ${name}` : name));
  return lettered.join(", ") || "in no room";
}

// The shapes

// null: without it.
function change(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) node.removeAttribute(name);
    else node.setAttribute(name, value);
  }
}

const badge = (slot) => drawn("path", { class: "shape", d: BADGES[slot] });
// "robot 12", where there is room for seven letters: "robo… 12". The number tells one from the other.
function cut(text, most) {
  if (text.length <= most) return text;
  const [, name, number] = text.match(/^(.*?)([ ·]?\d*)$/su);
  return `${name.slice(0, Math.max(1, most - 1 - number.length))}…${number}`;
}

export function move(node, { x, y }) {
  node.style.transform = `translate(${x}px, ${y}px)`;
}

// One dot: shape, ring and mark say its state without colour. name: "" where there is no room for it.
// betting: what is expected is shown, and not what came.
function dot(socket, r, name, betting) {
  const { state, robot, mine, guessed, wrong, says } = socket;
  const body = (size, kind) =>
    robot ? square(kind, size - r * 0.12) : drawn("circle", { class: kind, r: size });
  const parts = says ? [drawn("title", {}, says)] : [];
  if (mine) parts.push(body(r + 4, "own")); // the room that a socket has by itself
  if (state === "sender") parts.push(body(r + 2.5, "ring"));
  if (betting && guessed) parts.push(body(r + 7, "guess"));
  if (wrong) parts.push(body(r + 7, "wrong"));
  parts.push(body(r, "body"));
  const mark = betting ? guessed && "tick" : MARKS[state];
  if (mark && r >= 5) parts.push(sign(mark, r, betting));
  if (name) parts.push(drawn("text", { class: "called", y: r + 3, dy: "1em" }, name));
  return drawn("g", { "data-state": state }, ...parts);
}

function square(kind, half) {
  const place = { x: -half, y: -half, width: 2 * half, height: 2 * half, rx: half / 3 };
  return drawn("rect", { class: kind, ...place });
}

function sign(name, r, betting) {
  const place = { x: -r * 0.72, y: -r * 0.72, width: r * 1.44, height: r * 1.44 };
  return drawn("use", { href: `#i-${name}`, class: `mark${betting ? " guessing" : ""}`, ...place });
}

function drawKey(home) {
  const entry = (says, socket) =>
    element("span", {}, drawn("svg", { viewBox: "-16 -16 32 32" }, dot(socket, 9, "", false)), says);
  home.replaceChildren(
    ...Object.entries(KEY).map(([state, says]) => entry(says, { state })),
    entry("robot", { state: "idle", robot: 1 }),
    entry("its default room", { state: "idle", mine: true }),
    entry("you guessed wrong", { state: "idle", wrong: true }),
  );
}
