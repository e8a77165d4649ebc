// One connection, several namespaces: opens the sockets, keeps the clock, shows how the connection is.

import { alarm, count, element, icon, ms } from "./dom.js";

export const ROBOTS = 8; // sockets a page may open besides its own; the server refuses more
const PATIENCE = 5000; // ms for an ack
const TOGETHER = 50; // ms within which receipts travel together
const KEPT = 500; // receipts that wait for a connection, and arrivals that wait for a timeline

const here = () => performance.timeOrigin + performance.now();
const wait = (time) => new Promise((done) => setTimeout(done, time));

// more: what the namespace wants to be told besides the seat.
export function connect(slug, more = {}) {
  const seat = document.querySelector("meta[name=seat]")?.content;
  const auth = { seat };
  const everyone = window.io("/class", { auth });
  const socket = window.io(`/${slug}`, { auth: { ...auth, ...more } });
  const clock = keepTime(everyone);
  const { countMissed, expectCut, caughtUp } = showLine(socket, everyone, clock);
  const robot = (k) => window.io(`/${slug}`, { auth: { seat, robot: k }, forceNew: true });
  const report = receipts(everyone);
  const receipt = (run, seq, at) => {
    noteArrival(run, seq, at);
    report(run, seq, at);
  };
  const seen = () => inSight(socket);
  return { everyone, socket, clock, robot, countMissed, expectCut, caughtUp, receipt, seen };
}

// The teacher may end a seat: then these sockets stay away, and the page says why, once. Returns whether it is so.
export function leaveWhenRemoved(everyone, ...others) {
  let removed = false;
  everyone.on("removed", ({ sentence: words }) => {
    removed = true;
    for (const socket of [everyone, ...others]) socket.disconnect();
    alarm("lost", sentence(words));
  });
  return () => removed;
}

// Resolves once the page is looked at and connected, both at once.
function inSight(socket) {
  return new Promise((done) => {
    const look = () => {
      if (document.hidden || !socket.connected) return;
      document.removeEventListener("visibilitychange", look);
      socket.off("connect", look);
      done();
    };
    document.addEventListener("visibilitychange", look);
    socket.on("connect", look);
    look();
  });
}

