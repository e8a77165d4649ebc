// One act: a prediction is locked and run by the same press, and its outcome stands beside the picture.
//
//   open → locking → locked → running → done (its outcome) or broken (why there is none) → running …
//
// Never a second run beside a first one, and nothing is lost by a reload.

import { announce, element, icon } from "./dom.js";

const LOST = "The page was loaded again in mid-run: how this run ended is not known.";
const NO_END = "This run did not come to its end.";
const LABELS = {
  open: "Lock and run",
  locking: "Lock and run",
  locked: "Run my prediction",
  running: "Running …",
};

export class Act {
  // form: the question; home: its part of the panel; ask: on /class; verdicts: late code; show(name): a pane
  constructor(form, home, { ask, seat, verdicts, show }) {
    Object.assign(this, { form, home, ask, verdicts, show });
    this.id = form.dataset.predict;
    this.submit = form.querySelector("[type=submit]");
    this.first = null; // what was locked before a later round of a vote
    [this.button, this.box] = ["[name=run]", "[data-outcome]"].map((part) => home.querySelector(part));
    this.kept = keeping(`outcome ${this.id}`, seat);
    this.does = {}; // what the lesson registers
    this.enter("open");
    if (this.locked) this.lock(this.locked);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.begin();
    });
    form.addEventListener("change", () => this.chose());
    this.button.addEventListener("click", () => this.begin());
  }

  get locked() {
    return this.form.dataset.locked ?? null;
  }

  // The answer that is locked, or chosen so far; null.
  get choice() {
    return this.locked ?? (this.form.elements.choice.value || null);
  }

  // Where the whole class votes, the teacher runs what everybody has locked.
  get waits() {
    return "votes" in this.form.dataset;
  }

  // The class votes on this step. In a later round one chooses anew; what was locked first stays the prediction.
  // mine: what this seat has chosen in this round, or null.
  openVote(round, mine) {
    this.form.dataset.votes = "";
    if (round > 1) this.first ??= this.locked;
    if (mine) this.lock(mine);
    else if (!this.locked || round > 1) this.unlock();
    else if (this.state !== "running") this.lock(this.locked);
  }

  // From now on the step is run here again.
  closeVote() {
    delete this.form.dataset.votes;
    const locked = this.first ?? this.locked;
    this.first = null;
    if (!locked) return this.unlock();
    this.lock(locked);
    this.recall();
  }

  unlock() {
    this.isUnlocking = ["locking", "running"].includes(this.state); // then once that is over
    if (this.isUnlocking) return;
    const { form } = this;
    delete form.dataset.locked;
    for (const input of form.elements.choice) input.disabled = false;
    this.submit.hidden = false;
    this.submit.lastChild.data = this.waits ? "Lock" : LABELS.open;
    this.note("");
    this.enter("open");
    this.tell(this.waits ? "Your class votes: choose an answer, and lock it." : "Choose an answer.");
  }

  // The lesson says what the step does; what an earlier load of this page knew is shown again.
  register(does) {
    this.does = does;
    this.chose();
    this.recall();
  }

  recall() {
    const last = this.locked && this.kept.read();
    if (!last || last.choice !== this.locked) return;
    if (last.sentences) this.finish(last.sentences);
    else if (last.why) this.breakOff(last.why);
    else this.follow(this.does.resume?.() ?? Promise.reject(new Error(LOST)));
  }

  // null: none of the answers any more.
  choose(id) {
    if (this.state !== "open") return;
    for (const input of this.form.elements.choice) input.checked = input.value === id;
    this.chose();
  }

  chose() {
    this.showButton();
    if (this.choice) this.does.chosen?.(this.choice, Boolean(this.locked));
  }

  // The press: of the form's button, of the panel's, or of something in the picture.
  async begin() {
    const hadFocus = this.form.contains(document.activeElement);
    const isVote = this.waits; // when it was pressed: the vote may end before the answer is here
    if (this.state === "open" && !(await this.askForLock())) return;
    const waits = isVote || this.waits;
    if (!waits) this.show("demo");
    if (hadFocus) (waits ? this.form : this.home).focus({ preventScroll: true });
    if (waits || !["locked", "done", "broken"].includes(this.state)) return;
    this.kept.write({ choice: this.locked });
    this.tell(`You chose: ${this.words(this.locked)}`);
    this.home.scrollIntoView({ block: "nearest" });
    this.follow((async () => this.does.run({ step: this.id, choice: this.locked }))());
  }

  // Resolves to whether the answer is locked now. The server keeps the first one.
  async askForLock() {
    const { choice } = this;
    if (!choice) return this.refuse("Choose one of the answers first.");
    this.enter("locking");
    const ack = await this.ask("predict", { step: this.id, choice });
    if (!ack.ok) {
      this.enter("open");
      this.tell(ack.error, "bad"); // the press may have been there
      return this.refuse(ack.error);
    }
    this.lock(ack.locked);
    announce(this.waits ? "Prediction locked. The teacher runs it." : "Prediction locked. It runs now.");
    return true;
  }

  refuse(sentence) {
    this.note(sentence);
    announce(sentence);
    return false;
  }

  lock(choice) {
    const { form } = this;
    form.dataset.locked = choice;
    for (const input of form.elements.choice)
      Object.assign(input, { checked: input.value === choice, disabled: true });
    this.submit.hidden = true;
    this.isUnlocking = false;
    this.enter("locked");
    this.chose();
    if (this.waits) this.tell("Your answer is locked. The teacher runs it for the whole class.");
    else this.tell(`You chose: ${this.words(choice)}`);
    this.verdicts(); // its run is next, and may outlast the connection
  }

  // A run is under way. over: Promise of the sentences of its outcome; of nothing, or an error with a
  // sentence, where it has none.
  async follow(over) {
    this.enter("running");
    try {
      const sentences = await over;
      if (!sentences) throw new Error(NO_END);
      this.kept.write({ choice: this.locked, sentences });
      announce(`${await this.finish(sentences)} ${sentences.join(" ")}`);
    } catch ({ message }) {
      this.kept.write({ choice: this.locked, why: message });
      this.breakOff(message);
      announce(message);
    }
    if (this.isUnlocking && this.waits) this.unlock();
  }

  breakOff(why) {
    this.enter("broken");
    this.tell(`${why} Run it again.`, "bad");
  }

  // Resolves to the verdict in words.
  async finish(sentences) {
    this.enter("done");
    this.form.dataset.done = "";
    this.tell(sentences.join(" ")); // until the code is there
    return (await this.verdicts(({ reveal }) => reveal(this, sentences))) ?? "";
  }

  enter(state) {
    this.state = state;
    this.home.dataset.state = state;
    this.form.dataset.state = state;
    const way = element("a", { href: `#${this.home.id}` }, WAYS[state] ?? "");
    if (this.locked) this.note(icon("lock"), "Locked.", this.waits ? "" : way);
    this.showButton();
  }

  // Once there is an answer, this press locks it as well as the form's does.
  showButton() {
    const { state, button } = this;
    button.disabled = !this.choice || this.waits;
    button.setAttribute("aria-disabled", ["locking", "running"].includes(state)); // it keeps the focus
    const label = this.choice && !this.waits ? LABELS[state] : LABELS[state] && LABELS.locked;
    button.lastChild.data = label ?? "Run it again";
  }

  note(...parts) {
    this.form.querySelector("[data-note]").replaceChildren(...parts);
  }

  tell(sentence, kind = "") {
    this.box.replaceChildren(element("p", { "data-kind": kind || null }, sentence));
  }

  words(choice) {
    return this.form.querySelector(`[data-choice="${CSS.escape(choice)}"] b`).textContent;
  }
}

const WAYS = {
  locked: "Run it in the demo",
  running: "It runs in the demo",
  done: "The outcome stands in the demo",
  broken: "Run it again in the demo",
};

// Of one seat and one tab of the browser; without storage, until the page is left.
function keeping(name, seat) {
  const attempt = (work) => {
    try {
      return work();
    } catch {
      return null; // storage is switched off, or full
    }
  };
  return {
    read() {
      const kept = attempt(() => JSON.parse(sessionStorage.getItem(name)));
      return kept?.seat === seat ? kept : null;
    },
    write(value) {
      attempt(() => sessionStorage.setItem(name, JSON.stringify({ seat, ...value })));
    },
  };
}
