// What the reader orders, and what becomes of it: the client's word, the packets, the soups.

import { element } from "../../lib/dom.js";
import { Customer } from "./customer.js";
import { begun, cooked, crossed, isOver, outcome, said } from "./model.js";
import { View } from "./view.js";

const BET = { mode: "slow", remember: false, timeout: 1000, retries: 2 };
const MOST = 40_000; // ms in which an order is over, or something else went wrong
const TICK = 100; // ms
const ROBOTS = [2, 3]; // beside the one that orders; the last of them has no handler
const [BUSY, LOST] = [
  "One order at a time: acknowledgements of the last one are still to come.",
  "The end of this order never came.",
];

export class Play {
  constructor(panel, lab) {
    Object.assign(this, { panel, lab });
    this.form = panel.querySelector("[data-order]");
    this.view = new View(panel, lab);
    this.model = null;
    this.customer = null;
    this.robots = [];
    this.beat = setInterval(() => this.view.tick(this.model, this.now()), TICK);
  }

  leave() {
    clearInterval(this.beat);
    for (const one of [this.customer, ...this.robots]) one?.leave?.() ?? one?.disconnect?.();
  }

  now() {
    return performance.now();
  }

  get isOn() {
    return (
      this.isAsking || Boolean(this.model && !isOver(this.model) && this.now() - this.model.began < MOST)
    );
  }

  // A new page begins with one quick order: there is something to see.
  async arrive() {
    if (this.model || this.isOn) return;
    await this.pressed();
  }

  async pressed() {
    const { mode, remember, timeout, retries } = this.form.elements;
    const asked = { mode: mode.value, remember: remember.checked };
    const client = { timeout: Number(timeout.value), retries: Number(retries.value) };
    await this.order({ ...asked, ...client }).catch(({ message }) => this.view.say(message, "bad"));
  }

  // The prediction's run: resolves to the sentences of its outcome. An order that is on is waited for.
  async predicted(step) {
    if (this.isOn) {
      this.view.say("Your prediction runs when the order that is on is over.");
      await this.over?.promise;
    }
    this.show(BET);
    return this.order({ ...BET, step });
  }

  show({ mode, remember, timeout, retries }) {
    const { elements } = this.form;
    elements.mode.value = mode;
    elements.remember.checked = remember;
    [elements.timeout.value, elements.retries.value] = [timeout, retries];
  }

  // Resolves to the sentences of its outcome; throws one where it has none.
  async order({ mode, remember, timeout, retries, step }) {
    if (this.isOn) throw new Error(BUSY);
    this.isAsking = true;
    try {
      const ack = await this.lab.ask("set_kitchen", { mode, remember });
      if (!ack.ok) throw new Error(ack.error);
      if (!(await this.come({ timeout, retries }))) throw new Error("The client cannot reach the server.");
      const order = `soup-${Math.random().toString(36).slice(2, 8)}`;
      this.over = withResolvers();
      this.isBet = Boolean(step);
      this.model = begun(order, this.now(), timeout, mode === "slow" || mode === "quick");
      this.view.begin(this.model, { mode, remember });
      this.emit({ dish: "soup", order_id: order, ...(step && { step }) });
    } finally {
      this.isAsking = false;
    }
    const late = setTimeout(() => this.over.reject(new Error(LOST)), MOST);
    return this.over.promise.finally(() => clearTimeout(late));
  }

  async emit(data) {
    const { model, customer } = this;
    this.lab.ran("order");
    const [error, answer] = await customer.order(data);
    if (this.model?.order === model.order) this.change(said(this.model, error, answer, this.now()));
  }

  // The client with these options: a new one, where it had others.
  come(options) {
    const { customer } = this;
    if (customer?.timeout !== options.timeout || customer.retries !== options.retries) {
      customer?.leave();
      this.customer = new Customer(this.lab, options, (text, up) => {
        this.change(crossed(this.model, String(text), up, this.now()));
      });
    }
    return this.customer.ready();
  }

  cooked(soup) {
    this.lab.receipt(soup.run, soup.seq, this.lab.clock.now());
    this.change(cooked(this.model, soup, this.now()));
  }

  change(model) {
    if (model === this.model) return;
    const wasOver = isOver(this.model);
    this.model = model;
    this.view.draw(model, this.now());
    if (wasOver || !isOver(model)) return;
    // In the same moment a soup may be on its way down the page's own connection.
    setTimeout(() => this.finish(), TICK);
  }

  finish() {
    const sentences = outcome(this.model);
    this.view.say(this.isBet ? "" : sentences.join(" ")); // a prediction's stand beside the picture
    this.over?.resolve(sentences);
  }

  // Asking all

  async call() {
    if (this.isOn)
      return this.tell("Wait until the order is over: its connection waits for the kitchen.", "bad");
    if (this.isCalling) return;
    this.isCalling = true;
    const isHere = await this.gather();
    const ack = isHere ? await this.lab.ask("call", {}) : { error: "A robot cannot reach the server." };
    this.isCalling = false;
    if (!ack.ok) return this.tell(ack.error, "bad");
    this.tell(`Asked ${ack.asked} sockets. Nobody knows how many will answer: the server waits 2 s.`);
  }

  async gather() {
    const { timeout, retries } = this.customer ?? BET;
    const customer = this.come({ timeout, retries });
    if (!this.robots.length) {
      this.robots = ROBOTS.map((k) => this.lab.robot(k));
      this.robots[0].on("called", (_, acknowledge) => acknowledge({ here: true }));
    }
    const connected = (robot) =>
      robot.connected ||
      new Promise((done) => {
        robot.once("connect", () => done(true));
        setTimeout(done, 8000, false);
      });
    return (await Promise.all([customer, ...this.robots.map(connected)])).every(Boolean);
  }

  called(_, { run, seq }) {
    this.lab.receipt(run, seq, this.lab.clock.now());
  }

  counted({ run, seq, asked, answered, sockets }) {
    this.lab.receipt(run, seq, this.lab.clock.now());
    const dot = ({ robot, after_ms }) => {
      const [name, isHere] = [robot ? `robot ${robot}` : "this page", after_ms !== null];
      const words = isHere ? `${name}: ${after_ms} ms` : `${name}: no answer`;
      return element(
        "span",
        { class: "dot", "data-here": isHere, "data-event": "counted", "data-run": run, "data-seq": seq },
        words,
      );
    };
    this.panel
      .querySelector("[data-dots]")
      .replaceChildren(...sockets.sort((one, other) => one.robot - other.robot).map(dot));
    this.tell(
      `${answered} of ${asked} answered. The others may be slow, gone, or without a handler: silence does not say which.`,
    );
  }

  tell(sentence, kind = "") {
    const box = this.panel.querySelector("[data-counted]");
    box.dataset.kind = kind;
    box.textContent = sentence;
    this.lab.announce(sentence);
  }
}

function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  made.promise.catch(() => {});
  return made;
}
