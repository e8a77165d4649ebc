// One of the two sockets of a run, and its receiver. The receiver is a value (receiver.js); here it meets the
// socket, the clock and the run.

import { newReader } from "./model.js";
import { answered, connected, disconnected, finished, question, received, sums } from "./receiver.js";

const AGAIN = 2500; // ms until a question that was refused is asked again
const CLOCK = 20; // ms between looks whether the page has a clock

export class Reader {
  // ask(event, data): sends on this socket and waits for the acknowledgement.
  constructor(run, key, socket, ask) {
    Object.assign(this, { run, key, socket, ask });
    this.tries = 0; // of the client, to come back
    this.reason = ""; // of the last disconnect
    this.delay = 0; // ms to wait before asking
    this.handler = null; // of "posted", and what asks for what is missing: panel.js sets both
    this.sync = () => {};
  }

  get known() {
    return this.run.model.readers[this.key] ?? null;
  }

  get r() {
    return this.known?.r ?? null;
  }

  get away() {
    return this.known?.away ?? [];
  }

  get asked() {
    return this.known?.asked ?? [];
  }

  get tally() {
    return this.known?.tally ?? null;
  }

  get connected() {
    return this.socket.connected;
  }

  begin(id) {
    this.run.model.readers[this.key] = newReader(id, this.connected, this.run.drop);
  }

  // The next value of the receiver; whatever follows from it is done here.
  change(next) {
    const before = this.r;
    if (!next || next === before) return;
    this.known.r = next;
    if (this.key === "on") this.run.confirm(next.log.slice(before.log.length));
    if (next.state === "SYNCING" && before.state !== "SYNCING") this.sync();
    this.run.cutAsPlanned();
    if (isWhole(next)) this.compare();
    this.run.changed();
  }

  // The handlers of panel.js

  heard(event) {
    this.run.meet(event.run);
    if (this.r) this.change(received(this.r, event, this.run.now()));
  }

  over(end) {
    if (this.r) this.change(finished(this.r, end, this.run.now()));
  }

  left(reason) {
    const { model } = this.run;
    if (!model.over) this.known?.away.push({ from: this.run.now(), to: null, mine: reason, theirs: null });
    [this.tries, this.reason] = [0, reason];
    if (this.r) this.change(disconnected(this.r));
    this.run.changed();
  }

  back() {
    if (!this.run.hasClock()) {
      setTimeout(() => this.back(), CLOCK); // a page that was loaded anew
      return;
    }
    const last = this.away.at(-1);
    if (last && !last.to) last.to = this.run.now();
    if (this.tally?.ok === false) this.known.tally = null;
    if (this.key === "on") this.run.outage = null;
    if (this.r?.state === "OUT") this.change(connected(this.r));
    this.run.changed();
  }

  // What to ask the server now, or null.
  async question() {
    const asks = this.r && this.connected && question(this.r);
    if (!asks) return null;
    if (this.delay) await new Promise((wake) => setTimeout(wake, this.delay));
    if (!this.run.model.over) this.known.asked.push({ at: this.run.now(), after: asks.after });
    return asks;
  }

  // Takes the answer. True: there may be more to ask. A refusal (too many questions) is not for ever.
  answer(ack, asks) {
    if (asks.run !== this.run.model.run) return false;
    if (this.run.refused(ack)) {
      setTimeout(() => this.r?.state === "SYNCING" && this.sync(), AGAIN);
      return false;
    }
    const last = this.away.at(-1);
    if (last && ack.left) last.theirs ??= ack.left;
    this.run.bufferSeen(ack);
    this.change(answered(this.r, ack, this.run.now()));
    if (["restarted", "unknown run"].includes(ack.reason)) this.end(ack.reason);
    return true;
  }

  // The store does not know the run any more: nothing will follow, and nobody knows what else there was.
  end(reason) {
    this.known.ended = reason;
    this.run.finish();
  }

  // The sums of this page, set beside the server's own record.
  async compare() {
    const { known } = this;
    if (known.tally) return;
    known.tally = { waiting: true };
    const { live, replayed, dropped, twice } = sums(known.r);
    const duplicates = dropped.length + twice.length;
    known.tally = await this.ask("tally", { run: this.run.model.run, live, replayed, duplicates });
    if (known === this.known) this.run.finish();
    this.run.changed();
  }
}

const isWhole = (r) => r.count !== null && r.cursor >= r.count && !r.held.length && r.state === "LIVE";
