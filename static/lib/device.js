// Tries what this device can do, on a connection of its own: it begins by polling, upgrades, and sends an event
// there and back. The times are measured by the page; nothing is shown here.

import { ask } from "./line.js";

const PATIENCE = 8000; // ms for one trial
const TRIPS = 5; // the shortest one counts
const NOTICED = 50; // ms that a clock may be wrong and be called right

// tell(trial, passed, words) for "polling", "upgrade", "trip" and "clock". Resolves to the transport in the end:
// "websocket", "polling", or null where the device is not connected.
export async function tryDevice(io, seat, tell) {
  const began = performance.now();
  const took = () => `after ${Math.round(performance.now() - began)} ms`;
  const socket = io("/class", { auth: { seat }, forceNew: true, reconnection: false });
  const upgraded = upgrade(socket);
  try {
    await soon(connected(socket));
    tell("polling", true, took());
    const way = await soon(upgraded).then(took, () => null);
    tell("upgrade", way !== null, way ?? "not within 8 s");
    await timed(socket, tell);
    return socket.io.engine.transport.name;
  } catch (error) {
    tell("polling", false, error.message);
    return null;
  } finally {
    socket.disconnect();
  }
}

function connected(socket) {
  return new Promise((done, fail) => {
    socket.once("connect", done);
    socket.once("connect_error", fail);
  });
}

// The engine is there only once the first packet has come, and may have upgraded a moment later.
function upgrade(socket) {
  return new Promise((done) => {
    socket.io.once("open", () => {
      const { engine } = socket.io;
      if (engine.transport.name === "websocket") done();
      else engine.once("upgrade", done);
    });
  });
}

function soon(promise) {
  const late = new Promise((_, fail) =>
    setTimeout(() => fail(new Error("no answer within 8 seconds")), PATIENCE),
  );
  return Promise.race([promise, late]);
}

// The shortest round trip, and the clock's offset by it: wrong by at most half of that (RFC 5905, section 8).
async function timed(socket, tell) {
  let [trip, offset] = [Infinity, 0];
  for (let n = 0; n < TRIPS; n++) {
    const [t0, began] = [Date.now(), performance.now()];
    const ack = await ask(socket, "sync_clock", { t0 });
    const took = performance.now() - began;
    if (!ack.ok) return tell("trip", false, ack.error);
    if (took < trip) [trip, offset] = [took, ack.t1 - t0 - took / 2];
  }
  tell("trip", true, trip < 1 ? "less than 1 ms" : `${Math.round(trip)} ms`);
  tell("clock", true, ahead(offset, trip / 2));
}

// offset: what must be added to this device's clock, in ms, wrong by at most `error`. Pure.
export function ahead(offset, error) {
  const seconds = Math.abs(offset) / 1000;
  if (seconds * 1000 <= Math.max(NOTICED, error)) return "the same";
  const amount = seconds < 120 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds / 60)} min`;
  return `${amount} ${offset < 0 ? "ahead" : "behind"}: the pages reckon with that`;
}
