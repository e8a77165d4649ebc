// The teacher's cockpit: puts its parts together. desk.js knows and asks; the others draw what it knows.

import { alarm } from "../lib/dom.js";
import { Controls } from "./controls.js";
import { Desk } from "./desk.js";
import { Did } from "./did.js";
import { Guide } from "./guide.js";
import "./health.js";
import { meaning } from "./keys.js";
import { Once } from "./once.js";
import { Panels } from "./panels.js";
import { People } from "./people.js";
import { Rehearsal } from "./rehearse.js";
import { Reviewed } from "./reviewed.js";

const KEPT = "cockpit";
const root = document.querySelector("[data-cockpit]");
const articles = Object.fromEntries(
  [...root.querySelectorAll("article.screen")].map((each) => [each.id, each]),
);
const choices = Object.fromEntries([...document.querySelectorAll("[data-choices]")].map(choicesOf));
const names = new Map(
  [...document.querySelectorAll("[data-place]")].map((each) => [each.dataset.place, each.value]),
);

if (!window.io) {
  alarm("lost", "The Socket.IO client did not load. Reload the page.");
  throw new Error("no Socket.IO client");
}
const { content: seat } = document.querySelector("meta[name=seat]");
const socket = window.io("/class", { auth: { seat } });
const desk = new Desk(socket, {
  screens: Object.fromEntries(Object.entries(articles).map(([id, article]) => [id, screenOf(article)])),
  plans: Object.fromEntries(
    [...root.querySelectorAll("[data-route]")].map((each) => [each.value, each.dataset.route]),
  ),
  memory: memoryOf(KEPT),
  changed: (what) => {
    if (what === "led") did.say(`The class is at “${desk.screen.title}”.`);
    drawSoon();
  },
});
const placeOf = (lesson, step) =>
  [lesson && (names.get(lesson) ?? lesson), lesson && part(step)].filter(Boolean).join(", ");
const did = new Did(root.querySelector("[data-did]"));
const guide = new Guide(root, desk, articles);
const controls = new Controls(root, desk);
const panels = new Panels(document, desk, placeOf);
new Reviewed(document, socket);
const people = new People(root, desk, { choices, placeOf, press, open: (id) => panels.openSeat(id) });
const predictions = Object.fromEntries(Object.entries(choices).map(([step, all]) => [step, answersOf(all)]));
const students = [...document.querySelectorAll("[data-student]")].map(({ dataset }) => dataset.place);
const rehearsal = new Rehearsal(desk, { predictions, students, pace: () => Number(root.dataset.pace) || 1 });

const PRESSES = {
  next: () => desk.next(),
  back: () => desk.back(),
  run: () => desk.run(),
  vote: () => desk.vote(),
  reveal: () => desk.reveal(),
  cut: () => desk.cut(controls.chosenCut.who, controls.chosenCut.seconds),
  cutOne: (id) => desk.cut([id], controls.chosenCut.seconds),
  buffer: () => desk.buffer(controls.chosenBuffer.kind, controls.chosenBuffer.keep),
  follow: () => desk.lookAround(!desk.state.follow),
  show: (what) => desk.show(what),
  blank: () => desk.blank(),
  nudge: (id) => desk.nudge(id),
  remove: (id) => desk.remove(id),
  robots: (number) => rehearsal.add(Number(number)),
  dismiss: () => rehearsal.dismiss(),
  review: () => desk.review(),
  startAgain: () => desk.startAgain(),
  clear: () => desk.clear(),
};

const due = { frame: 0 };

// Whatever has changed, everything is drawn once, before the next frame.
function drawSoon() {
  due.frame ||= requestAnimationFrame(draw);
}

function draw() {
  due.frame = 0;
  guide.draw();
  people.draw();
  controls.draw();
  panels.drawSeat();
  root.dataset.robots = desk.roster.robots();
}

