// The Wire and Timeline tabs of a lesson. Fetched, with their style, when one of them is first opened.

import { housekeeping } from "./housekeeping.js";
import { arrivals } from "./line.js";
import { saving } from "./saving.js";
import { arrived, mountTimeline } from "./timeline.js";
import { mount, ownTraffic } from "./wire.js";
import { liveFeed } from "./wirefeed.js";

const TRIES = 12; // for a row that is on its way
const BETWEEN = 250; // ms
const feed = liveFeed();
// The lesson's own module, which is here already, says which of its events tick by themselves.
const { demo } = document.querySelector("[data-demo]").dataset;
const { ticks = [] } = await import(`../lessons/${demo}/panel.js`);
const traffic = ownTraffic(housekeeping(ticks));
const styled = new Promise((done) => {
  const sheet = document.createElement("link");
  Object.assign(sheet, {
    rel: "stylesheet",
    href: new URL("../css/wire.css", import.meta.url),
    onload: done,
    onerror: done,
  });
  document.head.append(sheet);
});
const opened = {};
const FILL = {
  wire(root) {
    const wire = mount(root, feed, { tools: saving(() => wire.rows(), document.title), traffic });
    return wire;
  },
  timeline(root) {
    for (const arrival of arrivals) arrived(...arrival);
    document.addEventListener("packet-arrived", ({ detail }) => arrived(...detail));
    return mountTimeline(root, feed, traffic);
  },
};

// Opens the latest row of this name as soon as it is here; none(sentence): it does not come.
export async function point({ name, none }) {
  await open("wire");
  for (let n = 0; n < TRIES; n++) {
    if (opened.wire.latest(name)) return;
    await new Promise((wake) => setTimeout(wake, BETWEEN));
  }
  none(`Nothing of ${name} has crossed yet: use the demo first, then ask again.`);
}

export async function open(name) {
  await styled;
  if (opened[name]) opened[name].seen();
  else opened[name] = FILL[name](document.getElementById(name));
}
