// The packet inspector: all connections of a visitor, a timeline of them, saved files, experiments, and the
// raw terminal.

import { announce, count, element } from "./lib/dom.js";
import { nameOf } from "./lib/connections.js";
import { byHand, housekeeping } from "./lib/housekeeping.js";
import { saving } from "./lib/saving.js";
import { sign } from "./lib/signs.js";
import { terminal } from "./lib/terminal.js";
import { mountTrials } from "./lib/trials.js";
import { mount, ownTraffic } from "./lib/wire.js";
import { liveFeed, stillFeed } from "./lib/wirefeed.js";

const BIGGEST = 64 << 20; // bytes of a file that is opened
const root = document.querySelector("[data-wire]");
const times = document.querySelector("[data-timeline]");
const buttons = document.querySelector(".wire-views");
const files = document.querySelector(".wire-files");
const connections = new Map(); // number -> what it speaks
const isTyped = byHand();
let [feed, list, timeline, traffic] = [null, null, null, null];

const choose = element("select", { "aria-label": "Connection" });
const everything = element("option", { value: "" }, "all connections");
const file = element("input", {
  type: "file",
  accept: ".jsonl,.html,.htm",
  class: "hidden",
  id: "wire-file",
});
const from = element("p", { class: "wire-from", hidden: true });
choose.append(everything);
files.append(...saving(() => list.rows(), "What crossed the wire"));
files.append(file, element("label", { class: "button", for: "wire-file" }, "Open a file"));
root.before(from);

choose.addEventListener("change", () => list.only(choose.value ? Number(choose.value) : ""));
file.addEventListener("change", async () => {
  if (file.files[0]) await openFile(file.files[0]);
  file.value = "";
});
buttons.addEventListener("click", ({ target }) => {
  const name = target.closest("button")?.dataset.view;
  if (name) turnTo(name);
});
show(liveFeed());
const { load } = terminal(document.querySelector("[data-terminal]"));
mountTrials(document.querySelector("[data-trials]"), liveFeed(), isTyped, load);
showSide();

// Whole, and once the first rows are drawn, or it is clear that none come: what is seen does not move then.
function showSide() {
  const leave = liveFeed().subscribe(() => {
    leave();
    requestAnimationFrame(() => {
      document.querySelector("[data-side]").hidden = false;
    });
  });
}

function show(next) {
  list?.leave();
  timeline?.leave();
  timeline = null;
  feed = next;
  from.hidden = true;
  connections.clear();
  choose.replaceChildren(everything);
  traffic = ownTraffic(housekeeping([], feed === liveFeed() ? isTyped : byHand()));
  list = mount(root, feed, { tools: [choose], traffic, isEager: true });
  nameConnections(feed.rows);
  feed.subscribe(nameConnections, () => false);
  if (times.hidden === false) drawTimeline();
}

async function openFile(chosen) {
  try {
    if (chosen.size > BIGGEST) throw new Error("This file is too big to open here: 64 MB is the most.");
    const { reopened } = await import("./lib/handout.js");
    const rows = reopened(await chosen.text());
    const back = element("button", { type: "button" }, "Back to the live capture");
    const name = element("bdi", {}, chosen.name);
    back.addEventListener("click", () => show(liveFeed()));
    show(stillFeed(rows));
    from.replaceChildren(
      element("span", {}, "From the file ", name, `: ${count(rows.length, "row")}.`),
      back,
    );
    announce(`${count(rows.length, "row")} from a file.`);
  } catch (error) {
    from.replaceChildren(sign("wrong"), element("span", {}, error.message));
    announce(error.message);
  }
  from.hidden = false;
}

// Each connection by its number, and what it speaks.
function nameConnections(rows) {
  for (const { connection, transport } of rows) {
    const known = connections.get(connection);
    if (known === "websocket" || known === transport) continue;
    connections.set(connection, transport);
    const text = `${nameOf(connection)}, ${transport}`;
    const option = choose.querySelector(`[value="${connection}"]`);
    if (option) option.textContent = text;
    else choose.append(element("option", { value: connection }, text));
  }
}

async function drawTimeline() {
  if (timeline) return;
  const { mountTimeline } = await import("./lib/timeline.js");
  timeline ??= mountTimeline(times, feed, traffic);
}

function turnTo(name) {
  for (const button of buttons.children) button.setAttribute("aria-pressed", button.dataset.view === name);
  root.hidden = name !== "rows";
  times.hidden = name !== "time";
  if (name === "time") drawTimeline();
  else list.seen();
}
