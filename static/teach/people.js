// The right half: the vote, who is here, who needs the teacher. Text of others goes in as text.

import { drawn, element } from "../lib/dom.js";
import { walk } from "../lib/roving.js";
import { ballot } from "./ballot.js";
import { counts, inShort } from "./exercise.js";
import { inWords } from "./roster.js";

const MOST_NEEDS = 8; // lines
const NAMED = 60; // seats up to which names stand under the dots
const KEY = ["done", "stuck", "silent", "cut", "asleep", "away", "robot"];
const SIGNS = {
  done: "m-4.500 0 3 3.200 6-6.400",
  stuck: "M0-4.500v5.500m0 3v.100",
  cut: "m-3.500-3.500 7 7m0-7-7 7",
  asleep: "M-4-2.500h7l-7 6h7",
};

export class People {
  // choices: step → [{id, text, right}]; press(name, …): a button; open(seat): what can be done with a seat.
  constructor(root, desk, { choices, placeOf, press, open }) {
    const find = (name) => root.querySelector(`[data-${name}]`);
    Object.assign(this, { desk, choices, placeOf, press, open });
    [this.vote, this.voteIn, this.rows, this.advice] = ["ballot", "vote-in", "vote-rows", "advice"].map(find);
    [this.counts, this.dots, this.none] = ["counts", "dots", "nobody-here"].map(find);
    [this.needs, this.howMany, this.nobody] = ["needs", "needs-count", "nobody"].map(find);
    this.buttons = new Map(); // seat → its dot
    find("dots-key").append(...KEY.map(keyEntry), element("span", {}, "★ exercise done"));
    this.dots.addEventListener("click", ({ target }) => {
      const dot = target.closest("[data-seat]");
      if (dot) open(dot.dataset.seat);
    });
    this.needs.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-do]");
      if (button) press(button.dataset.do, button.closest("[data-seat]").dataset.seat);
    });
    this.dots.addEventListener("keydown", (event) => walk(event, event.target, this.columns()));
  }

  draw() {
    this.drawVote();
    this.drawClass();
    this.drawNeeds();
  }

  // The vote of this step, or the one that is open elsewhere: it must not be forgotten.
  drawVote() {
    const { state, screen } = this.desk;
    const step = state.vote?.open ? state.vote.step : screen.step;
    const choices = this.choices[step];
    this.vote.toggleAttribute("data-none", !choices);
    if (!choices) {
      this.voteIn.textContent = "nothing to predict in this step";
      this.rows.replaceChildren();
      this.advice.hidden = true;
      return;
    }
    const { head, rows, advice, again } = ballot(choices, state.vote?.step === step ? state.vote : null);
    this.voteIn.textContent = head;
    this.rows.replaceChildren(...rows.map(voteRow));
    this.advice.hidden = !advice;
    this.advice.firstElementChild.textContent = advice;
    this.advice.lastElementChild.hidden = !again;
  }

  drawClass() {
    const { roster, state } = this.desk;
    const { here, joined } = roster.counts();
    const { tried, done } = counts(roster.all(), state.lesson);
    const made = tried ? ` · ★ ${done} of ${tried}` : "";
    this.counts.textContent = (joined === here ? `${here} here` : `${here} of ${joined} here`) + made;
    this.counts.title = tried ? `★ ${done} of ${tried} who have tried the exercise have finished it` : "";
    this.none.hidden = joined > 0;
    this.dots.dataset.size = joined <= NAMED ? "named" : "many";
    for (const [seat, button] of this.buttons) {
      if (roster.seats.has(seat)) continue;
      button.parentElement.remove();
      this.buttons.delete(seat);
    }
    for (const row of roster.all()) this.drawDot(row, roster.shape(row));
    const dots = [...this.buttons.values()];
    if (dots.length && !dots.some(({ tabIndex }) => tabIndex === 0)) dots[0].tabIndex = 0;
  }

  // Dots in the first line.
  columns() {
    const dots = [...this.buttons.values()];
    return dots.filter(({ offsetTop }) => offsetTop === dots[0].offsetTop).length;
  }

  // By its name, so that it is found again.
  place(button, nick) {
    const behind = [...this.dots.children].find((item) => byName(nick, item.textContent) < 0);
    this.dots.insertBefore(element("li", {}, button), behind ?? null);
  }

  drawDot({ seat, nick, robot, exercise }, shape) {
    let button = this.buttons.get(seat);
    if (!button) {
      button = element(
        "button",
        { type: "button", "data-seat": seat, tabindex: -1 },
        element("i"),
        element("bdi"),
      );
      this.buttons.set(seat, button);
      this.place(button, nick);
    }
    const name = robot ? `${nick}, a robot` : nick;
    const label = `${name}: ${inWords(shape)}${exercise ? `, ${inShort(exercise)}` : ""}`;
    if (button.getAttribute("aria-label") === label) return;
    button.setAttribute("aria-label", label);
    button.title = label;
    button.dataset.shape = shape;
    button.toggleAttribute("data-robot", robot);
    button.toggleAttribute("data-star", Boolean(exercise?.done));
    button.lastElementChild.textContent = nick;
    button.firstElementChild.replaceChildren(sign(shape));
  }

  drawNeeds(now = Date.now()) {
    const { needy, others } = this.desk.roster.needs(now, this.placeOf);
    const stuck = needy.filter(({ shape }) => shape === "stuck").length;
    if (stuck !== this.stuck) this.drawClass(); // one more, or one less, without a word of it
    this.stuck = stuck;
    const shown = needy.slice(0, MOST_NEEDS);
    this.howMany.textContent = needy.length || "";
    this.nobody.hidden = needy.length + others.length > 0;
    const lines = shown.map(needLine);
    if (needy.length > shown.length) others.unshift(`${needy.length - shown.length} more: see the dots`);
    if (others.length) lines.push(element("li", { class: "quiet" }, `${others.join(" · ")}`));
    patch(this.needs, lines);
  }
}

