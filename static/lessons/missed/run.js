// A run and its two readers: the page's own socket, whose questions are answered, and its twin without a
// buffer. Here are the clock, the cut and what the user does.

import { count } from "../../lib/dom.js";
import { ask, refusal } from "../../lib/line.js";
import { newModel, remembered, returned, save } from "./model.js";
import { Reader } from "./reader.js";
import { answered, connected, waited } from "./receiver.js";
import { Twin } from "./twin.js";
import { View } from "./view.js";
import { outcome } from "./words.js";

const TICK = 100; // ms
const TWIN_TICKS = 20; // so long a run waits for its twin
// Four short runs, each with its own cut after so many events.
const CUT = { at: 4, seconds: 2, how: "cut" };
const SHORT = { count: 14, every: 300, plan: CUT };
const SCENES = {
  nothing: { ...SHORT, kind: "off", keep: 5 },
  buffer: { ...SHORT, kind: "memory", keep: 50 },
  end: { ...SHORT, kind: "memory", keep: 3 },
  // It waits before it asks, so that the overlap is large enough to see.
  overlap: {
    kind: "memory",
    keep: 200,
    count: 80,
    every: 50,
    plan: { ...CUT, at: 10, seconds: 1 },
    wait: 250,
  },
};
const SHOWN = "buffer"; // the run that a new page begins with
const PAUSES = [0.05, 2]; // s between two events
const BET = { keep: 5, count: 14, every: 1000, plan: { ...CUT, seconds: 6 } };

export class Run {
  constructor(panel, lab) {
    this.lab = lab;
    this.form = panel.querySelector("[data-keeping]").elements;
    this.view = new View(panel, lab);
    this.model = remembered(lab.socket.auth.seat) ?? newModel(null);
    this.old = new Set(); // runs that are behind us
    this.outage = null; // {until, how}: why there is no connection
    this.buffer = null; // {kind, keep, kept, at}: what the server said of it, and when
    this.expected = null; // the answer of the prediction
    this.chosen = null; // the buffer of the next run, as the server last confirmed it
    this.led = false; // whether a teacher leads: then the class's buffer holds, and nothing begins by itself
    this.shows = null; // while the run of the arrival is on: Promise of its end
    this.drop = true; // whether duplicates are dropped
    this.now = () => lab.clock.now();
    this.twin = new Twin(lab.socket, (sentence) => this.view.say(sentence, "bad"));
    this.on = new Reader(this, "on", lab.socket, lab.ask);
    this.off = new Reader(this, "off", this.twin.socket, (event, data) => ask(this.twin.socket, event, data));
    this.readers = [this.on, this.off];
    if (this.model.run) for (const reader of this.readers) this.comeBack(reader);
    this.watchLine(lab);
    this.beat = setInterval(() => this.tick(), TICK);
  }

  comeBack(reader) {
    if (reader.known) this.model.readers[reader.key] = returned(reader.known, this.model);
    else reader.begin(this.model.run);
  }

  watchLine({ socket, everyone }) {
    socket.io.reconnectionDelay(400).reconnectionDelayMax(600); // sooner than usual; with jitter, as always
    socket.io.on("reconnect_attempt", () => {
      this.on.tries += 1;
    });
    everyone.on("connect", () => this.chooseAsClass());
  }

  // The handlers are in place.
  async begin() {
    const { model, lab } = this;
    const { seat } = lab.socket.auth;
    addEventListener("pagehide", () => {
      if (this.model.run) save(seat, this.model, this.now());
    });
    if (model.kind) this.choose(model.kind, model.keep);
    if (model.run && lab.socket.connected) this.on.back();
    this.twin.follow();
    this.changed();
    if (lab.everyone.connected) await this.chooseAsClass();
    return this;
  }

  leave() {
    clearInterval(this.beat);
    this.twin.socket.disconnect();
  }

  tick() {
    for (const reader of this.readers) if (reader.r) reader.change(waited(reader.r, this.now()));
    this.view.tick(this);
  }

  changed() {
    this.view.draw(this);
  }

