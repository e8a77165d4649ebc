// A rehearsal: robots in a worker of the teacher's browser, each a real socket of the official client on a
// connection of its own. They follow the class, vote, and confirm what they receive, as students' pages do.
//
//   in:   {seats: [{seat, nick, token}], predictions: {step: {choices, right}}, students: [slug …], pace}
//
// students: the lessons whose folder has a student.js. Its arrive(socket, k) does what a page of that lesson does
// when it opens; k is the robot's number, from 0.

import "/socket.io/socket.io.js";
import { REVIEW } from "../lib/classstate.js";
import { choose, minds, thinks } from "./student.js";

const TOGETHER = 50; // ms within which receipts travel together
const STUCK_AFTER = 3000; // ms
const here = () => performance.timeOrigin + performance.now();

const clock = { offset: 0, best: Number.POSITIVE_INFINITY };

self.addEventListener("message", ({ data: { seats, ...about } }) => {
  const minded = minds(seats.length);
  for (const [k, seat] of seats.entries()) new Robot(seat, k, minded[k], about);
});

class Robot {
  constructor({ token }, k, mind, { predictions, students, pace }) {
    Object.assign(this, { k, mind, predictions, students, pace });
    // The address names the seat too: without it the connection would count as the teacher's.
    const about = {
      auth: { seat: token },
      query: { seat: token },
      forceNew: true,
      transports: ["websocket"],
    };
    this.everyone = self.io("/class", about);
    this.auth = about.auth;
    this.lesson = null; // the socket of the lesson that the class is in
    this.slug = null;
    this.votes = new Map(); // step → {round, choice}
    this.waiting = new Map(); // run → [[seq, at] …] that are not confirmed yet
    this.timer = 0;
    this.listen();
  }

  listen() {
    const { everyone } = this;
    everyone.on("connect", () => this.arrive());
    everyone.on("stepped", (told) => this.step(told));
    everyone.on("vote_opened", (told) => this.think(told));
  }

  async arrive() {
    await this.syncClock();
    const { ok, state } = await this.everyone.emitWithAck("take_seat", {});
    if (!ok) return;
    this.step(state);
    if (this.mind.kind === "asleep") this.everyone.emit("look", { hidden: true });
    if (state.vote?.open) this.think(state.vote);
    this.despair();
  }

  // What a student says holds for the lesson that the class is in.
  despair() {
    if (this.mind.kind === "stuck") this.later(STUCK_AFTER, () => this.signal("stuck"));
  }

  async syncClock() {
    const t0 = here();
    const { ok, t1 } = await this.everyone.emitWithAck("sync_clock", { t0 });
    const t3 = here();
    if (ok && t3 - t0 < clock.best) Object.assign(clock, { best: t3 - t0, offset: t1 - (t0 + t3) / 2 });
  }

  // The class is led to another lesson: its socket shares the robot's one connection.
  step({ lesson, step }) {
    if (lesson !== this.slug) {
      if (this.slug) this.despair();
      this.lesson?.disconnect();
      this.slug = lesson;
      const has = lesson && lesson !== REVIEW; // there is nothing to hear in the review
      this.lesson = has ? this.everyone.io.socket(`/${lesson}`, { auth: this.auth }) : null;
      this.lesson?.onAny((_event, data) => this.confirm(data));
      if (this.students.includes(lesson)) this.lesson.on("connect", () => this.open(lesson));
    }
    if (lesson) this.everyone.emit("look", { lesson, step });
    if (step === "check" && this.mind.kind === "awake")
      this.later(thinks(this.mind, Math.random, 2), () => this.signal("done"));
  }

  async open(lesson) {
    const { arrive } = await import(`../lessons/${lesson}/student.js`);
    if (this.lesson.connected && this.slug === lesson) arrive(this.lesson, this.k);
  }

  confirm(data) {
    if (this.mind.kind === "asleep" || !data?.run || !Number.isInteger(data.seq)) return;
    const got = this.waiting.get(data.run) ?? [];
    got.push([data.seq, here() + clock.offset]);
    this.waiting.set(data.run, got);
    this.timer ||= setTimeout(() => this.report(), TOGETHER);
  }

  report() {
    this.timer = 0;
    for (const [run, got] of this.waiting) this.everyone.emit("receipt", { run, got });
    this.waiting.clear();
  }

  think({ step, round }) {
    const asked = this.predictions[step];
    if (!asked || this.mind.kind === "asleep") return;
    const known = this.votes.get(step);
    if (known?.round === round) return;
    const choice = choose(asked, known?.choice ?? null, Math.random);
    this.votes.set(step, { round, choice });
    this.later(thinks(this.mind, Math.random), () => this.everyone.emit("predict", { step, choice }));
  }

  signal(kind) {
    this.everyone.emit("signal", { kind });
  }

  later(ms, act) {
    setTimeout(() => this.everyone.connected && act(), ms * this.pace);
  }
}
