// How slow replayed pictures run, the same for all of the page, and kept: 200 is 1/200 of real speed.

import { keep, kept } from "./dom.js";

export const SPEEDS = [20, 200, 1000];
const told = new Set();

export function speed() {
  const asked = Number(kept("replay speed"));
  return SPEEDS.includes(asked) ? asked : 200;
}

export function setSpeed(slow) {
  keep("replay speed", slow);
  for (const each of told) each();
}

// Calls changed() whenever another is chosen, wherever. Returns how to stop that.
export function onSpeed(changed) {
  told.add(changed);
  return () => told.delete(changed);
}
