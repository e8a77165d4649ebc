// Brings a lesson to life: opens its sockets, mounts its demo, and says when both are ready.

import { ask, connect } from "./lib/line.js";
import { checks, code, predictions, views } from "./lib/learn.js";
import { alarm, announce, table } from "./lib/dom.js";

const panel = document.querySelector("[data-demo]");
const slug = panel.dataset.demo;
const { ran, settle } = code();
const show = views((name) => {
  settle();
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
  table: (caption, columns) => table(document.querySelector("[data-tables]"), caption, columns),
};

const unmount = mount(panel, lab);
addEventListener("pagehide", (event) => event.persisted || unmount?.());

// One packet, seen in three places: what is chosen on the wire or the timeline is marked in the panel, and the other way round.
const SHOWN = "[data-wire-row], [data-seq]";
document.addEventListener("select-packet", ({ detail: { n, run, seq } }) => {
  for (const part of panel.querySelectorAll(SHOWN)) {
    const { dataset } = part;
    part.toggleAttribute(
      "data-selected",
      dataset.wireRow ? Number(dataset.wireRow) === n : dataset.run === run && Number(dataset.seq) === seq,
    );
  }
});
panel.addEventListener("click", ({ target }) => {
  const { wireRow: n, event, run, seq } = target.closest?.(SHOWN)?.dataset ?? {};
  if (!n && !seq) return;
  document.dispatchEvent(
    new CustomEvent("select-packet", { detail: n ? { n: Number(n) } : { event, run, seq: Number(seq) } }),
  );
});

const state = () => {
  const connected = line.socket.connected && line.everyone.connected;
  panel.dataset.state = connected ? "connected" : line.socket.active ? "disconnected" : "refused";
  if (connected) document.documentElement.dataset.ready = "true";
};
for (const socket of [line.socket, line.everyone]) {
  for (const event of ["connect", "disconnect", "connect_error"]) socket.on(event, state);
}
state();
