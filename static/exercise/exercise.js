// The page of an exercise: an editor or parts to put in order, Run in the sandbox, and beside them what the judge
// says of the program, whatever language it is in.

import { copyText } from "../lib/copy.js";
import { alarm, announce, keep, kept } from "../lib/dom.js";
import { connect } from "../lib/line.js";
import { Program } from "./program.js";
import { began, checked, judged, lost, Panel, progressed } from "./verdicts.js";

const PHONE = matchMedia("(max-width: 800px)");
const SETTLES = 2000; // ms in which the server hears that a program was stopped
const main = document.querySelector("[data-exercise]");
const { exercise: slug, token, seconds } = main.dataset;
const part = (selector) => main.querySelector(selector);
const drawer = late(() => import("./wiredrawer.js"));
const terminal = late(() => import("./byhand.js"));

const panel = new Panel(part("[data-judge]"), { seconds: Number(seconds), look });
const stopped = new EventTarget(); // "over", when an attempt has ended
ways();
copying();
part("[data-open-wire]").addEventListener("click", ({ currentTarget }) => {
  const on = currentTarget.getAttribute("aria-expanded") !== "true";
  openWire(on);
});
main.addEventListener("click", ({ target }) => {
  const { find } = target.closest("[data-find]")?.dataset ?? {};
  if (find) look(find);
});
const program = part("[data-editor]") && new Program(main, { slug, token, isJudged, settled });
watch();

// What the server tells of this seat's programs.
function watch() {
  if (!window.io) return alarm("lost", "The Socket.IO client did not load. Reload the page.");
  const line = connect("exercise", { exercise: slug, watch: true });
  const heard = { began, checked, judged };
  line.socket.on("progressed", (told) => {
    panel.show(progressed(told));
    document.documentElement.dataset.ready = "true";
  });
  line.socket.on("disconnect", () => panel.show(lost(panel.known)));
  for (const [event, change] of Object.entries(heard)) {
    line.socket.on(event, (told) => {
      panel.show(change(panel.known, told));
      if (event !== "judged") return;
      stopped.dispatchEvent(new Event("over"));
      program?.judged();
      if (PHONE.matches) part("[data-judge]").scrollIntoView({ block: "start" });
    });
  }
  if (document.body.dataset.class) goAlong(line);
}

// A student in a class is offered the way to where the class is, and stays at the exercise until it is taken.
async function goAlong({ everyone, caughtUp }) {
  const { attend } = await import("../lib/classroom.js");
  attend(everyone, { stays: true, exercise: slug, caughtUp });
}

function isJudged() {
  return panel.known.running !== null;
}

// A program that was stopped is over once the server knows; before that it would refuse the next one. Resolves to
// whether one is judged all the same.
async function settled() {
  if (isJudged()) {
    await new Promise((done) => {
      stopped.addEventListener("over", done, { once: true });
      setTimeout(done, SETTLES);
    });
  }
  return isJudged();
}

// JavaScript here, Python, any language: one at a time.
function ways() {
  const bar = part("[data-ways]");
  const tabs = [...bar.querySelectorAll("button")];
  const paneOf = (tab) => document.getElementById(tab.dataset.way);
  bar.setAttribute("role", "tablist");
  for (const tab of tabs) {
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", tab.dataset.way);
    paneOf(tab).setAttribute("role", "tabpanel");
    paneOf(tab).setAttribute("aria-labelledby", tab.id);
  }
  const open = (tab) => {
    for (const one of tabs) {
      one.setAttribute("aria-selected", one === tab);
      one.tabIndex = one === tab ? 0 : -1;
      paneOf(one).hidden = one !== tab;
    }
    keep("exercise way", tab.dataset.way);
    if (tab.dataset.way === "any") terminal(({ mount }) => mount(part("[data-terminal]")));
  };
  bar.addEventListener("click", ({ target }) => tabs.includes(target) && open(target));
  bar.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(event.target);
    const { [event.key]: to } = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 };
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const tab = tabs.at(to % tabs.length);
    open(tab);
    tab.focus();
  });
  part(".ways").toggleAttribute("data-set", true);
  open(tabs.find((tab) => tab.dataset.way === kept("exercise way")) ?? tabs[0]);
}

function copying() {
  for (const button of main.querySelectorAll("[data-copy]")) {
    const words = button.querySelector("span");
    const before = words.textContent;
    button.addEventListener("click", () => {
      const done = copyText(document.getElementById(button.dataset.copy).textContent);
      words.textContent = done ? "Copied" : "Select it, then copy";
      announce(words.textContent);
      setTimeout(() => {
        words.textContent = before;
      }, 2000);
    });
  }
}

// The wire: rows by their number, or the latest of a name.
function look(which) {
  const decided = Math.max(0, ...[...panel.known.checks.values()].map(({ n }) => n ?? 0));
  openWire(true);
  drawer(({ point }) => point(document.getElementById("wire"), which, decided));
}

function openWire(on) {
  const pane = document.getElementById("wire");
  const button = part("[data-open-wire]");
  button.setAttribute("aria-expanded", on);
  pane.toggleAttribute("data-open", on);
  if (on) drawer(({ open }) => open(pane));
}

// Code that the first view does not need, fetched once: late(load)(use).
function late(load) {
  let coming = null;
  return async (use) => {
    coming ??= load();
    const code = await coming.catch(() => null);
    if (code) return use(code);
    coming = null;
    return alarm("lost", "A part of this page could not be fetched. Try again, or reload the page.");
  };
}
