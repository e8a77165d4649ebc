// The row of buttons: what they say now, which of them this step asks for, and the menus above them.

const FOLDED = ".more-on-phone, .more-on-phone *"; // on a phone
const VOTE = { open: "Close vote", again: "Vote again", none: "Vote" };

export class Controls {
  constructor(root, desk) {
    this.desk = desk;
    this.root = root;
    this.buttons = new Map(
      [...root.querySelectorAll("[data-button]")].map((each) => [each.dataset.button, each]),
    );
    const find = (name) => root.querySelector(`[data-${name}]`);
    [this.switch, this.keep] = [root.querySelector("[name=buffer]"), root.querySelector("[name=keep]")];
    [this.who, this.seconds] = [root.querySelector("[name=who]"), root.querySelector("[name=seconds]")];
    this.cutWords = find("cut-words");
    this.at = null; // the stop whose cut is preset
    this.menus();
    this.all = find("all"); // on a phone: the buttons that are rarely pressed
    this.all.addEventListener("click", () => {
      const on = this.all.closest("footer").toggleAttribute("data-unfolded");
      this.all.setAttribute("aria-expanded", on);
    });
  }

  // What the Cut button would do now.
  get chosenCut() {
    return { who: this.who.value, seconds: Number(this.seconds.value) };
  }

  get chosenBuffer() {
    const { kind } = this.desk.state.buffer;
    return {
      kind: this.switch.checked ? (kind === "off" ? "memory" : kind) : "off",
      keep: this.keep.valueAsNumber,
    };
  }

  draw() {
    const { desk } = this;
    const { state, screen, suggested } = desk;
    const vote = state.vote?.open || state.vote?.step === screen.step ? state.vote : null;
    const voting = vote ? (vote.open ? "open" : "again") : "none";
    this.name("vote", VOTE[voting], vote?.open ? `${vote.in} in` : "");
    this.name("next", desk.isBegun ? "Next" : "Begin");
    this.name("follow", state.follow ? "Follow me: on" : "Follow me: off");
    this.buttons.get("follow").setAttribute("aria-pressed", state.follow);
    this.preset();
    this.drawCut();
    this.switch.checked = state.buffer.kind !== "off";
    if (document.activeElement !== this.keep) this.keep.value = state.buffer.keep;
    this.mark(suggested);
    for (const [name, button] of this.buttons) {
      button.toggleAttribute(
        "data-live",
        (name === "vote" && voting === "open") || (name === "follow" && state.follow),
      );
    }
  }

  // What this step asks for next is marked, wherever it is: in the row, in its menu, in a phone's fold.
  mark(suggested) {
    const next = suggested?.button ?? "next";
    for (const [name, button] of this.buttons) button.classList.toggle("primary", name === next);
    this.all.classList.toggle("primary", Boolean(this.buttons.get(next)?.matches(FOLDED)));
    for (const button of this.root.querySelectorAll("[data-press=show]")) {
      button.classList.toggle("primary", button.dataset.what === suggested?.what);
    }
  }

  name(button, text, more = "") {
    const [words, small] = this.buttons.get(button).querySelectorAll("[data-words], [data-more]");
    if (words.textContent !== text) words.textContent = text;
    if (small) small.textContent = more;
  }

  // A step that cuts brings its own choice of whom and for how long.
  preset() {
    const { suggested, plan, index } = this.desk;
    const at = `${plan} ${index}`;
    if (suggested?.word !== "cut" || this.at === at) return;
    this.at = at;
    this.who.value = suggested.seats;
    if (![...this.seconds.options].some(({ value }) => value === String(suggested.seconds))) {
      this.seconds.add(new Option(`${suggested.seconds} s`, suggested.seconds));
    }
    this.seconds.value = suggested.seconds;
  }

  drawCut() {
    this.cutWords.textContent = `Cut ${this.who.value} ${this.seconds.value} s`;
  }

  // A menu opens above its button, as far to the left as it must.
  menus() {
    for (const menu of this.root.ownerDocument.querySelectorAll("[popover][data-menu-of]")) {
      const opener = this.root.querySelector(`[popovertarget=${menu.id}]`);
      menu.addEventListener("toggle", ({ newState }) => {
        opener.setAttribute("aria-expanded", newState === "open");
        if (newState !== "open") return;
        const { left, top } = opener.getBoundingClientRect();
        const most = document.documentElement.clientWidth - menu.offsetWidth - 8;
        menu.style.left = `${Math.max(8, Math.min(left, most))}px`;
        menu.style.bottom = `${innerHeight - top + 6}px`;
      });
      menu.addEventListener(
        "click",
        ({ target }) => target.closest("[data-press], a, [data-open]") && menu.hidePopover(),
      );
    }
    for (const field of [this.who, this.seconds]) field.addEventListener("change", () => this.drawCut());
  }
}
