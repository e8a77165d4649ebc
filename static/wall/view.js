// Everything on the wall but the dots: the head, the figures, the question, the moment of a cut, the table.

import { announce, element, icon } from "../lib/dom.js";
import { drawTable } from "../lib/table.js";
import { STATES } from "./model.js";
import { sample } from "./shapes.js";
import { beside, described, figures, label, presence, times, whose } from "./words.js";

const ALWAYS = ["received", "idle", "silent"]; // in the legend, whatever is on the map
const SLOWLY = 1000; // ms between two drawings of the table and of the description

export class View {
  constructor(page, { map, votes, cuts, course, dots }) {
    Object.assign(this, { page, map, votes, cuts, course, dots });
    this.legendKey = "";
    this.moment = "";
    this.slowAt = 0;
    this.table = {
      caption: "Every seat, and the newest event",
      columns: ["Place", "Name", "Connection", "Event", "ms"],
      rows: new Map(),
      changed: new Set(),
    };
    const all = Object.keys(STATES).filter((state) => state !== "sender_received");
    this.find("[data-all-states]").replaceChildren(
      ...all.map((state) => entry(state, true)),
      entry("idle", true, true),
    );
  }

  find(selector) {
    return this.page.querySelector(selector);
  }

  // The area that the large map has.
  room() {
    const { clientWidth, clientHeight } = this.find("[data-picture]");
    return [clientWidth, clientHeight];
  }

  // The same, before the large map was ever seen.
  expectedRoom() {
    const { clientWidth, clientHeight } = this.page.body;
    return [clientWidth * 0.72, clientHeight * 0.72];
  }

  show(screen, state) {
    this.page.body.dataset.screen = screen;
    if (!state) return;
    this.state = state;
    this.find("[data-place]").textContent = this.course.place(state);
    this.find("[data-follow]").hidden = !state.follow;
    for (const button of this.page.querySelectorAll(".tools [data-press]"))
      button.setAttribute("aria-pressed", button.dataset.press === screen);
    this.drawVote();
    this.drawPresence();
    if (screen === "table") this.drawTable();
  }

  drawPresence() {
    const here = presence(this.map.presence(), this.map.finished(this.state?.lesson));
    for (const place of this.page.querySelectorAll("[data-presence]")) write(place, here);
  }

  // After the dots: what is said of them is counted from the same list.
  drawMap(now) {
    const sums = this.map.sums();
    const shown = this.map.shown(now);
    write(this.find("[data-event]"), whose(this.map.event, this.map.rows));
    this.drawSums(sums);
    this.drawLegend(shown, Boolean(sums));
    if (now - this.slowAt < SLOWLY) return this.later(now);
    this.slowAt = now;
    write(this.find("#map-says"), described(shown, sums));
    if (this.page.body.dataset.screen === "table") this.drawTable();
  }

  later(now) {
    this.timer ??= setTimeout(
      () => {
        this.timer = null;
        this.drawMap(this.dots.now());
      },
      SLOWLY - (now - this.slowAt),
    );
  }

  drawSums(sums) {
    const home = this.find("[data-figures]");
    const all = sums ? figures(sums) : [];
    while (home.children.length > all.length) home.lastChild.remove();
    for (const [at, [word, n]] of all.entries()) {
      const item = home.children[at] ?? home.appendChild(element("li", {}, "", element("b")));
      if (item.firstChild.data !== `${word} `) item.firstChild.data = `${word} `;
      write(item.lastChild, String(n));
    }
    write(this.find("[data-times]"), sums ? times(sums) : "");
    write(this.find("[data-beside]"), sums ? beside(sums) : "");
  }

  drawLegend(shown, isSent) {
    const states = Object.keys(STATES).filter(
      (state) => state in shown || (isSent && ALWAYS.includes(state)),
    );
    const robots = [...this.map.rows.values()].some(({ robot }) => robot);
    const key = [...states, isSent, robots].join();
    if (key === this.legendKey) return;
    this.legendKey = key;
    const entries = states.map((state) => entry(state, isSent));
    this.find("[data-legend]").replaceChildren(...entries, ...(robots ? [entry("idle", isSent, true)] : []));
  }

