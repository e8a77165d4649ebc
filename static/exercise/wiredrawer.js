// The wire of this seat, of its programs too: fetched, with its style, when it is first opened.

import { about } from "../lib/about.js";
import { announce } from "../lib/dom.js";
import { byHand, housekeeping } from "../lib/housekeeping.js";
import { saving } from "../lib/saving.js";
import { mount, ownTraffic } from "../lib/wire.js";
import { liveFeed } from "../lib/wirefeed.js";

const TRIES = 16; // for a row that is on its way
const BETWEEN = 250; // ms
let wire = null;
const styled = new Promise((done) => {
  const sheet = document.createElement("link");
  const href = new URL("../css/wire.css", import.meta.url);
  Object.assign(sheet, { rel: "stylesheet", href, onload: done, onerror: done });
  document.head.append(sheet);
});

// Which rows are this page's, which watches, and not a program's: a program has no way into the namespace that all
// pages share. To be asked for each row, in their order.
export function ofWatcher(isOwn) {
  const pages = new Set(); // connections
  const known = new WeakMap();
  return (row) => {
    if (!known.has(row)) {
      const names = about(row).packets.map(({ namespace }) => namespace);
      if (names.includes("/class")) pages.add(row.connection);
      known.set(row, (pages.has(row.connection) && names.includes("/exercise")) || isOwn(row));
    }
    return known.get(row);
  };
}

export async function open(pane) {
  await styled;
  if (wire) return wire.seen();
  const traffic = ownTraffic(ofWatcher(housekeeping([], byHand())));
  wire = mount(pane, liveFeed(), {
    tools: saving(() => wire.rows(), document.title),
    traffic,
    isEager: true,
  });
}

// which: the number of a row, or the name of what to look for; it may still be on its way. A closed drawer has not
// asked for a while: decided is the number of a row that has to be here before the latest of a name is.
export async function point(pane, which, decided) {
  await open(pane);
  for (let n = 0; n < TRIES; n++) {
    if (wire.rows().some((row) => row.n >= decided) && shows(which)) return;
    await new Promise((wake) => setTimeout(wake, BETWEEN));
  }
  if (shows(which)) return;
  announce(`There is no such row (${which}) on the wire: run your program first.`);
}

function shows(which) {
  if (typeof which === "string") return wire.latest(which);
  if (!wire.rows().some(({ n }) => n === which)) return false;
  document.dispatchEvent(new CustomEvent("select-packet", { detail: { n: which } }));
  return true;
}
