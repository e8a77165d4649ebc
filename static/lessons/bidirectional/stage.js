// The stage: waves that go up from this page, and what its sockets hear from the server.

import { element } from "../../lib/dom.js";
import { Robots } from "../../lib/robots.js";
import { Columns } from "./columns.js";
import { outcome } from "./wave.js";

const COLUMNS = ["Wave", "From", "Text", "Addressed by the server", "Confirmed on this page"];

export class Stage {
  constructor(root, lab) {
    this.lab = lab;
    this.said = root.querySelector("[data-said]");
    this.serverSays = root.querySelector("[data-server-says]");
    this.columns = new Columns(root.querySelector("[data-sockets]"));
    this.rows = lab.table("Waves", COLUMNS);
    this.robots = new Robots({
      open: (k) => lab.robot(k),
      says: (sentence) => this.say("bad", sentence),
      gone: (k) => this.columns.remove(`robot ${k}`),
    });
    this.sent = null; // the last wave from here: {n, text, mine, here, addressed}
    this.number = 0; // of waves so far, for the table
  }

  say(kind, ...parts) {
    this.said.dataset.kind = kind;
    this.said.replaceChildren(...parts);
    this.lab.announce(this.said.textContent);
  }

  async wave(text) {
    const robots = [...this.robots.sockets.values()].filter((robot) => robot.connected).length;
    const wave = { text, mine: 1 + robots, here: new Set(), addressed: 0 };
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
    this.say("first", "The server spoke first. You asked for nothing.");
  }

  compare() {
    const wave = this.sent;
    if (!wave?.addressed) return;
    const { elsewhere, sentence } = outcome(wave);
    this.columns.showElsewhere(elsewhere);
    this.say("", sentence);
    this.rows(`mine ${wave.n}`, [wave.n, "you", wave.text, wave.addressed, wave.here.size]);
  }

  addRobot() {
    this.robots.add((robot, k) => {
      const name = `robot ${k}`;
      this.columns.addRobot(name);
      robot.on("waved", ({ who, text }) => this.heard(name, who, text)); // as yours in panel.js
      robot.on("connect", () => this.columns.connected(name, true));
      robot.on("disconnect", () => this.columns.connected(name, false));
      this.say("", "A robot is one more real socket, opened by this page.");
    });
  }

  removeRobot() {
    if (!this.robots.remove()) this.say("bad", "There is no robot to remove.");
  }

  leave() {
    this.robots.removeAll();
  }
}
