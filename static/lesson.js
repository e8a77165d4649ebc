// Brings a lesson to life: opens its sockets, mounts its demo, and says when both are ready.
//
// static/lessons/<slug>/panel.js: `export default function mount(panel, lab)` may return what to do when the page
// is left; `export const ticks`: events too frequent to mark lines. The lab:
//   socket, everyone, robot(k)      sockets of /<slug>, of /class, and one more
//   ask(event, data)                {ok: true, …} or {ok: false, error}
//   step(id, {run, resume, chosen}) a prediction's run, wherever it is pressed: lib/act.js
//     run({step, choice})           does it; resolves, when it is over, to its outcome in sentences, or throws one
//     resume?()                     after a reload in mid-run: the same promise, where it can still be kept
//     chosen?(choice, locked)       draw it in the picture
//     returns .choose(choice or null), .begin() (lock and run), .state, .words(choice): for a picture that asks
//   expectCut(until)                the reader cuts the wire until then (server's ms): no alarm
//   seen()                          resolves once the page is looked at and connected: what begins by itself
//   countMissed(count)              for what is said when the connection is back
//   receipt(run, seq, at), clock.now(), table(caption, columns) → row(key, cells), late(load, make) → use(act),
//   ran(event), announce(sentence)
// parts/run.html, included with a step, is the Run button and the place of the outcome. Containers: panel, bench.

import { Act } from "./lib/act.js";
import { alarm, announce } from "./lib/dom.js";
import { ask, connect } from "./lib/line.js";

const panel = document.querySelector("[data-demo]");
const slug = panel.dataset.demo;
const MOST_ROWS = 200; // of a table
const PHONE = matchMedia("(max-width: 800px)");
const isProjected = () => document.documentElement.dataset.theme === "projector";
const paneOf = (tab) => document.getElementById(tab.dataset.tab);
const isSeen = (tab) => tab.offsetParent !== null;
// These come after the first view. A verdict: on a prediction after its run, on a check when it is asked for.
const verdicts = late(() => import("./lib/verdicts.js"));
const drawers = late(() => import("./lib/drawers.js"));
const drawing = late(() => import("./lib/table.js"));
const files = [...document.querySelectorAll("[data-file]")]; // of its code
let markLines = null; // once the files are here
const listing = late(
  async () =>
    (await import("./lib/listing.js")).listing(document.querySelector("[data-lesson]").dataset.lesson),
  (mark) => {
    markLines = mark;
    return mark;
  },
);
const tables = []; // of the demo, as values: {caption, columns, rows: key -> cells, changed: keys}
let drawTable = null; // only while the Table view is open
const show = views((name) => {
  if (name === "code") listing((mark) => mark());
  openTables(name === "table");
  if (name === "wire" || name === "timeline") drawers(({ open }) => open(name));
});
document.addEventListener("show-on-wire", ({ detail }) => {
  show("wire");
  drawers(({ point }) => point(detail));
});
const byLink = () => location.hash.startsWith("#wire-") && show("wire");
addEventListener("hashchange", byLink);
byLink();
checks();
warmUp();
if (!window.io) {
  alarm("lost", "The Socket.IO client did not load. Reload the page.");
  throw new Error("no Socket.IO client");
}

// On the wall the teacher runs the steps, for all.
const onWall = "onWall" in document.documentElement.dataset ? await import("./lib/onwall.js") : null;

// The demo first: an event that the server sends on arrival must find its handler registered.
const { default: mount, ticks = [] } = await import(`./lessons/${slug}/panel.js`);
const line = connect(slug);

// Whatever is handled, here or there, marks its lines; what ticks by itself comes too often to look at.
line.socket.onAny((event) => ticks.includes(event) || ran(event));

const acts = steps();
const lab = {
  ...line,
  async ask(event, data) {
    const ack = await ask(line.socket, event, data);
    if (ack.unsent !== true) ran(event);
    return ack;
  },
  step(id, does) {
    acts.get(id).register(does);
    return acts.get(id);
  },
  ran,
  announce,
  table,
  late,
};

const [menu, pause] = ["[data-playback]", "[data-pause]"].map((part) => document.querySelector(part));
const playback = late(
  () => import("./lib/playback.js"),
  ({ Playback }) => new Playback(menu, pause, panel, line.socket, ticks),
);
menu.addEventListener("toggle", () => playback());
pause.addEventListener("click", () => playback((one) => one.toggle()));
addEventListener("keydown", (event) => event.key === "." && playback((one) => one.pressed(event)));
const unmount = mount(panel, lab);
if (document.body.dataset.class) goAlong();
addEventListener("pagehide", (event) => event.persisted || unmount?.());
onWall?.obey(acts);
shareSelection();
line.socket.io.once("ping", async () => (await import("./lib/heartbeat.js")).show(line.socket.io));
showState();
for (const socket of [line.socket, line.everyone]) {
  for (const event of ["connect", "disconnect", "connect_error"]) socket.on(event, showState);
}

