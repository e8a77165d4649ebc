// The wall: what the class sees. Listens to /class as a watcher (templates/wall.html is its page); acts on nothing
// but its own picture. Says html[data-ready] once it has the whole state.

import { ClassState, EVENTS } from "../lib/classstate.js";
import { alarm, announce } from "../lib/dom.js";
import { ask, keepTime } from "../lib/line.js";
import { Course } from "./course.js";
import { Cuts } from "./cuts.js";
import { Dots } from "./dots.js";
import { Finder } from "./finder.js";
import { Keys } from "./keys.js";
import { ClassMap } from "./model.js";
import { Panel } from "./panel.js";
import { Places } from "./places.js";
import { Screen } from "./screen.js";
import { View } from "./view.js";
import { Votes } from "./votes.js";
import { sum } from "./words.js";

const find = (selector) => document.querySelector(selector);
const root = document.documentElement;

if (!window.io) {
  alarm("lost", "The Socket.IO client did not load. Reload the page.");
  throw new Error("no Socket.IO client");
}

// No token in this page: the server knows it by its cookies.
const everyone = window.io("/class");
const clock = keepTime(everyone);
const now = () => clock.now();
const [map, places, votes, cuts, screen] = [
  new ClassMap(),
  new Places(kept()),
  new Votes(),
  new Cuts(),
  new Screen(),
];
const course = new Course(find("[data-course]"));
const dots = new Dots(find(".dots"), { map, places, now });
const finder = new Finder(dots, find("[data-find]"));
const view = new View(document, { map, votes, cuts, course, dots });
const keys = new Keys(document, go);
const panel = new Panel(find("[data-panel]"), course, (key) => keys.typed(key));
const known = new ClassState(); // of the class
let state = null; // the same, as it is drawn
let lost = false;

dots.onDraw = (at) => {
  finder.draw();
  view.drawMap(at);
};
new ResizeObserver(() => fit()).observe(find("[data-picture]"));
setInterval(() => view.drawMoment(now()), 250);

everyone.on("connect", arrive);
everyone.on("disconnect", () => {
  lost = true;
  alarm("lost", "The wall has lost its connection. What you see may be old.");
});
everyone.on("connect_error", (error) => everyone.active || refused(error.message));
for (const event of EVENTS) everyone.on(event, (told) => changed(event, told));
everyone.on("roster", (told) => {
  map.roster(told, now());
  places.take([...map.rows.keys()]);
  keep(places);
  cuts.follow(map.rows, now());
  dots.request();
  view.drawPresence();
  view.drawMoment(now()); // who is back is counted at both places at once
});
everyone.on("addressed", (told) => {
  map.addressed(told, now());
  dots.request();
});
everyone.on("lit", (told) => {
  map.lit(told, now());
  dots.request();
  announce(`${sum(map.sums())}.`);
});
everyone.on("vote_progress", (told) => {
  votes.progress(told);
  view.drawVote();
});
everyone.on("shown", ({ what }) => go(what));
everyone.on("run_pressed", ({ step }) => {
  const lesson = course.lessonOf(step);
  if (!course.hasPanel(lesson)) return;
  panel.run(lesson, step, votes.step === step ? votes.favourite() : null);
  screen.happened("run_pressed");
  show();
});

// The whole state: at first, after each lost connection, and where a change was missed.
async function arrive() {
  const answer = await ask(everyone, "take_seat", { watch: true });
  if (!answer.ok) return answer.unsent || answer.lost || refused(answer.error);
  const isFirst = state === null;
  known.whole(answer.state);
  take(known.state);
  if (answer.vote_progress) votes.progress(answer.vote_progress);
  if (isFirst) screen.arrive(answer.shown, state);
  if (lost) {
    alarm("back", "The wall is connected again.");
    panel.again();
  }
  lost = false;
  show();
  root.dataset.ready = "true";
}

function refused(why) {
  alarm("lost", `The server refused the wall: ${why} Open it again from the teacher's page.`);
}

function changed(event, told) {
  const heard = known.hear(event, told);
  if (heard === "gap") return arrive();
  if (heard === "old") return;
  screen.happened(event, known.state, state);
  if (event === "cleared") map.clear();
  take(known.state);
  show();
}

function take(newer) {
  if (state && newer.lesson !== state.lesson) {
    places.renew();
    keep(places);
    map.clear(); // what was sent in the last lesson says nothing of this one
    dots.lay();
  }
  state = newer;
  votes.follow(newer.vote);
  if (course.hasPanel(newer.lesson)) panel.show(newer.lesson);
}

function go(what) {
  if (what === "toggle") screen.toggleBlank();
  else screen.go(what);
  show();
}

function show() {
  view.show(screen.is, state);
  panel.seen(screen.is === "panel");
  fit();
  dots.request();
}

// On other screens the map keeps the grid of the large one: everybody stays in place.
function fit() {
  if (["map", "join"].includes(screen.is)) dots.resize(...view.room());
  else if (!dots.size[0]) dots.resize(...view.expectedRoom());
}

// Where each seat stands, over a reload of this tab.
function kept() {
  try {
    return JSON.parse(sessionStorage.getItem("places"));
  } catch {
    return null; // storage is switched off
  }
}

function keep(all) {
  try {
    sessionStorage.setItem("places", JSON.stringify(all));
  } catch {
    // switched off, or full: after a reload the order in which they came decides
  }
}
