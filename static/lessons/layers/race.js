// A race as it is told: each recv() falls as a bracket on its road; then the sums.

import { element } from "../../lib/dom.js";
import { bytesOf, datagrams, outcome, parts, placeOf, sum } from "./reads.js";

const BET = { count: 40, lose: 10 };
const SHOWN = { count: 20, lose: 0 }; // the race that a new page begins with
const KEPT = "layers race"; // of this tab: the last race, for a reload
const LATE = 20_000; // ms after which an end that is due does not come any more
const LOST = "The end of this race never came.";

export class Race {
  constructor(panel, lab) {
    this.lab = lab;
    this.says = panel.querySelector("[data-said]");
    this.roads = {};
    for (const road of panel.querySelectorAll("[data-road]")) {
      const parts = ["[data-reads]", "[data-sum]", "[data-port]"].map((part) => road.querySelector(part));
      const [list, sums, port] = parts;
      this.roads[road.dataset.road] = { list, sums, port };
    }
    this.row = lab.table("What each recv() returned", ["road", "read", "bytes", "what they are", "numbers"]);
    this.begin(null);
    this.recall();
    addEventListener("pagehide", () => this.keep());
  }

  // A new page begins with a short race, once in a tab: there is something to see.
  async arrive() {
    if (this.run || this.asking) return;
    await this.start(SHOWN).catch(({ message }) => this.say(message, "bad"));
  }

  async pressed(count, lose) {
    if (this.asking) return;
    await this.start({ count, lose }).catch(({ message }) => this.say(message, "bad"));
  }

  // The prediction's race: resolves to the sentences of its outcome. One that is on is waited for.
  async predicted(step) {
    await this.asking;
    if (this.isOn) {
      this.say("Your prediction runs when the race that is on is over.");
      await this.over.promise.catch(() => {});
    }
    await this.start({ ...BET, step });
    return this.outcome();
  }

  // Throws the server's sentence where it refuses.
  async start(asked) {
    this.asking = this.lab.ask("race", asked);
    const ack = await this.asking;
    this.asking = null;
    if (!ack.ok) throw new Error(ack.error);
    if (ack.run !== this.run) this.begin(ack.run);
    const { count, took_ms, lasts_ms, ports } = ack;
    this.plan = { count, took_ms, lasts_ms };
    this.expectEnd();
    const slower = Math.round(lasts_ms / Math.max(took_ms, 0.1)).toLocaleString("en");
    for (const [proto, { port }] of Object.entries(this.roads)) port.textContent = ` to port ${ports[proto]}`;
    this.say(`${count} messages on each road in ${took_ms} ms, shown ${slower} times slower.`);
  }

  // Resolves, when the race is over, to its outcome in sentences.
  outcome() {
    if (this.end) return outcome(this.end);
    this.expectEnd();
    return this.over.promise;
  }

  begin(run) {
    clearTimeout(this.timer);
    this.over?.reject(new Error("Another race took its place."));
    this.over = withResolvers();
    this.over.promise.catch(() => {});
    Object.assign(this, { run, plan: null, end: null, last: 0, reads: { tcp: [], udp: [] } });
    if (!run) return;
    for (const { list } of Object.values(this.roads)) list.replaceChildren();
    this.count();
  }

  get isOn() {
    return this.run !== null && this.end === null;
  }

  expectEnd() {
    clearTimeout(this.timer);
    const left = (this.plan?.lasts_ms ?? 0) + LATE;
    this.timer = setTimeout(() => this.over.reject(new Error(LOST)), left);
  }

  // One recv(). A race that this page did not start is followed too: another tab, or a script.
  heard(read) {
    if (read.run !== this.run) this.begin(read.run);
    if (read.seq !== this.last + 1) return; // some came while the page was away: the end has them all
    this.last = read.seq;
    this.draw(read);
    this.count();
  }

  draw(read) {
    const { proto, text } = read;
    const mine = this.reads[proto];
    const { list } = this.roads[proto];
    const before = bytesOf(mine);
    mine.push(read);
    const last = proto === "udp" && datagrams(mine).at(-1);
    const inside = proto === "udp" ? [{ text, torn: null }] : parts(text, before);
    const about = { "data-event": "read", "data-run": this.run, "data-seq": read.seq ?? null };
    list.append(
      bracket(inside, last.late ? "late" : `${read.size} B`, { ...about, "data-late": Boolean(last.late) }),
    );
    this.row(`${this.run} ${proto} ${mine.length}`, [
      proto.toUpperCase(),
      mine.length,
      read.size,
      text,
      numbersOf(read),
    ]);
  }

  // How far it is, on both roads.
  count() {
    for (const [proto, { sums }] of Object.entries(this.roads)) {
      const reads = this.reads[proto].length;
      const calls = `${reads} × recv()`;
      sums.replaceChildren(this.end ? `${sum(this.end.sent, this.end[proto])}, ` : "", calls);
      if (this.end && proto === "udp") sums.append(`, ${this.end.udp.swapped} late`);
    }
  }

  // The race is over: what is missing is known now, and what this page missed is drawn.
  raced(end) {
    if (end.run !== this.run) this.begin(end.run);
    if (this.end) return;
    clearTimeout(this.timer);
    this.complete(end);
    this.end = end;
    this.lab.receipt(end.run, end.seq, this.lab.clock.now());
    this.close();
    const missing = (road) => end[road].missing.length || "none";
    this.say(`The race is over: missing on TCP ${missing("tcp")}, on UDP ${missing("udp")}.`);
    this.over.resolve(outcome(end));
  }

  complete({ texts }) {
    for (const [proto, all] of Object.entries(texts)) {
      for (const text of all.slice(this.reads[proto].length)) {
        this.draw({ proto, text, size: text.length });
      }
    }
  }

  // The holes, each in its place.
  close() {
    const arrived = datagrams(this.reads.udp);
    const { list } = this.roads.udp;
    const brackets = [...list.children];
    for (const number of this.end.udp.missing) {
      const text = String(number).padStart(3, "0");
      const hole = bracket([{ text, torn: null }], "lost", { "data-lost": true });
      list.insertBefore(hole, brackets[placeOf(number, arrived)] ?? null);
    }
    this.count();
  }

  // After a reload: what was drawn, and how it ended; what is still being told goes on.
  recall() {
    const kept = read();
    if (!kept || kept.seat !== this.lab.socket.auth.seat) return; // on the wall neither has a seat
    this.begin(kept.run);
    this.plan = kept.plan;
    for (const one of kept.reads) this.draw(one);
    this.last = kept.last;
    this.end = kept.end;
    if (this.end) this.close();
    this.count();
  }

  keep() {
    if (!this.run) return;
    const { run, plan, last, end } = this;
    const reads = [...this.reads.tcp, ...this.reads.udp];
    write({ seat: this.lab.socket.auth.seat, run, plan, last, end, reads });
  }

  say(sentence, kind = "") {
    this.says.dataset.kind = kind;
    this.says.textContent = sentence;
    this.lab.announce(sentence);
  }
}

// The numbers under a bracket, with its size; a torn number has an open edge.
function bracket(inside, size, attributes) {
  const cells = inside.map(({ text, torn }) => element("b", { "data-torn": torn }, text));
  return element("li", attributes, element("span", {}, ...cells), element("small", {}, size));
}

const numbersOf = ({ numbers, text }) => (numbers ? numbers.join(", ") : text);

function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

// Kept for this tab; where storage is switched off, a reload begins anew.
function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return null;
  }
}

function write(race) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(race));
  } catch {
    // switched off, or full
  }
}