// Every prediction of the lesson with its part of the panel: id → Act.
function steps() {
  const { seat } = line.socket.auth;
  const about = { ask: (event, data) => ask(line.everyone, event, data), seat, verdicts, show };
  const forms = [...document.querySelectorAll("[data-predict]")];
  const home = (form) => document.getElementById(`act-${form.dataset.predict}`);
  const Kind = onWall?.ClassAct ?? Act;
  return new Map(forms.map((form) => [form.dataset.predict, new Kind(form, home(form), about)]));
}

// Who is in a class goes along with it. Where the code cannot be had, the lesson works without.
async function goAlong() {
  const { attend } = await import("./lib/classroom.js");
  const isPhone = () => PHONE.matches;
  const find = (form) => {
    if (PHONE.matches) show("read");
    form.scrollIntoView({ block: "start" });
  };
  const { lesson } = document.querySelector("[data-lesson]").dataset;
  attend(line.everyone, { slug: lesson, acts, show, isPhone, find, caughtUp: line.caughtUp });
}

// Of the lesson two before this one: the check that was answered wrong, else one that was not answered yet.
function warmUp() {
  const home = document.querySelector("[data-warm-up]");
  home?.addEventListener(
    "toggle",
    async () => {
      const { choose } = await import("./lib/warmup.js");
      choose(home);
    },
    { once: true },
  );
}

function checks() {
  for (const form of document.querySelectorAll("[data-check]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      verdicts(({ check }) => check(form));
    });
  }
}

// A demo's picture as a table. Returns how to set a row: row(key, cells). Beyond MOST_ROWS the oldest goes.
function table(caption, columns) {
  const one = { caption, columns, rows: new Map(), changed: new Set() };
  tables.push(one);
  return (key, cells) => {
    one.rows.set(key, cells);
    one.changed.add(key);
    if (one.rows.size > MOST_ROWS) {
      const [oldest] = one.rows.keys();
      one.rows.delete(oldest);
      one.changed.delete(oldest);
    }
    drawTable?.(one);
  };
}

// Most readers never look at the tables: nothing is drawn for a closed view.
function openTables(on) {
  drawTable = null;
  if (!on) return;
  const home = document.querySelector("[data-tables]");
  drawing((code) => {
    if (!home.matches("[data-open]")) return; // closed again meanwhile
    drawTable = (one) => code.drawTable(home, one);
    tables.forEach(drawTable);
  });
}

// Says which lines of each file sent or handled an event, the last that came. They are marked where the files
// have been looked at.
function ran(event) {
  if (event === ran.last) return;
  ran.last = event;
  for (const file of files) {
    const handlers = JSON.parse(file.dataset.handlers);
    const range = handlers[event] ?? handlers[event.split(" ").at(-1)]; // "kitchen order"
    if (!range) continue;
    const [from, to] = range;
    const which = from === to ? `line ${from}` : `lines ${from} to ${to}`;
    file.dataset.lines = range.join(" ");
    file.querySelector("[data-ran]").textContent = `The event ${event} just ran ${which}.`;
    const justRan = `${event} just ran: ${file.dataset.file}, ${which}`;
    if (file === files[0]) document.querySelector("[data-just-ran]").textContent = justRan;
  }
  markLines?.();
}

// Code that the first view does not need, fetched once. Returns use(act), which does act with what make()
// made of the code, in the order of the calls: a press that comes before the code is not lost.
function late(load, make = (code) => code) {
  let coming = null;
  const come = async () => {
    const code = await load().catch(() => null);
    if (code) return make(code);
    coming = null; // the next press tries again
    alarm("lost", "A part of this page could not be fetched. Try again, or reload the page.");
    return null;
  };
  return async (act = () => {}) => {
    coming ??= come();
    const made = await coming;
    return made && act(made);
  };
}

