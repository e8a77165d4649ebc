// What this page does with the lines: fires one, shows whom the server addressed and whose handlers ran.

import { count } from "../../lib/dom.js";
import { ask, receipts } from "../../lib/line.js";
import { Robots } from "../../lib/robots.js";
import { answerOf, answers, isDecided, newRun, noted, outcome, sums, WAIT_MS, wrongTaps } from "./model.js";
import { Stage } from "./stage.js";

const SCENE = ["/emit", "/emit", "/emit", "/upstairs"]; // the robots of one who is alone
const RUNS_KEPT = 20;
const COLUMNS = ["Line", "Addressed", "Confirmed", "Silent"];
const LOST = "The connection was lost before all had reported.";

export class Play {
  constructor(panel, lab, act) {
    Object.assign(this, { panel, lab, act });
    const find = (selector) => panel.querySelector(selector);
    [this.said, this.asks, this.at] = ["[data-said]", "[data-asks]", "[data-at]"].map(find);
    [this.python, this.node] = ["dd [data-python]", "dd [data-node]"].map(find);
    this.onWire = find("[data-on-wire]");
    this.figures = ["addressed", "confirmed", "silent"].map((name) => [name, find(`[data-${name}]`)]);
    this.stage = new Stage(find("[data-stage]"), (sid) => this.tap(sid));
    this.placed = { rev: 0, dots: [], more: 0, seats: 0 };
    this.runs = new Map(); // id → run
    this.run = null; // the one that is shown
    this.guess = null; // sids that were tapped
    this.row = lab.table("Whom each line reached", COLUMNS);
    this.robots = new Robots({
      open: (k) => this.open(k),
      says: (sentence) => this.say(sentence, "bad"),
      gone: (_k, robot) => robot.reports?.disconnect(),
    });
  }

  leave() {
    this.robots.removeAll();
  }

  say(words, kind = "") {
    this.said.dataset.kind = kind;
    this.said.textContent = words;
    this.lab.announce(words);
  }

  // The dots

  get me() {
    return this.lab.socket.id;
  }

  // sid → its number on this page
  get own() {
    const robots = [...this.robots.sockets].map(([k, robot]) => [robot.id, k]);
    return new Map([[this.me, 0], ...robots]);
  }

  update(placed) {
    if (placed.rev < this.placed.rev) return; // older ones that came late
    this.placed = placed;
    this.draw();
  }

  // After a reconnection the server's numbers may begin anew.
  forget() {
    this.placed = { ...this.placed, rev: 0 };
    this.guess = null;
  }

  draw() {
    const { dots, more } = this.placed;
    const { own, run, act } = this;
    for (const [name, figure] of this.figures) figure.textContent = (run && sums(run)[name]) ?? "–";
    const betting = !run && ["open", "locking", "locked", "running"].includes(act.state) && this.expected();
    const wrong = run?.wrong;
    const guess = betting || run?.guess;
    this.stage.draw({ dots, more, own, run, sender: run?.sender, guess, betting: Boolean(betting), wrong });
    const shown = betting ? act.choice : null;
    for (const button of this.panel.querySelectorAll("[data-bet]"))
      button.setAttribute("aria-pressed", button.dataset.bet === (shown ?? act.locked));
  }

  // The sids that are expected to light; null where nothing is expected yet.
  expected() {
    if (this.guess) return this.guess;
    return this.act.choice ? answers(this.placed.dots, this.me).get(this.act.choice) : null;
  }

  // The prediction

  get isOpen() {
    return this.act.state === "open" && !this.act.waits;
  }

  tap(sid) {
    if (!this.isOpen) return;
    const taps = new Set(this.expected() ?? []);
    if (!taps.delete(sid)) taps.add(sid);
    this.guess = taps;
    this.run = null;
    const answer = answerOf(taps, this.placed.dots, this.me);
    this.isTapping = true;
    this.act.choose(answer);
    this.isTapping = false;
    if (!answer) this.asks.textContent = `${count(taps.size, "dot")}: none of the four answers. Tap on.`;
    this.draw();
  }

  chosen(choice) {
    if (!this.isTapping) this.guess = null;
    if (this.act.state === "open") this.run = null;
    const words = this.panel.querySelector(`[data-bet=${choice}]`).textContent;
    this.asks.textContent = `Your prediction: ${words}`;
    this.draw();
  }

  // Resolves to the sentences of the outcome.
  async bet(step) {
    const expected = this.expected(); // null on the wall: there nobody bets
    const guess = expected && new Set(expected);
    let settle;
    const over = new Promise((done) => {
      settle = done;
    });
    const ack = await this.fire("reply", { step }, { guess, settle });
    if (!ack.ok) throw new Error(ack.error);
    return over;
  }

  // Lines

  async fire(line, more = {}, about = {}) {
    const button = this.panel.querySelector(`[data-line=${line}]`);
    this.show(button);
    this.isFiring = true; // one's own copy may be here before the acknowledgement
    const ack = await this.lab.ask("fire", { line, ...more });
    this.isFiring = false;
    if (!ack.ok) {
      this.say(ack.error, "bad");
      return ack;
    }
    this.python.textContent = ack.code;
    this.at.textContent = `handlers.py, line ${ack.at}, just ran`;
    const event = line === "send" ? "message" : "heard";
    this.began(ack, { ...about, line, event, sender: this.me, title: button.title });
    return ack;
  }

