// Envelope in envelope: the reader's own word, as each layer packs it. All sizes are the server's.

// Lengths to stop at: the first is the word's own. Those in pairs stand before and behind a growing length field.
const STOPS = "0 1 20 50 80 95 96 120 300 1000 5000 20000 40000 65505 65506 68000 70000"
  .split(" ")
  .map(Number);
const PAUSE = 120; // ms between two questions while the length is dragged
const SEGMENT = 1460; // bytes that one segment carries over Ethernet
const LENGTHS = {
  2: "the length has 7 bits",
  4: "126, then 16 bits of length",
  10: "127, then 64 bits of length",
};
const SHOWN = 40; // characters of the event

export class Envelope {
  constructor(part, lab) {
    Object.assign(this, { part, lab, next: null, isAsking: false });
    this.form = part.querySelector("form");
    this.says = part.querySelector("[data-wrap-says]");
    this.onWire = part.querySelector("[data-on-wire]");
    this.onWire.addEventListener("click", () => {
      const none = (words) => this.say(words, "bad");
      document.dispatchEvent(new CustomEvent("show-on-wire", { detail: { name: "wrap", none } }));
    });
  }

  get text() {
    return this.form.elements.text.value;
  }

  get length() {
    return STOPS[this.form.elements.stop.valueAsNumber - 1] ?? this.text.length;
  }

  // The word or its length has changed: one question after the other, the latest wins.
  async input() {
    const { made, stop } = this.form.elements;
    made.value = this.length.toLocaleString("en");
    stop.setAttribute("aria-valuetext", `${made.value} characters`);
    this.next = { text: this.text, length: this.text ? this.length : 0 };
    if (this.isAsking) return;
    this.isAsking = true;
    while (this.next) {
      const asks = this.next;
      this.next = null;
      this.show(await this.lab.ask("wrap", asks), asks);
      await new Promise((done) => setTimeout(done, PAUSE));
    }
    this.isAsking = false;
  }

  // The whole text really goes, if a message may be so long.
  async submit() {
    const { text, length } = this;
    const asks = { text, length: text ? length : 0 };
    const about = await this.lab.ask("wrap", asks);
    this.show(about, asks);
    if (!about.ok) return;
    if (!about.fits) {
      return this.say("A message here has at most 32 KiB: this frame is computed, and never sent.");
    }
    const whole = text.repeat(Math.ceil(asks.length / Math.max(1, text.length))).slice(0, asks.length);
    const sent = await this.lab.ask("wrap", { text: whole });
    if (!sent.ok) return this.say(sent.error, "bad");
    await this.compare(sent.sizes.frame);
  }

  // What the server captured of it: the id of the acknowledgement has a digit or more.
  async compare(frame) {
    const { rowsOf } = await import("../../lib/wirerows.js");
    const { rows } = await rowsOf({ after: 0, last: 48 }).catch(() => ({ rows: [] }));
    const isIt = (row) =>
      row.up && row.layers.some(({ layer, name }) => layer === "event" && name === "wrap");
    const row = rows.findLast(isIt);
    if (!row) return this.say("It was sent. The capture could not be read just now.", "bad");
    this.onWire.hidden = false;
    const [size, more] = [row.size, row.size - frame].map((n) => n.toLocaleString("en"));
    this.say(`Captured: ${size} bytes, of which ${more} for the acknowledgement's id.`);
  }

  show(ack, { text, length }) {
    if (!ack.ok) return this.say(ack.error, "bad");
    this.onWire.hidden = true;
    const { sizes, head, ports } = ack;
    for (const [name, size] of Object.entries(sizes))
      this.write(`[data-size="${name}"], [data-inner="${name}"]`, size);
    const shown = text.repeat(Math.ceil(Math.min(length, SHOWN) / Math.max(1, text.length))).slice(0, length);
    const cut = length > SHOWN ? `${shown.slice(0, SHOWN)}…` : shown;
    this.write("[data-event]", JSON.stringify(["wrap", { text: cut }]));
    this.write("[data-first]", head.slice(0, 2));
    this.write("[data-length]", head.slice(2).replace(/..\B/g, "$& "));
    this.write("[data-field]", LENGTHS[head.length / 2]);
    this.write("[data-port=client]", ports.client ?? "of yours");
    this.write("[data-port=server]", ports.server);
    const segments = Math.ceil(sizes.frame / SEGMENT);
    this.write("[data-segments]", segments === 1 ? "1 segment" : `at least ${segments} segments`);
    const post = `While Socket.IO is still polling, the same packet travels in a POST of at least ${sizes.post.toLocaleString("en")} bytes`;
    this.write("[data-post]", `${post}; a browser adds some hundred bytes of headers.`);
    const front = sizes.frame - sizes.engineio;
    this.say(`The frame's head has ${front} bytes: ${LENGTHS[head.length / 2]}, and 4 bytes of mask.`);
  }

  write(where, what) {
    const words = typeof what === "number" ? what.toLocaleString("en") : what;
    for (const node of this.part.querySelectorAll(where)) node.textContent = words;
  }

  say(sentence, kind = "") {
    this.says.dataset.kind = kind;
    this.says.textContent = sentence;
    this.lab.announce(sentence);
  }
}