  // The question with its choices and, once the vote is closed, its counts: large, and small on the side.
  drawVote() {
    if (!this.state) return;
    const step = this.course.question(this.state);
    const large = this.find("[data-question]");
    if (large.dataset.asks !== String(step)) {
      large.dataset.asks = step;
      const says = element("p", { class: "says", "data-says": true });
      large.replaceChildren(
        ...this.course.card(step),
        ...(step ? [says] : [element("p", {}, "This lesson has no question.")]),
      );
    }
    if (!step) return;
    const isVote = this.votes.now?.step === step;
    write(large.querySelector("[data-says]"), isVote ? this.votes.says() : "");
    for (const choice of large.querySelectorAll("[data-choice]")) this.drawChoice(choice, isVote);
    this.drawSide(isVote);
  }

  drawChoice(choice, isVote) {
    const { choice: id } = choice.dataset;
    const right = isVote && this.votes.now.right === id;
    choice.toggleAttribute("data-right", right);
    choice.querySelector(".mark-right")?.remove();
    if (right)
      choice.querySelector(".answer").prepend(element("b", { class: "mark-right" }, icon("tick"), "Right: "));
    const bars = isVote ? this.votes.bars(id) : [];
    const key = JSON.stringify(bars);
    if (choice.dataset.bars === key) return;
    choice.dataset.bars = key;
    choice.querySelector(".bars")?.remove();
    if (bars.length)
      choice.append(
        element("div", { class: "bars" }, ...bars.map((each) => bar(each, bars, `round ${each.round}`))),
      );
  }

  // Beside the map and the panel: letters and the last counts.
  drawSide(isVote) {
    const home = this.find("[data-vote]");
    home.hidden = !isVote;
    if (!isVote) return;
    const choices = [...this.find("[data-question]").querySelectorAll("[data-choice]")];
    const lines = choices.flatMap((choice, at) => {
      const last = this.votes.bars(choice.dataset.choice).at(-1);
      return last ? [bar(last, [last], String.fromCharCode(65 + at), true)] : [];
    });
    home.replaceChildren(
      element("h2", {}, this.votes.isOpen ? "Vote is open" : "Predictions"),
      element("p", {}, this.votes.says()),
      ...lines,
    );
  }

  drawMoment(now) {
    const { kind, title = "", line = "" } = this.cuts.says(now);
    const home = this.find("[data-moment]");
    home.hidden = !kind;
    if (!kind) {
      this.moment = "";
      return;
    }
    if (this.moment !== kind) announce(`${kind === "back" ? title : "Cut off"}. ${line}`);
    this.moment = home.dataset.kind = kind;
    write(this.find("[data-moment-title]"), title);
    write(this.find("[data-moment-line]"), line);
  }

  drawTable() {
    const { table, map } = this;
    const now = this.dots.now();
    table.rows.clear();
    for (const [at, { seat, nick }] of this.dots.inOrder().entries()) {
      const row = map.rows.get(seat);
      if (!row) continue;
      const time = map.event?.got.get(seat);
      const cells = [
        at + 1,
        nick,
        OF_SEAT[row.state] ?? "connected",
        label(map.stateOf(seat, now), map.event),
        time ?? "",
      ];
      table.rows.set(seat, cells);
      table.changed.add(seat);
    }
    drawTable(this.find("[data-table]"), table);
  }
}

const OF_SEAT = { cut: "cut", away: "away", asleep: "asleep" };

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const entry = (state, isSent, robot = false) =>
  element("li", {}, sample(state, robot), robot ? "robot" : label(state, isSent));

// One bar of the histogram. Of two rounds the first is hatched.
function bar({ n, share, round }, all, name, short = false) {
  const track = element("i");
  track.style.setProperty("--share", share);
  const percent = `${Math.round(share * 100)} %`;
  const first = all.length > 1 && round === all[0].round;
  return element(
    "div",
    { class: "bar", "data-first": first },
    element("span", {}, name),
    track,
    element("b", {}, short ? String(n) : `${n} · ${percent}`),
  );
}
