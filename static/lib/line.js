// One connection, several namespaces: opens the sockets, keeps the clock, shows how the line is.

import { alarm, element, icon, ms } from "./dom.js";

const here = () => performance.timeOrigin + performance.now();
const wait = (time) => new Promise((done) => setTimeout(done, time));

export function connect(slug) {
  const seat = document.querySelector("meta[name=seat]")?.content;
  const auth = { seat };
  const everyone = window.io("/class", { auth });
  const socket = window.io(`/${slug}`, { auth });
  const clock = keepTime(everyone);
  const countMissed = showLine(socket, everyone, clock);
  const robot = (k) => window.io(`/${slug}`, { auth: { seat, robot: k }, forceNew: true });
  return { everyone, socket, clock, robot, countMissed, receipt: receipts(everyone) };
}

// Sends an event and waits for its ack: {"ok": true, …} or {"ok": false, "error": "a sentence"}.
export async function ask(socket, event, data) {
  if (!socket.connected) return { ok: false, unsent: true, error: "Not connected: waiting for the server." };
  try {
    const ack = await socket.timeout(5000).emitWithAck(event, data);
    return ack.ok ? ack : { ok: false, error: sentence(ack.error) };
  } catch {
    const slow = "The server did not answer within 5 seconds.";
    return { ok: false, error: socket.connected ? slow : "The connection was lost before the answer came." };
  }
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1).replace(/\.$/, "")}.`;

// The server's clock, read off the answer with the least round trip: half of that is the error.
function keepTime(everyone) {
  const clock = { offset: 0, best: Infinity, trip: null, now: () => here() + clock.offset, onTrip: () => {} };
  const once = async () => {
    const t0 = here();
    const ack = await ask(everyone, "sync_clock", { t0 });
    const t3 = here();
    if (!ack.ok) return;
    clock.trip = t3 - t0;
    if (clock.trip < clock.best) Object.assign(clock, { best: clock.trip, offset: ack.t1 - (t0 + t3) / 2 });
    clock.onTrip();
  };
  everyone.on("connect", async () => {
    clock.best = Infinity; // another server may have another clock
    for (let n = 0; n < 5; n++) {
      await once();
      await wait(60);
    }
  });
  setInterval(() => everyone.connected && !document.hidden && once(), 5000);
  return clock;
}

export const arrivals = []; // [run, seq, at]: the latest that this page's handlers heard, for whoever draws them

// Receipts of the same run that fall within 50 ms travel together.
function receipts(everyone) {
  const waiting = new Map();
  return (run, seq, at) => {
    if (arrivals.push([run, seq, at]) > 500) arrivals.shift();
    document.dispatchEvent(new CustomEvent("packet-arrived", { detail: [run, seq, at] }));
    if (!waiting.has(run)) {
      waiting.set(run, []);
      setTimeout(() => {
        ask(everyone, "receipt", { run, got: waiting.get(run) });
        waiting.delete(run);
      }, 50);
    }
    waiting.get(run).push([seq, Math.round(at * 10) / 10]);
  };
}

const SHAPES = { connecting: "wait", connected: "live", disconnected: "cross", cut: "cut" };

// Shows the line in the header. Returns how a demo says what counts the events its socket missed.
function showLine(socket, everyone, clock) {
  let count = null; // a demo that counts what its socket missed says how
  const pill = document.querySelector("[data-connection]");
  const [words, facts] = [pill.querySelector("[data-words]"), pill.querySelector("[data-facts]")];
  const lost = { at: 0 };
  const show = (state) => {
    pill.dataset.state = state;
    pill.firstElementChild.replaceWith(icon(SHAPES[state]));
    const { engine } = socket.io;
    words.textContent = state;
    facts.replaceChildren();
    pill.title = "";
    if (state !== "connected") return;
    const transport = engine.transport.name;
    const before = element("span", { class: "was" }, "polling", icon("next"));
    words.replaceChildren(...(transport === "polling" ? [transport] : [before, transport]));
    facts.replaceChildren(element("span", { class: "sid" }, `${socket.id.slice(0, 4)} · `), ms(clock.trip));
    pill.title = `Socket ${socket.id}, round trip measured by an acknowledgement`;
  };
  const current = () => show(socket.connected ? "connected" : pill.dataset.state);
  clock.onTrip = current;
  socket.on("connect", () => {
    show("connected");
    socket.io.engine.once("upgrade", current);
    if (!lost.at) return;
    const lostEvents = count?.();
    const missed = lostEvents
      ? `Events that never reached the socket: ${lostEvents}.`
      : count
        ? "No missed event is known."
        : "";
    alarm("back", `Connected again after ${Math.round((here() - lost.at) / 1000)} s. ${missed}`);
    lost.at = 0;
  });
  socket.on("disconnect", (reason) => {
    lost.at ||= here();
    const cut = pill.dataset.until > here() + clock.offset;
    show(cut ? "cut" : "disconnected");
    const goodbye = reason === "io server disconnect";
    const next = goodbye
      ? "The server ended it, so this client stays away until it is told to come back."
      : "The page keeps trying to reach the server.";
    alarm("lost", `Connection lost. ${next}`);
  });
  socket.on("connect_error", (error) => {
    show(pill.dataset.state === "cut" ? "cut" : lost.at ? "disconnected" : "connecting");
    if (!socket.active)
      alarm("lost", `The server refused the connection: ${error.message}. Reload the page.`);
  });
  everyone.on("wire_cut", ({ until }) => (pill.dataset.until = until));
  return (how) => (count = how);
}
