// A page goes where its teacher is: to the lesson, and to the step within it. It never moves the focus, never
// follows a scrolling, and a student may look around and come back with one press.

import { addressOf, plan, REVIEW } from "./classstate.js";
import { announce } from "./dom.js";

const IN_THE_DEMO = ["explore", "run", "modify"]; // on a phone these steps are taken in the panel, not in the text
const TYPING = "input:not([type=radio], [type=checkbox], [type=range], [type=file]), textarea, select";
const kept = {
  looking: switchIn("sessionStorage", "looks around"), // of this tab
  asks: switchIn("localStorage", "asks first"), // of this device
};

export class Follower {
  // page: {slug, show(pane), isPhone()} of a lesson, or of the review; else {waits, stays}; changed(): the pill is to be drawn
  constructor(page, changed) {
    Object.assign(this, { page, changed, state: null, shown: undefined, said: "" });
    document.addEventListener("click", (event) => this.left(event));
    document.addEventListener("focusout", () => setTimeout(() => this.held && this.go()));
  }

  get does() {
    const { slug = null, waits, stays } = this.page;
    const student = { looking: kept.looking.on, asks: kept.asks.on, busy: this.busy };
    return plan(this.state, { lesson: slug, shown: this.shown, waits, stays }, student);
  }

  get isThere() {
    return this.state?.lesson === (this.page.slug ?? null);
  }

  // The class has changed, or is known for the first time.
  update(state) {
    const called = state.follow && this.state?.follow === false; // "follow me" is for everybody
    if (called || (kept.looking.on && state.lesson === this.page.slug && !this.state))
      kept.looking.set(false);
    const isFirst = !this.state;
    this.state = state;
    if (isFirst && this.isThere && this.cameFor(state.step)) this.shown = state.step;
    if (isFirst && this.shown !== undefined) this.showStep();
    this.tell();
    this.go();
  }

  // The address of this page names the step: it was opened in order to be there.
  cameFor(step) {
    return step && [`#${step}`, `#predict-${step}`].includes(decodeURIComponent(location.hash));
  }

  go() {
    const does = this.does;
    this.held = does === "offer" && this.busy;
    if (does === "show") this.showStep();
    if (does === "go") this.leave();
    this.changed();
  }

  // The press on the pill: to the teacher, or away from there.
  toggle() {
    const away = ["apart", "offer", "free"].includes(this.does);
    kept.looking.set(!away);
    if (!away) return this.changed();
    if (this.isThere) this.showStep();
    else this.leave();
    this.changed();
  }

  leave() {
    const address = addressOf(this.state);
    if (address.split("#")[0] !== location.pathname) location.replace(address); // else it is not there at all
  }

  get asks() {
    return kept.asks.on;
  }

  set asks(on) {
    kept.asks.set(on);
    this.go();
  }

  showStep() {
    const { step } = this.state;
    this.shown = step;
    for (const old of document.querySelectorAll("[data-teacher-here]")) unmark(old);
    const place = step && (document.getElementById(step) ?? document.getElementById(`predict-${step}`));
    if (!place) return;
    place.dataset.teacherHere = "";
    place.setAttribute("aria-current", "step");
    if (!this.page.isPhone()) return place.scrollIntoView({ block: "start" });
    const isDemo = IN_THE_DEMO.includes(step);
    this.page.show(isDemo ? "demo" : "read");
    if (isDemo) scrollTo(0, 0);
    else place.scrollIntoView({ block: "start" });
  }

  // Who is writing is not interrupted, and nobody's focus is put out of sight.
  get busy() {
    const focused = document.activeElement;
    if (focused?.matches(TYPING)) return true;
    return Boolean(this.page.isPhone?.() && focused?.matches("[data-pane] :focus-visible"));
  }

  // Who follows a link to somewhere else looks around from now on; one to the teacher's place ends that.
  left({ target, defaultPrevented }) {
    const link = defaultPrevented ? null : target.closest?.("a[href]");
    if (!link || link.origin !== location.origin || link.pathname === location.pathname) return;
    if (!this.state?.follow || !this.state.lesson) return;
    kept.looking.set(link.pathname !== addressOf({ lesson: this.state.lesson }));
  }

  // Said once for each place.
  tell() {
    const { state } = this;
    const place = `${state.lesson} ${state.step}`;
    if (!state.lesson || place === this.said) return;
    this.said = place;
    const how = this.does === "offer" ? " Press the button “Go to the teacher” when you want to." : "";
    announce(`Your teacher is on ${this.where()}.${how}`);
  }

  // "lesson 7, step 3: Run"
  where() {
    const { lesson, step } = this.state;
    if (lesson === REVIEW) return "the review";
    const link = document.querySelector(`.sheet a[href="${CSS.escape(addressOf({ lesson }))}"]`);
    const number = link?.querySelector(".number")?.textContent.trim();
    const words = number ? `lesson ${number}` : "another lesson";
    const title = this.isThere && step ? stepTitle(step) : "";
    return title ? `${words}, ${title}` : words;
  }
}

// "step 3: Run", by the heading that the page has for it; a prediction stands below "Predict".
export function stepTitle(step) {
  const place = document.getElementById(step) ?? document.getElementById(`predict-${step}`);
  const heading = place?.closest(".step")?.querySelector("h2");
  if (!heading) return "";
  const number = heading.querySelector(".n").textContent.trim();
  const name = heading.lastChild.textContent.trim();
  return number ? `step ${number}: ${name}` : name;
}

function unmark(place) {
  delete place.dataset.teacherHere;
  place.removeAttribute("aria-current");
}

// A wish that is remembered; where storage is switched off, until the page is left.
function switchIn(storage, name) {
  let on = false;
  try {
    on = window[storage].getItem(name) === "yes";
  } catch {
    // then not
  }
  return {
    get on() {
      return on;
    },
    set(value) {
      on = value;
      try {
        window[storage].setItem(name, value ? "yes" : "no");
      } catch {
        // then it is forgotten with the page
      }
    },
  };
}
