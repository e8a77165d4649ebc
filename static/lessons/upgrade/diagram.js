// The sequence diagram: you on the left, the server on the right, and each step between them. A step opens to
// its meaning and its bytes; steps that the height has no room for stand together in a fold.

import { letterOf } from "../../lib/connections.js";
import { bytes, count, element, ms } from "../../lib/dom.js";
import { plan } from "./plan.js";
import { layer, step, text } from "./steps.js";

const CAPTION = "The steps of a connection, from the server-side capture";
const COLUMNS = [
  "Connection",
  "Step",
  "After",
  "Way",
  "How",
  "TCP connection",
  "What",
  "Bytes",
  "Of these header",
];
const PHONE = matchMedia("(max-width: 800px)"); // there the page is as long as it needs to be
const LEAST = 24; // px of a line that is pressed
const MOST = 2; // times as high, where there is room

const since = (time) => (time < 1000 ? ms(time) : `${(time / 1000).toFixed(1)} s`);

export class Diagram {
  // list: its element; parts: what comes below it, and peeps in where there is room; lab: for the table
  constructor(list, parts, lab) {
    Object.assign(this, { list, parts });
    this.panel = list.closest(".panel");
    this.cells = lab.table(CAPTION, COLUMNS);
    this.picture = null;
    this.bet = null; // {size, words}: what the reader expects of the next echo's header
    const sizes = new ResizeObserver(() => this.fit());
    for (const node of [this.panel, ...this.panel.querySelectorAll(".act, .said")]) sizes.observe(node);
  }

  // picture: {name, parts: [{rows, title?}], must?: Set of rows, lit?: Set of rows, cut?}, see plan.js. pace: ms
  // for a step to be drawn in; those of known rows are drawn at once. Resolves when all of it stands.
  async draw(picture, pace = 0, known = () => false) {
    this.picture = picture;
    this.drawn = new Map(); // row → what its line says
    for (const part of picture.parts) this.describe(part);
    this.shown = "";
    this.list.replaceChildren(); // with what was open in it
    this.list.style.setProperty("--pace", `${pace}ms`);
    this.fit(known);
    this.list.querySelector("[data-lit]")?.scrollIntoView({ block: "nearest" });
    const moves = pace ? this.list.getAnimations({ subtree: true }) : [];
    await Promise.allSettled(moves.map(({ finished }) => finished));
    if (this.picture === picture) this.list.removeAttribute("data-arriving");
  }

  // What is known of each row of a part, once.
  describe({ rows }) {
    const waiting = new Map(); // connection → its last request, if that has no response yet
    for (const row of rows) waiting.set(row.connection, row.up && layer(row, "http") ? row : null);
    const { name, lit } = this.picture;
    for (const row of rows) {
      const letter = letterOf(row.connection);
      const drawn = { row, letter, ...step(row), after: since(row.at - rows[0].at) };
      drawn.way = row.up ? "client to server" : "server to client";
      drawn.said = drawn.packet || drawn.target || "";
      drawn.waits = waiting.get(row.connection) === row;
      drawn.lit = Boolean(lit?.has(row));
      this.drawn.set(row, drawn);
      const { after, way, how, what, said, head } = drawn;
      const at = this.drawn.size;
      const cells = [name, at, after, way, how, letter, `${what} ${said}`.trim(), row.size, head];
      this.cells(`${name} ${at}`, cells);
    }
  }

  // As many lines as there is room for, and as high as they may be. What is open stays as it is.
  fit(known = () => true) {
    if (!this.picture || this.list.querySelector("details[open]")) return;
    const line = Math.max(LEAST, Math.ceil(Number.parseFloat(getComputedStyle(this.list).lineHeight)));
    const room = PHONE.matches ? Number.POSITIVE_INFINITY : this.room();
    const peep = this.parts.firstElementChild.offsetHeight;
    const most = Math.floor(room / line);
    const lines = this.withBet(plan({ ...this.picture, most }), most);
    const each = Math.min(line * MOST, Math.max(line, Math.floor((room - peep) / lines.length)));
    this.list.style.setProperty("--row", PHONE.matches ? "" : `${each}px`);
    const shown = lines.map(({ kind, rows }) => `${kind} ${rows?.length ?? ""}`).join();
    if (shown === this.shown) return;
    this.shown = shown;
    this.fill(lines, known);
  }

  // The reader's bet, drawn on the same scale: below the frame that it is about, or where that will be.
  expect(bet) {
    this.bet = bet;
    this.shown = "";
    this.fit();
  }

  withBet(lines, most) {
    if (!this.bet || lines.length >= most) return lines;
    const lit = lines.findIndex(({ row }) => this.picture.lit?.has(row));
    const at = lit < 0 ? lines.length : lit + 1;
    return [...lines.slice(0, at), { kind: "bet" }, ...lines.slice(at)];
  }