// Sends an event and waits for its ack: {"ok": true, …} or {"ok": false, "error": "a sentence"}. Where the
// server did not say no itself, unsent says that nothing went out, and lost that nobody knows.
export async function ask(socket, event, data) {
  if (!socket.connected) return { ok: false, unsent: true, error: "Not connected: waiting for the server." };
  try {
    const ack = await socket.timeout(PATIENCE).emitWithAck(event, data);
    return ack.ok ? ack : { ok: false, error: sentence(ack.error) };
  } catch {
    if (socket.connected) return { ok: false, error: "The server did not answer within 5 seconds." };
    return { ok: false, lost: true, error: "The connection was lost before the answer came." };
  }
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1).replace(/\.$/, "")}.`;

// The server's words for a connect_error; "" where it was not reached. A namespace refuses with a message of
// its own. A request that is refused has a status, and its sentence stands in the body.
export function whyRefused(error) {
  if (error.message === "timeout") return "";
  if (error.type !== "TransportError") return error.message;
  const { status, responseText } = error.context ?? {};
  if (!status) return "";
  return responseText?.trim().slice(0, 200).replace(/\.$/, "") || `status ${status}`;
}

export const refusal = (who, why) =>
  why ? `The server refused ${who}: ${why}.` : `The server cannot be reached by ${who}.`;

// The server's clock, read off the answer with the least round trip: half of that is the error.
export function keepTime(everyone) {
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

export const arrivals = []; // [run, seq, at]: the latest that this page's handlers had, for a timeline

function noteArrival(...arrival) {
  if (arrivals.push(arrival) > KEPT) arrivals.shift();
  document.dispatchEvent(new CustomEvent("packet-arrived", { detail: arrival }));
}

// Says which events this page's handlers had: receipt(run, seq, at). What cannot be sent now waits for the
// connection, the latest KEPT of it: the handler did run, whatever became of the connection afterwards.
export function receipts(everyone) {
  const waiting = []; // [run, seq, at]
  let timer = 0;
  const keep = (receipt) => waiting.push(receipt) > KEPT && waiting.shift();
  const report = async (run, got) => {
    const ack = await ask(everyone, "receipt", { run, got });
    if (ack.unsent || ack.lost) for (const [seq, at] of got) keep([run, seq, at]);
  };
  const send = () => {
    timer = 0;
    if (!everyone.connected) return;
    const runs = new Map();
    for (const [run, ...got] of waiting.splice(0)) runs.set(run, [...(runs.get(run) ?? []), got]);
    for (const [run, got] of runs) report(run, got);
  };
  everyone.on("connect", send);
  return (run, seq, at) => {
    keep([run, seq, Math.round(at * 10) / 10]);
    if (!timer) timer = setTimeout(send, TOGETHER);
  };
}

const QUIET = 15_000; // ms; the server pings every 10 s: a page that has heard nothing for longer was asleep
const WAKING = 5000; // ms in which a page that was asleep reads what came meanwhile
const BACK_WITHIN = 6000; // ms after the end of an expected cut: the client's longest pause is 5 s
const TICK = 250; // ms
const SHAPES = { connecting: "wait", connected: "live", disconnected: "cross", cut: "cut" };

// Shows the connection in the header. Returns how a demo says what counts the events that its socket missed,
// and until when a cut is what the reader asked for: then only the header says so, and what comes after it.
function showLine(socket, everyone, clock) {
  const pill = document.querySelector("[data-connection]");
  const signs = { heardAt: Date.now(), sleptAt: 0, wokeAt: 0 };
  const line = { socket, clock, pill, signs, count: null, lostAt: 0, cutUntil: 0, expectedUntil: 0 };
  const isRemoved = leaveWhenRemoved(everyone, socket);
  const current = () => socket.connected && showState(line, "connected");
  const heard = () => {
    line.signs = heardNow(line.signs, Date.now());
  };
  clock.onTrip = () => {
    heard();
    current();
  };
  socket.io.on("ping", heard);
  socket.on("connect", () => {
    line.signs = { ...line.signs, heardAt: Date.now() };
    showState(line, "connected");
    socket.io.engine.once("upgrade", current);
    if (line.lostAt) sayBack(line);
  });
  socket.on("disconnect", (reason) => {
    line.lostAt ||= lostSince(line.signs, Date.now());
    showState(line, line.cutUntil > clock.now() ? "cut" : "disconnected");
    [line.back, line.steps] = [null, 0];
    if (isRemoved()) return;
    if (clock.now() > line.expectedUntil) return sayLost(reason, line.cutUntil > clock.now());
    const late = () => line.lostAt && !socket.connected && sayLost(reason);
    setTimeout(late, line.expectedUntil - clock.now() + BACK_WITHIN);
  });
  socket.on("connect_error", (error) => {
    const state = line.lostAt ? "disconnected" : "connecting";
    showState(line, pill.dataset.state === "cut" ? "cut" : state);
    if (!socket.active) alarm("lost", refused(error.message));
  });
  everyone.on("wire_cut", ({ until }) => {
    line.cutUntil = until;
  });
  return {
    countMissed: (counted) => {
      line.count = counted;
    },
    expectCut: (until) => {
      line.expectedUntil = until;
    },
    caughtUp: (steps) => {
      line.steps = steps;
      if (line.back) tellBack(line);
    },
  };
}

// Signs of life, in ms: the last, and around the last sleep. Pure.
export function heardNow(signs, now) {
  if (now - signs.heardAt <= QUIET) return { ...signs, heardAt: now };
  return { heardAt: now, sleptAt: signs.heardAt, wokeAt: now };
}

// When a connection was lost that is found broken now: for a page that slept, when it last heard of it.
export function lostSince({ heardAt, sleptAt, wokeAt }, now) {
  if (now - heardAt > QUIET) return heardAt;
  return now - wokeAt < WAKING ? sleptAt : now;
}

function showState(line, state) {
  const { socket, clock, pill } = line;
  const [words, facts] = [pill.querySelector("[data-words]"), pill.querySelector("[data-facts]")];
  pill.dataset.state = state;
  pill.firstElementChild.replaceWith(icon(SHAPES[state]));
  words.textContent = state;
  facts.replaceChildren();
  pill.title = "";
  if (state === "cut") countDown(line, facts);
  if (state !== "connected") return;
  const transport = socket.io.engine.transport.name;
  const before = element("span", { class: "was" }, "polling", icon("next"));
  words.replaceChildren(...(transport === "polling" ? [transport] : [before, transport]));
  facts.replaceChildren(element("span", { class: "sid" }, `${socket.id.slice(0, 4)} · `), ms(clock.trip));
  pill.title = `Socket ${socket.id}, round trip measured by an acknowledgement`;
}

// How long the cut will last, until the page is back.
function countDown(line, facts) {
  clearTimeout(line.ticking); // each try to come back shows the state anew
  const left = Math.ceil((line.cutUntil - line.clock.now()) / 1000);
  if (line.pill.dataset.state !== "cut") return;
  facts.textContent = left > 0 ? `${left} s` : "over";
  if (left > 0) line.ticking = setTimeout(countDown, TICK, line, facts);
}

function sayBack(line) {
  const seconds = Math.round((Date.now() - line.lostAt) / 1000);
  const lost = line.count?.();
  line.back = {
    words: `Connected again after ${seconds} s.`,
    lost: lost ? `Events that never reached the socket: ${lost}.` : "",
    none: line.count ? "No missed event is known." : "",
  };
  line.lostAt = 0;
  tellBack(line);
}

// What the class did meanwhile is known a moment before the rest, or after it.
function tellBack({ back, steps }) {
  const went = steps ? `The class went on by ${count(steps, "step")}.` : "";
  alarm("back", `${back.words} ${[back.lost, went].filter(Boolean).join(" ") || back.none}`);
}

function refused(why) {
  const then = /reload/i.test(why) ? "" : " Reload the page.";
  return `The server refused the connection: ${why}.${then}`;
}

function sayLost(reason, isCut = false) {
  if (isCut) return alarm("lost", "Cut off on purpose. This page comes back by itself.");
  const next =
    reason === "io server disconnect"
      ? "The server ended it, so this client stays away until it is told to come back."
      : "The page keeps trying to reach the server.";
  alarm("lost", `Connection lost. ${next}`);
}
