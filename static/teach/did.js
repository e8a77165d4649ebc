// The line that says what a press did, with Undo where that is possible.

import { announce } from "../lib/dom.js";

export class Did {
  constructor(root) {
    [this.text, this.button] = [root.querySelector("[data-did-text]"), root.querySelector("[data-undo]")];
    this.root = root;
    this.undo = null;
    this.number = 0; // of presses: an older answer does not overwrite a newer one
    this.button.addEventListener("click", () => this.undo && this.press(this.undo));
  }

  // Does what was pressed, and says how it went. Resolves to whether it went well.
  async press(act) {
    const number = ++this.number;
    this.undo = null;
    this.button.hidden = true;
    try {
      const { said, undo } = await act();
      if (number === this.number) this.say(said, undo);
      return true;
    } catch ({ message }) {
      if (number === this.number) this.say(message, null, "bad");
      return false;
    }
  }

  say(said, undo = null, kind = "") {
    this.text.textContent = said;
    this.root.dataset.kind = kind;
    this.undo = undo;
    this.button.hidden = !undo;
    announce(said);
  }
}
