// One connection and the namespaces inside it, each opened, used and closed by itself.

import { count, element, ms } from "../../lib/dom.js";
import { ask } from "../../lib/line.js";
import { Capture } from "./capture.js";
import { Namespace } from "./namespace.js";
import { handled, list, receivedBy } from "./words.js";

const UPGRADE = 3000; // ms that an upgrade may take
const ANSWER = 5000; // ms that the answer to a CONNECT may take
const SHOWN = 1000; // ms for which an order of other people stays shown; one of our own stays longer
const COLUMNS = ["Order", "Dish", "By", "Namespace", "Room", "Received here by"];
const wait = (time) => new Promise((done) => setTimeout(done, time));

export class Namespaces {
  constructor(panel, lab) {
    this.lab = lab;
    this.manager = lab.socket.io; // the page's one connection: every namespace is opened on it
    this.said = panel.querySelector("[data-said]");
    const found = [...panel.querySelectorAll("[data-namespace]")].map((row) => new Namespace(row));
    this.all = Object.fromEntries(found.map((one) => [one.name, one]));
    this.capture = new Capture(panel, lab, this.all, (sentence) => this.say("bad", sentence));
    this.orders = lab.table("Orders", COLUMNS);
    this.shown = { received: new Set() }; // the order that is shown: {run, until, received: names}
    this.engine = null; // the connection whose upgrade is over
    this.turn = Promise.resolve(); // what is pressed is done in its turn
  }

  get each() {
    return Object.values(this.all);
  }

  say(kind, ...parts) {
    this.said.dataset.kind = kind;
    this.said.replaceChildren(...parts);
    this.lab.announce(this.said.textContent);
  }

  inTurn(work) {
    this.turn = this.turn.then(work).catch((error) => this.say("bad", error.message));
    return this.turn;
  }

  // What the user does

  toggle(name, code) {
    const one = this.all[name];
    if (one.state === "opening") return;
    const wanted = !one.socket?.active; // what the button says now
    this.inTurn(() => {
      if (wanted !== Boolean(one.socket?.active)) return wanted ? this.open(one, code) : this.close(one);
    });
  }

  join(name, room) {
    return this.inTurn(() => this.enterRoom(this.all[name], room));
  }

  order(name, what) {
    return this.inTurn(() => this.sendOrder(this.all[name], what));
  }

  // On arrival there is something to see: one is opened, if nobody was quicker.
  arrive(name) {
    const untouched = () => this.each.every(({ socket }) => !socket);
    return this.inTurn(() => untouched() && this.open(this.all[name], ""));
  }

  // The prediction: all are closed, then these are asked for at once, and the first gets an order. Resolves
  // to the sentences of the outcome, or to nothing.
  run(names, code, what) {
    return this.inTurn(() => this.runAll(names, code, what));
  }

  async open(one, code) {
    await this.ready();
    await this.connect(one, code);
    const given = `one packet in, one out with a sid ${ms(one.took)} later`;
    const wrong = code ? " The code that you sent is wrong." : "";
    const refused = `${one.name} refuses: ${one.why || "no answer came"}.${one.why ? wrong : ""}`;
    if (one.state === "open") this.say("", `${one.name} is open: ${given}.`);
    else this.say("bad", `${refused} What is open beside it stays open.`);
  }

  async close(one) {
    one.left = false;
    one.socket.disconnect();
    await this.capture.look(() => one.left);
    this.say("", `${one.name} is closed by one packet, 41${one.name}. The connection stays.`);
  }

  async enterRoom(one, room) {
    const ack = await ask(one.socket, "join", { room });
    this.lab.ran(`${one.name.slice(1)} join`);
    if (!ack.ok) return this.say("bad", ack.error);
    one.showRoom(ack.rooms.includes(room));
    this.say("", `${one.name} has put you into its room ${room}. You asked; the server keeps the list.`);
    await this.capture.look();
  }

