// Brings a lesson to life: opens its sockets, mounts its demo, and says when both are ready.

import { alarm, announce } from "./lib/dom.js";
import { checks, code, predictions, views } from "./lib/learn.js";
import { ask, connect } from "./lib/line.js";

const panel = document.querySelector("[data-demo]");
const slug = panel.dataset.demo;
const { ran, showMarked } = code();
const MOST_ROWS = 200; // of a table
const tables = []; // of the demo, as values: {caption, columns, rows: key -> cells, changed: keys}
let drawTable = null; // only while the Table view is open
const show = views((name) => {
  showMarked();
  openTables(name === "table");
  if (name === "wire" || name === "timeline") import("./lib/drawers.js").then(({ open }) => open(name));
});
const byLink = () => location.hash.startsWith("#wire-") && show("wire");
addEventListener("hashchange", byLink);
byLink();
checks();
if (!window.io) {
  alarm("lost", "The Socket.IO client did not load. Reload the page.");
  throw new Error("no Socket.IO client");
}

// The demo first: an event that the server sends on arrival must find its handler registered.
const { default: mount, ticks = [] } = await import(`./lessons/${slug}/panel.js`);
const line = connect(slug);

// Whatever is handled, here or there, marks its lines; what ticks by itself comes too often to look at.
line.socket.onAny((event) => ticks.includes(event) || ran(event));

const lab = {
  ...line,
  async ask(event, data) {
    const ack = await ask(line.socket, event, data);
    if (ack.unsent !== true) ran(event);
    return ack;
  },
  ran,
  reveal: predictions((event, data) => ask(line.everyone, event, data), panel),
  announce,
  table,
};

const unmount = mount(panel, lab);
addEventListener("pagehide", (event) => event.persisted || unmount?.());
shareSelection();
showState();
for (const socket of [line.socket, line.everyone]) {
  for (const event of ["connect", "disconnect", "connect_error"]) socket.on(event, showState);
}

// A demo's picture as a table. Returns how to set a row: row(key, cells). Beyond MOST_ROWS the oldest goes.
function table(caption, columns) {
  const one = { caption, columns, rows: new Map(), changed: new Set() };
  tables.push(one);
  return (key, cells) => {
    one.rows.set(key, cells);
    one.changed.add(key);
    if (one.rows.size > MOST_ROWS) {
      const [oldest] = one.rows.keys();
      one.rows.delete(oldest);
      one.changed.delete(oldest);
    }
    drawTable?.(one);
  };
}

// Most readers never look at the tables: nothing is drawn for a closed view.
async function openTables(on) {
  drawTable = null;
  if (!on) return;
  const late = await import("./lib/table.js");
  const home = document.querySelector("[data-tables]");
  if (!home.matches("[data-open]")) return; // closed again meanwhile
  drawTable = (one) => late.drawTable(home, one);
  tables.forEach(drawTable);
}

// One packet, seen in three places: what is chosen on the wire or the timeline is marked in the panel, and
// the other way round.
function shareSelection() {
  const shown = "[data-wire-row], [data-seq]";
  document.addEventListener("select-packet", ({ detail: { n, run, seq } }) => {
    for (const part of panel.querySelectorAll(shown)) {
      const { wireRow, run: itsRun, seq: itsSeq } = part.dataset;
      const isIt = wireRow ? Number(wireRow) === n : itsRun === run && Number(itsSeq) === seq;
      part.toggleAttribute("data-selected", isIt);
    }
  });
  panel.addEventListener("click", ({ target }) => {
    const { wireRow: n, event, run, seq } = target.closest?.(shown)?.dataset ?? {};
    if (!n && !seq) return;
    const detail = n ? { n: Number(n) } : { event, run, seq: Number(seq) };
    document.dispatchEvent(new CustomEvent("select-packet", { detail }));
  });
}

function showState() {
  const connected = line.socket.connected && line.everyone.connected;
  const other = line.socket.active ? "disconnected" : "refused";
  panel.dataset.state = connected ? "connected" : other;
  if (connected) document.documentElement.dataset.ready = "true";
}