  // Its acknowledgement, or the answer of the bell: this run is shown from now on.
  began({ run: id, addressed }, about) {
    const run = this.keep({ ...this.known(id), ...about, addressed });
    this.run = run;
    this.onWire.disabled = false;
    this.sum(run);
    setTimeout(() => this.sum(this.runs.get(id) ?? run), WAIT_MS + 50);
  }

  show(button) {
    for (const other of this.panel.querySelectorAll("[data-line]"))
      other.toggleAttribute("data-chosen", other === button);
    this.python.textContent = button.dataset.python;
    this.node.textContent = button.dataset.node;
    this.at.textContent = "";
  }

  known(id) {
    return this.runs.get(id) ?? newRun(id, Date.now());
  }

  keep(run) {
    this.runs.set(run.id, run);
    if (this.runs.size > RUNS_KEPT) this.runs.delete(this.runs.keys().next().value);
    if (this.run?.id === run.id) this.run = run;
    return run;
  }

  // A handler of this page ran, at this moment.
  heard(socket, event, { run: id, sent_at, text }, at) {
    const run = this.known(id);
    run.got.set(socket.id, Math.max(0, at - sent_at));
    this.keep({ event, ...run });
    if (this.run?.id === id) this.sum(this.runs.get(id));
    else if (!run.sender && socket === this.lab.socket) this.foreign(id, text);
  }

  // What somebody else fired, or rang: one's own dot lights, unless something is being bet on.
  foreign(id, text) {
    if (this.isFiring || this.act.state === "running" || (this.isOpen && this.expected())) return;
    this.run = this.runs.get(id);
    this.say(`You received: ${text}`);
    this.draw();
  }

  // Whose handlers ran elsewhere.
  confirmed(report) {
    this.sum(this.keep(noted(this.known(report.run), report)));
  }

  answered({ run }) {
    if (this.run?.id === run) this.say("Its handler acknowledged it, and your callback ran on the server.");
  }

  sum(run) {
    if (this.run?.id === run.id) this.draw();
    if (!run.line || !isDecided(run, Date.now())) return;
    const { addressed, confirmed, silent } = sums(run);
    this.row(run.id, [run.line, addressed, confirmed, silent]);
    if (run.settle) return this.judge(run);
    if (this.run?.id !== run.id || run.told === confirmed) return;
    run.told = confirmed;
    if (run.line !== "callback") this.say(`${count(addressed, "socket")} addressed: ${run.title}.`);
  }

  judge(run) {
    const { settle, guess } = run;
    const { dots } = this.placed;
    if (!this.lab.socket.connected) return settle(Promise.reject(new Error(LOST)));
    const wrong = guess && wrongTaps(guess, run, dots);
    this.keep({ ...run, wrong, settle: null, told: sums(run).confirmed });
    settle(outcome(run, dots, this.me, wrong));
    this.draw();
  }

  // Robots

  open(k) {
    const { seat } = this.lab.socket.auth;
    const auth = { seat, robot: k };
    return window.io(this.coming ?? "/emit", { auth, forceNew: true, transports: ["websocket"] });
  }

  // Its handlers are those of the page; its receipts go by its own connection.
  addRobot(namespace, listen) {
    this.coming = namespace;
    return this.robots.add((robot) => {
      robot.reports = robot.io.socket("/class", { auth: robot.auth });
      listen(robot, receipts(robot.reports));
      for (const event of ["connect", "disconnect"]) robot.on(event, () => this.draw());
    });
  }

  // What moves by itself: alone, robots, and on a first visit a first line; in a class, one event to one dot.
  async arrive(listen, isFirst) {
    if (this.placed.seats <= 1) {
      for (const namespace of SCENE) if (!(await this.addRobot(namespace, listen))) return;
    }
    if (isFirst && !this.run && !this.expected())
      await this.fire(this.placed.seats > 1 ? "one" : "broadcast");
  }

  // What a client emits while it is not connected waits for the connection, unless it is volatile.
  async tryVolatile(listen) {
    const robot = [...this.robots.sockets.values()].find((one) => one.nsp === "/emit" && one.connected);
    const used = robot ?? (await this.addRobot("/emit", listen));
    if (!used) return "There is no robot to try it with.";
    const answered = { waits: 0, volatile: 0 };
    used.disconnect();
    used.volatile.emit("fire", { line: "reply" }, () => answered.volatile++);
    const held = new Promise((done) => {
      used.emit("fire", { line: "reply" }, () => done(answered.waits++));
    });
    used.connect();
    await held;
    await ask(used, "fire", { line: "reply" }); // whatever was sent before it is answered by now
    const { waits, volatile } = answered;
    return `Emitted while disconnected: 1 ordinary, ${waits} arrived late; 1 volatile, ${volatile} arrived.`;
  }
}
