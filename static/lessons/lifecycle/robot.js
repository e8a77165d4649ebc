// A robot that leaves: one more socket of this page, on a connection of its own, which comes back by itself.

import { ask, refusal, whyRefused } from "../../lib/line.js";

const DELAYS = { reconnectionDelay: 400, reconnectionDelayMax: 600 }; // ms: sooner than usual, with jitter
const PATIENCE = 8000; // ms until it is connected
export const MANAGERS = [
  "open",
  "ping",
  "close",
  "error",
  "reconnect_attempt",
  "reconnect_error",
  "reconnect",
  "reconnect_failed",
];

export const WAITS = Number(document.querySelector("[data-beat]").dataset.beat); // s that a client waits for the next ping
export const LONG = WAITS + 2; // s in which both sides have noticed, whenever it began

export class Robot {
  // hears: {connected(sid), gone(reason), pinged(), poked(event), manager(name)}, each as one likes
  constructor(lab, k, hears, options = { transports: ["websocket"] }) {
    Object.assign(this, { lab, k, hears });
    this.left = null; // {run, began}: its last departure
    this.lastReason = null;
    this.report = null; // of it, for the next CONNECT: nothing else can carry what a client had to say
    const { seat } = lab.socket.auth;
    const auth = (use) => use({ seat, robot: k, ...(this.report && { left: this.report }) });
    this.socket = window.io(lab.socket.nsp, { auth, forceNew: true, ...DELAYS, ...options });
    this.listen();
  }

  listen() {
    const { socket, hears } = this;
    socket.on("connect", () => {
      this.report = null;
      hears.connected?.(socket.id);
    });
    socket.on("disconnect", (reason) => {
      const { run, began } = this.left ?? {};
      if (run) this.report = { run, reason, after_ms: Math.round(performance.now() - began) };
      this.left = null;
      this.lastReason = reason;
      hears.gone?.(reason);
    });
    socket.on(
      "connect_error",
      (error) => socket.active || hears.refused?.(refusal("the robot", whyRefused(error))),
    );
    socket.on("poked", (event) => hears.poked?.(event));
    socket.io.on("ping", () => hears.pinged?.());
    for (const name of MANAGERS) socket.io.on(name, () => hears.manager?.(name));
  }

  // Resolves to whether it is connected.
  ready() {
    const { socket } = this;
    if (socket.connected) return true;
    if (!socket.active) socket.connect();
    return new Promise((done) => {
      const late = setTimeout(done, PATIENCE, false);
      socket.once("connect", () => {
        clearTimeout(late);
        done(true);
      });
    });
  }

  // Says that it leaves; resolves to the acknowledgement.
  async leaves(how, seconds, step) {
    const ack = await ask(this.socket, "leave", { how, seconds, ...(step && { step }) });
    if (ack.ok) this.left = { run: ack.run, began: performance.now() };
    return ack;
  }
}
