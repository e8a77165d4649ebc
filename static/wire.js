// The page /wire: all connections of a visitor, a timeline of them, saved files, and the raw terminal.

import { announce, element } from "./lib/dom.js";
import { reopened, saving } from "./lib/handout.js";
import { sign } from "./lib/peel.js";
import { terminal } from "./lib/terminal.js";
import { mount } from "./lib/wire.js";
import { liveFeed, stillFeed } from "./lib/wirefeed.js";

const BIGGEST = 64 << 20; // bytes of a file that is opened
const root = document.querySelector("[data-wire]");
const times = document.querySelector("[data-timeline]");
const views = document.querySelector(".wire-views");
let [feed, view, clock] = [liveFeed(), null, null];

const files = document.querySelector(".wire-files");
files.append(...saving(() => view.rows(), "What crossed the wire"));
const choose = element(
  "select",
  { "aria-label": "Connection" },
  element("option", { value: "" }, "all connections"),
);
const open = element("input", {
  type: "file",
  accept: ".jsonl,.html,.htm",
  class: "hidden",
  id: "wire-file",
});
const label = element("label", { class: "button", for: "wire-file" }, "Open a file");
const from = element("p", { class: "wire-from", hidden: true });
files.append(open, label);
root.before(from);

choose.addEventListener("change", () => view.only(choose.value ? Number(choose.value) : ""));
open.addEventListener("change", async () => {
  const [file] = open.files;
  if (!file) return;
  try {
    if (file.size > BIGGEST) throw new Error("This file is too big to open here: 64 MB is the most.");
    const rows = reopened(await file.text());
    const back = element("button", { type: "button" }, "Back to the live wire");
    back.addEventListener("click", () => show(liveFeed()));
    show(stillFeed(rows));
    from.replaceChildren(
      element("span", {}, "From the file ", element("bdi", {}, file.name), `: ${rows.length} rows.`),
      back,
    );
    from.hidden = false;
    announce(`${rows.length} rows from a file.`);
  } catch (error) {
    from.replaceChildren(sign("wrong"), element("span", {}, error.message));
    from.hidden = false;
    announce(error.message);
  }
  open.value = "";
});

function show(next) {
  view?.leave();
  clock?.leave();
  clock = null;
  feed = next;
  from.hidden = true;
  known.clear();
  choose.replaceChildren(choose.firstElementChild);
  view = mount(root, feed, { tools: [choose] });
  connections(feed.rows);
  feed.subscribe(connections, () => false);
  if (times.hidden === false) timeline();
}

// Each connection by its number, and what it speaks.
const known = new Map();
function connections(rows) {
  for (const { connection, transport } of rows) {
    const has = known.get(connection);
    if (has === "websocket" || has === transport) continue;
    known.set(connection, transport);
    const text = `connection ${connection}, ${transport}`;
    const option = choose.querySelector(`[value="${connection}"]`);
    if (option) option.textContent = text;
    else choose.append(element("option", { value: connection }, text));
  }
}

async function timeline() {
  if (clock) return;
  const { mountTimeline } = await import("./lib/timeline.js");
  clock ??= mountTimeline(times, feed);
}

views.addEventListener("click", ({ target }) => {
  const name = target.closest("button")?.dataset.view;
  if (!name) return;
  for (const button of views.children) button.setAttribute("aria-pressed", button.dataset.view === name);
  root.hidden = name !== "rows";
  times.hidden = name !== "time";
  if (name === "time") timeline();
  else view.seen();
});

show(feed);
terminal(document.querySelector("[data-terminal]"));