  hasClock() {
    return this.lab.clock.trip !== null;
  }

  // Says why the server refused; returns whether it did.
  refused(ack) {
    if (!ack.ok) this.view.say(ack.error, "bad");
    return !ack.ok;
  }

  // The course of a run

  // An event names its run: a new one is followed, one that is behind us is not.
  meet(run) {
    if (run !== this.model.run && !this.old.has(run)) this.follow(run);
  }

  follow(run) {
    if (this.model.run) this.old.add(this.model.run);
    this.settle?.(null);
    this.model = newModel(run, this.now());
    for (const reader of this.readers) reader.begin(run);
    this.buffer = null;
  }

  // What was handled is confirmed to the server: these are the receipts.
  confirm(entries) {
    for (const { run, seq, how, at } of entries) {
      if (how !== "gap" && how !== "dropped") this.lab.receipt(run, seq, at);
    }
  }

  // A run of the panel cuts its own connection once enough has been handled.
  cutAsPlanned() {
    const { plan } = this.model;
    if (!plan || this.on.r.cursor < plan.at) return;
    this.model.plan = null;
    this.cut(plan.seconds, plan.how);
  }

  // The run is over when both readers have the server's record, or know that there is none.
  finish() {
    const ready = this.readers.every(({ tally, known }) => (tally && !tally.waiting) || known.ended);
    if (!ready || this.model.over) return;
    this.model.over = true;
    const sentences = outcome(this);
    this.lab.announce(sentences.join(" "));
    this.settle?.(sentences);
    this.changed();
  }

  // What the server says

  bufferTold(says) {
    if (says.run !== this.model.run) return;
    this.buffer = { ...says, at: this.now() };
    this.changed();
  }

  // The answer to a question says, too, what is kept.
  bufferSeen({ oldest, replay }) {
    if (!oldest || !replay.length) return;
    const { kind, keep } = this.model;
    this.buffer = { kind, keep, kept: [oldest, replay.at(-1).seq], at: this.now() };
  }

  wireCut({ until }) {
    this.outage ??= { until, how: "cut" };
    this.changed();
  }

  // What the user does

  choose(kind, keep) {
    const { form } = this;
    this.chosen = { kind, keep };
    form.buffer.checked = kind !== "off";
    if (form.buffer.checked) form.kind.value = kind;
    if (document.activeElement !== form.keep) form.keep.value = keep; // nobody is typing there
  }

  async chooseAsClass() {
    const { state } = await ask(this.lab.everyone, "take_seat", {});
    this.led = Boolean(state?.lesson);
    if (this.led && !this.chosen) this.choose(state.buffer.kind, state.buffer.keep);
  }

  // What the switch shows holds, also where nobody has touched it.
  async asShown() {
    const { buffer, kind, keep } = this.form;
    return this.chosen !== null || this.setBuffer(buffer.checked ? kind.value : "off", keep.valueAsNumber);
  }

  // A page that is new begins with a short run, once in a tab: there is something to see.
  async arrive() {
    const { everyone } = this.lab;
    if (!everyone.connected) await new Promise((done) => everyone.once("connect", done));
    await this.chooseAsClass();
    if (this.led || this.model.run) return;
    this.shows = this.scene(SHOWN).then((begun) => begun && this.outcomeOf());
    await this.shows;
    this.shows = null;
  }

  async shownIsOver() {
    if (!this.shows) return;
    this.view.say("It begins when the run that is on is over.");
    await this.shows;
  }

  // Returns whether the server agreed.
  async setBuffer(kind, keep) {
    const kept = this.chosen && this.chosen.kind !== "off" ? this.chosen.kind : "memory";
    const ack = await this.lab.ask("set_buffer", { kind, keep });
    if (this.refused(ack)) {
      const badKind = keep >= 1 && keep <= 1000; // the number is right, so it was the kind
      if (badKind) this.form.kind.value = kept;
      return false;
    }
    this.choose(ack.kind, ack.keep);
    for (const option of ack.kinds ? this.form.kind.options : []) {
      option.disabled = !ack.kinds.includes(option.value);
    }
    const what = ack.kind === "off" ? "will keep nothing" : `will keep the last ${ack.keep} in ${ack.kind}`;
    this.view.say(`Your next run ${what}.`);
    return true;
  }

