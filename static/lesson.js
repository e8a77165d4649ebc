// Brings a lesson to life: opens its sockets, mounts its demo, and says when both are ready. Below that are
// the parts that every demo shares: views, predictions, marked code.

import { alarm, announce, element, icon } from "./lib/dom.js";
import { ask, connect } from "./lib/line.js";

const panel = document.querySelector("[data-demo]");
const slug = panel.dataset.demo;
const MOST_ROWS = 200; // of a table
const PHONE = matchMedia("(max-width: 800px)");
const all = (selector, home = document) => [...home.querySelectorAll(selector)];
const paneOf = (tab) => document.getElementById(tab.dataset.tab);
const isSeen = (tab) => tab.offsetParent !== null;
// These come after the first view. A verdict: on a prediction after its run, on a check when it is asked for.
const verdicts = late(() => import("./lib/verdicts.js"));
const drawers = late(() => import("./lib/drawers.js"));
const drawing = late(() => import("./lib/table.js"));
const { ran, showMarked } = code();
const tables = []; // of the demo, as values: {caption, columns, rows: key -> cells, changed: keys}
let drawTable = null; // only while the Table view is open
const show = views((name) => {
  showMarked();
  openTables(name === "table");
  if (name === "wire" || name === "timeline") drawers(({ open }) => open(name));
});
const byLink = () => location.hash.startsWith("#wire-") && show("wire");
addEventListener("hashchange", byLink);
byLink();
checks();
if (!window.io) {
  alarm("lost", "The Socket.IO client did not load. Reload the page.");
  throw new Error("no Socket.IO client");
}

// The demo first: an event that the server sends on arrival must find its handler registered.
const { default: mount, ticks = [] } = await import(`./lessons/${slug}/panel.js`);
const line = connect(slug);

// Whatever is handled, here or there, marks its lines; what ticks by itself comes too often to look at.
line.socket.onAny((event) => ticks.includes(event) || ran(event));

const lab = {
  ...line,
  async ask(event, data) {
    const ack = await ask(line.socket, event, data);
    if (ack.unsent !== true) ran(event);
    return ack;
  },
  ran,
  reveal: predictions((event, data) => ask(line.everyone, event, data), panel),
  announce,
  table,
  late,
};

const unmount = mount(panel, lab);
addEventListener("pagehide", (event) => event.persisted || unmount?.());
shareSelection();
showState();
for (const socket of [line.socket, line.everyone]) {
  for (const event of ["connect", "disconnect", "connect_error"]) socket.on(event, showState);
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

// The parts that every demo shares

// Read, Demo, Wire, Timeline, Code, Table: one at a time on a phone; on a laptop Read and Demo stay in sight,
// and the others are drawers that close again. Returns show(name).
function views(onShow) {
  const bar = document.querySelector("[data-tabs]");
  const view = { bar, tabs: all("[data-tab]", bar), open: null, onShow };
  bar.setAttribute("role", "tablist");
  for (const tab of view.tabs) tab.setAttribute("role", "tab");
  bar.addEventListener("click", ({ target }) => {
    const name = target.dataset.tab;
    if (!name) return;
    openView(view, name === view.open && !PHONE.matches ? null : name);
    if (PHONE.matches) scrollTo(0, 0);
  });
  bar.addEventListener("keydown", (event) => walkTabs(view, event));
  // A link to something in a pane that a phone does not show opens that pane first.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#']");
    const goal = link && document.getElementById(link.hash.slice(1));
    if (goal && PHONE.matches) openView(view, goal.closest("[data-pane]")?.dataset.pane ?? view.open);
  });
  const start = () => openView(view, PHONE.matches ? (location.hash ? "read" : "demo") : null);
  PHONE.addEventListener("change", start);
  start();
  return (name) => openView(view, name);
}