// One packet, seen in three places: what is chosen on the wire or the timeline is marked in the panel, and
// the other way round.
function shareSelection() {
  const shown = "[data-wire-row], [data-seq]";
  document.addEventListener("select-packet", ({ detail: { n, run, seq } }) => {
    for (const part of panel.querySelectorAll(shown)) {
      const { wireRow, run: itsRun, seq: itsSeq } = part.dataset;
      const isIt = wireRow ? Number(wireRow) === n : itsRun === run && Number(itsSeq) === seq;
      part.toggleAttribute("data-selected", isIt);
    }
  });
  panel.addEventListener("click", ({ target }) => {
    const { wireRow: n, event, run, seq } = target.closest?.(shown)?.dataset ?? {};
    if (!n && !seq) return;
    const detail = n ? { n: Number(n) } : { event, run, seq: Number(seq) };
    document.dispatchEvent(new CustomEvent("select-packet", { detail }));
  });
}

function showState() {
  const connected = line.socket.connected && line.everyone.connected;
  const other = line.socket.active ? "disconnected" : "refused";
  panel.dataset.state = connected ? "connected" : other;
  if (connected) document.documentElement.dataset.ready = "true";
}

// Read, Demo, Wire, Timeline, Code, Table: one at a time on a phone. On a laptop Read and Demo stay in sight,
// and the others are drawers that close again. In the projector theme the demo has the whole width, and Read
// is a drawer too, which lies over it.
// onShow(name) is told what is open now; null: no drawer. Returns show(name), by which "demo" is in sight
// everywhere.
function views(onShow) {
  const bar = document.querySelector("[data-tabs]");
  const view = { bar, tabs: [...bar.querySelectorAll("[data-tab]")], open: null, onShow };
  bar.setAttribute("role", "tablist");
  for (const tab of view.tabs) tab.setAttribute("role", "tab");
  bar.addEventListener("click", ({ target }) => {
    const name = target.closest("[data-tab]")?.dataset.tab;
    if (!name) return;
    openView(view, name === view.open && !PHONE.matches ? null : name);
    if (PHONE.matches) scrollTo(0, 0);
  });
  bar.addEventListener("keydown", (event) => walkTabs(view, event));
  const show = (name) => openView(view, PHONE.matches || name !== "demo" ? name : null);
  followLinks(view, show);
  const start = () => openView(view, PHONE.matches ? (location.hash ? "read" : "demo") : null);
  PHONE.addEventListener("change", start);
  const themes = new MutationObserver(() => isSeen(view.tabs[0]) !== view.readIsTab && start());
  themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  start();
  return show;
}

// A link to something in a pane that is out of sight opens that pane first; Escape closes what lies over the demo.
function followLinks(view, show) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#']");
    const pane = link && document.getElementById(link.hash.slice(1))?.closest("[data-pane]");
    if (pane && (PHONE.matches || isProjected())) show(pane.dataset.pane);
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || view.open !== "read" || PHONE.matches) return;
    openView(view, null);
    view.tabs[0].focus();
  });
}

function openView(view, name) {
  view.open = name;
  view.readIsTab = isSeen(view.tabs[0]);
  for (const tab of view.tabs) {
    const [on, pane] = [tab.dataset.tab === name, paneOf(tab)];
    tab.setAttribute("aria-selected", on);
    tab.tabIndex = on ? 0 : -1;
    pane.toggleAttribute("data-open", on);
    tie(tab, pane);
  }
  view.onShow(name);
  nameThePage();
  const seen = view.tabs.filter(isSeen);
  if (!seen.some((tab) => tab.tabIndex === 0)) seen[0].tabIndex = 0; // the bar can always be reached
}

// Where the text is out of sight, and its title with it, the words in the bar are the page's heading.
function nameThePage() {
  const crumb = document.querySelector(".crumb");
  const heading = { role: "heading", "aria-level": 1 };
  for (const [name, value] of Object.entries(heading)) {
    if (document.querySelector("h1").checkVisibility()) crumb.removeAttribute(name);
    else crumb.setAttribute(name, value);
  }
}

// A pane is a panel of the bar only while its tab is there to be pressed; open, it takes the focus after it.
function tie(tab, pane) {
  const attributes = { role: "tabpanel", "aria-labelledby": tab.id };
  for (const [name, value] of Object.entries(attributes)) {
    if (isSeen(tab)) pane.setAttribute(name, value);
    else pane.removeAttribute(name);
  }
  if (isSeen(tab)) tab.setAttribute("aria-controls", pane.id);
  else tab.removeAttribute("aria-controls");
  pane.tabIndex = isSeen(tab) && pane.matches("[data-open]") ? 0 : -1;
}

function walkTabs(view, event) {
  const seen = view.tabs.filter(isSeen);
  const at = seen.indexOf(event.target);
  if (at < 0) return;
  const { [event.key]: next } = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 };
  if (next === undefined) return;
  event.preventDefault();
  const tab = seen.at(next % seen.length);
  openView(view, tab.dataset.tab);
  tab.focus();
}
