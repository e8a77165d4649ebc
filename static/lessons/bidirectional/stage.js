// The stage: waves that go up from this page, and what its sockets hear from the server.

import { count, element, icon } from "../../lib/dom.js";

const COLUMNS = ["Wave", "From", "Text", "Addressed by the server", "Confirmed on this page"];
const HOLD = 3000; // ms that a dot stays lit; hearing again within that time only extends it

export class Stage {
  constructor(root, lab) {
    this.lab = lab;
    this.said = root.querySelector("[data-said]");
    this.serverSays = root.querySelector("[data-server-says]");
    this.columns = new Columns(root.querySelector("[data-sockets]"));
    this.rows = lab.table("Waves", COLUMNS);
    this.robots = null; // until there is one
    this.useRobots = lab.late(
      () => import("../../lib/robots.js"),
      ({ Robots }) => this.withRobots(Robots),
    );
    this.sent = null; // the last wave from here: {n, text, mine, here, addressed}
    this.number = 0; // of waves so far, for the table
  }

  say(kind, ...parts) {
    this.said.dataset.kind = kind;
    this.said.replaceChildren(...parts);
    this.lab.announce(this.said.textContent);
  }

  async wave(text) {
    const robots = [...(this.robots?.sockets.values() ?? [])].filter((robot) => robot.connected);
    const wave = { text, mine: 1 + robots.length, here: new Set(), addressed: 0 };
    this.sent = wave; // before the answer comes: the handlers may run first
    if (this.lab.socket.connected) this.columns.light("you", "up");
    const ack = await this.lab.ask("wave", { text });
    if (!ack.ok) return this.say("bad", ack.error);
    Object.assign(wave, { n: ++this.number, addressed: ack.heard_by });
    this.compare();
  }

  // A handler of this page ran; name says which socket's.
  heard(name, { sid, nick }, text) {
    this.columns.light(name, "down");
    if (sid === this.lab.socket.id) {
      this.sent?.here.add(name);
      return this.compare();
    }
    if (name !== "you") return; // once is enough
    this.number += 1;
    this.rows(`other ${this.number}`, [this.number, nick, text, "", "you"]);
    if (sid) return this.say("", element("bdi", {}, nick), " waves: ", element("q", {}, text));
    this.serverSays.textContent = text;
    this.say("first", "The server sent first. You asked for nothing.");
  }

  compare() {
    const wave = this.sent;
    if (!wave?.addressed) return;
    const { elsewhere, sentence } = outcome(wave);
    this.columns.showElsewhere(elsewhere);
    this.say("", sentence);
    this.rows(`mine ${wave.n}`, [wave.n, "you", wave.text, wave.addressed, wave.here.size]);
  }

  withRobots(Robots) {
    this.robots = new Robots({
      open: (k) => this.lab.robot(k),
      says: (sentence) => this.say("bad", sentence),
      gone: (k) => this.columns.remove(`robot ${k}`),
    });
    return this.robots;
  }

  addRobot() {
    this.useRobots((robots) => robots.add((robot, k) => this.prepare(robot, `robot ${k}`)));
  }

  prepare(robot, name) {
    this.columns.addRobot(name);
    robot.on("waved", ({ who, text }) => this.heard(name, who, text)); // as yours in panel.js
    robot.on("connect", () => this.columns.connected(name, true));
    robot.on("disconnect", () => this.columns.connected(name, false));
    this.say("", "A robot is one more real socket, opened by this page.");
  }

  removeRobot() {
    this.useRobots((robots) => robots.remove() || this.say("bad", "There is no robot to remove."));
  }

  leave() {
    this.robots?.removeAll();
  }
}

// What became of a wave: whom the server says it addressed, beside whose handlers ran on this page.
// mine: how many sockets this page had; here: those of them whose handler ran, by their names.
function outcome({ addressed, mine, here }) {
  const robots = [...here].filter((name) => name !== "you").length;
  const who = [here.has("you") && "you", robots && count(robots, "robot")].filter(Boolean).join(" and ");
  const silent = mine - here.size;
  const elsewhere = Math.max(0, addressed - mine);
  const parts = [`Addressed ${addressed}`, `confirmed here ${here.size}${who && ` (${who})`}`];
  if (silent > 0) parts.push(`${silent} silent so far`);
  if (elsewhere) parts.push(`${elsewhere} elsewhere`);
  return { elsewhere, sentence: `${parts.join(", ")}.` };
}

// The sockets of this page as columns under the server: up on the left rail, down on the right one.
class Columns {
  constructor(list) {
    this.list = list;
    this.columns = new Map([["you", withRails(list.firstElementChild)]]); // name → column
    this.timers = new Map();
  }

  addRobot(name) {
    this.insert(name, withRails(column("data-robot", name, "")));
  }

  // The sockets of other pages are one column with their number in it.
  showElsewhere(number) {
    this.remove("elsewhere");
    if (number) this.insert("elsewhere", column("data-ghost", "elsewhere", String(number)));
  }

  insert(name, column) {
    this.columns.set(name, column);
    this.list.insertBefore(column, this.list.querySelector("[data-ghost]"));
  }

  remove(name) {
    this.columns.get(name)?.remove();
    this.columns.delete(name);
  }

  connected(name, is) {
    this.columns.get(name)?.toggleAttribute("data-on", is);
  }

  // direction: "up" for what this socket sends, "down" for what it hears.
  light(name, direction) {
    const column = this.columns.get(name);
    if (!column) return;
    const attribute = `data-${direction}`;
    column.removeAttribute(attribute);
    void column.offsetWidth; // so that the arrow is drawn anew
    column.setAttribute(attribute, "");
    clearTimeout(this.timers.get(name + direction));
    const dark = setTimeout(() => column.removeAttribute(attribute), HOLD);
    this.timers.set(name + direction, dark);
  }
}

function column(kind, name, inside) {
  const rails = element("span", { class: "rails", "aria-hidden": "true" });
  const dot = element("i", { class: "dot" }, inside);
  return element("li", { [kind]: true }, rails, dot, element("span", { class: "name" }, name));
}

function withRails(column) {
  column.querySelector(".rails").append(element("i"), element("i"));
  column.querySelector(".dot").append(icon("tick"));
  return column;
}
