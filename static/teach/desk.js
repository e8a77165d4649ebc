// The cockpit's model: where the plan stands, the state of the class, who is in it; and every press, which
// asks the server and resolves to what it did: {said, undo?}, or throws a sentence. It draws nothing.

import { REVIEW } from "../lib/classstate.js";
import { count } from "../lib/dom.js";
import { ask } from "../lib/line.js";
import { actOf, nextAct } from "./acts.js";
import { Roster } from "./roster.js";
import { findPlace, routeOf } from "./route.js";
import { after, EVENTS, withProgress } from "./state.js";

const MINUTE = 60_000;
const NOTHING = { rev: 0, lesson: null, step: null, follow: false, vote: null };
const SCREENS = { map: "the map", panel: "the lesson's panel", join: "the way in", blank: "nothing" };

// Whether the class has moved, and not only been led or let go.
const isElsewhere = (state, before) => state.lesson !== before.lesson || state.step !== before.step;

export class Desk {
  // screens: id → {title, lesson, step, name, acts: [text …]}; plans: id → route as text; memory: of this
  // browser, {read, write}; changed(what): called after each change.
  constructor(socket, { screens, plans, memory, changed }) {
    Object.assign(this, { socket, screens, plans, memory, changed });
    this.state = { ...NOTHING, buffer: { kind: "memory", keep: 5 } };
    this.known = false; // whether the server has told the state
    this.roster = new Roster();
    this.shown = "map"; // on the wall
    this.before = "map"; // it was blanked
    this.pressed = new Set(); // acts of this step that leave no trace in the state
    this.moving = 0; // presses of Next that the server has not answered yet
    this.unsent = false; // whether the class is still where the last step was
    const kept = memory.read() ?? {};
    const plan = kept.plan in plans ? kept.plan : Object.keys(plans)[0];
    this.follow(plan, kept.plan === plan ? kept : {});
    this.listen();
  }

  // The plan

  follow(plan, { index = 0, began = null, entered = null } = {}) {
    this.plan = plan;
    this.route = routeOf(this.plans[plan]);
    this.index = Math.min(index, this.route.length - 1);
    this.times = { began, entered };
    this.pressed.clear();
  }

  get screen() {
    return this.screens[this.route[this.index].screen];
  }

  get following() {
    const stop = this.route[this.index + 1];
    return stop ? { ...stop, title: this.screens[stop.screen].title } : null;
  }

  get isBegun() {
    return this.times.began !== null;
  }

  // The act of this step that is next; null: the next step is, or to begin.
  get suggested() {
    const { acts, step } = this.screen;
    if (!this.isBegun) return null;
    return nextAct(acts.map(actOf), step, this);
  }

  // A plan that is entered in its middle was begun as long ago as it says.
  enter(index, now = Date.now()) {
    this.index = index;
    this.times = { began: this.times.began ?? now - this.route[index].at * MINUTE, entered: now };
    this.pressed.clear();
    this.keep();
  }

  keep() {
    this.memory.write({ plan: this.plan, index: this.index, ...this.times });
  }

  // What the server tells

  listen() {
    const { socket } = this;
    socket.on("connect", () => this.askForAll());
    for (const event of EVENTS) socket.on(event, (told) => this.heard(event, told));
    socket.on("vote_progress", (told) => this.set({ state: withProgress(this.state, told) }));
    socket.on("roster", (told) => this.tell(() => this.roster.told(told, Date.now())));
    socket.on("lit", (told) => this.tell(() => this.roster.lit(told, Date.now())));
    socket.on("shown", ({ what }) => this.showing(what));
    socket.on(
      "run_pressed",
      ({ step }) => step === this.screen.step && this.tell(() => this.pressed.add("run")),
    );
  }

  async askForAll() {
    const {
      ok,
      state,
      shown,
      vote_progress: progress,
    } = await ask(this.socket, "take_seat", { watch: true });
    if (!ok) return;
    const isNews = !this.known || isElsewhere(state, this.state);
    if (state.rev >= this.state.rev) this.state = progress ? withProgress(state, progress) : state;
    if (shown) this.shown = shown;
    if (this.unsent) await this.catchUp();
    else if (isNews && !this.moving) this.meet(!this.known);
    this.known = true;
    this.changed("all");
  }

  // A step that was pressed while the connection was lost.
  async catchUp() {
    try {
      await this.lead();
      this.changed("led");
    } catch {
      // lost again: it stays unsent
    }
  }

  heard(event, told) {
    const before = this.state;
    const { state, gap } = after(before, event, told);
    this.state = state;
    if (gap) this.askForAll();
    if (event === "stepped" && isElsewhere(state, before) && !this.moving) this.meet(false);
    if (event === "cleared") {
      this.follow(this.plan); // the next class begins it anew
      this.keep();
    }
    this.changed(event);
  }

  // The class stands elsewhere than this page: after a reload, or when another page of the teacher led on.
  meet(fresh) {
    const { lesson, step } = this.state;
    if (lesson === null || (fresh && this.screen.lesson === null && this.isBegun)) return;
    if (this.screen.lesson === lesson && this.screen.step === step) return;
    const places = this.route.map(({ screen }) => this.screens[screen]);
    const found = findPlace(places, this.state, this.index);
    if (found >= 0) this.enter(found);
  }

  showing(what) {
    if (what === "blank" && this.shown !== "blank") this.before = this.shown;
    this.set({ shown: what });
  }

