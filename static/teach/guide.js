// The left half: how far the plan is, the step with what to do and say, its timer, what comes next.

import { element } from "../lib/dom.js";
import { behindText, clockText, lengthOf, timesAt } from "./route.js";

const LATE = 60_000; // ms behind plan from which it is marked

export class Guide {
  constructor(root, desk, screens) {
    const find = (name) => root.querySelector(`[data-${name}]`);
    this.desk = desk;
    this.screens = screens; // id → article
    [this.bars, this.where, this.clock, this.behind] = ["bars", "where", "clock", "behind"].map(find);
    [this.next, this.nextMinutes, this.chooser, this.box] = ["next", "next-minutes", "plan", "screens"].map(
      find,
    );
    this.drawn = {}; // plan and index that stand there
  }

  draw() {
    const { plan, index, route } = this.desk;
    if (this.drawn.plan !== plan) this.drawBars();
    if (this.drawn.plan !== plan || this.drawn.index !== index) this.drawStep();
    this.drawn = { plan, index, route };
    this.tick();
  }

  // A bar for each step, as wide as it takes time; a gap where another lesson begins.
  drawBars() {
    const { route, screens } = this.desk;
    this.chooser.value = this.desk.plan;
    const bars = route.map(({ screen, minutes }, at) => {
      const begins = at > 0 && screens[screen].lesson !== screens[route[at - 1].screen].lesson;
      const bar = element("i", { "data-begins": begins }, element("b"));
      bar.style.flexGrow = minutes;
      return bar;
    });
    this.bars.replaceChildren(...bars);
  }

  drawStep() {
    const { screen, following, route, index } = this.desk;
    const { screen: id } = route[index];
    for (const [other, article] of Object.entries(this.screens))
      article.toggleAttribute("data-now", other === id);
    this.box.scrollTop = 0;
    const inLesson = route.filter((stop) => this.desk.screens[stop.screen].lesson === screen.lesson);
    const at = inLesson.findIndex((stop) => stop.screen === id) + 1;
    this.where.textContent = screen.lesson ? `${screen.name} · step ${at} of ${inLesson.length}` : "";
    this.next.textContent = following ? following.title : "The end of this plan";
    this.nextMinutes.textContent = following ? `${following.minutes} min` : "";
  }

  // Once a second: the clocks, and how far the bar of this step is.
  tick(now = Date.now()) {
    const { route, index, times } = this.desk;
    const { elapsed, inStep, planned, behind, share } = timesAt(route, index, times, now);
    const all = lengthOf(route);
    const minutes = Math.floor(elapsed / 60_000);
    this.clock.textContent = times.began === null ? `${all} minutes` : `${minutes} of ${all} minutes`;
    this.behind.textContent = times.began === null ? "not begun" : behindText(behind);
    this.behind.toggleAttribute("data-late", behind >= LATE);
    const timer = this.screens[route[index].screen].querySelector("[data-timer]");
    timer.firstElementChild.textContent = clockText(inStep);
    timer.toggleAttribute("data-over", inStep > planned);
    for (const [at, bar] of [...this.bars.children].entries()) {
      const done = at < index ? 1 : at > index ? 0 : share;
      bar.firstElementChild.style.inlineSize = `${done * 100}%`;
      bar.toggleAttribute("data-here", at === index);
    }
  }
}
