// What the reader does with the robot, and what both sides say of it.

import { back, begun, betAt, confirmed, isOver, left, outcome, poked, told } from "./model.js";
import { timeAt } from "./picture.js";
import { LONG, Robot } from "./robot.js";
import { View } from "./view.js";

const TICK = 100; // ms
const MOST = 60_000; // ms in which a departure is over, or something else went wrong
const CAME = 800; // ms for which a new robot is seen before it is cut
const MAIN = 1; // its number
const KEPT = 20; // departures of which the server's side is remembered

export class Play {
  constructor(panel, lab, act) {
    Object.assign(this, { lab, act });
    this.view = new View(panel, lab);
    this.model = null; // the departure that is shown
    this.over = null; // {settle}: who waits for its end
    this.robot = null;
    this.counts = {}; // the Manager's events that the robot has had
    this.tolds = new Map(); // run → what the server's side was, of the latest
    [this.tellCounts, this.onTold] = [() => {}, () => {}];
    this.pingedAt = null;
    this.beat = setInterval(() => this.tick(), TICK);
    if (act.choice) this.chosen(act.choice, Boolean(act.locked));
  }

  leave() {
    clearInterval(this.beat);
    this.robot?.socket.disconnect();
  }

  // The robot comes when it is needed first.
  come() {
    this.robot ??= new Robot(this.lab, MAIN, {
      connected: (sid) => this.isBack(sid),
      gone: (reason) => this.change(left(this.model, reason, this.now())),
      refused: (sentence) => this.view.say(sentence, "bad"),
      pinged: () => this.pinged(),
      poked: (event) => this.heard(event),
      manager: (name) => this.counted(name),
    });
    return this.robot.ready();
  }

  now() {
    return this.lab.clock.now();
  }

  async arrive(shows) {
    const isHere = await this.come();
    if (!shows || !isHere || this.model) return;
    await new Promise((done) => setTimeout(done, CAME));
    if (!this.model) await this.begin("cut", 1);
  }

  // Events

  isBack(sid) {
    this.view.isHere(sid);
    this.pinged();
    if (this.model && !this.model.new && sid !== this.model.old) this.change(back(this.model, sid));
  }

  pinged() {
    this.pingedAt = this.now();
    this.view.beat();
  }

  heard(event) {
    this.lab.receipt(event.run, event.seq, this.now());
    this.change(confirmed(this.model, event));
  }

  poked(event) {
    this.change(poked(this.model, event));
  }

  // It may come before the acknowledgement of the leave: that goes by another connection.
  told(event) {
    if (event.side === "server") this.tolds.set(event.run, event);
    if (this.tolds.size > KEPT) this.tolds.delete(this.tolds.keys().next().value);
    this.change(told(this.model, event));
    this.onTold(event);
  }

  counted(name) {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    this.tellCounts();
  }

  change(model) {
    if (model === this.model) return;
    this.model = model;
    this.view.draw(model, this.now());
    if (isOver(model)) this.finish();
  }

  tick() {
    this.view.tick(this.model, this.now());
  }

  // Departures

  // Resolves to the server's acknowledgement.
  async begin(how, seconds, step = null) {
    if (this.busy) return { ok: false, error: "One thing at a time: the robot is leaving already." };
    this.busy = true;
    try {
      if (!(await this.come())) return { ok: false, error: "The robot cannot reach the server." };
      const sid = this.robot.socket.id;
      const ack = await this.robot.leaves(how, seconds, step);
      if (!ack.ok) return ack;
      this.view.say("");
      this.model = null;
      this.began = performance.now();
      this.change(begun({ ...ack, how }, { began: this.now(), sid, pinged: this.pingedAt }));
      if (!this.robot.socket.connected) this.change(left(this.model, this.robot.lastReason, this.now()));
      if (this.tolds.has(ack.run)) this.change(told(this.model, this.tolds.get(ack.run)));
      return ack;
    } finally {
      this.busy = false;
    }
  }

  get isUnderWay() {
    return this.model && !isOver(this.model) && performance.now() - this.began < MOST;
  }

  async press(how, seconds) {
    if (this.isUnderWay)
      return this.view.say("Wait until this departure is over: both sides must know.", "bad");
    const ack = await this.begin(how, seconds);
    if (!ack.ok) this.view.say(ack.error, "bad");
  }

  comeBack() {
    this.robot?.socket.connect();
    this.view.showBack(false);
  }

  // The prediction's run; resolves to its outcome in sentences.
  async bet(step) {
    if (this.isUnderWay) await this.end();
    const ack = await this.begin("hole", LONG, step);
    if (!ack.ok) throw new Error(ack.error);
    return this.end();
  }

  // Resolves when the departure is over; to nothing where its end did not come.
  end() {
    if (isOver(this.model)) return outcome(this.model);
    return new Promise((settle) => {
      this.over = settle;
      setTimeout(settle, MOST, null);
    });
  }

  finish() {
    if (this.ended === this.model.run) return; // it is back only now
    this.ended = this.model.run;
    const sentences = outcome(this.model);
    this.view.isOver(this.model);
    this.lab.announce(sentences[0]);
    this.over?.(sentences);
    this.over = null;
  }

  // The prediction, on the picture

  chosen(choice, isLocked) {
    this.view.chosen(choice, isLocked, this.model, this.now());
  }

  tap(id) {
    if (this.act.state !== "open") return;
    this.act.choose(id);
  }

  tapAt({ clientX, currentTarget }) {
    const svg = currentTarget ?? this.view.svg;
    const { left: edge, width } = svg.getBoundingClientRect();
    const at = timeAt((clientX - edge) / width);
    const id = betAt(at);
    if (this.act.state !== "open") return;
    if (id) return this.tap(id);
    this.view.say(`${at.toFixed(0)} s is none of the four answers: tap nearer to one, or choose its words.`);
  }
}