async function press(name, what) {
  if (name === "more") return panels.openSeat(what);
  if (name === "keys") return panels.open("keys");
  const button = controls.buttons.get(name);
  button?.setAttribute("aria-busy", true);
  await did.press(() => PRESSES[name](what));
  button?.removeAttribute("aria-busy");
  drawSoon();
}

const once = new Once();
const isAgain = (name, what, clicks) =>
  once.isAgain(name, what, { now: Date.now(), began: desk.times.began, clicks });

document.addEventListener("click", ({ target, detail: clicks }) => {
  const opener = target.closest("[data-open]");
  if (opener) return panels.open(opener.dataset.open);
  const button = target.closest("[data-press]");
  if (!button) return;
  const { press: name, what } = button.dataset;
  const dialog = button.closest("dialog");
  const whom = dialog?.dataset.panel === "seat" ? panels.seat : what;
  if (!isAgain(name, whom, clicks)) press(name, whom);
  dialog?.close();
});

root.addEventListener("change", ({ target }) => {
  if (target.matches("[data-plan]")) {
    const { says } = target.selectedOptions[0].dataset;
    did.press(() => desk.choosePlan(target.value, says));
  }
  if (target.matches("[name=buffer], [name=keep]") && controls.keep.reportValidity()) press("buffer");
});

// The keys

const keyMemory = memoryOf("cockpit keys");
const keySwitch = document.querySelector("[name=keys]");
keySwitch.checked = keyMemory.read()?.on ?? true;
keySwitch.addEventListener("change", () => keyMemory.write({ on: keySwitch.checked }));
document.addEventListener("keydown", (event) => {
  if (!keySwitch.checked || panels.isOpen || document.querySelector("[popover]:popover-open")) return;
  const name = meaning(event);
  if (!name) return;
  event.preventDefault();
  if (!isAgain(name)) press(name);
});

// The connection

const line = document.querySelector("[data-line]");
let wasLost = false;
const showLine = (state, words) => {
  line.dataset.state = state;
  line.querySelector("[data-words]").textContent = words;
};
socket.on("connect", () => {
  showLine("connected", "connected");
  if (wasLost) alarm("back", "Connected again. What you see is the class as it is now.");
  wasLost = false;
  document.documentElement.dataset.ready = "true";
});
socket.on("disconnect", () => {
  wasLost = true;
  showLine("disconnected", "not connected");
  alarm("lost", "Connection lost: presses reach nobody.");
});
socket.on("connect_error", ({ message }) => {
  if (!socket.active) alarm("lost", `The server refused the connection: ${message}. Reload the page.`);
});

setInterval(() => {
  if (document.hidden) return;
  guide.tick();
  people.drawNeeds();
}, 1000);
if (desk.isBegun) did.say("The plan goes on where you left it.");
drawSoon();

// What the page says

function screenOf({ dataset: { title, lesson, step, name, acts, predicts } }) {
  const list = acts ? acts.split("; ") : [];
  return {
    title,
    lesson: lesson || null,
    step: step || null,
    name,
    acts: list,
    isPrediction: predicts !== undefined,
  };
}

// "Predict", "Run": a step as the notes head it. That of a prediction has a name for machines only.
function part(step) {
  if (!step) return "";
  return step in choices ? "Predict" : step[0].toUpperCase() + step.slice(1);
}

function choicesOf(list) {
  const all = [...list.children].map((each) => ({
    id: each.dataset.choice,
    text: each.textContent,
    right: "right" in each.dataset,
  }));
  return [list.dataset.choices, all];
}

function answersOf(all) {
  return { choices: all.map(({ id }) => id), right: all.find(({ right }) => right).id };
}

// Of this browser; without storage, until the page is left.
function memoryOf(name) {
  let kept = null;
  return {
    read() {
      try {
        return JSON.parse(localStorage.getItem(name)) ?? kept;
      } catch {
        return kept;
      }
    },
    write(value) {
      kept = value;
      try {
        localStorage.setItem(name, JSON.stringify(value));
      } catch {
        // storage is switched off, or full
      }
    },
  };
}