function openView(view, name) {
  view.open = name;
  for (const tab of view.tabs) {
    const [on, pane] = [tab.dataset.tab === name, paneOf(tab)];
    tab.setAttribute("aria-selected", on);
    tab.tabIndex = on ? 0 : -1;
    pane.toggleAttribute("data-open", on);
    tie(tab, pane);
  }
  view.onShow(name);
  const seen = view.tabs.filter(isSeen);
  if (!seen.some((tab) => tab.tabIndex === 0)) seen[0].tabIndex = 0; // the bar can always be reached
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

function checks() {
  for (const form of all("[data-check]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      verdicts(({ check }) => check(form));
    });
  }
}

// Predictions: a locked choice opens the Run button of its step. Returns reveal(step, sentences), which sets
// the outcome beside it.
function predictions(ask, panel) {
  const forms = Object.fromEntries(all("[data-predict]").map((form) => [form.dataset.predict, form]));
  for (const button of all("[data-step]", panel)) button.disabled = Boolean(forms[button.dataset.step]);
  for (const form of Object.values(forms)) {
    if (form.dataset.locked) lock(form, form.dataset.locked, panel);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      predict(form, ask, panel);
    });
  }
  return (step, sentences) => {
    if (forms[step]?.dataset.locked) verdicts(({ reveal }) => reveal(forms[step], sentences));
  };
}

async function predict(form, ask, panel) {
  const choice = form.elements.choice.value;
  const note = form.querySelector("[data-note]");
  if (!choice) return tell(note, "Choose one of the answers first.");
  const ack = await ask("predict", { step: form.dataset.predict, choice });
  if (!ack.ok) return tell(note, ack.error);
  lock(form, ack.locked, panel);
  announce("Prediction locked. The Run button is open.");
  verdicts(); // its run is next, and may outlast the connection
}

function tell(note, sentence) {
  note.textContent = sentence;
  announce(sentence);
}

function lock(form, choice, panel) {
  form.dataset.locked = choice;
  for (const input of form.elements.choice)
    Object.assign(input, { checked: input.value === choice, disabled: true });
  form.querySelector("[type=submit]").hidden = true;
  const way = element("a", { href: "#demo" }, "Run it in the demo");
  form.querySelector("[data-note]").replaceChildren(icon("lock"), "Locked.", way);
  for (const button of all(`[data-step="${form.dataset.predict}"]`, panel)) {
    button.disabled = false;
    document.getElementById(button.getAttribute("aria-describedby")).hidden = true;
  }
}

// ran("start") marks the lines that sent or handled the event in every listing that has it; showMarked()
// scrolls the listings there.
function code() {
  const files = all("[data-file]");
  const bar = document.querySelector("[data-files]");
  const open = (file) => {
    for (const each of files) each.toggleAttribute("data-open", each === file);
    for (const button of bar.children)
      button.setAttribute("aria-pressed", button.textContent === file.dataset.file);
  };
  const showMarked = () => files.forEach(scrollToMarked);
  for (const file of files) {
    const button = element("button", { type: "button" }, file.dataset.file);
    button.addEventListener("click", () => {
      open(file);
      scrollToMarked(file);
    });
    bar.append(button);
    file.handlers = JSON.parse(file.dataset.handlers);
  }
  if (files.length) open(files[0]);
  let last = null;
  const ran = (event) => {
    if (event === last) return;
    last = event;
    for (const file of files) markLines(file, event, file === files[0]);
    showMarked();
  };
  return { ran, showMarked };
}

function scrollToMarked(file) {
  const first = file.querySelector("[data-ran]:is(li)");
  if (first) file.querySelector(".listing").scrollTop = first.offsetTop - first.parentNode.offsetTop - 24;
}

function markLines(file, event, isFirst) {
  const range = file.handlers[event] ?? file.handlers[event.split(" ").at(-1)]; // "kitchen order"
  if (!range) return;
  const [from, to] = range;
  all(".code-lines > li", file).forEach((line, at) => {
    line.toggleAttribute("data-ran", at + 1 >= from && at < to);
  });
  const which = from === to ? `line ${from}` : `lines ${from} to ${to}`;
  file.querySelector("[data-ran]:is(p)").textContent = `The event ${event} just ran ${which}.`;
  const justRan = `${event} just ran: ${file.dataset.file}, ${which}`;
  if (isFirst) document.querySelector("[data-just-ran]").textContent = justRan;
}
