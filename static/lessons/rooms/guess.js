// The guess: the dots that somebody expects to light, tapped before the run.

import { count } from "../../lib/dom.js";

export class Guess {
  constructor(panel) {
    const find = (selector) => panel.querySelector(selector);
    [this.button, this.run, this.says] = ["[data-guess]", "[data-guessed]", "[data-bet-says]"].map(find);
    this.taps = null; // {sids: Set, tapping}
  }

  get tapping() {
    return Boolean(this.taps?.tapping);
  }

  // Begins to tap, or is done with it. Returns what to say.
  toggle() {
    if (this.tapping) this.taps.tapping = false;
    else this.taps = { sids: new Set(), tapping: true };
    this.button.setAttribute("aria-pressed", this.tapping);
    this.button.textContent = this.tapping ? "Done" : "Tap again";
    this.run.disabled = this.tapping;
    this.says.textContent = this.tapping
      ? "Tap every dot that you expect to light. Then press Done."
      : `Your guess: ${count(this.taps.sids.size, "dot")} will light.`;
    return this.says.textContent;
  }

  tap(sid) {
    const { sids } = this.taps;
    if (!sids.delete(sid)) sids.add(sid);
    return `${count(sids.size, "dot")} will light, you say. Press Done when that is your guess.`;
  }

  // The run takes the guess with it; it comes back when the server refuses the run.
  take() {
    const { taps } = this;
    this.taps = null;
    return taps;
  }

  giveBack(taps, why) {
    this.taps = taps;
    this.says.textContent = `${why} Set the scene, or join lab, and run again.`;
  }

  // One guess, one run.
  spent() {
    this.run.disabled = true;
    this.button.textContent = "Tap who will hear it";
  }
}
