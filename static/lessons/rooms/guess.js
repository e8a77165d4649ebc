// The prediction, made on the map: a tap on a dot says that it will light. Taps that are one of the answers
// choose it in the text as well, and an answer that is chosen there is drawn here.

import { count, element } from "../../lib/dom.js";
import { answerOf, answers } from "./bets.js";

const LOCKS = ["open", "locking", "locked", "running"];

export class Guess {
  // act: of the prediction, as lesson.js gives it
  constructor(board, act) {
    Object.assign(this, { board, act });
    this.says = board.panel.querySelector("[data-bet-says]");
    this.taps = null; // the sids that were tapped, where the answer came from the map
  }

  // Whether a tap on a dot is a prediction now.
  get isOpen() {
    return this.act.state === "open" && !this.act.waits;
  }

  // {sids: Set, tapping} where the map is to show what is expected; null.
  now() {
    const shown = LOCKS.includes(this.act.state) && (this.taps || this.act.choice);
    return shown ? { sids: this.sids(), tapping: this.isOpen } : null;
  }

  // The sockets that are expected to light.
  sids() {
    return new Set(this.taps ?? this.sets().get(this.act.choice));
  }

  sets() {
    const { members, lab } = this.board;
    const [inLab, inHall] = ["lab", "hall"].map((room) => members.sidsOf(room));
    return answers(inLab, inHall, members.sidOf(lab.socket));
  }

  // An answer was chosen, here or in the text.
  chosen(choice) {
    if (!this.isTapping && this.isOpen) this.taps = null;
    if (this.act.state === "open") this.board.run = null; // the last result is not the next one's
    const many = this.sids().size;
    this.say(element("b", {}, `${count(many, "dot")}: ${this.act.words(choice)}.`));
    this.board.draw();
  }

  // The last result goes: what is tapped now is about the next one.
  tap(sid) {
    const taps = this.now() ? this.sids() : new Set();
    if (!taps.delete(sid)) taps.add(sid);
    this.taps = taps;
    this.board.run = null;
    const { members, lab } = this.board;
    const answer = answerOf(taps, this.sets(), members.sidOf(lab.socket));
    this.isTapping = true;
    this.act.choose(answer);
    this.isTapping = false;
    if (!answer) this.say(`${count(taps.size, "dot")}: none of the four answers says this. Tap on.`);
  }

  say(...parts) {
    this.says.replaceChildren(...parts);
  }
}