  async startOwn(events, seconds) {
    const [least, most] = PAUSES;
    if (!(seconds >= least && seconds <= most)) {
      return this.view.say(`The time between two events must be ${least} to ${most} s.`, "bad");
    }
    await this.shownIsOver();
    if (await this.asShown()) await this.start({ count: events, every: seconds * 1000 });
  }

  // Returns whether the server agreed.
  async start({ count: events, every, step = null, plan = null, wait = 0 }) {
    await this.twinIsHere();
    const asks = { count: events, every_ms: Math.round(every), ...(step && { step }) };
    const ack = await this.lab.ask("start", asks);
    if (this.refused(ack)) return false;
    if (ack.run !== this.model.run) this.follow(ack.run);
    this.on.delay = wait;
    this.choose(ack.kind, ack.keep);
    const { kind, keep } = ack;
    Object.assign(this.model, { count: ack.count, every: ack.every_ms ?? every, kind, keep, step, plan });
    const alone = this.twin.why && ` ${refusal("your twin", this.twin.why)}`;
    this.view.say(`A run of ${count(ack.count, "event")} is on.${alone}`, alone ? "bad" : "");
    this.view.scrollIntoView();
    this.cutAsPlanned();
    this.changed();
    return true;
  }

  // A run begins with both: the twin may still be connecting.
  async twinIsHere() {
    const waits = () => this.lab.socket.connected && !this.twin.socket.connected;
    for (let n = 0; n < TWIN_TICKS && waits(); n++) await new Promise((wake) => setTimeout(wake, TICK));
  }

  // Returns whether it has begun.
  async scene(name) {
    const { kind, keep, ...run } = SCENES[name];
    await this.shownIsOver();
    return (await this.setBuffer(kind, keep)) && this.start(run);
  }

  // An answer of the prediction, for the picture.
  expect(choice) {
    this.expected = choice;
    this.changed();
  }

  async bet(step) {
    const kind = this.form.kind.value;
    await this.shownIsOver();
    if (!(await this.setBuffer(kind, BET.keep)) || !(await this.start({ ...BET, step }))) return null;
    return this.outcomeOf();
  }

  // Resolves, when the current run is over, to its outcome in sentences; to nothing if another one begins.
  outcomeOf() {
    if (this.model.over) return outcome(this);
    return new Promise((settle) => {
      this.settle = settle;
    });
  }

  async cut(seconds, how) {
    const ack = await this.lab.ask("cut", { seconds, how });
    if (this.refused(ack)) return;
    this.outage = { until: ack.until, how };
    if (how === "cut") this.lab.expectCut(ack.until);
    this.view.say("");
    this.changed();
  }

  reconnect() {
    for (const socket of [this.lab.socket, this.lab.everyone]) if (!socket.connected) socket.connect();
  }

  // At least once means: asking again is always allowed.
  async again(back) {
    const { on, view } = this;
    const { run } = this.model;
    if (!on.r) return view.say("Start a run first: there is nothing to ask for.", "bad");
    if (on.r.state !== "LIVE")
      return view.say("Not now: the page is not connected, or is asking already.", "bad");
    const after = Math.max(0, on.r.cursor - back);
    const ack = await this.lab.ask("resume", { run, after });
    if (this.refused(ack) || run !== this.model.run) return;
    this.model.over = false;
    on.known.tally = null;
    on.known.asked.push({ at: this.now(), after });
    on.change(answered(connected(on.r), ack, this.now()));
    view.say(`Asked once more for everything after ${after}: ${count(ack.replay.length, "event")} came.`);
  }

  dropping(yes) {
    this.drop = yes;
    for (const reader of this.readers) if (reader.r) reader.change({ ...reader.r, drop: yes });
    this.view.say(yes ? "What comes twice is dropped by its number." : "What comes twice is handled twice.");
  }
}
