// What became of an order, in words. Pure.

import { count } from "../../lib/dom.js";

const dishes = (n) => `${n} ${n === 1 ? "dish" : "dishes"}`;
export const list = (names) => names.join(" and ");

// The names of the answer's fields tell which handler it was.
export function handled({ minutes, cooking, items, total }) {
  if (minutes) return `on the stove, done in ${count(minutes, "minute")}; ${dishes(cooking)} cooking`;
  return `on your bill: ${dishes(items)}, ${(total / 100).toFixed(2)} in all`;
}

// open: the namespaces that are open here, {name, isIn}; heard: the names of those whose handler ran.
export function heardBy(name, room, addressed, open, heard) {
  const silent = open.filter((one) => !heard.has(one.name));
  const names = open.map((one) => one.name).filter((each) => heard.has(each));
  const copied = names.map((each) => (each === "/manager" ? "/manager, a copy" : each));
  const same = room && silent.some((one) => one.isIn) ? `, where ${room} is another room` : "";
  const not = silent.length ? `, not by ${list(silent.map((one) => one.name))}${same}` : "";
  const place = room ? `room ${room} of ${name}` : name;
  return `Addressed ${addressed} in ${place}; heard here by ${list(copied) || "nobody"}${not}.`;
}