function keyEntry(shape) {
  const dot = element("i", {}, shape === "robot" ? null : sign(shape));
  return element("span", { "data-shape": shape, "data-robot": shape === "robot" }, dot, inWords(shape));
}

const { compare: byName } = new Intl.Collator("en", { numeric: true });

function sign(shape) {
  const path = SIGNS[shape] && drawn("path", { d: SIGNS[shape] });
  return drawn("svg", { viewBox: "-10 -10 20 20", "aria-hidden": "true" }, path);
}

function voteRow({ letter, text, right, n, share }) {
  const bar = element("span", { class: "bar" }, element("i"));
  bar.firstElementChild.style.inlineSize = `${share * 100}%`;
  const count = element("b", {}, n === null ? "" : String(n));
  const words = element("span", { class: "answer", title: text }, text);
  const tick = right && n !== null ? element("span", { class: "hidden" }, "right: ") : null;
  return element(
    "li",
    { "data-right": right && n !== null },
    element("b", {}, letter),
    tick,
    words,
    bar,
    count,
  );
}

function needLine({ seat, nick, shape, why, robot }) {
  const button = (does, text) => element("button", { type: "button", "data-do": does }, text);
  const acts = {
    stuck: [button("nudge", "Nudge")],
    silent: [button("nudge", "Nudge"), button("cutOne", "Cut")],
  };
  const said = element("span", {}, why);
  const name = element(
    "button",
    { type: "button", "data-do": "more", class: "name" },
    element("bdi", {}, nick),
  );
  return element(
    "li",
    { "data-seat": seat, "data-shape": shape, "data-robot": robot },
    name,
    said,
    ...(acts[shape] ?? []),
  );
}

// Lines that have not changed stay, so that the focus does.
function patch(list, lines) {
  const before = [...list.children];
  for (const [at, line] of lines.entries()) {
    const old = before[at];
    if (!old) list.append(line);
    else if (same(old, line)) old.children[1] && updateText(old.children[1], line.children[1]);
    else old.replaceWith(line);
  }
  for (const old of before.slice(lines.length)) old.remove();
}

const same = (a, b) =>
  a.dataset.seat && a.dataset.seat === b.dataset.seat && a.dataset.shape === b.dataset.shape;

function updateText(to, from) {
  if (from && to.textContent !== from.textContent) to.textContent = from.textContent;
}
