// The parts of a lesson that every demo shares: views, predictions, checks, marked code.

import { announce, element, icon } from "./dom.js";

const phone = matchMedia("(max-width: 800px)");
const all = (selector, home = document) => [...home.querySelectorAll(selector)];

// Read, Demo, Code, Table: one at a time on a phone; on a laptop Code and Table are drawers that close again.
export function views(onShow) {
  const bar = document.querySelector("[data-tabs]");
  const tabs = all("[data-tab]", bar);
  const panes = Object.fromEntries(all("[data-pane]").map((pane) => [pane.dataset.pane, pane]));
  let open = null;
  const show = (name) => {
    open = name;
    for (const tab of tabs) {
      const on = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", on);
      tab.tabIndex = on || (!panes[name]?.matches(".drawer") && !phone.matches) ? 0 : -1;
      panes[tab.dataset.tab].toggleAttribute("data-open", on);
    }
    onShow(name);
    if (!tabs.some((tab) => tab.tabIndex === 0 && tab.offsetParent))
      tabs.find((tab) => tab.offsetParent).tabIndex = 0;
  };
  bar.setAttribute("role", "tablist");
  for (const tab of tabs) {
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", tab.dataset.tab);
  }
  bar.addEventListener("click", ({ target }) => {
    const name = target.dataset.tab;
    if (!name) return;
    show(name === open && !phone.matches ? null : name);
    if (phone.matches) scrollTo(0, 0);
  });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const seen = tabs.filter((tab) => tab.offsetParent);
    if (!step || !seen.includes(event.target)) return;
    const next = seen.at((seen.indexOf(event.target) + step) % seen.length);
    show(next.dataset.tab);
    next.focus();
  });
  // A link to something in a pane that a phone does not show opens that pane first.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#']");
    const goal = link && document.getElementById(link.hash.slice(1));
    if (goal && phone.matches) show(goal.closest("[data-pane]")?.dataset.pane ?? open);
  });
  const settle = () => show(phone.matches ? (location.hash ? "read" : "demo") : null);
  phone.addEventListener("change", settle);
  settle();
  return show;
}

// Predictions: a locked choice opens the Run button of its step. reveal(step, sentences) sets the outcome beside it.
export function predictions(ask, panel) {
  const forms = Object.fromEntries(all("[data-predict]").map((form) => [form.dataset.predict, form]));
  const lock = (form, choice) => {
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
  };
  for (const button of all("[data-step]", panel)) button.disabled = Boolean(forms[button.dataset.step]);
  for (const [step, form] of Object.entries(forms)) {
    if (form.dataset.locked) lock(form, form.dataset.locked);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const choice = form.elements.choice.value;
      const note = form.querySelector("[data-note]");
      if (!choice) return tell(note, "Choose one of the answers first.");
      const ack = await ask("predict", { step, choice });
      if (!ack.ok) return tell(note, ack.error);
      lock(form, ack.locked);
      announce("Prediction locked. The Run button is open.");
    });
  }
  return (step, sentences) => {
    const form = forms[step];
    if (!form?.dataset.locked) return;
    const { good, text, why } = answer(form, form.dataset.locked);
    const words = good ? "As you predicted." : "Not as you predicted.";
    const verdict = element("p", { class: "mark", "data-good": good }, icon(good ? "tick" : "cross"), words);
    const facts = element("ul", {}, ...sentences.map((line) => element("li", {}, line)));
    const box = form.querySelector("[data-outcome]");
    box.replaceChildren(
      element(
        "div",
        {},
        element("p", { class: "eyebrow" }, "You predicted"),
        element("p", {}, text),
        verdict,
      ),
      element("div", {}, element("p", { class: "eyebrow" }, "What happened"), facts),
      element("p", { class: "why" }, why),
    );
    box.hidden = false;
    form.dataset.done = "";
  };
}

export function checks() {
  for (const form of all("[data-check]")) {
    const box = form.querySelector("[data-verdict]");
    form.addEventListener("change", () => (box.hidden = true));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const choice = form.elements.choice.value;
      const { good, why } = choice
        ? answer(form, choice)
        : { good: false, why: "Choose one of the answers first." };
      const word = !choice ? "" : good ? "Right. " : "Not this one. ";
      box.toggleAttribute("data-good", good);
      box.replaceChildren(icon(good ? "tick" : "cross"), element("span", {}, element("b", {}, word), why));
      box.hidden = false;
      announce(word + why);
    });
  }
}

// The reasons stand in the page for readers without a script; here they are only looked up.
function answer(form, choice) {
  const item = all("[data-choice]", form).find((entry) => entry.dataset.choice === choice);
  const [text, why] = ["b", "[data-why]"].map((part) => item.querySelector(part).textContent);
  return { good: "right" in item.dataset, text, why };
}

function tell(note, sentence) {
  note.textContent = sentence;
  announce(sentence);
}

// ran("start") marks the lines that spoke or handled the event in every listing that has it; settle() scrolls there.
export function code() {
  const files = all("[data-file]");
  const bar = document.querySelector("[data-files]");
  const justRan = document.querySelector("[data-just-ran]");
  const open = (file) => {
    for (const each of files) each.toggleAttribute("data-open", each === file);
    for (const button of bar.children)
      button.setAttribute("aria-pressed", button.textContent === file.dataset.file);
  };
  for (const file of files) {
    const button = element("button", { type: "button" }, file.dataset.file);
    button.addEventListener("click", () => [open(file), settle()]);
    bar.append(button);
    file.handlers = JSON.parse(file.dataset.handlers);
  }
  if (files.length) open(files[0]);
  const settle = () => {
    for (const file of files) {
      const first = file.querySelector("[data-ran]:is(li)");
      if (first) file.querySelector(".listing").scrollTop = first.offsetTop - first.parentNode.offsetTop - 24;
    }
  };
  let last = null;
  const ran = (event) => {
    if (event === last) return;
    last = event;
    for (const file of files) {
      const range = file.handlers[event] ?? file.handlers[event.split(" ").at(-1)]; // "kitchen order"
      if (!range) continue;
      const [from, to] = range;
      all(".code-lines > li", file).forEach((line, at) =>
        line.toggleAttribute("data-ran", at + 1 >= from && at < to),
      );
      const which = from === to ? `line ${from}` : `lines ${from} to ${to}`;
      file.querySelector("[data-ran]:is(p)").textContent = `The event ${event} just ran ${which}.`;
      if (file === files[0]) justRan.textContent = `${event} just ran: ${file.dataset.file}, ${which}`;
    }
    settle();
  };
  return { ran, settle };
}
