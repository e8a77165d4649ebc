// Brings a lesson to life: opens its sockets, mounts its demo, and says when both are ready.

import { ask, connect } from "./lib/line.js";
import { checks, code, predictions, views } from "./lib/learn.js";
import { alarm, announce, table } from "./lib/dom.js";

const panel = document.querySelector("[data-demo]");
const slug = panel.dataset.demo;
const { ran, settle } = code();
views(settle);
checks();
if (!window.io) {
  alarm("lost", "The Socket.IO client did not load. Reload the page.");
  throw new Error("no Socket.IO client");
}
const line = connect(slug);

// Whatever is handled, here or there, marks its lines; the counters tick too often to look at.
line.socket.onAny((event) => event !== "metered" && ran(event));

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

const { default: mount } = await import(`./demos/${slug}.js`);
const unmount = mount(panel, lab);
addEventListener("pagehide", (event) => event.persisted || unmount?.());

const state = () => {
  const connected = line.socket.connected && line.everyone.connected;
  panel.dataset.state = connected ? "connected" : line.socket.active ? "disconnected" : "refused";
  if (connected) document.documentElement.dataset.ready = "true";
};
for (const socket of [line.socket, line.everyone]) {
  for (const event of ["connect", "disconnect", "connect_error"]) socket.on(event, state);
}
state();
