// The parts of a lesson that every demo shares: views, predictions, marked code.

import { announce, element, icon } from "./dom.js";

const phone = matchMedia("(max-width: 800px)");
const all = (selector, home = document) => [...home.querySelectorAll(selector)];

// Read, Demo, Wire, Timeline, Code, Table: one at a time on a phone; on a laptop Read and Demo stay in sight,
// and the others are drawers that close again. Returns show(name).
export function views(onShow) {
  const bar = document.querySelector("[data-tabs]");
  const view = { bar, tabs: all("[data-tab]", bar), open: null, onShow };
  bar.setAttribute("role", "tablist");
  for (const tab of view.tabs) tab.setAttribute("role", "tab");
  bar.addEventListener("click", ({ target }) => {
    const name = target.dataset.tab;
    if (!name) return;
    show(view, name === view.open && !phone.matches ? null : name);
    if (phone.matches) scrollTo(0, 0);
  });
  bar.addEventListener("keydown", (event) => walkTabs(view, event));
  // A link to something in a pane that a phone does not show opens that pane first.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#']");
    const goal = link && document.getElementById(link.hash.slice(1));
    if (goal && phone.matches) show(view, goal.closest("[data-pane]")?.dataset.pane ?? view.open);
  });
  const start = () => show(view, phone.matches ? (location.hash ? "read" : "demo") : null);
  phone.addEventListener("change", start);
  start();
  return (name) => show(view, name);
}

const paneOf = (tab) => document.getElementById(tab.dataset.tab);
const isSeen = (tab) => tab.offsetParent !== null;

function show(view, name) {
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
  show(view, tab.dataset.tab);
  tab.focus();
}

// Verdicts come after the first view: on a prediction when its step has run, on a check when it is asked for.
const verdicts = () => import("./verdicts.js");

export function checks() {
  for (const form of all("[data-check]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      (await verdicts()).check(form);
    });
  }
}

// Predictions: a locked choice opens the Run button of its step. Returns reveal(step, sentences), which sets
// the outcome beside it.
export function predictions(ask, panel) {
  const forms = Object.fromEntries(all("[data-predict]").map((form) => [form.dataset.predict, form]));
  for (const button of all("[data-step]", panel)) button.disabled = Boolean(forms[button.dataset.step]);
  for (const form of Object.values(forms)) {
    if (form.dataset.locked) lock(form, form.dataset.locked, panel);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      predict(form, ask, panel);
    });
  }
  return async (step, sentences) => {
    if (forms[step]?.dataset.locked) (await verdicts()).reveal(forms[step], sentences);
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
export function code() {
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