  // Resolves to the sentence about who received it, or to nothing when it is refused.
  async sendOrder(one, what) {
    if (!one.socket?.connected) return this.say("bad", `Open ${one.name} first.`);
    for (const other of this.each) other.showReceived(false);
    this.shown = { received: new Set() };
    const ack = await ask(one.socket, "order", what);
    this.lab.ran(`${one.name.slice(1)} order`);
    if (!ack.ok) return this.say("bad", ack.error);
    one.showAnswer(handled(ack));
    const open = this.each.filter(({ state }) => state === "open");
    const sentence = receivedBy(one.name, what.room, ack.addressed, open, this.shown.received);
    this.say("", sentence);
    await this.capture.look();
    return sentence;
  }

  async runAll(names, code, what) {
    await this.ready();
    for (const one of this.each) one.socket?.disconnect();
    await this.capture.look();
    for (const one of this.each) one.clear();
    this.capture.forget();
    const asked = names.map((name) => this.all[name]);
    await Promise.all(asked.map((one) => this.connect(one, one.name === "/manager" ? code : "")));
    const sentence = await this.sendOrder(asked[0], what);
    if (!sentence) return null;
    this.said.textContent = ""; // it stands in the outcome
    const refused = asked.filter((one) => one.state === "refused");
    return [...this.outcome(), ...refused.map(({ name, why }) => `${name} gave none: ${why}.`), sentence];
  }

  outcome() {
    const { asked, connections, given } = this.capture.tally();
    const on = `on ${count(connections.length, "TCP connection")}, begun by ${this.capture.beginning()}`;
    return [
      `${count(asked.length, "namespace")} ${on}.`,
      `${count(given.length, "sid")}, given by ${list(given.map((one) => one.name))}.`,
    ];
  }

  // The sockets

  // An upgrade that is under way would move the packets from one connection to another.
  async ready() {
    const { engine } = this.manager;
    if (engine && engine !== this.engine && engine.transport.name === "polling") {
      await Promise.race([new Promise((done) => engine.once("upgrade", done)), wait(UPGRADE)]);
    }
    this.engine = this.manager.engine;
    await this.capture.mark();
  }

  // Asks for a namespace on the connection that is there; resolves when the answer is captured.
  async connect(one, code) {
    const answered = new Promise((done) => {
      one.answered = done;
    });
    const auth = { ...this.lab.socket.auth, ...(code && { code }) };
    one.show("opening");
    if (one.socket) Object.assign(one.socket, { auth }).connect();
    else this.listen(one, this.manager.socket(one.name, { auth }));
    await Promise.race([answered, wait(ANSWER)]);
    await this.capture.looking;
  }

  listen(one, socket) {
    one.socket = socket;
    const answer = (state, why) => {
      one.show(state, why);
      this.capture.look(() => (state === "open" ? one.sid === socket.id : one.told));
      one.answered();
    };
    socket.on("connect", () => answer("open"));
    socket.on("connect_error", (error) => socket.active || answer("refused", error.message));
    socket.on("disconnect", (reason) => {
      one.show(socket.active ? "lost" : "closed");
      if (reason === "io client disconnect") return;
      one.connections.clear(); // that connection is gone
      this.capture.rewind();
    });
    socket.on("ordered", (order) => this.received(one, order));
    socket.onAny((event) => this.lab.ran(event));
  }

  // A handler of this page ran: that of one namespace.
  received(one, order) {
    const own = this.each.some(({ socket }) => socket?.id === order.by.sid);
    if (order.run !== this.shown.run && !this.showOrder(order, own)) return;
    this.shown.received.add(one.name);
    if (one.name === order.namespace) this.lab.receipt(order.run, order.seq, this.lab.clock.now());
    for (const other of this.each) other.showReceived(this.shown.received.has(other.name));
    const by = own ? "you" : order.by.nick;
    const received = [...this.shown.received].join(", ");
    this.orders(order.run, [order.run, order.dish, by, order.namespace, order.room ?? "", received]);
  }

  // Returns whether it is shown: what others order does not wipe off at once what is there.
  showOrder({ run, by, dish, namespace }, own) {
    if (!own && Date.now() < this.shown.until) return false;
    this.shown = { run, until: Date.now() + (own ? 5 : 1) * SHOWN, received: new Set() };
    const [nick, what] = [by.nick, dish].map((words) => element("bdi", {}, words));
    if (!own) this.say("", nick, " orders ", what, ` in ${namespace}.`);
    return true;
  }
}
