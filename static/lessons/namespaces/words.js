// What became of an order, in words. Pure.

import { count } from "../../lib/dom.js";

const dishes = (n) => `${n} ${n === 1 ? "dish" : "dishes"}`;
export const list = (names) => names.join(" and ");

// The names of the answer's fields tell which handler it was.
export function handled({ minutes, cooking, items, total }) {
  if (minutes) return `on the stove for ${count(minutes, "minute")}; ${dishes(cooking)} cooking`;
  return `on your bill: ${dishes(items)}, ${(total / 100).toFixed(2)} in all`;
}

// open: the namespaces that are open here, {name, isIn}; received: the names of those whose handler ran.
export function receivedBy(name, room, addressed, open, received) {
  const silent = open.filter((one) => !received.has(one.name));
  const names = open.map((one) => one.name).filter((each) => received.has(each));
  const copied = names.map((each) => (each === "/manager" ? "/manager, a copy" : each));
  const same = room && silent.some((one) => one.isIn) ? `, where ${room} is another room` : "";
  const not = silent.length ? `, not by ${list(silent.map((one) => one.name))}${same}` : "";
  const place = room ? `room ${room} of ${name}` : name;
  return `Addressed ${addressed} in ${place}; received here by ${list(copied) || "nobody"}${not}.`;
}