  set(fields) {
    Object.assign(this, fields);
    this.changed("all");
  }

  tell(change) {
    change();
    this.changed("roster");
  }

  // What is pressed

  async ask(event, data) {
    const ack = await ask(this.socket, event, data);
    if (!ack.ok) throw new Error(ack.error);
    return ack;
  }

  async next() {
    if (!this.isBegun) return this.begin();
    if (this.index === this.route.length - 1) return { said: "That was the last step of this plan." };
    return this.go(this.index + 1);
  }

  async begin() {
    this.enter(0);
    this.changed("step");
    await this.lead();
    return { said: "The clock runs. The filled button is what this step asks for next." };
  }

  async back() {
    if (this.index === 0) return { said: "This is the first step of this plan." };
    return this.go(this.index - 1);
  }

  async go(index) {
    const from = this.index;
    this.enter(index);
    this.changed("step");
    await this.lead();
    return { said: `The class is at “${this.screen.title}”.`, undo: () => this.go(from) };
  }

  // Leads the class to where this page is; a step of the plan's own leads it nowhere.
  async lead() {
    const { lesson, step } = this.screen;
    this.unsent = false;
    if (lesson === null) return;
    this.moving += 1;
    try {
      await this.ask("step", { lesson, step });
    } catch (error) {
      this.unsent = true;
      throw new Error(`The class has not moved. ${error.message}`);
    } finally {
      this.moving -= 1;
    }
  }

  // leftOut: what of it is not there yet, in sentences.
  async choosePlan(plan, leftOut) {
    const before = { plan: this.plan, index: this.index, ...this.times };
    this.follow(plan);
    this.meet(false);
    this.keep();
    this.changed("step");
    const how = this.isBegun
      ? "It goes on at the step where the class is."
      : "Press Begin to start its clock.";
    return {
      said: leftOut || `Another plan. ${how}`,
      undo: () => this.goBackTo(before),
    };
  }

  async goBackTo(kept) {
    this.follow(kept.plan, kept);
    this.keep();
    this.changed("step");
    return { said: "The plan is the one from before." };
  }

  async startAgain() {
    const before = { plan: this.plan, index: this.index, ...this.times };
    this.follow(this.plan);
    await this.begin();
    return { said: "The plan begins again.", undo: () => this.goBackTo(before) };
  }

  async run() {
    const { isPrediction, step } = this.screen;
    if (!isPrediction) return { said: "This step has nothing to run: use the demo on the wall." };
    await this.ask("run", { step });
    this.pressed.add("run");
    return { said: "Run is pressed on the wall." };
  }

  async vote() {
    if (this.state.vote?.open) {
      const { in: come } = await this.ask("close_vote", {});
      return { said: `The vote is closed${come === undefined ? "" : ` with ${count(come, "answer")}`}.` };
    }
    const { isPrediction, step } = this.screen;
    if (!isPrediction) return { said: "This step has no question to vote on." };
    const { round } = await this.ask("open_vote", { step });
    return {
      said:
        round > 1
          ? `Round ${round} of the vote is open.`
          : "The vote is open. Counts are hidden until you close it.",
    };
  }

  async reveal() {
    await this.ask("reveal", {});
    return { said: "The right answer is shown." };
  }

  async cut(who, seconds) {
    const { seats } = await this.ask("cut", { seats: who, seconds });
    if (typeof who === "string") this.pressed.add(`cut ${who} ${seconds}`);
    return {
      said: seats.length
        ? `${count(seats.length, "seat")} cut off for ${seconds} s.`
        : "Nobody is here to be cut off.",
    };
  }

  async buffer(kind, keep) {
    const before = this.state.buffer;
    await this.ask("set_buffer", { kind, keep });
    const said =
      kind === "off"
        ? "The class's message buffer is off."
        : `The class's message buffer keeps the last ${keep}.`;
    return { said, undo: () => this.buffer(before.kind, before.keep) };
  }

  // To the review, whatever the plan says; what a page may show next, the plan goes on from where it is.
  async review() {
    await this.ask("step", { lesson: REVIEW, step: null });
    return { said: "The class is led to the review. Next goes on in the plan." };
  }

  async lookAround(on) {
    await this.ask("follow", { on });
    const said = on ? "Every page follows you now." : "Everybody may look around.";
    return { said, undo: () => this.lookAround(!on) };
  }

  async show(what) {
    const before = this.shown;
    await this.ask("show", { what });
    this.pressed.add(`wall ${what}`);
    this.showing(what);
    return { said: `The wall shows ${SCREENS[what]}.`, undo: () => this.show(before) };
  }

  blank() {
    return this.show(this.shown === "blank" ? this.before : "blank");
  }

  async nudge(seat) {
    const { hint } = await this.ask("nudge", { seat });
    return { said: `Only ${this.nameOf(seat)} reads it: “${hint}”` };
  }

  async remove(seat) {
    const name = this.nameOf(seat);
    await this.ask("remove", { seat });
    return { said: `${name} is out of the class: sockets and seat are gone.` };
  }

  async clear() {
    const { cleared } = await this.ask("clear", {});
    const all = Object.entries(cleared).filter(([, n]) => n > 0);
    const words = all.map(([what, n]) => count(n, what.replace(/s$/, ""))); // the server names many
    return { said: `Everything is cleared${words.length ? `: ${words.join(", ")}` : ""}.` };
  }

  nameOf(seat) {
    return this.roster.seats.get(seat)?.nick ?? "Somebody";
  }
}