  // px from the top of the list to the end of the panel, when it is not scrolled.
  room() {
    const { panel, list } = this;
    const top = list.getBoundingClientRect().top - panel.getBoundingClientRect().top + panel.scrollTop;
    return panel.clientHeight - top - 4;
  }

  fill(lines, known) {
    const most = Math.max(...[...this.drawn.keys()].map(({ size }) => size));
    const item = (row) => stepItem(this.drawn.get(row), most);
    let late = 0;
    const { drawn, bet } = this;
    const items = lines.map(({ kind, row, rows, title }) => {
      const node = ITEMS[kind]({ row, rows, title, drawn, item, bet, most });
      if (known(row ?? rows?.[0])) return node;
      node.dataset.new = "";
      node.style.setProperty("--at", late++);
      return node;
    });
    this.list.replaceChildren(...items);
  }
}

const ITEMS = {
  step: ({ row, item }) => item(row),
  bet({ bet, most }) {
    const words = element("span", { class: "words" }, "Your bet: the header of an echo after the 101");
    const size = element("b", {}, bet.words);
    return element("li", { class: "bet-line" }, words, scaled(bet.size, most, size));
  },
  title: ({ title }) => element("li", { class: "title" }, title),
  break: ({ row, drawn }) => {
    const words = `HTTP ends here on connection ${drawn.get(row).letter}: now frames`;
    return element("li", { class: "break" }, element("b", {}, words));
  },
  fold({ rows, item, drawn }) {
    const size = rows.reduce((sum, row) => sum + row.size, 0);
    const words = element("span", { class: "words" }, `${count(rows.length, "more step")}, ${bytes(size)}`);
    const when = element("span", { class: "when" }, drawn.get(rows[0]).after);
    const head = element("summary", {}, when, element("span", { class: "flight" }, words));
    const inside = element("ol", {}, ...rows.map(item));
    return element("li", { class: "crossed fold" }, element("details", {}, head, inside));
  },
};

function stepItem(drawn, most) {
  const { row, how, why, waits, lit } = drawn;
  const more = waits ? " The server still holds this request." : "";
  const inside = element("div", { class: "inside" }, element("p", {}, why + more), ...evidence(drawn));
  const about = { class: "crossed", "data-wire-row": row.n, "data-up": row.up, "data-how": how };
  const parts = element("details", {}, summary(drawn, most), inside);
  return element("li", { ...about, "data-lit": lit }, parts);
}

function summary({ row, letter, after, way, how, what, said, head }, most) {
  const title = what && element("b", {}, what);
  const words = [title, what && said && " ", said && element("code", {}, said)].filter(Boolean);
  const spoken = element("span", { class: "hidden" }, `${way}: `);
  const line = element("i", { class: "line" });
  const flight = element(
    "span",
    { class: "flight" },
    spoken,
    element("span", { class: "words" }, ...words),
    line,
  );
  return element(
    "summary",
    {},
    element("span", { class: "when" }, after),
    flight,
    element("span", { class: "carrier" }, `${how} ${letter}`),
    weight(row.size, head, most),
  );
}

// Header and message in numbers, and as a bar.
function weight(size, head, most) {
  const words = element("span", {}, element("b", {}, String(head)), ` + ${size - head} B`);
  const node = scaled(size, most, words);
  node.style.setProperty("--head", `${(head / size) * 100}%`);
  return node;
}

// On the scale of the heaviest step.
function scaled(size, most, words) {
  const bar = element("i", {});
  bar.style.inlineSize = `${Math.min(1, size / most) * 100}%`;
  return element("span", { class: "weight" }, element("span", { class: "scale" }, bar), words);
}

// The bytes: HTTP as text, a frame in bits and in hex.
function evidence({ row, head: size }) {
  const sizes = `${count(size, "byte")} of header, ${row.size - size} of message.`;
  const frame = layer(row, "websocket");
  if (!frame) return [element("p", {}, sizes), element("pre", { tabindex: "0" }, text(row.hex))];
  const pairs = row.hex.match(/../g) ?? [];
  const bits = pairs
    .slice(0, 2)
    .map((pair) => parseInt(pair, 16).toString(2).padStart(8, "0"))
    .join("");
  const label = { role: "img", "aria-label": `The first two bytes in bits: ${bits}` };
  const names = ["FIN", "RSV", "opcode", "MASK", "length"].map((name) => element("span", {}, name));
  const head = element("mark", {}, pairs.slice(0, frame.header_size).join(" "));
  const rest = ` ${pairs.slice(frame.header_size).join(" ")}`;
  return [
    element("p", { class: "bits", ...label }, ...[...bits].map((bit) => element("b", {}, bit))),
    element("p", { class: "bit-names" }, ...names),
    element("p", {}, `${frame.summary}. ${sizes}`),
    element("pre", { class: "hex", tabindex: "0" }, head, rest),
  ];
}
